"""What `edge bench diagnosis` found, as figures and tables. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from edge.bench.diagnosis_goals import F1_MIN as GOAL_F1_MIN
from edge.bench.diagnosis_goals import GoalFigures
from edge.signals import POINTS, FailurePoint

BINS: Final = 10
"""Of confidence, for the expected calibration error."""

MACRO_F1_MIN: Final = 0.85
CLASS_F1_MIN: Final = 0.80
ECE_MAX: Final = 0.05
TURN_MS_MAX: Final = 10.0
YEAR_S_MAX: Final = 60.0
YEAR_MB_MAX: Final = 200.0


@dataclass(frozen=True)
class Judged:
    """One case with what was believed of it."""

    number: int
    true: FailurePoint
    believed: FailurePoint
    confidence: float
    faults: tuple[str, ...]
    part: str
    is_spoken: bool
    evidence: tuple[str, ...] = ()

    @property
    def is_right(self) -> bool:
        return self.true == self.believed


@dataclass(frozen=True)
class Score:
    """How well one way of diagnosing did."""

    name: str
    judged: tuple[Judged, ...]

    @cached_property
    def confusion(self) -> Mapping[tuple[FailurePoint, FailurePoint], int]:
        """By true and believed point."""
        return Counter((each.true, each.believed) for each in self.judged)

    @cached_property
    def f1(self) -> Mapping[FailurePoint, float]:
        """Of every point that occurs."""
        found = {}
        for point in POINTS:
            right = self.confusion[point, point]
            true = sum(self.confusion[point, other] for other in POINTS)
            believed = sum(self.confusion[other, point] for other in POINTS)
            if true:
                found[point] = 2 * right / (true + believed)
        return found

    @property
    def macro_f1(self) -> float:
        return sum(self.f1.values()) / max(1, len(self.f1))

    @property
    def accuracy(self) -> float:
        return sum(each.is_right for each in self.judged) / max(1, len(self.judged))

    @property
    def calibration_error(self) -> float:
        """Expected calibration error of the confidence in what is believed, 0 to 1."""
        bins: dict[int, list[Judged]] = {}
        for each in self.judged:
            bins.setdefault(min(BINS - 1, int(each.confidence * BINS)), []).append(each)
        off = (
            abs(sum(each.is_right for each in some) - sum(each.confidence for each in some)) for some in bins.values()
        )
        return sum(off) / max(1, len(self.judged))

    def only(self, name: str, some: Sequence[Judged]) -> "Score":
        return Score(name, tuple(some))

    def to_dict(self) -> dict[str, Any]:
        return {
            "of": len(self.judged),
            "macro_f1": round(self.macro_f1, 4),
            "accuracy": round(self.accuracy, 4),
            "calibration_error": round(self.calibration_error, 4),
            "f1": {point: round(value, 4) for point, value in self.f1.items()},
        }


@dataclass(frozen=True)
class Cost:
    """What it costs."""

    turn_ms_median: float
    turn_ms_p95: float
    year_turns: int
    year_s: float
    year_mb: float
    """What the process grew by, at most."""


@dataclass(frozen=True)
class DiagnosisReport:
    """Figures of one run."""

    machine: str
    source: Mapping[str, Any]
    trained_on: Mapping[FailurePoint, int]
    scores: tuple[Score, ...]
    """The model first."""
    placebos: tuple[Score, ...]
    cost: Cost | None
    goals: GoalFigures

    @property
    def model(self) -> Score:
        return self.scores[0]

    def by_fault(self) -> dict[str, Score]:
        """The model's score for every kind of fault alone or with others; `none` where nothing was made wrong."""
        kinds = sorted({kind for each in self.model.judged for kind in each.faults or ("none",)})
        return {
            kind: Score(kind, tuple(each for each in self.model.judged if kind in (each.faults or ("none",))))
            for kind in kinds
        }

    def parts(self) -> dict[str, Score]:
        """The model's score by part of the data, and for what was spoken and what was not."""
        judged = self.model.judged
        found = {part: [each for each in judged if each.part == part] for part in sorted({j.part for j in judged})}
        found["spoken"] = [each for each in judged if each.is_spoken]
        found["text"] = [each for each in judged if not each.is_spoken]
        return {name: Score(name, tuple(some)) for name, some in found.items() if some}

    def misses(self) -> list[str]:
        """What falls short of what was promised, in words."""
        model = self.model
        found = [f"macro F1 {model.macro_f1:.3f} < {MACRO_F1_MIN}"] if model.macro_f1 < MACRO_F1_MIN else []
        found += [
            f"{point} F1 {value:.3f} < {CLASS_F1_MIN}" for point, value in model.f1.items() if value < CLASS_F1_MIN
        ]
        if model.calibration_error > ECE_MAX:
            found.append(f"calibration error {model.calibration_error:.3f} > {ECE_MAX}")
        if self.goals.f1 < GOAL_F1_MIN:
            found.append(f"goal success F1 {self.goals.f1:.3f} < {GOAL_F1_MIN}")
        if self.cost and self.cost.turn_ms_p95 > TURN_MS_MAX:
            found.append(f"{self.cost.turn_ms_p95:.1f} ms a turn > {TURN_MS_MAX}")
        if self.cost and (self.cost.year_s > YEAR_S_MAX or self.cost.year_mb > YEAR_MB_MAX):
            found.append(f"a year: {self.cost.year_s:.0f} s, {self.cost.year_mb:.0f} MB")
        return found

    def failures(self) -> list[dict[str, Any]]:
        """What the model got wrong, for a JSON line each."""
        return [
            {
                "episode": each.number,
                "true": each.true,
                "believed": each.believed,
                "confidence": round(each.confidence, 3),
                "faults": each.faults,
                "spoken": each.is_spoken,
                "evidence": each.evidence,
            }
            for each in self.model.judged
            if not each.is_right
        ]

    def to_dict(self) -> dict[str, Any]:
        """Ready for `json.dumps`."""
        confusion = [[self.model.confusion[true, believed] for believed in POINTS] for true in POINTS]
        return {
            "machine": self.machine,
            "source": dict(self.source),
            "trained_on": dict(self.trained_on),
            "scores": {score.name: score.to_dict() for score in self.scores},
            "placebos": {score.name: score.to_dict() for score in self.placebos},
            "parts": {name: score.to_dict() for name, score in self.parts().items()},
            "accuracy_by_fault": {name: round(score.accuracy, 4) for name, score in self.by_fault().items()},
            "confusion": {"points": list(POINTS), "rows_true": confusion},
            "cost": vars(self.cost) if self.cost else None,
            "goals": {**vars(self.goals), "f1": self.goals.f1},
            "misses": self.misses(),
        }

    def show(self, console: Console) -> None:
        """Tables for a person."""
        console.print(self.machine, markup=False)
        console.print(_scores([*self.scores, *self.placebos]))
        console.print("\nThe model: rows are where it went wrong, columns what was believed", markup=False)
        console.print(_confusion(self.model))
        console.print(_shares({**self.parts(), **self.by_fault()}))
        if self.cost:
            cost = self.cost
            turn = f"\nOne turn {cost.turn_ms_median:.2f} ms (p95 {cost.turn_ms_p95:.2f})"
            year = f"{cost.year_turns} turns {cost.year_s:.1f} s, {cost.year_mb:.0f} MB"
            console.print(f"{turn}; {year}", markup=False)
        console.print(_goals(self.goals), markup=False)
        for missed in self.misses():
            console.print(f"falls short: {missed}", markup=False)


def _goals(goals: GoalFigures) -> str:
    success = f"success F1 {goals.f1:.3f} (precision {goals.precision:.3f}, recall {goals.recall:.3f})"
    unknown = (
        f"{goals.unknown} unknown; of the {goals.reached} reached {100 * goals.recall_of_all:.0f} % are believed to be"
    )
    defects = f"defects {100 * goals.defects_right:.0f} % right"
    return f"Goals: {goals.of}, {unknown}; where anything is believed: {success}, {defects}"


def _scores(scores: Sequence[Score]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for heading in ("macro F1", "accuracy", "ECE", *POINTS):
        table.add_column(heading, justify="right")
    for score in scores:
        each = [f"{score.f1[point]:.2f}" if point in score.f1 else "-" for point in POINTS]
        figures = [f"{score.macro_f1:.3f}", f"{score.accuracy:.3f}", f"{score.calibration_error:.3f}"]
        table.add_row(score.name, *figures, *each)
    return table


def _confusion(score: Score) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for point in POINTS:
        table.add_column(point, justify="right")
    for true in POINTS:
        table.add_row(true, *(str(score.confusion[true, believed] or ".") for believed in POINTS))
    return table


def _shares(scores: Mapping[str, Score]) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading, justify in (("", "left"), ("right", "right"), ("of", "right"), ("mostly taken for", "left")):
        table.add_column(heading, justify="right" if justify == "right" else "left")
    for name, score in scores.items():
        wrong = Counter(f"{each.true} as {each.believed}" for each in score.judged if not each.is_right)
        worst = ", ".join(f"{what} {count}" for what, count in wrong.most_common(2))
        table.add_row(name, f"{100 * score.accuracy:.0f} %", str(len(score.judged)), worst)
    return table
