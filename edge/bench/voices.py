"""World: synthetic voices. Piper, flite and espeak-ng say a text; what was said once is kept in a folder.

Piper rolls dice whenever it speaks, so only a folder that is kept makes two runs hear the very same.
"""

import hashlib
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.bench.commands import RATE, said
from edge.errors import AudioError, ModelError
from edge.hearing.wav import read_wav
from edge.manifest import Manifest
from edge.settings import Settings
from edge.speech.piper import PiperVoice
from edge.voice_models import load_mouth

PIPER: Final = "joe"
FLITE: Final = ("kal", "awb", "rms", "slt")
ESPEAK: Final = ("en-us", "en-gb+f3", "en-gb-scotland")
VOICES: Final = (PIPER, *FLITE, *ESPEAK)
"""Every voice by name, from the most to the least natural kind."""

_INSTALL: Final = {"flite": "sudo apt-get install flite", "espeak-ng": "sudo apt-get install espeak-ng"}
_SAYS_IN_S: Final = 60


@dataclass(frozen=True)
class _Program:
    """A voice that is a program."""

    name: str
    arguments: tuple[str, ...]

    def say(self, text: str, file: Path) -> NDArray[np.int16]:
        """The sound, by way of a WAV file."""
        filled = [argument.format(text=text, file=file) for argument in self.arguments]
        done = subprocess.run(  # noqa: S603 - no shell, and the text is the benchmark's own
            [self.name, *filled], input=text, capture_output=True, text=True, timeout=_SAYS_IN_S, check=False
        )
        if done.returncode != 0 or not file.is_file():
            raise AudioError(f"{self.name} could not speak: {done.stderr.strip()}. Try: {_INSTALL[self.name]}")
        return read_wav(file)


class Voices:
    """The voices that can be had here, of those that were asked for."""

    def __init__(self, folder: Path, names: Iterable[str] = VOICES) -> None:
        """`folder` keeps what was said. Raises AudioError for a name that no voice has."""
        asked = tuple(dict.fromkeys(names))
        if unknown := [name for name in asked if name not in VOICES]:
            raise AudioError(f"No voice is called {', '.join(unknown)}. There are: {', '.join(VOICES)}.")
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True)
        self.missing: Mapping[str, str] = {name: reason for name in asked if (reason := _lacks(name))}
        """Those that cannot be had, and what to do about it."""
        self.names = tuple(name for name in asked if name not in self.missing)

    def say(self, name: str, text: str) -> NDArray[np.int16]:
        """`text` in that voice, mono at 16 kHz, shape (n,). Raises AudioError when the program fails."""
        kept = self._folder / f"{hashlib.sha256(f'{name} {text}'.encode()).hexdigest()[:32]}.wav"
        if not kept.is_file():
            with tempfile.TemporaryDirectory(dir=self._folder) as making:
                made = Path(making) / "made.wav"
                write_wav(made, self._say(name, text, Path(making) / "said.wav"))
                made.rename(kept)
        return read_wav(kept)

    def _say(self, name: str, text: str, file: Path) -> NDArray[np.int16]:
        if name == PIPER:
            return said(self._piper, text)
        return _program(name).say(text, file)

    @cached_property
    def _piper(self) -> PiperVoice:
        return load_mouth(Settings(), Manifest.load())


def write_wav(file: Path, samples: NDArray[np.int16]) -> None:
    """Mono samples at 16 kHz as a WAV file."""
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(samples.astype("<i2").tobytes())


def _program(name: str) -> _Program:
    if name in FLITE:
        return _Program("flite", ("-voice", name, "-t", "{text}", "-o", "{file}"))
    return _Program("espeak-ng", ("-v", name, "-w", "{file}", "--stdin"))


def _lacks(name: str) -> str:
    """What this machine lacks for the voice; empty when it has all."""
    if name == PIPER:
        try:
            Manifest.load().verify(Settings().speech.voice)
        except ModelError as error:
            return str(error)
        return ""
    program = _program(name).name
    return "" if shutil.which(program) else f"{program} is not installed: {_INSTALL[program]}"
