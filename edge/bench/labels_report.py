"""What `edge bench labels` found, as figures, tables and a curve. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from edge.bench.labels_figures import LabelFigures, Projection

GOAL_F1_MIN: Final = 0.90
BAR_CELLS: Final = 40


@dataclass(frozen=True)
class ReadingCost:
    """What reading costs beside signals and diagnoses, in milliseconds a dialogue."""

    known_ms_median: float
    known_ms_p95: float
    """Where every sentence was read before."""
    new_ms_median: float
    new_ms_p95: float
    """Where none was."""
    year_turns: int
    year_s: float


@dataclass(frozen=True)
class LabelsReport:
    """Figures of one run."""

    machine: str
    source: Mapping[str, Any]
    dialogues: int
    heard: int
    """Turns of which something of the sound was kept."""
    figures: tuple[LabelFigures, ...]
    """The labelling functions, then the model, then what is measured beside it."""
    single: tuple[Projection, Projection] | None
    """Repaired and failed turns, by a model that learned from single turns; None where none was given."""
    cost: ReadingCost

    def to_dict(self) -> dict[str, Any]:
        """Ready for `json.dumps`."""
        return {
            "machine": self.machine,
            "source": dict(self.source),
            "dialogues": self.dialogues,
            "heard": self.heard,
            "figures": [each.to_dict() for each in self.figures],
            "without_context": [each.to_dict() for each in self.single] if self.single else None,
            "cost": asdict(self.cost),
            "misses": self.misses(),
        }

    def misses(self) -> list[str]:
        """What falls short of what was promised, in words."""
        f1 = max(each.success.known.f1 for each in self.figures[:2])
        return [f"goal success F1 {f1:.3f} < {GOAL_F1_MIN}"] if f1 < GOAL_F1_MIN else []

    def show(self, console: Console) -> None:
        """Tables for a person."""
        console.print(self.machine, markup=False, highlight=False)
        console.print(f"{self.dialogues} dialogues, {self.heard} turns with a vector of their sound", highlight=False)
        console.print(_goals(self.figures))
        console.print("\nWhat failed turns were meant as: those after which it worked", markup=False)
        console.print(_projections([*self._named(0)]))
        console.print("\nAll failed turns by which something was wanted that a home can do", markup=False)
        console.print(_projections([*self._named(1)]))
        for name, each in self._curves():
            console.print(f"\n{name}: the more must be sure, the fewer labels and the better", markup=False)
            console.print(_curve(each))
        cost = self.cost
        console.print(
            f"\nA dialogue {cost.known_ms_median:.2f} ms (p95 {cost.known_ms_p95:.2f}); with sentences that were never "
            f"read {cost.new_ms_median:.1f} ms (p95 {cost.new_ms_p95:.1f}). "
            f"{cost.year_turns} turns {cost.year_s:.1f} s",
            markup=False,
            highlight=False,
        )
        for missed in self.misses():
            console.print(f"falls short: {missed}", markup=False)

    def _named(self, which: int) -> list[tuple[str, Projection]]:
        found = [(each.name, each.repaired if which == 0 else each.failed) for each in self.figures]
        named = [(name, each) for name, each in found if each is not None]
        return named + ([("the same without context", self.single[which])] if self.single else [])

    def _curves(self) -> list[tuple[str, Projection]]:
        names = {"model", "the same without context"}
        return [(f"{name}, all failed turns", each) for name, each in self._named(1) if name in names]


def _goals(figures: Sequence[LabelFigures]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for heading in ("goes on: F1", "P", "R", "goal success: F1", "P", "R", "unknown", "of", "R of all"):
        table.add_column(heading, justify="right")
    for each in figures:
        on, success = each.goes_on, each.success
        shares = [*(f"{share:.3f}" for share in (on.f1, on.precision, on.recall))]
        shares += [f"{share:.3f}" for share in (success.known.f1, success.known.precision, success.known.recall)]
        shares += [str(success.unknown), str(success.of), f"{success.recall_of_all:.2f}"]
        table.add_row(each.name, *shares)
    return table


def _projections(some: Sequence[tuple[str, Projection]]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("")
    for heading in ("of", "offered", "intent", "all slots", "slot values", "devices and values"):
        table.add_column(heading, justify="right")
    for name, each in some:
        told = each.to_dict()
        shares = [f"{told[key]:.3f}" for key in ("intent", "slots", "slot_values", "action")]
        table.add_row(name, str(told["of"]), str(told["offered"]), *shares)
    return table


def _curve(projection: Projection) -> Table:
    """A line a threshold: how many labels are left, and how many of them are right."""
    table = Table(box=None, pad_edge=False)
    for heading in ("at least", "labels", "right"):
        table.add_column(heading, justify="right")
    table.add_column("█ right, ░ wrong, of all failed turns")
    for threshold, coverage, right in projection.curve():
        good, whole = round(BAR_CELLS * coverage * right), round(BAR_CELLS * coverage)
        bar = "█" * good + "░" * (whole - good)
        table.add_row(f"{threshold:.2f}", f"{coverage:.2f}", f"{right:.3f}" if coverage else "-", bar)
    return table
