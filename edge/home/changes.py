"""What the devices did lately, kept in memory: who changed what, and how it was before."""

from collections import deque
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from edge.knowledge import Change

MOVED_MAX: Final = 2_000
"""So many changes are kept of what people and controllers move: of a busy home a day's."""

SENSED_MAX: Final = 1_000
"""So many are kept of what only tells (doors, movement), so that it cannot push out what was moved.

What measures is not kept here at all.
"""


class RecentChanges:
    """The last changes, oldest first."""

    def __init__(self) -> None:
        self._moved: deque[Change] = deque(maxlen=MOVED_MAX)
        self._sensed: deque[Change] = deque(maxlen=SENSED_MAX)

    def add(self, change: Change) -> None:
        """Take a note; changes come in the order of their time."""
        match change.device_id.partition(".")[0]:
            case "sensor":
                return
            case "binary_sensor":
                self._sensed.append(change)
            case _:
                self._moved.append(change)

    def found(self, device_id: str | None, since: datetime | None) -> tuple[Change, ...]:
        """Those of a device, or of all; from `since` on, or all that are kept; latest first."""
        both = [*_from(self._moved, device_id, since), *_from(self._sensed, device_id, since)]
        return tuple(sorted(both, key=lambda change: change.at, reverse=True))


def _from(kept: deque[Change], device_id: str | None, since: datetime | None) -> Iterator[Change]:
    for change in reversed(kept):
        if since is not None and change.at < since:
            return
        if device_id is None or change.device_id == device_id:
            yield change
