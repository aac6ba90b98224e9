"""What the things of a home are called, and were called: whether something was named, and how nearly."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from rapidfuzz import fuzz

from edge.knowledge import FormerName, HomeMap, former_names
from edge.names import fold
from edge.phonetics import phones

LEAST_LETTERS: Final = 3
"""A shorter name stands by chance in what is said."""

NEAR: Final = (0.7, 0.8, 0.9, 0.99)


@dataclass(frozen=True)
class Called:
    """The names of one home, and those that it had before."""

    names: tuple[str, ...] = ()
    """Of devices, folded."""
    areas: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    """What its players can play."""
    former: tuple[FormerName, ...] = ()
    words: frozenset[str] = frozenset()
    """All that commands of this home are made of; nothing known: any word may be one of them."""

    @classmethod
    def of(cls, home: HomeMap, earlier: Iterable[HomeMap] = (), words: Iterable[str] = ()) -> "Called":
        """The names of `home`; `earlier` is what it was in older revisions, `words` those of its commands."""
        devices = [name for device in home.devices for name in (device.name, *device.aliases)]
        areas = [name for area in home.areas for name in (area.name, *area.aliases)]
        titles = [item.title for device in home.devices for item in device.catalogue]
        known = frozenset(fold(word) for word in words)
        return cls(_folded(devices), _folded(areas), _folded(titles), former_names(earlier, home), known)

    def features(self, text: str, room: str) -> Iterator[tuple[str, float]]:
        """What was named in a text that was said in the room of that name."""
        if not text or not (self.names or self.former):
            return
        said, code = f" {fold(text)} ", _code(text)
        for kind, codes in self._codes.items():
            named = next((name for name in codes if f" {name} " in said), None)
            yield f"called:{kind}", float(named is not None)
            if named is None:
                nearest = max((fuzz.partial_ratio(each, code) for each in codes.values()), default=0.0) / 100
                yield from ((f"called_{kind}>{bound}", float(nearest >= bound)) for bound in NEAR)
        yield from self._formerly(said, code, room)
        yield from self._odd(said.split())

    def _odd(self, said: Sequence[str]) -> Iterator[tuple[str, float]]:
        """How much of it is no word of a command."""
        odd = sum(not (word in self.words or word.isdigit()) for word in said) if self.words else 0
        yield from ((f"odd_words>{bound}", float(odd > bound)) for bound in (0, 1, 2))
        yield "odd_share", odd / len(said) if said else 0.0

    def _formerly(self, said: str, code: str, room: str) -> Iterator[tuple[str, float]]:
        names = {fold(each.name) for each in self.former} - set(self.names)
        yield "formerly_called", float(any(f" {name} " in said for name in names))
        yield "formerly_near", float(any(fuzz.partial_ratio(_code(name), code) >= 85 for name in names))
        moved = [each for each in self.former if each.area and f" {fold(each.name)} " in said]
        stood = {fold(each.area) for each in moved}
        yield "formerly_here", float(fold(room.replace("_", " ")) in stood)
        yield "formerly_there", float(any(f" {area} " in said for area in stood))

    @cached_property
    def _codes(self) -> Mapping[str, Mapping[str, str]]:
        """By kind, each name with its sound."""
        kinds = {"device": self.names, "area": self.areas, "title": self.titles}
        return {kind: {name: _code(name) for name in names} for kind, names in kinds.items()}


NOBODY: Final = Called()
"""Of a home that is not known."""


def _folded(names: Iterable[str]) -> tuple[str, ...]:
    """Each once, longest first."""
    found = dict.fromkeys(fold(name) for name in names)
    return tuple(sorted((name for name in found if len(name) >= LEAST_LETTERS), key=lambda name: (-len(name), name)))


def _code(text: str) -> str:
    return phones(text).replace(" ", "")
