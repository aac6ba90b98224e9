"""The database file: private, one writer, and left alone when it is not what it should be."""

import os
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from edge.clock import SimulatedClock
from edge.errors import StageFailed, StoreError
from edge.store import Store
from tests.lived import NOON, a_turn

CLOCK: Final = SimulatedClock(NOON)


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    """Directory, database, log and lock cannot be read by others."""
    path = tmp_path / "made" / "edge.db"
    with Store.open(path, CLOCK) as store:
        store.add_turn(a_turn())
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()} == {0o600}


def test_two_writers_are_one_too_many(tmp_path: Path) -> None:
    """The second is told which process has the file; when the first is gone it may."""
    path = tmp_path / "edge.db"
    with Store.open(path, CLOCK), pytest.raises(StoreError, match=rf"process {os.getpid()}\) is using .*edge.db"):
        Store.open(path, CLOCK)
    Store.open(path, CLOCK).close()


def test_another_process_is_refused_as_well(tmp_path: Path) -> None:
    """The lock holds between processes, and reading beside the writer is allowed."""
    path = tmp_path / "edge.db"
    program = (
        "import sys\n"
        "from edge.clock import WallClock\nfrom edge.errors import StoreError\nfrom edge.store import Store\n"
        "print(len(Store.open(sys.argv[1], WallClock(), read_only=True).turns()))\n"
        "try:\n    Store.open(sys.argv[1], WallClock())\nexcept StoreError as error:\n    print(error)\n"
    )
    with Store.open(path, CLOCK) as store:
        store.add_turn(a_turn())
        done = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True)
    turns, refusal = done.stdout.splitlines()
    assert turns == "1"
    assert f"process {os.getpid()}" in refusal


def test_a_reader_changes_nothing(tmp_path: Path) -> None:
    """A reader cannot write, and does not make a database that is not there."""
    path = tmp_path / "edge.db"
    with pytest.raises(StoreError, match="There is no database"):
        Store.open(path, CLOCK, read_only=True)
    assert not path.exists()
    Store.open(path, CLOCK).close()
    with Store.open(path, CLOCK, read_only=True) as reader, pytest.raises(StageFailed, match="only be read"):
        reader.add_turn(a_turn())


@pytest.mark.parametrize(
    "content",
    [b"this is a letter, not a database\n" * 200, bytes(range(256)) * 40, b"SQLite format 3\0" + b"\xff" * 9_000],
)
def test_what_is_no_database_is_left_alone(tmp_path: Path, content: bytes) -> None:
    """A file of another kind is refused with advice, byte for byte as it was."""
    path = tmp_path / "edge.db"
    path.write_bytes(content)
    for read_only in (False, True):
        with pytest.raises(StoreError, match="Nothing was changed"):
            Store.open(path, CLOCK, read_only=read_only)
    assert path.read_bytes() == content


def test_half_a_database_is_left_alone(tmp_path: Path) -> None:
    """A database whose end is missing is refused, byte for byte as it was."""
    path = tmp_path / "edge.db"
    with Store.open(path, CLOCK) as store:
        store.add_turn(a_turn())
    half = path.read_bytes()[: path.stat().st_size // 2]
    path.write_bytes(half)
    with pytest.raises(StoreError, match="the database is damaged"):
        Store.open(path, CLOCK)
    assert path.read_bytes() == half


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    """A database that holds somebody else's tables is refused, byte for byte as it was."""
    path = tmp_path / "photos.db"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE photos (name TEXT)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(StoreError, match="database of another program"):
        Store.open(path, CLOCK)
    assert path.read_bytes() == before


def test_places_that_cannot_hold_a_database(tmp_path: Path) -> None:
    """A directory, or a path below a file, is refused with the setting to change."""
    (tmp_path / "file").write_text("")
    for path in (tmp_path, tmp_path / "file" / "edge.db"):
        with pytest.raises(StoreError, match=r"Set store\.path"):
            Store.open(path, CLOCK)


def test_a_damaged_page_is_found_by_the_check_up(tmp_path: Path) -> None:
    """What SQLite finds wrong with a file that still opens is told; a sound file has no problems."""
    path = tmp_path / "edge.db"
    with Store.open(path, CLOCK) as store:
        for number in range(200):
            store.add_turn(a_turn(str(number)))
        assert store.problems() == ()
    content = bytearray(path.read_bytes())
    content[-4_096:] = b"\xaa" * 4_096
    path.write_bytes(content)
    with Store.open(path, CLOCK) as store:
        assert store.problems()


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    """Closing twice is harmless; using it afterwards is an error of ours, not of SQLite's."""
    store = Store.open(tmp_path / "edge.db", CLOCK)
    store.close()
    store.close()
    with pytest.raises(StageFailed):
        store.add_turn(a_turn())
    with pytest.raises(StoreError):
        store.turns()
