"""What was read in a sound, and how well it fits. Pure."""

import math
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Fit:
    """How well a text fits a sound."""

    total: float
    """Its log probability among all words of the language, in nats."""
    tokens: int

    @property
    def mean(self) -> float:
        """Of a token."""
        return self.total / self.tokens if self.tokens else -math.inf

    @property
    def confidence(self) -> float:
        """The mean probability of a token, 0 to 1."""
        return math.exp(self.mean)


@dataclass(frozen=True)
class Reading:
    """One reading of a sound."""

    text: str
    confidence: float
    """The mean probability of a token among those that were allowed, 0 to 1."""


@dataclass(frozen=True)
class Encoded:
    """A sound as the model's encoder left it: enough to read it again, and to tell how well a text fits it."""

    features: Any
    """CTranslate2's view, shape (1, window / 2, width)."""
    frames: int
    """Of sound, 10 ms each; the rest of the window is silence."""
    window: int
    lead_in: str
    known: tuple[int, ...]
    """The tokens of the lead-in."""
    vector: str = ""
    """Its mean over the speech, packed."""
    fits: dict[str, Fit] = field(default_factory=dict)
    """By text, what was asked already."""
