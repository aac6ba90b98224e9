"""Resolution of more and less: every device from where it is now, within what it can do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from edge import intents
from edge.knowledge import Device, DeviceState
from edge.names import is_room_heater
from edge.records import Ambiguous, Resolution, ResolvedAction, Unresolved
from edge.resolution.effects import Effect
from edge.resolution.request import Request, action, ids_of
from edge.resolution.selection import Selection

LIGHT_STEP: Final = 20
"""Percentage points, for "too dark"."""

_HEAT_STEP: Final = 1


@dataclass(frozen=True)
class Change:
    """What is changed, from what it is now."""

    key: str
    """The value's name: brightness, temperature, speed, position."""
    ability: str
    command: str
    otherwise: str
    """What a device without the ability cannot do."""
    lowest: float
    highest: float
    unknown: float
    """What something that does not tell is taken to be at."""


_LIGHT: Final = Change("brightness", "brightness", "turn_on", "be dimmed", 1, 100, 100)
_HEAT: Final = Change("temperature", "target_temperature", "set_temperature", "be set to a temperature", 5, 35, 20)
_SPEED: Final = Change("speed", "speed", "set_speed", "be set to a speed", 1, 100, 50)
_POSITION: Final = Change("position", "position", "set_position", "stop half way", 0, 100, 50)
_WHITE: Final = Change("color_temp", "color_temp", "turn_on", "change its shade of white", 2000, 6500, 3500)


def change_light(request: Request, selection: Selection) -> Resolution:
    """`brightness_step`, `brightness_factor`: lamps that are off count as dark; those are left alone by "dimmer"."""
    if "color_temp_step" in request.slots:
        return _changed(request, selection, _WHITE, lambda now: now + request.slots["color_temp_step"])
    step, factor = request.slots.get("brightness_step", 0), request.slots.get("brightness_factor", 1)
    rising = step > 0 or factor > 1
    lit = tuple(device for device in selection.devices if request.state(device).value == "on")
    if not lit and rising:
        able = tuple(device for device in selection.devices if "brightness" in device.capabilities)
        if not able or factor != 1:
            return action(selection, Effect("turn_on"))
    if not lit and not rising:
        return Unresolved("cannot", "be dimmed: none is on", ids_of(selection.devices))
    devices = selection.devices if rising else lit
    return _changed(request, replace(selection, devices=devices), _LIGHT, lambda now: now * factor + step)


def change_temperature(request: Request, selection: Selection) -> Resolution:
    """`temperature_step`, from what the thermostat is set to."""
    return _changed(request, selection, _HEAT, lambda now: now + request.slots["temperature_step"])


def change_speed(request: Request, selection: Selection) -> Resolution:
    """`percentage_step`."""
    return _changed(request, selection, _SPEED, lambda now: now + request.slots["percentage_step"])


def change_position(request: Request, selection: Selection) -> Resolution:
    """`position_step`."""
    return _changed(request, selection, _POSITION, lambda now: now + request.slots["position_step"])


def too_dark(request: Request) -> Resolution:
    """EdgeTooDark: lamps on; where one is on already, brighter."""
    lights = request.to_move(lambda device: device.domain == "light")
    if isinstance(lights, Unresolved):
        return lights
    lit = tuple(device for device in lights.devices if request.state(device).value == "on")
    dimmed = tuple(
        d for d in lit if "brightness" in d.capabilities and request.state(d).attributes.get("brightness") != 100
    )
    if not dimmed:
        return action(lights, Effect("turn_on"))
    return change_light(_with(request, "brightness_step", LIGHT_STEP), replace(lights, devices=dimmed))


def too_bright(request: Request) -> Resolution:
    """EdgeTooBright: what is on gets dimmer."""
    lights = request.to_move(lambda device: device.domain == "light")
    if isinstance(lights, Unresolved):
        return lights
    lit = tuple(device for device in lights.devices if request.state(device).value == "on")
    if not lit:
        return Unresolved("cannot", "be dimmed: none is on", ids_of(lights.devices))
    return change_light(_with(request, "brightness_step", -LIGHT_STEP), replace(lights, devices=lit))


def too_cold(request: Request) -> Resolution:
    """EdgeTooCold: a degree more."""
    return _heated(request, _HEAT_STEP)


def too_warm(request: Request) -> Resolution:
    """EdgeTooWarm: a degree less."""
    return _heated(request, -_HEAT_STEP)


def _heated(request: Request, degrees: float) -> Resolution:
    heaters = request.to_move(is_room_heater)
    if isinstance(heaters, Unresolved):
        return heaters
    return change_temperature(_with(request, "temperature_step", degrees), heaters)


def _with(request: Request, slot: str, value: float) -> Request:
    return replace(request, slots={**request.slots, slot: value})


def _changed(request: Request, selection: Selection, change: Change, new: Callable[[float], float]) -> Resolution:
    """Each device's own new value, within its limits and those of the unit."""
    able = tuple(device for device in selection.devices if change.ability in device.capabilities)
    if not able:
        return Unresolved("cannot", change.otherwise, ids_of(selection.devices))
    values = {device.device_id: _value(device, request.state(device), change, new) for device in able}
    resolution = action(
        replace(selection, devices=able, undecided=selection.undecided and len(able) > 1), Effect(change.command)
    )
    if not isinstance(resolution, ResolvedAction | Ambiguous):
        return resolution
    if len({str(value) for value in values.values()}) == 1:
        return replace(resolution, values=next(iter(values.values())))
    return replace(resolution, own_values=values)


def _value(device: Device, state: DeviceState, change: Change, new: Callable[[float], float]) -> Mapping[str, float]:
    now = state.attributes.get(change.key)
    if not isinstance(now, int | float):
        now = change.unknown
    if change.key == "brightness" and state.value != "on":
        now = 0
    low, high = device.limits.get(change.ability, device.limits.get(change.key, (change.lowest, change.highest)))
    wanted = min(max(new(float(now)), low, change.lowest), high, change.highest)
    return {change.key: int(wanted) if float(wanted).is_integer() else round(wanted, 1)}


RESOLVERS: Final[Mapping[str, Callable[[Request], Resolution]]] = {
    intents.TOO_DARK: too_dark,
    intents.TOO_BRIGHT: too_bright,
    intents.TOO_COLD: too_cold,
    intents.TOO_WARM: too_warm,
}
