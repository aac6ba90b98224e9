"""Boosted trees over the same features, and how much they have to say beside the linear model."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import GroupKFold

from edge.signals import POINTS

ROUNDS: Final = 80
FOLDS: Final = 5
UNSEEN: Final = -12.0
"""The logit of a point that no case has."""


def fit(values: NDArray[np.float64], labels: NDArray[np.int64], seed: int) -> HistGradientBoostingClassifier:
    """Small trees, many of them: what is seldom must not make a tree of its own."""
    model = HistGradientBoostingClassifier(
        max_iter=ROUNDS,
        learning_rate=0.1,
        max_leaf_nodes=8,
        l2_regularization=5.0,
        min_samples_leaf=10,
        early_stopping=False,
        random_state=seed,
    )
    return model.fit(values, labels)


def out_of_fold(
    values: NDArray[np.float64], labels: NDArray[np.int64], groups: Sequence[str], seed: int
) -> NDArray[np.float64]:
    """Logits, shape (cases, points), each by trees that did not see its group."""
    logits = np.full((len(labels), len(POINTS)), UNSEEN)
    for learned, tested in GroupKFold(FOLDS).split(values, labels, list(groups)):
        model = fit(values[learned], labels[learned], seed)
        rows = np.full((len(tested), len(POINTS)), UNSEEN)
        rows[:, model.classes_] = model.decision_function(values[tested])
        logits[tested] = rows
    return logits


def told(model: HistGradientBoostingClassifier, names: Sequence[str]) -> dict[str, Any]:
    """The trees as `edge.isolation.trees.Trees` reads them."""
    used = sorted({int(node["feature_idx"]) for trees in model._predictors for tree in trees for node in _inner(tree)})
    place = {column: at for at, column in enumerate(used)}
    base = np.full(len(POINTS), UNSEEN)
    base[model.classes_] = np.ravel(model._baseline_prediction)
    found: dict[str, Any] = {"features": [names[column] for column in used], "base": [round(float(b), 4) for b in base]}
    lists: dict[str, list[Any]] = {
        name: [] for name in ("roots", "adds_to", "feature", "at_most", "left", "right", "value")
    }
    for trees in model._predictors:
        for point, tree in zip(model.classes_, trees, strict=True):
            _append(lists, tree.nodes, int(point), place)
    return found | lists


def _inner(tree: Any) -> Any:
    return tree.nodes[tree.nodes["is_leaf"] == 0]


def _append(lists: dict[str, list[Any]], nodes: Any, point: int, place: dict[int, int]) -> None:
    first = len(lists["feature"])
    lists["roots"].append(first)
    lists["adds_to"].append(point)
    for node in nodes:
        leaf = bool(node["is_leaf"])
        lists["feature"].append(-1 if leaf else place[int(node["feature_idx"])])
        lists["at_most"].append(0.0 if leaf else round(float(node["num_threshold"]), 4))
        lists["left"].append(0 if leaf else first + int(node["left"]))
        lists["right"].append(0 if leaf else first + int(node["right"]))
        lists["value"].append(round(float(node["value"]), 4) if leaf else 0.0)
