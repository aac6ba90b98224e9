"""Databases outlive versions: every older schema opens and keeps its rows, a failed step changes nothing."""

import shutil
import sqlite3
from pathlib import Path
from typing import Final

import pytest

from edge.clock import SimulatedClock
from edge.errors import StoreError
from edge.store import Store, schema
from edge.store.schema import Migration, load_migrations
from tests.golden_db import FLOOR_LAMP, KITTEN_LIGHT, PASTA, UNDONE, WORK, WRONG_LAMP, golden, make
from tests.lived import KITCHEN, NOON

CLOCK: Final = SimulatedClock(NOON)
NUMBERS: Final = [migration.number for migration in load_migrations()]


@pytest.mark.parametrize("number", NUMBERS)
def test_every_older_schema_opens_twice_and_keeps_its_rows(tmp_path: Path, number: int) -> None:
    """The golden database of each schema is brought up to date, and has what it had."""
    path = tmp_path / "edge.db"
    shutil.copy(golden(number), path)
    for _ in range(2):
        with Store.open(path, CLOCK) as store:
            rows = [row for row in store.turns() if row.turn_id != "20261122-120020-0003"]
            assert [row.turn_id for row in rows] == ["20261122-120010-0002", "20261122-120000-0001"]
            assert [row.failure_point for row in rows] == ["action", None]
            turn = store.turn("20261122-120000-0001")
            assert turn.transcript is not None
            assert turn.transcript.text == "turn on the kitchen light"
            assert store.knowledge(turn.knowledge_revision).home.device["lock.front"].tier == "guarded"
            assert store.latest_knowledge().revision == (2 if number >= 8 else 1)
            assert [row.value for row in store.history("light.kitchen")] == ["off", "on"]
            assert [row.value for row in store.history("sensor.bath")] == (["21.5"] if number >= 5 else [])
            assert store.agenda.entries() == ((PASTA, WORK) if number >= 3 else ())
            assert store.agenda.items("shopping") == ({"oat milk": "Oat milk"} if number >= 3 else {})
            assert [attempt.result for attempt in store.audit()] == (["asked", "confirmed"] if number >= 4 else [])
            assert store.pins.is_right("4827") == (number >= 4)
            assert store.signals.of(turn.turn_id) == ((UNDONE,) if number >= 6 else ())
            assert store.signals.diagnosis(turn.turn_id) == (WRONG_LAMP if number >= 6 else None)
            assert store.labels.of(turn.turn_id) == (FLOOR_LAMP if number >= 7 else None)
            assert store.rewrites.all() == ((KITTEN_LIGHT,) if number >= 8 else ())
            assert [row.revision for row in store.known.log()] == ([2, 1] if number >= 8 else [1])
            assert store.problems() == ()


def test_an_upgraded_database_has_the_schema_of_a_new_one(tmp_path: Path) -> None:
    """Whatever schema it began with, a database ends with the same tables; none is forgotten."""
    make(tmp_path / "new.db")
    for number in NUMBERS:
        path = tmp_path / f"{number}.db"
        shutil.copy(golden(number), path)
        Store.open(path, CLOCK).close()
        assert _schema(path) == _schema(tmp_path / "new.db")


def test_the_golden_home_keeps_its_number(tmp_path: Path) -> None:
    """A home that an older version knew is recognised, so that its turns and those of today share a revision."""
    path = tmp_path / "edge.db"
    shutil.copy(golden(NUMBERS[-1]), path)
    with Store.open(path, CLOCK) as store:
        before = store.latest_knowledge().revision
        assert store.knowledge_for(KITCHEN, "the home was found").revision == before


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    """A database of a later version is refused with advice, byte for byte as it was."""
    path = tmp_path / "edge.db"
    shutil.copy(golden(NUMBERS[-1]), path)
    newer = sqlite3.connect(path)
    newer.execute("PRAGMA user_version = 4711")
    newer.close()
    before = path.read_bytes()
    for read_only in (False, True):
        with pytest.raises(StoreError, match="comes from a newer Edge"):
            Store.open(path, CLOCK, read_only=read_only)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "sql", ["CREATE TABLE more (a); INSERT INTO nowhere VALUES (1);", "CREATE TABLE more (a); DROP TABLE turns; oops;"]
)
def test_a_failing_migration_leaves_the_file_untouched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sql: str
) -> None:
    """When a step fails in its middle nothing of it, nor of the steps before it, is in the file."""
    path = tmp_path / "edge.db"
    shutil.copy(golden(NUMBERS[-1]), path)
    before = path.read_bytes()
    following = NUMBERS[-1] + 1
    steps = (*load_migrations(), Migration(following, "CREATE TABLE fine (a);"), Migration(following + 1, sql))
    monkeypatch.setattr(schema, "load_migrations", lambda: steps)
    with pytest.raises(StoreError, match="could not be brought up to date"):
        Store.open(path, CLOCK)
    assert path.read_bytes() == before
    monkeypatch.undo()
    with Store.open(path, CLOCK) as store:
        assert len(store.turns()) == 3


def test_steps_are_run_in_order_and_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database one step behind gets that step alone; a reader does not take it."""
    path = tmp_path / "edge.db"
    Store.open(path, CLOCK).close()
    script = "CREATE TABLE more (a TEXT DEFAULT 'semi;colon'); INSERT INTO more DEFAULT VALUES;"
    steps = (*load_migrations(), Migration(NUMBERS[-1] + 1, script))
    monkeypatch.setattr(schema, "load_migrations", lambda: steps)
    with pytest.raises(StoreError, match="written by an older Edge"):
        Store.open(path, CLOCK, read_only=True)
    for _ in range(2):
        Store.open(path, CLOCK).close()
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT a FROM more").fetchall() == [("semi;colon",)]
    connection.close()


def test_migrations_are_numbered_without_a_gap() -> None:
    """Each has a golden database, so that nobody forgets to make one."""
    assert list(range(1, len(NUMBERS) + 1)) == NUMBERS
    assert all(golden(number).is_file() for number in NUMBERS)


def _schema(path: Path) -> list[tuple[str, str]]:
    connection = sqlite3.connect(path)
    rows: list[tuple[str, str]] = connection.execute("SELECT name, sql FROM sqlite_schema ORDER BY name").fetchall()
    connection.close()
    return rows
