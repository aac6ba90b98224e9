"""A stored turn lived through again."""

from datetime import UTC, datetime

import pytest

from edge import Assistant, Home, SimulatedClock
from edge.desk import Desk
from edge.knowledge import Knowledge
from edge.replay import replay
from edge.turn import Turn

SAID = [
    "turn on the kitchen light",
    "set the desk lamp to 40%",
    "turn on the ceiling light",
    "the bedroom one",
    "open the garage door",
    "yes",
    "is the garage door open",
    "which lights are on",
    "what is the temperature in the bedroom",
    "turn on the pool light",
    "nonsense and more of it",
    "",
]


def test_under_its_own_revision_every_turn_comes_out_the_same() -> None:
    """From the stored record alone: transcript, the states that were consulted, the question that was open."""
    clock = SimulatedClock(datetime(2026, 11, 22, 20, tzinfo=UTC))
    with Assistant.open(home=Home.demo(), store=":memory:", clock=clock, room="kitchen") as assistant:
        turns = [assistant.hear_text(text) for text in SAID]
        for turn in turns:
            stored = Turn.from_stored(turn.to_stored())
            again = replay(stored, assistant.runtime.conversation.knowledge(), assistant.runtime.stages)
            assert again.same, (turn.turn_id, again.differences)


def test_replay_moves_nothing() -> None:
    """The home is as it was, though the turn once switched a light."""
    with Assistant.open(home=Home.demo(), store=":memory:") as assistant:
        turn = assistant.hear_text("turn on the kitchen light")
        assistant.home.use_switch("light.kitchen", state="off")
        assert replay(turn, assistant.runtime.conversation.knowledge(), assistant.runtime.stages).same
        assert assistant.home.states()["light.kitchen"]["state"] == "off"


def test_under_other_knowledge_the_difference_is_told() -> None:
    """In a home without the device the same words end otherwise."""
    with Assistant.open(home=Home.demo(), store=":memory:") as assistant:
        turn = assistant.hear_text("turn on the kitchen light")
        again = replay(turn, Knowledge(99), assistant.runtime.stages)
        assert "decision" in again.differences
        assert "response" in again.differences


@pytest.mark.parametrize("latest", [False, True])
def test_the_desk_replays_by_name(latest: bool) -> None:
    """What `edge replay last` asks for."""
    with Assistant.open(home=Home.demo(), store=":memory:") as assistant:
        assistant.hear_text("turn on the kitchen light")
        result = Desk(assistant.runtime).replay("last", latest=latest)
        assert result["same"] is True
        assert result["before"]["response"] == result["after"]["response"]
