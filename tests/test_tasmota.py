"""Tasmota's own discovery: relays, lights, shutters, fans and sensors."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.home.discovery import Announcement
from edge.home.tasmota import Tasmota
from tests.homes import AnnouncedHome

MAC = "DC4F22D3B32A"
CONFIG: dict[str, Any] = {
    "dn": "Desk",
    "fn": ["Desk lamp", None, None, None],
    "hn": "desk-1234",
    "mac": MAC,
    "if": 0,
    "ofln": "Offline",
    "onln": "Online",
    "state": ["OFF", "ON", "TOGGLE", "HOLD"],
    "t": "desk",
    "ft": "%prefix%/%topic%/",
    "tp": ["cmnd", "stat", "tele"],
    "rl": [1, 0, 0, 0],
    "so": {"4": 0, "30": 0, "68": 0, "82": 0},
    "lk": 1,
    "lt_st": 0,
    "sho": [0, 0, 0, 0],
    "ver": 1,
}


def tasmota(**changes: Any) -> AnnouncedHome:
    """A home with one Tasmota that is there."""
    home = AnnouncedHome()
    home.bus.publish(f"tasmota/discovery/{MAC}/config", json.dumps(CONFIG | changes), retain=True)
    home.says("tele/desk/LWT", "Online")
    return home


def sent(home: AnnouncedHome, device_id: str, command: str, **values: Any) -> list[tuple[str, str]]:
    """Topics and payloads of a command."""
    return [(message.topic, message.payload) for message in home.send(device_id, command, **values)]


def test_a_relay_is_a_switch() -> None:
    """It is told at RESULT at once and at STATE every now and then, and says itself whether it is there."""
    home = tasmota()
    assert home.device("switch.desk_lamp").name == "Desk lamp"
    home.says("tele/desk/STATE", {"Time": "2025-01-01T08:00:00", "POWER": "ON"})
    assert home.state("switch.desk_lamp").value == "on"
    home.says("stat/desk/RESULT", {"POWER": "OFF"})
    assert home.state("switch.desk_lamp").value == "off"
    home.says("tele/desk/LWT", "Offline")
    assert home.state("switch.desk_lamp").value == "unavailable"
    assert sent(home, "switch.desk_lamp", "turn_on") == [("cmnd/desk/POWER1", "ON")]


def test_several_relays_have_names_and_numbers() -> None:
    """The device's own words where it has them, else its name with the relay's number."""
    home = tasmota(rl=[1, 1, 1], fn=["Desk", "Printer", None])
    home.says("stat/desk/RESULT", {"POWER2": "ON"})
    names = {device.device_id: device.name for device in home.picture.home_map.devices}
    assert names == {"switch.desk": "Desk", "switch.printer": "Printer", "switch.desk_3": "Desk 3"}
    assert [home.state(each).value for each in names] == ["unknown", "unknown", "on"]
    assert sent(home, "switch.desk_3", "turn_off") == [("cmnd/desk/POWER3", "OFF")]


def test_a_relay_may_be_said_to_be_a_light() -> None:
    """Option 30 makes lights of relays."""
    home = tasmota(so={"30": 1})
    home.says("stat/desk/RESULT", {"POWER": "ON"})
    assert home.state("light.desk_lamp").value == "on"


def test_a_light_with_everything() -> None:
    """Dimmed in percent, white by its temperature, colours beside the brightness; one of the two at a time."""
    home = tasmota(rl=[2], lt_st=5)
    assert home.device("light.desk_lamp").capabilities == {"brightness", "color_temp", "color"}
    home.says("stat/desk/RESULT", {"POWER": "ON", "Dimmer": 40, "HSBColor": "0,100,40", "White": 0, "CT": 300})
    assert home.state("light.desk_lamp").attributes == {"brightness": 40, "color": "red"}
    home.says("stat/desk/RESULT", {"POWER": "ON", "Dimmer": 40, "HSBColor": "0,0,0", "White": 40, "CT": 250})
    assert home.state("light.desk_lamp").attributes["color_temp"] == 4000
    assert sent(home, "light.desk_lamp", "turn_on", color="red")[0] == ("cmnd/desk/Color2", "255,0,0")
    assert sent(home, "light.desk_lamp", "turn_on", brightness=30)[0] == ("cmnd/desk/Dimmer", "30")


def test_a_light_whose_white_is_apart_is_two() -> None:
    """Colours are dimmed by the first dimmer, white by the second."""
    home = tasmota(rl=[2, 2], lt_st=4, lk=0, fn=["Strip", "Strip white"])
    assert home.device("light.strip").capabilities == {"brightness", "color"}
    assert home.device("light.strip_white").capabilities == {"brightness"}
    assert sent(home, "light.strip_white", "turn_on", brightness=30)[0] == ("cmnd/desk/Dimmer2", "30")


@pytest.mark.parametrize(("inverted", "told", "open_percent"), [(0, 30, 30), (1, 30, 70)])
def test_two_relays_may_be_a_shutter(inverted: int, told: int, open_percent: int) -> None:
    """Open, close and stop have one topic, so that whoever guards it guards all three."""
    home = tasmota(rl=[3, 3, 1], fn=["Blind", None, "Lamp"], sho=[inverted])
    home.says("tele/desk/STATE", {"POWER3": "ON"})
    home.says("stat/desk/RESULT", {"Shutter1": {"Position": told, "Direction": 0, "Target": told}})
    assert home.state("cover.blind").attributes == {"position": open_percent}
    assert home.state("switch.lamp").value == "on"
    commands = [sent(home, "cover.blind", command)[0] for command in ("open", "close", "stop")]
    assert commands == [("cmnd/desk/Backlog0", f"Shutter{verb}1") for verb in ("Open", "Close", "Stop")]
    assert sent(home, "cover.blind", "set_position", position=open_percent) == [
        ("cmnd/desk/ShutterPosition1", str(told))
    ]


def test_an_ifan_is_a_fan_with_a_light() -> None:
    """Its relays 2 to 4 are the fan's, and no switches."""
    home = tasmota(**{"if": 1, "rl": [1, 1, 1, 1]})
    assert set(home.picture.home_map.device) == {"fan.desk_fan", "light.desk_lamp"}
    home.says("stat/desk/RESULT", {"FanSpeed": 3})
    assert (home.state("fan.desk_fan").value, home.state("fan.desk_fan").attributes["speed"]) == ("on", 100)
    home.says("stat/desk/RESULT", {"FanSpeed": 0})
    assert home.state("fan.desk_fan").value == "off"
    assert sent(home, "fan.desk_fan", "turn_off") == [("cmnd/desk/FanSpeed", "0")]


def test_sensors_come_with_the_device_whatever_comes_first() -> None:
    """What is spoken of, in the device's unit; what is not, such as volts and dew points, is left out."""
    home = AnnouncedHome()
    measured = {"Temperature": 21.5, "Humidity": 40, "DewPoint": 7}
    told = {"sn": {"Time": "x", "AM2301": measured, "ENERGY": {"Power": 5, "Voltage": 230}, "TempUnit": "C"}, "ver": 1}
    home.bus.publish(f"tasmota/discovery/{MAC}/sensors", json.dumps(told), retain=True)
    home.bus.publish(f"tasmota/discovery/{MAC}/config", json.dumps(CONFIG), retain=True)
    home.says("tele/desk/LWT", "Online")
    home.says("tele/desk/SENSOR", {"AM2301": {"Temperature": 22}, "ENERGY": {"Power": 7}})
    sensors = {device.device_id: device.unit for device in home.picture.home_map.devices if device.domain == "sensor"}
    assert sensors == {"sensor.desk_temperature": "°C", "sensor.desk_humidity": "%", "sensor.desk_power": "W"}
    assert (home.state("sensor.desk_temperature").value, home.state("sensor.desk_power").value) == ("22", "7")


def test_topics_are_made_up_as_the_device_says() -> None:
    """The full topic may stand the other way round, and hold the host's name or part of the address."""
    home = tasmota(ft="home/%topic%/%id%/%prefix%", tp=["do", "did", "tell"])
    home.says("home/desk/D3B32A/tell/LWT", "Online")
    home.says("home/desk/D3B32A/did/RESULT", {"POWER": "ON"})
    assert home.state("switch.desk_lamp").value == "on"
    assert sent(home, "switch.desk_lamp", "turn_on") == [("home/desk/D3B32A/do/POWER1", "ON")]


def test_a_guarded_relay_is_guarded_at_every_topic() -> None:
    """The group's topic moves it too, and so does a list of commands."""
    home = tasmota(fn=["Garage gate"])
    assert home.device("switch.garage_gate").tier == "guarded"
    for topic in ("cmnd/desk/POWER", "cmnd/desk/Backlog", "cmnd/tasmotas/POWER", "CMND/DESK/power1"):
        assert home.picture.commanded_by(topic) == ("switch.garage_gate",), topic


def test_it_is_asked_how_it_is() -> None:
    """The broker keeps no state of it, and five minutes are long."""
    home = tasmota()
    home.clock.wait(lambda: False, 5)
    assert ("cmnd/desk/STATE", "") in [(message.topic, message.payload) for message in home.heard]


def test_it_is_taken_back() -> None:
    """As Tasmota does when discovery is switched off."""
    home = tasmota()
    home.bus.publish(f"tasmota/discovery/{MAC}/config", "", retain=True)
    assert home.picture.home_map.devices == ()


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        ("no JSON", "no JSON object"),
        ("[]", "no JSON object"),
        ("{}", "how its topics are made up"),
        (json.dumps(CONFIG | {"tp": ["cmnd"]}), "how its topics are made up"),
        (json.dumps(CONFIG | {"t": "a/#"}), "is no topic"),
    ],
)
def test_what_cannot_be_used_is_a_problem(payload: str, reason: str) -> None:
    """With its reason, and no device."""
    home = AnnouncedHome()
    home.bus.publish(f"tasmota/discovery/{MAC}/config", payload, retain=True)
    assert home.picture.home_map.devices == ()
    assert reason in home.picture.problems()[0].reason


VALUES = st.none() | st.booleans() | st.integers(-3, 9) | st.text(max_size=6) | st.lists(st.integers(-1, 4) | st.text())


@given(changes=st.dictionaries(st.sampled_from(sorted(CONFIG)), VALUES), sensors=st.dictionaries(st.text(), VALUES))
def test_no_announcement_makes_it_stumble(changes: dict[str, Any], sensors: dict[str, Any]) -> None:
    """Whatever a device says of itself, there is an announcement and no error."""
    reader = Tasmota()
    for what, told in (("config", CONFIG | changes), ("sensors", {"sn": sensors})):
        announced = reader.read(f"tasmota/discovery/{MAC}/{what}", json.dumps(told).encode())
        assert isinstance(announced, Announcement)
