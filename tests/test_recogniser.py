"""The recogniser's way from sound to a sentence of the home, with a model that reads and fits as it is told."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.asr.readings import Encoded, Fit, Reading
from edge.asr.recogniser import Recogniser
from edge.sayable import Pattern, Sayable

LIGHTS = ("hall light", "kitchen light", "desk lamp", "printer")
HOME = Sayable(frozenset({"turn", "off"}), (Pattern(("turn ", ("on", "off"), " the ", LIGHTS)),))
SOUND = np.ones(16_000, dtype=np.float32)


class FakeModel:
    """Reads what it is told, and counts what it was asked."""

    def __init__(self, closed: Sequence[str], free: Sequence[str], fits: Mapping[str, float]) -> None:
        self.closed = closed
        self.free = free
        self.total = fits
        self.read_free = 0
        self.compared = 0
        self.goes_on = frozenset[str]()

    def encode(self, sound: NDArray[np.float32], lead_in: str, window_frames: int) -> Encoded:
        return Encoded(None, 100, window_frames, lead_in, ())

    def read(self, encoded: Encoded, words: frozenset[str] = frozenset()) -> list[Reading]:
        self.read_free += not words
        return [Reading(text, 0.9) for text in (self.closed if words else self.free)]

    def fit(self, encoded: Encoded, texts: Sequence[str]) -> list[Fit]:
        self.compared += len(texts)
        return [Fit(self.total.get(text.rstrip("."), -40.0), len(text.split()) + 1) for text in texts]

    def ends(self, encoded: Encoded, text: str) -> bool:
        return text.rstrip(".") not in self.goes_on


def test_what_was_clearly_heard_costs_one_reading() -> None:
    """It fits, and it is a sentence of this home: nothing else is looked at."""
    model = FakeModel(["turn off the hall light."], [], {"turn off the hall light": -1.0})
    heard = Recogniser(model).recognise(SOUND, "Hey Jarvis", HOME)
    assert (heard.text, heard.closed, heard.free) == ("turn off the hall light.", True, "")
    assert (model.read_free, model.compared) == (0, 1)
    assert heard.confidence > 0.8


def test_sentences_of_the_home_are_held_against_the_sound() -> None:
    """What sounds like what was read comes with it, best fit first."""
    fits = {"turn off the whole light": -0.5, "turn off the hall light": -4.0, "turn on the hall light": -9.0}
    model = FakeModel(["turn off the whole light."], ["turn off the whole light."], fits)
    heard = Recogniser(model).recognise(SOUND, "", HOME)
    assert heard.text == "turn off the whole light."
    assert heard.alternatives[0] == "turn off the hall light"
    assert heard.closed


def test_what_fits_no_sentence_of_the_home_is_read_in_all_words() -> None:
    """Talk: the reading in all words is clearly better, and nothing of the home is left beside it."""
    fits = {"what is the turn off": -30.0, "what is the capital of france": -2.0}
    model = FakeModel(
        ["what is the turn off."], ["what is the capital of France?"], fits | {"what is the capital of France": -2.0}
    )
    heard = Recogniser(model).recognise(SOUND, "", HOME)
    assert (heard.text, heard.closed) == ("what is the capital of France?", False)
    assert heard.alternatives == ()
    assert model.read_free == 1


def test_a_value_that_was_not_looked_up_is_found_by_varying_the_best_sentence() -> None:
    """The name was lost in noise, the rest was heard: every name is tried in its place."""
    fits = {"turn off the noise": -9.0, "turn off the hall light": -14.0, "turn off the printer": -7.0}
    model = FakeModel(["turn off the noise."], ["turn off the nice."], fits)
    heard = Recogniser(model).recognise(SOUND, "", HOME)
    assert "turn off the printer" in heard.alternatives[:2]


@pytest.mark.parametrize(("fit", "text"), [(-30.0, ""), (-6.0, "turn off the printer.")])
def test_where_all_words_read_nothing_only_a_good_sentence_stands(fit: float, text: str) -> None:
    """Noise reads as nothing; a command deep in noise may do so too, and then it fits."""
    model = FakeModel(["turn off the printer."], [""], {"turn off the printer": fit})
    assert Recogniser(model).recognise(SOUND, "", HOME).text == text


def test_a_command_that_goes_on_in_other_words_is_not_taken_for_the_whole() -> None:
    """`... at the neighbours`: the words of the home stop too early, and nothing of them is left."""
    whole = "turn off the hall light at the neighbours"
    model = FakeModel(["turn off the hall light."], [f"{whole}."], {"turn off the hall light": -0.5, whole: -3.0})
    model.goes_on = frozenset({"turn off the hall light"})
    heard = Recogniser(model).recognise(SOUND, "", HOME)
    assert (heard.text, heard.closed) == (f"{whole}.", False)
    assert "turn off the hall light" not in heard.alternatives


def test_silence_is_not_read() -> None:
    """No sound costs nothing."""
    model = FakeModel(["turn"], ["turn"], {})
    assert Recogniser(model).recognise(np.zeros(16_000, dtype=np.float32), "", HOME).text == ""
    assert model.read_free == 0


@pytest.mark.parametrize(("search", "free_reads"), [("free", 1), ("closed", 0)])
def test_each_step_can_be_left_out(search: str, free_reads: int) -> None:
    """`asr.search` in the settings."""
    model = FakeModel(["turn off the whole light."], ["turn off the whole light."], {"turn off the whole light": -0.5})
    heard = Recogniser(model, search).recognise(SOUND, "", HOME)  # type: ignore[arg-type]
    assert heard.alternatives == ()
    assert model.read_free == free_reads


def test_texts_are_compared_once_each() -> None:
    """What was asked already is remembered with the sound."""
    model = FakeModel(["turn off the hall light."], [], {"turn off the hall light": -1.0})
    recogniser = Recogniser(model)
    encoded = recogniser.recognise(SOUND, "", HOME).encoded
    assert recogniser.fit(encoded, ["turn off the hall light", "turn off the hall light."]) == [-1.0, -1.0]
    assert model.compared == 1


def test_what_was_heard_whole_has_no_words_besides() -> None:
    """`turn off the hall` with nothing after it is not the hall light, however well that would fit."""
    fits = {"turn off the hall": -0.5, "turn off the hall light": -4.0}
    model = FakeModel(["turn off the hall."], ["turn off the hall."], fits)
    assert "turn off the hall light" not in Recogniser(model).recognise(SOUND, "", HOME).alternatives
