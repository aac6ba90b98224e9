"""The bus on real brokers: mosquitto and our own. Connecting, being refused, losing the broker and finding it again."""

import logging
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edge.errors import BrokerError, ConfigError
from edge.home.broker import EmbeddedBroker
from edge.home.connecting import Address
from edge.home.mqtt import MqttBus
from tests.brokers import Certificates, Mosquitto, Settings, free_port, until

pytestmark = pytest.mark.broker

Broker = Mosquitto | EmbeddedBroker


@pytest.fixture(params=["mosquitto", "embedded"])
def broker(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Broker]:
    """A running broker that lets everybody in; it can be stopped and started again on its port."""
    made: Broker = Mosquitto(tmp_path) if request.param == "mosquitto" else EmbeddedBroker(free_port())
    made.start()
    yield made
    made.stop()


def connected(url: str, **settings: object) -> MqttBus:
    bus = MqttBus(Settings(url), **settings)  # type: ignore[arg-type]
    bus.connect()
    return bus


def heard_by(bus: MqttBus, topic_filter: str) -> list[tuple[str, bytes]]:
    heard: list[tuple[str, bytes]] = []
    bus.subscribe(topic_filter, lambda topic, payload: heard.append((topic, payload)))
    return heard


def test_messages_arrive_in_their_order(broker: Broker) -> None:
    """Three hundred of them, from one bus to another."""
    with closing(connected(broker.url)) as here, closing(connected(broker.url)) as there:
        assert here.online
        heard = heard_by(there, "a/+")
        there.publish("a/ready", "")
        assert until(lambda: len(heard) == 1)
        for number in range(300):
            here.publish("a/b", str(number))
        assert until(lambda: len(heard) == 301)
        assert heard[1:] == [("a/b", str(number).encode()) for number in range(300)]


def test_retained_messages_wait_for_those_who_come_later(broker: Broker) -> None:
    """Also for a second handler of the same topic."""
    with closing(connected(broker.url)) as bus:
        bus.publish("kept", "x", retain=True)
        first = heard_by(bus, "kept")
        assert until(lambda: bool(first))
        second = heard_by(bus, "kept")
        assert until(lambda: bool(second))
        assert second[0] == ("kept", b"x")


def test_a_broker_that_comes_back_finds_everybody_again(broker: Broker) -> None:
    """Killed, offline, started again, connected by itself, subscribed again; what was said meanwhile is not kept."""
    with closing(connected(broker.url)) as bus:
        heard = heard_by(bus, "a/#")
        bus.publish("a/1", "before")
        assert until(lambda: len(heard) == 1)
        broker.stop()
        assert until(lambda: not bus.online)
        with pytest.raises(BrokerError, match="broker is away"):
            bus.publish("a/2", "meanwhile")
        broker.start()
        assert until(lambda: bus.online)

        def says() -> bool:
            bus.publish("a/3", "after")
            return len(heard) > 1

        assert until(says)
        assert {topic for topic, _ in heard} == {"a/1", "a/3"}


def test_what_was_not_acknowledged_is_not_sent_again(tmp_path: Path) -> None:
    """A command that hung in a dead connection must not open the door when the broker is back."""
    broker = Mosquitto(tmp_path)
    with closing(MqttBus(Settings(broker.url))) as bus:
        with broker:
            bus.connect()
        heard = heard_by(bus, "door")
        for _ in range(200):
            try:
                bus.publish("door", "open")
            except BrokerError:
                break
        with broker:
            assert until(lambda: bus.online)
            marker = heard_by(bus, "marker")
            assert until(lambda: bus.publish("marker", "x") or bool(marker))  # type: ignore[func-returns-value]
            assert heard == []


def test_a_handler_that_fails_does_not_stop_the_thread(broker: Broker, caplog: pytest.LogCaptureFixture) -> None:
    """The next message arrives, and the log keeps the payload to itself."""

    def fail(topic: str, payload: bytes) -> None:
        raise RuntimeError(payload)

    with closing(connected(broker.url)) as bus, caplog.at_level(logging.DEBUG, "edge"):
        bus.subscribe("a", fail)
        heard = heard_by(bus, "a")
        for number in range(3):
            bus.publish("a", f"secret {number}")
        assert until(lambda: len(heard) == 3)
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text


def test_a_megabyte_passes_through(broker: Broker) -> None:
    """Long messages arrive whole."""
    with closing(connected(broker.url)) as bus:
        heard = heard_by(bus, "big")
        bus.publish("big", "x" * 1_000_000)
        assert until(lambda: bool(heard))
        assert len(heard[0][1]) == 1_000_000


def test_the_status_topic_tells_of_going_and_of_being_cut_off(tmp_path: Path) -> None:
    """online while connected; offline after a farewell, and after a connection that just ended."""
    with Mosquitto(tmp_path) as broker, closing(connected(broker.url, status_topic=None)) as watcher:
        heard = heard_by(watcher, "edge/status")
        bus = connected(broker.url)
        assert until(lambda: heard == [("edge/status", b"online")])
        bus.close()
        bus.close()
        assert until(lambda: heard[-1] == ("edge/status", b"offline"))
        bus = connected(broker.url)
        assert until(lambda: heard[-1] == ("edge/status", b"online"))
        connection = bus._connected
        assert connection is not None
        opened = connection.client.socket()
        assert isinstance(opened, socket.socket)
        opened.shutdown(socket.SHUT_RDWR)
        assert until(lambda: ("edge/status", b"offline") in heard[3:])
        assert until(lambda: heard[-1] == ("edge/status", b"online"))
        bus.close()


def test_a_bus_that_was_closed_stays_closed(broker: Broker) -> None:
    """Neither publishing nor connecting works any more, and both say so."""
    bus = connected(broker.url)
    bus.close()
    assert not bus.online
    with pytest.raises(BrokerError):
        bus.publish("a", "x")
    with pytest.raises(BrokerError, match="was closed"):
        bus.connect()


def test_a_broker_that_is_down_at_the_start_may_come_later(tmp_path: Path) -> None:
    """The error says what to do; the attempts go on behind it."""
    broker = Mosquitto(tmp_path)
    with closing(MqttBus(Settings(broker.url))) as bus:
        with pytest.raises(BrokerError, match="Nothing listens at mqtt://"):
            bus.connect()
        heard = heard_by(bus, "a")
        with broker:
            assert until(lambda: bus.online)
            assert until(lambda: bus.publish("a", "x") or bool(heard))  # type: ignore[func-returns-value]


def error_of(settings: Settings, timeout_s: float = 5.0) -> str:
    """What connecting says; no traceback, one line."""
    with closing(MqttBus(settings)) as bus, pytest.raises(BrokerError) as error:
        bus.connect(timeout_s)
    text = str(error.value)
    assert "\n" not in text
    return text


def test_passwords_are_asked_for_and_checked(tmp_path: Path) -> None:
    """The right one is let in; each mistake has its remedy, and none tells the password."""
    password_file = tmp_path / "password"
    with Mosquitto(tmp_path, users={"anna": "correct horse"}) as broker:
        password_file.write_text("correct horse\n")
        with closing(MqttBus(Settings(broker.url, "anna", password_file))) as bus:
            bus.connect()
            assert bus.online
        password_file.write_text("wrong horse\n")
        refused = error_of(Settings(broker.url, "anna", password_file))
        assert "refuses user 'anna'" in refused
        assert "check mqtt.user and the password in mqtt.password_file" in refused
        assert "horse" not in refused
        assert "wants a user" in error_of(Settings(broker.url))
        assert "cannot be read" in error_of(Settings(broker.url, "anna", tmp_path / "none"))


def test_tls_is_checked(tmp_path: Path) -> None:
    """Our own authority is trusted when it is named; nothing else is."""
    ours, theirs = Certificates.make(tmp_path, "ours"), Certificates.make(tmp_path, "theirs")
    with Mosquitto(tmp_path, tls=ours) as broker:
        with closing(MqttBus(Settings(broker.url, ca_file=ours.ca_file))) as bus:
            bus.connect()
            heard = heard_by(bus, "a")
            bus.publish("a", "x")
            assert until(lambda: bool(heard))
        for ca_file in (theirs.ca_file, None):
            assert "is not trusted" in error_of(Settings(broker.url, ca_file=ca_file))
        wrong_name = broker.url.replace("127.0.0.1", "localhost")
        assert "use the host name that stands in it" in error_of(Settings(wrong_name, ca_file=ours.ca_file))
        assert "does not speak TLS, or mqtt.ca_file" in error_of(Settings(broker.url, ca_file=broker._config))
        plain = broker.url.replace("mqtts", "mqtt")
        assert "Does that port want TLS (mqtts://)?" in error_of(Settings(plain))
    with Mosquitto(tmp_path) as broker:
        assert "does not speak TLS" in error_of(Settings(broker.url.replace("mqtt:", "mqtts:"), ca_file=ours.ca_file))


def test_a_host_that_does_not_exist_is_named() -> None:
    """A spelling mistake in mqtt.url."""
    assert "The host 'no-such-host.invalid' of mqtt.url is unknown" in error_of(Settings("mqtt://no-such-host.invalid"))


def test_a_port_that_accepts_and_says_nothing_is_given_up() -> None:
    """Something else listens there; connecting ends when its time is over."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        text = error_of(Settings(f"mqtt://127.0.0.1:{listener.getsockname()[1]}"), timeout_s=0.3)
        assert "has not answered yet" in text


@pytest.mark.parametrize(
    "url", [None, "", "localhost", "http://x", "mqtt://", "mqtt://x:99999", "mqtt://x/y", "mqtt://a@x"]
)
def test_urls_that_are_none_are_explained(url: str | None) -> None:
    """Before anything is tried."""
    with pytest.raises(ConfigError, match="must look like mqtt://host:1883"):
        MqttBus(Settings(url))


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("mqtt://host", Address("host", 1883, tls=False)),
        ("mqtts://host", Address("host", 8883, tls=True)),
        ("mqtt://[::1]:99", Address("::1", 99, tls=False)),
    ],
)
def test_urls_have_the_usual_ports(url: str, address: Address) -> None:
    """1883, or 8883 with TLS."""
    assert Address.parse(url) == address


def test_the_own_broker_listens_on_this_machine_only() -> None:
    """Its socket is bound to 127.0.0.1, on a port that was free."""
    broker = EmbeddedBroker()
    broker.start()
    try:
        port = int(broker.url.rpartition(":")[2])
        assert port > 0
        lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
        listening = [line.split()[1] for line in lines if line.split()[3] == "0A"]
        assert [address for address in listening if address.endswith(f":{port:04X}")] == [f"0100007F:{port:04X}"]
    finally:
        broker.stop()
        broker.stop()


def test_the_own_broker_says_when_its_port_is_taken() -> None:
    """With the setting to change."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(BrokerError, match=f"cannot listen on 127.0.0.1:{port}: free that port"):
            EmbeddedBroker(port).start()


def test_the_own_broker_leaves_no_threads_and_no_noise(caplog: pytest.LogCaptureFixture) -> None:
    """Three lives, each with a client that is cut off."""
    before = set(threading.enumerate())
    with caplog.at_level(logging.DEBUG):
        for _ in range(3):
            broker = EmbeddedBroker()
            broker.start()
            with closing(connected(broker.url)) as bus:
                bus.publish("a", "x")
                broker.stop()
    assert until(lambda: set(threading.enumerate()) <= before)
    assert {record.name.split(".")[0] for record in caplog.records} <= {"edge", "asyncio"}


def test_strict_checks_of_newer_pythons_do_not_shut_out_home_made_authorities(tmp_path: Path) -> None:
    """A certificate without key identifiers, as many a guide makes it, works on every Python alike."""
    folder = tmp_path / "sloppy"
    folder.mkdir()
    made = Certificates.make(folder, "sloppy")
    Certificates._openssl(
        "x509", "-req", "-in", folder / "sloppy.csr", "-CA", made.ca_file, "-CAkey", folder / "sloppy-ca.key",
        "-CAcreateserial", "-days", "2", "-out", made.certificate, "-extfile", _names_only(folder),
    )  # fmt: skip
    with Mosquitto(tmp_path, tls=made) as broker, closing(MqttBus(Settings(broker.url, ca_file=made.ca_file))) as bus:
        bus.connect()
        assert bus.online
    assert ssl.create_default_context().verify_mode == ssl.CERT_REQUIRED


def _names_only(folder: Path) -> Path:
    path = folder / "names"
    path.write_text("subjectAltName=IP:127.0.0.1\n")
    return path
