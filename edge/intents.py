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
UNDO: Final = "EdgeUndo"
SET_VALUE: Final = "EdgeSetValue"
SELECT: Final = "EdgeSelect"
THANKS: Final = "EdgeThanks"
WRONG: Final = "EdgeWrong"
NOT_SAID: Final = "EdgeNotSaid"
WHY: Final = "EdgeWhy"
PIN: Final = "EdgePin"
PIN_TAKEN_OUT: Final = "pin"
"""What stands, folded, where a PIN was said."""

SET_ALARM: Final = "EdgeSetAlarm"
CANCEL_ALARM: Final = "EdgeCancelAlarm"
GET_ALARMS: Final = "EdgeGetAlarms"
SNOOZE: Final = "EdgeSnooze"
STOP_RINGING: Final = "EdgeStopRinging"
REMIND: Final = "EdgeRemind"
CANCEL_REMINDER: Final = "EdgeCancelReminder"
GET_REMINDERS: Final = "EdgeGetReminders"
LATER: Final = "EdgeLater"
CANCEL_LATER: Final = "EdgeCancelLater"
GET_LATER: Final = "EdgeGetLater"
GET_ITEMS: Final = "EdgeGetItems"
CLEAR_LIST: Final = "EdgeClearList"


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
    SET_VALUE: "Set a number, or a humidifier; slots `name`, `value`.",
    SELECT: "Choose one of the options, modes or presets of a device; slots `name`, `option`.",
    UNDO: "Put back what the last turn moved.",
    THANKS: "Thanks for the last turn; slot `praise` where it was told that it was right.",
    WRONG: "The last turn was wrong.",
    NOT_SAID: "The last turn was not what was said.",
    WHY: "Why the last turn went as it did.",
    PIN: "The PIN, as an answer to a question that wants it; it stands in no slot.",
    SKILL: "What a skill file serves; slots `skill_intent` and those of the file.",
    SET_ALARM: "Wake me; slots `at` (a spoken moment, see `edge/nlu/times.py`) and `name`.",
    CANCEL_ALARM: "Do not; slots `at`, `name`, or `all`.",
    GET_ALARMS: "Which alarms are set; slot `at` for those of a day.",
    SNOOZE: "Let what rings ring again later; slots `seconds` or `at`.",
    STOP_RINGING: "Stop to what rings.",
    REMIND: "Tell me then; slots `at` and `text`.",
    CANCEL_REMINDER: "Do not; slots `at`, `text`, or `all`.",
    GET_REMINDERS: "What I wanted to be reminded of; slot `at` for those of a day.",
    LATER: "A command for later; slots `at`, `words` (the command without its time) and `inner` (what these mean now: "
    "`intent` and `slots` of each command in them).",
    CANCEL_LATER: "Not after all; slots `at` or `all`.",
    GET_LATER: "Which commands wait for their time.",
    GET_ITEMS: "What is on a list, or whether `items` are; slot `list`, without it the shopping list.",
    CLEAR_LIST: "Take everything off a list; slot `list`.",
}
"""Every intent that Home Assistant does not have, with its meaning."""

AGENDA: Final = frozenset(
    {SET_ALARM, CANCEL_ALARM, GET_ALARMS, SNOOZE, STOP_RINGING, REMIND, CANCEL_REMINDER, GET_REMINDERS, LATER}
    | {CANCEL_LATER, GET_LATER, GET_ITEMS, CLEAR_LIST}
    | {"HassStartTimer", "HassIncreaseTimer", "HassDecreaseTimer", "HassPauseTimer", "HassUnpauseTimer"}
    | {"HassCancelTimer", "HassCancelAllTimers", "HassTimerStatus", "HassShoppingListAddItem", "HassListAddItem"}
    | {"HassShoppingListCompleteItem", "HassListCompleteItem"}
)
"""What is about timers, alarms, reminders, commands for later and lists; Home Assistant's have the same slots.

Of a timer: `seconds`, its `name`, and `of_seconds` where it is called by its length while another is given.
"""
