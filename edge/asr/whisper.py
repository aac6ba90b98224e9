"""World: faster-whisper. The model: sound is encoded, read in all words or in some, and texts are held against it.

Whisper's cost is its window of 30 s, not the speech, so the window is cut to what is needed. Every sound is read with
a lead-in: it begins with spoken words that are known (the wake word, or a recorded one), and the decoder is forced to
begin with them. Knowing what was said just before, it hears what follows better and reads nothing into noise.
"""

import math
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.asr.closed import ClosedVocabulary, Encode
from edge.asr.reading import tidy
from edge.asr.readings import Encoded, Fit, Reading
from edge.errors import ModelError
from edge.sound_vector import packed
from edge.text import normal

RATE = 16_000
LONGEST_SAMPLES = 30 * RATE
_LONGEST_WINDOW = 3_000
_FRAMES_A_SECOND = 100
_FRAMES_AN_ENCODED = 2
_TOKENS_A_SECOND = 5
_TOKENS_AT_LEAST = 8
_LEAD_IN = "Hey Jarvis"
_LEAST_PROBABILITY = 1e-9
_ENDS = ".?!"
_STOPS = " ,;:" + _ENDS


class Whisper:
    """One model; to be used by one thread at a time."""

    def __init__(self, model_path: Path, threads: int = 1, beam_size: int = 5) -> None:
        """Load the model in the folder `model_path`; nothing is ever downloaded. Raises ModelError."""
        model = _load(model_path, threads)
        self._model = model.model
        self._features = model.feature_extractor
        self._tokenizer = _tokenizer(model)
        self._vocabulary = ClosedVocabulary(_encoder(model), self._tokenizer.eot)
        self._beam_size = beam_size
        self._clip = _clip()
        self.read(self.encode(self._clip, "", 600))  # the first pass takes twice as long: better now than at a command

    def encode(self, sound: NDArray[np.float32], lead_in: str, window_frames: int) -> Encoded:
        """Encode `sound` (shape (n,), -1 to 1, 16 kHz), which begins with the spoken words `lead_in`, if any.

        `window_frames` (10 ms each) is the smallest window; longer speech gets a longer one.
        """
        import ctranslate2  # noqa: PLC0415 - heavy, and a typed chat has no ears

        if not lead_in:
            lead_in, sound = _LEAD_IN, self._with_clip(sound)
        mels = self._features(sound[:LONGEST_SAMPLES])
        window = min(max(window_frames, math.ceil(mels.shape[1] / 100 + 1) * 100), _LONGEST_WINDOW)
        padded = np.full((1, mels.shape[0], window), mels.max() - 2.0, dtype=np.float32)  # -2 is Whisper's silence
        padded[0, :, : mels.shape[1]] = mels[:, :window]
        features = self._model.encode(ctranslate2.StorageView.from_array(padded))
        known = tuple(self._tokenizer.encode(f" {lead_in},"))
        frames = min(mels.shape[1], window)
        vector = packed(np.asarray(features)[0, : max(1, frames // _FRAMES_AN_ENCODED)].mean(axis=0))
        return Encoded(features, frames, window, lead_in, known, vector)

    def read(self, encoded: Encoded, words: frozenset[str] = frozenset()) -> list[Reading]:
        """Distinct readings, likeliest first, at least one; with `words` in those alone."""
        known = list(encoded.known)
        cap = len(known) + _TOKENS_AT_LEAST + _TOKENS_A_SECOND * encoded.frames // _FRAMES_A_SECOND
        result = self._model.generate(
            encoded.features,
            [[*self._tokenizer.sot_sequence, self._tokenizer.no_timestamps, *known]],
            beam_size=self._beam_size,
            num_hypotheses=self._beam_size,
            max_length=2 * cap,  # CTranslate2 halves it
            return_scores=True,
            suppress_blank=False,  # after the lead-in, nothing is a fair reading
            suppress_tokens=[-1, *(self._vocabulary.suppressed(words) if words else ())],
        )[0]
        found: dict[str, Reading] = {}
        for tokens, score in zip(result.sequences_ids, result.scores, strict=True):
            text = tidy(self._tokenizer.decode(tokens[len(known) :]), encoded.lead_in, capped=len(tokens) >= cap)
            found.setdefault(normal(text), Reading(text, _confidence(tokens, score, len(known))))
        return list(found.values())

    def fit(self, encoded: Encoded, texts: Sequence[str]) -> list[Fit]:
        """How well each text fits the sound, among all words of the language."""
        import ctranslate2  # noqa: PLC0415 - the same

        if not texts:
            return []
        known = list(encoded.known)
        copies = np.ascontiguousarray(np.repeat(np.asarray(encoded.features), len(texts), axis=0))
        aligned = self._model.align(
            ctranslate2.StorageView.from_array(copies),
            list(self._tokenizer.sot_sequence),
            [known + self._tokenizer.encode(f" {text}") for text in texts],
            [encoded.frames] * len(texts),
        )
        return [_fit(each.text_token_probs[len(known) :]) for each in aligned]

    def ends(self, encoded: Encoded, text: str) -> bool:
        """Whether nothing more was said after the text: in the words of a home alone a reading may stop too early."""
        bare = text.rstrip(_STOPS)
        said = [*encoded.known, *self._tokenizer.encode(f" {bare}")]
        result = self._model.generate(
            encoded.features,
            [[*self._tokenizer.sot_sequence, self._tokenizer.no_timestamps, *said]],
            beam_size=1,
            max_length=2 * (len(said) + 1),
            suppress_blank=False,
        )[0]
        after = self._tokenizer.decode(result.sequences_ids[0][len(said) :]).strip()
        return not after or after[0] in _ENDS

    def _with_clip(self, sound: NDArray[np.float32]) -> NDArray[np.float32]:
        """The recorded lead-in, as loud as the sound, and the sound."""
        return np.concatenate((self._clip * (np.abs(sound).max() / np.abs(self._clip).max()), sound))


def _fit(probabilities: Sequence[float]) -> Fit:
    return Fit(sum(math.log(max(p, _LEAST_PROBABILITY)) for p in probabilities), len(probabilities))


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


def _encoder(model: Any) -> Encode:
    def encode(texts: Sequence[str]) -> list[list[int]]:
        return [piece.ids for piece in model.hf_tokenizer.encode_batch(list(texts), add_special_tokens=False)]

    return encode
