"""Words: what the assistant knows while a turn runs. One immutable snapshot with a revision number."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from edge.rewrites import Rewrite
from edge.risk import Tier

MEASURED: Final = frozenset({"current_temperature", "current_humidity", "action", "battery"})
"""Attributes that change by themselves, of devices that are moved as well: such a change has no cause."""

Cause = Literal["ours", "other", "hand", "controller", "unknown"]
"""Who changed a device: we, somebody else (told apart as hand or controller where the home can tell), or unknown."""


@dataclass(frozen=True)
class Area:
    """A room or other place of the home."""

    area_id: str
    name: str
    aliases: tuple[str, ...] = ()
    floor: str | None = None


@dataclass(frozen=True)
class Media:
    """One thing that a media player can play."""

    title: str
    kind: str
    """film, audiobook, song ..."""
    by: str = ""
    """Artist or author."""


@dataclass(frozen=True)
class Device:
    """One thing that can be moved or read: what Home Assistant calls an entity."""

    device_id: str
    """`domain.slug`, unique in the home: `light.kitchen`."""
    name: str
    domain: str
    """Home Assistant's word: light, switch, cover, lock, climate, fan, vacuum, sensor, binary_sensor ..."""
    device_class: str | None = None
    """Home Assistant's word within the domain: garage, blind, window, temperature, oven ..."""
    area: str | None = None
    """The `area_id`, or None when the home does not say."""
    aliases: tuple[str, ...] = ()
    capabilities: frozenset[str] = frozenset()
    """Beyond its domain's minimum: brightness, color, color_temp, position, target_temperature, speed, volume ..."""
    limits: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Lowest and highest value by capability, in the unit people say (percent, degrees, kelvin)."""
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Values that may be chosen, by capability: mode, preset, effect, source ..."""
    unit: str | None = None
    tier: Tier = "free"
    reports: bool = True
    """False where the device never tells its state (button, scene, optimistic): nothing can be confirmed."""
    untold: Annotated[tuple[str, ...], Field(exclude_if=lambda keys: not keys)] = ()
    """Values that it can be given and never tells, though it reports: speed, temperature ..."""
    catalogue: tuple[Media, ...] = ()
    """What a media player can play; titles may repeat."""
    guarded_topics: Annotated[tuple[str, ...], Field(exclude_if=lambda topics: not topics)] = ()
    """Of a guarded device, the topics by which it is commanded: what is published there moves it, whoever does it."""


@dataclass(frozen=True)
class HomeMap:
    """The home as it is built: places and devices, not what they do at the moment."""

    areas: tuple[Area, ...] = ()
    devices: tuple[Device, ...] = ()

    @cached_property
    def device(self) -> Mapping[str, Device]:
        """Devices by `device_id`."""
        return {device.device_id: device for device in self.devices}

    @cached_property
    def area(self) -> Mapping[str, Area]:
        """Areas by `area_id`."""
        return {area.area_id: area for area in self.areas}

    def area_called(self, name: str) -> Area | None:
        """The area with this id, name or alias, in any case."""
        wanted = name.casefold().strip()
        for area in self.areas:
            if wanted in {area.area_id, area.name.casefold(), *(alias.casefold() for alias in area.aliases)}:
                return area
        return None


@dataclass(frozen=True)
class FormerName:
    """How a device was called, or where it stood, before somebody changed that."""

    device_id: str
    name: str
    area: str = ""
    """The name of the area; empty for none."""


def former_names(earlier: Iterable[HomeMap], now: HomeMap) -> tuple[FormerName, ...]:
    """What was true of the devices of `now` in earlier homes and is so no more, in the order of their names."""
    told = {called for home in earlier for called in _called(home) if called.device_id in now.device}
    return tuple(sorted(told - set(_called(now)), key=lambda called: (called.device_id, called.name, called.area)))


def _called(home: HomeMap) -> Iterator[FormerName]:
    for device in home.devices:
        area = home.area.get(device.area or "")
        for name in (device.name, *device.aliases):
            yield FormerName(device.device_id, name, area.name if area else "")


@dataclass(frozen=True)
class DeviceState:
    """What a device last said of itself, in people's units."""

    value: str
    """on, off, open, closed, opening, locked, unlocked, heat, playing, 21.5, unavailable, unknown ..."""
    attributes: Mapping[str, Any] = field(default_factory=dict)
    """brightness, position, speed, volume in percent; temperature, current_temperature in degrees; color a name or
    [r, g, b]; color_temp in kelvin."""
    since: datetime | None = None
    cause: Cause = "unknown"
    heard_at: Annotated[datetime | None, Field(exclude_if=lambda heard_at: heard_at is None)] = field(
        default=None, compare=False
    )
    """When it last spoke, whether it said anything new or not; to the minute."""

    def is_set_like(self, other: "DeviceState") -> bool:
        """Whether the two differ in nothing but measurements: what may be moved is the same."""
        return self.value == other.value and _but_measured(self.attributes) == _but_measured(other.attributes)


def _but_measured(attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in attributes.items() if name not in MEASURED}


@dataclass(frozen=True)
class Change:
    """One change of a device, and who made it."""

    device_id: str
    at: datetime
    before: DeviceState
    after: DeviceState
    cause: Cause


@dataclass(frozen=True)
class SkillValue:
    """One value of a skill's slot, as the file spells it, with what else people say for it."""

    value: str
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True)
class SkillSlot:
    """What may stand in a slot of a skill's sentences."""

    name: str
    kind: Literal["values", "range", "text"]
    values: tuple[SkillValue, ...] = ()
    lowest: float = 0
    highest: float = 0
    step: float = 1


@dataclass(frozen=True)
class SkillDeed:
    """One thing that a skill does: publish a payload, call devices, or answer."""

    kind: Literal["publish", "call", "answer"]
    topic: str = ""
    template: str = ""
    """Of the payload or the answer, over the slots."""
    targets: tuple[str, ...] = ()
    """device_ids to call."""
    command: str = ""
    """One of `edge.commands`."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """Values of the command; texts among them are templates over the slots."""


@dataclass(frozen=True)
class SkillIntent:
    """One thing that can be asked of a skill."""

    name: str
    """`skill.intent`, unique among all skills."""
    sentences: tuple[str, ...]
    """Templates in hassil's syntax."""
    slots: tuple[SkillSlot, ...] = ()
    deeds: tuple[SkillDeed, ...] = ()
    confirm: bool = False
    """Whether a yes is wanted first."""


@dataclass(frozen=True)
class Skill:
    """A skill file, read and checked."""

    name: str
    file: str
    intents: tuple[SkillIntent, ...] = ()


@dataclass(frozen=True)
class Habit:
    """How often this home asked for something, at an hour of the day."""

    command: str
    target: str
    hour: int
    """0 to 23, local time."""
    times: float
    values: Mapping[str, Any] = field(default_factory=dict)
    """For `play_media` the title and its kind; otherwise empty."""


@dataclass(frozen=True)
class Knowledge:
    """Everything that learning and the home tell the live path. Every turn names the revision it ran under."""

    revision: int
    home: HomeMap = field(default_factory=HomeMap)
    skills: tuple[Skill, ...] = ()
    habits: tuple[Habit, ...] = ()
    rewrites: tuple[Rewrite, ...] = ()
    """Those that the live path knows (`edge.rewrites.LIVE`)."""

    @cached_property
    def rewrite(self) -> Mapping[str, Rewrite]:
        """Rewrites by `rule_id`."""
        return {rule.rule_id: rule for rule in self.rewrites}
