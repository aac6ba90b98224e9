"""What a command does to a device, and whether the device can: commands, values, abilities, limits."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from edge.knowledge import Device
from edge.records import Unresolved

_TURN_ON: Final[Mapping[str, str]] = {
    "cover": "open",
    "valve": "open",
    "lock": "lock",
    "vacuum": "start",
    "lawn_mower": "start",
    "scene": "activate",
    "script": "activate",
    "button": "press",
    "input_button": "press",
    "alarm_control_panel": "arm_away",
}
_TURN_OFF: Final[Mapping[str, str]] = {
    "cover": "close",
    "valve": "close",
    "lock": "unlock",
    "vacuum": "return_to_base",
    "lawn_mower": "return_to_base",
    "alarm_control_panel": "disarm",
}
_ARMED: Final = frozenset({"home", "away", "night", "vacation"})
_VERBS: Final[Mapping[tuple[str, str], str]] = {
    ("HassTurnOn", "cover"): "be opened",
    ("HassTurnOff", "cover"): "be closed",
    ("HassTurnOn", "lock"): "be locked",
    ("HassTurnOff", "lock"): "be unlocked",
    ("HassTurnOn", ""): "be switched on",
    ("HassTurnOff", ""): "be switched off",
    ("HassClimateSetTemperature", ""): "be set to a temperature",
    ("HassClimateGetTemperature", ""): "tell me a temperature",
    ("HassGetState", ""): "tell me that",
    ("HassSetPosition", ""): "be set to a position",
}
_UNITS: Final[Mapping[str, str]] = {"temperature": "degrees", "color_temp": "kelvin", "value": ""}


@dataclass(frozen=True)
class Effect:
    """A command with its values."""

    command: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Setting:
    """A value that only devices with an ability can be given."""

    ability: str
    """A capability, as in `Device.capabilities`."""
    key: str
    """The name of the value."""
    value: Any
    otherwise: str
    """What a device without the ability cannot do, for the reply."""


def turned(intent: str, domain: str, mode: str | None = None) -> Effect:
    """What HassTurnOn or HassTurnOff does to a device of a domain: a lock is locked by "on", a cover is opened."""
    if domain == "alarm_control_panel" and intent == "HassTurnOn" and mode in _ARMED:
        return Effect(f"arm_{mode}")
    if intent == "HassTurnOn":
        return Effect(_TURN_ON.get(domain, "turn_on"))
    return Effect(_TURN_OFF.get(domain, "turn_off"))


def light_settings(slots: Mapping[str, Any]) -> tuple[Setting, ...]:
    """What HassLightSet wants changed. Its `temperature` is the colour's, in kelvin."""
    settings = []
    if "brightness" in slots:
        settings.append(Setting("brightness", "brightness", slots["brightness"], "be dimmed"))
    if "color" in slots:
        settings.append(Setting("color", "color", slots["color"], "change colour"))
    if "temperature" in slots:
        settings.append(Setting("color_temp", "color_temp", slots["temperature"], "change its shade of white"))
    return tuple(settings)


def with_ability(
    devices: tuple[Device, ...], settings: tuple[Setting, ...]
) -> tuple[tuple[Device, ...], Mapping[str, Any]] | Unresolved:
    """Those of the devices that can take every setting within their limits, and the values."""
    able = devices
    for setting in settings:
        if setting.value == "black":
            return Unresolved("cannot", "be black", targets=_ids(devices))
        able_here = tuple(device for device in able if setting.ability in device.capabilities)
        if not able_here:
            return Unresolved("cannot", setting.otherwise, targets=_ids(devices))
        within = tuple(device for device in able_here if _within(device, setting))
        if not within:
            return Unresolved("out_of_range", _range(able_here[0], setting), targets=_ids(able_here))
        able = within
    return able, {setting.key: setting.value for setting in settings}


def verb(intent: str, domain: str | None) -> str:
    """What a device of the wrong kind cannot do, for the reply: `be opened`."""
    return _VERBS.get((intent, domain or "")) or _VERBS.get((intent, "")) or "do that"


def _within(device: Device, setting: Setting) -> bool:
    if not isinstance(setting.value, int | float):
        return True
    lowest, highest = _limits(device, setting)
    return lowest <= setting.value <= highest


def _limits(device: Device, setting: Setting) -> tuple[float, float]:
    """The device's own limits, else those of the unit."""
    for key in (setting.ability, setting.key):
        if key in device.limits:
            return device.limits[key]
    return (0, 100) if setting.key not in _UNITS else (float("-inf"), float("inf"))


def _range(device: Device, setting: Setting) -> str:
    lowest, highest = _limits(device, setting)
    return f"{lowest:g} to {highest:g} {_UNITS.get(setting.key, 'percent')}".strip()


def _ids(devices: tuple[Device, ...]) -> tuple[str, ...]:
    return tuple(device.device_id for device in devices)
