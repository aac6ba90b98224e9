"""Very many things that say very much: bounds, nothing lost, flat memory, little written."""

import json
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from edge.bench.crowd import Said, chatter, things
from edge.bench.crowd_process import CrowdProcess
from edge.bench.home_local import measure_memory, measure_writes
from edge.clock import WallClock
from edge.home import announced, picture, reports
from edge.home.discovery import read_announcement
from edge.home.mapping import Mapped, mapped
from edge.home.mqtt import MqttBus
from edge.home.payloads import MAX_CONFIG_BYTES, MAX_STATE_BYTES
from edge.home.picture import CATCH_UP_S, HomePicture
from edge.settings import MqttSettings
from tests.brokers import Mosquitto, until
from tests.homes import AnnouncedHome

SWITCH = {"state_topic": "s", "command_topic": "s/set"}


def reasons(home: AnnouncedHome) -> list[str]:
    """What the home's picture says of the broker as a whole."""
    return [problem.reason for problem in home.picture.problems() if problem.where == "the broker"]


def test_only_so_many_topics_may_announce_something(monkeypatch: pytest.MonkeyPatch) -> None:
    """Be it nonsense; what is there already may still be announced anew and taken away, and makes room."""
    monkeypatch.setattr(announced, "TOPICS_MAX", 3)
    home = AnnouncedHome()
    for number in range(5):
        home.announce(f"switch/x{number}", SWITCH | {"object_id": f"x{number}"} if number else "nonsense")
    assert [device.device_id for device in home.picture.home_map.devices] == ["switch.x1", "switch.x2"]
    assert reasons(home) == ["more than 3 topics announce something: 2 announcements left out"]
    home.announce("switch/x1", SWITCH | {"object_id": "new"})
    home.announce("switch/x0", "")
    home.announce("switch/x4", SWITCH | {"object_id": "x4"})
    assert {device.device_id for device in home.picture.home_map.devices} == {"switch.new", "switch.x2", "switch.x4"}


def test_what_is_taken_away_and_was_never_there_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A million empty announcements take no room."""
    monkeypatch.setattr(announced, "TOPICS_MAX", 1)
    home = AnnouncedHome()
    for number in range(10):
        home.announce(f"switch/x{number}", "")
    home.announce("switch/x", SWITCH)
    assert len(home.picture.home_map.devices) == 1
    assert reasons(home) == []


def test_only_so_many_things_are_taken_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """A device form that would be too many is left out as a whole; when others have gone it can come again."""
    monkeypatch.setattr(announced, "COMPONENTS_MAX", 4)
    home = AnnouncedHome()
    home.announce("switch/x", SWITCH)
    many = {f"k{number}": {"p": "switch", "name": f"k{number}", **SWITCH} for number in range(4)}
    home.announce("device/many", {"cmps": many})
    assert len(home.picture.home_map.devices) == 1
    assert reasons(home) == ["the home has more than 4 things: 1 announcements left out"]
    home.announce("switch/x", "")
    home.announce("device/many", {"cmps": many})
    assert len(home.picture.home_map.devices) == 4


def test_announcements_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """In bytes; one that is too long by itself is a problem with its topic, and costs nothing more."""
    monkeypatch.setattr(announced, "BYTES_MAX", 1_000)
    home = AnnouncedHome()
    home.announce("switch/long", "x" * (MAX_CONFIG_BYTES + 1))
    home.announce("switch/a", SWITCH | {"object_id": "a", "more": "x" * 600})
    home.announce("switch/b", SWITCH | {"object_id": "b", "more": "x" * 600})
    home.announce("switch/a", SWITCH | {"object_id": "a", "more": "x" * 700})
    assert [device.device_id for device in home.picture.home_map.devices] == ["switch.a"]
    assert reasons(home) == ["all announcements together are longer than 0 MB: 1 announcements left out"]
    assert any("longer than 256 KB" in problem.reason for problem in home.picture.problems())


def test_a_topic_of_sixty_kilobytes_announces_nothing() -> None:
    """It would be kept with everything that is said about it."""
    home = AnnouncedHome()
    home.announce(f"switch/{'x' * 60_000}", SWITCH)
    assert home.picture.home_map.devices == ()
    assert reasons(home) == ["their topics are longer than 1,000 bytes: 1 announcements left out"]


def test_only_so_many_topics_are_listened_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who announces ever new topics makes nobody subscribe without end."""
    monkeypatch.setattr(reports, "TOPICS_MAX", 6)
    home = AnnouncedHome()
    for number in range(10):
        topics = {"state_topic": f"s{number}", "command_topic": f"c{number}"}
        home.announce("switch/x", SWITCH | topics | {"object_id": f"x{number}"})
    assert any("topics would have to be listened to" in reason for reason in reasons(home))
    home.says("s0", "ON")
    assert home.picture.states()["switch.x9"].value == "unknown"


def test_long_payloads_are_not_kept() -> None:
    """A state of 1 MB says nothing; those that are kept for components that come later are bounded together."""
    kept = reports.Reports()
    topic, payload = "homeassistant/switch/x/config", json.dumps(SWITCH).encode()
    (component,) = read_announcement(topic, payload, "homeassistant").components
    kept.attach(component, WallClock().now())
    kept.hear("s", b"x" * (MAX_STATE_BYTES + 1), WallClock().now())
    assert kept._kept == {}
    kept.hear("s", b"ON", WallClock().now())
    assert kept._kept == {"s": b"ON"}


def test_payloads_for_those_who_come_later_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound a payload is taken in, and not kept."""
    monkeypatch.setattr(reports, "KEPT_BYTES_MAX", 10)
    home = AnnouncedHome()
    home.announce("sensor/a", {"object_id": "a", "state_topic": "a"})
    home.announce("sensor/b", {"object_id": "b", "state_topic": "b"})
    for topic, payload in (("a", "12345678"), ("b", "1234"), ("a", "123456"), ("b", "5678")):
        home.says(topic, payload)
    assert [home.state(f"sensor.{each}").value for each in "ab"] == ["123456", "5678"]
    home.announce("sensor/c", {"object_id": "c", "state_topic": "b"})
    assert home.state("sensor.c").value == "5678"


def test_a_large_home_is_not_mapped_anew_for_every_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """While somebody listens, 400 announcements among 800 messages make far fewer maps; in the end all is told."""
    made: list[int] = []

    def counting(*parts: Any) -> Mapped:
        made.append(1)
        return mapped(*parts)

    monkeypatch.setattr(picture, "mapped", counting)
    home = AnnouncedHome()
    told: dict[str, str] = {}
    home.picture.on_change(lambda device_id, state: told.update({device_id: state.value}))
    home.says("crowd/bridge/state", {"state": "online"})
    crowd = things(400)
    for thing, said in zip(crowd, chatter(crowd, seed=1), strict=False):
        home.bus.publish(*thing.announcement(), retain=True)
        home.bus.publish("crowd/bridge/state", '{"state": "online"}', retain=True)
        home.says(said.topic, said.payload)
    home.clock.advance(timedelta(seconds=CATCH_UP_S))
    assert len(made) < 150
    assert told == {device_id: state.value for device_id, state in home.picture.states().items()}
    assert len(told) == 400


@pytest.mark.broker
def test_a_crowd_is_imported_whole_and_its_last_words_stay(tmp_path: Path) -> None:
    """Over a real broker: 300 things with their states, then 6,000 messages as fast as the broker takes them."""
    with Mosquitto(tmp_path) as broker, CrowdProcess("crowd", broker.url, "300") as crowd:
        bus = MqttBus(MqttSettings(url=broker.url))
        seen = HomePicture(bus, WallClock())
        bus.connect()
        assert until(lambda: len(seen.states()) == 300)
        assert until(lambda: {state.value for state in seen.states().values()} & {"unknown", "unavailable"} == set())
        crowd.begin(3_000, 2)
        wanted = crowd.said()
        assert len(wanted) == 300
        assert until(lambda: {key: state.value for key, state in seen.states().items()} == wanted)
        bus.close()


def test_what_the_crowd_says_is_what_is_understood() -> None:
    """The benchmark's home announces what Edge knows, without a problem, and means what it says."""
    home = AnnouncedHome()
    home.says("crowd/bridge/state", {"state": "online"})
    crowd = things(40)
    for thing in crowd:
        home.bus.publish(*thing.announcement(), retain=True)
    home.bus.publish("crowd/bridge/state", '{"state": "online"}', retain=True)
    said: list[Said] = list(islice(chatter(crowd, seed=3), 80))
    for each in said:
        home.says(each.topic, each.payload)
    assert home.picture.problems() == ()
    assert {each.device_id: each.state for each in said} == {
        device_id: state.value for device_id, state in home.picture.states().items()
    }


@pytest.mark.slow
def test_memory_stays_flat() -> None:
    """After the first messages, a hundred thousand more take nothing, the store's history included."""
    assert measure_memory(200, 150_000).growth < 0.05


@pytest.mark.slow
def test_an_idle_hour_writes_less_than_a_megabyte() -> None:
    """Of 300 things, most of them sensors that report every minute or oftener; and something is kept."""
    written = measure_writes(300)
    assert written.messages > 15_000
    assert written.changes_kept > 500
    assert 0 < written.handed_over_mb < 0.3
