"""Homes and sentences that nobody planned for: clear words, and nothing moved that was not meant."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge import Assistant, Home, SimulatedClock
from edge.knowledge import Device, DeviceState, HomeMap
from tests.conversations import FakeHome, Talk

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)


def replies(tmp_path: Path, home: str, *said: str) -> list[str]:
    """What the assistant says in a home file's home."""
    file = tmp_path / "home.toml"
    file.write_text(home, encoding="utf-8")
    with Assistant.open(home=Home.simulated(file), store=":memory:", clock=SimulatedClock(NOON)) as assistant:
        turns = [assistant.hear_text(text) for text in said]
    return [turn.response.text if turn.response else "" for turn in turns]


def test_names_in_other_scripts_work_as_they_are_written(tmp_path: Path) -> None:
    """In a home without a single room, too."""
    home = '[light.a]\nname = "\u041b\u0430\u043c\u043f\u0430"\n[light.b]\nname = "\u53f0\u6240\u306e\u706f\u308a"\n'
    said = ("turn on \u043b\u0430\u043c\u043f\u0430", "turn on \u53f0\u6240\u306e\u706f\u308a", "turn off the lights")
    assert replies(tmp_path, home, *said) == [
        "The \u041b\u0430\u043c\u043f\u0430 is on.",
        "The \u53f0\u6240\u306e\u706f\u308a is on.",
        "The \u041b\u0430\u043c\u043f\u0430 and the \u53f0\u6240\u306e\u706f\u308a are off.",
    ]


@pytest.mark.parametrize("joint", [" and ", ", ", " then "])
def test_fifty_commands_in_one_sentence_are_refused_in_words(tmp_path: Path, joint: str) -> None:
    """None of them is done: nobody means fifty things at once."""
    home = '[light.a]\nname = "lamp"\n'
    (reply,) = replies(tmp_path, home, joint.join(["turn on the lamp"] * 50))
    assert reply in {
        "That was more than I can do at once. Please say it in several sentences.",
        "That was too long for me. Please say it in fewer words.",
        "Sorry, I did not understand that.",
    }


def test_two_things_of_one_name_in_one_room_are_told_of() -> None:
    """A home file may not say so, but devices that announce themselves may: no guess, and no endless question."""
    lamps = tuple(Device(f"light.{each}", "Lamp", "light", capabilities=frozenset()) for each in ("one", "two"))
    states = {lamp.device_id: DeviceState("off") for lamp in lamps}
    talk = Talk(HomeMap((), lamps), FakeHome(states))
    turn = talk.say("turn on the lamp")
    assert turn.response is not None
    assert "cannot be told apart: give one another name" in turn.response.text
    assert {state.value for state in talk.actor.states.values()} == {"off"}
