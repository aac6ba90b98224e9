"""Words: the intents. Home Assistant's names are our vocabulary; what it lacks is named here, and nowhere else."""

from typing import Final

YES: Final = "EdgeYes"
NO: Final = "EdgeNo"
CHOOSE: Final = "EdgeChoose"
STOP: Final = "EdgeStop"
TOO_DARK: Final = "EdgeTooDark"
TOO_BRIGHT: Final = "EdgeTooBright"
TOO_COLD: Final = "EdgeTooCold"
TOO_WARM: Final = "EdgeTooWarm"
AGAIN: Final = "EdgeAgain"
BREW: Final = "EdgeBrew"
CHANGE: Final = "EdgeChange"
SKILL: Final = "EdgeSkill"

OURS: Final[dict[str, str]] = {
    YES: "Yes to the question that is open.",
    NO: "No to the question that is open.",
    CHOOSE: "One of the choices that were offered; slots `number` (from 1) and `choice` (its device_id), or `all`.",
    STOP: "Be silent now; moves nothing in the home.",
    TOO_DARK: "It is too dark here; slot `area` where it was said.",
    TOO_BRIGHT: "It is too bright here.",
    TOO_COLD: "Somebody is cold.",
    TOO_WARM: "Somebody is too warm.",
    AGAIN: "The same as before for another place or thing (`and in the bedroom too`); slots `area`, `name`, or none; "
    "`reference` other for the other one, `correction` where the turn before was not meant so.",
    BREW: "Coffee, or whatever is brewed here at this hour.",
    CHANGE: "More or less of what was just spoken of (`a bit more`); slots `direction` (more, less: as it was changed; "
    "up, down), `amount`, `times`, or `to`.",
    SKILL: "What a skill file serves; slots `skill_intent` and those of the file.",
}
"""Every intent that Home Assistant does not have, with its meaning."""
