"""A whole home over real brokers: it is discovered, obeys, and is found again after the broker was away."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from edge.action.actor import HomeActor
from edge.clock import WallClock
from edge.home.broker import EmbeddedBroker
from edge.home.home_file import demo_home_path, load_home_file
from edge.home.mqtt import MqttBus
from edge.home.picture import HomePicture
from edge.home.simulated import SimulatedHome
from edge.home.simulated_announcing import STATUS_TOPIC
from edge.knowledge import Knowledge
from edge.records import Interpretation, Outcome, ResolvedAction, Step
from edge.turn import Context
from tests.brokers import Mosquitto, Settings, free_port, until
from tests.homes import FakePins

pytestmark = pytest.mark.broker


class LiveHome:
    """The demo home and its picture, each a client of the broker."""

    def __init__(self, broker: Mosquitto | EmbeddedBroker, opened: ExitStack) -> None:
        self.broker = broker
        self.clock = WallClock()
        self.home_bus = MqttBus(Settings(broker.url), status_topic=STATUS_TOPIC)
        self.bus = MqttBus(Settings(broker.url))
        opened.callback(self.home_bus.close)
        opened.callback(self.bus.close)
        home_file = load_home_file(demo_home_path())
        self.home_bus.connect()
        self.home = SimulatedHome(home_file, self.home_bus, self.clock, delay_scale=0.02)
        self.bus.connect()
        self.picture = HomePicture(self.bus, self.clock, additions=home_file)
        self.picture.wait_until_settled(5.0)

    def perform(self, device_id: str, command: str) -> Outcome:
        step = Step(Interpretation("any"), ResolvedAction((device_id,), command))
        actor = HomeActor(self.picture, self.clock, 5_000, FakePins())
        return actor.perform(step, Context(self.clock.now()), Knowledge(1, self.picture.home_map))


@contextmanager
def published(port: int, messages: list[tuple[str, bytes]]) -> Iterator[None]:
    """Retained messages, of bytes that our own bus would not send; amqtt drops what it holds of one who has left."""
    client = Client(CallbackAPIVersion.VERSION2)
    client.connect("127.0.0.1", port)
    client.loop_start()
    for topic, payload in messages:
        client.publish(topic, payload, qos=1, retain=True).wait_for_publish(10)
    yield
    client.disconnect()
    client.loop_stop()


@pytest.fixture(params=["mosquitto", "embedded"])
def live(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LiveHome]:
    """The demo home on each broker."""
    broker = Mosquitto(tmp_path) if request.param == "mosquitto" else EmbeddedBroker(free_port())
    with ExitStack() as opened:
        broker.start()
        opened.callback(broker.stop)
        yield LiveHome(broker, opened)


def test_a_home_is_discovered_obeys_and_is_read(live: LiveHome) -> None:
    """From retained announcements to a command, its echo, and a hand at the switch."""
    assert set(live.picture.home_map.device) == set(load_home_file(demo_home_path()).devices)
    assert live.picture.problems() == ()
    assert {state.value for state in live.picture.states().values()}.isdisjoint({"unknown", "unavailable"})
    outcome = live.perform("light.kitchen", "turn_on")
    assert (outcome.confirmed, outcome.silent) == (True, ())
    assert live.picture.states()["light.kitchen"].cause == "ours"
    assert live.home.states()["light.kitchen"].value == "on"
    live.home.use_switch("light.kitchen", "off", by="hand")
    assert until(lambda: live.picture.states()["light.kitchen"].value == "off")
    assert live.picture.states()["light.kitchen"].cause == "hand"


def test_the_home_is_found_again_when_the_broker_comes_back(live: LiveHome) -> None:
    """Offline is refused at once; afterwards everything works, though the broker has forgotten all it was told."""
    before = live.picture.home_map
    live.broker.stop()
    assert until(lambda: not live.picture.online)
    assert live.perform("light.hall", "turn_on") == Outcome(refused="offline")
    live.home.use_switch("light.garage", "on")
    live.broker.start()
    assert until(lambda: live.picture.online and live.home_bus.online)
    assert until(lambda: live.picture.states()["light.garage"].value == "on")
    assert live.picture.home_map is before
    assert live.perform("light.hall", "turn_on").confirmed is True
    assert live.home.states()["light.hall"].value == "on"


def test_a_home_that_goes_away_is_unavailable_until_it_is_back(live: LiveHome) -> None:
    """Its last will says so for every device at once."""
    live.home_bus.close()
    assert until(lambda: {state.value for state in live.picture.states().values()} == {"unavailable"})


def test_garbage_on_the_broker_is_listed_and_harms_nothing(live: LiveHome) -> None:
    """Retained nonsense, no UTF-8, a megabyte and nesting bombs among the announcements and states."""
    port = int(live.broker.url.rpartition(":")[2])
    bombs = [b"\xff\xfe", b"x" * 1_000_000, b"[" * 200_000, b'{"a":' * 50_000, b'{"command_topic": "#"}', b"null"]
    messages = [(f"homeassistant/light/bomb{number}/config", bomb) for number, bomb in enumerate(bombs)]
    messages += [("edge/simulated/light/kitchen", bomb) for bomb in bombs]
    with published(port, messages):
        assert until(lambda: len(live.picture.problems()) == len(bombs))
    assert len(live.picture.home_map.devices) == 25
    assert live.picture.states()["light.kitchen"].value == "off"
    assert live.perform("light.kitchen", "turn_on").confirmed is True
    late = HomePicture(live.bus, live.clock)
    assert until(lambda: len(late.problems()) == len(bombs) and len(late.home_map.devices) == 25)
