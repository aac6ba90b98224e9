"""The last seconds of sound, addressed by the number of samples heard since the start. Pure."""

import numpy as np
from numpy.typing import NDArray


class SoundRing:
    """Keeps the newest `capacity` samples in constant memory."""

    def __init__(self, capacity: int) -> None:
        self._samples = np.zeros(capacity, dtype=np.int16)
        self.end = 0
        """Samples heard so far: the address of the next one."""

    def append(self, samples: NDArray[np.int16]) -> None:
        newest = samples[-self._samples.size :]
        places = np.arange(self.end + samples.size - newest.size, self.end + samples.size) % self._samples.size
        self._samples[places] = newest
        self.end += samples.size

    def between(self, start: int, end: int) -> NDArray[np.int16]:
        """A copy of the samples from `start` to before `end`, as far as they are still kept."""
        oldest = max(0, self.end - self._samples.size)
        return self._samples[np.arange(max(start, oldest), min(end, self.end)) % self._samples.size]
