"""How often each person interrupts, repeats, says no: what is a habit is no criticism."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from edge import intents
from edge.feedback.observed import Observed
from edge.feedback.weights import MOST, USUAL, WEIGHTS, corrected
from edge.lived import UNKNOWN, answer, is_by_itself
from edge.signals import SignalKind
from edge.turn import Turn

STRENGTH: Final = 20.0
"""In turns, what the usual rate weighs against what somebody was seen to do."""

_BOUND: Final[frozenset[SignalKind]] = frozenset({"yes", "no"})
"""What only somebody can do who was asked."""


class Rates:
    """Counts of what people do; a person who is not known goes by what is known of the home."""

    def __init__(self) -> None:
        self._turns: Counter[str] = Counter()
        self._answers: Counter[str] = Counter()
        self._seen: Counter[tuple[str, SignalKind]] = Counter()

    def lived(self, turn: Turn) -> None:
        """Somebody said something."""
        if is_by_itself(turn):
            return
        for person in {turn.utterance.speaker, UNKNOWN}:
            self._turns[person] += 1
            self._answers[person] += answer(turn) in {intents.YES, intents.NO, intents.CHOOSE, intents.PIN}

    def saw(self, observed: Iterable[Observed]) -> None:
        """What people did in their turns."""
        for each in observed:
            for person in {each.by, UNKNOWN} - {""}:
                self._seen[person, each.kind] += 1

    def of(self, person: str, kind: SignalKind, but: int = 0) -> float:
        """The rate at which the person does so, 0 to 1, but for so many times: a beta mean that begins at the usual."""
        usual = USUAL.get(kind, 0.0)
        seen = max(0, self._seen[person, kind] - but)
        chances = (self._answers[person] if kind in _BOUND else self._turns[person]) - but
        return (seen + STRENGTH * usual) / (max(chances, seen) + STRENGTH)

    def weight(self, seen: Observed) -> float:
        """What an observation weighs, corrected for who it comes from; asked for an opinion, anybody has one."""
        weight = WEIGHTS[seen.why] if seen.weight is None else seen.weight
        weight = max(-MOST, min(MOST, weight * seen.share))
        usual = USUAL.get(seen.kind)
        if usual is None or not seen.by or not weight:
            return round(weight, 3)
        return round(corrected(weight, usual, self.of(seen.by, seen.kind, but=1)), 3)  # itself is no habit
