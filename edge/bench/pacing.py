"""World: a microphone that hears what the benchmark says, at the pace of a real one."""

import itertools
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.bench.commands import RATE, room_noise
from edge.clock import monotonic_ms
from edge.hearing.sources import BLOCK_SAMPLES

_BLOCK_MS: Final = BLOCK_SAMPLES * 1000.0 / RATE


@dataclass
class _Saying:
    sound: NDArray[np.int16]
    last_voiced_sample: int
    spoken: "Future[float]" = field(default_factory=Future)
    at: int = 0


class PacedSource:
    """A quiet room in which something can be said; iterate over it as over our microphone: blocks of 80 ms.

    A block is delivered when a microphone would have recorded its last sample, by deadlines that do not drift: a
    reader that was late gets the next blocks at once.
    """

    def __init__(self) -> None:
        self._closed = threading.Event()
        self._saying: _Saying | None = None

    def say(self, sound: NDArray[np.int16], last_voiced_sample: int) -> "Future[float]":
        """Say this from the next block on, instead of what is being said.

        The future is the moment at which the last voiced sample was spoken, by `edge.clock.monotonic_ms`; the block
        with that sample is delivered up to one block later.
        """
        saying = _Saying(sound, last_voiced_sample)
        self._saying = saying
        return saying.spoken

    def close(self) -> None:
        """End the iteration."""
        self._closed.set()

    def __iter__(self) -> Iterator[NDArray[np.int16]]:
        room = room_noise(50 * BLOCK_SAMPLES).reshape(-1, BLOCK_SAMPLES)
        began_ms = monotonic_ms()
        for number in itertools.count():
            block_ms = began_ms + number * _BLOCK_MS
            saying = self._saying
            block = room[number % len(room)].copy()
            begin = saying.at if saying else 0
            if saying:
                _mix(saying, block)
            if self._closed.wait(max(0.0, block_ms + _BLOCK_MS - monotonic_ms()) / 1000.0):
                return
            if saying and begin <= saying.last_voiced_sample < saying.at:
                saying.spoken.set_result(block_ms + (saying.last_voiced_sample + 1 - begin) * 1000.0 / RATE)
            yield block


def _mix(saying: _Saying, block: NDArray[np.int16]) -> None:
    part = saying.sound[saying.at : saying.at + block.size].astype(np.int32)
    block[: part.size] = np.clip(block[: part.size] + part, -32_768, 32_767)
    saying.at += block.size
