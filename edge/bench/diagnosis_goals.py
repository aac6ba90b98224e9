"""Goals held against the laboratory's hidden ones: was what somebody wanted reached in the end? Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from edge.bench.diagnosis_data import Case, remembering
from edge.feedback.reading import read_signals
from edge.isolation.diagnosing import Isolation
from edge.labels.labelling import Labelling
from edge.signals import Diagnosis, Goal, Outcome, Signal

F1_MIN: Final = 0.90


@dataclass(frozen=True)
class GoalFigures:
    """How well it is told whether goals were reached."""

    of: int
    reached: int
    """Hidden goals that were reached."""
    unknown: int
    """Goals of which nothing is believed."""
    precision: float
    """Of success, among the goals that something is believed of."""
    recall: float
    """The same; unknown ones count for nothing here."""
    recall_of_all: float
    """Of all goals that were reached, those that are believed to be."""
    defects_right: float
    """Of goals that are believed to have failed, those that did."""

    @property
    def f1(self) -> float:
        """Of success, among the goals that something is believed of."""
        return 2 * self.precision * self.recall / (self.precision + self.recall or 1.0)


def goal_figures(some: Iterable[Case], goal_in: Callable[[Case], Goal]) -> GoalFigures:
    """Of the goals that the first turns belong to; a question of ours that was left open tells of none."""
    judged = [(case.is_reached, goal_in(case).outcome) for case in some if case.is_reached is not None]
    known = [(reached, outcome) for reached, outcome in judged if outcome != "unknown"]
    right = sum(reached for reached, outcome in known if outcome == "success")
    reached = [outcome for was_reached, outcome in judged if was_reached]
    return GoalFigures(
        of=len(judged),
        reached=len(reached),
        unknown=len(judged) - len(known),
        precision=_share(right, [outcome for _, outcome in known], "success"),
        recall=right / max(1, sum(was_reached for was_reached, _ in known)),
        recall_of_all=reached.count("success") / max(1, len(reached)),
        defects_right=_share(
            sum(not was_reached for was_reached, outcome in known if outcome == "defect"),
            [outcome for _, outcome in known],
            "defect",
        ),
    )


def _share(right: int, outcomes: Sequence[Outcome], outcome: Outcome) -> float:
    return right / max(1, outcomes.count(outcome))


def goal_by(labelling: Labelling, isolation: Isolation | None) -> Callable[[Case], Goal]:
    """What finds the goal of a first turn in all of its dialogue; without an isolation nothing is diagnosed."""

    def goal_in(case: Case) -> Goal:
        turns, signals = (case.turn, *case.followers), told(case)
        found = labelling.everything(turns, signals, believed(case, signals, isolation) if isolation else {})
        nothing = Goal(case.turn.turn_id, (case.turn.turn_id,), "unknown", 0.5)
        goals = (goal for labelled in found for goal in labelled.goals)
        return next((goal for goal in goals if case.turn.turn_id in goal.turn_ids), nothing)

    return goal_in


def told(case: Case) -> dict[str, list[Signal]]:
    """The signals of every turn of a dialogue, by turn_id."""
    found: dict[str, list[Signal]] = {}
    for signal in read_signals((case.turn, *case.followers), case.changes, case.ended_at, remembering().similarity):
        found.setdefault(signal.turn_id, []).append(signal)
    return found


def believed(case: Case, signals: Mapping[str, Sequence[Signal]], isolation: Isolation) -> dict[str, Diagnosis]:
    """The diagnosis of every turn of a dialogue, by turn_id."""
    turns = (case.turn, *case.followers)
    return {
        turn.turn_id: isolation.diagnose(turn, signals.get(turn.turn_id, ()), turns[number + 1 :], case.called)
        for number, turn in enumerate(turns)
    }
