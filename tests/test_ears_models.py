"""The ears with their real models: from spoken sound to the words, as far as hearing goes."""

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.asr.recogniser import Recogniser
from edge.asr.trial import spoken_words
from edge.asr.whisper import Whisper
from edge.hearing.ears import Ears
from edge.hearing.events import EarEvent, UtteranceEnded, WakeHeard
from edge.hearing.own_voice import own_wake_moments
from edge.hearing.voice_activity import VoiceActivity
from edge.hearing.wake import WakeDetector
from edge.settings import HearingSettings, WakeSettings
from edge.text import normal
from tests.sounds import RATE, activity_model, joined, silence, spoken, wake_model, whisper_dir

pytestmark = pytest.mark.models

TEXT = "turn on the kitchen light"


def detector() -> WakeDetector:
    words = {"hey_jarvis": wake_model("hey_jarvis_v0.1")}
    return WakeDetector(wake_model("melspectrogram"), wake_model("embedding_model"), words)


def ears() -> Ears:
    return Ears(detector(), VoiceActivity(activity_model()), HearingSettings(), WakeSettings())


def heard(ears: Ears, *sound: NDArray[np.int16]) -> list[EarEvent]:
    """As a microphone in a quiet room would bring it."""
    whole = joined(*sound)
    room = silence(whole.size * 1_000 / RATE + 1, 15.0)[: whole.size]
    whole = (whole.astype(np.int32) + room).clip(-32_768, 32_767).astype(np.int16)
    return [event for start in range(0, whole.size, 512) for event in ears.feed(whole[start : start + 512])]


def ended(events: list[EarEvent]) -> UtteranceEnded:
    (found,) = [event for event in events if isinstance(event, UtteranceEnded)]
    return found


@pytest.mark.parametrize(
    "sound",
    [
        pytest.param((f"hey jarvis {TEXT}",), id="in one breath"),
        pytest.param(("hey jarvis", TEXT), id="said right after"),
        pytest.param(("hey jarvis", None, TEXT), id="after a pause"),
    ],
)
def test_every_word_of_the_command_is_heard(sound: tuple[str | None, ...]) -> None:
    """However close the command follows the wake word, recognition reads all of it and no more."""
    parts = [silence(1_500) if text is None else spoken(text) for text in sound]
    end = ended(heard(ears(), silence(600), *parts, silence(1_500)))
    assert end.utterance.wake is not None
    reader = Recogniser(Whisper(whisper_dir()))
    assert normal(reader.recognise(end.utterance.sound, spoken_words(end.utterance.wake)).text) == TEXT


def test_the_last_voiced_sample_is_found() -> None:
    """Where speech ended is known to a tenth of a second."""
    command = spoken(TEXT)
    loud = np.flatnonzero(np.abs(command.astype(np.int32)) > 500)
    end = ended(heard(ears(), silence(600), spoken("hey jarvis"), command[: loud[-1]], silence(1_500)))
    truth = silence(600).size + spoken("hey jarvis").size + int(loud[-1])
    assert abs(end.last_voiced_sample - truth) < 0.1 * RATE


def test_a_person_interrupts_within_a_fifth_of_a_second() -> None:
    """The wake word over our own voice at half its loudness is told at most 200 ms after its end."""
    word = spoken("hey jarvis")
    loud = np.flatnonzero(np.abs(word.astype(np.int32)) > 500)
    word = word[: loud[-1]]
    reply = spoken("The kitchen light is on, and the bedroom lamp is still off.", "joe") // 8
    begins = RATE
    mixed = reply.astype(np.int32).copy()
    mixed[begins : begins + word.size] += word
    woken = [
        event for event in heard(ears(), mixed.clip(-32_768, 32_767).astype(np.int16)) if isinstance(event, WakeHeard)
    ]
    assert len(woken) == 1
    assert woken[0].at_sample <= begins + word.size + RATE // 5


def test_our_own_voice_does_not_wake_us() -> None:
    """A reply of ours that says the wake word is known beforehand; without that knowledge it would wake us."""
    reply = spoken("You can say hey jarvis at any time.")
    assert any(isinstance(event, WakeHeard) for event in heard(ears(), silence(300), reply, silence(800)))
    knowing = ears()
    heard(knowing, silence(300))
    knowing.expect_own_voice(knowing.now, own_wake_moments(detector(), reply))
    assert heard(knowing, silence(60), reply // 2, silence(800)) == []


def test_an_ordinary_reply_hides_no_wake_word() -> None:
    """In most replies there is no moment at which a person would not be heard."""
    assert own_wake_moments(detector(), spoken("I turned on the kitchen light.")) == ()
