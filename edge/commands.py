"""Words: the commands a home understands, and the state that tells that one was obeyed."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from edge.knowledge import Device, DeviceState

READING: Final = frozenset({"get_state", "get_temperature", "get_time", "get_date"})
"""Commands that ask and move nothing."""

REMARKS: Final = frozenset({"take_thanks", "take_blame"})
"""What is said of a turn that was, and asks for nothing."""

EXPLAIN: Final = "explain"
"""Tell why the last turn went as it did."""

OWN: Final = frozenset({"nevermind", "be_silent", EXPLAIN}) | REMARKS
"""Commands to the assistant itself."""

MOVING: Final = frozenset(
    {"turn_on", "turn_off", "open", "close", "stop", "set_position", "lock", "unlock", "set_temperature", "set_mode"}
    | {"set_speed", "start", "pause", "return_to_base", "locate", "arm_home", "arm_away", "arm_night", "disarm"}
    | {"press", "activate", "select", "set_value", "play", "play_media", "media_pause", "next", "previous"}
    | {"set_volume", "mute", "set_humidity", "set_preset", "set_oscillating", "set_direction", "set_tilt"}
    | {"set_fan_speed", "clean_spot", "send_command", "arm_vacation"}
)
"""Commands that move a device; what each can do it says itself."""

AGENDA: Final = frozenset(
    {"start_timer", "change_timer", "pause_timer", "resume_timer", "cancel_timer", "get_timers"}
    | {"set_alarm", "cancel_alarm", "get_alarms", "snooze", "stop_ringing"}
    | {"set_reminder", "cancel_reminder", "get_reminders", "do_later", "cancel_later", "get_later"}
    | {"add_items", "remove_items", "get_items", "clear_items"}
)
"""Commands about time and lists; they move nothing in the home. `do_later` keeps words that are said again in time."""

RUN_SKILL: Final = "run_skill"
"""What a skill file says; values `skill_intent` and its slots."""

UNUSABLE: Final = frozenset({"unavailable", "unknown", ""})

_WANTED: Final[Mapping[str, frozenset[str]]] = {
    "turn_off": frozenset({"off", "standby"}),
    "open": frozenset({"open", "opening"}),
    "close": frozenset({"closed", "closing"}),
    "lock": frozenset({"locked", "locking"}),
    "unlock": frozenset({"unlocked", "unlocking", "open"}),
    "start": frozenset({"cleaning", "mowing", "on"}),
    "clean_spot": frozenset({"cleaning"}),
    "pause": frozenset({"paused", "idle"}),
    "return_to_base": frozenset({"returning", "docked"}),
    "play": frozenset({"playing"}),
    "play_media": frozenset({"playing"}),
    "media_pause": frozenset({"paused", "idle"}),
    "arm_home": frozenset({"arming", "armed_home"}),
    "arm_away": frozenset({"arming", "armed_away"}),
    "arm_night": frozenset({"arming", "armed_night"}),
    "arm_vacation": frozenset({"arming", "armed_vacation"}),
    "disarm": frozenset({"disarmed"}),
}

UNCONFIRMABLE: Final = frozenset({"press", "activate", "stop", "next", "previous", "locate", "send_command"})
"""Commands after which no particular state can be expected."""

_CLOSE_ENOUGH: Final[Mapping[str, float]] = {
    "brightness": 2.0,
    "position": 3.0,
    "tilt": 3.0,
    "humidity": 2.0,
    "speed": 17.0,  # many fans have three or six steps and report the nearest
    "volume": 3.0,
    "temperature": 0.5,
    "color_temp": 150.0,
}


def reached(state: DeviceState, command: str, values: Mapping[str, Any]) -> bool:
    """Whether `state` is what `command` wants; also true of a device that was there already."""
    if state.value in UNUSABLE:
        return False
    if command == "turn_on" and state.value in {"off", "standby"}:
        return False
    if command == "set_position":
        return _on_the_way(state, values)
    if command in _WANTED and state.value not in _WANTED[command]:
        return False
    return all(_same(key, value, state) for key, value in values.items())


def expectation(device: Device, command: str, values: Mapping[str, Any]) -> Callable[[DeviceState], bool] | None:
    """What the device's state must satisfy afterwards; None where it cannot tell."""
    if not device.reports or command in UNCONFIRMABLE or values.keys() & {*device.untold}:
        return None
    return lambda state: reached(state, command, values)


def _same(key: str, wanted: Any, state: DeviceState) -> bool:
    actual = state.attributes.get(key, state.value if key in {"mode", "option", "value"} else None)
    if actual is None:
        return False
    if key in _CLOSE_ENOUGH:
        return abs(float(actual) - float(wanted)) <= _CLOSE_ENOUGH[key]
    if isinstance(wanted, list | tuple) and isinstance(actual, list | tuple):
        return len(actual) == len(wanted) and all(
            abs(float(a) - float(w)) <= 6 for a, w in zip(actual, wanted, strict=True)
        )
    return bool(actual == wanted)


def _on_the_way(state: DeviceState, values: Mapping[str, Any]) -> bool:
    return state.value in {"opening", "closing"} or _same("position", values["position"], state)
