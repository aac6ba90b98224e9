"""World: an ear at the broker that is not ours: it hears every message as any other client would, and notes when."""

import queue
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from edge.clock import monotonic_ms
from edge.errors import BrokerError


@dataclass(frozen=True)
class Arrival:
    """A message that reached the probe."""

    topic: str
    payload: str
    at_ms: float
    """By `edge.clock.monotonic_ms`."""


class BrokerProbe:
    """Subscribed to `topic_filter` while the block runs; retained messages, which are old, are left out."""

    def __init__(self, url: str, topic_filter: str) -> None:
        self._url = urlsplit(url)
        self._filter = topic_filter
        self._arrivals: queue.SimpleQueue[Arrival] = queue.SimpleQueue()
        self._subscribed = threading.Event()
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._client.on_socket_open = _without_delay
        self._client.on_connect = self._subscribe
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.on_message = self._note

    def __enter__(self) -> Self:
        """Connect and subscribe; raises BrokerError when that takes too long."""
        try:
            self._client.connect(self._url.hostname or "127.0.0.1", self._url.port or 1883)
        except OSError as error:
            raise BrokerError(f"The probe cannot reach the broker at {self._url.netloc}: {error}.") from error
        self._client.loop_start()
        if not self._subscribed.wait(10.0):
            self._client.loop_stop()
            raise BrokerError(f"The broker at {self._url.netloc} did not let the probe subscribe.")
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def forget(self) -> None:
        """Leave out everything that has arrived so far."""
        while not self._arrivals.empty():
            self._arrivals.get_nowait()

    def wait_for(self, wanted: Callable[[Arrival], bool], timeout_s: float) -> Arrival | None:
        """The next message that is wanted; None when none came in time. Others on the way are left out."""
        until_ms = monotonic_ms() + timeout_s * 1000.0
        while (left_ms := until_ms - monotonic_ms()) > 0:
            try:
                arrival = self._arrivals.get(timeout=left_ms / 1000.0)
            except queue.Empty:
                return None
            if wanted(arrival):
                return arrival
        return None

    def _subscribe(self, client: Client, *_: Any) -> None:
        client.subscribe(self._filter, qos=0)

    def _note(self, _client: Client, _userdata: Any, message: MQTTMessage) -> None:
        at_ms = monotonic_ms()
        if not message.retain:
            self._arrivals.put(Arrival(message.topic, message.payload.decode(errors="replace"), at_ms))


def _without_delay(_client: Client, _userdata: Any, connection: Any) -> None:
    """Small packets at once: Nagle's algorithm would add 40 ms and more."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
