"""What a bad recogniser makes of a text: words become others that sound like them, beginnings are lost. Pure."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from edge.phonetics import SoundIndex

_NEIGHBOURS: Final = 6
_ALIKE: Final = 0.55
_TRUE_AMONG_OTHERS: Final = 0.35
"""So often the right text is among the other readings of a wrong one."""


@dataclass(frozen=True)
class Misheard:
    """What was heard instead."""

    text: str
    confidence: float
    alternatives: tuple[str, ...]


class Mishearing:
    """Mishears with the words of one vocabulary."""

    def __init__(self, texts: Iterable[str]) -> None:
        """`texts`: where words come from that something may be misheard for."""
        self._index = SoundIndex(sorted({word for text in texts for word in text.split()}))

    def hear(self, text: str, share: float, lost: bool, chance: random.Random) -> Misheard:
        """The text with about this share of its words misheard; `lost`: without its beginning."""
        words = text.split()
        if lost and len(words) > 1:
            words = words[chance.randint(1, min(2, len(words) - 1)) :]
        heard = self._changed(words, share, chance)
        others = {self._changed(words, share, chance) for _ in range(chance.randint(1, 3))}
        if chance.random() < _TRUE_AMONG_OTHERS and not lost:
            others.add(text)
        wrong = 1.0 - len(set(heard.split()) & set(text.split())) / max(1, len(text.split()))
        confidence = min(0.98, max(0.05, chance.gauss(0.88 - 0.75 * wrong, 0.12)))
        return Misheard(heard, round(confidence, 4), tuple(sorted(others - {heard})))

    def clearly(self, text: str, chance: random.Random) -> Misheard:
        """The text itself, as a good recogniser hears it."""
        return Misheard(text, round(min(0.99, max(0.4, chance.gauss(0.9, 0.07))), 4), ())

    def _changed(self, words: list[str], share: float, chance: random.Random) -> str:
        at = {chance.randrange(len(words))} | {n for n in range(len(words)) if chance.random() < share}
        made = []
        for number, word in enumerate(words):
            near = self._near(word) if number in at else ()
            if near:
                made.append(chance.choice(near))
            elif number not in at or len(words) == 1:
                made.append(word)
        return " ".join(made) or words[0]

    @lru_cache(maxsize=8_192)  # noqa: B019 - one lives as long as the laboratory
    def _near(self, word: str) -> tuple[str, ...]:
        found = self._index.near(word, _ALIKE, _NEIGHBOURS + 1)
        return tuple(near for near, _ in found if near != word)
