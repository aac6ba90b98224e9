"""The home as the assistant sees it: what there is, what it does at the moment, and the way to it.

One code for a real broker and for the home in-process. Everything that is handed out is immutable and replaced as a
whole, so that any thread may read it; messages are taken in on the bus's thread.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from edge.clock import Clock
from edge.commands import expectation
from edge.errors import BrokerError, StageFailed
from edge.home.announcers import OWN_PREFIX, Announcer, announcers
from edge.home.availability import Presence
from edge.home.bus import Bus
from edge.home.causes import Causes
from edge.home.discovery import Announcement, Component
from edge.home.home_file import HomeFile
from edge.home.mapping import Mapped, mapped
from edge.home.payloads import Payload
from edge.home.problems import Problem
from edge.home.rendering import CannotRender, render
from edge.home.states import Changes, Reading, readings
from edge.knowledge import DeviceState, HomeMap
from edge.records import Message, ResolvedAction
from edge.risk import commands

CAUSE_TOPIC: Final = "edge/cause"
"""A home that knows who is about to change a device says `hand` or `controller` at `edge/cause/<device_id>`."""

QUIET_S: Final = 0.15
"""So long without a message, and the home is held to have told everything."""

PAYLOAD_BYTES_MAX: Final = 32_000
"""Longest payload that is published for a skill."""

_MEASURED: Final = frozenset({"current_temperature"})
"""Attributes that change by themselves; their change has no cause worth remembering."""

Listener = Callable[[str, DeviceState], None]
"""Takes device_id and new state."""


class HomePicture:
    """Takes in what the home says, and sends what it shall do."""

    def __init__(
        self, bus: Bus, clock: Clock, discovery_prefix: str = "homeassistant", additions: HomeFile | None = None
    ) -> None:
        """Begins to listen at once. `additions`: names, aliases, rooms and risk that go before the home's own."""
        self._bus = bus
        self._clock = clock
        self._additions = additions or HomeFile()
        self._announcing = (f"{discovery_prefix}/", f"{OWN_PREFIX}/", f"{CAUSE_TOPIC}/")
        self._lock = threading.RLock()
        self._received = 0
        self._configs: dict[str, bytes] = {}
        self._announced: dict[str, Announcement] = {}
        self._readings: dict[str, dict[str, tuple[Reading, ...]]] = defaultdict(dict)
        """By topic and component; empty where the topic only tells whether the component is there."""
        self._heard: dict[str, Payload] = {}
        """By topic, what it said last, for components that come later."""
        self._reported: dict[str, DeviceState] = {}
        self._presence = Presence()
        self._causes = Causes()
        self._listeners: tuple[Listener, ...] = ()
        self._stale = False
        self._mapped = Mapped()
        self._home = HomeMap(self._mapped.areas)
        self._states: Mapping[str, DeviceState] = {}
        for announcer in announcers(discovery_prefix):
            for topic_filter in announcer.filters:
                bus.subscribe(topic_filter, self._announcements_of(announcer))
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
            return self._home

    def states(self) -> Mapping[str, DeviceState]:
        """What every device last said of itself, by device_id; `unknown` before it said anything."""
        with self._lock:
            self._refresh()
            return self._states

    def problems(self) -> tuple[Problem, ...]:
        """Announcements that cannot be used, or only in part, and additions to devices that do not exist."""
        with self._lock:
            self._refresh()
            found = [problem for announced in self._announced.values() for problem in announced.problems]
            missing = sorted(set(self._additions.devices) - set(self._home.device))
            return (*found, *(Problem(each, "the home file names it, but the home has no such") for each in missing))

    def on_change(self, listener: Listener) -> None:
        """Have `listener` told of every change from now on. It runs on the bus's thread, so it must be quick."""
        with self._lock:
            self._listeners = (*self._listeners, listener)

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
            messages = tuple(message for target in action.targets for message in self._rendered(target, action))
            if not self._bus.online:
                raise BrokerError("The home's broker is away.")
            for target in action.targets:
                wants = expectation(self._home.device[target], action.command, action.values_for(target))
                self._causes.commanded(target, wants, self._clock.now())
        for message in messages:
            self._bus.publish(message.topic, message.payload)
        return messages

    def commanded_by(self, topic: str) -> tuple[str, ...]:
        """The devices that a message to this topic may move."""
        with self._lock:
            self._refresh()
            known = self._mapped.component.items()
            return tuple(key for key, component in known if commands(topic, component.config.command_topics()))

    def publish(self, topic: str, payload: str) -> Message:
        """Send a message of a skill's own. Raises `BrokerError` when offline, `StageFailed` for what is never sent."""
        if topic.startswith(self._announcing):
            raise StageFailed("action", f"{topic} is where devices announce themselves")
        if len(payload.encode()) > PAYLOAD_BYTES_MAX:
            raise StageFailed("action", f"the payload for {topic} is longer than {PAYLOAD_BYTES_MAX:,} bytes")
        if not self._bus.online:
            raise BrokerError("The home's broker is away.")
        self._bus.publish(topic, payload)
        return Message(topic, payload)

    def _rendered(self, device_id: str, action: ResolvedAction) -> tuple[Message, ...]:
        component = self._mapped.component.get(device_id)
        if component is None:
            raise StageFailed("action", f"{device_id} is no longer in the home")
        try:
            return render(component.config, action.command, action.values_for(device_id))
        except CannotRender as reason:
            raise StageFailed("action", f"{device_id}: {reason}") from None

    def _hears_something(self) -> bool:
        before = self._received
        return self._clock.wait(lambda: self._received != before, QUIET_S)

    def _announcements_of(self, announcer: Announcer) -> Callable[[str, bytes], None]:
        def on_announcement(topic: str, payload: bytes) -> None:
            self._received += 1
            if self._configs.get(topic, b"") == payload:
                return
            self._configs[topic] = payload
            announced = announcer.read(topic, payload)
            with self._lock:
                self._forget(self._announced.pop(topic, Announcement()).components)
                if payload:
                    self._announced[topic] = announced
                new_topics = [topic for component in announced.components for topic in self._attach(component)]
                self._stale = True
            for each in new_topics:
                self._bus.subscribe(each, self._on_message)
            self._clock.wake()

        return on_announcement

    def _attach(self, component: Component) -> list[str]:
        """Take in a component, with what its topics have said before; returns topics that are new."""
        found: dict[str, list[Reading]] = {topic.topic: [] for topic in component.availability.topics}
        for reading in readings(component.config):
            found.setdefault(reading.topic, []).append(reading)
        self._presence.watch(component.key, component.availability)
        new_topics = [topic for topic in found if topic not in self._readings]
        for topic, each in found.items():
            self._readings[topic][component.key] = tuple(each)
            if topic in self._heard:
                self._take_in(component.key, topic, self._heard[topic])
        return new_topics

    def _forget(self, components: Iterable[Component]) -> None:
        """Let go of components; what they last said is kept in case they come again."""
        keys = {component.key for component in components}
        self._presence.forget(keys)
        for by_key in self._readings.values() if keys else ():
            for key in keys & by_key.keys():
                del by_key[key]

    def _refresh(self) -> None:
        """Make map and states anew after announcements; cheap when there were none."""
        if not self._stale:
            return
        self._stale = False
        components = [component for announced in self._announced.values() for component in announced.components]
        self._mapped = mapped(components, self._additions)
        self._reported = {key: state for key, state in self._reported.items() if key in self._mapped.device_id}
        home = HomeMap(self._mapped.areas, self._mapped.devices)
        if home != self._home:
            self._home = home
        self._states = {device_id: self._visible(key) for key, device_id in self._mapped.device_id.items()}

    def _on_cause(self, topic: str, payload: bytes) -> None:
        with self._lock:
            self._causes.told(topic.removeprefix(f"{CAUSE_TOPIC}/"), payload, self._clock.now())

    def _on_message(self, topic: str, content: bytes) -> None:
        self._received += 1
        payload = Payload(content)
        changed: list[tuple[str, DeviceState]] = []
        with self._lock:
            if self._listeners:  # without any, whoever looks next refreshes: announcing a large home stays quick
                self._refresh()
            self._heard[topic] = payload
            for key in tuple(self._readings.get(topic, ())):
                if self._take_in(key, topic, payload):
                    changed += self._shown(key)
            listeners = self._listeners
        for device_id, state in changed:
            for listener in listeners:
                listener(device_id, state)
        self._clock.wake()

    def _take_in(self, key: str, topic: str, payload: Payload) -> bool:
        """Whether the payload tells anything new of a component."""
        changes: dict[str, Any] = {}
        for reading in self._readings[topic][key]:
            changes |= reading.read(payload)
        comes_or_goes = self._presence.hear(key, topic, payload)
        return self._reports(key, changes) or comes_or_goes

    def _reports(self, key: str, changes: Changes) -> bool:
        """Whether what a component says is new."""
        old = self._reported.get(key)
        said = {**old.attributes, **changes} if old else dict(changes)
        value = said.pop("state", old.value if old else "unknown")
        attributes = {name: each for name, each in said.items() if each is not None}
        if not changes or (old is not None and (value, attributes) == (old.value, old.attributes)):
            return False
        if old is not None and value == old.value and _but_measured(attributes) == _but_measured(old.attributes):
            self._reported[key] = replace(old, attributes=attributes)
        else:
            self._reported[key] = self._caused(key, old, DeviceState(value, attributes, self._clock.now()))
        return True

    def _caused(self, key: str, old: DeviceState | None, new: DeviceState) -> DeviceState:
        """The new state with its cause; what a device says first has none."""
        if old is None:
            return new
        self._refresh()
        device_id = self._mapped.device_id.get(key, "")
        return replace(new, cause=self._causes.of(device_id, old, new, self._clock.now()))

    def _visible(self, key: str) -> DeviceState:
        """What the device is like for everybody else."""
        if self._presence.is_there(key):
            return self._reported.get(key, DeviceState("unknown"))
        return DeviceState("unavailable", since=self._clock.now())

    def _shown(self, key: str) -> list[tuple[str, DeviceState]]:
        """Show a device's state to everybody else; returns what they have not seen."""
        device_id = self._mapped.device_id.get(key)
        if device_id is None:
            return []
        state, before = self._visible(key), self._states.get(device_id)
        if before is not None and before.value == state.value == "unavailable":
            return []
        self._states = {**self._states, device_id: state}
        return [(device_id, state)]


def _but_measured(attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in attributes.items() if name not in _MEASURED}
