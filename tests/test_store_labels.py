"""The store keeps what turns should have been taken for; no label outlives its turn."""

import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from edge.clock import SimulatedClock
from edge.errors import StoreError
from edge.signals import Label
from edge.store import Store
from tests.lived import NAUGHTY, NOON, a_turn

LAMP = Label("one", "one", "defect", 0.04, "turn on the lamp", "HassTurnOn", {"name": "lamp", "n": 3}, 0.9, "two")
WENT_WELL = Label("two", "one", "success", 0.95, by="model")


@pytest.fixture
def store() -> Store:
    found = Store.open(":memory:", SimulatedClock(NOON))
    for turn_id in ("one", "two"):
        found.add_turn(a_turn(turn_id))
    return found


def test_labels_come_back_as_they_were(store: Store) -> None:
    """Whole or nearly empty, one by one and in the order of their turns."""
    store.labels.keep([WENT_WELL, LAMP])
    assert (store.labels.of("one"), store.labels.of("two")) == (LAMP, WENT_WELL)
    assert store.labels.since(NOON) == (LAMP, WENT_WELL)
    assert store.labels.since(NOON + timedelta(days=3)) == ()
    assert store.labels.of("three") is None


def test_what_is_believed_now_stands_in_place_of_what_was(store: Store) -> None:
    """One label of a turn, the last."""
    store.labels.keep([LAMP])
    store.labels.keep([replace(LAMP, probability=0.5, outcome="unknown", text="")])
    assert [(each.outcome, each.text) for each in store.labels.since(NOON)] == [("unknown", "")]


def test_any_words_go_in_and_come_out(store: Store) -> None:
    """Quotes, other scripts and emoji are words as well."""
    for words in NAUGHTY:
        store.labels.keep([replace(LAMP, text=words, slots={"name": words})])
        found = store.labels.of("one")
        assert found is not None
        assert (found.text, found.slots["name"]) == (words, words)


def test_no_label_outlives_its_turn(tmp_path: Path) -> None:
    """It goes with its turn's row, none can be added to a turn that is gone, and that of another stays."""
    path = tmp_path / "edge.db"
    with Store.open(path, SimulatedClock(NOON)) as store:
        for turn_id in ("one", "two"):
            store.add_turn(a_turn(turn_id))
        store.labels.keep([LAMP, WENT_WELL])
    other = sqlite3.connect(path)
    other.execute("PRAGMA foreign_keys = ON")
    other.execute("DELETE FROM turns WHERE turn_id = 'one'")
    other.commit()
    other.close()
    with Store.open(path, SimulatedClock(NOON)) as store:
        store.labels.keep([LAMP])
        assert store.labels.since(NOON) == (WENT_WELL,)


def test_a_damaged_label_is_told_of(tmp_path: Path) -> None:
    """Slots that are no JSON are the database's trouble, and said so."""
    path = tmp_path / "edge.db"
    with Store.open(path, SimulatedClock(NOON)) as store:
        store.add_turn(a_turn("one"))
        store.labels.keep([LAMP])
    other = sqlite3.connect(path)
    other.execute("UPDATE labels SET slots = '{'")
    other.commit()
    other.close()
    with Store.open(path, SimulatedClock(NOON)) as store, pytest.raises(StoreError, match="damaged"):
        store.labels.of("one")
