"""World: onnxruntime. Wake words by openWakeWord's ONNX models, streamed through a front end of our own.

Every frame of 80 ms gives eight mel frames, the last 76 mel frames one embedding, the last embeddings one score for
each word. openWakeWord's own code does the same at twice the cost and with scipy and scikit-learn in memory.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.model_files import session

FRAME_SAMPLES = 1_280
_MEL_CONTEXT = 480
"""Samples before the frame that its first mel frames also see."""
_MEL_ROWS = 76
_EMBEDDINGS = 16


class WakeDetector:
    """Scores, for each wake word, how likely it was just said."""

    def __init__(self, mel: Path, embedding: Path, words: Mapping[str, Path], threads: int = 1) -> None:
        self._mel = session(mel, threads, is_fetched=True)
        self._embedding = session(embedding, threads, is_fetched=True)
        self._words = {word: _Classifier(path, threads) for word, path in words.items()}
        self._sound = np.zeros(_MEL_CONTEXT + FRAME_SAMPLES, dtype=np.float32)
        self._mels = np.zeros((_MEL_ROWS, 32), dtype=np.float32)
        ring_size = max([_EMBEDDINGS, *(classifier.embeddings for classifier in self._words.values())])
        self._ring = np.zeros((ring_size, 96), dtype=np.float32)
        quiet_room = np.random.default_rng(0).normal(0.0, 10.0, (ring_size + _MEL_ROWS // 8 + 1, FRAME_SAMPLES))
        for frame in quiet_room.astype(np.int16):  # empty rings are like no sound: "alexa" scores up to 0.3 on them
            self._hear(frame)
        self._quiet = (self._sound, self._mels, self._ring)

    def reset(self) -> None:
        """Forget what was heard, as if a quiet room lay behind."""
        self._sound, self._mels, self._ring = self._quiet

    def feed(self, frame: NDArray[np.int16]) -> dict[str, float]:
        """Scores from 0 to 1 by word, after one more frame of shape (1280,) at 16 kHz."""
        self._hear(frame)
        return {word: classifier.score(self._ring) for word, classifier in self._words.items()}

    def last_embeddings(self) -> NDArray[np.float32]:
        """What the classifiers last looked at, shape (16, 96): the material of a wake verifier."""
        embeddings: NDArray[np.float32] = self._ring[-_EMBEDDINGS:].copy()
        return embeddings

    def _hear(self, frame: NDArray[np.int16]) -> None:
        self._sound = np.concatenate((self._sound[-_MEL_CONTEXT:], frame.astype(np.float32)))
        fresh = self._mel.run(None, {"input": self._sound[None]})[0].reshape(-1, 32) / 10.0 + 2.0
        self._mels = np.concatenate((self._mels, fresh))[-_MEL_ROWS:]
        embedding = self._embedding.run(None, {"input_1": self._mels[None, :, :, None]})[0].reshape(1, 96)
        self._ring = np.concatenate((self._ring[1:], embedding))


class _Classifier:
    """One word's small network over the last embeddings."""

    def __init__(self, path: Path, threads: int) -> None:
        self._session: Any = session(path, threads, is_fetched=True)
        graph_input = self._session.get_inputs()[0]
        self._name = graph_input.name
        self.embeddings = int(graph_input.shape[1])

    def score(self, ring: NDArray[np.float32]) -> float:
        return float(self._session.run(None, {self._name: ring[None, -self.embeddings :]})[0].item())
