"""The bell: tells what has come, and rings on until somebody stops it or it has rung long enough."""

import threading
from collections.abc import Callable, Iterable, Sequence

from edge.entries import Entry
from edge.speech.chime import FIRST_LOUDNESS, chime, chimes
from edge.speech.playback import Playback, Samples
from edge.speech.player import Player


class Ringer:
    """Rings through the player, so that it falls silent like any reply; safe to use from any thread."""

    def __init__(self, player: Player, ringing: Callable[[], Sequence[Entry]], loudness: float = 1.0) -> None:
        """`ringing` tells what rings right now; `loudness` is 0 to 1."""
        self._player = player
        self._ringing = ringing
        self._loudness = loudness
        self._lock = threading.Lock()
        self._telling: Playback | None = None
        self._chiming: Playback | None = None

    def begin(self, text: str, telling: Playback) -> None:
        """Chime, say `text`, and go on chiming while an alarm or a timer rings."""
        with self._lock:
            self._stop_chiming()
            opening = chime(self._player.sample_rate, self._loudness * (FIRST_LOUDNESS if self._grows else 1.0))
            self._telling = self._player.play(([opening], text), telling)
            self._chime_on()

    def make_room(self) -> None:
        """Chime no more for now: we answer. What has come is told first, for nobody knows it yet."""
        with self._lock:
            self._stop_chiming()

    def go_on(self) -> None:
        """Chime again, after what is being said, if something still rings."""
        with self._lock:
            if self._chiming and self._chiming.cancelled.is_set():
                self._chime_on()

    def end(self) -> None:
        """Be silent if what rang on and on rings no more; what is told but once is told to its end."""
        with self._lock:
            if self._chiming and not self._chiming.finished and not self._rings_on():
                self._stop_chiming()
                if self._telling:
                    self._telling.stop()

    def _chime_on(self) -> None:
        if self._rings_on():
            self._chiming = self._player.play([self._chimes()])

    def _stop_chiming(self) -> None:
        if self._chiming:
            self._chiming.stop()

    @property
    def _grows(self) -> bool:
        return any(entry.kind == "alarm" for entry in self._ringing())

    def _chimes(self) -> Iterable[Samples]:
        return chimes(self._player.sample_rate, self._rings_on, loudness=self._loudness, grows=self._grows)

    def _rings_on(self) -> bool:
        return any(entry.kind in {"alarm", "timer"} for entry in self._ringing())
