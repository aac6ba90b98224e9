"""World: WAV files of any usual kind become 16 kHz mono."""

import logging
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from edge.errors import AudioError

RATE = 16_000
_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Format:
    """The `fmt ` chunk."""

    kind: int
    channels: int
    rate: int
    bits: int

    @property
    def frame_bytes(self) -> int:
        return self.channels * self.bits // 8


def read_wav(path: Path) -> NDArray[np.int16]:
    """The sound of a WAV file as int16 mono at 16 kHz, shape (n,), n > 0.

    Reads 8 to 32 bits, float, any rate and any number of channels. A file that ends before its header says so is
    read as far as it goes, with a warning: a recorder that was cut off leaves such files, and so do pipes.
    Raises AudioError that says what to do.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise AudioError(f"Cannot read {path}: {error.strerror}. Check the path and its permissions.") from error
    form, data = _chunks(content, path)
    usable = len(data) - len(data) % form.frame_bytes
    if usable == 0:
        raise AudioError(f"{path} holds no sound. Record it again.")
    samples = _floats(data[:usable], form, path).reshape(-1, form.channels).mean(axis=1)
    return to_int16(resample(samples, form.rate))


def resample(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Mono samples of `rate` Hz at 16 kHz."""
    if rate == RATE:
        return samples
    return np.asarray(soxr.resample(samples, rate, RATE), dtype=np.float32)


def to_int16(samples: NDArray[np.float32]) -> NDArray[np.int16]:
    """Samples from -1 to 1 as int16; what is louder is clipped, what is no number is silence."""
    scaled = np.where(np.isfinite(samples), np.rint(samples * 32_768.0), 0.0)
    return scaled.clip(-32_768, 32_767).astype(np.int16)


def _chunks(content: bytes, path: Path) -> tuple[_Format, bytes]:
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise AudioError(f"{path} is not a WAV file. Convert it first: ffmpeg -i {path.name} -ar 16000 -ac 1 sound.wav")
    form, at = None, 12
    while at + 8 <= len(content):
        name, size = content[at : at + 4], struct.unpack_from("<I", content, at + 4)[0]
        body = content[at + 8 : at + 8 + size]
        if name == b"fmt ":
            form = _format(body, path)
        elif name == b"data" and form is not None:
            if len(body) < size:
                log.warning("A WAV file ends early: %d of %d bytes of sound were read.", len(body), size)
            return form, body
        at += 8 + size + size % 2
    raise AudioError(f"{path} breaks off before any sound. Record or copy it again.")


def _format(body: bytes, path: Path) -> _Format:
    if len(body) < 16:
        raise AudioError(f"{path} breaks off before any sound. Record or copy it again.")
    kind, channels, rate, _, _, bits = struct.unpack_from("<HHIIHH", body)
    if kind == _EXTENSIBLE and len(body) >= 26:
        kind = struct.unpack_from("<H", body, 24)[0]
    known = (kind == _PCM and bits in {8, 16, 24, 32}) or (kind == _FLOAT and bits in {32, 64})
    if not known or channels == 0 or not 1_000 <= rate <= 768_000:
        raise AudioError(
            f"{path} holds sound that Edge cannot read (format {kind}, {bits} bits, {channels} channels, {rate} Hz). "
            f"Convert it first: ffmpeg -i {path.name} -ar 16000 -ac 1 sound.wav"
        )
    return _Format(kind, channels, rate, bits)


def _floats(data: bytes, form: _Format, path: Path) -> NDArray[np.float32]:
    """All channels' samples from -1 to 1, interleaved."""
    if form.kind == _FLOAT:
        return np.frombuffer(data, dtype=f"<f{form.bits // 8}").astype(np.float32)
    if form.bits == 8:  # the only unsigned one
        return (np.frombuffer(data, dtype=np.uint8).astype(np.float32) - 128.0) / 128.0
    if form.bits == 24:
        bytes_ = np.frombuffer(data, dtype=np.uint8).reshape(-1, 3)
        padded = np.pad(bytes_, ((0, 0), (1, 0)))
        return padded.reshape(-1).view("<i4").astype(np.float32) / 2.0**31
    return np.frombuffer(data, dtype=f"<i{form.bits // 8}").astype(np.float32) / 2.0 ** (form.bits - 1)
