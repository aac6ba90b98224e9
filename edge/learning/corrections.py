"""What somebody puts right in words is learned as soon as it is known how that went, not only at night."""

from collections.abc import Callable
from typing import Final

from edge.clock import Clock
from edge.feedback.explicit import is_correction
from edge.lived import PAUSE_S
from edge.records import Act
from edge.turn import Turn

SETTLED_S: Final = PAUSE_S + 5.0
"""So long after a turn nothing that is said has to do with it any more."""


class Corrections:
    """Hears every turn, and has it learned from in a while where one puts right another."""

    def __init__(self, clock: Clock, learn: Callable[[], None]) -> None:
        """`learn` is called by the clock."""
        self._clock = clock
        self._learn = learn
        self._is_waiting = False

    def heard(self, turn: Turn) -> None:
        """A turn that has ended."""
        if self._is_waiting or not isinstance(turn.decision, Act) or not is_correction(turn):
            return
        self._is_waiting = True
        self._clock.call_later(SETTLED_S, self._now)

    def _now(self) -> None:
        self._is_waiting = False
        self._learn()
