"""From components to the devices that the assistant knows: ids, names, abilities, limits, risk."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from itertools import count
from typing import Final

from edge.home.discovery import Component
from edge.home.home_file import DeviceEntry
from edge.knowledge import Device, Media
from edge.risk import Tier, strictest, tier_of

_NOT_IN_A_SLUG: Final = re.compile(r"[\W_]+")
_SLUG_MAX: Final = 80
_ADDED: Final = DeviceEntry()


def slug(name: str) -> str:
    """A name as part of an id: `Küche, oben` is `kuche_oben`. Empty when nothing of it can be part of one."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return _NOT_IN_A_SLUG.sub("_", plain.casefold()).strip("_")[:_SLUG_MAX].strip("_")


def wanted_id(component: Component) -> str:
    """The device_id that a component would have if it were alone."""
    config, domain = component.config, component.domain
    given = (config.default_entity_id or "").removeprefix(f"{domain}.")
    names = (given, config.object_id or "", component.name, config.unique_id or "", component.object_id)
    return f"{domain}.{next((made for name in names if (made := slug(name))), 'unnamed')}"


def device_ids(components: Iterable[Component]) -> Mapping[str, str]:
    """A unique device_id for each component's key. Among those that want the same one, the unique_id decides."""
    ids: dict[str, str] = {}
    taken: set[str] = set()
    late: list[Component] = []
    for component in sorted(components, key=lambda each: (each.config.unique_id or each.key, each.key)):
        wanted = wanted_id(component)
        if wanted in taken:
            late.append(component)
        else:
            taken.add(wanted)
            ids[component.key] = wanted
    for component in late:
        ending = slug(component.config.unique_id or component.key)[-8:].strip("_") or "2"
        first = f"{wanted_id(component)}_{ending}"
        free = next(each for each in _numbered(first) if each not in taken)
        taken.add(free)
        ids[component.key] = free
    return ids


def _numbered(first: str) -> Iterable[str]:
    yield first
    yield from (f"{first}_{number}" for number in count(2))


def device_of(component: Component, device_id: str, area: str | None, added: DeviceEntry | None = None) -> Device:
    """The device; what the home file adds goes before what the component says of itself."""
    config, added = component.config, added or _ADDED
    device_class = added.device_class or config.device_class
    abilities = config.abilities()
    tier = _tier(component, device_class, added)
    return Device(
        device_id=device_id,
        name=added.name or component.name,
        domain=component.domain,
        device_class=device_class,
        area=area,
        aliases=added.aliases,
        capabilities=abilities.capabilities,
        limits=abilities.limits,
        options={key: value for key, value in abilities.options.items() if value},
        unit=abilities.unit,
        tier=tier,
        reports=abilities.reports,
        untold=config.untold() if abilities.reports else (),
        catalogue=tuple(Media(item.title, item.kind, item.by) for item in getattr(config, "catalogue", ())),
        guarded_topics=config.command_topics() if tier == "guarded" else (),
    )


def _tier(component: Component, device_class: str | None, added: DeviceEntry) -> Tier:
    """What the home file says; else the strictest that any of its names gives reason for."""
    if added.guarded is not None:
        return "guarded" if added.guarded else "free"
    names = (component.name, added.name or "", *added.aliases)
    classes = {device_class, component.config.device_class}
    return strictest(tier_of(component.domain, each, name) for each in classes for name in names)
