"""World: sound kept on request, a WAV for each turn in the folder `sound` beside the database."""

import os
import wave
from pathlib import Path

import numpy as np

from edge.paths import private_directory
from edge.turn import Turn

SAMPLE_RATE_HZ = 16_000


def keep_sound(turn: Turn, folder: Path) -> Path | None:
    """Write what was heard in `turn` as 16-bit mono, for its owner's eyes only; None for a turn without sound.

    Raises OSError or ConfigError.
    """
    if turn.utterance.sound is None:
        return None
    samples = (np.clip(turn.utterance.sound, -1.0, 1.0) * 32_767).astype("<i2")
    path = private_directory(folder) / f"{turn.turn_id}.wav"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file, wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(SAMPLE_RATE_HZ)
        wav.writeframes(samples.tobytes())
    return path
