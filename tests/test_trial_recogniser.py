"""The recogniser's stage: typed text, sound, and recognition begun before the sentence is over."""

import threading
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.asr.trial import TrialRecogniser, TypedRecogniser, spoken_words
from edge.errors import StageFailed
from edge.knowledge import Knowledge
from edge.records import Transcript, Utterance, Wake
from edge.sayable import Sayable

KNOWLEDGE = Knowledge(1)
JARVIS = Wake("hey_jarvis", 0.9)


class FakeRecogniser:
    """Reads the first sample of a sound as its text; waits at the gate when there is one."""

    def __init__(self) -> None:
        self.read: list[tuple[str, str]] = []
        self.sayable: Sayable | None = None
        self.gate = threading.Event()
        self.gate.set()

    def recognise(self, sound: NDArray[np.float32], lead_in: str = "", sayable: Sayable | None = None) -> Transcript:
        assert self.gate.wait(timeout=5)
        if sound[0] < 0:
            raise RuntimeError("model broken")
        self.read.append((str(int(sound[0])), lead_in))
        self.sayable = sayable
        return Transcript(str(int(sound[0])), engine="fake", encoded=sound)

    def fit(self, encoded: NDArray[np.float32], texts: Sequence[str]) -> Sequence[float]:
        return [-float(abs(encoded[0] - float(text))) for text in texts]


def sound(number: int) -> NDArray[np.float32]:
    return np.full(10, number, dtype=np.float32)


@pytest.fixture
def fake() -> FakeRecogniser:
    return FakeRecogniser()


@pytest.fixture
def stage(fake: FakeRecogniser) -> Iterator[TrialRecogniser]:
    stage = TrialRecogniser(fake)
    yield stage
    fake.gate.set()
    stage.close()


def test_typed_text_passes_through(stage: TrialRecogniser, fake: FakeRecogniser) -> None:
    """What was typed is cleaned and keeps its confidence and alternatives; no sound is read."""
    typed = Utterance(
        "text", typed="  turn on\tthe light ", typed_confidence=0.83, typed_alternatives=("turn  on the kite", " ")
    )
    expected = Transcript("turn on the light", 0.83, ("turn on the kite",), "typed")
    assert stage.transcribe(typed, KNOWLEDGE) == expected
    assert TypedRecogniser().transcribe(typed, KNOWLEDGE) == expected
    assert fake.read == []


def test_a_wake_word_and_nothing_more_is_an_empty_transcript(stage: TrialRecogniser) -> None:
    """Without sound and without text nothing was said."""
    assert stage.transcribe(Utterance("microphone", wake=JARVIS), KNOWLEDGE).text == ""


def test_sound_is_read_with_its_wake_word(stage: TrialRecogniser, fake: FakeRecogniser) -> None:
    """The recogniser is told with which words the sound begins."""
    assert stage.transcribe(Utterance("microphone", wake=JARVIS, sound=sound(7)), KNOWLEDGE).text == "7"
    assert stage.transcribe(Utterance("wav", sound=sound(8)), KNOWLEDGE).text == "8"
    assert fake.read == [("7", "Hey Jarvis"), ("8", "")]


def test_a_trial_that_heard_all_is_not_read_again(stage: TrialRecogniser, fake: FakeRecogniser) -> None:
    """The utterance takes the result of its trial, also when other fields of it were replaced since."""
    told: list[tuple[int, Transcript]] = []
    done = threading.Event()

    def tell(trial_id: int, transcript: Transcript) -> None:
        told.append((trial_id, transcript))
        done.set()

    stage.begin(3, sound(1), KNOWLEDGE, JARVIS, tell)
    assert done.wait(timeout=5)
    assert stage.result(3) == Transcript("1", engine="fake")
    utterance = Utterance("microphone", wake=JARVIS, sound=sound(2))
    stage.adopt(3, utterance)
    assert stage.transcribe(utterance, KNOWLEDGE).text == "1"
    assert [(trial_id, transcript.text) for trial_id, transcript in told] == [(3, "1")]
    assert fake.read == [("1", "Hey Jarvis")]


def test_a_trial_still_running_is_waited_for(stage: TrialRecogniser, fake: FakeRecogniser) -> None:
    """An adopted trial need not be done; nobody is told its result but the turn."""
    told: list[int] = []
    fake.gate.clear()
    stage.begin(1, sound(1), KNOWLEDGE, JARVIS, lambda trial_id, _: told.append(trial_id))
    assert stage.result(1) is None
    utterance = Utterance("microphone", sound=sound(1))
    stage.adopt(1, utterance)
    fake.gate.set()
    assert stage.transcribe(utterance, KNOWLEDGE).text == "1"
    assert (told, fake.read) == ([], [("1", "Hey Jarvis")])


def test_a_void_trial_is_forgotten(stage: TrialRecogniser, fake: FakeRecogniser) -> None:
    """Speech went on: the first trial tells nothing, the second one counts, one that waits is not even read."""
    told: list[int] = []
    fake.gate.clear()
    for trial_id in (1, 2, 3):
        stage.begin(trial_id, sound(trial_id), KNOWLEDGE, when_done=lambda trial_id, _: told.append(trial_id))
    stage.void(1)
    stage.void(2)
    stage.void(99)
    fake.gate.set()
    utterance = Utterance("microphone", sound=sound(4))
    assert stage.transcribe(utterance, KNOWLEDGE).text == "4"
    assert told == [3]
    assert [text for text, _ in fake.read] == ["1", "3", "4"]
    assert stage.result(1) is None


def test_an_adopted_trial_serves_its_own_utterance_only(stage: TrialRecogniser) -> None:
    """A turn that comes between gets its own words, and the adopted trial stays for whom it belongs to."""
    stage.begin(1, sound(1), KNOWLEDGE)
    first = Utterance("microphone", sound=sound(1))
    stage.adopt(1, first)
    assert stage.transcribe(Utterance("wav", sound=sound(5)), KNOWLEDGE).text == "5"
    assert stage.transcribe(Utterance("text", typed="hello"), KNOWLEDGE).text == "hello"
    assert stage.transcribe(first, KNOWLEDGE).text == "1"


def test_a_broken_recogniser_fails_its_stage(stage: TrialRecogniser) -> None:
    """On trial or not, the pipeline gets a StageFailed that says what to do, and the next sound works."""
    told: list[int] = []
    stage.begin(1, sound(-1), KNOWLEDGE, when_done=lambda trial_id, _: told.append(trial_id))
    utterance = Utterance("microphone", sound=sound(-1))
    stage.adopt(1, utterance)
    for _ in range(2):
        with pytest.raises(StageFailed, match="asr: The recogniser broke down") as failed:
            stage.transcribe(utterance, KNOWLEDGE)
        assert failed.value.point == "asr"
    assert told == []
    assert stage.result(1) is None
    assert stage.transcribe(Utterance("wav", sound=sound(6)), KNOWLEDGE).text == "6"


def test_sound_without_a_speech_model_is_refused() -> None:
    """voice=False takes text only, and says so."""
    with pytest.raises(StageFailed, match=r"Speech recognition is not loaded\. Start with voice=True, or type"):
        TypedRecogniser().transcribe(Utterance("wav", sound=sound(1)), KNOWLEDGE)


@pytest.mark.parametrize(
    ("word", "spoken"),
    [
        ("hey_jarvis", "Hey Jarvis"),
        ("alexa", "Alexa"),
        ("/home/me/ok_house_v1.2.onnx", "Ok House"),
        ("computer.onnx", "Computer"),
    ],
)
def test_wake_words_are_written_as_they_are_said(word: str, spoken: str) -> None:
    """A name from the settings, or the file of a model of one's own."""
    assert spoken_words(Wake(word, 1.0)) == spoken
    assert spoken_words(None) == ""


def test_a_home_is_listened_to_in_its_own_words(fake: FakeRecogniser) -> None:
    """What the words are is asked anew for every reading, so that a new name is heard at once."""
    stage = TrialRecogniser(fake, lambda knowledge: Sayable(frozenset({f"word{knowledge.revision}"})))
    stage.transcribe(Utterance("wav", sound=sound(1)), Knowledge(7))
    assert fake.sayable == Sayable(frozenset({"word7"}))
    stage.close()


def test_texts_are_compared_in_the_sound_that_was_read(stage: TrialRecogniser) -> None:
    """The transcript carries its sound; what was typed has none to compare in."""
    transcript = stage.transcribe(Utterance("wav", sound=sound(7)), KNOWLEDGE)
    assert stage.scores(transcript, ["7", "9"]) == {"7": 0.0, "9": -2.0}
    assert stage.scores(Transcript("7"), ["7"]) == {}
