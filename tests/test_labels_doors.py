"""Labels in the house: the night shift keeps them, `edge why` tells what was meant, `edge labels` counts and lists."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from edge.api import Assistant, Home
from edge.cli import app
from edge.clock import SimulatedClock
from edge.desk import Desk
from edge.errors import ModelError
from edge.labels.labelling import Labelling
from edge.labels.weights import FunctionWeights
from edge.looking_back import load_labelling
from edge.turn import Turn

START = datetime(2026, 11, 22, 19, tzinfo=UTC)
GARBLED = "flibber the kitchen right on"


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    """An assistant in the demo home, with a clock of its own."""
    with Assistant.open(home=Home.demo(), clock=SimulatedClock(START), store=tmp_path / "edge.db") as opened:
        yield opened


def corrected(assistant: Assistant) -> tuple[Turn, Turn]:
    """A turn that failed, and the correction that worked."""
    failed = assistant.hear_text(GARBLED)
    assistant.advance(timedelta(seconds=6))
    worked = assistant.hear_text("no, I said turn on the kitchen light")
    assistant.advance(timedelta(minutes=20))
    return failed, worked


def test_the_night_shift_keeps_labels(assistant: Assistant) -> None:
    """After the night the failed turn is put right by the one that worked; the next night makes no second label."""
    failed, worked = corrected(assistant)
    assert "make labels" in assistant.learn().jobs
    assistant.learn()
    first, second = assistant.runtime.store.labels.since(START - timedelta(days=1))
    assert (first.turn_id, first.outcome, first.from_turn_id) == (failed.turn_id, "defect", worked.turn_id)
    assert (first.intent, first.slots["name"]) == ("HassTurnOn", "kitchen light")
    assert (second.turn_id, second.goal_id, second.intent) == (worked.turn_id, failed.turn_id, "")


def test_edge_why_tells_what_was_meant_before_any_night(assistant: Assistant) -> None:
    """In words, from what was said next; of a turn that went well nothing is told."""
    failed, worked = corrected(assistant)
    desk = Desk(assistant.runtime)
    for _ in range(2):
        found = desk.why(failed.turn_id)
        assert dict(found["lines"])["you meant"] == "turn on the kitchen light, by what you said next"
        assert found["meant"]["targets"] == ["light.kitchen"]
        well = desk.why(worked.turn_id)
        assert "you meant" not in dict(well["lines"])
        assert well["meant"] == {}
        assistant.learn()  # and the same from what the night kept


def test_a_turn_that_is_gone_leaves_nothing_to_tell(assistant: Assistant) -> None:
    """A label outlives the turn that it was taken from; what that did is then not told, and nothing stops."""
    failed, worked = corrected(assistant)
    assistant.learn()
    with assistant.runtime.store._file.writing() as database:
        database.execute("DELETE FROM turns WHERE turn_id = ?", [worked.turn_id])
    assert Desk(assistant.runtime).why(failed.turn_id)["meant"] == {}


def test_the_desk_lists_what_it_is_sure_of(assistant: Assistant) -> None:
    """Counts of all, projections only from the given sureness on, with what was heard."""
    desk = Desk(assistant.runtime)
    assert desk.labels(days=1)["turns"] == 0
    failed, _ = corrected(assistant)
    assistant.learn()
    found = desk.labels(days=1)
    assert (found["turns"], found["success"] + found["defect"] + found["unknown"]) == (2, 2)
    assert [(each["turn_id"], each["heard"]) for each in found["projected"]] == [(failed.turn_id, GARBLED)]
    assert desk.labels(days=1, least=1.0)["projected"] == []


def test_edge_labels_speaks_plainly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without labels it says when they are made; then it counts, lists and gives JSON."""
    monkeypatch.setenv("EDGE_DATA", str(tmp_path))
    monkeypatch.setenv("EDGE_SOCKET", str(tmp_path / "none.sock"))
    monkeypatch.setenv("COLUMNS", "160")

    def run(*words: str) -> Any:
        return CliRunner().invoke(app, list(words))

    assert "made at night" in run("labels").output
    now = datetime.now(UTC)
    with Assistant.open(home=Home.demo(), clock=SimulatedClock(now), store=tmp_path / "edge.db") as assistant:
        corrected(assistant)
        assistant.learn()
    assert "2 turns: 1 served, 1 failed, 0 unknown; of 1 it is known what was meant." in run("labels").output
    listed = run("labels", "--list").output
    assert GARBLED in listed
    assert "HassTurnOn" in listed
    assert GARBLED not in run("labels", "--list", "--least", "1").output
    assert '"unknown": 0' in run("labels", "--json").output


def test_without_the_file_votes_count_as_by_hand(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file that cannot be read is logged, and labels are made all the same."""

    def broken(folder: Path) -> FunctionWeights:
        raise ModelError("Cannot read functions.json.")

    monkeypatch.setattr(FunctionWeights, "load", broken)
    assert isinstance(load_labelling(), Labelling)
    with Assistant.open(home=Home.demo(), clock=SimulatedClock(START), store=tmp_path / "edge.db") as assistant:
        corrected(assistant)
        assert "make labels" in assistant.learn().jobs
        assert len(assistant.runtime.store.labels.since(START)) == 2
