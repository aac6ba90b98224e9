"""World: the whole of `edge bench rephrase`: what tells a turn that is said again from a new one; mended sentences.

Simulated dialogues are of wordings that no model was trained on (`scripts/train_rephrase` learns from six tenths of
them), with carriers of their own. The real turns are SMCalFlow's, without times and outcomes; nothing is learned from
them, and one half was never looked at. Repairs within a sentence are Disfl-QA's, halved in the same way.
"""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import Progress

from edge.bench.figures import machine, percentiles
from edge.bench.rephrase_cases import Case, Vectors, cases_of, real_cases, with_meaning
from edge.bench.rephrase_data import real_pairs, repairs, wordings
from edge.bench.rephrase_dialogues import Dialogue, People, dialogues
from edge.bench.rephrase_figures import Detection, detection
from edge.bench.rephrase_judges import ByEvidence, BySpan, Joined, Judge, spans_of
from edge.bench.rephrase_repairs import measure_repairs
from edge.bench.rephrase_report import ModelResult, Placebo, RephraseReport
from edge.bench.rephrase_span import SpanModel
from edge.feedback.rephrase_evidence import has_failed
from edge.feedback.rephrase_model import WITH_VECTORS, Logistic, Trees, read_model
from edge.feedback.rephrasing import LIKELY
from edge.nlu.encoder import Encoder
from edge.paths import shipped
from edge.phonetics import phones

DIALOGUES: Final = 8_000
MODELS: Final = (
    ("ratio", "letters alone"),
    ("logistic", "regression"),
    ("logistic_meaning", "regression, vectors"),
    ("outcomes", "regression, outcomes"),
    ("outcomes_meaning", "regression, outcomes, vectors"),
    ("trees", "trees, outcomes"),
    ("trees_meaning", "trees, outcomes, vectors"),
)
TIMED: Final = 300


@dataclass(frozen=True)
class RephrasePlan:
    """What is measured, with what."""

    data: Path
    count: int = DIALOGUES
    """How many dialogues are simulated."""
    seed: int = 1
    spans: tuple[Path, ...] = ()
    """Folders of transformers that do not ship, measured beside the others."""


@dataclass(frozen=True)
class _Entry:
    """One row of the table."""

    name: str
    label: str
    judge: Judge
    size_bytes: int


@dataclass(frozen=True)
class _Cases:
    known: list[Case]
    """Simulated, with what the assistant knows of its outcomes."""
    bare: list[Case]
    """Simulated, with words and times alone."""
    real: list[Case]
    """Of the half that nobody looked at."""
    all_real: list[Case]


def measure_rephrase(plan: RephrasePlan, console: Console) -> RephraseReport:
    """Raises ConfigError for missing data, ModelError for missing models."""
    encoder = Encoder(shipped("models") / "nlu")
    entries = _entries(plan, encoder)
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("rephrases", total=len(entries) + 3)
        people = People(wordings(plan.data), "test")
        lived = list(dialogues(people, plan.count, plan.seed))
        progress.advance(task)
        cases = _cases(plan, lived, encoder)
        progress.advance(task)
        results = list[ModelResult]()
        for entry in entries:
            results.append(_result(entry, cases))
            progress.advance(task)
        named = [each for each in entries if each.name == WITH_VECTORS or isinstance(each.judge, BySpan)]
        return RephraseReport(
            machine(), plan.count, tuple(results), tuple(spans_of(each.label, each.judge, lived) for each in named),
            _placebo(named[0].judge, cases.known, plan.seed), measure_repairs(repairs(plan.data)),
        )  # fmt: skip


def _entries(plan: RephrasePlan, vectors: Vectors) -> list[_Entry]:
    """The models that come with Edge, then those of folders, each alone and joined with the trees."""
    entries = [
        _Entry(name, label, ByEvidence(_model(name), vectors), _file(name).stat().st_size) for name, label in MODELS
    ]
    for folder in plan.spans:
        model = SpanModel(folder)
        alone, both = BySpan(model), Joined(ByEvidence(_model("trees"), vectors), BySpan(model))
        size = model.size_bytes + _file("trees").stat().st_size
        entries.append(_Entry(folder.name, model.label, alone, model.size_bytes))
        entries.append(_Entry(f"trees and {folder.name}", f"trees, in doubt with {model.label}", both, size))
    return entries


def _cases(plan: RephrasePlan, lived: Sequence[Dialogue], encoder: Vectors) -> _Cases:
    simulated = with_meaning(list(cases_of(lived)), encoder)
    pairs = real_pairs(plan.data)
    every = with_meaning(list(real_cases(pairs)), encoder)
    unseen = [case for case, pair in zip(every, pairs, strict=True) if not pair.may_be_looked_at]
    known = [case for case in simulated if case.evidence["outcome_known"]]
    return _Cases(known, [case for case in simulated if not case.evidence["outcome_known"]], unseen, every)


def _result(entry: _Entry, cases: _Cases) -> ModelResult:
    judge = entry.judge
    return ModelResult(
        entry.name,
        entry.label,
        known=_detected(judge, cases.known),
        bare=_detected(judge, cases.bare),
        real=_detected(judge, cases.real),
        all_real=_detected(judge, cases.all_real),
        size_bytes=entry.size_bytes,
        ms=percentiles(_times_ms(judge, cases.known[:TIMED]), 50, 95),
        is_live=entry.name == WITH_VECTORS,
    )


def _detected(judge: Judge, cases: Sequence[Case]) -> Detection:
    return detection([judge.p(case) for case in cases], [case.again for case in cases])


def _times_ms(judge: Judge, cases: Sequence[Case]) -> list[float]:
    """Of one answer each, sentences not heard before."""
    phones.cache_clear()
    times = []
    for case in cases:
        began = time.perf_counter()
        judge.p_from_nothing(case)
        times.append((time.perf_counter() - began) * 1e3)
    return times


def _placebo(live: Judge, cases: Sequence[Case], seed: int) -> tuple[Placebo, ...]:
    """Every first turn with a follow-up of another dialogue, when that came: none of them says it again.

    Told apart by whether the first turn failed, since that alone makes a correction likely, whoever speaks next.
    """
    others = list(cases)
    random.Random(seed).shuffle(others)
    found = []
    for case, other in zip(cases, others, strict=True):
        began = case.first.started_at + (other.later.started_at - other.first.started_at)
        found.append(live.p_from_nothing(replace(case, later=replace(other.later, started_at=began), between=())))
    return tuple(
        _placebo_of(label, [(p, case.again) for p, case in zip(found, cases, strict=True) if is_of(case.first)])
        for label, is_of in (("failed", has_failed), ("went well", lambda turn: not has_failed(turn)))
    )


def _placebo_of(label: str, some: Sequence[tuple[float, bool]]) -> Placebo:
    ps, truth = [p for p, _ in some], [again for _, again in some]
    likely = sum(p >= LIKELY for p in ps) / max(1, len(ps))
    return Placebo(label, len(ps), likely, detection(ps, truth).average_precision, sum(truth) / max(1, len(truth)))


def _file(name: str) -> Path:
    return shipped("models") / "rephrase" / f"{name}.json"


def _model(name: str) -> Logistic | Trees:
    return read_model(_file(name))
