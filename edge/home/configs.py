"""What a component may announce of itself, by kind: Home Assistant's keys, defaults and meanings, checked once.

Keys that Edge does not use are ignored, as Home Assistant does. `media_player` is our own extension: MQTT discovery has
none, so a player announces itself under `edge/discovery/media_player/<id>/config`.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from edge.home.payloads import as_text, as_word
from edge.home.templates import Template, Unsupported, parse_template


def _topic(text: str) -> str:
    if any(character in text for character in "+#\0") or not 0 < len(text.encode()) <= 1_000:
        raise ValueError("is no topic that can be written to and read from")
    return text


def _text(value: Any) -> str:
    text = as_text(value)
    if text is None:
        raise ValueError("should be text")
    return text


def _word(value: Any) -> str:
    word = as_word(value)
    if word is None:
        raise ValueError("should be a short text")
    return word


def _template(value: Any) -> Template | Unsupported:
    return parse_template(_text(value))


Topic = Annotated[str, AfterValidator(_topic)]
Payload = Annotated[str, BeforeValidator(_text)]
Word = Annotated[str, BeforeValidator(_word)]
Words = tuple[Word, ...]
ValueTemplate = Annotated[Template | Unsupported | None, BeforeValidator(_template)]
Scale = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Degrees = Annotated[float, Field(allow_inf_nan=False)]


class Config(BaseModel):
    """What every kind has."""

    model_config = ConfigDict(frozen=True, extra="ignore", arbitrary_types_allowed=True)

    name: Word | None = None
    unique_id: Word | None = None
    object_id: Word | None = None
    default_entity_id: Word | None = None
    device_class: Word | None = None
    entity_category: Word | None = None
    enabled_by_default: bool = True
    state_topic: Topic | None = None
    command_topic: Topic | None = None
    value_template: ValueTemplate = None
    command_template: ValueTemplate = None

    def command_topics(self) -> tuple[str, ...]:
        """The topics by which it is moved or set."""
        names = (name for name in type(self).model_fields if name.endswith(("command_topic", "set_position_topic")))
        return tuple(dict.fromkeys(topic for topic in (getattr(self, name) for name in names) if topic))

    def unsupported(self) -> tuple[str, ...]:
        """Names of the templates that Edge does not understand."""
        return tuple(key for key in type(self).model_fields if isinstance(getattr(self, key), Unsupported))


class _LightConfig(Config):
    brightness_scale: Scale = 255
    color_temp_kelvin: bool = False
    min_mireds: Scale = 153
    max_mireds: Scale = 500
    min_kelvin: Scale | None = None
    max_kelvin: Scale | None = None
    effect_list: Words = ()


class LightConfig(_LightConfig):
    """A light of the default schema: a topic for everything."""

    command_topic: Topic
    payload_on: Payload = "ON"
    payload_off: Payload = "OFF"
    state_value_template: ValueTemplate = None
    brightness_state_topic: Topic | None = None
    brightness_command_topic: Topic | None = None
    brightness_value_template: ValueTemplate = None
    brightness_command_template: ValueTemplate = None
    color_temp_state_topic: Topic | None = None
    color_temp_command_topic: Topic | None = None
    color_temp_value_template: ValueTemplate = None
    color_temp_command_template: ValueTemplate = None
    rgb_state_topic: Topic | None = None
    rgb_command_topic: Topic | None = None
    rgb_value_template: ValueTemplate = None
    rgb_command_template: ValueTemplate = None
    hs_state_topic: Topic | None = None
    hs_command_topic: Topic | None = None
    hs_value_template: ValueTemplate = None
    hs_command_template: ValueTemplate = None
    xy_state_topic: Topic | None = None
    xy_command_topic: Topic | None = None
    xy_value_template: ValueTemplate = None
    xy_command_template: ValueTemplate = None
    effect_state_topic: Topic | None = None
    effect_command_topic: Topic | None = None
    effect_value_template: ValueTemplate = None
    effect_command_template: ValueTemplate = None


class JsonLightConfig(_LightConfig):
    """A light of the json schema: one topic each way."""

    command_topic: Topic
    brightness: bool = False
    supported_color_modes: Words = ()
    color_temp: bool = False
    hs: bool = False
    rgb: bool = False
    xy: bool = False

    @property
    def color_modes(self) -> frozenset[str]:
        """What it can do, however it said so."""
        older = {mode for mode in ("brightness", "color_temp", "hs", "rgb", "xy") if getattr(self, mode)}
        return frozenset(self.supported_color_modes) | older


class SwitchConfig(Config):
    """A switch or plug."""

    command_topic: Topic
    payload_on: Payload = "ON"
    payload_off: Payload = "OFF"
    state_on: Payload | None = None
    state_off: Payload | None = None


class CoverConfig(Config):
    """A blind, curtain, gate or garage door."""

    payload_open: Payload | None = "OPEN"
    payload_close: Payload | None = "CLOSE"
    payload_stop: Payload | None = "STOP"
    state_open: Payload = "open"
    state_opening: Payload = "opening"
    state_closed: Payload = "closed"
    state_closing: Payload = "closing"
    state_stopped: Payload = "stopped"
    position_topic: Topic | None = None
    position_template: ValueTemplate = None
    position_open: Degrees = 100
    position_closed: Degrees = 0
    set_position_topic: Topic | None = None
    set_position_template: ValueTemplate = None


class LockConfig(Config):
    """A lock."""

    command_topic: Topic
    payload_lock: Payload = "LOCK"
    payload_unlock: Payload = "UNLOCK"
    payload_open: Payload | None = None
    state_locked: Payload = "LOCKED"
    state_unlocked: Payload = "UNLOCKED"
    state_locking: Payload = "LOCKING"
    state_unlocking: Payload = "UNLOCKING"
    state_jammed: Payload = "JAMMED"
    code_format: Payload | None = None


class ClimateConfig(Config):
    """A thermostat, an air conditioner, an oven."""

    modes: Words = ("auto", "off", "cool", "heat", "dry", "fan_only")
    mode_state_topic: Topic | None = None
    mode_state_template: ValueTemplate = None
    mode_command_topic: Topic | None = None
    mode_command_template: ValueTemplate = None
    power_command_topic: Topic | None = None
    power_command_template: ValueTemplate = None
    payload_on: Payload = "ON"
    payload_off: Payload = "OFF"
    temperature_state_topic: Topic | None = None
    temperature_state_template: ValueTemplate = None
    temperature_command_topic: Topic | None = None
    temperature_command_template: ValueTemplate = None
    current_temperature_topic: Topic | None = None
    current_temperature_template: ValueTemplate = None
    preset_modes: Words = ()
    preset_mode_state_topic: Topic | None = None
    preset_mode_value_template: ValueTemplate = None
    preset_mode_command_topic: Topic | None = None
    preset_mode_command_template: ValueTemplate = None
    min_temp: Degrees = 7
    max_temp: Degrees = 35
    temperature_unit: Literal["C", "F"] = "C"


class FanConfig(Config):
    """A fan."""

    command_topic: Topic
    payload_on: Payload = "ON"
    payload_off: Payload = "OFF"
    state_value_template: ValueTemplate = None
    percentage_state_topic: Topic | None = None
    percentage_value_template: ValueTemplate = None
    percentage_command_topic: Topic | None = None
    percentage_command_template: ValueTemplate = None
    speed_range_min: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    speed_range_max: Annotated[int, Field(ge=1, le=1_000_000)] = 100
    preset_modes: Words = ()
    preset_mode_state_topic: Topic | None = None
    preset_mode_value_template: ValueTemplate = None
    preset_mode_command_topic: Topic | None = None
    preset_mode_command_template: ValueTemplate = None
    oscillation_state_topic: Topic | None = None
    oscillation_value_template: ValueTemplate = None
    oscillation_command_topic: Topic | None = None
    oscillation_command_template: ValueTemplate = None
    payload_oscillation_on: Payload = "oscillate_on"
    payload_oscillation_off: Payload = "oscillate_off"


class VacuumConfig(Config):
    """A vacuum cleaner that reports its state."""

    payload_start: Payload = "start"
    payload_pause: Payload = "pause"
    payload_stop: Payload = "stop"
    payload_return_to_base: Payload = "return_to_base"
    payload_locate: Payload = "locate"
    payload_clean_spot: Payload = "clean_spot"


class SensorConfig(Config):
    """Something that measures."""

    state_topic: Topic
    unit_of_measurement: Word | None = None


class BinarySensorConfig(Config):
    """Something that is or is not: an open window, a person in the room."""

    state_topic: Topic
    payload_on: Payload = "ON"
    payload_off: Payload = "OFF"


class AlarmConfig(Config):
    """A burglar alarm."""

    command_topic: Topic
    payload_disarm: Payload = "DISARM"
    payload_arm_home: Payload = "ARM_HOME"
    payload_arm_away: Payload = "ARM_AWAY"
    payload_arm_night: Payload = "ARM_NIGHT"
    payload_arm_vacation: Payload = "ARM_VACATION"
    code: Payload | None = None
    command_template: ValueTemplate = parse_template("{{ action }}")


class ButtonConfig(Config):
    """A button, which tells nothing."""

    command_topic: Topic
    payload_press: Payload = "PRESS"


class SceneConfig(Config):
    """A scene, which tells nothing."""

    command_topic: Topic
    payload_on: Payload = "ON"


class SelectConfig(Config):
    """One of several."""

    command_topic: Topic
    options: Words


class NumberConfig(Config):
    """A number to set."""

    command_topic: Topic
    min: Degrees = 1
    max: Degrees = 100
    unit_of_measurement: Word | None = None


class MediaConfig(BaseModel):
    """One title of a player's catalogue."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    title: Word
    kind: Word
    by: Annotated[str, BeforeValidator(lambda value: _word(value) if value else "")] = ""


class MediaPlayerConfig(Config):
    """Our extension: a player that speaks JSON both ways, and perhaps a catalogue of what it can play.

    State: `{"state": "playing", "volume": 30, "title": "Dune", "media_kind": "audiobook", "by": "Frank Herbert"}`.
    Commands: `{"command": "play_media", "title": "Dune", "media_kind": "film"}`,
    `{"command": "set_volume", "volume": 40}`, and without values turn_on, turn_off, play, media_pause, stop, next,
    previous. The volume is in percent.
    """

    command_topic: Topic
    state_topic: Topic
    catalogue: tuple[MediaConfig, ...] = ()


_KINDS: Final[Mapping[str, type[Config]]] = {
    "switch": SwitchConfig,
    "cover": CoverConfig,
    "lock": LockConfig,
    "climate": ClimateConfig,
    "fan": FanConfig,
    "vacuum": VacuumConfig,
    "sensor": SensorConfig,
    "binary_sensor": BinarySensorConfig,
    "alarm_control_panel": AlarmConfig,
    "button": ButtonConfig,
    "scene": SceneConfig,
    "select": SelectConfig,
    "number": NumberConfig,
    "media_player": MediaPlayerConfig,
}
_LIGHTS: Final[Mapping[Any, type[Config]]] = {"default": LightConfig, "basic": LightConfig, "json": JsonLightConfig}

DOMAINS: Final = frozenset(_KINDS) | {"light"}
"""The kinds that Edge knows."""


def config_class(domain: str, announced: Mapping[str, Any]) -> type[Config] | None:
    """How to read an announcement; None for a kind or schema that Edge does not know."""
    if domain != "light":
        return _KINDS.get(domain)
    schema = announced.get("schema", "default")
    return _LIGHTS.get(schema) if isinstance(schema, str) else None
