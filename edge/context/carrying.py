"""Carry-over: "it", "there", "the other one", "and in the bedroom too", "a bit more" are what they stand for.

What was said stays as it was said. Where nothing was spoken of that fits, what is on here may stand for "it".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from edge import intents
from edge.context.here import CARRIED, CHANGED_BY_DEGREES, Here, is_plain_switch, said_place, said_which, takes
from edge.knowledge import Area, Device
from edge.names import fold
from edge.records import Interpretation
from edge.turn import Recent

MEANINGS_MAX: Final = 3
"""More things that could be meant are not offered."""

STEPS: Final[Mapping[str, tuple[str, str, float]]] = {
    "light": ("HassLightSet", "brightness_step", 20),
    "media_player": ("HassSetVolumeRelative", "volume_step", 10),
    "climate": ("HassClimateSetTemperature", "temperature_step", 1),
    "water_heater": ("HassClimateSetTemperature", "temperature_step", 1),
    "fan": ("HassFanSetSpeed", "percentage_step", 20),
    "cover": ("HassSetPosition", "position_step", 20),
    "valve": ("HassSetPosition", "position_step", 20),
}
"""By domain, what "more" changes, and by how much: the intent, its slot, percent or degrees."""

_TO: Final[Mapping[str, str]] = {
    "light": "brightness",
    "media_player": "volume_level",
    "climate": "temperature",
    "water_heater": "temperature",
    "fan": "percentage",
    "cover": "position",
    "valve": "position",
}
"""By domain, the slot of a value that it is set to."""

_WHITER: Final = ("HassLightSet", "color_temp_step", 500)
_LOUDER: Final = ("HassSetVolumeRelative", "volume_step", 10)

_WHERE_AND_WHICH: Final = frozenset(
    {"name", "names", "area", "areas", "floor", "here", "all", "except", "targets", "reference", "kind", "correction"}
)
_OPENED: Final = frozenset({"cover", "valve"})
_LESS: Final = frozenset({"close", "turn_off"})
"""Commands after which "more" means more of that: further down."""


def carried(said: Interpretation, here: Here) -> tuple[Interpretation, ...]:
    """What the words mean after the turns before; the words themselves where nothing is carried over."""
    reference = said.slots.get("reference")
    if said.intent in CARRIED:
        return _after(said, here)
    if reference == "there":
        return _there(said, here)
    if reference in {"other", "another"}:
        return _other(said, here)
    if reference:
        return _it(said, here)
    if CHANGED_BY_DEGREES.keys() & said.slots.keys() and not said_which(said.slots):
        return _going_on(said, here)
    return (said,)


def pointing(said: Interpretation, devices: Sequence[Device]) -> Interpretation:
    """The words with the devices that they stand for."""
    slots = {key: value for key, value in said.slots.items() if key not in {"here", "area"} or said_place(said.slots)}
    slots["targets"] = [device.device_id for device in devices]
    if len(devices) == 1:
        slots["name"] = devices[0].name
    return replace(said, slots=slots)


def _it(said: Interpretation, here: Here) -> tuple[Interpretation, ...]:
    """What was spoken of, and is on if it shall go off; else what is on here."""
    fits = takes(said.intent, said.slots)
    if said.slots.get("domain") in _OPENED and _last_is_lock(here):
        return (said,)  # "open it" of a door: it cannot, and nothing else is meant
    place = _place(said.slots, here)
    spoken = [
        tuple(device for device in devices if place is None or device.area == place.area_id)
        for _, devices in here.spoken_of(fits)
    ]
    spoken = [devices for devices in spoken if devices]
    if said.intent == "HassTurnOff":
        spoken = [each for each in spoken if any(here.would_change(said.intent, d) for d in each)] or spoken
    if spoken:
        return (pointing(said, spoken[0]),)
    if said.intent.startswith("HassMedia"):
        return (replace(said, slots={k: v for k, v in said.slots.items() if k != "reference"}),)
    by_kind = bool(said.slots.get("domain"))
    if said.intent == "HassTurnOn" and not by_kind:
        return (said,)
    changed = here.could_change(said.intent, lambda d: fits(d) and (by_kind or is_plain_switch(d)))
    changed = tuple(device for device in changed if place is None or device.area == place.area_id)
    if not changed and said.intent == "HassLightSet":
        return (replace(said, slots=_without(said.slots, {"reference"})),)  # "make it blue": the lamps that are here
    return _each(said, changed)


def _last_is_lock(here: Here) -> bool:
    last = here.devices(here.context.recent[0].action.targets) if here.context.recent else ()
    return any(device.domain == "lock" for device in last)


def _each(said: Interpretation, devices: Sequence[Device]) -> tuple[Interpretation, ...]:
    """One meaning for each device, if they are few; none of them is sure."""
    if not 0 < len(devices) <= MEANINGS_MAX:
        return (said,)
    return tuple(pointing(said, (device,)) for device in devices)


def _there(said: Interpretation, here: Here) -> tuple[Interpretation, ...]:
    """In the place that was just spoken of."""
    place = next(filter(None, (_place_of(recent, here) for recent in here.context.recent)), None)
    if place is None:
        return (said,)
    return (replace(said, slots={**_without(said.slots, {"here", "area"}), "area": place.name}),)


def _other(said: Interpretation, here: Here) -> tuple[Interpretation, ...]:
    """A namesake of what was just spoken of, else another of its kind in its room."""
    fits = takes(said.intent, said.slots)
    for recent, devices in here.spoken_of(fits):
        if instead := here.devices(recent.instead_of):
            return (pointing(said, instead),)
        last = devices[0]
        others = [d for d in here.home.devices if d not in devices and fits(d) and d.domain == last.domain]
        namesakes = [device for device in others if fold(device.name) == fold(last.name)]
        roommates = [device for device in others if device.area == last.area]
        return _each(said, namesakes or roommates)
    return (said,)


def _after(said: Interpretation, here: Here) -> tuple[Interpretation, ...]:
    """What only the turn before gives a meaning."""
    if said.intent == intents.AGAIN:
        return _repeated(said, here)
    absolute = said.slots.get("direction") in {"up", "down"}
    last = here.devices(here.context.recent[0].action.targets) if here.context.recent else ()
    if absolute and not any(device.domain in STEPS for device in last) and _plays(here):
        return (_louder(said),)
    for recent, devices in here.spoken_of(lambda device: device.domain in STEPS):
        return (_more(said, recent, devices),)
    return (_louder(said),) if absolute else (said,)


def _repeated(said: Interpretation, here: Here) -> tuple[Interpretation, ...]:
    """What was done in the turn just before, for something else; a turn that did nothing cannot be done again."""
    recent = _just_done_or_asked(here)
    if recent is None:
        return (said,)
    if said.slots.get("reference") == "other":
        before = _without(recent.interpretation.slots, _WHERE_AND_WHICH)
        return _other(replace(said, intent=recent.interpretation.intent, slots={**before, "reference": "other"}), here)
    return (_again(said, recent, here),)


def _just_done_or_asked(here: Here) -> Recent | None:
    """What our open question is about, else the turn just before; one that did nothing counts as none."""
    question, last_reply = here.context.question, here.context.last_reply
    if question is not None and question.expires_at > here.context.now:
        step = question.steps[0]
        return Recent(here.context.now, step.interpretation, step.action)
    if here.context.recent and last_reply and here.context.recent[0].reply != last_reply:
        return None
    return next((each for each in here.context.recent if each.action.targets), None)


def _plays(here: Here) -> bool:
    return any(
        device.domain == "media_player" and here.state(device).value == "playing" for device in here.home.devices
    )


def _louder(said: Interpretation) -> Interpretation:
    """`turn it up`, of nothing that was spoken of, is said of sound."""
    intent, slot, usual = _LOUDER
    size = said.slots.get("amount", usual * said.slots.get("times", 1))
    step = size if said.slots["direction"] == "up" else -size
    return replace(said, intent=intent, slots={slot: step, "here": True})


def _again(said: Interpretation, recent: Recent, here: Here) -> Interpretation:
    """The same for another place or thing; for none, the same once more."""
    before = _without(recent.interpretation.slots, _WHERE_AND_WHICH)
    new = {key: said.slots[key] for key in ("name", "names", "area", "areas", "floor", "all") if said.slots.get(key)}
    devices = here.devices(recent.action.targets)
    if "name" in new and here.area_of(new["name"]) and not _is_alike(new["name"], devices, here):
        new = {"area": new.pop("name"), **new}  # "and the garage": of lights, the room and not its door
    again = replace(said, intent=recent.interpretation.intent, slots={**before, **new})
    if not new:
        return pointing(again, devices) if devices else again
    if "name" in new or "names" in new:
        return replace(again, slots=_without(again.slots, {"domain", "device_class"}))
    return replace(again, slots={**again.slots, **_kind_of(devices, recent, _place(new, here), here)})


def _is_alike(name: str, devices: Sequence[Device], here: Here) -> bool:
    """Whether a thing of that name is of the kind of what was spoken of."""
    kinds = {device.domain for device in devices}
    return any(fold(name) == fold(d.name) and d.domain in kinds for d in here.home.devices)


def _kind_of(devices: Sequence[Device], recent: Recent, place: Area | None, here: Here) -> Mapping[str, Any]:
    """What to look for in the new place: the thing of the same name, else things of that kind."""
    if not devices or recent.interpretation.intent.startswith("Edge"):
        return {}
    name, first = fold(devices[0].name), devices[0]
    if len(devices) == 1 and place and any(d.area == place.area_id and fold(d.name) == name for d in here.home.devices):
        return {"name": first.name}
    domains = {device.domain for device in devices}
    if len(domains) > 1 or "Temperature" in recent.interpretation.intent:
        return {}
    return {"domain": first.domain} | ({"device_class": first.device_class} if first.domain == "cover" else {})


def _more(said: Interpretation, recent: Recent, devices: Sequence[Device]) -> Interpretation:
    """What was just changed to another value, up or down; or further in the direction in which it was changed."""
    domain = devices[0].domain
    alike = [device for device in devices if device.domain == domain]
    intent, slot, usual = _WHITER if "color_temp_step" in recent.interpretation.slots else STEPS[domain]
    if "to" in said.slots:
        intent = "HassSetVolume" if domain == "media_player" else intent
        return pointing(replace(said, intent=intent, slots={_TO[domain]: said.slots["to"]}), alike)
    amount = said.slots.get("amount")
    size = abs(amount) if isinstance(amount, int | float) else usual * said.slots.get("times", 1)
    direction = said.slots.get("direction")
    upwards = {"up": 1, "down": -1, "less": -_direction(recent)}.get(str(direction), _direction(recent))
    return pointing(replace(said, intent=intent, slots={slot: round(size * upwards, 1)}), alike)


def _direction(recent: Recent) -> int:
    """-1 where the last change was downwards, else 1."""
    for slot in CHANGED_BY_DEGREES:
        step = recent.interpretation.slots.get(slot)
        if step == "down" or (isinstance(step, int | float) and (step < (1 if slot == "brightness_factor" else 0))):
            return -1
    if recent.interpretation.intent in {intents.TOO_BRIGHT, intents.TOO_WARM} or recent.action.command in _LESS:
        return -1
    return 1


def _going_on(said: Interpretation, here: Here) -> tuple[Interpretation, ...]:
    """`brighter`: what was just changed; else, of lamps and fans, those that are on here."""
    fits = takes(said.intent, said.slots)
    for _, devices in here.spoken_of(fits):
        return (pointing(said, devices),)
    if said.intent in {"HassLightSet", "HassFanSetSpeed"} and here.area is not None:
        on = [device for device in here.home.devices if fits(device) and here.holds(device) and here.is_on(device)]
        if on:
            return (pointing(said, on),)
    return (said,)


def _place(slots: Mapping[str, Any], here: Here) -> Area | None:
    """The one place that was said."""
    return here.area_of(slots["area"]) if slots.get("area") and not slots.get("here") else None


def _place_of(recent: Recent, here: Here) -> Area | None:
    """Where the turn before took place."""
    said = recent.interpretation.slots.get("area")
    if said:
        return here.area_of(said)
    areas = {device.area for device in here.devices(recent.action.targets)}
    return here.home.area.get(areas.pop() or "") if len(areas) == 1 else None


def _without(slots: Mapping[str, Any], keys: Iterable[str]) -> dict[str, Any]:
    left_out = frozenset(keys)
    return {key: value for key, value in slots.items() if key not in left_out}
