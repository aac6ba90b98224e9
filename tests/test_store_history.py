"""The store keeps what devices did: in batches, bounded, without repeats."""

import random
import sqlite3
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from edge.clock import SimulatedClock
from edge.errors import StoreError
from edge.knowledge import DeviceState
from edge.store import Store, sensed
from edge.store.file import StoreFile
from edge.store.history import FLUSH_AFTER_S, FLUSH_AT_ROWS, SENSED_AFTER_S, SENSED_AT_ROWS, History
from edge.store.noise import ANYWAY_AFTER
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
    """A lamp that says the same again and again leaves one row."""
    with Store.open(":memory:", SimulatedClock(NOON)) as store:
        for value in ("on", "on", "off", "off", "on"):
            store.add_history("light.a", DeviceState(value))
        assert [row.value for row in store.history("light.a")] == ["on", "off", "on"]


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


def values(store: Store, device_id: str) -> list[float]:
    """What is kept of a sensor, oldest first."""
    return [float(row.value) for row in reversed(store.history(device_id, 10_000))]


def test_a_sensors_noise_is_left_out_and_what_it_measures_is_kept(tmp_path: Path) -> None:
    """Of an hour's noise little more than a reading each quarter; a step is kept with the reading that shows it."""
    chance, clock = random.Random(1), SimulatedClock(NOON)
    with Store.open(tmp_path / "edge.db", clock) as store:
        for _ in range(360):
            clock.advance(timedelta(seconds=10))
            store.add_history("sensor.t", DeviceState(f"{chance.gauss(20, 0.1):.2f}", {}, clock.now()))
        noisy = values(store, "sensor.t")
        assert 4 <= len(noisy) <= 25
        store.add_history("sensor.t", DeviceState("22.0", {}, clock.now()))
        assert values(store, "sensor.t") == [*noisy, 22.0]


def test_a_slow_rise_is_kept_in_steps(tmp_path: Path) -> None:
    """No kept reading is further from the next than the noise explains, or a quarter of an hour."""
    clock = SimulatedClock(NOON)
    with Store.open(tmp_path / "edge.db", clock) as store:
        for number in range(240):
            clock.advance(timedelta(seconds=15))
            store.add_history("sensor.t", DeviceState(f"{18 + number / 100:.2f}", {}, clock.now()))
        kept = values(store, "sensor.t")
        assert max(after - before for before, after in pairwise(kept)) <= 0.05
        assert len(kept) <= 120


def test_a_reading_is_kept_anyway_after_a_while() -> None:
    """A quarter of an hour later, if it differs at all; the same again is no change however late."""
    clock = SimulatedClock(NOON)
    with Store.open(":memory:", clock) as store:
        for number in range(40):
            store.add_history("sensor.t", DeviceState("20.1" if number % 2 else "20.2", {}, clock.now()))
        before = values(store, "sensor.t")
        clock.advance(ANYWAY_AFTER)
        store.add_history("sensor.t", DeviceState(f"{before[-1]}", {}, clock.now()))
        assert values(store, "sensor.t") == before
        other = 20.2 if before[-1] == 20.1 else 20.1
        store.add_history("sensor.t", DeviceState(f"{other}", {}, clock.now()))
        assert values(store, "sensor.t") == [*before, other]


def test_words_and_doors_are_kept_whole() -> None:
    """Only numbers have noise; going away and coming back is told, too."""
    said = ("on", "off", "unavailable", "on", "off")
    with Store.open(":memory:", SimulatedClock(NOON)) as store:
        for value in said:
            store.add_history("binary_sensor.door", DeviceState(value))
        assert [row.value for row in store.history("binary_sensor.door")] == list(reversed(said))


def test_a_measurement_of_what_is_moved_is_thinned_and_its_setting_is_not() -> None:
    """The room's temperature is noise, the wanted one is not; times are those of the words."""
    clock = SimulatedClock(NOON)
    with Store.open(":memory:", clock) as store:
        for number in range(100):
            clock.advance(timedelta(seconds=10))
            now = {"temperature": 20 + number // 50, "current_temperature": 19 + number % 2 / 10}
            store.add_history("climate.t", DeviceState("heat", now, NOON))
        rows = store.history("climate.t")
        assert [row.attributes["temperature"] for row in rows if row.attributes["temperature"] == 21][:1] == [21]
        assert len(rows) < 20
        assert [row.at for row in rows] == sorted((row.at for row in rows), reverse=True)
        assert rows[0].at > NOON.isoformat()


def test_what_sensors_tell_is_written_seldom_and_packed(tmp_path: Path) -> None:
    """Five minutes later, many changes to a row; until then it is read from memory, with all it had."""
    path, clock = tmp_path / "edge.db", SimulatedClock(NOON)
    with Store.open(path, clock) as store:
        store.add_history("sensor.t", DeviceState("20", {"unit": "\u00b0C"}, NOON, "other"))
        store.add_history("binary_sensor.door", DeviceState("on", {}, NOON))
        before = store.history("sensor.t")
        clock.advance(timedelta(seconds=FLUSH_AFTER_S))
        assert _packs(path) == 0
        clock.advance(timedelta(seconds=SENSED_AFTER_S - FLUSH_AFTER_S))
        assert _packs(path) == 1
        assert store.history("sensor.t") == before
        assert (before[0].value, before[0].at, before[0].cause) == ("20", NOON.isoformat(), "other")


def test_a_full_buffer_of_sensors_does_not_wait(tmp_path: Path) -> None:
    """Ten thousand sensors are written when they are many."""
    path, clock = tmp_path / "edge.db", SimulatedClock(NOON)
    with Store.open(path, clock) as store:
        for number in range(SENSED_AT_ROWS):
            store.add_history(f"sensor.t{number}", DeviceState("20"))
        clock.advance(timedelta(0))
        assert _packs(path) == 1


def test_packs_are_bounded_and_forgotten(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The latest stay, at most so many; the night shift drops the old ones."""
    monkeypatch.setattr(sensed, "PACKS_MAX", 3)
    path, clock = tmp_path / "edge.db", SimulatedClock(NOON)
    with Store.open(path, clock, history_days=2) as store:
        for number in range(6):
            store.add_history("binary_sensor.door", DeviceState("off" if number % 2 else "on"))
            store.flush()
        assert _packs(path) == 3
        assert len(store.history("binary_sensor.door", 2)) == 2
        clock.advance(timedelta(days=3))
        store.tidy()
        assert store.history("binary_sensor.door") == ()


def test_a_damaged_pack_is_told_of(tmp_path: Path) -> None:
    """It is an error of the store, as any damage of the file."""
    path = tmp_path / "edge.db"
    with Store.open(path, SimulatedClock(NOON)) as store:
        store.add_history("sensor.t", DeviceState("20"))
    with sqlite3.connect(path) as writer:
        writer.execute("UPDATE sensed SET pack = x'00'")
    writer.close()
    with Store.open(path, SimulatedClock(NOON)) as store, pytest.raises(StoreError, match="damaged"):
        store.history("sensor.t")


def _packs(path: Path) -> int:
    """How many packs another reader of the file sees."""
    with sqlite3.connect(path) as reader:
        (count,) = reader.execute("SELECT count(*) FROM sensed").fetchone()
    reader.close()
    return int(count)
