"""World: what was known, revision by revision, in the database."""

import hashlib
import json
import logging
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, cached_property
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from edge.errors import StageFailed, StoreError
from edge.knowledge import Habit, HomeMap, Knowledge, Skill
from edge.rewrites import LIVE, Rewrite, RuleState, live
from edge.store.difference import Difference, difference
from edge.store.file import StoreFile
from edge.store.rewrites import RewriteTable, forget_rules, put_rules, read_rules

log = logging.getLogger(__name__)

T = TypeVar("T")

_HOMES_BEFORE = """
SELECT home FROM knowledge WHERE revision < ?1 GROUP BY home ORDER BY max(revision) DESC LIMIT ?2
"""

_LOGGED = "INSERT INTO knowledge_log (at, revision, reason) VALUES (?, ?, ?)"
_LATEST = """
SELECT l.at, l.revision, l.reason, home, skills, habits, rewrites FROM knowledge_log l JOIN knowledge USING (revision)
ORDER BY sequence DESC LIMIT ?
"""


@dataclass(frozen=True)
class KnownRow:
    """A revision that came into force, in one line."""

    at: str
    """ISO 8601."""
    revision: int
    reason: str
    devices: int
    skills: int
    habits: int
    rewrites: int
    """Rules that the live path knows."""


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
        self._unlogged: list[list[object]] = []
        self._in_mind = self.present()
        self._habits = self._in_mind.habits
        self._rewrites = self._in_mind.rewrites

    def for_home(self, home: HomeMap, reason: str, skills: tuple[Skill, ...] = ()) -> Knowledge:
        """The revision with this home, these skills and what was learned last, from now on in force.

        Raises StoreError.
        """
        with self._lock:
            return self._in_force(_Content(ordered(home), skills, self._habits, self._rewrites), reason)

    def learn(self, habits: tuple[Habit, ...]) -> None:
        """From the next revision on these are the habits of the home."""
        self._habits = habits

    def publish(self, rules: Iterable[Rewrite], reason: str, *, forgotten: Iterable[str] = ()) -> Knowledge:
        """Keep rules in place of those of the same ids, and put the revision with all live ones in force.

        One transaction: all of it is on the disk, or nothing has changed. The same rules again make no new revision.
        Raises StageFailed, StoreError.
        """
        with self._lock:
            return self._publish(rules, forgotten, self._habits, reason)

    def _publish(
        self, rules: Iterable[Rewrite], forgotten: Iterable[str], habits: tuple[Habit, ...], reason: str
    ) -> Knowledge:
        self.save()
        now, known = self._now(), self._in_mind
        with self._file.writing() as database:
            put_rules(database, rules, now)
            forget_rules(database, forgotten)
            rows = database.execute("SELECT record FROM rewrites").fetchall()
            content = _Content(known.home, known.skills, habits, live(read_rules(row[0] for row in rows)))
            revision = self._numbers.get(content.digest)
            if revision is None:
                revision = max(self._numbers.values()) + 1
                database.table("knowledge").insert(content.row(revision, now, reason))
            if revision != self._stored_present:
                database.execute("UPDATE present SET revision = ?", [revision])
                database.execute(_LOGGED, [now.isoformat(), revision, reason])
        return self._published(revision, content)

    def _published(self, revision: int, content: "_Content") -> Knowledge:
        """Take over what is on the disk by now."""
        self._numbers[content.digest] = self._present = self._stored_present = revision
        self._habits, self._rewrites = content.habits, content.rewrites
        self._in_mind = content.known_as(revision)
        return self._in_mind

    def roll_back(self, revision: int) -> Knowledge:
        """Put in force again what had been learned by then, for the home and the skills as they are now.

        Rules that came into life since are suspended; those that were forbidden or forgotten since stay so. Raises
        StageFailed, StoreError.
        """
        with self._lock:
            then = self.get(revision)
            was = {rule.rule_id: rule for rule in then.rewrites}
            rules, reason = list[Rewrite](), f"rolled back to revision {revision}"
            for rule in RewriteTable(self._file).all():
                state: RuleState = was[rule.rule_id].state if rule.rule_id in was else "suspended"
                concerns = rule.rule_id in was or rule.state in LIVE
                if concerns and rule.state not in {state, "tombstone"}:
                    rules.append(replace(rule, state=state, since=self._now(), reason=reason))
            return self._publish(rules, (), then.habits, reason)

    def log(self, limit: int = 20) -> tuple[KnownRow, ...]:
        """The revisions that came into force, latest first. Raises StoreError."""
        rows = self._file.read(_LATEST, [limit])
        return tuple(
            KnownRow(
                row["at"],
                row["revision"],
                row["reason"],
                devices=len(json.loads(row["home"])["devices"]),
                **{column: len(json.loads(row[column])) for column in ("skills", "habits", "rewrites")},
            )
            for row in rows
        )

    def diff(self, before: int, after: int) -> tuple[Difference, ...]:
        """What two revisions differ in. Raises StoreError."""
        return difference(self.get(before), self.get(after))

    def _in_force(self, content: "_Content", reason: str) -> Knowledge:
        digest = content.digest
        with self._lock:
            if digest not in self._numbers:
                self._numbers[digest] = max(self._numbers.values()) + 1
                self._unsaved.append(content.row(self._numbers[digest], self._now(), reason))
            if self._numbers[digest] != self._present:
                self._present = self._numbers[digest]
                self._unlogged.append([self._now().isoformat(), self._present, reason])
            try:
                self.save()
            except StageFailed as failed:
                log.warning("knowledge revision %d is kept in memory: %s", self._present, failed.reason)
            self._in_mind = content.known_as(self._present)
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
                for entry in self._unlogged:
                    database.execute(_LOGGED, entry)
            self._unsaved.clear()
            self._unlogged.clear()
            self._stored_present = self._present

    def get(self, revision: int) -> Knowledge:
        """Raises StoreError when there is no such revision."""
        rows = self._file.read("SELECT home, skills, habits, rewrites FROM knowledge WHERE revision = ?", [revision])
        if not rows:
            raise StoreError(f"There is no knowledge revision {revision}; the latest is {max(self._numbers.values())}.")
        home, skills, habits, rewrites = (rows[0][column] for column in ("home", "skills", "habits", "rewrites"))
        return Knowledge(
            revision,
            _homes().validate_json(home),
            _skills().validate_json(skills),
            _habits().validate_json(habits),
            _readable(rewrites, revision),
        )

    def home_of(self, revision: int) -> HomeMap:
        """The home as it was known then; that of now is at hand without reading. Raises StoreError."""
        known = self._in_mind
        return known.home if known.revision == revision else self.get(revision).home

    def homes_before(self, revision: int, limit: int) -> tuple[HomeMap, ...]:
        """The latest different homes of older revisions, newest first. Raises StoreError."""
        rows = self._file.read(_HOMES_BEFORE, [revision, limit])
        return tuple(_homes().validate_json(row["home"]) for row in rows)

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
    rewrites: tuple[Rewrite, ...]

    @cached_property
    def columns(self) -> dict[str, str]:
        return {
            "home": home_json(self.home),
            "skills": _json(_skills(), self.skills),
            "habits": _json(_habits(), self.habits),
            "rewrites": _json(_rewrites(), self.rewrites),
        }

    @property
    def digest(self) -> str:
        """Without what there is nothing of, as it was before there were skills, habits and rewrites."""
        told = [self.columns["home"]]
        if self.skills or self.habits or self.rewrites:
            told += [self.columns["skills"], self.columns["habits"]]
        if self.rewrites:
            told.append(self.columns["rewrites"])
        return hashlib.sha256("\n".join(told).encode()).hexdigest()

    def row(self, revision: int, now: datetime, reason: str) -> dict[str, object]:
        """As it stands in the database."""
        told = {"revision": revision, "made_at": now.isoformat(), "reason": reason}
        return {**told, "digest": self.digest, **self.columns}

    def known_as(self, revision: int) -> Knowledge:
        """The snapshot for the live path."""
        return Knowledge(revision, self.home, self.skills, self.habits, self.rewrites)


def _json(adapter: TypeAdapter[T], content: T) -> str:
    """As JSON, the same text for the same content."""
    return json.dumps(adapter.dump_python(content), default=sorted, sort_keys=True)  # sorted: sets become lists


@cache
def _homes() -> TypeAdapter[HomeMap]:
    return TypeAdapter(HomeMap)


@cache
def _skills() -> TypeAdapter[tuple[Skill, ...]]:
    return TypeAdapter(tuple[Skill, ...])


def _readable(text: str, revision: int) -> tuple[Rewrite, ...]:
    """The rules of a revision; none where they cannot be read, for without them everything else goes on."""
    try:
        return _rewrites().validate_json(text)
    except ValidationError:
        log.warning("the rewrites of knowledge revision %d cannot be read and are left out", revision)
        return ()


@cache
def _rewrites() -> TypeAdapter[tuple[Rewrite, ...]]:
    return TypeAdapter(tuple[Rewrite, ...])


@cache
def _habits() -> TypeAdapter[tuple[Habit, ...]]:
    return TypeAdapter(tuple[Habit, ...])
