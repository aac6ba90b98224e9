"""How the things of a simulated home behave: what they are like, what they say of themselves, how they obey.

A device's state is a mapping with `state` and attributes, in people's units; so is what it sends, save a lamp's.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from edge.home.colors import color_of_hs, hs_of
from edge.home.home_file import DeviceEntry
from edge.home.payloads import as_number, parse_json

State = Mapping[str, Any]

HEATER_MODES: Final = ("off", "heat")
"""Of a thermostat that names none."""

Span = tuple[float, float]
_ANSWERS_IN_S: Final[Mapping[str, Span]] = {
    "cover": (0.3, 0.8),
    "lock": (1.0, 1.0),
    "climate": (0.5, 1.0),
    "fan": (0.2, 0.5),
    "water_heater": (0.5, 1.0),
    "vacuum": (0.5, 1.0),
    "lawn_mower": (0.5, 1.0),
    "valve": (0.3, 0.8),
    "alarm_control_panel": (0.5, 1.0),
    "media_player": (0.3, 0.7),
}
_MOVES_IN_S: Final[Mapping[str, Span]] = {
    "cover": (8.0, 12.0),
    "climate": (900.0, 1800.0),
    "water_heater": (900.0, 1800.0),
    "valve": (3.0, 5.0),
    "vacuum": (40.0, 60.0),
    "lawn_mower": (40.0, 60.0),
    "alarm_control_panel": (10.0, 10.0),
}


def answers_in_s(domain: str, entry: DeviceEntry) -> Span:
    """Between which bounds lies the time until it obeys."""
    return entry.answers_in_s or _ANSWERS_IN_S.get(domain, (0.1, 0.3))


def moves_in_s(domain: str, entry: DeviceEntry) -> Span:
    """Between which bounds lies the time of a whole movement."""
    return entry.moves_in_s or _MOVES_IN_S.get(domain, (1.0, 1.0))


@dataclass(frozen=True)
class Reaction:
    """How a device obeys: at once, on the way, and at the end."""

    now: State = field(default_factory=dict)
    travels: str | None = None
    """The attribute that moves."""
    to: float = 0.0
    then: State | None = None
    """What holds at the end of the movement; None: there is no movement."""


def start_state(domain: str, entry: DeviceEntry) -> dict[str, Any]:
    """What it is like at the beginning."""
    state: dict[str, Any] = {**_START.get(domain, {}), **_able(entry), **entry.start}
    if domain in {"cover", "valve"}:
        state.setdefault("position", 0 if state["state"] == "closed" else 100)
    if domain == "select" and entry.options:
        state.setdefault("state", entry.options[0])
    if domain == "number":
        state.setdefault("state", f"{entry.minimum or 0:g}")
    return state


_START: Final[Mapping[str, State]] = {
    **{domain: {"state": "off"} for domain in ("light", "switch", "fan", "binary_sensor", "siren")},
    **{domain: {"state": "closed"} for domain in ("cover", "valve")},
    "lock": {"state": "locked"},
    "climate": {"state": "off", "temperature": 20, "current_temperature": 20},
    "water_heater": {"state": "off", "temperature": 50, "current_temperature": 20},
    "humidifier": {"state": "off", "humidity": 50},
    **{domain: {"state": "docked"} for domain in ("vacuum", "lawn_mower")},
    "sensor": {"state": "0"},
    "alarm_control_panel": {"state": "disarmed"},
    "media_player": {"state": "off", "volume": 30},
}


def _able(entry: DeviceEntry) -> State:
    defaults = {"brightness": 100, "color_temp": 3000, "speed": 50, "oscillating": False}
    state: dict[str, Any] = {key: value for key, value in defaults.items() if key in entry.capabilities}
    if "color" in entry.capabilities and "color_temp" not in entry.capabilities:
        state["color"] = "white"
    return state


def payload_of(domain: str, state: State) -> str:
    """What it publishes on its state topic."""
    if domain != "light":
        return json.dumps(state, ensure_ascii=False)
    told: dict[str, Any] = {"state": str(state["state"]).upper()}
    told |= {key: state[key] for key in ("brightness", "effect", "color_temp") if state.get(key) is not None}
    hs = hs_of(state.get("color"))
    if hs is not None:
        told |= {"color_mode": "hs", "color": {"h": round(hs[0], 1), "s": round(hs[1], 1)}}
    elif "color_temp" in told:
        told["color_mode"] = "color_temp"
    return json.dumps(told)


def obey(domain: str, entry: DeviceEntry, state: State, verb: str, payload: str) -> Reaction | None:
    """What a device does on hearing `payload` at `<base>/set/<verb>`; None when it does not understand."""
    obeying = _OBEYING.get(domain)
    return obeying(entry, state, verb, payload) if obeying else None


def _obey_light(entry: DeviceEntry, state: State, verb: str, payload: str) -> Reaction | None:
    told = parse_json(payload)
    if not isinstance(told, dict) or told.get("state") not in {"ON", "OFF"}:
        return None
    if told["state"] == "OFF":
        return Reaction({"state": "off"})
    now: dict[str, Any] = {"state": "on"}
    now |= {key: told[key] for key in ("brightness", "effect") if key in told and key in entry.capabilities}
    if "color" in entry.capabilities and isinstance(told.get("color"), dict):
        now |= {"color": color_of_hs(told["color"].get("h"), told["color"].get("s")), "color_temp": None}
    elif "color_temp" in entry.capabilities and "color_temp" in told:
        now |= {"color_temp": told["color_temp"], "color": None}
    return Reaction(now)


def _obey_switch(entry: DeviceEntry, state: State, verb: str, payload: str) -> Reaction | None:
    return Reaction({"state": payload}) if verb == "" and payload in {"on", "off"} else None


def _obey_fan(entry: DeviceEntry, state: State, verb: str, payload: str) -> Reaction | None:
    if verb == "":
        return _obey_switch(entry, state, verb, payload)
    if verb == "speed" and (speed := as_number(payload)) is not None and 0 <= speed <= 100:
        return Reaction({"speed": round(speed), "state": "on" if speed else "off"})
    if verb == "oscillating" and payload in {"True", "False"}:
        return Reaction({"oscillating": payload == "True"})
    return Reaction({"preset": payload}) if verb == "preset" and payload in entry.options else None


def _obey_cover(entry: DeviceEntry, state: State, verb: str, payload: str) -> Reaction | None:
    if payload == "STOP":
        return Reaction({"state": "open" if state["position"] else "closed"})
    target = {"OPEN": 100.0, "CLOSE": 0.0}.get(payload) if verb == "" else as_number(payload)
    if target is None or not 0 <= target <= 100:
        return None
    end = {"state": "open" if target else "closed", "position": round(target)}
    if target == state["position"]:
        return Reaction(end)
    return Reaction({"state": "opening" if target > state["position"] else "closing"}, "position", target, end)


def _obey_lock(entry: DeviceEntry, state: State, verb: str, payload: str) -> Reaction | None:
    end = {"LOCK": "locked", "UNLOCK": "unlocked"}.get(payload)
    return Reaction({"state": end}) if end else None


def _obey_heater(entry: DeviceEntry, state: State, verb: str, payload: str) -> Reaction | None:
    wanted = dict(state)
    if verb == "mode" and payload in (entry.options or HEATER_MODES):
        wanted["state"] = payload
    elif verb == "temperature" and (degrees := as_number(payload)) is not None:
        wanted["temperature"] = degrees
    else:
        return None
    # Off, a house cools to 18 degrees and an oven to the kitchen's; that they are the same here does no harm.
    target = 18.0 if wanted["state"] == "off" else float(wanted["temperature"])
    now = {key: wanted[key] for key in ("state", "temperature")}
    return Reaction(now, "current_temperature", target, {"current_temperature": target})


def _obey_vacuum(entry: DeviceEntry, state: State, verb: str, payload: str) -> Reaction | None:
    if payload == "return_to_base":
        return Reaction({"state": "docked"}) if state["state"] == "docked" else _after("returning", "docked")
    end = {"start": "cleaning", "clean_spot": "cleaning", "pause": "paused", "stop": "idle"}.get(payload)
    return Reaction({"state": end}) if end else (Reaction() if payload == "locate" else None)


def _obey_lawn_mower(entry: DeviceEntry, state: State, verb: str, payload: str) -> Reaction | None:
    if payload == "dock":
        return Reaction({"state": "docked"}) if state["state"] == "docked" else _after("returning", "docked")
    end = {"start_mowing": "mowing", "pause": "paused"}.get(payload)
    return Reaction({"state": end}) if end else None


def _obey_humidifier(entry: DeviceEntry, state: State, verb: str, payload: str) -> Reaction | None:
    if verb == "humidity" and (humidity := as_number(payload)) is not None and 0 <= humidity <= 100:
        return Reaction({"humidity": round(humidity)})
    return _obey_switch(entry, state, verb, payload)


def _obey_alarm(entry: DeviceEntry, state: State, verb: str, payload: str) -> Reaction | None:
    if payload == "DISARM":
        return Reaction({"state": "disarmed"})
    end = {f"ARM_{mode.upper()}": f"armed_{mode}" for mode in ("home", "away", "night", "vacation")}.get(payload)
    if end is None:
        return None
    return Reaction({"state": end}) if state["state"] == end else _after("arming", end)


def _obey_select(entry: DeviceEntry, state: State, verb: str, payload: str) -> Reaction | None:
    return Reaction({"state": payload}) if payload in entry.options else None


def _obey_number(entry: DeviceEntry, state: State, verb: str, payload: str) -> Reaction | None:
    number = as_number(payload)
    return None if number is None else Reaction({"state": f"{number:g}"})


def _obey_media_player(entry: DeviceEntry, state: State, verb: str, payload: str) -> Reaction | None:
    told = parse_json(payload)
    command = told.get("command") if isinstance(told, dict) else None
    titles = [item.model_dump() for item in entry.catalogue]
    if command == "set_volume" and (volume := as_number(told.get("volume"))) is not None:
        return Reaction({"volume": min(100, max(0, round(volume)))})
    if command == "play_media":
        asked = {"title": told.get("title"), "kind": told.get("media_kind"), "by": told.get("by")}
        found = [item for item in titles if all(value in {None, item[key]} for key, value in asked.items())]
        return _playing(found[0]) if found else None
    if command in {"play", "next", "previous"} and titles:
        current = next((i for i, item in enumerate(titles) if _is_on(item, state)), None)
        if command == "play":
            return _playing(titles[current or 0])
        return _playing(titles[((-1 if current is None else current) + (1 if command == "next" else -1)) % len(titles)])
    end = {"turn_on": "idle", "turn_off": "off", "media_pause": "paused", "stop": "idle"}.get(str(command))
    if command == "turn_on" and state["state"] != "off":
        return Reaction()
    over = dict.fromkeys(("title", "media_kind", "by")) if end == "off" else {}
    return Reaction({"state": end, **over}) if end else None


def _playing(item: State) -> Reaction:
    return Reaction({"state": "playing", "title": item["title"], "media_kind": item["kind"], "by": item["by"] or None})


def _is_on(item: State, state: State) -> bool:
    return (item["title"], item["kind"]) == (state.get("title"), state.get("media_kind"))


def _after(on_the_way: str, end: str) -> Reaction:
    return Reaction({"state": on_the_way}, then={"state": end})


_Obey = Callable[[DeviceEntry, State, str, str], Reaction | None]
_OBEYING: Final[Mapping[str, _Obey]] = {
    "light": _obey_light,
    **dict.fromkeys(("switch", "siren"), _obey_switch),
    "fan": _obey_fan,
    **dict.fromkeys(("cover", "valve"), _obey_cover),
    "lock": _obey_lock,
    **dict.fromkeys(("climate", "water_heater"), _obey_heater),
    "humidifier": _obey_humidifier,
    "vacuum": _obey_vacuum,
    "lawn_mower": _obey_lawn_mower,
    "alarm_control_panel": _obey_alarm,
    "select": _obey_select,
    "number": _obey_number,
    "media_player": _obey_media_player,
}
