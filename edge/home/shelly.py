"""Shelly's second and later generations, which announce nothing: the home file says where one is, `PREFIX/switch:0`.

A device says everything about a part of it at `<prefix>/status/<part>`, once "generic status update over MQTT" is on in
its settings, and `true` or `false` at `<prefix>/online`. Relays and covers are moved by plain words at
`<prefix>/command/<part>`, as long as "MQTT control" is on, which it is from the start. A dimmer takes those only since
firmware 1.6, so it is told by a call at `<prefix>/rpc`, which every firmware understands.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from edge.records import Message

Told = dict[str, Any]

_ADDRESS: Final = re.compile(r"(?P<prefix>[^+#\s]+)/(?P<kind>[a-z]+):(?P<number>\d{1,3})")


@dataclass(frozen=True)
class Part:
    """One part of a Shelly."""

    prefix: str
    kind: str
    number: int

    @property
    def status(self) -> str:
        """Where it says how it is."""
        return f"{self.prefix}/status/{self.kind}:{self.number}"

    @property
    def command(self) -> str:
        """Where plain words move it."""
        return f"{self.prefix}/command/{self.kind}:{self.number}"

    @property
    def asking(self) -> Message:
        """Upon which it says how it is."""
        return Message(self.command, "status_update")

    def moves(self) -> Mapping[str, tuple[str, ...]]:
        """A call moves whichever part it names."""
        return {f"{self.prefix}/rpc": (f"{self.prefix}/command", f"{self.prefix}/rpc")}


def part_at(address: str) -> Part | None:
    """`shellyplus1-a8032abe54dc/switch:0`; None for anything else."""
    found = _ADDRESS.fullmatch(address)
    return Part(found["prefix"], found["kind"], int(found["number"])) if found else None


def told_of(domain: str, part: Part) -> Told | None:
    """What the part would announce of itself as such a device; None where it is no such device."""
    make = _MADE.get((domain, part.kind))
    if make is None:
        return None
    there = {"payload_available": "true", "payload_not_available": "false"}
    return {**make(part), "availability_topic": f"{part.prefix}/online", **there}


def parts_for(domain: str) -> tuple[str, ...]:
    """The kinds of part that can be such a device."""
    return tuple(kind for each, kind in _MADE if each == domain)


def _switch(part: Part) -> Told:
    return {
        **_read(part, "output", "value_template"),
        "command_topic": part.command,
        "payload_on": "on",
        "payload_off": "off",
        "state_on": True,
        "state_off": False,
    }


def _switched_light(part: Part) -> Told:
    return {
        "state_topic": part.status,
        "state_value_template": "{{ 'on' if value_json.output else 'off' }}",
        "command_topic": part.command,
        "payload_on": "on",
        "payload_off": "off",
    }


def _light(part: Part) -> Told:
    """One call both lights and dims it."""
    return {
        "schema": "template",
        "state_topic": part.status,
        "state_template": "{{ 'on' if value_json.output else 'off' }}",
        "brightness_template": "{{ value_json.brightness }}",
        "brightness_scale": 100,
        "command_topic": f"{part.prefix}/rpc",
        "command_on_template": _call(
            part, 'true{% if brightness is defined %}, "brightness": {{ brightness }}{% endif %}'
        ),
        "command_off_template": _call(part, "false"),
    }


def _call(part: Part, on: str) -> str:
    return f'{{"id": 1, "src": "edge", "method": "Light.Set", "params": {{"id": {part.number}, "on": {on}}}}}'


def _cover(part: Part) -> Told:
    """One that was not calibrated does not know its position; then it is open or closed."""
    return {
        **_read(part, "state", "value_template"),
        "command_topic": part.command,
        "payload_open": "open",
        "payload_close": "close",
        "payload_stop": "stop",
        **_read(part, "current_pos", "position_template", "position_topic"),
        "set_position_topic": part.command,
        "set_position_template": "pos,{{ position }}",
    }


def _input(part: Part) -> Told:
    return {**_read(part, "state", "value_template"), "payload_on": True, "payload_off": False}


def _measured(key: str, unit: str, device_class: str) -> Callable[[Part], Told]:
    return lambda part: {
        **_read(part, key, "value_template"),
        "unit_of_measurement": unit,
        "device_class": device_class,
    }


def _read(part: Part, key: str, template: str, topic: str = "state_topic") -> Told:
    return {topic: part.status, template: f"{{{{ value_json.{key} }}}}"}


_MADE: Final[Mapping[tuple[str, str], Callable[[Part], Told]]] = {
    ("switch", "switch"): _switch,
    ("light", "switch"): _switched_light,
    ("light", "light"): _light,
    ("cover", "cover"): _cover,
    ("binary_sensor", "input"): _input,
    ("sensor", "switch"): _measured("apower", "W", "power"),
    ("sensor", "light"): _measured("apower", "W", "power"),
    ("sensor", "temperature"): _measured("tC", "°C", "temperature"),
    ("sensor", "humidity"): _measured("rh", "%", "humidity"),
}
"""By domain and kind of part."""
