"""Sentences as a recogniser gets them wrong: words that sound alike, small words lost or added. Pure, by a seed."""

import difflib
import random
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Final

from rapidfuzz import fuzz, process

from edge.phonetics import likeness, phones

_SMALL: Final = ("the", "a", "to", "in", "on", "of", "and", "for", "my", "it", "is", "at")
_ROUGH: Final = 45.0
_NEAR: Final = 0.45


class Mishearing:
    """Knows the words of a language by their sound."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self._words = sorted({word for text in sentences for word in text.split() if word.isalpha()})
        self._codes = [phones(word).replace(" ", "") for word in self._words]
        self._near = cache(self._neighbours)

    def wrong(self, text: str, chance: random.Random) -> str:
        """With one to three mistakes; never quite the same."""
        words = text.split()
        for _ in range(chance.choices((1, 2, 3), (0.55, 0.3, 0.15))[0]):
            words = self._one_mistake(words, chance)
        return " ".join(words) if words and words != text.split() else f"{text} {chance.choice(_SMALL)}"

    def _one_mistake(self, words: list[str], chance: random.Random) -> list[str]:
        kind = chance.random()
        at = chance.randrange(len(words)) if words else 0
        if kind < 0.7 and words:
            near = self._near(words[at])
            return [*words[:at], chance.choice(near), *words[at + 1 :]] if near else words
        small = [at for at, word in enumerate(words) if word in _SMALL]
        if kind < 0.8 and small:
            gone = chance.choice(small)
            return [*words[:gone], *words[gone + 1 :]]
        if kind < 0.9 and len(words) > 2:
            return words[1:] if chance.random() < 0.5 else words[:-1]  # the beginning or the end was cut off
        return [*words[:at], chance.choice(_SMALL), *words[at:]]

    def _neighbours(self, word: str) -> tuple[str, ...]:
        """Up to eight words that sound most like it."""
        code = phones(word).replace(" ", "")
        rough = process.extract(code, self._codes, scorer=fuzz.ratio, limit=30, score_cutoff=_ROUGH)
        found = [(likeness(word, self._words[at]), self._words[at]) for _, _, at in rough if self._words[at] != word]
        return tuple(other for alike, other in sorted(found, reverse=True)[:8] if alike >= _NEAR)


def as_heard(values: Mapping[str, str], text: str, heard: str) -> dict[str, str]:
    """The values of a sentence as they stand in what was heard of it: a misheard name is another name."""
    words, others = text.split(), heard.split()
    blocks = difflib.SequenceMatcher(None, words, others, autojunk=False).get_opcodes()
    found = dict(values)
    for place, value in values.items():
        said = value.split()
        for at in range(len(words) - len(said) + 1):
            if said and words[at : at + len(said)] == said:
                found[place] = " ".join(_over(blocks, others, at, at + len(said))) or value
    return found


def _over(blocks: Sequence[tuple[str, int, int, int, int]], others: Sequence[str], begin: int, end: int) -> list[str]:
    """The words that stand where those from `begin` to `end` stood."""
    heard = list[str]()
    for kind, one, other, there, to in blocks:
        if kind == "equal":
            heard += others[there + max(0, begin - one) : there + max(0, min(end, other) - one)]
        elif one < end and other > begin:
            heard += others[there:to]
    return heard
