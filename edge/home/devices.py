"""From components to the devices that the assistant knows: ids, names, abilities, limits, risk."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from itertools import count
from typing import Any, Final

from edge.home.colors import other_scale
from edge.home.configs import (
    ClimateConfig,
    Config,
    CoverConfig,
    FanConfig,
    JsonLightConfig,
    LightConfig,
    MediaPlayerConfig,
    NumberConfig,
    SelectConfig,
    SensorConfig,
)
from edge.home.discovery import Component
from edge.home.home_file import DeviceEntry
from edge.knowledge import Device, Media
from edge.risk import Tier, tier_of

_NOT_IN_A_SLUG: Final = re.compile(r"[\W_]+")
_SLUG_MAX: Final = 80
_ADDED: Final = DeviceEntry()

Range = tuple[float, float]


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
    capabilities, limits, options = _abilities(config)
    tier = _tier(component, device_class, added)
    return Device(
        device_id=device_id,
        name=added.name or component.name,
        domain=component.domain,
        device_class=device_class,
        area=area,
        aliases=added.aliases,
        capabilities=frozenset(capabilities),
        limits=limits,
        options={key: value for key, value in options.items() if value},
        unit=_unit(config),
        tier=tier,
        reports=_reports(config),
        catalogue=tuple(Media(item.title, item.kind, item.by) for item in getattr(config, "catalogue", ())),
        guarded_topics=config.command_topics() if tier == "guarded" else (),
    )


def _tier(component: Component, device_class: str | None, added: DeviceEntry) -> Tier:
    """What the home file says; else guarded as soon as any of its names gives reason."""
    if added.guarded is not None:
        return "guarded" if added.guarded else "free"
    names = (component.name, added.name or "", *added.aliases)
    classes = {device_class, component.config.device_class}
    tiers = {tier_of(component.domain, each, name) for each in classes for name in names}
    return "guarded" if "guarded" in tiers else "free"


def _reports(config: Config) -> bool:
    """Whether its state itself can be known."""
    match config:
        case CoverConfig():
            return bool(config.state_topic or config.position_topic)
        case ClimateConfig():
            return bool(config.mode_state_topic or config.temperature_state_topic)
        case _:
            return config.state_topic is not None


def _unit(config: Config) -> str | None:
    match config:
        case SensorConfig() | NumberConfig():
            return config.unit_of_measurement
        case ClimateConfig():
            return f"°{config.temperature_unit}"
        case _:
            return None


_Abilities = tuple[set[str], dict[str, Range], dict[str, tuple[str, ...]]]


def _abilities(config: Config) -> _Abilities:
    """Capabilities, limits and options."""
    able = _ABLE.get(type(config))
    return able(config) if able else (set(), {}, {})


def _cover(config: CoverConfig) -> _Abilities:
    return ({"position"} if config.set_position_topic else set()), {}, {}


def _fan(config: FanConfig) -> _Abilities:
    topics: dict[str, Any] = {
        "speed": config.percentage_command_topic,
        "preset": config.preset_mode_command_topic,
        "oscillating": config.oscillation_command_topic,
    }
    return {key for key, topic in topics.items() if topic}, {}, {"preset": config.preset_modes}


def _media_player(config: MediaPlayerConfig) -> _Abilities:
    titles = tuple(dict.fromkeys(item.title for item in config.catalogue))
    return {"volume", "play"}, {}, {"catalogue": titles}


def _light(config: LightConfig | JsonLightConfig) -> _Abilities:
    if isinstance(config, LightConfig):
        topics: dict[str, Any] = {
            "brightness": config.brightness_command_topic,
            "color_temp": config.color_temp_command_topic,
            "color": config.hs_command_topic or config.xy_command_topic or config.rgb_command_topic,
            "effect": config.effect_command_topic and config.effect_list,
        }
        capabilities = {key for key, topic in topics.items() if topic}
    else:
        modes = config.color_modes
        capabilities = {"color"} if modes & {"hs", "xy", "rgb", "rgbw", "rgbww"} else set()
        capabilities |= modes & {"color_temp"}
        # Every mode but on and off is dimmed as well.
        capabilities |= {"brightness"} if modes - {"onoff"} else set()
        capabilities |= {"effect"} if config.effect_list else set()
    lowest = config.min_kelvin or other_scale(config.max_mireds) or 2_000
    highest = config.max_kelvin or other_scale(config.min_mireds) or 6_500
    limits: dict[str, Range] = {"color_temp": (lowest, highest)} if "color_temp" in capabilities else {}
    return capabilities, limits, {"effect": config.effect_list if "effect" in capabilities else ()}


def _climate(config: ClimateConfig) -> _Abilities:
    topics = {
        "target_temperature": config.temperature_command_topic,
        "preset": config.preset_mode_command_topic,
        "mode": config.mode_command_topic,
    }
    capabilities = {key for key, topic in topics.items() if topic}
    limits: dict[str, Range] = {"target_temperature": (config.min_temp, config.max_temp)}
    return (
        capabilities,
        limits if "target_temperature" in capabilities else {},
        {"mode": config.modes, "preset": config.preset_modes},
    )


_ABLE: Final[Mapping[type[Config], Callable[[Any], _Abilities]]] = {
    LightConfig: _light,
    JsonLightConfig: _light,
    CoverConfig: _cover,
    ClimateConfig: _climate,
    FanConfig: _fan,
    MediaPlayerConfig: _media_player,
    NumberConfig: lambda config: ({"value"}, {"value": (config.min, config.max)}, {}),
    SelectConfig: lambda config: ({"option"}, {}, {"option": config.options}),
}
