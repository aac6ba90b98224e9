"""World: keeps what was lived in files, starts processes. `edge bench learning`: whether being corrected helps.

What it is not yet: nothing is spoken. Mistakes of hearing come from one model of how words sound, shared by all
households; sentences are patterns of ours, and the home is the demo home.
"""

import json
import logging
import random
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import product
from multiprocessing import get_context
from pathlib import Path
from typing import Final, Literal

from pydantic import TypeAdapter, ValidationError
from rich.console import Console

from edge.api import Assistant, Home
from edge.bench.figures import machine
from edge.bench.learning_figures import Arm, Households, reckon
from edge.bench.learning_household import Household
from edge.bench.learning_living import BEGINNING, CORRECTS, Life, Lived, Reader
from edge.bench.learning_readers import ExactPairs, StaticMatcher
from edge.bench.learning_report import LearningReport
from edge.clock import SimulatedClock
from edge.settings import LearningSettings, Settings

Distractors = Literal["hard", "easy"]

HARD: Final[Mapping[Distractors, float]] = {"hard": 0.8, "easy": 0.0}
"""The share of new requests that are nearly what is usual."""

_LIVED: Final = TypeAdapter(tuple[Lived, ...])


@dataclass(frozen=True)
class Way:
    """One arm: how it learns, and what people do."""

    rewrites: bool = False
    reader: Callable[[], Reader] | None = None
    corrects: float = CORRECTS


WAYS: Final[Mapping[str, Way]] = {
    "none": Way(),
    "static matcher": Way(reader=StaticMatcher),
    "exact pairs": Way(reader=ExactPairs),
    "rules": Way(rewrites=True),
    "rules, uncorrected": Way(rewrites=True, corrects=0.0),
}
"""The first is what all are held against; the last is a placebo: nobody ever puts anything right in words."""


@dataclass(frozen=True)
class LearningPlan:
    """What is measured."""

    households: int = 6
    days: int = 20
    seed: int = 1
    """Of the first household; the others have the next ones."""
    distractors: tuple[Distractors, ...] = ("hard", "easy")
    ways: tuple[str, ...] = tuple(WAYS)
    shards: Path | None = None
    """Folder that keeps what each household lived through: a run that was stopped goes on there. One version of the
    assistant, one folder."""
    jobs: int = 2
    """Households that live at the same time, each in a process; 1: in this one."""


@dataclass(frozen=True)
class Shard:
    """One household under one arm."""

    days: int
    distractors: Distractors
    way: str
    seed: int

    @property
    def name(self) -> str:
        """Of its file."""
        return f"{self.distractors}_{self.days}_{self.way.replace(', ', '_').replace(' ', '_')}_{self.seed}.json"


def measure_learning(plan: LearningPlan, console: Console) -> LearningReport:
    """Live through the same days under every arm."""
    ways = tuple(dict.fromkeys(("none", *plan.ways)))
    seeds = range(plan.seed, plan.seed + plan.households)
    shards = [Shard(plan.days, *each) for each in product(plan.distractors, ways, seeds)]
    lived: dict[Shard, tuple[Lived, ...]] = {}
    for shard, some in _all(shards, plan):
        lived[shard] = some
        console.print(f"{len(lived)} of {len(shards)}: {shard.distractors}, {shard.way}, {shard.seed}", style="dim")

    def households(distractors: Distractors, way: str) -> Households:
        return [lived[Shard(plan.days, distractors, way, seed)] for seed in seeds]

    arms: dict[str, tuple[Arm, ...]] = {
        near: tuple(reckon(way, households(near, way), households(near, "none")) for way in ways)
        for near in plan.distractors
    }
    return LearningReport(machine(), plan.households, plan.days, plan.seed, arms)


def _all(shards: list[Shard], plan: LearningPlan) -> Iterator[tuple[Shard, tuple[Lived, ...]]]:
    """Each with what was lived: from its file, or now."""
    todo = []
    for shard in shards:
        kept = _kept(plan.shards / shard.name) if plan.shards else ()
        if kept:
            yield shard, kept
        else:
            todo.append(shard)
    if plan.jobs == 1:
        pairs = ((shard, live(shard)) for shard in todo)
        yield from (_keep(shard, some, plan.shards) for shard, some in pairs)
        return
    with ProcessPoolExecutor(plan.jobs, mp_context=get_context("spawn")) as pool:
        yield from (_keep(shard, some, plan.shards) for shard, some in zip(todo, pool.map(live, todo), strict=True))


def live(shard: Shard) -> tuple[Lived, ...]:
    """What one household lives through under one arm; the same every time."""
    random.seed(shard.seed)  # what the assistant leaves to chance
    household = Household(shard.seed, shard.days, HARD[shard.distractors])
    way = WAYS[shard.way]
    settings = Settings(learning=LearningSettings(rewrites=way.rewrites))
    clock = SimulatedClock(BEGINNING)
    lived: list[Lived] = []
    with (
        _quiet(),
        Assistant.open(settings, home=Home.demo(), store=":memory:", clock=clock, room="living room") as assistant,
    ):
        life = Life(assistant, household, way.reader() if way.reader else None, way.corrects)
        for day in range(shard.days):
            lived += life.day(day)
            life.night(day)
    return tuple(lived)


@contextmanager
def _quiet() -> Iterator[None]:
    """Thousands of requests would all be told of."""
    logger = logging.getLogger("edge")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def _kept(file: Path) -> tuple[Lived, ...]:
    """What a file holds; nothing where there is none, or it is damaged."""
    try:
        return _LIVED.validate_json(file.read_bytes())
    except (OSError, ValidationError):
        return ()


def _keep(shard: Shard, some: tuple[Lived, ...], folder: Path | None) -> tuple[Shard, tuple[Lived, ...]]:
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        making = folder / f"{shard.name}.part"
        making.write_text(json.dumps([asdict(each) for each in some]), encoding="utf-8")
        making.rename(folder / shard.name)
    return shard, some
