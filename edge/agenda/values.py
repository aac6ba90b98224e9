"""What a step says about time: read with care, for a value may come from a skill or an old turn."""

import math
from collections.abc import Mapping
from datetime import datetime, time, tzinfo
from typing import Any, Final

from edge.text import MAX_CHARACTERS, clean
from edge.wall import EVERY_DAY, local, when_it_shows

NAME_CHARACTERS_MAX: Final = 200
"""What people call a timer, or want to be reminded of, is cut here; the words of a command never are."""

SECONDS_MAX: Final = 10 * 366 * 24 * 3600.0
"""Ten years: nothing that is further off was meant."""


class Unusable(Exception):  # noqa: N818 - says what is the matter, like StageFailed
    """The step lacks something or holds nonsense; never leaves this room."""


def seconds(values: Mapping[str, Any]) -> float:
    """A stretch of time; what is endlessly long is still longer than `SECONDS_MAX`. Raises Unusable."""
    wanted = values.get("seconds")
    if isinstance(wanted, bool) or not isinstance(wanted, int | float) or not math.isfinite(wanted):
        raise Unusable("seconds")
    return max(-2 * SECONDS_MAX, min(2 * SECONDS_MAX, float(wanted)))


def moment(values: Mapping[str, Any], zone: tzinfo) -> datetime:
    """A moment; where it has no offset, the one in which the clock on the wall shows it. Raises Unusable."""
    shown = _at(values)
    return local(shown, zone) if shown.tzinfo else when_it_shows(shown.date(), shown.time(), zone)


def hour(values: Mapping[str, Any]) -> time:
    """What the clock on the wall shows then, to the second. Raises Unusable."""
    return _at(values).time().replace(microsecond=0)


def days(values: Mapping[str, Any]) -> tuple[int, ...]:
    """The weekdays on which it comes again, Monday is 0; empty for once."""
    wanted = values.get("days") or ()
    if not isinstance(wanted, list | tuple):
        raise Unusable("days")
    return tuple(day for day in EVERY_DAY if day in wanted)


def name(values: Mapping[str, Any], key: str = "name") -> str:
    """A name, or what to be reminded of; empty where there is none."""
    return clean(str(values.get(key) or ""))[:NAME_CHARACTERS_MAX].strip()


def words(values: Mapping[str, Any]) -> str:
    """The words of a command. Raises Unusable for none, and for more than anybody says."""
    said = clean(str(values.get("text") or ""))
    if not said or len(said) > MAX_CHARACTERS:
        raise Unusable("text")
    return said


def texts(values: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """Several names. Raises Unusable."""
    wanted = values.get(key)
    if not isinstance(wanted, list | tuple):
        raise Unusable(key)
    cleaned = (clean(str(each))[:NAME_CHARACTERS_MAX].strip() for each in wanted)
    return tuple(each for each in cleaned if each)


def _at(values: Mapping[str, Any]) -> datetime:
    try:
        at = datetime.fromisoformat(str(values.get("at")))
    except ValueError as error:
        raise Unusable("at") from error
    if not 1971 <= at.year <= 9000:
        raise Unusable("at")
    return at
