"""The clockwork: looks at the clock, and lets ring, be told or be done what is due. Pure but for its clock."""

import logging
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Protocol

from edge.agenda.agenda import Agenda, again
from edge.clock import Clock
from edge.entries import Entry, Kept, Kind
from edge.errors import EdgeError
from edge.turn import Turn

log = logging.getLogger(__name__)

LOOK_S: Final = 30.0
"""So often the clock is looked at while anything is set: it may have been put forward."""

EARLY_S: Final = 0.01
"""A machine's timer may end a little before the clock shows the time; then it looks again so soon."""

MISSED_AFTER: Final = timedelta(minutes=10)
"""What was due longer ago when we start is told as missed; what is younger rings."""

RINGS_FOR: Final[Mapping[Kind, timedelta]] = {
    "alarm": timedelta(minutes=10),
    "timer": timedelta(minutes=2),
    "reminder": timedelta(minutes=5),  # silently; then it is told once more
    "command": timedelta(),
}

HEARD_AFTER: Final = timedelta(seconds=5)
"""Who says something sooner was perhaps speaking already, and has not heard the reminder."""

A_WEEK: Final = timedelta(days=8)
"""What comes again is never further off, a change of clocks included."""


class Telling(Protocol):
    """What the clockwork asks of the conversation: turns that begin by themselves."""

    def tell(self, entries: Sequence[Entry], *, missed: bool) -> None: ...

    def say_again(self, entry: Entry) -> None: ...


@dataclass(frozen=True)
class _Found:
    """What one look at the clock has found."""

    missed: tuple[Entry, ...] = ()
    commands: tuple[Entry, ...] = ()
    rings: tuple[Entry, ...] = ()
    told_again: tuple[Entry, ...] = ()


class Clockwork:
    """Looks at the clock when something is due and twice a minute, from `start` to `stop`."""

    def __init__(self, agenda: Agenda, clock: Clock, telling: Telling) -> None:
        self._agenda = agenda
        self._clock = clock
        self._telling = telling
        self._lock = threading.RLock()
        self._runs = False
        self._alarm = 0
        agenda.on_change(self._arm)

    def start(self) -> None:
        """Tell what was missed while nobody looked, and look from now on. Does nothing when it runs already."""
        with self._lock:
            if self._runs:
                return
            self._runs = True
            rang = [kept for kept in self._agenda.kept if kept.rang_at]
            self._agenda.note([_silent(kept) for kept in rang])
        self._look(first=True)

    def stop(self) -> None:
        """Look no more; what is set stays set."""
        with self._lock:
            self._runs = False

    def heard(self, turn: Turn) -> None:
        """Somebody said something: a reminder that was told has reached them."""
        if turn.utterance.source == "agenda" or not (turn.transcript and turn.transcript.text):
            return
        with self._lock:
            told = [kept for kept in self._agenda.kept if kept.entry.kind == "reminder" and kept.rang_at]
            over = [kept for kept in told if kept.rang_at and kept.rang_at + HEARD_AFTER <= turn.started_at]
            if over:
                self._agenda.settle(over, self._clock.now())

    def _look(self, *, first: bool = False) -> None:
        with self._lock:
            if not self._runs:
                return
            now = self._clock.now()
            self._agenda.catch_up()
            self._mend(now)
            told_again = self._end_ringing(now)
            found = replace(self._find_due(now, first), told_again=told_again)
            self._arm()
        self._deliver(found)

    def _mend(self, now: datetime) -> None:
        """After the clock was put back nothing rings longer for it, and what comes again comes when it should."""
        kept = self._agenda.kept
        ahead = [replace(each, rang_at=now) for each in kept if each.rang_at and each.rang_at > now]
        far = [again(each, now) for each in kept if each.entry.days and each.entry.due_at - now > A_WEEK]
        if ahead or far:
            self._agenda.note([*far, *ahead])

    def _end_ringing(self, now: datetime) -> tuple[Entry, ...]:
        """End what rang long enough; gives the reminders that nobody answered."""
        over = [kept for kept in self._agenda.kept if kept.rang_at and now >= kept.rang_at + RINGS_FOR[kept.entry.kind]]
        if over:
            self._agenda.settle(over, now)
        return tuple(replace(kept.entry, ringing=False) for kept in over if kept.entry.kind == "reminder")

    def _find_due(self, now: datetime, first: bool) -> _Found:
        due = [kept for kept in self._agenda.kept if _waits(kept) and kept.entry.due_at <= now]
        missed = [kept for kept in due if first and now - kept.entry.due_at >= MISSED_AFTER]
        in_time = [kept for kept in due if kept not in missed]
        commands = [kept for kept in in_time if kept.entry.kind == "command"]
        rings = [
            replace(kept, entry=replace(kept.entry, ringing=True), rang_at=now)
            for kept in in_time
            if kept.entry.kind != "command"
        ]
        if due:
            self._agenda.settle([*missed, *commands], now)
            self._agenda.note(rings)
        return _Found(*(tuple(kept.entry for kept in some) for some in (missed, commands, rings)))

    def _arm(self) -> None:
        """Look again when the next thing is due, or soon in any case; nothing set, nothing to look for."""
        with self._lock:
            self._alarm += 1
            mine = self._alarm
            moments = list(_moments(self._agenda.kept))
            if not self._runs or not (moments or not self._agenda.is_written):
                return
            delay_s = LOOK_S
            if moments:
                delay_s = min(LOOK_S, max((min(moments) - self._clock.now()).total_seconds(), EARLY_S))
        self._clock.call_later(delay_s, lambda: self._look() if mine == self._alarm else None)

    def _deliver(self, found: _Found) -> None:
        """Begin the turns. One that breaks does not take the others with it."""
        deeds = [partial(self._telling.say_again, entry) for entry in found.commands]
        if rings := found.told_again + found.rings:
            deeds.insert(0, partial(self._telling.tell, rings, missed=False))
        if found.missed:
            deeds.insert(0, partial(self._telling.tell, found.missed, missed=True))
        for deed in deeds:
            try:
                deed()
            except EdgeError:
                log.exception("something that was due could not be told")


def _waits(kept: Kept) -> bool:
    return kept.rang_at is None and kept.entry.left_s is None


def _silent(kept: Kept) -> Kept:
    return replace(kept, entry=replace(kept.entry, ringing=False), rang_at=None)


def _moments(entries: Sequence[Kept]) -> Iterator[datetime]:
    """When something is due next, or has rung long enough."""
    for kept in entries:
        if kept.rang_at:
            yield kept.rang_at + RINGS_FOR[kept.entry.kind]
        elif kept.entry.left_s is None:
            yield kept.entry.due_at
