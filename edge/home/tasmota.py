"""Tasmota's own discovery: a device's parts at `tasmota/discovery/<MAC>/config`, what it measures at `.../sensors`.

A device says what happens at `stat/<topic>/RESULT`, and everything every five minutes at `tele/<topic>/STATE`. It obeys
at `cmnd/<topic>/<command>`. How its topics are made up it says itself, in `ft`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from edge.home.discovery import Announcement, Component, Found, gathered
from edge.home.payloads import MAX_CONFIG_BYTES, as_text, decode, parse_json
from edge.home.problems import Problem
from edge.home.tasmota_parts import parts
from edge.home.tasmota_sensors import sensors
from edge.records import Message

PREFIX: Final = "tasmota/discovery"
FILTERS: Final = tuple(f"{PREFIX}/+/{what}" for what in ("config", "sensors"))

DEVICES_MAX: Final = 1_000
GROUP_TOPIC: Final = "tasmotas"
"""The topic to which every Tasmota listens besides its own, unless it is told otherwise."""

_MAC: Final = re.compile(r"[0-9A-Fa-f]{12}")


@dataclass(frozen=True)
class Topics:
    """The topics of one device, each with its `/` at the end."""

    command: str
    result: str
    telemetry: str
    group: str


@dataclass
class _Device:
    """What was heard of a device."""

    config: Any = None
    sensors: Any = None
    problems: dict[str, Problem] = field(default_factory=dict)


class Tasmota:
    """Reads the announcements of every Tasmota at a broker; the last of each is kept, for they come in any order."""

    def __init__(self) -> None:
        self._devices: dict[str, _Device] = {}

    def read(self, topic: str, payload: bytes) -> Announcement:
        """All of the device that says something. Total; an empty payload takes back what that topic said."""
        address, _, what = topic.removeprefix(f"{PREFIX}/").partition("/")
        if not _MAC.fullmatch(address) or what not in {"config", "sensors"}:
            return Announcement(problems=(Problem(topic, "it is no Tasmota's address"),))
        if address not in self._devices and len(self._devices) >= DEVICES_MAX:
            return Announcement(problems=(Problem(topic, f"more than {DEVICES_MAX:,} Tasmotas are not listened to"),))
        device = self._devices.setdefault(address, _Device())
        told = parse_json(decode(payload, MAX_CONFIG_BYTES) or "")
        device.problems.pop(topic, None)
        if payload and not isinstance(told, dict):
            device.problems[topic] = Problem(topic, "it is no JSON object, or longer than 256 KB")
        setattr(device, what, told)
        return _announced(address, device)


def _announced(address: str, device: _Device) -> Announcement:
    problems, whole = tuple(device.problems.values()), f"{PREFIX}/{address}"
    config = device.config
    if not isinstance(config, dict):
        return Announcement(problems=problems, whole=whole)
    topics = _topics(config, address)
    if topics is None:
        problem = Problem(f"{whole}/config", "it does not say how its topics are made up (t, ft and tp)")
        return Announcement(problems=(*problems, problem), whole=whole)
    told = gathered(list(_found(address, device, topics)), {})
    components = tuple(_second_hand(component, topics) for component in told.components)
    return Announcement(components, (*problems, *told.problems), moves=_moves(topics), whole=whole)


def _found(address: str, device: _Device, topics: Topics) -> Iterator[Found]:
    """Everything about it, each with how one can tell whether it is there."""
    config = device.config
    shared = {
        "availability_topic": f"{topics.telemetry}LWT",
        "payload_available": as_text(config.get("onln")) or "Online",
        "payload_not_available": as_text(config.get("ofln")) or "Offline",
    }
    for domain, part, told in (*parts(config, topics), *sensors(config, device.sensors, topics)):
        yield f"{PREFIX}/{address}#{part}", domain, part, {**told, **shared, "unique_id": f"{address}_{part}"}


def _topics(config: Mapping[str, Any], address: str) -> Topics | None:
    pattern, topic, prefixes = as_text(config.get("ft")), as_text(config.get("t")), config.get("tp")
    if not pattern or not topic or not isinstance(prefixes, list):
        return None
    names = [as_text(prefix) for prefix in prefixes]
    if len(names) != 3 or "%prefix%" not in pattern or not all(names):
        return None
    pattern = pattern.replace("%hostname%", as_text(config.get("hn")) or "").replace("%id%", address[-6:])

    def filled(prefix: str | None, topic: str) -> str:
        return f"{pattern.replace('%prefix%', prefix or '').replace('%topic%', topic).rstrip('/')}/"

    command, result, telemetry = (filled(name, topic) for name in names)
    return Topics(command, result, telemetry, filled(names[0], GROUP_TOPIC))


def _second_hand(component: Component, topics: Topics) -> Component:
    return replace(
        component,
        second_hand=True,
        echoes={f"{topics.result}RESULT": f"{topics.telemetry}STATE"},
        asking=Message(f"{topics.command}STATE", ""),
    )


def _moves(topics: Topics) -> Mapping[str, tuple[str, ...]]:
    """Every Tasmota listens to its group as well, and some commands move all of a device."""
    own = topics.command.rstrip("/")
    return dict.fromkeys((topics.group.rstrip("/"), f"{own}/Backlog", f"{own}/POWER0"), (own,))
