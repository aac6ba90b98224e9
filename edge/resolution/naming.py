"""What a name may mean: exactly, in other words, in part, or because it sounds and looks alike.

Likeness never turns left into right or lamp 1 into lamp 2, and reaches a guarded device only by the very sound.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Final, NamedTuple

from rapidfuzz import fuzz, process

from edge.knowledge import Area, Device, HomeMap
from edge.names import KIND_WORDS, NameIndex, canonical, content, fold, kind_words
from edge.phonetics import likeness, phones

EXACTLY, REWORDED, IN_PART = 1.0, 0.95, 0.85
"""What a reading is worth whose name was said as it is, with the same words otherwise put, or with some left out."""

ALIKE: Final = 0.75
"""Likeness from which a name is what was meant; so unlike as that it is worth `ALIKE_WORTH` of a name said exactly."""

ALIKE_WORTH: Final = 0.85

CLOSE: Final = 0.08
"""Names whose likeness differs by less are both meant: then we ask."""

THE_SAME_SOUND: Final = 0.95
"""Likeness that a guarded device wants; it is confirmed all the same."""

KIND_SHARE: Final = 0.25
"""What a misheard "lamp" counts in the likeness of "floor lump" to "floor lamp"."""

KIND_LEFT_OUT: Final = 0.05
"""What it counts when "lamp" was not said at all, and the rest is merely alike."""

MAIN_SHARE: Final = 0.75
"""What counts more of looks and sound, whichever is more alike; the other has the rest."""

_LOOK_AT: Final = 24
_FEWEST_SOUNDS: Final = 3
"""Names shorter than this are too easily alike."""

_OPPOSITES: Final = (
    ("left", "right", "middle", "center", "centre"),
    ("upstairs", "downstairs"),
    ("up", "down"),
    ("upper", "lower"),
    ("top", "bottom"),
    ("front", "back", "rear", "side"),
    ("inside", "outside", "indoor", "outdoor"),
    ("inner", "outer"),
    ("north", "south", "east", "west"),
    ("big", "small", "little"),
    ("old", "new"),
    ("day", "night", "morning", "evening"),
    ("hot", "cold", "warm", "cool"),
    ("his", "her"),
    ("boy", "girl"),
    ("black", "white", "red", "green", "blue", "yellow"),
)
_SIDE: Final = {canonical(word): group for group, words in enumerate(_OPPOSITES) for word in words}


@dataclass(frozen=True)
class Meant:
    """A device that a name may mean."""

    device: Device
    level: int
    """How the name fits: smaller is surer; only those of the smallest level are meant."""
    worth: float
    """0 to 1, against a name said exactly."""


class _Entry(NamedTuple):
    """One name of one device or place, taken apart."""

    of: int
    """Position of the device in the home, or of the place."""
    words: frozenset[str]
    """Canonical words, articles and prepositions left out."""
    kinds: frozenset[str]
    """Words for the kind of thing: those in the name and those that its domain allows."""
    rooms: frozenset[str]
    """Words of the room it is in."""
    core: str
    """The words that are no kind."""
    sound: str
    whole: str
    """All words."""


class NameSearch:
    """Looks names up in one home."""

    def __init__(self, home: HomeMap) -> None:
        self.index = NameIndex(home)
        self._devices = tuple(chain.from_iterable(_entries(n, d, home) for n, d in enumerate(home.devices)))
        self._by_word: dict[str, list[int]] = {}
        for number, entry in enumerate(self._devices):
            for word in entry.words:
                self._by_word.setdefault(word, []).append(number)
        self._cores = [entry.core for entry in self._devices]
        self._sounds = [entry.sound for entry in self._devices]
        self._rooms = frozenset(chain.from_iterable(entry.rooms for entry in self._devices))
        self._places = tuple(
            _place_entry(n, content(name)) for n, area in enumerate(home.areas) for name in (area.name, *area.aliases)
        )
        self._meant = lru_cache(maxsize=256)(self._looked_up)
        self._place = lru_cache(maxsize=256)(self._place_looked_up)

    @property
    def home(self) -> HomeMap:
        """The home in which is looked."""
        return self.index.home

    def devices(self, name: str, fits: Callable[[Device], bool]) -> tuple[Meant, ...]:
        """What the name means among the devices that fit, surest first; where none fits, what it means at all.

        What merely sounds alike has to fit.
        """
        found = self._meant(fold(name))
        fitting = _nearest([meant for meant in found if fits(meant.device)])
        return fitting or tuple(meant for meant in found if meant.level < _ALIKE_LEVEL)

    def area(self, name: str) -> tuple[Area, float] | None:
        """The place of that name, or the one place that sounds and looks like it, and how surely."""
        return self._place(fold(name))

    def worth(self, name: str, device_id: str) -> float:
        """How well the name fits the device, 0 to 1."""
        return max((m.worth for m in self._meant(fold(name)) if m.device.device_id == device_id), default=EXACTLY)

    def _looked_up(self, said: str) -> tuple[Meant, ...]:
        exact = tuple(Meant(named.device, named.level, EXACTLY) for named in self.index.devices(said))
        if exact:
            return exact
        words = content(said)
        bag = frozenset(map(canonical, words))
        return (*self._by_words(bag, words), *self._by_likeness(words))

    def _by_words(self, said: frozenset[str], words: list[str]) -> Iterator[Meant]:
        """Devices all of whose words were said, or some and nothing else."""
        if not said or (said <= KIND_WORDS):
            return
        for number in {number for word in said for number in self._by_word.get(word, ())}:
            entry = self._devices[number]
            device = self.home.devices[entry.of]
            if not said - entry.words <= entry.kinds | entry.rooms:
                continue
            missing = entry.words - said - entry.rooms
            own = (said & entry.words) - entry.rooms - KIND_WORDS
            if not missing and (own or not _says_all(words)):
                yield Meant(device, _REWORDED_LEVEL, REWORDED)
            elif device.tier != "guarded" and any(word.isalpha() for word in own):
                yield Meant(device, _PART_LEVEL, IN_PART)

    def _by_likeness(self, words: list[str]) -> Iterator[Meant]:
        likeness: dict[int, float] = {}
        for heard in _heard_as(words):
            for number in self._near(heard.core):
                entry = self._devices[number]
                if self._may_be(heard, words, entry):
                    alike = heard.likeness_to(entry)
                    likeness[entry.of] = max(alike, likeness.get(entry.of, 0.0))
        for position in sorted(likeness):
            if likeness[position] >= ALIKE:
                yield Meant(self.home.devices[position], _ALIKE_LEVEL, round(ALIKE_WORTH * likeness[position], 3))

    def _may_be(self, heard: "_Heard", words: list[str], entry: _Entry) -> bool:
        """Whether nothing but spelling and sound stands between what was heard and this name."""
        if not heard.kinds <= entry.kinds or _opposed(words, entry.words):
            return False
        if entry.words - KIND_WORDS <= entry.rooms and (not heard.kinds or _says_all(words)):
            return False
        if self.home.devices[entry.of].tier == "guarded":
            return likeness(" ".join(words), entry.whole) >= THE_SAME_SOUND
        return True

    def _near(self, core: str) -> list[int]:
        """Entries whose core looks or sounds somewhat like this, or like this without the words for rooms."""
        bare = " ".join(word for word in core.split() if canonical(word) not in self._rooms)
        numbers = set[int]()
        for query in {core, bare}:
            sound = _sound(query)
            if min(len(query), len(sound) or len(query)) < _FEWEST_SOUNDS:
                continue
            numbers |= {n for _, _, n in process.extract(query, self._cores, scorer=fuzz.ratio, limit=_LOOK_AT)}
            if sound:
                numbers |= {n for _, _, n in process.extract(sound, self._sounds, scorer=fuzz.ratio, limit=_LOOK_AT)}
        return sorted(numbers)

    def _place_looked_up(self, said: str) -> tuple[Area, float] | None:
        exact = self.index.area(said)
        if exact:
            return exact, EXACTLY
        words = content(said)
        bag, core = frozenset(map(canonical, words)), " ".join(words)
        same = {entry.of for entry in self._places if entry.words == bag}
        if len(same) == 1:
            return self.home.areas[same.pop()], REWORDED
        alike: dict[int, float] = {}
        for entry in self._places:
            if min(len(core), len(entry.core)) > _FEWEST_SOUNDS and not _opposed(words, entry.words):
                near = _likeness(core, entry.core)
                alike[entry.of] = max(near, alike.get(entry.of, 0.0))
        ranked = sorted(alike, key=lambda position: -alike[position])
        if not ranked or alike[ranked[0]] < ALIKE or (len(ranked) > 1 and alike[ranked[1]] > alike[ranked[0]] - CLOSE):
            return None
        return self.home.areas[ranked[0]], round(ALIKE_WORTH * alike[ranked[0]], 3)


_REWORDED_LEVEL, _PART_LEVEL, _ALIKE_LEVEL = 10, 11, 12
"""Above the levels of `edge.names`."""


def _nearest(meant: list[Meant]) -> tuple[Meant, ...]:
    """Those of the surest level; of what is merely alike, only what is not clearly less alike than the best."""
    level = min((each.level for each in meant), default=0)
    best = sorted((each for each in meant if each.level == level), key=lambda each: -each.worth)
    kept = [each for each in best if level < _ALIKE_LEVEL or each.worth > best[0].worth - CLOSE * ALIKE_WORTH]
    return tuple({each.device.device_id: each for each in reversed(kept)}.values())[::-1]


def _entries(position: int, device: Device, home: HomeMap) -> Iterator[_Entry]:
    """Its name and aliases, each whole and with its room taken off."""
    area = home.area.get(device.area or "")
    rooms = frozenset(canonical(word) for name in (area.name, *area.aliases) for word in content(name)) if area else ()
    for name in dict.fromkeys((device.name, *device.aliases)):
        words = content(name)
        kinds = frozenset(kind_words(device)) | ({canonical(word) for word in words} & KIND_WORDS)
        for said in _with_and_without_room(words, area):
            core = " ".join(word for word in said if canonical(word) not in KIND_WORDS)
            bag = frozenset(map(canonical, words))
            yield _Entry(position, bag, frozenset(kinds), frozenset(rooms), core, _sound(core), " ".join(said))


def _place_entry(position: int, words: list[str]) -> _Entry:
    core = " ".join(words)
    return _Entry(position, frozenset(map(canonical, words)), frozenset(), frozenset(), core, _sound(core), core)


def _with_and_without_room(words: list[str], area: Area | None) -> Iterable[list[str]]:
    room = content(area.name) if area else []
    if room and words[: len(room)] == room:
        return (words, words[len(room) :])
    return (words,)


@dataclass(frozen=True)
class _Heard:
    """One way to take what was heard apart: what kind of thing, and which."""

    core: str
    kinds: frozenset[str]
    misheard: float = 0.0
    """How unlike the kind is to the word that was heard for it, 0 to 1."""

    def likeness_to(self, entry: _Entry) -> float:
        """Of what is said beside the room; a room that both name makes nothing alike."""
        unsure = KIND_SHARE * self.misheard + (KIND_LEFT_OUT if entry.words & KIND_WORDS and not self.kinds else 0.0)
        heard, known = self.core.split(), entry.core.split()
        if entry.rooms & set(map(canonical, heard)):
            heard, known = ([word for word in words if canonical(word) not in entry.rooms] for words in (heard, known))
        if not heard or not known:
            return float(heard == known) - unsure
        return _likeness(" ".join(heard), " ".join(known)) - unsure


def _heard_as(words: list[str]) -> Iterator[_Heard]:
    """With the kinds that were said; where there is none, the last word may be a misheard one."""
    if not words:
        return
    kinds = [word for word in words if canonical(word) in KIND_WORDS]
    yield _Heard(" ".join(word for word in words if word not in kinds), frozenset(map(canonical, kinds)))
    if kinds or len(words) == 1:
        return
    for kind in sorted(KIND_WORDS):
        alike = _likeness(words[-1], kind)
        if alike >= 1 - KIND_SHARE:
            yield _Heard(" ".join(words[:-1]), frozenset({kind}), 1 - alike)


def _says_all(words: list[str]) -> bool:
    """Whether a plural was said for a kind of thing: "kitchen lights" is no single light."""
    return any(canonical(word) in KIND_WORDS and word.endswith("s") for word in words)


def _opposed(said: Iterable[str], known: Iterable[str]) -> bool:
    """Whether one says left and the other right, or the numbers differ."""
    here, there = frozenset(map(canonical, said)), frozenset(known)
    if any(any(map(str.isdigit, word)) for word in here ^ there):
        return True
    sides = {_SIDE[word] for word in there if word in _SIDE}
    return any(word not in there and _SIDE[word] in sides for word in here if word in _SIDE)


def _likeness(a: str, b: str) -> float:
    """0 to 1. Misheard words sound alike, mistyped ones look alike; letters without sound go by their looks."""
    looks = fuzz.ratio(a.replace(" ", ""), b.replace(" ", "")) / 100
    if not _sound(a) or not _sound(b):
        return looks
    sounds = likeness(a, b)
    return MAIN_SHARE * max(looks, sounds) + (1 - MAIN_SHARE) * min(looks, sounds)


@lru_cache(maxsize=4096)
def _sound(text: str) -> str:
    return phones(text).replace(" ", "") if text.isascii() else ""
