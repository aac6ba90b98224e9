"""Understanding, all rungs: templates first, then several commands and second thoughts, then the model.

Nothing is split that is understood as a whole, and nothing that is not understood in every part.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from importlib import resources
from typing import Final

from edge.knowledge import Knowledge
from edge.names import NameIndex, PerHome
from edge.nlu.grammar import MAX_WORDS, SURE, UNKNOWN_NAME, GrammarUnderstanding
from edge.nlu.model_rung import ModelRung
from edge.records import Interpretation, Phrasing
from edge.text import clean
from edge.turn import Context

TALK: Final = 0.9
"""Probability of talk from which a command with a name that nothing here has is none."""

PARTS_MAX: Final = 12
"""So many commands are counted, no more."""

_WORDS: Final = tomllib.loads(resources.files(__package__).joinpath("spoken.toml").read_text(encoding="utf-8"))
_REPAIR: Final = re.compile(_WORDS["repairs"], re.IGNORECASE)
_JOINT: Final = re.compile(_WORDS["joints"], re.IGNORECASE)
_VERB: Final = re.compile(
    r"^(?:turn|switch|put|shut|set|dim|make) (?:on|off|up|down|out|the)?|^(?:open|close|lock|dim)", re.IGNORECASE
)


class Understanding:
    """What the pipeline asks for interpretations."""

    def __init__(self, grammar: GrammarUnderstanding, model: ModelRung | None = None) -> None:
        """`model`: the second rung; without it templates are all there is."""
        self._grammar = grammar
        self._model = model
        self._names = PerHome(NameIndex)

    def interpret(self, phrasing: Phrasing, context: Context, knowledge: Knowledge) -> tuple[Interpretation, ...]:
        """Every reading of the wording, best first; none is a value, not an error."""
        text = clean(phrasing.text)
        whole = self._grammar.interpret(phrasing, context, knowledge)
        if _sure(whole):
            return whole
        repaired = self._repaired(text, phrasing, context, knowledge)
        if repaired:
            return repaired
        parts = self._parts(text, phrasing, context, knowledge)
        if parts:
            return parts
        return self._by_model(text, whole, knowledge)

    def is_complete(self, text: str, context: Context, knowledge: Knowledge) -> bool:
        """Whether a trial transcript is already a whole command or answer, so that no more need be waited for."""
        return self._grammar.is_complete(text, context, knowledge)

    def _by_model(
        self, text: str, whole: tuple[Interpretation, ...], knowledge: Knowledge
    ) -> tuple[Interpretation, ...]:
        """The model's reading beside a template's whose name is unknown."""
        if self._model is None or text.count(" ") >= MAX_WORDS or (whole and whole[0].confidence > UNKNOWN_NAME):
            return whole
        bare = self._grammar.bare(text)
        if whole and self._model.is_talk(bare) >= TALK:
            return ()
        return (*whole, *self._model.interpret(bare, self._names.of(knowledge.home)))

    def _repaired(
        self, text: str, phrasing: Phrasing, context: Context, knowledge: Knowledge
    ) -> tuple[Interpretation, ...]:
        """`turn on the kitchen, no wait, the bedroom light`: as much of the first try as the second leaves standing."""
        found = list(_REPAIR.finditer(text))
        if not found:
            return ()
        words, meant = text[: found[-1].start()].split(), text[found[-1].end() :]
        for kept in range(len(words), -1, -1):
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
        verb = ""
        for piece in pieces:
            said = _VERB.match(piece)
            verb = said[0].strip() if said else verb
            wordings = (piece,) if said or not verb else (f"{verb} {piece}", piece)
            tried = (self._piece(wording, phrasing, context, knowledge) for wording in wordings)
            yield next((readings for readings in tried if readings), ())

    def _piece(
        self, text: str, phrasing: Phrasing, context: Context, knowledge: Knowledge
    ) -> tuple[Interpretation, ...]:
        readings = self._grammar.interpret(replace(phrasing, text=text), context, knowledge)
        if _sure(readings):
            return readings
        return self._model.interpret(text, self._names.of(knowledge.home)) if self._model else ()


def _sure(readings: tuple[Interpretation, ...]) -> bool:
    return bool(readings) and readings[0].confidence >= SURE
