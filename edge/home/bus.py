"""The bus between the assistant and its home: MQTT's topics, wildcards and retained messages behind one small face.

`LocalBus` is the in-process one, for tests and simulations; `edge.home.mqtt.MqttBus` speaks to a real broker.
"""

import logging
import threading
import traceback
from collections import deque
from collections.abc import Callable
from typing import Protocol

from paho.mqtt.client import topic_matches_sub
from paho.mqtt.matcher import MQTTMatcher

from edge.errors import BrokerError

_log = logging.getLogger(__name__)

Handler = Callable[[str, bytes], None]
"""Takes topic and payload. Runs on the bus's thread, so it must not block."""


class Bus(Protocol):
    """A way to and from the things of a home. Every method may be called from any thread."""

    @property
    def online(self) -> bool:
        """Whether messages get through at the moment."""

    def publish(self, topic: str, payload: str, *, retain: bool = False) -> None:
        """Send one message now; raises `BrokerError` when offline. Nothing is queued for later."""

    def settle(self) -> None:
        """Wait until the broker has taken what this thread published.

        Raises `BrokerError` if it does not, or forbids it. Without this a message may have gone into a dead link.
        """

    def subscribe(self, topic_filter: str, handler: Handler) -> None:
        """Have `handler` called for everything that matches: what is retained at once, and again after a reconnect."""

    def close(self) -> None:
        """Leave. Safe to call twice."""


class Subscriptions:
    """Who wants which topics."""

    def __init__(self) -> None:
        self._handlers: dict[str, tuple[Handler, ...]] = {}
        self._wildcards = MQTTMatcher()  # type: ignore[no-untyped-call]
        """Only the filters with wildcards: most are topics as they stand, and those a dict finds at once."""
        self._lock = threading.Lock()

    def add(self, topic_filter: str, handler: Handler) -> None:
        with self._lock:
            handlers = self._handlers.get(topic_filter, ())
            if handler in handlers:
                return
            self._handlers[topic_filter] = (*handlers, handler)
            if _has_wildcards(topic_filter):
                self._wildcards[topic_filter] = self._handlers[topic_filter]

    def filters(self) -> tuple[str, ...]:
        with self._lock:
            return tuple(self._handlers)

    def deliver(self, topic: str, payload: bytes) -> None:
        """Call every handler that wants this topic; one that raises stops no other."""
        with self._lock:
            wanted = () if _has_wildcards(topic) else self._handlers.get(topic, ())
            matches = self._wildcards.iter_match(topic)  # type: ignore[no-untyped-call]
            wanted += tuple(handler for handlers in matches for handler in handlers)
        for handler in wanted:
            call_safely(handler, topic, payload)


def _has_wildcards(topic: str) -> bool:
    return "+" in topic or "#" in topic


def call_safely(handler: Handler, topic: str, payload: bytes) -> None:
    """Call a handler; if it raises, log the kind of error and its place, and neither topic nor payload."""
    try:
        handler(topic, payload)
    except Exception as error:  # noqa: BLE001 - a broken handler must not take the bus's thread with it
        place = traceback.extract_tb(error.__traceback__)[-1]
        _log.error("A message could not be handled: %s at %s:%s", type(error).__name__, place.filename, place.lineno)


class LocalBus:
    """A bus within one process: no broker, no threads, always online until closed.

    `publish` returns when everybody has been told. While a message is being told, further ones wait their turn, so that
    all hear them in the same order.
    """

    def __init__(self) -> None:
        self._subscriptions = Subscriptions()
        self._retained: dict[str, bytes] = {}
        self._waiting: deque[Callable[[], None]] = deque()
        self._lock = threading.Lock()
        self._delivering = False
        self._open = True

    @property
    def online(self) -> bool:
        return self._open

    def publish(self, topic: str, payload: str, *, retain: bool = False) -> None:
        content = payload.encode()

        def deliver() -> None:
            if retain and content:
                self._retained[topic] = content
            elif retain:
                self._retained.pop(topic, None)
            self._subscriptions.deliver(topic, content)

        self._run(deliver)

    def settle(self) -> None:
        """Nothing to do: who is in the same process has heard it."""

    def subscribe(self, topic_filter: str, handler: Handler) -> None:
        def deliver() -> None:
            self._subscriptions.add(topic_filter, handler)
            for topic in self._retained_at(topic_filter):
                call_safely(handler, topic, self._retained[topic])

        self._run(deliver)

    def close(self) -> None:
        self._open = False

    def _retained_at(self, topic_filter: str) -> tuple[str, ...]:
        if not _has_wildcards(topic_filter):
            return (topic_filter,) if topic_filter in self._retained else ()
        return tuple(topic for topic in self._retained if topic_matches_sub(topic_filter, topic))

    def _run(self, delivery: Callable[[], None]) -> None:
        with self._lock:
            if not self._open:
                raise BrokerError("The home's bus is closed: open the home again.")
            self._waiting.append(delivery)
            if self._delivering:
                return
            self._delivering = True
        while (waiting := self._next()) is not None:
            waiting()

    def _next(self) -> Callable[[], None] | None:
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            self._delivering = False
            return None
