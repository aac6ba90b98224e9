"""Conversations for feedback: the golden home, lived in by people who interrupt, take back and put back."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from edge.feedback.reading import read_signals
from edge.knowledge import Change, DeviceState
from edge.labels.labelling import Labelling
from edge.records import Utterance, Wake
from edge.signals import Goal, Signal
from edge.turn import Turn
from tests.conversations import GOLDEN, Talk

ECHO = timedelta(milliseconds=400)
"""So long a device takes to obey."""


def talks() -> list[dict[str, Any]]:
    """Every conversation of the golden file."""
    found = tomllib.loads((GOLDEN / "feedback.toml").read_text(encoding="utf-8"))["talk"]
    assert isinstance(found, list)
    return found


@dataclass
class Lived:
    """One conversation, lived through, and what the home did meanwhile."""

    turns: list[Turn] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    begun_at: datetime | None = None

    @classmethod
    def through(cls, written: Mapping[str, Any]) -> "Lived":
        talk = Talk.at_golden_home(written.get("room"), written.get("silent", ()))
        lived = cls()
        for entry in written["turns"]:
            before = dict(talk.actor.states)
            turn = talk.hear(_utterance(entry, talk.room), entry.get("after_s", 1))
            lived.turns.append(_stored(turn))
            lived.changes += [
                Change(device_id, turn.started_at + ECHO, before[device_id], after, "ours")
                for device_id, after in talk.actor.states.items()
                if after is not before[device_id]
            ]
        lived.begun_at = lived.turns[0].started_at
        for entry in written.get("home", ()):
            lived.changes.append(lived.change(**entry))
        return lived

    def change(self, device: str, after_s: float, becomes: str, by: Any, **values: Any) -> Change:
        """Somebody moves a device, so many seconds after the first turn."""
        assert self.begun_at is not None
        at = self.begun_at + timedelta(seconds=after_s)
        stood = [each.after for each in self.changes if each.device_id == device and each.at <= at]
        before = stood[-1] if stood else DeviceState("on")
        return Change(device, at, before, DeviceState(becomes, {**before.attributes, **values}, at, by), by)

    def signals(self) -> tuple[Signal, ...]:
        """What it tells, looked at long after."""
        return read_signals(self.turns, self.changes, self.turns[-1].started_at + timedelta(days=1))


def by_turn(signals: Iterable[Signal]) -> dict[str, list[Signal]]:
    """Signals by the turn that they speak of."""
    found: dict[str, list[Signal]] = {}
    for signal in signals:
        found.setdefault(signal.turn_id, []).append(signal)
    return found


def goals(turns: Iterable[Turn], signals: Iterable[Signal]) -> list[Goal]:
    """What the turns were about, by votes as they were set by hand."""
    found = Labelling().everything(turns, by_turn(signals), {})
    return [goal for labelled in found for goal in labelled.goals]


def _utterance(entry: Mapping[str, Any], room: str | None) -> Utterance:
    return Utterance(
        "microphone" if "wake" in entry else "text",
        entry.get("room", room),
        entry.get("speaker", "unknown"),
        Wake("alexa", 0.9) if entry.get("wake") else None,
        entry["said"],
        interrupts_after_ms=entry.get("played_ms"),
    )


def _stored(turn: Turn) -> Turn:
    """As it lies in the database: with no more states than were consulted."""
    return Turn.from_stored(replace(turn, timings_ms={}).to_stored())
