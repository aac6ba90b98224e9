"""The wake word: our streaming front end against openWakeWord's own code, and on spoken words."""

import importlib
import os
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.errors import ModelError
from edge.hearing.wake import FRAME_SAMPLES, WakeDetector
from tests.sounds import joined, silence, spoken, wake_model

pytestmark = pytest.mark.models

WORDS = ("hey_jarvis", "alexa", "hey_mycroft", "hey_rhasspy")


def detector(*words: str) -> WakeDetector:
    paths = {word: wake_model(f"{word}_v0.1") for word in words}
    return WakeDetector(wake_model("melspectrogram"), wake_model("embedding_model"), paths)


def frames(sound: NDArray[np.int16]) -> list[NDArray[np.int16]]:
    return list(sound[: sound.size // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES))


def openwakeword_model() -> Any:
    """openWakeWord's own model; skips where its dependencies are missing, save in continuous integration."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            package = importlib.import_module("openwakeword.model")
            paths = [str(wake_model(f"{word}_v0.1")) for word in WORDS]
            return package.Model(wakeword_models=paths, inference_framework="onnx")
    except ImportError as error:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip(f"openwakeword cannot be imported ({error}): pip install scipy scikit-learn tqdm requests")


def test_scores_equal_openwakeword() -> None:
    """After the same sound both score every word within 0.001, from silence over each word to other talk."""
    theirs, ours = openwakeword_model(), detector(*WORDS)
    said = [spoken(word.replace("_", " ")) for word in WORDS]
    talk = spoken("the weather is fine today", "joe")
    warm_up = silence(3_000)  # until then their rings hold random numbers, ours a quiet room
    sound = joined(warm_up, *(part for word in said for part in (word, silence(700))), talk, silence(500))
    highest = dict.fromkeys(WORDS, 0.0)
    for number, frame in enumerate(frames(sound)):
        expected = theirs.predict(frame)
        for word, score in ours.feed(frame).items():
            if number >= warm_up.size // FRAME_SAMPLES:
                assert score == pytest.approx(float(expected[f"{word}_v0.1"]), abs=0.001), (number, word)
                highest[word] = max(highest[word], score)
    assert min(highest.values()) > 0.5


def test_the_word_is_heard_at_once_and_alone() -> None:
    """A wake word right at the start of the sound is heard, and heard no more after the quiet that follows."""
    ours = detector("hey_jarvis")
    scores = [ours.feed(frame)["hey_jarvis"] for frame in frames(joined(spoken("hey jarvis"), silence(2_500)))]
    assert max(scores) > 0.9
    assert max(scores[-5:]) < 0.1


def test_other_talk_is_no_wake_word() -> None:
    """Talk without the word stays far below the threshold."""
    ours = detector("hey_jarvis", "alexa")
    talk = joined(*(spoken(text) for text in ("turn on the kitchen light", "how was your journey")))
    assert max(score for frame in frames(talk) for score in ours.feed(frame).values()) < 0.3


@pytest.mark.parametrize("loudness", [0.0, 3.0, 300.0, 3_000.0])
def test_starting_is_no_wake_word(loudness: float) -> None:
    """The first seconds after a start or a reset score nothing, however loud the room is."""
    ours = detector(*WORDS)
    ours.reset()
    scores = [score for frame in frames(silence(2_000, loudness)) for score in ours.feed(frame).values()]
    assert max(scores) < 0.1


def test_reset_forgets() -> None:
    """After a reset the same sound gives the same scores as at first."""
    ours, sound = detector("hey_jarvis"), frames(spoken("hey jarvis"))
    first = [ours.feed(frame) for frame in sound]
    ours.reset()
    assert [ours.feed(frame) for frame in sound] == first


def test_embeddings_are_kept_for_a_verifier() -> None:
    """What the classifiers last saw can be had, and changing it changes nothing here."""
    ours = detector("hey_jarvis")
    ours.feed(silence(80))
    kept = ours.last_embeddings()
    assert kept.shape == (16, 96)
    assert kept.dtype == np.float32
    kept[:] = 0.0
    assert np.abs(ours.last_embeddings()).max() > 0.0


def test_a_missing_model_says_what_to_do(tmp_path: Path) -> None:
    """A file that is not there is named, with the remedy."""
    with pytest.raises(ModelError, match=r"nothing\.onnx is missing.*\./scripts/run"):
        WakeDetector(tmp_path / "nothing.onnx", wake_model("embedding_model"), {})


def test_a_damaged_model_says_what_to_do(tmp_path: Path) -> None:
    """A file that is no model is named, with the remedy."""
    damaged = tmp_path / "damaged.onnx"
    damaged.write_bytes(wake_model("hey_jarvis_v0.1").read_bytes()[:5_000])
    with pytest.raises(ModelError, match=r"damaged\.onnx is damaged.*Delete it"):
        WakeDetector(wake_model("melspectrogram"), wake_model("embedding_model"), {"hey_jarvis": damaged})
