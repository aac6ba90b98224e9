"""The closed vocabulary: which of the recogniser's tokens no word of this home needs. Pure.

The best sentence of this home is looked for, not the best sentence of English: what nobody can mean here is not read.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final

Encode = Callable[[Sequence[str]], Sequence[Sequence[int]]]
"""Texts to their token ids."""

_SIGNS: Final = tuple("0123456789.,?!'-%°:")


class ClosedVocabulary:
    """Tokens that may be read, by the words that may be said."""

    def __init__(self, encode: Encode, text_tokens: int) -> None:
        """`text_tokens`: so many ids, from 0, are text; what follows are the model's own signs."""
        self._encode = encode
        self._text_tokens = text_tokens
        self.suppressed = lru_cache(maxsize=4)(self._suppressed)
        """The ids that are not to be read where only `words` (a frozenset) may be said."""

    def _suppressed(self, words: frozenset[str]) -> list[int]:
        spellings = [form for word in sorted(words) for form in {word, word.capitalize(), word.upper()}]
        texts = [lead + text for text in (*spellings, *_SIGNS) for lead in ("", " ")]
        needed = {token for tokens in self._encode(texts) for token in tokens}
        return [token for token in range(self._text_tokens) if token not in needed]
