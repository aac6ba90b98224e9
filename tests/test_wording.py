"""Replies: they say what really happened, in few words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from edge.errors import StageFailed
from edge.knowledge import Area, Device, HomeMap, Knowledge
from edge.records import (
    Act,
    Ambiguous,
    Ask,
    DoneStep,
    Interpretation,
    Outcome,
    Reject,
    ResolvedAction,
    Response,
    Step,
    Transcript,
    Unresolved,
    Utterance,
)
from edge.speech.wording import Wording
from edge.turn import Context, Turn
from tests.conversations import Talk, golden_home

HOME = golden_home()[0]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def began() -> Turn:
    return Turn.begin("turn-1", Utterance("text"), Context(NOON), 1)


def reply(
    command: str,
    outcome: Outcome,
    *targets: str,
    slots: dict[str, Any] | None = None,
    home: HomeMap = HOME,
    **values: Any,
) -> Response:
    step = Step(Interpretation("HassTurnOn", slots or {}), ResolvedAction(targets, command, values))
    turn = began().decided(Act((step,))).done(DoneStep(step, outcome))
    return Wording().word(turn, Knowledge(1, home))


DONE = Outcome(confirmed=True)


@pytest.mark.parametrize(
    ("command", "target", "values", "words"),
    [
        ("turn_on", "light.hall", {}, "The hall light is on."),
        ("turn_on", "light.floor_lamp", {"brightness": 40}, "The floor lamp is at 40 percent."),
        ("turn_on", "light.floor_lamp", {"color": "red", "brightness": 40}, "The floor lamp is red and at 40 percent."),
        ("turn_on", "light.floor_lamp", {"color_temp": 2700}, "The floor lamp is warm white."),
        ("turn_off", "switch.fairy", {}, "The fairy lights are off."),
        ("open", "cover.garage_door", {}, "The garage door is opening."),
        ("close", "cover.bedroom_curtains", {}, "The bedroom curtains are closing."),
        ("unlock", "lock.front_door", {}, "The front door is unlocked."),
        ("set_temperature", "climate.thermostat", {"temperature": 21.5}, "The thermostat is set to 21.5 degrees."),
        ("set_speed", "fan.bedroom", {"speed": 40}, "The bedroom fan is at 40 percent."),
        ("start", "vacuum.dusty", {}, "Dusty is cleaning."),
        ("set_mode", "climate.thermostat", {"mode": "heat"}, "The thermostat is set to heat."),
    ],
)
def test_success_is_one_short_sentence(command: str, target: str, values: dict[str, Any], words: str) -> None:
    """Said only after the device said so."""
    assert reply(command, DONE, target, **values) == Response(words, "answer")


def test_silence_of_a_device_is_no_success() -> None:
    """One that did not answer is named; so are the few of a group."""
    silent = Outcome(confirmed=False, silent=("light.hall",))
    assert reply("turn_on", silent, "light.hall") == Response("I sent it, but the hall light did not answer.", "error")
    some = reply("turn_off", silent, "light.hall", "light.garage")
    assert some == Response("The garage light is off, but the hall light did not answer.", "error")


def test_of_many_silent_devices_there_is_a_number() -> None:
    """Nobody wants to hear seven names."""
    targets = tuple(device.device_id for device in HOME.devices if device.domain == "light")
    words = reply("turn_off", Outcome(confirmed=False, silent=targets[:7]), *targets).text
    assert words == "Five devices are off, but seven devices did not answer."


def test_what_cannot_report_is_not_claimed() -> None:
    """Neither of a device that never does, nor of a command that leaves no trace."""
    assert (
        reply("turn_on", Outcome(), "switch.fountain").text == "I sent it to the fountain, but it cannot report back."
    )
    assert reply("stop", Outcome(), "cover.left_blind").text == "I told the left blind to stop."


def test_refusals_of_the_publisher_are_said() -> None:
    """The home away, and a guarded device without a yes."""
    assert reply("turn_on", Outcome(refused="offline"), "light.hall").kind == "error"
    guarded = reply("open", Outcome(refused="guarded"), "cover.garage_door")
    assert guarded == Response("I open the garage door only after you said yes.", "refusal")


def test_groups_are_called_by_their_place() -> None:
    """And by number where they have none in common."""
    kitchen = {"domain": "light", "area": "kitchen"}
    assert reply("turn_on", DONE, "light.kitchen", "light.counter", slots=kitchen).text == "The kitchen lights are on."
    anna = {"domain": "light", "area": "Anna's room"}
    assert reply("turn_on", DONE, "light.anna", "light.desk", slots=anna).text == "Anna's room lights are on."


def test_what_a_group_leaves_out_is_said() -> None:
    """ "All covers" without the garage door is not all covers."""
    covers = ("cover.left_blind", "cover.right_blind", "cover.bedroom_curtains")
    words = reply("open", DONE, *covers, slots={"domain": "cover", "all": True}).text
    assert words == "All covers except the garage door are opening."


@pytest.mark.parametrize(
    ("answer", "command", "words"),
    [
        ({"time": "00:05"}, "get_time", "It is 12:05 AM."),
        ({"time": "12:00"}, "get_time", "It is 12 PM."),
        ({"time": "23:59"}, "get_time", "It is 11:59 PM."),
        ({"date": "2026-03-01"}, "get_date", "It is Sunday, the 1st of March."),
        ({"date": "2026-06-12"}, "get_date", "It is Friday, the 12th of June."),
        ({"date": "2026-06-23"}, "get_date", "It is Tuesday, the 23rd of June."),
    ],
)
def test_time_and_date_are_said_as_people_say_them(answer: dict[str, str], command: str, words: str) -> None:
    """Twelve hours, and ordinals."""
    assert reply(command, Outcome(answer=answer)).text == words


@pytest.mark.parametrize(
    ("target", "state", "words"),
    [
        (
            "light.floor_lamp",
            {"state": "on", "brightness": 40, "color": "red"},
            "The floor lamp is on, red and at 40 percent.",
        ),
        ("cover.left_blind", {"state": "open", "position": 30}, "The left blind is open, at 30 percent."),
        (
            "climate.thermostat",
            {"state": "off", "current_temperature": 18},
            "The thermostat is off, and it is 18 degrees now.",
        ),
        ("sensor.kitchen_humidity", {"state": "48.04"}, "The kitchen humidity is 48 percent."),
        ("binary_sensor.kitchen_window", {"state": "on"}, "The kitchen window is open."),
        ("alarm_control_panel.alarm", {"state": "armed_away"}, "The alarm is armed."),
        ("media_player.tv", {"state": "playing", "title": "Dune"}, "The TV is playing: Dune."),
        ("fan.bedroom", {"state": "on", "speed": 50}, "The bedroom fan is on, at 50 percent."),
        ("light.hall", {"state": "unavailable"}, "The hall light does not report at the moment."),
    ],
)
def test_states_are_told(target: str, state: dict[str, Any], words: str) -> None:
    """With what matters of them."""
    assert reply("get_state", Outcome(answer={"states": {target: state}}), target, question="one").text == words


def test_doors_that_move_are_neither_open_nor_closed() -> None:
    """ "Is it open?" - "It is opening." """
    seen = Outcome(answer={"states": {"cover.garage_door": {"state": "opening"}}})
    asked = reply("get_state", seen, "cover.garage_door", question="one_yesno", state="open")
    assert asked.text == "The garage door is opening."


def test_namesakes_get_what_tells_them_apart() -> None:
    """The room, or the kind where they share the room."""
    assert reply("turn_on", DONE, "light.bed_reading").text == "The bedroom reading light is on."
    assert reply("turn_on", DONE, "fan.desk").text == "The desk fan is on."


def test_a_failure_says_what_went_wrong() -> None:
    """In a sentence, without a trace of code."""
    turn = began().failed(StageFailed("action", "the broker is away."))
    assert Wording().word(turn, Knowledge(1, HOME)) == Response("I could not do that: the broker is away.", "error")
    bare = began().failed(StageFailed("asr", ""))
    assert Wording().word(bare, Knowledge(1, HOME)).text == "I could not make out what you said."


def test_what_there_is_is_offered_where_it_is_little() -> None:
    """Two lamps are worth naming, twelve are not."""
    small = HomeMap((Area("hall", "hall"),), (Device("light.hall", "hall light", "light", area="hall"),))
    missing = Reject(
        "unresolved", Interpretation("HassTurnOn", {"name": "lava lamp"}), Unresolved("no_device", "lava lamp")
    )
    words = [Wording().word(began().decided(missing), Knowledge(1, home)).text for home in (small, HOME)]
    assert words == ["I know nothing called lava lamp. There is the hall light.", "I know nothing called lava lamp."]


def test_long_or_waking_words_are_not_said_back() -> None:
    """The reply stays short, and never wakes the assistant."""

    def missing(name: str) -> str:
        reject = Reject("unresolved", Interpretation("HassTurnOn", {"name": name}), Unresolved("no_device", name))
        return Wording(("hey_computer",)).word(began().decided(reject), Knowledge(1, HOME)).text

    assert missing("x" * 200) == missing("Hey, Computer") == missing("hey computer") == "I know nothing called that."


def test_a_home_that_lost_its_devices_still_gets_a_reply() -> None:
    """A stored turn may name devices that are no longer there."""
    words = reply("turn_on", DONE, "light.hall", home=HomeMap())
    assert words.kind == "answer"
    assert (
        reply("turn_on", Outcome(confirmed=False, silent=("light.hall",)), "light.hall", home=HomeMap()).kind == "error"
    )


@pytest.mark.parametrize(
    ("hours", "asked", "told"),
    [
        (1, "what is the bedroom temperature", "The bedroom temperature is 18.5 degrees."),
        (3, "what is the bedroom temperature", "The bedroom temperature was 18.5 degrees three hours ago."),
        (3, "what is the temperature in the bedroom", "It was 18.5 degrees in the bedroom three hours ago."),
        (30, "what is the temperature in the bedroom", "It was 18.5 degrees in the bedroom a day ago."),
        (80, "what is the bedroom temperature", "The bedroom temperature was 18.5 degrees three days ago."),
    ],
)
def test_an_old_measurement_is_told_as_one(hours: int, asked: str, told: str) -> None:
    """A sensor that fell silent is not quoted as if it spoke of now; the stored turn says the same again."""
    talk = Talk.at_golden_home()
    sensor = talk.actor.states["sensor.bedroom_temperature"]
    talk.actor.states["sensor.bedroom_temperature"] = replace(sensor, heard_at=talk.now - timedelta(hours=hours))
    turn = talk.say(asked)
    assert turn.response is not None
    assert turn.response.text == told
    stored = Turn.from_stored(turn.to_stored())
    assert stored.context.states["sensor.bedroom_temperature"].heard_at == talk.now - timedelta(hours=hours, seconds=1)


def test_two_wishes_for_one_device_are_told_apart_by_what_would_be_done() -> None:
    """A sentence that was badly heard may mean one brightness or another."""
    home, states = golden_home()
    meant = Interpretation("HassLightSet", {"name": "kitchen light"})
    steps = tuple(Step(meant, ResolvedAction(("light.kitchen",), "turn_on", {"brightness": n})) for n in (40, 60))
    options = tuple(step.action.values for step in steps)
    ask = Ask(meant, Ambiguous(("light.kitchen",), "turn_on", {}, options), steps)
    context = Context(datetime(2026, 11, 22, 14, tzinfo=UTC), states=states)
    turn = Turn.begin("t", Utterance("text", typed="x"), context, 1).heard(Transcript("x")).decided(ask)
    reply = Wording().word(turn, Knowledge(1, home))
    assert reply.text == "Set the kitchen light to 40 percent or set the kitchen light to 60 percent?"
