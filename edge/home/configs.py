"""Which kind a thing is of that announces itself."""

from collections.abc import Mapping
from typing import Any, Final

from edge.home.kinds.alarm import AlarmConfig
from edge.home.kinds.choosing import ButtonConfig, NumberConfig, SceneConfig, SelectConfig
from edge.home.kinds.climate import ClimateConfig, HumidifierConfig, WaterHeaterConfig
from edge.home.kinds.config import Config
from edge.home.kinds.cover import CoverConfig, ValveConfig
from edge.home.kinds.fan import FanConfig
from edge.home.kinds.light import LightConfig
from edge.home.kinds.light_json import JsonLightConfig
from edge.home.kinds.light_template import TemplateLightConfig
from edge.home.kinds.lock import LockConfig
from edge.home.kinds.media import MediaPlayerConfig
from edge.home.kinds.sensor import BinarySensorConfig, SensorConfig
from edge.home.kinds.siren import SirenConfig
from edge.home.kinds.switch import SwitchConfig
from edge.home.kinds.vacuum import LawnMowerConfig, VacuumConfig

_KINDS: Final[Mapping[str, type[Config]]] = {
    "alarm_control_panel": AlarmConfig,
    "binary_sensor": BinarySensorConfig,
    "button": ButtonConfig,
    "climate": ClimateConfig,
    "cover": CoverConfig,
    "fan": FanConfig,
    "humidifier": HumidifierConfig,
    "lawn_mower": LawnMowerConfig,
    "lock": LockConfig,
    "media_player": MediaPlayerConfig,
    "number": NumberConfig,
    "scene": SceneConfig,
    "select": SelectConfig,
    "sensor": SensorConfig,
    "siren": SirenConfig,
    "switch": SwitchConfig,
    "vacuum": VacuumConfig,
    "valve": ValveConfig,
    "water_heater": WaterHeaterConfig,
}
_LIGHTS: Final[Mapping[Any, type[Config]]] = {
    "default": LightConfig,
    "basic": LightConfig,
    "json": JsonLightConfig,
    "template": TemplateLightConfig,
}

DOMAINS: Final = frozenset(_KINDS) | {"light"}
"""The kinds that Edge knows."""


def config_class(domain: str, announced: Mapping[str, Any]) -> type[Config] | None:
    """How to read an announcement; None for a kind or schema that Edge does not know."""
    if domain != "light":
        return _KINDS.get(domain)
    schema = announced.get("schema", "default")
    return _LIGHTS.get(schema) if isinstance(schema, str) else None
