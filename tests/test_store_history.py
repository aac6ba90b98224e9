"""The store keeps what devices did: in batches, bounded, without repeats."""

from datetime import timedelta
from pathlib import Path

from edge.clock import SimulatedClock
from edge.knowledge import DeviceState
from edge.store import Store
from edge.store.file import StoreFile
from edge.store.history import FLUSH_AFTER_S, FLUSH_AT_ROWS, History
from tests.lived import NOON


def stored(path: Path) -> int:
    """How many rows another reader of the file sees."""
    with Store.open(path, SimulatedClock(NOON), read_only=True) as reader:
        return len(reader.history("light.a", 10_000))


def test_history_comes_back_newest_first() -> None:
    """A change keeps its time, attributes and cause, whether it is on the disk yet or not."""
    with Store.open(":memory:", SimulatedClock(NOON)) as store:
        store.add_history("light.a", DeviceState("on", {"brightness": 40}, NOON, "hand"))
        store.flush()
        store.add_history("light.a", DeviceState("off"))
        store.add_history("light.b", DeviceState("on"))
        newest, oldest = store.history("light.a")
    assert (newest.value, newest.cause) == ("off", "unknown")
    assert (oldest.value, oldest.attributes, oldest.cause) == ("on", {"brightness": 40}, "hand")
    assert oldest.at == NOON.isoformat()


def test_a_repeat_is_no_change() -> None:
    """A sensor that says the same again and again leaves one row."""
    with Store.open(":memory:", SimulatedClock(NOON)) as store:
        for value in ("20", "20", "21", "21", "20"):
            store.add_history("sensor.t", DeviceState(value))
        assert [row.value for row in store.history("sensor.t")] == ["20", "21", "20"]


def test_changes_are_written_together(tmp_path: Path) -> None:
    """Nothing is written at once; half a minute later all is."""
    path, clock = tmp_path / "edge.db", SimulatedClock(NOON)
    with Store.open(path, clock) as store:
        store.add_history("light.a", DeviceState("on"))
        store.add_history("light.a", DeviceState("off"))
        assert stored(path) == 0
        clock.advance(timedelta(seconds=FLUSH_AFTER_S))
        assert stored(path) == 2


def test_a_full_buffer_does_not_wait(tmp_path: Path) -> None:
    """Many changes within the half minute are written when they are many."""
    path, clock = tmp_path / "edge.db", SimulatedClock(NOON)
    with Store.open(path, clock) as store:
        for number in range(FLUSH_AT_ROWS):
            store.add_history("light.a", DeviceState(str(number)))
        clock.advance(timedelta(0))
        assert stored(path) == FLUSH_AT_ROWS


def test_closing_writes_what_is_buffered(tmp_path: Path) -> None:
    """A service that stops loses no change."""
    path = tmp_path / "edge.db"
    with Store.open(path, SimulatedClock(NOON)) as store:
        store.add_history("light.a", DeviceState("on"))
    assert stored(path) == 1


def test_old_history_is_forgotten() -> None:
    """The night shift drops what is older than the setting, and nothing else."""
    clock = SimulatedClock(NOON)
    with Store.open(":memory:", clock, history_days=2) as store:
        store.add_history("light.a", DeviceState("on"))
        clock.advance(timedelta(days=3))
        store.add_history("light.a", DeviceState("off"))
        assert store.tidy() == ("write history", "learn habits", "forget old history", "compact")
        assert [row.value for row in store.history("light.a")] == ["off"]


def test_history_never_grows_beyond_its_bound() -> None:
    """However chatty the home is, only the latest rows stay."""
    file = StoreFile.open(":memory:")
    history = History(file, SimulatedClock(NOON), days=90, rows_max=10)
    for number in range(25):
        history.add("light.a", DeviceState(str(number)))
        history.flush()
    assert [row.value for row in history.of("light.a", 100)] == [str(number) for number in range(24, 14, -1)]
    file.close()
