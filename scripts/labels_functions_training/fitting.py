"""How far each labelling function is trusted: logistic regression that begins at the weights that were set by hand."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.model_selection import GroupKFold

from edge.bench.diagnosis_goals import GoalFigures, goal_figures
from edge.labels.functions import NAMES, Functions, votes
from edge.labels.labelling import SEEN_AFTER, Labelling
from edge.labels.weights import FunctionWeights
from edge.signals import PRIOR, Goal
from labels_functions_training.dialogues import FOLDS, Dialogue

STIFFNESS: Final = 3.0
"""What it costs, in nats a unit squared, to trust a function otherwise than by hand."""
TRUST_MAX: Final = 4.0
ROUND: Final = 3

Array = NDArray[np.float64]


def fitted(some: Sequence[Dialogue], without: frozenset[str] = frozenset()) -> FunctionWeights:
    """The weights that these dialogues ask for; no function is trusted the wrong way round."""
    names = [name for name in NAMES if name not in without]
    cast, defects = _votes(some, names)

    def cost(told: Array) -> tuple[float, Array]:
        log_odds = cast @ told[1:] + told[0]
        off = told - begin
        loss = np.logaddexp(0, log_odds).sum() - log_odds @ defects + STIFFNESS / 2 * off @ off
        missed = 1 / (1 + np.exp(-log_odds)) - defects
        return float(loss), np.concatenate([[missed.sum()], cast.T @ missed]) + STIFFNESS * off

    begin = np.array([PRIOR] + [1.0] * len(names))
    bounds = [(None, None)] + [(0.0, TRUST_MAX)] * len(names)
    told = minimize(cost, begin, jac=True, method="L-BFGS-B", bounds=bounds).x
    trust = {name: round(float(each), ROUND) for name, each in zip(names, told[1:], strict=True)}
    return FunctionWeights(version=1, bias=round(float(told[0]), ROUND), trust=trust)


def _votes(some: Sequence[Dialogue], names: Sequence[str]) -> tuple[Array, Array]:
    rows, defects = [], []
    for each in some:
        for number, turn in enumerate(each.turns):
            if turn.turn_id in each.right:
                after = each.turns[number + 1 : number + 1 + SEEN_AFTER]
                found = votes(turn, each.signals.get(turn.turn_id, ()), after, each.diagnoses[turn.turn_id])
                rows.append([found.get(name, 0.0) for name in names])
                defects.append(not each.right[turn.turn_id])
    return np.array(rows), np.array(defects, dtype=np.float64)


def out_of_fold(
    some: Sequence[Dialogue], without: frozenset[str] = frozenset()
) -> Iterator[tuple[Dialogue, Labelling]]:
    """Every dialogue with a labelling that learned from other sentences."""
    groups = [each.case.group for each in some]
    for learned, tested in GroupKFold(FOLDS).split(groups, groups=groups):
        labelling = Labelling(Functions(fitted([some[row] for row in learned], without)))
        yield from ((some[row], labelling) for row in tested)


def figures(some: Sequence[Dialogue]) -> Iterator[tuple[str, str]]:
    """What goals are worth, out of fold, by what votes."""
    by_hand = [(each, Labelling()) for each in some]
    yield "by hand, without a diagnosis", told_in_brief(by_hand, lambda each: {})
    yield "fitted, without a diagnosis", told_in_brief(list(out_of_fold(some, frozenset({"diagnosis"}))))
    signals = frozenset(NAMES) - {"diagnosis"}
    yield "fitted, the diagnosis alone", told_in_brief(list(out_of_fold(some, signals)))
    yield "fitted, all", told_in_brief(list(out_of_fold(some)))


def told_in_brief(
    some: Sequence[tuple[Dialogue, Labelling]], diagnoses: Callable[[Dialogue], Any] = lambda each: each.diagnoses
) -> str:
    """The figures of goals in one line."""
    goals: dict[int, Goal] = {}
    for each, labelling in some:
        found = labelling.everything(each.turns, each.signals, diagnoses(each))
        goal = next(goal for labelled in found for goal in labelled.goals if each.case.turn.turn_id in goal.turn_ids)
        goals[id(each.case)] = goal
    return in_brief(goal_figures([each.case for each, _ in some], lambda case: goals[id(case)]))


def in_brief(found: GoalFigures) -> str:
    return (
        f"F1 {found.f1:.3f}, precision {found.precision:.3f}, recall {found.recall:.3f}, unknown {found.unknown} of "
        f"{found.of}, of all reached {found.recall_of_all:.3f}, defects right {found.defects_right:.3f}"
    )
