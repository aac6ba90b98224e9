"""The circumstances of a turn, asked in the words of the home: what is in this room, what is on, what was spoken of."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from edge import intents
from edge.commands import UNUSABLE
from edge.knowledge import Area, Device, DeviceState, HomeMap
from edge.names import fold, is_room_heater
from edge.turn import Context, Recent

Fits = Callable[[Device], bool]

_UNKNOWN: Final = DeviceState("unknown")
_RESTING: Final = UNUSABLE | {"off", "closed", "locked", "docked", "idle", "standby", "disarmed"}
"""States in which a device does nothing that could be ended."""

_SCREENING: Final = frozenset({"blind", "shade", "curtain", "shutter", "awning"})
_OUTDOORS: Final = frozenset({"outside", "outdoor", "outdoors", "garden", "terrace", "balcony", "patio", "yard"})
_DAY: Final = range(9, 17)
"""Hours in which it is light outside all the year round."""

MORNING: Final = range(5, 10)
AFTER_ALARM: Final = timedelta(hours=1)

DAYLIGHT_LUX: Final = 500
"""An overcast noon has ten times as much, a lit street at night a twentieth."""

_SWITCHED: Final = frozenset(
    {"light", "switch", "fan", "media_player", "climate", "water_heater", "humidifier", "input_boolean", "vacuum"}
)
_ON_PURPOSE: Final = frozenset({"cover", "valve", "lock", "alarm_control_panel", "scene", "script", "button", "siren"})
"""What `HassTurnOn` and `HassTurnOff` also move, where it is said: "close it", "lock it"."""

_TAKES: Final[Mapping[str, frozenset[str]]] = {
    "HassTurnOn": _SWITCHED | _ON_PURPOSE,
    "HassTurnOff": _SWITCHED | _ON_PURPOSE,
    "HassLightSet": frozenset({"light"}),
    "HassSetPosition": frozenset({"cover", "valve"}),
    "HassStopMoving": frozenset({"cover", "valve", "vacuum"}),
    "HassClimateSetTemperature": frozenset({"climate", "water_heater"}),
    "HassClimateGetTemperature": frozenset({"climate", "water_heater", "sensor"}),
    "HassFanSetSpeed": frozenset({"fan"}),
    "HassVacuumStart": frozenset({"vacuum"}),
    "HassVacuumReturnToBase": frozenset({"vacuum"}),
}
_NEVER_SWITCHED: Final = frozenset({"lock"})
"""Nobody turns a door off: it is locked, by that word."""

_HEATERS: Final = frozenset({"climate", "water_heater"})
_PLAYED: Final = frozenset({"media_player"})


def takes(intent: str, slots: Mapping[str, Any]) -> Fits:
    """Whether a device can be meant by the intent."""
    domains = _TAKES.get(intent)
    if domains is None and intent.startswith(("HassMedia", "HassSetVolume")):
        domains = _PLAYED
    wanted, kind = slots.get("domain"), slots.get("device_class")
    if wanted is None and slots.get("reference") and domains is not None:
        domains -= _NEVER_SWITCHED

    def fits(device: Device) -> bool:
        if domains is not None and device.domain not in domains:
            return False
        return wanted in {None, device.domain} and kind in {None, device.device_class}

    return fits


@dataclass(frozen=True)
class Here:
    """The room, the states and the last turns, over one home."""

    context: Context
    home: HomeMap

    @property
    def area(self) -> Area | None:
        """Where the speaker is."""
        return self.home.area_called(self.context.room) if self.context.room else None

    @property
    def is_night(self) -> bool:
        """Whether people usually sleep."""
        return not 6 <= self.context.now.hour < 22

    def is_about(self, hour: int) -> bool:
        """Whether it is that hour of the day, or the one before or after."""
        return (self.context.now.hour - hour) % 24 in {0, 1, 23}

    @property
    def just_got_up(self) -> bool:
        """Whether an alarm rang in the last hour, or it is early."""
        now = self.context.now
        rang = any(each.what == "alarm" and now - each.at <= AFTER_ALARM for each in self.context.happenings)
        return rang or now.hour in MORNING

    @property
    def is_daylight(self) -> bool:
        """Whether there is light outside: a sensor out there knows, else the hour."""
        for device in filter(self._is_outdoor_sensor, self.home.devices):
            value = self.state(device).value
            if value.replace(".", "", 1).isdecimal():
                return float(value) >= DAYLIGHT_LUX
        return self.context.now.hour in _DAY

    def _is_outdoor_sensor(self, device: Device) -> bool:
        area = self.home.area.get(device.area or "")
        where = {*fold(device.name).split(), *(fold(area.name).split() if area else ())}
        return device.device_class == "illuminance" and bool(where & _OUTDOORS)

    @property
    def of_light_and_air(self) -> tuple[Device, ...]:
        """What tells how light and how warm it is in the speaker's room, and whether it is day."""
        return tuple(
            device
            for device in self.home.devices
            if self._is_outdoor_sensor(device)
            or (self.holds(device) and (device.domain in {"light", "cover"} or device.device_class == "window"))
        )

    def covers(self, state: str) -> tuple[Device, ...]:
        """Blinds and curtains of the speaker's room that stand so."""
        screening = (d for d in self.home.devices if d.domain == "cover" and d.device_class in _SCREENING)
        return tuple(d for d in screening if d.tier != "guarded" and self.holds(d) and self.state(d).value == state)

    @property
    def windows(self) -> tuple[Device, ...]:
        """Windows of the speaker's room: those that a motor moves and those that only tell."""
        return tuple(device for device in self.home.devices if device.device_class == "window" and self.holds(device))

    @property
    def ovens_on(self) -> tuple[Device, ...]:
        """What heats something other than a room, and is hot."""
        heaters = (d for d in self.home.devices if d.domain in _HEATERS and not is_room_heater(d))
        return tuple(device for device in heaters if self.is_on(device))

    def state(self, device: Device) -> DeviceState:
        """What the device last said of itself."""
        return self.context.states.get(device.device_id, _UNKNOWN)

    def is_on(self, device: Device) -> bool:
        """Whether it does something that could be ended; what does not tell is not on."""
        return self.state(device).value not in _RESTING

    def is_known(self, device: Device) -> bool:
        """Whether it tells what it does."""
        return self.state(device).value not in UNUSABLE

    def holds(self, device: Device) -> bool:
        """Whether it is in the speaker's room."""
        area = self.area
        return area is not None and device.area == area.area_id

    def devices(self, device_ids: Iterable[str]) -> tuple[Device, ...]:
        """Those of the ids that are still in the home."""
        return tuple(self.home.device[each] for each in device_ids if each in self.home.device)

    def spoken_of(self, fits: Fits) -> Iterator[tuple[Recent, tuple[Device, ...]]]:
        """The last turns that were about such devices, latest first, with those devices."""
        for recent in self.context.recent:
            devices = tuple(filter(fits, self.devices(recent.action.targets)))
            if devices:
                yield recent, devices

    def could_change(self, intent: str, fits: Fits) -> tuple[Device, ...]:
        """What the command would change: here, or where nothing is here, in the whole home.

        A thermostat is always on, and what stands open or locked is so on purpose, unless it was asked for by kind.
        """
        found = [d for d in self.home.devices if fits(d) and self.would_change(intent, d)]
        return tuple(filter(self.holds, found)) or tuple(found)

    def would_change(self, intent: str, device: Device) -> bool:
        """Whether its state is the opposite of what the command asks for."""
        if not self.is_known(device):
            return False
        is_on = self.is_on(device)
        if device.domain == "lock":
            is_on = not is_on  # "on" locks
        return not is_on if intent == "HassTurnOn" else is_on

    def area_of(self, name: str) -> Area | None:
        """The place of that name."""
        wanted = fold(name)
        return next((a for a in self.home.areas if wanted in map(fold, (a.name, a.area_id, *a.aliases))), None)


def is_plain_switch(device: Device) -> bool:
    """Whether "turn it off" may mean it though nobody spoke of it: not what heats a room, opens or locks."""
    return device.domain in _SWITCHED and not is_room_heater(device)


def said_place(slots: Mapping[str, Any]) -> bool:
    """Whether the words named a place: then circumstances have no say in it."""
    return bool((slots.get("area") and not slots.get("here")) or slots.get("areas") or slots.get("floor"))


def said_which(slots: Mapping[str, Any]) -> bool:
    """Whether the words told which devices are meant."""
    return any(slots.get(slot) for slot in ("name", "names", "all", "targets")) or said_place(slots)


CHANGED_BY_DEGREES: Final[Mapping[str, str]] = {
    "brightness_step": "HassLightSet",
    "brightness_factor": "HassLightSet",
    "color_temp_step": "HassLightSet",
    "volume_step": "HassSetVolumeRelative",
    "volume_factor": "HassSetVolumeRelative",
    "temperature_step": "HassClimateSetTemperature",
    "percentage_step": "HassFanSetSpeed",
    "position_step": "HassSetPosition",
}
"""Slots that ask for more or less of something, and the intent that they belong to."""

CARRIED: Final = frozenset({intents.AGAIN, intents.CHANGE})
"""Intents that mean nothing without the turn before."""
