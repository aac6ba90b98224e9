"""One command to several devices is one plan; what may be misheard is asked for; and what was done is put back."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from edge.knowledge import Device, DeviceState
from edge.records import Act, Confirm, Unresolved
from edge.turn import Turn
from tests.conversations import Talk, golden_home, with_devices

KITCHEN = ("light.kitchen", "light.counter")


def talk_with(room: str | None = None, **states: DeviceState) -> Talk:
    """A talk in the golden home, with devices in other states; `light__kitchen` is light.kitchen."""
    talk = Talk.at_golden_home(room)
    talk.actor.states |= {key.replace("__", "."): state for key, state in states.items()}
    return talk


def away(talk: Talk, ago: timedelta | None) -> DeviceState:
    return DeviceState("unavailable", since=None if ago is None else talk.now - ago)


def reply(turn: Turn) -> str:
    return turn.response.text if turn.response else ""


def test_a_plan_of_which_a_part_has_just_gone_away_is_read_back() -> None:
    """Nothing of it is done before the yes; then what can be done is."""
    talk = talk_with(light__counter=DeviceState("on"))
    talk.actor.states["light.counter"] = away(talk, timedelta(hours=1))
    turn = talk.say("turn on the lights in the kitchen")
    assert isinstance(turn.decision, Confirm)
    assert reply(turn) == "I cannot reach the Kitchen counter lamp. Shall I turn on the kitchen light all the same?"
    assert talk.actor.moved == []
    turn = talk.say("yes")
    assert [step.action.targets for step in talk.actor.moved] == [("light.kitchen",)]
    assert reply(turn) == "The kitchen light is on. The Kitchen counter lamp cannot be reached."


@pytest.mark.parametrize("ago", [None, timedelta(days=2)])
def test_what_is_known_to_be_away_is_told_of_and_not_asked_about(ago: timedelta | None) -> None:
    """A lamp that was unplugged last week, or was never there, is no reason to ask every evening."""
    talk = talk_with()
    talk.actor.states["light.counter"] = away(talk, ago)
    turn = talk.say("turn on the lights in the kitchen")
    assert isinstance(turn.decision, Act)
    assert reply(turn) == "The kitchen light is on. The Kitchen counter lamp cannot be reached."


def test_where_all_are_away_all_are_told_all_the_same() -> None:
    """Their word may be old; whether they obey is said afterwards."""
    talk = talk_with()
    talk.actor.states |= dict.fromkeys(KITCHEN, away(talk, timedelta(hours=1)))
    turn = talk.say("turn on the lights in the kitchen")
    assert turn.done_steps[0].step.action.targets == KITCHEN


def covers(count: int) -> Talk:
    names = [f"attic blind {number}" for number in range(count)]
    blinds = [Device(f"cover.{name}", name, "cover", "blind", "hall", tier="ask") for name in names]
    talk = Talk.at_golden_home("hall")
    talk.home = with_devices(golden_home()[0], *blinds)
    talk.actor.states |= {blind.device_id: DeviceState("closed") for blind in blinds}
    return talk


@pytest.mark.parametrize(("count", "decision"), [(3, Act), (4, Confirm)])
def test_many_covers_at_once_are_asked_for(count: int, decision: type[Any]) -> None:
    """Three blinds of a room are moved at once, four are not."""
    assert isinstance(covers(count).say("open the blinds in the hall").decision, decision)


@pytest.mark.parametrize(
    ("said", "heard_too", "decision"),
    [
        ("close the left blind", (), Act),
        ("close the left blynd", (), Confirm),
        ("clothes the left mind", ("close the left blind",), Confirm),
    ],
)
def test_a_cover_that_was_not_named_exactly_is_asked_for(
    said: str, heard_too: tuple[str, ...], decision: type[Any]
) -> None:
    """By another reading, or by a name that only sounds like it."""
    turn = Talk.at_golden_home("living_room").say(said, heard_too)
    assert isinstance(turn.decision, decision), reply(turn)


def test_a_thermostat_does_not_jump_unasked() -> None:
    """Five degrees are a wish, more may be a mishearing."""
    assert isinstance(Talk.at_golden_home().say("set the thermostat to 23 degrees").decision, Act)
    turn = Talk.at_golden_home().say("set the thermostat to 30 degrees")
    assert isinstance(turn.decision, Confirm)
    assert reply(turn) == "Shall I set the thermostat to 30 degrees?"


@pytest.mark.parametrize(
    ("device_id", "before", "said", "command", "values"),
    [
        ("light.kitchen", DeviceState("on", {"brightness": 4}), "kitchen light off", "turn_on", {"brightness": 4}),
        ("light.kitchen", DeviceState("off"), "set the kitchen light to 80 percent", "turn_off", {}),
        ("cover.left_blind", DeviceState("open", {"position": 30}), "close the left blind",
         "set_position", {"position": 30}),
        ("climate.thermostat", DeviceState("heat", {"temperature": 19}), "set the thermostat to 22 degrees",
         "set_temperature", {"temperature": 19}),
        ("vacuum.dusty", DeviceState("docked"), "start Dusty", "return_to_base", {}),
        ("fan.bedroom", DeviceState("off"), "turn on the bedroom fan", "turn_off", {}),
    ],
)  # fmt: skip
def test_a_device_goes_back_to_how_it_stood(
    device_id: str, before: DeviceState, said: str, command: str, values: dict[str, Any]
) -> None:
    """Each kind by the command, and with the values, that bring it there."""
    talk = Talk.at_golden_home()
    talk.actor.states[device_id] = before
    done = talk.say(said)
    assert done.done_steps[0].step.action.targets == (device_id,), reply(done)
    action = talk.say("undo that").done_steps[0].step.action
    assert (action.targets, action.command_for(device_id)) == ((device_id,), command)
    assert action.values_for(device_id) == values


def test_a_whole_turn_is_put_back_at_once() -> None:
    """Lamps that were on and lamps that were off, in one go."""
    talk = talk_with(light__kitchen=DeviceState("on", {"brightness": 70}), light__counter=DeviceState("off"))
    talk.say("turn on the kitchen counter lamp and turn off the kitchen light")
    action = talk.say("undo").done_steps[0].step.action
    assert action.own_commands == {"light.counter": "turn_off", "light.kitchen": "turn_on"}
    assert talk.actor.states["light.kitchen"].attributes["brightness"] == 70
    assert talk.actor.states["light.counter"].value == "off"


def test_what_is_guarded_is_not_put_back_with_others() -> None:
    """It stays, and the reply says so; alone it wants a yes of its own."""
    talk = talk_with(light__kitchen=DeviceState("on"), lock__front_door=DeviceState("unlocked"))
    talk.say("turn off the kitchen light")
    last = talk.recall.added_to(talk.turns[-1].context).recent[0]
    lock = replace(last, action=replace(last.action, targets=("lock.front_door",), command="lock"))
    talk.recall._recent.appendleft(replace(lock, before={"lock.front_door": DeviceState("unlocked")}))
    talk.actor.states["lock.front_door"] = DeviceState("locked")
    turn = talk.say("undo that")
    assert turn.done_steps[0].step.action.targets == ("light.kitchen",)
    assert reply(turn) == "The kitchen light is on again. The front door stays as it is."
    assert talk.actor.states["lock.front_door"].value == "locked"


def test_after_five_minutes_there_is_nothing_to_put_back() -> None:
    """Nobody remembers what stood how."""
    talk = Talk.at_golden_home()
    talk.say("set the kitchen light to 30 percent")
    turn = talk.say("undo that", after_s=301)
    assert turn.candidates[0].resolution == Unresolved("nothing_to_undo")
