"""World: reads the expectation file: what is right for each home command of HWU64 and SLURP in the demo home.

The file was written once, from the data's labels and the demo home, before its author had seen what the assistant does
with these sentences, and is frozen: a test holds its sha256. It names sentences by number and checksum and holds none
of them. The assistant stands in the living room at seven in the evening; `home` says what is on: nothing (`dark`),
every lamp (`lit`, at 60 percent), or the television (`playing`, volume 30). Each line lists all that is equally right:

    act           these devices, and no others save those of `may`, get this command with these values
    confirm       the same is asked about first, and nothing moves
    ask           it is asked which of `choices` is meant, and nothing moves
    refuse        nothing moves and nothing is asked; `missing` is the word for what this home has not
    any_harmless  nothing moves: the sentence makes no command

A value is itself, or `any`, `{below = 60}`, `{above = 30}`, `{from = 80, to = 100}`, `{one_of = [...]}`.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final, Literal

from edge.bench.talk_data import Sentence
from edge.commands import OWN, READING
from edge.records import Act, Ask, Confirm, Reject, Step
from edge.turn import Turn

FILE: Final = "expected_home_commands.jsonl"

Does = Literal["act", "confirm", "ask", "refuse", "any_harmless"]
Done = Mapping[str, tuple[str, Mapping[str, Any]]]
"""By device_id, command and values."""


@dataclass(frozen=True)
class Outcome:
    """One thing that is right to do."""

    does: Does
    command: str = ""
    targets: frozenset[str] = frozenset()
    may: frozenset[str] = frozenset()
    """Devices that may get the same command, or may not."""
    values: Mapping[str, Any] | None = None
    choices: frozenset[str] = frozenset()
    missing: str = ""

    def is_met_by(self, turn: Turn) -> bool:
        """Whether that is what the turn did."""
        decision, moved = turn.decision, moving(turn)
        match self.does:
            case "act":
                asked = isinstance(decision, Act) and decision.then is not None
                return bool(moved) and not asked and self._is_done(moved)
            case "confirm":
                return isinstance(decision, Confirm) and self._is_done(_by_device(decision.steps))
            case "ask":
                return isinstance(decision, Ask) and set(decision.ambiguous.choices) <= self.choices
            case "refuse":
                return isinstance(decision, Reject)
            case "any_harmless":
                return not moved

    def _is_done(self, done: Done) -> bool:
        return (
            self.targets <= done.keys() <= self.targets | self.may
            and all(command == self.command for command, _ in done.values())
            and all(_fits(self.values or {}, done[target][1]) for target in self.targets)
        )


@dataclass(frozen=True)
class Expected:
    """What is right for one sentence."""

    home: Literal["dark", "lit", "playing"]
    right: tuple[Outcome, ...]

    @property
    def kind(self) -> Literal["act", "refuse", "either"]:
        """Whether only acting is right, or only moving nothing, or both."""
        acts = {outcome.does == "act" for outcome in self.right}
        return "either" if len(acts) > 1 else "act" if acts == {True} else "refuse"

    @property
    def missing(self) -> str:
        """The word for what is not here, where nothing but a refusal is right."""
        return self.right[0].missing if len(self.right) == 1 else ""

    def is_met_by(self, turn: Turn) -> bool:
        """Whether the turn did one of the right things."""
        return turn.failure is None and any(outcome.is_met_by(turn) for outcome in self.right)


@dataclass(frozen=True)
class Expectations:
    """The expectation file."""

    by_sentence: Mapping[tuple[str, str, int], Expected]

    @classmethod
    def load(cls) -> "Expectations":
        """The shipped file."""
        lines = resources.files(__package__).joinpath(FILE).read_text(encoding="utf-8").splitlines()
        rows = map(json.loads, lines)
        return cls({_key(row): Expected(row["home"], tuple(map(_outcome, row["right"]))) for row in rows})

    def of(self, sentence: Sentence) -> Expected | None:
        """What is right for a sentence; None for one that is no home command of these data."""
        return self.by_sentence.get((sentence.dataset, sentence.row_id, sentence.crc))


def moving(turn: Turn) -> Done:
    """What left for the home, by device."""
    return _by_device(done.step for done in turn.done_steps if done.outcome and done.outcome.sent)


def is_asking(turn: Turn) -> bool:
    """Whether it asked something of the person."""
    decision = turn.decision
    return isinstance(decision, Ask | Confirm) or (isinstance(decision, Act) and decision.then is not None)


def _by_device(steps: Iterable[Step]) -> Done:
    return {
        target: (step.action.command, step.action.values_for(target))
        for step in steps
        if step.action.command not in READING | OWN
        for target in step.action.targets
    }


def _fits(wanted: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    return wanted.keys() == given.keys() and all(_is(wanted[key], given[key]) for key in wanted)


def _is(wanted: Any, given: Any) -> bool:
    if wanted == "any":
        return True
    if not isinstance(wanted, Mapping):
        return bool(wanted == given) or str(wanted).casefold() == str(given).casefold()
    if "one_of" in wanted:
        return bool(given in wanted["one_of"])
    if not isinstance(given, int | float):
        return False
    return bool(
        wanted.get("from", float("-inf")) <= given <= wanted.get("to", float("inf"))
        and wanted.get("above", float("-inf")) < given < wanted.get("below", float("inf"))
    )


def _key(row: Mapping[str, Any]) -> tuple[str, str, int]:
    return row["dataset"], row["id"], row["crc"]


def _outcome(row: Mapping[str, Any]) -> Outcome:
    sets = {key: frozenset(row.get(key, ())) for key in ("targets", "may", "choices")}
    missing = row.get("missing", "")
    return Outcome(row["does"], row.get("command", ""), values=row.get("values"), missing=missing, **sets)
