"""Which devices are meant: by name, by kind, by place, and by the room the speaker is in."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from edge.knowledge import Area, Device, HomeMap
from edge.names import content
from edge.records import Unresolved
from edge.resolution.naming import NameSearch
from edge.turn import Context

Fits = Callable[[Device], bool]

CHOICES_MAX: Final = 24
"""More than this are not offered: the room has to be said."""

SWITCHED: Final = ("light", "switch", "fan", "media_player", "input_boolean", "humidifier")
"""What "everything" is: heating stays on where people only leave the house."""

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
    device_ids: frozenset[str] = frozenset()
    """Devices that only their names put there, in a home that names no such room."""

    def holds(self, device: Device) -> bool:
        """Whether the device is there."""
        return device.area in self.area_ids or device.device_id in self.device_ids


def place_of(slots: Mapping[str, Any], context: Context, search: NameSearch) -> Place | Unresolved | None:
    """The place that was said, else the speaker's room; None where neither is known."""
    names: Sequence[str] = slots.get("areas") or ([slots["area"]] if slots.get("area") else ())
    if names and not slots.get("here"):
        places = [said_place(name, search) for name in names]
        unknown = [place for place in places if isinstance(place, Unresolved)]
        return unknown[0] if unknown else _all_of([place for place in places if isinstance(place, Place)])
    if slots.get("floor"):
        floor = search.index.floor(slots["floor"])
        if floor is None:
            return Unresolved("no_area", slots["floor"])
        return Place(floor, frozenset(area.area_id for area in search.home.areas if area.floor == floor))
    if not context.room:
        return None
    room = search.index.area(context.room)
    place = _inside(room) if room else _by_names(context.room, search.home)
    return Place(place.name, place.area_ids, False, place.device_ids) if place else None


def said_place(name: str, search: NameSearch) -> Place | Unresolved:
    """The place of that name; what no room is called may still stand in front of the devices' names."""
    found = search.area(name)
    place = _inside(found[0]) if found else _by_names(name, search.home)
    return place or Unresolved("no_area", name)


def _inside(area: Area) -> Place:
    return Place(area.name, frozenset({area.area_id}))


def _by_names(name: str, home: HomeMap) -> Place | None:
    """`kitchen light`, `kitchen fan` are in the kitchen, though nobody wrote down that there is one."""
    room = content(name)
    there = frozenset(d.device_id for d in home.devices if d.area is None and content(d.name)[: len(room)] == room)
    return Place(name, frozenset(), device_ids=there) if room and there else None


def _all_of(places: Sequence[Place]) -> Place:
    return Place(
        " and ".join(place.name for place in places),
        frozenset().union(*(place.area_ids for place in places)),
        device_ids=frozenset().union(*(place.device_ids for place in places)),
    )


def by_name(name: str, fits: Fits, place: Place | None, search: NameSearch) -> Selection | Unresolved:
    """The devices that the name means best; `fits` tells what the command can be given to.

    Unresolved `cannot` names the devices that answer to the name but do not fit.
    """
    known = search.devices(name, fits)
    if not known:
        return Unresolved("no_device", name)
    fitting = [meant for meant in known if fits(meant.device)]
    if not fitting:
        return Unresolved("cannot", targets=tuple(meant.device.device_id for meant in known[:1]))
    if place and place.said:
        fitting = [meant for meant in fitting if place.holds(meant.device)]
        if not fitting:
            return Unresolved("nothing_there", place.name)
    best = tuple(meant.device for meant in fitting if meant.level == fitting[0].level)
    if place and len(best) > 1:
        best = tuple(filter(place.holds, best)) or best
    return Selection(best, undecided=len(best) > 1)


def by_names(names: Sequence[str], fits: Fits, place: Place | None, search: NameSearch) -> Selection | Unresolved:
    """The devices of several names; where one name has namesakes, those in the room of the others are meant."""
    found = [by_name(name, fits, place, search) for name in names]
    for each in found:
        if isinstance(each, Unresolved):
            return each
    selections = [each for each in found if isinstance(each, Selection)]
    rooms = {device.area for each in selections if not each.undecided for device in each.devices}
    devices: dict[str, Device] = {}
    for selection in selections:
        meant = selection.devices
        if selection.undecided:
            meant = tuple(device for device in meant if device.area in rooms)
            if len(meant) != 1:
                return Unresolved("no_area")
        devices |= {device.device_id: device for device in meant}
    return Selection(tuple(devices.values()))


def without(
    selection: Selection, excepted: Sequence[str], place: Place | None, search: NameSearch
) -> Selection | Unresolved:
    """What is left when the excepted places and things stay as they are.

    An exception that is not known leaves nothing: what must not move is not guessed at.
    """
    left = selection.devices
    for name in excepted:
        there = said_place(name, search)
        if isinstance(there, Place) and not search.index.devices(name):
            left = tuple(device for device in left if not there.holds(device))
            continue
        spared = by_name(name, lambda device: device in selection.devices, place, search)
        if isinstance(spared, Unresolved):
            spared = by_name(name, lambda _: True, None, search)
        if isinstance(spared, Unresolved):
            return spared
        left = tuple(device for device in left if device not in spared.devices)
    return Selection(left, selection.undecided) if left else Unresolved("no_device", " and ".join(excepted))


def by_kind(fits: Fits, place: Place | None, search: NameSearch, *, everywhere: bool) -> Selection | Unresolved:
    """All devices of a kind in a place. Guarded ones never move in a group: only one that is alone of its kind stays.

    Without a said place the speaker's room comes first, and where it has none of the kind, the only room that has.
    """
    alike = tuple(filter(fits, search.home.devices))
    if not alike:
        return Unresolved("no_device")
    if place and place.said:
        alike = tuple(filter(place.holds, alike))
        if not alike:
            return Unresolved("nothing_there", place.name)
    free = tuple(device for device in alike if device.tier != "guarded")
    if not free and len(alike) > 1:
        return Unresolved("guarded", targets=tuple(device.device_id for device in alike))
    group = free or alike
    if everywhere or (place and place.said):
        return Selection(group)
    group = (tuple(filter(place.holds, group)) if place else ()) or group
    return Selection(group, undecided=_rooms(group) > 1)


def read_by_kind(fits: Fits, place: Place | None, search: NameSearch, *, everywhere: bool) -> Selection | Unresolved:
    """All devices of a kind that a question is about; guarded ones may be looked at."""
    alike = tuple(filter(fits, search.home.devices))
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
