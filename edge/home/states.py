"""From payloads to states in people's units. Total: a payload that makes no sense changes nothing."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from edge.home.colors import color_of_hs, color_of_rgb, color_of_xy, other_scale
from edge.home.configs import (
    AlarmConfig,
    BinarySensorConfig,
    ClimateConfig,
    Config,
    CoverConfig,
    FanConfig,
    JsonLightConfig,
    LightConfig,
    LockConfig,
    MediaPlayerConfig,
    NumberConfig,
    SelectConfig,
    SensorConfig,
    SwitchConfig,
    VacuumConfig,
)
from edge.home.payloads import Payload, as_number, as_percent, as_text, as_word, parse_json
from edge.home.templates import Template, Unsupported

Changes = Mapping[str, Any]
"""What a payload tells: `state` for the state itself, else attributes; None takes an attribute away."""

Parse = Callable[[Any], Changes]

_NOTHING: Final[Changes] = {}

VACUUM_STATES: Final = ("cleaning", "docked", "paused", "idle", "returning", "error")
MEDIA_STATES: Final = ("off", "on", "idle", "playing", "paused", "standby", "buffering")
ALARM_STATES: Final = (
    "disarmed",
    "armed_home",
    "armed_away",
    "armed_night",
    "armed_vacation",
    "armed_custom_bypass",
    "pending",
    "arming",
    "disarming",
    "triggered",
)


@dataclass(frozen=True)
class Reading:
    """One thing that one topic tells of a device."""

    topic: str
    parse: Parse
    template: Template | None = None

    def read(self, payload: Payload) -> Changes:
        if payload.text is None:
            return _NOTHING
        if self.template is None:
            return self.parse(payload.text)
        raw = self.template.read(payload)
        return _NOTHING if raw is None else self.parse(raw)


_Spec = tuple[str | None, Template | Unsupported | None, Parse]
"""Topic, template, and what to make of it."""


def readings(config: Config) -> tuple[Reading, ...]:
    """Everything that can be read of a component."""
    specs = _SPECS.get(type(config), _nothing)(config)
    return tuple(
        Reading(topic, parse, template)
        for topic, template, parse in specs
        if topic is not None and not isinstance(template, Unsupported)
    )


def _nothing(config: Config) -> tuple[_Spec, ...]:
    return ()


def _main(config: Config, parse: Parse) -> tuple[_Spec, ...]:
    """The one reading of a component that has only a state."""
    return ((config.state_topic, config.value_template, parse),)


def _light(config: LightConfig) -> tuple[_Spec, ...]:
    on_off = _one_of({config.payload_on: "on", config.payload_off: "off"})
    return (
        (config.state_topic, config.state_value_template, on_off),
        (
            config.brightness_state_topic,
            config.brightness_value_template,
            _percent("brightness", config.brightness_scale),
        ),
        (config.color_temp_state_topic, config.color_temp_value_template, _kelvin(config.color_temp_kelvin)),
        (config.rgb_state_topic, config.rgb_value_template, _listed(3, color_of_rgb)),
        (config.hs_state_topic, config.hs_value_template, _listed(2, lambda parts: color_of_hs(*parts))),
        (config.xy_state_topic, config.xy_value_template, _listed(2, lambda parts: color_of_xy(*parts))),
        (config.effect_state_topic, config.effect_value_template, _word("effect")),
    )


def _light_json(config: JsonLightConfig, text: str) -> Changes:
    told = parse_json(text)
    if not isinstance(told, dict):
        return _NOTHING
    changes: dict[str, Any] = {
        **_one_of({"ON": "on", "OFF": "off"})(told.get("state")),
        **_percent("brightness", config.brightness_scale)(told.get("brightness")),
        **_kelvin(config.color_temp_kelvin)(told.get("color_temp")),
        **_word("effect")(told.get("effect")),
    }
    if (color := _json_color(told.get("color"))) is not None:
        changes["color"] = color
    mode = told.get("color_mode")
    if mode == "color_temp":
        changes["color"] = None
    elif isinstance(mode, str) and mode not in {"brightness", "onoff", "unknown"}:
        changes["color_temp"] = None
    return changes


def _json_color(color: Any) -> Any:
    if not isinstance(color, dict):
        return None
    if "h" in color:
        return color_of_hs(color.get("h"), color.get("s"))
    if "r" in color:
        return color_of_rgb([color.get(part) for part in "rgb"])
    return color_of_xy(color.get("x"), color.get("y"))


def _cover(config: CoverConfig) -> tuple[_Spec, ...]:
    ends = ("open", "opening", "closed", "closing")
    states = {config.state_stopped: "open"} | {getattr(config, f"state_{end}"): end for end in ends}
    tells_state = config.state_topic is not None

    def position(raw: Any) -> Changes:
        percent = as_percent(raw, config.position_closed, config.position_open)
        if percent is None:
            return _NOTHING
        return {"position": percent} if tells_state else {"position": percent, "state": "open" if percent else "closed"}

    return (
        (config.state_topic, config.value_template, _one_of(states)),
        (config.position_topic, config.position_template, position),
    )


def _climate(config: ClimateConfig) -> tuple[_Spec, ...]:
    running = {} if config.mode_state_topic else {"state": config.modes[0] if len(config.modes) == 1 else "on"}

    def target(raw: Any) -> Changes:
        return _number("temperature")(raw) and {**running, **_number("temperature")(raw)}

    return (
        (config.mode_state_topic, config.mode_state_template, _same(config.modes)),
        (config.temperature_state_topic, config.temperature_state_template, target),
        (config.current_temperature_topic, config.current_temperature_template, _number("current_temperature")),
        (config.preset_mode_state_topic, config.preset_mode_value_template, _word("preset")),
    )


def _fan(config: FanConfig) -> tuple[_Spec, ...]:
    lowest = config.speed_range_min - 1
    turning = {config.payload_oscillation_on: True, config.payload_oscillation_off: False}
    on_off = _one_of({config.payload_on: "on", config.payload_off: "off"})
    return (
        (config.state_topic, config.state_value_template, on_off),
        (
            config.percentage_state_topic,
            config.percentage_value_template,
            lambda raw: _known("speed", as_percent(raw, lowest, config.speed_range_max)),
        ),
        (config.preset_mode_state_topic, config.preset_mode_value_template, _word("preset")),
        (config.oscillation_state_topic, config.oscillation_value_template, _one_of(turning, "oscillating")),
    )


def _vacuum_json(text: str) -> Changes:
    told = parse_json(text)
    if not isinstance(told, dict):
        return _NOTHING
    return {**_same(VACUUM_STATES)(told.get("state")), **_word("fan_speed")(told.get("fan_speed"))}


def _media_player_json(text: str) -> Changes:
    told = parse_json(text)
    if not isinstance(told, dict):
        return _NOTHING
    playing = {key: as_word(told.get(key)) for key in ("title", "media_kind", "by")}
    return {**_same(MEDIA_STATES)(told.get("state")), **_percent("volume", 100)(told.get("volume")), **playing}


def _switch(config: SwitchConfig) -> tuple[_Spec, ...]:
    on = config.payload_on if config.state_on is None else config.state_on
    off = config.payload_off if config.state_off is None else config.state_off
    return _main(config, _one_of({on: "on", off: "off"}))


def _lock(config: LockConfig) -> tuple[_Spec, ...]:
    ends = ("locked", "unlocked", "locking", "unlocking", "jammed")
    return _main(config, _one_of({getattr(config, f"state_{end}"): end for end in ends}))


def _number_value(raw: Any) -> Changes:
    number = as_number(raw)
    return _NOTHING if number is None else {"state": f"{number:g}", "value": number}


def _measured(raw: Any) -> Changes:
    return _NOTHING if as_number(raw) is None else _word("state")(raw)


def _same(words: Iterable[str]) -> Parse:
    return _one_of({word: word for word in words})


def _one_of(meanings: Mapping[str, Any], attribute: str = "state") -> Parse:
    return lambda raw: _known(attribute, meanings.get(as_text(raw) or ""))


def _word(attribute: str) -> Parse:
    return lambda raw: _known(attribute, as_word(raw))


def _number(attribute: str) -> Parse:
    return lambda raw: _known(attribute, as_number(raw))


def _percent(attribute: str, scale: float) -> Parse:
    return lambda raw: _known(attribute, as_percent(raw, 0, scale))


def _kelvin(already: bool) -> Parse:
    def kelvin(raw: Any) -> Changes:
        number = as_number(raw)
        return _known("color_temp", (round(number) if number else None) if already else other_scale(raw))

    return kelvin


def _listed(count: int, color: Callable[[list[Any]], Any]) -> Parse:
    def parse(raw: Any) -> Changes:
        parts = raw.split(",") if isinstance(raw, str) else raw
        if not isinstance(parts, list) or len(parts) != count:
            return _NOTHING
        return _known("color", color([as_number(part) for part in parts]))

    return parse


def _known(attribute: str, value: Any) -> Changes:
    return _NOTHING if value is None else {attribute: value}


_SPECS: Final[Mapping[type[Config], Callable[[Any], tuple[_Spec, ...]]]] = {
    LightConfig: _light,
    JsonLightConfig: lambda config: ((config.state_topic, None, partial(_light_json, config)),),
    SwitchConfig: _switch,
    BinarySensorConfig: lambda config: _main(config, _one_of({config.payload_on: "on", config.payload_off: "off"})),
    CoverConfig: _cover,
    LockConfig: _lock,
    ClimateConfig: _climate,
    FanConfig: _fan,
    VacuumConfig: lambda config: ((config.state_topic, None, _vacuum_json),),
    AlarmConfig: lambda config: _main(config, _same(ALARM_STATES)),
    SensorConfig: lambda config: _main(config, _measured if config.unit_of_measurement else _word("state")),
    SelectConfig: lambda config: _main(config, _same(config.options)),
    NumberConfig: lambda config: _main(config, _number_value),
    MediaPlayerConfig: lambda config: ((config.state_topic, None, _media_player_json),),
}
