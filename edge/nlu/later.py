"""What is not for now: a command that holds a time or a condition must not be carried out at once."""

import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any, Final

from edge import intents

_WORDS: Final = tomllib.loads(resources.files(__package__).joinpath("spoken.toml").read_text(encoding="utf-8"))
_WHEN: Final = re.compile("|".join(_WORDS["when"]))
_HOUR: Final = re.compile(_WORDS["hour"])

_HOUR_TOO: Final = re.compile(rf"\d\D* {_WORDS['hour']}")
"""An hour after a value: `to 21 degrees at 8`."""

_TAKES_A_NUMBER: Final = frozenset(
    {"HassLightSet", "HassSetPosition", "HassClimateSetTemperature", "HassFanSetSpeed", "HassSetVolume"}
    | {"HassSetVolumeRelative", intents.CHANGE}
)
"""Commands in which `at 7` may be a value; in others it can only be an hour."""

_AT_ONCE: Final = frozenset(
    {"HassGetCurrentTime", "HassGetCurrentDate", "HassNevermind", intents.YES, intents.NO, intents.CHOOSE, intents.STOP}
)


def when(said: str, intent: str, slots: Mapping[str, Any], *, named: bool = True) -> str | None:
    """The time or condition in a folded sentence; None where there is none.

    What is part of a title is none, nor what is part of a name, where there is a thing of that name (`named`).
    """
    if intent in _AT_ONCE or "search_query" in slots:
        return None
    names = " ".join(str(slots[key]) for key in ("name", "area") if named and slots.get(key)).casefold()
    for pattern in (_WHEN, _HOUR_TOO if intent in _TAKES_A_NUMBER else _HOUR):
        for found in pattern.finditer(said):
            if found[0] not in names:
                return found[0]
    return None
