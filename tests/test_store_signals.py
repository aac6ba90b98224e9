"""The store keeps what was observed about turns, and what is believed of them; neither outlives its turn."""

import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from edge.clock import SimulatedClock
from edge.errors import StageFailed, StoreError
from edge.knowledge import Change, DeviceState
from edge.records import Utterance
from edge.runtime import learn_signals
from edge.signals import Diagnosis, Signal
from edge.store import Store
from tests.lived import KITCHEN, NAUGHTY, NOON, a_turn

STOPPED = Signal("one", "stop", NOON, 0.8, "two", {"played_ms": 300, "gap_s": 1.5})
UNDONE = Signal("one", "undo", NOON + timedelta(seconds=9), 3.0, "three", {"gap_s": 9.0})
MISHEARD = Diagnosis("one", {"correct": 0.2, "asr": 0.8}, ("It was said again.",), "moment")


@pytest.fixture
def store() -> Store:
    found = Store.open(":memory:", SimulatedClock(NOON))
    for turn_id in ("one", "two"):
        found.add_turn(a_turn(turn_id))
    return found


def test_signals_come_back_as_they_were(store: Store) -> None:
    """Weight, time, detail and where they came from; those of one turn in the order of their time."""
    assert store.signals.add([UNDONE, STOPPED]) == 2
    assert store.signals.of("one") == (STOPPED, UNDONE)
    assert store.signals.of("two") == ()
    assert store.signals.since(NOON) == (STOPPED, UNDONE)
    assert store.signals.since(NOON + timedelta(days=3)) == ()


def test_the_same_is_kept_once(store: Store) -> None:
    """What was observed already is not observed again, whatever it would weigh now."""
    assert store.signals.add([STOPPED]) == 1
    assert store.signals.add([replace(STOPPED, weight=0.1), UNDONE]) == 1
    assert store.signals.of("one") == (STOPPED, UNDONE)


def test_a_signal_of_a_turn_that_is_gone_is_left_out(store: Store) -> None:
    """It is no error, and those beside it are kept; so with a diagnosis."""
    assert store.signals.add([replace(STOPPED, turn_id="gone"), STOPPED]) == 1
    store.signals.diagnose([replace(MISHEARD, turn_id="gone"), MISHEARD])
    assert store.signals.diagnosis("gone") is None
    assert store.signals.diagnosis("one") == MISHEARD


def test_nothing_outlives_its_turn(tmp_path: Path) -> None:
    """With the row of a turn go its signals and its diagnosis, and no others."""
    path = tmp_path / "edge.db"
    with Store.open(path, SimulatedClock(NOON)) as store:
        for turn_id in ("one", "two"):
            store.add_turn(a_turn(turn_id))
        store.signals.add([STOPPED, replace(STOPPED, turn_id="two")])
        store.signals.diagnose([MISHEARD, replace(MISHEARD, turn_id="two")])
    other = sqlite3.connect(path)
    other.execute("PRAGMA foreign_keys = ON")
    other.execute("DELETE FROM turns WHERE turn_id = 'one'")
    other.commit()
    other.close()
    with Store.open(path, SimulatedClock(NOON)) as store:
        assert store.signals.of("one") == ()
        assert store.signals.diagnosis("one") is None
        assert len(store.signals.of("two")) == 1
        assert [each.turn_id for each in store.signals.diagnoses(NOON)] == ["two"]
        assert store.problems() == ()


def test_a_turn_has_one_diagnosis(store: Store) -> None:
    """The later one stands."""
    store.signals.diagnose([MISHEARD])
    later = Diagnosis("one", {"correct": 0.9, "entity": 0.1}, by="model")
    store.signals.diagnose([later])
    assert store.signals.diagnosis("one") == later
    assert store.signals.diagnoses(NOON) == (later,)


@pytest.mark.parametrize("text", NAUGHTY)
def test_no_text_harms_the_tables(store: Store, text: str) -> None:
    """Names of turns and evidence hold whatever they hold."""
    store.signals.add([replace(STOPPED, from_turn_id=text, detail={"device_id": text})])
    store.signals.diagnose([replace(MISHEARD, evidence=(text,))])
    (signal,) = store.signals.of("one")
    assert (signal.from_turn_id, signal.detail) == (text, {"device_id": text})
    assert store.signals.diagnosis("one") == replace(MISHEARD, evidence=(text,))
    assert store.signals.of(text) == ()


def test_damage_is_named(tmp_path: Path) -> None:
    """A signal that is no JSON any more is an error in words."""
    path = tmp_path / "edge.db"
    with Store.open(path, SimulatedClock(NOON)) as store:
        store.add_turn(a_turn("one"))
        store.signals.add([STOPPED])
        store.signals.diagnose([MISHEARD])
    other = sqlite3.connect(path)
    other.execute("UPDATE signals SET detail = '{'")
    other.execute("UPDATE diagnoses SET evidence = 'oh'")
    other.commit()
    other.close()
    with Store.open(path, SimulatedClock(NOON)) as store:
        with pytest.raises(StoreError, match="a signal in it is damaged"):
            store.signals.of("one")
        with pytest.raises(StoreError, match="a diagnosis in it is damaged"):
            store.signals.diagnosis("one")


def test_a_reader_writes_no_signals(tmp_path: Path) -> None:
    """Whoever opened the file to read is told so."""
    path = tmp_path / "edge.db"
    with Store.open(path, SimulatedClock(NOON)) as store:
        store.add_turn(a_turn("one"))
    with (
        Store.open(path, SimulatedClock(NOON), read_only=True) as reader,
        pytest.raises(StageFailed, match="only be read"),
    ):
        reader.signals.add([STOPPED])


def test_changes_come_back_with_what_was_before(store: Store) -> None:
    """Oldest first, from a moment on; of the first of a device it is not known how it stood."""
    for minute, value in enumerate(("on", "off", "on")):
        at = NOON + timedelta(minutes=minute)
        store.add_history("light.a", DeviceState(value, {"brightness": minute}, at, "hand"))
    store.flush()
    first, second = store.changes_since(NOON + timedelta(minutes=1))
    assert first.before == DeviceState("unknown")
    assert (second.before, second.cause) == (first.after, "hand")
    assert second == Change("light.a", NOON + timedelta(minutes=2), first.after, second.after, "hand")


def test_the_night_shift_reads_what_was_lived(store: Store) -> None:
    """A lamp that a hand put back, and a word of blame, are known the next morning; once, however often it looks."""
    revision = store.knowledge_for(KITCHEN, "the home was found").revision
    asked = replace(a_turn("lamp", revision=revision), started_at=NOON + timedelta(hours=1))
    (done,) = asked.done_steps
    assert done.outcome is not None
    moved = replace(done, outcome=replace(done.outcome, moved=("light.kitchen",)))
    store.add_turn(replace(asked, done_steps=(moved,)))
    for seconds, value, cause in ((-600, "off", "hand"), (1, "on", "ours"), (20, "off", "hand")):
        at = asked.started_at + timedelta(seconds=seconds)
        state = DeviceState(value, {}, at, cause)  # type: ignore[arg-type]  # one of the causes
        store.add_history("light.kitchen", state)
    store.flush()
    early = asked.started_at + timedelta(minutes=1)
    assert learn_signals(store, early) == 1  # the two turns at noon: one repeats the other
    assert learn_signals(store, NOON + timedelta(hours=14)) == 1
    (put_back,) = store.signals.of("lamp")
    assert (put_back.kind, put_back.detail["device_id"]) == ("put_back", "light.kitchen")
    assert put_back.weight > 2
    assert learn_signals(store, NOON + timedelta(hours=15)) == 0


def test_turns_of_another_month_are_left_alone(store: Store) -> None:
    """Only the last weeks are read."""
    assert learn_signals(store, NOON + timedelta(days=60)) == 0
    quiet = replace(a_turn("quiet"), utterance=Utterance("agenda", typed=""))
    store.add_turn(replace(quiet, started_at=NOON + timedelta(days=60)))
    assert learn_signals(store, NOON + timedelta(days=61)) == 0
