"""The clock on the wall: nights in which it is changed, weekdays, ends of months, and zones by name."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest

from edge import clock
from edge.clock import SimulatedClock, WallClock
from edge.wall import local, next_time, when_it_shows, zone_called, zone_name

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")


@pytest.mark.parametrize(
    ("zone", "day", "hour", "moment"),
    [
        (BERLIN, date(2026, 3, 28), time(2, 30), "2026-03-28T02:30:00+01:00"),
        (BERLIN, date(2026, 3, 29), time(2, 30), "2026-03-29T03:00:00+02:00"),
        (BERLIN, date(2026, 3, 29), time(2, 0), "2026-03-29T03:00:00+02:00"),
        (BERLIN, date(2026, 3, 29), time(3, 0), "2026-03-29T03:00:00+02:00"),
        (BERLIN, date(2026, 10, 25), time(2, 30), "2026-10-25T02:30:00+02:00"),
        (BERLIN, date(2026, 10, 25), time(3, 0), "2026-10-25T03:00:00+01:00"),
        (NEW_YORK, date(2026, 3, 8), time(2, 15), "2026-03-08T03:00:00-04:00"),
        (NEW_YORK, date(2026, 11, 1), time(1, 15), "2026-11-01T01:15:00-04:00"),
        (LORD_HOWE, date(2026, 10, 4), time(2, 10), "2026-10-04T02:30:00+11:00"),
        (UTC, date(2026, 3, 29), time(2, 30), "2026-03-29T02:30:00+00:00"),
    ],
)
def test_what_the_wall_never_shows_is_the_first_moment_after(zone: tzinfo, day: date, hour: time, moment: str) -> None:
    """A time that is left out in spring is when the clocks were changed; one that comes twice is its first coming."""
    assert when_it_shows(day, hour, zone).isoformat() == moment


CHANGES = [
    (BERLIN, date(2026, 3, 29)),
    (BERLIN, date(2026, 10, 25)),
    (NEW_YORK, date(2026, 3, 8)),
    (NEW_YORK, date(2026, 11, 1)),
    (LORD_HOWE, date(2026, 4, 5)),
]
"""Days on which clocks are changed."""


@pytest.mark.parametrize(("zone", "changed"), CHANGES)
@pytest.mark.parametrize("hour", [time(7), time(2, 30), time(1, 15), time(0), time(23, 59)])
def test_what_comes_daily_comes_once_a_day(zone: ZoneInfo, changed: date, hour: time) -> None:
    """Around a change of clocks every day has its time, once, and by the wall wherever the wall shows it."""
    moment = datetime.combine(changed - timedelta(days=3), time(23, 59, 30), zone).astimezone(UTC)
    shown = []
    for _ in range(6):
        moment = next_time(hour, (), zone, moment)
        shown.append(moment.astimezone(zone))
    assert [each.date() for each in shown] == [changed + timedelta(days=n) for n in range(-2, 4)]
    others = [each.time() for each in shown if each.date() != changed]
    assert set(others) == {hour}


@pytest.mark.parametrize(
    ("after", "days", "expected"),
    [
        ("2026-01-30T08:00:00+01:00", (5,), "2026-01-31T07:00:00+01:00"),
        ("2026-01-31T07:00:00+01:00", (5,), "2026-02-07T07:00:00+01:00"),
        ("2028-02-28T12:00:00+01:00", (1,), "2028-02-29T07:00:00+01:00"),
        ("2026-12-31T07:00:00+01:00", (0, 1, 2, 3, 4), "2027-01-01T07:00:00+01:00"),
        ("2027-01-01T07:00:00+01:00", (0, 1, 2, 3, 4), "2027-01-04T07:00:00+01:00"),
        ("2026-04-30T06:59:59+02:00", (3,), "2026-04-30T07:00:00+02:00"),
    ],
)
def test_weekdays_are_kept_over_ends_of_months(after: str, days: tuple[int, ...], expected: str) -> None:
    """The next Saturday, leap day or working day, strictly after the moment from which it is looked for."""
    assert next_time(time(7), days, BERLIN, datetime.fromisoformat(after)).isoformat() == expected


def test_zones_have_names_and_come_back_by_them() -> None:
    """A zone goes into the database by its name, an offset as such; what is unknown is another zone, not an error."""
    for zone in (BERLIN, NEW_YORK, UTC, datetime.fromisoformat("2026-01-01T00:00:00-03:30").tzinfo):
        assert zone is not None
        moment = datetime(2026, 7, 1, 12, tzinfo=UTC)
        assert local(moment, zone_called(zone_name(zone))).isoformat() == local(moment, zone).isoformat()
    for nonsense in ("", "Europe/Atlantis", "../../etc/passwd", "+99:99", "-", "x" * 5_000, "\0"):
        assert zone_called(nonsense, BERLIN) is BERLIN


def test_a_simulated_night_has_its_extra_hour() -> None:
    """From noon to noon over the end of summer time 25 hours pass, and reckoning with moments knows it."""
    night = SimulatedClock(datetime(2026, 10, 24, 12, tzinfo=BERLIN))
    before = night.now()
    night.advance(timedelta(hours=25))
    assert night.now().isoformat() == "2026-10-25T12:00:00+01:00"
    assert night.now() - before == timedelta(hours=25)


@pytest.mark.parametrize("error", [None, ZoneInfoNotFoundError("no such zone"), OSError("unreadable"), ValueError("?")])
def test_the_machine_has_a_zone(error: Exception | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """It gives the present moment the offset that the machine gives it, also where nobody knows what it is called."""

    def unknown() -> tzinfo:
        assert error is not None
        raise error

    if error:
        monkeypatch.setattr(clock, "get_localzone", unknown)
    wall = WallClock()
    now = wall.now()
    assert local(now, wall.zone).isoformat() == now.isoformat()
