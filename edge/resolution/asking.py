"""Resolution of questions: which devices are to be looked at. Looking is free, so guarded devices are looked at too."""

from collections.abc import Callable, Mapping
from typing import Final

from edge.knowledge import Device
from edge.names import is_room_heater
from edge.records import Resolution, ResolvedAction, Unresolved
from edge.resolution.effects import Effect
from edge.resolution.request import Request, action, ids_of
from edge.resolution.selection import SWITCHED, Fits, Selection, same_class

_OPENINGS: Final = frozenset({"door", "garage", "garage_door", "gate", "window", "opening"})
"""Classes of covers, and of the contact sensors that people ask about in the same words."""

_PRESENCE: Final = frozenset({"occupancy", "presence", "motion"})


def get_state(request: Request) -> Resolution:
    """HassGetState: one device, or all of a kind; a name that several share is answered for all of them."""
    selection = request.to_read(_asked_about(request), everywhere=not request.slots.get("here"))
    if isinstance(selection, Unresolved):
        return selection
    values = {key: request.slots[key] for key in ("question", "state") if key in request.slots}
    return ResolvedAction(ids_of(selection.devices), "get_state", values)


def get_temperature(request: Request) -> Resolution:
    """HassClimateGetTemperature: thermometers first, else what the thermostats of the room measure."""
    heaters: Fits = (lambda device: device.domain == "climate") if "name" in request.slots else is_room_heater
    selection = request.to_read(lambda device: is_thermometer(device) or heaters(device), everywhere=False)
    if isinstance(selection, Unresolved):
        return selection
    if "name" not in request.slots:
        selection = _best_thermometers(selection)
    return action(selection, Effect("get_temperature"))


def is_thermometer(device: Device) -> bool:
    """Whether it measures how warm it is."""
    return device.domain == "sensor" and device.device_class == "temperature"


def _asked_about(request: Request) -> Fits:
    domain, wanted = request.slots.get("domain"), request.slots.get("device_class")
    of_kind = _KINDS.get(str(request.slots.get("kind")))
    if of_kind is not None:
        return of_kind

    def fits(device: Device) -> bool:
        if domain == "sensor":
            return device.domain == domain and wanted in {None, device.device_class}
        if wanted == "occupancy":
            return device.domain == "binary_sensor" and device.device_class in _PRESENCE
        if domain == "cover" and wanted in _OPENINGS and device.domain == "binary_sensor":
            return device.device_class in same_class(wanted)
        if domain == "cover":
            return device.domain in {"cover", "valve"} and (wanted is None or device.device_class in same_class(wanted))
        return domain in {None, device.domain}

    return fits


def _is_opening(device: Device) -> bool:
    """What can be open: covers, and windows and doors with a sensor."""
    sensor = device.domain == "binary_sensor" and device.device_class in _OPENINGS
    return sensor or device.domain in {"cover", "valve"}


_KINDS: Final[Mapping[str, Fits]] = {
    "switched": lambda device: device.domain in SWITCHED,
    "openings": _is_opening,
}


def _best_thermometers(selection: Selection) -> Selection:
    """One room: its thermometers, else its thermostats. Several rooms: the home's only thermostat speaks for it."""
    sensors = tuple(filter(is_thermometer, selection.devices))
    heaters = tuple(filter(is_room_heater, selection.devices))
    if len({device.area for device in selection.devices}) == 1:
        return Selection(sensors or heaters)
    return Selection(heaters) if len(heaters) == 1 else Selection(selection.devices, undecided=True)


RESOLVERS: Final[Mapping[str, Callable[[Request], Resolution]]] = {
    "HassGetState": get_state,
    "HassClimateGetTemperature": get_temperature,
}
