"""The sound of what rings: two bell-like notes, made with numpy at the rate of the voice."""

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np

from edge.speech.playback import Samples

_NOTES_HZ: Final = (880.0, 1108.73)
"""A5 and C sharp 6, a rising third. Not every pair will do: the doorbell's G5 and E5 score 0.9 as the word Alexa."""

_NOTE_S: Final = 0.9
_SECOND_NOTE_AFTER_S: Final = 0.28
_FADE_IN_S: Final = 0.006
_DECAY_S: Final = 0.22
_OVERTONES: Final = ((1.0, 1.0), (2.0, 0.25), (3.0, 0.08))
"""Multiple of the note, and how strong it is."""

_PEAK: Final = 0.5
"""Of full scale, at full loudness: a chime is heard over talk and is no fright."""

_EVERY_S: Final = 2.0
"""One chime begins so long after the other."""

FIRST_LOUDNESS: Final = 0.12
"""Of what grows."""

_GROWS_BY: Final = 1.12
"""From one chime to the next: an alarm is at its loudest after forty seconds."""

CHIMES_MAX: Final = 300
"""In one go: ten minutes of sound, should nobody end it."""


def chime(rate: int, loudness: float = 1.0) -> Samples:
    """Two notes; `loudness` is 0 to 1."""
    second = round(_SECOND_NOTE_AFTER_S * rate)
    note = round(_NOTE_S * rate)
    sound = np.zeros(second + note)
    for begin, frequency in zip((0, second), _NOTES_HZ, strict=True):
        sound[begin : begin + note] += _bell(note, rate, frequency)
    sound *= _PEAK * loudness / np.abs(sound).max()
    return (sound * 32_767).astype(np.int16)


def chimes(rate: int, goes_on: Callable[[], bool], *, loudness: float = 1.0, grows: bool = False) -> Iterator[Samples]:
    """Chimes and pauses as long as `goes_on()`; growing ones begin softly."""
    level = FIRST_LOUDNESS if grows else 1.0
    for _ in range(CHIMES_MAX):
        if not goes_on():
            return
        sound = chime(rate, loudness * level)
        yield np.pad(sound, (0, max(0, round(_EVERY_S * rate) - sound.size)))
        level = min(1.0, level * _GROWS_BY)


def _bell(samples: int, rate: int, frequency: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    at = np.arange(samples) / rate
    sound = np.zeros(samples)
    for multiple, strength in _OVERTONES:
        if frequency * multiple < rate / 2:
            sound += strength * np.sin(2 * np.pi * frequency * multiple * at)
    tail = np.linspace(1.0, 0.0, samples)  # so that the last sample is silence
    return sound * np.minimum(1.0, at / _FADE_IN_S) * np.exp(-at / _DECAY_S) * tail
