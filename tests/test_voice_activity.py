"""Voice activity: the streaming form against faster-whisper's own."""

import numpy as np
import pytest
from faster_whisper.vad import get_vad_model

from edge.hearing.voice_activity import FRAME_SAMPLES, VoiceActivity
from tests.sounds import activity_model, as_float, joined, silence, spoken

pytestmark = pytest.mark.models


def test_probabilities_equal_faster_whisper() -> None:
    """Frame by frame the same probabilities as faster-whisper computes over the whole, also after a reset."""
    sound = as_float(joined(silence(500), spoken("turn on the kitchen light"), silence(700)))
    sound = sound[: sound.size // FRAME_SAMPLES * FRAME_SAMPLES]
    expected = get_vad_model()(sound.copy()).reshape(-1)
    ours = VoiceActivity(activity_model())
    for _ in range(2):
        ours.reset()
        found = [ours.probability(frame) for frame in sound.reshape(-1, FRAME_SAMPLES)]
        np.testing.assert_allclose(found[:-1], expected[:-1], atol=1e-4)  # theirs silences the very last samples
    assert max(found) > 0.9
    assert min(found) < 0.1
