"""Words: the clock on the wall, what it shows and when. A moment has a fixed offset, the wall has a zone."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

EVERY_DAY: Final = tuple(range(7))
"""Weekdays, Monday is 0."""


def local(moment: datetime, zone: tzinfo) -> datetime:
    """The same moment with the offset that the zone has then.

    A fixed offset, for Python reckons with the face of the wall's clock between two times of one zone: in the nights
    in which clocks are changed that is an hour wrong.
    """
    there = moment.astimezone(zone)
    return there.replace(tzinfo=timezone(there.utcoffset() or timedelta()))


def when_it_shows(day: date, hour: time, zone: tzinfo) -> datetime:
    """The moment in which the clock on the wall shows this.

    The first one, where it shows it twice; the first one after, where it never shows it.
    """
    shown = datetime.combine(day, hour.replace(tzinfo=None, fold=0))
    moment = shown.replace(tzinfo=zone).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == shown:
        return local(moment, zone)
    before, after = (shown.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta() for fold in (0, 1))
    return local(_change_between(moment - (after - before), moment, zone), zone)


def next_time(hour: time, days: Collection[int], zone: tzinfo, after: datetime) -> datetime:
    """The first moment after `after` in which the clock on the wall shows `hour` on one of these weekdays."""
    day = after.astimezone(zone).date()
    wanted = set(days) & set(EVERY_DAY) or set(EVERY_DAY)
    for ahead in range(9):  # a week, today, and a day that a change of clocks may take
        then = day + timedelta(days=ahead)
        if then.weekday() in wanted and (moment := when_it_shows(then, hour, zone)) > after:
            return moment
    raise AssertionError("every weekday comes within a week")


def zone_name(zone: tzinfo) -> str:
    """What the zone is called (`Europe/Berlin`), or its offset (`+01:00`)."""
    if isinstance(zone, ZoneInfo) and zone.key:
        return zone.key
    return datetime(2000, 1, 1, tzinfo=zone).isoformat()[-6:]


def zone_called(name: str, otherwise: tzinfo = UTC) -> tzinfo:
    """The zone of that name; `otherwise` where there is none."""
    try:
        if name[:1] in {"+", "-"}:
            return datetime.fromisoformat(f"2000-01-01T00:00:00{name}").tzinfo or otherwise
        return ZoneInfo(name) if name else otherwise
    except (ValueError, OSError, LookupError):
        return otherwise


def _change_between(before: datetime, after: datetime, zone: tzinfo) -> datetime:
    """The moment in which the zone's offset changes, to the second."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) / 2
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)
