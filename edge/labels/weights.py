"""World: how far each labelling function may be trusted, as it lies in `models/labels/functions.json`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from edge.model_files import validated

FILE: Final = "functions.json"
"""Its name in the folder."""

Finite = Annotated[float, Field(allow_inf_nan=False)]
Trust = Annotated[float, Field(ge=0, le=4, allow_inf_nan=False)]


class FunctionWeights(BaseModel):
    """One logistic model over the votes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1]
    bias: Finite
    """Log-odds, in nats, of a defect where all abstain."""
    trust: Mapping[str, Trust]
    """By function, what its vote is multiplied by: 1 as set by hand, 0 not at all. Without a name, without a vote."""

    def log_odds(self, votes: Mapping[str, float]) -> float:
        """Of a defect, in nats."""
        return self.bias + sum(self.trust.get(name, 0.0) * vote for name, vote in votes.items())

    @classmethod
    def load(cls, folder: Path) -> "FunctionWeights":
        """The weights in a folder. Raises ModelError."""
        return validated(cls, folder / FILE)
