"""The sources of rules, to be found by what was heard: as it stands, or nearly so.

Recognition seldom makes the same mistake twice in the same letters. So a rule holds as well for what looks and sounds
almost like one of its sources, as long as all that matters most (on or off, numbers, whose) is the same, and neither
has the name of something here that is not what is meant.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Final

from rapidfuzz import fuzz, process

from edge.knowledge import Area, Device, HomeMap
from edge.names import KIND_WORDS, PerHome, canonical, content, fold
from edge.numerals import digits_for_words
from edge.phonetics import likeness
from edge.rewrites import Rewrite
from edge.rewriting.critical import critical, rest_alike

NEAR: Final = 0.82
"""Likeness, 0 to 1, from which two wordings may be the same one, misheard in two ways: of real misheard commands to one
home, with the same that matters, two in five of one meaning are so near, and one in fifteen of two meanings."""

NEAREST: Final = 0.99
"""What sounds the same is still not the same words."""

READ_AS_WELL: Final = 0.9
"""The same of a source that stands among the recogniser's other readings."""

SUPPORT: Final = 0.04
"""What it counts for a source that another reading is near to it as well."""

MARGIN: Final = 0.05
"""A rule that means something else and is no further behind than this makes both unsure."""

WORDS_MIN: Final = 3
"""Fewer words are near to too much."""

_ROUGHLY: Final = 65.0
"""Of 100, likeness in letters below which nothing can come near; it is quick to tell."""
_LOOKED_AT: Final = 6


@dataclass(frozen=True)
class Match:
    """A rule, one of whose sources was heard."""

    rule: Rewrite
    likeness: float = 1.0
    """0 to 1; 1 for the source itself."""


class Keys:
    """Finds rules by their sources."""

    def __init__(self, rules: Sequence[Rewrite]) -> None:
        self._rules: dict[str, list[Rewrite]] = {}
        for rule in rules:
            for source in rule.sources:
                self._rules.setdefault(source, []).append(rule)

    def exact(self, heard: str) -> tuple[Match, ...]:
        """The rules that have just this source; `fifty` is `50`."""
        found = self._rules.get(heard) or self._rules.get(digits_for_words(heard)) or []
        return tuple(map(Match, found))

    def near(self, heard: str, others: Sequence[str], home: HomeMap) -> tuple[Match, ...]:
        """The rules with a source like what was heard, most alike first. `others`: what else may have been heard."""
        best: dict[str, Match] = {}
        names = _NAMES.of(home)
        for source, alike in self._alike(heard, others):
            for rule in self._rules[source]:
                known = best.get(rule.rule_id)
                if (known is None or known.likeness < alike) and not _names_other(heard, source, rule.target, names):
                    best[rule.rule_id] = Match(rule, min(NEAREST, alike))
        return tuple(sorted(best.values(), key=lambda match: (-match.likeness, match.rule.rule_id)))

    @cached_property
    def _blocks(self) -> dict[frozenset[str], list[str]]:
        """Made when it is first needed: the turns of a home that is well understood never wait for it."""
        blocks: dict[frozenset[str], list[str]] = {}
        for source in self._rules:
            blocks.setdefault(_block(source), []).append(source)
        return blocks

    def _alike(self, heard: str, others: Sequence[str]) -> Iterator[tuple[str, float]]:
        if heard.count(" ") < WORDS_MIN - 1:
            return
        matters = critical(heard).key
        for other in others:
            if other in self._rules and critical(other).key == matters:
                yield other, max(READ_AS_WELL, likeness(heard, other))
        known = self._blocks.get(_block(heard), [])
        rough = process.extract(heard, known, scorer=fuzz.ratio, score_cutoff=_ROUGHLY, limit=_LOOKED_AT)
        for source, _, _ in rough:
            alike = likeness(heard, source)
            if alike < NEAR or critical(source).key != matters or not rest_alike(heard, source):
                continue
            is_supported = any(likeness(other, source) >= NEAR for other in others)
            yield source, alike + SUPPORT if is_supported else alike


def clear(matches: Sequence[Match]) -> tuple[Match, ...]:
    """Those that mean what the first one means; none where another meaning lies close behind it."""
    if not matches:
        return ()
    meant = matches[0].rule.meaning.key
    rivals = (match for match in matches if match.rule.meaning.key != meant)
    if any(match.likeness > matches[0].likeness - MARGIN for match in rivals):
        return ()
    return tuple(match for match in matches if match.rule.meaning.key == meant)


def _block(text: str) -> frozenset[str]:
    """Of the words that must be the same those which are told at a glance: only such sources are compared."""
    return frozenset({"on", "off"}.intersection(text.split()))


def _names_other(heard: str, source: str, target: str, names: frozenset[str]) -> bool:
    """Whether one of the two names something that the other does not, and that is not meant either."""
    one, other, meant = (frozenset(map(canonical, fold(text).split())) for text in (heard, source, target))
    return bool((one ^ other) & names - meant)


def _name_words(home: HomeMap) -> frozenset[str]:
    """Words of the names that things and places have here, and of kinds of things."""
    things: tuple[Area | Device, ...] = (*home.areas, *home.devices)
    called = (name for each in things for name in (each.name, *each.aliases))
    return KIND_WORDS | frozenset(map(canonical, chain.from_iterable(map(content, called))))


_NAMES: Final = PerHome(_name_words)
