"""What the parts of a Zigbee device are called, so that a person would say it."""

from collections.abc import Sequence

from edge.home.zigbee_exposes import Exposed
from edge.home.zigbee_properties import SPOKEN_OF
from edge.home.zigbee_rooms import spoken

_SENSING = frozenset({"sensor", "sensors", "detector", "meter", "and"})


def label_of(device: str, part: Exposed, parts: Sequence[Exposed]) -> str:
    """The whole name of a part.

    What the device is in the first place bears its name: a lamp, or the contact of a `Door sensor`. Of what measures
    several things and says so in its name, each part is called by the rest of it: of `Bedroom temperature and humidity
    sensor` the `Bedroom humidity`. Anything else is called after device and part: `Plug power`.
    """
    name = spoken(device)
    if not part.label or part is _main_of(parts):
        return name
    words = name.replace(",", " ").split()
    measured = {word for each in parts for word in each.label.split()}
    if part.key not in SPOKEN_OF and part.label in " ".join(words).casefold():
        rest = [word for word in words if word.casefold() not in measured | _SENSING]
        if rest:
            return f"{' '.join(rest)} {part.label}"
    return f"{name} {part.label}"


def _main_of(parts: Sequence[Exposed]) -> Exposed | None:
    """The one thing that a sensor is there for, where it is not one of several."""
    if any(not part.label for part in parts):
        return None
    telling = [part for part in parts if part.domain == "binary_sensor"]
    return telling[0] if len(telling) == 1 else None
