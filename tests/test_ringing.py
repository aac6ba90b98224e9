"""The bell: its sound, how it goes through the player, and when it is silent."""

import queue
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice

import numpy as np
import pytest

from edge.entries import Entry
from edge.hearing.sources import RateConverter
from edge.hearing.wake import WakeDetector
from edge.manifest import Manifest
from edge.settings import WakeSettings
from edge.speech.chime import CHIMES_MAX, chime, chimes
from edge.speech.playback import Playback, Samples
from edge.speech.player import Player
from edge.speech.ringer import Ringer

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TIMER = Entry("a", "timer", NOON, "pasta", ringing=True)
ALARM = replace(TIMER, kind="alarm")
REMINDER = replace(TIMER, kind="reminder")
RATE = 8_000
WORD = 77
"""What the fake voice's samples are."""


class FakeVoice:
    """Says every text in a tenth of a second."""

    sample_rate = RATE

    def synthesise(self, text: str) -> Iterator[Samples]:
        yield np.full(RATE // 10, WORD, dtype=np.int16)


class FakeLoudspeaker:
    """Plays a piece whenever it is asked for one more."""

    def __init__(self) -> None:
        self.played: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.more = threading.Semaphore(0)

    def play(self, pieces: Iterable[Samples], sample_rate: int, playback: Playback) -> None:
        for piece in pieces:
            while not self.more.acquire(timeout=0.005):
                if playback.cancelled.is_set():
                    return
            if playback.cancelled.is_set():
                self.more.release()
                return
            playback.advance(piece.size, sample_rate)
            self.played.put(_kind(piece))

    def close(self) -> None:
        pass


class Bell:
    """A ringer with its player, and what rings."""

    def __init__(self) -> None:
        self.rings: tuple[Entry, ...] = ()
        self.speaker = FakeLoudspeaker()
        self.known: list[str] = []
        self.player = Player(FakeVoice(), self.speaker, lambda piece, *_: self.known.append(_kind(piece)))
        self.ringer = Ringer(self.player, lambda: self.rings)

    def hear(self, pieces: int) -> list[str]:
        """The next pieces that sound."""
        self.speaker.more.release(pieces)
        return [self.speaker.played.get(timeout=5) for _ in range(pieces)]


def _kind(piece: Samples) -> str:
    return "word" if piece[0] == WORD else "chime"


@pytest.fixture
def bell() -> Iterator[Bell]:
    bell = Bell()
    yield bell
    bell.player.close()


@pytest.mark.parametrize("rate", [8_000, 16_000, 22_050, 48_000])
def test_a_chime_is_two_notes(rate: int) -> None:
    """First an A, then a C sharp above it; it begins and ends in silence and is never clipped."""
    sound = chime(rate).astype(float)
    assert 1.0 < sound.size / rate < 1.5
    assert abs(sound[0]) + abs(sound[-1]) < 200
    assert 10_000 < np.abs(sound).max() < 20_000
    spectrum = np.abs(np.fft.rfft(sound[: round(0.27 * rate)]))
    assert abs(spectrum.argmax() / 0.27 - 880) < 5
    spectrum = np.abs(np.fft.rfft(sound[round(0.6 * rate) :]))
    assert abs(spectrum.argmax() * rate / sound[round(0.6 * rate) :].size - 1109) < 5


def test_an_alarm_grows_louder() -> None:
    """It begins softly and is at its loudest within a minute; a timer is as loud at once. Both end by themselves."""
    growing = [float(np.abs(sound).max()) for sound in chimes(RATE, lambda: True, grows=True)]
    assert growing == sorted(growing)
    assert growing[0] < 0.15 * growing[-1]
    assert growing[25] == growing[-1]
    assert len(growing) == CHIMES_MAX
    (steady,) = {float(np.abs(sound).max()) for sound in chimes(RATE, lambda: True, loudness=0.5)}
    assert steady == pytest.approx(growing[-1] / 2, abs=2)


@pytest.mark.models
def test_no_chime_wakes_it() -> None:
    """However loud it comes back, and over whatever noise, none of the wake words is heard in it, even by half."""
    wake = WakeSettings(words=("alexa", "hey_jarvis", "hey_mycroft", "hey_rhasspy"))
    manifest, noise = Manifest.load(), np.random.default_rng(3)
    detector = WakeDetector(
        manifest.locate("wake-melspectrogram"),
        manifest.locate("wake-embedding"),
        {word: manifest.locate(manifest.wake_word(word)) for word in wake.words},
    )
    ringing = RateConverter(22_050).convert(np.concatenate(list(islice(chimes(22_050, lambda: True, grows=True), 20))))
    for gain, hiss in ((1.0, 8), (0.3, 8), (0.1, 30), (0.5, 200), (0.03, 30)):
        heard = (ringing * gain + noise.normal(0, hiss, ringing.size)).clip(-32_767, 32_767).astype(np.int16)
        scores = [max(detector.feed(heard[at : at + 1_280]).values()) for at in range(0, heard.size - 1_280, 1_280)]
        assert max(scores) < wake.threshold / 4


def test_a_timer_chimes_speaks_and_chimes_on_until_it_is_over(bell: Bell) -> None:
    """The ears know the voice and what comes before it, and the chimes end when nothing rings any more."""
    bell.rings = (TIMER,)
    bell.ringer.begin("The pasta.", Playback())
    assert bell.hear(4) == ["chime", "word", "chime", "chime"]
    assert bell.player.speaks
    assert bell.known == ["chime", "word"]
    bell.rings = ()
    bell.ringer.end()
    bell.player.say("Well done.")
    assert bell.hear(1) == ["word"]


def test_a_reminder_is_told_once(bell: Bell) -> None:
    """One chime and the words; another turn that ends meanwhile does not cut it off."""
    bell.rings = (REMINDER,)
    playback = Playback()
    bell.ringer.begin("Call mum.", playback)
    bell.rings = ()
    bell.ringer.end()
    assert bell.hear(2) == ["chime", "word"]
    assert playback.wait(5)
    bell.rings = (REMINDER,)
    bell.ringer.go_on()
    bell.player.say("Good.")
    assert bell.hear(1) == ["word"]


def test_it_falls_silent_for_a_reply_and_rings_on(bell: Bell) -> None:
    """Whoever speaks is heard and answered; what still rings then chimes again, after the reply, without the words."""
    bell.rings = (ALARM,)
    bell.ringer.begin("Your alarm.", Playback())
    assert bell.hear(2) == ["chime", "word"]
    bell.ringer.make_room()
    bell.player.say("It is noon.")
    bell.ringer.go_on()
    bell.ringer.go_on()
    assert bell.hear(3) == ["word", "chime", "chime"]
    bell.player.stop()
    bell.rings = ()
    bell.ringer.go_on()
    bell.player.say("Good morning.")
    assert bell.hear(1) == ["word"]


def test_what_has_come_is_told_before_the_reply(bell: Bell) -> None:
    """An answer does not cut it off in the middle of its words; only a wake word does."""
    bell.rings = (TIMER,)
    telling = Playback()
    bell.ringer.begin("The pasta.", telling)
    bell.ringer.make_room()
    bell.player.say("It is noon.")
    bell.ringer.go_on()
    assert bell.hear(4) == ["chime", "word", "word", "chime"]
    assert not telling.cancelled.is_set()
    bell.ringer.begin("The eggs.", telling := Playback())
    bell.player.stop()
    assert telling.wait(5)
    assert telling.cancelled.is_set()


def test_the_next_thing_that_rings_is_told_at_once(bell: Bell) -> None:
    """A second timer is not told only after the first has rung out."""
    bell.rings = (TIMER,)
    bell.ringer.begin("The pasta.", Playback())
    assert bell.hear(3) == ["chime", "word", "chime"]
    bell.rings = (TIMER, ALARM)
    bell.ringer.begin("Your alarm.", Playback())
    assert bell.hear(3) == ["chime", "word", "chime"]
