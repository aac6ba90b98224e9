"""World: reads the trees in `models/isolation/`. Boosted trees over the same features as the linear model."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from edge.model_files import validated
from edge.signals import POINTS

FILE = "trees.json"
"""Its name in the folder."""

Finite = Annotated[float, Field(allow_inf_nan=False)]


class Trees(BaseModel):
    """Many trees, one after the other in the same lists; each adds its leaf's value to the logit of one point."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    features: tuple[str, ...]
    base: tuple[Finite, ...]
    """The logits before any tree, by point in the order of `POINTS`."""
    roots: tuple[int, ...]
    """The node with which each tree begins."""
    adds_to: tuple[int, ...]
    """The point of each tree."""
    feature: tuple[int, ...]
    """Of each node, which feature it asks for; -1 for a leaf."""
    at_most: tuple[Finite, ...]
    """Up to this value the way goes left."""
    left: tuple[int, ...]
    right: tuple[int, ...]
    value: tuple[Finite, ...]
    """Of a leaf, in nats."""
    temperature: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0
    """The mean of these logits and those of the linear model is divided by it."""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        nodes = len(self.feature)
        if any(len(each) != nodes for each in (self.at_most, self.left, self.right, self.value)):
            raise ValueError("all lists of nodes want the same length")
        if len(self.roots) != len(self.adds_to) or len(self.base) != len(POINTS):
            raise ValueError("every tree adds to one of the points")
        if not all(0 <= root < nodes for root in self.roots) or not all(0 <= p < len(POINTS) for p in self.adds_to):
            raise ValueError("a tree begins at a node and adds to a point")
        for node, feature in enumerate(self.feature):
            children = (self.left[node], self.right[node])
            if feature >= len(self.features) or (feature >= 0 and not all(node < each < nodes for each in children)):
                raise ValueError("children come after their parent, which asks for a feature that is there")
        return self

    def logits(self, features: Mapping[str, float]) -> NDArray[np.float64]:
        """By point; all trees go down one step at a time, together."""
        row = np.array([features.get(name, 0.0) for name in self.features])
        asked, at_most, left, right, value = self._nodes
        at = np.array(self.roots)
        while (inner := asked[at] >= 0).any():
            goes_left = row[asked[at]] <= at_most[at]
            at = np.where(inner, np.where(goes_left, left[at], right[at]), at)
        logits = np.array(self.base)
        np.add.at(logits, np.array(self.adds_to), value[at])
        return logits

    @cached_property
    def _nodes(
        self,
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        whole, parts = np.int64, np.float64
        return (
            np.array(self.feature, whole),
            np.array(self.at_most, parts),
            np.array(self.left, whole),
            np.array(self.right, whole),
            np.array(self.value, parts),
        )


class Boosted(BaseModel):
    """The trees of both models."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1]
    full: Trees
    moment: Trees

    @classmethod
    def load(cls, folder: Path) -> "Boosted":
        """The trees in a folder. Raises ModelError."""
        return validated(cls, folder / FILE)
