"""The mouth: order, interruption, and replies that cannot be played."""

import threading
from collections.abc import Iterable, Iterator

import numpy as np
import pytest

from edge.clock import monotonic_ms
from edge.errors import AudioError, EdgeError, ModelError
from edge.speech.playback import Playback, Samples
from edge.speech.player import Player

RATE = 1_000


class FakeVoice:
    """Makes one piece of 100 ms for each word; the word "fail" cannot be said."""

    sample_rate = RATE

    def __init__(self, timeline: list[str]) -> None:
        self._timeline = timeline

    def synthesise(self, text: str) -> Iterator[Samples]:
        for word in text.split():
            if word == "fail":
                raise ModelError("The voice is hoarse.")
            if word == "break":
                raise MemoryError
            self._timeline.append(f"make {word}")
            yield np.full(100, len(word), dtype=np.int16)


class FakeLoudspeaker:
    """Takes no time, save that it holds after `hold_after` pieces until it is released or the reply is stopped."""

    def __init__(self, timeline: list[str], hold_after: int = 0) -> None:
        self._timeline = timeline
        self._hold_after = hold_after
        self.holds = threading.Event()
        self.released = threading.Event()
        self.broken = False

    def play(self, pieces: Iterable[Samples], sample_rate: int, playback: Playback) -> None:
        if self.broken:
            raise AudioError("The loudspeaker was lost.")
        for count, piece in enumerate(pieces, start=1):
            self._timeline.append(f"play {piece[0]}")
            playback.advance(piece.size, sample_rate)
            if count == self._hold_after:
                self.holds.set()
                while not self.released.is_set() and not playback.cancelled.wait(0.001):
                    pass

    def close(self) -> None:
        pass


@pytest.fixture
def timeline() -> list[str]:
    return []


@pytest.fixture
def loudspeaker(timeline: list[str]) -> FakeLoudspeaker:
    return FakeLoudspeaker(timeline)


@pytest.fixture
def player(timeline: list[str], loudspeaker: FakeLoudspeaker) -> Iterator[Player]:
    player = Player(
        FakeVoice(timeline), loudspeaker, lambda piece, rate, _: timeline.append(f"hear {piece[0]} at {rate}")
    )
    yield player
    player.close()


def test_every_piece_is_heard_before_it_is_played(player: Player, timeline: list[str]) -> None:
    """The ears know a piece of their own voice before the loudspeaker has it."""
    assert player.say("a bee").wait(5)
    assert timeline == ["make a", "hear 1 at 1000", "play 1", "make bee", "hear 3 at 1000", "play 3"]


def test_a_playback_tells_how_far_it_came(player: Player) -> None:
    """Played milliseconds, the moment of the first sample, and that it is over."""
    before_ms = monotonic_ms()
    playback = player.say("one two three")
    assert playback.wait(5)
    assert (playback.finished, playback.played_ms, playback.error) == (True, 300, None)
    assert playback.first_audio_ms is not None
    assert before_ms <= playback.first_audio_ms <= monotonic_ms()


def test_texts_are_said_in_order(player: Player, timeline: list[str]) -> None:
    """What is said while another text plays comes after it."""
    playbacks = [player.say(text) for text in ("a bb", "ccc", "dddd")]
    assert all(playback.wait(5) for playback in playbacks)
    assert [entry for entry in timeline if entry.startswith("play")] == ["play 1", "play 2", "play 3", "play 4"]


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_text_plays_nothing(player: Player, timeline: list[str], text: str) -> None:
    """Silence is over at once and does not trouble the loudspeaker."""
    playback = player.say(text)
    assert (playback.finished, playback.played_ms, playback.first_audio_ms) == (True, 0, None)
    assert timeline == []


def test_stopping_ends_a_reply_in_the_middle(timeline: list[str]) -> None:
    """The rest is neither made nor played, and the next text is heard at once."""
    loudspeaker = FakeLoudspeaker(timeline, hold_after=2)
    player = Player(FakeVoice(timeline), loudspeaker)
    playback = player.say("one two three four")
    assert loudspeaker.holds.wait(5)
    assert not playback.finished
    assert playback.stop() == 200
    assert playback.wait(5)
    assert (playback.played_ms, playback.error) == (200, None)
    assert player.say("on").wait(5)
    assert timeline == ["make one", "play 3", "make two", "play 3", "make on", "play 2"]
    player.close()


def test_stopping_the_player_drops_what_waits(timeline: list[str]) -> None:
    """All that was said before is silenced; what is said afterwards is heard."""
    loudspeaker = FakeLoudspeaker(timeline, hold_after=1)
    player = Player(FakeVoice(timeline), loudspeaker)
    first, second = player.say("one two"), player.say("three")
    assert loudspeaker.holds.wait(5)
    player.stop()
    loudspeaker.released.set()
    third = player.say("on")
    assert all(playback.wait(5) for playback in (first, second, third))
    assert [playback.played_ms for playback in (first, second, third)] == [100, 0, 100]
    assert "make three" not in timeline
    player.close()


def test_stopping_twice_or_late_does_nothing(player: Player) -> None:
    """A reply that is over stays as it was."""
    playback = player.say("one two")
    assert playback.wait(5)
    assert [playback.stop(), playback.stop()] == [200, 200]


@pytest.mark.parametrize(
    ("text", "played_ms", "kind"),
    [("fail", 0, ModelError), ("one fail", 100, ModelError), ("one two break", 200, AudioError)],
)
def test_a_voice_that_fails_is_told_and_the_next_reply_is_heard(
    player: Player, text: str, played_ms: int, kind: type[EdgeError]
) -> None:
    """Whichever piece fails, the playback says so and the mouth goes on."""
    playback = player.say(text)
    assert playback.wait(5)
    assert playback.played_ms == played_ms
    assert isinstance(playback.error, kind)
    after = player.say("fine again")
    assert after.wait(5)
    assert (after.error, after.played_ms) == (None, 200)


def test_a_lost_loudspeaker_is_told_and_tried_again(player: Player, loudspeaker: FakeLoudspeaker) -> None:
    """One reply is lost; the next is played when the loudspeaker is back."""
    loudspeaker.broken = True
    playback = player.say("one")
    assert playback.wait(5)
    assert str(playback.error) == "The loudspeaker was lost."
    loudspeaker.broken = False
    after = player.say("two")
    assert after.wait(5)
    assert after.error is None


def test_closing_silences(timeline: list[str]) -> None:
    """A reply that plays when the player is closed is over, and its thread is gone."""
    loudspeaker = FakeLoudspeaker(timeline, hold_after=1)
    player = Player(FakeVoice(timeline), loudspeaker)
    playback = player.say("one two")
    assert loudspeaker.holds.wait(5)
    player.close()
    assert playback.finished
    assert "edge-mouth" not in {thread.name for thread in threading.enumerate()}
