"""World: reads the fault laboratory's file: dialogues of which it is known where the first turn went wrong."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import TypeAdapter, ValidationError

from edge.errors import ConfigError
from edge.feedback.reading import read_signals
from edge.home_names import vocabulary
from edge.isolation.called import NOBODY, Called
from edge.isolation.features import Seen
from edge.knowledge import Change, HomeMap, Knowledge
from edge.nlu.classifier import Classifier, Remembering
from edge.paths import shipped
from edge.signals import POINTS, FailurePoint, Signal
from edge.turn import Turn

SETTLED: Final = timedelta(minutes=10)
"""So long after its last turn all that belongs to a dialogue was observed."""

_HOME: Final = TypeAdapter(HomeMap)
_CHANGES: Final = TypeAdapter(tuple[Change, ...])


@dataclass(frozen=True)
class Case:
    """One dialogue: its first turn is judged."""

    number: int
    split: Literal["train", "test"]
    part: str
    """balanced or natural."""
    faults: tuple[str, ...]
    """What was made to go wrong."""
    is_spoken: bool
    group: str
    """What was said: nothing may be learned from one case and tested on another of the same group."""
    turn: Turn
    followers: tuple[Turn, ...]
    changes: tuple[Change, ...]
    signals: tuple[Signal, ...]
    """Of the first turn, read from all of the dialogue."""
    point: FailurePoint
    called: Called = NOBODY
    """What the things of its home are called, and were."""
    is_reached: bool | None = None
    """Whether the last attempt at what was wanted was right; None for a false wake, or a question left open."""

    @property
    def ended_at(self) -> datetime:
        """When all that belongs to it was observed."""
        return max(each.started_at for each in (self.turn, *self.followers)) + SETTLED

    @property
    def seen(self) -> Seen:
        return Seen.of(self.turn, self.signals, self.followers, self.called)


@cache
def remembering() -> Remembering:
    """The classifier that ships. Raises ModelError."""
    return Remembering(Classifier.load(shipped("models") / "nlu"))


def cases(file: Path, split: str | None = None) -> tuple[Case, ...]:
    """The dialogues of a file, or those of one split. Raises ConfigError."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ConfigError(f"Cannot read {file}: {error.strerror}. scripts/fault_lab writes it.") from error
    found = list(_cases(lines, split, file))
    if not found:
        raise ConfigError(f"{file} holds no dialogue{f' of the split {split}' if split else ''}.")
    return tuple(found)


def provenance(file: Path) -> Mapping[str, Any]:
    """Where the file comes from, as its first line tells."""
    with file.open(encoding="utf-8") as lines:
        first = json.loads(lines.readline())
    found: Mapping[str, Any] = first.get("provenance", {})
    return found


def names_of(lines: Sequence[str]) -> Mapping[tuple[str, str], Called]:
    """What is called how in the homes that the first line tells of, by their name and what became of them."""
    try:
        told = json.loads(lines[0])["provenance"]["homes"]
        homes = {(each["home"], each["variant"]): _HOME.validate_python(each["map"]) for each in told}
        words = vocabulary()
        return {
            (name, variant): Called.of(home, [homes[name, ""]], words.sayable(Knowledge(0, home)).words)
            for (name, variant), home in homes.items()
        }
    except (IndexError, ValueError, KeyError, TypeError, ValidationError):
        return {}  # an older laboratory did not tell


def called_in(told: Mapping[str, Any], names: Mapping[tuple[str, str], Called]) -> Called:
    """What is called how in the home of one dialogue; `NOBODY` where the file does not tell."""
    return names.get((told.get("home", ""), told.get("variant", "")), NOBODY)


def _cases(lines: Sequence[str], split: str | None, file: Path) -> Iterator[Case]:
    names = names_of(lines)
    for number, line in enumerate(lines, 1):
        try:
            told = json.loads(line)
            if "turn" in told and split in {None, told["split"]}:
                yield _case(told, called_in(told, names))
        except (ValueError, KeyError, TypeError, ValidationError) as error:
            raise ConfigError(f"{file}, line {number}, is no dialogue of the laboratory.") from error


def _case(told: Mapping[str, Any], called: Called) -> Case:
    point = told["truth"]["point"]
    if point not in POINTS:
        raise ValueError(point)
    turn = Turn.from_stored(json.dumps(told["turn"]))
    followers = tuple(Turn.from_stored(json.dumps(each["turn"])) for each in told["followers"])
    changes = _CHANGES.validate_json(json.dumps(told["changes"]))
    return Case(
        number=told["episode"],
        split=told["split"],
        part=told["part"],
        faults=tuple(fault["kind"] for fault in told["faults"]),
        is_spoken=bool(told["voice"]),
        group=told["truth"]["text"],
        turn=turn,
        followers=followers,
        changes=changes,
        signals=signals_of(turn, followers, changes),
        point=point,
        called=called,
        is_reached=_is_reached(point, turn, followers, told["followers"]),
    )


def _is_reached(
    point: FailurePoint, turn: Turn, followers: Sequence[Turn], told: Sequence[Mapping[str, Any]]
) -> bool | None:
    attempts = [(turn, point == "correct")]
    attempts += [(each, bool(t["right"])) for each, t in zip(followers, told, strict=True) if t["is_same_goal"]]
    last, was_right = attempts[-1]
    asks = last.response is not None and last.response.kind in {"question", "confirmation"}
    return None if point == "false_wake" or (asks and was_right) else was_right


def signals_of(turn: Turn, followers: Sequence[Turn], changes: Sequence[Change]) -> tuple[Signal, ...]:
    """What feedback reads of the first turn."""
    now = max(each.started_at for each in (turn, *followers)) + SETTLED
    return tuple(
        each
        for each in read_signals((turn, *followers), changes, now, remembering().similarity)
        if each.turn_id == turn.turn_id
    )
