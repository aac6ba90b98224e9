"""What `edge bench learning` found, to be read by people and programs."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from edge.bench.learning_figures import Again, Arm, Duel

_BARS: Final = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True)
class LearningReport:
    """All figures."""

    machine: str
    households: int
    days: int
    seed: int
    arms: Mapping[str, tuple[Arm, ...]]
    """By how near new requests are to what is usual: `hard`, `easy`."""

    def to_dict(self) -> dict[str, Any]:
        """Ready for `json.dumps`: a ratio without end, or of nothing, is null."""
        return {**asdict(self), "arms": {name: [_plain(arm) for arm in arms] for name, arms in self.arms.items()}}

    def show(self, console: Console) -> None:
        """The tables."""
        console.print(
            f"{self.households} households x {self.days} days, seeds from {self.seed}; mistakes of hearing by one "
            "model of sounds, no recogniser"
        )
        for name, arms in self.arms.items():
            console.print(f"\nnew requests are {_NEARNESS[name]} ({name}); {arms[0].requests} requests")
            _defects(console, arms)
            _duels(console, arms)
            _corrected(console, arms)
        console.print(self.machine, style="dim")


_NEARNESS: Final = {"hard": "nearly what is usual", "easy": "unlike what is usual"}


def _plain(arm: Arm) -> dict[str, Any]:
    ratios = {"done_ratio": arm.done.ratio, "asked_ratio": arm.asked.ratio}
    low, high = arm.interval
    finite = {key: value if math.isfinite(value) else None for key, value in ratios.items()}
    interval = [value if math.isfinite(value) else None for value in (low, high)]
    return {**asdict(arm), **finite, "interval": interval}


def _table(*headings: str) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(headings[0])
    for heading in headings[1:]:
        table.add_column(heading, justify="right")
    return table


def _defects(console: Console, arms: tuple[Arm, ...]) -> None:
    """By ten days, with a bar each, and how the last ten compare to the same without learning."""
    windows = [f"{10 * number + 10}" for number in range(len(arms[0].windows))]
    table = _table("not right at first, %, to day", *windows, "all", "last, against none", "worst", "")
    highest = max((share for arm in arms for share in arm.windows), default=0.0) or 1.0
    for arm in arms:
        none = arms[0].windows[-1]
        change = f"{arm.windows[-1] / none - 1:+.0%}" if none else "-"
        bars = "".join(_BARS[round(share / highest * (len(_BARS) - 1))] for share in arm.windows)
        shares = [f"{100 * share:.1f}" for share in (*arm.windows, arm.defects)]
        table.add_row(arm.name, *shares, change, f"{100 * arm.worst:+.1f}", bars)
    console.print(table)


def _duels(console: Console, arms: tuple[Arm, ...]) -> None:
    """What was done and asked instead of what was heard."""
    table = _table(
        "done instead", "win", "loss", "both right", "both wrong", "win:loss", "95 %", "asked a day",
        "worked", "in vain", "same", "harm", "guarded", "new, fine", "rewritten", "broken",
    )  # fmt: skip
    for arm in arms[1:]:
        done, asked = arm.done, arm.asked
        counts = map(str, (done.wins, done.losses, done.both_right, done.both_wrong))
        low, high = arm.interval
        interval = f"{low:.1f} to {high:.1f}" if math.isfinite(low) else "-"
        answers = str(asked.wins + asked.both_right), str(asked.losses + asked.both_wrong)
        harm = ", ".join(f"{count} {tier}" for tier, count in arm.harm.items()) or "0"
        new = map(str, (arm.same, harm, arm.guarded, arm.new, arm.new_rewritten, arm.new_broken))
        table.add_row(arm.name, *counts, _ratio(done), interval, f"{arm.questions:.2f}", *answers, *new)
    console.print(table)


def _corrected(console: Console, arms: tuple[Arm, ...]) -> None:
    """Whether what was put right fails when it is wanted next."""
    table = _table("fails again after", '"no, I meant"', "same words", "said again on 2 days", "same words")
    for arm in arms:
        some = (arm.after_explicit, arm.after_explicit_same, arm.after_implicit, arm.after_implicit_same)
        table.add_row(arm.name, *map(_share, some))
    console.print(table)


def _ratio(duel: Duel) -> str:
    if math.isfinite(duel.ratio):
        return f"{duel.ratio:.1f}"
    return f"no loss (<= {duel.losses_at_most:.0%})" if duel.wins else "-"


def _share(again: Again) -> str:
    return f"{again.fails} of {again.of}" if again.of else "-"
