"""Free wordings about alarms, reminders and lists: the kind of talk from the classifier, the rest from the words.

Nothing is set without a time that was said, and what somebody tells of an alarm is no wish for one.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from edge import intents
from edge.names import fold
from edge.nlu.spotting import WORDS
from edge.nlu.timed import cuts, shaped
from edge.records import Interpretation

SURE_ENOUGH: Final = 0.8
"""Probability of a kind of talk below which nothing is understood."""

_ABOUT: Final = re.compile(
    r"\b(?:alarms?|wake\w*|bell|get up|lists?|groceries|buy|(?:remind|notify|alert|ping|nudge) me)\b"
)
"""A sentence without any of these is not looked at."""

_TOLD: Final = re.compile(
    rf"{WORDS['told']}|^(?:i|we|you) (?!want|need|have (?:got )?to|got to|gotta|must|would|should|will|do|dont|wish|d )"
    r"|\bwent off\b"
)
_FORBIDDEN: Final = re.compile(WORDS["forbidden"])
_ASKED: Final = re.compile(WORDS["question"])
_STATED: Final = re.compile(WORDS["statement"])
_REMINDED: Final = re.compile(
    r"^.*?\b(?:remind|notify|alert|ping|nudge) (?:me|us) (?:to|about|of|that|for|with)\s+(?P<text>.+)$", re.IGNORECASE
)
_WANTED: Final = re.compile(r"^(?:what|whats|which|is|are|do|does|have|tell|show|read|give|check|list|let me)\b")
_LIST: Final = re.compile(r"\b(?:my|the|our) (?P<list>(?:\w+ ){1,3})list\b")


def worth_a_look(text: str) -> bool:
    """Whether it has a word that such sentences have."""
    return _ABOUT.search(fold(text)) is not None


def about_time(text: str, kinds: Mapping[str, float]) -> Interpretation | None:
    """What the sentence asks for, by the kind of talk that it is; None where it lacks what that needs.

    `kinds`: the probability of each intent of HWU64.
    """
    kind = max(kinds, key=lambda each: kinds[each], default="")
    read = _READ.get(kind)
    if read is None or kinds[kind] < SURE_ENOUGH or _TOLD.search(fold(text)):
        return None
    found = read(text)
    slots = shaped(found[0], found[1]) if found else None
    return None if found is None or slots is None else Interpretation(found[0], slots, round(kinds[kind], 3), "model")


def _alarm(text: str) -> tuple[str, dict[str, Any]] | None:
    at, said = _moment(text), fold(text)
    if any(words.search(said) for words in (_ASKED, _FORBIDDEN, _STATED)):
        return None
    return (intents.SET_ALARM, at) if {"hour", "in_s"} & at.get("at", {}).keys() else None


def _no_alarm(text: str) -> tuple[str, dict[str, Any]]:
    return intents.CANCEL_ALARM, _moment(text)


def _alarms(text: str) -> tuple[str, dict[str, Any]]:
    return intents.GET_ALARMS, _moment(text)


def _reminder(text: str) -> tuple[str, dict[str, Any]] | None:
    for way in cuts(text):
        found = _REMINDED.match(way.rest)
        if found and way.takes == "moment":
            return intents.REMIND, {"at": way.slots["at"], "text": found["text"]}
    return None


def _on_the_list(text: str) -> tuple[str, dict[str, Any]] | None:
    if not _WANTED.search(fold(text)):
        return None
    named = _LIST.search(fold(text))
    return intents.GET_ITEMS, {"list": named["list"]} if named else {}


def _moment(text: str) -> dict[str, Any]:
    return next((dict(way.slots) for way in cuts(text) if way.takes == "moment"), {})


_READ: Final[Mapping[str, Callable[[str], tuple[str, dict[str, Any]] | None]]] = {
    "alarm_set": _alarm,
    "alarm_remove": _no_alarm,
    "alarm_query": _alarms,
    "calendar_set": _reminder,
    "lists_query": _on_the_list,
}
