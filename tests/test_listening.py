"""Ears and mouth on scripted sound: what comes by itself is said when nobody speaks, and rings until stopped."""

import queue
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray

from edge import Assistant, Home, SimulatedClock
from edge.asr.trial import TrialRecogniser
from edge.hearing.ears import Ears
from edge.records import Transcript
from edge.sayable import Sayable
from edge.settings import WakeSettings
from edge.speech.piper import PiperVoice
from edge.turn import Turn
from edge.voice import BLOCK, Listening, Voice
from tests.test_agenda import perform
from tests.test_ears import SETTINGS, FakeActivity, FakeDetector, quiet, speech, wake
from tests.test_ringing import FakeLoudspeaker, FakeVoice

QUESTION = (wake(), quiet(200), speech(600), quiet(1_500))
"""Somebody asks for the time."""

MARK = 2_222
"""Samples of speech that the test waits for."""


class FakeMicrophone:
    """Hears what it is given; tells when all of it was taken."""

    def __init__(self) -> None:
        self._blocks: queue.SimpleQueue[NDArray[np.int16] | None] = queue.SimpleQueue()
        self._taken = threading.Semaphore(0)

    def __iter__(self) -> Iterator[NDArray[np.int16]]:
        while (block := self._blocks.get()) is not None:
            yield block
            self._taken.release()

    def close(self) -> None:
        self._blocks.put(None)

    def hear(self, *sounds: NDArray[np.int16]) -> None:
        """Until the last block has been handed on."""
        sound = np.concatenate(sounds)
        begins = range(0, sound.size, BLOCK)
        for begin in begins:
            self._blocks.put(sound[begin : begin + BLOCK])
        for _ in begins:
            assert self._taken.acquire(timeout=5)


class FakeRecogniser:
    """Everybody asks for the time."""

    def recognise(self, sound: NDArray[np.float32], lead_in: str = "", sayable: Sayable | None = None) -> Transcript:
        return Transcript("what time is it", engine="fake", encoded=sound)

    def fit(self, encoded: NDArray[np.float32], texts: Sequence[str]) -> Sequence[float]:
        return [0.0 for _ in texts]


class FakeMouth(FakeVoice):
    """Says everything in a tenth of a second."""

    volume = 1.0


class FakeAttentiveActivity(FakeActivity):
    """Tells when it comes to a marked sound."""

    def __init__(self) -> None:
        super().__init__()
        self.came_to_mark = threading.Event()

    def probability(self, frame: NDArray[np.float32]) -> float:
        if np.isclose(frame, MARK / 32_768).all():
            self.came_to_mark.set()
        return super().probability(frame)


class Room:
    """An assistant in a room with a microphone and a loudspeaker."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self.runtime = assistant.runtime
        self.microphone, self.speaker, self.activity = FakeMicrophone(), FakeLoudspeaker(), FakeAttentiveActivity()
        self.turns: queue.SimpleQueue[Turn] = queue.SimpleQueue()
        self.recogniser = TrialRecogniser(FakeRecogniser())
        voice = Voice(
            new_ears=lambda: Ears(FakeDetector(), self.activity, SETTINGS, WakeSettings()),
            new_detector=FakeDetector,
            recogniser=self.recogniser,
            mouth=cast("PiperVoice", FakeMouth()),
        )
        self.listening = Listening(
            voice,
            self.runtime.conversation,
            self.runtime.understanding,
            self.microphone,
            self.speaker,
            on_turn=lambda turn, _: self.turns.put(turn),
        )
        self.listening.start()

    def sounds(self, pieces: int) -> list[str]:
        """The next pieces from the loudspeaker."""
        self.speaker.more.release(pieces)
        return [self.speaker.played.get(timeout=5) for _ in range(pieces)]

    def close(self) -> None:
        self.listening.close()
        self.recogniser.close()


@pytest.fixture
def room() -> Iterator[Room]:
    clock = SimulatedClock(datetime(2026, 11, 22, 12, tzinfo=UTC))
    with Assistant.open(home=Home.demo(), store=":memory:", clock=clock, room="kitchen") as assistant:
        room = Room(assistant)
        yield room
        room.close()


def test_a_timer_rings_is_interrupted_rings_on_and_is_stopped(room: Room) -> None:
    """The wake word silences it, the answer is heard, it rings on; stopped, from wherever, it is silent."""
    perform(room.runtime, "start_timer", seconds=5, name="pasta")
    room.assistant.advance(timedelta(seconds=5))
    assert room.sounds(4) == ["chime", "word", "chime", "chime"]
    room.microphone.hear(*QUESTION)
    turn = room.turns.get(timeout=5)
    assert (turn.utterance.source, turn.utterance.interrupts_after_ms) == ("microphone", None)
    assert room.sounds(3) == ["word", "chime", "chime"]
    perform(room.runtime, "stop_ringing")
    room.assistant.hear_text("what time is it")
    room.listening.say("Nothing rings any more.")
    assert room.sounds(1) == ["word"]
    assert room.speaker.played.empty()


def test_what_comes_by_itself_waits_until_nobody_speaks(room: Room) -> None:
    """Neither a message nor a bell goes into the middle of a sentence; both are heard after it."""
    room.microphone.hear(wake(), quiet(200), speech(600))
    message = room.listening.say("The washing is done.")
    perform(room.runtime, "set_reminder", at="2026-11-22T12:00:05+00:00", text="call mum")
    room.assistant.advance(timedelta(seconds=5))
    room.microphone.hear(speech(96, MARK))
    assert room.activity.came_to_mark.wait(5)
    assert len(room.listening._unasked) == 2
    assert not message.finished
    room.microphone.hear(quiet(1_500))
    assert sorted(room.sounds(4)) == ["chime", "word", "word", "word"]
    assert message.wait(5)


def test_the_reply_to_a_command_for_later_is_spoken(room: Room) -> None:
    """Without a chime, like any reply; the doors that show spoken turns are not told of it twice."""
    perform(room.runtime, "do_later", at="2026-11-22T12:00:05+00:00", text="turn on the kitchen light")
    (turn,) = room.assistant.advance(timedelta(seconds=6))
    assert turn.response is not None
    assert turn.response.text == "The kitchen light is on."
    assert room.sounds(1) == ["word"]
    assert room.turns.empty()


def test_a_wake_word_silences_all_that_is_said_or_waits(room: Room) -> None:
    """Whoever wants to speak need not hear the rest of two messages first."""
    messages = [room.listening.say("The washing is done."), room.listening.say("So is the dryer.")]
    assert room.sounds(1) == ["word"]
    room.microphone.hear(*QUESTION)
    room.turns.get(timeout=5)
    assert room.sounds(1) == ["word"]
    assert [message.wait(5) for message in messages] == [True, True]
    assert messages[1].cancelled.is_set()
    assert messages[1].played_ms == 0
