"""World: reads the heads' file. Linear heads over the encoder's vector and over n-grams; both log probabilities add up.

Training again with a few examples moves only the head over the encoder, held to the shipped weights and to shipped
examples of every class, so that nothing else is unlearned.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from edge.errors import ModelError
from edge.nlu.features import ngrams

VERSION: Final = 1

NGRAMS_WEIGH: Final = 0.5
TEMPERATURE: Final = 1.3
"""What the summed log probabilities are divided by, found out of fold: see models/nlu/README.md."""

STEPS, STEP = 60, 0.5
OLD_WEIGHS: Final = 1e-3
"""How strongly a retrained head is held to the shipped weights."""

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Head:
    """One task: its classes, and the weights of both halves."""

    classes: tuple[str, ...]
    dense: Array
    """Shape (768, classes)."""
    dense_bias: Array
    grams: NDArray[np.int8]
    """Shape (columns, classes), to be multiplied by `grams_scale`."""
    grams_scale: Array
    grams_bias: Array

    def probabilities(self, text: str, vector: Array) -> Array:
        """Shape (classes,), calibrated."""
        columns, values = ngrams(text)
        of_grams: Array = (values @ self.grams[columns].astype(np.float32)) * self.grams_scale + self.grams_bias
        summed: Array = _log_softmax(vector @ self.dense + self.dense_bias) + NGRAMS_WEIGH * _log_softmax(of_grams)
        calibrated: Array = np.exp(_log_softmax(summed / np.float32(TEMPERATURE)))
        return calibrated


@dataclass(frozen=True)
class Heads:
    """What `scripts/train_nlu` made."""

    home: Head
    """Our classes."""
    talk: Head
    """The 64 intents of HWU64: what kind of talk it is."""
    examples: Array
    """Vectors of shipped examples, shape (n, 768), of every class of `home`."""
    example_classes: NDArray[np.int16]

    @classmethod
    def load(cls, file: Path) -> Self:
        """Raises ModelError for a file that is missing, damaged or of another version."""
        try:
            with np.load(file, allow_pickle=False) as arrays:
                if int(arrays["version"]) != VERSION:
                    raise ModelError(f"{file} is of version {arrays['version']}, not {VERSION}. Install Edge again.")
                home, talk = (_head(arrays, name) for name in ("home", "talk"))
                return cls(home, talk, arrays["examples"].astype(np.float32), arrays["example_classes"])
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(f"The file {file} is missing or damaged. Install Edge again.") from error

    def retrained(self, vectors: Array, classes: Sequence[str]) -> Self:
        """With `classes` learned for sentences with these vectors, shape (n, 768). Well under a second."""
        wanted = [self.home.classes.index(name) for name in classes]
        inputs = np.concatenate((self.examples, vectors))
        targets = np.zeros((len(inputs), len(self.home.classes)), dtype=np.float32)
        targets[np.arange(len(inputs)), [*self.example_classes, *wanted]] = 1.0
        new = max(1, len(wanted))
        share = np.full((len(inputs), 1), 0.5 / max(1, len(self.examples)), dtype=np.float32)
        share[-new:] = 0.5 / new
        weights, bias = self.home.dense.copy(), self.home.dense_bias.copy()
        step = STEP / float(np.mean(np.sum(inputs * inputs, axis=1)))
        for _ in range(STEPS):
            wrong = (np.exp(_log_softmax(inputs @ weights + bias)) - targets) * share
            weights -= step * (inputs.T @ wrong * len(self.home.classes) + OLD_WEIGHS * (weights - self.home.dense))
            bias -= step * wrong.sum(axis=0)
        return replace(self, home=replace(self.home, dense=weights, dense_bias=bias))


def _head(arrays: "np.lib.npyio.NpzFile", name: str) -> Head:
    classes = arrays["labels" if name == "home" else "intents"]
    return Head(
        tuple(map(str, classes)),
        arrays[f"{name}_weights"].astype(np.float32),
        arrays[f"{name}_bias"].astype(np.float32),
        arrays[f"{name}_ngrams"],
        arrays[f"{name}_ngrams_scale"],
        arrays[f"{name}_ngrams_bias"],
    )


def _log_softmax(logits: Array) -> Array:
    shifted = logits - logits.max(axis=-1, keepdims=True)
    result: Array = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return result
