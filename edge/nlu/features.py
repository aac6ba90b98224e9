"""Cheap features of a sentence: its words, pairs of words and letter groups, hashed into a fixed number of columns.

They know "turn on" from "turn off" better than any embedding of the whole sentence does.
"""

import re
import zlib
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

COLUMNS: Final = 1 << 15
LETTERS: Final = (3, 4, 5)
"""Lengths of letter groups; they do not reach over the ends of a word."""

_WORDS: Final = re.compile(r"[\w']+")


def ngrams(text: str) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Columns and their values: two blocks (words, letters) of length one each, so that length has no weight."""
    words = _WORDS.findall(text.casefold())
    framed = ["<s>", *words, "</s>"]
    said = {f"w {word}" for word in words} | {f"p {a} {b}" for a, b in pairwise(framed)}
    letters = {
        f"l {group}"
        for word in words
        for size in LETTERS
        for at in range(max(1, len(word) + 3 - size))
        if (group := f" {word} "[at : at + size])
    }
    values: dict[int, float] = {}
    for block in (said, letters):
        for gram in block:
            column = zlib.crc32(gram.encode()) % COLUMNS
            values[column] = values.get(column, 0.0) + len(block) ** -0.5
    columns = np.fromiter(values, dtype=np.int64, count=len(values))
    return columns, np.fromiter(values.values(), dtype=np.float32, count=len(values))
