"""Home Assistant's MQTT discovery: which announcements become which devices."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import StageFailed
from edge.home.abbreviations import ABBREVIATIONS
from edge.home.configs import DOMAINS
from edge.home.discovery import read_announcement
from edge.home.home_file import HomeFile, load_home_file
from tests.homes import AnnouncedHome

LAMP = {"name": "Lamp", "command_topic": "lamp/set", "state_topic": "lamp", "unique_id": "lamp1"}


def additions(tmp_path: Path, text: str) -> HomeFile:
    """A home file with that text."""
    path = tmp_path / "home.toml"
    path.write_text(text)
    return load_home_file(path)


def test_one_component_a_topic_becomes_a_device() -> None:
    """Name, room, id and kind come from the announcement."""
    home = AnnouncedHome()
    home.announce(
        "switch/node/x",
        {"name": None, "cmd_t": "x/set", "device": {"name": "Desk Fan", "sa": "Office"}, "dev_cla": "outlet"},
    )
    device = home.device("switch.desk_fan")
    assert (device.name, device.domain, device.device_class, device.area) == ("Desk Fan", "switch", "outlet", "office")
    assert [area.name for area in home.picture.home_map.areas] == ["Office"]


def test_the_device_form_announces_many() -> None:
    """Each component inherits topics and availability from the top, and `~` stays at its level."""
    home = AnnouncedHome()
    home.announce(
        "device/plug",
        {
            "~": "plug",
            "dev": {"name": "Plug", "ids": "1"},
            "o": {"name": "maker"},
            "stat_t": "~/state",
            "avty_t": "~/there",
            "cmps": {
                "relay": {"p": "switch", "cmd_t": "plug/set", "val_tpl": "{{ value_json.relay }}", "name": None},
                "power": {"p": "sensor", "val_tpl": "{{ value_json.power }}", "name": "Power", "unit_of_meas": "W"},
            },
        },
    )
    home.says("plug/there", "online")
    home.says("plug/state", {"relay": "ON", "power": 3.5})
    assert home.state("switch.plug").value == "on"
    assert home.state("sensor.plug_power").value == "3.5"
    home.says("plug/there", "offline")
    assert {state.value for state in home.picture.states().values()} == {"unavailable"}


def test_the_device_form_hands_down_what_home_assistant_hands_down() -> None:
    """Topics, availability with all its keys and encoding; what a component says itself goes before that."""
    home = AnnouncedHome()
    own = {"p": "switch", "pl_on": "1", "pl_off": "0"}
    home.announce(
        "device/node",
        {
            "dev": {"name": "Node"},
            "cmd_t": "node/set",
            "stat_t": "node/state",
            "avty": [{"t": "node/there"}, {"t": "bridge"}],
            "avty_mode": "all",
            "e": "utf-8",
            "qos": 1,
            "cmps": {
                "a": own | {"name": "A"},
                "b": own | {"name": "B", "cmd_t": "b/set", "stat_t": "b/state"},
                "c": own | {"name": "C", "avty_t": "c/there", "pl_avail": "yes"},
                "d": own | {"name": "D", "e": ""},
            },
        },
    )
    home.says("node/state", "1")
    home.says("b/state", "0")
    home.says("node/there", "online")
    home.says("c/there", "yes")
    values = {key: home.state(f"switch.node_{key}").value for key in "abc"}
    assert values == {"a": "unavailable", "b": "unavailable", "c": "on"}
    home.says("bridge", "online")
    assert (home.state("switch.node_a").value, home.state("switch.node_b").value) == ("on", "off")
    assert [message.topic for key in "ab" for message in home.send(f"switch.node_{key}", "turn_on")] == [
        "node/set",
        "b/set",
    ]
    assert [problem.where for problem in home.picture.problems()] == ["homeassistant/device/node/config#d"]


@pytest.mark.parametrize(
    ("base", "topic", "expected"),
    [("a/b", "~/set", "a/b/set"), ("b", "a/~", "a/b"), ("a", "x~y", "x~y"), ("a", "~", "a"), (7, "~/set", "7/set")],
)
def test_a_tilde_stands_for_the_base_topic(base: Any, topic: str, expected: str) -> None:
    """At the start or at the end of a topic, also of those in a list of availabilities, and nowhere else."""
    home = AnnouncedHome()
    home.announce("button/x", {"~": base, "name": "X", "cmd_t": topic, "avty": [{"t": topic}]})
    home.says(expected, "online")
    assert home.state("button.x").value == "unknown"
    assert home.send("button.x", "press")[0].topic == expected


def test_a_tilde_is_not_passed_down() -> None:
    """Each component of a device form has its own, or none."""
    home = AnnouncedHome()
    components = {"a": {"p": "button", "cmd_t": "~/set"}, "b": {"~": "own", "p": "button", "cmd_t": "~/set"}}
    home.announce("device/x", {"~": "above", "cmps": components})
    assert home.send("button.a", "press")[0].topic == "~/set"
    assert home.send("button.b", "press")[0].topic == "own/set"


def test_a_component_with_only_its_platform_is_removed() -> None:
    """So the device form says that a component is gone."""
    home = AnnouncedHome()
    config = {"cmps": {"a": {"p": "button", "cmd_t": "a"}, "b": {"p": "button", "cmd_t": "b"}}}
    home.announce("device/pair", config)
    assert set(home.picture.states()) == {"button.a", "button.b"}
    home.announce("device/pair", {"cmps": {"a": config["cmps"]["a"], "b": {"p": "button"}}})
    assert set(home.picture.states()) == {"button.a"}


def test_an_empty_payload_removes() -> None:
    """The device is gone from map and states, and nothing is sent to it any more."""
    home = AnnouncedHome()
    home.announce("light/lamp", LAMP)
    assert "light.lamp" in home.picture.home_map.device
    home.announce("light/lamp", "")
    assert home.picture.home_map.device == {}
    assert home.picture.states() == {}
    home.says("lamp", "ON")
    assert home.picture.states() == {}


def test_an_update_changes_the_device_and_keeps_its_state() -> None:
    """Publishing again with another name renames; what it last said stays true."""
    home = AnnouncedHome()
    home.announce("light/lamp", LAMP | {"object_id": "lamp"})
    home.says("lamp", "ON")
    home.announce("light/lamp", LAMP | {"object_id": "lamp", "name": "Reading lamp"})
    assert home.device("light.lamp").name == "Reading lamp"
    assert home.state("light.lamp").value == "on"


def test_the_map_stays_the_same_object_until_it_changes() -> None:
    """Knowledge gets a new revision for a new map, so an echo of an announcement must not make one."""
    home = AnnouncedHome()
    home.announce("light/lamp", LAMP)
    before = home.picture.home_map
    home.announce("light/lamp", LAMP)
    home.announce("light/lamp", LAMP | {"icon": "mdi:lamp"})
    home.says("lamp", "ON")
    assert home.picture.home_map is before
    home.announce("light/lamp", LAMP | {"name": "Other"})
    assert home.picture.home_map is not before


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        ({"default_entity_id": "light.first", "object_id": "second"}, "light.first"),
        ({"object_id": "second"}, "light.second"),
        ({"name": "Küche, oben"}, "light.kuche_oben"),
        ({"name": "灯"}, "light.灯"),
        ({"name": "!!!", "unique_id": "??"}, "light.z"),
    ],
)
def test_ids_come_from_the_best_name(extra: dict[str, Any], expected: str) -> None:
    """default_entity_id before object_id before the name, and something always."""
    home = AnnouncedHome()
    home.announce("light/z", LAMP | extra)
    assert set(home.picture.home_map.device) == {expected}


def test_the_same_name_twice_gives_ids_that_do_not_depend_on_the_order() -> None:
    """The lower unique_id keeps the plain id, whoever came first."""
    configs = {f"light/{key}": LAMP | {"unique_id": f"0x00{key}"} for key in ("a1", "b2", "c3")}
    found = []
    for order in (list(configs), list(reversed(configs))):
        home = AnnouncedHome()
        for topic in order:
            home.announce(topic, configs[topic] | {"command_topic": topic})
        found.append({each: home.send(each, "turn_on")[0].topic for each in home.picture.home_map.device})
    assert (
        found[0]
        == found[1]
        == {"light.lamp": "light/a1", "light.lamp_0x00b2": "light/b2", "light.lamp_0x00c3": "light/c3"}
    )


def test_names_are_those_of_home_assistant() -> None:
    """A component's name stands behind its device's, unless it begins with it."""
    home = AnnouncedHome()
    device = {"name": "Bedroom"}
    home.announce("sensor/a", {"name": "Temperature", "state_topic": "a", "device": device})
    home.announce("sensor/b", {"name": "Bedroom humidity", "state_topic": "b", "device": device})
    home.announce("sensor/some_thing", {"state_topic": "c"})
    assert {each.name for each in home.picture.home_map.devices} == {
        "Bedroom Temperature",
        "Bedroom humidity",
        "some thing",
    }


@pytest.mark.parametrize("extra", [{"entity_category": "diagnostic"}, {"en": False}, {"ent_cat": "config"}])
def test_what_is_not_meant_for_people_is_left_out(extra: dict[str, Any]) -> None:
    """Link quality and the like are neither devices nor problems."""
    home = AnnouncedHome()
    home.announce("sensor/x", {"state_topic": "x", **extra})
    for kind in ("device_automation", "text", "event", "device_tracker", "update", "tag"):
        home.announce(f"{kind}/x", {"topic": "x"})
    assert home.picture.home_map.devices == ()
    assert home.picture.problems() == ()


@pytest.mark.parametrize(
    ("topic", "payload", "reason"),
    [
        ("light/x", "{", "it is no JSON object"),
        ("light/x", "[1]", "it is no JSON object"),
        ("light/x", '{"a": NaN}', "it is no JSON object"),
        ("light/x", '{"a":' * 100_000 + "1" + "}" * 100_000, "it is no UTF-8 text, or longer than 256 KB"),
        ("light/x", "[" * 100_000, "it is no JSON object"),
        ("light/x", '{"x": ' + "[" * 20_000 + "]" * 20_000 + "}", ""),
        ("light/x", json.dumps({"name": "x" * 1_000_000}), "it is no UTF-8 text, or longer than 256 KB"),
        ("light/x", "{}", "command_topic: Field required"),
        (
            "light/x",
            json.dumps(LAMP | {"command_topic": "a/#"}),
            "command_topic: is no topic that can be written to and read from",
        ),
        (
            "light/x",
            json.dumps(LAMP | {"state_topic": ""}),
            "state_topic: is no topic that can be written to and read from",
        ),
        (
            "light/x",
            json.dumps(LAMP | {"state_topic": "a\0"}),
            "state_topic: is no topic that can be written to and read from",
        ),
        ("light/x", json.dumps(LAMP | {"state_topic": "\ud800"}), ""),
        ("light/x", json.dumps(LAMP | {"name": {"a": 1}}), "name: should be a short text"),
        ("light/x", json.dumps(LAMP | {"name": "n" * 200}), "its name is empty or longer than 120 characters"),
        ("light/x", json.dumps(LAMP | {"brightness_scale": 0}), "brightness_scale: Input should be greater than 0"),
        ("light/x", json.dumps(LAMP | {"schema": "bulb"}), "Edge does not know a light with schema bulb yet"),
        ("light/x", json.dumps(LAMP | {"encoding": ""}), "it wants raw bytes or another encoding; Edge speaks UTF-8"),
        ("light/x", json.dumps(LAMP | {"e": "latin-1"}), "it wants raw bytes or another encoding; Edge speaks UTF-8"),
        ("humidifier/x", '{"cmd_t": "c"}', "target_humidity_command_topic: Field required"),
        ("weather/x", "{}", "Edge does not know a weather yet"),
        ("sensor/x", '{"stat_t": "s", "exp_aft": 1e300}', "expire_after: Input should be less than or equal to"),
        ("device/x", "{}", "a device form needs components"),
        ("device/x", '{"cmps": {"a": 3}}', "each of its components must be a JSON object"),
        ("device/x", '{"cmps": {"a": {"p": 3, "b": 1}}}', "Edge does not know a component without a platform yet"),
    ],
)
def test_what_cannot_be_used_is_a_problem_with_a_reason(topic: str, payload: str, reason: str) -> None:
    """No announcement, however odd, makes a device or an exception."""
    home = AnnouncedHome()
    home.announce(topic, payload)
    (problem,) = home.picture.problems()
    assert home.picture.home_map.devices == ()
    assert reason in problem.reason
    assert problem.reason


def test_invalid_utf8_is_a_problem() -> None:
    """Bytes that are no text are listed, not raised."""
    announced = read_announcement("homeassistant/light/x/config", b"\xff\xfe{", "homeassistant")
    assert [problem.reason for problem in announced.problems] == ["it is no UTF-8 text, or longer than 256 KB"]


def test_a_template_beyond_edge_makes_the_device_read_only() -> None:
    """It is listed, can still be read where that is plain, and refuses to be moved."""
    home = AnnouncedHome()
    home.announce(
        "light/x",
        LAMP | {"brightness_command_topic": "b", "brightness_command_template": "{{ states('x') }}"},
    )
    home.says("lamp", "ON")
    assert home.state("light.lamp").value == "on"
    (problem,) = home.picture.problems()
    assert problem.reason.startswith("can be read but not moved, because of its brightness_command_template: ")
    with pytest.raises(StageFailed, match="its brightness_command_template cannot be used"):
        home.send("light.lamp", "turn_off")


@pytest.mark.parametrize("name", ["../../etc", "<b>x</b>", "'; drop table", "\u202eabc", "a\nb", "💡", "-" * 120])
def test_hostile_names_become_harmless_devices(name: str) -> None:
    """The name is one clean line, and the id can stand in a topic."""
    home = AnnouncedHome()
    home.announce("light/x", LAMP | {"name": name})
    (device,) = home.picture.home_map.devices
    assert device.name.isprintable()
    assert "\n" not in device.name
    assert not set("/+#\n ") & set(device.device_id)


def test_availability_has_three_modes() -> None:
    """All, any or the latest of several topics; plain or in JSON; away until heard of."""
    home = AnnouncedHome()
    topics = [{"t": "p"}, {"t": "q", "val_tpl": "{{ value_json.state }}", "pl_avail": "up", "pl_not_avail": "down"}]
    for mode in ("all", "any", "latest"):
        home.announce(f"button/{mode}", {"command_topic": mode, "avty": topics, "avty_mode": mode})
    values = []
    for topic, payload in (("p", "online"), ("q", {"state": "up"}), ("p", "offline"), ("p", "nonsense"), ("q", "{")):
        home.says(topic, payload)
        values.append([home.state(f"button.{mode}").value != "unavailable" for mode in ("all", "any", "latest")])
    assert values == [
        [False, True, True],
        [True, True, True],
        [False, True, False],
        [False, True, False],
        [False, True, False],
    ]


def test_coming_back_shows_the_state_from_before() -> None:
    """Being away hides what a device said, and does not forget it."""
    home = AnnouncedHome()
    home.announce("light/lamp", LAMP | {"avty_t": "there"})
    home.says("lamp", "ON")
    assert home.state("light.lamp").value == "unavailable"
    home.says("there", "online")
    assert home.state("light.lamp").value == "on"
    home.says("there", "offline")
    home.says("there", "online")
    assert home.state("light.lamp").value == "on"


def test_what_a_topic_said_counts_for_a_component_that_comes_later() -> None:
    """Several components share a topic whose messages nobody retains."""
    home = AnnouncedHome()
    home.announce("sensor/a", {"state_topic": "shared", "value_template": "{{ value_json.a }}"})
    home.says("shared", {"a": 1, "b": 2})
    home.announce("sensor/b", {"state_topic": "shared", "value_template": "{{ value_json.b }}"})
    assert (home.state("sensor.a").value, home.state("sensor.b").value) == ("1", "2")


def test_risk_looks_at_every_name_and_class() -> None:
    """A relay that any of its names calls a gate is guarded; a lamp in the garage is not."""
    home = AnnouncedHome()
    home.announce("switch/a", {"name": "Garage opener", "command_topic": "a"})
    home.announce("switch/b", {"name": "Printer", "command_topic": "b"})
    home.announce("light/c", {"name": "Garage light", "command_topic": "c"})
    home.announce("cover/d", {"name": "Big one", "command_topic": "d", "device_class": "garage"})
    home.announce("lock/e", {"name": "Shed", "command_topic": "e"})
    tiers = {device.device_id: device.tier for device in home.picture.home_map.devices}
    assert tiers == {
        "switch.garage_opener": "guarded",
        "switch.printer": "free",
        "light.garage_light": "free",
        "cover.big_one": "guarded",
        "lock.shed": "guarded",
    }


def test_the_home_file_goes_before_what_devices_say(tmp_path: Path) -> None:
    """Names, aliases, rooms and risk can be added to a home that somebody else announces."""
    added = additions(
        tmp_path,
        """
        [area.den]
        name = "the den"
        aliases = ["Lounge"]
        floor = "downstairs"
        [light.lamp]
        name = "moon"
        aliases = ["night light"]
        area = "den"
        [switch.relay]
        aliases = ["gate"]
        [lock.cupboard]
        guarded = false
        [light.nowhere]
        """,
    )
    home = AnnouncedHome(additions=added)
    home.announce("light/lamp", LAMP | {"device": {"sa": "Attic"}})
    home.announce("switch/relay", {"command_topic": "r", "device": {"name": "Relay", "sa": "lounge"}})
    home.announce("lock/cupboard", {"name": "Cupboard", "command_topic": "c"})
    lamp, relay = home.device("light.lamp"), home.device("switch.relay")
    assert (lamp.name, lamp.aliases, lamp.area) == ("moon", ("night light",), "den")
    assert (relay.area, relay.tier, home.device("lock.cupboard").tier) == ("den", "guarded", "free")
    assert [str(problem) for problem in home.picture.problems()] == [
        "light.nowhere: the home file names it, but the home has no such"
    ]


def test_media_players_announce_themselves_under_our_own_prefix() -> None:
    """With state, commands and a catalogue in which titles repeat."""
    home = AnnouncedHome()
    catalogue = [{"title": "Dune", "kind": "film"}, {"title": "Dune", "kind": "audiobook", "by": "Frank Herbert"}]
    config = {"name": "TV", "state_topic": "tv", "command_topic": "tv/set", "catalogue": catalogue}
    home.bus.publish("edge/discovery/media_player/tv/config", json.dumps(config), retain=True)
    device = home.device("media_player.tv")
    assert [(item.title, item.kind, item.by) for item in device.catalogue] == [
        ("Dune", "film", ""),
        ("Dune", "audiobook", "Frank Herbert"),
    ]
    assert device.options["catalogue"] == ("Dune",)


def test_no_abbreviation_hides_another_key() -> None:
    """A short key stands for one long key, and no long key is a short one."""
    assert all(ABBREVIATIONS.get(long, long) == long for long in ABBREVIATIONS.values())


keys = st.sampled_from(
    [*sorted(ABBREVIATIONS), *sorted(set(ABBREVIATIONS.values())), "name", "schema", "~", "color_temp", "code", "min"]
)
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.sampled_from(["a/b", "~/x", "json"])
)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys | st.text(max_size=5), inner, max_size=4)
)
configs = st.dictionaries(keys, values, max_size=12)


@given(st.sampled_from(sorted(DOMAINS)), configs, st.binary(max_size=40), st.text(max_size=12))
def test_any_announcement_and_any_payload_leave_the_home_whole(
    domain: str, config: dict[str, Any], payload: bytes, text: str
) -> None:
    """Whatever is announced and said, map, states and problems can be asked for, and a name is never empty."""
    home = AnnouncedHome()
    config = {"command_topic": "c", "state_topic": "s", "options": ["x"], **config}
    home.announce(f"{domain}/thing", config)
    home.announce("device/thing", {"cmps": {"k": {"p": domain, **config}}, **config})
    for topic in ("s", "a/b", "c"):
        home.bus.publish(topic, text.encode("utf-8", "replace").decode())
        home.picture._on_message(topic, payload)
    for device in home.picture.home_map.devices:
        assert device.name
        assert device.device_id in home.picture.states()
    assert isinstance(home.picture.problems(), tuple)
