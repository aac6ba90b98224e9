"""World: a real MQTT broker, through paho-mqtt.

MQTT 5, for its broker tells what it forbids; with 3.1.1 where the broker knows no other. Every connection is a new paho
client: what was on its way when the old one broke is dropped, so that no command arrives long after it was given.
Handlers run on paho's thread.
"""

import logging
import random
import secrets
import socket
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge.errors import BrokerError, ForbiddenError
from edge.home.bus import Handler, Subscriptions
from edge.home.connecting import (
    Address,
    BrokerSettings,
    cut_off,
    password,
    prepare,
    refusal,
    remedy,
    silence,
    tls_context,
)
from edge.home.deliveries import Deliveries
from edge.home.own_announcement import STATUS_TOPIC

_log = logging.getLogger(__name__)

CONNECT_S: Final = 5.0
KEEPALIVE_S: Final = 10
"""A link that is dead without a word is noticed within twice this."""
UNSETTLED_MAX: Final = 1_000
ACKNOWLEDGED_S: Final = 1.5
"""So long may a broker take for a command: usually it needs 0.1 ms on this machine, some 5 ms over Wi-Fi."""
FAREWELL_S: Final = 1.0
FIRST_PAUSE_S: Final = 0.2
LONGEST_PAUSE_S: Final = 2.0
FILTERS_A_PACKET: Final = 50
_OLDER: Final = "Unsupported protocol version"


@dataclass(frozen=True)
class _Connection:
    """One life of a connection, from the broker's yes to its end."""

    client: Client
    deliveries: Deliveries


@dataclass(frozen=True)
class _Unsettled:
    """The messages that one thread has published since it last settled; of one that never does, the last few."""

    connection: _Connection
    numbers: deque[int] = field(default_factory=lambda: deque(maxlen=UNSETTLED_MAX))


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
        self._live_only: set[str] = set()
        self._on_online: tuple[Callable[[], None], ...] = ()
        self._connected: _Connection | None = None
        self._sending = threading.Lock()
        self._mine = threading.local()
        self._complaints: set[str] = set()
        self._protocol = MQTTProtocolVersion.MQTTv5
        self._problem = f"{self._address} has not answered yet."
        self._answer: str = "none"
        """What the broker said to the connection that we have or try: none, accepted, refused or older."""
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
        connection = self._connected
        if connection is None:
            raise self._away()
        number = self._send(connection, topic, payload, retain=retain)
        if not retain:  # what is retained tells, and commands nothing: nobody waits for it
            self._note(connection, number)

    def settle(self) -> None:
        """As `Bus.settle`. A link over which the broker does not answer in time is given up at once.

        Must not be called by a handler: the thread it runs on is the one that brings the answer.
        """
        unsettled: _Unsettled | None = getattr(self._mine, "unsettled", None)
        self._mine.unsettled = None
        if unsettled is None:
            return
        connection = unsettled.connection
        match connection.deliveries.fate(unsettled.numbers, ACKNOWLEDGED_S):
            case "refused":
                raise ForbiddenError(f"{self._address} forbids us to write there: see `edge broker acl`.")
            case "unknown":
                self._give_up(connection)
                raise BrokerError(f"{self._address} did not acknowledge it: whether it arrived is not known.")

    def subscribe(self, topic_filter: str, handler: Handler, *, retained: bool = True) -> None:
        """As `Bus.subscribe`. Without `retained` a topic (no filter) brings only what is said from now on."""
        if not retained:
            self._live_only.add(topic_filter)
        self._subscriptions.add(topic_filter, handler)
        if (connection := self._connected) is not None:
            connection.client.subscribe(topic_filter, qos=1)

    def on_online(self, listener: Callable[[], None]) -> None:
        """Have `listener` called whenever the broker is there again, and now if it is. It must not block."""
        self._on_online = (*self._on_online, listener)
        if self.online:
            listener()

    def close(self) -> None:
        if (connection := self._connected) is not None and self._status_topic:
            with suppress(BrokerError):  # it broke meanwhile: the broker says it for us
                number = self._send(connection, self._status_topic, "offline", retain=True)
                if connection.deliveries.fate((number,), FAREWELL_S) == "unknown":
                    self._give_up(connection)
        with self._changed:
            self._connected = None
            self._closing.set()
        self._lost.set()
        if self._thread.is_alive():
            self._thread.join(CONNECT_S + 1.0)

    def _send(self, connection: _Connection, topic: str, payload: str, *, retain: bool) -> int:
        """The number of the message among the deliveries; they are numbered in the order in which they leave."""
        with self._sending:
            number = connection.deliveries.sending()
            if connection.client.publish(topic, payload.encode(), qos=1, retain=retain).rc:
                raise self._away()
        return number

    def _note(self, connection: _Connection, number: int) -> None:
        unsettled: _Unsettled | None = getattr(self._mine, "unsettled", None)
        if unsettled is None or unsettled.connection is not connection:
            self._mine.unsettled = unsettled = _Unsettled(connection)
        unsettled.numbers.append(number)

    def _away(self) -> BrokerError:
        return BrokerError(f"The home's broker is away: {self._problem}")

    def _give_up(self, connection: _Connection) -> None:
        """The link is dead, though nobody said so; what hangs in it must not arrive later."""
        if self._connected is connection:
            self._connected = None
        opened = connection.client.socket()
        with suppress(OSError):  # it has ended by itself meanwhile
            if isinstance(opened, socket.socket):
                cut_off(opened)

    def _keep_connected(self) -> None:
        failures = 0
        while not self._closing.is_set():
            failures = 0 if self._live_through_a_connection() else failures + 1
            if self._answer == "older":
                continue
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
            self._failed(remedy(self._address, error))
            return False
        client.loop_start()
        if not self._closing.is_set():
            self._lost.wait()
        client.disconnect()
        client.loop_stop()
        return self._answer == "accepted"

    def _new_client(self) -> Client:
        client = Client(
            CallbackAPIVersion.VERSION2, self._client_id, protocol=self._protocol, reconnect_on_failure=False
        )
        client.connect_timeout = CONNECT_S
        if self._settings.user:
            client.username_pw_set(self._settings.user, password(self._settings))
        if self._address.tls:
            client.tls_set_context(tls_context(self._settings))
        if self._status_topic:
            client.will_set(self._status_topic, b"offline", qos=1, retain=True)
        deliveries = Deliveries()
        client.user_data_set(deliveries)
        client.on_socket_open = _on_socket_open
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        client.on_subscribe = self._on_subscribe
        return client

    def _on_connect(
        self, client: Client, deliveries: Any, flags: ConnectFlags, code: ReasonCode, properties: Properties | None
    ) -> None:
        if str(code) == _OLDER and self._protocol is MQTTProtocolVersion.MQTTv5:
            self._answer, self._protocol = "older", MQTTProtocolVersion.MQTTv311
            self._lost.set()  # not every broker hangs up
            return
        if code.is_failure:
            self._answer = "refused"
            self._failed(refusal(self._address, self._settings, str(code)))
            self._lost.set()
            return
        self._answer = "accepted"
        connection = _Connection(client, deliveries)
        with self._changed:
            # Online before the filters are read: one that comes in between is subscribed by us or by its bringer.
            self._connected = None if self._closing.is_set() else connection
            self._problem = f"the connection to {self._address} was lost; trying again."
            self._changed.notify_all()
        filters = [(topic_filter, 1) for topic_filter in self._subscriptions.filters()]
        for begin in range(0, len(filters), FILTERS_A_PACKET):
            client.subscribe(filters[begin : begin + FILTERS_A_PACKET])
        if self._status_topic:
            with suppress(BrokerError):
                self._send(connection, self._status_topic, "online", retain=True)
        _log.info("Connected to %s", self._address)
        for listener in self._on_online:
            listener()

    def _on_disconnect(
        self, client: Client, deliveries: Any, flags: DisconnectFlags, code: ReasonCode, properties: Properties | None
    ) -> None:
        self._connected = None
        deliveries.end()
        if self._answer == "none":
            # Perhaps it could make nothing of the newer protocol; what worked once is kept.
            newer = self._protocol is MQTTProtocolVersion.MQTTv5
            self._protocol = MQTTProtocolVersion.MQTTv311 if newer else MQTTProtocolVersion.MQTTv5
            self._failed(silence(self._address, self._settings))
        elif self._answer == "accepted" and not self._closing.is_set():
            _log.warning("Lost %s; trying again", self._address)
        self._lost.set()

    def _on_message(self, client: Client, deliveries: Any, message: MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            return
        if not (message.retain and topic in self._live_only):
            self._subscriptions.deliver(topic, bytes(message.payload))

    def _on_publish(
        self, client: Client, deliveries: Any, mid: int, code: ReasonCode, properties: Properties | None
    ) -> None:
        deliveries.answered(refused=code.is_failure)
        if code.is_failure:
            self._warn_once(f"{self._address} forbids us to write some topics: `edge broker acl` prints what we need.")

    def _on_subscribe(
        self, client: Client, deliveries: Any, mid: int, codes: list[ReasonCode], properties: Properties | None
    ) -> None:
        if any(code.is_failure for code in codes):
            self._warn_once(f"{self._address} forbids us to read some topics: `edge broker acl` prints what we need.")

    def _warn_once(self, complaint: str) -> None:
        if complaint not in self._complaints:
            self._complaints.add(complaint)
            _log.warning("%s", complaint)

    def _failed(self, problem: str) -> None:
        if problem != self._problem:
            _log.warning("%s", problem)
        with self._changed:
            self._problem, self._has_failed = problem, True
            self._changed.notify_all()


def _on_socket_open(client: Client, deliveries: Any, opened: Any) -> None:
    prepare(opened)
