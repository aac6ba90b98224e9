"""Zigbee2MQTT without Home Assistant's discovery: its list of devices and what each exposes, and its groups.

The bridge keeps three lists at the broker: `<base>/bridge/devices`, `<base>/bridge/groups`, and in
`<base>/bridge/info` whether it watches who is there. They come in any order, so the last of each is kept, and a home is
told anew as a whole.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from edge.home.discovery import Announcement, Found, gathered
from edge.home.payloads import as_number, as_word, decode, parse_json
from edge.home.problems import Problem
from edge.home.zigbee_exposes import Exposed, exposed
from edge.home.zigbee_features import Told
from edge.home.zigbee_names import label_of
from edge.home.zigbee_rooms import room_of_group, room_of_thing, spoken
from edge.records import Message

FILTERS: Final = tuple(f"{base}/bridge/{what}" for base in ("+", "+/+") for what in ("devices", "groups", "info"))
"""Whatever the base topic is called, of one or two levels."""

LIST_BYTES_MAX: Final = 8 * 1024 * 1024
"""A device takes some 4 to 10 KB of the list of devices."""
BASES_MAX: Final = 8
DEVICES_MAX: Final = 1_000

_ONLINE: Final = "{{ value_json.state if value_json is mapping else value }}"
"""Older bridges say `online`, newer ones `{"state": "online"}`."""


@dataclass(frozen=True)
class _Device:
    """A device of the list, and what is spoken of it."""

    address: str
    name: str
    topic: str
    exposed: tuple[Exposed, ...]


@dataclass
class _Bridge:
    """One Zigbee2MQTT: the last of each of its lists."""

    base: str
    devices: Any = None
    groups: Any = None
    info: Any = None
    problems: dict[str, Problem] = field(default_factory=dict)


class Zigbee2Mqtt:
    """Reads the lists of every bridge at a broker."""

    def __init__(self) -> None:
        self._bridges: dict[str, _Bridge] = {}

    def read(self, topic: str, payload: bytes) -> Announcement:
        """The whole home of the bridge that said it. Total; an empty payload takes a list back."""
        base, _, what = topic.rpartition("/bridge/")
        if base not in self._bridges and len(self._bridges) >= BASES_MAX:
            return Announcement(problems=(Problem(topic, f"more than {BASES_MAX} Zigbee2MQTTs are not listened to"),))
        bridge = self._bridges.setdefault(base, _Bridge(base))
        text = decode(payload, LIST_BYTES_MAX)
        told = parse_json(text) if text else None
        expected = dict if what == "info" else list
        if payload and not isinstance(told, expected):
            bridge.problems[topic] = Problem(topic, "it is none of Zigbee2MQTT's lists, or longer than 8 MB")
            told = None
        else:
            bridge.problems.pop(topic, None)
        setattr(bridge, what, told)
        if bridge == _Bridge(base):
            del self._bridges[base]
        return _home(bridge)


def _home(bridge: _Bridge) -> Announcement:
    watch = _Watch(bridge.base, bridge.info)
    problems = list(bridge.problems.values())
    devices = _devices(bridge, problems)
    groups = _groups(bridge, devices)
    told = [gathered(list(_found(device, watch)), {}) for device in devices.values()]
    told += [gathered(list(_group_found(group, watch)), {}) for group in groups]
    asking = {device.topic: message for device in devices.values() if (message := _asking(device))}
    components = [
        replace(component, second_hand=True, asking=asking.get(component.key.rpartition("#")[0]))
        for each in told
        for component in each.components
    ]
    return Announcement(
        tuple(components),
        (*problems, *(problem for each in told for problem in each.problems)),
        rooms=_rooms(devices.values(), groups),
        moves=_moves(bridge.base, devices.values(), groups),
        whole=f"{bridge.base}/bridge",
    )


class _Watch:
    """How one can tell whether a thing is there: the bridge says so of itself, and of each thing if it is told to."""

    def __init__(self, base: str, info: Any) -> None:
        config = info.get("config") if isinstance(info, dict) else None
        self._config = config if isinstance(config, dict) else {}
        watching = self._config.get("availability")
        self._all = watching.get("enabled", True) is True if isinstance(watching, dict) else watching is True
        self._bridge = {"topic": f"{base}/bridge/state", "value_template": _ONLINE}

    def availability(self, kind: str, key: str, topic: str) -> Told:
        """`kind`: devices or groups; `key`: its address or number, by which it may be set up otherwise."""
        listed = self._config.get(kind)
        own = listed.get(key) if isinstance(listed, dict) else None
        chosen = own.get("availability") if isinstance(own, dict) else None
        watched = self._all if chosen is None else chosen is not False
        there = [self._bridge, {"topic": f"{topic}/availability", "value_template": _ONLINE}]
        return {"availability": there if watched else there[:1], "availability_mode": "all"}


def _devices(bridge: _Bridge, problems: list[Problem]) -> dict[str, _Device]:
    """The devices by address; the coordinator, and what was switched off, are none."""
    devices: dict[str, _Device] = {}
    listed = [entry for entry in bridge.devices or () if isinstance(entry, dict)]
    for entry in listed[:DEVICES_MAX]:
        address, name = as_word(entry.get("ieee_address")), as_word(entry.get("friendly_name"))
        if address is None or name is None or entry.get("type") == "Coordinator" or entry.get("disabled") is True:
            continue
        definition, topic = entry.get("definition"), f"{bridge.base}/{entry['friendly_name']}"
        if not isinstance(definition, dict):
            model = as_word(entry.get("model_id")) or "its model"
            problems.append(Problem(topic, f"Zigbee2MQTT does not know {model}, or has not finished pairing it"))
            continue
        devices[address] = _Device(address, name, topic, tuple(exposed(definition.get("exposes"), topic)))
    if len(listed) > DEVICES_MAX:
        problems.append(
            Problem(f"{bridge.base}/bridge/devices", f"devices after the first {DEVICES_MAX:,} are left out")
        )
    return devices


def _found(device: _Device, watch: _Watch) -> Iterator[Found]:
    shared = watch.availability("devices", device.address, device.topic)
    for each in device.exposed:
        named = {"name": label_of(device.name, each, device.exposed), "unique_id": f"{device.address}_{each.key}"}
        yield f"{device.topic}#{each.key}", each.domain, each.key, {**each.told, **shared, **named}


def _asking(device: _Device) -> Message | None:
    """The message upon which it tells its state; None for one that cannot be asked, such as most that sleep."""
    gettable = next((name for each in device.exposed for name in each.gettable), None)
    return Message(f"{device.topic}/get", json.dumps({gettable: ""})) if gettable else None


@dataclass(frozen=True)
class _Group:
    """Several devices that obey as one."""

    key: str
    name: str
    topic: str
    members: tuple[_Device, ...]


def _groups(bridge: _Bridge, devices: Mapping[str, _Device]) -> list[_Group]:
    """The groups of which anything is known."""
    groups: list[_Group] = []
    for entry in [entry for entry in bridge.groups or () if isinstance(entry, dict)][:DEVICES_MAX]:
        name, number, listed = as_word(entry.get("friendly_name")), as_number(entry.get("id")), entry.get("members")
        members_told = [member for member in listed if isinstance(member, dict)] if isinstance(listed, list) else []
        addresses = [member.get("ieee_address") for member in members_told]
        members = [devices[each] for each in addresses if isinstance(each, str) and each in devices]
        if name is not None and number is not None and members:
            unique = tuple({member.address: member for member in members}.values())
            groups.append(_Group(f"{number:g}", name, f"{bridge.base}/{entry['friendly_name']}", unique))
    return groups


def _group_found(group: _Group, watch: _Watch) -> Iterator[Found]:
    """A group is a thing of its own if its members are of one kind; one that is a room is what the room's name says."""
    if room_of_group(group.name)[1]:
        return
    first = [next(iter(member.exposed), None) for member in group.members]
    kinds = {each.domain if each and not each.label else "" for each in first}
    told = [each.told for each in first if each]
    if kinds == {"light"}:
        domain, own = "light", _together(told, group.topic)
    elif kinds <= {"light", "switch"} or kinds in ({"cover"}, {"lock"}):
        domain = "switch" if "switch" in kinds else next(iter(kinds))
        alike = next((each for each in told if "schema" not in each), {})
        own = {key: _moved(value, group) for key, value in alike.items()}
    else:
        return
    shared = watch.availability("groups", group.key, group.topic)
    named = {"name": spoken(group.name), "unique_id": f"{group.topic}_group_{group.key}"}
    yield f"{group.topic}#group", domain, group.name, {**own, **shared, **named}


def _together(lights: Sequence[Told], topic: str) -> Told:
    """A light that can do what any of its lights can, within what all of them can bear."""
    modes = {mode for light in lights for mode in light["supported_color_modes"]}
    ends = {"min_mireds": max, "max_mireds": min}
    limits = {
        end: choose(light[end] for light in lights if end in light)
        for end, choose in ends.items()
        if any(end in light for light in lights)
    }
    several = modes - {"onoff", "brightness"} or modes - {"onoff"} or modes
    return {**lights[0], "effect_list": [], "supported_color_modes": sorted(several), **limits} | {
        "state_topic": topic,
        "command_topic": f"{topic}/set",
    }


def _moved(value: Any, group: _Group) -> Any:
    """A member's topic as the group's."""
    topics = (member.topic for member in group.members)
    own = next((topic for topic in topics if isinstance(value, str) and f"{value}/".startswith(f"{topic}/")), None)
    return value if own is None else group.topic + value.removeprefix(own)


def _rooms(devices: Collection[_Device], groups: Sequence[_Group]) -> Mapping[str, str]:
    """By topic, the room: of a thing by its own name, else by its groups where they name but one."""
    rooms: dict[str, str] = {}
    named: dict[str, dict[str, str]] = defaultdict(dict)
    for group in groups:
        if room := room_of_group(group.name)[0]:
            rooms[group.topic] = room
            for member in group.members:
                named[member.topic].setdefault(room.casefold(), room)
    for device in devices:
        by_group = list(named[device.topic].values())
        if room := by_group[0] if len(by_group) == 1 else room_of_thing(device.name):
            rooms[device.topic] = room
    return rooms


def _moves(base: str, devices: Collection[_Device], groups: Sequence[_Group]) -> Mapping[str, tuple[str, ...]]:
    """A device takes JSON about any part of it, and answers to its address, and to its groups by name and number."""
    moves: dict[str, tuple[str, ...]] = {f"{device.topic}/set": (device.topic,) for device in devices}
    moves |= {f"{base}/{device.address}": (device.topic,) for device in devices}
    for group in groups:
        topics = tuple(member.topic for member in group.members)
        moves |= {group.topic: topics, f"{base}/{group.key}": topics}
    return moves
