"""Words: what the assistant keeps in mind for people: timers, alarms, reminders, and commands for later."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Literal

Kind = Literal["timer", "alarm", "reminder", "command"]


@dataclass(frozen=True)
class Entry:
    """One thing that will ring, be told, or be done."""

    entry_id: str
    kind: Kind
    due_at: datetime
    """When next, with its time zone; of a paused timer when it would have been."""
    name: str = ""
    """What people call a timer or alarm ("pasta"), what to be reminded of, or the words of a command."""
    length_s: float = 0.0
    """Of a timer: how long it was set for, with what was added since."""
    left_s: float | None = None
    """Of a paused timer: what is left."""
    days: tuple[int, ...] = ()
    """Weekdays on which it comes again, Monday is 0; empty for once. What comes again goes by the clock on the wall."""
    room: str | None = None
    """The area_id of the room in which it was asked for, and where it rings."""
    speaker: str = "unknown"
    ringing: bool = False
    """Whether it has come and nobody has stopped it yet."""


@dataclass(frozen=True)
class Kept:
    """An entry with what its next times are reckoned from, as it is kept."""

    entry: Entry
    hour: time | None = None
    """Of what comes again, what the clock on the wall shows then."""
    zone: str = ""
    """Of what comes again, the time zone of that clock, for `edge.wall.zone_called`."""
    rang_at: datetime | None = None
    """When it began to ring; None while it does not."""


def soonest_first(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The order in which they come; what rings has come already."""
    return tuple(sorted(entries, key=lambda each: (not each.ringing, each.due_at, each.entry_id)))
