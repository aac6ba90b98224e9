"""Spoken times: what people say, and the moment or the length that it means, from several moments of saying it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.nlu.times import WORDS, Said, cut, find
from edge.resolution.timing import NoMoment, Use, When, when

BERLIN: Final = ZoneInfo("Europe/Berlin")

SUNDAY: Final = datetime(2026, 11, 22, 14, 5, tzinfo=BERLIN)
"""Five past two in the afternoon."""
NIGHT: Final = datetime(2026, 11, 24, 23, 30, tzinfo=BERLIN)
"""Half past eleven on Tuesday night."""
EARLY: Final = datetime(2026, 11, 27, 6, 15, tzinfo=BERLIN)
"""Friday, before breakfast."""

HOUR: Final = 3600.0
LENGTHS: Final[dict[str, float]] = {
    "90 seconds": 90,
    "ninety seconds": 90,
    "a minute": 60,
    "1 min": 60,
    "ten minutes": 600,
    "10-minute": 600,
    "twenty five minutes": 1500,
    "a hundred and twenty minutes": 7200,
    "half an hour": 1800,
    "half a minute": 30,
    "a half hour": 1800,
    "an hour": HOUR,
    "an hour and a half": 1.5 * HOUR,
    "1 hour and a half": 1.5 * HOUR,
    "an hour and a quarter": 1.25 * HOUR,
    "one and a half hours": 1.5 * HOUR,
    "two and a half hours": 2.5 * HOUR,
    "2.5 hours": 2.5 * HOUR,
    "two and a half minutes": 150,
    "a quarter of an hour": 900,
    "quarter of an hour": 900,
    "three quarters of an hour": 2700,
    "3 quarters of an hour": 2700,
    "one hour and twenty minutes": 4800,
    "1 hour 20 minutes": 4800,
    "two minutes and thirty seconds": 150,
    "1 hour 10 minutes and 5 seconds": 4205,
    "a couple of minutes": 120,
    "5 more minutes": 300,
    "two days": 2 * 24 * HOUR,
}

REMINDERS: Final[dict[tuple[datetime, str], str]] = {
    (SUNDAY, "in ten minutes"): "2026-11-22T14:15",
    (SUNDAY, "in an hour and a half"): "2026-11-22T15:35",
    (SUNDAY, "in half an hour"): "2026-11-22T14:35",
    (SUNDAY, "twenty minutes from now"): "2026-11-22T14:25",
    (SUNDAY, "for two hours from now"): "2026-11-22T16:05",
    (SUNDAY, "in two and a half hours"): "2026-11-22T16:35",
    (SUNDAY, "in three days"): "2026-11-25T14:05",
    (SUNDAY, "in three days at 9"): "2026-11-25T09:00",
    (SUNDAY, "in a week"): "2026-11-29T14:05",
    (SUNDAY, "at 7"): "2026-11-22T19:00",
    (SUNDAY, "at seven"): "2026-11-22T19:00",
    (SUNDAY, "at 5"): "2026-11-22T17:00",
    (SUNDAY, "at 2"): "2026-11-23T14:00",
    (SUNDAY, "at 12"): "2026-11-23T12:00",
    (SUNDAY, "at half past six"): "2026-11-22T18:30",
    (SUNDAY, "at quarter to eight"): "2026-11-22T19:45",
    (SUNDAY, "at a quarter past 3"): "2026-11-22T15:15",
    (SUNDAY, "at ten to four"): "2026-11-22T15:50",
    (SUNDAY, "at twenty past three"): "2026-11-22T15:20",
    (SUNDAY, "at 19:30"): "2026-11-22T19:30",
    (SUNDAY, "at 7:30"): "2026-11-22T19:30",
    (SUNDAY, "at seven thirty"): "2026-11-22T19:30",
    (SUNDAY, "at seven oh five"): "2026-11-22T19:05",
    (SUNDAY, "at 7 pm"): "2026-11-22T19:00",
    (SUNDAY, "at 7pm"): "2026-11-22T19:00",
    (SUNDAY, "at 7 p.m."): "2026-11-22T19:00",
    (SUNDAY, "at 7 a.m."): "2026-11-23T07:00",
    (SUNDAY, "at seven o'clock"): "2026-11-22T19:00",
    (SUNDAY, "at 7 in the morning"): "2026-11-23T07:00",
    (SUNDAY, "at 3 at night"): "2026-11-23T03:00",
    (SUNDAY, "at noon"): "2026-11-23T12:00",
    (SUNDAY, "at midnight"): "2026-11-23T00:00",
    (SUNDAY, "at 13:00"): "2026-11-23T13:00",
    (SUNDAY, "tomorrow"): "2026-11-23T09:00",
    (SUNDAY, "tomorrow morning"): "2026-11-23T08:00",
    (SUNDAY, "tomorrow evening"): "2026-11-23T19:00",
    (SUNDAY, "tomorrow at 9"): "2026-11-23T09:00",
    (SUNDAY, "at nine tomorrow"): "2026-11-23T09:00",
    (SUNDAY, "six tomorrow morning"): "2026-11-23T06:00",
    (SUNDAY, "tomorrow evening at 8"): "2026-11-23T20:00",
    (SUNDAY, "tonight"): "2026-11-22T21:00",
    (SUNDAY, "tonight at 10"): "2026-11-22T22:00",
    (SUNDAY, "this evening"): "2026-11-22T19:00",
    (SUNDAY, "this afternoon at 4"): "2026-11-22T16:00",
    (SUNDAY, "the day after tomorrow"): "2026-11-24T09:00",
    (SUNDAY, "on friday"): "2026-11-27T09:00",
    (SUNDAY, "on friday evening"): "2026-11-27T19:00",
    (SUNDAY, "next tuesday at 9"): "2026-11-24T09:00",
    (SUNDAY, "on wednesday at half past two"): "2026-11-25T14:30",
    (SUNDAY, "on sunday"): "2026-11-29T09:00",
    (SUNDAY, "on the 3rd of december"): "2026-12-03T09:00",
    (SUNDAY, "on december 3rd at 10"): "2026-12-03T10:00",
    (SUNDAY, "on the third of december"): "2026-12-03T09:00",
    (SUNDAY, "on the 24th"): "2026-11-24T09:00",
    (SUNDAY, "on january 5"): "2027-01-05T09:00",
    (SUNDAY, "next week"): "2026-11-29T09:00",
    (NIGHT, "at 5"): "2026-11-25T17:00",
    (NIGHT, "at 7"): "2026-11-25T07:00",
    (NIGHT, "at midnight"): "2026-11-25T00:00",
    (NIGHT, "at 1 at night"): "2026-11-25T01:00",
    (NIGHT, "in an hour"): "2026-11-25T00:30",
    (NIGHT, "on friday"): "2026-11-27T09:00",
    (NIGHT, "next friday"): "2026-12-04T09:00",
    (EARLY, "at 6"): "2026-11-27T18:00",
    (EARLY, "at 7"): "2026-11-27T07:00",
    (EARLY, "this morning"): "2026-11-27T08:00",
    (EARLY, "at noon"): "2026-11-27T12:00",
    (EARLY, "on monday"): "2026-11-30T09:00",
    (EARLY, "this weekend"): "2026-11-28T09:00",
    (EARLY, "at a quarter to seven"): "2026-11-27T06:45",
    (EARLY, "on the 26th"): "2026-12-26T09:00",
}

ALARMS: Final[dict[tuple[datetime, str], str]] = {
    (SUNDAY, "at 7"): "2026-11-23T07:00",
    (SUNDAY, "at half past six"): "2026-11-23T06:30",
    (SUNDAY, "for 6:30"): "2026-11-23T06:30",
    (SUNDAY, "at 5"): "2026-11-23T05:00",
    (SUNDAY, "at 3"): "2026-11-22T15:00",
    (SUNDAY, "at 12"): "2026-11-23T12:00",
    (SUNDAY, "at 7 in the evening"): "2026-11-22T19:00",
    (SUNDAY, "at 7 pm"): "2026-11-22T19:00",
    (SUNDAY, "tomorrow at 4"): "2026-11-23T04:00",
    (SUNDAY, "tomorrow morning at 7"): "2026-11-23T07:00",
    (SUNDAY, "on tuesday at 6"): "2026-11-24T06:00",
    (SUNDAY, "in eight hours"): "2026-11-22T22:05",
    (NIGHT, "at 3"): "2026-11-25T03:00",
    (NIGHT, "at 7"): "2026-11-25T07:00",
    (NIGHT, "at quarter to eight"): "2026-11-25T07:45",
    (EARLY, "at 6"): "2026-11-28T06:00",
    (EARLY, "at 7"): "2026-11-27T07:00",
}

AGAIN: Final[dict[tuple[datetime, str], tuple[str, tuple[int, ...]]]] = {
    (SUNDAY, "every day at 7"): ("2026-11-23T07:00", (0, 1, 2, 3, 4, 5, 6)),
    (SUNDAY, "at 7 every day"): ("2026-11-23T07:00", (0, 1, 2, 3, 4, 5, 6)),
    (SUNDAY, "daily at 18:00"): ("2026-11-22T18:00", (0, 1, 2, 3, 4, 5, 6)),
    (SUNDAY, "at 7 on weekdays"): ("2026-11-23T07:00", (0, 1, 2, 3, 4)),
    (SUNDAY, "every weekday at 7"): ("2026-11-23T07:00", (0, 1, 2, 3, 4)),
    (SUNDAY, "on weekends at 9"): ("2026-11-28T09:00", (5, 6)),
    (SUNDAY, "every monday and thursday at 8 pm"): ("2026-11-23T20:00", (0, 3)),
    (SUNDAY, "every monday, wednesday and friday at noon"): ("2026-11-23T12:00", (0, 2, 4)),
    (SUNDAY, "on mondays at 10"): ("2026-11-23T10:00", (0,)),
    (SUNDAY, "mondays and tuesdays at 10"): ("2026-11-23T10:00", (0, 1)),
    (SUNDAY, "every morning"): ("2026-11-23T08:00", (0, 1, 2, 3, 4, 5, 6)),
    (SUNDAY, "every evening at 7"): ("2026-11-22T19:00", (0, 1, 2, 3, 4, 5, 6)),
    (SUNDAY, "monday to friday at 6:45"): ("2026-11-23T06:45", (0, 1, 2, 3, 4)),
    (SUNDAY, "from monday through thursday at 6"): ("2026-11-23T06:00", (0, 1, 2, 3)),
    (SUNDAY, "every sunday at 10"): ("2026-11-29T10:00", (6,)),
    (EARLY, "every friday at 7"): ("2026-11-27T07:00", (4,)),
}

NONE: Final[dict[tuple[datetime, str, Use], NoMoment]] = {
    (SUNDAY, "at 25:00", "reminder"): NoMoment("no_such_time", "25:00"),
    (SUNDAY, "at 7:75", "alarm"): NoMoment("no_such_time", "7:75"),
    (SUNDAY, "at 30 pm", "reminder"): NoMoment("no_such_time", "30 pm"),
    (SUNDAY, "on february 30", "reminder"): NoMoment("no_such_time", "February 30"),
    (SUNDAY, "on the 31st of june at 9", "reminder"): NoMoment("no_such_time", "June 31"),
    (SUNDAY, "tomorrow", "alarm"): NoMoment("no_time"),
    (SUNDAY, "on weekdays", "alarm"): NoMoment("no_time"),
    (SUNDAY, "today", "reminder"): NoMoment("no_time"),
    (SUNDAY, "today at 1 pm", "reminder"): NoMoment("past"),
    (SUNDAY, "this morning", "reminder"): NoMoment("past"),
    (NIGHT, "tonight", "reminder"): NoMoment("past"),
}

SPOKEN: Final = (
    *" ".join(WORDS).split(),
    *[
        "0",
        "1",
        "7",
        "12",
        "25",
        "30",
        "99",
        "2026",
        "7:30",
        "25:99",
        "and",
        "of",
        "oh",
        "hundred",
        "3rd",
        "31st",
        "coming",
    ],
)

NO_TIMES: Final = (
    "turn on the light",
    "set the lamp to 50 percent",
    "set the lamp for 50 percent",
    "set it to 21 degrees",
    "the second one",
    "the first",
    "may i have some light",
    "march on",
    "play seven nation army",
    "two lamps",
    "i am at home",
    "lamp 2",
    "for 5 percent more",
)


def only(text: str) -> Said:
    """The one time in a text."""
    (said,) = find(text)
    return said


def reckoned(text: str, now: datetime, use: Use) -> When | NoMoment:
    """What the time in a text comes to."""
    said = only(text)
    assert (said.start, said.end, said.kind) == (0, len(text.rstrip(".")), "moment") or text.endswith("m.")
    return when(said.value, now, BERLIN, use)


def at(wall: str) -> datetime:
    return datetime.fromisoformat(wall).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(("text", "seconds"), LENGTHS.items())
def test_a_length_is_so_many_seconds(text: str, seconds: float) -> None:
    """Whole and broken numbers, in words and digits, of one unit or several."""
    said = only(text)
    assert (said.kind, said.value, said.start, said.end) == ("length", seconds, 0, len(text))


@pytest.mark.parametrize(("said", "wall"), REMINDERS.items())
def test_a_moment_is_the_next_that_makes_sense(said: tuple[datetime, str], wall: str) -> None:
    """An hour alone is the next one, morning or afternoon, but not in the night unless that was said."""
    now, text = said
    assert reckoned(text, now, "reminder") == When(at(wall))


@pytest.mark.parametrize(("said", "wall"), ALARMS.items())
def test_an_alarm_is_for_the_morning(said: tuple[datetime, str], wall: str) -> None:
    """Hours at which people get up are in the morning, others the next ones."""
    now, text = said
    assert reckoned(text, now, "alarm") == When(at(wall))


@pytest.mark.parametrize(("said", "meant"), AGAIN.items())
def test_what_comes_again_has_weekdays(said: tuple[datetime, str], meant: tuple[str, tuple[int, ...]]) -> None:
    """With the first of its times."""
    now, text = said
    assert reckoned(text, now, "reminder") == When(at(meant[0]), meant[1])


@pytest.mark.parametrize(("said", "why"), NONE.items())
def test_what_is_no_time_has_a_reason(said: tuple[datetime, str, Use], why: NoMoment) -> None:
    """Impossible, past, or an hour is missing."""
    now, text, use = said
    assert reckoned(text, now, use) == why


@pytest.mark.parametrize("text", NO_TIMES)
def test_a_number_is_not_a_time(text: str) -> None:
    """Percent, degrees, names and "the second one"."""
    assert find(text) == ()


@pytest.mark.parametrize(
    ("text", "rest", "kinds"),
    [
        ("turn off the lamp in ten minutes", "turn off the lamp", ["moment"]),
        ("at 10 pm, close the blinds", "close the blinds", ["moment"]),
        ("every weekday at 7 turn on the coffee machine", "turn on the coffee machine", ["moment"]),
        ("set a 10-minute timer called tea", "set a timer called tea", ["length"]),
        ("add five minutes to the ten minute timer", "add to the timer", ["length", "length"]),
        ("remind me tomorrow at 9 to call Mum", "remind me to call Mum", ["moment"]),
        ("Remind me to call Mum at 9 a.m. tomorrow.", "Remind me to call Mum .", ["moment"]),
        ("remind me in 20 minutes to book a table for friday", "remind me to book a table", ["moment", "moment"]),
        ("wake me at seven thirty on weekdays", "wake me", ["moment"]),
    ],
)
def test_times_are_cut_out_of_a_sentence(text: str, rest: str, kinds: list[str]) -> None:
    """Wherever they stand, with the words that belong to them."""
    found = find(text)
    assert [said.kind for said in found] == kinds
    assert cut(text, found) == rest


def test_lengths_are_absolute_and_hours_are_those_of_the_wall() -> None:
    """In the night in which clocks are put back: nine hours are nine hours, and 7 o'clock is 7 o'clock."""
    evening = datetime(2026, 10, 24, 22, 0, tzinfo=BERLIN)
    assert found_at("in nine hours", evening).astimezone(UTC) == evening.astimezone(UTC) + timedelta(hours=9)
    assert found_at("in nine hours", evening).isoformat() == "2026-10-25T06:00:00+01:00"
    assert found_at("at 7", evening).isoformat() == "2026-10-25T07:00:00+01:00"
    assert found_at("in one day", evening).isoformat() == "2026-10-25T22:00:00+01:00"


def test_an_hour_that_the_clock_leaves_out_is_the_first_after_it() -> None:
    """Half past two does not come in the night in which clocks are put forward."""
    evening = datetime(2027, 3, 27, 22, 0, tzinfo=BERLIN)
    assert found_at("tomorrow at 2:30 am", evening).isoformat() == "2027-03-28T03:00:00+02:00"


def test_the_zone_decides_which_day_it_is() -> None:
    """Just after midnight in Berlin it is still yesterday elsewhere."""
    said = only("tomorrow at 9").value
    moment = when(said, datetime(2026, 11, 22, 23, 30, tzinfo=UTC), BERLIN, "reminder")
    assert moment == When(at("2026-11-24T09:00"))


def test_a_leap_day_comes_when_it_comes() -> None:
    """The 29th of February is in the next leap year."""
    assert found_at("on february 29 at 9", SUNDAY) == at("2028-02-29T09:00")


@pytest.mark.parametrize(
    "text", ["", "at", "in", "every", "half", "in the", "a couple of", "at at at", "9" * 200, "on the"]
)
def test_halves_of_times_are_none(text: str) -> None:
    """What breaks off in the middle is no time, and no error."""
    assert find(text) == ()


@given(st.lists(st.sampled_from(SPOKEN), max_size=9), st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))
def test_no_words_in_any_order_are_an_error(words: list[str], now: datetime) -> None:
    """Whatever is said whenever, it is a time or none."""
    text = " ".join(words)
    for said in find(text):
        assert 0 <= said.start < said.end <= len(text)
        if said.kind == "moment":
            found = when(said.value, now.replace(tzinfo=BERLIN), BERLIN, "alarm")
            assert isinstance(found, When | NoMoment)


def test_a_time_is_plain_data() -> None:
    """It is stored with the turn, so it holds texts, numbers and lists."""
    for text in (*(text for _, text in (*REMINDERS, *ALARMS, *AGAIN)), *(text for _, text, _ in NONE)):
        value: Mapping[str, Any] = only(text).value
        assert all(isinstance(each, str | int | float | bool | list) for each in value.values())


def test_the_table_is_large() -> None:
    """More than 120 expressions are read."""
    assert len(LENGTHS) + len(REMINDERS) + len(ALARMS) + len(AGAIN) + len(NONE) >= 140


def found_at(text: str, now: datetime) -> datetime:
    found = reckoned(text, now, "reminder")
    assert isinstance(found, When)
    return found.at
