"""World: what sensors told, in the database: the changes of some minutes, packed, to a row.

Every row that is written costs whole pages, and the place of a row in an index as many again; so a thousand sensors may
write no row each. A pack is JSON, deflated: by device_id its changes, each `[milliseconds since 1970, value,
attributes, cause]`.
"""

import json
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlite_utils import Database

from edge.errors import StoreError
from edge.store.file import StoreFile
from edge.store.rows import HistoryRow

PACKS_MAX: Final = 10_000
"""Of 1,000 sensors that measure at least every minute, some 100 MB and five weeks."""

PACKS_READ_MAX: Final = 1_000
"""So far back the changes of one device are looked for: of a sensor that tells something now and then, three days."""

PACK_BYTES_MAX: Final = 16 * 1024 * 1024
"""What a pack may unfold to."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)


def write(database: Database, rows: Iterable[HistoryRow], now: datetime) -> None:
    """Add a pack, within a transaction; the oldest go when there are too many."""
    by_device: dict[str, list[Any]] = {}
    count = 0
    for row in rows:
        at_ms = (datetime.fromisoformat(row.at) - _EPOCH) // _MS
        by_device.setdefault(row.device_id, []).append([at_ms, row.value, row.attributes, row.cause])
        count += 1
    pack = zlib.compress(json.dumps(by_device, separators=(",", ":"), ensure_ascii=False, default=str).encode())
    ended_at = now.astimezone(UTC).isoformat()
    database.execute("INSERT INTO sensed (ended_at, changes, pack) VALUES (?, ?, ?)", [ended_at, count, pack])
    database.execute("DELETE FROM sensed WHERE sequence <= (SELECT max(sequence) FROM sensed) - ?", [PACKS_MAX])


def read(file: StoreFile, device_id: str, limit: int) -> tuple[HistoryRow, ...]:
    """The latest changes of a device, newest first. Raises StoreError."""
    found: list[HistoryRow] = []
    before = None
    for _ in range(PACKS_READ_MAX):
        if len(found) >= limit:
            break
        sql = "SELECT sequence, pack FROM sensed WHERE sequence < coalesce(?, 9e18) ORDER BY sequence DESC LIMIT 1"
        rows = file.read(sql, [before])
        if not rows:
            break
        before = rows[0]["sequence"]
        found += reversed(tuple(_unpacked(rows[0]["pack"], device_id)))
    return tuple(found[:limit])


def forget(database: Database, oldest: str) -> int:
    """Drop what ended before; returns how many changes that were."""
    (changes,) = database.execute(
        "SELECT coalesce(sum(changes), 0) FROM sensed WHERE ended_at < ?", [oldest]
    ).fetchone()
    database.execute("DELETE FROM sensed WHERE ended_at < ?", [oldest])
    return int(changes)


def _unpacked(pack: bytes, device_id: str) -> Iterator[HistoryRow]:
    try:
        by_device = json.loads(zlib.decompressobj().decompress(pack, PACK_BYTES_MAX))
    except (zlib.error, ValueError) as error:
        raise StoreError("The database cannot be read: what sensors told is damaged.") from error
    for at_ms, value, attributes, cause in by_device.get(device_id, ()):
        yield HistoryRow(device_id, (_EPOCH + at_ms * _MS).isoformat(), value, attributes, cause)
