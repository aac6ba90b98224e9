"""Understanding what skill files serve: by their sentences first, and else by likeness to them."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from edge import intents
from edge.knowledge import Knowledge, Skill
from edge.nlu.manners import Manners
from edge.nlu.skill_likeness import SURE_ENOUGH, Embedder, SkillLikeness
from edge.nlu.skill_templates import SkillTemplates, literal_words, said
from edge.records import Interpretation
from edge.text import clean

MAX_WORDS: Final = 60
"""Free text included."""

SURE, LESS_SURE, IN_OTHER_WORDS = 1.0, 0.8, 0.95
"""Confidence of the sentence that fits best, of others that fit as well, and at most of other words."""

READINGS_MAX: Final = 3

DEFAULT_WAKE_WORDS: Final = ("alexa", "hey_jarvis", "hey_mycroft", "hey_rhasspy")
_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)?")


class SkillUnderstanding:
    """Interprets wordings as skills' intents."""

    def __init__(self, meaning: Embedder | None, wake_words: Sequence[str] = DEFAULT_WAKE_WORDS) -> None:
        """Without `meaning` only the sentences of the files are understood."""
        self._meaning = meaning
        self._manners = Manners(wake_words)
        self._templates: tuple[tuple[Skill, ...], SkillTemplates] | None = None
        self._likeness: tuple[tuple[Skill, ...], SkillLikeness] | None = None

    def interpret(self, text: str, knowledge: Knowledge) -> tuple[Interpretation, ...]:
        """Every reading of the wording, best first; none is a value, not an error."""
        text = clean(text)
        if not knowledge.skills or text.count(" ") >= MAX_WORDS:
            return ()
        templates = self._templates_of(knowledge.skills)
        bare = self._manners.off(text)
        opened = text[max(0, text.find(bare)) :]  # what ends free text may look like manners
        for wording in dict.fromkeys((bare, opened, text)):
            matches = templates.match(wording)
            if matches:
                return tuple(
                    _interpretation(match.intent.name, match.slots, LESS_SURE if at else SURE)
                    for at, match in enumerate(matches[:READINGS_MAX])
                )
        guesses = self._likeness_of(knowledge.skills).guesses(bare)
        return tuple(
            _interpretation(guess.intent.name, guess.slots, min(IN_OTHER_WORDS, round(guess.confidence, 3)))
            for guess in guesses[:READINGS_MAX]
            if guess.confidence >= SURE_ENOUGH
        )

    def is_complete(self, text: str, knowledge: Knowledge) -> bool:
        """Whether a text is a whole sentence of a skill, and not free text that may go on."""
        bare = self._manners.off(clean(text))
        if not knowledge.skills or bare.count(" ") >= MAX_WORDS:
            return False
        return any(not match.free for match in self._templates_of(knowledge.skills).match(bare)[:1])

    def prepare(self, skills: tuple[Skill, ...]) -> None:
        """Have ready what the first sentence would wait for."""
        self._templates_of(skills)
        self._likeness_of(skills).prepare()

    def _templates_of(self, skills: tuple[Skill, ...]) -> SkillTemplates:
        last = self._templates
        if last is None or last[0] is not skills:
            self._templates = last = (skills, SkillTemplates(skills))
        return last[1]

    def _likeness_of(self, skills: tuple[Skill, ...]) -> SkillLikeness:
        last = self._likeness
        if last is None or last[0] is not skills:
            self._likeness = last = (skills, SkillLikeness(skills, self._meaning, last[1] if last else None))
        return last[1]


def _interpretation(intent: str, slots: object, confidence: float) -> Interpretation:
    assert isinstance(slots, dict)
    return Interpretation(intents.SKILL, {"skill_intent": intent, **slots}, confidence, "skill")


@lru_cache(maxsize=4)
def _words(skills: "_Skills") -> frozenset[str]:
    phrases = skill_phrases(skills.skills)
    spelt = {word for text in (*phrases, *literal_words(skills.skills)) for word in _WORD.findall(text)}
    return frozenset(spelt | {word for phrase in phrases for word in said(phrase).split()})


class _Skills:
    """A tuple of skills by its identity, to be cached by."""

    def __init__(self, skills: tuple[Skill, ...]) -> None:
        self.skills = skills

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Skills) and other.skills is self.skills

    def __hash__(self) -> int:
        return id(self.skills)


def skill_words(skills: tuple[Skill, ...]) -> frozenset[str]:
    """Every word that a sentence, a value or a synonym of the skills can contain, folded and as it is spelt."""
    return _words(_Skills(skills))


def skill_phrases(skills: tuple[Skill, ...]) -> tuple[str, ...]:
    """The values and synonyms of all slots with values, as they are spelt."""
    phrases = (
        phrase
        for skill in skills
        for intent in skill.intents
        for slot in intent.slots
        for value in slot.values
        for phrase in (value.value, *value.synonyms)
    )
    return tuple(dict.fromkeys(phrases))
