"""Understanding, first rung: Home Assistant's sentence templates over the names of this home.

All readings of a wording come out, best first; which device a shared name means is not decided here. No state is read.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from hassil.intents import SlotList, TextSlotList
from hassil.recognize import RecognizeResult, recognize_all

from edge import intents
from edge.knowledge import HomeMap, Knowledge
from edge.names import NameIndex, PerHome, fold
from edge.nlu.answers import YES, after_yes, answers
from edge.nlu.changes import stepped
from edge.nlu.later import when
from edge.nlu.manners import Manners
from edge.nlu.spotting import found_in
from edge.nlu.templates import english
from edge.nlu.timed import cuts, free_text, shaped, to_what_rings
from edge.records import Interpretation, Phrasing
from edge.text import clean
from edge.turn import Context

MAX_WORDS: Final = 40
"""Nobody says a command of more words; the grammar does not look at them."""

_STRANGE: Final = 2
"""The rank of templates with names that the home does not have."""

SURE, LESS_SURE, UNKNOWN_NAME = 1.0, 0.8, 0.6
"""Confidence of the best readings, of those that fit less well, and of a command with a name that the home lacks."""

DEFAULT_WAKE_WORDS: Final = ("alexa", "hey_jarvis", "hey_mycroft", "hey_rhasspy")

_REMEMBERED_MAX: Final = 64
_DEGREES: Final = re.compile(r"\s*(?:°\s*|\bdegrees?\s+)(?:c|f|celsius|centigrade|fahrenheit)\b", re.IGNORECASE)
_NOW: Final = re.compile(r"(?<=\w)\s+(?:right now|now|immediately|at once|at the moment|currently)$")
_FILLER: Final = re.compile(r"\s+(?:still|really|actually|currently|just|maybe|perhaps|quickly|like)(?=\s|$)")
"""Words without which a sentence means the same; tried without them where it is not understood with them."""
_NO_NAMES: Final = frozenset(
    {"it", "that", "this", "them", "these", "those", "everything", "something", "all", "the", "my"}
)
"""What the free text of an unknown name may catch, and is none."""

_PUNCTUATION: Final = re.compile(r"[.,!?;:]+(?=\s|$)")
OPEN_ENDED: Final = frozenset({"search_query", "text"})
"""Slots with free text at the end of a sentence: it may go on."""
SEVERAL: Final = frozenset({"names", "areas", "except"})
"""Slots that hold a list."""
_NAMING: Final = frozenset({"name", "names", "except"})


class GrammarUnderstanding:
    """Interprets wordings by templates."""

    def __init__(self, wake_words: Sequence[str] = DEFAULT_WAKE_WORDS) -> None:
        self._manners = Manners(wake_words)
        self._templates = english()
        self._names = PerHome(NameIndex)
        self._remembered: tuple[HomeMap | None, dict[str, tuple[Interpretation, ...]]] = (None, {})

    def interpret(self, phrasing: Phrasing, context: Context, knowledge: Knowledge) -> tuple[Interpretation, ...]:
        """Every reading of the wording, best first; none is a value, not an error."""
        text = clean(phrasing.text)
        if text.count(" ") >= MAX_WORDS:
            return ()
        index = self._names.of(knowledge.home)
        bare = self._manners.off(text)
        asked = context.question is not None and context.question.expires_at > context.now
        answered = () if asked else to_what_rings(bare, context.agenda)
        answered = answered or answers(text, context, index) or answers(bare, context, index)
        if self._says_again(text, context, index):
            answered = (YES,)
        return answered or tuple(_placed(reading, context, index) for reading in self._readings(text, index))

    def is_complete(self, text: str, context: Context, knowledge: Knowledge) -> bool:
        """Whether a trial transcript is already a whole command or answer, so that no more need be waited for."""
        readings = self.interpret(Phrasing(text), context, knowledge)
        return any(r.confidence >= SURE and not OPEN_ENDED & r.slots.keys() for r in readings)

    def bare(self, text: str) -> str:
        """The wording without wake word, greeting and politeness."""
        return self._manners.off(clean(text))

    def _says_again(self, text: str, context: Context, index: NameIndex) -> bool:
        """Whether this is a yes followed by the very command that the open question is about."""
        question, rest = context.question, after_yes(text)
        if not rest or question is None or question.expires_at <= context.now or question.kind != "confirmation":
            return False
        said = [(reading.intent, dict(reading.slots)) for reading in self._readings(rest, index)[:1]]
        asked = question.steps[0].interpretation
        return said == [(asked.intent, dict(asked.slots))]

    def _readings(self, text: str, index: NameIndex) -> tuple[Interpretation, ...]:
        """The readings without regard to the circumstances; a trial transcript and the final one are often the same."""
        home, readings = self._remembered
        if home is not index.home:
            readings = {}
            self._remembered = (index.home, readings)
        known = readings.get(text)
        if known is None:
            if len(readings) >= _REMEMBERED_MAX:
                readings.clear()
            bare = self._manners.off(text)
            objecting = f"no {bare}" if self._manners.objects(text) else ""
            known = (objecting and self._parsed(objecting, index)) or self._timed(bare, index)
            readings[text] = known = known or self._parsed(bare, index)
        return known

    def _timed(self, text: str, index: NameIndex) -> tuple[Interpretation, ...]:
        """What the sentence says about timers, alarms and reminders, its time being cut out of it."""
        for way in cuts(text):
            for rank, wording in ((0, fold(way.rest)), (1, _PUNCTUATION.sub("", way.rest))):
                templates = self._templates.those(rank, frozenset(), way.takes)
                matches = list(recognize_all(wording, templates, language="en"))
                readings = _best_first(matches, SURE) if matches else ()
                if readings:
                    return tuple(replace(reading, slots={**reading.slots, **way.slots}) for reading in readings)
        return ()

    def _parsed(self, text: str, index: NameIndex) -> tuple[Interpretation, ...]:
        folded = _NOW.sub("", fold(_DEGREES.sub(" degrees", text)))
        free = _PUNCTUATION.sub("", free_text(text))  # titles keep their capitals
        spare = _FILLER.sub("", folded)
        tries = [(0, folded, SURE), (0, spare, SURE), (1, free, SURE), (_STRANGE, spare, UNKNOWN_NAME)]
        for rank, wording, confidence in tries if spare != folded else (*tries[:1], *tries[2:]):
            lists, present = _lists(wording, index)
            templates = self._templates.those(rank, present)
            matches = list(recognize_all(wording, templates, slot_lists=lists, language="en"))
            readings = _best_first(matches, confidence) if matches else ()
            if readings:
                return tuple(_not_before(reading, folded, known=rank < _STRANGE) for reading in readings)
        return ()


def _lists(text: str, index: NameIndex) -> tuple[dict[str, SlotList], frozenset[str]]:
    """The names, areas and floors that occur in `text`: only they can match, however large the home is."""
    values: dict[str, list[tuple[str, str, dict[str, Any]]]] = {"name": [], "area": [], "floor": []}
    for found in found_in(text, index):
        values["name"] += [(found.said, found.form, {"domain": domain}) for domain in found.domains]
        if found.area:
            values["area"].append((found.said, found.area.name, {}))
        if found.floor:
            values["floor"].append((found.said, found.floor, {}))
    lists: dict[str, SlotList] = {name: _text_list(name, some) for name, some in values.items()}
    return lists, frozenset(name for name, some in values.items() if some)


def _text_list(name: str, values: list[tuple[str, str, dict[str, Any]]]) -> TextSlotList:
    unique = {(said, meant, str(context)): (said, meant, context) for said, meant, context in values}
    return TextSlotList.from_tuples(unique.values(), allow_template=False, name=name)


def _best_first(matches: list[RecognizeResult], confidence: float) -> tuple[Interpretation, ...]:
    """One interpretation for each meaning; those that fit as well as the best share its confidence."""
    ordered = sorted(matches, key=_fit)
    best = _fit(ordered[0])
    readings: dict[str, Interpretation] = {}
    for match in ordered:
        slots = shaped(match.intent.name, _slots(match))
        if slots is None or slots.get("name") in _NO_NAMES:
            continue
        sure = confidence if _fit(match) == best else confidence * LESS_SURE
        key = f"{match.intent.name} {sorted(slots.items(), key=lambda slot: slot[0])}"
        readings.setdefault(key, Interpretation(match.intent.name, slots, round(sure, 3)))
    found = tuple(readings.values())
    if found and found[0].intent in intents.AGENDA:  # with free text in them they match in many worse ways
        return tuple(reading for reading in found if reading.confidence == found[0].confidence)
    return found


def _fit(match: RecognizeResult) -> tuple[int, int, int, int]:
    """Smaller fits better: little free text, then the longest name, then much literal text."""
    entities = match.entities_list
    wild = [entity for entity in entities if entity.is_wildcard]
    names = {entity.name for entity in entities} & _NAMING
    named = " ".join(entity.text for entity in entities if names and entity.name in {*_NAMING, "area", "areas"})
    letters = sum(len(word) for word in named.split() if word not in {"in", "the"})
    return len(wild), sum(len(entity.text) for entity in wild), -letters, -match.text_chunks_matched


def _not_before(reading: Interpretation, said: str, *, known: bool) -> Interpretation:
    """With slot `when` where the sentence is not for now; a name of this home (`known`) may hold such words."""
    time = when(said, reading.intent, reading.slots, named=known)
    return replace(reading, slots={**reading.slots, "when": time}) if time else reading


def _slots(match: RecognizeResult) -> dict[str, Any]:
    slots: dict[str, Any] = {}
    for entity in match.entities_list:
        value = _plain(entity.value)
        slots[entity.name] = [*slots.get(entity.name, ()), value] if entity.name in SEVERAL else value
    if "name" in slots and "domain" in match.context:
        slots["domain"] = match.context["domain"]
    for free, proper in (("thing", "name"), ("place", "area")):
        if free in slots:
            slots[proper] = fold(str(slots.pop(free)))
    return stepped(match.intent.name, slots)


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _placed(reading: Interpretation, context: Context, index: NameIndex) -> Interpretation:
    """Where no place was said but one is wanted, `area` becomes the speaker's room; `here` says that it is implied."""
    room = index.area(context.room) if reading.slots.get("here") else None
    if room is None:
        return reading
    return Interpretation(reading.intent, {**reading.slots, "area": room.name}, reading.confidence, reading.source)
