"""`edge broker acl`: the rights that it prints are enough for the whole home, and no more than that."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge.cli import app
from edge.clock import WallClock
from edge.desk import Desk
from edge.errors import BrokerError, ConfigError
from edge.home.acl import Topics, acl, widened
from edge.home.home_file import demo_home_path, load_home_file
from edge.home.mqtt import MqttBus
from edge.home.own_announcement import OwnTopics
from edge.home.simulated import SimulatedHome
from edge.home.simulated_announcing import STATUS_TOPIC
from edge.runtime import Runtime, build_runtime
from edge.settings import MqttSettings
from edge.settings import Settings as EdgeSettings
from tests.brokers import Mosquitto, Settings, until

USERS = {"house": "h", "edge": "e"}
HOUSE = "user house\ntopic readwrite #\n"


def test_each_topic_has_one_rule() -> None:
    """Read, write or both; one that a wider one covers is left out."""
    topics = Topics(("a/#", "a/b", "c", "d/+/e"), ("c", "a/set", "a/#"))
    assert acl("edge", topics) == "user edge\ntopic readwrite a/#\ntopic readwrite c\ntopic read d/+/e\n"


def test_rights_for_devices_that_come_later() -> None:
    """All that a maker tells may be read; written may be only commands of the kinds that are used."""
    found = Topics(
        ("zigbee2mqtt/desk lamp", "homeassistant/+/+/config", "+/bridge/devices", "alone"),
        ("zigbee2mqtt/desk lamp/set", "cmnd/plug/POWER1", "plug/set", "alone"),
    )
    assert widened(found) == Topics(
        ("zigbee2mqtt/#", "homeassistant/#", "+/bridge/devices", "alone"),
        ("zigbee2mqtt/+/set", "cmnd/+/POWER1", "plug/set", "alone"),
    )


@pytest.mark.parametrize("topic", ["lamp\ntopic readwrite #", "lamp\r", " lamp", "lamp ", "l\u2028amp", ""])
def test_a_topic_cannot_smuggle_in_a_rule(topic: str) -> None:
    """What would be another line, or would not be read back as it was meant, is left out and counted."""
    assert acl("edge", Topics((topic,), ("good/topic",))) == (
        "user edge\ntopic write good/topic\n# Left out: 1 with characters that this file cannot hold.\n"
    )


@pytest.mark.parametrize("user", ["", " ", "edge ", "edge\ntopic readwrite #"])
def test_nor_can_a_user(user: str) -> None:
    """It is refused before anything is printed."""
    with pytest.raises(ConfigError, match="choose another one"):
        acl(user, Topics())


def test_the_command_prints_what_can_be_appended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For the user of the settings or another one; exactly, or by makers. Alone it explains itself."""
    monkeypatch.setenv("EDGE_DATA", str(tmp_path))
    by_makers = CliRunner().invoke(app, ["broker", "acl"])
    assert by_makers.exit_code == 0, by_makers.output
    lines = by_makers.stdout.splitlines()
    assert lines[0] == "user edge"
    assert {
        "topic readwrite edge/#", "topic read homeassistant/#",
        "topic write homeassistant/device/edge-assistant/config", "topic read +/bridge/devices",
    } <= set(lines)  # fmt: skip
    assert [line for line in lines if "write" in line and "#" in line] == ["topic readwrite edge/#"]
    assert not any(filter_of_all in line for line in lines for filter_of_all in (" #", "+/#"))
    exactly = CliRunner().invoke(app, ["--set", "mqtt.user=anna", "broker", "acl", "--exact"]).stdout.splitlines()
    assert exactly[0] == "user anna"
    assert "topic readwrite edge/simulated/light/kitchen/set" in exactly
    assert not any(line.endswith("#") for line in exactly)
    assert "user bob\n" in CliRunner().invoke(app, ["broker", "acl", "--user", "bob"]).stdout
    assert "acl" in CliRunner().invoke(app, ["broker"]).output


def runtime_at(broker: Mosquitto, folder: Path, user: str) -> Runtime:
    """An assistant at the broker, as one of its users."""
    password_file = folder / user
    password_file.write_text(USERS[user])
    settings = EdgeSettings(mqtt=MqttSettings(url=broker.url, user=user, password_file=password_file))
    return build_runtime(settings, clock=WallClock(), store=":memory:")


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[bool, str]]:
    """Both forms, as a broker without rules has them printed; by `exact`."""
    folder = tmp_path_factory.mktemp("open")
    with ExitStack() as opened:
        broker = opened.enter_context(Mosquitto(folder, users=USERS))
        opened.enter_context(demo_home(broker, folder))
        runtime = runtime_at(broker, folder, "edge")
        opened.callback(runtime.close)
        desk = Desk(runtime)
        yield {exact: desk.broker_acl(exact=exact) for exact in (False, True)}


def demo_home(broker: Mosquitto, folder: Path) -> closing[MqttBus]:
    """The demo home as a client that may do everything."""
    password_file = folder / "house"
    password_file.write_text(USERS["house"])
    bus = MqttBus(Settings(broker.url, "house", password_file), status_topic=STATUS_TOPIC)
    bus.connect()
    SimulatedHome(load_home_file(demo_home_path()), bus, WallClock(), delay_scale=0.02)
    return closing(bus)


@pytest.mark.broker
@pytest.mark.parametrize("exact", [False, True])
def test_a_home_works_under_these_rights(printed: dict[bool, str], exact: bool, tmp_path: Path) -> None:
    """Every device is found and heard, every one obeys, and nothing is forbidden; elsewhere we may not write."""
    with ExitStack() as opened:
        broker = opened.enter_context(Mosquitto(tmp_path, users=USERS, acl=HOUSE + printed[exact]))
        opened.enter_context(demo_home(broker, tmp_path))
        runtime = runtime_at(broker, tmp_path, "edge")
        opened.callback(runtime.close)
        picture, connection = runtime.home.picture, runtime.home.connection
        assert connection is not None
        assert set(picture.home_map.device) == set(load_home_file(demo_home_path()).devices)
        assert until(lambda: not {"unknown"} & {state.value for state in picture.states().values()})
        own = OwnTopics()
        for topic in (*picture.topics().written, *own.written):
            connection.publish(topic, "")
            connection.settle()
        for elsewhere in ("homeassistant/light/kitchen/config", "zigbee2mqtt/bridge/request/permit_join", "lamp/set"):
            connection.publish(elsewhere, "x")
            with pytest.raises(BrokerError, match="forbids"):
                connection.settle()
        assert connection.online


@pytest.mark.broker
def test_a_command_under_these_rights(printed: dict[bool, str], tmp_path: Path) -> None:
    """Said, sent, obeyed and reported."""
    with ExitStack() as opened:
        broker = opened.enter_context(Mosquitto(tmp_path, users=USERS, acl=HOUSE + printed[True]))
        opened.enter_context(demo_home(broker, tmp_path))
        runtime = runtime_at(broker, tmp_path, "edge")
        opened.callback(runtime.close)
        assert Desk(runtime).say("turn on the kitchen light")["response"]["text"] == "The kitchen light is on."
