"""The heads' file: linear heads over the encoder's vector and over n-grams, and examples to train again with."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from edge.nlu.features import COLUMNS, ngrams
from edge.nlu.heads import VERSION
from nlu_training.encoder import Model

STRENGTH: Final = 20.0
"""C of the logistic regression over n-grams."""

EXAMPLES_EACH: Final = 8
"""Sentences of every class whose vectors are shipped: training again on the device is held to them."""

NEVER: Final = -20.0
"""Bias of a class that no sentence has."""


@dataclass(frozen=True)
class NgramHead:
    """Weights (columns, classes) and bias of a logistic regression."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    @classmethod
    def fitted(cls, features: csr_matrix, wanted: NDArray[np.int64], classes: int) -> "NgramHead":
        fitted = LogisticRegression(C=STRENGTH, max_iter=200).fit(features, wanted)
        weights = np.zeros((COLUMNS, classes), dtype=np.float32)
        bias = np.full(classes, NEVER, dtype=np.float32)
        weights[:, fitted.classes_], bias[fitted.classes_] = fitted.coef_.T, fitted.intercept_
        return cls(weights, bias)

    def arrays(self, name: str) -> dict[str, NDArray[np.generic]]:
        """In int8, one scale a class."""
        scale = np.abs(self.weights).max(0) / 127 + 1e-12
        return {
            f"{name}_ngrams": np.round(self.weights / scale).astype(np.int8),
            f"{name}_ngrams_scale": scale.astype(np.float32),
            f"{name}_ngrams_bias": self.bias,
        }


def features(texts: Sequence[str]) -> csr_matrix:
    """Shape (n, columns)."""
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    for row, text in enumerate(texts):
        found, worth = ngrams(text)
        rows += [row] * len(found)
        columns += found.tolist()
        values += worth.tolist()
    return csr_matrix((values, (rows, columns)), shape=(len(texts), COLUMNS), dtype=np.float32)


def save(
    folder: Path,
    model: Model,
    ngram_heads: dict[str, NgramHead],
    names: dict[str, Sequence[str]],
    vectors: NDArray[np.float32],
    home: NDArray[np.int64],
    seed: int,
) -> None:
    """heads.npz; `home` is every sentence's class and `vectors` its vector."""
    chance = np.random.default_rng(seed)
    chosen = np.concatenate(
        [chance.permutation(np.flatnonzero(home == at))[:EXAMPLES_EACH] for at in range(len(names["home"]))]
    )
    arrays: dict[str, NDArray[np.generic]] = {}
    for name, layer in (("home", model.home), ("talk", model.talk)):
        arrays[f"{name}_weights"] = layer.weight.detach().numpy().T.astype(np.float16)
        arrays[f"{name}_bias"] = layer.bias.detach().numpy()
        arrays |= ngram_heads[name].arrays(name)
    np.savez_compressed(
        folder / "heads.npz",
        version=np.array(VERSION),
        labels=np.array(names["home"]),
        intents=np.array(names["talk"]),
        examples=vectors[chosen].astype(np.float16),
        example_classes=home[chosen].astype(np.int16),
        **arrays,
    )
