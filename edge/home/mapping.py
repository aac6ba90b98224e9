"""From the components of a home to its map: which is which device, and where it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from edge.home.devices import device_ids, device_of, slug
from edge.home.discovery import Component
from edge.home.home_file import HomeFile
from edge.knowledge import Area, Device, HomeMap


@dataclass(frozen=True)
class Mapped:
    """The devices of a home, and the component behind each."""

    areas: tuple[Area, ...] = ()
    devices: tuple[Device, ...] = ()
    """In the order of their ids."""
    device_id: Mapping[str, str] = field(default_factory=dict)
    """By component key."""
    component: Mapping[str, Component] = field(default_factory=dict)
    """By device_id."""


def mapped(components: Sequence[Component], additions: HomeFile) -> Mapped:
    """Name and place every component; what the home file adds goes before what the components say."""
    ids = device_ids(components)
    by_id = {ids[component.key]: component for component in components}
    areas = {
        area_id: Area(area_id, additions.area_name(area_id), entry.aliases, entry.floor)
        for area_id, entry in additions.areas.items()
    }
    devices = []
    for device_id in sorted(by_id):
        component, added = by_id[device_id], additions.devices.get(device_id)
        area_id = added.area if added else None
        if area_id is None and (area := _suggested(component.suggested_area, areas)):
            area_id = areas.setdefault(area.area_id, area).area_id
        devices.append(device_of(component, device_id, area_id, added))
    return Mapped(tuple(areas.values()), tuple(devices), ids, by_id)


def _suggested(name: str, areas: Mapping[str, Area]) -> Area | None:
    """The room that a component says it is in, by any of the room's names."""
    area_id = slug(name)
    if not area_id:
        return None
    return HomeMap(tuple(areas.values())).area_called(name) or areas.get(area_id) or Area(area_id, name)
