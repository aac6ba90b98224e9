"""Words: how alike two phrases sound in English. A phonetic code by rules, and phrases looked up by their sound.

The code is coarse on purpose: what recognisers and people mix up (voiced and unvoiced, short and long vowels, silent
letters) falls together or lies close.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz, process

from edge.names import fold

_SPELLINGS: Final = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"[^a-z ]", ""),
        (r"\b(?:kn|gn|pn)", "n"),
        (r"\bwr", "r"),
        (r"\bps", "s"),
        (r"\bx", "z"),
        (r"mb\b", "m"),
        (r"(?<=[aeiou])ght", "t"),
        (r"gh", "g"),
        (r"(?:tch|ch)", "C"),
        (r"sch", "sk"),
        (r"(?:sh|ti(?=o)|ci(?=[ao]))", "S"),
        (r"th", "T"),
        (r"ph", "f"),
        (r"\bwho", "ho"),
        (r"wh", "w"),
        (r"al(?=l)", "ol"),
        (r"qu", "kw"),
        (r"(?:ck|q)", "k"),
        (r"x", "ks"),
        (r"dg(?=[eiy])", "J"),
        (r"j", "J"),
        (r"g(?=e\b|e[snr]|i[an]|y)", "J"),
        (r"c(?=[eiy])", "s"),
        (r"c", "k"),
        (r"(?:ir|er|ur|or(?=\b)|ar(?=\b))", "ar"),
        (r"(?<=[a-zA-Z]{2})e\b", ""),
        (r"(?:ee|ea|ie|ey|ei|i|y(?!\b)|y)", "i"),
        (r"(?:oo|ou|ow|ew|u)", "u"),
        (r"(?:au|aw|oa|o)", "o"),
        (r"(?:ai|ay|e)", "e"),
        (r"(.)\1+", r"\1"),
        (r"(?<=[a-zA-Z])h", ""),
    )
)
_DIGITS: Final = re.compile(r"\d+")
_UNDER_TWENTY: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ALIKE: Final = str.maketrans("zvdbgJ", "sftpkC")
"""Voiced falls together with unvoiced."""

_VOWELS: Final = re.compile(r"[aeiou ]+")


@lru_cache(maxsize=65_536)
def phones(text: str) -> str:
    """The phonetic code of a phrase, word by word; digits as they are said. `Josh's office` -> `CoSs ofis`."""
    code = _DIGITS.sub(lambda digits: f" {_said(digits[0])} ", fold(text))
    for pattern, sound in _SPELLINGS:
        code = pattern.sub(sound, code)
    return " ".join(code.translate(_ALIKE).split())


def _said(digits: str) -> str:
    """`42` -> `forty two`; what is longer than two digits is said digit by digit, which is alike enough."""
    if len(digits) > 2:
        return " ".join(_UNDER_TWENTY[int(digit)] for digit in digits)
    tens, ones = divmod(int(digits), 10)
    if tens < 2:
        return _UNDER_TWENTY[int(digits)]
    return f"{_TENS[tens - 2]} {_UNDER_TWENTY[ones]}" if ones else _TENS[tens - 2]


def likeness(a: str, b: str) -> float:
    """0 to 1: how alike two phrases sound, with a share for their spelling. 1 only for the same folded text or code."""
    one, other = phones(a), phones(b)
    if one == other:
        return 1.0
    sounds = fuzz.ratio(one.replace(" ", ""), other.replace(" ", ""))
    bones = fuzz.ratio(_VOWELS.sub("", one), _VOWELS.sub("", other))
    letters = fuzz.ratio(fold(a), fold(b))
    return min(0.99, float(0.5 * sounds + 0.25 * bones + 0.25 * letters) / 100)


class SoundIndex:
    """Phrases that can be found by what they sound like."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._phrases = tuple(dict.fromkeys(phrases))
        self._codes = [phones(phrase).replace(" ", "") for phrase in self._phrases]

    def near(self, said: str, at_least: float = 0.75, limit: int = 5) -> list[tuple[str, float]]:
        """The phrases most alike to `said` with their likeness, best first."""
        code = phones(said).replace(" ", "")
        rough = process.extract(code, self._codes, scorer=fuzz.ratio, limit=limit * 4, score_cutoff=at_least * 75)
        found = [(self._phrases[at], likeness(said, self._phrases[at])) for _, _, at in rough]
        ranked = sorted(found, key=lambda pair: -pair[1])
        return [(phrase, alike) for phrase, alike in ranked if alike >= at_least][:limit]
