"""From commands in people's units to the messages that each kind of device wants."""

from typing import Any

import pytest

from edge.errors import BrokerError, StageFailed
from tests.homes import AnnouncedHome

LIGHT = {
    "command_topic": "c",
    "brightness_command_topic": "b",
    "brightness_scale": 255,
    "color_temp_command_topic": "t",
    "effect_command_topic": "fx",
    "effect_list": ["candle"],
}
JSON_LIGHT = {"schema": "json", "command_topic": "c"}
COVER = {"command_topic": "c", "set_position_topic": "p"}
CLIMATE = {"mode_command_topic": "m", "temperature_command_topic": "t", "preset_mode_command_topic": "pr"}
FAN = {
    "command_topic": "c",
    "percentage_command_topic": "p",
    "speed_range_max": 3,
    "oscillation_command_topic": "o",
    "preset_mode_command_topic": "pr",
}
ALARM = {"command_topic": "c"}
PLAYER = {"command_topic": "c", "state_topic": "s"}

CASES: list[tuple[str, dict[str, Any], str, dict[str, Any], list[tuple[str, str]]]] = [
    ("light", LIGHT, "turn_on", {}, [("c", "ON")]),
    ("light", LIGHT, "turn_off", {}, [("c", "OFF")]),
    ("light", LIGHT, "turn_on", {"brightness": 50}, [("b", "128"), ("c", "ON")]),
    ("light", LIGHT, "set_brightness", {"brightness": 0.1}, [("b", "1"), ("c", "ON")]),
    ("light", LIGHT, "turn_on", {"brightness": 0}, [("c", "OFF")]),
    (
        "light",
        LIGHT,
        "turn_on",
        {"color_temp": 2700, "effect": "candle"},
        [("t", "370"), ("fx", "candle"), ("c", "ON")],
    ),
    ("light", LIGHT | {"color_temp_kelvin": True}, "turn_on", {"color_temp": 2700}, [("t", "2700"), ("c", "ON")]),
    ("light", LIGHT | {"hs_command_topic": "hs"}, "turn_on", {"color": "red"}, [("hs", "0.0,100.0"), ("c", "ON")]),
    ("light", LIGHT | {"rgb_command_topic": "rgb"}, "turn_on", {"color": "blue"}, [("rgb", "0,0,255"), ("c", "ON")]),
    (
        "light",
        LIGHT | {"rgb_command_topic": "rgb", "rgb_command_template": "#{{ red }}-{{ blue }}"},
        "turn_on",
        {"color": [255, 0, 0]},
        [("rgb", "#255-0"), ("c", "ON")],
    ),
    ("light", LIGHT | {"xy_command_topic": "xy"}, "turn_on", {"color": "red"}, [("xy", "0.7006,0.2993"), ("c", "ON")]),
    ("light", LIGHT | {"payload_on": 1, "payload_off": 0}, "turn_off", {}, [("c", "0")]),
    (
        "light",
        JSON_LIGHT | {"brightness": True},
        "turn_on",
        {"brightness": 100},
        [("c", '{"state": "ON", "brightness": 255}')],
    ),
    (
        "light",
        JSON_LIGHT | {"sup_clrm": ["xy"]},
        "turn_on",
        {"color": "red"},
        [("c", '{"state": "ON", "color": {"x": 0.7006, "y": 0.2993}}')],
    ),
    (
        "light",
        JSON_LIGHT | {"rgb": True},
        "turn_on",
        {"color": "green"},
        [("c", '{"state": "ON", "color": {"r": 0, "g": 255, "b": 0}}')],
    ),
    (
        "light",
        JSON_LIGHT | {"sup_clrm": ["color_temp"]},
        "turn_on",
        {"color_temp": 4000},
        [("c", '{"state": "ON", "color_temp": 250}')],
    ),
    ("light", JSON_LIGHT, "turn_off", {}, [("c", '{"state": "OFF"}')]),
    ("switch", {"command_topic": "c", "command_template": "<{{ value }}>"}, "turn_on", {}, [("c", "<ON>")]),
    ("cover", COVER, "open", {}, [("c", "OPEN")]),
    ("cover", COVER, "stop", {}, [("c", "STOP")]),
    ("cover", COVER, "set_position", {"position": 40}, [("p", "40")]),
    (
        "cover",
        COVER | {"position_open": 0, "position_closed": 200, "set_pos_tpl": '{"position": {{ position }} }'},
        "set_position",
        {"position": 25},
        [("p", '{"position": 25 }')],
    ),
    (
        "cover",
        COVER | {"position_open": 0, "position_closed": 200, "set_pos_tpl": "<{{ value }}>"},
        "set_position",
        {"position": 25},
        [("p", "<150>")],
    ),
    ("cover", {"set_position_topic": "p"}, "close", {}, [("p", "0")]),
    ("cover", {"command_topic": "c"}, "set_position", {"position": 100}, [("c", "OPEN")]),
    ("lock", {"command_topic": "c", "payload_open": "OPEN"}, "open", {}, [("c", "OPEN")]),
    ("lock", {"command_topic": "c"}, "unlock", {}, [("c", "UNLOCK")]),
    ("climate", CLIMATE, "set_temperature", {"temperature": 21.5}, [("t", "21.5")]),
    ("climate", CLIMATE, "set_temperature", {"temperature": 20, "mode": "cool"}, [("t", "20"), ("m", "cool")]),
    ("climate", CLIMATE, "turn_on", {}, [("m", "heat")]),
    ("climate", CLIMATE | {"modes": ["off", "cool"]}, "turn_on", {}, [("m", "cool")]),
    ("climate", CLIMATE, "turn_off", {}, [("m", "off")]),
    ("climate", CLIMATE | {"power_command_topic": "w"}, "turn_off", {}, [("w", "OFF")]),
    ("climate", CLIMATE, "set_preset", {"preset": "eco"}, [("pr", "eco")]),
    ("fan", FAN, "turn_on", {}, [("c", "ON")]),
    ("fan", FAN, "turn_on", {"speed": 50}, [("c", "ON"), ("p", "2")]),
    ("fan", FAN, "set_speed", {"speed": 100}, [("p", "3")]),
    ("fan", FAN, "set_speed", {"speed": 0}, [("c", "OFF")]),
    ("fan", FAN, "set_oscillating", {"oscillating": True}, [("o", "oscillate_on")]),
    ("vacuum", {"command_topic": "c"}, "start", {}, [("c", "start")]),
    ("vacuum", {"command_topic": "c"}, "return_to_base", {}, [("c", "return_to_base")]),
    ("alarm_control_panel", ALARM, "arm_home", {}, [("c", "ARM_HOME")]),
    (
        "alarm_control_panel",
        ALARM | {"command_template": '{"a": "{{ action }}"}'},
        "disarm",
        {},
        [("c", '{"a": "DISARM"}')],
    ),
    ("button", {"command_topic": "c"}, "press", {}, [("c", "PRESS")]),
    ("scene", {"command_topic": "c"}, "activate", {}, [("c", "ON")]),
    ("select", {"command_topic": "c", "options": ["a", "b"]}, "select_option", {"option": "b"}, [("c", "b")]),
    ("number", {"command_topic": "c", "max": 10}, "set_value", {"value": 7}, [("c", "7")]),
    (
        "media_player",
        PLAYER,
        "play_media",
        {"title": "Dune", "media_kind": "film"},
        [("c", '{"command": "play_media", "title": "Dune", "media_kind": "film"}')],
    ),
    ("media_player", PLAYER, "set_volume", {"volume": 30}, [("c", '{"command": "set_volume", "volume": 30}')]),
]


def announced(domain: str, config: dict[str, Any]) -> AnnouncedHome:
    home = AnnouncedHome()
    home.announce(f"{domain}/x", {"object_id": "x", **config})
    return home


@pytest.mark.parametrize(("domain", "config", "command", "values", "messages"), CASES)
def test_commands_become_messages(
    domain: str, config: dict[str, Any], command: str, values: dict[str, Any], messages: list[tuple[str, str]]
) -> None:
    """Each on its own topic, in the device's own scale; what is returned is what went out."""
    home = announced(domain, config)
    home.heard.clear()
    sent = home.send(f"{domain}.x", command, **values)
    assert [(message.topic, message.payload) for message in sent] == messages
    assert home.heard == sent


@pytest.mark.parametrize(
    ("domain", "config", "command", "values", "reason"),
    [
        ("light", {"command_topic": "c"}, "turn_on", {"brightness": 50}, "it has no such setting"),
        ("light", {"command_topic": "c"}, "turn_on", {"color": "red"}, "it has no such setting"),
        ("light", LIGHT | {"rgb_command_topic": "rgb"}, "turn_on", {"color": "black"}, "black is no colour for a lamp"),
        ("light", LIGHT, "turn_on", {"brightness": 101}, "101 is not between 0 and 100"),
        ("light", LIGHT, "turn_on", {"smell": 1}, "a light has no smell"),
        ("light", JSON_LIGHT, "turn_on", {"color": "red"}, "it has no colours"),
        ("light", LIGHT, "lock", {}, "it does not know lock"),
        ("sensor", {"state_topic": "s"}, "turn_on", {}, "it does not know turn_on"),
        ("cover", {"command_topic": "c"}, "set_position", {"position": 40}, "it has no such setting"),
        ("cover", {"command_topic": "c", "payload_stop": None}, "stop", {}, "it does not know stop"),
        ("lock", {"command_topic": "c"}, "open", {}, "it does not know open"),
        (
            "lock",
            {"command_topic": "c", "code_format": "^\\d+$"},
            "unlock",
            {},
            "it wants a code, which Edge does not say",
        ),
        (
            "alarm_control_panel",
            ALARM | {"code": "REMOTE_CODE"},
            "disarm",
            {},
            "it wants a code, which Edge does not say",
        ),
        ("alarm_control_panel", ALARM | {"sup_feat": ["arm_away"]}, "arm_home", {}, "it does not know arm_home"),
        ("climate", CLIMATE, "set_temperature", {"temperature": 90}, "90 is not between 7 and 35"),
        ("climate", CLIMATE, "set_mode", {"mode": "boil"}, "it has no mode boil"),
        ("select", {"command_topic": "c", "options": ["a"]}, "select_option", {"option": "z"}, "it has no choice z"),
        ("number", {"command_topic": "c"}, "set_value", {"value": "x"}, "x is not between 1 and 100"),
        ("media_player", PLAYER, "explode", {}, "it does not know explode"),
    ],
)
def test_what_a_device_cannot_do_is_refused_with_a_reason(
    domain: str, config: dict[str, Any], command: str, values: dict[str, Any], reason: str
) -> None:
    """Nothing goes out, and the failure names the stage and the reason."""
    home = announced(domain, config)
    home.heard.clear()
    with pytest.raises(StageFailed) as failed:
        home.send(f"{domain}.x", command, **values)
    assert failed.value.point == "action"
    assert failed.value.reason == f"{domain}.x: {reason}"
    assert home.heard == []


def test_a_device_that_is_gone_is_named() -> None:
    """It may have been there when the command was understood."""
    with pytest.raises(StageFailed, match=r"light\.x is no longer in the home"):
        AnnouncedHome().send("light.x", "turn_on")


def test_nothing_is_kept_for_later_while_offline() -> None:
    """A command that cannot go out now never goes out."""
    home = announced("switch", {"command_topic": "c"})
    home.bus.close()
    assert not home.picture.online
    with pytest.raises(BrokerError):
        home.send("switch.x", "turn_on")


@pytest.mark.parametrize(
    ("domain", "config", "capabilities", "limits"),
    [
        ("light", {"command_topic": "c"}, set(), {}),
        ("light", LIGHT, {"brightness", "color_temp", "effect"}, {"color_temp": (2000, 6536)}),
        (
            "light",
            LIGHT | {"xy_command_topic": "x", "min_mirs": 200, "max_mirs": 400},
            {"brightness", "color_temp", "effect", "color"},
            {"color_temp": (2500, 5000)},
        ),
        (
            "light",
            JSON_LIGHT | {"sup_clrm": ["color_temp", "hs"], "max_kelvin": 6000},
            {"brightness", "color_temp", "color"},
            {"color_temp": (2000, 6000)},
        ),
        ("light", JSON_LIGHT | {"sup_clrm": ["onoff"]}, set(), {}),
        ("cover", COVER, {"position"}, {}),
        (
            "climate",
            CLIMATE | {"max_temp": 30},
            {"mode", "preset", "target_temperature"},
            {"target_temperature": (7, 30)},
        ),
        ("fan", FAN, {"speed", "oscillating", "preset"}, {}),
        ("number", {"command_topic": "c", "min": 3}, {"value"}, {"value": (3, 100)}),
    ],
)
def test_abilities_and_limits_are_in_peoples_units(
    domain: str, config: dict[str, Any], capabilities: set[str], limits: dict[str, tuple[float, float]]
) -> None:
    """What can be asked of a device, and between which bounds."""
    device = announced(domain, config).device(f"{domain}.x")
    assert device.capabilities == capabilities
    assert device.limits == limits


@pytest.mark.parametrize(
    ("domain", "config", "reports"),
    [
        ("light", LIGHT, False),
        ("light", LIGHT | {"state_topic": "s"}, True),
        ("button", {"command_topic": "c"}, False),
        ("cover", COVER | {"position_topic": "p"}, True),
        ("climate", CLIMATE, False),
        ("climate", CLIMATE | {"temperature_state_topic": "t"}, True),
    ],
)
def test_devices_that_tell_nothing_are_known_to(domain: str, config: dict[str, Any], reports: bool) -> None:
    """Nothing can be confirmed of them."""
    assert announced(domain, config).device(f"{domain}.x").reports is reports
