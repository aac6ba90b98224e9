"""How the things of a simulated home make themselves known: as Home Assistant's MQTT discovery wants it."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from edge.home.announcers import OWN_PREFIX
from edge.home.home_file import DeviceEntry, HomeFile
from edge.home.simulated_devices import HEATER_MODES, State

STATUS_TOPIC: Final = "edge/simulated/status"
"""online while the simulated home lives, else offline."""


def base_topic(device_id: str) -> str:
    """Where the device says its state; it obeys at `<base>/set` and below."""
    return f"edge/simulated/{device_id.replace('.', '/')}"


def announcement(device_id: str, home_file: HomeFile, discovery_prefix: str) -> tuple[str, str]:
    """Topic and payload by which the device makes itself known."""
    domain, slug = device_id.split(".")
    entry = home_file.devices[device_id]
    base = base_topic(device_id)
    config: dict[str, Any] = {
        "~": base,
        "name": None,
        "unique_id": f"edge_simulated_{domain}_{slug}",
        "default_entity_id": device_id,
        "device_class": entry.device_class,
        "availability_topic": STATUS_TOPIC,
        "device": {
            "identifiers": [f"edge_simulated_{domain}_{slug}"],
            "name": home_file.device_name(device_id),
            "suggested_area": home_file.area_name(entry.area) if entry.area else None,
            "manufacturer": "Edge",
            "model": "simulated",
        },
    }
    config |= _ANNOUNCED[domain](entry)
    prefix = OWN_PREFIX if domain == "media_player" else discovery_prefix
    present = {key: value for key, value in config.items() if value is not None or key == "name"}
    return f"{prefix}/{domain}/{slug}/config", json.dumps(present, ensure_ascii=False)


_STATE: Final = {"state_topic": "~", "value_template": "{{ value_json.state }}"}
_OBEYS: Final = {"command_topic": "~/set"}
_ON_OFF: Final = {"payload_on": "on", "payload_off": "off"}


def _announced_light(entry: DeviceEntry) -> State:
    modes = [mode for mode, ability in (("hs", "color"), ("color_temp", "color_temp")) if ability in entry.capabilities]
    return {
        "schema": "json",
        "state_topic": "~",
        **_OBEYS,
        "brightness": "brightness" in entry.capabilities,
        "brightness_scale": 100,
        "supported_color_modes": modes or (["brightness"] if "brightness" in entry.capabilities else ["onoff"]),
        "color_temp_kelvin": True,
        "min_kelvin": entry.minimum or 2000,
        "max_kelvin": entry.maximum or 6500,
        "effect": bool(entry.options),
        "effect_list": list(entry.options) or None,
    }


def _announced_cover(entry: DeviceEntry) -> State:
    if "position" not in entry.capabilities:
        return {**_STATE, **_OBEYS}
    position = {"position_topic": "~", "position_template": "{{ value_json.position }}"}
    return {**_STATE, **_OBEYS, **position, "set_position_topic": "~/set/position"}


def _announced_valve(entry: DeviceEntry) -> State:
    if "position" not in entry.capabilities:
        return {**_STATE, **_OBEYS}
    return {"state_topic": "~", "reports_position": True, "command_topic": "~/set/position"}


def _announced_heater(entry: DeviceEntry) -> State:
    return {
        "modes": list(entry.options) or list(HEATER_MODES),
        "mode_state_topic": "~",
        "mode_state_template": "{{ value_json.state }}",
        "mode_command_topic": "~/set/mode",
        "temperature_state_topic": "~",
        "temperature_state_template": "{{ value_json.temperature }}",
        "temperature_command_topic": "~/set/temperature" if "target_temperature" in entry.capabilities else None,
        "current_temperature_topic": "~",
        "current_temperature_template": "{{ value_json.current_temperature }}",
        "min_temp": 7 if entry.minimum is None else entry.minimum,
        "max_temp": 35 if entry.maximum is None else entry.maximum,
    }


def _announced_fan(entry: DeviceEntry) -> State:
    config: dict[str, Any] = {"state_topic": "~", "state_value_template": "{{ value_json.state }}", **_OBEYS, **_ON_OFF}
    if "speed" in entry.capabilities:
        config |= {"percentage_state_topic": "~", "percentage_value_template": "{{ value_json.speed }}"}
        config["percentage_command_topic"] = "~/set/speed"
    if "oscillating" in entry.capabilities:
        config |= {"oscillation_state_topic": "~", "oscillation_value_template": "{{ value_json.oscillating }}"}
        config |= {"payload_oscillation_on": True, "payload_oscillation_off": False}
        config["oscillation_command_topic"] = "~/set/oscillating"
    if "preset" in entry.capabilities:
        config |= {"preset_mode_state_topic": "~", "preset_mode_value_template": "{{ value_json.preset }}"}
        config |= {"preset_mode_command_topic": "~/set/preset", "preset_modes": list(entry.options)}
    return config


def _announced_humidifier(entry: DeviceEntry) -> State:
    return {
        "state_topic": "~",
        "state_value_template": "{{ value_json.state }}",
        **_OBEYS,
        **_ON_OFF,
        "target_humidity_state_topic": "~",
        "target_humidity_state_template": "{{ value_json.humidity }}",
        "target_humidity_command_topic": "~/set/humidity",
        "min_humidity": 0 if entry.minimum is None else entry.minimum,
        "max_humidity": 100 if entry.maximum is None else entry.maximum,
    }


def _announced_lawn_mower(entry: DeviceEntry) -> State:
    said = {"activity_state_topic": "~", "activity_value_template": "{{ value_json.state }}"}
    return {**said, **{f"{verb}_command_topic": "~/set" for verb in ("start_mowing", "pause", "dock")}}


_LOCK_STATES: Final = {f"state_{end}": end for end in ("locked", "unlocked", "locking", "unlocking", "jammed")}

_PLAIN_SIREN: Final = {"support_duration": False, "support_volume_set": False}
_VACUUM_FEATURES: Final = ["start", "pause", "stop", "return_home", "locate", "clean_spot"]

_ANNOUNCED: Final[Mapping[str, Callable[[DeviceEntry], State]]] = {
    "light": _announced_light,
    "switch": lambda entry: {**_STATE, **_OBEYS, **_ON_OFF},
    "cover": _announced_cover,
    "lock": lambda entry: {**_STATE, **_OBEYS, **_LOCK_STATES},
    **dict.fromkeys(("climate", "water_heater"), _announced_heater),
    "humidifier": _announced_humidifier,
    "valve": _announced_valve,
    "fan": _announced_fan,
    "siren": lambda entry: {"state_topic": "~", **_OBEYS, **_ON_OFF, "command_template": "{{ value }}", **_PLAIN_SIREN},
    "vacuum": lambda entry: {"state_topic": "~", **_OBEYS, "supported_features": _VACUUM_FEATURES},
    "lawn_mower": _announced_lawn_mower,
    "sensor": lambda entry: {**_STATE, "unit_of_measurement": entry.unit},
    "binary_sensor": lambda entry: {**_STATE, **_ON_OFF},
    "alarm_control_panel": lambda entry: {**_STATE, **_OBEYS},
    "button": lambda entry: dict(_OBEYS),
    "scene": lambda entry: dict(_OBEYS),
    "select": lambda entry: {**_STATE, **_OBEYS, "options": list(entry.options)},
    "number": lambda entry: {
        **_STATE,
        **_OBEYS,
        "min": 0 if entry.minimum is None else entry.minimum,
        "max": 100 if entry.maximum is None else entry.maximum,
        "unit_of_measurement": entry.unit,
    },
    "media_player": lambda entry: {
        "state_topic": "~",
        **_OBEYS,
        "catalogue": [item.model_dump() for item in entry.catalogue],
    },
}
