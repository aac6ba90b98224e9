"""World: what the devices did, in the database. Written in batches, so that a chatty home wears out no card.

What is moved is written soon, a row for each change. What only tells (sensors, and measurements of others) is thinned:
a change within a sensor's noise is left out; and it is written seldom, packed.
"""

import json
import logging
import math
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, get_args

from edge.clock import Clock
from edge.errors import StageFailed
from edge.knowledge import Cause, Change, DeviceState
from edge.store import sensed
from edge.store.file import StoreFile
from edge.store.noise import Noise
from edge.store.rows import HistoryRow

log = logging.getLogger(__name__)

FLUSH_AFTER_S: Final = 30.0
FLUSH_AT_ROWS: Final = 200
SENSED_AFTER_S: Final = 300.0
"""A power cut takes what sensors told in the last five minutes; what was moved is safe after half a minute."""
SENSED_AT_ROWS: Final = 5_000
BUFFER_ROWS_MAX: Final = 10_000
"""Kept in memory while the disk is full; older ones are given up first."""
ROWS_MAX: Final = 500_000
"""Kept in the database, some 60 MB, however chatty the home is."""

_SINCE: Final = "SELECT * FROM device_history WHERE sequence > ? AND at >= ? ORDER BY sequence LIMIT ?"
_NEVER_SEEN: Final = DeviceState("unknown")

SENSORS: Final = ("sensor.", "binary_sensor.")


class _Buffer:
    """Changes that wait to be written."""

    def __init__(self, flush_after_s: float, flush_at_rows: int) -> None:
        self.flush_after_s = flush_after_s
        self.flush_at_rows = flush_at_rows
        self.rows: deque[HistoryRow] = deque(maxlen=BUFFER_ROWS_MAX)
        self.is_due = False


class History:
    """Changes of devices. A repeat of what a device said last is no change."""

    def __init__(self, file: StoreFile, clock: Clock, days: int, rows_max: int = ROWS_MAX) -> None:
        self._file = file
        self._clock = clock
        self._days = days
        self._rows_max = rows_max
        self._lock = threading.Lock()  # the buffers; never held while the disk is waited for
        self._writing = threading.Lock()
        self._moved = _Buffer(FLUSH_AFTER_S, FLUSH_AT_ROWS)
        self._sensed = _Buffer(SENSED_AFTER_S, SENSED_AT_ROWS)
        self._kept: dict[str, tuple[datetime, DeviceState]] = {}
        """By device_id, when it was last heard, and what was last kept of it."""
        self._noise = Noise()

    def add(self, device_id: str, state: DeviceState) -> None:
        """Take a note of what a device just said; see `FLUSH_AFTER_S` for when it is on the disk. Waits for nothing."""
        now = self._clock.now()
        with self._lock:
            at, old = self._kept.get(device_id, (None, None))
            if old is not None and (old.value, old.attributes) == (state.value, state.attributes):
                return
            by_itself = old is not None and state.is_set_like(old)
            is_sensed = by_itself or device_id.startswith(SENSORS)
            if is_sensed and not self._is_worth_keeping(device_id, old, state, now):
                return
            since = state.since
            at = since if since is not None and (at is None or since > at) else now
            self._kept[device_id] = (at, state)
            buffer = self._sensed if is_sensed else self._moved
            row = HistoryRow(device_id, at.astimezone(UTC).isoformat(), state.value, state.attributes, state.cause)
            delay_s = self._buffered(buffer, row)
        if delay_s is not None:
            self._clock.call_later(delay_s, partial(self._flush_in_time, buffer))

    def _is_worth_keeping(self, device_id: str, old: DeviceState | None, new: DeviceState, now: datetime) -> bool:
        """Of what only tells: a number must have left its noise, anything else is kept."""
        attributes = dict(new.attributes) if old is None else _changed(old, new)
        number = _number(new.value) if not attributes else None
        if old is not None and new.value == old.value and len(attributes) == 1:
            number = _number(next(iter(attributes.values())))
        return number is None or self._noise.is_worth_keeping(device_id, number, now)

    def _buffered(self, buffer: _Buffer, row: HistoryRow) -> float | None:
        """Put it into the buffer; returns in how many seconds that is to be written, None where that is due anyway."""
        buffer.rows.append(row)
        is_first, is_full = not buffer.is_due, len(buffer.rows) == buffer.flush_at_rows
        buffer.is_due = True
        return 0.0 if is_full else buffer.flush_after_s if is_first else None

    def flush(self) -> None:
        """Write what is buffered. Raises StageFailed; then it stays buffered."""
        for buffer in (self._moved, self._sensed):
            self._flush(buffer)

    def _flush(self, buffer: _Buffer) -> None:
        with self._writing:
            with self._lock:
                rows = list(buffer.rows)
                buffer.rows.clear()
            if not rows:
                return
            try:
                self._write_sensed(rows) if buffer is self._sensed else self._write_moved(rows)
            except StageFailed:
                with self._lock:
                    buffer.rows = deque([*rows, *buffer.rows], maxlen=BUFFER_ROWS_MAX)
                raise

    def _write_moved(self, rows: Iterable[HistoryRow]) -> None:
        with self._file.writing() as database:
            database.table("device_history").insert_all(map(_columns, rows))
            database.execute(
                "DELETE FROM device_history WHERE sequence <= (SELECT max(sequence) FROM device_history) - ?",
                [self._rows_max],
            )

    def _write_sensed(self, rows: Iterable[HistoryRow]) -> None:
        with self._file.writing() as database:
            sensed.write(database, rows, self._clock.now())

    def forget_old(self) -> int:
        """Drop what is older than it need be kept, and tell how many changes that were. Raises StageFailed."""
        oldest = (self._clock.now() - timedelta(days=self._days)).astimezone(UTC).isoformat()
        with self._file.writing() as database:
            moved = database.execute("DELETE FROM device_history WHERE at < ?", [oldest]).rowcount
            return moved + sensed.forget(database, oldest)

    def of(self, device_id: str, limit: int) -> tuple[HistoryRow, ...]:
        """The latest changes of a device, newest first, those in the buffers included. Raises StoreError."""
        with self._writing:
            with self._lock:
                buffered = [*reversed(self._moved.rows), *reversed(self._sensed.rows)]
            fresh = [row for row in buffered if row.device_id == device_id]
            sql = "SELECT * FROM device_history WHERE device_id = ? ORDER BY sequence DESC LIMIT ?"
            moved = [_row(columns) for columns in self._file.read(sql, [device_id, limit])]
            told = sensed.read(self._file, device_id, limit)
        return tuple(sorted((*fresh, *moved, *told), key=lambda row: row.at, reverse=True)[:limit])

    def since(self, first: datetime) -> Iterator[Change]:
        """What was moved since then, oldest first, without what waits in the buffers. Raises StoreError."""
        stood: dict[str, DeviceState] = {}
        oldest, sequence = first.astimezone(UTC).isoformat(), 0
        while rows := self._file.read(_SINCE, [sequence, oldest, FLUSH_AT_ROWS]):
            sequence = rows[-1]["sequence"]
            for columns in rows:
                row = _row(columns)
                after = DeviceState(row.value, row.attributes, datetime.fromisoformat(row.at), _cause(row.cause))
                before = stood.get(row.device_id, _NEVER_SEEN)
                stood[row.device_id] = after
                yield Change(row.device_id, datetime.fromisoformat(row.at), before, after, after.cause)

    def _flush_in_time(self, buffer: _Buffer) -> None:
        with self._lock:
            buffer.is_due = False
        try:
            self._flush(buffer)
        except StageFailed as failed:
            log.warning("device history waits in memory: %s", failed.reason)


def _columns(row: HistoryRow) -> dict[str, Any]:
    return {**asdict(row), "attributes": json.dumps(row.attributes, sort_keys=True, default=str)}


def _row(columns: dict[str, Any]) -> HistoryRow:
    attributes = json.loads(columns["attributes"])
    return HistoryRow(columns["device_id"], columns["at"], columns["value"], attributes, columns["cause"])


def _cause(told: str) -> Cause:
    return told if told in get_args(Cause) else "unknown"  # type: ignore[return-value]  # just looked


def _changed(old: DeviceState, new: DeviceState) -> dict[str, Any]:
    """The attributes that are not as they were."""
    names = old.attributes.keys() | new.attributes.keys()
    return {name: new.attributes.get(name) for name in names if new.attributes.get(name) != old.attributes.get(name)}


def _number(said: Any) -> float | None:
    try:
        number = float(said)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
