"""A multinomial model over named features: its strength chosen by cross-validation, its temperature out of fold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold

from edge.signals import POINTS
from isolation_training import boosted

STRENGTHS: Final = (0.05, 0.1, 0.3)
WEIGHTINGS: Final = (0.0, 0.5)
"""Classes weigh as their share to minus this: 0 is as they come, 1 would be all alike."""
FOLDS: Final = 5
RARE: Final = 3
"""A feature that fewer cases have is left out."""
DIGITS: Final = 3

Features = Mapping[str, float]


@dataclass(frozen=True)
class Fitted:
    """A model with what was found on the way."""

    linear: dict[str, Any]
    """As `edge.isolation.weights.Linear` reads it."""
    strength: float
    weighting: float
    macro_f1: float
    """Out of fold, on the training half."""
    tried: tuple[tuple[float, float, float, float], ...]
    """Strength, weighting, macro F1 and log loss out of fold."""
    trees: dict[str, Any]
    """As `edge.isolation.trees.Trees` reads them."""
    together: float
    """Macro F1 of both together, out of fold."""


def fitted(some: Sequence[Features], points: Sequence[str], groups: Sequence[str], seed: int) -> Fitted:
    """The model that is best out of fold."""
    names = _names(some)
    values, labels = _matrix(some, names), np.array([POINTS.index(point) for point in points])
    tried, best = [], None
    by_trees = boosted.out_of_fold(values, labels, groups, seed)
    for strength in STRENGTHS:
        for weighting in WEIGHTINGS:
            logits = _out_of_fold(values, labels, groups, strength, weighting, seed)
            temperature = _temperature(logits, labels)
            macro = float(f1_score(labels, logits.argmax(axis=1), average="macro"))
            loss = _loss(logits / temperature, labels)
            tried.append((strength, weighting, round(macro, 4), round(loss, 4)))
            rank = macro - 0.25 * loss  # what is right counts most, and how sure it is of it
            if best is None or rank > best[0]:
                best = (rank, strength, weighting, temperature, macro, logits)
    assert best is not None
    _, strength, weighting, temperature, macro, logits = best
    linear = _linear(_fit(values, labels, strength, weighting, seed), names, temperature)
    both = (logits + by_trees) / 2
    trees = boosted.told(boosted.fit(values, labels, seed), names)
    trees["temperature"] = round(_temperature(both, labels), DIGITS)
    together = float(f1_score(labels, both.argmax(axis=1), average="macro"))
    return Fitted(linear, strength, weighting, macro, tuple(tried), trees, together)


def learned(
    some: Sequence[Features], points: Sequence[str], strength: float, weighting: float, temperature: float, seed: int
) -> dict[str, Any]:
    """A model of known strength, as `edge.isolation.weights.Linear` reads it."""
    names = _names(some)
    labels = np.array([POINTS.index(point) for point in points])
    return _linear(_fit(_matrix(some, names), labels, strength, weighting, seed), names, temperature)


def _names(some: Sequence[Features]) -> list[str]:
    counts: dict[str, int] = {}
    for each in some:
        for name in each:
            counts[name] = counts.get(name, 0) + 1
    return sorted(name for name, count in counts.items() if count >= RARE)


def _matrix(some: Sequence[Features], names: Sequence[str]) -> NDArray[np.float64]:
    column = {name: at for at, name in enumerate(names)}
    values = np.zeros((len(some), len(names)))
    for row, each in enumerate(some):
        for name, value in each.items():
            if name in column:
                values[row, column[name]] = value
    return values


def _fit(
    values: NDArray[np.float64], labels: NDArray[np.int64], strength: float, weighting: float, seed: int
) -> LogisticRegression:
    counts = np.bincount(labels, minlength=len(POINTS))
    weight = {at: (len(labels) / count) ** weighting for at, count in enumerate(counts) if count}
    model = LogisticRegression(C=strength, class_weight=weight, max_iter=500, tol=1e-3, random_state=seed)
    return model.fit(values, labels)


def _logits(model: LogisticRegression, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shape (cases, points); a point that was never seen is all but ruled out."""
    logits = np.full((len(values), len(POINTS)), -30.0)
    logits[:, model.classes_] = model.decision_function(values)
    return logits


def _out_of_fold(
    values: NDArray[np.float64],
    labels: NDArray[np.int64],
    groups: Sequence[str],
    strength: float,
    weighting: float,
    seed: int,
) -> NDArray[np.float64]:
    logits = np.zeros((len(labels), len(POINTS)))
    for learned, tested in GroupKFold(FOLDS).split(values, labels, list(groups)):
        model = _fit(values[learned], labels[learned], strength, weighting, seed)
        logits[tested] = _logits(model, values[tested])
    return logits


def _temperature(logits: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    grid = np.exp(np.linspace(np.log(0.4), np.log(3.0), 61))
    return float(min(grid, key=lambda each: _loss(logits / each, labels)))


def _loss(logits: NDArray[np.float64], labels: NDArray[np.int64]) -> float:
    shifted = logits - logits.max(axis=1, keepdims=True)
    chosen = shifted[np.arange(len(labels)), labels] - np.log(np.exp(shifted).sum(axis=1))
    return float(-chosen.mean())


def _linear(model: LogisticRegression, names: Sequence[str], temperature: float) -> dict[str, Any]:
    bias = np.full(len(POINTS), -30.0)
    bias[model.classes_] = model.intercept_
    weights = np.zeros((len(POINTS), len(names)))
    weights[model.classes_] = model.coef_
    return {
        "bias": [round(float(each), DIGITS) for each in bias],
        "weights": {name: [round(float(each), DIGITS) for each in weights[:, at]] for at, name in enumerate(names)},
        "temperature": round(temperature, DIGITS),
    }
