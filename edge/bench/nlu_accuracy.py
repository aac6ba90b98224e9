"""How often the heads name the right class, and how far their confidence can be believed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.bench.nlu_labels import home_class
from edge.bench.nlu_turns import RememberingClassifier
from edge.bench.talk_data import Sentence

BINS: Final = 15


@dataclass(frozen=True)
class Classed:
    """One sentence as both heads see it, by a model that was not trained on it."""

    sentence: Sentence
    is_intent_right: bool
    """Of HWU64's 64 intents."""
    is_class_right: bool
    """Of our own classes."""
    confidence: float
    """Of our class."""


@dataclass(frozen=True)
class Calibration:
    """What confidence is worth."""

    error: float
    """Expected calibration error: mean distance of confidence and accuracy over the bins, weighted by their size."""
    bins: tuple[tuple[float, float, int], ...]
    """Mean confidence, accuracy and size of each bin that is not empty."""


def classed(model: RememberingClassifier, sentence: Sentence) -> Classed:
    """Both heads' answers, combined and calibrated as they ship."""
    vector = model.encoder.encode([sentence.plain])[0]
    talk, home = model.heads.talk, model.heads.home
    intent = talk.classes[int(np.argmax(talk.probabilities(sentence.plain, vector)))]
    classes = home.probabilities(sentence.plain, vector)
    best = int(np.argmax(classes))
    return Classed(
        sentence,
        intent == f"{sentence.scenario}_{sentence.intent}",
        home.classes[best] == home_class(sentence),
        float(classes[best]),
    )


def calibration(results: Sequence[Classed]) -> Calibration:
    """Over bins of equal width."""
    by_bin: dict[int, list[Classed]] = {}
    for each in results:
        by_bin.setdefault(min(int(each.confidence * BINS), BINS - 1), []).append(each)
    bins = tuple(
        (_mean(some, lambda each: each.confidence), _mean(some, lambda each: float(each.is_class_right)), len(some))
        for _, some in sorted(by_bin.items())
    )
    total = sum(size for _, _, size in bins)
    return Calibration(sum(abs(sure - right) * size for sure, right, size in bins) / max(1, total), bins)


def _mean(some: Sequence[Classed], value: Callable[[Classed], float]) -> float:
    return sum(map(value, some)) / len(some)
