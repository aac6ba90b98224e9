"""Which devices are meant: by name, by kind, by place, and by the room the speaker is in."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from edge.knowledge import Device
from edge.names import NameIndex
from edge.records import Unresolved
from edge.turn import Context

Fits = Callable[[Device], bool]

CHOICES_MAX: Final = 24
"""More than this are not offered: the room has to be said."""


_SAME_CLASS: Final[Mapping[str, frozenset[str]]] = {
    "garage": frozenset({"garage", "garage_door"}),
    "blind": frozenset({"blind", "shade"}),
    "shade": frozenset({"blind", "shade"}),
}


@dataclass(frozen=True)
class Selection:
    """The devices that are meant."""

    devices: tuple[Device, ...]
    undecided: bool = False
    """One of them is meant, or those of one room, and nothing tells which."""


@dataclass(frozen=True)
class Place:
    """Where the devices are to be."""

    name: str
    area_ids: frozenset[str]
    said: bool = True
    """False: not said, but the room of the speaker."""

    def holds(self, device: Device) -> bool:
        """Whether the device is there."""
        return device.area in self.area_ids


def place_of(slots: Mapping[str, Any], context: Context, index: NameIndex) -> Place | Unresolved | None:
    """The place that was said, else the speaker's room; None where neither is known."""
    if slots.get("area") and not slots.get("here"):
        area = index.area(slots["area"])
        if area is None:
            return Unresolved("no_area", slots["area"])
        return Place(area.name, frozenset({area.area_id}))
    if slots.get("floor"):
        floor = index.floor(slots["floor"])
        if floor is None:
            return Unresolved("no_area", slots["floor"])
        return Place(floor, frozenset(area.area_id for area in index.home.areas if area.floor == floor))
    room = index.area(context.room)
    return Place(room.name, frozenset({room.area_id}), said=False) if room else None


def by_name(name: str, fits: Fits, place: Place | None, index: NameIndex) -> Selection | Unresolved:
    """The devices that the name means best; `fits` tells what the command can be given to.

    Unresolved `cannot` names the devices that answer to the name but do not fit.
    """
    if " and " in name and not index.devices(name):
        return Unresolved("not_supported", "two things at once")
    known = index.devices(name)
    if not known:
        return Unresolved("no_device", name)
    fitting = [named for named in known if fits(named.device)]
    if not fitting:
        return Unresolved("cannot", targets=tuple(named.device.device_id for named in known[:1]))
    if place and place.said:
        fitting = [named for named in fitting if place.holds(named.device)]
        if not fitting:
            return Unresolved("nothing_there", place.name)
    best = tuple(named.device for named in fitting if named.level == fitting[0].level)
    if place and len(best) > 1:
        best = tuple(filter(place.holds, best)) or best
    return Selection(best, undecided=len(best) > 1)


def by_kind(fits: Fits, place: Place | None, index: NameIndex, *, everywhere: bool) -> Selection | Unresolved:
    """All devices of a kind in a place. Guarded ones never move in a group: only one that is alone of its kind stays.

    Without a said place the speaker's room comes first, and where it has none of the kind, the only room that has.
    """
    alike = tuple(filter(fits, index.home.devices))
    if not alike:
        return Unresolved("no_device")
    if place and place.said:
        alike = tuple(filter(place.holds, alike))
        if not alike:
            return Unresolved("nothing_there", place.name)
    free = tuple(device for device in alike if device.tier == "free")
    if not free and len(alike) > 1:
        return Unresolved("guarded", targets=tuple(device.device_id for device in alike))
    group = free or alike
    if everywhere or (place and place.said):
        return Selection(group)
    group = (tuple(filter(place.holds, group)) if place else ()) or group
    return Selection(group, undecided=_rooms(group) > 1)


def read_by_kind(fits: Fits, place: Place | None, index: NameIndex, *, everywhere: bool) -> Selection | Unresolved:
    """All devices of a kind that a question is about; guarded ones may be looked at."""
    alike = tuple(filter(fits, index.home.devices))
    if not alike:
        return Unresolved("no_device")
    inside = tuple(filter(place.holds, alike)) if place else ()
    if place and place.said and not inside:
        return Unresolved("nothing_there", place.name)
    if place and (place.said or not everywhere):
        return Selection(inside or alike)
    return Selection(alike)


def same_class(wanted: str) -> frozenset[str]:
    """The device classes that people mean by one word."""
    return _SAME_CLASS.get(wanted, frozenset({wanted}))


def _rooms(devices: Iterable[Device]) -> int:
    return len({device.area for device in devices})
