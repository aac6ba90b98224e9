"""A light of the json schema, one topic each way: Zigbee2MQTT's lamps, ESPHome's, WLED's."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from edge.home.colors import (
    Hs,
    color_of_hs,
    color_of_rgb,
    color_of_white_and_rgb,
    color_of_xy,
    rgb_of_hs,
    rgbw_of_hs,
    rgbww_of_hs,
    xy_of_hs,
)
from edge.home.kinds.config import Abilities
from edge.home.kinds.fields import Topic, Words
from edge.home.kinds.light import AnyLightConfig, color_mode, hs, is_off, is_on
from edge.home.kinds.reading import NOTHING, Changes, Reading, kelvin, known, one_of, percent, table, told, word
from edge.home.kinds.telling import CannotRender, Values
from edge.records import Message

_COLORED: Final = frozenset({"hs", "xy", "rgb", "rgbw", "rgbww"})
_STATES: Final = {"ON": "on", "OFF": "off"}


class JsonLightConfig(AnyLightConfig):
    """A light of the json schema."""

    command_topic: Topic
    brightness: bool = False
    supported_color_modes: Words = ()
    color_temp: bool = False
    hs: bool = False
    rgb: bool = False
    xy: bool = False

    @property
    def modes(self) -> frozenset[str]:
        """What it can do, however it said so."""
        older = {mode for mode in ("brightness", "color_temp", "hs", "rgb", "xy") if getattr(self, mode)}
        return frozenset(self.supported_color_modes) | older

    def readings(self) -> tuple[Reading, ...]:
        """All in one JSON object."""
        return told(self.state_topic, None, self._state)

    def messages(self, command: str, values: Values) -> tuple[Message, ...]:
        """One JSON object with the values."""
        if is_off(command, values):
            return (Message(self.command_topic, json.dumps({"state": "OFF"})),)
        if not is_on(command):
            return ()
        wanted: dict[str, Any] = {"state": "ON"}
        for key, value in values.items():
            wanted |= self._value(key, value)
        return (Message(self.command_topic, json.dumps(wanted)),)

    def abilities(self) -> Abilities:
        """What its modes and effects tell. Every mode but on and off is dimmed as well."""
        capabilities = {"color"} if self.modes & _COLORED else set()
        capabilities |= self.modes & {"color_temp"}
        capabilities |= {"brightness"} if self.modes - {"onoff"} else set()
        capabilities |= {"effect"} if self.effect_list else set()
        return self.can(capabilities)

    def _state(self, raw: Any) -> Changes:
        said = table(raw)
        if said is None:
            return NOTHING
        return {
            **one_of(_STATES)(said.get("state")),
            **percent("brightness", self.brightness_scale)(said.get("brightness")),
            **kelvin(self.color_temp_kelvin)(said.get("color_temp")),
            **word("effect")(said.get("effect")),
            **known("color", _color_of(said.get("color"))),
            **color_mode(said.get("color_mode")),
        }

    def _value(self, key: str, value: Any) -> dict[str, Any]:
        match key:
            case "brightness":
                return {"brightness": self.level(value)}
            case "color_temp":
                return {"color_temp": self.shade(value)}
            case "effect":
                return {"effect": self.effect_named(value)}
            case "color":
                return self._color(value)
            case _:
                raise CannotRender(f"a light has no {key}")

    def _color(self, value: Any) -> dict[str, Any]:
        found = hs(value)
        if "white" in self.modes and value == "white" and not self.modes & _COLORED:
            return {"white": self.level(100, self.white_scale)}
        for mode, named in _PARTS.items():
            if mode in self.modes:
                return {"color": named(found)}
        raise CannotRender("it has no colours")


_PARTS: Final[Mapping[str, Callable[[Hs], Mapping[str, float]]]] = {
    "hs": lambda found: {"h": round(found[0], 1), "s": round(found[1], 1)},
    "xy": lambda found: dict(zip("xy", xy_of_hs(found), strict=True)),
    "rgb": lambda found: dict(zip("rgb", rgb_of_hs(found), strict=True)),
    "rgbw": lambda found: dict(zip("rgbw", rgbw_of_hs(found), strict=True)),
    "rgbww": lambda found: dict(zip("rgbcw", rgbww_of_hs(found), strict=True)),
}
"""A colour as the lamp wants it, by mode; the first that it understands is used."""


def _color_of(color: Any) -> Any:
    if not isinstance(color, dict):
        return None
    if "h" in color:
        return color_of_hs(color.get("h"), color.get("s"))
    if "r" not in color:
        return color_of_xy(color.get("x"), color.get("y"))
    whites = [color[part] for part in "cw" if part in color]
    parts = [color.get(part) for part in "rgb"]
    return color_of_white_and_rgb([*parts, *whites]) if whites else color_of_rgb(parts)
