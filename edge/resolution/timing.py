"""When a spoken time is: the table that understanding found, reckoned from now by the clock on the wall."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Final, Literal

from edge.wall import EVERY_DAY, local, next_time, when_it_shows

Use = Literal["alarm", "reminder"]
"""What it is for: people get up in the morning, and want to be reminded of things while they are up."""

MORNING_FROM: Final = 6
"""Before this hour nobody wants to be reminded of anything, unless it was said."""

_UP_FROM, _UP_TO = 5, 11
"""Hours that are in the morning where an alarm is set for them."""

_USUAL: Final[Mapping[str, int]] = {"morning": 8, "afternoon": 15, "evening": 19, "night": 21}
"""The hour of a part of the day, where none was said."""

_DAYTIME: Final = 9
"""The hour of a day, where none was said."""

YEARS_SEEN: Final = 9
"""A 29th of February comes within so many years."""


@dataclass(frozen=True)
class When:
    """A moment, with the offset of the clock on the wall then; `days`: it comes again on these weekdays."""

    at: datetime
    days: tuple[int, ...] = ()


@dataclass(frozen=True)
class NoMoment:
    """Why it is none: no hour was said, there is no such time, or it is past."""

    reason: Literal["no_time", "no_such_time", "past"]
    said: str = ""


def when(said: Mapping[str, Any], now: datetime, zone: tzinfo, use: Use) -> When | NoMoment:
    """The moment that was meant."""
    if "impossible" in said:
        return NoMoment("no_such_time", str(said["impossible"]))
    if "in_s" in said:
        return When(local(now.astimezone(UTC) + timedelta(seconds=said["in_s"]), zone))
    hours = _hours(said, use)
    if said.get("same_hour") and not {"hour", "part"} & said.keys():
        hours = (now.astimezone(zone).time(),)
    if not hours:
        return NoMoment("no_time")
    if said.get("days"):
        days = tuple(sorted(said["days"]))
        return When(local(next_time(hours[0], days, zone, now), zone), days)
    if not {"in_days", "weekday", "day"} & said.keys():
        return When(min(local(next_time(hour, EVERY_DAY, zone, now), zone) for hour in hours))
    return _on_a_day(said, hours, now, zone)


def _on_a_day(said: Mapping[str, Any], hours: Sequence[time], now: datetime, zone: tzinfo) -> When | NoMoment:
    days = _dates(said, now.astimezone(zone).date())
    if not days:
        return NoMoment("no_such_time", _named(said))
    for day in days:
        ahead = day + timedelta(days=1) if _is_after_midnight(said, hours[0]) else day
        moments = (when_it_shows(ahead, hour, zone) for hour in hours)
        moment = next((moment for moment in moments if moment > now), None)
        if moment is not None:
            return When(moment)
    return NoMoment("past")


def _is_after_midnight(said: Mapping[str, Any], hour: time) -> bool:
    """`tonight at 1` is tomorrow."""
    return said.get("part") in {"night", "evening"} and hour.hour < MORNING_FROM


def _dates(said: Mapping[str, Any], today: date) -> Sequence[date]:
    """The day that is meant, and those that it may be when its hour is past."""
    if "in_days" in said:
        return [today + timedelta(days=said["in_days"])]
    if "weekday" in said:
        ahead = (said["weekday"] - today.weekday()) % 7
        if said.get("which") == "next":
            ahead = 7 - today.weekday() + said["weekday"]
        elif said.get("which") != "this":
            ahead = ahead or 7
        return [today + timedelta(days=ahead), today + timedelta(days=ahead + 7)]
    if "month" in said:
        months = [(today.year + ahead, said["month"]) for ahead in range(YEARS_SEEN)]
    else:
        months = [(today.year + ahead // 12, ahead % 12 + 1) for ahead in range(today.month - 1, today.month + 3)]
    days = (_date(year, month, said["day"]) for year, month in months)
    return [day for day in days if day is not None and day >= today]


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _named(said: Mapping[str, Any]) -> str:
    return f"{date(2000, said['month'], 1):%B} {said['day']}" if "month" in said else f"the {said['day']}th"


def _hours(said: Mapping[str, Any], use: Use) -> tuple[time, ...]:
    """The times of day that may be meant, likeliest first; none where an hour is needed and was not said."""
    part = said.get("part")
    if "hour" not in said:
        if use == "alarm" or (part is None and said.get("in_days") == 0):
            return ()
        return (time(_USUAL[part] if part else _DAYTIME),)
    hour, minute = said["hour"], said["minute"]
    hours = _of_half(hour, said.get("half"), part) or _bare(hour, said, use)
    return tuple(time(each, minute) for each in hours)


def _of_half(hour: int, half: str | None, part: str | None) -> tuple[int, ...]:
    """The hour in 24, where it was said which half of the day is meant."""
    if half == "exact" or hour > 12:
        return (hour,)
    morning = hour % 12
    if half is not None:
        return (morning if half == "am" else morning + 12,)
    if part == "night":
        return (morning if morning < MORNING_FROM else morning + 12,)
    if part == "evening" and morning == 0:
        return (0,)
    return () if part is None else (morning if part == "morning" else morning + 12,)


def _bare(hour: int, said: Mapping[str, Any], use: Use) -> tuple[int, ...]:
    """An hour that the clock shows twice a day."""
    morning, afternoon = hour % 12, hour % 12 + 12
    a_day = bool(said.get("days")) or said.get("in_days", 0) > 0 or bool({"weekday", "day"} & said.keys())
    if morning == 0:
        return (12,)
    if use == "alarm":
        in_the_morning = a_day or _UP_FROM <= morning <= _UP_TO
        return (morning,) if in_the_morning else (morning, afternoon)
    if a_day:
        return (morning,) if morning >= MORNING_FROM else (afternoon,)
    return (morning, afternoon) if morning >= MORNING_FROM else (afternoon,)
