"""The ears on scripted sound: fakes read from the samples themselves what is a wake word and what is speech."""

import tracemalloc

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.hearing.ears import Ears
from edge.hearing.events import EarEvent, NothingSaid, TrialBegan, TrialVoid, UtteranceEnded, WakeHeard
from edge.hearing.own_voice import own_wake_moments
from edge.records import Wake
from edge.settings import HearingSettings, WakeSettings

MS = 16
SETTINGS = HearingSettings(
    early_silence_ms=160, complete_silence_ms=320, end_silence_ms=800, no_speech_ms=3_000, max_speech_ms=6_000
)
WORD = 7_000
"""The wake word's samples."""


class FakeDetector:
    """Scores in the frame in which the wake word is over, and fades after it, as the real one does."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self.in_word = False
        self.fading: list[float] = []

    def feed(self, frame: NDArray[np.int16]) -> dict[str, float]:
        begun = self.in_word or bool((frame == WORD).any())
        self.in_word = bool(frame[-1] == WORD)
        if begun and not self.in_word:
            self.fading = [0.9, 0.95, 0.6, 0.3]
        return {"hey_jarvis": self.fading.pop(0) if self.fading else 0.0}


class FakeActivity:
    """Speech is what is loud."""

    def __init__(self) -> None:
        self.asked = 0

    def reset(self) -> None:
        pass

    def probability(self, frame: NDArray[np.float32]) -> float:
        self.asked += 1
        return 0.95 if np.abs(frame).mean() > 0.01 else 0.02


def quiet(ms: int) -> NDArray[np.int16]:
    return np.zeros(ms * MS, dtype=np.int16)


def speech(ms: int, mark: int = 1_000) -> NDArray[np.int16]:
    return np.full(ms * MS, mark, dtype=np.int16)


def wake() -> NDArray[np.int16]:
    return np.full(640 * MS, WORD, dtype=np.int16)


def ears() -> Ears:
    return Ears(FakeDetector(), FakeActivity(), SETTINGS, WakeSettings(), room="kitchen")


def heard(ears: Ears, *sound: NDArray[np.int16], block: int = 512) -> list[EarEvent]:
    whole = np.concatenate(sound)
    return [event for start in range(0, whole.size, block) for event in ears.feed(whole[start : start + block])]


def kinds(events: list[EarEvent]) -> list[str]:
    return [type(event).__name__ for event in events]


def ended(events: list[EarEvent]) -> UtteranceEnded:
    (found,) = [event for event in events if isinstance(event, UtteranceEnded)]
    return found


def marks(sound: NDArray[np.float32]) -> list[int]:
    """The marks of the speech in `sound`, in order."""
    values = np.rint(sound * 32_768).astype(int)
    return [int(value) for value in values[np.r_[True, np.diff(values) != 0]] if value]


@pytest.mark.parametrize("block", [1, 160, 512, 1_280, 5_000, 100_000])
def test_one_breath_loses_nothing(block: int) -> None:
    """A command glued to the wake word is heard from its first sample, however the sound is cut into blocks."""
    sound = (quiet(1_000), wake(), speech(900, 1_001), speech(100, 1_002), quiet(1_200))
    events = heard(ears(), *sound, block=block)
    assert kinds(events) == ["WakeHeard", "TrialBegan", "UtteranceEnded"]
    end = ended(events)
    assert marks(end.utterance.sound) == [WORD, 1_001, 1_002]
    assert np.count_nonzero(np.isclose(end.utterance.sound, 1_001 / 32_768)) == 900 * MS
    assert end.trial_id == 1
    assert abs(end.last_voiced_sample - 2_640 * MS) <= 32 * MS
    assert (end.utterance.source, end.utterance.room) == ("microphone", "kitchen")


def test_a_trial_hears_what_the_utterance_keeps() -> None:
    """The sound given on trial is the utterance's own, less the silence that followed."""
    events = heard(ears(), quiet(1_000), wake(), quiet(300), speech(800), quiet(1_200))
    (trial,) = [event for event in events if isinstance(event, TrialBegan)]
    whole = ended(events).utterance.sound
    np.testing.assert_array_equal(whole[: trial.sound.size], trial.sound)
    assert not whole[trial.sound.size :].any()
    assert trial.wake is not None
    assert trial.sound.dtype == np.float32


def test_the_pause_after_the_wake_word_is_left_out() -> None:
    """The utterance is the wake word and what was said, without two seconds of nothing between them."""
    events = heard(ears(), quiet(1_000), wake(), quiet(2_000), speech(500), quiet(1_200))
    end = ended(events)
    assert marks(end.utterance.sound) == [WORD, 1_000]
    assert end.utterance.sound.size < (1_200 + 200 + 500 + 900) * MS
    assert end.utterance.speech_ms == pytest.approx(500, abs=40)


def test_one_word_wakes_once_and_keeps_its_highest_score() -> None:
    """The detector's score stays high for several frames; that is one wake word."""
    events = heard(ears(), quiet(1_000), wake(), speech(500), quiet(1_200))
    woken = [event for event in events if isinstance(event, WakeHeard)]
    assert [event.wake for event in woken] == [Wake("hey_jarvis", 0.9)]
    assert abs(woken[0].at_sample - 1_640 * MS) <= 160 * MS
    assert ended(events).utterance.wake == Wake("hey_jarvis", 0.95)


def test_speech_that_goes_on_voids_the_trial() -> None:
    """A pause for thought: the first trial is void, the second is the one that counts."""
    events = heard(ears(), quiet(500), wake(), speech(600, 1_001), quiet(300), speech(600, 1_002), quiet(1_200))
    assert kinds(events) == ["WakeHeard", "TrialBegan", "TrialVoid", "TrialBegan", "UtteranceEnded"]
    assert ended(events).trial_id == 2
    assert marks(ended(events).utterance.sound) == [WORD, 1_001, 1_002]


def test_a_complete_sentence_ends_at_the_verdict() -> None:
    """Told that the trial is a whole command, the ears hand over the utterance without another block of sound."""
    listening = ears()
    events = heard(listening, quiet(500), wake(), speech(600), quiet(480))
    assert kinds(events) == ["WakeHeard", "TrialBegan"]
    assert kinds(listening.sentence_complete(99)) == []
    (end,) = listening.sentence_complete(1)
    assert isinstance(end, UtteranceEnded)
    assert (end.reason, end.trial_id) == ("complete", 1)
    assert not listening.is_listening


def test_the_wake_word_alone_says_nothing() -> None:
    """A wake word and then silence: after its time nothing was said, and the wake word is told."""
    events = heard(ears(), quiet(500), wake(), quiet(4_000))
    assert kinds(events) == ["WakeHeard", "NothingSaid"]
    assert events[-1] == NothingSaid(Wake("hey_jarvis", 0.95))


def test_the_wake_word_s_own_end_is_forgotten() -> None:
    """Its last sound is tried, found empty, and the command after a long pause is heard alone."""
    listening = ears()
    events = heard(listening, quiet(500), wake(), speech(320, 1_001), quiet(300))
    assert kinds(events) == ["WakeHeard", "TrialBegan"]
    listening.sentence_empty(1)
    events = heard(listening, quiet(1_500), speech(500, 1_002), quiet(1_200))
    assert kinds(events) == ["TrialBegan", "UtteranceEnded"]
    assert ended(events).trial_id == 2
    assert 1_002 in marks(ended(events).utterance.sound)
    assert ended(events).utterance.sound.size < 3_500 * MS


def test_a_wake_word_while_listening_begins_anew() -> None:
    """Whoever calls again wants to start over: the trial is void, the new utterance has only the new words."""
    events = heard(ears(), quiet(500), wake(), speech(600, 1_001), quiet(300), wake(), speech(600, 1_002), quiet(1_200))
    assert kinds(events).count("WakeHeard") == 2
    assert kinds(events)[-2:] == ["TrialBegan", "UtteranceEnded"]
    assert "TrialVoid" in kinds(events)
    assert 1_001 not in marks(ended(events).utterance.sound)[1:]
    assert marks(ended(events).utterance.sound)[-1] == 1_002


def test_an_answer_needs_no_wake_word() -> None:
    """After a question of ours the next words are an utterance of their own, from just before their first sound."""
    listening = ears()
    heard(listening, quiet(1_000))
    listening.listen()
    events = heard(listening, quiet(500), speech(400), quiet(1_200))
    assert kinds(events) == ["TrialBegan", "UtteranceEnded"]
    assert ended(events).utterance.wake is None
    assert ended(events).utterance.sound.size <= (200 + 400 + 900) * MS


def test_stopping_to_listen_forgets_the_utterance() -> None:
    """Given up, a trial becomes void and nothing is told later; a wake word is still heard."""
    listening = ears()
    heard(listening, quiet(500), wake(), speech(600), quiet(300))
    assert listening.stop_listening() == [TrialVoid(1)]
    assert listening.stop_listening() == []
    assert heard(listening, speech(500), quiet(2_000)) == []
    assert kinds(heard(listening, wake(), quiet(200))) == ["WakeHeard"]


def test_endless_speech_is_handed_over() -> None:
    """What never pauses is cut at its greatest length, with no trial that heard it all."""
    events = heard(ears(), quiet(500), wake(), speech(8_000))
    assert ended(events).reason == "too_long"
    assert ended(events).trial_id is None
    assert ended(events).utterance.speech_ms == pytest.approx(6_000, abs=40)


def test_a_file_may_end_in_the_middle_of_a_word() -> None:
    """When the sound is over, what is open ends as silence would end it."""
    listening = ears()
    heard(listening, quiet(500), wake(), speech(600))
    events = listening.finish()
    assert kinds(events) == ["TrialBegan", "UtteranceEnded"]
    assert listening.finish() == []


def test_our_own_wake_word_does_not_wake_us() -> None:
    """Where a reply says the wake word itself it is not heard; a person saying it a second later is."""
    reply = np.concatenate((speech(800), wake(), speech(1_500)))
    moments = own_wake_moments(FakeDetector(), reply)
    assert len(moments) == 1
    listening = ears()
    heard(listening, quiet(1_000))
    listening.expect_own_voice(listening.now, moments)
    assert heard(listening, reply) == []
    assert kinds(heard(listening, wake(), quiet(200))) == ["WakeHeard"]


def test_a_person_interrupts_a_reply() -> None:
    """A wake word in any other moment of our reply is heard within a quarter of a second of its end."""
    reply = np.concatenate((speech(800), wake(), speech(1_500)))
    listening = ears()
    listening.expect_own_voice(0, own_wake_moments(FakeDetector(), reply))
    (woken,) = heard(listening, quiet(100), wake(), quiet(200))
    assert isinstance(woken, WakeHeard)
    assert woken.at_sample <= (740 + 160) * MS


@pytest.mark.parametrize("speaking", [False, True])
def test_over_our_own_voice_a_covered_wake_word_is_enough(speaking: bool) -> None:
    """A score below the threshold wakes while we speak, and only then."""

    class FakeCovered(FakeDetector):
        def feed(self, frame: NDArray[np.int16]) -> dict[str, float]:
            return {word: 0.35 * score for word, score in super().feed(frame).items()}

    listening = Ears(FakeCovered(), FakeActivity(), SETTINGS, WakeSettings())
    listening.hears_own_voice = speaking
    woken = [event for event in heard(listening, quiet(400), wake(), quiet(400)) if isinstance(event, WakeHeard)]
    assert len(woken) == speaking


def test_a_reply_cut_off_is_expected_no_more() -> None:
    """After the reply was silenced, the wake word it would have said can be said by a person."""
    reply = np.concatenate((speech(2_000), wake(), speech(500)))
    listening = ears()
    listening.expect_own_voice(0, own_wake_moments(FakeDetector(), reply))
    heard(listening, quiet(1_000))
    listening.own_voice_stopped()
    assert kinds(heard(listening, quiet(1_000), wake(), quiet(200))) == ["WakeHeard"]


def test_voice_activity_rests_until_it_is_needed() -> None:
    """While no utterance is open only the wake word costs anything."""
    activity = FakeActivity()
    idle = Ears(FakeDetector(), activity, SETTINGS, WakeSettings())
    heard(idle, speech(5_000))
    assert activity.asked == 0


def test_five_minutes_of_silence_stay_small() -> None:
    """Memory does not grow with time: the ring is all that is kept."""
    listening = ears()
    heard(listening, quiet(30_000), block=1_280)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(300):
        listening.feed(quiet(1_000))
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 100_000
    assert kinds(heard(listening, wake(), speech(500), quiet(1_200)))[-1] == "UtteranceEnded"
