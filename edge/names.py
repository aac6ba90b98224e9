"""Words: how people say names. One `fold` for what is said and for what things are called, and the forms a name takes.

Understanding looks up which names occur in a sentence, resolution which devices they mean, dialogue which choice was
meant: all three by the same `NameIndex`, so that none of them knows a name that another does not.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Final, Generic, TypeVar

from edge.knowledge import Area, Device, HomeMap
from edge.numerals import digits_for_words
from edge.text import MAX_CHARACTERS, REMEMBERED_MAX, normal

_BREAKS: Final = re.compile(r"[-_\s]+")
_THOUSANDS: Final = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_DECIMAL_COMMA: Final = re.compile(r"(?<=\d),(?=\d)")

OWN, VARIANT, SHORT, KIND = 0, 1, 2, 3
"""How a form names a device: its own name; the same said differently; without its room; what kind of thing it is."""

_SAME_WORD: Final = (
    ("light", "lamp", "lights", "lamps"),
    ("tv", "television", "telly"),
    ("blind", "blinds", "shade", "shades"),
    ("vacuum", "vacuum cleaner", "hoover"),
    ("speaker", "speakers"),
    ("curtain", "curtains"),
)

_GENERIC: Final = frozenset(
    [
        "light",
        "lights",
        "lamp",
        "lamps",
        "fan",
        "fans",
        "blind",
        "blinds",
        "curtain",
        "curtains",
        "shutter",
        "shutters",
        "awning",
        "shade",
        "shades",
        "door",
        "doors",
        "window",
        "windows",
        "switch",
        "plug",
        "socket",
        "outlet",
        "sensor",
        "cover",
        "temperature",
    ]
)
"""What is left of "kitchen light" without the kitchen names a kind of thing: the grammar knows those words itself."""

_KINDS: Final[Mapping[tuple[str, str | None], tuple[str, ...]]] = {
    ("climate", None): ("thermostat", "heating"),
    ("vacuum", None): ("vacuum", "vacuum cleaner", "robot vacuum", "robot", "hoover"),
    ("lawn_mower", None): ("lawn mower", "mower", "robot mower", "mowing"),
    ("lock", None): ("lock", "door", "door lock"),
    ("alarm_control_panel", None): ("alarm", "alarm system", "burglar alarm"),
    ("media_player", None): ("media player", "player"),
    ("media_player", "tv"): ("tv", "television", "telly"),
    ("media_player", "speaker"): ("speaker", "music"),
    ("cover", "garage"): ("garage", "garage door"),
    ("cover", "gate"): ("gate",),
    ("sensor", "humidity"): ("humidity",),
    ("sensor", "illuminance"): ("light level", "brightness"),
    ("sensor", "carbon_dioxide"): ("co2", "air quality"),
}
_OWN_CLASS_ONLY: Final = frozenset({"oven", "stove"})
"""A heater of this class is no thermostat of a room."""

_KIND_OF_DOMAIN: Final[Mapping[str, tuple[str, ...]]] = {
    "light": ("light",),
    "switch": ("switch", "plug", "socket", "outlet"),
    "fan": ("fan",),
    "cover": ("cover",),
    "lock": ("lock", "door"),
    "climate": ("thermostat", "heating", "heater", "radiator"),
    "media_player": ("player",),
    "sensor": ("sensor",),
    "binary_sensor": ("sensor",),
    "vacuum": ("vacuum", "robot"),
    "scene": ("scene",),
}
_KIND_OF_CLASS: Final[Mapping[str, tuple[str, ...]]] = {
    "blind": ("blind",),
    "shade": ("blind",),
    "curtain": ("curtain",),
    "shutter": ("shutter",),
    "awning": ("awning",),
    "garage": ("door",),
    "door": ("door",),
    "window": ("window",),
    "tv": ("tv",),
    "speaker": ("speaker",),
    "temperature": ("temperature",),
    "outlet": ("plug",),
}

_FILLERS: Final = frozenset(
    {"the", "a", "an", "my", "our", "your", "its", "that", "which", "is", "one"}
    | {"of", "in", "on", "at", "by", "near", "next", "to", "beside", "above", "over", "under", "behind"}
    | {"from", "for", "with"}
)
"""What a description has between the words of a name: "the lamp by the sofa"."""

_SAID_ALIKE: Final[Mapping[str, str]] = {"to": "2", "too": "2", "for": "4", "won": "1", "ate": "8"}
"""A number at the end of a name that was heard as a word."""

T = TypeVar("T")


def fold(text: str) -> str:
    """The form in which names are compared: no case, accents, apostrophes, hyphens; numbers as digits. Idempotent."""
    return _remembered(text) if len(text) <= MAX_CHARACTERS else _folded(text)


def _folded(text: str) -> str:
    letters = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    plain = _BREAKS.sub(" ", normal(letters).replace("'", "")).strip()
    return digits_for_words(_DECIMAL_COMMA.sub(".", _THOUSANDS.sub("", plain)))


_remembered: Final = lru_cache(REMEMBERED_MAX)(_folded)


def canonical(word: str) -> str:
    """One spelling for a folded word, its plural, its possessive and its synonyms: `lamps` and `light` are the same."""
    for group in _SAME_WORD:
        if word in group:
            return group[0]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def content(name: str) -> list[str]:
    """The words of a name, folded, without articles and prepositions: `desk`, `lamp` of "the lamp on the desk"."""
    words = fold(name).split()
    if len(words) > 1 and words[-1] in _SAID_ALIKE:
        words[-1] = _SAID_ALIKE[words[-1]]
    return [word for word in words if word not in _FILLERS] or words


def kind_words(device: Device) -> frozenset[str]:
    """The canonical words for the kind of thing that a device is, whatever its name."""
    words = (*_KIND_OF_DOMAIN.get(device.domain, ()), *_KIND_OF_CLASS.get(device.device_class or "", ()))
    return frozenset(map(canonical, words))


KIND_WORDS: Final = frozenset(
    canonical(word) for word in (*_GENERIC, *chain.from_iterable((*_KIND_OF_DOMAIN.values(), *_KIND_OF_CLASS.values())))
)
"""Canonical words that say what kind of thing is meant, not which."""


def forms(device: Device, area: Area | None) -> dict[str, int]:
    """Every folded text that may mean this device, each with its level: lower is surer."""
    found: dict[str, int] = {}
    rooms = _names_of(area) if area else ()
    for form, level in (*_own_forms(device, rooms), *_kind_forms(device, rooms)):
        found[form] = min(level, found.get(form, level))
    found.pop("", None)
    return found


def _own_forms(device: Device, rooms: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    for own in {fold(device.name), *map(fold, device.aliases)}:
        yield own, OWN
        bare = _without_room(own, rooms)
        if bare in _GENERIC:
            continue
        said = (own, *_variants(own))
        yield from ((form, VARIANT) for form in said)
        if bare is None:
            yield from ((form, VARIANT) for each in said for form in _with_room(each, rooms))
        else:
            short = (bare, *_variants(bare))
            yield from ((form, SHORT) for form in short)
            yield from ((f"{each} in {the}{room}", SHORT) for each in short for room in rooms for the in ("", "the "))


def _kind_forms(device: Device, rooms: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    for kind in _kinds_of(device):
        yield kind, KIND
        yield from ((form, KIND) for form in _with_room(kind, rooms))


def is_room_heater(device: Device) -> bool:
    """Whether a climate device warms a room (and not a roast)."""
    return device.domain in {"climate", "water_heater"} and device.device_class not in _OWN_CLASS_ONLY


def _kinds_of(device: Device) -> tuple[str, ...]:
    if device.device_class in _OWN_CLASS_ONLY:
        return (device.device_class,)
    return _KINDS.get((device.domain, device.device_class), ()) or _KINDS.get((device.domain, None), ())


def _names_of(place: Area) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(fold, (place.name, *place.aliases)))))


def _with_room(name: str, rooms: Iterable[str]) -> Iterator[str]:
    """`kitchen lamp`, `lamp in kitchen`, `lamp in the kitchen`."""
    for room in rooms:
        yield from (f"{room} {name}", f"{name} in {room}", f"{name} in the {room}")


def _without_room(name: str, rooms: Iterable[str]) -> str | None:
    """`counter lamp` for `kitchen counter lamp`; None where the name does not begin with the room."""
    for room in rooms:
        if name.startswith(f"{room} "):
            return name.removeprefix(f"{room} ")
    return None


def _variants(name: str) -> Iterator[str]:
    """The same name with a synonym, or in singular or plural."""
    head, _, last = name.rpartition(" ")
    for group in _SAME_WORD:
        if last in group:
            yield from (f"{head} {other}".strip() for other in group if other != last)
            return
    if last.isalpha() and len(last) > 2:
        yield name[:-1] if last.endswith("s") and not last.endswith("ss") else name + "s"


@dataclass(frozen=True)
class Named:
    """A device that answers to a name, and how surely."""

    device: Device
    level: int


class NameIndex:
    """All names of one home."""

    def __init__(self, home: HomeMap) -> None:
        self.home = home
        self._devices: dict[str, list[Named]] = {}
        self._areas = {name: area for area in reversed(home.areas) for name in _names_of(area)}
        self._areas |= {fold(area.area_id): area for area in home.areas if fold(area.area_id) not in self._areas}
        self._floors: dict[str, str] = {}
        for floor in {area.floor for area in home.areas if area.floor}:
            self._floors |= {fold(floor): floor, fold(floor).removesuffix(" floor"): floor}
        for device in home.devices:
            for form, level in forms(device, home.area.get(device.area or "")).items():
                self._devices.setdefault(form, []).append(Named(device, level))
        everything = (*self._devices, *self._areas, *self._floors)
        self._longest = max((form.count(" ") + 1 for form in everything), default=0)

    def devices(self, name: str) -> tuple[Named, ...]:
        """The devices that a name may mean, surest first."""
        return tuple(sorted(self._devices.get(fold(name), ()), key=lambda named: named.level))

    def area(self, name: str | None) -> Area | None:
        """The place of that name, alias or id."""
        return self._areas.get(fold(name)) if name else None

    def floor(self, name: str | None) -> str | None:
        """The floor of that name, as the home spells it."""
        return self._floors.get(fold(name)) if name else None

    def found_in(self, words: Sequence[str]) -> Iterator["Found"]:
        """Every stretch of a sentence that is a name of a device, an area or a floor."""
        folded = [fold(word) for word in words]
        for start in range(len(words)):
            for end in range(start + 1, min(start + self._longest, len(words)) + 1):
                form = " ".join(folded[start:end])
                domains = sorted({named.device.domain for named in self._devices.get(form, ())})
                area, floor = self._areas.get(form), self._floors.get(form)
                if domains or area or floor:
                    yield Found(" ".join(words[start:end]), form, tuple(domains), area, floor)


@dataclass(frozen=True)
class Found:
    """A name that occurs in a sentence."""

    said: str
    form: str
    """Folded."""
    domains: tuple[str, ...]
    """Of the devices that it may mean."""
    area: Area | None
    floor: str | None


class PerHome(Generic[T]):
    """Keeps what was built for the home seen last. A home never changes in place, so identity tells it apart."""

    def __init__(self, build: Callable[[HomeMap], T]) -> None:
        self._build = build
        self._last: tuple[HomeMap, T] | None = None

    def of(self, home: HomeMap) -> T:
        """What belongs to this home."""
        last = self._last
        if last is None or last[0] is not home:
            self._last = last = (home, self._build(home))
        return last[1]
