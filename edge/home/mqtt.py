"""World: a real MQTT broker, through paho-mqtt.

Every connection is a new paho client: what was on its way when the old one broke is dropped, so that no command arrives
long after it was given. Handlers run on paho's thread.
"""

import logging
import random
import secrets
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, Self
from urllib.parse import urlsplit

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge.errors import BrokerError, ConfigError
from edge.home.bus import Handler, Subscriptions

_log = logging.getLogger(__name__)

STATUS_TOPIC: Final = "edge/status"
"""Where the assistant says online and offline, retained."""

CONNECT_S: Final = 5.0
KEEPALIVE_S: Final = 30
FIRST_PAUSE_S: Final = 0.2
LONGEST_PAUSE_S: Final = 3.0
FILTERS_A_PACKET: Final = 50


class BrokerSettings(Protocol):
    """What must be known of a broker; `edge.config.MqttSettings` is one."""

    @property
    def url(self) -> str | None: ...

    @property
    def user(self) -> str | None: ...

    @property
    def password_file(self) -> Path | None: ...

    @property
    def ca_file(self) -> Path | None: ...


@dataclass(frozen=True)
class Address:
    """Where a broker listens."""

    host: str
    port: int
    tls: bool

    @classmethod
    def parse(cls, url: str | None) -> Self:
        """From `mqtt://host[:port]` or `mqtts://host[:port]`; raises `ConfigError` for anything else."""
        try:
            parts = urlsplit(url or "")
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        if not host or parts.scheme not in {"mqtt", "mqtts"} or parts.path.strip("/") or parts.username:
            raise ConfigError("mqtt.url must look like mqtt://host:1883, or mqtts://host:8883 for TLS.")
        tls = parts.scheme == "mqtts"
        return cls(host, port or (8883 if tls else 1883), tls)

    def __str__(self) -> str:
        return f"{'mqtts' if self.tls else 'mqtt'}://{self.host}:{self.port}"


class MqttBus:
    """A `Bus` on a broker that connects again by itself and then subscribes again."""

    def __init__(
        self, settings: BrokerSettings, client_id: str | None = None, status_topic: str | None = STATUS_TOPIC
    ) -> None:
        """Nothing happens yet. `status_topic` hears online, and offline when the connection ends; None: neither."""
        self._settings = settings
        self._address = Address.parse(settings.url)
        self._client_id = client_id or f"edge-{secrets.token_hex(4)}"
        self._status_topic = status_topic
        self._subscriptions = Subscriptions()
        self._connected: Client | None = None
        self._problem = f"{self._address} has not answered yet."
        self._answer: str = "none"
        """What the broker said to the connection that we have or try: none, accepted or refused."""
        self._has_failed = False
        self._changed = threading.Condition()
        self._lost = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._keep_connected, name="edge-mqtt", daemon=True)

    @property
    def online(self) -> bool:
        return self._connected is not None

    def connect(self, timeout_s: float = CONNECT_S) -> None:
        """Connect; raises `BrokerError` saying what to do. Either way the attempts go on until `close`."""
        if self._closing.is_set():
            raise BrokerError("This connection was closed: make a new one.")
        with self._changed:
            self._has_failed = False
            if not self._thread.is_alive():
                self._thread.start()
            self._changed.wait_for(lambda: self.online or self._has_failed, timeout_s)
            if not self.online:
                raise BrokerError(self._problem)

    def publish(self, topic: str, payload: str, *, retain: bool = False) -> None:
        client = self._connected
        if client is None or client.publish(topic, payload.encode(), qos=1, retain=retain).rc:
            raise BrokerError(f"The home's broker is away: {self._problem}")

    def subscribe(self, topic_filter: str, handler: Handler) -> None:
        self._subscriptions.add(topic_filter, handler)
        if (client := self._connected) is not None:
            client.subscribe(topic_filter, qos=1)

    def close(self) -> None:
        if (client := self._connected) is not None and self._status_topic:
            farewell = client.publish(self._status_topic, b"offline", qos=1, retain=True)
            with suppress(ValueError, RuntimeError):  # the connection broke meanwhile: the broker says it for us
                farewell.wait_for_publish(timeout=1.0)
        with self._changed:
            self._connected = None
            self._closing.set()
        self._lost.set()
        if self._thread.is_alive():
            self._thread.join(CONNECT_S + 1.0)

    def _keep_connected(self) -> None:
        failures = 0
        while not self._closing.is_set():
            failures = 0 if self._live_through_a_connection() else failures + 1
            pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(failures, 10))
            self._closing.wait(pause_s * random.uniform(0.5, 1.0))

    def _live_through_a_connection(self) -> bool:
        """From the first packet to the last; tells whether the broker ever accepted us."""
        self._lost.clear()
        self._answer = "none"
        try:
            client = self._new_client()
            client.connect(self._address.host, self._address.port, KEEPALIVE_S)
        except (OSError, ValueError) as error:
            self._failed(_remedy(self._address, error))
            return False
        client.loop_start()
        if not self._closing.is_set():
            self._lost.wait()
        client.disconnect()
        client.loop_stop()
        return self._answer == "accepted"

    def _new_client(self) -> Client:
        client = Client(CallbackAPIVersion.VERSION2, client_id=self._client_id, reconnect_on_failure=False)
        client.connect_timeout = CONNECT_S
        if self._settings.user:
            client.username_pw_set(self._settings.user, _first_line(self._settings.password_file))
        if self._address.tls:
            client.tls_set_context(_tls(self._settings.ca_file))
        if self._status_topic:
            client.will_set(self._status_topic, b"offline", qos=1, retain=True)
        client.on_socket_open = _without_delay
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        return client

    def _on_connect(
        self, client: Client, userdata: Any, flags: ConnectFlags, code: ReasonCode, properties: Properties | None
    ) -> None:
        if code.is_failure:
            self._answer = "refused"
            self._failed(self._refusal(str(code)))
            return
        self._answer = "accepted"
        with self._changed:
            # Online before the filters are read: one that comes in between is subscribed by us or by its bringer.
            self._connected = None if self._closing.is_set() else client
            self._problem = f"the connection to {self._address} was lost; trying again."
            self._changed.notify_all()
        filters = [(topic_filter, 1) for topic_filter in self._subscriptions.filters()]
        for begin in range(0, len(filters), FILTERS_A_PACKET):
            client.subscribe(filters[begin : begin + FILTERS_A_PACKET])
        if self._status_topic:
            client.publish(self._status_topic, b"online", qos=1, retain=True)
        _log.info("Connected to %s", self._address)

    def _on_disconnect(
        self, client: Client, userdata: Any, flags: DisconnectFlags, code: ReasonCode, properties: Properties | None
    ) -> None:
        self._connected = None
        if self._answer == "none":
            tls = "" if self._address.tls else " Does that port want TLS (mqtts://)?"
            self._failed(f"{self._address} takes no MQTT connection: is a broker listening on that port?{tls}")
        elif self._answer == "accepted" and not self._closing.is_set():
            _log.warning("Lost %s; trying again", self._address)
        self._lost.set()

    def _on_message(self, client: Client, userdata: Any, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            return
        self._subscriptions.deliver(topic, bytes(message.payload))

    def _failed(self, problem: str) -> None:
        if problem != self._problem:
            _log.warning("%s", problem)
        with self._changed:
            self._problem, self._has_failed = problem, True
            self._changed.notify_all()

    def _refusal(self, reason: str) -> str:
        if not self._settings.user:
            return f"{self._address} wants a user ({reason}): set mqtt.user and mqtt.password_file."
        who = f"user {self._settings.user!r} ({reason})"
        return f"{self._address} refuses {who}: check mqtt.user and the password in mqtt.password_file."


def _remedy(address: Address, error: Exception) -> str:
    """What went wrong on the way to the broker, and what to do about it."""
    text = f"{address} cannot be reached ({type(error).__name__}): check mqtt.url and the network."
    match error:
        case ConnectionRefusedError():
            text = f"Nothing listens at {address}: start the broker, or mend mqtt.url."
        case socket.gaierror():
            text = f"The host {address.host!r} of mqtt.url is unknown: check its spelling and the network."
        case ssl.SSLCertVerificationError():
            text = (
                f"The certificate of {address} is not trusted ({error.verify_message.rstrip('.')}): set mqtt.ca_file to"
                " the CA that signed it, and use the host name that stands in it."
            )
        case ssl.SSLError() | ConnectionResetError() if address.tls:
            text = f"{address} does not speak TLS, or mqtt.ca_file is no certificate: use mqtt://, or mend the file."
        case FileNotFoundError() | PermissionError() | IsADirectoryError() | UnicodeDecodeError():
            text = "mqtt.password_file or mqtt.ca_file cannot be read: check that it exists and who may read it."
        case TimeoutError():
            text = f"{address} does not answer: check mqtt.url, the network and the firewall."
    return text


class _TidySocket(ssl.SSLSocket):
    """A socket that closes itself when the handshake fails; paho would leave it open."""

    def do_handshake(self, block: bool = False) -> None:
        try:
            super().do_handshake(block)
        except BaseException:
            self.close()
            raise


def _tls(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    context.sslsocket_class = _TidySocket
    if ca_file:
        # Python 3.13 began to refuse what many home-made authorities leave out; the certificate itself is checked.
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def _without_delay(client: Client, userdata: Any, opened: Any) -> None:
    """Without this each QoS 1 message costs 40-80 ms: Nagle's algorithm waits for the delayed acknowledgement."""
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _first_line(password_file: Path | None) -> str | None:
    if password_file is None:
        return None
    return (password_file.read_text(encoding="utf-8").splitlines() or [""])[0]
