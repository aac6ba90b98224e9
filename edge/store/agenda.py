"""World: timers, alarms, reminders, commands for later, and lists, in the database."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any, Final

from edge.entries import Entry, Kept
from edge.errors import StageFailed, StoreError
from edge.store.file import StoreFile

log = logging.getLogger(__name__)

_PUT: Final = """
INSERT OR REPLACE INTO agenda
(entry_id, kind, due_at, name, length_s, left_s, days, hour, zone, room, speaker, rang_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_KINDS: Final = frozenset({"timer", "alarm", "reminder", "command"})


class AgendaTable:
    """What is kept in mind for people; what was written here outlives a power cut."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def entries(self) -> tuple[Kept, ...]:
        """All that is kept. A row that nobody can read is left out and logged. Raises StoreError."""
        kept = []
        for row in self._file.read("SELECT * FROM agenda ORDER BY due_at"):
            try:
                kept.append(_kept(row))
            except (ValueError, TypeError) as error:
                log.warning("an entry of the agenda cannot be read: %s", type(error).__name__)
        return tuple(kept)

    def write(self, put: Iterable[Kept], remove: Iterable[str]) -> None:
        """Keep these as they are now, and no longer those, all or nothing. Raises StageFailed."""
        with self._file.writing() as database:
            for entry_id in remove:
                database.execute("DELETE FROM agenda WHERE entry_id = ?", [entry_id])
            for kept in put:
                database.execute(_PUT, _row(kept))

    def lists(self) -> Mapping[str, int]:
        """How much stands on each list. Raises StageFailed."""
        rows = self._read("SELECT list, count(*) AS items FROM list_items GROUP BY list")
        return {row["list"]: row["items"] for row in rows}

    def items(self, name: str) -> Mapping[str, str]:
        """What stands on a list, by folded form, in the order in which it was added. Raises StageFailed."""
        rows = self._read("SELECT folded, item FROM list_items WHERE list = ? ORDER BY sequence", [name])
        return {row["folded"]: row["item"] for row in rows}

    def write_items(self, name: str, put: Mapping[str, str], remove: Iterable[str]) -> None:
        """Put things on a list and take others off, by folded form, all or nothing. Raises StageFailed."""
        with self._file.writing() as database:
            for folded in remove:
                database.execute("DELETE FROM list_items WHERE list = ? AND folded = ?", [name, folded])
            for folded, item in put.items():
                sql = "INSERT OR IGNORE INTO list_items (list, item, folded) VALUES (?, ?, ?)"
                database.execute(sql, [name, item, folded])

    def _read(self, sql: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        try:
            return self._file.read(sql, values)
        except StoreError as error:
            raise StageFailed("store", str(error)) from error


def _row(kept: Kept) -> list[Any]:
    entry = kept.entry
    return [
        entry.entry_id,
        entry.kind,
        _text(entry.due_at),
        entry.name,
        entry.length_s,
        entry.left_s,
        ",".join(map(str, entry.days)),
        kept.hour.isoformat() if kept.hour else None,
        kept.zone,
        entry.room,
        entry.speaker,
        _text(kept.rang_at) if kept.rang_at else None,
    ]


def _kept(row: Mapping[str, Any]) -> Kept:
    if row["kind"] not in _KINDS:
        raise ValueError("no such kind")
    entry = Entry(
        entry_id=row["entry_id"],
        kind=row["kind"],
        due_at=_moment(row["due_at"]),
        name=row["name"],
        length_s=float(row["length_s"]),
        left_s=None if row["left_s"] is None else float(row["left_s"]),
        days=tuple(int(day) for day in row["days"].split(",") if day),
        room=row["room"],
        speaker=row["speaker"],
        ringing=row["rang_at"] is not None,
    )
    hour = time.fromisoformat(row["hour"]) if row["hour"] else None
    if entry.days and hour is None:
        raise ValueError("no hour")
    return Kept(entry, hour, row["zone"], _moment(row["rang_at"]) if row["rang_at"] else None)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("no time zone")
    return moment
