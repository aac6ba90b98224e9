"""World: the whole of `edge bench rephrase`: what tells a turn that is said again from a new one; mended sentences.

Simulated dialogues are of wordings that no model was trained on (`scripts/train_rephrase` learns from six tenths of
them), with carriers of their own. The real turns are SMCalFlow's, without times and outcomes; nothing is learned from
them, and one half was never looked at. Repairs within a sentence are Disfl-QA's, halved in the same way.
"""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console
from rich.progress import Progress

from edge.bench.figures import machine, percentiles
from edge.bench.rephrase_cases import Case, Vectors, cases_of, real_cases, with_meaning
from edge.bench.rephrase_data import real_pairs, repairs, wordings
from edge.bench.rephrase_dialogues import Dialogue, People, dialogues
from edge.bench.rephrase_figures import Detection, detection
from edge.bench.rephrase_repairs import measure_repairs
from edge.bench.rephrase_report import ModelResult, Placebo, RephraseReport, Spans
from edge.feedback.rephrase_evidence import MEANING, evidence, has_failed
from edge.feedback.rephrase_model import LIVE, Logistic, Trees, read_model
from edge.feedback.rephrasing import LIKELY, Rephrase, Rephrasing
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
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("rephrases", total=len(MODELS) + 3)

        def done() -> None:
            progress.advance(task)

        people = People(wordings(plan.data), "test")
        lived = list(dialogues(people, plan.count, plan.seed))
        done()
        cases = _cases(plan, lived, encoder)
        done()
        results = tuple(_result(name, label, cases, encoder, done) for name, label in MODELS)
        live = Rephrasing(_model(LIVE))
        report = RephraseReport(
            machine(), plan.count, results, _spans(live, lived), _placebo(cases.known, plan.seed),
            measure_repairs(repairs(plan.data)),
        )  # fmt: skip
        done()
    return report


def _cases(plan: RephrasePlan, lived: Sequence[Dialogue], encoder: Vectors) -> _Cases:
    simulated = with_meaning(list(cases_of(lived)), encoder)
    pairs = real_pairs(plan.data)
    every = with_meaning(list(real_cases(pairs)), encoder)
    unseen = [case for case, pair in zip(every, pairs, strict=True) if not pair.may_be_looked_at]
    known = [case for case in simulated if case.evidence["outcome_known"]]
    return _Cases(known, [case for case in simulated if not case.evidence["outcome_known"]], unseen, every)


def _result(name: str, label: str, cases: _Cases, encoder: Vectors, done: Callable[[], None]) -> ModelResult:
    model = _model(name)
    result = ModelResult(
        name,
        label,
        known=_detected(model, cases.known),
        bare=_detected(model, cases.bare),
        real=_detected(model, cases.real),
        all_real=_detected(model, cases.all_real),
        size_bytes=_file(name).stat().st_size,
        ms=percentiles(_times_ms(model, cases.known[:TIMED], encoder), 50, 95),
        is_live=name == LIVE,
    )
    done()
    return result


def _detected(model: Logistic | Trees, cases: Sequence[Case]) -> Detection:
    return detection([model.probability(case.evidence) for case in cases], [case.again for case in cases])


def _times_ms(model: Logistic | Trees, cases: Sequence[Case], encoder: Vectors) -> list[float]:
    """Of one answer each, sentences not heard before."""

    def cosine(one: str, other: str) -> float:
        a, b = encoder.encode([one, other])
        return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))

    detector = Rephrasing(model, cosine if MEANING in model.features else None)
    phones.cache_clear()
    times = []
    for case in cases:
        began = time.perf_counter()
        detector.p(case.first, case.later, case.between)
        times.append((time.perf_counter() - began) * 1e3)
    return times


def _spans(live: Rephrasing, lived: Sequence[Dialogue]) -> Spans:
    """Whether the follower is named that works, in whole dialogues whose outcomes are known."""
    right = wrong = missed = invented = quiet = 0
    for dialogue in lived:
        if dialogue.first.decision is None and dialogue.first.failure is None:
            continue
        found = live.of(dialogue.first, dialogue.followers)
        if dialogue.works_in_time < 0:
            invented, quiet = invented + isinstance(found, Rephrase), quiet + 1
        elif isinstance(found, Rephrase):
            right, wrong = right + (found.end == dialogue.works_in_time), wrong + (found.end != dialogue.works_in_time)
        else:
            missed += 1
    return Spans(right, wrong, missed, invented, quiet)


def _placebo(cases: Sequence[Case], seed: int) -> tuple[Placebo, ...]:
    """Every first turn with a follow-up of another dialogue, when that came: none of them says it again.

    Told apart by whether the first turn failed, since that alone makes a correction likely, whoever speaks next.
    """
    others = list(cases)
    random.Random(seed).shuffle(others)
    model, found = _model(LIVE), []
    for case, other in zip(cases, others, strict=True):
        began = case.first.started_at + (other.later.started_at - other.first.started_at)
        found.append(model.probability(evidence(case.first, replace(other.later, started_at=began), ())))
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
