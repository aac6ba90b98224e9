"""Wordings that are one and the same, misheard in several ways."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from rapidfuzz import fuzz, process

from edge.knowledge import HomeMap
from edge.names import content
from edge.phonetics import likeness
from edge.rewriting.critical import critical, rest_alike
from edge.rewriting.mining.exchange import Exchange

NEAR: Final = 0.88
"""Likeness, 0 to 1, from which two wordings are one, misheard in two ways."""

WAVERED: Final = 0.82
"""The same where the recogniser wavered between the two."""

ROUGHLY: Final = 70.0
"""Of 100, likeness in letters below which nothing comes near; it is quick to tell."""
LOOKED_AT: Final = 8

Key = tuple[str, str]
"""What was heard, and the key of what it came to; the latter is empty where it was not understood."""


@dataclass
class _Growing:
    texts: list[str]
    others: set[str] = field(default_factory=set)


def key_of(exchange: Exchange) -> Key:
    """Under which its wording is counted."""
    return exchange.heard, exchange.raw.key if exchange.raw else ""


def clusters(failed: Iterable[Exchange], home: HomeMap) -> Mapping[Key, tuple[str, ...]]:
    """By key the wordings of its cluster, the one that was heard first before the others.

    Two wordings are in one cluster if they came to the same, have the same critical words, name the same things of the
    home, and look and sound alike; or a little less alike, where the recogniser wavered between the two.
    """
    known = _called(home)
    blocks: dict[tuple[object, ...], list[_Growing]] = {}
    found: dict[Key, _Growing] = {}
    for exchange in failed:
        key = key_of(exchange)
        if key not in found:
            words = critical(exchange.heard)
            block = blocks.setdefault((key[1], words.key, known & {*words.words}), [])
            found[key] = _joined(exchange, block)
        found[key].others.update(exchange.others)
    return {key: tuple(growing.texts) for key, growing in found.items()}


def _joined(exchange: Exchange, block: list[_Growing]) -> _Growing:
    """The cluster that it belongs to: the likest, or a new one."""
    heard, best, nearest = exchange.heard, 0.0, None
    firsts = [growing.texts[0] for growing in block]
    for first, _, place in process.extract(heard, firsts, scorer=fuzz.ratio, score_cutoff=ROUGHLY, limit=LOOKED_AT):
        wavered = heard in block[place].others or first in exchange.others
        alike = likeness(heard, first)
        if alike > best and alike >= (WAVERED if wavered else NEAR) and rest_alike(heard, first):
            best, nearest = alike, block[place]
    if nearest is None:
        nearest = _Growing([])
        block.append(nearest)
    nearest.texts.append(heard)
    return nearest


def _called(home: HomeMap) -> frozenset[str]:
    """Every word of the names of this home: a wall is no hall, where there is a hall and a wall."""
    places = [name for area in home.areas for name in (area.name, *area.aliases)]
    things = [name for device in home.devices for name in (device.name, *device.aliases)]
    return frozenset(word for name in (*places, *things) for word in content(name))
