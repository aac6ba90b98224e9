"""Who changed a device: we, another controller, a hand, or somebody of whom no more is known.

What MQTT tells of that: a device reports every change in the same way, but a controller's command can be heard on the
device's own command topic, and ours can be told from another's. So a change that follows no command of anybody is a
hand's, for what people move by hand (a lamp, a blind, a lock) and as long as nothing else explains it: a command to
another device (which may be a group of which this one is part), coming back from having been away, or a connection
that was lost. Where the broker does not let us hear commands, nothing is held to be a hand's. A scene or a timer within
a device cannot be told from a hand.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Final

from edge.commands import UNUSABLE
from edge.knowledge import Cause, DeviceState

ECHO: Final = timedelta(seconds=5)
"""How long after a command a change is held to be its echo; as long after coming back, a change has no known cause."""

TOLD: Final = timedelta(seconds=2)
"""How long after being told who is at a device its change must follow."""

OWN_KEPT: Final = timedelta(seconds=10)
"""So soon a message of ours comes back from the broker."""

MESSAGES_MAX: Final = 256
"""So many of our own messages, and of the last commands, are remembered."""

MOVED_BY_HAND: Final = frozenset({"light", "switch", "fan", "cover", "lock", "valve"})
"""Domains of what has a switch, a handle or a knob. Others change by themselves as well: a thermostat, a vacuum."""

_MOVING: Final = frozenset(
    {"opening", "closing", "locking", "unlocking", "arming", "disarming", "returning", "pending"}
)

_WHO: Final[Mapping[bytes, Cause]] = {b"hand": "hand", b"controller": "controller"}

Wants = Callable[[DeviceState], bool]


@dataclass(frozen=True)
class _Commanded:
    at: datetime
    wants: Wants | None


@dataclass(frozen=True)
class _Told:
    at: datetime
    cause: Cause


@dataclass(frozen=True)
class _Command:
    """A command of anybody to anything."""

    at: datetime
    keys: frozenset[str]
    ours: bool


class Causes:
    """Remembers, by component, what was commanded and what we were told."""

    def __init__(self) -> None:
        self._commanded: dict[str, _Commanded] = {}
        self._theirs: dict[str, datetime] = {}
        self._told: dict[str, _Told] = {}
        self._returned: dict[str, datetime] = {}
        self._connected_at: datetime | None = None
        self._by_hand: set[str] = set()
        self._sent: deque[tuple[str, bytes, datetime]] = deque(maxlen=MESSAGES_MAX)
        self._latest: deque[_Command] = deque(maxlen=MESSAGES_MAX)
        self._hears_commands = False

    def watch(self, key: str, domain: str, is_heard: bool) -> None:
        """Begin with a component; `is_heard`: every command to it is on topics that we listen to."""
        if is_heard and domain in MOVED_BY_HAND:
            self._by_hand.add(key)

    def forget(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._by_hand.discard(key)
            for kept in (self._commanded, self._theirs, self._told, self._returned):
                kept.pop(key, None)

    def commanded(self, key: str, wants: Wants | None, now: datetime) -> None:
        """We command a device; `wants` is what it shall be like, None where it cannot tell."""
        self._commanded[key] = _Commanded(now, wants)
        self._latest.append(_Command(now, frozenset({key}), ours=True))

    def moved_along(self, keys: Iterable[str], now: datetime) -> None:
        """We command something with which these move: members of a group."""
        for key in keys:
            if key not in self._commanded or self._commanded[key].at != now:
                self._commanded[key] = _Commanded(now, None)

    def sent(self, topic: str, payload: bytes, now: datetime) -> None:
        """We are about to publish this; when it comes back it is ours."""
        self._sent.append((topic, payload, now))

    def heard_command(self, topic: str, payload: bytes, keys: Iterable[str], now: datetime) -> None:
        """A command to these components was heard on its way: ours, or somebody else's."""
        self._hears_commands = True
        for own in self._sent:
            if own[0] == topic and own[1] == payload and now - own[2] <= OWN_KEPT:
                self._sent.remove(own)
                return
        command = _Command(now, frozenset(keys), ours=False)
        self._latest.append(command)
        self._theirs |= dict.fromkeys(command.keys, now)

    def told(self, key: str, who: bytes, now: datetime) -> None:
        """Somebody says who is about to change a device."""
        if who in _WHO:
            self._told[key] = _Told(now, _WHO[who])

    def returned(self, key: str, now: datetime) -> None:
        """A device is there again: what it says now may have come about at any time."""
        self._returned[key] = now

    def connected(self, now: datetime) -> None:
        """The broker is there again: what it says now may have come about at any time."""
        self._connected_at = now

    def of(self, key: str, old: DeviceState, new: DeviceState, now: datetime) -> Cause:
        """The cause of a change from `old` to `new`.

        A change soon after our command is its echo, save one that takes back what we wanted and had already got. The
        end of a movement has the cause of the movement.
        """
        told = self._told.pop(key, None)
        if told is not None and now - told.at <= TOLD:
            return told.cause
        if old.value in UNUSABLE:
            return "unknown"
        ours, theirs = self._commanded.get(key), self._theirs.get(key)
        if ours is not None and (now - ours.at > ECHO or _taken_back(old, new, ours.wants)):
            ours = None
        if theirs is not None and now - theirs <= ECHO and (ours is None or ours.at <= theirs):
            return "controller"
        if ours is not None:
            return "ours"
        return old.cause if old.value in _MOVING else self._uncommanded(key, now)

    def _uncommanded(self, key: str, now: datetime) -> Cause:
        """Of a change that nobody asked for at the device itself."""
        for back in (self._returned.get(key), self._connected_at):
            if back is not None and now - back <= ECHO:
                return "unknown"
        if key not in self._by_hand:
            return "other"
        lately = takewhile(lambda each: now - each.at <= ECHO, reversed(self._latest))
        elsewhere = [each for each in lately if key not in each.keys]
        if any(each.ours for each in elsewhere):
            return "unknown"  # perhaps it is one of a group that we moved
        return "hand" if self._hears_commands and not elsewhere else "other"


def _taken_back(old: DeviceState, new: DeviceState, wants: Wants | None) -> bool:
    return wants is not None and wants(old) and not wants(new)
