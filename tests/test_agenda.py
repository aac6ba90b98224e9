"""What is due, in a whole assistant on a simulated clock: it rings in time, once, and after every kind of mishap."""

import queue
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from edge import Assistant, Home, SimulatedClock
from edge.entries import Entry
from edge.errors import BrokerError
from edge.records import Interpretation, ResolvedAction, Step, Utterance
from edge.replay import replay
from edge.runtime import Runtime, build_runtime
from edge.settings import Settings
from edge.turn import Turn
from edge.wall import local
from tests.test_store_faults import full_disk

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YORK = ZoneInfo("America/New_York")
WORKDAYS = [0, 1, 2, 3, 4]


def at(text: str, zone: ZoneInfo = BERLIN) -> datetime:
    """What the clock on the wall shows."""
    return datetime.fromisoformat(text).replace(tzinfo=zone)


class Life:
    """One assistant, asked for things by their commands, and what it did by itself."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self.runtime = assistant.runtime

    def do(self, command: str, **values: Any) -> dict[str, Any]:
        """Perform one command of the agenda, as a turn would."""
        return dict(perform(self.runtime, command, **values))

    def lived(self, **by: float) -> list[str]:
        """The minute and the words of what began by itself meanwhile."""
        turns = self.assistant.advance(timedelta(**by))
        return [f"{turn.started_at:%d %H:%M} {turn.response.text if turn.response else ''}" for turn in turns]

    @property
    def ringing(self) -> list[str]:
        return [entry.name for entry in self.entries if entry.ringing]

    @property
    def entries(self) -> tuple[Entry, ...]:
        return self.runtime.conversation.context(Utterance("text")).agenda


def perform(runtime: Runtime, command: str, **values: Any) -> dict[str, Any]:
    """The answer of the agenda's actor in the circumstances of now."""
    conversation = runtime.conversation
    context = conversation.context(Utterance("text", room="kitchen"))
    step = Step(Interpretation(command), ResolvedAction((), command, values))
    return dict(runtime.stages.agenda_actor.perform(step, context, conversation.knowledge()).answer)


@contextmanager
def living(start: datetime, store: str | Path = ":memory:") -> Iterator[Life]:
    """A life in the demo home that begins at a moment."""
    with Assistant.open(home=Home.demo(), store=store, clock=SimulatedClock(start), room="kitchen") as assistant:
        yield Life(assistant)


@pytest.fixture
def life() -> Iterator[Life]:
    with living(at("2026-11-22T12:00:00")) as begun:
        yield begun


# --- in time ---------------------------------------------------------------------------------------------------------


def test_several_timers_ring_in_their_order(life: Life) -> None:
    """Each at its moment, to the second, whatever order they were set in; two at once are told in one turn."""
    for name, seconds in (("pasta", 480), ("tea", 180), ("eggs", 480), ("cake", 2_700)):
        life.do("start_timer", seconds=seconds, name=name)
    names = [entry.name for entry in life.entries]
    assert (names[0], set(names[1:3]), names[3]) == ("tea", {"eggs", "pasta"}, "cake")
    turns = life.assistant.advance(timedelta(hours=1))
    assert [f"{turn.started_at:%H:%M:%S}" for turn in turns] == ["12:03:00", "12:08:00", "12:45:00"]
    told = [turn.response.text if turn.response else "" for turn in turns]
    assert "tea" in told[0]
    assert "pasta" in told[1]
    assert "eggs" in told[1]
    assert "cake" in told[2]
    assert life.entries == ()


def test_a_turn_that_nobody_began_is_a_turn(life: Life) -> None:
    """It is stored with its source and room, shows what rings, weighs in the next turns, and answers no question."""
    life.assistant.hear_text("open the garage door")
    question = life.runtime.conversation.question
    assert question is not None
    life.do("start_timer", seconds=5, name="pasta")
    (turn,) = life.assistant.advance(timedelta(seconds=6))
    assert (turn.utterance.source, turn.utterance.room, turn.utterance.typed) == ("agenda", "kitchen", "")
    assert [(entry.name, entry.ringing) for entry in turn.context.agenda] == [("pasta", True)]
    assert life.runtime.store.turn(turn.turn_id).to_dict() == turn.to_dict()
    assert life.runtime.store.turn(turn.turn_id).context.agenda == turn.context.agenda
    assert life.runtime.conversation.question == question
    context = life.runtime.conversation.context(Utterance("text"))
    assert [each.what for each in context.happenings] == ["timer"]
    assert context.zone == "Europe/Berlin"


@pytest.mark.parametrize(
    ("start", "alarm", "expected"),
    [
        ("2026-03-27T20:00:00", "07:00", ["28 07:00+0100", "29 07:00+0200", "30 07:00+0200"]),
        ("2026-10-23T20:00:00", "07:00", ["24 07:00+0200", "25 07:00+0100", "26 07:00+0100"]),
        ("2026-03-27T20:00:00", "02:30", ["28 02:30+0100", "29 03:00+0200", "30 02:30+0200"]),
        ("2026-10-23T20:00:00", "02:30", ["24 02:30+0200", "25 02:30+0200", "26 02:30+0100"]),
        ("2026-02-27T20:00:00", "07:00", ["28 07:00+0100", "01 07:00+0100", "02 07:00+0100"]),
    ],
)
def test_an_alarm_goes_by_the_clock_on_the_wall(start: str, alarm: str, expected: list[str]) -> None:
    """Seven stays seven when clocks are changed; what is left out comes right after, what comes twice rings once."""
    with living(at(start)) as life:
        life.do("set_alarm", at=f"{start[:10]}T{alarm}:00", days=list(range(7)))
        turns = life.assistant.advance(timedelta(days=2, hours=20))
        assert [f"{turn.started_at:%d %H:%M%z}" for turn in turns] == expected


def test_an_alarm_of_new_york() -> None:
    """The zone is that of the clock, on working days only, over the change of clocks on a Sunday."""
    with living(at("2026-03-06T12:00:00", NEW_YORK)) as life:
        life.do("set_alarm", at="2026-03-06T06:45:00-05:00", days=WORKDAYS)
        turns = life.assistant.advance(timedelta(days=4))
        assert [turn.started_at.isoformat() for turn in turns] == [
            "2026-03-09T06:45:00-04:00",
            "2026-03-10T06:45:00-04:00",
        ]


def test_two_months_of_working_days(life: Life) -> None:
    """Sixty days pass in order, with every alarm in them."""
    life.do("set_alarm", at="2026-11-23T07:00:00", days=WORKDAYS)
    turns = life.assistant.advance(timedelta(days=60))
    days = [local(turn.started_at, BERLIN) for turn in turns]
    assert days == sorted(days)
    assert len(days) == 44
    assert {(day.weekday() < 5, f"{day:%H:%M}") for day in days} == {(True, "07:00")}


def test_a_timer_that_is_paused_waits(life: Life) -> None:
    """It does not ring while it is paused; resumed it has what was left; more can be added on the way."""
    (entry,) = life.do("start_timer", seconds=600, name="pasta")["entries"]
    life.lived(minutes=4)
    (paused,) = life.do("pause_timer", entry_id=entry["entry_id"])["entries"]
    assert (paused["paused"], paused["left_s"]) == (True, 360.0)
    assert life.lived(hours=3) == []
    life.do("change_timer", entry_id=entry["entry_id"], seconds=-60)
    (running,) = life.do("resume_timer", entry_id=entry["entry_id"])["entries"]
    assert (running["paused"], running["left_s"], running["length_s"]) == (False, 300.0, 540.0)
    assert life.lived(minutes=4, seconds=59) == []
    assert len(life.lived(seconds=1)) == 1


# --- ringing ---------------------------------------------------------------------------------------------------------


def test_what_rings_rings_until_it_is_stopped(life: Life) -> None:
    """Stopped it is gone, an alarm for every day waits for the next; there is nothing to stop then."""
    life.do("start_timer", seconds=60, name="pasta")
    life.do("set_alarm", at="2026-11-22T12:01:00", days=list(range(7)), name="daily")
    assert len(life.lived(minutes=1)) == 1
    assert sorted(life.ringing) == ["daily", "pasta"]
    stopped = life.do("stop_ringing")["entries"]
    assert sorted((each["name"], each["ringing"]) for each in stopped) == [("daily", False), ("pasta", False)]
    assert life.ringing == []
    assert life.do("stop_ringing") == {"problem": "gone"}
    assert [(entry.name, entry.due_at.isoformat()) for entry in life.entries] == [
        ("daily", "2026-11-23T12:01:00+01:00")
    ]


@pytest.mark.parametrize(("command", "minutes"), [("timer", 2), ("alarm", 10)])
def test_nobody_there_ends_it_too(life: Life, command: str, minutes: int) -> None:
    """A timer gives up after two minutes, an alarm after ten."""
    if command == "timer":
        life.do("start_timer", seconds=60, name="x")
    else:
        life.do("set_alarm", at="2026-11-22T12:01:00", name="x")
    life.lived(minutes=1)
    assert life.lived(minutes=minutes, seconds=-1) == []
    assert life.ringing == ["x"]
    assert life.lived(seconds=1) == []
    assert life.entries == ()


def test_a_snoozed_alarm_rings_again_and_keeps_its_own_time(life: Life) -> None:
    """Nine minutes unless said otherwise, as often as one likes; the alarm of every morning stays where it is."""
    life.do("set_alarm", at="2026-11-23T07:00:00", days=WORKDAYS)
    assert life.lived(hours=19)[0].startswith("23 07:00")
    (snoozed,) = life.do("snooze")["entries"]
    assert snoozed["due_at"] == "2026-11-23T07:09:00+01:00"
    assert snoozed["days"] == []
    assert life.ringing == []
    assert [line[:8] for line in life.lived(minutes=9)] == ["23 07:09"]
    life.do("snooze", seconds=60)
    assert [line[:8] for line in life.lived(minutes=1)] == ["23 07:10"]
    life.do("stop_ringing")
    assert [line[:8] for line in life.lived(days=1)] == ["24 07:00"]
    assert life.do("snooze", seconds=0) == {"problem": "past"}


def test_more_time_for_what_rings(life: Life) -> None:
    """Five minutes more when the pasta is not done: it stops ringing and rings again then."""
    (entry,) = life.do("start_timer", seconds=60, name="pasta")["entries"]
    life.lived(seconds=75)
    (more,) = life.do("change_timer", entry_id=entry["entry_id"], seconds=300)["entries"]
    assert (more["left_s"], more["ringing"]) == (300.0, False)
    assert life.lived(minutes=4) == []
    assert len(life.lived(minutes=1)) == 1


def test_a_reminder_is_told_twice_unless_somebody_answers(life: Life) -> None:
    """Once more after five minutes; whoever says anything in between has heard it."""
    life.do("set_reminder", at="2026-11-22T13:00:00", text="call mum")
    told = life.lived(hours=1, minutes=30)
    assert [line[:8] for line in told] == ["22 13:00", "22 13:05"]
    assert all("call mum" in line for line in told)
    life.do("set_reminder", at="2026-11-22T14:00:00", text="call dad")
    assert len(life.lived(minutes=31)) == 1
    life.assistant.hear_text("turn on the kitchen light")
    assert life.lived(hours=1) == []
    assert life.entries == ()


# --- commands for later ----------------------------------------------------------------------------------------------


def test_a_command_for_later_is_done_then(life: Life) -> None:
    """Its words are taken in the room where they were said, with the same effect, and once."""
    life.do("do_later", at="2026-11-22T13:00:00", text="turn on the light")
    assert life.assistant.advance(timedelta(minutes=59)) == ()
    (turn,) = life.assistant.advance(timedelta(minutes=2))
    assert (turn.utterance.source, turn.utterance.room) == ("agenda", "kitchen")
    assert turn.context.attended is False
    assert life.assistant.home.states()["light.kitchen"]["state"] == "on"
    assert life.entries == ()
    assert life.assistant.advance(timedelta(days=1)) == ()


def test_a_command_for_later_opens_no_door(life: Life) -> None:
    """Nobody is there to say yes; neither is the yes of another question taken from it."""
    before = life.assistant.home.states()
    life.do("do_later", at="2026-11-22T12:00:10", text="unlock the front door")
    life.do("do_later", at="2026-11-22T12:00:20", text="yes")
    life.assistant.hear_text("open the garage door")
    assert len(life.assistant.advance(timedelta(seconds=25))) == 2
    assert life.assistant.home.states() == before


def test_what_falls_due_in_the_middle_of_a_turn_waits_for_its_end(life: Life) -> None:
    """While a device is waited for the timer's moment passes; its turn comes after the one that goes on."""
    life.do("start_timer", seconds=0.02, name="short")
    ended: list[tuple[str, list[str]]] = []
    life.runtime.conversation.on_turn(lambda turn: ended.append((turn.utterance.source, life.ringing)))
    life.assistant.hear_text("turn on the kitchen light")
    assert ended == [("text", ["short"]), ("agenda", ["short"])]
    assert life.assistant.home.states()["light.kitchen"]["state"] == "on"


# --- mishaps ---------------------------------------------------------------------------------------------------------


def test_a_restart_forgets_nothing(tmp_path: Path) -> None:
    """Timers, alarms, reminders and commands are there afterwards and come in time."""
    store = tmp_path / "edge.db"
    with living(at("2026-11-22T12:00:00"), store) as life:
        life.do("start_timer", seconds=3_600, name="roast")
        life.do("set_alarm", at="2026-11-23T07:00:00", days=WORKDAYS)
        life.do("do_later", at="2026-11-22T12:30:00", text="turn on the kitchen light")
        (entry,) = life.do("start_timer", seconds=100, name="paused")["entries"]
        life.do("pause_timer", entry_id=entry["entry_id"])
        before = life.entries
    with living(at("2026-11-22T12:10:00"), store) as life:
        assert life.entries == before
        assert {entry.due_at.utcoffset() for entry in life.entries} == {timedelta(hours=1)}
        assert [line[:8] for line in life.lived(hours=20)] == ["22 12:30", "22 13:00", "23 07:00"]
        assert [entry.name for entry in life.entries if entry.left_s] == ["paused"]


@pytest.mark.parametrize(("minutes_late", "rings"), [(9.9, True), (10, False), (3_000, False)])
def test_what_was_missed_is_told_and_what_is_fresh_rings(tmp_path: Path, minutes_late: float, rings: bool) -> None:
    """Ten minutes late it is too late to ring; it is told once, at the start, in one turn, and never again."""
    store = tmp_path / "edge.db"
    with living(at("2026-11-22T12:00:00"), store) as life:
        life.do("start_timer", seconds=60, name="pasta")
        life.do("set_reminder", at="2026-11-22T12:01:00", text="call mum")
        life.do("set_alarm", at="2026-11-22T12:01:00", days=list(range(7)), name="daily")
    start = at("2026-11-22T12:01:00") + timedelta(minutes=minutes_late)
    with living(start, store) as life:
        (turn,) = life.assistant.advance(timedelta())
        text = turn.response.text if turn.response else ""
        assert all(name in text for name in ("pasta", "call mum", "daily"))
        assert ("While I was off" in text) is not rings
        assert sorted(life.ringing) == (["call mum", "daily", "pasta"] if rings else [])
        if not rings:
            assert life.lived(minutes=20) == []
            (daily,) = life.entries
            assert timedelta() < daily.due_at - start <= timedelta(days=1)
    with living(start + timedelta(minutes=30), store) as life:
        again = life.lived(minutes=1)
        assert bool(again) is rings


def test_a_command_that_was_missed_is_not_done(tmp_path: Path) -> None:
    """Hours late nobody wants it any more: it is told."""
    store = tmp_path / "edge.db"
    with living(at("2026-11-22T12:00:00"), store) as life:
        life.do("do_later", at="2026-11-22T13:00:00", text="turn on the kitchen light")
    with living(at("2026-11-22T18:00:00"), store) as life:
        (line,) = life.lived(hours=1)
        assert "turn on the kitchen light" in line
        assert life.assistant.home.states()["light.kitchen"]["state"] == "off"


def test_it_rings_on_after_sudden_death(tmp_path: Path) -> None:
    """What rang when the power went rings again when it is back, if that is soon."""
    store = tmp_path / "edge.db"
    with living(at("2026-11-22T12:00:00"), store) as life:
        life.do("set_alarm", at="2026-11-22T12:01:00", name="nap")
        life.lived(minutes=2)
        assert life.ringing == ["nap"]
    with living(at("2026-11-22T12:04:00"), store) as life:
        assert len(life.lived(seconds=1)) == 1
        assert life.ringing == ["nap"]


class FakeJumpingClock(SimulatedClock):
    """A simulated clock that somebody puts forward or back; what was waited for waits as long as before."""

    def __init__(self, start: datetime) -> None:
        super().__init__(start)
        self.off = timedelta()

    def now(self) -> datetime:
        return super().now() + self.off

    @property
    def zone(self) -> tzinfo:
        return BERLIN


@pytest.fixture
def jumping() -> Iterator[Life]:
    clock = FakeJumpingClock(at("2026-11-22T12:00:00"))
    with Assistant.open(home=Home.demo(), store=":memory:", clock=clock, room="kitchen") as assistant:
        yield Life(assistant)


def jump(life: Life, **by: float) -> None:
    assert isinstance(life.runtime.clock, FakeJumpingClock)
    life.runtime.clock.off += timedelta(**by)


@pytest.mark.parametrize("hours", [1, 5, 30 * 24 + 1])
def test_a_clock_put_forward(jumping: Life, hours: int) -> None:
    """What became due rings within half a minute, once however much later, and what comes again moves on from now."""
    jumping.do("set_alarm", at="2026-11-22T12:50:00", days=list(range(7)))
    jump(jumping, hours=hours)
    assert len(jumping.lived(seconds=30)) == 1
    jumping.do("stop_ringing")
    (daily,) = jumping.entries
    assert timedelta() < daily.due_at - jumping.runtime.clock.now() <= timedelta(days=1)
    assert jumping.lived(hours=1) == []


def test_a_clock_put_back_rings_nothing_twice(jumping: Life) -> None:
    """Neither a timer that was stopped nor an alarm that rings each day, and what rings stops in its time."""
    jumping.do("start_timer", seconds=60, name="pasta")
    jumping.do("set_alarm", at="2026-11-22T12:01:00", days=list(range(7)), name="daily")
    assert len(jumping.lived(minutes=1)) == 1
    jump(jumping, hours=-1)
    assert jumping.lived(minutes=11) == []
    assert jumping.ringing == []
    assert [entry.name for entry in jumping.entries] == ["daily"]
    assert jumping.lived(hours=3) == []
    assert len(jumping.lived(hours=22)) == 1


def test_a_clock_that_was_years_ahead_for_a_moment(jumping: Life) -> None:
    """What comes each day came then, and after the clock was put right it comes each day again."""
    jumping.do("set_alarm", at="2026-11-22T13:00:00", days=list(range(7)))
    jump(jumping, days=4_000)
    assert len(jumping.lived(minutes=1)) == 1
    jumping.do("stop_ringing")
    jump(jumping, days=-4_000)
    assert [line[:8] for line in jumping.lived(days=1)] == ["22 13:00"]


def test_a_full_disk_sets_nothing_and_stops_no_alarm(tmp_path: Path) -> None:
    """Setting names the problem; what is set rings all the same, can be stopped, and is written when there is room."""
    store = tmp_path / "edge.db"
    with living(at("2026-11-22T12:00:00"), store) as life:
        life.do("start_timer", seconds=60, name="pasta")
        table = life.runtime.store
        for number in range(20):
            life.do("start_timer", seconds=9_000 + number, name="x" * 200)
        with full_disk(table):
            answers = [life.do("set_reminder", at="2026-11-22T15:00:00", text="y" * 200) for _ in range(40)]
            assert answers[-1] == {"problem": "store"}
            kept = sum("entries" in answer for answer in answers)
            assert len(life.entries) == 21 + kept
            assert "pasta" in life.lived(minutes=1)[0]
            assert [each["name"] for each in life.do("stop_ringing")["entries"]] == ["pasta"]
        life.lived(seconds=40)
    with living(at("2026-11-22T12:02:00"), store) as life:
        assert len(life.entries) == 20 + kept


def test_it_rings_when_the_home_is_gone(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker is away: timers ring, and a command for later says that it could not be done."""

    def gone(*_: object) -> None:
        raise BrokerError("away")

    monkeypatch.setattr(life.runtime.home.picture, "send", gone)
    life.do("start_timer", seconds=60, name="pasta")
    life.do("do_later", at="2026-11-22T12:02:00", text="turn on the kitchen light")
    told = life.lived(minutes=3)
    assert "pasta" in told[0]
    assert "cannot reach" in told[1]


def test_who_cannot_be_told_does_not_keep_the_others_from_it(life: Life) -> None:
    """A listener that fails costs neither the turn nor the other listeners."""
    told: list[Turn] = []

    def fails(turn: Turn) -> None:
        raise BrokerError("away")

    life.runtime.conversation.on_turn(fails)
    life.runtime.conversation.on_turn(told.append)
    life.do("start_timer", seconds=60)
    asked = life.assistant.hear_text("what time is it")
    turns = life.assistant.advance(timedelta(minutes=1))
    assert told == [asked, *turns]
    assert len(turns) == 1


def test_a_replay_performs_nothing(life: Life) -> None:
    """Neither a turn that began by itself nor one that set something is done again when it is lived through again."""
    life.do("start_timer", seconds=60, name="pasta")
    life.do("do_later", at="2026-11-22T12:02:00", text="turn on the kitchen light")
    turns = life.assistant.advance(timedelta(minutes=3))
    life.do("stop_ringing")
    life.assistant.hear_text("turn off the kitchen light")
    before = life.entries, life.assistant.home.states()
    for turn in turns:
        again = replay(turn, life.runtime.conversation.knowledge(), life.runtime.stages)
        assert again.same
        assert (life.entries, life.assistant.home.states()) == before


def test_on_the_wall_clock_it_rings_by_itself() -> None:
    """Nobody has to move the clock: the turn comes while everybody waits for it."""
    turns: queue.SimpleQueue[Turn] = queue.SimpleQueue()
    with Assistant.open(home=Home.demo(), store=":memory:", room="kitchen") as assistant:
        assistant.runtime.conversation.on_turn(turns.put)
        perform(assistant.runtime, "start_timer", seconds=0.05, name="pasta")
        turn = turns.get(timeout=10)
        assert turn.utterance.source == "agenda"
        assert [entry.name for entry in assistant.runtime.conversation.ringing] == ["pasta"]


def test_nobody_looks_at_the_clock_for_nothing(life: Life) -> None:
    """With nothing set nothing is waited for; a closed assistant rings no more, though the clock goes on."""
    clock = life.runtime.clock
    assert isinstance(clock, SimulatedClock)
    waiting = len(clock._due)
    life.lived(days=3)
    assert len(clock._due) <= waiting
    life.do("start_timer", seconds=60)
    told: list[Turn] = []
    life.runtime.conversation.on_turn(told.append)
    life.assistant.close()
    clock.advance(timedelta(hours=1))
    assert told == []


def test_one_command_of_the_terminal_leaves_ringing_to_the_service(tmp_path: Path) -> None:
    """A runtime whose clockwork nobody started keeps what is due for the one that is there all day."""
    store = tmp_path / "edge.db"
    with living(at("2026-11-22T12:00:00"), store) as life:
        life.do("start_timer", seconds=60, name="pasta")
    clock = SimulatedClock(at("2026-11-22T12:05:00"))
    runtime = build_runtime(Settings(), clock=clock, in_process=True, store=store)
    told: list[Turn] = []
    runtime.conversation.on_turn(told.append)
    perform(runtime, "start_timer", seconds=1, name="tea")
    clock.advance(timedelta(minutes=1))
    runtime.close()
    assert told == []
    with living(at("2026-11-22T12:06:30"), store) as life:
        assert len(life.lived(seconds=1)) == 1
        assert sorted(life.ringing) == ["pasta", "tea"]
