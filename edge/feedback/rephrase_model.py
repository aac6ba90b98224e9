"""World: reads models/rephrase. From evidence to a probability: a logistic regression, or small boosted trees."""

import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from edge.errors import ModelError

WITH_VECTORS: Final = "trees_meaning"
"""The model that measured best on dialogues that none of them had seen; `edge bench rephrase` has the table."""

LIVE: Final = "trees"
"""The best of those that ask for no vectors."""

_PACKAGE: Final = Path(__file__).parents[1]
_FROZEN: Final = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Logistic(BaseModel):
    """A weighted sum."""

    model_config = _FROZEN

    kind: Literal["logistic"] = "logistic"
    features: tuple[str, ...]
    weights: tuple[float, ...]
    bias: float

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if len(self.weights) != len(self.features):
            raise ValueError("every feature wants one weight")
        return self

    def probability(self, evidence: Mapping[str, float]) -> float:
        """0 to 1."""
        total = sum(weight * evidence.get(name, 0.0) for name, weight in zip(self.features, self.weights, strict=True))
        return sigmoid(total + self.bias)


class Tree(BaseModel):
    """Nodes by number, the root first. A leaf has feature -1."""

    model_config = _FROZEN

    feature: tuple[int, ...]
    at_most: tuple[float, ...]
    """Up to this value the way goes left."""
    left: tuple[int, ...]
    right: tuple[int, ...]
    value: tuple[float, ...]
    """Of a leaf, in log-odds."""

    @model_validator(mode="after")
    def _comes_to_an_end(self) -> Self:
        size = len(self.feature)
        if not size or any(len(each) != size for each in (self.at_most, self.left, self.right, self.value)):
            raise ValueError("a tree wants as many of everything as it has nodes")
        for node, feature in enumerate(self.feature):
            if feature >= 0 and not all(node < child < size for child in (self.left[node], self.right[node])):
                raise ValueError("children come after their parent")
        return self

    def leaf(self, row: tuple[float, ...]) -> float:
        """The value at the end of the way of `row`."""
        node = 0
        while (feature := self.feature[node]) >= 0:
            node = self.left[node] if row[feature] <= self.at_most[node] else self.right[node]
        return self.value[node]


class Trees(BaseModel):
    """A sum of trees, calibrated by a line in log-odds."""

    model_config = _FROZEN

    kind: Literal["trees"] = "trees"
    features: tuple[str, ...]
    trees: tuple[Tree, ...]
    bias: float
    slope: float = 1.0
    shift: float = 0.0

    @model_validator(mode="after")
    def _knows_its_features(self) -> Self:
        if any(feature >= len(self.features) for tree in self.trees for feature in tree.feature):
            raise ValueError("a tree asks for a feature that is not there")
        return self

    def probability(self, evidence: Mapping[str, float]) -> float:
        """0 to 1."""
        row = tuple(evidence.get(name, 0.0) for name in self.features)
        total = self.bias + sum(tree.leaf(row) for tree in self.trees)
        return sigmoid(self.slope * total + self.shift)


RephraseModel = Annotated[Logistic | Trees, Field(discriminator="kind")]
_ADAPTER: Final[TypeAdapter[RephraseModel]] = TypeAdapter(RephraseModel)


def read_model(file: Path) -> Logistic | Trees:
    """Raises ModelError where the file is missing or damaged."""
    try:
        return _ADAPTER.validate_json(file.read_bytes())
    except OSError as error:
        raise ModelError(f"The model file {file} is missing: it comes with Edge. Install Edge again.") from error
    except ValidationError as error:
        raise ModelError(f"The model file {file} is damaged. Install Edge again.") from error


@cache
def shipped_model(name: str = LIVE) -> Logistic | Trees:
    """A model that came with Edge, read once. Raises ModelError."""
    inside = _PACKAGE / "_models"
    folder = inside if inside.is_dir() else _PACKAGE.parent / "models"
    return read_model(folder / "rephrase" / f"{name}.json")


def sigmoid(log_odds: float) -> float:
    """0 to 1, without overflow."""
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, log_odds))))
