"""The trees beside the linear model: what they give, and what is refused."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.errors import ModelError
from edge.isolation.features import AFTERWARDS
from edge.isolation.trees import FILE, Boosted, Trees
from edge.paths import shipped
from edge.signals import POINTS

NAUGHT = (0.0,) * len(POINTS)
ONE = {
    "features": ["acted", "confidence<0.6"],
    "base": list(NAUGHT),
    "roots": [0, 3],
    "adds_to": [0, 2],
    "feature": [0, -1, -1, 1, -1, 0, -1, -1],
    "at_most": [0.5, 0, 0, 0.5, 0, 0.5, 0, 0],
    "left": [1, 0, 0, 4, 0, 6, 0, 0],
    "right": [2, 0, 0, 5, 0, 7, 0, 0],
    "value": [0, -1.0, 1.0, 0, 0.25, 0, 2.0, 0.5],
}


@pytest.mark.parametrize(
    ("features", "correct", "asr"),
    [({}, -1.0, 0.25), ({"acted": 1.0}, 1.0, 0.25), ({"confidence<0.6": 1.0}, -1.0, 2.0)],
)
def test_each_tree_adds_the_leaf_at_the_end_of_its_way(features: dict[str, float], correct: float, asr: float) -> None:
    """Two trees of different depth, each for another point; a feature that is not named is 0."""
    logits = Trees.model_validate(ONE).logits(features)
    assert logits[POINTS.index("correct")] == correct
    assert logits[POINTS.index("asr")] == asr
    assert np.count_nonzero(logits) == 2


@pytest.mark.parametrize(
    "damage",
    [
        {"left": [0, 0, 0, 4, 0, 6, 0, 0]},  # a circle
        {"feature": [9, -1, -1, 1, -1, 0, -1, -1]},
        {"value": [0.0]},
        {"adds_to": [0, 8]},
        {"roots": [0]},
        {"base": [0.0]},
        {"temperature": 0},
        {"value": [0, float("nan"), 1.0, 0, 0.25, 0, 2.0, 0.5]},
    ],
)
def test_damaged_trees_are_refused(damage: dict[str, Any], tmp_path: Path) -> None:
    """Before the first turn, and without walking in a circle."""
    file = tmp_path / FILE
    file.write_text(json.dumps({"version": 1, "full": ONE | damage, "moment": ONE}), encoding="utf-8")
    with pytest.raises(ModelError, match=FILE):
        Boosted.load(tmp_path)


def test_trees_that_are_not_there_are_told_of(tmp_path: Path) -> None:
    """By the name of the file."""
    with pytest.raises(ModelError, match=FILE):
        Boosted.load(tmp_path)


def test_the_shipped_trees_are_small_and_those_of_the_moment_ask_for_nothing_later() -> None:
    """Less than half a megabyte."""
    file = shipped("models") / "isolation" / FILE
    assert file.stat().st_size < 500_000
    boosted = Boosted.load(file.parent)
    assert not [name for name in boosted.moment.features if name.startswith(AFTERWARDS)]
    assert boosted.full.logits({}).shape == (len(POINTS),)
