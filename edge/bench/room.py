"""World: a room in which the assistant hears itself: what its mouth plays comes back to its ears, softer."""

import threading
import time
from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from edge.bench.pacing import PacedSource
from edge.clock import monotonic_ms
from edge.hearing.sources import RateConverter
from edge.speech.playback import Playback, Samples

BLOCK_S = 0.02


class EchoingRoom(PacedSource):
    """A paced source that also hears what an `EchoSink` plays."""

    def __init__(self) -> None:
        super().__init__()
        self._echo = np.zeros(0, dtype=np.int16)
        self._lock = threading.Lock()

    def overhear(self, samples: Samples) -> None:
        """Mix this into the next blocks, after what is waiting already."""
        with self._lock:
            self._echo = np.concatenate((self._echo, samples))

    def __iter__(self) -> Iterator[NDArray[np.int16]]:
        for block in super().__iter__():
            with self._lock:
                part, self._echo = self._echo[: block.size], self._echo[block.size :]
            mixed = block.astype(np.int32)
            mixed[: part.size] += part
            yield np.clip(mixed, -32_768, 32_767).astype(np.int16)


class EchoSink:
    """A loudspeaker in that room; `gain` is how much of its amplitude reaches the microphone."""

    def __init__(self, room: EchoingRoom, gain: float) -> None:
        self._room = room
        self._gain = gain
        self.silent_since_ms: float | None = None
        """When it last fell silent, by `edge.clock.monotonic_ms`; None while it plays."""

    def play(self, pieces: Iterable[Samples], sample_rate: int, playback: Playback) -> None:
        converter = RateConverter(sample_rate)
        self.silent_since_ms = None
        step = round(sample_rate * BLOCK_S)
        due = time.monotonic()
        for piece in pieces:
            due = max(due, time.monotonic())
            for begin in range(0, piece.size, step):
                block = piece[begin : begin + step]
                self._room.overhear((converter.convert(block) * self._gain).astype(np.int16))
                playback.advance(block.size, sample_rate)
                due += block.size / sample_rate
                if playback.cancelled.wait(max(0.0, due - time.monotonic())):
                    self.silent_since_ms = monotonic_ms()
                    return
        self.silent_since_ms = monotonic_ms()

    def close(self) -> None:
        """Nothing is open."""
