"""The actor of time and lists by itself: what it keeps, what it cannot, and values that make no sense."""

import itertools
from datetime import UTC, datetime
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.agenda.actor import ENTRIES_MAX, AgendaActor
from edge.agenda.agenda import Agenda
from edge.agenda.lists import ITEMS_MAX, LISTS_MAX
from edge.commands import AGENDA
from edge.entries import Kind
from edge.errors import StageFailed
from edge.knowledge import Knowledge
from edge.records import Interpretation, ResolvedAction, Step
from edge.turn import Context
from tests.agendas import FakeAgendaTable
from tests.lived import json_values

NOON = datetime(2026, 11, 22, 11, tzinfo=UTC)
LATER = "2026-11-22T15:00:00+01:00"


class Desk:
    """An actor with its table."""

    def __init__(self) -> None:
        self.table = FakeAgendaTable()
        ids = itertools.count(1)
        self.agenda = Agenda(self.table)
        self.actor = AgendaActor(self.agenda, self.table, lambda: str(next(ids)))

    def do(self, command: str, **values: Any) -> dict[str, Any]:
        """What a step with these values comes to."""
        context = Context(NOON, "kitchen", "anna", zone="Europe/Berlin", agenda=self.agenda.entries)
        step = Step(Interpretation(command), ResolvedAction((), command, values))
        return dict(self.actor.perform(step, context, Knowledge(1)).answer)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_an_answer_tells_everything_about_an_entry(desk: Desk) -> None:
    """Enough to word a reply, and to set the same again."""
    assert desk.do("start_timer", seconds=90, name="  soft\u202e\n eggs ") == {
        "entries": [
            {
                "entry_id": "1",
                "kind": "timer",
                "name": "soft eggs",
                "due_at": "2026-11-22T12:01:30+01:00",
                "left_s": 90.0,
                "length_s": 90.0,
                "days": [],
                "paused": False,
                "ringing": False,
                "room": "kitchen",
                "speaker": "anna",
            }
        ]
    }


@pytest.mark.parametrize(
    ("set_it", "values", "get", "cancel", "kind"),
    [
        ("start_timer", {"seconds": 60}, "get_timers", "cancel_timer", "timer"),
        ("set_alarm", {"at": LATER}, "get_alarms", "cancel_alarm", "alarm"),
        ("set_reminder", {"at": LATER, "text": "call mum"}, "get_reminders", "cancel_reminder", "reminder"),
        ("do_later", {"at": LATER, "text": "lights off"}, "get_later", "cancel_later", "command"),
    ],
)
def test_what_is_set_is_there_until_it_is_cancelled(
    desk: Desk, set_it: str, values: dict[str, Any], get: str, cancel: str, kind: Kind
) -> None:
    """Set, asked for, cancelled, and then it cannot be cancelled again."""
    assert kind in get_args(Kind)
    (entry,) = desk.do(set_it, **values)["entries"]
    assert entry["kind"] == kind
    assert desk.do(get, entry_ids=[entry["entry_id"]])["entries"] == [entry]
    assert desk.do(cancel, entry_ids=[entry["entry_id"], "never"])["entries"] == [entry]
    assert desk.do(cancel, entry_ids=[entry["entry_id"]]) == {"problem": "gone"}
    assert desk.do(get, entry_ids=[entry["entry_id"]]) == {"entries": []}
    assert desk.table.kept == {}


@pytest.mark.parametrize(
    ("command", "values", "problem"),
    [
        ("start_timer", {"seconds": 0}, "past"),
        ("start_timer", {"seconds": -5}, "past"),
        ("start_timer", {"seconds": 1e300}, "far"),
        ("set_alarm", {"at": "2026-11-22T12:00:00+01:00"}, "past"),
        ("set_alarm", {"at": "2026-11-22T11:59:00"}, "past"),
        ("set_reminder", {"at": "2046-01-01T00:00:00", "text": "x"}, "far"),
        ("change_timer", {"entry_id": "9", "seconds": 5}, "gone"),
        ("pause_timer", {"entry_id": "9"}, "gone"),
        ("resume_timer", {"entry_id": "9"}, "gone"),
        ("snooze", {}, "gone"),
        ("stop_ringing", {}, "gone"),
    ],
)
def test_what_cannot_be_has_a_name(desk: Desk, command: str, values: dict[str, Any], problem: str) -> None:
    """Too late, too far off, or not there; nothing is kept of it."""
    assert desk.do(command, **values) == {"problem": problem}
    assert desk.table.kept == {}


def test_less_time_than_is_left(desk: Desk) -> None:
    """A timer can be shortened but not into the past, and only a timer can."""
    desk.do("start_timer", seconds=300)
    assert desk.do("change_timer", entry_id="1", seconds=-300) == {"problem": "past"}
    assert desk.do("change_timer", entry_id="1", seconds=-299)["entries"][0]["left_s"] == 1.0
    assert desk.do("change_timer", entry_id="1", seconds=1e12) == {"problem": "far"}
    desk.do("set_alarm", at=LATER)
    assert desk.do("change_timer", entry_id="2", seconds=60) == {"problem": "gone"}


def test_a_repeated_time_goes_by_the_wall(desk: Desk) -> None:
    """What the wall shows counts, whatever offset came with it; days are Monday to Sunday."""
    (entry,) = desk.do("set_alarm", at="2026-11-22T07:00:00+02:00", days=[4, 0, 0, 12, -1])["entries"]
    assert (entry["due_at"], entry["days"]) == ("2026-11-23T07:00:00+01:00", [0, 4])


def test_there_is_room_for_a_hundred(desk: Desk) -> None:
    """Then it is full, until one is cancelled; names are cut, the words of a command never."""
    for _ in range(ENTRIES_MAX):
        desk.do("start_timer", seconds=60, name="x" * 10_000)
    assert {len(entry.name) for entry in desk.agenda.entries} == {200}
    for command, values in (("start_timer", {"seconds": 60}), ("do_later", {"at": LATER, "text": "y"})):
        assert desk.do(command, **values) == {"problem": "full"}
    desk.do("cancel_timer", entry_ids=["1"])
    assert len(desk.do("do_later", at=LATER, text="y" * 900)["entries"][0]["name"]) == 900


def test_a_full_disk_is_a_problem_and_changes_nothing(desk: Desk) -> None:
    """What is not on the disk is not set, not cancelled, and not on the list."""
    desk.do("start_timer", seconds=60, name="pasta")
    desk.do("add_items", items=["milk"])
    before = desk.agenda.entries
    desk.table.full = True
    for command, values in (
        ("start_timer", {"seconds": 60}),
        ("change_timer", {"entry_id": "1", "seconds": 60}),
        ("cancel_timer", {"entry_ids": ["1"]}),
        ("add_items", {"items": ["eggs"]}),
        ("remove_items", {"items": ["milk"]}),
        ("clear_items", {}),
    ):
        assert desk.do(command, **values) == {"problem": "store"}
    assert desk.agenda.entries == before
    assert desk.do("get_items")["items"] == ["milk"]


def test_the_shopping_list(desk: Desk) -> None:
    """What is added stands there once, in order; what was not there is told; no name means the shopping list."""
    added = desk.do("add_items", list="shopping", items=["Milk", "oat-milk", "two eggs", "milk", " "])
    assert added == {
        "list": "shopping",
        "items": ["Milk", "oat-milk", "two eggs"],
        "changed": ["Milk", "oat-milk", "two eggs"],
        "missing": [],
        "already": [],
    }
    again = desk.do("add_items", items=["MILK", "bread"])
    assert (again["changed"], again["already"]) == (["bread"], ["Milk"])
    removed = desk.do("remove_items", list="Shopping", items=["oat milk", "butter"])
    assert (removed["changed"], removed["missing"]) == (["oat-milk"], ["butter"])
    assert desk.do("get_items")["items"] == ["Milk", "two eggs", "bread"]
    assert desk.do("get_items", list="hardware")["items"] == []
    assert desk.do("clear_items")["changed"] == ["Milk", "two eggs", "bread"]
    assert desk.do("get_items")["items"] == []


def test_lists_have_their_bounds(desk: Desk) -> None:
    """So many things on one, so many lists; what does not fit is not added in part."""
    desk.do("add_items", items=[f"thing {number}" for number in range(ITEMS_MAX - 1)])
    assert desk.do("add_items", items=["one more", "and another"]) == {"problem": "full"}
    assert len(desk.do("add_items", items=["one more"])["items"]) == ITEMS_MAX
    for number in range(LISTS_MAX - 1):
        assert desk.do("add_items", list=f"list {number}", items=["x" * 1_000])["items"] == ["x" * 200]
    assert desk.do("add_items", list="one too many", items=["x"]) == {"problem": "full"}
    desk.do("clear_items", list="list 3")
    assert desk.do("add_items", list="one too many", items=["x"])["items"] == ["x"]


@given(
    st.sampled_from(sorted(AGENDA)),
    st.dictionaries(
        st.sampled_from(["at", "days", "seconds", "name", "text", "entry_id", "entry_ids", "list", "items"]),
        json_values | st.sampled_from([LATER, "0001-01-01T00:00", "9999-12-31T23:59:59+00:00", float("nan")]),
    ),
)
def test_no_value_breaks_it(command: str, values: dict[str, Any]) -> None:
    """Whatever a step says, there is an answer, or the turn fails at its action with a reason."""
    desk = Desk()
    desk.do("start_timer", seconds=60)
    failures: list[str] = []
    try:
        answer = desk.do(command, **values)
    except StageFailed as failed:
        answer = {}
        failures.append(failed.point)
    assert failures == ["action"] or answer.keys() & {"entries", "items", "problem"}
