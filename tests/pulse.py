"""A private PulseAudio without hardware: a virtual microphone to speak into, a virtual loudspeaker to record from.

PortAudio reads its environment once, when sounddevice is first imported. Code that shall hear or play through this
server therefore runs in a subprocess with `PulseAudio.env`; nothing is set in this process.
"""

import ctypes.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

MICROPHONE_RATE = 16_000
LOUDSPEAKER_RATE = 22_050
_PROGRAMS = ("pulseaudio", "pactl", "paplay", "parecord")
_MODULES = (
    f"module-null-sink sink_name=virtmic_sink rate={MICROPHONE_RATE} channels=1 norewinds=1",
    f"module-null-sink sink_name=virtspk rate={LOUDSPEAKER_RATE} channels=1 norewinds=1",
    "module-remap-source master=virtmic_sink.monitor source_name=virtmic",
)
_START_TIMEOUT_S = 15.0


class Recording:
    """What the virtual loudspeaker played while the recording ran."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def samples(self) -> NDArray[np.int16]:
        """int16 mono at 22.05 kHz, shape (n,), from the start of the recording until now."""
        return np.frombuffer(self._path.read_bytes()[: self._path.stat().st_size // 2 * 2], dtype=np.int16)

    @property
    def voiced_s(self) -> float:
        """Seconds between the first and the last sample that is not silence; 0.0 when there is none."""
        loud = np.flatnonzero(np.abs(self.samples.astype(np.int32)) > 50)
        return 0.0 if loud.size == 0 else float(loud[-1] - loud[0]) / LOUDSPEAKER_RATE


class PulseAudio:
    """A running private server; `env` is the environment in which a program finds it as its default."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._recordings = 0
        self.env = {
            **os.environ,
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(home),
            "XDG_CONFIG_HOME": str(home / "config"),
            "PULSE_SERVER": f"unix:{home}/native",
        }

    def say(self, wav: Path) -> None:
        """Play a WAV file into the virtual microphone, and return when it was said."""
        subprocess.run(["paplay", "--device=virtmic_sink", str(wav)], env=self.env, check=True, timeout=120)

    def begin_saying(self, wav: Path) -> "subprocess.Popen[bytes]":
        """The same without waiting."""
        return subprocess.Popen(["paplay", "--device=virtmic_sink", str(wav)], env=self.env)

    @contextmanager
    def recording(self) -> Iterator[Recording]:
        """Record the virtual loudspeaker while the block runs; it has begun when the block is entered."""
        self._recordings += 1
        path = self._home / f"recording-{self._recordings}.raw"
        command = ["parecord", "--device=virtspk.monitor", "--raw", "--latency-msec=20", str(path)]
        command += ["--format=s16le", "--channels=1", f"--rate={LOUDSPEAKER_RATE}"]
        with _running(command, self.env):
            _wait_until(lambda: path.exists() and path.stat().st_size > 0, "parecord recorded nothing")
            yield Recording(path)

    def record(self, seconds: float) -> NDArray[np.int16]:
        """What the virtual loudspeaker plays in the next `seconds`: int16 mono at 22.05 kHz, shape (n,)."""
        with self.recording() as recording:
            time.sleep(seconds)
        return recording.samples

    def unplug_loudspeaker(self) -> None:
        """Take every loudspeaker away, as when a cable is pulled; only for a server of one's own."""
        subprocess.run(["pactl", "unload-module", "module-null-sink"], env=self.env, check=True, timeout=10)


@contextmanager
def private_pulseaudio() -> Iterator[PulseAudio]:
    """Run a PulseAudio of one's own; it is gone, with its files, when the block ends."""
    home = Path(tempfile.mkdtemp(prefix="edge-pulse-"))  # a short path: a Unix socket's name is limited to 107 bytes
    try:
        (home / ".asoundrc").write_text("pcm.!default { type pulse }\nctl.!default { type pulse }\n")
        server = PulseAudio(home)
        with _running(_server_command(home), server.env):
            _wait_until(lambda: _answers(server.env), "PulseAudio did not start")
            yield server
    finally:
        shutil.rmtree(home, ignore_errors=True)


def why_not() -> str:
    """Why no PulseAudio can run here, with the remedy; empty when it can."""
    missing = [name for name in _PROGRAMS if shutil.which(name) is None]
    if ctypes.util.find_library("portaudio") is None:
        missing.append("libportaudio2")
    if not list(Path("/usr/lib").glob("*/alsa-lib/libasound_module_pcm_pulse.so")):
        missing.append("libasound2-plugins")
    if not missing:
        return ""
    packages = "pulseaudio pulseaudio-utils libportaudio2 libasound2-plugins"
    return f"{', '.join(missing)} not found: sudo apt-get install {packages}"


@pytest.fixture(scope="session")
def pulse() -> Iterator[PulseAudio]:
    """A private PulseAudio for the whole session; skips where it cannot run, save in continuous integration."""
    reason = why_not()
    if reason and os.environ.get("CI") != "true":
        pytest.skip(reason)
    with private_pulseaudio() as server:
        yield server


def _server_command(home: Path) -> list[str]:
    modules = (f"module-native-protocol-unix auth-anonymous=1 socket={home}/native", *_MODULES)
    options = ["-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--disable-shm=yes", "--log-level=0"]
    return ["pulseaudio", *options, *(word for module in modules for word in ("-L", module))]


def _answers(env: dict[str, str]) -> bool:
    """Whether the server is up; its defaults are set on the way."""
    defaults = (["pactl", "set-default-sink", "virtspk"], ["pactl", "set-default-source", "virtmic"])
    return all(subprocess.run(d, env=env, check=False, capture_output=True).returncode == 0 for d in defaults)


@contextmanager
def _running(command: list[str], env: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until(holds: Callable[[], bool], complaint: str) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while not holds():
        if time.monotonic() > deadline:
            raise RuntimeError(complaint)
        time.sleep(0.05)
