"""What speaks for and against a later turn saying again what an earlier one meant, as numbers. Pure."""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from rapidfuzz import fuzz

from edge import intents
from edge.commands import UNUSABLE, reached
from edge.knowledge import DeviceState
from edge.names import fold
from edge.phonetics import likeness
from edge.records import Act, Ask, Confirm, Interpretation, Reject
from edge.turn import Turn

WORDING: Final = (
    "letters", "letters_within", "sounds", "words_shared", "words_kept", "heard_before", "identical", "longer",
    "first_length", "later_length", "left_to_say", "correcting", "changing", "adding", "answering", "but", "asking",
    "referring", "poles_differ", "numbers_differ",
)  # fmt: skip
"""What the two wordings tell."""

DIALOGUE: Final = (
    "both_read", "same_intent", "slots_same", "slots_differ", "read_as_correction", "gap", "between", "interrupts",
    "was_asked", "answers_it",
)  # fmt: skip
"""What readings, time and the turns around tell."""

OUTCOMES: Final = (
    "outcome_known", "not_matched", "unresolved", "error", "not_confirmed", "stopped_between", "stops",
    "later_failed", "later_worked", "put_back",
)  # fmt: skip
"""What the assistant itself knows of how it went."""

NAMES: Final = WORDING + DIALOGUE + OUTCOMES

MEANING: Final = "meaning"
"""The cosine of the two sentences' vectors; it comes from outside, since this room has no encoder."""

WINDOW_S: Final = 45.0
"""Longer after a turn nobody says it again: it is a new wish."""

_UNLIKE: Final = 0.5
"""Likeness of letters below which a lone `stop` is no `top` said again."""

_CORRECTING: Final = re.compile(
    r"^(?:no(?! (?:thanks|thank you|problem|need|more|worries))|nope|nah|wrong|not|oops|wait|sorry)\b"
    r"|\bi (?:said|meant|mean|asked|wanted)\b|\bthats (?:wrong|not)\b|\bnot (?:that|the|this|what)\b"
)
_CHANGING: Final = re.compile(
    r"\b(?:actually|instead|rather|change|switch (?:it|that) to|should be|update|correct)\b"
    r"|\b(?:make|set|move) (?:it|that|them)\b"
)
_ADDING: Final = re.compile(r"^(?:and|also|plus|then|next|what about|how about|same)\b|\b(?:too|as well|also)$")
_ANSWERING: Final = re.compile(
    r"^(?:yes|yeah|yep|yup|ok|okay|sure|thanks|thank you|great|perfect|good|cool|fine|right|awesome|nice|excellent"
    r"|correct|alright|looks? (?:good|great|right|ok|fine|perfect)|(?:that|it)s? (?:works|looks|sounds|is|will))\b"
)
_BUT: Final = re.compile(r"^(?:yes|yeah|yep|ok|okay|sure|good|great|fine|looks good|thats? \w+)(?: \w+)? but\b")
_EMPTY: Final = frozenset({
    "no", "nope", "nah", "yes", "yeah", "ok", "okay", "sorry", "not", "that", "thats", "is", "was", "what", "i",
    "said", "meant", "mean", "wanted", "asked", "wrong", "right", "wait", "oops", "oh", "it", "this", "you",
    "please", "the", "a", "to", "do", "did", "dont", "for", "well", "actually", "just", "thanks", "thank",
    "stop", "cancel", "undo", "never", "mind",
})  # fmt: skip
"""Words that refuse, agree or stop, and say nothing about what shall be done."""
_ASKING: Final = re.compile(
    r"^(?:what|whats|how|when|who|whos|where|why|which|is|are|was|were|do|does|did|will|am|has|have|tell me|show)\b"
)
_REFERRING: Final = re.compile(r"\b(?:it|that|them|this|those|these)\b")
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_POLES: Final[Mapping[str, tuple[str, int]]] = {
    word: (axis, sign)
    for axis, sides in {
        "power": ("on enable activate", "off disable deactivate"),
        "open": ("open", "close shut closed"),
        "lock": ("unlock", "lock"),
        "way": (
            "up raise increase brighter louder brighten higher more",
            "down lower decrease dim quieter dimmer less",
        ),
        "run": ("start resume play", "stop pause cancel"),
        "warm": ("warmer hotter", "colder cooler"),
        "sound": ("unmute", "mute"),
        "hold": ("add", "remove delete"),
        "not": ("dont never not", ""),
    }.items()
    for side, sign in zip(sides, (1, -1), strict=True)
    for word in side.split()
}
_STOPPING: Final = frozenset({intents.UNDO, intents.STOP, intents.NO, "HassNevermind"})
_NO_INTERPRETATION: Final = Interpretation("")


def evidence(first: Turn, later: Turn, between: Sequence[Turn]) -> dict[str, float]:
    """By the name in `NAMES`; what cannot be known is 0."""
    return {**_of_wording(first, later), **_of_dialogue(first, later, between), **_of_outcomes(first, later, between)}


def only_answers(found: Mapping[str, float]) -> bool:
    """Whether the later turn only refuses, agrees or stops, by its evidence: nothing in it could be the wish."""
    return found["left_to_say"] == 0.0 and found["letters"] < _UNLIKE


def heard(turn: Turn) -> str:
    """What was heard, as it was written down; empty where nothing was."""
    return turn.transcript.text if turn.transcript else ""


def gap_s(first: Turn, later: Turn) -> float:
    """Seconds from the beginning of one turn to that of the other; below 0 where a clock was put back."""
    one, other = first.started_at, later.started_at
    if (one.tzinfo is None) != (other.tzinfo is None):
        one, other = one.replace(tzinfo=None), other.replace(tzinfo=None)
    return _seconds(one, other)


def has_failed(turn: Turn) -> bool:
    """Whether the assistant itself knew that nothing came of it."""
    return turn.failure is not None or turn.is_unanswered or isinstance(turn.decision, Reject)


def _seconds(one: datetime, other: datetime) -> float:
    return (other - one).total_seconds()


def _of_wording(first: Turn, later: Turn) -> dict[str, float]:
    one, other = fold(heard(first)), fold(heard(later))
    words, others = one.split(), other.split()
    shared = set(words) & set(others)
    readings = [fold(text) for text in (first.transcript.alternatives if first.transcript else ())[:5]]
    return {
        "letters": fuzz.ratio(one, other) / 100,
        "letters_within": fuzz.partial_ratio(one, other) / 100,
        "sounds": likeness(one, other),
        "words_shared": len(shared) / max(1, len({*words, *others})),
        "words_kept": len(shared) / max(1, len(set(others))),
        "heard_before": max((fuzz.ratio(text, other) / 100 for text in readings), default=0.0),
        "identical": float(one == other and bool(one)),
        "longer": math.log((1 + len(others)) / (1 + len(words))),
        "first_length": math.log(1 + len(words)),
        "later_length": math.log(1 + len(others)),
        "left_to_say": math.log(1 + sum(word not in _EMPTY for word in others)),
        "correcting": float(bool(_CORRECTING.search(other))),
        "changing": float(bool(_CHANGING.search(other))),
        "adding": float(bool(_ADDING.search(other))),
        "answering": float(bool(_ANSWERING.search(other))),
        "but": float(bool(_BUT.search(other))),
        "asking": float(bool(_ASKING.search(other))) - float(bool(_ASKING.search(one))),
        "referring": float(bool(_REFERRING.search(other))) - float(bool(_REFERRING.search(one))),
        "poles_differ": float(_poles_differ(words, others)),
        "numbers_differ": float(_differ(set(_NUMBER.findall(one)), set(_NUMBER.findall(other)))),
    }


def _of_dialogue(first: Turn, later: Turn, between: Sequence[Turn]) -> dict[str, float]:
    one, other = _reading(first), _reading(later)
    known = bool(one.intent and other.intent)
    same, differ = _slots(one, other) if known else (0.0, 0.0)
    return {
        "both_read": float(known),
        "same_intent": float(known and one.intent == other.intent),
        "slots_same": same,
        "slots_differ": differ,
        "read_as_correction": float(other.slots.get("reference") == "correction"),
        "gap": math.log(1 + max(0.0, gap_s(first, later))),
        "between": float(len(between)),
        "interrupts": float(later.utterance.interrupts_after_ms is not None),
        "was_asked": float(
            isinstance(first.decision, Ask | Confirm)
            or (first.response is not None and first.response.kind in {"question", "confirmation"})
        ),
        "answers_it": float(later.reply_to == first.turn_id),
    }


def _of_outcomes(first: Turn, later: Turn, between: Sequence[Turn]) -> dict[str, float]:
    reason = first.decision.reason if isinstance(first.decision, Reject) else ""
    return {
        "outcome_known": float(first.decision is not None or first.failure is not None),
        "not_matched": float(bool(reason) and reason != "unresolved"),
        "unresolved": float(reason == "unresolved"),
        "error": float(first.failure is not None),
        "not_confirmed": float(first.is_unanswered),
        "stopped_between": float(any(_stops(turn) for turn in between)),
        "stops": float(_stops(later)),
        "later_failed": float(has_failed(later)),
        "later_worked": float(isinstance(later.decision, Act) and not has_failed(later)),
        "put_back": float(_was_put_back(first, later)),
    }


def _reading(turn: Turn) -> Interpretation:
    """What the turn was taken for; one without an intent where it was taken for nothing."""
    if turn.done_steps:
        return turn.done_steps[0].step.interpretation
    decided = getattr(turn.decision, "interpretation", None)
    if isinstance(decided, Interpretation):
        return decided
    best = max(turn.readings, key=lambda candidate: candidate.score, default=None)
    return best.interpretation if best else _NO_INTERPRETATION


def _slots(one: Interpretation, other: Interpretation) -> tuple[float, float]:
    """The share of all slots that are the same, and of those in both that are not."""
    keys = (one.slots.keys() | other.slots.keys()) - {"reference"}
    both = one.slots.keys() & other.slots.keys() & keys
    same = sum(fold(str(one.slots[key])) == fold(str(other.slots[key])) for key in both)
    return (same / len(keys) if keys else 1.0), ((len(both) - same) / len(both) if both else 0.0)


def _poles_differ(words: Sequence[str], others: Sequence[str]) -> bool:
    """Whether one says on where the other says off."""
    one, other = (dict[str, int](_POLES[word] for word in some if word in _POLES) for some in (words, others))
    return any(one[axis] != other[axis] for axis in one.keys() & other.keys()) or ("not" in one) != ("not" in other)


def _differ(one: set[str], other: set[str]) -> bool:
    return bool(one) and bool(other) and one != other


def _stops(turn: Turn) -> bool:
    return _reading(turn).intent in _STOPPING


def _was_put_back(first: Turn, later: Turn) -> bool:
    """Whether a device that the first turn moved stood otherwise when the later one began, as far as that was kept."""
    for done in first.done_steps:
        if done.outcome is None or not done.outcome.confirmed:
            continue
        for device_id in done.step.action.targets:
            state, action = later.context.states.get(device_id), done.step.action
            if state and not _stands(state, action.command_for(device_id), action.values_for(device_id)):
                return True
    return False


def _stands(state: DeviceState, command: str, values: Mapping[str, Any]) -> bool:
    """Whether a state is what a command wants; a state that cannot be read accuses nobody."""
    try:
        return state.value in UNUSABLE or reached(state, command, values)
    except (TypeError, ValueError):
        return True
