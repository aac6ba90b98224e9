"""Every kind of device, spoken to: sentence, what it does, and the reply, in a home that announces itself."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edge import Assistant, Home, SimulatedClock

HOME = """
[light.desk]
name = "desk lamp"
[switch.kettle]
name = "kettle"
[fan.ceiling]
name = "ceiling fan"
capabilities = ["speed"]
[cover.blind]
name = "big blind"
[valve.water]
name = "water valve"
start = { state = "open" }
[lock.shed]
name = "shed door"
[climate.hall]
name = "hall thermostat"
capabilities = ["target_temperature"]
[water_heater.boiler]
name = "boiler"
capabilities = ["target_temperature"]
options = ["off", "eco", "performance"]
minimum = 40
maximum = 65
[humidifier.damp]
name = "humidifier"
start = { humidity = 45 }
[vacuum.robot]
name = "dusty"
[lawn_mower.mower]
name = "lawn mower"
[siren.siren]
name = "siren"
[alarm_control_panel.alarm]
name = "alarm"
[scene.movie]
name = "movie"
[button.chime]
name = "chime"
"""


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    file = tmp_path / "home.toml"
    file.write_text(HOME, encoding="utf-8")
    clock = SimulatedClock(datetime(2026, 11, 22, 20, 0, tzinfo=UTC))
    with Assistant.open(home=Home.simulated(file), store=":memory:", clock=clock) as opened:
        yield opened


def reply(assistant: Assistant, text: str) -> str:
    """What is answered; a question is answered with yes."""
    response = assistant.hear_text(text).response
    if response is not None and response.kind != "answer" and response.text.endswith("?"):
        response = assistant.hear_text("yes").response
    assert response is not None
    return response.text


@pytest.mark.parametrize(
    ("text", "device_id", "value", "said"),
    [
        ("turn on the desk lamp", "light.desk", "on", "The desk lamp is on."),
        ("turn on the kettle", "switch.kettle", "on", "The kettle is on."),
        ("turn on the ceiling fan", "fan.ceiling", "on", "The ceiling fan is on."),
        ("open the big blind", "cover.blind", "opening", "The big blind is opening."),
        ("close the water valve", "valve.water", "closing", "The water valve is closing."),
        ("turn off the water valve", "valve.water", "closing", "The water valve is closing."),
        ("unlock the shed door", "lock.shed", "unlocked", "The shed door is unlocked."),
        ("turn on the hall thermostat", "climate.hall", "heat", "The hall thermostat is on."),
        ("turn on the boiler", "water_heater.boiler", "eco", "The boiler is on."),
        ("turn on the humidifier", "humidifier.damp", "on", "The humidifier is on."),
        ("start dusty", "vacuum.robot", "cleaning", "Dusty is cleaning."),
        ("turn on the lawn mower", "lawn_mower.mower", "mowing", "The lawn mower is mowing."),
        ("start the lawn mower", "lawn_mower.mower", "mowing", "The lawn mower is mowing."),
        ("start mowing", "lawn_mower.mower", "mowing", "The lawn mower is mowing."),
        ("start mowing the lawn", "lawn_mower.mower", "mowing", "The lawn mower is mowing."),
        ("turn on the siren", "siren.siren", "on", "The siren is on."),
        ("arm the alarm", "alarm_control_panel.alarm", "arming", "The alarm is armed."),
    ],
)
def test_each_kind_does_what_it_is_asked(
    assistant: Assistant, text: str, device_id: str, value: str, said: str
) -> None:
    """The reply names what it does in words that fit it, once it has said so itself."""
    assert reply(assistant, text) == said
    assert assistant.home.states()[device_id]["state"] == value


@pytest.mark.parametrize(
    ("texts", "device_id", "value", "said"),
    [
        (("turn on the siren", "turn off the siren"), "siren.siren", "off", "The siren is off."),
        (("turn on the humidifier", "switch off the humidifier"), "humidifier.damp", "off", "The humidifier is off."),
        (("turn on the boiler", "turn off the boiler"), "water_heater.boiler", "off", "The boiler is off."),
        (("start mowing", "pause the lawn mower"), "lawn_mower.mower", "paused", "The lawn mower is paused."),
        (("start mowing", "stop mowing"), "lawn_mower.mower", "paused", "The lawn mower is paused."),
        (
            ("start mowing", "dock the lawn mower"),
            "lawn_mower.mower",
            "returning",
            "The lawn mower is going back to its dock.",
        ),
        (
            ("start mowing", "turn off the lawn mower"),
            "lawn_mower.mower",
            "returning",
            "The lawn mower is going back to its dock.",
        ),
        (("arm the alarm", "disarm the alarm"), "alarm_control_panel.alarm", "disarmed", "The alarm is off."),
    ],
)
def test_and_stops_again(assistant: Assistant, texts: tuple[str, str], device_id: str, value: str, said: str) -> None:
    """The mower goes home, and not the robot indoors."""
    reply(assistant, texts[0])
    assert reply(assistant, texts[1]) == said
    assert assistant.home.states()[device_id]["state"] == value
    assert assistant.home.states()["vacuum.robot"]["state"] == "docked"


@pytest.mark.parametrize("text", ["set the boiler to 55 degrees", "heat the boiler to 55 degrees"])
def test_water_is_heated_to_a_temperature(assistant: Assistant, text: str) -> None:
    """By the heater's name; within its own limits."""
    assert reply(assistant, text) == "The boiler is set to 55 degrees."
    assert assistant.home.states()["water_heater.boiler"]["temperature"] == 55
    assert "40 to 65" in reply(assistant, "set the boiler to 90 degrees")
    assert assistant.home.states()["water_heater.boiler"]["temperature"] == 55


@pytest.mark.parametrize("text", ["activate movie scene", "activate movie", "turn on movie"])
def test_a_scene_is_called_up(assistant: Assistant, text: str) -> None:
    """It cannot tell what became of it."""
    assert reply(assistant, text) == "I sent movie, which cannot report back."


@pytest.mark.parametrize("text", ["press the chime", "press the chime button", "push the chime"])
def test_a_button_is_pressed(assistant: Assistant, text: str) -> None:
    """It cannot tell either."""
    assert reply(assistant, text) == "I sent it to the chime, but it cannot report back."


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("is the water valve open", "Yes, the water valve is open."),
        ("is the humidifier on", "No, the humidifier is off."),
        ("what is the lawn mower doing", "The lawn mower is in its dock."),
        ("is the siren on", "No, the siren is off."),
    ],
)
def test_each_kind_tells_how_it_is(assistant: Assistant, text: str, said: str) -> None:
    """In words that fit it."""
    assert reply(assistant, text) == said


def test_a_boiler_tells_its_temperatures(assistant: Assistant) -> None:
    """Like a thermostat."""
    reply(assistant, "set the boiler to 55 degrees")
    reply(assistant, "turn on the boiler")
    assert reply(assistant, "what is the boiler doing").startswith("The boiler is set to 55 degrees, and it is ")
