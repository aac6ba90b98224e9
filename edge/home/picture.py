"""The home as the assistant sees it: what there is, what it does at the moment, and the way to it.

One code for a real broker and for the home in-process. Everything that is handed out is immutable and replaced as a
whole, so that any thread may read it; messages are taken in on the bus's thread.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from paho.mqtt.client import topic_matches_sub

from edge.clock import Clock
from edge.errors import BrokerError, StageFailed
from edge.home.acl import Topics
from edge.home.announced import Announced
from edge.home.announcers import OWN_PREFIX, Announcer, announcers
from edge.home.bus import Bus
from edge.home.discovery import Announcement, Component
from edge.home.home_file import HomeFile
from edge.home.mapping import mapped
from edge.home.problems import Problem
from edge.home.reports import TOPICS_MAX, Reports
from edge.home.sending import messages_for, note_action, note_messages
from edge.home.shown import Shown
from edge.knowledge import Change, DeviceState, HomeMap
from edge.records import Message, ResolvedAction

CAUSE_TOPIC: Final = "edge/cause"
"""A home that knows who is about to change a device says `hand` or `controller` at `edge/cause/<device_id>`."""

QUIET_S: Final = 0.15
"""So long without a message, and the home is held to have told everything."""

PAYLOAD_BYTES_MAX: Final = 32_000
"""Longest payload that is published for a skill."""

HOME_FILE: Final = "the home file"
"""Where devices are declared that announce themselves nowhere; it is no topic, for it has no slash."""

SMALL: Final = 50
"""A home of so many things is mapped anew whenever something was announced and something else is said."""

A_LOOK_FOR: Final = 10
"""A larger one, only once for so many messages as a tenth of its things."""

CATCH_UP_S: Final = 0.5
"""After an announcement the map is made anew, and listeners are told, at the latest."""

ASK_AFTER_S: Final = 2.0
"""What has told nothing by then is asked, where it can be."""

Listener = Callable[[str, DeviceState], None]
"""Takes device_id and new state."""


class HomePicture:
    """Takes in what the home says, and sends what it shall do."""

    def __init__(
        self,
        bus: Bus,
        clock: Clock,
        discovery_prefix: str = "homeassistant",
        additions: HomeFile | None = None,
        own_topic: str = "",
    ) -> None:
        """Begins to listen at once. `additions`: names, aliases, rooms and risk that go before the home's own.

        `own_topic`: where the assistant announces itself, for it is no device of its own home.
        """
        self._bus = bus
        self._clock = clock
        self._additions = HomeFile()
        self._own_topic = own_topic
        self._announcing = (f"{discovery_prefix}/", f"{OWN_PREFIX}/", f"{CAUSE_TOPIC}/")
        self._announced_at = tuple(each for announcer in announcers(discovery_prefix) for each in announcer.filters)
        self._lock = threading.RLock()
        self._telling = threading.RLock()
        self._received = 0
        self._announced = Announced()
        self._reports = Reports()
        self._shown = Shown(self._reports)
        self._listeners: tuple[Listener, ...] = ()
        self._is_stale = False
        self._unlooked = 0
        """Messages since the map became stale."""
        self._catches_up = False
        self._expires_at: datetime | None = None
        self._is_closed = False
        self.set_additions(additions or HomeFile())
        for announcer in announcers(discovery_prefix):
            for topic_filter in announcer.filters:
                bus.subscribe(topic_filter, partial(self._on_announcement, announcer))
        bus.subscribe(f"{CAUSE_TOPIC}/+", self._on_cause)

    @property
    def online(self) -> bool:
        """Whether the home can be reached."""
        return self._bus.online

    @property
    def home_map(self) -> HomeMap:
        """What there is; the same object until something of it changes."""
        with self._lock:
            self._refresh()
            return self._shown.home

    def states(self) -> Mapping[str, DeviceState]:
        """What every device last said of itself, by device_id; `unknown` before it said anything.

        The same object until something of it changes.
        """
        with self._lock:
            self._refresh()
            return self._shown.states()

    def changes(self, device_id: str | None = None, since: datetime | None = None) -> tuple[Change, ...]:
        """What was changed lately, of one device or of all, latest first, with who did it; measurements left out.

        Kept are the last two thousand of what can be moved, and the last thousand of what only tells.
        """
        with self._lock:
            return self._shown.changes.found(device_id, since)

    def problems(self) -> tuple[Problem, ...]:
        """Announcements that cannot be used, or only in part, and additions to devices that do not exist."""
        with self._lock:
            self._refresh()
            missing = sorted(set(self._additions.devices) - set(self._shown.home.device) - self._additions.hidden)
            return (
                *self._announced.problems,
                *self._shown.mapped.problems,
                *(Problem(each, f"{HOME_FILE} names it, but the home has no such") for each in missing),
            )

    def set_additions(self, additions: HomeFile) -> None:
        """From now on these names, aliases, rooms and risks go before the home's own."""
        declared = additions.declared
        with self._lock:
            self._additions = additions
            new_topics = self._replace(HOME_FILE, b"declared" if declared.components else b"", declared)
        self._listen_to(*new_topics)

    def on_change(self, listener: Listener) -> None:
        """Have `listener` told of every change from now on. It runs on the bus's or the clock's thread: be quick."""
        with self._lock:
            self._refresh()
        self._tell()
        with self._lock:
            self._listeners = (*self._listeners, listener)

    def connected(self) -> None:
        """To be called when the bus is there again: what the home says now may have happened while it was away."""
        with self._lock:
            self._reports.causes.connected(self._clock.now())
            components = tuple(self._announced.components)
        self._ask(components, only_unheard=False)

    def close(self) -> None:
        """Tell nobody anything any more."""
        self._is_closed = True

    def wait_until_settled(self, timeout_s: float) -> None:
        """Wait until the home has told what it had to tell, at most `timeout_s`: an empty one tells nothing."""
        end = self._clock.now() + timedelta(seconds=timeout_s)
        self._clock.wait(lambda: self._received > 0, timeout_s)
        while self._hears_something() and self._clock.now() < end:
            pass

    def send(self, action: ResolvedAction) -> tuple[Message, ...]:
        """Tell every target what to do, all or none of them.

        Raises `BrokerError` when the home cannot be reached: nothing is kept for later. Raises `StageFailed` for a
        device that is gone or has no such ability.
        """
        with self._lock:
            self._refresh()
            mapped = self._shown.mapped
            messages = messages_for(action, mapped)
            if not self._bus.online:
                raise BrokerError("The home's broker is away.")
            now = self._clock.now()
            note_action(action, mapped, self._shown.home, self._reports, now)
            note_messages(messages, self._reports, now)
        for message in messages:
            self._bus.publish(message.topic, message.payload)
        self._bus.settle()
        return messages

    def topics(self) -> Topics:
        """What is listened to for the devices that are there now, and by what they are moved."""
        with self._lock:
            self._refresh()
            keys = [component.key for component in self._shown.mapped.component.values()]
            moved = tuple(topic for key in keys for topic in self._reports.commanding.topics(key))
            asked = tuple(each.asking.topic for each in self._shown.mapped.component.values() if each.asking)
            heard = self._reports.topics()
        written = tuple(topic for topic in moved if not topic.startswith(self._announcing))
        # Commands are listened to as well: so a controller can be told from a hand.
        return Topics((*self._announced_at, f"{CAUSE_TOPIC}/+", *heard, *written), (*written, *asked))

    def commanded_by(self, topic: str) -> tuple[str, ...]:
        """The devices that a message to this topic may move."""
        with self._lock:
            self._refresh()
            device_id = {**self._shown.mapped.device_id, **self._shown.mapped.hidden}
            moved = self._reports.commanding.moved_by(topic)
            return tuple(sorted(device_id[key] for key in moved if key in device_id))

    def publish(self, topic: str, payload: str) -> Message:
        """Send a message of a skill's own. Raises `BrokerError` when offline, `StageFailed` for what is never sent."""
        if topic.startswith(self._announcing) or any(topic_matches_sub(each, topic) for each in self._announced_at):
            raise StageFailed("action", f"{topic} is where devices announce themselves")
        if len(payload.encode()) > PAYLOAD_BYTES_MAX:
            raise StageFailed("action", f"the payload for {topic} is longer than {PAYLOAD_BYTES_MAX:,} bytes")
        if not self._bus.online:
            raise BrokerError("The home's broker is away.")
        message = Message(topic, payload)
        with self._lock:
            note_messages([message], self._reports, self._clock.now())
        self._bus.publish(topic, payload)
        self._bus.settle()
        return message

    def _hears_something(self) -> bool:
        before = self._received
        return self._clock.wait(lambda: self._received != before, QUIET_S)

    def _on_announcement(self, announcer: Announcer, topic: str, payload: bytes) -> None:
        self._received += 1
        if topic == self._own_topic:
            return
        with self._lock:
            if not (self._announced.is_news(topic, payload) and self._announced.fits(topic, payload)):
                return
        announced = announcer.read(topic, payload)  # without the lock: a turn does not wait for it
        with self._lock:
            new_topics = self._replace(topic, payload, announced)
        self._listen_to(*new_topics)
        if any(component.asking for component in announced.components):
            self._clock.call_later(ASK_AFTER_S, partial(self._ask, announced.components))
        self._clock.wake()

    def _replace(self, topic: str, payload: bytes, announced: Announcement) -> tuple[list[str], list[str]]:
        """Put an announcement in force; returns the topics that are new: those that tell, and those that command."""
        goes, comes = self._announced.replace(topic, payload, announced)
        self._reports.forget(goes.components)
        telling: list[str] = []
        commanding: list[str] = []
        for component in comes.components:
            if not self._reports.has_room:
                self._announced.leave_out(f"more than {TOPICS_MAX:,} topics would have to be listened to")
                break
            new = self._reports.attach(component, self._clock.now())
            telling += new[0]
            commanding += new[1]
        self._is_stale = True
        if not self._catches_up:
            self._catches_up = True
            self._clock.call_later(CATCH_UP_S, self._catch_up)
        return telling, commanding

    def _listen_to(self, telling: Iterable[str], commanding: Iterable[str]) -> None:
        for topic in telling:
            self._bus.subscribe(topic, self._on_message)
        for topic in commanding:
            self._bus.subscribe(topic, self._on_command)

    def _ask(self, components: Iterable[Component], *, only_unheard: bool = True) -> None:
        """Have devices tell their state that can be asked for it."""
        with self._lock:
            wanted = (each for each in components if not only_unheard or self._reports.is_unheard(each.key))
            messages = tuple(dict.fromkeys(each.asking for each in wanted if each.asking))
        with suppress(BrokerError):  # they are asked again when the broker is back
            for message in messages if not self._is_closed else ():
                self._bus.publish(message.topic, message.payload)

    def _refresh(self) -> None:
        """Make map and states anew after announcements; cheap when there were none."""
        if not self._is_stale:
            return
        self._is_stale, self._unlooked = False, 0
        announced = self._announced
        self._reports.keep_only({component.key for component in announced.components})
        self._reports.commanding.move_along(announced.moves)
        moved_with = self._reports.commanding.moved_with
        self._shown.renew(mapped(announced.components, self._additions, announced.rooms, moved_with))

    def _catch_up(self) -> None:
        with self._lock:
            self._catches_up = False
            self._refresh()
        self._tell()

    def _tell(self) -> None:
        """Tell listeners what is new, without the lock; one thread at a time, so that nobody hears the past last."""
        with self._telling:
            with self._lock:
                news, listeners = self._shown.told(), self._listeners
            if not news or self._is_closed:
                return
            for device_id, state in news:
                for listener in listeners:
                    listener(device_id, state)
        self._clock.wake()

    def _on_cause(self, topic: str, payload: bytes) -> None:
        with self._lock:
            self._refresh()
            component = self._shown.mapped.component.get(topic.removeprefix(f"{CAUSE_TOPIC}/"))
            if component is not None:
                self._reports.causes.told(component.key, payload, self._clock.now())

    def _on_command(self, topic: str, content: bytes) -> None:
        with self._lock:
            self._reports.hear_command(topic, content, self._clock.now())

    def _on_message(self, topic: str, content: bytes) -> None:
        self._received += 1
        now = self._clock.now()
        with self._lock:
            if self._is_stale:
                # A large home that is just being announced must not be mapped again for every message.
                self._unlooked += 1
                if self._unlooked * A_LOOK_FOR >= len(self._shown.mapped.devices) - SMALL:
                    self._refresh()
            heard = self._reports.hear(topic, content, now)
            has_news = self._shown.show(heard, now) if heard else False
            if self._expires_at is None and self._reports.may_expire:
                self._expect_expiry()
        if has_news:
            self._tell()

    def _expect_expiry(self) -> None:
        """See to it that what is not said again in time is held to be away."""
        due = self._reports.next_expiry()
        if due is None or (self._expires_at is not None and self._expires_at <= due):
            return
        self._expires_at = due
        delay_s = max(1.0, (due - self._clock.now()).total_seconds())
        self._clock.call_later(delay_s, partial(self._expire, due))

    def _expire(self, due: datetime) -> None:
        with self._lock:
            if self._is_closed or self._expires_at != due:
                return  # a nearer end took the place of this one
            self._expires_at = None
            now = self._clock.now()
            self._shown.show(self._reports.expire(now), now)
            self._expect_expiry()
        self._tell()
