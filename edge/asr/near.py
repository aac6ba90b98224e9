"""The sentences of this home that sound like what was read. Pure.

The recogniser writes down the likeliest English; a home has few sentences. Those whose sound is near to a reading are
looked up here by their phonetic code, for the sound itself to choose between them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, product
from typing import Final

from rapidfuzz import fuzz, process

from edge.phonetics import phones
from edge.sayable import Pattern

VALUES_TRIED: Final = 4
"""For every place of a pattern the values that occur most clearly in the reading."""

VALUES_VARIED: Final = 16
"""So many when one place of a sentence is varied."""

PATTERNS_TRIED: Final = 40
"""So many patterns are tried with all these values; the others fit worse even with the best."""

SAME: Final = 99.5
"""Of 100: the reading itself, but for its spelling."""


@dataclass(frozen=True)
class Near:
    """A sentence of the home, and how like a reading it sounds."""

    text: str
    likeness: float
    """0 to 100."""
    pattern: int
    chosen: tuple[int, ...]
    """For every place of the pattern the number of its value."""


class NearSentences:
    """Looks sentences up by their sound."""

    def __init__(self, patterns: Sequence[Pattern]) -> None:
        self._patterns = [_Coded.of(pattern) for pattern in patterns]

    def near(self, readings: Iterable[str], limit: int) -> list[Near]:
        """The sentences most alike to any of the readings, best first."""
        found: dict[str, Near] = {}
        for heard in filter(None, map(_code, readings)):
            for near in self._near(heard):
                if near.text not in found or near.likeness > found[near.text].likeness:
                    found[near.text] = near
        return sorted(found.values(), key=lambda near: -near.likeness)[:limit]

    def varied(self, near: Near, place: int, readings: Iterable[str]) -> list[Near]:
        """The sentence with every other value in that place; of many values those most alike to the readings."""
        coded = self._patterns[near.pattern]
        likely = (coded.likely_values(heard, VALUES_VARIED)[place] for heard in filter(None, map(_code, readings)))
        values = dict.fromkeys(chain(*likely))
        before, after = near.chosen[:place], near.chosen[place + 1 :]
        return [self._sentence(near.pattern, (*before, value, *after)) for value in values]

    def joined(self, near: Near, chosen: Sequence[Sequence[int]]) -> list[Near]:
        """The sentence with all combinations of the values `chosen` for each of its places."""
        return [self._sentence(near.pattern, each) for each in product(*chosen)]

    def _near(self, heard: str) -> Iterator[Near]:
        tried = [(n, coded, coded.likely_values(heard, VALUES_TRIED)) for n, coded in enumerate(self._patterns)]
        ranked = sorted(tried, key=lambda each: -each[1].likeness(heard, [values[0] for values in each[2]]))
        for number, coded, values in ranked[:PATTERNS_TRIED]:
            for chosen in product(*values):
                yield self._sentence(number, chosen, coded.likeness(heard, chosen))

    def _sentence(self, pattern: int, chosen: tuple[int, ...], likeness: float = 0.0) -> Near:
        return Near(self._patterns[pattern].text(chosen), likeness, pattern, chosen)


@dataclass(frozen=True)
class _Coded:
    """A pattern with the phonetic codes of its pieces."""

    pattern: Pattern
    codes: tuple[str | tuple[str, ...], ...]

    @classmethod
    def of(cls, pattern: Pattern) -> "_Coded":
        return cls(
            pattern,
            tuple(_code(piece) if isinstance(piece, str) else tuple(map(_code, piece)) for piece in pattern.pieces),
        )

    def likely_values(self, heard: str, limit: int) -> list[list[int]]:
        """By place, the numbers of its values that occur most clearly in what was heard."""
        places = [codes for codes in self.codes if not isinstance(codes, str)]
        scorer = fuzz.partial_ratio
        return [[at for _, _, at in process.extract(heard, codes, scorer=scorer, limit=limit)] for codes in places]

    def likeness(self, heard: str, chosen: Sequence[int]) -> float:
        left = iter(chosen)
        code = "".join(codes if isinstance(codes, str) else codes[next(left)] for codes in self.codes)
        return float(fuzz.ratio(heard, code))

    def text(self, chosen: Sequence[int]) -> str:
        left = iter(chosen)
        return "".join(piece if isinstance(piece, str) else piece[next(left)] for piece in self.pattern.pieces)


def extends(text: str, reading: str) -> bool:
    """Whether the text is the reading and more: what was heard whole has no words besides, however fitting."""
    longer, whole = _code(text), _code(reading)
    return len(longer) > len(whole) + 1 and longer.startswith(whole) != longer.endswith(whole)


@lru_cache(maxsize=65_536)
def _code(text: str) -> str:
    return phones(text).replace(" ", "")
