"""World: times itself. The whole of `edge bench diagnosis`, on dialogues that nothing learned from."""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import Final

from rich.console import Console

from edge.bench.diagnosis_data import Case, cases, provenance, remembering, signals_of
from edge.bench.diagnosis_goals import goal_by, goal_figures
from edge.bench.diagnosis_report import Cost, DiagnosisReport, Judged, Score
from edge.bench.figures import machine, memory_mb, memory_peak_mb, percentiles
from edge.clock import monotonic_ms
from edge.feedback.reading import read_signals
from edge.isolation.diagnosing import Isolation
from edge.isolation.features import SIGNALS
from edge.isolation.trees import Boosted
from edge.isolation.weights import Weights
from edge.looking_back import by_turn, labelled, load_labelling
from edge.paths import shipped
from edge.signals import Diagnosis, Signal
from edge.turn import Turn

YEAR_TURNS: Final = 20_000

Diagnosing = Callable[[Case], Diagnosis]


@dataclass(frozen=True)
class DiagnosisPlan:
    """What is measured, with what."""

    lab: Path
    """The laboratory's file."""
    weights: Path | None = None
    """The folder of another model than the one that ships."""
    seed: int = 1
    """Of the placebos."""
    year_turns: int = YEAR_TURNS
    """0: cost is not measured."""


def measure_diagnosis(plan: DiagnosisPlan, console: Console) -> DiagnosisReport:
    """Measure on the test split. Raises EdgeError when the file or the model cannot be used."""
    models = shipped("models")
    folder = plan.weights or models / "isolation"
    isolation = Isolation(Weights.load(folder), remembering(), Boosted.load(folder))
    rules = Isolation()
    console.print("reading the dialogues ...", style="dim")
    everything = cases(plan.lab)
    train = [case for case in everything if case.split == "train"]
    test = [case for case in everything if case.split == "test"]
    trained_on = Counter(case.point for case in train)
    most = trained_on.most_common(1)[0][0] if trained_on else "correct"
    majority = Diagnosis("", {most: 1.0})
    scores = (
        _score("model", test, lambda case: _by_model(isolation, case)),
        _score("without the next turn", test, lambda case: isolation.in_the_moment(case.turn, case.called)),
        _score("six rules", test, lambda case: rules.diagnose(case.turn, case.signals, case.followers)),
        _score("majority", test, lambda _: majority),
    )
    placebos = (
        _score("shuffled follow-ups", _shuffled(test, plan.seed), lambda case: _by_model(isolation, case)),
        _score("random signals", _randomly_told(test, plan.seed), lambda case: _by_model(isolation, case)),
        _score("shuffled points", _relabelled(test, plan.seed), lambda case: _by_model(isolation, case)),
    )
    cost = _cost(isolation, test, plan.year_turns) if plan.year_turns else None
    goals = goal_figures(test, goal_by(load_labelling(remembering()), isolation))
    return DiagnosisReport(machine(), provenance(plan.lab), trained_on, scores, placebos, cost, goals)


def _by_model(isolation: Isolation, case: Case) -> Diagnosis:
    return isolation.diagnose(case.turn, case.signals, case.followers, case.called)


def _score(name: str, some: Sequence[Case], diagnosing: Diagnosing) -> Score:
    return Score(name, tuple(_judged(case, diagnosing(case)) for case in some))


def _judged(case: Case, found: Diagnosis) -> Judged:
    return Judged(
        case.number, case.point, found.point, found.confidence, case.faults, case.part, case.is_spoken, found.evidence
    )


def _shuffled(some: Sequence[Case], seed: int) -> list[Case]:
    """Every first turn with what followed another one: no more may come of it than of the turn alone."""
    others = list(some)
    random.Random(seed).shuffle(others)
    return [_followed_as(case, other) for case, other in zip(some, others, strict=True)]


def _followed_as(case: Case, other: Case) -> Case:
    later = case.turn.started_at - other.turn.started_at
    followers = tuple(replace(each, started_at=each.started_at + later) for each in other.followers)
    changes = tuple(replace(each, at=each.at + later) for each in other.changes)
    return replace(case, followers=followers, changes=changes, signals=signals_of(case.turn, followers, changes))


def _randomly_told(some: Sequence[Case], seed: int) -> list[Case]:
    """Every turn alone, with signals that are drawn by lot."""
    chance = random.Random(seed)
    return [replace(case, followers=(), signals=tuple(_by_lot(case.turn, chance))) for case in some]


def _by_lot(turn: Turn, chance: random.Random) -> Iterator[Signal]:
    for kind in chance.sample(SIGNALS, chance.randint(0, 3)):
        yield Signal(turn.turn_id, kind, turn.started_at + timedelta(seconds=10), chance.uniform(-3, 3))


def _relabelled(some: Sequence[Case], seed: int) -> list[Case]:
    """The truth dealt out anew: what is left is chance."""
    points = [case.point for case in some]
    random.Random(seed).shuffle(points)
    return [replace(case, point=point) for case, point in zip(some, points, strict=True)]


def _cost(isolation: Isolation, some: Sequence[Case], year_turns: int) -> Cost:
    spent = []
    for case in some:
        began = monotonic_ms()
        signals_of(case.turn, case.followers, case.changes)
        _by_model(isolation, case)
        spent.append(monotonic_ms() - began)
    stored = [json.loads(each.to_stored()) for case in some for each in (case.turn, *case.followers)]
    names, similarity, labelling = some[0].called, remembering().similarity, load_labelling(remembering())
    before_mb, began = memory_mb(), monotonic_ms()
    signals = by_turn(read_signals(_a_year(stored, year_turns), (), some[0].ended_at, similarity))
    for _ in labelled(isolation, labelling, _a_year(stored, year_turns), signals, lambda revision: names):
        pass
    year_s = (monotonic_ms() - began) / 1000
    median, p95 = percentiles(spent, 50, 95)
    return Cost(median, p95, year_turns, year_s, max(0.0, memory_peak_mb() - before_mb))


def _a_year(stored: Sequence[dict[str, object]], turns: int) -> Iterator[Turn]:
    """Turns as they come from the disk, every 20 seconds one: as many follow each other as ever can."""
    at = None
    for number, record in enumerate(islice(cycle(stored), turns)):
        turn = Turn.from_stored(json.dumps(record))
        at = turn.started_at if at is None else at + timedelta(seconds=20)
        yield replace(turn, turn_id=f"{number}-{turn.turn_id}", started_at=at)
