"""Words: what may be said to this home, for whoever listens: the words, and the ways to put them."""

from dataclasses import dataclass
from itertools import product


@dataclass(frozen=True)
class Pattern:
    """One way to say something: fixed words, and places where one of several names or values stands."""

    pieces: tuple[str | tuple[str, ...], ...]
    """`("turn on the ", ("kitchen light", "desk lamp"))`; joined without anything between."""

    def sentences(self) -> tuple[str, ...]:
        """All of them; only for patterns with few."""
        return tuple("".join(each) for each in product(*((p,) if isinstance(p, str) else p for p in self.pieces)))


@dataclass(frozen=True)
class Sayable:
    """All that a recogniser has to know of a home; nothing known: every word of the language may be said."""

    words: frozenset[str] = frozenset()
    patterns: tuple[Pattern, ...] = ()
