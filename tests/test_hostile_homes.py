"""A home that is broken or means harm: each kind of bad payload, and a conversation afterwards that goes as ever."""

import contextlib
import json
import logging
import time
from collections.abc import Iterator
from typing import Any

import pytest

from edge.errors import StageFailed
from edge.home.discovery import NAME_MAX
from edge.home.home_file import HomeFile
from edge.home.payloads import MAX_WORD
from edge.home.picture import CAUSE_TOPIC, HomePicture
from edge.knowledge import DeviceState
from edge.records import Message, ResolvedAction
from edge.templating import OUTPUT_MAX
from tests.conversations import FakeHome, Talk
from tests.homes import morning
from tests.hostile import NAMES, TEMPLATES, ByteBus

LAMP = {"name": "reading lamp", "cmd_t": "good/set", "stat_t": "good", "uniq_id": "good", "dev": {"sa": "Study"}}
"""The one thing in these homes that is as it should be."""

MEGABYTE = 1_000_000
KEYS = ("~", "avty", "avty_mode", "dev", "cmd_t", "stat_t", "name", "o", "cmps", "uniq_id", "schema", "p", "val_tpl")


class HostileHome:
    """A home with one good lamp, on a bus that carries anything."""

    def __init__(self) -> None:
        self.bus = ByteBus()
        self.clock = morning()
        self.picture = HomePicture(self.bus, self.clock, additions=HomeFile())
        self.announce("light/good", LAMP)
        self.tell("good", b"OFF")

    def announce(self, place: str, config: Any) -> None:
        """Write to a config topic; bytes and text are taken as they are."""
        content = config if isinstance(config, bytes) else json.dumps(config).encode()
        self.tell(f"homeassistant/{place}/config", content)

    def tell(self, topic: str, content: bytes) -> None:
        self.bus.tell(topic, content)

    def state(self, device_id: str) -> DeviceState:
        return self.picture.states()[device_id]

    @property
    def reasons(self) -> list[str]:
        return [problem.reason for problem in self.picture.problems()]

    def send(self, device_id: str, command: str, **values: Any) -> list[Message]:
        return list(self.picture.send(ResolvedAction((device_id,), command, values)))


@pytest.fixture
def home(caplog: pytest.LogCaptureFixture) -> Iterator[HostileHome]:
    """A hostile home, that can still be talked in and commanded when the test is over; nothing was logged."""
    hostile = HostileHome()
    with caplog.at_level(logging.WARNING):
        yield hostile
        talks_as_ever(hostile)
    assert [record.getMessage() for record in caplog.get_records("call") + caplog.records] == []


def talks_as_ever(home: HostileHome) -> None:
    """A conversation about the good lamp, and a command that reaches it."""
    home.tell("good", b"OFF")
    talk = Talk(home.picture.home_map, FakeHome(dict(home.picture.states())))
    said = ("turn on the reading lamp", "is the reading lamp on?", "turn it off", "turn on the lights in the study")
    replies = [turn.response.text for turn in map(talk.say, said) if turn.response]
    assert replies == [
        "The reading lamp is on.",
        "Yes, the reading lamp is on.",
        "The reading lamp is off.",
        "The reading lamp is on.",
    ]
    assert home.send("light.reading_lamp", "turn_on") == [Message("good/set", "ON")]
    home.tell("good", b"ON")
    assert home.state("light.reading_lamp").value == "on"


@pytest.mark.parametrize("content", [b"\xff\xfe", b"ON\xff", b"\xed\xa0\x80", b"\xc3", b'{"state": "\xf0\x9f"}'])
def test_bytes_that_are_no_text(home: HostileHome, content: bytes) -> None:
    """An announcement is a problem with a reason; a state, a presence and a cause are not heard."""
    home.announce("light/bad", {**LAMP, "name": "bad", "stat_t": "bad", "avty_t": "there", "uniq_id": "bad"})
    home.tell("there", b"online")
    home.tell("bad", b"ON")
    for topic in ("bad", "there", f"{CAUSE_TOPIC}/light.bad"):
        home.tell(topic, content)
    assert home.state("light.bad").value == "on"
    home.announce("light/bad", content)
    assert home.reasons == ["it is no UTF-8 text, or longer than 256 KB"]


def test_payloads_of_a_megabyte(home: HostileHome) -> None:
    """Neither announced nor heard, and over at once."""
    home.announce("sensor/big", {"name": "big", "stat_t": "big", "val_tpl": "{{ value_json.x }}"})
    home.tell("big", b'{"x": 1}')
    began = time.monotonic()
    home.tell("big", json.dumps({"x": "y" * MEGABYTE}).encode())
    home.tell("good", b"x" * MEGABYTE)
    home.announce("light/huge", {**LAMP, "name": "y" * MEGABYTE})
    assert time.monotonic() - began < 1
    assert home.state("sensor.big").value == "1"
    assert home.reasons == ["it is no UTF-8 text, or longer than 256 KB"]


BOMBS = {
    "lists": b"[" * 30_000 + b"]" * 30_000,
    "open lists": b"[" * 60_000,
    "tables": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "within": b'{"state": ' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "digits": b'{"state": ' + b"9" * 60_000 + b"}",
    "exponent": b'{"state": 1e999999}',
    "no numbers": b'{"state": NaN, "x": Infinity, "y": -Infinity}',
    "no JSON": b"{'state': 'ON'}",
    "half": b'{"state": "ON"',
    "a half letter": b'{"state": "\\ud800"}',
    "zeros": b'{"state": "\\u0000\\u0000"}',
    "other kinds": b'{"state": [], "brightness": {}, "color": 3, "color_temp": [1], "effect": {"a": 1}}',
    "text": b'"ON"',
    "nothing": b"",
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_json_that_is_meant_to_hurt(home: HostileHome, bomb: bytes) -> None:
    """Whoever reads it, as an announcement, as a state or through a template, is none the worse."""
    home.announce("light/j", {"name": "j", "schema": "json", "brightness": True, "cmd_t": "j/set", "stat_t": "j"})
    for number, template in enumerate(
        ("{{ value_json.state }}", "{{ value_json | tojson }}", "{{ value | from_json }}")
    ):
        home.announce(f"sensor/t{number}", {"name": f"t {number}", "stat_t": "j", "val_tpl": template})
    home.tell("j", b'{"state": "ON", "brightness": 255}')
    before = home.state("light.j")
    for topic in ("j", "good", "homeassistant/light/bomb/config", f"{CAUSE_TOPIC}/light.j"):
        home.tell(topic, bomb)
    assert home.state("light.j") == before
    assert all(len(state.value) <= MAX_WORD for state in home.picture.states().values())
    assert len(home.reasons) == (1 if bomb else 0)


def test_keys_that_come_twice(home: HostileHome) -> None:
    """The last one counts, as everywhere in JSON."""
    home.announce(
        "light/twice", b'{"name": "a", "name": "twice", "cmd_t": "x", "cmd_t": "twice/set", "stat_t": "twice"}'
    )
    home.announce("sensor/v", {"name": "v", "stat_t": "twice", "val_tpl": "{{ value_json.a }}"})
    home.tell("twice", b'{"a": 1, "a": 2}')
    assert home.send("light.twice", "turn_on") == [Message("twice/set", "ON")]
    assert home.state("sensor.v").value == "2"


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_names_that_somebody_chose_with_care(home: HostileHome, name: str) -> None:
    """One clean line that can be said, or no device at all; ids can stand in a topic; the template in it stays text."""
    home.announce(
        "light/named",
        {
            "name": name,
            "cmd_t": "n/set",
            "stat_t": "n",
            "uniq_id": name,
            "obj_id": name,
            "dev": {"name": name, "sa": name},
        },
    )
    home.announce("select/named", {"name": name, "cmd_t": "s/set", "stat_t": "s", "options": [name, "x"]})
    home.announce(f"sensor/{'x' if set(name) & set('+#/') else name[:50]}", {"stat_t": "n", "name": None})
    home.tell("n", name.encode("utf-8", "surrogatepass"))
    for device in home.picture.home_map.devices:
        assert device.name.isprintable()
        assert 0 < len(device.name) <= NAME_MAX
        assert not set("/+#\n \0") & set(device.device_id)
        assert "49" not in device.name
    assert all(area.name.isprintable() for area in home.picture.home_map.areas)
    assert all(state.value.isprintable() for state in home.picture.states().values())
    assert all(str(problem) for problem in home.picture.problems())


def test_a_name_of_ten_thousand_characters_is_told_of(home: HostileHome) -> None:
    """It is refused, not cut: half a name is another name."""
    home.announce("light/long", {"name": "x" * 10_000, "cmd_t": "n/set"})
    assert home.reasons == ["name: should be a short text"]


def test_garbage_that_was_retained_before_we_came() -> None:
    """It is heard at once when the picture begins to listen, and does not keep it from the rest."""
    bus = ByteBus()
    for number, content in enumerate((b"\xff", b"{", b"[]", b"null", b"{}", b'{"cmd_t": 3}', b"x" * 300_000, b"0")):
        bus.tell(f"homeassistant/light/garbage{number}/config", content, retain=True)
        bus.tell(f"{CAUSE_TOPIC}/{number}", content, retain=True)
    bus.tell("good", b"\xff\xfe\xfd", retain=True)
    picture = HomePicture(bus, morning())
    assert picture.home_map.devices == ()
    assert len(picture.problems()) == 8
    bus.tell("homeassistant/light/good/config", json.dumps(LAMP).encode(), retain=True)
    assert picture.states()["light.reading_lamp"].value == "unknown"
    bus.tell("good", b"ON", retain=True)
    assert picture.states()["light.reading_lamp"].value == "on"


def test_one_unique_id_for_many(home: HostileHome) -> None:
    """The first to claim it keeps it; the others are problems that name both topics, and take no place."""
    for number in range(20):
        home.announce(
            f"light/c{number}", {"name": "clone", "uniq_id": "good", "cmd_t": f"c{number}/set", "stat_t": f"c{number}"}
        )
        home.tell(f"c{number}", b"ON")
    assert [device.name for device in home.picture.home_map.devices] == [LAMP["name"]]
    told = [str(problem) for problem in home.picture.problems() if "/c" in problem.where]
    assert len(told) == 20
    assert all("light/good/config" in each for each in told)


def test_somebody_announces_over_our_lamp(home: HostileHome) -> None:
    """Another topic with the lamp's unique_id moves nothing; the same topic takes the lamp and gives it back."""
    home.announce("light/thief", {**LAMP, "cmd_t": "thief/set", "stat_t": "thief"})
    (lamp,) = home.picture.home_map.devices
    assert {message.topic for message in home.send(lamp.device_id, "turn_off")} == {LAMP["cmd_t"]}
    home.announce("light/thief", b"")
    home.announce("light/good", {"cmd_t": 3})
    assert not home.picture.home_map.devices
    home.announce("light/good", LAMP)


@pytest.mark.parametrize("template", TEMPLATES, ids=range(len(TEMPLATES)))
def test_templates_that_loop_grow_or_break_out(home: HostileHome, template: str) -> None:
    """In every place where a template may stand, over every kind of state."""
    home.announce(
        "light/t",
        {"name": "t", "cmd_t": "t/set", "stat_t": "t", "stat_val_tpl": template, "bri_stat_t": "t", "bri_cmd_t": "t/b"}
        | {"bri_val_tpl": template, "bri_cmd_tpl": template, "avty": [{"t": "there", "val_tpl": template}]},
    )
    home.announce("sensor/t", {"name": "told", "stat_t": "t", "val_tpl": template})
    began = time.monotonic()
    for topic in ("there", "t"):
        for content in (b"ON", b'{"state": "ON", "a b": [1], "x": 1}', b"x" * 60_000, template.encode()):
            home.tell(topic, content)
    assert all(len(state.value) <= MAX_WORD for state in home.picture.states().values())
    with contextlib.suppress(StageFailed):
        assert all(len(message.payload) <= OUTPUT_MAX for message in home.send("light.t", "turn_on", brightness=50))
    assert time.monotonic() - began < 2


def test_announcements_whose_keys_are_all_of_the_wrong_kind(home: HostileHome) -> None:
    """Whatever stands where; each is listed with the first thing that is wrong."""
    wrong: tuple[Any, ...] = (None, True, -1, 1.5, [], {}, [{}], {"a": {}}, "", "\0", 10**400)
    for number, value in enumerate(wrong):
        told = dict.fromkeys(KEYS, value)
        home.announce(f"light/wrong{number}", told)
        home.announce(f"device/wrong{number}", {**told, "cmps": {"a": told, "b": value}})
        home.announce(
            f"switch/half{number}", {**LAMP, "name": f"half {number}", "uniq_id": "h", "~": value, "avty": value}
        )
    assert len(home.picture.problems()) >= 2 * len(wrong)


def test_devices_that_come_and_go_a_thousand_times(home: HostileHome) -> None:
    """What is gone leaves nothing behind in map and states, and the map is the one from before."""
    before = home.picture.home_map
    for _ in range(1_000):
        home.announce("switch/flicker", {"name": "flicker", "cmd_t": "f/set", "stat_t": "f"})
        home.tell("f", b"ON")
        home.announce("switch/flicker", b"")
    assert home.picture.home_map == before
    assert home.picture.states().keys() == {"light.reading_lamp"}
