"""One interpretation with everything needed to find what it means here, and the steps all intents have in common."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from edge.knowledge import Device, DeviceState
from edge.names import NameIndex
from edge.records import Ambiguous, Resolution, ResolvedAction, Unresolved
from edge.resolution.effects import Effect, Setting, verb, with_ability
from edge.resolution.selection import CHOICES_MAX, Fits, Selection, by_kind, by_name, place_of, read_by_kind
from edge.turn import Context

_UNKNOWN = DeviceState("unknown")


@dataclass(frozen=True)
class Request:
    """What is wanted, in which circumstances, in which home."""

    intent: str
    slots: Mapping[str, Any]
    context: Context
    index: NameIndex

    def to_move(self, fits: Fits) -> Selection | Unresolved:
        """The devices that a command is for."""
        place = place_of(self.slots, self.context, self.index)
        if isinstance(place, Unresolved):
            return place
        if "name" in self.slots:
            return self._explained(by_name(self.slots["name"], fits, place, self.index))
        return by_kind(fits, place, self.index, everywhere=bool(self.slots.get("all")))

    def to_read(self, fits: Fits, *, everywhere: bool) -> Selection | Unresolved:
        """The devices that a question is about; `everywhere`: of the whole home, where no place was said."""
        place = place_of(self.slots, self.context, self.index)
        if isinstance(place, Unresolved):
            return place
        if "name" in self.slots:
            return self._explained(by_name(self.slots["name"], fits, place, self.index))
        return read_by_kind(fits, place, self.index, everywhere=everywhere)

    def state(self, device: Device) -> DeviceState:
        """What the device last said of itself."""
        return self.context.states.get(device.device_id, _UNKNOWN)

    def _explained(self, selected: Selection | Unresolved) -> Selection | Unresolved:
        """A device of the wrong kind: say what it cannot do."""
        if isinstance(selected, Unresolved) and selected.reason == "cannot":
            return Unresolved("cannot", verb(self.intent, self.slots.get("domain")), selected.targets)
        return selected


def action(selection: Selection, effect: Effect) -> Resolution:
    """The command for the devices: a choice where they are undecided, a yes first where one is guarded."""
    ids = ids_of(selection.devices)
    if selection.undecided:
        if len(ids) > CHOICES_MAX:
            return Unresolved("no_area")
        return Ambiguous(ids, effect.command, dict(effect.values))
    guarded = any(device.tier == "guarded" for device in selection.devices)
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
