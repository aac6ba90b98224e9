"""Timers, alarms and lists in the database: whole after a power cut, and nothing half done."""

import signal
import sqlite3
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.clock import SimulatedClock
from edge.entries import Entry, Kept
from edge.errors import StageFailed
from edge.store import Store
from tests.lived import NOON, moments, texts
from tests.test_store_faults import full_disk

PASTA = Kept(Entry("a", "timer", NOON + timedelta(minutes=8), "pasta", 480.0, room="kitchen"))
WORK = Kept(Entry("b", "alarm", NOON + timedelta(hours=19), days=(0, 1, 2, 3, 4)), time(7), "Europe/Berlin", NOON)
WORK = replace(WORK, entry=replace(WORK.entry, ringing=True))

kept = st.builds(
    Kept,
    st.builds(
        Entry,
        entry_id=texts,
        kind=st.sampled_from(["timer", "alarm", "reminder", "command"]),
        due_at=moments,
        name=texts,
        length_s=st.floats(0, 1e9),
        left_s=st.none() | st.floats(0, 1e9),
        days=st.sets(st.integers(0, 6)).map(lambda days: tuple(sorted(days))),
        room=st.none() | texts,
        speaker=texts,
    ),
    st.times(),
    texts,
)


@given(kept)
def test_any_entry_comes_back_as_it_was(entry: Kept) -> None:
    """Whatever it is called and whenever it is due."""
    with Store.open(":memory:", SimulatedClock(NOON)) as store:
        store.agenda.write([entry], [])
        assert store.agenda.entries() == (entry,)


def test_entries_are_there_after_a_restart(tmp_path: Path) -> None:
    """Kept, changed and removed in one go, and the same in the next process."""
    path = tmp_path / "edge.db"
    with Store.open(path, SimulatedClock(NOON)) as store:
        store.agenda.write([PASTA, WORK], [])
        longer = replace(PASTA, entry=replace(PASTA.entry, length_s=600.0))
        store.agenda.write([longer, replace(PASTA, entry=replace(PASTA.entry, entry_id="c"))], ["c"])
        store.agenda.write([], ["c", "never there"])
    with Store.open(path, SimulatedClock(NOON)) as store:
        assert store.agenda.entries() == (longer, WORK)


@pytest.mark.parametrize(
    "damage",
    [
        "due_at = 'soon'",
        "due_at = '2026-11-22T12:00:00'",
        "kind = 'song'",
        "days = 'monday'",
        "hour = '25:00'",
        "hour = NULL",
        "length_s = 'long'",
        "rang_at = 'x'",
    ],
)
def test_a_row_that_nobody_can_read_is_left_out(tmp_path: Path, damage: str, caplog: pytest.LogCaptureFixture) -> None:
    """One bad row does not take the others with it; the log tells of it without its name."""
    path = tmp_path / "edge.db"
    with Store.open(path, SimulatedClock(NOON)) as store:
        store.agenda.write([PASTA, WORK], [])
    connection = sqlite3.connect(path)
    connection.execute(f"UPDATE agenda SET {damage}, name = 'secret' WHERE entry_id = 'b'")
    connection.commit()
    connection.close()
    with Store.open(path, SimulatedClock(NOON)) as store:
        assert store.agenda.entries() == (PASTA,)
    assert "cannot be read" in caplog.text
    assert "secret" not in caplog.text


def test_a_full_disk_changes_nothing() -> None:
    """Of a change that does not fit nothing is done, and it can be made when there is room."""
    with Store.open(":memory:", SimulatedClock(NOON)) as store:
        store.agenda.write([PASTA], [])
        long = replace(WORK, entry=replace(WORK.entry, name="x" * 20_000))
        with full_disk(store), pytest.raises(StageFailed, match="the disk is full"):
            store.agenda.write([long], ["a"])
        assert store.agenda.entries() == (PASTA,)
        with full_disk(store), pytest.raises(StageFailed, match="the disk is full"):
            store.agenda.write_items("shopping", {f"thing {n}": "x" * 200 for n in range(200)}, [])
        assert store.agenda.items("shopping") == {}
        store.agenda.write([long], ["a"])
        assert store.agenda.entries() == (long,)


@pytest.mark.parametrize("spare_pages", range(4))
def test_whichever_write_fails_what_was_accepted_is_there(tmp_path: Path, spare_pages: int) -> None:
    """All that was accepted is there, and nothing else."""
    path, accepted = tmp_path / "edge.db", set()
    with Store.open(path, SimulatedClock(NOON)) as store, full_disk(store, spare_pages):
        for number in map(str, range(60)):
            with suppress(StageFailed):
                store.agenda.write([replace(PASTA, entry=replace(PASTA.entry, entry_id=number, name="x" * 900))], [])
                accepted.add(number)
    assert len(accepted) < 60
    with Store.open(path, SimulatedClock(NOON)) as store:
        assert {each.entry.entry_id for each in store.agenda.entries()} == accepted


WRITER = """
import sys
from datetime import UTC, datetime, timedelta
from edge.clock import WallClock
from edge.entries import Entry, Kept
from edge.store import Store
store = Store.open(sys.argv[1], WallClock())
for number in range(1_000_000):
    due_at = datetime(2026, 11, 22, tzinfo=UTC) + timedelta(seconds=number)
    entry = Entry(str(number), "timer", due_at, "x" * (number % 200), 60.0)
    store.agenda.write([Kept(entry)], [str(number - 10)])
    print(number, flush=True)
"""


@pytest.mark.parametrize("told", [1, 30, 111])
def test_sudden_death_loses_no_timer(tmp_path: Path, told: int) -> None:
    """A process killed while it writes leaves every timer that it had told of, and none that it had removed."""
    path = tmp_path / "edge.db"
    command = [sys.executable, "-c", WRITER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().strip() for _ in range(told)]
        process.send_signal(signal.SIGKILL)
        lines += [line.strip() for line in process.stdout if line.endswith("\n")]
    last = int(lines[-1])
    with Store.open(path, SimulatedClock(NOON)) as store:
        numbers = [int(each.entry.entry_id) for each in store.agenda.entries()]
        assert numbers[-1] in {last, last + 1}  # one more may have been committed and not told
        assert numbers == list(range(max(0, numbers[-1] - 9), numbers[-1] + 1))
        assert store.agenda.entries()[-1].entry.due_at == datetime(2026, 11, 22, tzinfo=UTC) + timedelta(
            seconds=numbers[-1]
        )
        assert store.problems() == ()


def test_lists_keep_their_order_and_have_things_once(tmp_path: Path) -> None:
    """What was added stays in order; the same thing again changes nothing; what is removed is gone for good."""
    path = tmp_path / "edge.db"
    with Store.open(path, SimulatedClock(NOON)) as store:
        store.agenda.write_items("shopping", {"milk": "Milk", "bread": "bread"}, [])
        store.agenda.write_items("shopping", {"milk": "MILK", "eggs": "eggs"}, ["bread"])
        store.agenda.write_items("hardware", {"milk": "milk"}, [])
    with Store.open(path, SimulatedClock(NOON)) as store:
        assert list(store.agenda.items("shopping").items()) == [("milk", "Milk"), ("eggs", "eggs")]
        assert store.agenda.lists() == {"shopping": 2, "hardware": 1}
        assert store.agenda.items("none") == {}
