"""Whether it may be asked how a turn went: seldom, not at night, and never where it would only be a nuisance."""

from datetime import date, datetime
from typing import Final

from edge.lived import is_by_itself, is_empty, moment
from edge.records import Act, Verdict
from edge.turn import Turn

BY_DAY: Final = range(8, 21)
"""Hours of the clock on the wall at which somebody may be asked."""

LEFT_ALONE_S: Final = 120.0
"""So long after another question, or after it woke for nothing, nobody is asked."""


class Curiosity:
    """Keeps count of what was asked; hears every turn."""

    def __init__(self, per_day: int) -> None:
        """`per_day`: how often it may be asked in a day; 0: never."""
        self._per_day = per_day
        self._day: date | None = None
        self._asked = 0
        self._troubled_at: datetime | None = None

    def heard(self, turn: Turn) -> None:
        """A turn has ended."""
        at = moment(turn)
        if isinstance(turn.decision, Act) and isinstance(turn.decision.then, Verdict):
            self._asked = self._asked + 1 if self._day == at.date() else 1
            self._day = at.date()
        asked = turn.response is not None and turn.response.kind in {"question", "confirmation"}
        if asked or (is_empty(turn) and not is_by_itself(turn)):
            self._troubled_at = at

    def allows(self, now: datetime) -> bool:
        """Whether it may be asked now. `now` by the clock on the wall."""
        if now.hour not in BY_DAY or (self._asked if self._day == now.date() else 0) >= self._per_day:
            return False
        return self._troubled_at is None or abs((now - self._troubled_at).total_seconds()) > LEFT_ALONE_S
