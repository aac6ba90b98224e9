"""One interpretation with everything needed to find what it means here, and the steps all intents have in common."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from edge.commands import READING
from edge.knowledge import Device, DeviceState
from edge.names import NameIndex
from edge.records import Ambiguous, Resolution, ResolvedAction, Unresolved
from edge.resolution.effects import Effect, Setting, verb, with_ability
from edge.resolution.naming import NameSearch
from edge.resolution.selection import (
    CHOICES_MAX,
    Fits,
    Place,
    Selection,
    by_kind,
    by_name,
    by_names,
    place_of,
    read_by_kind,
    without,
)
from edge.turn import Context

_UNKNOWN: Final = DeviceState("unknown")
_BETWEEN: Final = re.compile(r"\s*,\s*(?:and\s+)?|\s+and\s+")


@dataclass(frozen=True)
class Request:
    """What is wanted, in which circumstances, in which home."""

    intent: str
    slots: Mapping[str, Any]
    context: Context
    search: NameSearch
    looked_at: set[str] = field(default_factory=set)
    """device_ids whose state was asked for: they are kept with the turn."""

    @property
    def index(self) -> NameIndex:
        """The names of this home."""
        return self.search.index

    def to_move(self, fits: Fits) -> Selection | Unresolved:
        """The devices that a command is for."""
        everywhere = bool(self.slots.get("all"))
        return self._selected(fits, lambda place: by_kind(fits, place, self.search, everywhere=everywhere))

    def to_read(self, fits: Fits, *, everywhere: bool) -> Selection | Unresolved:
        """The devices that a question is about; `everywhere`: of the whole home, where no place was said."""
        return self._selected(fits, lambda place: read_by_kind(fits, place, self.search, everywhere=everywhere))

    def state(self, device: Device) -> DeviceState:
        """What the device last said of itself."""
        self.looked_at.add(device.device_id)
        return self.context.states.get(device.device_id, _UNKNOWN)

    def _selected(
        self, fits: Fits, of_kind: Callable[[Place | None], Selection | Unresolved]
    ) -> Selection | Unresolved:
        """What was pointed back to, else what was named, else what is of the kind; less what was excepted."""
        if self.slots.get("targets"):
            return self._explained(self._pointed_to(fits))
        place = place_of(self.slots, self.context, self.search)
        if isinstance(place, Unresolved):
            return place
        names = self.names()
        if len(names) > 1:
            return self._explained(by_names(names, fits, place, self.search))
        if names:
            return self._explained(by_name(names[0], fits, place, self.search))
        selected = of_kind(place)
        excepted = self.slots.get("except")
        if not excepted or isinstance(selected, Unresolved):
            return selected
        return without(selected, [excepted] if isinstance(excepted, str) else excepted, place, self.search)

    def names(self) -> Sequence[str]:
        """The names that were said; one that no device has may be two: `the hall light and the fan`."""
        if self.slots.get("names"):
            return tuple(self.slots["names"])
        name = self.slots.get("name")
        if not name:
            return ()
        several = _BETWEEN.split(name)
        return several if len(several) > 1 and not self.index.devices(name) else (name,)

    def _pointed_to(self, fits: Fits) -> Selection | Unresolved:
        home = self.search.home.device
        meant = tuple(home[target] for target in self.slots["targets"] if target in home)
        if not meant:
            return Unresolved("no_device", str(self.slots.get("reference", "")))
        fitting = tuple(filter(fits, meant))
        return Selection(fitting) if fitting else Unresolved("cannot", targets=ids_of(meant[:1]))

    def _explained(self, selected: Selection | Unresolved) -> Selection | Unresolved:
        """A device of the wrong kind: say what it cannot do."""
        if isinstance(selected, Unresolved) and selected.reason == "cannot":
            return Unresolved("cannot", verb(self.intent, self.slots.get("domain")), selected.targets)
        return selected


def action(selection: Selection, effect: Effect) -> Resolution:
    """The command for the devices: a choice where they are undecided, a yes first where something guarded moves."""
    ids = ids_of(selection.devices)
    if selection.undecided:
        if len(ids) > CHOICES_MAX:
            return Unresolved("no_area")
        return Ambiguous(ids, effect.command, dict(effect.values))
    guarded = effect.command not in READING and any(device.tier == "guarded" for device in selection.devices)
    if guarded and len(ids) > 1:
        return Unresolved("guarded", targets=ids)
    return ResolvedAction(ids, effect.command, dict(effect.values), needs_confirmation=guarded)


def settings_action(selection: Selection, command: str, settings: tuple[Setting, ...]) -> Resolution:
    """The command for those of the devices that can take the settings."""
    able = with_ability(selection.devices, settings)
    if isinstance(able, Unresolved):
        return able
    devices, values = able
    undecided = selection.undecided and len(devices) > 1
    return action(Selection(devices, undecided=undecided), Effect(command, values))


def ids_of(devices: tuple[Device, ...]) -> tuple[str, ...]:
    """Their device_ids."""
    return tuple(device.device_id for device in devices)
