"""Resolution of undo: every device that the last turn moved goes back to how it stood before."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from edge import intents
from edge.commands import AGENDA, OWN, READING, UNUSABLE, reached
from edge.knowledge import Device, DeviceState
from edge.records import Resolution, ResolvedAction, Unresolved
from edge.resolution.effects import Effect
from edge.resolution.request import Request
from edge.turn import Recent

_BY_STATE: Final[Mapping[str, Mapping[str, str]]] = {
    "cover": {"open": "open", "opening": "open", "closed": "close", "closing": "close"},
    "valve": {"open": "open", "opening": "open", "closed": "close", "closing": "close"},
    "lock": {"locked": "lock", "locking": "lock", "unlocked": "unlock", "unlocking": "unlock", "open": "unlock"},
    "vacuum": {"cleaning": "start", "docked": "return_to_base", "returning": "return_to_base", "paused": "pause"},
    "lawn_mower": {"mowing": "start", "docked": "return_to_base", "returning": "return_to_base", "paused": "pause"},
    "media_player": {"playing": "play", "paused": "media_pause", "idle": "media_pause", "off": "turn_off"},
    "alarm_control_panel": {
        "disarmed": "disarm",
        "armed_home": "arm_home",
        "armed_away": "arm_away",
        "armed_night": "arm_night",
    },
}
_KEPT: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "light": ("turn_on", ("brightness", "color", "color_temp", "effect")),
    "fan": ("turn_on", ()),
}
"""By domain, the command and the attributes with which what was on is put on again."""

_ONE_VALUE: Final[Mapping[str, str]] = {
    "set_temperature": "temperature",
    "set_speed": "speed",
    "set_volume": "volume",
    "set_position": "position",
    "set_humidity": "humidity",
}
"""What changed one value is undone by that value."""


def undo(request: Request) -> Resolution:
    """intents.UNDO: one action for all; what is guarded goes back only alone, and what cannot go back is left out."""
    last = _last(request.context.recent)
    home = request.search.home
    effects: dict[str, Effect] = {}
    stays: list[str] = []
    for recent in last:
        for device_id, before in recent.before.items():
            device = home.device.get(device_id)
            effect = _back(device, before, recent.action) if device else None
            if effect is None or device is None:
                stays.append(device_id)
            elif not _stands(request.state(device), effect):
                effects[device_id] = effect
    if not effects:
        return Unresolved("nothing_to_undo", targets=tuple(stays))
    guarded = [device_id for device_id in effects if home.device[device_id].tier == "guarded"]
    if guarded and len(effects) > 1:
        stays += guarded
        effects = {device_id: effect for device_id, effect in effects.items() if device_id not in guarded}
    if not effects:
        return Unresolved("guarded", targets=tuple(guarded))
    return ResolvedAction(
        tuple(effects),
        "restore",
        own_values={device_id: effect.values for device_id, effect in effects.items() if effect.values},
        own_commands={device_id: effect.command for device_id, effect in effects.items()},
        left_out=tuple(stays),
    )


def _stands(state: DeviceState, effect: Effect) -> bool:
    """Whether the device is there already, and not only on its way somewhere."""
    return not state.value.endswith(("opening", "closing", "locking")) and reached(state, effect.command, effect.values)


def _last(recent: Iterable[Recent]) -> list[Recent]:
    """The steps of the last turn that moved something."""
    found: list[Recent] = []
    for each in recent:
        if each.action.command in READING | OWN | AGENDA:
            continue
        if found and each.turn_id != found[0].turn_id:
            break
        found.append(each)
    return found


def _back(device: Device, before: DeviceState, action: ResolvedAction) -> Effect | None:
    """What brings the device back to `before`; None where nothing does."""
    if before.value in UNUSABLE:
        return None
    command = action.command_for(device.device_id)
    value = _ONE_VALUE.get(command)
    if value and before.attributes.get(value) is not None and before.value != "off":
        return Effect(command, {value: before.attributes[value]})
    if device.domain in {"climate", "water_heater", "humidifier"} and "mode" in device.capabilities:
        return Effect("turn_off") if before.value == "off" else Effect("set_mode", {"mode": before.value})
    if device.domain in {"select", "number"}:
        option = {"option": before.value} if device.domain == "select" else {"value": before.attributes.get("value")}
        return Effect("select" if device.domain == "select" else "set_value", option)
    if device.domain in {"cover", "valve"} and "position" in device.capabilities:
        position = before.attributes.get("position")
        if isinstance(position, int | float) and 0 < position < 100:
            return Effect("set_position", {"position": position})
    return _by_state(device, before)


def _by_state(device: Device, before: DeviceState) -> Effect | None:
    states = _BY_STATE.get(device.domain)
    if states is not None:
        command = states.get(before.value)
        return Effect(command) if command else None
    if before.value == "off":
        return Effect("turn_off")
    if before.value != "on":
        return None
    command, kept = _KEPT.get(device.domain, ("turn_on", ()))
    return Effect(command, _values(device, before, kept))


def _values(device: Device, before: DeviceState, kept: Iterable[str]) -> Mapping[str, Any]:
    known = {key: before.attributes[key] for key in kept if before.attributes.get(key) is not None}
    if "color" in known:
        known.pop("color_temp", None)  # a lamp has one of them at a time
    return {key: value for key, value in known.items() if key in device.capabilities}


RESOLVERS: Final = {intents.UNDO: undo}
