"""What each class of the model rung asks for, and which words a sentence of it cannot do without."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from edge import intents
from edge.nlu import values as said
from edge.nlu.spotting import WORDS, begins_with

_SWITCHES: Final = ("switch", "fan", "media_player", "climate", "light", "input_boolean", "humidifier", "water_heater")
_COVERS: Final = ("cover", "valve")


@dataclass(frozen=True)
class Class:
    """What a class asks for."""

    intent: str
    slots: Mapping[str, Any]
    domains: tuple[str, ...] = ()
    """Of the devices that may be named; empty: none is."""
    values: said.Values = said.nothing
    needs_name: bool = False
    about: str = ""
    """The key of its words in `spoken.toml`: one of them is said, or a device is named."""


def has_word_of(meant: Class, sentence: str) -> bool:
    """Whether the sentence has one of the words (or their beginnings) without which it is not of this class."""
    stems = words_of(meant)
    return not stems or any(begins_with(word, stems) for word in sentence.split())


def words_of(meant: Class) -> tuple[str, ...]:
    """The words, or their beginnings, that the class is about."""
    return tuple(WORDS["about"].get(meant.about, ()))


def _pointed(intent: str, *domains: str, **slots: Any) -> Class:
    return Class(intent, slots, domains, needs_name=True)


def _light(intent: str, found: said.Values = said.nothing) -> Class:
    return Class(intent, {"domain": "light"}, ("light",), found, about="light")


def _media(intent: str, found: said.Values = said.nothing, about: str = "media") -> Class:
    return Class(intent, {}, ("media_player",), found, about=about)


CLASSES: Final[Mapping[str, Class]] = {
    "light_on": _light("HassTurnOn"),
    "light_off": _light("HassTurnOff"),
    "light_up": _light("HassLightSet", said.lighter(1)),
    "light_down": _light("HassLightSet", said.lighter(-1)),
    "light_set": _light("HassLightSet", said.light_values),
    "too_dark": Class(intents.TOO_DARK, {}, about="light"),
    "too_bright": Class(intents.TOO_BRIGHT, {}, about="light"),
    "device_on": _pointed("HassTurnOn", *_SWITCHES),
    "device_off": _pointed("HassTurnOff", *_SWITCHES),
    "coffee": Class(intents.BREW, {}, about="coffee"),
    "clean": Class("HassVacuumStart", {}, ("vacuum",), about="clean"),
    "dock": Class("HassVacuumReturnToBase", {}, ("vacuum",), about="dock"),
    "open": _pointed("HassTurnOn", *_COVERS, domain="cover"),
    "close": _pointed("HassTurnOff", *_COVERS, domain="cover"),
    "position": Class("HassSetPosition", {}, _COVERS, said.position, needs_name=True),
    "stop_moving": _pointed("HassStopMoving", *_COVERS),
    "lock": _pointed("HassTurnOn", "lock", domain="lock"),
    "unlock": _pointed("HassTurnOff", "lock", domain="lock"),
    "arm": _pointed("HassTurnOn", "alarm_control_panel"),
    "disarm": _pointed("HassTurnOff", "alarm_control_panel"),
    "temperature_set": Class(
        "HassClimateSetTemperature", {}, ("climate", "water_heater"), said.exactly("temperature"), about="heat"
    ),
    "warmer": Class("HassClimateSetTemperature", {}, ("climate",), said.warmer(1), about="heat"),
    "colder": Class("HassClimateSetTemperature", {}, ("climate",), said.warmer(-1), about="heat"),
    "too_cold": Class(intents.TOO_COLD, {}, about="heat"),
    "too_warm": Class(intents.TOO_WARM, {}, about="heat"),
    "fan_set": Class("HassFanSetSpeed", {}, ("fan",), said.speed, about="fan"),
    "volume_up": _media("HassSetVolumeRelative", said.louder(1), "sound"),
    "volume_down": _media("HassSetVolumeRelative", said.louder(-1), "sound"),
    "volume_set": _media("HassSetVolume", said.exactly("volume_level"), "sound"),
    "mute": _media("HassMediaPlayerMute", about="sound"),
    "unmute": _media("HassMediaPlayerUnmute", about="sound"),
    "media_pause": _media("HassMediaPause"),
    "media_resume": _media("HassMediaUnpause"),
    "media_next": _media("HassMediaNext"),
    "media_previous": _media("HassMediaPrevious"),
    "media_play": _media("HassMediaSearchAndPlay"),
    "scene": Class("HassLightSet", {"domain": "light"}, ("scene", "script"), said.mood),
    "get_temperature": Class("HassClimateGetTemperature", {}, ("climate",), about="heat"),
    "get_time": Class("HassGetCurrentTime", {}),
    "get_date": Class("HassGetCurrentDate", {}),
    "nevermind": Class("HassNevermind", {}),
}
"""By class; questions about states are the templates' business, and what is missing here is not understood."""

OTHERWISE: Final[Mapping[str, str]] = {
    "light_on": "device_on",
    "light_off": "device_off",
    "warmer": "device_on",
    "temperature_set": "device_on",
    "coffee": "device_on",
    "scene": "device_on",
}
"""The class of a sentence that names a thing which its own class is not for: fairy lights on a plug, an oven that is a
switch."""

ASKING: Final = frozenset({"get_temperature", "get_time", "get_date", "too_dark", "too_bright", "too_cold", "too_warm"})
"""Classes of which a question may be."""
