"""The mouth: says one text after the other on a thread of its own, and can be silenced in the middle of a word."""

import logging
import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeAlias

from edge.errors import AudioError, EdgeError
from edge.speech.playback import Playback, Samples
from edge.speech.sinks import Sink

__all__ = ["Playback", "Player"]

log = logging.getLogger(__name__)


class Voice(Protocol):
    """What makes sound of text."""

    @property
    def sample_rate(self) -> int: ...

    def synthesise(self, text: str) -> Iterator[Samples]: ...


Part: TypeAlias = str | Iterable[Samples]
"""A text to be said, or sound at the rate of the voice, made while it is played."""


class Player:
    """Says texts in the order in which they come. What cannot be played is noted in its playback and in the log.

    `heard` is told every piece, its sample rate and its playback before it is played: so the ears can know our voice.
    """

    def __init__(self, voice: Voice, sink: Sink, heard: Callable[[Samples, int, Playback], None] | None = None) -> None:
        self._voice = voice
        self._sink = sink
        self._heard = heard
        self._queue: queue.SimpleQueue[tuple[Sequence[Part], Playback] | None] = queue.SimpleQueue()
        self._unfinished: list[Playback] = []
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._play_all, name="edge-mouth", daemon=True)
        self._thread.start()

    def say(self, text: str) -> Playback:
        """Say `text` after what is being said already; returns at once. An empty text is over at once."""
        if text.strip():
            return self.play([text])
        playback = Playback()
        playback.finish()
        return playback

    def play(self, parts: Sequence[Part], playback: Playback | None = None) -> Playback:
        """Texts and sounds, one after the other, as one reply; a `playback` that somebody has already tells of it."""
        playback = playback or Playback()
        with self._lock:
            self._unfinished.append(playback)
        self._queue.put((parts, playback))
        return playback

    @property
    def sample_rate(self) -> int:
        """Of the voice, in Hz."""
        return self._voice.sample_rate

    @property
    def speaks(self) -> bool:
        """Whether something is being played or waits to be."""
        with self._lock:
            return bool(self._unfinished)

    def stop(self) -> None:
        """Silence everything that is being said or waits to be said; what is said afterwards is heard."""
        with self._lock:
            for playback in self._unfinished:
                playback.stop()

    def close(self) -> None:
        """Be silent and end the thread; the sink stays open, it belongs to whoever made it."""
        self.stop()
        self._queue.put(None)
        self._thread.join()

    def _play_all(self) -> None:
        while (item := self._queue.get()) is not None:
            parts, playback = item
            error = self._play(parts, playback)
            with self._lock:
                self._unfinished.remove(playback)
            playback.finish(error)

    def _play(self, parts: Sequence[Part], playback: Playback) -> EdgeError | None:
        try:
            if not playback.cancelled.is_set():
                self._sink.play(self._pieces(parts, playback), self._voice.sample_rate, playback)
        except EdgeError as error:
            log.warning("A reply was not heard. %s", error)
            return error
        except Exception:
            log.exception("A reply was not heard")
            return AudioError("The voice failed; the log says more.")
        return None

    def _pieces(self, parts: Sequence[Part], playback: Playback) -> Iterator[Samples]:
        until_said = max((number for number, part in enumerate(parts) if isinstance(part, str)), default=-1)
        for number, part in enumerate(parts):
            for piece in self._voice.synthesise(part) if isinstance(part, str) else part:
                if self._heard and number <= until_said:  # after its last word our voice is not to be known any more
                    self._heard(piece, self._voice.sample_rate, playback)
                yield piece
                if playback.cancelled.is_set():
                    return
