"""Labelling functions: each looks at one thing of a turn and votes that it was a defect, that it served, or abstains.

A vote is log-odds, in nats, that the turn was a defect; below 0 it speaks for success, 0 abstains. Votes are added to a
prior. How far each function may be trusted is fitted; without a fit the votes count as they were set by hand, and those
that have one cause are no several witnesses: the strongest of them counts whole, and all others at most `MORE`.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from edge.labels.weights import FunctionWeights
from edge.lived import actions, answer, gap_s, is_about_us, is_by_itself, is_confirmed, is_empty, same_person
from edge.records import Act
from edge.signals import PRIOR, Diagnosis, Signal, SignalKind
from edge.turn import Turn

PRIOR_CONFIRMED: Final = -2.6
"""Of a turn whose devices said that they obeyed: 7 in a hundred were not meant so."""

PRIOR_TRIED: Final = 1.0
"""Of one in which chance took what was less likely meant: three in four times it was the other one. Silence after it is
no success."""

OTHERS: Final = ("confirmed", "answered", "another wish", "left alone", "diagnosis")
"""Labelling functions that look at no signal: everything obeyed; it was the answer to a question of ours, and done;
nobody complained and they went on to another wish, or said nothing more; what is believed to have gone wrong."""

GROUPS: Final[Mapping[str, frozenset[SignalKind]]] = {
    "said so": frozenset({"no", "wrong", "not_said", "meant_other"}),
    "cut off": frozenset({"barge_in", "stop", "cancel"}),
    "taken back": frozenset({"undo", "put_back"}),
    # known at once, and tried again: that it failed is among what tells that it was said again
    "failed": frozenset({"silence_after_wake", "no_match", "error", "not_confirmed", "gave_up", "rephrase", "repeat"}),
    "praised": frozenset({"yes", "thanks"}),
}
"""Signals that have one cause."""

NAMES: Final = (*sorted(kind for kinds in GROUPS.values() for kind in kinds), *OTHERS)
"""Of all labelling functions: one for every kind of signal, and the others."""

MORE: Final = 0.5

SURE_MAX: Final = 4.6
"""A diagnosis votes no more than that, in nats: 99 in a hundred."""

NEXT_S: Final = 120.0
"""A wish that comes later than this tells nothing of the turn before."""


class Functions:
    """The labelling functions with what is known of how far each may be trusted."""

    def __init__(self, weights: FunctionWeights | None = None) -> None:
        """Without weights, and of a turn that nobody diagnosed, the votes of signals count as they are."""
        self._weights = weights

    def served(
        self,
        turn: Turn,
        signals: Sequence[Signal] = (),
        after: Sequence[Turn] = (),
        diagnosis: Diagnosis | None = None,
    ) -> float:
        """Probability, 0 to 1, that the turn served what was wanted; `after` may hold any turns."""
        if self._weights is None or diagnosis is None:
            return 1 - p_defect(signals, prior_of(turn))
        by_chance = PRIOR_TRIED - PRIOR if _was_tried(turn) else 0.0
        return 1 - _p(self._weights.log_odds(votes(turn, signals, after, diagnosis)) + by_chance)


def votes(
    turn: Turn, signals: Sequence[Signal], after: Sequence[Turn] = (), diagnosis: Diagnosis | None = None
) -> dict[str, float]:
    """What each labelling function says, by its name; one that is not named abstains."""
    found: dict[str, float] = {}
    by_kind: defaultdict[str, list[float]] = defaultdict(list)
    for signal in signals:
        by_kind[signal.kind].append(signal.weight)
    for kind, weights in by_kind.items():
        found[kind] = together(weights)
    if is_confirmed(turn):
        found["confirmed"] = PRIOR_CONFIRMED - PRIOR
    if not found.keys() - {"confirmed"}:
        found |= _quiet(turn, after)
    if answer(turn) and actions(turn):
        found["answered"] = -2.0
    if diagnosis is not None:
        found["diagnosis"] = _of_diagnosis(diagnosis)
    return found


def _quiet(turn: Turn, after: Sequence[Turn]) -> dict[str, float]:
    """Nobody complained: they went on to another wish, or said nothing more."""
    near = (each for each in after if 0 <= gap_s(turn, each) <= NEXT_S)
    following = next((each for each in near if not is_by_itself(each) and not is_empty(each)), None)
    if following is None:
        return {"left alone": -0.5}
    if not same_person(turn, following) or is_about_us(following):
        return {}
    return {"another wish": -1.0}


def _of_diagnosis(diagnosis: Diagnosis) -> float:
    p = diagnosis.probabilities.get("correct", 0.0)
    p = min(1 - 1e-6, max(1e-6, p if math.isfinite(p) else 0.5))
    return min(SURE_MAX, max(-SURE_MAX, math.log((1 - p) / p)))


def prior_of(turn: Turn) -> float:
    """Log-odds of a defect before any signal."""
    if _was_tried(turn):
        return PRIOR_TRIED
    return PRIOR_CONFIRMED if is_confirmed(turn) else PRIOR


def _was_tried(turn: Turn) -> bool:
    explored = turn.decision.explored if isinstance(turn.decision, Act) else None
    return explored is not None and explored.is_second


def p_defect(signals: Iterable[Signal], prior: float = PRIOR) -> float:
    """Probability, 0 to 1, that a turn with these signals was a defect, every vote counting as it was set by hand."""
    by_group: defaultdict[str, list[float]] = defaultdict(list)
    for signal in signals:
        by_group[_group(signal.kind)].append(signal.weight)
    return _p(prior + sum(map(together, by_group.values())))


def together(weights: Sequence[float]) -> float:
    """The strongest, and a little for the others that say the same."""
    strongest = max(weights, key=abs)
    more = sum(weight for weight in weights if weight * strongest > 0) - strongest
    return strongest + min(MORE, max(-MORE, more))


def _group(kind: SignalKind) -> str:
    return next(name for name, kinds in GROUPS.items() if kind in kinds)


def _p(log_odds: float) -> float:
    return 1 / (1 + math.exp(-min(30.0, max(-30.0, log_odds))))
