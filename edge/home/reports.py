"""What the components of a home said of themselves: topics become states, with their times and causes.

Without a lock of its own: whoever holds it lets one thread in at a time.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from edge.home.availability import Presence
from edge.home.causes import Causes
from edge.home.commanding import Commanding
from edge.home.discovery import Component
from edge.home.kinds.reading import Changes, Reading
from edge.home.payloads import MAX_STATE_BYTES, Payload
from edge.knowledge import DeviceState

TOPICS_MAX: Final = 50_000
"""So many topics are listened to, in the whole life of a picture: a home of 5,000 things has some 20,000."""

KEPT_BYTES_MAX: Final = 16 * 1024 * 1024
"""Payloads are kept for components that come later, as long as they are not more than this together."""

HEARD_AGAIN: Final = timedelta(minutes=1)
"""How exactly it is known when a device last spoke, if it said nothing new."""

_UNHEARD: Final = DeviceState("unknown")
_NEVER_THERE: Final = DeviceState("unavailable")


@dataclass(frozen=True)
class _Reader:
    """What one topic tells of one component."""

    readings: tuple[Reading, ...]
    tells_presence: bool


class Reports:
    """The state of every component, by its key."""

    def __init__(self) -> None:
        self.causes = Causes()
        self.commanding = Commanding()
        self._readers: dict[str, dict[str, _Reader]] = {}
        """By topic and component."""
        self._commands_heard: set[str] = set()
        """Topics on which commands are listened to."""
        self._kept: dict[str, bytes] = {}
        self._kept_bytes = 0
        self._reported: dict[str, DeviceState] = {}
        self._presence = Presence()
        self._away: dict[str, DeviceState] = {}
        """Components that have gone, as they are shown meanwhile."""
        self._expire_after: dict[str, timedelta] = {}
        self._expired: set[str] = set()
        self._heard_at: dict[str, datetime] = {}
        """Of components that expire, to the second."""

    @property
    def has_room(self) -> bool:
        """Whether more topics may be listened to."""
        return len(self._readers) + len(self._commands_heard) < TOPICS_MAX

    def topics(self) -> tuple[str, ...]:
        """Those that tell something of what is there now."""
        return tuple(topic for topic, readers in self._readers.items() if readers)

    @property
    def may_expire(self) -> bool:
        """Whether there is anything fresh that will be too old some day."""
        return len(self._expire_after) > len(self._expired)

    def is_unheard(self, key: str) -> bool:
        """Whether a component has never said what it is like."""
        return key not in self._reported

    def attach(self, component: Component, now: datetime) -> tuple[list[str], list[str]]:
        """Take in a component, with what its topics have said before.

        Returns topics that are new: those that tell, and those that command.
        """
        key, config = component.key, component.config
        found: dict[str, list[Reading]] = {topic.topic: [] for topic in component.availability.topics}
        presence = frozenset(found)
        for reading in config.readings():
            found.setdefault(reading.topic, []).append(reading)
        for topic, echo in component.echoes.items():
            found.setdefault(echo, []).extend(found.get(topic, ()))
        self._presence.watch(key, component.availability)
        if config.expire_after:
            self._expire_after[key] = timedelta(seconds=config.expire_after)
            self._heard_at[key] = now
        telling = [topic for topic in found if topic not in self._readers]
        for topic, each in found.items():
            self._readers.setdefault(topic, {})[key] = _Reader(tuple(each), topic in presence)
        for topic in found:
            if topic in self._kept:
                self._take_in(key, topic, Payload(self._kept[topic]), now)
        return telling, self._attach_commands(component)

    def _attach_commands(self, component: Component) -> list[str]:
        topics = component.config.command_topics()
        self.commanding.attach(component.key, topics)
        heard = [topic for topic in topics if topic not in self._readers]  # one that tells as well tells too much
        self.causes.watch(component.key, component.domain, is_heard=0 < len(heard) == len(topics))
        new = [topic for topic in heard if topic not in self._commands_heard]
        self._commands_heard.update(new)
        return new

    def forget(self, components: Iterable[Component]) -> None:
        """Let go of components; what they last said is kept in case they come again."""
        keys = {component.key for component in components}
        if not keys:
            return
        self._presence.forget(keys)
        self.causes.forget(keys)
        self.commanding.forget(keys)
        for by_key in self._readers.values():
            for key in keys & by_key.keys():
                del by_key[key]
        for key in keys:
            self._expire_after.pop(key, None)
            self._heard_at.pop(key, None)
            self._expired.discard(key)

    def keep_only(self, keys: Collection[str]) -> None:
        """What components that are gone have said is of no use any more."""
        for kept in (self._reported, self._away):
            for key in [key for key in kept if key not in keys]:
                del kept[key]

    def hear(self, topic: str, content: bytes, now: datetime) -> list[str]:
        """Take in a message; returns the components that may be to be shown anew."""
        readers = self._readers.get(topic)
        if readers is None or len(content) > MAX_STATE_BYTES:
            return []
        self._keep(topic, content)
        payload = Payload(content)
        return [key for key in readers if self._take_in(key, topic, payload, now)]

    def hear_command(self, topic: str, content: bytes, now: datetime) -> None:
        """Take note of a command to components, whoever gave it."""
        self.causes.heard_command(topic, content, self.commanding.moved_with(topic), now)

    def _keep(self, topic: str, content: bytes) -> None:
        grows_by = len(content) - len(self._kept.get(topic, b""))
        if self._kept_bytes + grows_by <= KEPT_BYTES_MAX:
            self._kept_bytes += grows_by
            self._kept[topic] = content

    def visible(self, key: str) -> DeviceState:
        """What the component is like for everybody else."""
        if not self._presence.is_there(key) or key in self._expired:
            return self._away.get(key, _NEVER_THERE)
        return self._reported.get(key, _UNHEARD)

    def expire(self, now: datetime) -> list[str]:
        """Components whose word is too old from now on; returns their keys."""
        gone = [
            key
            for key, after in self._expire_after.items()
            if key not in self._expired and now - self._heard_at[key] >= after
        ]
        for key in gone:
            self._go(key, now)
            self._expired.add(key)
        return gone

    def next_expiry(self) -> datetime | None:
        """When the next word will be too old, if nothing more is said; None: never."""
        fresh = self._expire_after.keys() - self._expired
        return min((self._heard_at[key] + self._expire_after[key] for key in fresh), default=None)

    def _take_in(self, key: str, topic: str, payload: Payload, now: datetime) -> bool:
        """Whether the payload may have changed what is to be shown of a component."""
        reader = self._readers[topic][key]
        changes: dict[str, Any] = {}
        for reading in reader.readings:
            changes.update(reading.read(payload))
        comes_or_goes = reader.tells_presence and self._comes_or_goes(key, topic, payload, now)
        if not changes:
            return comes_or_goes
        if key in self._expire_after:
            self._heard_at[key] = now
            if key in self._expired:
                self._expired.discard(key)
                self.causes.returned(key, now)
                comes_or_goes = True
        return self._report(key, changes, now) or comes_or_goes

    def _comes_or_goes(self, key: str, topic: str, payload: Payload, now: datetime) -> bool:
        if not self._presence.hear(key, topic, payload):
            return False
        if self._presence.is_there(key):
            self.causes.returned(key, now)
        else:
            self._go(key, now)
        return True

    def _go(self, key: str, now: datetime) -> None:
        last = self._reported.get(key, _UNHEARD)
        self._away[key] = DeviceState("unavailable", since=now, heard_at=last.heard_at)

    def _report(self, key: str, changes: Changes, now: datetime) -> bool:
        """Take over what a component says; tells whether there is anything new in it, be it only that it spoke."""
        old = self._reported.get(key)
        if old is None:
            said = {name: value for name, value in changes.items() if value is not None}
            self._reported[key] = DeviceState(said.pop("state", "unknown"), said, now, heard_at=now)
            return True
        if _says_the_same(old, changes):
            if old.heard_at is not None and timedelta(0) <= now - old.heard_at < HEARD_AGAIN:
                return False
            self._reported[key] = replace(old, heard_at=now)
            return True
        said = {**old.attributes, **changes}
        value = said.pop("state", old.value)
        attributes = {name: each for name, each in said.items() if each is not None}
        new = DeviceState(value, attributes, now, heard_at=now)
        if new.is_set_like(old):
            self._reported[key] = replace(new, since=old.since, cause=old.cause)
        else:
            self._reported[key] = replace(new, cause=self.causes.of(key, old, new, now))
        return True


def _says_the_same(old: DeviceState, changes: Changes) -> bool:
    attributes = old.attributes
    return all((old.value if name == "state" else attributes.get(name)) == value for name, value in changes.items())
