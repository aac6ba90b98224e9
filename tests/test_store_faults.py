"""The store when the machine fails it: full disk, locked file, sudden death. Nothing committed is ever lost."""

import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest

from edge.clock import SimulatedClock
from edge.errors import StageFailed
from edge.knowledge import Device, DeviceState, HomeMap
from edge.store import Store
from tests.lived import NOON, a_turn


@contextmanager
def full_disk(store: Store, spare_pages: int = 0) -> Iterator[None]:
    """SQLite gets no more than so many new pages, and says SQLITE_FULL after that."""
    connection = store._file._database.conn
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages + spare_pages}")
    try:
        yield
    finally:
        connection.execute("PRAGMA max_page_count = 1000000")


@contextmanager
def files_end_at(size_bytes: int) -> Iterator[None]:
    """The system refuses to let any file of this process grow beyond a size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_fails_the_turn_for_now(tmp_path: Path) -> None:
    """The turn that does not fit fails as transient, is not there in part, and can be added when there is room."""
    with Store.open(tmp_path / "edge.db", SimulatedClock(NOON)) as store:
        long = a_turn("long", said="x" * 20_000)
        with full_disk(store), pytest.raises(StageFailed, match="the disk is full") as failed:
            store.add_turn(long)
        assert failed.value.transient
        assert failed.value.point == "store"
        assert store.turns() == ()
        store.add_turn(long)
        assert store.turn("long") == long


@pytest.mark.parametrize("spare_pages", range(6))
def test_the_nth_write_may_fail(tmp_path: Path, spare_pages: int) -> None:
    """Whichever write the disk refuses, every turn that was accepted is there, whole, and no other."""
    path, accepted = tmp_path / "edge.db", []
    with Store.open(path, SimulatedClock(NOON)) as store, full_disk(store, spare_pages):
        for number in map(str, range(50)):
            with suppress(StageFailed):
                store.add_turn(a_turn(number, said="x" * 900))
                accepted.append(number)
    assert 50 - len(accepted) > 0
    with Store.open(path, SimulatedClock(NOON)) as store:
        assert [row.turn_id for row in reversed(store.turns(1_000))] == accepted
        assert store.problems() == ()


def test_a_disk_that_refuses_to_write(tmp_path: Path) -> None:
    """An error of the system below SQLite is a transient failure, too, and the file stays sound."""
    with Store.open(tmp_path / "edge.db", SimulatedClock(NOON)) as store:
        store.add_turn(a_turn("before"))
        with files_end_at(16_384), pytest.raises(StageFailed, match="the disk cannot be written") as failed:
            store.add_turn(a_turn("during", said="x" * 100_000))
        assert failed.value.transient
        store.add_turn(a_turn("after"))
        assert [row.turn_id for row in store.turns()] == ["after", "before"]
        assert store.problems() == ()


def test_knowledge_that_does_not_fit_waits_in_memory(tmp_path: Path) -> None:
    """With a full disk a changed home still gets its number; it is written before the next turn that names it."""
    path, clock = tmp_path / "edge.db", SimulatedClock(NOON)
    home = HomeMap(devices=tuple(Device(f"light.{n}", f"Light {n}", "light") for n in range(100)))
    with Store.open(path, clock) as store:
        with full_disk(store):
            known = store.knowledge_for(home, "the home was found")
            assert known.revision == 1
            assert store.knowledge_for(home, "looked again") == known
            with pytest.raises(StageFailed, match="the disk is full"):
                store.add_turn(a_turn("early", revision=known.revision))
        store.add_turn(a_turn("early", revision=known.revision))
    with Store.open(path, clock) as store:
        assert store.turn("early").knowledge_revision == 1
        assert store.knowledge(1) == known
        assert store.latest_knowledge() == known


def test_history_waits_while_the_disk_is_full() -> None:
    """Changes that cannot be written stay in memory and are written later, and nobody hears an error."""
    clock = SimulatedClock(NOON)
    with Store.open(":memory:", clock) as store:
        with full_disk(store):
            for number in range(500):
                store.add_history("light.a", DeviceState(str(number), {"note": "x" * 100}))
            clock.advance(timedelta(minutes=1))
        assert len(store.history("light.a", 1_000)) == 500
        store.flush()
        assert len(store.history("light.a", 1_000)) == 500


def test_a_locked_database_fails_the_turn_for_now(tmp_path: Path) -> None:
    """While another program writes to the file the turn fails as transient; afterwards it can be added."""
    path = tmp_path / "edge.db"
    with Store.open(path, SimulatedClock(NOON)) as store:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StageFailed, match="another program is using the database") as failed:
            store.add_turn(a_turn())
        assert failed.value.transient
        other.execute("ROLLBACK")
        other.close()
        store.add_turn(a_turn())
        assert len(store.turns()) == 1


WRITER = """
import sys
from datetime import UTC, datetime
from edge.clock import WallClock
from edge.knowledge import Device, DeviceState, HomeMap
from edge.store import Store
from tests.lived import a_turn
store = Store.open(sys.argv[1], WallClock())
for number in range(1_000_000):
    store.add_turn(a_turn(f"turn-{number}", said="x" * (number % 5_000)))
    store.add_history("light.a", DeviceState(str(number)))
    print(f"turn-{number}", flush=True)
"""


@pytest.mark.parametrize("told", [1, 40, 123])
def test_sudden_death_loses_no_committed_turn(tmp_path: Path, told: int) -> None:
    """A process killed while it writes leaves a sound file with every turn that it had told of, in order."""
    path = tmp_path / "edge.db"
    root = Path(__file__).parents[1]
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().strip() for _ in range(told)]
        process.send_signal(signal.SIGKILL)
        lines += [line.strip() for line in process.stdout if line.endswith("\n")]
    with Store.open(path, SimulatedClock(NOON)) as store:
        ids = [row.turn_id for row in reversed(store.turns(1_000_000))]
        assert ids[: len(lines)] == lines
        assert len(ids) - len(lines) in {0, 1}  # one more may have been committed and not told
        assert store.turn(lines[-1]).turn_id == lines[-1]
        assert store.problems() == ()
