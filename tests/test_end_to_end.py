"""From sound to a device and back, with real models, a real broker and an ear at the broker that is not ours."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edge import Assistant, Home
from edge.bench.probe import BrokerProbe
from edge.clock import WallClock
from edge.hearing.sources import WavFile
from edge.runtime import Runtime, build_runtime
from edge.settings import Settings
from edge.speech.playback import Playback
from edge.speech.sinks import NullSink
from edge.turn import Turn
from edge.voice import Listening
from tests.pulse import PulseAudio
from tests.sounds import spoken

pytestmark = [pytest.mark.models, pytest.mark.slow]

ROOM = np.random.default_rng(7).normal(0, 8, 16_000).astype(np.int16)
"""A second of a quiet room."""


def save(path: Path, *sounds: NDArray[np.int16]) -> Path:
    """The sounds one after the other as a WAV file."""
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, 16_000, 0, "NONE", "not compressed"))
        file.writeframes(np.concatenate(sounds).tobytes())
    return path


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """An assistant as `edge run` builds it: embedded broker, demo home, all models."""
    built = build_runtime(Settings(), clock=WallClock(), store=tmp_path_factory.mktemp("e2e") / "edge.db", voice=True)
    yield built
    built.close()


@contextmanager
def hearing(runtime: Runtime, *wavs: Path) -> Iterator[list[tuple[Turn, Playback | None]]]:
    """The turns that come of recordings which are played, at the pace of a microphone, to listening ears."""
    turns: list[tuple[Turn, Playback | None]] = []
    assert runtime.voice is not None
    for wav in wavs:
        listening = Listening(
            runtime.voice,
            runtime.conversation,
            runtime.understanding,
            WavFile(wav, realtime=True),
            NullSink(),
            on_turn=lambda turn, playback: turns.append((turn, playback)),
        )
        listening.start()
        listening.drain()
        listening.close()
    yield turns


@pytest.mark.broker
def test_piper_says_it_the_chain_hears_it_the_broker_gets_it(runtime: Runtime, tmp_path: Path) -> None:
    """One breath, wake word included; the command on the broker, the lamp's own word, the spoken reply."""
    assert runtime.home.broker_url is not None
    sound = save(tmp_path / "command.wav", ROOM, spoken("Hey Jarvis, turn on the kitchen light."), ROOM, ROOM)
    with (
        BrokerProbe(runtime.home.broker_url, "edge/simulated/light/kitchen/set") as probe,
        hearing(runtime, sound) as turns,
    ):
        arrival = probe.wait_for(lambda _: True, timeout_s=5)
    assert arrival is not None
    assert json.loads(arrival.payload)["state"] == "ON"
    [(turn, playback)] = turns
    assert turn.utterance.wake is not None
    assert turn.to_dict()["outcome"]["confirmed"] is True
    assert turn.response is not None
    assert turn.response.text == "The kitchen light is on."
    assert playback is not None
    assert playback.first_audio_ms is not None
    assert runtime.home.states()["light.kitchen"]["state"] == "on"


@pytest.mark.broker
def test_talk_without_the_wake_word_is_nobodys_business(runtime: Runtime, tmp_path: Path) -> None:
    """The same command, not addressed to anybody: no turn, nothing on the broker."""
    before = runtime.home.states()
    sound = save(tmp_path / "talk.wav", ROOM, spoken("turn on the hall light"), ROOM)
    with hearing(runtime, sound) as turns:
        assert turns == []
    assert runtime.home.states()["light.hall"] == before["light.hall"]


@pytest.mark.broker
def test_after_a_refusal_it_listens_on_and_talk_goes_by(runtime: Runtime, tmp_path: Path) -> None:
    """What is not here may be said again without the wake word; what is not meant for us is not answered."""
    pause = np.tile(ROOM, 4)
    sound = save(
        tmp_path / "again.wav",
        *(ROOM, spoken("Hey Jarvis, turn on the fountain."), pause),
        *(spoken("turn on the hall light"), ROOM, ROOM),
    )
    with hearing(runtime, sound) as turns:
        (refused, _), (again, _) = turns
    assert refused.response is not None
    assert refused.response.kind == "refusal"
    assert again.utterance.wake is None
    assert again.utterance.follow_up
    assert again.to_dict()["action"]["targets"] == ["light.hall"]

    talk = save(
        tmp_path / "talk.wav",
        *(ROOM, spoken("Hey Jarvis, turn on the fountain."), pause),
        *(spoken("I think we should go for a walk"), ROOM, ROOM),
    )
    with hearing(runtime, talk) as turns:
        aside = turns[-1][0]
    assert aside.utterance.follow_up
    assert aside.done_steps == ()
    assert aside.response is not None
    assert aside.response.text == ""


def test_a_recording_is_heard_with_and_without_the_wake_word(tmp_path: Path) -> None:
    """`hear_wav` takes both, a question and its answer included."""
    with Assistant.open(home=Home.demo(), store=":memory:", room="kitchen", voice=True) as assistant:
        with_wake = save(tmp_path / "a.wav", spoken("Hey Jarvis, turn on the coffee machine."))
        assert assistant.hear_wav(with_wake).to_dict()["action"]["targets"] == ["switch.coffee_machine"]
        without = save(tmp_path / "b.wav", spoken("turn off the coffee machine"))
        assert assistant.hear_wav(without).to_dict()["action"]["command"] == "turn_off"
        question = assistant.hear_wav(save(tmp_path / "c.wav", spoken("open the garage door")))
        assert question.to_dict()["response"]["kind"] == "confirmation"
        assert assistant.home.states()["cover.garage_door"]["state"] == "closed"
        answer = assistant.hear_wav(save(tmp_path / "d.wav", spoken("yes, please")))
        assert answer.to_dict()["reply_to"] == question.turn_id
        assert assistant.home.states()["cover.garage_door"]["state"] == "opening"
        silence = assistant.hear_wav(save(tmp_path / "e.wav", ROOM, ROOM))
        assert silence.to_dict()["transcript"]["text"] == ""


def in_a_network_of_its_own() -> str:
    """Why no network namespace can be made here; empty when one can."""
    if shutil.which("unshare") is None:
        return "unshare not found: sudo apt-get install util-linux"
    tried = subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False)
    return "" if tried.returncode == 0 else "this machine allows no network namespaces (unshare -rn failed)"


ON_PREMISE = """
import subprocess, sys
subprocess.run(["ip", "link", "set", "lo", "up"], check=False)
from pathlib import Path
from edge.cli import app
app(["hear", sys.argv[1], "--json", "--wav", sys.argv[2]])
"""


def test_all_of_it_works_without_any_network(tmp_path: Path) -> None:
    """In a network namespace that has nothing but loopback, a recording still becomes a command and a spoken reply."""
    reason = in_a_network_of_its_own()
    if reason and os.environ.get("CI") != "true":
        pytest.skip(reason)
    sound = save(tmp_path / "command.wav", spoken("Hey Jarvis, turn on the kitchen light."))
    reply = tmp_path / "reply.wav"
    done = subprocess.run(
        ["unshare", "-rn", sys.executable, "-c", ON_PREMISE, str(sound), str(reply)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    [turn] = json.loads(done.stdout)
    assert turn["response"]["text"] == "The kitchen light is on."
    with wave.open(str(reply)) as spoken_reply:
        assert spoken_reply.getnframes() / spoken_reply.getframerate() > 0.5


class ServiceRun:
    """`edge run` in a process of its own, on the private PulseAudio."""

    def __init__(self, env: dict[str, str]) -> None:
        words = [sys.executable, "-m", "edge", "--set", "assistant.room=kitchen", "run"]
        self.process = subprocess.Popen(words, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.lines: list[str] = []
        self._listens = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line)
            if line.startswith("Listening"):
                self._listens.set()

    def wait_until_listening(self) -> None:
        assert self._listens.wait(60), "".join(self.lines)

    def stop(self) -> int:
        self.process.terminate()
        code = self.process.wait(20)
        self._reader.join(5)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


@pytest.mark.audio
@pytest.mark.broker
def test_a_microphone_and_a_loudspeaker(pulse: PulseAudio, tmp_path: Path) -> None:
    """Spoken into a real sound server: the device moves, the reply sounds, and the other commands see the turn."""
    env = {**os.environ, **pulse.env, "EDGE_DATA": str(tmp_path / "d"), "EDGE_SOCKET": str(tmp_path / "s")}
    service = ServiceRun(env)
    try:
        service.wait_until_listening()
        sound = save(tmp_path / "command.wav", ROOM, spoken("Hey Jarvis, turn on the kitchen light."), ROOM, ROOM)
        with pulse.recording() as recording:
            pulse.say(sound)
            turns = wait_for_turns(env)
            wait_until(lambda: recording.voiced_s > 0.5)
        assert turns[0]["said"].casefold().startswith("turn on the kitchen light")
        assert turns[0]["reply"] == "The kitchen light is on."
        devices = json.loads(command(env, "devices", "--json"))
        assert devices["light.kitchen"]["state"] == "on"
    finally:
        code = service.stop()
    assert code == 0, "".join(service.lines)
    assert "Traceback" not in "".join(service.lines)


def command(env: dict[str, str], *words: str) -> str:
    """What the command prints."""
    return subprocess.run(
        [sys.executable, "-m", "edge", *words], env=env, capture_output=True, text=True, timeout=60, check=True
    ).stdout


def wait_for_turns(env: dict[str, str]) -> list[dict[str, str]]:
    """The service's turns as soon as there is one."""
    turns: list[dict[str, str]] = []

    def there() -> bool:
        turns[:] = json.loads(command(env, "turns", "--json"))
        return bool(turns)

    wait_until(there)
    return turns


def wait_until(condition: Callable[[], bool]) -> None:
    """Look again and again, for at most ten seconds."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.2)
