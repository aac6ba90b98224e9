"""Why nothing was done, in words: what is missing, what cannot be done, and what there is instead."""

from collections.abc import Callable, Mapping
from typing import Final

from edge import intents
from edge.knowledge import HomeMap
from edge.records import Failure, Interpretation, Reject, Unresolved
from edge.speech.phrases import capital, echoed, inside, is_plural, kind, listed, the, them
from edge.text import clean

OFFERED_MAX: Final = 4
"""More devices than this are not listed as what there is instead."""

_PLAIN: Final = {
    "silence": "",
    "not_meant": "",
    "too_many": "That was more than I can do at once. Please say it in several sentences.",
    "not_understood": "Sorry, I did not understand that.",
    "too_long": "That was too long for me. Please say it in fewer words.",
}
_FAILED: Final = {
    "hearing": "I could not hear you",
    "asr": "I could not make out what you said",
    "rewriting": "I could not work out what you meant",
    "nlu": "I could not work out what you meant",
    "resolution": "I could not work out what you meant",
    "decision": "I could not decide what to do",
    "speech": "I could not say that",
    "store": "I could not write that down",
}
_LEANING: Final = frozenset({intents.AGAIN, intents.CHANGE})
"""What means nothing without a turn before."""

_NOTHING_SET: Final = {
    "timer": "No timer is set.",
    "alarm": "No alarm is set.",
    "reminder": "You have no reminders.",
    "command": "Nothing is planned.",
    "ringing": "Nothing is ringing.",
}

_LIGHTS: Final = ("light", "lights", "lamp", "lamps")


def failed(failure: Failure) -> str:
    """`I could not do that: the broker is away.`"""
    because = clean(failure.reason).rstrip(".")[:200]
    return f"{_FAILED.get(failure.point, 'I could not do that')}{f': {because}' if because else ''}."


def rejected(reject: Reject, home: HomeMap) -> str:
    """Nothing at all after silence."""
    if reject.unresolved is None or reject.interpretation is None:
        return _PLAIN.get(reject.reason, _PLAIN["not_understood"])
    return _REASONS[reject.unresolved.reason](reject.unresolved, reject.interpretation, home)


def _no_device(unresolved: Unresolved, interpretation: Interpretation, home: HomeMap) -> str:
    """What is missing; and what there is, where that is few."""
    name = unresolved.name
    if interpretation.intent == intents.BREW:
        return f"I know nothing in this home that makes {interpretation.slots.get('drink', 'coffee')}."
    if interpretation.intent in _LEANING or interpretation.slots.get("reference"):
        return "I do not know what you mean by that. Please say it by name."
    if not name:
        return f"I know no {kind(interpretation.intent, interpretation.slots)} {_that(interpretation)}."
    domain = interpretation.slots.get("domain") or ("light" if name.endswith(_LIGHTS) else None)
    there = [the(device, home) for device in home.devices if device.domain == domain]
    said = f"I know nothing called {echoed(name)}."
    if not 0 < len(there) <= OFFERED_MAX:
        return said
    return f"{said} There {'is' if len(there) == 1 else 'are'} {listed(there)}."


def _that(interpretation: Interpretation) -> str:
    """There may well be a door; but none that a motor moves, or a sensor watches."""
    if interpretation.intent == "HassGetState":
        return "that could tell me"
    return "that I could move" if interpretation.slots.get("domain") == "cover" else "in this home"


def _no_area(unresolved: Unresolved, _: Interpretation, __: HomeMap) -> str:
    if not unresolved.name:
        return "Please say it together with the room."
    return f"I know no room called {echoed(unresolved.name)}."


def _nothing_there(unresolved: Unresolved, interpretation: Interpretation, home: HomeMap) -> str:
    if unresolved.targets:  # players that were searched for a title
        return f"I cannot find {echoed(unresolved.name)} on {_whom(unresolved, home)}."
    missing = echoed(interpretation.slots.get("name") or kind(interpretation.intent, interpretation.slots))
    return f"There is no {missing} {inside(unresolved.name)}."


def _cannot(unresolved: Unresolved, _: Interpretation, home: HomeMap) -> str:
    return f"{capital(_whom(unresolved, home))} cannot {unresolved.name}."


def _guarded(unresolved: Unresolved, _: Interpretation, home: HomeMap) -> str:
    return f"I do that only one at a time, by name: {_whom(unresolved, home)}."


def _unattended(unresolved: Unresolved, _: Interpretation, home: HomeMap) -> str:
    return f"I move {_whom(unresolved, home)} only when somebody who is here says so."


def _nothing_to_undo(unresolved: Unresolved, _: Interpretation, home: HomeMap) -> str:
    if unresolved.targets:
        return f"I cannot put {_whom(unresolved, home)} back."
    return "There is nothing that I could put back."


def _pin_locked(_: Unresolved, __: Interpretation, ___: HomeMap) -> str:
    return "There were too many wrong PINs. Please try again later."


def _out_of_range(unresolved: Unresolved, _: Interpretation, home: HomeMap) -> str:
    devices = [home.device[target] for target in unresolved.targets if target in home.device]
    goes = "goes" if len(devices) == 1 and not is_plural(devices[0].name) else "go"
    return f"{capital(_whom(unresolved, home))} {goes} from {unresolved.name}."


def _no_time(_: Unresolved, interpretation: Interpretation, __: HomeMap) -> str:
    if interpretation.intent in {"HassStartTimer", intents.SNOOZE}:
        return "For how long? Please say it together with the time."
    return "For when? Please say it together with the time."


def _no_such_time(unresolved: Unresolved, _: Interpretation, __: HomeMap) -> str:
    return f"There is no {echoed(unresolved.name.replace(':', ' '))}."


def _past(_: Unresolved, __: Interpretation, ___: HomeMap) -> str:
    return "That is past already."


def _nothing_set(unresolved: Unresolved, _: Interpretation, __: HomeMap) -> str:
    return _NOTHING_SET.get(unresolved.name) or f"There is no {echoed(unresolved.name)}."


def _no_question(_: Unresolved, __: Interpretation, ___: HomeMap) -> str:
    return "I did not ask anything."


def _not_supported(unresolved: Unresolved, _: Interpretation, __: HomeMap) -> str:
    return f"I cannot {echoed(unresolved.name)} yet."


_REASONS: Final[Mapping[str, Callable[[Unresolved, Interpretation, HomeMap], str]]] = {
    "no_device": _no_device,
    "no_area": _no_area,
    "nothing_there": _nothing_there,
    "cannot": _cannot,
    "guarded": _guarded,
    "out_of_range": _out_of_range,
    "no_question": _no_question,
    "not_supported": _not_supported,
    "unattended": _unattended,
    "nothing_to_undo": _nothing_to_undo,
    "pin_locked": _pin_locked,
    "no_time": _no_time,
    "no_such_time": _no_such_time,
    "past": _past,
    "nothing_set": _nothing_set,
}


def _whom(unresolved: Unresolved, home: HomeMap) -> str:
    return listed(them(unresolved.targets, home)[:OFFERED_MAX]) or "it"
