"""The room's door: a turn with what is known of it becomes a Diagnosis, by the model or, without one, by the rules."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from edge.isolation.called import NOBODY, Called
from edge.isolation.evidence import in_words
from edge.isolation.features import Seen, features, of_the_moment
from edge.isolation.meaning import Classifier, Meanings
from edge.isolation.rules import ruled
from edge.isolation.trees import Boosted
from edge.isolation.weights import Weights
from edge.lived import is_shaky
from edge.signals import POINTS, Diagnosis, FailurePoint, Signal
from edge.turn import Turn

WORTH_SAYING: Final = 0.3
"""What speaks less than so much of the strongest is no evidence to be told."""

SHAKY_MAX: Final = 0.55
"""No point is surer than this where stages are missing: from nonsense nothing shall be learned."""


class Isolation:
    """Finds where turns went wrong first."""

    def __init__(
        self, weights: Weights | None = None, classifier: Classifier | None = None, boosted: Boosted | None = None
    ) -> None:
        """Without weights the six rules speak; without a classifier what is said weighs nothing, only how it went.

        `boosted`: trees that are asked beside the weights.
        """
        self._weights = weights
        self._boosted = boosted
        self._meanings = Meanings(classifier) if classifier else None

    def diagnose(
        self, turn: Turn, signals: Sequence[Signal] = (), later: Sequence[Turn] = (), called: Called = NOBODY
    ) -> Diagnosis:
        """Where it went wrong, from the turn and what came after it; `later` may hold any turns.

        `called`: what the things of the home were called when it ran.
        """
        return self._diagnosed(Seen.of(turn, signals, later, called), "model")

    def in_the_moment(self, turn: Turn, called: Called = NOBODY) -> Diagnosis:
        """The same when the turn has just ended and nobody has said anything to it."""
        return self._diagnosed(Seen(turn, called=called), "moment")

    def _diagnosed(self, seen: Seen, by: Literal["model", "moment"]) -> Diagnosis:
        if self._weights is None:
            found = ruled(seen).diagnosis(seen.turn.turn_id)
            return Diagnosis(found.turn_id, _bounded(found.probabilities, seen), found.evidence, "rules")
        linear = self._weights.moment if by == "moment" else self._weights.full
        weighing = weighed(seen, self._meanings, moment=by == "moment")
        names, terms = linear.terms(weighing)
        logits, temperature = linear.logits(terms), linear.temperature
        if self._boosted is not None:
            trees = self._boosted.moment if by == "moment" else self._boosted.full
            logits, temperature = (logits + trees.logits(weighing)) / 2, trees.temperature
        shares = _shares(logits / temperature)
        shared = _bounded({point: float(share) for point, share in zip(POINTS, shares, strict=True)}, seen)
        diagnosis = Diagnosis(seen.turn.turn_id, shared, by=by)
        evidence = in_words(seen, _strongest(names, terms, POINTS.index(diagnosis.point)))
        return replace(diagnosis, evidence=evidence)


def _shares(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    shares = np.exp(logits - logits.max())
    return np.asarray(shares / shares.sum())


def weighed(seen: Seen, meanings: Meanings | None = None, *, moment: bool) -> dict[str, float]:
    """What the model weighs: the features, what was said, and what the rules say, as one voice among them."""
    known = seen.without_what_followed if moment else seen
    found = features(known) | (meanings.features(known) if meanings else {})
    ruling = ruled(known)
    found[f"rule:{ruling.point}"] = 1.0
    return of_the_moment(found) if moment else found


def _bounded(probabilities: Mapping[FailurePoint, float], seen: Seen) -> dict[FailurePoint, float]:
    """What cannot be is left out, and what is not known is not believed too much."""
    if not is_typed(seen.turn):
        return _held_back(probabilities, seen)
    possible = {point: 0.0 if point == "false_wake" else value for point, value in probabilities.items()}
    whole = sum(possible.values())
    return _held_back({point: value / whole for point, value in possible.items()} if whole else probabilities, seen)


def is_typed(turn: Turn) -> bool:
    """Whether words came without a wake word and without listening on: then it cannot have woken for nothing."""
    said = turn.transcript is not None and bool(turn.transcript.text)
    return said and turn.utterance.wake is None and not turn.utterance.follow_up


def _held_back(probabilities: Mapping[FailurePoint, float], seen: Seen) -> dict[FailurePoint, float]:
    """Mixed with what knows nothing until none is surer than it may be."""
    surest, share = max(probabilities.values()), 1 / len(POINTS)
    keep = (SHAKY_MAX - share) / (surest - share) if is_shaky(seen.turn) and surest > SHAKY_MAX else 1.0
    return {point: keep * value + (1 - keep) * share for point, value in probabilities.items()}


def _strongest(names: Sequence[str], terms: NDArray[np.float64], point: int) -> list[str]:
    """Features that speak for the point against the others, strongest first."""
    if not names:
        return []
    favour = terms[:, point] - terms.mean(axis=1)
    least = max(0.0, float(favour.max()) * WORTH_SAYING)
    return [names[row] for row in np.argsort(-favour) if favour[row] > least]
