"""World: reads the fault laboratory's file: dialogues of which it is known what was meant by every turn."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter, ValidationError

from edge.bench.diagnosis_data import SETTLED, called_in, names_of, remembering
from edge.errors import ConfigError
from edge.feedback.reading import read_signals
from edge.isolation.called import Called
from edge.isolation.diagnosing import Isolation
from edge.knowledge import Change
from edge.lived import intent
from edge.signals import Diagnosis, FailurePoint, Signal
from edge.turn import Turn

NOWHERE: Final = -1
"""In place of a row: what was meant stands in no turn of the dialogue."""

_SOMETHING_NEW: Final = frozenset({"next", "interruption"})
_STANDS: Final[frozenset[FailurePoint]] = frozenset({"correct", "not_confirmed", "result"})
"""Where it went wrong, if at all, after it was understood and the devices were found."""

_CHANGES: Final = TypeAdapter(tuple[Change, ...])


@dataclass(frozen=True)
class Truth:
    """What nobody but the laboratory knows of a turn; None where it knows nothing either."""

    goes_on: bool | None
    """Whether it is about what the turn before was about."""
    served: bool | None
    """Whether it did what was wanted."""
    reached: bool | None
    """Whether what it is about was reached in the end."""
    meant: int | None
    """The row of the turn that was taken for what was wanted here: this, a later one, or NOWHERE."""
    intent: str | None
    """What was wanted; empty for nothing that a home can do."""


@dataclass(frozen=True)
class Lived:
    """One dialogue with the truth of each of its turns."""

    group: str
    """What was said first: nothing may be learned from one dialogue and tested on another of the same group."""
    turns: tuple[Turn, ...]
    changes: tuple[Change, ...]
    truths: tuple[Truth, ...]
    point: FailurePoint
    """Where the first turn went wrong."""
    text: str
    """What was said in the first turn."""
    goal: Mapping[str, Any]
    """What was wanted in the first turn: `intent`, `slots`, `command`, `targets`, `values`."""
    called: tuple[Called, ...] = ()
    """Of each turn, what the things of its home were called."""
    settled: timedelta = SETTLED
    """So long after its last turn it is looked at."""

    @cached_property
    def signals(self) -> tuple[Signal, ...]:
        """All that was observed."""
        now = max(each.started_at for each in self.turns) + self.settled
        return read_signals(self.turns, self.changes, now, remembering().similarity)

    @cached_property
    def told(self) -> Mapping[str, Sequence[Signal]]:
        """The signals by turn_id."""
        found: defaultdict[str, list[Signal]] = defaultdict(list)
        for signal in self.signals:
            found[signal.turn_id].append(signal)
        return found

    def diagnosed(self, isolation: Isolation, *, moment: bool = False) -> dict[str, Diagnosis]:
        """By turn_id; `moment`: as if nobody had said anything to it."""
        each = zip(range(len(self.turns)), self.turns, self.called, strict=True)
        if moment:
            return {turn.turn_id: isolation.in_the_moment(turn, called) for _, turn, called in each}
        return {
            turn.turn_id: isolation.diagnose(turn, self.told.get(turn.turn_id, ()), self.turns[row + 1 :], called)
            for row, turn, called in each
        }

    def alone(self, row: int) -> "Lived":
        """One turn as if nothing had been before or after it."""
        kept = self.truths[row]
        itself = None if kept.meant is None else 0 if kept.meant == row else NOWHERE
        truth = replace(kept, goes_on=None, meant=itself)
        turns, called = self.turns[row : row + 1], self.called[row : row + 1]
        return replace(self, turns=turns, called=called, changes=(), truths=(truth,), settled=timedelta(0))

    def then(self, other: "Lived", gap: timedelta) -> "Lived":
        """This one, and so long after its last turn the other, about something else."""
        later = self.turns[-1].started_at + gap - other.turns[0].started_at
        turns = tuple(replace(each, started_at=each.started_at + later) for each in other.turns)
        changes = tuple(replace(each, at=each.at + later) for each in other.changes)
        before = len(self.turns)
        truths = [
            replace(each, meant=each.meant + before if each.meant is not None and each.meant >= 0 else each.meant)
            for each in other.truths
        ]
        truths[0] = replace(truths[0], goes_on=False)
        ours = [each for each in self.changes if each.at < turns[0].started_at]
        return replace(
            self,
            turns=self.turns + turns,
            called=self.called + other.called,
            changes=(*ours, *changes),
            truths=(*self.truths, *truths),
        )


def lived(file: Path, split: str) -> tuple[Lived, ...]:
    """The dialogues of one split; a last line that is still being written is left out. Raises ConfigError."""
    try:
        lines = file.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise ConfigError(f"Cannot read {file}: {error.strerror}. scripts/fault_lab writes it.") from error
    found = tuple(_all(lines[:-1], split, file))
    if not found:
        raise ConfigError(f"{file} holds no dialogue of the split {split}.")
    return found


def _all(lines: Sequence[str], split: str, file: Path) -> Iterator[Lived]:
    names = names_of(lines)
    for number, line in enumerate(lines, 1):
        try:
            told = json.loads(line)
            if "turn" in told and told["split"] == split:
                yield _lived(told, called_in(told, names))
        except (ValueError, KeyError, TypeError, ValidationError) as error:
            raise ConfigError(f"{file}, line {number}, is no dialogue of the laboratory.") from error


def _lived(told: Mapping[str, Any], called: Called) -> Lived:
    turns = tuple(
        Turn.from_stored(json.dumps(each)) for each in (told["turn"], *(each["turn"] for each in told["followers"]))
    )
    return Lived(
        group=told["truth"]["text"],
        turns=turns,
        changes=_CHANGES.validate_json(json.dumps(told["changes"])),
        truths=tuple(_truths(told, turns)),
        point=told["truth"]["point"],
        text=told["truth"]["text"],
        goal=told["truth"]["goal"],
        called=(called,) * len(turns),
    )


def _truths(told: Mapping[str, Any], turns: Sequence[Turn]) -> Iterator[Truth]:
    point, wanted = told["truth"]["point"], told["truth"]["goal"]["intent"]
    attempts = [(0, point == "correct")]
    attempts += [(row, bool(each["right"])) for row, each in enumerate(told["followers"], 1) if each["is_same_goal"]]
    reached = _reached(point, attempts, turns)
    yield Truth(None, point == "correct", reached, _meant(0, point in _STANDS, attempts), wanted)
    for row, each in enumerate(told["followers"], 1):
        right = bool(each["right"])
        if each["is_same_goal"]:
            yield Truth(True, right, reached, _meant(row, right, attempts), wanted)
        elif each["kind"] in _SOMETHING_NEW:
            yield Truth(False, right, right, row if right else None, intent(turns[row]) if right else None)
        else:  # a word about the turn before; people who woke it and talk on want nothing of it
            yield Truth(None if each["kind"] == "talk" else True, None, reached, None, None)


def _meant(row: int, stands: bool, attempts: Sequence[tuple[int, bool]]) -> int:
    if stands:
        return row
    return next((later for later, was_right in attempts if was_right and later > row), NOWHERE)


def _reached(point: FailurePoint, attempts: Sequence[tuple[int, bool]], turns: Sequence[Turn]) -> bool | None:
    """Of a question of ours that was left open, and of what nobody asked for, it is not known."""
    row, was_right = attempts[-1]
    response = turns[row].response
    asks = response is not None and response.kind in {"question", "confirmation"}
    return None if point == "false_wake" or (asks and was_right) else was_right
