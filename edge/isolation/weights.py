"""World: the weights of the model, as they lie in `models/isolation/`."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, model_validator

from edge.model_files import validated
from edge.signals import POINTS, FailurePoint

FILE = "weights.json"
"""Its name in the folder."""

Finite = Annotated[float, Field(allow_inf_nan=False)]


class Linear(BaseModel):
    """One multinomial model: logits are the bias and, for every feature, its value times its weights."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bias: tuple[Finite, ...]
    """By point, in the order of the file's `points`."""
    weights: Mapping[str, tuple[Finite, ...]]
    """By feature; a feature that is not named weighs nothing."""
    temperature: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 1.0
    """Logits are divided by it: fitted on dialogues that were not learned from."""

    @cached_property
    def rows(self) -> Mapping[str, int]:
        """The row of every feature in `matrix`."""
        return {name: row for row, name in enumerate(self.weights)}

    @cached_property
    def matrix(self) -> NDArray[np.float64]:
        """Shape (features, points)."""
        return np.array(list(self.weights.values()), dtype=np.float64).reshape(len(self.weights), len(self.bias))

    def terms(self, features: Mapping[str, float]) -> tuple[list[str], NDArray[np.float64]]:
        """The features that weigh, and what each adds to each logit, shape (those, points)."""
        names = [name for name in features if name in self.rows]
        values = np.array([features[name] for name in names]).reshape(len(names), 1)
        return names, self.matrix[[self.rows[name] for name in names]] * values

    def logits(self, terms: NDArray[np.float64]) -> NDArray[np.float64]:
        """By point."""
        return np.asarray(np.array(self.bias) + terms.sum(axis=0))


class Weights(BaseModel):
    """Both models: `full` sees what came after the turn, `moment` does not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1]
    points: tuple[FailurePoint, ...]
    full: Linear
    moment: Linear

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        if self.points != POINTS:
            raise ValueError("the points are not those of this version of Edge")
        for linear in (self.full, self.moment):
            rows = [linear.bias, *linear.weights.values()]
            if any(len(row) != len(self.points) for row in rows):
                raise ValueError("a row has another length than the points")
        return self

    @classmethod
    def load(cls, folder: Path) -> "Weights":
        """The weights in a folder. Raises ModelError."""
        return validated(cls, folder / FILE)
