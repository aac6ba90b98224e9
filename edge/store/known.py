"""World: what was known, revision by revision, in the database."""

import hashlib
import json
import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import cache

from pydantic import TypeAdapter

from edge.errors import StageFailed, StoreError
from edge.knowledge import HomeMap, Knowledge
from edge.store.file import StoreFile

log = logging.getLogger(__name__)


class Revisions:
    """Every knowledge revision that was ever in force. The same content always has the same number.

    What the disk refuses is kept in memory until it takes it: the assistant goes on with what it knows now.
    """

    def __init__(self, file: StoreFile, now: Callable[[], datetime]) -> None:
        self._file = file
        self._now = now
        self._lock = threading.RLock()
        rows = file.read("SELECT revision, digest FROM knowledge")
        self._numbers: dict[str, int] = {row["digest"]: row["revision"] for row in rows}
        self._stored_present = int(file.read("SELECT revision FROM present")[0]["revision"])
        self._present = self._stored_present
        self._unsaved: list[dict[str, object]] = []

    def for_home(self, home: HomeMap, reason: str) -> Knowledge:
        """The revision whose home this is, made if need be, and from now on in force. Raises StoreError."""
        home = ordered(home)
        content = home_json(home)
        digest = hashlib.sha256(content.encode()).hexdigest()
        with self._lock:
            if digest not in self._numbers:
                self._numbers[digest] = max(self._numbers.values()) + 1
                made_at = self._now().isoformat()
                row = {"revision": self._numbers[digest], "made_at": made_at, "reason": reason}
                self._unsaved.append({**row, "digest": digest, "home": content})
            self._present = self._numbers[digest]
            try:
                self.save()
            except StageFailed as failed:
                log.warning("knowledge revision %d is kept in memory: %s", self._present, failed.reason)
            return Knowledge(self._present, home)

    def save(self) -> None:
        """Write what is not yet written. Raises StageFailed."""
        with self._lock:
            if not self._unsaved and self._present == self._stored_present:
                return
            with self._file.writing() as database:
                for row in self._unsaved:
                    database.table("knowledge").insert(row)
                database.execute("UPDATE present SET revision = ?", [self._present])
            self._unsaved.clear()
            self._stored_present = self._present

    def get(self, revision: int) -> Knowledge:
        """Raises StoreError when there is no such revision."""
        rows = self._file.read("SELECT home FROM knowledge WHERE revision = ?", [revision])
        if not rows:
            raise StoreError(f"There is no knowledge revision {revision}; the latest is {max(self._numbers.values())}.")
        return Knowledge(revision, _adapter().validate_json(rows[0]["home"]))

    def present(self) -> Knowledge:
        """The revision that is in force, or was when Edge last ran."""
        return self.get(self._stored_present)


def ordered(home: HomeMap) -> HomeMap:
    """The home with places and devices in the order of their names; discovery brings them in any order."""
    return replace(
        home,
        areas=tuple(sorted(home.areas, key=lambda area: area.area_id)),
        devices=tuple(sorted(home.devices, key=lambda device: device.device_id)),
    )


def home_json(home: HomeMap) -> str:
    """The home as JSON, the same text for the same home."""
    return json.dumps(_adapter().dump_python(home), default=sorted, sort_keys=True)  # sorted: sets become lists


@cache
def _adapter() -> TypeAdapter[HomeMap]:
    return TypeAdapter(HomeMap)
