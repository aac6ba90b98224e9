"""The edit between a turn and one that followed: how alike they sound, what changed, and what the person says of it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from rapidfuzz import fuzz

from edge import intents
from edge.isolation.outline import Outline, slot_values
from edge.phonetics import likeness
from edge.turn import Turn

WITHIN: Final = timedelta(seconds=60)
"""What comes later is about something else."""

FOLLOWERS_MAX: Final = 4

_CUE: Final = re.compile(
    r"^(?:(?:no+|nope|not that|wrong|sorry|wait|ugh|argh|actually|i mean|i meant|i said|i wanted)\b[\s,.!]*)+"
)
_CUE_WITHIN: Final = re.compile(r"\b(?:i said|i meant|i mean|not what i|not the|instead|that s wrong|that's wrong)\b")
_EVERYDAY: Final = frozenset(
    {"the", "turn", "set", "make", "put", "get", "give", "what", "and", "can", "you", "please", "for", "some", "now"}
    | {"this", "that", "off", "percent", "degrees", "light", "lights", "open", "close", "play", "switch", "room"}
)
"""Words that many commands share, so that they tell nothing of what a command is about."""

_DENIALS: Final = frozenset({intents.WRONG, intents.NOT_SAID})
_STOPS: Final = frozenset({"HassNevermind", intents.STOP, intents.NO})


@dataclass(frozen=True)
class Edit:
    """What the next turn changed."""

    text: str
    """What it said, corrections taken off."""
    gap_s: float
    letters: float
    """0 to 1: how alike the spellings are, corrections ("no, I said") taken off."""
    sound: float
    """0 to 1: how alike they sound."""
    words: float
    """0 to 1: the share of the shorter one's telling words that the other has as well."""
    is_same_text: bool
    is_same_intent: bool
    is_same_effect: bool
    changed: frozenset[str]
    """Names of slots and values that changed, came, or went, where the intent is the same."""
    keeps_slots: bool
    """Whether all that was named before is named again."""
    adds_place: bool
    """Whether it says a room where none was said before."""
    other_target: bool
    """The same command to other devices."""
    other_command: bool
    """Another command to the same devices."""
    other_value: bool
    """The same command to the same devices, with other values."""
    has_cue: bool
    """Whether it sounds like a correction: "no, ...", "I said ...", and says what was meant."""
    denies: bool
    """Whether it is a bare no, or "that's wrong": it says nothing of what was meant."""
    thanks: bool
    undoes: bool
    stops: bool
    is_empty: bool
    worked: bool
    interrupts: bool

    @property
    def is_again(self) -> bool:
        """Whether it asks for the same once more, in whatever words."""
        said_again = self.sound >= 0.62 or self.letters >= 0.62
        about_it = self.words >= 0.5 or self.is_same_effect
        if self.is_empty or self.denies or self.thanks:
            return False
        return said_again or self.has_cue or about_it


def followers_of(turn: Turn, later: Sequence[Turn]) -> tuple[Turn, ...]:
    """Those of `later` that may speak of the turn: within a minute, at most four, none from a clock that went back."""
    near = [each for each in later if timedelta(0) <= _apart(turn, each) <= WITHIN and each.turn_id != turn.turn_id]
    heard = [each for each in near if each.utterance.source != "agenda"]
    return tuple(sorted(heard, key=lambda each: _apart(turn, each))[:FOLLOWERS_MAX])


def edit(before: Outline, after: Outline) -> Edit:
    """What `after` changed of `before`."""
    one, other = _bare(before.text), _bare(after.text)
    said, said_now = dict(slot_values(before)), dict(slot_values(after))
    same_intent = bool(before.intent) and before.intent == after.intent
    differing = _differing(said, said_now)
    if same_intent and before.action and after.action and before.command == after.command:
        differing |= _differing(before.action.values, after.action.values)
    kept = bool(said) and set(said.values()) <= set(said_now.values())
    both = bool(before.targets and after.targets)
    return Edit(
        text=other,
        gap_s=max(0.0, _apart(before.turn, after.turn).total_seconds()),
        letters=fuzz.ratio(one, other) / 100 if one and other else 0.0,
        sound=likeness(one, other) if one and other else 0.0,
        words=_shared(one, other),
        is_same_text=bool(one) and one == other,
        is_same_intent=same_intent,
        is_same_effect=bool(before.effect) and before.effect == after.effect,
        changed=frozenset(differing) if same_intent else frozenset(),
        keeps_slots=kept,
        adds_place=bool(_place(after) and not _place(before)),
        other_target=both and before.command == after.command and before.targets != after.targets,
        other_value=both
        and before.command == after.command
        and before.targets == after.targets
        and _values_differ(before, after),
        other_command=both and before.command != after.command and bool(before.targets & after.targets),
        has_cue=bool((_CUE.match(after.text) and _CUE.sub("", after.text)) or _CUE_WITHIN.search(after.text)),
        denies=after.intent in _DENIALS or (bool(after.text) and not _CUE.sub("", f"{after.text} ").strip()),
        thanks=after.intent == intents.THANKS,
        undoes=after.intent == intents.UNDO,
        stops=after.intent in _STOPS,
        is_empty=not after.text,
        worked=after.worked,
        interrupts=after.turn.utterance.interrupts_after_ms is not None,
    )


def _values_differ(before: Outline, after: Outline) -> bool:
    assert before.action is not None, "it has targets"
    assert after.action is not None, "it has targets"
    return dict(before.action.values) != dict(after.action.values)


def _place(outline: Outline) -> object:
    slots = outline.slots
    return None if slots.get("here") else slots.get("area") or slots.get("areas")


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> set[str]:
    return {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}


def _shared(one: str, other: str) -> float:
    ours, theirs = ({word for word in text.split() if len(word) > 2} - _EVERYDAY for text in (one, other))
    return len(ours & theirs) / min(len(ours), len(theirs)) if ours and theirs else 0.0


def _bare(text: str) -> str:
    return _CUE.sub("", text) or text


def _apart(turn: Turn, later: Turn) -> timedelta:
    try:
        return later.started_at - turn.started_at
    except TypeError:  # one clock told its zone and the other did not
        return later.started_at.replace(tzinfo=None) - turn.started_at.replace(tzinfo=None)
