"""WAV files of every usual kind, and of some that are none."""

import logging
import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.errors import AudioError
from edge.hearing.wav import RATE, read_wav, to_int16

PCM, FLOAT, ALAW, EXTENSIBLE = 1, 3, 6, 0xFFFE


def tone(rate: int, seconds: float = 0.5, hertz: float = 440.0) -> NDArray[np.float64]:
    """A sine of half the full scale."""
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate)


def encoded(samples: NDArray[np.float64], kind: int, bits: int) -> bytes:
    if kind == FLOAT:
        return samples.astype(f"<f{bits // 8}").tobytes()
    if bits == 8:
        return np.rint(samples * 127 + 128).astype(np.uint8).tobytes()
    wide: NDArray[np.int32] = np.rint(samples * (2 ** (bits - 1) - 1)).astype("<i4")
    return wide.view(np.uint8).reshape(-1, 4)[:, : bits // 8].tobytes()


def header(kind: int, channels: int, rate: int, bits: int) -> bytes:
    form = struct.pack("<HHIIHH", kind, channels, rate, rate * channels * bits // 8, channels * bits // 8, bits)
    if kind == EXTENSIBLE:
        form += struct.pack("<HHIH", 22, bits, 0, PCM) + bytes(14)
    return form


def chunk(name: bytes, body: bytes, declared: int | None = None) -> bytes:
    return name + struct.pack("<I", len(body) if declared is None else declared) + body + bytes(len(body) % 2)


def write(path: Path, *chunks: bytes) -> Path:
    body = b"WAVE" + b"".join(chunks)
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    return path


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000])
@pytest.mark.parametrize(("kind", "bits"), [(PCM, 8), (PCM, 16), (PCM, 24), (PCM, 32), (FLOAT, 32), (FLOAT, 64)])
@pytest.mark.parametrize("channels", [1, 2])
def test_every_kind_becomes_the_same_sound(tmp_path: Path, rate: int, kind: int, bits: int, channels: int) -> None:
    """Whatever its rate, width and channels, the tone comes out as 16 kHz mono in its own loudness."""
    data = encoded(np.repeat(tone(rate), channels), kind, bits)
    wav = write(tmp_path / "tone.wav", chunk(b"fmt ", header(kind, channels, rate, bits)), chunk(b"data", data))
    sound = read_wav(wav)
    assert sound.dtype == np.int16
    assert sound.size == pytest.approx(RATE / 2, abs=2)
    middle = slice(1_000, 7_000)
    np.testing.assert_allclose(sound[middle] / 32_768, tone(RATE)[: sound.size][middle], atol=0.02)


def test_the_extensible_form_and_other_chunks_are_read(tmp_path: Path) -> None:
    """Recorders write their own chunks, of odd length too, and the newer form of the header."""
    form = chunk(b"fmt ", header(EXTENSIBLE, 1, RATE, 16))
    data = chunk(b"data", encoded(tone(RATE), PCM, 16))
    wav = write(tmp_path / "tone.wav", chunk(b"LIST", b"odd"), form, chunk(b"bext", b"x" * 7), data)
    assert read_wav(wav).size == RATE // 2


def test_stereo_is_mixed(tmp_path: Path) -> None:
    """Both channels are heard; what cancels out is silence."""
    left = tone(RATE)
    data = encoded(np.column_stack((left, -left)).reshape(-1), PCM, 16)
    wav = write(tmp_path / "tone.wav", chunk(b"fmt ", header(PCM, 2, RATE, 16)), chunk(b"data", data))
    assert np.abs(read_wav(wav)).max() <= 1


@pytest.mark.parametrize("declared", [100_000, 0xFFFFFFFF])
def test_a_truncated_file_is_read_as_far_as_it_goes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, declared: int
) -> None:
    """A recorder that was cut off, or a pipe, leaves more announced than there is: a warning, and the sound."""
    data = chunk(b"data", encoded(tone(RATE), PCM, 16) + b"\x01", declared)[:-1]
    wav = write(tmp_path / "cut.wav", chunk(b"fmt ", header(PCM, 1, RATE, 16)), data)
    with caplog.at_level(logging.WARNING):
        assert read_wav(wav).size == RATE // 2
    assert "ends early" in caplog.text


FORM = chunk(b"fmt ", header(PCM, 1, RATE, 16))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", r"is not a WAV file\. Convert it first: ffmpeg"),
        (b"ID3 and then an MP3", r"is not a WAV file\. Convert it first: ffmpeg"),
        (b"RIFF\x04\x00\x00\x00WAVE", r"breaks off before any sound\. Record or copy it again\."),
        (b"RIFF\x04\x00\x00\x00WAVE" + FORM, r"breaks off before any sound"),
        (b"RIFF\x04\x00\x00\x00WAVE" + chunk(b"fmt ", b"short"), r"breaks off before any sound"),
        (b"RIFF\x04\x00\x00\x00WAVE" + FORM + chunk(b"data", b""), r"holds no sound\. Record it again\."),
        (b"RIFF\x04\x00\x00\x00WAVE" + FORM + chunk(b"data", b"\x01"), r"holds no sound"),
        (b"RIFF\x04\x00\x00\x00WAVE" + chunk(b"fmt ", header(ALAW, 1, 8_000, 8)), r".*cannot read \(format 6, 8 bits"),
        (b"RIFF\x04\x00\x00\x00WAVE" + chunk(b"fmt ", header(PCM, 0, RATE, 16)), r".*cannot read .* 0 channels"),
        (b"RIFF\x04\x00\x00\x00WAVE" + chunk(b"fmt ", header(PCM, 1, 0, 16)), r".*cannot read .* 0 Hz\)"),
    ],
)
def test_what_cannot_be_read_is_explained(tmp_path: Path, content: bytes, complaint: str) -> None:
    """Each broken file is refused with what to do about it."""
    wav = tmp_path / "broken.wav"
    wav.write_bytes(content)
    with pytest.raises(AudioError, match=rf"broken\.wav {complaint}"):
        read_wav(wav)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A path that leads nowhere is an AudioError, too."""
    with pytest.raises(AudioError, match=r"Cannot read .*nowhere\.wav: No such file"):
        read_wav(tmp_path / "nowhere.wav")


def test_loud_and_broken_samples_do_not_wrap_around() -> None:
    """What is beyond full scale is clipped, and what is no number is silence."""
    samples = np.array([2.0, -2.0, 1.0, np.nan, np.inf], dtype=np.float32)
    assert to_int16(samples).tolist() == [32_767, -32_768, 32_767, 0, 0]
