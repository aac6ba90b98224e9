"""World: the voice. A Piper model over onnxruntime, with espeak-ng's phonemes; sound comes before all of it is made."""

import json
import os
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge.errors import ModelError
from edge.speech.halves import CannotCut, cut
from edge.speech.playback import Samples
from edge.text import clean

_KEPT_BYTES_MAX: Final = 8_000_000
"""Three minutes of speech: replies that recur are made once."""

_MARGIN_FRAMES: Final = 14
"""What the vocoder looks at on either side: 11 frames in Piper's medium voices, 13 in its high ones."""

_PIECES_FRAMES: Final = (24, 32, 48, 64, 96)
"""The first piece is short so that it sounds soon; each sounds for as long as the next takes at 0.4 times real time."""

_PHONEMES_MAX: Final = 400
"""The longest stretch that is made in one go, half a minute: what the first half costs grows with its square."""

_CALIBRATION: Final = "The quick brown fox jumps over the lazy dog."
_LOUDNESS: Final = 0.1
"""Root mean square of the calibration sentence at full volume: 20 dB below full scale, as broadcast speech."""
_KNEE: Final = 0.8
"""Of full scale: what is louder is bent, so that no peak is clipped."""


class PiperVoice:
    """A voice that speaks text; raises ModelError when its files are missing or damaged.

    `model` is the .onnx file; its settings lie beside it in .onnx.json. `volume` is 0 to 1.
    """

    def __init__(self, model: Path, threads: int = 1, volume: float = 1.0) -> None:
        import piper  # noqa: PLC0415 - heavy, and a typed chat has no voice

        settings = Path(f"{model}.json")
        try:
            config = piper.PiperConfig.from_dict(json.loads(settings.read_text(encoding="utf-8")))
        except (OSError, LookupError, TypeError, ValueError, AttributeError) as error:
            raise _unusable(settings, error) from error
        try:
            first, self._vocoder = _sessions(model, threads)
        except Exception as error:  # onnxruntime's own errors share no base but Exception
            raise _unusable(model, error) from error
        self._piper = piper.PiperVoice(first, config)
        self._kept = KeptReplies(_KEPT_BYTES_MAX)
        sound = np.concatenate(list(self._pieces(_CALIBRATION)))  # warms up on the way
        self.volume = volume
        self._gain = volume * _LOUDNESS / max(float(np.sqrt(np.mean(sound**2))), 0.001)

    @property
    def sample_rate(self) -> int:
        """Of all that this voice says, in Hz."""
        return int(self._piper.config.sample_rate)

    def synthesise(self, text: str) -> Iterator[Samples]:
        """The sound of `text` in pieces of up to a second, the first one soon; none for a text that has no sound."""
        kept = self._kept.get(text)
        if kept is not None:
            yield from kept
            return
        made: list[Samples] = []
        for piece in self._pieces(text):
            made.append(_as_int16(piece * self._gain))
            yield made[-1]
        self._kept.put(text, tuple(made))

    def _pieces(self, text: str) -> Iterator[NDArray[np.float32]]:
        """The same as the model makes it: not yet loud enough."""
        for sentence in self._piper.phonemize(clean(text)):
            for phonemes in _breaths(sentence):
                yield from self._spoken(self._piper.phonemes_to_ids(list(phonemes)))

    def _spoken(self, phoneme_ids: list[int]) -> Iterator[NDArray[np.float32]]:
        made = self._piper.phoneme_ids_to_audio(phoneme_ids)
        assert isinstance(made, np.ndarray), "a tuple comes only to those who ask for alignments"
        if self._vocoder is None:  # the voice could not be cut: this is sound already
            yield made
            return
        frames = made.reshape(1, made.shape[0], -1)
        name = self._vocoder.get_inputs()[0].name
        for begin, end in _stretches(frames.shape[2]):
            left = max(0, begin - _MARGIN_FRAMES)
            seen = np.ascontiguousarray(frames[:, :, left : end + _MARGIN_FRAMES])
            sound = self._vocoder.run(None, {name: seen})[0].reshape(-1)
            hop = sound.size // seen.shape[2]
            yield sound[(begin - left) * hop : (end - left) * hop]


class KeptReplies:
    """The replies that were spoken last, as sound, up to a number of bytes."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._bytes = 0
        self._replies: OrderedDict[str, tuple[Samples, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, text: str) -> tuple[Samples, ...] | None:
        with self._lock:
            if text in self._replies:
                self._replies.move_to_end(text)
            return self._replies.get(text)

    def put(self, text: str, reply: tuple[Samples, ...]) -> None:
        with self._lock:
            if text in self._replies:
                return
            self._replies[text] = reply
            self._bytes += _size(reply)
            while self._bytes > self._bytes_max:
                self._bytes -= _size(self._replies.popitem(last=False)[1])


def _size(reply: tuple[Samples, ...]) -> int:
    return sum(piece.nbytes for piece in reply)


def _as_int16(sound: NDArray[np.float32]) -> Samples:
    over = np.maximum(np.abs(sound) - _KNEE, 0.0)
    bent = np.where(over > 0.0, np.sign(sound) * (_KNEE + (1.0 - _KNEE) * np.tanh(over / (1.0 - _KNEE))), sound)
    return (bent * 32_767.0).astype(np.int16)


def _breaths(phonemes: Sequence[str]) -> Iterator[Sequence[str]]:
    """A sentence in stretches that can be made in one go, parted between words where there are words."""
    while len(phonemes) > _PHONEMES_MAX:
        spaces = [at for at in range(_PHONEMES_MAX // 2, _PHONEMES_MAX) if phonemes[at] == " "]
        end = spaces[-1] if spaces else _PHONEMES_MAX
        yield phonemes[:end]
        phonemes = phonemes[end:]
    if phonemes:
        yield phonemes


def _stretches(frames: int) -> Iterator[tuple[int, int]]:
    """Where each piece begins and ends."""
    begin = 0
    sizes = iter(_PIECES_FRAMES)
    while begin < frames:
        end = min(frames, begin + next(sizes, _PIECES_FRAMES[-1]))
        yield begin, end
        begin = end


def _sessions(model: Path, threads: int) -> tuple[Any, Any | None]:
    """The model's two halves as onnxruntime sessions; without the second where the model cannot be cut."""
    import onnxruntime  # noqa: PLC0415 - heavy, and a typed chat has no voice

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.enable_cpu_mem_arena = False  # an arena would keep the memory of the longest sentence for ever
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # 60 ms sooner on two cores

    def opened(path: str) -> Any:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])

    try:
        halves = cut(model.read_bytes())
        with _as_file(halves.first) as first, _as_file(halves.vocoder) as vocoder:
            return opened(first), opened(vocoder)
    except CannotCut:
        return opened(str(model)), None


@contextmanager
def _as_file(content: bytes) -> Iterator[str]:
    """A file in memory: a session that is given bytes would keep a second copy of them."""
    with os.fdopen(os.memfd_create("voice"), "wb") as file:
        file.write(content)
        file.flush()
        yield f"/proc/self/fd/{file.fileno()}"


def _unusable(path: Path, error: Exception) -> ModelError:
    if isinstance(error, FileNotFoundError):
        return ModelError(f"The voice file {path} is missing. Run ./scripts/run, which fetches it.")
    return ModelError(f"The voice file {path} is damaged. Delete it and run ./scripts/run again.")
