"""From the components of a home to its map: which is which device, and where it is."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from edge.home.devices import device_ids, device_of, slug
from edge.home.discovery import Component
from edge.home.home_file import HomeFile
from edge.home.problems import Problem
from edge.knowledge import Area, Device, HomeMap
from edge.risk import strictest

Rooms = Mapping[str, str]
"""By topic, the room in which whatever has it, or lies beneath it, is said to be."""


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
    problems: tuple[Problem, ...] = ()
    """Components that cannot be told from others."""
    hidden: Mapping[str, str] = field(default_factory=dict)
    """By component key, the ids of devices that are not spoken of, and so not among the devices."""


def mapped(
    components: Sequence[Component],
    additions: HomeFile,
    rooms: Rooms | None = None,
    moved_with: Callable[[str], Collection[str]] | None = None,
) -> Mapped:
    """Name and place every component; what the home file adds goes before what the components say.

    `components` in the order in which they were announced; `rooms` for those that name none themselves. `moved_with`
    tells which components a message to a command topic moves: a group is as guarded as what it moves.
    """
    components, problems = _told_apart(_first_hand(components))
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
        if area_id is None and (area := _suggested(_room(component, rooms or {}), areas)):
            area_id = areas.setdefault(area.area_id, area).area_id
        devices.append(device_of(component, device_id, area_id, added))
    if moved_with is not None:
        devices = [_as_guarded(device, devices, by_id, ids, additions, moved_with) for device in devices]
    return Mapped(
        tuple(areas.values()),
        tuple(device for device in devices if device.device_id not in additions.hidden),
        {key: device_id for key, device_id in ids.items() if device_id not in additions.hidden},
        {device_id: component for device_id, component in by_id.items() if device_id not in additions.hidden},
        problems,
        {key: device_id for key, device_id in ids.items() if device_id in additions.hidden},
    )


def _as_guarded(
    device: Device,
    devices: Sequence[Device],
    by_id: Mapping[str, Component],
    ids: Mapping[str, str],
    additions: HomeFile,
    moved_with: Callable[[str], Collection[str]],
) -> Device:
    """A group that has a garage door in it is as guarded as the door, unless the home file says otherwise."""
    entry = additions.devices.get(device.device_id)
    topics = by_id[device.device_id].config.command_topics()
    moved = {ids.get(key) for topic in topics for key in moved_with(topic)} - {device.device_id}
    if device.tier == "guarded" or not moved or (entry is not None and entry.guarded is not None):
        return device
    tier = strictest((device.tier, *(each.tier for each in devices if each.device_id in moved)))
    return replace(device, tier=tier, guarded_topics=topics if tier == "guarded" else ())


def _first_hand(components: Sequence[Component]) -> Sequence[Component]:
    """Without what was made from a maker's own announcement, where discovery announces the same."""
    first = {topic for component in components if not component.second_hand for topic in _marks(component)}
    return [component for component in components if not (component.second_hand and first & {*_marks(component)})]


def _marks(component: Component) -> Iterable[tuple[str, str]]:
    """What two announcements of the same thing have in common: its kind, with the topics that move or tell it."""
    config = component.config
    topics = config.command_topics() or ((config.state_topic,) if config.state_topic else config.topics())
    return ((component.domain, topic) for topic in topics)


def _told_apart(components: Iterable[Component]) -> tuple[Sequence[Component], tuple[Problem, ...]]:
    """Each unique id once: the one that was announced first stays."""
    kept: dict[tuple[str, ...], Component] = {}
    problems: list[Problem] = []
    for component in components:
        unique_id = component.config.unique_id
        first = kept.setdefault((component.domain, unique_id) if unique_id else (component.key,), component)
        if first is not component:
            problems.append(Problem(component.key, f"is left out: it has the same unique_id as {first.key}"))
    return tuple(kept.values()), tuple(problems)


def _room(component: Component, rooms: Rooms) -> str:
    """The room that it names itself, else that of its topics; the longest that fits is the nearest."""
    if component.suggested_area or not rooms:
        return component.suggested_area
    above = {place for topic in component.config.topics() for place in _places(topic) if place in rooms}
    return rooms[max(above, key=len)] if above else ""


def _places(topic: str) -> Iterable[str]:
    """A topic and all above it: `a/b/c`, `a/b`, `a`."""
    levels = topic.split("/")
    return ("/".join(levels[:count]) for count in range(len(levels), 0, -1))


def _suggested(name: str, areas: Mapping[str, Area]) -> Area | None:
    """The room that a component says it is in, by any of the room's names."""
    area_id = slug(name)
    if not area_id:
        return None
    return HomeMap(tuple(areas.values())).area_called(name) or areas.get(area_id) or Area(area_id, name)
