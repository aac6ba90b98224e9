"""World: what the devices did, in the database. Written in batches, so that a chatty sensor wears out no card."""

import json
import logging
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any, Final

from edge.clock import Clock
from edge.errors import StageFailed
from edge.knowledge import DeviceState
from edge.store.file import StoreFile

log = logging.getLogger(__name__)

FLUSH_AFTER_S: Final = 30.0
FLUSH_AT_ROWS: Final = 200
BUFFER_ROWS_MAX: Final = 10_000
"""Kept in memory while the disk is full; older ones are given up first."""
ROWS_MAX: Final = 500_000
"""Kept in the database, some 60 MB, however chatty the home is."""


@dataclass(frozen=True)
class HistoryRow:
    """A change of one device."""

    device_id: str
    at: str
    """ISO 8601, in UTC."""
    value: str
    attributes: Mapping[str, Any]
    cause: str


class History:
    """Changes of devices. A repeat of what a device said last is no change."""

    def __init__(self, file: StoreFile, clock: Clock, days: int, rows_max: int = ROWS_MAX) -> None:
        self._file = file
        self._clock = clock
        self._days = days
        self._rows_max = rows_max
        self._lock = threading.Lock()  # the buffer; never held while the disk is waited for
        self._writing = threading.Lock()
        self._buffer: deque[dict[str, str]] = deque(maxlen=BUFFER_ROWS_MAX)
        self._last: dict[str, tuple[str, str]] = {}
        self._flush_is_due = False

    def add(self, device_id: str, state: DeviceState) -> None:
        """Take a note of what a device just said; it is on the disk within half a minute. Waits for nothing."""
        attributes = json.dumps(state.attributes, sort_keys=True, default=str)
        at = (state.since or self._clock.now()).astimezone(UTC).isoformat()
        with self._lock:
            if self._last.get(device_id) == (state.value, attributes):
                return
            self._last[device_id] = (state.value, attributes)
            row = {"device_id": device_id, "at": at, "value": state.value, "attributes": attributes}
            self._buffer.append({**row, "cause": state.cause})
            is_first, is_full = not self._flush_is_due, len(self._buffer) == FLUSH_AT_ROWS
            self._flush_is_due = True
        if is_first or is_full:
            self._clock.call_later(0.0 if is_full else FLUSH_AFTER_S, self._flush_in_time)

    def flush(self) -> None:
        """Write what is buffered. Raises StageFailed; then it stays buffered."""
        with self._writing:
            with self._lock:
                rows = list(self._buffer)
                self._buffer.clear()
            if not rows:
                return
            try:
                with self._file.writing() as database:
                    database.table("device_history").insert_all(rows)
                    database.execute(
                        "DELETE FROM device_history WHERE sequence <= (SELECT max(sequence) FROM device_history) - ?",
                        [self._rows_max],
                    )
            except StageFailed:
                with self._lock:
                    self._buffer = deque([*rows, *self._buffer], maxlen=BUFFER_ROWS_MAX)
                raise

    def forget_old(self) -> int:
        """Drop what is older than it need be kept, and tell how many rows that were. Raises StageFailed."""
        oldest = (self._clock.now() - timedelta(days=self._days)).astimezone(UTC).isoformat()
        with self._file.writing() as database:
            return database.execute("DELETE FROM device_history WHERE at < ?", [oldest]).rowcount

    def of(self, device_id: str, limit: int) -> tuple[HistoryRow, ...]:
        """The latest changes of a device, newest first, those in the buffer included."""
        with self._writing:
            with self._lock:
                fresh = [row for row in reversed(self._buffer) if row["device_id"] == device_id][:limit]
            sql = "SELECT * FROM device_history WHERE device_id = ? ORDER BY sequence DESC LIMIT ?"
            stored = self._file.read(sql, [device_id, limit - len(fresh)])
        return tuple(
            HistoryRow(row["device_id"], row["at"], row["value"], json.loads(row["attributes"]), row["cause"])
            for row in (*fresh, *stored)
        )

    def _flush_in_time(self) -> None:
        with self._lock:
            self._flush_is_due = False
        try:
            self.flush()
        except StageFailed as failed:
            log.warning("device history waits in memory: %s", failed.reason)
