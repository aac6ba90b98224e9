"""Sources of sound: files, pipes and a microphone that comes and goes."""

import io
import subprocess
import sys
import threading
import time
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.errors import AudioError
from edge.hearing.sources import BLOCK_SAMPLES, QUEUE_BLOCKS, Microphone, PcmStream, Push, RateConverter, WavFile
from tests.pulse import PulseAudio
from tests.sounds import RATE, silence


def write_wav(path: Path, sound: NDArray[np.int16]) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(sound.tobytes())
    return path


def test_a_wav_file_comes_in_blocks(tmp_path: Path) -> None:
    """All of the file, in order, in blocks as a microphone gives them."""
    sound = silence(500)
    blocks = list(WavFile(write_wav(tmp_path / "some.wav", sound)))
    assert {block.size for block in blocks[:-1]} == {BLOCK_SAMPLES}
    np.testing.assert_array_equal(np.concatenate(blocks), sound)


def test_a_wav_file_may_come_at_the_pace_of_a_microphone(tmp_path: Path) -> None:
    """In real time a fifth of a second takes no less, and closing it ends the wait."""
    file = WavFile(write_wav(tmp_path / "some.wav", silence(200)), realtime=True)
    began = time.monotonic()
    assert sum(block.size for block in file) == RATE // 5
    assert time.monotonic() - began >= 0.2
    file.close()
    assert list(file) == []


def test_raw_sound_comes_from_a_pipe() -> None:
    """Samples arrive as they are; half a sample at the end is dropped."""
    sound = silence(500)
    blocks = list(PcmStream(io.BytesIO(sound.tobytes() + b"\x01")))
    np.testing.assert_array_equal(np.concatenate(blocks), sound)


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 48_000])
def test_raw_sound_of_another_rate_is_converted(rate: int) -> None:
    """A tone keeps its length, but for the converter's last few milliseconds, and its pitch."""
    tone = (10_000 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)).astype(np.int16)
    heard = np.concatenate(list(PcmStream(io.BytesIO(tone.tobytes()), rate)))
    assert heard.dtype == np.int16
    assert RATE * 0.95 <= heard.size <= RATE
    loudest = np.argmax(np.abs(np.fft.rfft(heard[:8_000]))) * 2
    assert loudest == pytest.approx(440, abs=4)


@pytest.mark.parametrize("rate", [0, -1, 999, 10_000_000])
def test_an_impossible_rate_is_refused(rate: int) -> None:
    """A rate that no recorder has is an AudioError that says which ones there are."""
    with pytest.raises(AudioError, match=f"{rate} Hz is no usable sample rate"):
        RateConverter(rate)


class FakeCard:
    """Sound cards that bring some blocks and then fall silent, or refuse to open, as scripted."""

    def __init__(self, *openings: int | AudioError, rate: int = RATE) -> None:
        self.openings = list(openings)
        self.rate = rate
        self.opened = 0
        self.closed = 0

    def open(self, device: str | None, push: Push) -> "FakeCard":
        self.opened += 1
        opening = self.openings.pop(0)
        if isinstance(opening, AudioError):
            raise opening
        for number in range(opening):
            push(np.full(512, self.opened * 1_000 + number, dtype=np.int16))
        return self

    def close(self) -> None:
        self.closed += 1


def test_a_microphone_that_falls_silent_is_opened_again() -> None:
    """Unplugged, gone for two tries, and back: the sound goes on, and every old stream was closed."""
    gone = AudioError("No microphone was found.")
    card = FakeCard(2, gone, gone, 3)
    with Microphone(stall_s=0.02, open_stream=card.open) as microphone:
        blocks = iter(microphone)
        assert [int(next(blocks)[0]) for _ in range(5)] == [1_000, 1_001, 4_000, 4_001, 4_002]
    assert (card.opened, card.closed) == (4, 2)
    assert list(blocks) == []


def test_a_microphone_that_does_not_open_says_so_at_once() -> None:
    """At the start there is no waiting for a microphone that is not there."""
    with pytest.raises(AudioError, match="No microphone"):
        Microphone(open_stream=FakeCard(AudioError("No microphone was found.")).open).open()


def test_a_reader_that_sleeps_loses_the_oldest_sound_only() -> None:
    """The queue is bounded: the newest four seconds are kept."""
    with Microphone(stall_s=0.02, open_stream=FakeCard(1_000).open) as microphone:
        assert int(next(iter(microphone))[0]) == 1_000 + 1_000 - QUEUE_BLOCKS


def test_a_microphone_that_was_never_opened_is_waited_for() -> None:
    """At boot the sound card may come later than the service."""
    card = FakeCard(AudioError("No microphone was found."), 2)
    microphone = Microphone(stall_s=0.02, open_stream=card.open)
    blocks = iter(microphone)
    assert int(next(blocks)[0]) == 2_000
    microphone.close()


def test_closing_from_another_thread_ends_the_iteration() -> None:
    """Whoever waits for sound is let go."""
    microphone = Microphone(stall_s=0.1, open_stream=FakeCard(0, 0, 0, 0, 0, 0).open).open()
    reader = threading.Thread(target=lambda: list(microphone))
    reader.start()
    microphone.close()
    reader.join(timeout=5)
    assert not reader.is_alive()


def test_a_card_of_another_rate_is_converted() -> None:
    """Blocks at 48 kHz come out at a third of their length."""
    with Microphone(stall_s=0.02, open_stream=FakeCard(QUEUE_BLOCKS, rate=48_000).open) as microphone:
        blocks = iter(microphone)
        size = sum(next(blocks).size for _ in range(QUEUE_BLOCKS))
    assert size == pytest.approx(QUEUE_BLOCKS * 512 / 3, abs=300)


class FakeSoundDevice:
    """The module sounddevice with one microphone that opens only as scripted."""

    class PortAudioError(Exception):
        pass

    def __init__(self, works_with: tuple[int, int] | None = None, names: tuple[str, ...] = ("USB mic",)) -> None:
        self.works_with = works_with
        self.names = names

    def query_devices(self, device: str | int | None, kind: str) -> dict[str, Any]:
        if not self.names:
            raise self.PortAudioError("Error querying device -1")
        if device not in {None, *self.names}:
            raise ValueError(f"No input device matching {device!r}")
        return {"name": self.names[0], "index": 3, "default_samplerate": 44_100.0}

    def InputStream(self, **how: Any) -> Any:  # noqa: N802 - sounddevice's own name
        if (how["samplerate"], how["channels"]) != self.works_with:
            raise self.PortAudioError("Device unavailable")
        push = how["callback"]
        return type("Stream", (), {"start": lambda _: push(np.ones((64, how["channels"]), np.int16), 64, None, None)})()


@pytest.mark.parametrize(
    ("fake", "device", "complaint"),
    [
        (FakeSoundDevice(names=()), None, "No microphone was found. Plug one in, or type your commands: edge chat"),
        (FakeSoundDevice(), "Snowball", "No microphone is called Snowball."),
        (FakeSoundDevice(), None, r"USB mic does not open \(Device unavailable\). Close the program that uses it"),
    ],
)
def test_each_trouble_with_the_card_has_a_remedy(
    monkeypatch: pytest.MonkeyPatch, fake: FakeSoundDevice, device: str | None, complaint: str
) -> None:
    """No microphone, none of that name, or one that is in use: one line that says what to do."""
    monkeypatch.setitem(sys.modules, "sounddevice", fake)
    with pytest.raises(AudioError, match=complaint):
        Microphone(device).open()


@pytest.mark.parametrize("works_with", [(16_000, 1), (44_100, 1), (44_100, 2)])
def test_the_card_s_own_rate_and_channels_are_taken(
    monkeypatch: pytest.MonkeyPatch, works_with: tuple[int, int]
) -> None:
    """A card that cannot do 16 kHz, or not one channel, is recorded as it can."""
    monkeypatch.setitem(sys.modules, "sounddevice", FakeSoundDevice(works_with))
    microphone = Microphone().open()
    assert next(iter(microphone)).ndim == 1


def test_without_portaudio_the_package_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one thing that pip cannot bring is said with the line to type."""
    (tmp_path / "sounddevice.py").write_text("raise OSError('PortAudio library not found')\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    with pytest.raises(AudioError, match="install libportaudio2: sudo apt-get install libportaudio2"):
        Microphone().open()


HEAR = """
import numpy as np
from edge.hearing.sources import Microphone
with Microphone() as microphone:
    print("open", flush=True)
    heard = 0
    for block in microphone:
        heard += block.size
        if np.abs(block.astype(int)).max() > 5_000:
            break
print("heard", block.dtype, flush=True)
"""


@pytest.mark.audio
def test_a_real_microphone_is_heard(pulse: PulseAudio, tmp_path: Path) -> None:
    """What is said into a sound card arrives through PortAudio."""
    wav = write_wav(tmp_path / "tone.wav", np.tile(np.array([9_000, -9_000], dtype=np.int16), 8_000))
    hearing = subprocess.Popen([sys.executable, "-c", HEAR], env=pulse.env, stdout=subprocess.PIPE, text=True)
    assert hearing.stdout is not None
    assert hearing.stdout.readline() == "open\n"
    pulse.say(wav)
    assert hearing.communicate(timeout=20)[0] == "heard int16\n"
    assert hearing.returncode == 0
