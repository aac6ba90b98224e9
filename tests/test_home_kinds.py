"""Every kind of device as real things announce it, in long and in short keys: what it says and how it is moved."""

import json
from typing import Any

import pytest

from edge.commands import expectation
from edge.errors import StageFailed
from edge.home.abbreviations import ABBREVIATIONS
from edge.home.configs import DOMAINS
from edge.home.discovery import read_announcement
from edge.records import ResolvedAction
from tests.homes import AnnouncedHome
from tests.kinds import KINDS, Kind

ODD = json.dumps(
    {key: {} for key in ("state", "color_mode", "tone", "position", "duration", "volume_level", "fan_speed", "POWER")}
    | {key: [{}] for key in ("brightness", "color_temp", "battery_level", "lock", "temperature", "effect", "activity")}
    | {"color": {"x": {}, "r": [], "h": None}}
).encode()
"""Tables and lists where words and numbers should be."""

SHORT = {long: short for short, long in ABBREVIATIONS.items()}


def abbreviated(config: Any) -> Any:
    """The same with every key as short as it can be."""
    if isinstance(config, list):
        return [abbreviated(each) for each in config]
    if isinstance(config, dict):
        return {SHORT.get(key, key): abbreviated(value) for key, value in config.items()}
    return config


def announced(kind: Kind, *, short: bool, **more: Any) -> AnnouncedHome:
    home = AnnouncedHome()
    config = {"object_id": "x", "some_new_key": {"of": "tomorrow"}, **kind.config, **more}
    home.announce(f"{kind.domain}/x", abbreviated(config) if short else config)
    for topic, payload in kind.says:
        home.says(topic, payload)
    return home


@pytest.mark.parametrize("short", [False, True], ids=["long keys", "short keys"])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.domain)
def test_a_kind_is_known_read_and_moved(kind: Kind, short: bool) -> None:
    """Whatever the keys look like: the same abilities, the same state, the same messages, and no complaint."""
    home = announced(kind, short=short)
    device_id = f"{kind.domain}.x"
    assert home.picture.problems() == ()
    assert home.device(device_id).capabilities == kind.capabilities
    state = home.state(device_id)
    assert (state.value, dict(state.attributes)) == (kind.value, kind.attributes)
    for command, values, messages in kind.commands:
        sent = home.picture.send(ResolvedAction((device_id,), command, values))
        assert tuple((message.topic, message.payload) for message in sent) == messages


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.domain)
@pytest.mark.parametrize(
    "nonsense",
    [b"", b"\xff", b"nonsense" * 40, b"{", b"[1,2]", b"null", b"NaN", b"1e999", b"[" * 50_000, b"-", ODD],
)
def test_a_payload_that_makes_no_sense_changes_nothing(kind: Kind, nonsense: bytes) -> None:
    """Whichever of its topics it comes by; nor does it harm what comes after."""
    home = announced(kind, short=False)
    before = home.state(f"{kind.domain}.x")
    for topic, _ in kind.says:
        home.picture._on_message(topic, nonsense)
    assert home.state(f"{kind.domain}.x") == before
    for topic, payload in kind.says:
        home.says(topic, payload)
    assert home.state(f"{kind.domain}.x") == before


def test_every_kind_is_tried() -> None:
    """But the media player, which is no kind of Home Assistant's."""
    assert {kind.domain for kind in KINDS} == DOMAINS - {"media_player"}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "state_topic" in kind.config], ids=lambda kind: kind.domain)
def test_what_is_optimistic_cannot_be_confirmed(kind: Kind) -> None:
    """It may tell its state some day, but not that it obeyed."""
    sure = announced(kind, short=False).device(f"{kind.domain}.x")
    unsure = announced(kind, short=False, optimistic=True).device(f"{kind.domain}.x")
    assert sure.reports
    assert unsure.reports is (kind.domain in {"sensor", "binary_sensor"})


@pytest.mark.parametrize(
    ("domain", "config", "command", "reason"),
    [
        (
            "lock",
            {"command_topic": "c", "code_format": "^\\d{4}$"},
            "unlock",
            "can be read but not moved: it wants a code, which Edge does not say",
        ),
        (
            "alarm_control_panel",
            {"command_topic": "c", "code": "REMOTE_CODE"},
            "arm_away",
            "can be read but not armed or disarmed: it wants a code, which Edge does not say",
        ),
        (
            "alarm_control_panel",
            {"command_topic": "c", "code": "REMOTE_CODE_TEXT", "code_arm_required": False},
            "disarm",
            "can be read but not disarmed: it wants a code, which Edge does not say",
        ),
        (
            "sensor",
            {"state_topic": "s", "value_template": "{{ states('x') }}"},
            "turn_on",
            "cannot be read in full, because of its value_template: ",
        ),
        (
            "button",
            {"command_topic": "c", "avty": [{"t": "a", "val_tpl": "{{ states('x') }}"}]},
            "turn_on",
            "is held to be there, because of the template of its availability: ",
        ),
    ],
)
def test_what_can_be_used_in_part_is_listed_with_the_reason(
    domain: str, config: dict[str, Any], command: str, reason: str
) -> None:
    """Nothing goes out for what it cannot do."""
    home = AnnouncedHome()
    home.announce(f"{domain}/x", {"object_id": "x", **config})
    (problem,) = home.picture.problems()
    assert problem.reason.startswith(reason)
    home.heard.clear()
    with pytest.raises(StageFailed):
        home.send(f"{domain}.x", command)
    assert home.heard == []


def test_an_alarm_that_wants_a_code_for_one_thing_does_the_other() -> None:
    """What needs no code goes out."""
    home = AnnouncedHome()
    config = {"object_id": "x", "command_topic": "c", "code": "REMOTE_CODE", "code_arm_required": False}
    home.announce("alarm_control_panel/x", config)
    assert [message.payload for message in home.send("alarm_control_panel.x", "arm_home")] == ["ARM_HOME"]


def test_what_a_robot_does_not_support_it_is_not_told() -> None:
    """By default it cannot pause, and is stopped; nor be found."""
    home = AnnouncedHome()
    home.announce("vacuum/x", {"object_id": "x", "command_topic": "c"})
    assert [message.payload for message in home.send("vacuum.x", "pause")] == ["stop"]
    with pytest.raises(StageFailed, match="does not know locate"):
        home.send("vacuum.x", "locate")


@pytest.mark.parametrize(
    ("mode", "color", "expected"),
    [
        ("rgbw", "pink", {"r": 84, "g": 0, "b": 15, "w": 255}),
        ("rgbw", "white", {"r": 0, "g": 0, "b": 0, "w": 255}),
        ("rgbww", "white", {"r": 0, "g": 0, "b": 0, "c": 255, "w": 255}),
        ("rgb", "white", {"r": 255, "g": 255, "b": 255}),
    ],
)
def test_a_lamp_with_white_leds_is_told_to_use_them(mode: str, color: str, expected: dict[str, int]) -> None:
    """And what it says of them comes back as the colour that was meant."""
    home = AnnouncedHome()
    config = {"schema": "json", "command_topic": "c", "state_topic": "s", "supported_color_modes": [mode]}
    home.announce("light/x", {"object_id": "x", **config})
    (message,) = home.send("light.x", "turn_on", color=color)
    assert json.loads(message.payload) == {"state": "ON", "color": expected}
    home.says("s", {"state": "ON", "color_mode": mode, "color": expected})
    assert home.state("light.x").attributes["color"] == color


@pytest.mark.parametrize(
    ("way", "topics"), [("first", ["c", "b"]), ("last", ["b", "c"]), ("brightness", ["b"])], ids=str
)
def test_a_lamp_is_lit_before_or_after_it_is_dimmed(way: str, topics: list[str]) -> None:
    """As it wants it."""
    home = AnnouncedHome()
    config = {"command_topic": "c", "brightness_command_topic": "b", "on_command_type": way}
    home.announce("light/x", {"object_id": "x", **config})
    assert [message.topic for message in home.send("light.x", "turn_on", brightness=30)] == topics


@pytest.mark.parametrize("said", ["None", "none"])
def test_none_is_no_value(said: str) -> None:
    """What is taken back is not known any more, and an attribute is gone."""
    home = AnnouncedHome()
    home.announce("lawn_mower/m", {"object_id": "m", "activity_state_topic": "m"})
    home.announce("fan/f", {"object_id": "f", "command_topic": "c", "pr_mode_stat_t": "p", "pl_rst_pr_mode": said})
    for topic, payload in (("m", "mowing"), ("p", "sleep"), ("m", said), ("p", said)):
        home.says(topic, payload)
    assert home.state("lawn_mower.m").value == "unknown"
    assert "preset" not in home.state("fan.f").attributes


def test_words_expire_after_the_time_that_was_announced() -> None:
    """Nought means that they never do."""
    for seconds, expected in ((300, 300.0), (0, None), (None, None)):
        payload = json.dumps({"stat_t": "s", "exp_aft": seconds}).encode()
        (component,) = read_announcement("homeassistant/sensor/x/config", payload, "homeassistant").components
        assert component.config.expire_after == expected


@pytest.mark.parametrize(
    ("domain", "config", "untold"),
    [
        ("light", {"cmd_t": "c", "stat_t": "s", "bri_cmd_t": "b", "hs_cmd_t": "h"}, {"brightness", "color"}),
        ("light", {"cmd_t": "c", "stat_t": "s", "rgb_cmd_t": "r", "hs_stat_t": "h"}, set()),
        ("light", {"cmd_t": "c", "bri_cmd_t": "b"}, set()),
        ("cover", {"cmd_t": "c", "stat_t": "s", "set_pos_t": "p", "tilt_cmd_t": "t"}, {"position", "tilt"}),
        ("fan", {"cmd_t": "c", "stat_t": "s", "pct_cmd_t": "p", "osc_cmd_t": "o", "osc_stat_t": "os"}, {"speed"}),
        ("climate", {"mode_stat_t": "s", "temp_cmd_t": "t", "fan_mode_cmd_t": "f"}, {"temperature", "fan_mode"}),
        ("water_heater", {"temp_stat_t": "s", "temp_cmd_t": "t", "mode_cmd_t": "m"}, {"mode"}),
        ("humidifier", {"cmd_t": "c", "stat_t": "s", "hum_cmd_t": "h"}, {"humidity"}),
    ],
)
def test_values_that_are_never_told_are_known(domain: str, config: dict[str, Any], untold: set[str]) -> None:
    """That one was taken cannot be confirmed, and a device is not blamed for it; that it went on still can."""
    home = AnnouncedHome()
    home.announce(f"{domain}/x", {"object_id": "x", **config})
    device = home.device(f"{domain}.x")
    assert set(device.untold) == untold
    assert all(expectation(device, "turn_on", {key: 1}) is None for key in untold)
    assert (expectation(device, "turn_on", {}) is not None) is device.reports
