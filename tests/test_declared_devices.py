"""Devices that are written down in the home file: any that speaks MQTT, and Shelly's later generations."""

import json
from pathlib import Path

import pytest

from edge.errors import ConfigError
from edge.home.home_file import check_home_file, load_home_file
from edge.records import Message
from tests.homes import AnnouncedHome


def declared(tmp_path: Path, text: str) -> AnnouncedHome:
    """A home that announces nothing, with a home file."""
    path = tmp_path / "home.toml"
    path.write_text(text)
    return AnnouncedHome(load_home_file(path))


def mistakes(tmp_path: Path, text: str) -> list[str]:
    """What is wrong with a home file, without its name."""
    path = tmp_path / "home.toml"
    path.write_text(text)
    return [str(problem).removeprefix(str(path)) for problem in check_home_file(path)]


PORCH = """
[area.porch]

[light.porch]
name = "porch lamp"
aliases = ["outside light"]
area = "porch"
[light.porch.mqtt]
"~" = "porch"
cmd_t = "~/set"
state_topic = "porch/state"
brightness_command_topic = "~/dim"
availability_topic = "porch/there"
"""


def test_a_device_of_ones_own_is_read_and_obeys(tmp_path: Path) -> None:
    """With Home Assistant's keys, long or short, and the home file's own for name and room."""
    home = declared(tmp_path, PORCH)
    home.says("porch/there", "online")
    home.says("porch/state", "ON")
    device = home.device("light.porch")
    assert (device.name, device.aliases, device.area) == ("porch lamp", ("outside light",), "porch")
    assert (home.state("light.porch").value, *device.capabilities) == ("on", "brightness")
    assert Message("porch/dim", "128") in home.send("light.porch", "turn_on", brightness=50)
    assert home.picture.problems() == ()


def test_a_relay_that_opens_a_garage_is_guarded(tmp_path: Path) -> None:
    """`guarded` works for it as for any other."""
    home = declared(tmp_path, '[switch.r]\nguarded = true\nmqtt = { command_topic = "r/set" }')
    assert home.device("switch.r").guarded_topics == ("r/set",)


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (
            "[light.a]\n[light.a.mqtt]\nstate_topic = 'a'",
            [", line 2: mqtt.command_topic: Field required."],
        ),
        (
            "[light.a]\n[light.a.mqtt]\ncommand_topic = 'a/#'",
            [", line 3: mqtt.command_topic: is no topic that can be written to and read from."],
        ),
        (
            "[switch.a.mqtt]\ncommand_topic = 'a'\nstate_topc = 'b'",
            [", line 3: mqtt has no 'state_topc' for a switch. Did you mean 'state_topic'?"],
        ),
        (
            "[switch.a]\nshelly = 'kitchen'",
            [", line 2: shelly: should be like 'shellyplus1-a8032abe54dc/PART', with PART one of switch:0."],
        ),
        (
            "[cover.a]\nshelly = 'x/light:0'",
            [", line 2: shelly: should be like 'shellyplus1-a8032abe54dc/PART', with PART one of cover:0."],
        ),
        ("[lock.a]\nshelly = 'x/switch:0'", [", line 2: shelly: no part of a Shelly is a lock."]),
        (
            "[switch.a]\nshelly = 'x/switch:0'\nmqtt = { command_topic = 'a' }",
            [", line 1: switch.a: a device has mqtt or shelly, not both."],
        ),
    ],
)  # fmt: skip
def test_mistakes_are_explained_with_their_line(tmp_path: Path, text: str, problems: list[str]) -> None:
    """A person wrote it: what an announcement would be forgiven is told."""
    assert mistakes(tmp_path, text) == problems
    with pytest.raises(ConfigError):
        load_home_file(tmp_path / "home.toml")


def test_keys_of_home_assistant_that_we_do_not_need_are_no_mistakes(tmp_path: Path) -> None:
    """So that what one has written for Home Assistant can be copied."""
    more = "icon = 'x'\nqos = 1\nretain = false\nunique_id = 'u'\noptimistic = false\nschema = 'json'"
    assert mistakes(tmp_path, f"[light.a.mqtt]\ncommand_topic = 'a'\n{more}") == []


def test_a_shelly_relay_is_a_switch_or_a_light(tmp_path: Path) -> None:
    """As the home file says; one word moves it, and a JSON object tells how it is."""
    home = declared(
        tmp_path, '[switch.pump]\nshelly = "shelly1/switch:0"\n[light.counter]\nshelly = "home/shelly2/switch:1"'
    )
    for topic in ("shelly1", "home/shelly2"):
        home.says(f"{topic}/online", "true")
    home.says("shelly1/status/switch:0", {"id": 0, "output": True, "apower": 3})
    home.says("home/shelly2/status/switch:1", {"id": 1, "output": False})
    assert (home.state("switch.pump").value, home.state("light.counter").value) == ("on", "off")
    assert home.send("switch.pump", "turn_off") == [Message("shelly1/command/switch:0", "off")]
    assert home.send("light.counter", "turn_on") == [Message("home/shelly2/command/switch:1", "on")]
    home.says("shelly1/online", "false")
    assert home.state("switch.pump").value == "unavailable"


def test_a_shelly_dimmer_is_called(tmp_path: Path) -> None:
    """Both lit and dimmed by one call, which each firmware understands."""
    home = declared(tmp_path, '[light.lamp]\nshelly = "dimmer/light:0"')
    home.says("dimmer/online", "true")
    home.says("dimmer/status/light:0", {"id": 0, "output": True, "brightness": 40})
    assert (home.state("light.lamp").value, home.state("light.lamp").attributes) == ("on", {"brightness": 40})
    [message] = home.send("light.lamp", "turn_on", brightness=70)
    call = {"id": 1, "src": "edge", "method": "Light.Set", "params": {"id": 0, "on": True, "brightness": 70}}
    assert (message.topic, json.loads(message.payload)) == ("dimmer/rpc", call)
    [message] = home.send("light.lamp", "turn_off")
    assert json.loads(message.payload)["params"] == {"id": 0, "on": False}


def test_a_shelly_cover_goes_anywhere(tmp_path: Path) -> None:
    """Open, close, stop and a position, at one topic."""
    home = declared(tmp_path, '[cover.blind]\nshelly = "s/cover:0"')
    home.says("s/online", "true")
    home.says("s/status/cover:0", {"id": 0, "state": "opening", "current_pos": 30})
    assert (home.state("cover.blind").value, home.state("cover.blind").attributes) == ("opening", {"position": 30})
    sent = [home.send("cover.blind", command)[0].payload for command in ("open", "close", "stop")]
    sent += [message.payload for message in home.send("cover.blind", "set_position", position=50)]
    assert sent == ["open", "close", "stop", "pos,50"]


def test_shelly_sensors_and_inputs(tmp_path: Path) -> None:
    """What a relay draws, what a sensor measures, what an input says."""
    home = declared(
        tmp_path,
        '[sensor.draw]\nshelly = "s/switch:0"\n[sensor.warmth]\nshelly = "s/temperature:100"\n'
        '[binary_sensor.bell]\nshelly = "s/input:0"',
    )
    home.says("s/online", "true")
    home.says("s/status/switch:0", {"output": True, "apower": 12.5})
    home.says("s/status/temperature:100", {"tC": 21.5, "tF": 70.7})
    home.says("s/status/input:0", {"state": True})
    assert [home.state(each).value for each in ("sensor.draw", "sensor.warmth", "binary_sensor.bell")] == [
        "12.5",
        "21.5",
        "on",
    ]
    assert home.device("sensor.draw").unit == "W"


def test_a_guarded_shelly_is_guarded_against_calls(tmp_path: Path) -> None:
    """A call at `rpc` moves whichever relay it names."""
    home = declared(tmp_path, '[switch.gate]\nshelly = "s/switch:0"')
    for topic in ("s/rpc", "s/command/switch:0"):
        assert home.picture.commanded_by(topic) == ("switch.gate",), topic


def test_a_shelly_is_asked_how_it_is(tmp_path: Path) -> None:
    """The broker keeps no state of it."""
    home = declared(tmp_path, '[switch.pump]\nshelly = "s/switch:0"')
    home.picture.connected()
    assert Message("s/command/switch:0", "status_update") in home.heard


def test_in_the_simulated_home_declared_devices_are_played(tmp_path: Path) -> None:
    """Like all others: nobody is behind their topics there."""
    path = tmp_path / "home.toml"
    path.write_text(PORCH)
    home_file = load_home_file(path).simulated()
    assert home_file.declared.components == ()
    assert home_file.devices["light.porch"].name == "porch lamp"
