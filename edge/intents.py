"""Words: the intents. Home Assistant's names are our vocabulary; what it lacks is named here, and nowhere else."""

from typing import Final

YES: Final = "EdgeYes"
NO: Final = "EdgeNo"
CHOOSE: Final = "EdgeChoose"
STOP: Final = "EdgeStop"

OURS: Final[dict[str, str]] = {
    YES: "Yes to the question that is open.",
    NO: "No to the question that is open.",
    CHOOSE: "One of the choices that were offered; slots `number` (from 1) and `choice` (its device_id), or `all`.",
    STOP: "Be silent now; moves nothing in the home.",
}
"""Every intent that Home Assistant does not have, with its meaning."""
