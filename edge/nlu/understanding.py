"""Understanding, all rungs: templates first, then several commands and second thoughts, then the model.

Nothing is split that is understood as a whole, and nothing that is not understood in every part.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib import resources
from typing import Final

from edge.knowledge import Knowledge
from edge.names import NameIndex, PerHome, fold
from edge.nlu.grammar import MAX_WORDS, OPEN_ENDED, SURE, UNKNOWN_NAME, GrammarUnderstanding
from edge.nlu.later import later
from edge.nlu.model_rung import ModelRung
from edge.nlu.places import respelled
from edge.nlu.skills import SkillUnderstanding
from edge.nlu.timed import cuts
from edge.records import Interpretation, Phrasing
from edge.text import clean
from edge.turn import Context

TALK: Final = 0.9
"""Probability of talk from which a command with a name that nothing here has is none."""

ANSWER_WORDS: Final = 3
"""While a question is open, what is as short as this is an answer or nothing, unless a template knows it."""

PARTS_MAX: Final = 12
"""So many commands are counted, no more."""

_WORDS: Final = tomllib.loads(resources.files(__package__).joinpath("spoken.toml").read_text(encoding="utf-8"))
_REPAIR: Final = re.compile(_WORDS["repairs"], re.IGNORECASE)
_PREAMBLE: Final = re.compile(_WORDS["preamble"])
_BEFORE_A_MOMENT: Final = frozenset({"at", "in", "on", "tomorrow", "tonight", "every", "next"})
_ONE: Final = re.compile(r"\bones?\W*$", re.IGNORECASE)
_JOINT: Final = re.compile(_WORDS["joints"], re.IGNORECASE)
_VERB: Final = re.compile(
    r"^(?:turn|switch|put|shut|set|dim|make) (?:on|off|up|down|out|the)?"
    r"|^(?:open|close|lock|unlock|dim|brighten|raise|lower|play|pause|stop|start|mute|unmute|resume|skip|send)\b",
    re.IGNORECASE,
)


_PARTICLE: Final = re.compile(r"\b(?:on|off|out|up|down|open|closed|shut)\W*$", re.IGNORECASE)


class Understanding:
    """What the pipeline asks for interpretations."""

    def __init__(
        self,
        grammar: GrammarUnderstanding,
        model: ModelRung | None = None,
        skills: SkillUnderstanding | None = None,
    ) -> None:
        """`model`: the second rung; without it templates are all there is. `skills`: what skill files serve."""
        self._grammar = grammar
        self._model = model
        self._skills = skills
        self._names = PerHome(NameIndex)

    def interpret(self, phrasing: Phrasing, context: Context, knowledge: Knowledge) -> tuple[Interpretation, ...]:
        """Every reading of the wording, best first; none is a value, not an error."""
        text = respelled(clean(phrasing.text), self._names.of(knowledge.home))
        phrasing = replace(phrasing, text=text)
        whole = self._grammar.interpret(phrasing, context, knowledge)
        if _sure(whole) and not OPEN_ENDED & whole[0].slots.keys():
            return self._later(text, phrasing, context, knowledge) or whole if whole[0].slots.get("when") else whole
        if (
            _sure(whole)
            and "search_query" in whole[0].slots
            and self._is_for_then(str(whole[0].slots["search_query"]), knowledge)
        ):
            return self._later(text, phrasing, context, knowledge) or whole
        skilled = self._skills.interpret(text, knowledge) if self._skills else ()
        if _sure(skilled) or _sure(whole):
            return skilled if _sure(skilled) else whole
        tries = (self._later, self._repaired, self._parts, self._after_preamble)
        several = next(filter(None, (way(text, phrasing, context, knowledge) for way in tries)), ())
        if several or skilled:
            return several or (*whole, *skilled)
        if context.question is not None and text.count(" ") < ANSWER_WORDS:
            return whole  # "the blue one" answers nothing, and is no command either
        return self._by_model(text, whole, knowledge)

    def is_complete(self, text: str, context: Context, knowledge: Knowledge) -> bool:
        """Whether a trial transcript is already a whole command or answer, so that no more need be waited for."""
        if self._skills and self._skills.is_complete(text, knowledge):
            return True
        if self._grammar.is_complete(text, context, knowledge):
            return True
        return bool(self._later(text, Phrasing(text), context, knowledge))

    def _by_model(
        self, text: str, whole: tuple[Interpretation, ...], knowledge: Knowledge
    ) -> tuple[Interpretation, ...]:
        """The model's reading beside a template's whose name is unknown."""
        if self._model is None or text.count(" ") >= MAX_WORDS or (whole and whole[0].confidence > UNKNOWN_NAME):
            return whole
        bare = self._grammar.bare(text)
        if kept := self._model.about_time(bare):
            return kept
        if whole and self._model.is_talk(bare) >= TALK:
            return ()
        unknown = (
            " ".join(str(whole[0].slots[key]) for key in ("name", "area") if key in whole[0].slots) if whole else ""
        )
        return (*whole, *self._model.interpret(bare, self._names.of(knowledge.home), unknown))

    def _later(
        self, text: str, phrasing: Phrasing, context: Context, knowledge: Knowledge
    ) -> tuple[Interpretation, ...]:
        """`turn off the lamp in ten minutes`: the command without its time, for that time."""
        for way in cuts(self._grammar.bare(text)):
            if way.takes != "moment" or not way.rest or text.count(" ") >= MAX_WORDS:
                continue
            wording = replace(phrasing, text=way.rest)
            alone = [
                reading
                for reading in self._grammar.interpret(wording, context, knowledge)
                if reading.confidence >= SURE
            ]
            if not alone and self._skills:
                alone = [
                    reading for reading in self._skills.interpret(way.rest, knowledge) if reading.confidence >= SURE
                ]
            parts = [[reading] for reading in alone] or [
                _first_of_each(self._parts(way.rest, wording, context, knowledge))
            ]
            kept = [found for part in parts if (found := later(part, way)) is not None]
            if kept:
                return tuple(kept)
        return ()

    def _is_for_then(self, title: str, knowledge: Knowledge) -> bool:
        """Whether what shall be played ends with a time (`some music at 7`) that is in no title of this home."""
        ways = [way for way in cuts(title) if way.takes == "moment" and title.rstrip(" .").endswith(way.words)]
        said = {fold(way.words) for way in ways if way.words.split()[0].casefold() in _BEFORE_A_MOMENT}
        titles = [fold(media.title) for device in knowledge.home.devices for media in device.catalogue]
        return bool(said) and not any(words in title for words in said for title in titles)

    def _after_preamble(
        self, text: str, phrasing: Phrasing, context: Context, knowledge: Knowledge
    ) -> tuple[Interpretation, ...]:
        """`we're leaving, turn the heating off`: the command after what only tells why."""
        why, comma, command = text.rpartition(", ")
        if not comma or not _PREAMBLE.search(fold(why)):
            return ()
        readings = self._grammar.interpret(replace(phrasing, text=command), context, knowledge)
        return readings if _sure(readings) else ()

    def _repaired(
        self, text: str, phrasing: Phrasing, context: Context, knowledge: Knowledge
    ) -> tuple[Interpretation, ...]:
        """`turn on the kitchen, no wait, the bedroom light`: as much of the first try as the second leaves standing."""
        found = list(_REPAIR.finditer(text))
        if not found:
            return ()
        words, meant = text[: found[-1].start()].split(), text[found[-1].end() :]
        if words and _ONE.search(meant):
            meant = _ONE.sub(words[-1], meant)  # "the left blind, no, the right one"
        names = self._names.of(knowledge.home)
        for kept in range(len(words), -1, -1):
            if _names_twice(" ".join(words[:kept]), meant, names):
                continue
            wording = replace(phrasing, text=" ".join((*words[:kept], meant)))
            readings = self._grammar.interpret(wording, context, knowledge)
            if _sure(readings):
                return readings
        return ()

    def _parts(
        self, text: str, phrasing: Phrasing, context: Context, knowledge: Knowledge
    ) -> tuple[Interpretation, ...]:
        """The commands of a sentence that holds several; all of them understood, or none."""
        pieces = [piece for piece in _JOINT.split(self._grammar.bare(text)) if piece and piece.strip()]
        if len(pieces) < 2:
            return ()
        if len(pieces) > PARTS_MAX:
            readings = self._grammar.interpret(replace(phrasing, text=pieces[0]), context, knowledge)
            return tuple(replace(one, parts=len(pieces)) for one in readings if one.confidence >= SURE)[:1]
        understood = list(self._each(pieces, phrasing, context, knowledge))
        if not all(understood):
            return ()
        return tuple(
            replace(reading, part=at, parts=len(understood)) for at, some in enumerate(understood) for reading in some
        )

    def _each(
        self, pieces: list[str], phrasing: Phrasing, context: Context, knowledge: Knowledge
    ) -> Iterator[tuple[Interpretation, ...]]:
        """The readings of every piece; one without a verb takes that of the piece before."""
        verb, particle = "", _PARTICLE.search(pieces[-1])
        for piece in pieces:
            said = _VERB.match(piece)
            verb = said[0].strip() if said else verb
            wordings = (piece,) if said or not verb else (f"{verb} {piece}", piece)
            if not said and not verb and particle and not _PARTICLE.search(piece):
                wordings = (f"{piece} {particle[0]}",)  # "bedroom lights and fan off"
            tried = (self._piece(wording, phrasing, context, knowledge) for wording in wordings)
            yield next((readings for readings in tried if readings), ())

    def _piece(
        self, text: str, phrasing: Phrasing, context: Context, knowledge: Knowledge
    ) -> tuple[Interpretation, ...]:
        readings = self._grammar.interpret(replace(phrasing, text=text), context, knowledge)
        if _sure(readings):
            return readings
        if self._skills and (skilled := self._skills.interpret(text, knowledge)):
            return skilled
        return self._model.interpret(text, self._names.of(knowledge.home)) if self._model else ()


def _first_of_each(parts: Sequence[Interpretation]) -> list[Interpretation]:
    """The best reading of every command; none where one is not sure."""
    best = {part.part: part for part in reversed(parts)}
    return list(best.values())[::-1] if all(_sure((part,)) for part in best.values()) else []


def _names_twice(kept: str, meant: str, names: NameIndex) -> bool:
    """Whether what was said first still names what the correction names: a thing, or else a place."""
    first, second = list(names.found_in(kept.split())), list(names.found_in(meant.split()))
    if any(found.domains for found in second):
        return bool(first)
    return any(found.area for found in second) and any(found.area and not found.domains for found in first)


def _sure(readings: tuple[Interpretation, ...]) -> bool:
    return bool(readings) and readings[0].confidence >= SURE
