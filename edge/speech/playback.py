"""One reply on its way to the ear: how far it is, and the one switch that silences it."""

import threading
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from edge.clock import monotonic_ms
from edge.errors import EdgeError

Samples: TypeAlias = NDArray[np.int16]
"""Mono sound, shape (n,)."""


class Playback:
    """A reply that was handed to the player: anybody may wait for it or stop it, the player and its sink move it."""

    def __init__(self) -> None:
        self.cancelled = threading.Event()
        self.first_audio_ms: float | None = None
        """When the first sample left for the loudspeaker, by `edge.clock.monotonic_ms`; None until then."""
        self.error: EdgeError | None = None
        """Why it could not be played to the end, where that is so."""
        self._over = threading.Event()
        self._played_ms = 0.0

    @property
    def played_ms(self) -> int:
        """How much has been played, to within what the loudspeaker holds (some 50 ms)."""
        return int(self._played_ms)

    @property
    def finished(self) -> bool:
        """Whether nothing more will be heard of it: played, stopped or failed."""
        return self._over.is_set()

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until it is finished, and tell whether it is."""
        return self._over.wait(timeout_s)

    def stop(self) -> int:
        """Silence it now; tells how many milliseconds of it were played. To stop it again does nothing."""
        self.cancelled.set()
        return self.played_ms

    def advance(self, samples: int, sample_rate: int) -> None:
        """For the sink: so much more has gone out."""
        if samples and self.first_audio_ms is None:
            self.first_audio_ms = monotonic_ms()
        self._played_ms += samples * 1000.0 / sample_rate

    def finish(self, error: EdgeError | None = None) -> None:
        """For the player: it is over."""
        self.error = error
        self._over.set()
