"""Understanding, second rung: the class of a sentence from the classifier, its values and names from its words.

It is asked only where no template knows the sentence. What names a thing that this home lacks stays that thing's name;
what is no command for a home gives nothing.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from itertools import pairwise
from typing import Any, Final, Protocol

from edge import intents
from edge.names import Found, NameIndex, fold
from edge.nlu.labels import NONE
from edge.records import Interpretation

SURE_ENOUGH: Final = 0.6
"""Probability of a class below which nothing is understood."""

STEP_PERCENT, STEP_DEGREES, STEP_VOLUME = 20, 1, 10
"""What "brighter", "warmer" and "louder" mean by themselves."""

_WORDS: Final = tomllib.loads(resources.files(__package__).joinpath("spoken.toml").read_text(encoding="utf-8"))
_WHEN: Final = re.compile("|".join(_WORDS["when"]))
_PERCENT: Final = re.compile(r"\b(\d+(?:\.\d+)?)\s?(?:%|percent\b)?")
_PLAYED: Final = re.compile(_WORDS["asking_to_play"], re.IGNORECASE)
_LIGHTS: Final = frozenset({"light", "lights", "lamp", "lamps", "bulb", "bulbs"})
_SWITCHES: Final = ("switch", "fan", "media_player", "climate", "light", "input_boolean", "humidifier", "water_heater")
_COVERS: Final = ("cover", "valve")


class Classes(Protocol):
    """Tells what class a sentence is of."""

    def classify(self, text: str) -> "Probabilities": ...


class Probabilities(Protocol):
    """The classes of one sentence."""

    @property
    def probabilities(self) -> Mapping[str, float]: ...


@dataclass(frozen=True)
class Spotted:
    """What a sentence holds besides its class."""

    said: str
    """Folded."""
    name: str | None
    area: str | None
    floor: str | None
    number: float | None
    everywhere: bool

    def any(self, phrases: Iterable[str]) -> bool:
        """Whether one of the phrases occurs."""
        return any(f" {phrase} " in f" {self.said} " for phrase in phrases)


@dataclass(frozen=True)
class Class:
    """What a class asks for."""

    intent: str
    slots: Mapping[str, Any]
    domains: tuple[str, ...] = ()
    """Of the devices that may be named; empty: none is."""
    values: Callable[[Spotted], Mapping[str, Any] | None] = lambda _: {}
    """The values that were said; None where something is missing."""
    needs_name: bool = False


class ModelRung:
    """Interprets what no template knows."""

    def __init__(self, classes: Classes, sure_enough: float = SURE_ENOUGH) -> None:
        self._classes = classes
        self._sure_enough = sure_enough

    def interpret(self, text: str, index: NameIndex) -> tuple[Interpretation, ...]:
        """The likeliest reading of a wording without manners, or none."""
        found = self._classes.classify(text).probabilities
        label, sure = max(found.items(), key=lambda item: item[1])
        meant = CLASSES.get(label)
        if meant is None or sure < self._sure_enough:
            return ()
        slots = _slots(text, meant, index)
        return () if slots is None else (Interpretation(meant.intent, slots, round(sure, 3), "model"),)

    def is_talk(self, text: str) -> float:
        """The probability that the sentence is no command for a home."""
        return self._classes.classify(text).probabilities.get(NONE, 0.0)


def _slots(text: str, meant: Class, index: NameIndex) -> dict[str, Any] | None:
    folded = fold(text)
    kept, excepted = _without_exception(folded)
    spotted = _spotted(kept, meant, index)
    if meant.intent == "HassMediaSearchAndPlay":
        title = _PLAYED.sub("", text).strip(" .!?")
        return {"search_query": title, "here": True} if title and title != text else None
    values = meant.values(spotted)
    if values is None or (meant.needs_name and spotted.name is None):
        return None
    slots = {**meant.slots, **values}
    where = {"name": spotted.name, "area": spotted.area, "floor": spotted.floor}
    if not meant.domains:
        where["name"] = None
    slots |= {key: value for key, value in where.items() if value}
    if spotted.name:
        slots.pop("domain", None) if spotted.name in _named(index, kept) else None
    elif not spotted.area and not spotted.floor:
        slots["all" if spotted.everywhere or excepted else "here"] = True
    if excepted:
        slots["except"] = [excepted]
    if _WHEN.search(folded):
        slots["when"] = folded
    return slots


def _without_exception(said: str) -> tuple[str, str]:
    """`all lights but the hall` -> `all lights`, `hall`."""
    for word in _WORDS["except"]:
        before, found, after = said.partition(f" {word} ")
        if found and any(f" {every} " in f" {before} " for every in _WORDS["everything"]):
            return before, re.sub(r"^(?:for|the|in|on|those|one|ones| )+ ", "", after).strip()
    return said, ""


def _spotted(said: str, meant: Class, index: NameIndex) -> Spotted:
    found = tuple(index.found_in(said.split()))
    name = _name(said, meant, found)
    rest = said.replace(name, " ") if name else said
    places = sorted((f for f in found if (f.area or f.floor) and f.form in rest), key=lambda f: -len(f.form))
    number = _PERCENT.search(rest)
    return Spotted(
        said,
        name,
        next((f.area.name for f in places if f.area), None),
        next((f.floor for f in places if f.floor), None),
        float(number[1]) if number else None,
        any(f" {word} " in f" {said} " for word in _WORDS["everything"]),
    )


def _named(index: NameIndex, said: str) -> set[str]:
    return {found.form for found in index.found_in(said.split()) if found.domains}


def _name(said: str, meant: Class, found: Sequence[Found]) -> str | None:
    """The longest name of a fitting device; else what stands where a name would and is none of ours."""
    fitting = [f.form for f in found if set(meant.domains) & set(f.domains)]
    if fitting:
        return max(fitting, key=len)
    words, places = said.split(), {word for f in found if f.area or f.floor for word in f.form.split()}
    if meant.domains[:1] == ("light",):
        return _strange_light(words, places)
    if not meant.needs_name:
        return None
    left = [word for word in words if word not in _WORDS["framing"] and word not in places and not word.isdecimal()]
    return " ".join(left) or None


def _strange_light(words: Sequence[str], places: set[str]) -> str | None:
    """`porch light`, where no place and no lamp of ours is called so."""
    plain = {*_WORDS["describing"], *_WORDS["colors"], *_WORDS["levels"], *places}
    for before, word in pairwise(words):
        if word in _LIGHTS and before not in plain and before.isalpha():
            return f"{before} {word}"
    return None


# ---------------------------------------------------------------------------------------------------------- values


def _times(spotted: Spotted) -> float:
    """A bit is half a step, a lot two."""
    return 0.5 if spotted.any(_WORDS["little"]) else 2.0 if spotted.any(_WORDS["much"]) else 1.0


def _level(spotted: Spotted) -> float | None:
    return next((value for word, value in _WORDS["levels"].items() if spotted.any([word])), None)


def _plain(value: float) -> int | float:
    return int(value) if float(value).is_integer() else value


def _to(spotted: Spotted) -> float | None:
    """The value that something shall come to: `to 40`, `at 40 percent`, `maximum`."""
    if spotted.number is not None and re.search(rf"\b(?:to|at|level|on)\s+{_plain(spotted.number)}\b", spotted.said):
        return spotted.number
    return _level(spotted) if spotted.number is None and not spotted.any(_WORDS["halved"]) else None


def _light(direction: int) -> Callable[[Spotted], Mapping[str, Any]]:
    def values(spotted: Spotted) -> Mapping[str, Any]:
        level = _to(spotted)
        if level is not None:
            return {"brightness": _plain(level)}
        if spotted.any(_WORDS["twice"]) or spotted.any(_WORDS["halved"]):
            return {"brightness_factor": 2 if direction > 0 else 0.5}
        step = spotted.number if spotted.number is not None else STEP_PERCENT * _times(spotted)
        return {"brightness_step": _plain(direction * step)}

    return values


def _light_values(spotted: Spotted) -> Mapping[str, Any] | None:
    values: dict[str, Any] = {}
    white = next((kelvin for words, kelvin in _WORDS["whites"].items() if spotted.any([words])), None)
    colors = [word for word in spotted.said.split() if word in _WORDS["colors"]]
    if white:
        values["temperature"] = white
    elif colors:
        values["color"] = colors[-1]  # "from blue to white"
    level = spotted.number if spotted.number is not None else _level(spotted)
    if level is None and colors and spotted.any(["dim"]):
        level = 30
    if level is not None:
        values["brightness"] = _plain(level)
    return values or None


def _heat(direction: int) -> Callable[[Spotted], Mapping[str, Any]]:
    def values(spotted: Spotted) -> Mapping[str, Any]:
        if spotted.number is not None and _to(spotted) is not None:
            return {"temperature": _plain(spotted.number)}
        return {"temperature_step": _plain(direction * (spotted.number or STEP_DEGREES))}

    return values


def _volume(direction: int) -> Callable[[Spotted], Mapping[str, Any]]:
    def values(spotted: Spotted) -> Mapping[str, Any]:
        step = spotted.number if spotted.number is not None else STEP_VOLUME * _times(spotted)
        return {"volume_step": _plain(direction * step)}

    return values


def _exactly(key: str) -> Callable[[Spotted], Mapping[str, Any] | None]:
    def values(spotted: Spotted) -> Mapping[str, Any] | None:
        level = spotted.number if spotted.number is not None else _level(spotted)
        return None if level is None else {key: _plain(level)}

    return values


def _mood(spotted: Spotted) -> Mapping[str, Any] | None:
    """A scene of that name, or else dim warm light."""
    level = next((level for word, level in _WORDS["scenes"].items() if spotted.any([word])), None)
    return None if level is None else {"brightness": level}


def _pointed(intent: str, *domains: str, **slots: Any) -> Class:
    return Class(intent, slots, domains, needs_name=True)


CLASSES: Final[Mapping[str, Class]] = {
    "light_on": Class("HassTurnOn", {"domain": "light"}, ("light",)),
    "light_off": Class("HassTurnOff", {"domain": "light"}, ("light",)),
    "light_up": Class("HassLightSet", {"domain": "light"}, ("light",), _light(1)),
    "light_down": Class("HassLightSet", {"domain": "light"}, ("light",), _light(-1)),
    "light_set": Class("HassLightSet", {"domain": "light"}, ("light",), _light_values),
    "too_dark": Class(intents.TOO_DARK, {}),
    "too_bright": Class(intents.TOO_BRIGHT, {}),
    "device_on": _pointed("HassTurnOn", *_SWITCHES),
    "device_off": _pointed("HassTurnOff", *_SWITCHES),
    "coffee": Class(intents.BREW, {}),
    "clean": Class("HassVacuumStart", {}),
    "dock": Class("HassVacuumReturnToBase", {}),
    "open": _pointed("HassTurnOn", *_COVERS, domain="cover"),
    "close": _pointed("HassTurnOff", *_COVERS, domain="cover"),
    "position": Class("HassSetPosition", {}, _COVERS, _exactly("position"), needs_name=True),
    "lock": _pointed("HassTurnOn", "lock", domain="lock"),
    "unlock": _pointed("HassTurnOff", "lock", domain="lock"),
    "arm": _pointed("HassTurnOn", "alarm_control_panel"),
    "disarm": _pointed("HassTurnOff", "alarm_control_panel"),
    "temperature_set": Class("HassClimateSetTemperature", {}, ("climate", "water_heater"), _exactly("temperature")),
    "warmer": Class("HassClimateSetTemperature", {}, ("climate",), _heat(1)),
    "colder": Class("HassClimateSetTemperature", {}, ("climate",), _heat(-1)),
    "too_cold": Class(intents.TOO_COLD, {}),
    "too_warm": Class(intents.TOO_WARM, {}),
    "fan_set": Class("HassFanSetSpeed", {}, ("fan",), _exactly("percentage")),
    "volume_up": Class("HassSetVolumeRelative", {}, ("media_player",), _volume(1)),
    "volume_down": Class("HassSetVolumeRelative", {}, ("media_player",), _volume(-1)),
    "volume_set": Class("HassSetVolume", {}, ("media_player",), _exactly("volume_level")),
    "mute": Class("HassMediaPlayerMute", {}, ("media_player",)),
    "unmute": Class("HassMediaPlayerUnmute", {}, ("media_player",)),
    "media_pause": Class("HassMediaPause", {}, ("media_player",)),
    "media_resume": Class("HassMediaUnpause", {}, ("media_player",)),
    "media_next": Class("HassMediaNext", {}, ("media_player",)),
    "media_previous": Class("HassMediaPrevious", {}, ("media_player",)),
    "media_play": Class("HassMediaSearchAndPlay", {}, ("media_player",)),
    "scene": Class("HassLightSet", {"domain": "light"}, (), _mood),
    "get_temperature": Class("HassClimateGetTemperature", {}, ("climate",)),
    "get_time": Class("HassGetCurrentTime", {}),
    "get_date": Class("HassGetCurrentDate", {}),
    "nevermind": Class("HassNevermind", {}),
}
"""By class; questions about states are the templates' business, and what is missing here is not understood."""
