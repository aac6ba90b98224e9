"""The values that a sentence of a known class holds: how bright, which colour, how much warmer."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from edge.nlu.changes import step
from edge.nlu.spotting import WORDS, Spotted

Values = Callable[[Spotted], Mapping[str, Any] | None]
"""The values that were said; None where something is missing."""

DIM: Final = 30
"""Percent, where a colour shall be dim."""


def nothing(_: Spotted) -> Mapping[str, Any]:
    """For classes without values."""
    return {}


def times(spot: Spotted) -> float:
    """A bit is half a step, a lot two."""
    return 0.5 if spot.any(WORDS["little"]) else 2.0 if spot.any(WORDS["much"]) else 1.0


def level(spot: Spotted) -> float | None:
    """A value that was said in words: `half`, `maximum`."""
    return next((value for word, value in WORDS["levels"].items() if spot.any([word])), None)


def lighter(direction: int) -> Values:
    """More or less light: to a value, by a factor, or by a step."""

    def values(spot: Spotted) -> Mapping[str, Any]:
        to = _to(spot)
        if to is not None:
            return {"brightness": _plain(to)}
        if spot.any(WORDS["twice"]) or spot.any(WORDS["halved"]):
            return {"brightness_factor": 2 if direction > 0 else 0.5}
        return step("brightness", direction, times(spot), spot.number)

    return values


def light_values(spot: Spotted) -> Mapping[str, Any] | None:
    """Brightness, colour, shade of white."""
    values: dict[str, Any] = {}
    white = next((kelvin for words, kelvin in WORDS["whites"].items() if spot.any([words])), None)
    warmer = (
        -1 if spot.any(["warmer white", "warmer light"]) else 1 if spot.any(["cooler white", "cooler light"]) else 0
    )
    colors = [word for word in spot.said.split() if word in WORDS["colors"]]
    if white:
        values["temperature"] = white
    elif warmer:
        return step("color_temp", warmer, times(spot))
    elif colors:
        values["color"] = colors[-1]  # "from blue to white"
    said = spot.number if spot.number is not None else level(spot)
    if said is None and colors and spot.any(["dim"]):
        said = DIM
    if said is not None:
        values["brightness"] = _plain(said)
    return values or None


def warmer(direction: int) -> Values:
    """More or less heat, or to so many degrees."""

    def values(spot: Spotted) -> Mapping[str, Any]:
        if spot.number is not None and _to(spot) is not None:
            return {"temperature": _plain(spot.number)}
        return step("temperature", direction, times(spot), spot.number)

    return values


def louder(direction: int) -> Values:
    """More or less sound, or to a value."""

    def values(spot: Spotted) -> Mapping[str, Any]:
        to = _to(spot)
        if to is not None and not spot.any(WORDS["little"]):
            return {"volume_level": _plain(to)}
        if spot.any(WORDS["twice"]) or spot.any(WORDS["halved"]):
            return {"volume_factor": 2 if direction > 0 else 0.5}
        return step("volume", direction, times(spot), spot.number)

    return values


def exactly(key: str) -> Values:
    """The one value that was said."""

    def values(spot: Spotted) -> Mapping[str, Any] | None:
        said = spot.number if spot.number is not None else level(spot)
        return None if said is None else {key: _plain(said)}

    return values


def speed(spot: Spotted) -> Mapping[str, Any] | None:
    """A fan's speed, or faster and slower."""
    said = exactly("percentage")(spot)
    if said is not None:
        return said
    direction = 1 if spot.any(WORDS["faster"]) else -1 if spot.any(WORDS["slower"]) else 0
    return step("percentage", direction, times(spot)) if direction else None


def position(spot: Spotted) -> Mapping[str, Any] | None:
    """A cover's position, or a bit further up and down."""
    said = exactly("position")(spot)
    if said is not None:
        return said
    direction = 1 if spot.any(["open", "up", "raise"]) else -1 if spot.any(["close", "down", "lower"]) else 0
    return step("position", direction, times(spot)) if direction else None


def mood(spot: Spotted) -> Mapping[str, Any] | None:
    """Dim light, as the mood wants it."""
    dim = next((value for word, value in WORDS["scenes"].items() if spot.any([word])), None)
    return None if dim is None else {"brightness": dim}


def _to(spot: Spotted) -> float | None:
    """The value that something shall come to: `to 40`, `at 40 percent`, `maximum`."""
    if spot.number is not None and re.search(rf"\b(?:to|at|level|on)\s+{_plain(spot.number)}\b", spot.said):
        return spot.number
    return level(spot) if spot.number is None and not spot.any(WORDS["halved"]) else None


def _plain(value: float) -> int | float:
    return int(value) if float(value).is_integer() else value
