"""Words: who may move what. Every rule about risk is in this file; the dialogue asks by it, and the guard sends by it.

free     is moved at once: lights, media, switches, fans.
ask      is moved at once when it was named exactly and alone; else after a yes: covers, a lawn mower.
         Whatever its tier, a thermostat asks before it jumps, a group when part of it has just gone away, and an
         alarm clock before it is cancelled.
guarded  is moved alone and after a yes to that very command, or after the PIN where one is set: locks, garage, doors,
         gates, ovens, alarms, valves, sirens, and whatever the home file marks. Nobody who is not there can say yes.
"""

from collections.abc import Iterable
from typing import Final, Literal

Tier = Literal["free", "ask", "guarded"]

Need = Literal["nothing", "yes", "pin", "never"]
"""What must come before a command is sent; `never`: nothing that could be said now would do."""

GUARDED_DOMAINS: Final = frozenset({"lock", "alarm_control_panel", "valve", "siren"})
GUARDED_CLASSES: Final = frozenset({"garage", "garage_door", "door", "gate", "oven", "stove", "lock"})
GUARDED_WORDS: Final = frozenset({"garage", "gate", "oven", "stove", "lock", "alarm", "valve", "siren"})
MOVING_DOMAINS: Final = frozenset(
    {"cover", "switch", "climate", "water_heater", "button", "fan", "select", "number", "scene"}
)
"""Domains in whose names a telling word counts: a relay may open a garage, and a switch may light an oven."""

ASK_DOMAINS: Final = frozenset({"cover", "lawn_mower"})

MANY: Final = 3
"""More devices of the tier `ask` than this are not moved at once without a yes."""

JUMP_DEGREES: Final = 5.0
"""A thermostat that is set further from where it was than this, in °C, was perhaps misheard."""

_SECURING: Final = frozenset(
    {("lock", "lock"), ("cover", "close"), ("valve", "close")}
    | {("alarm_control_panel", f"arm_{mode}") for mode in ("home", "away", "night", "vacation")}
)
"""What makes a home safer wants a yes, but no PIN."""

_STRICTNESS: Final[dict[Tier, int]] = {"free": 0, "ask": 1, "guarded": 2}


def tier_of(domain: str, device_class: str | None, name: str) -> Tier:
    """The tier a device gets unless the home file says otherwise; a light that hangs in the garage stays free."""
    if domain in GUARDED_DOMAINS or (domain in MOVING_DOMAINS and (device_class or "") in GUARDED_CLASSES):
        return "guarded"
    if domain in MOVING_DOMAINS and GUARDED_WORDS & set(name.casefold().split()):
        return "guarded"
    return "ask" if domain in ASK_DOMAINS else "free"


def strictest(tiers: Iterable[Tier]) -> Tier:
    """The tier of several devices together, or of one that several names give different tiers."""
    return max(tiers, key=_STRICTNESS.__getitem__, default="free")


def is_securing(domain: str, command: str) -> bool:
    """Whether the command makes the home safer."""
    return (domain, command) in _SECURING


def is_jump(before: float, after: float, unit: str | None) -> bool:
    """Whether a thermostat would go so far at once that it is asked for."""
    return abs(after - before) > JUMP_DEGREES * (1.8 if unit == "°F" else 1.0)


def need(
    tier: Tier, *, devices: int = 1, exact: bool = True, securing: bool = False, attended: bool = True, pin: bool
) -> Need:
    """What must come before a command to devices of this tier.

    `exact`: they were named as they are called, in words that were heard as they stand and are a known sentence.
    `attended`: a person is there who can say yes; not so for words that came over MQTT or in time by themselves.
    `pin`: one is set.
    """
    if tier == "guarded":
        if devices > 1 or not attended:
            return "never"
        return "pin" if pin and not securing else "yes"
    if tier == "ask" and (not exact or devices > MANY):
        return "yes"
    return "nothing"


def commands(topic: str, command_topics: Iterable[str]) -> bool:
    """Whether a message to `topic` may move a device that is commanded by these topics.

    Beside the topic itself: what lies beneath it (Zigbee2MQTT's `.../set/state`), and for Tasmota, which takes any
    command in any case, all of `cmnd/<device>/`.
    """
    wanted = topic.casefold().strip("/")
    for each in command_topics:
        known = each.casefold().strip("/")
        if wanted == known or wanted.startswith(f"{known}/"):
            return True
        device = known.rpartition("/")[0]
        if device and "cmnd" in known.split("/") and wanted.startswith(f"{device}/"):
            return True
    return False
