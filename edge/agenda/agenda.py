"""What is kept in mind right now, and its rules: what is on the disk comes first, save when something must ring."""

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from typing import Protocol

from edge.entries import Entry, Kept, soonest_first
from edge.errors import StageFailed
from edge.wall import local, next_time, zone_called

log = logging.getLogger(__name__)


class Memory(Protocol):
    """What the agenda asks of the store."""

    def entries(self) -> tuple[Kept, ...]: ...

    def write(self, put: Iterable[Kept], remove: Iterable[str]) -> None: ...


class Agenda:
    """All entries; safe to use from any thread."""

    def __init__(self, memory: Memory, zone: tzinfo = UTC) -> None:
        """`zone`: in whose offsets moments are told. Raises StoreError."""
        self._memory = memory
        self._lock = threading.RLock()
        self._kept = {kept.entry.entry_id: _localised(kept, zone) for kept in memory.entries()}
        self._entries = soonest_first(kept.entry for kept in self._kept.values())
        self._unwritten: set[str] = set()
        self._changed: Callable[[], None] = lambda: None

    def on_change(self, changed: Callable[[], None]) -> None:
        """`changed` is called after every change that a person made."""
        self._changed = changed

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What is set or rings, soonest first. Waits for nothing."""
        return self._entries

    @property
    def kept(self) -> tuple[Kept, ...]:
        """The same with what they are reckoned from."""
        with self._lock:
            return tuple(self._kept[entry.entry_id] for entry in self._entries)

    @property
    def is_written(self) -> bool:
        """Whether the disk has everything."""
        return not self._unwritten

    def chosen(self, entry_ids: Collection[str]) -> tuple[Kept, ...]:
        """Those of these ids that there are, soonest first."""
        return tuple(kept for kept in self.kept if kept.entry.entry_id in entry_ids)

    def commit(self, put: Sequence[Kept] = (), remove: Sequence[str] = ()) -> None:
        """A person's change: on the disk when this returns. Raises StageFailed; then nothing changed."""
        with self._lock:
            self._memory.write(put, remove)
            self._unwritten -= {kept.entry.entry_id for kept in put} | set(remove)
            self._take(put, remove)
        self._changed()

    def note(self, put: Sequence[Kept] = (), remove: Sequence[str] = ()) -> None:
        """What time has brought: true at once, and on the disk as soon as the disk takes it."""
        with self._lock:
            self._unwritten |= {kept.entry.entry_id for kept in put} | set(remove)
            self._take(put, remove)
            self.catch_up()

    def catch_up(self) -> None:
        """Write what the disk did not take before."""
        with self._lock:
            if not self._unwritten:
                return
            put = [self._kept[each] for each in self._unwritten if each in self._kept]
            try:
                self._memory.write(put, self._unwritten - self._kept.keys())
            except StageFailed as failed:
                log.warning("the agenda could not be written (%d wait): %s", len(self._unwritten), failed.reason)
                return
            self._unwritten.clear()

    def settle(self, entries: Iterable[Kept], now: datetime) -> None:
        """They have come and are over: what comes again has its next time, the others are gone."""
        moved, gone = settled(entries, now)
        self.note(moved, gone)

    def _take(self, put: Sequence[Kept], remove: Sequence[str]) -> None:
        for entry_id in remove:
            self._kept.pop(entry_id, None)
        self._kept |= {kept.entry.entry_id: kept for kept in put}
        self._entries = soonest_first(kept.entry for kept in self._kept.values())


def _localised(kept: Kept, zone: tzinfo) -> Kept:
    return replace(kept, entry=replace(kept.entry, due_at=local(kept.entry.due_at, zone)))


def settled(entries: Iterable[Kept], now: datetime) -> tuple[list[Kept], list[str]]:
    """Of entries that are over: those that come again, with their next time; and the ids of the others."""
    moved, gone = [], []
    for kept in entries:
        if kept.entry.days and kept.hour:
            moved.append(again(kept, max(now, kept.entry.due_at)))
        else:
            gone.append(kept.entry.entry_id)
    return moved, gone


def again(kept: Kept, after: datetime) -> Kept:
    """What comes again, with its first time after a moment."""
    assert kept.hour is not None
    zone = zone_called(kept.zone, after.tzinfo or UTC)
    due_at = local(next_time(kept.hour, kept.entry.days, zone, after), zone)
    return replace(kept, entry=replace(kept.entry, due_at=due_at, ringing=False), rang_at=None)
