"""Resolution of the intents that move things: lights, covers, locks, heating, fans, vacuums, switches, scenes."""

from collections.abc import Callable, Mapping
from typing import Final

from edge.knowledge import Device
from edge.names import is_room_heater
from edge.records import Ambiguous, Resolution, Unresolved
from edge.resolution.changing import change_light, change_position, change_speed, change_temperature
from edge.resolution.effects import Effect, Setting, light_settings, turned
from edge.resolution.request import Request, action, ids_of, settings_action
from edge.resolution.selection import SWITCHED, Fits, same_class

_NEVER_TURNED: Final = frozenset({"sensor", "binary_sensor", "number", "select"})
_ROBOTS: Final = ("vacuum", "lawn_mower")
_ONLY_ON: Final = frozenset({"button", "input_button", "scene", "script"})
"""What is pressed or called up, and has no off."""


def turn(request: Request) -> Resolution:
    """HassTurnOn and HassTurnOff: also open and close, lock and unlock, start, press, arm."""
    selection = request.to_move(_turnable(request))
    if isinstance(selection, Unresolved):
        return selection
    effects = [turned(request.intent, device.domain, request.slots.get("mode")) for device in selection.devices]
    if len({effect.command for effect in effects}) > 1:  # namesakes of different kinds
        return Ambiguous(ids_of(selection.devices), effects[0].command)
    return action(selection, effects[0])


def _turnable(request: Request) -> Fits:
    domain, wanted = request.slots.get("domain"), request.slots.get("device_class")
    if request.slots.get("kind") == "switched":
        return of_domain(*SWITCHED)
    if domain is None:
        never = _NEVER_TURNED if request.intent == "HassTurnOn" else _NEVER_TURNED | _ONLY_ON
        return lambda device: device.domain not in never
    if domain in _ONLY_ON and request.intent != "HassTurnOn":
        return lambda _: False
    if domain == "cover":
        return _cover(wanted)
    return of_domain(domain)


def set_light(request: Request) -> Resolution:
    """HassLightSet: brightness, colour, shade of white."""
    if request.slots.get("brightness") == 0:
        return _simple(request, of_domain("light"), Effect("turn_off"))
    selection = request.to_move(of_domain("light", *(["switch"] if "name" in request.slots else [])))
    if isinstance(selection, Unresolved):
        return selection
    if request.slots.keys() & {"brightness_step", "brightness_factor", "color_temp_step"}:
        return change_light(request, selection)
    return settings_action(selection, "turn_on", light_settings(request.slots))


def set_position(request: Request) -> Resolution:
    """HassSetPosition: fully open and fully closed are within every cover's power."""
    selection = request.to_move(_cover(request.slots.get("device_class")))
    if isinstance(selection, Unresolved):
        return selection
    if "position_step" in request.slots:
        return change_position(request, selection)
    position = request.slots["position"]
    if position in {0, 100} and not any("position" in device.capabilities for device in selection.devices):
        return action(selection, Effect("open" if position else "close"))
    setting = Setting("position", "position", position, "stop half way")
    return settings_action(selection, "set_position", (setting,))


def set_temperature(request: Request) -> Resolution:
    """HassClimateSetTemperature: a thermostat, or by its name anything else that heats."""
    selection = request.to_move(of_domain("climate", "water_heater") if "name" in request.slots else is_room_heater)
    if isinstance(selection, Unresolved):
        return selection
    if "temperature_step" in request.slots:
        return change_temperature(request, selection)
    setting = Setting("target_temperature", "temperature", request.slots["temperature"], "be set to a temperature")
    return settings_action(selection, "set_temperature", (setting,))


def set_speed(request: Request) -> Resolution:
    """HassFanSetSpeed."""
    if request.slots.get("percentage") == 0:
        return _simple(request, of_domain("fan"), Effect("turn_off"))
    selection = request.to_move(of_domain("fan"))
    if isinstance(selection, Unresolved):
        return selection
    if "percentage_step" in request.slots:
        return change_speed(request, selection)
    setting = Setting("speed", "speed", request.slots["percentage"], "be set to a speed")
    return settings_action(selection, "set_speed", (setting,))


def stop_moving(request: Request) -> Resolution:
    """HassStopMoving: covers stop where they are, a robot waits."""
    if request.slots.get("domain") in _ROBOTS:
        return _simple(request, _robot(request), Effect("pause"))
    return _simple(request, _cover(request.slots.get("device_class")), Effect("stop"))


def start_vacuum(request: Request) -> Resolution:
    """HassVacuumStart."""
    return _simple(request, _robot(request), Effect("start"))


def dock_vacuum(request: Request) -> Resolution:
    """HassVacuumReturnToBase."""
    return _simple(request, _robot(request), Effect("return_to_base"))


def clean_area(request: Request) -> Resolution:
    """HassVacuumCleanArea: the area is where to clean, not where the robot stands; none of ours can be told rooms."""
    robots = tuple(filter(of_domain("vacuum"), request.index.home.devices))
    return Unresolved("cannot", "clean one room only", ids_of(robots[:1])) if robots else Unresolved("no_device")


def _simple(request: Request, fits: Fits, effect: Effect) -> Resolution:
    selection = request.to_move(fits)
    return selection if isinstance(selection, Unresolved) else action(selection, effect)


def of_domain(*domains: str) -> Fits:
    """Fits the devices of these domains."""
    return lambda device: device.domain in domains


def _robot(request: Request) -> Fits:
    """A lawn mower goes only where it was named."""
    return of_domain(*_ROBOTS) if "name" in request.slots else of_domain("vacuum")


def _cover(wanted: str | None) -> Fits:
    def fits(device: Device) -> bool:
        return device.domain in {"cover", "valve"} and (wanted is None or device.device_class in same_class(wanted))

    return fits


RESOLVERS: Final[Mapping[str, Callable[[Request], Resolution]]] = {
    "HassTurnOn": turn,
    "HassTurnOff": turn,
    "HassLightSet": set_light,
    "HassSetPosition": set_position,
    "HassStopMoving": stop_moving,
    "HassClimateSetTemperature": set_temperature,
    "HassFanSetSpeed": set_speed,
    "HassVacuumStart": start_vacuum,
    "HassVacuumReturnToBase": dock_vacuum,
    "HassVacuumCleanArea": clean_area,
}
