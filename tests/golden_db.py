"""Makes the golden database of the schema of today: `python -m tests.golden_db`. Older ones are never made again."""

import sqlite3
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path
from typing import Final

from edge.clock import SimulatedClock
from edge.entries import Entry, Kept
from edge.knowledge import DeviceState
from edge.records import Confirm, Failure, Interpretation, ResolvedAction, Response, Step
from edge.rewrites import Meaning, Rewrite
from edge.signals import Diagnosis, Label, Signal
from edge.store import Store
from edge.store.schema import load_migrations
from tests.lived import KITCHEN, NOON, a_turn

PASTA: Final = Kept(Entry("a1", "timer", NOON + timedelta(minutes=8), "pasta", 480.0, room="kitchen"))
WORK: Final = Kept(
    Entry("b2", "alarm", NOON + timedelta(hours=18), days=(0, 1, 2, 3, 4), ringing=True), time(7), "Europe/Berlin", NOON
)
UNDONE: Final = Signal("20261122-120000-0001", "undo", NOON, 2.4, "20261122-120010-0002", {"gap_s": 10.0})
WRONG_LAMP: Final = Diagnosis("20261122-120000-0001", {"correct": 0.25, "entity": 0.75}, ("It was undone.",))
FLOOR_LAMP: Final = Label(
    "20261122-120000-0001",
    "20261122-120000-0001",
    "defect",
    0.04,
    "turn on the floor lamp",
    "HassTurnOn",
    {"name": "floor lamp"},
    0.9,
    "20261122-120010-0002",
)
KITTEN_LIGHT: Final = Rewrite(
    "3f2a9c0d1b7e",
    ("turn on the kitten light",),
    "turn on the kitchen light",
    Meaning("HassTurnOn", "turn_on", ("light.kitchen",)),
    "active",
    is_explicit=True,
    wins=2.0,
    trials=1,
    days=1,
    since=NOON,
    reason="somebody said what was meant",
)

FOLDER: Final = Path(__file__).parent / "golden" / "db"


def golden(number: int) -> Path:
    """Where the golden database of a schema lies."""
    return FOLDER / f"schema_{number:04d}.db"


def make(path: Path) -> None:
    """A small database with something in every table."""
    path.unlink(missing_ok=True)
    with Store.open(path, SimulatedClock(NOON)) as store:
        revision = store.knowledge_for(KITCHEN, "the home was found").revision
        store.add_turn(a_turn("20261122-120000-0001", revision=revision))
        stopped = replace(a_turn("20261122-120010-0002"), failure=Failure("action", "the broker is away"))
        store.add_turn(stopped.answered(Response("I cannot reach the home.", "error")))
        store.add_history("light.kitchen", DeviceState("on", {"brightness": 40}, NOON, "ours"))
        store.add_history("light.kitchen", DeviceState("off", {}, NOON + timedelta(minutes=5), "hand"))
        store.add_history("sensor.bath", DeviceState("21.5", {}, NOON))
        unlock = Step(Interpretation("HassTurnOff"), ResolvedAction(("lock.front",), "unlock", needs_confirmation=True))
        asked = replace(a_turn("20261122-120020-0003", revision=revision), decision=Confirm((unlock,), "wanted"))
        store.add_turn(asked)
        store.pins.set("4827")
        store.agenda.write([PASTA, WORK], [])
        store.signals.add([UNDONE])
        store.signals.diagnose([WRONG_LAMP])
        store.labels.keep([FLOOR_LAMP])
        store.known.publish([KITTEN_LIGHT], "one rule was learned")
        store.agenda.write_items("shopping", {"oat milk": "Oat milk"}, [])
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode = DELETE")
    database.execute("VACUUM")
    database.close()
    path.with_name(f"{path.name}.lock").unlink()


if __name__ == "__main__":
    make(golden(len(load_migrations())))
