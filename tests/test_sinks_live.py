"""The loudspeaker for real: through PortAudio and a private PulseAudio, recorded from its monitor."""

import subprocess
import sys
import wave
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.pulse import LOUDSPEAKER_RATE, MICROPHONE_RATE, PulseAudio, private_pulseaudio

pytestmark = pytest.mark.audio

HEAR = """
import sys, numpy as np, sounddevice
with sounddevice.InputStream(samplerate=16000, channels=1, dtype="int16") as stream:
    print("listening", flush=True)
    np.save(sys.argv[1], stream.read(2 * 16000)[0][:, 0])
"""

PLAY = """
import sys, time, numpy as np
from edge.speech.player import Player
from edge.speech.sinks import LoudspeakerSink

class FakeVoice:
    sample_rate = 22050
    def synthesise(self, text):
        rng = np.random.default_rng(1)
        for _ in range(int(text) * 2):
            yield rng.normal(0, 2000, 11025).astype(np.int16)

player = Player(FakeVoice(), LoudspeakerSink())
def until_half_a_second(playback):
    while playback.played_ms < 500:
        time.sleep(0.005)
    return playback
"""


def program(code: str, server: PulseAudio, *arguments: str) -> "subprocess.Popen[str]":
    """PortAudio reads its environment once, so whatever uses this server is a program of its own."""
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.Popen(command, env=server.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def finished(running: "subprocess.Popen[str]", last_input: str = "") -> list[str]:
    output, _ = running.communicate(last_input, timeout=60)
    assert running.returncode == 0
    return output.splitlines()


def noise(seconds: float, rate: int, seed: int = 1) -> NDArray[np.int16]:
    return np.random.default_rng(seed).normal(0.0, 2_000.0, int(seconds * rate)).astype(np.int16)


def likeness(wanted: NDArray[np.int16], recorded: NDArray[np.int16]) -> float:
    """Correlation of `wanted` with that stretch of `recorded` that is most like it."""
    size = wanted.size + recorded.size
    product = np.fft.irfft(np.fft.rfft(recorded, size) * np.conj(np.fft.rfft(wanted, size)), size)
    energy = float(np.linalg.norm(wanted.astype(np.float64)) * np.linalg.norm(recorded.astype(np.float64)))
    return float(product.max()) / energy


def test_what_is_said_is_heard_by_the_microphone(pulse: PulseAudio, tmp_path: Path) -> None:
    """A WAV played into the virtual microphone reaches a program that listens through sounddevice."""
    said = noise(1.0, MICROPHONE_RATE)
    with wave.open(str(tmp_path / "said.wav"), "wb") as file:
        file.setparams((1, 2, MICROPHONE_RATE, 0, "NONE", "not compressed"))
        file.writeframes(said.tobytes())
    listener = program(HEAR, pulse, str(tmp_path / "heard.npy"))
    assert listener.stdout is not None
    assert listener.stdout.readline() == "listening\n"
    pulse.say(tmp_path / "said.wav")
    finished(listener)
    heard = np.load(tmp_path / "heard.npy")
    assert np.abs(heard).max() > 1_000
    assert likeness(said, heard) > 0.9


def test_a_reply_is_played_whole(pulse: PulseAudio) -> None:
    """What comes out of the loudspeaker is what the voice made, to its last word."""
    with pulse.recording() as recording:
        code = "playback = player.say('2'); playback.wait(); print(playback.played_ms, playback.error); player.close()"
        assert finished(program(PLAY + code, pulse)) == ["2000 None"]
    assert likeness(noise(2.0, LOUDSPEAKER_RATE), recording.samples) > 0.9
    assert recording.voiced_s > 1.9


def test_a_stopped_reply_falls_silent(pulse: PulseAudio) -> None:
    """Of a reply of six seconds that is stopped early, less than half is heard, and the next one is heard whole."""
    code = "playback = until_half_a_second(player.say('6')); print(playback.stop()); playback.wait(); player.close()"
    with pulse.recording() as recording:
        (played_ms,) = finished(program(PLAY + code, pulse))
    assert 500 <= int(played_ms) < 3_000
    assert 0.2 < recording.voiced_s < 3.0


def test_a_loudspeaker_that_is_pulled_out_is_told() -> None:
    """The reply ends with one line that says so, also the next one, and the program goes on."""
    code = """
playback = until_half_a_second(player.say('6'))
print("playing", flush=True)
sys.stdin.readline()
for playback in (playback, player.say("1")):
    print(playback.wait(30), playback.error)
player.close()
"""
    with private_pulseaudio() as server:
        running = program(PLAY + code, server)
        assert running.stdout is not None
        assert running.stdout.readline() == "playing\n"
        server.unplug_loudspeaker()
        first, second = finished(running, "\n")
    assert first.startswith("True The loudspeaker was lost while it played")
    assert second.startswith("True The loudspeaker cannot be used")
