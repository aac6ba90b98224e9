"""What Zigbee2MQTT's properties mean in Home Assistant's words: classes of sensors, settings, inner matters.

Newer devices say of each property whether it is `config` or `diagnostic`; of older ones it is known by the name, as
Zigbee2MQTT itself does for Home Assistant.
"""

import re
from typing import Final

BINARY_CLASSES: Final = {
    "carbon_monoxide": "carbon_monoxide",
    "contact": "door",
    "garage_door_contact": "garage_door",
    "gas": "gas",
    "moving": "moving",
    "occupancy": "motion",
    "presence": "presence",
    "rain": "moisture",
    "smoke": "smoke",
    "sos": "safety",
    "tamper": "tamper",
    "valve_state": "opening",
    "vibration": "vibration",
    "water_leak": "moisture",
    "window": "window",
    "window_open": "window",
}
"""Of what is or is not."""

NUMERIC_CLASSES: Final = {
    "aqi": "aqi",
    "battery": "battery",
    "co": "carbon_monoxide",
    "co2": "carbon_dioxide",
    "eco2": "carbon_dioxide",
    "energy": "energy",
    "humidity": "humidity",
    "illuminance": "illuminance",
    "illuminance_lux": "illuminance",
    "local_temperature": "temperature",
    "pm10": "pm10",
    "pm25": "pm25",
    "power": "power",
    "pressure": "atmospheric_pressure",
    "produced_energy": "energy",
    "soil_moisture": "moisture",
    "temperature": "temperature",
    "voc": "volatile_organic_compounds",
    "water_consumed": "water",
}
"""Of what is measured."""

SPOKEN_OF: Final = frozenset({"battery", "power", "energy"})
"""Diagnostic matters about which people ask all the same."""

_MOMENTARY: Final = re.compile(r"(action|click)(_.*)?|.*_(step_size|transition_time)|identify|update.*|last_seen")
"""Presses of a button and the like: over as soon as they are told."""

_INNER: Final = re.compile(
    r"linkquality|voltage.*|battery_(low|voltage|state)|battery\d|current(_.*)?|.*_(count|frequency|factor)|ac_frequency"
    r"|(device|cpu)_temperature|[xyz]_axis|angle.*|side|cube_side|capabilities_.*|status_.*|requested_.*|test|error_status"
    r"|power_(reactive|apparent)|power_phase_.*|pi_heating_demand|consumer_connected|device_status|trigger_count"
)
"""How the device itself is doing."""

_SET_UP: Final = frozenset(
    {"card", "color_sync", "duration", "effect", "expose_pin", "force", "illumination", "legacy", "melody", "mode"}
    | {"no_position_support", "scale_protection", "schedule", "sensor", "sensitivity", "calibration", "precision"}
    | {"thermostat_unit", "transition", "volume", "week"}
)
_SET_UP_BEGINS: Final = re.compile(
    r"(alarm_(humidity|temperature)|anti|auto|away|backlight|button|calibrate|child|comfort|control|countdown|deadzone"
    r"|detection|device|do_not|eco|external|fading|flip|frost|holiday|humidity_(max|min)|indicator|invert|keep|keypad|led"
    r"|load|max|maximum|min|minimum|mode|motor|operation|power_on|power_outage|program|radar|reset|restart|schedule|switch"
    r"|temperature_(display|max|min|scale|sensor|unit)|timer|valve|window)_.*|programming.*"
)
_SET_UP_ENDS: Final = re.compile(
    r".*_(behaviou?r|calibration|days|debounce|delay|detection|duration|hysteresis|indication|indicator|interval|level|limit"
    r"|max|memory|min|offset|outage|precision|protection|ratio|reversal|sensitivity|startup|threshold|time|timeout)"
)
"""How the device is set up, done once and not spoken of."""


def is_of_interest(name: str, category: str | None, *, settable: bool) -> bool:
    """Whether a person would speak of a property: neither a passing event, nor the device's inner life or set-up."""
    if name in SPOKEN_OF:
        return True
    if category in {"config", "diagnostic"} or _MOMENTARY.fullmatch(name) or _INNER.fullmatch(name):
        return False
    set_up = name in _SET_UP or _SET_UP_BEGINS.fullmatch(name) or _SET_UP_ENDS.fullmatch(name)
    return not (settable and set_up)
