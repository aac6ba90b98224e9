"""The words for what comes by itself: timers that are over, alarms, reminders, and what was missed meanwhile."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from edge.entries import Entry
from edge.speech.hours import hour, moment
from edge.speech.phrases import capital, count, echoed, listed

TOLD_MAX: Final = 5
"""More than this is not told one by one."""


def word_ringing(entries: Sequence[Entry], missed: bool, now: datetime) -> str:
    """What is said when entries have come, or, `missed`, had come while nobody could tell it."""
    if missed:
        told = [_missed(entry, now) for entry in entries[:TOLD_MAX]]
        more = [f"{count(len(entries) - TOLD_MAX)} more things came"] if len(entries) > TOLD_MAX else []
        return f"While I was off, {listed([*told, *more])}." if told else ""
    return " ".join(_comes(entry, now) for entry in entries)


def _comes(entry: Entry, now: datetime) -> str:
    name = echoed(entry.name) if entry.name else ""
    match entry.kind:
        case "timer":
            return f"{capital(f'your {name} timer' if name else 'your timer')} is done."
        case "alarm":
            of = f", your {name} alarm" if name else ""
            return f"It is {hour(now.astimezone(entry.due_at.tzinfo))}{of}."
        case "reminder":
            return f"A reminder: {name}." if name else "You wanted to be reminded now."
    return f"You wanted me to {name or 'do something'} now."


def _missed(entry: Entry, now: datetime) -> str:
    name, then = echoed(entry.name) if entry.name else "", moment(entry.due_at, now)
    match entry.kind:
        case "timer":
            return f"your {name} timer ended {then}" if name else f"your timer ended {then}"
        case "alarm":
            return f"your {name} alarm was to ring {then}" if name else f"your alarm was to ring {then}"
        case "reminder":
            return f"I was to remind you {then}: {name or 'something'}"
    return f"I was to {name or 'do something'} {then}"
