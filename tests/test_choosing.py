"""Numbers, options and humidity: what a device can be given beyond on and off, in words."""

from typing import Any

import pytest

from edge.knowledge import Device, DeviceState
from tests.conversations import Talk, golden_home, with_devices

DEVICES = (
    Device("number.tv_volume", "TV volume", "number", limits={"value": (0, 100)}, capabilities=frozenset({"value"})),
    Device("select.source", "receiver source", "select", options={"option": ("HDMI 1", "Tuner", "Bluetooth")}),
    Device(
        "humidifier.bedroom",
        "humidifier",
        "humidifier",
        area="bedroom",
        capabilities=frozenset({"target_humidity"}),
        limits={"target_humidity": (30, 80)},
        options={"preset": ("eco", "sleep")},
    ),
    Device("climate.cooler", "air conditioner", "climate", options={"mode": ("off", "cool", "heat")}),
)


@pytest.mark.parametrize(
    ("said", "target", "command", "values"),
    [
        ("set the TV volume to 40", "number.tv_volume", "set_value", {"value": 40}),
        ("put the receiver source to tuner", "select.source", "select", {"option": "Tuner"}),
        ("switch the receiver source to HDMI 1", "select.source", "select", {"option": "HDMI 1"}),
        ("set the humidifier to 45 percent", "humidifier.bedroom", "set_humidity", {"humidity": 45}),
        ("set the humidity to 50 percent", "humidifier.bedroom", "set_humidity", {"humidity": 50}),
        ("set the humidifier to sleep mode", "humidifier.bedroom", "set_preset", {"preset": "sleep"}),
        ("switch the air conditioner to cool mode", "climate.cooler", "set_mode", {"mode": "cool"}),
    ],
)
def test_a_value_is_set(said: str, target: str, command: str, values: dict[str, Any]) -> None:
    """By the device's name and the value's."""
    (step,) = [done.step for done in talk().say(said).done_steps]
    assert (step.action.targets, step.action.command, dict(step.action.values)) == ((target,), command, values)


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        ("set the TV volume to 140", "The TV volume goes from 0 to 100."),
        ("set the humidifier to 95 percent", "The humidifier goes from 30 to 80 percent."),
        (
            "set the receiver source to cassette",
            "The receiver source cannot be set to that: it knows hdmi 1, tuner, bluetooth.",
        ),
    ],
)
def test_what_it_cannot_be_is_said_with_what_it_can(said: str, reply: str) -> None:
    """The range, or the options."""
    turn = talk().say(said)
    assert turn.response is not None
    assert turn.response.text == reply


def talk() -> Talk:
    """The golden home with such devices."""
    found = Talk.at_golden_home("bedroom")
    found.home = with_devices(golden_home()[0], *DEVICES)
    found.actor.states |= {device.device_id: DeviceState("on") for device in DEVICES}
    return found
