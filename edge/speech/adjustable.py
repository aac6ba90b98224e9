"""A sink whose loudness can be changed while it plays, and which tells when it sounds."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from edge.speech.playback import Playback, Samples
from edge.speech.sinks import Sink


class AdjustableSink:
    """Plays through another sink, softer where that is wanted."""

    def __init__(self, sink: Sink, on_sound: Callable[[bool], None] = lambda sounds: None) -> None:
        """`on_sound` is told True when a reply begins and False when it is over."""
        self._sink = sink
        self._on_sound = on_sound
        self.volume = 1.0
        """0 to 1, of what the voice makes."""

    def play(self, pieces: Iterable[Samples], sample_rate: int, playback: Playback) -> None:
        self._on_sound(True)
        try:
            self._sink.play(self._softened(pieces), sample_rate, playback)
        finally:
            self._on_sound(False)

    def close(self) -> None:
        self._sink.close()

    def _softened(self, pieces: Iterable[Samples]) -> Iterator[Samples]:
        for piece in pieces:
            volume = self.volume
            yield piece if volume >= 1.0 else np.rint(piece * volume).astype(np.int16)
