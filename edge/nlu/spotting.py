"""What a sentence holds besides its class: names, places, numbers, exceptions, and things that are not here."""

import re
import tomllib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import pairwise
from typing import Any, Final

from edge.names import KIND_WORDS, Found, NameIndex, canonical, fold

WORDS: Final[dict[str, Any]] = tomllib.loads(
    resources.files(__package__).joinpath("spoken.toml").read_text(encoding="utf-8")
)
LIGHTS: Final = frozenset({"light", "lights", "lamp", "lamps", "bulb", "bulbs", "lighting"})

_NUMBER: Final = re.compile(r"(?<![\w.])(\d+(?:\.\d+)?)\s?(%|percent\b|degrees?\b)?")
_NO_NUMBER: Final = re.compile(WORDS["not_a_number"])
_REFERENCE: Final = re.compile(WORDS["reference"])
_ARTICLES: Final = frozenset({"the", "a", "an", "my", "our"})
_OBJECT: Final = re.compile(r"\b(?:the|my|our|your|his|her|this|that) (\w+)")
_DESCRIBED: Final = re.compile(
    r"\b(?:lights?|lamps?|bulbs?) (?:by|next to|near|beside|behind|over|above|under|on) (?:the|my|our) (\w+)"
)
_EVERYTHING: Final = re.compile(WORDS["everything"])
_LEADING: Final = re.compile(r"^(?:(?:for|the|in|on|those|that|one|1|ones|1s|my|our|at|lights?|lamps?) )+")
_PLAIN: Final = frozenset({*WORDS["describing"], *WORDS["colors"], *WORDS["levels"]})
_EXPLAINED: Final = _PLAIN | LIGHTS | frozenset({*WORDS["framing"], *WORDS["scenes"]})
_STEMS: Final = tuple(stem for stems in WORDS["about"].values() for stem in stems)

_WHOLE_WORD: Final = 3

STRANGE_SHARE: Final = 0.5
"""A sentence of which more words than this have nothing to do with a home is no command for it."""

_BY_KIND_OF_OWN: Final = frozenset({"media_player", "climate"})
"""Of these a word before the kind says nothing: "rock music", "central heating"."""


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
    excepted: str = ""
    """What shall be left as it is."""
    points: bool = False
    """Whether "it" or "them" stands where a name would."""
    kind: str | None = None
    """The class of cover that was said where no name was: blind, curtain."""

    def any(self, phrases: Iterable[str]) -> bool:
        """Whether one of the phrases occurs."""
        return any(f" {phrase} " in f" {self.said} " for phrase in phrases)


@lru_cache(maxsize=16)
def found_in(said: str, index: NameIndex) -> tuple[Found, ...]:
    """The names in a sentence; it is looked at from several sides, and the names are the dear part of it."""
    return tuple(index.found_in(said.split()))


def spotted(text: str, index: NameIndex, domains: Sequence[str], *, needs_name: bool) -> Spotted:
    """Looks for names of devices of these domains, and for places."""
    said, excepted = _without_exception(fold(text))
    found = found_in(said, index)
    name = _name(said, domains, found, needs_name=needs_name)
    rest = said.replace(name, " ") if name else said
    places = sorted((f for f in found if (f.area or f.floor) and f.form in rest), key=lambda f: -len(f.form))
    area = next((f.area.name for f in places if f.area), None)
    floor = next((f.floor for f in places if f.floor), None)
    if not area and not floor:
        area = _strange_place(rest)
    return Spotted(
        said,
        name,
        area,
        floor,
        _number(rest),
        _EVERYTHING.search(said) is not None,
        excepted,
        name is None and _REFERENCE.search(said) is not None,
        _kind_of_cover(said) if name is None and "cover" in domains else None,
    )


def _kind_of_cover(said: str) -> str | None:
    return next((kind for word, kind in WORDS["covers"].items() if f" {word} " in f" {said} "), None)


def named(said: str, index: NameIndex) -> dict[str, frozenset[str]]:
    """The names of devices in a folded sentence with the domains they may mean; those within longer ones left out."""
    forms = {found.form: frozenset(found.domains) for found in found_in(said, index) if found.domains}
    return {form: domains for form, domains in forms.items() if not any(form != o and form in o for o in forms)}


def begins_with(word: str, stems: Iterable[str]) -> bool:
    """Whether it begins like one of them; of those of three letters and less it has to be the whole."""
    return any(word == stem or (len(stem) > _WHOLE_WORD and word.startswith(stem)) for stem in stems)


def is_kind(form: str) -> bool:
    """Whether this names a kind of thing, not one of them: `lamp`, `door`."""
    return all(canonical(word) in KIND_WORDS for word in form.split())


def unexplained(name: str, spot: Spotted, index: NameIndex, about: Sequence[str]) -> set[str]:
    """The words of a name that no device has which are neither names, places, colours nor what stands around them.

    `about`: what the sentence is about, by the beginnings of words.
    """
    known = {word for found in found_in(spot.said, index) if found.area or found.floor for word in _words(found)}
    known |= set((spot.name or "").split()) if spot.name in named(spot.said, index) else set()
    strange = {word for word in name.split() if word not in known | _EXPLAINED and not word.isdecimal()}
    return {word for word in strange if not begins_with(word, about)}


def names_something(said: str, index: NameIndex) -> bool:
    """Whether the sentence names a place, a title, or one of the things of this home (not only their kind)."""
    if any(found.area or found.floor or not is_kind(found.form) for found in found_in(said, index)):
        return True
    return names_title(said, index)


def names_title(said: str, index: NameIndex) -> bool:
    """Whether the sentence holds a title that can be played here, or whose it is."""
    works = (media for device in index.home.devices for media in device.catalogue)
    return any(f" {fold(text)} " in f" {said} " for media in works for text in (media.title, media.by) if text)


def says_too_little(spot: Spotted) -> bool:
    """Whether there is nothing but a name: "the kitchen light" is no command."""
    rest = spot.said.replace(spot.name or "\0", " ")
    rest = rest.replace(fold(spot.area) if spot.area else "\0", " ")
    named_something = spot.name is not None or spot.area is not None
    return named_something and not [word for word in rest.split() if word not in _ARTICLES | LIGHTS]


def has_strange_object(spot: Spotted, index: NameIndex) -> bool:
    """Whether the sentence is about something that no home has: `warm up the soup`."""
    known = (
        {word for found in found_in(spot.said, index) for word in found.form.split()} | _EXPLAINED | {*WORDS["covers"]}
    )
    objects = _OBJECT.findall(spot.said)
    return any(word not in known and not begins_with(word, _STEMS) and not word.isdecimal() for word in objects)


def is_strange(spot: Spotted, index: NameIndex) -> bool:
    """Whether most of the words have nothing to do with a home."""
    rest = f" {spot.said} "
    for found in found_in(spot.said, index):
        rest = rest.replace(f" {found.form} ", " ")
    words = [word for word in rest.split() if word not in _EXPLAINED and not word.isdecimal()]
    strange = [word for word in words if not begins_with(word, _STEMS) and word.removesuffix("s") not in WORDS["rooms"]]
    return len(strange) > 1 and len(strange) > STRANGE_SHARE * len(spot.said.split())


def _words(found: Found) -> Collection[str]:
    return found.form.split()


def _without_exception(said: str) -> tuple[str, str]:
    """`all lights but the hall` -> `all lights`, `hall`."""
    for word in WORDS["except"]:
        before, found, after = said.partition(f" {word} ")
        if found and _EVERYTHING.search(before):
            return before, re.sub(r" lights?$", "", _LEADING.sub("", after).strip())
    return said, ""


def _number(said: str) -> float | None:
    """The first number that counts something: not the one of "that one" or "lamp 2"."""
    counted = _NO_NUMBER.sub(" ", said)
    found = _NUMBER.search(counted)
    return float(found[1]) if found else None


def _name(said: str, domains: Sequence[str], found: Sequence[Found], *, needs_name: bool) -> str | None:
    """The longest name of a fitting device; else what stands where a name would and is none of ours."""
    places = {word for f in found if f.area or f.floor for word in f.form.split()}
    described = _DESCRIBED.search(said) if domains[:1] == ("light",) else None
    if described and described[1] not in places:
        return described[0]  # "the lamp by the sofa" is one lamp, whether there is one or not
    fitting = [f for f in found if set(domains) & set(f.domains)]
    if fitting:
        longest = max(fitting, key=lambda f: len(f.form))
        return _another(said, longest, places) or _with_kind(said, longest.form)
    if "cover" in domains and _kind_of_cover(said):
        return None
    words = said.split()
    if domains[:1] == ("light",):
        return _strange_light(words, places)
    if not needs_name or _REFERENCE.search(said):
        return None
    left = [word for word in words if word not in WORDS["framing"] and word not in places and not word.isdecimal()]
    return " ".join(left) or None


def _with_kind(said: str, name: str) -> str:
    """`desk fan`, where a fan and a lamp are called "desk"."""
    after = said.partition(name)[2].split()[:1]
    return f"{name} {after[0]}" if after and not is_kind(name) and canonical(after[0]) in KIND_WORDS else name


def _another(said: str, found: Found, places: set[str]) -> str | None:
    """`back door` where "door" names the front door: one of that kind which is not here."""
    if not is_kind(found.form) or _BY_KIND_OF_OWN & set(found.domains):
        return None
    before = said.partition(found.form)[0].split()[-1:]
    if before and before[0].isalpha() and before[0] not in _PLAIN | places | frozenset(WORDS["framing"]):
        return f"{before[0]} {found.form}"
    return None


def _strange_light(words: Sequence[str], places: set[str]) -> str | None:
    """`porch light`, where no place and no lamp of ours is called so."""
    for before, word in pairwise(words):
        if word in LIGHTS and before not in _PLAIN | places and before.isalpha():
            return f"{before} {word}"
    return None


def _strange_place(said: str) -> str | None:
    """`bathroom`, where this home has none."""
    return next((word for word in said.split() if {word, word.removesuffix("s")} & set(WORDS["rooms"])), None)
