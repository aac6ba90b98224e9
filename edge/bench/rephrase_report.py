"""What `edge bench rephrase` found, as figures and tables. Pure."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from edge.bench.rephrase_figures import Detection
from edge.bench.rephrase_judges import Spans
from edge.bench.rephrase_repairs import RepairResult


@dataclass(frozen=True)
class ModelResult:
    """One model on all cases."""

    name: str
    label: str
    known: Detection
    """Simulated dialogues, with the assistant's own evidence."""
    bare: Detection
    """Simulated dialogues, words and times alone."""
    real: Detection
    """Real turns that nobody looked at; words alone."""
    all_real: Detection
    size_bytes: int
    ms: Sequence[float]
    """Median and 95th percentile of one answer."""
    is_live: bool


@dataclass(frozen=True)
class Placebo:
    """What the live model makes of follow-ups that belong to other dialogues, after one kind of first turn."""

    first_turn: str
    """How the first turn had gone."""
    count: int
    likely: float
    """Share that it calls likely."""
    average_precision: float
    """Against the truth of the places that they were put in."""
    chance: float
    """What any shuffled order has: the share of the positive."""


@dataclass(frozen=True)
class RephraseReport:
    """Figures of one run, with the machine that they came from."""

    machine: str
    dialogues: int
    models: tuple[ModelResult, ...]
    spans: tuple[Spans, ...]
    placebos: tuple[Placebo, ...]
    repairs: tuple[RepairResult, ...]

    def to_dict(self) -> dict[str, Any]:
        """All of it, for `--json`."""
        spans = [{**asdict(each), "precision": each.precision, "recall": each.recall} for each in self.spans]
        return {**asdict(self), "spans": spans}

    def show(self, console: Console) -> None:
        """Tables, then what they mean."""
        console.print(self.machine, markup=False, highlight=False)
        console.print(self._models())
        real = self.models[0].real
        console.print(
            f"AP: average precision; chance is {_share(self.models[0].known)} with outcomes, "
            f"{_share(self.models[0].bare)} with words and times, {_share(real)} on real turns.",
            markup=False,
            highlight=False,
        )
        for spans in self.spans:
            console.print(
                f"The wording that works, {spans.label}: precision {spans.precision:.2f}, recall {spans.recall:.2f} of "
                f"{spans.right + spans.wrong + spans.missed}; invented in {spans.invented} of {spans.quiet} without "
                "one.",
                markup=False,
                highlight=False,
            )
        for each in self.placebos:
            console.print(
                f"Placebo, follow-ups of other dialogues after a turn that {each.first_turn}: {each.likely:.1%} of "
                f"{each.count} called likely; AP {each.average_precision:.2f}, chance {each.chance:.2f}.",
                markup=False,
                highlight=False,
            )
        console.print(self._repairs())

    def _models(self) -> Table:
        table = Table(box=None, pad_edge=False, title="Said again?", title_justify="left")
        table.add_column("")
        for heading in (
            "AP", "recall at .90", "P at .5", "R at .5", "ECE", "AP, no outcomes", "AP, real unseen", "AP, real all",
            "ms p50", "p95", "kB",
        ):  # fmt: skip
            table.add_column(heading, justify="right")
        for each in self.models:
            known = each.known
            shares = (known.recall, known.precision_at_half, known.recall_at_half)
            table.add_row(
                f"{each.label}{' *' if each.is_live else ''}", f"{known.average_precision:.3f}",
                *(f"{share:.2f}" for share in shares), f"{known.calibration_error:.3f}",
                *(f"{some.average_precision:.3f}" for some in (each.bare, each.real, each.all_real)),
                *(f"{ms:.2f}" for ms in each.ms), f"{each.size_bytes / 1000:.0f}",
            )  # fmt: skip
        return table

    def _repairs(self) -> Table:
        table = Table(box=None, pad_edge=False, title="Repairs within a sentence", title_justify="left")
        table.add_column("")
        for heading in ("of", "changed", "exact", "precision", "recall", "F1 of words", "fluent ones harmed"):
            table.add_column(heading, justify="right")
        for each in self.repairs:
            shares = (each.changed, each.exact, each.precision, each.recall, each.f1, each.harmed)
            table.add_row(each.name, str(each.count), *(f"{share:.3f}" for share in shares))
        return table


def _share(found: Detection) -> str:
    return f"{found.positive / max(1, found.count):.2f} of {found.count}"
