"""World: onnxruntime. Tells speech from other sound by Silero's VAD v6, the file that faster-whisper carries."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.model_files import session

FRAME_SAMPLES = 512
_CONTEXT = 64
"""Samples of the frame before that the network also sees."""


class VoiceActivity:
    """The probability of speech, frame by frame."""

    def __init__(self, path: Path, threads: int = 1) -> None:
        self._session = session(path, threads, is_fetched=True)
        self.reset()

    def reset(self) -> None:
        """Forget what was heard."""
        self._context = np.zeros(_CONTEXT, dtype=np.float32)
        self._h = np.zeros((1, 1, 128), dtype=np.float32)
        self._c = np.zeros((1, 1, 128), dtype=np.float32)

    def probability(self, frame: NDArray[np.float32]) -> float:
        """How likely the frame (shape (512,), from -1 to 1, 16 kHz) is speech, 0 to 1."""
        sound = np.concatenate((self._context, frame))[None]
        self._context = frame[-_CONTEXT:].copy()
        probability, self._h, self._c = self._session.run(None, {"input": sound, "h": self._h, "c": self._c})
        return float(probability.item())
