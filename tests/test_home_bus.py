"""The in-process bus: MQTT's rules without a broker."""

import logging
import threading

import pytest

from edge.errors import BrokerError
from edge.home.bus import LocalBus

Heard = list[tuple[str, bytes]]


def heard_on(bus: LocalBus, topic_filter: str) -> Heard:
    heard: Heard = []
    bus.subscribe(topic_filter, lambda topic, payload: heard.append((topic, payload)))
    return heard


@pytest.mark.parametrize(
    ("topic_filter", "topic", "matches"),
    [
        ("a/b", "a/b", True),
        ("a/b", "a/b/c", False),
        ("a/+", "a/b", True),
        ("a/+", "a/b/c", False),
        ("a/#", "a", True),
        ("a/#", "a/b/c", True),
        ("#", "$SYS/uptime", False),
        ("+/+", "a/", True),
    ],
)
@pytest.mark.parametrize("retained", [False, True])
def test_filters_match_as_in_mqtt(topic_filter: str, topic: str, matches: bool, retained: bool) -> None:
    """Wildcards mean the same for what comes live and for what was retained."""
    bus = LocalBus()
    if retained:
        bus.publish(topic, "x", retain=True)
    heard = heard_on(bus, topic_filter)
    if not retained:
        bus.publish(topic, "x")
    assert heard == ([(topic, b"x")] if matches else [])


def test_retained_messages_reach_those_who_come_later_until_emptied() -> None:
    """The last retained message is kept, and an empty one takes it away."""
    bus = LocalBus()
    bus.publish("a", "old", retain=True)
    bus.publish("a", "new", retain=True)
    bus.publish("a", "passing")
    assert heard_on(bus, "a") == [("a", b"new")]
    bus.publish("a", "", retain=True)
    assert heard_on(bus, "a") == []


def test_everybody_hears_messages_in_the_same_order() -> None:
    """A handler that answers at once does not make another one hear the answer before the question."""
    bus = LocalBus()
    bus.subscribe("question", lambda topic, payload: bus.publish("answer", "yes"))
    heard = heard_on(bus, "+")
    bus.publish("question", "well?")
    assert heard == [("question", b"well?"), ("answer", b"yes")]


def test_a_handler_that_fails_harms_nobody_and_keeps_the_message_secret(caplog: pytest.LogCaptureFixture) -> None:
    """The others hear the message; the log names the kind of error and its place, not what was said."""
    bus = LocalBus()

    def fail(topic: str, payload: bytes) -> None:
        raise ValueError(payload)

    bus.subscribe("a", fail)
    heard = heard_on(bus, "a")
    with caplog.at_level(logging.DEBUG):
        bus.publish("a", "secret")
    assert heard == [("a", b"secret")]
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text


def test_the_same_handler_is_told_once() -> None:
    """Subscribing twice is subscribing once."""
    bus = LocalBus()
    heard: Heard = []

    def handler(topic: str, payload: bytes) -> None:
        heard.append((topic, payload))

    bus.subscribe("a", handler)
    bus.subscribe("a", handler)
    bus.publish("a", "x")
    assert heard == [("a", b"x")]


def test_a_closed_bus_is_offline_and_says_so() -> None:
    """Nothing is swallowed silently."""
    bus = LocalBus()
    assert bus.online
    bus.close()
    bus.close()
    assert not bus.online
    with pytest.raises(BrokerError):
        bus.publish("a", "x")


def test_threads_that_publish_at_once_lose_nothing() -> None:
    """Whoever comes second is served by the first."""
    bus = LocalBus()
    heard = heard_on(bus, "a")

    def publish() -> None:
        for number in range(200):
            bus.publish("a", str(number))

    threads = [threading.Thread(target=publish) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(heard) == 800
