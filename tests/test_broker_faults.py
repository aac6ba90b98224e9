"""What can go wrong between us and a broker: certificates, rights, dead links, a broker that dies in mid-command."""

import selectors
import socket
import threading
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest
from paho.mqtt.enums import MQTTProtocolVersion

from edge import doctor
from edge.clock import WallClock
from edge.config import load_settings
from edge.errors import BrokerError
from edge.home import connecting, mqtt
from edge.home.broker import EmbeddedBroker
from edge.home.deliveries import Deliveries
from edge.home.home_file import demo_home_path, load_home_file
from edge.home.mqtt import MqttBus
from edge.home.simulated import SimulatedHome
from edge.home.simulated_announcing import STATUS_TOPIC
from edge.records import Utterance
from edge.runtime import build_runtime
from edge.settings import HomeSettings, MqttSettings
from edge.settings import Settings as EdgeSettings
from edge.turn import Turn
from tests.brokers import Certificates, Mosquitto, Settings, until
from tests.test_mqtt_bus import error_of, heard_by

pytestmark = pytest.mark.broker


class FakeNet:
    """A network between us and a broker that can stop carrying anything without closing a single connection."""

    def __init__(self, port: int) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"mqtt://127.0.0.1:{self._listener.getsockname()[1]}"
        self._port = port
        self._carries = threading.Event()
        self._carries.set()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._wake, self._woken = socket.socketpair()
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._opened: list[socket.socket] = []
        self._thread = threading.Thread(target=self._carry, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._wake.close()
        self._thread.join(10)
        for opened in (*self._opened, self._listener, self._woken):
            opened.close()
        self._selector.close()

    def stop(self) -> None:
        """From now on everything that is sent is lost; the connections stay open."""
        self._carries.clear()

    def recover(self) -> None:
        """New connections are carried again; what was lost stays lost."""
        self._carries.set()

    def _carry(self) -> None:
        while True:
            for key, _ in self._selector.select():
                ready = key.fileobj
                assert isinstance(ready, socket.socket)
                if ready.fileno() < 0:  # the other end of one that ended in this round
                    continue
                if ready is self._woken:
                    return
                if ready is self._listener:
                    self._open()
                else:
                    self._forward(ready, key.data)

    def _open(self) -> None:
        ours, _ = self._listener.accept()
        theirs = socket.create_connection(("127.0.0.1", self._port))
        for here, there in ((ours, theirs), (theirs, ours)):
            self._opened.append(here)
            here.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._selector.register(here, selectors.EVENT_READ, there)

    def _forward(self, here: socket.socket, there: socket.socket) -> None:
        try:
            content = here.recv(65_536)
            if content and self._carries.is_set():
                there.sendall(content)
        except OSError:
            content = b""
        if not content:
            ended = (here, there) if self._carries.is_set() else (here,)
            for each in ended:
                with suppress(KeyError, ValueError):  # it has ended before
                    self._selector.unregister(each)
                each.close()


# --- dead links ------------------------------------------------------------------------------------------------------


def test_a_command_into_a_dead_link_is_not_held_to_be_done(tmp_path: Path) -> None:
    """The socket takes it, but no broker acknowledges it: settling says so, and the link is given up at once."""
    with Mosquitto(tmp_path) as broker, FakeNet(broker.port) as net, closing(MqttBus(Settings(net.url))) as bus:
        bus.connect()
        bus.publish("door", "open")
        bus.settle()
        net.stop()
        bus.publish("door", "open")
        with pytest.raises(BrokerError, match="whether it arrived is not known"):
            bus.settle()
        with pytest.raises(BrokerError, match="broker is away"):
            bus.publish("door", "open")
        net.recover()
        assert until(lambda: bus.online)
        bus.publish("door", "open")
        bus.settle()


def test_an_idle_link_that_died_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody says anything, and no packet comes back: the keepalive finds out, and the connection is made anew."""
    monkeypatch.setattr(mqtt, "KEEPALIVE_S", 1)
    with Mosquitto(tmp_path) as broker, FakeNet(broker.port) as net, closing(MqttBus(Settings(net.url))) as bus:
        bus.connect()
        heard = heard_by(bus, "a")
        net.stop()
        assert until(lambda: not bus.online)
        net.recover()
        assert until(lambda: bus.online)
        bus.publish("a", "x")
        assert until(lambda: heard == [("a", b"x")])


def test_closing_over_a_dead_link_ends(tmp_path: Path) -> None:
    """The farewell cannot be said; no thread stays behind."""
    before = set(threading.enumerate())
    with Mosquitto(tmp_path) as broker, FakeNet(broker.port) as net:
        bus = MqttBus(Settings(net.url))
        bus.connect()
        net.stop()
        bus.close()
        assert not bus.online
        net.recover()
    assert until(lambda: set(threading.enumerate()) <= before)


@pytest.mark.parametrize(
    ("answers", "gone", "fate"),
    [
        ([False, False], False, "taken"),
        ([False, True], False, "refused"),
        ([True, False, False], False, "refused"),
        ([False], True, "unknown"),
    ],
)
def test_each_message_has_its_own_fate(answers: list[bool], gone: bool, fate: str) -> None:
    """Of two messages, by what the broker answered and whether the connection ended; later ones do not count."""
    deliveries = Deliveries()
    first, last = deliveries.sending(), deliveries.sending()
    deliveries.sending()
    for refused in answers:
        deliveries.answered(refused=refused)
    if gone:
        deliveries.end()
    assert deliveries.fate((first, last), 0.0) == fate


def test_a_refusal_of_others_is_not_ours() -> None:
    """Messages that were refused before or after do not spoil the one in between."""
    deliveries = Deliveries()
    numbers = [deliveries.sending() for _ in range(3)]
    for refused in (True, False, True):
        deliveries.answered(refused=refused)
    assert [deliveries.fate((number,), 0.0) for number in numbers] == ["refused", "taken", "refused"]


# --- certificates and passwords --------------------------------------------------------------------------------------


def test_an_expired_certificate_is_called_that(tmp_path: Path) -> None:
    """With what to do about it."""
    expired = Certificates.make(tmp_path, "expired", days=-1)
    with Mosquitto(tmp_path, tls=expired) as broker:
        assert "has expired: have the broker's renewed" in error_of(Settings(broker.url, ca_file=expired.ca_file))


def test_a_broker_that_wants_a_certificate_of_ours(tmp_path: Path) -> None:
    """Ours is shown and taken; none, a stranger's, a damaged one and one whose key wants a password are explained."""
    ours, theirs = Certificates.make(tmp_path, "ours"), Certificates.make(tmp_path, "theirs")
    locked = tmp_path / "locked.key"
    Certificates._openssl("ec", "-in", ours.key, "-aes128", "-passout", "pass:secret", "-out", locked)
    with Mosquitto(tmp_path, tls=ours, wants_certificate=True) as broker:

        def shown(certificate_file: Path | None, key_file: Path | None = None) -> Settings:
            return Settings(broker.url, ca_file=ours.ca_file, certificate_file=certificate_file, key_file=key_file)

        with closing(MqttBus(shown(ours.certificate, ours.key))) as bus:
            bus.connect()
            bus.publish("a", "x")
            bus.settle()
        assert "set mqtt.certificate_file and mqtt.key_file" in error_of(shown(None))
        assert "hung up on our certificate" in error_of(shown(theirs.certificate, theirs.key))
        for key_file in (theirs.key, None, locked):
            assert "do not belong together, are damaged" in error_of(shown(ours.certificate, key_file))
        assert "cannot be read" in error_of(shown(tmp_path / "none.pem", ours.key))


def test_the_password_may_come_from_systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A credential called mqtt-password is used where no file is named; the file goes before it."""
    (tmp_path / connecting.CREDENTIAL).write_text("correct horse\n")
    with Mosquitto(tmp_path, users={"anna": "correct horse"}) as broker:
        settings = Settings(broker.url, "anna")
        assert "refuses user 'anna'" in error_of(settings)
        monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
        with closing(MqttBus(settings)) as bus:
            bus.connect()
            assert bus.online
        wrong = tmp_path / "wrong"
        wrong.write_text("battery staple\n")
        assert "refuses user 'anna'" in error_of(Settings(broker.url, "anna", wrong))


def test_secrets_that_everybody_may_read_are_found(tmp_path: Path) -> None:
    """The password file and the key; a certificate is no secret."""
    files = [tmp_path / name for name in ("password", "key", "certificate")]
    for each in files:
        each.touch(mode=0o600)
    settings = Settings("mqtts://host", "anna", files[0], certificate_file=files[2], key_file=files[1])
    assert connecting.exposed(settings) == ()
    for each in files:
        each.chmod(0o644)
    assert connecting.exposed(settings) == (files[0], files[1])


def test_the_doctor_tells_of_secrets_and_leaves_no_trace(tmp_path: Path) -> None:
    """A password that everybody may read is named with its remedy; a running service stays online meanwhile."""
    password = tmp_path / "password"
    password.write_text("x")
    password.chmod(0o644)
    with Mosquitto(tmp_path, users={"anna": "x"}) as broker, ExitStack() as opened:
        service = MqttBus(Settings(broker.url, "anna", password))
        opened.callback(service.close)
        service.connect()
        heard = heard_by(service, "edge/status")
        assert until(lambda: heard == [("edge/status", b"online")])
        flags = {"mqtt.url": broker.url, "mqtt.user": "anna", "mqtt.password_file": str(password)}
        findings = list(doctor._broker(load_settings(flags=flags, environ={})))
        assert [(each.what, each.verdict) for each in findings] == [("broker", "ok"), ("secrets", "warn")]
        assert findings[1].remedy == f"chmod o-rwx {password}"
        marker = heard_by(service, "marker")
        service.publish("marker", "")
        assert until(lambda: bool(marker))
        assert len(heard) == 1


# --- rights ----------------------------------------------------------------------------------------------------------

ACL = "user anna\ntopic readwrite edge/#\ntopic read lamp\n"


def test_what_the_broker_forbids_is_not_held_to_be_done(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """MQTT 5 tells: settling raises, the log says what to do, once and without the topic; the link stays."""
    password = tmp_path / "password"
    password.write_text("x")
    broker = Mosquitto(tmp_path, users={"anna": "x"}, acl=ACL)
    with broker, closing(MqttBus(Settings(broker.url, "anna", password))) as bus:
        bus.connect()
        for _ in range(2):
            bus.publish("lamp/set", "ON")
            with pytest.raises(BrokerError, match="forbids us to write there: see `edge broker acl`"):
                bus.settle()
        bus.publish("edge/x", "1")
        bus.settle()
        assert bus.online
    assert caplog.text.count("edge broker acl") == 1
    assert "lamp" not in caplog.text


def test_with_the_older_protocol_a_broker_does_not_tell_what_it_forbids(tmp_path: Path) -> None:
    """MQTT 3.1.1 has no word for it: the message is acknowledged and lost. Devices that report still give it away."""
    password = tmp_path / "password"
    password.write_text("x")
    broker = Mosquitto(tmp_path, users={"anna": "x"}, acl=ACL)
    with broker, closing(MqttBus(Settings(broker.url, "anna", password))) as bus:
        bus._protocol = MQTTProtocolVersion.MQTTv311
        bus.connect()
        bus.publish("lamp/set", "ON")
        bus.settle()


# --- older brokers ---------------------------------------------------------------------------------------------------


def test_our_own_broker_says_that_it_knows_only_the_older_protocol() -> None:
    """And is then spoken to in that one, at once."""
    broker = EmbeddedBroker()
    broker.start()
    try:
        with closing(MqttBus(Settings(broker.url))) as bus:
            bus.connect()
            assert bus._protocol is MQTTProtocolVersion.MQTTv311
            bus.publish("a", "x")
            bus.settle()
    finally:
        broker.stop()


def test_a_broker_that_hangs_up_on_the_newer_protocol_is_tried_with_the_older() -> None:
    """It gives no reason, so the first attempt is reported as failed; the next one is let in."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        levels: list[int] = []

        def serve() -> None:
            while levels[-1:] != [4]:
                client, _ = listener.accept()
                with client:
                    levels.append(client.recv(1_000)[8])
                    if levels[-1] == 4:
                        client.sendall(b"\x20\x02\x00\x00")
                        while client.recv(1_000):
                            pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with closing(MqttBus(Settings(f"mqtt://127.0.0.1:{listener.getsockname()[1]}"), status_topic=None)) as bus:
            with pytest.raises(BrokerError, match="takes no MQTT connection"):
                bus.connect()
            assert until(lambda: bus.online)
        thread.join(10)
        assert levels == [5, 4]


# --- hostile messages ------------------------------------------------------------------------------------------------


def test_a_topic_that_is_no_text_is_passed_over(tmp_path: Path) -> None:
    """MQTT forbids it, and a broker may let it through all the same: here one that is spoken to byte by byte."""
    topic = b"a/\xff\xfe"
    bad = b"\x30" + bytes([2 + len(topic) + 1]) + len(topic).to_bytes(2, "big") + topic + b"x"
    good = b"\x30\x06\x00\x03a/bx"
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            client, _ = listener.accept()
            with client:
                client.recv(1_000)
                client.sendall(b"\x20\x03\x00\x00\x00")  # CONNACK of MQTT 5
                client.recv(1_000)
                client.sendall(_with_properties(bad) + _with_properties(good))
                while client.recv(1_000):
                    pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        with closing(MqttBus(Settings(f"mqtt://127.0.0.1:{listener.getsockname()[1]}"), status_topic=None)) as bus:
            heard = heard_by(bus, "#")
            bus.connect()
            assert until(lambda: heard == [("a/b", b"x")])
        thread.join(10)


def _with_properties(publish: bytes) -> bytes:
    """A PUBLISH of 3.1.1 as one of MQTT 5: an empty list of properties stands before the payload."""
    return bytes([publish[0], publish[1] + 1]) + publish[2:-1] + b"\x00" + publish[-1:]


# --- a broker that dies in the middle of a command -------------------------------------------------------------------


class LivedIn:
    """A broker with the demo home at it, whose lamps take a second to obey, and an assistant."""

    def __init__(self, folder: Path, opened: ExitStack) -> None:
        self.broker = opened.enter_context(Mosquitto(folder))
        self.home_bus = MqttBus(Settings(self.broker.url), status_topic=STATUS_TOPIC)
        opened.callback(self.home_bus.close)
        self.home_bus.connect()
        SimulatedHome(load_home_file(demo_home_path()), self.home_bus, WallClock(), delay_scale=4.0)
        settings = EdgeSettings(mqtt=MqttSettings(url=self.broker.url), home=HomeSettings(confirm_timeout_ms=2_000))
        self.runtime = build_runtime(settings, clock=WallClock(), store=":memory:")
        opened.callback(self.runtime.close)

    def say(self, text: str) -> Turn:
        return self.runtime.conversation.take(Utterance("text", typed=text))

    def wait_until_back(self) -> None:
        assert until(lambda: self.runtime.home.picture.online and self.home_bus.online)


def test_a_broker_that_is_killed_in_mid_command(tmp_path: Path) -> None:
    """Whether it still acknowledged the command or not, no lamp ever answered: that is said. The next command works."""
    with ExitStack() as opened:
        lived = LivedIn(tmp_path, opened)
        watcher = MqttBus(Settings(lived.broker.url), status_topic=None)
        opened.callback(watcher.close)
        watcher.connect()
        watcher.subscribe("edge/simulated/light/kitchen/set", lambda topic, payload: lived.broker.kill())
        watcher.publish("edge/marker", "")
        watcher.settle()
        turn = lived.say("turn on the kitchen light")
        (done,) = turn.done_steps
        assert done.outcome is not None
        assert done.outcome.silent == ("light.kitchen",) or done.outcome.refused == "offline"
        assert not done.outcome.confirmed
        assert turn.response is not None
        assert turn.response.kind == "error"
        watcher.close()
        lived.broker.start()
        lived.wait_until_back()
        assert _confirmed(lived.say("turn on the kitchen light"))


def test_a_broker_that_hangs_in_mid_command(tmp_path: Path) -> None:
    """It never took the command: the home counts as away; killed and started again, it gets the next one only."""
    with ExitStack() as opened:
        lived = LivedIn(tmp_path, opened)
        lived.broker.hang()
        turn = lived.say("turn on the kitchen light")
        (done,) = turn.done_steps
        assert done.outcome is not None
        assert done.outcome.refused == "offline"
        assert not lived.runtime.home.picture.online
        lived.broker.kill()
        lived.broker.start()
        lived.wait_until_back()
        assert _confirmed(lived.say("turn on the hall light"))
        assert lived.runtime.home.states()["light.kitchen"]["state"] == "off"


def _confirmed(turn: Turn) -> bool:
    (done,) = turn.done_steps
    return done.outcome is not None and done.outcome.confirmed is True
