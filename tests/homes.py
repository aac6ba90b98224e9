"""Homes to test in: the demo home in-process, and pictures of homes that announce whatever a test wants."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from edge.clock import SimulatedClock
from edge.home.bus import LocalBus
from edge.home.home_file import HomeFile, demo_home_path, load_home_file
from edge.home.picture import HomePicture
from edge.home.simulated import SimulatedHome
from edge.knowledge import Device, DeviceState, Knowledge
from edge.records import Message, ResolvedAction


def morning() -> SimulatedClock:
    """Eight o'clock on some Wednesday."""
    return SimulatedClock(datetime(2025, 1, 1, 8, tzinfo=UTC))


@dataclass
class AnnouncedHome:
    """A picture on a bus of its own, with a pen to write on that bus."""

    additions: HomeFile | None = None
    clock: SimulatedClock = field(default_factory=morning)
    bus: LocalBus = field(default_factory=LocalBus)

    def __post_init__(self) -> None:
        self.heard: list[Message] = []
        self.picture = HomePicture(self.bus, self.clock, additions=self.additions)
        self.bus.subscribe("#", lambda topic, payload: self.heard.append(Message(topic, payload.decode())))

    def announce(self, topic: str, config: Any) -> None:
        """Write to a config topic, `light/x` for short; a string is taken as it is."""
        payload = config if isinstance(config, str) else json.dumps(config)
        self.bus.publish(f"homeassistant/{topic}/config", payload, retain=True)

    def says(self, topic: str, payload: Any) -> None:
        """Write to a state topic."""
        self.bus.publish(topic, payload if isinstance(payload, str) else json.dumps(payload))

    def device(self, device_id: str) -> Device:
        return self.picture.home_map.device[device_id]

    def state(self, device_id: str) -> DeviceState:
        return self.picture.states()[device_id]

    def send(self, device_id: str, command: str, **values: Any) -> list[Message]:
        """What a command makes of it on the bus."""
        return list(self.picture.send(ResolvedAction((device_id,), command, values)))


@dataclass
class DemoHome:
    """The demo home, simulated in-process, with its picture."""

    clock: SimulatedClock = field(default_factory=morning)
    bus: LocalBus = field(default_factory=LocalBus)
    seed: int = 0
    home_file: HomeFile = field(default_factory=lambda: load_home_file(demo_home_path()))

    def __post_init__(self) -> None:
        self.picture = HomePicture(self.bus, self.clock, additions=self.home_file)
        self.home = SimulatedHome(self.home_file, self.bus, self.clock, seed=self.seed)

    @property
    def knowledge(self) -> Knowledge:
        return Knowledge(1, self.picture.home_map)

    def after(self, seconds: float) -> None:
        """Live through some seconds."""
        self.clock.advance(timedelta(seconds=seconds))

    def state(self, device_id: str) -> DeviceState:
        return self.picture.states()[device_id]

    def send(self, device_id: str, command: str, **values: Any) -> None:
        self.picture.send(ResolvedAction((device_id,), command, values))


class FakePins:
    """A PIN that is no secret; empty: none is set. Three wrong ones lock it."""

    def __init__(self, digits: str = "") -> None:
        self.digits = digits
        self.wrong = 0

    @property
    def is_set(self) -> bool:
        return bool(self.digits)

    def is_right(self, digits: str) -> bool:
        return digits == self.digits

    def check(self, digits: str) -> Literal["right", "wrong", "locked"]:
        if self.wrong >= 3:
            return "locked"
        self.wrong = 0 if self.is_right(digits) else self.wrong + 1
        return "right" if not self.wrong else "wrong" if self.wrong < 3 else "locked"
