"""What `edge bench hearing` found: what was understood how often, how sure that is, what each step cost. Pure."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from edge.bench.figures import percentiles

_Z: Final = 1.959964
"""Of 95 %."""


@dataclass(frozen=True)
class Trial:
    """What became of one spoken sentence."""

    step: str
    part: str
    voice: str
    snr: float | None
    noise: str
    room: str
    said: str
    meant: str
    heard: str
    alternatives: tuple[str, ...]
    did: tuple[str, ...]
    """Every message that left."""
    is_right: bool
    """The one right message left, and no other; of talk, none."""
    is_intent_right: bool
    """The skill's intent was right, whatever its slots; elsewhere the same as `is_right`."""
    is_asked: bool
    """It asked back."""
    asr_ms: float
    understanding_ms: float
    was_closed: bool
    """Whether the words of the home alone were read."""
    was_read_freely: bool
    """Whether all words were read besides."""
    compared: int
    """Wordings that were held against the sound after recognition."""

    @property
    def is_wrong_action(self) -> bool:
        """Something was done that nobody asked for."""
        return bool(self.did) and not self.is_right

    @property
    def is_in_room(self) -> bool:
        """Whether a room echoed it."""
        return bool(self.room)

    @property
    def is_rejected(self) -> bool:
        """Nothing was done, and nothing asked."""
        return not self.did and not self.is_asked


@dataclass(frozen=True)
class Share:
    """So many of so many, and between which bounds the true share lies (95 %, Wilson's interval).

    It takes every trial for a new one; the same sentence in several voices is not quite that, so that the bounds over
    all voices are a little too narrow.
    """

    count: int
    of: int

    @property
    def bounds(self) -> tuple[float, float]:
        """From 0 to 1; of nothing, nothing is known."""
        if not self.of:
            return 0.0, 1.0
        share, weight = self.count / self.of, _Z**2 / self.of
        middle = (share + weight / 2) / (1 + weight)
        reach = _Z * math.sqrt(share * (1 - share) / self.of + weight / (4 * self.of)) / (1 + weight)
        return max(0.0, middle - reach), min(1.0, middle + reach)

    def __str__(self) -> str:
        if not self.of:
            return "-"
        low, high = self.bounds
        return f"{100 * self.count / self.of:.1f} ({100 * low:.0f}-{100 * high:.0f})"

    def to_dict(self) -> dict[str, Any]:
        low, high = self.bounds
        return {"count": self.count, "of": self.of, "low": round(low, 4), "high": round(high, 4)}


_JUDGED: Final[Mapping[str, Callable[[Trial], bool]]] = {
    "right": lambda trial: trial.is_right,
    "intent": lambda trial: trial.is_intent_right,
    "asked": lambda trial: trial.is_asked,
    "rejected": lambda trial: trial.is_rejected,
    "wrong_action": lambda trial: trial.is_wrong_action,
}
_STEPS_TAKEN: Final[Mapping[str, Callable[[Trial], bool]]] = {
    "closed": lambda trial: trial.was_closed,
    "read_freely": lambda trial: trial.was_read_freely,
    "compared": lambda trial: trial.compared > 0,
}
_SKILL_PARTS: Final = frozenset({"skill", "paraphrase"})
_Key = tuple[str, ...]


@dataclass(frozen=True)
class HearingReport:
    """Figures of one run, with the machine that they came from."""

    machine: str
    seed: int
    missing: Mapping[str, str]
    """Voices that could not speak, and why."""
    trials: tuple[Trial, ...]

    def shares(self, *by: str) -> dict[_Key, dict[str, Share]]:
        """How often it was right, asked, rejected and wrong, by step, part and these fields of a trial."""
        groups = _grouped(self.trials, ("step", "part", *by))
        return {key: {name: _share(some, test) for name, test in _JUDGED.items()} for key, some in groups.items()}

    def costs(self) -> dict[_Key, dict[str, Any]]:
        """Milliseconds, and how often each further step was taken, by step and part."""
        return {
            key: {
                "asr_ms": _spread([trial.asr_ms for trial in some]),
                "understanding_ms": _spread([trial.understanding_ms for trial in some]),
                **{name: _share(some, test) for name, test in _STEPS_TAKEN.items()},
            }
            for key, some in _grouped(self.trials, ("step", "part")).items()
        }

    def failures(self) -> tuple[dict[str, Any], ...]:
        """Every trial that was not right."""
        return tuple(asdict(trial) for trial in self.trials if not trial.is_right)

    def to_dict(self) -> dict[str, Any]:
        fields = (("snr",), ("voice",), ("voice", "snr"), ("noise",), ("room",))
        return {
            "machine": self.machine,
            "seed": self.seed,
            "missing": dict(self.missing),
            "costs": [{**_named(key), **_plain(costs)} for key, costs in self.costs().items()],
            **{
                "by_" + "_and_".join(by): [
                    {**_named(key, *by), **_plain(each)} for key, each in self.shares(*by).items()
                ]
                for by in fields
            },
        }

    def show(self, console: Console) -> None:
        """As tables for people: per cent, with the bounds of the true share behind."""
        console.print(self.machine, markup=False, highlight=False, soft_wrap=True)
        for part in dict.fromkeys(trial.part for trial in self.trials):
            console.print(self._accuracy(part))
            if part != "talk":
                console.print(self._by_voice(part))
        console.print(self._cost_table())

    def _accuracy(self, part: str) -> Table:
        names = [name for name in _JUDGED if name != "intent" or part in _SKILL_PARTS]
        places = {key: shares["right"] for key, shares in self._of(part, "snr", "is_in_room")}
        columns = (*(name.replace("_", " ") for name in names), "right, close by", "right, in a room")
        table = _table(f"{part}: per cent (95 %)", "step", "snr", "of", *columns)
        for (step, _, snr), shares in self._of(part, "snr"):
            by_place = (str(places.get((step, part, snr, where), "-")) for where in ("False", "True"))
            table.add_row(step, snr, str(shares["right"].of), *(str(shares[name]) for name in names), *by_place)
        return table

    def _by_voice(self, part: str) -> Table:
        found = {
            (step, voice, snr): shares["right"] for (step, _, voice, snr), shares in self._of(part, "voice", "snr")
        }
        snrs = list(dict.fromkeys(snr for _, _, snr in found))
        table = _table(f"{part}: right, by voice", "step", "voice", *snrs)
        for step, voice in dict.fromkeys((step, voice) for step, voice, _ in found):
            table.add_row(step, voice, *(str(found[step, voice, snr]) for snr in snrs))
        return table

    def _of(self, part: str, *by: str) -> list[tuple[_Key, dict[str, Share]]]:
        return [(key, shares) for key, shares in self.shares(*by).items() if key[1] == part]

    def _cost_table(self) -> Table:
        columns = (
            "step",
            "part",
            "asr p50 ms",
            "p95",
            "understanding p50 ms",
            "p95",
            "closed",
            "read freely",
            "compared",
        )
        table = _table("what it cost", *columns)
        for (step, part), costs in self.costs().items():
            times = [f"{costs[name][at]:.0f}" for name in ("asr_ms", "understanding_ms") for at in ("p50", "p95")]
            table.add_row(step, part, *times, *(str(costs[name]) for name in _STEPS_TAKEN))
        return table


def _share(trials: Sequence[Trial], test: Callable[[Trial], bool]) -> Share:
    return Share(sum(map(test, trials)), len(trials))


def _spread(values: Sequence[float]) -> dict[str, float]:
    p50, p95 = percentiles(values, 50, 95)
    return {"p50": round(p50, 1), "p95": round(p95, 1)}


def _grouped(trials: Iterable[Trial], by: Sequence[str]) -> dict[_Key, list[Trial]]:
    groups: dict[_Key, list[Trial]] = {}
    for trial in trials:
        groups.setdefault(tuple(_word(name, getattr(trial, name)) for name in by), []).append(trial)
    return groups


def _word(name: str, value: Any) -> str:
    if name == "snr":
        return "clean" if value is None else f"{value:g} dB"
    return str(value) or "none"


def _named(key: _Key, *by: str) -> dict[str, str]:
    return dict(zip(("step", "part", *by), key, strict=True))


def _plain(figures: Mapping[str, Any]) -> dict[str, Any]:
    return {name: each.to_dict() if isinstance(each, Share) else each for name, each in figures.items()}


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number < 2 else "right")
    return table
