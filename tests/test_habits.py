"""Habits: what a home is wont to ask for, counted from the turns it lived."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from edge.clock import SimulatedClock
from edge.knowledge import Habit
from edge.records import DoneStep, Interpretation, Outcome, ResolvedAction, Step
from edge.store import Store
from edge.store.file import StoreFile
from edge.store.habits import HALF_LIFE, LOOK_BACK, habits, read_habits
from edge.turn import Turn
from tests.lived import NOON, a_turn

EVENING = NOON.replace(hour=22, minute=15)


def lived(
    at: datetime,
    command: str = "turn_on",
    *targets: str,
    outcome: Outcome | None = None,
    values: Mapping[str, Any] | None = None,
) -> Turn:
    """A turn in which a command was given."""
    action = ResolvedAction(targets or ("light.bed",), command, values or {})
    done = DoneStep(Step(Interpretation("HassTurnOn"), action), outcome or Outcome(confirmed=True))
    return replace(a_turn(f"{at:%Y%m%d-%H%M%S}-1"), started_at=at, done_steps=(done,))


def nights(many: int, **turn: Any) -> list[Turn]:
    """The same on so many evenings, the last of them today."""
    return [lived(EVENING - timedelta(days=n), **turn) for n in reversed(range(many))]


def test_what_is_done_every_evening_is_a_habit_of_that_hour() -> None:
    """The last days count most."""
    (habit,) = habits(nights(5), EVENING)
    assert (habit.command, habit.target, habit.hour) == ("turn_on", "light.bed", 22)
    assert 4.5 < habit.times < 5


def test_old_habits_fade() -> None:
    """After three weeks by half."""
    recent, old = (habits(nights(8), EVENING + late)[0].times for late in (timedelta(), HALF_LIFE))
    assert old == pytest.approx(recent / 2, abs=0.01)


def test_once_is_no_habit() -> None:
    """Not a day later."""
    assert habits(nights(1), EVENING + timedelta(days=1)) == ()


@pytest.mark.parametrize(
    "outcome", [Outcome(refused="offline"), Outcome(confirmed=False, silent=("light.bed",))], ids=["refused", "silent"]
)
def test_what_did_not_happen_does_not_count(outcome: Outcome) -> None:
    """Refused or without effect."""
    assert habits(nights(5, outcome=outcome), EVENING) == ()


@pytest.mark.parametrize("command", ["get_state", "nevermind", "run_skill"])
def test_what_moves_no_device_is_no_habit(command: str) -> None:
    """Questions, and what is about the assistant itself."""
    assert habits(nights(5, command=command), EVENING) == ()


@pytest.mark.parametrize(("after_s", "counted"), [(20, False), (3600, True)])
def test_what_is_turned_back_at_once_was_not_meant(after_s: int, counted: bool) -> None:
    """Later it is another wish."""
    turns = []
    for night in nights(5):
        back = lived(night.started_at + timedelta(seconds=after_s), "turn_off")
        turns += [night, back]
    assert any(habit.command == "turn_on" for habit in habits(turns, EVENING)) is counted


def test_titles_are_habits_of_their_own() -> None:
    """With their kind and who made them; how loud it was is none."""
    played = {"title": "Blue in Green", "media_kind": "song", "by": "Miles Davis"}
    turns = [
        lived(each.started_at, "play_media", "media_player.tv", values={**played, "volume": 20}) for each in nights(3)
    ]
    (habit,) = habits(turns, EVENING)
    assert habit == Habit("play_media", "media_player.tv", 22, habit.times, played)


def test_every_device_of_a_group_has_its_habit() -> None:
    """Groups change; their members stay."""
    found = habits([lived(each.started_at, "turn_off", "light.a", "light.b") for each in nights(3)], EVENING)
    assert {habit.target for habit in found} == {"light.a", "light.b"}


def test_habits_are_read_from_the_database(tmp_path: Path) -> None:
    """Those of the last sixty days; what cannot be read is left out."""
    path = tmp_path / "edge.db"
    too_old = [lived(EVENING - LOOK_BACK - timedelta(days=n), "open", "cover.blind") for n in range(1, 40)]
    with Store.open(path, SimulatedClock(NOON)) as store:
        for turn in (*too_old, *nights(4)):
            store.add_turn(turn)
    file = StoreFile.open(path)
    try:
        with file.writing() as database:
            database.execute("UPDATE turns SET record = '{}' WHERE turn_id = ?", [nights(4)[0].turn_id])
        (habit,) = read_habits(file, EVENING)
    finally:
        file.close()
    assert (habit.target, round(habit.times)) == ("light.bed", 3)
