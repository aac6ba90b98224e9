"""How things are called aloud: devices, places, numbers, units, lists."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from edge import intents
from edge.knowledge import Device, HomeMap
from edge.names import fold
from edge.text import clean

_NUMBERS: Final = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven")
_UNITS: Final[Mapping[str, str]] = {
    "°C": "degrees",
    "°F": "degrees",
    "%": "percent",
    "lx": "lux",
    "W": "watts",
    "kW": "kilowatts",
    "Wh": "watt hours",
    "kWh": "kilowatt hours",
    "V": "volts",
    "A": "amperes",
    "hPa": "hectopascals",
    "ppm": "parts per million",
    "µg/m³": "micrograms per cubic metre",
    "m/s": "metres per second",
    "km/h": "kilometres per hour",
    "mm": "millimetres",
    "dB": "decibels",
}
_KINDS: Final[Mapping[str, str]] = {
    "cover": "cover",
    "binary_sensor": "sensor",
    "climate": "thermostat",
    "alarm_control_panel": "alarm",
    "media_player": "player",
    "vacuum": "vacuum cleaner",
    "lawn_mower": "lawn mower",
    "water_heater": "water heater",
    "input_boolean": "switch",
}
_KIND_OF_INTENT: Final[Mapping[str, str]] = {
    "HassFanSetSpeed": "fan",
    "HassVacuumStart": "vacuum",
    "HassVacuumReturnToBase": "vacuum",
    "HassVacuumCleanArea": "vacuum",
    "HassClimateSetTemperature": "climate",
    "HassSetPosition": "cover",
    "HassStopMoving": "cover",
    "HassMediaPause": "media_player",
    "HassMediaUnpause": "media_player",
    "HassMediaNext": "media_player",
    "HassMediaPrevious": "media_player",
    "HassMediaPlayerMute": "media_player",
    "HassMediaPlayerUnmute": "media_player",
    "HassMediaSearchAndPlay": "media_player",
    "HassSetVolume": "media_player",
    "HassSetVolumeRelative": "media_player",
}
ECHO_MAX: Final = 60
"""Longest stretch of a person's own words that is said back."""


def the(device: Device, home: HomeMap) -> str:
    """`the kitchen light`; with what sets it apart where another device has the same name."""
    name = device.name
    namesakes = [other for other in home.devices if other is not device and other.name.casefold() == name.casefold()]
    area = home.area.get(device.area or "")
    if any(other.area == device.area for other in namesakes):
        name = f"{name} {_KINDS.get(device.domain, device.domain)}"
    elif namesakes and area and fold(area.name) not in fold(name):
        name = f"{area.name} {name}"
    return name if _is_proper(name, device.domain) else f"the {name}"


def _is_proper(name: str, domain: str) -> bool:
    """`Anna's lamp`, `lamp 2`, `movie night` and a robot called `Dusty` go without an article."""
    words = fold(name).split() or [""]
    owned = name.split(" ", 1)[0].casefold().endswith(("'s", "\u2019s"))
    pet = domain == "vacuum" and len(words) == 1 and words[0] not in {"vacuum", "robot", "hoover", "cleaner"}
    return owned or pet or words[0] in {"the", "my", "our"} or words[-1].isdecimal() or domain in {"scene", "script"}


def them(device_ids: Iterable[str], home: HomeMap) -> list[str]:
    """The names of several devices."""
    return [the(home.device[device_id], home) for device_id in device_ids if device_id in home.device]


def place(area_id: str | None, home: HomeMap) -> str:
    """`the bedroom`; empty where the home does not say."""
    area = home.area.get(area_id or "")
    return with_article(area.name) if area else ""


def with_article(name: str) -> str:
    """`in the bedroom`, but `in Anna's room` and `upstairs`."""
    first = fold(name).split(" ", 1)[0]
    bare = first in {"upstairs", "downstairs", "outside", "the", "my", "our"} or "'s " in name
    return name if bare else f"the {name}"


def inside(name: str) -> str:
    """`in the bedroom`, `upstairs`, `on the ground floor`."""
    if fold(name) in {"upstairs", "downstairs", "outside"}:
        return name
    return f"on {with_article(name)}" if fold(name).endswith("floor") else f"in {with_article(name)}"


def listed(words: Sequence[str], joint: str = "and") -> str:
    """`a, b and c`."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {joint} {words[-1]}" if words else ""


def number(value: Any) -> str:
    """`21.5`, `21`; other things as they are."""
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, int | float) else str(value)


def count(many: int) -> str:
    """`two`, `14`."""
    return _NUMBERS[many] if many < len(_NUMBERS) else str(many)


def measure(value: Any, unit: str | None) -> str:
    """`21.5 degrees`."""
    try:
        said = number(float(value))
    except (TypeError, ValueError):
        said = str(value)
    return f"{said} {_UNITS.get(unit, unit)}" if unit else said


def kind(intent: str, slots: Mapping[str, Any]) -> str:
    """`light`, `blind`, `thermostat`: what sort of thing the words were about."""
    if intent == "HassClimateGetTemperature":
        return "thermometer"
    wanted = slots.get("device_class")
    if wanted == "garage":
        return "garage door"
    if wanted:
        return str(wanted) if wanted != "occupancy" else "presence sensor"
    if intent in {intents.TOO_DARK, intents.TOO_BRIGHT, "HassLightSet"}:
        return "light"
    domain = str(slots.get("domain") or _KIND_OF_INTENT.get(intent, "device"))
    return _KINDS.get(domain, domain)


def plural(word: str) -> str:
    """`lights`, `switches`."""
    return f"{word}es" if word.endswith(("s", "ch", "x")) else f"{word}s"


def is_plural(name: str) -> bool:
    """Whether a name is grammatically a plural: `fairy lights`."""
    last = name.casefold().split()[-1] if name.split() else ""
    return last.endswith("s") and not last.endswith("ss") and len(last) > 3


def echoed(words: Any) -> str:
    """A person's own words, short enough to say back; `that` where they are not."""
    said = clean(str(words))
    return said if 0 < len(said) <= ECHO_MAX else "that"


def capital(sentence: str) -> str:
    """With its first letter large."""
    return sentence[:1].upper() + sentence[1:]
