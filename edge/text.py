"""Words: the one place where text is cleaned."""

import re
import unicodedata
from functools import lru_cache
from typing import Final

MAX_CHARACTERS = 1_000
"""Longer than anything a person says in one breath; what is longer is refused, not cut."""

REMEMBERED_MAX: Final = 8_192
"""So many short texts are cleaned once only: the same names and sentences are compared again and again."""

_SPACES = re.compile(r"\s+")
_PUNCTUATION = re.compile(r"(?<!\d)[.,]|[.,](?!\d)|[^\w\s%°'.,-]")


def whole(text: str) -> str:
    """The text without halves of letters (lone surrogates), which no file and no program could take."""
    return text.encode("utf-8", "ignore").decode()


def clean(text: str) -> str:
    """Readable text on one line: NFC, no control or format characters, single spaces. Idempotent."""
    visible = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in unicodedata.normalize("NFC", text))
    return unicodedata.normalize("NFC", _SPACES.sub(" ", visible).strip())


def normal(text: str) -> str:
    """The form in which two texts are compared: cleaned, case folded, no punctuation save in numbers. Idempotent."""
    return _remembered(text) if len(text) <= MAX_CHARACTERS else _normal(text)


def _normal(text: str) -> str:
    return clean(_PUNCTUATION.sub(" ", clean(text).casefold().replace("\u2019", "'")))


_remembered = lru_cache(REMEMBERED_MAX)(_normal)
