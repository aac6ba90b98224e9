"""What became of the messages that went over one connection: taken by the broker, refused, or not known."""

import threading
from collections import deque
from collections.abc import Collection
from typing import Final, Literal

REFUSED_MAX: Final = 1_000
"""So many refusals are remembered; whoever waits looks at the last few."""

Fate = Literal["taken", "refused", "unknown"]


class Deliveries:
    """Counts what is sent and what the broker acknowledges, which it does in the order of sending."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._sent = self._answered = 0
        self._refused: deque[int] = deque(maxlen=REFUSED_MAX)
        self._over = False

    def sending(self) -> int:
        """The number of a message, from 1; to be asked for before it is sent, for its answer may come at once."""
        with self._changed:
            self._sent += 1
            return self._sent

    def answered(self, *, refused: bool) -> None:
        """The broker has acknowledged the next message."""
        with self._changed:
            self._answered += 1
            if refused:
                self._refused.append(self._answered)
            self._changed.notify_all()

    def end(self) -> None:
        """The connection is gone: no further message will be acknowledged."""
        with self._changed:
            self._over = True
            self._changed.notify_all()

    def fate(self, numbers: Collection[int], timeout_s: float) -> Fate:
        """What became of these messages, all of them; waits for the answers, at most `timeout_s`."""
        last = max(numbers)
        with self._changed:
            self._changed.wait_for(lambda: self._answered >= last or self._over, timeout_s)
            if not set(numbers).isdisjoint(self._refused):
                return "refused"
            return "taken" if self._answered >= last else "unknown"
