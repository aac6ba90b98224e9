"""The one vector that a transcript keeps of its sound."""

from datetime import UTC, datetime

import numpy as np
import pytest

from edge.records import Transcript, Utterance
from edge.sound_vector import packed, unpacked
from edge.turn import Context, Turn
from tests.sounds import spoken
from tests.test_whisper import ended, recogniser


def test_a_vector_comes_back_as_it_was_but_for_its_length() -> None:
    """Eight bits a value are enough."""
    vector = np.random.default_rng(1).normal(size=384).astype(np.float32)
    again = unpacked(packed(vector))
    assert float(again @ vector) / float(np.linalg.norm(vector)) > 0.999
    assert float(np.linalg.norm(again)) == pytest.approx(1)


@pytest.mark.parametrize("vector", [np.zeros(4), np.zeros(0), np.array([1.0, np.nan]), np.array([np.inf, 1.0])])
def test_what_is_no_vector_is_kept_as_nothing(vector: np.ndarray) -> None:
    """Nothing is read back from it either."""
    assert packed(vector) == ""
    assert unpacked("").size == 0


@pytest.mark.parametrize("text", ["not base64!", "AAAA", "é"])
def test_a_damaged_text_is_nothing(text: str) -> None:
    """Whatever another program wrote."""
    assert unpacked(text).size == 0


def test_it_goes_with_the_turn_and_is_not_written_where_there_is_none() -> None:
    """Typed turns are stored as before."""
    began = Turn.begin("t", Utterance("microphone"), Context(datetime(2026, 11, 25, tzinfo=UTC)), 1)
    spoken_turn = began.heard(Transcript("lights on", sound_vector=packed(np.ones(3))))
    assert Turn.from_stored(spoken_turn.to_stored()) == spoken_turn
    assert "sound_vector" not in began.heard(Transcript("lights on")).to_stored()


@pytest.mark.models
def test_voices_lie_further_apart_than_sentences() -> None:
    """It tells who spoke and where rather than what was said."""
    said = {
        (voice, text): unpacked(recogniser().recognise(ended(spoken(text, voice))).sound_vector)
        for voice in ("joe", "slt")
        for text in ("turn on the kitchen light", "turn on the kitchen lights")
    }
    one, same_voice = said["joe", "turn on the kitchen light"], said["joe", "turn on the kitchen lights"]
    other_voice = said["slt", "turn on the kitchen light"]
    assert one.size == same_voice.size > 0
    assert float(one @ same_voice) > float(one @ other_voice)
