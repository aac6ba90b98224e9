"""From what a Zigbee device can do, as Zigbee2MQTT lists it, to components in Home Assistant's words.

A device `exposes` lights, switches, covers, locks, thermostats and fans, each with features, and plain properties
beside them. All of it is told as one JSON object at the device's own topic; a property is set at
`<topic>/set/<property>`, and a light, of which several are set at once, by JSON at `<topic>/set`.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from edge.home.payloads import as_number, as_word
from edge.home.zigbee_features import (
    GETTABLE,
    PUBLISHED,
    SETTABLE,
    Feature,
    Place,
    Told,
    feature_of,
    features_of,
    limits_of,
    on_off,
    part,
    payload_of,
    state_of,
)
from edge.home.zigbee_properties import BINARY_CLASSES, NUMERIC_CLASSES, is_of_interest

_SPEEDS: Final = ("low", "medium", "high", *"123456789")
_SETPOINTS: Final = ("current_heating_setpoint", "occupied_heating_setpoint", "occupied_cooling_setpoint")
_SIGNALS: Final = frozenset(
    {"blink", "breathe", "okay", "channel_change", "finish_effect", "stop_effect", "stop_colorloop", "stop_hue_effect"}
)
"""Effects by which a lamp says something, or stops; nobody lights a room by them."""


@dataclass(frozen=True)
class Exposed:
    """One thing that a device can do, as far as it is spoken of."""

    domain: str
    key: str
    told: Told
    label: str = ""
    """Empty for what the device is in the first place."""
    gettable: tuple[str, ...] = ()
    """Properties for which the device can be asked."""


def exposed(exposes: Any, topic: str) -> Iterator[Exposed]:
    """What is spoken of, each property once. Total: what makes no sense is passed over."""
    entries = [entry for entry in exposes if isinstance(entry, dict)] if isinstance(exposes, list) else []
    plain = [feature for entry in entries if (feature := feature_of(entry))]
    seen: set[str] = set()
    for entry in entries:
        for each in _specific(entry, plain, topic) if "features" in entry else _generic(entry, topic):
            if each.key not in seen:
                seen.add(each.key)
                yield each


def _specific(entry: Mapping[str, Any], plain: Sequence[Feature], topic: str) -> Iterator[Exposed]:
    """A light, switch, cover ... with its features."""
    kind, features, endpoint = entry.get("type"), features_of(entry), as_word(entry.get("endpoint"))
    make = _SPECIFIC.get(kind) if isinstance(kind, str) else None
    told = make(features, plain, Place(topic, endpoint)) if make else None
    if told is None:
        return
    state = features.get("state") or next(iter(features.values()))
    if kind in {"switch", "lock"} and not is_of_interest(state.key, None, settable=True):
        return
    gettable = tuple(feature.key for feature in features.values() if feature.access & GETTABLE)
    label = _in_words(endpoint) if endpoint else ""
    yield Exposed(str(kind), state.key, told, label, gettable[:1])


def _in_words(endpoint: str) -> str:
    """Which of several: `left`, or `2` for the endpoint l2."""
    number = endpoint.removeprefix("l")
    return number if number.isdecimal() else endpoint.replace("_", " ")


def _light(features: Mapping[str, Feature], plain: Sequence[Feature], at: Place) -> Told | None:
    state, brightness, warmth = (features.get(name) for name in ("state", "brightness", "color_temp"))
    if state is None:
        return None
    color = next((name for name in features if name in {"color_xy", "color_hs"}), "")
    modes = [mode for mode in (color.removeprefix("color_"), "color_temp" if warmth else "") if mode]
    effects = [value for feature in plain if feature.name == "effect" for value in feature.values]
    told: Told = {
        "schema": "json",
        "supported_color_modes": modes or (["brightness"] if brightness else ["onoff"]),
        "effect_list": [effect for effect in effects if effect not in _SIGNALS],
    }
    if state.key != "state":
        told = _one_of_several_lights(state, features)
    scale = (as_number(brightness.told.get("value_max")) if brightness else None) or 254
    limits = limits_of(warmth, "min_mireds", "max_mireds")
    return {**told, "state_topic": at.topic, "command_topic": at.command, "brightness_scale": scale, **limits}


def _one_of_several_lights(state: Feature, features: Mapping[str, Feature]) -> Told:
    """It is told under names of its own (`state_l1`), which no JSON light knows."""
    told: Told = {
        "schema": "template",
        "state_template": f"{{{{ value_json[{json.dumps(state.key)}] | lower }}}}",
        "command_off_template": '{"state": "OFF"}',
    }
    on = '"state": "ON"'
    for name in ("brightness", "color_temp"):
        if feature := features.get(name):
            told[f"{name}_template"] = feature.template
            on += f'{{% if {name} is defined %}}, "{name}": {{{{ {name} }}}}{{% endif %}}'
    return told | {"command_on_template": f"{{{on}}}"}


def _switch(features: Mapping[str, Feature], plain: Sequence[Feature], at: Place) -> Told | None:
    """Some devices have switches that are no state, such as `auto_lock`."""
    if (state := features.get("state")) is not None:
        return state_of(state, at) | on_off(state)
    other = next(iter(features.values()), None)
    return None if other is None else _property(other, at) | on_off(other)


def _lock(features: Mapping[str, Feature], plain: Sequence[Feature], at: Place) -> Told | None:
    state = features.get("state")
    if state is None:
        return None
    locked, unlocked = state.told.get("value_on", "LOCK"), state.told.get("value_off", "UNLOCK")
    return {
        **state_of(state, at),
        "payload_lock": payload_of(locked),
        "payload_unlock": payload_of(unlocked),
        "state_locked": locked,
        "state_unlocked": unlocked,
    }


def _cover(features: Mapping[str, Feature], plain: Sequence[Feature], at: Place) -> Told | None:
    """Where it knows its position, that says whether it is open: `state` is then only what it was last told."""
    state, position, tilt = (features.get(name) for name in ("state", "position", "tilt"))
    if state is None:
        return None
    told = state_of(state, at) | {"state_open": "OPEN", "state_closed": "CLOSE", "state_stopped": "STOP"}
    told |= part(tilt, at, state="tilt_status_topic", command="tilt_command_topic", read="tilt_status_template")
    if position is not None:
        told |= part(position, at, state="position_topic", command="set_position_topic", read="position_template")
        told = {key: value for key, value in told.items() if key not in {"state_topic", "value_template"}}
    return told


def _climate(features: Mapping[str, Feature], plain: Sequence[Feature], at: Place) -> Told | None:
    target = next((features[name] for name in _SETPOINTS if name in features), None)
    if target is None:
        return None
    mode, preset, fan, swing = (features.get(name) for name in ("system_mode", "preset", "fan_mode", "swing_mode"))
    unit = str(target.told.get("unit") or "°C")
    told: Told = {
        "temperature_unit": "F" if unit.endswith("F") else "C",
        "temp_step": as_number(target.told.get("value_step")),
        **limits_of(target, "min_temp", "max_temp"),
        **_climate_part(target, at, "temperature"),
        **_climate_part(mode, at, "mode"),
        **_climate_part(fan, at, "fan_mode"),
        **_climate_part(swing, at, "swing_mode"),
        **part(
            preset,
            at,
            state="preset_mode_state_topic",
            command="preset_mode_command_topic",
            read="preset_mode_value_template",
        ),
        "modes": [value for value in mode.values if value != "sleep"] if mode else ["heat"],
        "preset_modes": preset.values if preset else [],
        "fan_modes": fan.values if fan else [],
        "swing_modes": swing.values if swing else [],
    }
    if (measured := features.get("local_temperature")) is not None:
        told |= {"current_temperature_topic": at.topic, "current_temperature_template": measured.template}
    return told


def _climate_part(feature: Feature | None, at: Place, what: str) -> Told:
    names = {"state": f"{what}_state_topic", "command": f"{what}_command_topic", "read": f"{what}_state_template"}
    return part(feature, at, **names)


def _fan(features: Mapping[str, Feature], plain: Sequence[Feature], at: Place) -> Told | None:
    """Speeds are told as a number, or as words of which some are steps and some are ways of their own."""
    state, speed, mode = (features.get(name) for name in ("state", "speed", "mode"))
    if state is None:
        return None
    told = part(state, at, state="state_topic", command="command_topic", read="state_value_template") | on_off(state)
    if speed is not None:
        told |= _share(speed, at) | limits_of(speed, "speed_range_min", "speed_range_max")
        told["speed_range_min"] = max(1, told.get("speed_range_min", 1))
    elif mode is not None:
        told |= _steps(mode, at)
    return told


def _share(feature: Feature, at: Place) -> Told:
    names = {"state": "percentage_state_topic", "command": "percentage_command_topic"}
    return part(feature, at, **names, read="percentage_value_template")


def _steps(mode: Feature, at: Place) -> Told:
    steps = ["off", *(step for step in _SPEEDS if step in mode.values)]
    presets = [value for value in mode.values if value not in steps]
    told: Told = {"preset_modes": presets}
    if len(steps) > 1:
        numbers = json.dumps({step: number for number, step in enumerate(steps)})
        told |= {
            **_share(mode, at),
            "percentage_value_template": f"{{{{ {numbers}[value_json[{json.dumps(mode.key)}]] }}}}",
            "percentage_command_template": f"{{{{ {json.dumps(steps)}[value | int] }}}}",
            "speed_range_min": 1,
            "speed_range_max": len(steps) - 1,
        }
    if presets:
        names = {"state": "preset_mode_state_topic", "command": "preset_mode_command_topic"}
        told |= part(mode, at, **names, read="preset_mode_value_template")
    return told


def _generic(entry: Mapping[str, Any], topic: str) -> Iterator[Exposed]:
    """A property by itself."""
    feature, kind, endpoint = feature_of(entry), entry.get("type"), as_word(entry.get("endpoint"))
    make = _GENERIC.get(kind) if isinstance(kind, str) else None
    if feature is None or make is None or not feature.access & (PUBLISHED | SETTABLE):
        return
    if not is_of_interest(feature.name, as_word(entry.get("category")), settable=feature.settable):
        return
    domain, told = make(feature, Place(topic, endpoint))
    label = f"{feature.in_words} {_in_words(endpoint)}" if endpoint else feature.in_words
    yield Exposed(domain, feature.key, told, label, (feature.key,) if feature.access & GETTABLE else ())


def _property(feature: Feature, at: Place) -> Told:
    return part(feature, at, state="state_topic", command="command_topic", read="value_template")


def _binary(feature: Feature, at: Place) -> tuple[str, Told]:
    told = _property(feature, at)
    if feature.settable:
        return "switch", told | on_off(feature)
    on, off = feature.told.get("value_on"), feature.told.get("value_off")
    return "binary_sensor", {
        **told,
        "payload_on": on,
        "payload_off": off,
        "device_class": BINARY_CLASSES.get(feature.name),
    }


def _numeric(feature: Feature, at: Place) -> tuple[str, Told]:
    unit = feature.told.get("unit")
    told = {
        **_property(feature, at),
        "unit_of_measurement": unit,
        "device_class": NUMERIC_CLASSES.get(feature.name) if unit else None,
    }
    if not feature.settable:
        return "sensor", told
    return "number", {**told, **limits_of(feature, "min", "max"), "step": as_number(feature.told.get("value_step"))}


def _enum(feature: Feature, at: Place) -> tuple[str, Told]:
    told = _property(feature, at)
    return ("select", {**told, "options": feature.values}) if feature.settable else ("sensor", told)


_SPECIFIC: Final[Mapping[str, Callable[[Mapping[str, Feature], Sequence[Feature], Place], Told | None]]] = {
    "light": _light,
    "switch": _switch,
    "lock": _lock,
    "cover": _cover,
    "climate": _climate,
    "fan": _fan,
}
_GENERIC: Final[Mapping[str, Callable[[Feature, Place], tuple[str, Told]]]] = {
    "binary": _binary,
    "numeric": _numeric,
    "enum": _enum,
}
