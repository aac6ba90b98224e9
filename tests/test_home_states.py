"""From payloads to states in people's units, for every kind of device."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.home.colors import NAMED, color_of_hs, color_of_rgb, color_of_xy, rgb_of_hs, xy_of_hs
from tests.homes import AnnouncedHome

DEFAULT_LIGHT = {
    "state_topic": "s",
    "command_topic": "c",
    "brightness_state_topic": "b",
    "brightness_scale": 200,
    "color_temp_state_topic": "t",
    "rgb_state_topic": "rgb",
    "hs_state_topic": "hs",
    "xy_state_topic": "xy",
    "effect_state_topic": "fx",
}
JSON_LIGHT = {"schema": "json", "state_topic": "s", "command_topic": "c", "supported_color_modes": ["xy", "color_temp"]}
COVER = {"state_topic": "s", "command_topic": "c", "position_topic": "p"}
CLIMATE = {
    "mode_state_topic": "s",
    "temperature_state_topic": "t",
    "current_temperature_topic": "ct",
    "preset_mode_state_topic": "pr",
}
FAN = {
    "command_topic": "c",
    "state_topic": "s",
    "percentage_state_topic": "p",
    "speed_range_max": 4,
    "oscillation_state_topic": "o",
    "preset_mode_state_topic": "pr",
}
LOCK = {"command_topic": "c", "state_topic": "s"}
PLAYER = {"command_topic": "c", "state_topic": "s"}

CASES: list[tuple[str, dict[str, Any], list[tuple[str, Any]], str, dict[str, Any]]] = [
    ("light", DEFAULT_LIGHT, [("s", "ON"), ("b", "50")], "on", {"brightness": 25}),
    ("light", DEFAULT_LIGHT, [("s", "ON"), ("b", "0.1")], "on", {"brightness": 1}),
    ("light", DEFAULT_LIGHT, [("s", "OFF"), ("t", "370")], "off", {"color_temp": 2703}),
    ("light", DEFAULT_LIGHT | {"color_temp_kelvin": True}, [("t", "3000")], "unknown", {"color_temp": 3000}),
    ("light", DEFAULT_LIGHT, [("rgb", "255,0,0")], "unknown", {"color": "red"}),
    ("light", DEFAULT_LIGHT, [("rgb", "10,200,120")], "unknown", {"color": [13, 255, 153]}),
    ("light", DEFAULT_LIGHT, [("hs", "240,99")], "unknown", {"color": "blue"}),
    ("light", DEFAULT_LIGHT, [("xy", "0.7,0.3"), ("fx", "candle")], "unknown", {"color": "red", "effect": "candle"}),
    (
        "light",
        DEFAULT_LIGHT | {"state_value_template": "{{ value_json.on }}", "payload_on": True},
        [("s", {"on": True})],
        "on",
        {},
    ),
    (
        "light",
        JSON_LIGHT,
        [("s", {"state": "ON", "brightness": 254, "color_mode": "xy", "color": {"x": 0.17, "y": 0.7}})],
        "on",
        {"brightness": 100, "color": "green"},
    ),
    (
        "light",
        JSON_LIGHT,
        [("s", {"state": "ON", "color": {"h": 0, "s": 100}}), ("s", {"color_mode": "color_temp", "color_temp": 250})],
        "on",
        {"color_temp": 4000},
    ),
    (
        "light",
        JSON_LIGHT,
        [("s", {"state": "OFF", "color": {"r": 0, "g": 0, "b": 255}, "color_mode": "rgb"})],
        "off",
        {"color": "blue"},
    ),
    ("switch", {"command_topic": "c", "state_topic": "s"}, [("s", "ON")], "on", {}),
    ("switch", {"command_topic": "c", "state_topic": "s", "state_on": "1", "state_off": 0}, [("s", "0")], "off", {}),
    (
        "binary_sensor",
        {"state_topic": "s", "payload_on": False, "payload_off": True, "value_template": "{{ value_json.contact }}"},
        [("s", {"contact": False})],
        "on",
        {},
    ),
    ("cover", COVER, [("s", "opening"), ("p", "30")], "opening", {"position": 30}),
    ("cover", COVER, [("s", "closing"), ("s", "stopped")], "open", {}),
    ("cover", COVER | {"position_open": 0, "position_closed": 255}, [("p", "255")], "unknown", {"position": 0}),
    ("cover", {"command_topic": "c", "position_topic": "p"}, [("p", "0")], "closed", {"position": 0}),
    ("cover", {"command_topic": "c", "position_topic": "p"}, [("p", "7")], "open", {"position": 7}),
    ("lock", LOCK, [("s", "UNLOCKING")], "unlocking", {}),
    ("lock", LOCK, [("s", "JAMMED")], "jammed", {}),
    (
        "climate",
        CLIMATE,
        [("s", "heat"), ("t", "21.5"), ("ct", "19"), ("pr", "eco")],
        "heat",
        {"temperature": 21.5, "current_temperature": 19.0, "preset": "eco"},
    ),
    ("climate", {"temperature_state_topic": "t", "modes": ["heat"]}, [("t", "20")], "heat", {"temperature": 20.0}),
    (
        "fan",
        FAN,
        [("s", "ON"), ("p", "2"), ("o", "oscillate_on"), ("pr", "sleep")],
        "on",
        {"speed": 50, "oscillating": True, "preset": "sleep"},
    ),
    (
        "vacuum",
        {"state_topic": "s"},
        [("s", {"state": "returning", "fan_speed": "max"})],
        "returning",
        {"fan_speed": "max"},
    ),
    ("alarm_control_panel", {"command_topic": "c", "state_topic": "s"}, [("s", "armed_away")], "armed_away", {}),
    ("sensor", {"state_topic": "s", "unit_of_measurement": "°C"}, [("s", "21.5")], "21.5", {}),
    ("sensor", {"state_topic": "s"}, [("s", "  rather\twarm ")], "rather warm", {}),
    ("select", {"command_topic": "c", "state_topic": "s", "options": ["a", "b"]}, [("s", "b")], "b", {}),
    ("number", {"command_topic": "c", "state_topic": "s"}, [("s", "5.0")], "5", {"value": 5.0}),
    (
        "media_player",
        PLAYER,
        [("s", {"state": "playing", "volume": 30, "title": "Dune", "media_kind": "film"})],
        "playing",
        {"volume": 30, "title": "Dune", "media_kind": "film"},
    ),
    (
        "media_player",
        PLAYER,
        [("s", {"state": "playing", "title": "Dune"}), ("s", {"state": "off", "volume": 5})],
        "off",
        {"volume": 5},
    ),
]


def announced(domain: str, config: dict[str, Any]) -> AnnouncedHome:
    home = AnnouncedHome()
    home.announce(f"{domain}/x", {"object_id": "x", **config})
    return home


@pytest.mark.parametrize(("domain", "config", "messages", "value", "attributes"), CASES)
def test_payloads_become_states(
    domain: str, config: dict[str, Any], messages: list[tuple[str, Any]], value: str, attributes: dict[str, Any]
) -> None:
    """Percent, degrees, kelvin and names of colours, whatever the device speaks."""
    home = announced(domain, config)
    for topic, payload in messages:
        home.says(topic, payload)
    state = home.state(f"{domain}.x")
    assert (state.value, dict(state.attributes)) == (value, attributes)


@pytest.mark.parametrize(("domain", "config", "messages", "value", "attributes"), CASES)
@pytest.mark.parametrize(
    "nonsense",
    [
        b"",
        b"\xff\xfe",
        b"nonsense" * 40,
        b"{",
        b"[1,2]",
        b"null",
        b"NaN",
        b"1e999",
        b"-5e9999",
        b"[" * 50_000,
        b"x" * 1_000_000,
        b'{"state": {}, "brightness": "x", "color": {"x": "y"}, "color_temp": 0}',
        b"1,2,3,4",
    ],
)
def test_payloads_that_make_no_sense_change_nothing(
    domain: str,
    config: dict[str, Any],
    messages: list[tuple[str, Any]],
    value: str,
    attributes: dict[str, Any],
    nonsense: bytes,
) -> None:
    """The last state stays, and nothing is raised (the bus would swallow it)."""
    home = announced(domain, config)
    for topic, payload in messages:
        home.says(topic, payload)
    before = home.state(f"{domain}.x")
    for topic in ("s", "b", "t", "p", "ct", "rgb", "hs", "xy", "o"):
        home.picture._on_message(topic, nonsense)
    after = home.state(f"{domain}.x")
    is_free_text = domain == "sensor" and "unit_of_measurement" not in config
    loses_its_title = domain == "media_player" and nonsense.startswith(b'{"state"')
    if not (is_free_text or loses_its_title):
        assert after == before


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace")))
def test_no_payload_raises(payload: bytes) -> None:
    """Every reader of every kind takes any bytes."""
    for domain, config, messages, _, _ in CASES:
        home = announced(domain, config)
        for topic in {topic for topic, _ in messages}:
            home.picture._on_message(topic, payload)


@pytest.mark.parametrize("name", sorted(NAMED))
def test_a_named_colour_comes_back_as_its_name(name: str) -> None:
    """Through hue and saturation, RGB and xy, with the rounding of lamps."""
    hs = NAMED[name]
    assert color_of_hs(round(hs[0]), round(hs[1])) == name
    assert color_of_rgb(list(rgb_of_hs(hs))) == name
    assert color_of_xy(*(round(part, 2) for part in xy_of_hs(hs))) == name


def test_a_sensor_with_a_unit_takes_numbers_only() -> None:
    """A thermometer that says something else has not changed its mind about the temperature."""
    home = announced("sensor", {"state_topic": "s", "unit_of_measurement": "°C"})
    home.says("s", "20")
    home.says("s", "error")
    assert home.state("sensor.x").value == "20"
