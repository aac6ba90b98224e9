"""Whether somebody said it again: which of the turns that follow one is the wording that works.

A correction counts as well ("no, the bedroom", "make it eight"): the later turn tells what the first was to do.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from edge.feedback.rephrase_evidence import MEANING, WINDOW_S, evidence, gap_s, has_failed, heard, only_answers
from edge.feedback.rephrase_model import LIVE, WITH_VECTORS, shipped_model
from edge.turn import Turn

FOLLOWERS_MAX: Final = 4
"""Later ones are not looked at."""

LIKELY: Final = 0.5
"""A follower below this probability is no rephrase."""

NAMED: Final = 0.75
"""From here on a follower is named as the wording that works: of unseen ones nearly nine of ten are."""

_WORKS_THOUGH_FAILED: Final = 0.1
"""Of a wording that was turned down, how far it may still be what works."""


class Model(Protocol):
    """What makes a probability of evidence."""

    def probability(self, evidence: dict[str, float], /) -> float: ...


class Similarity(Protocol):
    """How much two sentences mean the same, -1 to 1: the cosine of an encoder's vectors."""

    def __call__(self, one: str, other: str, /) -> float: ...


@dataclass(frozen=True)
class Rephrase:
    """A turn was said again among its followers, and in the end it worked."""

    start: int
    """The follower, from 0, with which the saying again begins."""
    end: int
    """The follower whose wording works."""
    probability: float
    """Of `end`, 0 to 1."""


@dataclass(frozen=True)
class NoRephrase:
    """No follower says the turn again, or none of those that do worked."""

    probability: float
    """Of the likeliest follower that it was one after all, 0 to 1."""


class Rephrasing:
    """The detector with a model, and with vectors where somebody brings them."""

    def __init__(self, model: Model, similarity: Similarity | None = None) -> None:
        self._model = model
        self._similarity = similarity

    @classmethod
    def shipped(cls, similarity: Similarity | None = None) -> "Rephrasing":
        """With the model that ships for those who have vectors, or for those who have none. Raises ModelError."""
        return cls(shipped_model(WITH_VECTORS if similarity else LIVE), similarity)

    def p(self, first: Turn, later: Turn, between: Sequence[Turn]) -> float:
        """How likely it is, 0 to 1, that `later` says again or corrects what `first` was to do."""
        if not heard(first).strip() or not heard(later).strip() or not 0.0 <= gap_s(first, later) <= WINDOW_S:
            return 0.0
        found = evidence(first, later, between)
        if only_answers(found):
            return 0.0
        if self._similarity is not None:
            found[MEANING] = self._similarity(heard(first), heard(later))
        return self._model.probability(found)

    def of(self, first: Turn, followers: Sequence[Turn]) -> Rephrase | NoRephrase:
        """Which of the first four followers within 45 s is the wording that works."""
        places = [at for at, turn in enumerate(followers[:FOLLOWERS_MAX]) if 0.0 <= gap_s(first, turn) <= WINDOW_S]
        turns = [first, *(followers[at] for at in places)]
        steps = [
            [self.p(one, turns[to], turns[at + 1 : to]) if to > at else 0.0 for to in range(len(turns))]
            for at, one in enumerate(turns)
        ]
        again = _along(steps)
        works = [p * _stands(at, turns[at], steps) for at, p in enumerate(again)]
        best = max(range(1, len(turns)), key=lambda at: works[at], default=0)
        if works[best] < NAMED:
            return NoRephrase(works[best])
        start = next(at for at, p in enumerate(again) if p >= LIKELY)
        return Rephrase(places[start - 1], places[best - 1], works[best])


def _along(steps: Sequence[Sequence[float]]) -> list[float]:
    """How likely each turn says the first one again, straight or by way of others; of the first itself 0."""
    again = [0.0] * len(steps)
    for to in range(1, len(steps)):
        again[to] = max([steps[0][to], *(again[by] * steps[by][to] for by in range(1, to))])
    return again


def _stands(at: int, turn: Turn, steps: Sequence[Sequence[float]]) -> float:
    """How likely this wording was the last word: it did not fail, and was not said again itself."""
    return (_WORKS_THOUGH_FAILED if has_failed(turn) else 1.0) * (1.0 - max(steps[at]))
