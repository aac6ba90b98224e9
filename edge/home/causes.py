"""Who changed a device: we, or somebody else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from edge.commands import UNUSABLE
from edge.knowledge import Cause, DeviceState

ECHO: Final = timedelta(seconds=5)
"""How long after a command of ours a change is held to be its echo."""

TOLD: Final = timedelta(seconds=2)
"""How long after being told who is at a device its change must follow."""

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


class Causes:
    """Remembers, by device_id, what we commanded and what we were told."""

    def __init__(self) -> None:
        self._commanded: dict[str, _Commanded] = {}
        self._told: dict[str, _Told] = {}

    def commanded(self, device_id: str, wants: Wants | None, now: datetime) -> None:
        """We command a device; `wants` is what it shall be like, None where it cannot tell."""
        self._commanded[device_id] = _Commanded(now, wants)

    def told(self, device_id: str, who: bytes, now: datetime) -> None:
        """Somebody says who is about to change a device."""
        if who in _WHO:
            self._told[device_id] = _Told(now, _WHO[who])

    def of(self, device_id: str, old: DeviceState, new: DeviceState, now: datetime) -> Cause:
        """The cause of a change from `old` to `new`.

        A change soon after our command is its echo, save one that takes back what we wanted and had already got. The
        end of a movement has the cause of the movement.
        """
        told = self._told.pop(device_id, None)
        if told is not None and now - told.at <= TOLD:
            return told.cause
        if old.value in UNUSABLE:
            return "unknown"
        ours = self._commanded.get(device_id)
        if ours is not None and now - ours.at <= ECHO and not _taken_back(old, new, ours.wants):
            return "ours"
        return old.cause if old.value in _MOVING else "other"


def _taken_back(old: DeviceState, new: DeviceState, wants: Wants | None) -> bool:
    return wants is not None and wants(old) and not wants(new)
