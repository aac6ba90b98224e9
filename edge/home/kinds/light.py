"""A light of the default schema, a topic for everything; and what the three schemas have in common."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal

from edge.home.colors import (
    Hs,
    color_of_hs,
    color_of_rgb,
    color_of_white_and_rgb,
    color_of_xy,
    hs_of,
    other_scale,
    rgb_of_hs,
    rgbw_of_hs,
    rgbww_of_hs,
    xy_of_hs,
)
from edge.home.kinds.config import Abilities, Config, Range
from edge.home.kinds.fields import Payload, Scale, Topic, ValueTemplate, Words
from edge.home.kinds.reading import NOTHING, Changes, Parse, Reading, color, kelvin, one_of, percent, told, word
from edge.home.kinds.telling import CannotRender, Values, between, message, one_among
from edge.records import Message

Parts = Mapping[str, float]
"""A colour as a lamp wants it, by the names of its parts: hue and sat, x and y, red, green and blue."""

_PARTS: Final[Mapping[str, Callable[[Hs], Parts]]] = {
    "hs": lambda hs: {"hue": round(hs[0], 1), "sat": round(hs[1], 1)},
    "xy": lambda hs: dict(zip("xy", xy_of_hs(hs), strict=True)),
    "rgb": lambda hs: dict(zip(("red", "green", "blue"), rgb_of_hs(hs), strict=True)),
    "rgbw": lambda hs: dict(zip(("red", "green", "blue", "white"), rgbw_of_hs(hs), strict=True)),
    "rgbww": lambda hs: dict(zip(("red", "green", "blue", "cold_white", "warm_white"), rgbww_of_hs(hs), strict=True)),
}
_WAYS: Final[tuple[tuple[str, Parse], ...]] = (
    ("hs", color(2, lambda parts: color_of_hs(*parts))),
    ("xy", color(2, lambda parts: color_of_xy(*parts))),
    ("rgb", color(3, color_of_rgb)),
    ("rgbw", color(4, color_of_white_and_rgb)),
    ("rgbww", color(5, color_of_white_and_rgb)),
)
"""How a lamp may speak of colours; the first that it understands is used."""

_NO_COLOR_MODES: Final = frozenset({"brightness", "onoff", "unknown", ""})


class AnyLightConfig(Config):
    """What the three schemas have in common."""

    brightness_scale: Scale = 255
    white_scale: Scale = 255
    color_temp_kelvin: bool = False
    min_mireds: Scale = 153
    max_mireds: Scale = 500
    min_kelvin: Scale | None = None
    max_kelvin: Scale | None = None
    effect_list: Words = ()

    def can(self, capabilities: set[str]) -> Abilities:
        """Abilities with the limits that go with them."""
        lowest = self.min_kelvin or other_scale(self.max_mireds) or 2_000
        highest = self.max_kelvin or other_scale(self.min_mireds) or 6_500
        limits: dict[str, Range] = {"color_temp": (lowest, highest)} if "color_temp" in capabilities else {}
        options = {"effect": self.effect_list} if "effect" in capabilities else {}
        return Abilities(frozenset(capabilities), limits, options, reports=self.reports(self.state_topic))

    def level(self, percent: Any, scale: float | None = None) -> int:
        """A percentage on the lamp's own scale; what is more than nothing stays more than nothing."""
        return max(1, round(between(percent, 0, 100) / 100 * (scale or self.brightness_scale)))

    def shade(self, degrees: Any) -> int:
        """Kelvin as the lamp wants them."""
        value = round(between(degrees, 1_000, 20_000))
        return value if self.color_temp_kelvin else other_scale(value) or value

    def effect_named(self, name: Any) -> str:
        """An effect that it has."""
        return one_among(name, self.effect_list, "effect")


def is_off(command: str, values: Values) -> bool:
    """Whether a light is to go out: dimmed to nothing is off."""
    return command == "turn_off" or values.get("brightness") == 0


def is_on(command: str) -> bool:
    """Whether a light is to shine, in whatever way."""
    return command == "turn_on" or command.startswith("set")


def hs(named: Any) -> Hs:
    """Hue and saturation of a colour. Raises `CannotRender`."""
    found = hs_of(named)
    if found is None:
        raise CannotRender(f"{named} is no colour for a lamp")
    return found


def color_mode(mode: Any) -> Changes:
    """What a lamp's mode tells: it has a colour or a shade of white, one of them at a time."""
    if mode == "color_temp":
        return {"color": None}
    if mode == "white":
        return {"color": "white", "color_temp": None}
    return {"color_temp": None} if isinstance(mode, str) and mode not in _NO_COLOR_MODES else NOTHING


class LightConfig(AnyLightConfig):
    """A light of the default schema."""

    command_topic: Topic
    payload_on: Payload = "ON"
    payload_off: Payload = "OFF"
    on_command_type: Literal["first", "last", "brightness"] = "last"
    state_value_template: ValueTemplate = None
    brightness_state_topic: Topic | None = None
    brightness_command_topic: Topic | None = None
    brightness_value_template: ValueTemplate = None
    brightness_command_template: ValueTemplate = None
    color_temp_state_topic: Topic | None = None
    color_temp_command_topic: Topic | None = None
    color_temp_value_template: ValueTemplate = None
    color_temp_command_template: ValueTemplate = None
    hs_state_topic: Topic | None = None
    hs_command_topic: Topic | None = None
    hs_value_template: ValueTemplate = None
    hs_command_template: ValueTemplate = None
    xy_state_topic: Topic | None = None
    xy_command_topic: Topic | None = None
    xy_value_template: ValueTemplate = None
    xy_command_template: ValueTemplate = None
    rgb_state_topic: Topic | None = None
    rgb_command_topic: Topic | None = None
    rgb_value_template: ValueTemplate = None
    rgb_command_template: ValueTemplate = None
    rgbw_state_topic: Topic | None = None
    rgbw_command_topic: Topic | None = None
    rgbw_value_template: ValueTemplate = None
    rgbw_command_template: ValueTemplate = None
    rgbww_state_topic: Topic | None = None
    rgbww_command_topic: Topic | None = None
    rgbww_value_template: ValueTemplate = None
    rgbww_command_template: ValueTemplate = None
    white_command_topic: Topic | None = None
    color_mode_state_topic: Topic | None = None
    color_mode_value_template: ValueTemplate = None
    effect_state_topic: Topic | None = None
    effect_command_topic: Topic | None = None
    effect_value_template: ValueTemplate = None
    effect_command_template: ValueTemplate = None

    def readings(self) -> tuple[Reading, ...]:
        """State, brightness, colour in whichever ways, effect."""
        return (
            *told(
                self.state_topic,
                self.state_value_template or self.value_template,
                one_of({self.payload_on: "on", self.payload_off: "off"}),
            ),
            *told(
                self.brightness_state_topic,
                self.brightness_value_template,
                percent("brightness", self.brightness_scale),
            ),
            *told(self.color_temp_state_topic, self.color_temp_value_template, kelvin(self.color_temp_kelvin)),
            *(reading for way, parse in _WAYS for reading in self._told(way, parse)),
            *told(self.color_mode_state_topic, self.color_mode_value_template, color_mode),
            *told(self.effect_state_topic, self.effect_value_template, word("effect")),
        )

    def messages(self, command: str, values: Values) -> tuple[Message, ...]:
        """Its values, each on a topic of its own, and the command to be on."""
        if is_off(command, values):
            return (Message(self.command_topic, self.payload_off),)
        if not is_on(command):
            return ()
        if self.on_command_type == "brightness" and self.brightness_command_topic:
            return self._values({"brightness": 100, **values})
        on = (Message(self.command_topic, self.payload_on),)
        told_values = self._values(values)
        return (*on, *told_values) if self.on_command_type == "first" else (*told_values, *on)

    def abilities(self) -> Abilities:
        """What there are topics for."""
        topics: dict[str, Any] = {
            "brightness": self.brightness_command_topic,
            "color_temp": self.color_temp_command_topic,
            "color": self._speaks(),
            "effect": self.effect_command_topic and self.effect_list,
        }
        return self.can({key for key, topic in topics.items() if topic})

    def untold(self) -> tuple[str, ...]:
        """Values without a topic for the state; a colour may be told in another way than it is given."""
        plain = self._given_only({key: key for key in ("brightness", "color_temp", "effect")})
        told_in_some_way = any(getattr(self, f"{way}_state_topic") for way, _ in _WAYS)
        return plain if told_in_some_way or not self._speaks() else (*plain, "color")

    def _told(self, way: str, parse: Parse) -> tuple[Reading, ...]:
        return told(getattr(self, f"{way}_state_topic"), getattr(self, f"{way}_value_template"), parse)

    def _speaks(self) -> str | None:
        """The way in which it wants to be told of colours; None where it has none."""
        return next((way for way, _ in _WAYS if getattr(self, f"{way}_command_topic")), None)

    def _values(self, values: Values) -> tuple[Message, ...]:
        if self.white_command_topic and values.get("color") == "white" and not self._speaks():
            level = self.level(values.get("brightness", 100), self.white_scale)
            rest = {key: value for key, value in values.items() if key not in {"color", "brightness"}}
            return (message(self.white_command_topic, level), *self._values(rest))
        return tuple(self._value(key, value) for key, value in values.items())

    def _value(self, key: str, value: Any) -> Message:
        match key:
            case "brightness":
                return message(self.brightness_command_topic, self.level(value), self.brightness_command_template)
            case "color_temp":
                shade = self.shade(value)
                return message(self.color_temp_command_topic, shade, self.color_temp_command_template)
            case "effect":
                return message(self.effect_command_topic, self.effect_named(value), self.effect_command_template)
            case "color":
                return self._color(value)
            case _:
                raise CannotRender(f"a light has no {key}")

    def _color(self, value: Any) -> Message:
        found, way = hs(value), self._speaks()
        if way is None:
            raise CannotRender("it has no such setting")
        parts = _PARTS[way](found)
        joined = ",".join(str(part) for part in parts.values())
        return message(getattr(self, f"{way}_command_topic"), joined, getattr(self, f"{way}_command_template"), parts)
