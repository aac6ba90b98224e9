"""What the ears tell: one frozen record for each thing that can happen."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from edge.records import Utterance, Wake


@dataclass(frozen=True)
class WakeHeard:
    """A wake word was said; an utterance is open."""

    wake: Wake
    at_sample: int


@dataclass(frozen=True)
class TrialBegan:
    """The sentence may be over: recognise it on trial."""

    trial_id: int
    sound: NDArray[np.float32]
    """Shape (n,), -1 to 1, 16 kHz; begins with the wake word where `wake` is given."""
    wake: Wake | None


@dataclass(frozen=True)
class TrialVoid:
    """The trial heard only a part, or its utterance was given up."""

    trial_id: int


@dataclass(frozen=True)
class UtteranceEnded:
    """Somebody said something."""

    utterance: Utterance
    """Its sound begins with the wake word where `utterance.wake` is given."""
    reason: Literal["complete", "silence", "too_long"]
    last_voiced_sample: int
    trial_id: int | None
    """The trial that heard all of it; None when speech was cut off at its greatest length."""


@dataclass(frozen=True)
class NothingSaid:
    """The open utterance is closed, for nobody spoke."""

    wake: Wake | None


EarEvent = WakeHeard | TrialBegan | TrialVoid | UtteranceEnded | NothingSaid
