"""What is not for now: a command with a time in it is kept for that time, one with a condition is not carried out."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from importlib import resources
from typing import Any, Final

from edge import intents
from edge.nlu.timed import Cut
from edge.records import Interpretation

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

_AT_ONCE: Final = (
    frozenset({"HassGetCurrentTime", "HassGetCurrentDate", "HassNevermind"})
    | frozenset({intents.YES, intents.NO, intents.CHOOSE, intents.STOP})
    | intents.AGENDA
)

_NEVER_LATER: Final = _AT_ONCE | frozenset(
    {"HassGetState", "HassClimateGetTemperature", intents.AGAIN, intents.CHANGE, intents.UNDO, intents.PIN}
    | {intents.TOO_DARK, intents.TOO_BRIGHT, intents.TOO_COLD, intents.TOO_WARM}
)
"""What is asked, answered, or means something only now."""


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


def later(parts: Sequence[Interpretation], way: Cut) -> Interpretation | None:
    """The commands of a sentence without its time as one for that time; None where they make no sense then."""
    if any(part.intent in _NEVER_LATER or part.slots.get("when") for part in parts) or not parts:
        return None
    inner = [{"intent": part.intent, "slots": dict(part.slots)} for part in parts]
    return Interpretation(intents.LATER, {**way.slots, "words": way.rest, "inner": inner})
