"""More and less: what was said about how much becomes a step of what is changed."""

from collections.abc import Mapping
from typing import Any, Final

from edge import intents

STEPS: Final[Mapping[str, tuple[str, int]]] = {
    "brightness": ("brightness_step", 20),
    "color_temp": ("color_temp_step", 500),
    "volume": ("volume_step", 10),
    "temperature": ("temperature_step", 1),
    "percentage": ("percentage_step", 20),
    "position": ("position_step", 20),
}
"""What can be changed: its slot, and what "more" means by itself, in percent, degrees or kelvin."""

_WHOLE: Final = frozenset({"temperature"})
"""A bit warmer is a whole step: half a degree nobody feels."""


def step(change: str, direction: int, times: float = 1.0, by: float | None = None) -> dict[str, Any]:
    """The slot for a change: `step("brightness", 1, 0.5)` is `{"brightness_step": 10}`."""
    slot, usual = STEPS[change]
    if change in _WHOLE:
        times = max(1.0, times)
    size = direction * (by if by is not None else usual * times)
    return {slot: int(size) if float(size).is_integer() else size}


def stepped(intent: str, slots: Mapping[str, Any]) -> dict[str, Any]:
    """The slots of a template with `change`, `direction`, `times`, `by` made one; others as they are."""
    rest = {key: value for key, value in slots.items() if key not in {"change", "direction", "times", "by"}}
    times, by = float(slots.get("times", 1)), slots.get("by")
    if slots.get("change") == "volume" and not {"times", "by"} & slots.keys():
        return rest | {"volume_step": slots["direction"]}  # as Home Assistant says it
    if "change" in slots:
        return rest | step(slots["change"], 1 if slots["direction"] == "up" else -1, times, by)
    if intent == intents.CHANGE and "direction" in slots:
        said = {"direction": slots["direction"]} | ({"amount": by} if by is not None else {})
        return rest | said | ({"times": times} if times > 1 else {})
    return dict(slots)
