"""A home of very many things, as Zigbee2MQTT would announce them, and what they say."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

ROOMS: Final = 25
KINDS: Final = ("light", "light", "switch", "binary_sensor", *["sensor"] * 6)
"""Of ten things: what a house full of technology has."""

LAMP: Final = "reading lamp"
"""What the commands of the benchmark are about; it belongs to nobody else's crowd."""


@dataclass(frozen=True)
class Said:
    """A message, and the state it should leave behind."""

    topic: str
    payload: str
    device_id: str
    state: str


@dataclass(frozen=True)
class Thing:
    """One of the crowd."""

    number: int
    kind: str

    @property
    def device_id(self) -> str:
        return f"{self.kind}.thing_{self.number}"

    @property
    def topic(self) -> str:
        return f"crowd/{self.kind}/{self.number}"

    def announcement(self, prefix: str = "homeassistant") -> tuple[str, str]:
        """Topic and payload of its discovery."""
        told: dict[str, Any] = {
            "name": None,
            "unique_id": f"crowd-{self.number}",
            "object_id": f"thing_{self.number}",
            "state_topic": self.topic,
            "availability": [{"topic": "crowd/bridge/state", "value_template": "{{ value_json.state }}"}],
            "availability_mode": "all",
            "device": {
                "identifiers": [f"crowd-{self.number}"],
                "name": f"{self.kind.replace('_', ' ')} {self.number}",
                "suggested_area": f"Room {self.number % ROOMS}",
                "manufacturer": "Crowd",
            },
            "origin": {"name": "Crowd", "sw": "1"},
        }
        told |= _TELLS[self.kind]
        if self.kind in {"light", "switch"}:
            told["command_topic"] = f"{self.topic}/set"
        return f"{prefix}/{self.kind}/crowd-{self.number}/{self.kind}/config", json.dumps(told)

    def say(self, chance: random.Random, beat: int) -> Said:
        """What it says the `beat`-th time: never the same twice in a row."""
        is_on = beat % 2 == 0
        signal = chance.randrange(40, 200)
        match self.kind:
            case "light":
                told: dict[str, Any] = {"state": "ON" if is_on else "OFF", "brightness": 1 + beat % 250}
                state = "on" if is_on else "off"
            case "switch":
                told = {"state": "ON" if is_on else "OFF", "power": chance.randrange(100)}
                state = "on" if is_on else "off"
            case "binary_sensor":
                told = {"occupancy": is_on, "illuminance": chance.randrange(1_000)}
                state = "on" if is_on else "off"
            case _:
                degrees = f"{20 + chance.gauss(0, 0.1) + (beat % 2) / 100:.2f}"
                told, state = {"temperature": float(degrees), "humidity": chance.randrange(40, 60)}, degrees
                state = f"{float(degrees)}"
        return Said(self.topic, json.dumps({**told, "linkquality": signal}), self.device_id, state)


_TELLS: Final[dict[str, dict[str, Any]]] = {
    "light": {"schema": "json", "brightness": True, "brightness_scale": 254},
    "switch": {"value_template": "{{ value_json.state }}"},
    "binary_sensor": {
        "value_template": "{{ value_json.occupancy }}",
        "payload_on": True,
        "payload_off": False,
        "device_class": "occupancy",
    },
    "sensor": {
        "value_template": "{{ value_json.temperature }}",
        "device_class": "temperature",
        "unit_of_measurement": "°C",
        "enabled_by_default": True,
    },
}


def things(count: int) -> tuple[Thing, ...]:
    """The first `count` things of the crowd."""
    return tuple(Thing(number, KINDS[number % len(KINDS)]) for number in range(count))


def chatter(crowd: tuple[Thing, ...], seed: int) -> Iterator[Said]:
    """Everybody says something, one after the other, for ever."""
    chance = random.Random(seed)
    beat = 0
    while True:
        beat += 1
        for thing in crowd:
            yield thing.say(chance, beat)
