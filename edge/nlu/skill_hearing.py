"""The words of skills' sentences, found in words that were said in another form or misheard."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

from edge.phonetics import SoundIndex

LIKE_A_WORD: Final = 0.8
"""Likeness from which a word is taken for another one that was misheard."""

SAME_STEM: Final = 0.9
"""What another form of a word counts."""

SHORT: Final = 3
"""Words of no more letters are what they are."""

_NEAR_MAX: Final = 12
_REMEMBERED_MAX: Final = 2_000
_ENDING: Final = re.compile(r"(?:ing|ed|er|es|s|e)$")


class KnownWords:
    """All words of some sentences; each word that is said is looked up once."""

    def __init__(self, words: Iterable[str]) -> None:
        self.words = frozenset(words)
        self._sounds = SoundIndex(sorted(word for word in self.words if len(word) > SHORT))
        self._stems: dict[str, list[str]] = {}
        for word in sorted(self.words):
            self._stems.setdefault(_stem(word), []).append(word)
        self._remembered: dict[str, Mapping[str, float]] = {}

    def near(self, word: str) -> Mapping[str, float]:
        """The known words that may have been meant, each with how surely, 0 to 1."""
        known = self._remembered.get(word)
        if known is None:
            if len(self._remembered) >= _REMEMBERED_MAX:
                self._remembered.clear()
            self._remembered[word] = known = self._looked_up(word)
        return known

    def meant(self, word: str, vocabulary: frozenset[str]) -> tuple[str, float]:
        """The word of a vocabulary that was said, and how surely; 0 for none."""
        if word in vocabulary:
            return word, 1.0
        alike, best = max(
            ((alike, each) for each, alike in self.near(word).items() if each in vocabulary), default=(0.0, word)
        )
        return best, alike

    def _looked_up(self, word: str) -> Mapping[str, float]:
        sounds = self._sounds.near(word, LIKE_A_WORD, _NEAR_MAX) if len(word) > SHORT else []
        forms = dict.fromkeys(self._stems.get(_stem(word), ()), SAME_STEM)
        return {**dict(sounds), **forms, **({word: 1.0} if word in self.words else {})}


def _stem(word: str) -> str:
    """`water` of watering, `book` of booked, `need` of needs."""
    bare = _ENDING.sub("", word) if len(word) > SHORT + 1 else word
    return bare[:-1] if len(bare) > SHORT and bare[-1] == bare[-2] else bare
