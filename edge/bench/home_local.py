"""World: what a talkative home costs in memory, and what it writes to the disk; without a broker."""

import random
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from edge.bench.crowd import Thing, chatter, things
from edge.bench.figures import memory_mb
from edge.clock import SimulatedClock
from edge.home.bus import LocalBus
from edge.home.picture import HomePicture
from edge.store import Store

WARM_UP: Final = 50_000
A_SECOND: Final = 2_000
"""Messages in a second of the simulated clock."""
HOURS: Final = 2
"""The first hour finds out what is noise; the last one is measured."""
NOON: Final = datetime(2026, 6, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Growth:
    """Memory of the process, before and after very many messages."""

    messages: int
    before_mb: float
    """After the first fifty thousand."""
    after_mb: float

    @property
    def growth(self) -> float:
        """As a share of what it was."""
        return self.after_mb / self.before_mb - 1.0

    def row(self) -> tuple[str, str]:
        """For a table."""
        figures = f"{self.before_mb:.1f} MB -> {self.after_mb:.1f} MB ({self.growth:+.1%})"
        return f"memory over {self.messages:,} messages", figures


@dataclass(frozen=True)
class Written:
    """What one hour of a home where nobody moves anything writes."""

    messages: int
    handed_over_mb: float
    """What SQLite gave to the system to write, log and database together."""
    to_the_disk_mb: float
    """What the system counts as gone to the disk, by whole pages; 0 on a disk in memory."""
    changes_kept: int

    def row(self) -> tuple[str, str]:
        """For a table."""
        figures = f"{self.handed_over_mb:.2f} MB written by SQLite, {self.to_the_disk_mb:.2f} MB to the disk"
        return "an idle hour", f"{figures}; {self.messages:,} messages, {self.changes_kept:,} changes kept"


class _Life:
    """A picture and a store on simulated time."""

    def __init__(self, folder: Path, crowd: tuple[Thing, ...]) -> None:
        self.clock = SimulatedClock(NOON)
        self.bus = LocalBus()
        self.database = folder / "edge.db"
        self.store = Store.open(self.database, self.clock)
        self.picture = HomePicture(self.bus, self.clock)
        self.bus.publish("crowd/bridge/state", '{"state": "online"}', retain=True)
        for thing in crowd:
            self.bus.publish(*thing.announcement(), retain=True)
        assert len(self.picture.home_map.devices) == len(crowd), "all are understood"
        self.picture.on_change(self.store.add_history)


def measure_memory(entities: int, messages: int) -> Growth:
    """Say `messages` to a picture whose changes are stored."""
    crowd = things(entities)
    before_mb = 0.0
    with tempfile.TemporaryDirectory(prefix="edge-bench-") as folder:
        life = _Life(Path(folder), crowd)
        speech = chatter(crowd, seed=1)
        for number in range(messages):
            said = next(speech)
            life.bus.publish(said.topic, said.payload)
            if number % A_SECOND == 0:
                life.clock.advance(timedelta(seconds=1))
            if number == min(WARM_UP, messages // 2):
                before_mb = memory_mb()
        after_mb = memory_mb()
        life.store.close()
    return Growth(messages, before_mb, after_mb)


def measure_writes(entities: int) -> Written:
    """Live through some hours in which sensors report and movement is noticed, and nobody moves anything."""
    crowd = things(entities)
    chance = random.Random(7)
    spoken = 0
    with tempfile.TemporaryDirectory(prefix="edge-bench-") as folder:
        life = _Life(Path(folder), crowd)
        begin, kept = _bytes_written(), 0
        for hour in range(HOURS):
            if hour == HOURS - 1:
                life.store.tidy()
                begin, kept, spoken = _bytes_written(), _kept(life.database), 0
            for at_s, (topic, payload) in _an_hour(crowd, chance):
                life.clock.advance(NOON + timedelta(hours=hour, seconds=at_s) - life.clock.now())
                life.bus.publish(topic, payload)
                spoken += 1
            life.clock.advance(NOON + timedelta(hours=hour + 1) - life.clock.now())
        life.store.tidy()  # what is in the log has to go into the database some day
        end = _bytes_written()
        changes = _kept(life.database) - kept
        life.store.close()
    return Written(spoken, (end[0] - begin[0]) / 1e6, (end[1] - begin[1]) / 1e6, changes)


def _an_hour(crowd: tuple[Thing, ...], chance: random.Random) -> list[tuple[float, tuple[str, str]]]:
    """When who says what: sensors every 10 to 60 s with their noise, a movement some five times."""
    spoken: list[tuple[float, tuple[str, str]]] = []
    for thing in crowd:
        match thing.kind:
            case "sensor":
                pause_s = chance.uniform(10, 60)
                moments = [pause_s * number for number in range(1, int(3_600 / pause_s))]
            case "binary_sensor":
                moments = sorted(chance.uniform(0, 3_600) for _ in range(10))
            case _:
                moments = []
        for beat, at_s in enumerate(moments):
            said = thing.say(chance, beat)
            spoken.append((at_s, (said.topic, said.payload)))
    return sorted(spoken)


def _kept(database: Path) -> int:
    """How many changes are in the database."""
    with closing(sqlite3.connect(database)) as reader:
        sql = "SELECT (SELECT count(*) FROM device_history) + (SELECT coalesce(sum(changes), 0) FROM sensed)"
        (count,) = reader.execute(sql).fetchone()
    return int(count)


def _bytes_written() -> tuple[int, int]:
    """What this process has given the system to write, and what of that counts as gone to a disk."""
    lines = Path("/proc/self/io").read_text(encoding="utf-8").splitlines()
    counted = dict(line.split(": ") for line in lines)
    return int(counted["wchar"]), int(counted["write_bytes"])
