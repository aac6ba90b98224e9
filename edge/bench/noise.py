"""World: reads noises and rooms from a folder, and puts a clean voice among them at an exact distance in decibels."""

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.bench.commands import RATE, room_noise, voiced
from edge.errors import AudioError
from edge.hearing.wav import read_wav, to_int16

_BEFORE: Final = round(0.3 * RATE)
_AFTER: Final = round(0.4 * RATE)
"""Samples of noise, or of a quiet room, around the voice."""

LEVEL_DB: Final = -26.0
"""Of the voice below full scale, root mean square: what the telephone's test speech has."""

IN_A_ROOM: Final = 0.5
"""So many of the noisy sentences are said in a room that echoes; the others close to the microphone."""

_PEAK: Final = 0.95
_DIRECT: Final = round(0.002 * RATE)
"""Samples of a room's answer that are kept before its peak."""

_LOUD_ENOUGH: Final = 0.5
"""A piece of noise is taken from where its noise is at least so loud, against the whole recording: a dog barks twice in
a minute, and the pause between is no noise."""

_TRIES: Final = 50


@dataclass(frozen=True)
class Mixed:
    """A voice among noise, as a microphone would get it."""

    speech: NDArray[np.float64]
    """The voice in its place, shape (n,), in units of int16."""
    noise: NDArray[np.float64]
    """What is around it, shape (n,)."""
    voiced: slice
    """Where the voice speaks, before the room echoes it."""
    noise_name: str = ""
    """File name without ending; empty where there is but the hiss of a quiet room."""
    room: str = ""

    @property
    def snr_db(self) -> float:
        """10 log10 of the voice's mean power over the noise's, over the voiced part."""
        return float(10.0 * np.log10(_power(self.speech[self.voiced]) / _power(self.noise[self.voiced])))

    @property
    def samples(self) -> NDArray[np.int16]:
        """Mono at 16 kHz, shape (n,); softer as a whole where its peaks would be clipped."""
        sound = (self.speech + self.noise) / 32_768.0
        return to_int16((sound * min(1.0, _PEAK / float(np.abs(sound).max()))).astype(np.float32))


class Surroundings:
    """Noises and rooms."""

    def __init__(self, folder: Path) -> None:
        """Reads gsc_*.wav and noise*.wav (noises) and rir*.wav (rooms). Raises AudioError when there are none."""
        files = sorted(folder.glob("*.wav"))
        self.noises = {file.stem: _floats(file) for file in files if file.stem.startswith(("gsc_", "noise"))}
        self.rooms = {file.stem: _answer(_floats(file)) for file in files if file.stem.startswith("rir")}
        if not self.noises or not self.rooms:
            raise AudioError(
                f"{folder} holds no noises (gsc_*.wav, noise*.wav) or no rooms (rir*.wav). "
                "Give the folder above noise_rir with --data."
            )

    def mixed(self, voice: NDArray[np.int16], snr_db: float | None, seed: str) -> Mixed:
        """The voice with noise so many decibels below it, in a room or close by, as `seed` decides.

        None is a quiet place: neither noise nor echo.
        """
        chance = random.Random(seed)
        dry = voiced(voice).astype(np.float64)
        part = slice(_BEFORE, _BEFORE + dry.size)
        if snr_db is None:
            speech = _placed(dry, part)
            return Mixed(speech, room_noise(speech.size, chance.getrandbits(32)).astype(np.float64), part)
        room = chance.choice(sorted(self.rooms)) if chance.random() < IN_A_ROOM else ""
        speech = _placed(_echoing(dry, self.rooms[room]) if room else dry, part)
        name = chance.choice(sorted(self.noises))
        noise = _piece(self.noises[name], speech.size, chance)
        wanted = _power(speech[part]) / 10 ** (snr_db / 10)
        return Mixed(speech, noise * np.sqrt(wanted / _power(noise[part])), part, name, room)


def _power(samples: NDArray[np.float64]) -> float:
    return float(np.mean(samples**2))


def _floats(file: Path) -> NDArray[np.float64]:
    return read_wav(file).astype(np.float64)


def _answer(recorded: NDArray[np.float64]) -> NDArray[np.float64]:
    """A room's answer to a click, from the click's direct way on."""
    return recorded[max(0, int(np.abs(recorded).argmax()) - _DIRECT) :]


def _echoing(dry: NDArray[np.float64], room: NDArray[np.float64]) -> NDArray[np.float64]:
    size = dry.size + room.size - 1
    echoing: NDArray[np.float64] = np.fft.irfft(np.fft.rfft(dry, size) * np.fft.rfft(room, size), size)
    return echoing


def _placed(voice: NDArray[np.float64], part: slice) -> NDArray[np.float64]:
    """The voice at its level, behind a pause; it stops with the pause after it, echo and all."""
    speech = np.zeros(part.stop + _AFTER)
    tail = voice[: speech.size - part.start]
    speech[part.start : part.start + tail.size] = tail
    speech *= 32_768.0 * 10 ** (LEVEL_DB / 20) / np.sqrt(_power(speech[part]))
    return speech


def _piece(noise: NDArray[np.float64], size: int, chance: random.Random) -> NDArray[np.float64]:
    """So much of the noise, from anywhere in it where it is loud enough; around in a circle where it is too short."""
    if noise.size <= size:
        noise = np.tile(noise, size // noise.size + 2)
    pieces = []
    for _ in range(_TRIES):
        begin = chance.randrange(noise.size - size)
        pieces.append(noise[begin : begin + size])
        if _power(pieces[-1]) >= _LOUD_ENOUGH**2 * _power(noise):
            return pieces[-1]
    return max(pieces, key=_power)
