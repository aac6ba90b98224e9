"""World: time. Everything that waits, expires or is dated goes by a `Clock`; measured durations go by `monotonic`.

`WallClock` is the real one. `SimulatedClock` stands still until `advance` moves it, and while the assistant waits for
something (a device's echo, say) it moves to the next thing that is due: sixty days pass in seconds.
"""

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Protocol

from tzlocal import get_localzone

from edge.wall import local


class Clock(Protocol):
    """What the assistant knows of time."""

    @property
    def zone(self) -> tzinfo:
        """The zone of the clock on the wall."""

    def now(self) -> datetime:
        """The present moment, with the offset that the zone has now."""

    def call_later(self, delay_s: float, action: Callable[[], None]) -> None:
        """Run `action` once, `delay_s` seconds from now."""

    def wait(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        """Wait until `condition()` holds, at most `timeout_s` seconds; tell whether it does."""

    def wake(self) -> None:
        """Make every `wait` look at its condition again (call it after changing what they look at)."""


class WallClock:
    """The machine's clock, in its local time zone."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._zone = machine_zone()

    @property
    def zone(self) -> tzinfo:
        return self._zone

    def now(self) -> datetime:
        return datetime.now().astimezone()

    def call_later(self, delay_s: float, action: Callable[[], None]) -> None:
        timer = threading.Timer(delay_s, action)
        timer.daemon = True
        timer.start()

    def wait(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        with self._changed:
            return self._changed.wait_for(condition, timeout_s)

    def wake(self) -> None:
        with self._changed:
            self._changed.notify_all()


class SimulatedClock:
    """A clock for tests and simulations: one thread, no sleeping, events in order of their time."""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("SimulatedClock needs a start with a time zone, e.g. datetime(..., tzinfo=UTC)")
        self._zone = start.tzinfo
        self._now = local(start, self._zone)
        self._order = itertools.count()
        self._due: list[tuple[datetime, int, Callable[[], None]]] = []

    @property
    def zone(self) -> tzinfo:
        return self._zone

    def now(self) -> datetime:
        return local(self._now, self._zone)

    def call_later(self, delay_s: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._due, (self._now + timedelta(seconds=delay_s), next(self._order), action))

    def advance(self, by: timedelta) -> None:
        """Live through `by`: everything due in that time happens, each thing at its own moment."""
        self._run_until(self._now + by, lambda: False)

    def wait(self, condition: Callable[[], bool], timeout_s: float) -> bool:
        return self._run_until(self._now + timedelta(seconds=timeout_s), condition)

    def wake(self) -> None:
        """Nothing to do: `wait` looks again after every event."""

    def _run_until(self, end: datetime, condition: Callable[[], bool]) -> bool:
        while not condition():
            if not self._due or self._due[0][0] > end:
                self._now = max(self._now, end)
                return condition()
            moment, _, action = heapq.heappop(self._due)
            self._now = max(self._now, moment)
            action()
        return True


def machine_zone() -> tzinfo:
    """The time zone of this machine; where its name cannot be found out, the offset of today."""
    try:
        return get_localzone()
    except (LookupError, OSError, ValueError):
        return datetime.now().astimezone().tzinfo or UTC


def monotonic_ms() -> float:
    """Milliseconds of a clock that never jumps; for durations only."""
    return time.monotonic() * 1000.0
