"""What `edge bench nlu` found, as figures, tables, and a list of what went wrong. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeVar

from rich.console import Console
from rich.table import Table

from edge.bench.figures import percentiles
from edge.bench.hearing_report import Share
from edge.bench.nlu_accuracy import Classed, calibration
from edge.bench.nlu_cost import Cost
from edge.bench.nlu_peers import Peer
from edge.bench.nlu_turns import THRESHOLDS, AtThresholds, Heard
from edge.bench.sampling import Sampled
from edge.bench.talk_data import Sentence
from edge.records import Interpretation

T = TypeVar("T")

_DEVELOPMENT: Final = 0
"""The fold and the half whose sentences may be shown."""

Misread = tuple[Sampled, Sequence[Interpretation]]


@dataclass(frozen=True)
class TemplateResult:
    """What came back of sentences that were drawn from templates."""

    best: int
    """So many had their intent and slots in the best reading."""
    second: tuple[Misread, ...]
    """In a lesser reading only: in this home they mean something else just as well."""
    lost: tuple[Misread, ...]
    left_out: Mapping[str, str]
    """Templates that were not drawn from, and why."""

    @property
    def count(self) -> int:
        """How many were drawn."""
        return self.best + len(self.second) + len(self.lost)

    def to_dict(self) -> dict[str, Any]:
        why = Counter(self.left_out.values())
        return {
            "best_reading": Share(self.best, self.count).to_dict(),
            "any_reading": Share(self.best + len(self.second), self.count).to_dict(),
            "left_out": dict(why),
        }


@dataclass(frozen=True)
class NluReport:
    """Figures of one run, with the machine that they came from."""

    machine: str
    seed: int
    folds: tuple[int, ...]
    left_out: Mapping[str, str]
    classed: tuple[Classed, ...]
    home: tuple[AtThresholds, ...]
    talk: tuple[AtThresholds, ...]
    templates: TemplateResult
    peers: tuple[Peer, ...]
    cost: Cost

    @cached_property
    def home_heard(self) -> tuple[Heard, ...]:
        """Home commands at the shipped threshold."""
        return tuple(each.shipped for each in self.home)

    @cached_property
    def talk_heard(self) -> tuple[Heard, ...]:
        """Talk at the shipped threshold."""
        return tuple(each.shipped for each in self.talk)

    @cached_property
    def unseen_talk(self) -> tuple[AtThresholds, ...]:
        """Without what its model was trained on."""
        return tuple(each for each in self.talk if not _is_trained_on(each.shipped.sentence))

    def intents(self) -> dict[str, dict[str, Share]]:
        """64 intents and our own classes; all sentences, and those of iot."""
        scenes = {"all": self.classed, "iot": [each for each in self.classed if each.sentence.scenario == "iot"]}
        found = {
            "64 intents": {name: _share(some, lambda each: each.is_intent_right) for name, some in scenes.items()},
            "our classes": {name: _share(some, lambda each: each.is_class_right) for name, some in scenes.items()},
        }
        for peer in self.peers:
            if not peer.left_out:
                pairs = list(zip(self.classed, peer.is_right, strict=True))
                iot = [pair for pair in pairs if pair[0].sentence.scenario == "iot"]
                found[f"64 intents by {peer.name}"] = {
                    name: _share(some, lambda pair: pair[1]) for name, some in (("all", pairs), ("iot", iot))
                }
        return found

    def commands(self) -> dict[str, Share]:
        """Home commands that were done right, by what is right."""
        found = {"all": _share(self.home_heard, lambda each: each.is_right)}
        for kind, some in _grouped(self.home_heard, lambda each: each.expected.kind if each.expected else "").items():
            found[_KINDS[kind]] = _share(some, lambda each: each.is_right)
        for dataset, some in _grouped(self.home_heard, lambda each: each.sentence.dataset).items():
            found[dataset] = _share(some, lambda each: each.is_right)
        for scenario, some in _grouped(self.home_heard, lambda each: each.sentence.scenario).items():
            found[scenario] = _share(some, lambda each: each.is_right)
        missing = [each for each in self.home_heard if each.expected and each.expected.missing]
        found["what is missing is named"] = _share(missing, lambda each: each.is_named)
        return found

    def rejection(self) -> dict[str, dict[str, Any]]:
        """Of talk, how much published anything or asked, by where it is from."""
        parts = {"never trained on": [each.shipped for each in self.unseen_talk], **_grouped(self.talk_heard, _part)}
        return {
            name: {
                "published": _share(some, lambda each: each.moved),
                "asked": _share(some, lambda each: each.asked == "ask"),
                "confirmation": _share(some, lambda each: each.asked == "confirm"),
                "published_by": dict(Counter(each.source for each in some if each.moved)),
                "asked_by": dict(Counter(each.source for each in some if each.asked)),
            }
            for name, some in parts.items()
        }

    def thresholds(self) -> dict[float, dict[str, Share]]:
        """By the model's threshold: talk that publishes, commands that act, commands that are right."""
        acting = [each for each in self.home if each.shipped.expected and each.shipped.expected.kind == "act"]
        return {
            threshold: {
                "published": _share(self.unseen_talk, lambda each: each.by_threshold[threshold].moved),  # noqa: B023
                "acted": _share(acting, lambda each: each.by_threshold[threshold].moved),  # noqa: B023
                "right": _share(self.home, lambda each: each.by_threshold[threshold].is_right),  # noqa: B023
            }
            for threshold in THRESHOLDS
        }

    def costs(self) -> dict[str, Any]:
        """Milliseconds, megabytes and seconds."""
        cost = self.cost
        return {
            "understanding_ms": _spread((*cost.by_template_ms, *cost.by_model_ms)),
            "by_template_ms": _spread(cost.by_template_ms),
            "by_model_ms": _spread(cost.by_model_ms),
            "first_sentence_ms": round(cost.first_sentence_ms, 2),
            "resolution_1000_devices_ms": _spread(cost.resolution_ms),
            "resolution_first_ms": round(cost.resolution_first_ms, 2),
            "templates_mb": round(cost.templates_mb, 1),
            "model_mb": round(cost.model_mb, 1),
            "retrain_s": round(cost.retrain_s, 2),
        }

    def failures(self) -> tuple[dict[str, Any], ...]:
        """What went wrong in the development fold and half, and in templates: the rest stays unseen."""
        home = [each for each in self.home_heard if not each.is_right and each.sentence.fold == _DEVELOPMENT]
        talk = [each for each in self.talk_heard if (each.moved or each.asked) and _is_shown(each)]
        misread = [("another reading is better", each) for each in self.templates.second]
        misread += [("lost", each) for each in self.templates.lost]
        return (
            *({"part": "home", **_told(each)} for each in home),
            *({"part": "talk", **_told(each)} for each in talk),
            *({"part": "templates", "how": how, **_misread(*each)} for how, each in misread),
        )

    def to_dict(self) -> dict[str, Any]:
        calibrated = calibration(self.classed)
        return {
            "machine": self.machine,
            "seed": self.seed,
            "folds": list(self.folds),
            "left_out": dict(self.left_out),
            "accuracy": _plain(self.intents()),
            "calibration": {
                "error": round(calibrated.error, 4),
                "bins": [[round(sure, 4), round(right, 4), size] for sure, right, size in calibrated.bins],
            },
            "home_commands": _plain(self.commands()),
            "talk": _plain(self.rejection()),
            "thresholds": [{"threshold": at, **_plain(shares)} for at, shares in self.thresholds().items()],
            "templates": self.templates.to_dict(),
            "costs": self.costs(),
        }

    def show(self, console: Console) -> None:
        """As tables for people: per cent, with the bounds of the true share behind."""
        console.print(self.machine, markup=False, highlight=False, soft_wrap=True)
        for name, reason in self.left_out.items():
            console.print(f"Left out: {name}: {reason}.", markup=False, highlight=False)
        if self.folds:
            intents = _table("right class, per cent (95 %), cross-validated", "", "all", "iot")
            for name, shares in self.intents().items():
                intents.add_row(name, *map(str, shares.values()))
            console.print(intents)
            console.print(f"expected calibration error of our classes: {calibration(self.classed).error:.4f}")
            commands = _table("home commands done right, per cent (95 %)", "", "right", "of")
            for name, share in self.commands().items():
                commands.add_row(name, str(share), str(share.of))
            console.print(commands)
        self._show_rejection(console)
        found = self.templates
        console.print(
            f"templates: of {found.count} sentences {found.best} came back as the best reading, "
            f"{len(found.second)} as another one, {len(found.lost)} not"
        )
        for name, value in self.costs().items():
            console.print(f"{name}: {value}", markup=False, highlight=False)

    def _show_rejection(self, console: Console) -> None:
        table = _table(
            "talk, count and per cent (95 %)", "", "published", "asked", "asked for a yes", "of", "published by"
        )
        for name, part in self.rejection().items():
            by = ", ".join(f"{source} {count}" for source, count in part["published_by"].items())
            shares = [_rare(part[key]) for key in ("published", "asked", "confirmation")]
            table.add_row(name, *shares, str(part["published"].of), by)
        console.print(table)
        table = _table("by threshold of the model", "", "talk published", "commands acted on", "commands right")
        for threshold, found in self.thresholds().items():
            table.add_row(f"{threshold:g}", _rare(found["published"]), str(found["acted"]), str(found["right"]))
        console.print(table)


_KINDS: Final = {
    "act": "something must move",
    "refuse": "nothing may move",
    "either": "both would be right",
    "": "unknown",
}


def _part(heard: Heard) -> str:
    if heard.sentence.dataset != "clinc":
        return "HWU64"
    return "CLINC150 half 0 (trained on)" if _is_trained_on(heard.sentence) else "CLINC150 half 1"


def _is_trained_on(sentence: Sentence) -> bool:
    return sentence.dataset == "clinc" and sentence.half == 0


def _is_shown(heard: Heard) -> bool:
    sentence = heard.sentence
    return (sentence.half if sentence.dataset == "clinc" else sentence.fold) == _DEVELOPMENT


def _told(heard: Heard) -> dict[str, Any]:
    sentence = heard.sentence
    right = [] if heard.expected is None else [_outcome(vars(each)) for each in heard.expected.right]
    told = {"dataset": sentence.dataset, "id": sentence.row_id, "label": sentence.intent, "said": sentence.text}
    return {**told, "home": heard.expected.home if heard.expected else "dark", "right": right, "did": heard.did}


def _outcome(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {key: sorted(value) if isinstance(value, frozenset) else value for key, value in fields.items() if value}


def _misread(sampled: Sampled, readings: Sequence[Interpretation]) -> dict[str, Any]:
    got = [f"{each.intent} {dict(each.slots)}" for each in readings]
    drawn = f"{sampled.intent} {dict(sampled.slots)}"
    return {"said": sampled.text, "template": sampled.template, "right": drawn, "did": got}


def _share(some: Iterable[T], test: Callable[[T], bool]) -> Share:
    found = [test(each) for each in some]
    return Share(sum(found), len(found))


def _rare(share: Share) -> str:
    """`7, 0.08 (0.04-0.17)`."""
    low, high = share.bounds
    return f"{share.count}, {100 * share.count / max(1, share.of):.2f} ({100 * low:.2f}-{100 * high:.2f})"


def _grouped(some: Iterable[Heard], key: Callable[[Heard], str]) -> dict[str, list[Heard]]:
    groups: dict[str, list[Heard]] = {}
    for each in some:
        groups.setdefault(key(each), []).append(each)
    return dict(sorted(groups.items()))


def _spread(values: Sequence[float]) -> dict[str, float]:
    p50, p95 = percentiles(values, 50, 95)
    return {"p50": round(p50, 2), "p95": round(p95, 2), "of": len(values)}


def _plain(figures: Any) -> Any:
    if isinstance(figures, Share):
        return figures.to_dict()
    return {name: _plain(each) for name, each in figures.items()} if isinstance(figures, dict) else figures


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    return table
