"""One observation, before it is known what it weighs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from edge.signals import SignalKind


@dataclass(frozen=True)
class Observed:
    """What becomes a `Signal` once the habits of the person are known."""

    turn_id: str
    kind: SignalKind
    why: str
    """Its row in `weights.WEIGHTS`."""
    at: datetime
    by: str = ""
    """The speaker who did it; empty for what nobody did, or what was done by hand."""
    from_turn_id: str = ""
    weight: float | None = None
    """In place of the row's, where it is reckoned."""
    share: float = 1.0
    """How much of the weight counts."""
    detail: Mapping[str, Any] = field(default_factory=dict)
