"""Where a sentence begins and ends, on scripted time: speech and silence as one line of text."""

from dataclasses import dataclass, field

import pytest

from edge.hearing.endpoint import (
    Ended,
    Endpointer,
    EndpointEvent,
    MaybeEnded,
    NothingSaid,
    SpeechResumed,
    SpeechStarted,
)
from edge.settings import HearingSettings

FRAME_MS = 32.0
SETTINGS = HearingSettings(
    early_silence_ms=160, complete_silence_ms=320, end_silence_ms=800, no_speech_ms=2_000, max_speech_ms=3_000
)


@dataclass
class Script:
    """Feeds an endpointer and keeps what it says."""

    endpointer: Endpointer = field(default_factory=lambda: Endpointer(SETTINGS))
    now_ms: float = 0.0
    events: list[EndpointEvent] = field(default_factory=list)

    def feed(self, frames: int, probability: float) -> "Script":
        for _ in range(frames):
            self.now_ms += FRAME_MS
            self.keep(self.endpointer.feed(self.now_ms, probability))
        return self

    def speech(self, frames: int) -> "Script":
        return self.feed(frames, 0.9)

    def quiet(self, frames: int) -> "Script":
        return self.feed(frames, 0.05)

    def complete(self) -> "Script":
        self.keep(self.endpointer.mark_complete())
        return self

    def keep(self, event: EndpointEvent | None) -> None:
        if event is not None:
            self.events.append(event)


def test_a_sentence_is_tried_early_and_ended_late() -> None:
    """After 160 ms of silence it may be over; after 800 ms it is."""
    script = Script().quiet(10).speech(20).quiet(30)
    assert script.events == [
        SpeechStarted(at_ms=320.0),
        MaybeEnded(trial=1, last_voiced_ms=960.0),
        Ended("silence", last_voiced_ms=960.0, trial=1),
    ]
    assert script.now_ms == 60 * FRAME_MS


def test_speech_again_voids_the_trial() -> None:
    """A pause between two words is no end; the last trial is the one that counts."""
    script = Script().speech(10).quiet(8).speech(10).quiet(30)
    assert script.events == [
        SpeechStarted(at_ms=0.0),
        MaybeEnded(trial=1, last_voiced_ms=320.0),
        SpeechResumed(trial=1, at_ms=576.0),
        MaybeEnded(trial=2, last_voiced_ms=896.0),
        Ended("silence", last_voiced_ms=896.0, trial=2),
    ]


def test_a_complete_sentence_ends_sooner() -> None:
    """Told that the words are a whole command, 320 ms of silence are enough."""
    script = Script().speech(10).quiet(6).complete().quiet(4)
    assert script.events[-1] == Ended("complete", last_voiced_ms=320.0, trial=1)
    assert script.now_ms == 640.0


def test_a_late_verdict_ends_the_sentence_at_once() -> None:
    """Where the silence is long enough already, the verdict itself ends it."""
    script = Script().speech(10).quiet(15)
    assert isinstance(script.events[-1], MaybeEnded)
    assert script.complete().events[-1] == Ended("complete", last_voiced_ms=320.0, trial=1)


def test_a_verdict_on_words_that_went_on_is_void() -> None:
    """A trial that was a whole command until the person went on speaking ends nothing."""
    script = Script().speech(10).quiet(6).speech(4).complete().speech(4).quiet(15)
    assert not any(isinstance(event, Ended) for event in script.events)
    assert script.quiet(12).events[-1] == Ended("silence", last_voiced_ms=768.0, trial=2)


def test_nothing_said() -> None:
    """Silence alone is told once, after its time."""
    script = Script().quiet(100)
    assert script.events == [NothingSaid(at_ms=2_016.0)]


def test_a_click_is_no_speech() -> None:
    """A single voiced frame neither begins a sentence nor voids a trial, and delays the end by one frame at most."""
    script = Script().speech(1).quiet(9).speech(10).quiet(7).speech(1).quiet(20)
    assert script.events == [
        SpeechStarted(at_ms=320.0),
        MaybeEnded(trial=1, last_voiced_ms=640.0),
        Ended("silence", last_voiced_ms=640.0, trial=1),
    ]


def test_speech_may_fade() -> None:
    """Between the two thresholds speech goes on, yet does not begin."""
    assert Script().feed(20, 0.4).events == []
    assert Script().speech(5).feed(20, 0.4).events == [SpeechStarted(at_ms=0.0)]


def test_endless_speech_is_cut() -> None:
    """A television does not keep us listening for ever; no trial has heard the whole."""
    script = Script().speech(200)
    assert script.events == [SpeechStarted(at_ms=0.0), Ended("too_long", last_voiced_ms=3_008.0, trial=None)]


def test_after_the_end_nothing_more_is_told() -> None:
    """What is fed after the end changes nothing."""
    script = Script().speech(10).quiet(30)
    told = len(script.events)
    assert len(script.speech(10).quiet(40).complete().events) == told


@pytest.mark.parametrize("marked_empty", [True, False])
def test_the_end_of_the_wake_word_is_no_sentence(marked_empty: bool) -> None:
    """Its last sound is tried, but a pause behind it may be longer than the pause that ends a sentence."""
    script = Script(Endpointer(SETTINGS, tail_until_ms=400.0)).speech(4).quiet(6)
    assert script.events == [SpeechStarted(at_ms=0.0), MaybeEnded(trial=1, last_voiced_ms=128.0)]
    if marked_empty:
        script.endpointer.mark_empty()
    script.quiet(35).speech(10).quiet(30)
    assert script.events[2] == (SpeechStarted(1_440.0) if marked_empty else SpeechResumed(1, 1_440.0))
    assert script.events[-1] == Ended("silence", last_voiced_ms=1_760.0, trial=2)


def test_a_short_command_right_behind_the_wake_word_counts() -> None:
    """ "stop" may be over as soon as the wake word's own end: what makes it a sentence is that it is complete."""
    script = Script(Endpointer(SETTINGS, tail_until_ms=400.0)).speech(8).quiet(6).complete().quiet(5)
    assert script.events[-1] == Ended("complete", last_voiced_ms=256.0, trial=1)


def test_an_empty_trial_leaves_all_the_time_there_was() -> None:
    """A cough is forgotten; without a word after it, nothing was said."""
    script = Script().speech(5).quiet(6)
    script.endpointer.mark_empty()
    assert script.quiet(60).events[-1] == NothingSaid(at_ms=2_016.0)
