"""Words of the laboratory: what somebody wants, what is said for it, and what is made to go wrong. All frozen."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, Literal

from edge.bench.nlu_expected import Expected, Outcome
from edge.records import Act, Ask, Confirm, DoneStep, Message, Step
from edge.records import Outcome as Became
from edge.turn import Turn

Split = Literal["train", "test"]

FaultKind = Literal[
    "noise", "reverberation", "babble", "cut", "misheard",
    "talk", "renamed", "moved", "namesake", "dead", "preference", "version", "amount", "unsupported",
]  # fmt: skip
"""`misheard`: the transcript is replaced by one that sounds like it, where there is no sound. `talk`: it was woken by
people who talk, or by a television. `renamed`, `moved`: the person thinks of the home as it was before. `namesake`:
the same name in another room is meant. `preference`: the audiobook of a title, which the words do not tell.
`version`: another recording of it than the player takes. `amount`: more, or less, than it understands by a bit."""

TEST_ONLY: Final[frozenset[FaultKind]] = frozenset({"babble", "moved"})
"""Kinds that nothing is trained on."""

PRETENDED: Final = Became(sent=(Message("pretended", ""),))
"""As if it had been sent, where nothing may move."""


@dataclass(frozen=True)
class Fault:
    """One thing that is made to go wrong."""

    kind: FaultKind
    grade: float = 1.0
    """noise and babble: decibels from the voice down to it; cut: milliseconds that are lost; misheard: the share of the
    words that change; everything else 1."""


@dataclass(frozen=True)
class Goal:
    """What somebody wants of the home."""

    right: tuple[Outcome, ...]
    """All that is equally right."""
    plain: str
    """Words with the same content that the home as the person knows it serves; empty where nobody can serve it."""

    @property
    def is_servable(self) -> bool:
        """Whether a home could do it at all."""
        return bool(self.plain)

    @cached_property
    def key(self) -> str:
        """The same for equal goals."""
        return json.dumps([[action_of(one), sorted(one.may), one.missing] for one in self.right] + [self.plain])

    @property
    def wanted(self) -> Outcome:
        """The first of what is right."""
        return self.right[0]

    def is_met_by(self, turn: Turn) -> bool:
        """Whether the turn did it, asked about it, or offered it among what it asked."""
        expected = Expected("dark", self.right)
        return expected.is_met_by(turn) or any(expected.is_met_by(each) for each in _offered(turn))


@dataclass(frozen=True)
class Said:
    """A sentence with what is wanted by it, and the home in which that holds."""

    text: str
    goal: Goal
    origin: str
    """Where it is from: the data set and its number, or `wording`."""
    home: str
    setting: str = "dark"
    """What is on: nothing (`dark`), every lamp (`lit`), everything that can be switched (`busy`), or the
    television (`playing`)."""
    room: str = "living room"
    """Where the person stands."""
    screen: bool = False
    """Whether the assistant has one."""
    name: str = ""
    """What it calls the one device that it is about; empty where it names none."""

    @cached_property
    def key(self) -> str:
        """The same for equal sentences."""
        return f"{self.home} {self.setting} {self.room} {self.screen} {self.goal.key} {self.text}"


@dataclass(frozen=True)
class Episode:
    """One dialogue as it is planned."""

    number: int
    split: Split
    part: Literal["balanced", "natural"]
    said: Said
    faults: tuple[Fault, ...]
    voice: str
    """Empty where nobody speaks: the transcript is made from the text."""
    seed: str
    amount: Goal | None = None
    """The goal with what somebody has in mind who asks for more or less."""
    others: tuple[Said, ...] = field(default=(), repr=False)
    """Other sentences for the same goal."""
    next: tuple[Said, ...] = field(default=(), repr=False)
    """What the person may want next."""

    def has(self, kind: FaultKind) -> bool:
        """Whether this is made to go wrong."""
        return any(fault.kind == kind for fault in self.faults)


def action_of(outcome: Outcome) -> Mapping[str, Any]:
    """Command, targets and values as JSON would have them."""
    return {
        "command": outcome.command,
        "targets": sorted(outcome.targets),
        "values": dict(outcome.values or {}),
        "does": outcome.does,
    }


def a_value_each(wanted: Mapping[str, Any]) -> Mapping[str, Any]:
    """Values that fit what is wanted, where that leaves a choice."""
    return {key: _value(value) for key, value in wanted.items()}


def _value(wanted: Any) -> Any:
    if not isinstance(wanted, Mapping):
        return wanted
    if "one_of" in wanted:
        return wanted["one_of"][0]
    lowest = wanted.get("from", wanted.get("above", -1) + 1)
    return lowest or wanted.get("to", wanted.get("below", 2) - 1)


def _offered(turn: Turn) -> Iterable[Turn]:
    """For each answer that its question may get, the turn as if that had been done."""
    decision = turn.decision
    question = decision.then if isinstance(decision, Act) else decision
    if isinstance(question, Ask):
        yield from (_as_if_done(turn, (step,)) for step in question.steps)
    elif isinstance(question, Confirm):
        yield _as_if_done(turn, question.steps)


def _as_if_done(turn: Turn, steps: tuple[Step, ...]) -> Turn:
    done = tuple(DoneStep(step, PRETENDED) for step in steps)
    return replace(turn, decision=Act(steps), done_steps=done)
