"""Health: what was believed of many turns, counted by day."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from edge.records import Act, Ask, Confirm
from edge.signals import POINTS, Diagnosis, FailurePoint
from edge.turn import Turn

DEFECTS: Final[tuple[FailurePoint, ...]] = ("false_wake", "asr", "nlu", "entity", "result")
"""The points that are defects of ours."""


@dataclass(frozen=True)
class Day:
    """One day, by the home's clock."""

    date: date
    turns: int
    points: Mapping[FailurePoint, int]
    """How many turns went wrong there first; every point is named."""
    questions: int
    """How often it asked which one was meant."""
    confirmations: int
    """How often it asked for a yes."""

    @property
    def defects(self) -> int:
        return sum(self.points[point] for point in DEFECTS)


@dataclass(frozen=True)
class Health:
    """The days since the first turn, oldest first, also those on which nothing was said."""

    days: tuple[Day, ...]
    hours: float
    """From the first turn, or the first moment looked at, to the last; at least one."""

    @property
    def turns(self) -> int:
        return sum(day.turns for day in self.days)

    def share(self, *points: FailurePoint) -> float:
        """Of all turns, those that went wrong at one of the points; 0 where nothing was said."""
        return sum(day.points[point] for day in self.days for point in points) / max(1, self.turns)

    @property
    def false_wakes_an_hour(self) -> float:
        return sum(day.points["false_wake"] for day in self.days) / self.hours

    @property
    def questions_a_day(self) -> float:
        return sum(day.questions for day in self.days) / max(1.0, self.hours / 24)

    def to_dict(self) -> dict[str, Any]:
        """Ready for `json.dumps`."""
        return {
            "turns": self.turns,
            "hours": round(self.hours, 2),
            "defects": round(self.share(*DEFECTS), 4),
            "shares": {point: round(self.share(point), 4) for point in POINTS},
            "false_wakes_an_hour": round(self.false_wakes_an_hour, 4),
            "questions_a_day": round(self.questions_a_day, 3),
            "days": [
                {
                    "date": day.date.isoformat(),
                    "turns": day.turns,
                    "points": dict(day.points),
                    "questions": day.questions,
                    "confirmations": day.confirmations,
                }
                for day in self.days
            ],
        }


def health_of(diagnosed: Iterable[tuple[Turn, Diagnosis]], first: datetime, last: datetime) -> Health:
    """Count turns that began between two moments; what began by itself is none."""
    turns, points = Counter[date](), Counter[tuple[date, FailurePoint]]()
    questions, confirmations = Counter[date](), Counter[date]()
    began = last
    for turn, diagnosis in diagnosed:
        at = turn.started_at if turn.started_at.tzinfo else turn.started_at.replace(tzinfo=UTC)
        if turn.utterance.source == "agenda" or not first <= at <= last:
            continue
        began = min(began, at)
        day = at.date()
        turns[day] += 1
        points[day, diagnosis.point] += 1
        asked = turn.decision.then if isinstance(turn.decision, Act) else turn.decision
        questions[day] += isinstance(asked, Ask)
        confirmations[day] += isinstance(asked, Confirm)
    dates = [began.date() + timedelta(days=n) for n in range((last.date() - began.date()).days + 1)]
    days = tuple(
        Day(each, turns[each], {point: points[each, point] for point in POINTS}, questions[each], confirmations[each])
        for each in dates
    )
    return Health(days, max(1.0, (last - began).total_seconds() / 3600))
