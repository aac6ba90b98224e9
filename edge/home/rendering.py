"""From a command in people's units to the messages that a component wants to hear."""

import json
import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from edge.home.colors import hs_of, other_scale, rgb_of_hs, xy_of_hs
from edge.home.configs import (
    AlarmConfig,
    ButtonConfig,
    ClimateConfig,
    Config,
    CoverConfig,
    FanConfig,
    JsonLightConfig,
    LightConfig,
    LockConfig,
    MediaPlayerConfig,
    NumberConfig,
    SceneConfig,
    SelectConfig,
    SwitchConfig,
    VacuumConfig,
)
from edge.home.payloads import as_number
from edge.home.templates import Template, Unsupported
from edge.records import Message

Values = Mapping[str, Any]
_Template = Template | Unsupported | None

MEDIA_COMMANDS: Final = frozenset(
    {"turn_on", "turn_off", "play", "media_pause", "stop", "next", "previous", "play_media", "set_volume"}
)


class CannotRender(Exception):  # noqa: N818 - says what happened, like StageFailed
    """The component has no such ability, or the value makes no sense."""


def render(config: Config, command: str, values: Values) -> tuple[Message, ...]:
    """The messages, in the order in which they are to be sent. Raises `CannotRender`."""
    if unsupported := config.unsupported():
        raise CannotRender(f"its {unsupported[0]} is more than Edge understands")
    renderer = _RENDERERS.get(type(config))
    messages = renderer(config, command, values) if renderer else ()
    if not messages:
        raise CannotRender(f"it does not know {command}")
    return messages


def _light(config: LightConfig, command: str, values: Values) -> tuple[Message, ...]:
    if command == "turn_off" or values.get("brightness") == 0:
        return (Message(config.command_topic, config.payload_off),)
    if command != "turn_on" and not command.startswith("set"):
        return ()
    messages = [_light_value(config, key, value) for key, value in values.items()]
    return (*messages, Message(config.command_topic, config.payload_on))


def _light_value(config: LightConfig, key: str, value: Any) -> Message:
    if key == "brightness":
        level = _scaled(value, config.brightness_scale)
        return _message(config.brightness_command_topic, level, config.brightness_command_template)
    if key == "color_temp":
        temperature = _color_temp(value, config.color_temp_kelvin)
        return _message(config.color_temp_command_topic, temperature, config.color_temp_command_template)
    if key == "effect":
        return _message(config.effect_command_topic, value, config.effect_command_template)
    if key != "color":
        raise CannotRender(f"a light has no {key}")
    hs = _hs(value)
    if config.hs_command_topic:
        parts = {"hue": round(hs[0], 1), "sat": round(hs[1], 1)}
        return _message(config.hs_command_topic, _joined(parts), config.hs_command_template, parts)
    if config.xy_command_topic:
        parts = dict(zip("xy", xy_of_hs(hs), strict=True))
        return _message(config.xy_command_topic, _joined(parts), config.xy_command_template, parts)
    parts = dict(zip(("red", "green", "blue"), rgb_of_hs(hs), strict=True))
    return _message(config.rgb_command_topic, _joined(parts), config.rgb_command_template, parts)


def _json_light(config: JsonLightConfig, command: str, values: Values) -> tuple[Message, ...]:
    if command == "turn_off" or values.get("brightness") == 0:
        return (Message(config.command_topic, json.dumps({"state": "OFF"})),)
    if command != "turn_on" and not command.startswith("set"):
        return ()
    told: dict[str, Any] = {"state": "ON"}
    for key, value in values.items():
        if key == "brightness":
            told["brightness"] = _scaled(value, config.brightness_scale)
        elif key == "color_temp":
            told["color_temp"] = _color_temp(value, config.color_temp_kelvin)
        elif key == "effect":
            told["effect"] = str(value)
        elif key == "color":
            told["color"] = _json_color(config, value)
        else:
            raise CannotRender(f"a light has no {key}")
    return (Message(config.command_topic, json.dumps(told)),)


def _json_color(config: JsonLightConfig, value: Any) -> dict[str, float]:
    hs, modes = _hs(value), config.color_modes
    if "hs" in modes:
        return {"h": round(hs[0], 1), "s": round(hs[1], 1)}
    if "xy" in modes:
        return dict(zip("xy", xy_of_hs(hs), strict=True))
    if modes & {"rgb", "rgbw", "rgbww"}:
        return dict(zip("rgb", rgb_of_hs(hs), strict=True))
    raise CannotRender("it has no colours")


def _switch(config: SwitchConfig, command: str, values: Values) -> tuple[Message, ...]:
    return _chosen(config, {"turn_on": config.payload_on, "turn_off": config.payload_off}, command)


def _cover(config: CoverConfig, command: str, values: Values) -> tuple[Message, ...]:
    if command == "set_position":
        return (_cover_position(config, values.get("position")),)
    payloads = {"open": config.payload_open, "close": config.payload_close, "stop": config.payload_stop}
    if config.command_topic is None and command in {"open", "close"}:
        return (_cover_position(config, 100 if command == "open" else 0),)
    return _chosen(config, payloads, command)


def _cover_position(config: CoverConfig, wanted: Any) -> Message:
    percent = _number(wanted, 0, 100)
    if config.set_position_topic is None and config.command_topic is not None and percent in {0, 100}:
        return _message(config.command_topic, config.payload_open if percent else config.payload_close, None)
    span = config.position_open - config.position_closed
    position = round(config.position_closed + span * percent / 100)
    return _message(config.set_position_topic, position, config.set_position_template, {"position": position})


def _lock(config: LockConfig, command: str, values: Values) -> tuple[Message, ...]:
    if config.code_format is not None:
        raise CannotRender("it wants a code, which Edge does not say")
    payloads = {"lock": config.payload_lock, "unlock": config.payload_unlock, "open": config.payload_open}
    return _chosen(config, payloads, command)


def _climate(config: ClimateConfig, command: str, values: Values) -> tuple[Message, ...]:
    if command in {"turn_on", "turn_off"} and config.power_command_topic:
        payload = config.payload_on if command == "turn_on" else config.payload_off
        return (_message(config.power_command_topic, payload, config.power_command_template),)
    wanted = dict(values)
    if command == "turn_off":
        wanted = {"mode": "off"}
    elif command == "turn_on" and "mode" not in wanted:
        running = [mode for mode in ("heat_cool", "auto", "heat", "cool") if mode in config.modes]
        wanted["mode"] = "heat" if "heat" in config.modes else (running or ["heat"])[0]
    return tuple(_climate_value(config, key, value) for key, value in wanted.items())


def _climate_value(config: ClimateConfig, key: str, value: Any) -> Message:
    if key == "mode":
        if value not in config.modes:
            raise CannotRender(f"it has no mode {value}")
        return _message(config.mode_command_topic, value, config.mode_command_template)
    if key == "preset":
        return _message(config.preset_mode_command_topic, value, config.preset_mode_command_template)
    if key == "temperature":
        degrees = _number(value, config.min_temp, config.max_temp)
        return _message(config.temperature_command_topic, f"{degrees:g}", config.temperature_command_template)
    raise CannotRender(f"it has no {key}")


def _fan(config: FanConfig, command: str, values: Values) -> tuple[Message, ...]:
    if command in {"turn_on", "turn_off"} and not values:
        return _chosen(config, {"turn_on": config.payload_on, "turn_off": config.payload_off}, command)
    messages = [_fan_value(config, key, value) for key, value in values.items()]
    if values.get("speed") == 0:
        return _chosen(config, {command: config.payload_off}, command)
    return (*(_chosen(config, {command: config.payload_on}, command) if command == "turn_on" else ()), *messages)


def _fan_value(config: FanConfig, key: str, value: Any) -> Message:
    if key == "speed":
        span = config.speed_range_max - config.speed_range_min + 1
        step = math.ceil(_number(value, 0, 100) / 100 * span + config.speed_range_min - 1)
        return _message(config.percentage_command_topic, step, config.percentage_command_template)
    if key == "preset":
        return _message(config.preset_mode_command_topic, value, config.preset_mode_command_template)
    if key == "oscillating":
        payload = config.payload_oscillation_on if value else config.payload_oscillation_off
        return _message(config.oscillation_command_topic, payload, config.oscillation_command_template)
    raise CannotRender(f"a fan has no {key}")


def _vacuum(config: VacuumConfig, command: str, values: Values) -> tuple[Message, ...]:
    payloads = {"turn_on": config.payload_start, "turn_off": config.payload_return_to_base} | {
        name: getattr(config, f"payload_{name}")
        for name in ("start", "pause", "stop", "return_to_base", "locate", "clean_spot")
    }
    return _chosen(config, payloads, command)


def _alarm(config: AlarmConfig, command: str, values: Values) -> tuple[Message, ...]:
    if config.code is not None:
        raise CannotRender("it wants a code, which Edge does not say")
    payloads = {
        name: getattr(config, f"payload_{name}")
        for name in ("disarm", "arm_home", "arm_away", "arm_night", "arm_vacation")
    }
    return _chosen(config, payloads, command, "action")


def _button(config: ButtonConfig, command: str, values: Values) -> tuple[Message, ...]:
    return _chosen(config, {"press": config.payload_press}, command)


def _scene(config: SceneConfig, command: str, values: Values) -> tuple[Message, ...]:
    return _chosen(config, {"activate": config.payload_on, "turn_on": config.payload_on}, command)


def _select(config: SelectConfig, command: str, values: Values) -> tuple[Message, ...]:
    option = values.get("option")
    if option not in config.options:
        raise CannotRender(f"it has no choice {option}")
    return (_message(config.command_topic, option, config.command_template),)


def _number_entity(config: NumberConfig, command: str, values: Values) -> tuple[Message, ...]:
    number = _number(values.get("value"), config.min, config.max)
    return (_message(config.command_topic, f"{number:g}", config.command_template),)


def _media_player(config: MediaPlayerConfig, command: str, values: Values) -> tuple[Message, ...]:
    if command not in MEDIA_COMMANDS:
        return ()
    return (Message(config.command_topic, json.dumps({"command": command, **values}, ensure_ascii=False)),)


_RENDERERS: Final[Mapping[type[Config], Callable[[Any, str, Values], tuple[Message, ...]]]] = {
    LightConfig: _light,
    JsonLightConfig: _json_light,
    SwitchConfig: _switch,
    CoverConfig: _cover,
    LockConfig: _lock,
    ClimateConfig: _climate,
    FanConfig: _fan,
    VacuumConfig: _vacuum,
    AlarmConfig: _alarm,
    ButtonConfig: _button,
    SceneConfig: _scene,
    SelectConfig: _select,
    NumberConfig: _number_entity,
    MediaPlayerConfig: _media_player,
}


def _chosen(
    config: Config, payloads: Mapping[str, str | None], command: str, variable: str = "value"
) -> tuple[Message, ...]:
    """The payload of a plain command; nothing where the component lacks it."""
    payload = payloads.get(command)
    if payload is None:
        return ()
    return (_message(config.command_topic, payload, config.command_template, {variable: payload}),)


def _message(topic: str | None, value: Any, template: _Template, variables: Mapping[str, Any] | None = None) -> Message:
    """One message; the template sees `value` and the variables."""
    if topic is None or value is None:
        raise CannotRender("it has no such setting")
    filled = template.fill({"value": value, **(variables or {})}) if isinstance(template, Template) else value
    if filled is None:
        raise CannotRender("its command template asks for something that Edge does not know")
    return Message(topic, str(filled))


def _joined(parts: Mapping[str, float]) -> str:
    return ",".join(str(part) for part in parts.values())


def _scaled(percent: Any, scale: float) -> int:
    """A percentage on a lamp's own scale; what is more than nothing stays more than nothing."""
    return max(1, round(_number(percent, 0, 100) / 100 * scale))


def _color_temp(kelvin: Any, in_kelvin: bool) -> int:
    degrees = round(_number(kelvin, 1_000, 20_000))
    return degrees if in_kelvin else other_scale(degrees) or degrees


def _hs(color: Any) -> tuple[float, float]:
    hs = hs_of(color)
    if hs is None:
        raise CannotRender(f"{color} is no colour for a lamp")
    return hs


def _number(value: Any, lowest: float, highest: float) -> float:
    number = as_number(value)
    if number is None or not lowest <= number <= highest:
        raise CannotRender(f"{value} is not between {lowest:g} and {highest:g}")
    return number
