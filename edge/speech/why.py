"""Why the assistant did what it did, in words: at length for a screen, and in a sentence or two to be spoken."""

from collections.abc import Mapping
from typing import Any, Final

from edge.commands import AGENDA, OWN, READING, RUN_SKILL
from edge.knowledge import HomeMap
from edge.records import Interpretation, ResolvedAction, Step
from edge.signals import FailurePoint
from edge.speech.deeds import to_do
from edge.speech.phrases import capital, echoed, listed, place, them

Account = Mapping[str, Any]
"""As `edge.isolation.account` makes it."""

NAMED_MAX: Final = 3
CLEAR: Final = 0.8
"""Confidence of the recogniser from which it was heard clearly."""
SURE: Final = 0.5
"""Sureness from which a guess about what went wrong is worth saying."""

BELIEFS: Final[Mapping[FailurePoint, str]] = {
    "correct": "it went well",
    "false_wake": "nobody had spoken to me",
    "asr": "I misheard",
    "nlu": "I heard it right and took it for something else",
    "entity": "I took the wrong device, or did not know it by that name",
    "result": "I did what was said, and it was not what was wanted",
    "not_confirmed": "the device did not do its part",
    "unsupported": "nobody here can do that",
}
"""What is believed of a turn, after "I believe that"."""

_REASONS: Final[Mapping[str, str]] = {
    "answered": "you chose it when I asked",
    "named": "that is its name",
    "nearly_named": "its name is nearest to what I heard",
    "pointed": "it was what we had just spoken of",
    "placed": "it is in the room that you said",
    "here": "it is in the room where you were",
    "habit": "you mostly mean it at this hour",
    "spoken_of": "we had just spoken of it",
    "only_one": "it is the only one of its kind",
    "circumstances": "it fitted best what was on and what was not",
    "chance": "it was almost as likely as another, and I tried it for once",
    "corrected": "you corrected me before",
}
_OUTCOMES: Final[Mapping[str, str]] = {
    "confirmed": "it was done, and the device said so",
    "sent": "I sent it; the device does not tell whether it obeyed",
    "answered": "I answered",
    "asked": "I asked you first",
    "refused": "nothing could be sent",
    "nothing": "I did nothing",
}
_DECISIONS: Final[Mapping[str, str]] = {
    "silence": "nothing",
    "not_understood": "nothing that I know",
    "not_meant": "talk that was not meant for me",
    "too_long": "more than anybody says in one breath",
    "too_many": "more commands than anybody means",
    "failed": "nothing: a part of me stopped with an error",
    "missing": "nothing that was kept",
}
_SORTS: Final[Mapping[str, frozenset[str]]] = {
    "a question": READING,
    "something about timers, alarms, reminders or lists": AGENDA,
    "a word to me, about what was before": OWN,
    "a sentence of one of your skills": frozenset({RUN_SKILL}),
}
_UNRESOLVED: Final[Mapping[str, str]] = {
    "no_device": "a command for a device that I know nothing of",
    "no_area": "a command for a room that I know nothing of",
    "nothing_there": "a command for something that is not in that room",
    "no_question": "an answer, and I had not asked",
}


def at_length(account: Account, home: HomeMap) -> list[tuple[str, str]]:
    """Lines of a label and its sentence."""
    taken_for = _taken_for(account, home) + ("" if account["targets"] else _because(account))
    lines = [("heard", _heard(account)), ("took it for", taken_for)]
    if account["targets"]:
        lines.append(("chose", _chosen(account, home)))
    belief = f"{BELIEFS[account['point']]} ({round(100 * account['sureness'])} percent sure)"
    lines += [("came of it", _came(account, home)), ("I now believe", belief)]
    if meant := _meant(account, home):
        lines.append(("you meant", meant))
    return lines + [("because" if not n else "", sentence) for n, sentence in enumerate(account["evidence"])]


def in_brief(account: Account, home: HomeMap) -> str:
    """One or two sentences, to be spoken."""
    if not account:
        return "I do not remember what was before."
    if not account["heard"]:
        return "I thought that I was spoken to, and then I heard nothing."
    heard = f"I heard: {echoed(account['heard'])}."
    if account["outcome"] == "nothing":
        return f"{heard} I took it for {_taken_for(account, home)}{_doubt(account)}."
    if account["targets"] and account["because"] and "corrected" not in account["because"]:
        return f"{heard} I took {_chosen(account, home)}{_doubt(account)}."
    return f"{heard} I took it for {_taken_for(account, home)}{_because(account)}{_doubt(account)}."


def _meant(account: Account, home: HomeMap) -> str:
    """What was wanted, where what was said next tells."""
    meant = account.get("meant") or {}
    if not meant or meant["sureness"] < SURE:
        return ""
    action = ResolvedAction(tuple(meant["targets"]), meant["command"], meant["values"])
    return f"{to_do(Step(Interpretation(meant['intent']), action), home)}, by what you said next"


def _heard(account: Account) -> str:
    said = f'"{account["heard"]}"' if account["heard"] else "nothing"
    confidence = account["confidence"]
    if confidence is None or not account["heard"]:
        return said if confidence is not None or not account["heard"] else f"{said}, typed"
    how = "clearly" if confidence >= CLEAR else "not clearly"
    wording = f', and read it as "{account["wording"]}"' if account["wording"] else ""
    return f"{said}, {how} ({round(100 * confidence)} percent){wording}"


def _taken_for(account: Account, home: HomeMap) -> str:
    if account["decision"] == "unresolved":
        return _UNRESOLVED.get(account["unresolved"], "something that cannot be done here")
    if account["decision"] in _DECISIONS:
        return _DECISIONS[account["decision"]]
    command = account["command"]
    for sort, commands in _SORTS.items():
        if command in commands:
            return sort
    step = Step(
        Interpretation(account["intent"]), ResolvedAction(tuple(account["targets"]), command, account["values"])
    )
    guess = "; no sentence that I know, but like it" if account["source"] == "model" else ""
    return f"a wish to {to_do(step, home)}{guess}"


def _chosen(account: Account, home: HomeMap) -> str:
    return f"{_named(account['targets'], home)}{_because(account)}"


def _because(account: Account) -> str:
    """`, because that is its name`; empty where nothing need be said."""
    why = listed([_REASONS[code] for code in account["because"]])
    return f", because {why}" if why else ""


def _named(device_ids: list[str], home: HomeMap) -> str:
    names = them(device_ids, home)
    if len(names) <= NAMED_MAX:
        return listed(names) or "a device that is no longer here"
    rooms = {place(home.device[each].area, home) for each in device_ids if each in home.device} - {""}
    return f"{len(names)} devices" + (f" in {rooms.pop()}" if len(rooms) == 1 else "")


def _came(account: Account, home: HomeMap) -> str:
    if account["outcome"] != "silent":
        return _OUTCOMES[account["outcome"]]
    return f"I sent it, and {_named(account['silent'], home)} did not answer"


def _doubt(account: Account) -> str:
    """What is believed, where that is worth a word."""
    if account["point"] == "correct" or account["sureness"] < SURE:
        return ""
    return f". {capital('I believe that')} {BELIEFS[account['point']]}"
