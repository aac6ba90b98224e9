"""The models: features that each may see, fitted on cases, as the runtime reads them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_predict

from edge.bench.rephrase_cases import Case
from edge.feedback.rephrase_evidence import DIALOGUE, MEANING, OUTCOMES, WORDING
from edge.feedback.rephrase_model import Logistic, Tree, Trees

TREES, DEPTH, RATE, LEAF = 120, 5, 0.08, 40
"""How many, how deep, how much each counts, and how many cases a leaf holds at least."""

DIGITS: Final = 5


@dataclass(frozen=True)
class Recipe:
    """A kind of model, and what it may see."""

    kind: str
    features: tuple[str, ...]


RECIPES: Final[Mapping[str, Recipe]] = {
    "ratio": Recipe("logistic", ("letters",)),
    "logistic": Recipe("logistic", WORDING + DIALOGUE),
    "logistic_meaning": Recipe("logistic", (*WORDING, *DIALOGUE, MEANING)),
    "outcomes": Recipe("logistic", WORDING + DIALOGUE + OUTCOMES),
    "outcomes_meaning": Recipe("logistic", (*WORDING, *DIALOGUE, *OUTCOMES, MEANING)),
    "trees": Recipe("trees", WORDING + DIALOGUE + OUTCOMES),
    "trees_meaning": Recipe("trees", (*WORDING, *DIALOGUE, *OUTCOMES, MEANING)),
}


def fitted(recipe: Recipe, cases: Sequence[Case], seed: int) -> Logistic | Trees:
    """Learns from these cases."""
    x = np.array([[case.evidence[name] for name in recipe.features] for case in cases])
    y = np.array([case.again for case in cases])
    return _logistic(recipe, x, y) if recipe.kind == "logistic" else _trees(recipe, x, y, seed)


def _logistic(recipe: Recipe, x: NDArray[np.float64], y: NDArray[np.bool_]) -> Logistic:
    mean, scale = x.mean(0), x.std(0) + 1e-9
    model = LogisticRegression(C=1.0, max_iter=2000).fit((x - mean) / scale, y)
    weights = model.coef_[0] / scale
    bias = float(model.intercept_[0] - weights @ mean)
    return Logistic(features=recipe.features, weights=_short(weights), bias=round(bias, DIGITS))


def _trees(recipe: Recipe, x: NDArray[np.float64], y: NDArray[np.bool_], seed: int) -> Trees:
    """Calibrated on cases that were held out in turn."""
    model = GradientBoostingClassifier(
        n_estimators=TREES, max_depth=DEPTH, learning_rate=RATE, min_samples_leaf=LEAF, subsample=0.7,
        random_state=seed,
    )  # fmt: skip
    held_out = cross_val_predict(model, x, y, cv=4, method="decision_function")
    line = LogisticRegression(C=1e6).fit(held_out.reshape(-1, 1), y)
    model.fit(x, y)
    share = float(y.mean())
    return Trees(
        features=recipe.features,
        trees=tuple(_tree(each[0].tree_) for each in model.estimators_),
        bias=round(float(np.log(share / (1 - share))), DIGITS),
        slope=round(float(line.coef_[0, 0]), DIGITS),
        shift=round(float(line.intercept_[0]), DIGITS),
    )


def _tree(tree: object) -> Tree:
    """Of scikit-learn's arrays, in which a leaf has children -1."""
    left, right, feature, threshold, value = (
        getattr(tree, name) for name in ("children_left", "children_right", "feature", "threshold", "value")
    )
    leaf = left < 0
    return Tree(
        feature=tuple(int(each) for each in np.where(leaf, -1, feature)),
        at_most=_short(np.where(leaf, 0.0, threshold)),
        left=tuple(int(each) for each in left),
        right=tuple(int(each) for each in right),
        value=_short(np.where(leaf, value[:, 0, 0] * RATE, 0.0)),
    )


def _short(values: NDArray[np.float64]) -> tuple[float, ...]:
    return tuple(round(float(value), DIGITS) for value in values)
