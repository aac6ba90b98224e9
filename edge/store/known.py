"""World: what was known, revision by revision, in the database."""

import hashlib
import json
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, cached_property
from typing import TypeVar

from pydantic import TypeAdapter

from edge.errors import StageFailed, StoreError
from edge.knowledge import Habit, HomeMap, Knowledge, Skill
from edge.store.file import StoreFile

log = logging.getLogger(__name__)

T = TypeVar("T")


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
        self._in_mind = self.present()
        self._habits = self._in_mind.habits

    def for_home(self, home: HomeMap, reason: str, skills: tuple[Skill, ...] = ()) -> Knowledge:
        """The revision with this home, these skills and the habits learned last, from now on in force.

        Raises StoreError.
        """
        return self._in_force(_Content(ordered(home), skills, self._habits), reason)

    def learn(self, habits: tuple[Habit, ...]) -> None:
        """From the next revision on these are the habits of the home."""
        self._habits = habits

    def _in_force(self, content: "_Content", reason: str) -> Knowledge:
        digest = content.digest
        with self._lock:
            if digest not in self._numbers:
                self._numbers[digest] = max(self._numbers.values()) + 1
                made_at = self._now().isoformat()
                row = {"revision": self._numbers[digest], "made_at": made_at, "reason": reason}
                self._unsaved.append({**row, "digest": digest, **content.columns})
            self._present = self._numbers[digest]
            try:
                self.save()
            except StageFailed as failed:
                log.warning("knowledge revision %d is kept in memory: %s", self._present, failed.reason)
            self._in_mind = Knowledge(self._present, content.home, content.skills, content.habits)
            return self._in_mind

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
        rows = self._file.read("SELECT home, skills, habits FROM knowledge WHERE revision = ?", [revision])
        if not rows:
            raise StoreError(f"There is no knowledge revision {revision}; the latest is {max(self._numbers.values())}.")
        home, skills, habits = (rows[0][column] for column in ("home", "skills", "habits"))
        return Knowledge(
            revision,
            _homes().validate_json(home),
            _skills().validate_json(skills),
            _habits().validate_json(habits),
        )

    def home_of(self, revision: int) -> HomeMap:
        """The home as it was known then; that of now is at hand without reading. Raises StoreError."""
        known = self._in_mind
        return known.home if known.revision == revision else self.get(revision).home

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
    return _json(_homes(), home)


@dataclass(frozen=True)
class _Content:
    """What makes one revision differ from another."""

    home: HomeMap
    skills: tuple[Skill, ...]
    habits: tuple[Habit, ...]

    @cached_property
    def columns(self) -> dict[str, str]:
        return {
            "home": home_json(self.home),
            "skills": _json(_skills(), self.skills),
            "habits": _json(_habits(), self.habits),
        }

    @property
    def digest(self) -> str:
        """Of the home alone where there is nothing else, as it was before there were skills."""
        rest = [self.columns["skills"], self.columns["habits"]] if self.skills or self.habits else []
        return hashlib.sha256("\n".join([self.columns["home"], *rest]).encode()).hexdigest()


def _json(adapter: TypeAdapter[T], content: T) -> str:
    """As JSON, the same text for the same content."""
    return json.dumps(adapter.dump_python(content), default=sorted, sort_keys=True)  # sorted: sets become lists


@cache
def _homes() -> TypeAdapter[HomeMap]:
    return TypeAdapter(HomeMap)


@cache
def _skills() -> TypeAdapter[tuple[Skill, ...]]:
    return TypeAdapter(tuple[Skill, ...])


@cache
def _habits() -> TypeAdapter[tuple[Habit, ...]]:
    return TypeAdapter(tuple[Habit, ...])
