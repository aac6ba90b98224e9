"""World: writes a home file. `edge bench exploring`: what trying the second teaches, and what it costs people."""

import random
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from edge.api import Assistant, Home
from edge.bench.exploring_person import Person, Wish, home_file
from edge.bench.figures import machine
from edge.clock import SimulatedClock
from edge.feedback.reading import read_signals
from edge.labels.functions import Functions
from edge.records import Act, Ask
from edge.settings import FeedbackSettings, LearningSettings, Settings
from edge.signals import Signal
from edge.turn import Turn

BUDGETS: Final = (0, 1, 3, 5)
"""Settings of `learning.explore_per_day` that are held against each other."""

SURE: Final = 0.9
"""Of an outcome: from here on, or from 1 - SURE down, it is known."""

_BEGINNING: Final = datetime(2026, 9, 1, 7, tzinfo=UTC)
_LEFT_ON: Final = timedelta(minutes=10)


@dataclass(frozen=True)
class ExploringPlan:
    """What is measured."""

    days: int = 60
    seeds: tuple[int, ...] = (1, 2)
    """One household each."""
    budgets: tuple[int, ...] = BUDGETS


@dataclass(frozen=True)
class Lived:
    """One wish and what came of it."""

    wish: Wish
    turn: Turn
    asked: bool
    is_right: bool
    """Whether just what was meant was moved."""
    corrected: bool

    @property
    def was_tried(self) -> bool:
        """Whether chance took the second."""
        explored = self.turn.decision.explored if isinstance(self.turn.decision, Act) else None
        return explored is not None and explored.is_second

    @property
    def was_a_tie(self) -> bool:
        """Whether chance had a say."""
        return isinstance(self.turn.decision, Act) and self.turn.decision.explored is not None


@dataclass(frozen=True)
class Figures:
    """Of one setting, over all households; all but `days` and the last three are counts a day."""

    explore_per_day: int
    days: int
    ties: float
    tried: float
    labels_gained: float
    """Tries whose outcome is known: without exploring nobody would have heard of them."""
    wrong: float
    """Wishes in which something else was moved."""
    corrections: float
    questions: float
    labels: float
    """Wishes about namesakes, done without a question, whose outcome is known."""
    labels_right: float
    """Share of those labels that are true."""
    gained_right: float
    """Share of the gained ones that are true; 1 where there are none."""
    tries_right: float
    """Share of tries in which the second was what was meant; 0 where there are none."""


@dataclass(frozen=True)
class ExploringReport:
    """All figures."""

    machine: str
    plan: ExploringPlan
    figures: tuple[Figures, ...]

    def to_dict(self) -> dict[str, Any]:
        """Ready for `json.dumps`."""
        return asdict(self)

    def show(self, console: Console) -> None:
        """The table."""
        plan = self.plan
        seeds = ", ".join(map(str, plan.seeds))
        console.print(f"{plan.days} days, 12 wishes a day, 6 of them for one of two namesakes; seeds {seeds}")
        table = Table(box=None, pad_edge=False)
        for heading in ("explore_per_day", "ties", "tried", "labels gained", "true", "2nd meant", "wrong", "corrected"):
            table.add_column(heading, justify="right")
        for heading in ("questions", "all labels", "true"):
            table.add_column(heading, justify="right")
        for each in self.figures:
            gained = f"{each.gained_right:.0%}" if each.labels_gained else "-"
            meant = f"{each.tries_right:.0%}" if each.tried else "-"
            counts = (each.ties, each.tried, each.labels_gained), (each.wrong, each.corrections, each.questions)
            first, last = ([f"{count:.2f}" for count in some] for some in counts)
            labels = f"{each.labels:.2f}", f"{each.labels_right:.1%}"
            table.add_row(str(each.explore_per_day), *first, gained, meant, *last, *labels)
        console.print(table)
        console.print(f"a day, each; {self.machine}", style="dim")


def measure_exploring(plan: ExploringPlan, console: Console) -> ExploringReport:
    """Live through the same days of the same people under every setting."""
    figures = []
    for budget in plan.budgets:
        households = []
        for seed in plan.seeds:
            console.print(f"explore_per_day = {budget}, seed {seed} ...", style="dim")
            households.append(_household(budget, seed, plan.days))
        figures.append(_figures(budget, plan.days, households))
    return ExploringReport(machine(), plan, tuple(figures))


@dataclass(frozen=True)
class Household:
    """What one household lived through, and what can be known of it afterwards."""

    lived: tuple[Lived, ...]
    served: Mapping[str, float]
    """By turn_id, the probability that the turn served what was wanted, by all signals."""


def _household(budget: int, seed: int, days: int) -> Household:
    random.seed(seed)  # what the assistant leaves to chance
    person = Person(seed, days // 2)
    settings = Settings(
        learning=LearningSettings(explore_per_day=budget), feedback=FeedbackSettings(questions_per_day=0)
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "home.toml"
        file.write_text(home_file(), encoding="utf-8")
        clock = SimulatedClock(_BEGINNING)
        with Assistant.open(settings, home=Home.simulated(file), store=":memory:", clock=clock) as assistant:
            lived = [_lived(assistant, person, wish, day) for day in range(days) for wish in person.wishes(day)]
            store = assistant.runtime.store
            store.flush()
            turns = tuple(store.turns_since(_BEGINNING))
            signals = read_signals(turns, store.changes_since(_BEGINNING), clock.now())
    return Household(tuple(lived), _served(turns, signals))


def _served(turns: Sequence[Turn], signals: Sequence[Signal]) -> dict[str, float]:
    told: dict[str, list[Signal]] = {}
    for signal in signals:
        told.setdefault(signal.turn_id, []).append(signal)
    functions = Functions()
    return {turn.turn_id: functions.served(turn, told.get(turn.turn_id, ())) for turn in turns}


def _lived(assistant: Assistant, person: Person, wish: Wish, day: int) -> Lived:
    """One wish, the reaction to what came of it, and in the end the hand that puts everything out."""
    at = _BEGINNING.replace(hour=wish.hour) + timedelta(days=day, minutes=5)
    assistant.advance(at - assistant.runtime.clock.now())
    turn = assistant.hear_text(wish.said, speaker="anna")
    asked, is_right = isinstance(turn.decision, Ask), _moved(turn) == {wish.target}
    reaction = person.reaction(asked=asked, is_right=is_right)
    assistant.advance(timedelta(seconds=person.gap_s()))
    if reaction == "answers":
        assistant.hear_text(f"the {wish.room}", speaker="anna")
    elif reaction == "corrects":
        assistant.hear_text("no, the other one", speaker="anna")
    elif reaction == "thanks":
        assistant.hear_text("thank you", speaker="anna")
    assistant.advance(_LEFT_ON)
    for device, state in assistant.home.states().items():
        if state["state"] == "on":
            assistant.home.use_switch(device, state="off", by="hand")
    return Lived(wish, turn, asked, is_right, reaction == "corrects")


def _moved(turn: Turn) -> set[str]:
    return {target for done in turn.done_steps if done.outcome for target in done.outcome.moved}


def _figures(budget: int, days: int, households: Sequence[Household]) -> Figures:
    lived = [(each, household.served[each.turn.turn_id]) for household in households for each in household.lived]
    lived = [(each, served) for each, served in lived if each.wish.room]
    known = [(each, served) for each, served in lived if not each.asked and not 1 - SURE < served < SURE]
    gained = [(each, served) for each, served in known if each.was_tried]
    tried = [each for each, _ in lived if each.was_tried]
    total = days * len(households)
    return Figures(
        explore_per_day=budget,
        days=total,
        ties=sum(each.was_a_tie for each, _ in lived) / total,
        tried=len(tried) / total,
        labels_gained=len(gained) / total,
        wrong=sum(not each.asked and not each.is_right for each, _ in lived) / total,
        corrections=sum(each.corrected for each, _ in lived) / total,
        questions=sum(each.asked for each, _ in lived) / total,
        labels=len(known) / total,
        labels_right=_share_true(known),
        gained_right=_share_true(gained),
        tries_right=sum(each.is_right for each in tried) / len(tried) if tried else 0.0,
    )


def _share_true(known: Sequence[tuple[Lived, float]]) -> float:
    return sum(each.is_right == (served >= SURE) for each, served in known) / len(known) if known else 1.0
