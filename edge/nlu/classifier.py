"""The model rung's classifier: which class a sentence is of, with what probability."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from edge.nlu.encoder import Encoder
from edge.nlu.heads import Heads

KEPT_MAX: Final = 2_000
"""So many sentences are remembered."""

_WORDS: Final = re.compile(r"[\w']+")


@dataclass(frozen=True)
class Classified:
    """What the classifier makes of a sentence."""

    probabilities: Mapping[str, float]
    """By class of `edge.nlu.labels.LABELS`; they sum to 1."""
    vector: NDArray[np.float32]
    """Shape (768,), unit length."""

    @property
    def best(self) -> tuple[str, float]:
        """The likeliest class."""
        return max(self.probabilities.items(), key=lambda item: item[1])


class Classifier:
    """Encoder and heads together."""

    def __init__(self, encoder: Encoder, heads: Heads) -> None:
        self._encoder = encoder
        self._heads = heads

    @classmethod
    def load(cls, folder: Path, threads: int = 1) -> Self:
        """From the folder models/nlu. Raises ModelError, which says what to do."""
        return cls(Encoder(folder, threads), Heads.load(folder / "heads.npz"))

    def classify(self, text: str) -> Classified:
        """The classes of one sentence; a few milliseconds."""
        said = plain(text)
        vector = self._encoder.encode([said])[0]
        home = self._heads.home
        found = home.probabilities(said, vector)
        unit = vector / max(float(np.linalg.norm(vector)), 1e-9)
        return Classified(dict(zip(home.classes, map(float, found), strict=True)), unit)

    def kinds_of_talk(self, text: str) -> Mapping[str, float]:
        """The probability of each intent of HWU64; a few milliseconds."""
        said = plain(text)
        head = self._heads.talk
        found = head.probabilities(said, self._encoder.encode([said])[0])
        return dict(zip(head.classes, map(float, found), strict=True))

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of unit length, shape (n, 768): alike for sentences of alike meaning."""
        vectors = self._encoder.encode([plain(text) for text in texts])
        unit: NDArray[np.float32] = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        return unit

    def retrained(self, examples: Sequence[tuple[str, str]]) -> Self:
        """A classifier that has learned these (sentence, class) pairs besides; this one stays as it is."""
        vectors = self._encoder.encode([plain(text) for text, _ in examples])
        return type(self)(self._encoder, self._heads.retrained(vectors, [name for _, name in examples]))


class Classifies(Protocol):
    def classify(self, text: str) -> Classified: ...


class Remembering:
    """A classifier that reads a sentence once: what is said in a home, and what we say, comes again.

    Safe to call from several threads where the classifier is.
    """

    def __init__(self, classifier: Classifies) -> None:
        self._classify = lru_cache(KEPT_MAX)(classifier.classify)

    def classify(self, text: str) -> Classified:
        """As the classifier says, or said."""
        return self._classify(text)

    def similarity(self, one: str, other: str) -> float:
        """How much two sentences mean the same, -1 to 1: the cosine of their vectors."""
        return float(np.dot(self.classify(one).vector, self.classify(other).vector))


def plain(text: str) -> str:
    """The form in which sentences were trained: words in small letters, without punctuation."""
    return " ".join(_WORDS.findall(text.casefold()))
