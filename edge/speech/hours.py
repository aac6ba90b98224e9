"""Times as they are said: no digits with colons, no seconds where nobody wants them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from edge.speech.phrases import count, listed

_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_PARTS: Final = ((5, "at night"), (12, "in the morning"), (18, "in the afternoon"), (22, "in the evening"))
_UNITS: Final = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))

_A_WEEK: Final = 7
_SOON_S: Final = 3_600.0
"""What is nearer than this is so many minutes away; what is further off has an hour."""


def hour(moment: datetime) -> str:
    """`7 in the morning`, `6 30 in the evening`, `noon`."""
    if moment.minute == 0 and moment.hour in {0, 12}:
        return "noon" if moment.hour else "midnight"
    minute = "" if not moment.minute else f" oh {moment.minute}" if moment.minute < 10 else f" {moment.minute}"
    part = next((part for until, part in _PARTS if moment.hour < until), "at night")
    return f"{(moment.hour - 1) % 12 + 1}{minute} {part}"


def moment(when: datetime, now: datetime, *, at: bool = True) -> str:
    """`tomorrow at 9 in the morning`; today `at 5 in the afternoon`, without `at` only `5 in the afternoon`."""
    ahead = (when.date() - now.astimezone(when.tzinfo).date()).days
    if ahead == 0:
        return f"at {hour(when)}" if at else hour(when)
    return f"{_day(when, ahead, on=at)} at {hour(when)}"


def _day(when: datetime, ahead: int, *, on: bool) -> str:
    if ahead in {1, -1}:
        return "tomorrow" if ahead > 0 else "yesterday"
    if 0 < ahead < _A_WEEK:
        return f"{'on ' if on else ''}{_DAYS[when.weekday()]}"
    return f"{'on ' if on else ''}{_DAYS[when.weekday()]}, the {ordinal(when.day)} of {when:%B},"


def ordinal(day: int) -> str:
    """`3rd`."""
    return f"{day}{'th' if 10 < day < 14 else {1: 'st', 2: 'nd', 3: 'rd'}.get(day % 10, 'th')}"


def soon(when: datetime, now: datetime) -> str:
    """`in ten minutes`, or at what hour where that is further off."""
    left_s = (when - now).total_seconds()
    return f"in {stretch(left_s)}" if 0 < left_s < _SOON_S else moment(when, now)


def days(weekdays: Sequence[int]) -> str:
    """`every day`, `on weekdays`, `on Mondays and Thursdays`."""
    match tuple(sorted(weekdays)):
        case (0, 1, 2, 3, 4, 5, 6):
            return "every day"
        case (0, 1, 2, 3, 4):
            return "on weekdays"
        case (5, 6):
            return "on weekends"
    return f"on {listed([f'{_DAYS[day]}s' for day in sorted(weekdays)])}"


def stretch(seconds: float) -> str:
    """`an hour and 20 minutes`, `three minutes and 20 seconds`: the two largest units; of long ones to the minute."""
    left = round(seconds)
    if left >= 600 and left % 60:
        left = round(left / 60) * 60
    parts = []
    for size, unit in _UNITS:
        many, left = divmod(left, size)
        if many:
            parts.append(f"{count(many)} {unit}{'' if many == 1 else 's'}")
    return listed(parts[:2]) or "no time"


def length(seconds: float) -> str:
    """As an adjective: `ten minute`, `90 second`, `two hour`."""
    left = round(seconds)
    for size, unit in _UNITS:
        if left >= size and left % size == 0:
            return f"{count(left // size)} {unit}"
    return stretch(seconds).replace("minutes", "minute").replace("hours", "hour").replace("seconds", "second")
