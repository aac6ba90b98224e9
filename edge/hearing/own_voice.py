"""What keeps the assistant from waking itself: it knows beforehand where its replies sound like a wake word. Pure.

Only in these moments no wake word is heard, so that a person can interrupt everywhere else.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

WAKE_FRAME = 1_280
_MS = 16
_BEFORE_MS = 100
_AFTER_MS = 400
"""How exactly it is known when our own voice reaches the microphone; a room's echo comes late, never early."""
_SUSPICIOUS = 0.1
"""Far below any threshold: the way through the air may raise a score."""

Moments = tuple[tuple[int, int], ...]
"""(start_ms, end_ms) within one reply."""


class Detector(Protocol):
    """Scores by wake word after one more frame of shape (1280,)."""

    def feed(self, frame: NDArray[np.int16]) -> dict[str, float]: ...

    def reset(self) -> None: ...


def own_wake_moments(detector: Detector, samples: NDArray[np.int16]) -> Moments:
    """Where a reply (int16 mono at 16 kHz) sounds like a wake word.

    The detector must not be the one that listens. Takes 2-3 % of the reply's length.
    """
    detector.reset()
    padded = np.concatenate((samples, np.zeros(16_000, dtype=np.int16)))
    moments: list[tuple[int, int]] = []
    for start in range(0, padded.size - WAKE_FRAME + 1, WAKE_FRAME):
        if max(detector.feed(padded[start : start + WAKE_FRAME]).values()) < _SUSPICIOUS:
            continue
        start_ms, end_ms = start // _MS, (start + WAKE_FRAME) // _MS
        if moments and moments[-1][1] == start_ms:
            start_ms = moments.pop()[0]
        moments.append((start_ms, end_ms))
    return tuple(moments)


class OwnVoice:
    """The spans of time, in samples, in which a wake word would be our own."""

    def __init__(self) -> None:
        self._spans: list[tuple[int, int]] = []

    def expect(self, starts_at: int, moments: Moments, now: int) -> None:
        """A reply starts to sound at sample `starts_at`."""
        self._spans = [span for span in self._spans if span[1] >= now]
        self._spans += [(starts_at + (a - _BEFORE_MS) * _MS, starts_at + (b + _AFTER_MS) * _MS) for a, b in moments]

    def stop(self, now: int) -> None:
        """The reply was cut off: only its echo is still to come."""
        self._spans = [(a, min(b, now + _AFTER_MS * _MS)) for a, b in self._spans if a <= now]

    def is_speaking_at(self, sample: int) -> bool:
        return any(start <= sample <= end for start, end in self._spans)
