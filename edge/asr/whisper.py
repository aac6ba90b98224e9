"""World: faster-whisper. Reads speech with a short window first, and with a long one when it is unsure.

Whisper's cost is its window of 30 s, not the speech, so the window is cut to what is needed. Every sound is read with
a lead-in: it begins with spoken words that are known (the wake word, or a recorded one), and the decoder is forced to
begin with them. Knowing what was said just before, it hears what follows better and reads nothing into noise.
"""

import logging
import math
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.asr.reading import is_invented, tidy
from edge.errors import ModelError
from edge.records import Transcript
from edge.text import normal

RATE = 16_000
_FRAMES_A_SECOND = 100
_LONGEST_SAMPLES = 30 * RATE
_LONG_WINDOW_FRAMES = 1_500
_SILENT_PEAK = 1e-3
_TOKENS_A_SECOND = 5
_TOKENS_AT_LEAST = 8
_LEAD_IN = "Hey Jarvis"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Reading:
    text: str
    confidence: float


class WhisperRecogniser:
    """Sound becomes a transcript; one at a time, on the thread that calls."""

    def __init__(
        self,
        model_path: Path,
        threads: int = 1,
        beam_size: int = 5,
        window_frames: int = 600,
        unsure_below: float = 0.65,
    ) -> None:
        """Load the model in the folder `model_path`; nothing is ever downloaded. Raises ModelError.

        `window_frames` (10 ms each) is the smallest window; below the confidence `unsure_below` a long one follows.
        """
        model = _load(model_path, threads)
        self._model = model.model
        self._features = model.feature_extractor
        self._tokenizer = _tokenizer(model)
        self._beam_size = beam_size
        self._window_frames = window_frames
        self._unsure_below = unsure_below
        self._clip = _clip()
        self.recognise(self._clip)  # the first pass takes twice as long: better now than at a command

    def recognise(self, sound: NDArray[np.float32], lead_in: str = "") -> Transcript:
        """Read `sound` (shape (n,), -1 to 1, 16 kHz), which begins with the spoken words `lead_in`, if any.

        The lead-in is no part of the transcript. Confidence is the mean probability of a token; alternatives are the
        other beams, and the short window's reading where the long one was surer.
        """
        if sound.size == 0 or float(np.abs(sound).max()) < _SILENT_PEAK:
            return self._transcript([_Reading("", 1.0)])
        if sound.size > _LONGEST_SAMPLES:
            log.warning("More than 30 s of speech at once: only the first 30 s are read.")
        if not lead_in:
            lead_in, sound = _LEAD_IN, self._with_clip(sound)
        mels = self._features(sound[:_LONGEST_SAMPLES])
        window = max(self._window_frames, math.ceil(mels.shape[1] / 100 + 1) * 100)
        readings = self._read(mels, window, lead_in)
        if readings[0].confidence < self._unsure_below and window < _LONG_WINDOW_FRAMES:
            again = self._read(mels, _LONG_WINDOW_FRAMES, lead_in)
            readings = sorted(readings + again, key=lambda reading: -reading.confidence)
        return self._transcript(readings)

    def _with_clip(self, sound: NDArray[np.float32]) -> NDArray[np.float32]:
        """The recorded lead-in, as loud as the sound, and the sound."""
        return np.concatenate((self._clip * (np.abs(sound).max() / np.abs(self._clip).max()), sound))

    def _read(self, mels: NDArray[np.float32], window: int, lead_in: str) -> list[_Reading]:
        """Distinct readings, likeliest first; at least one."""
        import ctranslate2  # noqa: PLC0415 - heavy, and a typed chat has no ears

        window = min(window, 3_000)
        padded = np.full((1, mels.shape[0], window), mels.max() - 2.0, dtype=np.float32)  # -2 is Whisper's silence
        padded[0, :, : mels.shape[1]] = mels[:, :window]
        known = self._tokenizer.encode(f" {lead_in},")
        cap = len(known) + _TOKENS_AT_LEAST + _TOKENS_A_SECOND * mels.shape[1] // _FRAMES_A_SECOND
        result = self._model.generate(
            self._model.encode(ctranslate2.StorageView.from_array(padded)),
            [[*self._tokenizer.sot_sequence, self._tokenizer.no_timestamps, *known]],
            beam_size=self._beam_size,
            num_hypotheses=self._beam_size,
            max_length=cap,
            return_scores=True,
            suppress_blank=False,  # after the lead-in, nothing is a fair reading
        )[0]
        found: dict[str, _Reading] = {}
        for tokens, score in zip(result.sequences_ids, result.scores, strict=True):
            text = tidy(self._tokenizer.decode(tokens[len(known) :]), lead_in, capped=len(tokens) >= cap)
            found.setdefault(normal(text), _Reading(text, _confidence(tokens, score, len(known))))
        return list(found.values())

    def _transcript(self, readings: Sequence[_Reading]) -> Transcript:
        best = readings[0]
        if is_invented(best.text, best.confidence):
            best = _Reading("", best.confidence)
        others = {normal(reading.text): reading.text for reading in readings[1:] if reading.text and best.text}
        others.pop(normal(best.text), None)
        return Transcript(best.text, round(best.confidence, 4), tuple(others.values()), engine="faster-whisper")


def _confidence(tokens: Sequence[int], score: float, known: int) -> float:
    """The mean probability of a token. CTranslate2 divides the sum by all tokens, the forced ones included."""
    return math.exp(score * len(tokens) / (len(tokens) - known + 1))


def _clip() -> NDArray[np.float32]:
    """The words of `_LEAD_IN` as Piper's voice joe (public domain) says them."""
    with wave.open(str(Path(__file__).with_name("lead_in.wav"))) as clip:
        return np.frombuffer(clip.readframes(clip.getnframes()), dtype=np.int16).astype(np.float32) / 32_768.0


def _load(path: Path, threads: int) -> Any:
    missing = [name for name in ("model.bin", "config.json", "tokenizer.json") if not (path / name).is_file()]
    if missing:
        raise ModelError(f"The speech model in {path} lacks {', '.join(missing)}. Run ./scripts/run, which fetches it.")
    import faster_whisper  # noqa: PLC0415 - the same

    try:
        return faster_whisper.WhisperModel(
            str(path), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True
        )
    except (RuntimeError, ValueError, OSError) as error:
        raise ModelError(f"The speech model in {path} is damaged. Delete it and run ./scripts/run again.") from error


def _tokenizer(model: Any) -> Any:
    import faster_whisper.tokenizer  # noqa: PLC0415 - the same

    multilingual = model.model.is_multilingual
    return faster_whisper.tokenizer.Tokenizer(model.hf_tokenizer, multilingual, task="transcribe", language="en")
