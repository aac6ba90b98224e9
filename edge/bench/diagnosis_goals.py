"""Goals held against the laboratory's hidden ones: was what somebody wanted reached in the end? Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from edge.bench.diagnosis_data import Case
from edge.feedback.goals import goals
from edge.feedback.reading import read_signals
from edge.signals import Goal, Outcome

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


def goal_figures(some: Iterable[Case]) -> GoalFigures:
    """Of the goals that the first turns belong to; a question of ours that was left open tells of none."""
    judged = [(case.is_reached, _goal(case).outcome) for case in some if case.is_reached is not None]
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


def _goal(case: Case) -> Goal:
    """That of the first turn, as feedback tells it from all of the dialogue."""
    turns = (case.turn, *case.followers)
    found = goals(turns, read_signals(turns, case.changes, case.ended_at))
    nothing = Goal(case.turn.turn_id, (case.turn.turn_id,), "unknown", 0.5)
    return next((goal for goal in found if case.turn.turn_id in goal.turn_ids), nothing)
