"""Words: what tells afterwards how a turn went, and what is concluded from it.

A `Signal` is one observation, a `Diagnosis` where a turn went wrong first, a `Goal` what several turns were about, a
`Label` what a turn should have been taken for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

SignalKind = Literal[
    "yes", "no", "thanks", "wrong", "not_said", "meant_other",
    "undo", "cancel", "stop", "barge_in", "rephrase", "repeat", "gave_up",
    "silence_after_wake", "no_match", "error", "not_confirmed", "put_back",
]  # fmt: skip
"""`wrong`: "that's wrong"; `not_said`: "that's not what I said"; `meant_other`: "no, I meant ..."; `gave_up`: a failed
turn that nobody followed up; `put_back`: a device was set back by hand or by another controller within a minute."""

FailurePoint = Literal["correct", "false_wake", "asr", "nlu", "entity", "result", "not_confirmed", "unsupported"]
"""Where a turn went wrong first, so that nothing after it could mend it. The last two are no defects of ours: the
device did not answer, or nobody could have served the request."""

POINTS: Final[tuple[FailurePoint, ...]] = (
    "correct", "false_wake", "asr", "nlu", "entity", "result", "not_confirmed", "unsupported",
)  # fmt: skip

PRIOR: Final = -2.0
"""Log-odds, in nats, that a turn of which nothing is known was a defect: 12 in a hundred. Weights are added to it."""

Outcome = Literal["success", "defect", "unknown"]
"""Unknown is never success."""

OUTCOMES: Final[tuple[Outcome, ...]] = ("success", "defect", "unknown")


@dataclass(frozen=True)
class Signal:
    """One thing that was observed about a turn, in it or after it."""

    turn_id: str
    """The turn that it speaks of."""
    kind: SignalKind
    at: datetime
    weight: float
    """Log-odds, in nats, that the turn was a defect; below 0 it speaks for success. Corrected for who said it."""
    from_turn_id: str = ""
    """The later turn that brought it; empty for what the turn itself or the home told."""
    detail: Mapping[str, Any] = field(default_factory=dict)
    """Numbers and ids that the weight was made from: `played_ms`, `gap_s`, `device_id`, `p` ...; never words."""


@dataclass(frozen=True)
class Diagnosis:
    """Where a turn went wrong, with how sure that is."""

    turn_id: str
    probabilities: Mapping[FailurePoint, float]
    """Sum to 1."""
    evidence: tuple[str, ...] = ()
    """What it rests on, in plain words, strongest first."""
    by: Literal["rules", "model", "moment"] = "rules"
    """`moment`: by the model that does not see what came after."""

    @property
    def point(self) -> FailurePoint:
        """Correct, where that is as likely as not; else the likeliest of all others."""
        if self.probabilities.get("correct", 0.0) >= 0.5:
            return "correct"
        return max(POINTS[1:], key=lambda point: self.probabilities.get(point, 0.0))

    @property
    def confidence(self) -> float:
        """Of that, 0 to 1."""
        return self.probabilities.get(self.point, 0.0)


@dataclass(frozen=True)
class Goal:
    """What somebody wanted, and the turns it took."""

    goal_id: str
    """The turn_id of its first turn."""
    turn_ids: tuple[str, ...]
    outcome: Outcome
    probability: float
    """That it was reached, 0 to 1."""


@dataclass(frozen=True)
class Label:
    """What a turn should have been taken for, as far as the device can tell by itself."""

    turn_id: str
    goal_id: str
    outcome: Outcome
    """Of the turn; unknown between the thresholds."""
    probability: float
    """That the turn served what was wanted, 0 to 1."""
    text: str = ""
    """What should have been heard; empty where that is not known."""
    intent: str = ""
    """What should have been understood; empty where that is not known."""
    slots: Mapping[str, Any] = field(default_factory=dict)
    confidence: float = 0.0
    """Of text, intent and slots, 0 to 1."""
    from_turn_id: str = ""
    """The turn that worked, from which they were taken."""
    by: Literal["functions", "model"] = "functions"
