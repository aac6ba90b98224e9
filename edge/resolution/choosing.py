"""Resolution of values that devices of many kinds can be given: a number, one of several options, a humidity."""

from collections.abc import Callable, Mapping
from typing import Final

from edge import intents
from edge.knowledge import Device
from edge.names import fold
from edge.records import Resolution, Unresolved
from edge.resolution.effects import Effect, Setting
from edge.resolution.request import Request, action, ids_of, settings_action

_OPTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "option": ("select", "option"),
    "mode": ("set_mode", "mode"),
    "preset": ("set_preset", "preset"),
}
"""By what may be chosen, as `Device.options` calls it: the command, and the name of its value."""

_NAMED_MAX: Final = 5


def set_value(request: Request) -> Resolution:
    """intents.SET_VALUE: a number as such, a humidifier in percent."""
    selection = request.to_move(_takes_a_number if request.slots.get("name") else _is_humidifier)
    if isinstance(selection, Unresolved):
        return selection
    if all(map(_is_humidifier, selection.devices)):
        humidity = Setting("target_humidity", "humidity", request.slots["value"], "be set to a humidity")
        return settings_action(selection, "set_humidity", (humidity,))
    value = Setting("value", "value", request.slots["value"], "be set to a number")
    return settings_action(selection, "set_value", (value,))


def select(request: Request) -> Resolution:
    """intents.SELECT: an option by its name, of whatever the device lets one choose."""
    selection = request.to_move(lambda device: bool(_choices(device)))
    if isinstance(selection, Unresolved):
        return selection
    wanted = fold(str(request.slots["option"]))
    device = selection.devices[0]
    for kind, option in _choices(device):
        if fold(option) == wanted:
            command, key = _OPTIONS[kind]
            return action(selection, Effect(command, {key: option}))
    known = [fold(option) for _, option in _choices(device)]
    return Unresolved("cannot", f"be set to that: it knows {', '.join(known[:_NAMED_MAX])}", ids_of((device,)))


def _choices(device: Device) -> tuple[tuple[str, str], ...]:
    """What can be chosen: of what kind, and its name."""
    return tuple((kind, option) for kind in _OPTIONS for option in device.options.get(kind, ()))


def _takes_a_number(device: Device) -> bool:
    return "value" in device.capabilities or _is_humidifier(device)


def _is_humidifier(device: Device) -> bool:
    return device.domain == "humidifier"


RESOLVERS: Final[Mapping[str, Callable[[Request], Resolution]]] = {
    intents.SET_VALUE: set_value,
    intents.SELECT: select,
}
