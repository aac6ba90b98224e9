"""Sinks: WAV files, no sink at all, and loudspeakers that are odd or missing."""

import math
import os
import subprocess
import sys
import types
import wave
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.clock import SimulatedClock
from edge.errors import AudioError
from edge.speech import sinks
from edge.speech.playback import Playback, Samples
from edge.speech.sinks import LoudspeakerSink, NullSink, WavSink
from tests.pulse import why_not

RATE = 22_050


def tone(seconds: float, rate: int = RATE) -> Samples:
    turns = np.arange(int(seconds * rate), dtype=np.float64) * (440 / rate)
    sound: Samples = (8_000 * np.sin(2 * math.pi * turns)).astype(np.int16)
    return sound


def content(path: Path) -> tuple[int, Samples]:
    with wave.open(str(path)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
        return file.getframerate(), np.frombuffer(file.readframes(file.getnframes()), dtype=np.int16)


def test_a_wav_holds_all_replies_one_after_the_other(tmp_path: Path) -> None:
    """Two replies, each in pieces, are one file."""
    sink = WavSink(tmp_path / "said.wav")
    playback = Playback()
    sink.play([tone(0.1), tone(0.2)], RATE, playback)
    sink.play([tone(0.3)], RATE, Playback())
    sink.close()
    rate, samples = content(tmp_path / "said.wav")
    assert rate == RATE
    assert np.array_equal(samples, np.concatenate([tone(0.1), tone(0.2), tone(0.3)]))
    assert playback.played_ms in {299, 300}


def test_a_wav_keeps_its_rate(tmp_path: Path) -> None:
    """A later reply at another rate is resampled to that of the first."""
    sink = WavSink(tmp_path / "said.wav")
    sink.play([tone(0.5)], RATE, Playback())
    sink.play([tone(0.25, 16_000), tone(0.25, 16_000)], 16_000, Playback())
    sink.close()
    rate, samples = content(tmp_path / "said.wav")
    assert rate == RATE
    assert samples.size == pytest.approx(RATE, abs=40)


def test_a_stopped_reply_is_cut_in_the_wav(tmp_path: Path) -> None:
    """Nothing is written once the reply is cancelled."""
    playback = Playback()

    def pieces() -> Iterator[Samples]:
        yield tone(0.1)
        playback.stop()
        yield tone(5.0)

    sink = WavSink(tmp_path / "said.wav")
    sink.play(pieces(), RATE, playback)
    sink.close()
    assert content(tmp_path / "said.wav")[1].size == tone(0.1).size


def test_a_wav_in_a_missing_folder_is_told() -> None:
    """One line, and closing is still fine."""
    sink = WavSink(Path("/nowhere/said.wav"))
    with pytest.raises(AudioError, match=r"cannot be written to /nowhere/said.wav: No such file or directory\."):
        sink.play([tone(1.0)], RATE, Playback())
    sink.close()


def test_a_full_disk_is_told() -> None:
    """With each reply, and when the file shall be completed."""
    sink = WavSink(Path("/dev/full"))
    for _ in range(2):
        with pytest.raises(AudioError, match="cannot be written to /dev/full: No space left on device"):
            sink.play([tone(1.0)], RATE, Playback())
    with pytest.raises(AudioError, match="No space left on device"):
        sink.close()


def test_closing_an_unused_wav_makes_no_file(tmp_path: Path) -> None:
    """Nothing said, nothing written."""
    WavSink(tmp_path / "said.wav").close()
    assert list(tmp_path.iterdir()) == []


def test_no_sink_takes_the_time_of_the_sound() -> None:
    """By the clock it was given, without a loudspeaker."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    clock = SimulatedClock(start)
    playback = Playback()
    NullSink(clock).play([tone(1.0), tone(2.0)], RATE, playback)
    assert clock.now() - start == pytest.approx(timedelta(seconds=3), abs=timedelta(milliseconds=1))
    assert playback.played_ms == 3_000


def test_no_sink_can_be_interrupted() -> None:
    """A stop that falls due in the middle ends it there."""
    clock = SimulatedClock(datetime(2026, 1, 1, tzinfo=UTC))
    playback = Playback()
    clock.call_later(0.5, playback.cancelled.set)
    NullSink(clock).play([tone(6.0)], RATE, playback)
    assert 500 <= playback.played_ms <= 520


class FakeStream:
    """A loudspeaker that asks for sound whenever somebody looks whether it is active, until it `dies_after` frames."""

    latency = 0.1

    def __init__(self, callback: Callable[..., None], channels: int, dies_after: int) -> None:
        self._callback = callback
        self._channels = channels
        self._dies_after = dies_after
        self.heard: list[NDArray[np.int16]] = []
        self.closed = False

    def start(self) -> None:
        self._ask()

    @property
    def active(self) -> bool:
        if sum(len(block) for block in self.heard) >= self._dies_after:
            return False
        self._ask()
        return True

    def _ask(self) -> None:
        out = np.empty((4_800, self._channels), dtype=np.int16)
        self._callback(out, len(out), None, None)
        self.heard.append(out)

    def abort(self) -> None:
        pass

    def close(self) -> None:
        self.closed = True


class FakeSounddevice(types.ModuleType):
    """A sound card that takes nothing but 48 kHz in stereo."""

    class PortAudioError(Exception):
        pass

    class CallbackAbort(Exception):  # noqa: N818 - sounddevice's name
        pass

    def __init__(self, dies_after: int = 10**9, refuses: bool = False) -> None:
        super().__init__("sounddevice")
        self._dies_after = dies_after
        self._refuses = refuses
        self.streams: list[FakeStream] = []

    def query_devices(self, device: str | int | None = None, kind: str | None = None) -> Any:
        card = {"name": "USB Audio", "max_output_channels": 2, "default_samplerate": 48_000.0}
        if kind is None:
            return [card, {"name": "Webcam", "max_output_channels": 0}]
        if device not in (None, "USB", 0):
            raise ValueError("No output device matching")
        return card

    def check_output_settings(self, device: Any, channels: int, dtype: str, *, samplerate: int) -> None:
        if self._refuses or (channels, samplerate) != (2, 48_000):
            raise self.PortAudioError("Invalid sample rate [PaErrorCode -9997]")

    def OutputStream(self, *, callback: Callable[..., None], channels: int, **_: Any) -> FakeStream:  # noqa: N802
        self.streams.append(FakeStream(callback, channels, self._dies_after))
        return self.streams[-1]


def plugged_in(monkeypatch: pytest.MonkeyPatch, card: FakeSounddevice) -> FakeSounddevice:
    monkeypatch.setitem(sys.modules, "sounddevice", card)
    return card


def test_a_card_that_wants_other_sound_gets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A mono voice at 22 kHz is heard on both channels at 48 kHz."""
    card = plugged_in(monkeypatch, FakeSounddevice())
    playback = Playback()
    LoudspeakerSink("USB").play([tone(0.5), tone(0.5)], RATE, playback)
    heard = np.concatenate(card.streams[0].heard)
    assert np.array_equal(heard[:, 0], heard[:, 1])
    assert np.flatnonzero(heard[:, 0])[-1] == pytest.approx(48_000, abs=100)
    assert np.abs(heard).max() == pytest.approx(8_000, rel=0.1)
    assert playback.played_ms == pytest.approx(1_000, abs=2)
    assert card.streams[0].closed


def test_a_reply_without_sound_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pieces, no click."""
    card = plugged_in(monkeypatch, FakeSounddevice())
    LoudspeakerSink().play([], 48_000, Playback())
    assert card.streams[0].heard == []
    assert card.streams[0].closed


@pytest.mark.parametrize("dies_after", [1, 10_000, 40_000])
def test_a_loudspeaker_that_dies_is_told(monkeypatch: pytest.MonkeyPatch, dies_after: int) -> None:
    """Whenever it dies, the reply ends with one line that says so."""
    card = plugged_in(monkeypatch, FakeSounddevice(dies_after))
    with pytest.raises(AudioError, match="lost while it played"):
        LoudspeakerSink().play([tone(1.0), tone(5.0)], RATE, Playback())
    assert card.streams[0].closed


def test_a_loudspeaker_that_stalls_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that claims to play and takes no sound is as good as gone."""
    plugged_in(monkeypatch, FakeSounddevice())
    monkeypatch.setattr(FakeStream, "active", True)
    monkeypatch.setattr(sinks, "_STALLED_S", 0.05)
    with pytest.raises(AudioError, match="lost while it played"):
        LoudspeakerSink().play([tone(6.0)], RATE, Playback())


def test_a_card_that_refuses_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """In PortAudio's words, without its numbers."""
    plugged_in(monkeypatch, FakeSounddevice(refuses=True))
    with pytest.raises(AudioError, match=r"cannot be used \(Invalid sample rate\)\. Is another program"):
        LoudspeakerSink().play([tone(1.0)], RATE, Playback())


@pytest.mark.parametrize("device", ["Kitchen", "7"])
def test_an_unknown_loudspeaker_names_the_known_ones(monkeypatch: pytest.MonkeyPatch, device: str) -> None:
    """Only those that can play."""
    plugged_in(monkeypatch, FakeSounddevice())
    with pytest.raises(AudioError, match=r"Set audio\.output_device to one of these: USB Audio\.$"):
        LoudspeakerSink(device)


def test_without_portaudio_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The line to type, not a traceback."""
    (tmp_path / "sounddevice.py").write_text('raise OSError("PortAudio library not found")\n')
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "sounddevice", raising=False)
    with pytest.raises(AudioError, match="sudo apt-get install libportaudio2"):
        LoudspeakerSink()


@pytest.mark.audio
def test_without_a_sound_card_the_reason_is_told() -> None:
    """PortAudio on a machine without any card."""
    reason = why_not() or ("this machine has a sound card" if list(Path("/dev").glob("snd/pcm*p")) else "")
    if reason and os.environ.get("CI") != "true":
        pytest.skip(reason)
    code = "from edge.speech import sinks\ntry: sinks.LoudspeakerSink()\nexcept Exception as e: print(repr(e))"
    env = {**os.environ, "PULSE_SERVER": "unix:/nowhere", "HOME": "/nowhere"}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("AudioError('No loudspeaker was found.")
    assert done.stderr == ""
