"""What everybody else sees of a home: its map, the present state of each device, and what changed lately."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from edge.commands import UNUSABLE
from edge.home.changes import RecentChanges
from edge.home.mapping import Mapped
from edge.home.reports import Reports
from edge.knowledge import Change, DeviceState, HomeMap


class Shown:
    """Kept up to date in place, and copied when it is looked at after a change: a home speaks more often than it is
    looked at. Without a lock of its own."""

    def __init__(self, reports: Reports) -> None:
        self._reports = reports
        self.mapped = Mapped()
        self.home = HomeMap(self.mapped.areas)
        self.changes = RecentChanges()
        self._states: dict[str, DeviceState] = {}
        self._copy: Mapping[str, DeviceState] | None = None
        self._untold: dict[str, DeviceState] = {}

    def states(self) -> Mapping[str, DeviceState]:
        """By device_id; the same object until something changes."""
        if self._copy is None:
            self._copy = dict(self._states)
        return self._copy

    def told(self) -> tuple[tuple[str, DeviceState], ...]:
        """What listeners have still to be told, and are held to be told now."""
        news, self._untold = tuple(self._untold.items()), {}
        return news

    def renew(self, mapped: Mapped) -> None:
        """Take over another map."""
        self.mapped = mapped
        home = HomeMap(mapped.areas, mapped.devices)
        if home != self.home:
            self.home = home
        before = self._states
        self._states = {device_id: self._reports.visible(key) for key, device_id in mapped.device_id.items()}
        self._copy = None
        for device_id, state in self._states.items():
            old = before.get(device_id)
            if state != old and (old is not None or state.value not in UNUSABLE):
                self._untold[device_id] = state

    def show(self, keys: Iterable[str], now: datetime) -> bool:
        """Show components as they are now; tells whether anything of it is new."""
        for key in keys:
            device_id = self.mapped.device_id.get(key)
            if device_id is None:
                continue  # it is not in the map yet
            state, before = self._reports.visible(key), self._states.get(device_id)
            if state is before:
                continue
            self._states[device_id], self._copy = state, None
            if state == before:
                continue  # it only spoke again
            self._untold[device_id] = state
            if before is not None and before.since and not state.is_set_like(before):
                cause = "unknown" if before.value in UNUSABLE else state.cause
                self.changes.add(Change(device_id, now, before, state, cause))
        return bool(self._untold)
