"""The rule tree: six rules in the order of the stages. The baseline, what stands in for a model, and a voice in it."""

from dataclasses import dataclass
from typing import Final

from edge.isolation.edits import Edit
from edge.isolation.features import Seen
from edge.signals import POINTS, Diagnosis, FailurePoint

UNSUPPORTED: Final = frozenset({"not_supported", "cannot", "out_of_range", "no_time", "no_such_time", "past"})
NAMELESS: Final = frozenset({"no_device", "no_area", "nothing_there"})
BARELY: Final = 0.6
"""Recogniser's confidence below which it is mostly wrong."""

UNKNOWN: Final = 0.45
"""Confidence in `correct` where stages are missing: nothing is known, and nothing shall be learned from it."""


@dataclass(frozen=True)
class Ruling:
    """What the tree says, and the rule that spoke."""

    point: FailurePoint
    confidence: float
    because: str
    """In plain words."""

    def diagnosis(self, turn_id: str) -> Diagnosis:
        rest = (1 - self.confidence) / (len(POINTS) - 1)
        probabilities = {point: self.confidence if point == self.point else rest for point in POINTS}
        return Diagnosis(turn_id, probabilities, (self.because,), "rules")


def ruled(seen: Seen) -> Ruling:
    """The first rule that fits, in the order of the stages; none of them: correct."""
    for rule in (_broke, _woke_for_nothing, _misheard, _misunderstood, _wrong_one, _came_to_nothing):
        ruling = rule(seen)
        if ruling is not None:
            return ruling
    if seen.outline.kind == "missing":
        return Ruling("correct", UNKNOWN, "hardly anything is known of this turn")
    if seen.outline.kind == "unresolved" or seen.outline.unresolved in UNSUPPORTED:
        return Ruling("unsupported", 0.6, "it was understood, and nothing here can do it")
    return Ruling("correct", 0.8, "it was done, and nobody minded" if seen.outline.acted else "nobody minded")


def _broke(seen: Seen) -> Ruling | None:
    """A stage that stopped says so itself."""
    failure = seen.turn.failure
    if failure is None:
        return None
    if failure.point in {"hearing", "asr"}:
        return Ruling("asr", 0.6, "hearing stopped with an error")
    if failure.point in {"rewriting", "nlu"}:
        return Ruling("nlu", 0.6, "understanding stopped with an error")
    if failure.point == "resolution":
        return Ruling("entity", 0.55, "finding the device stopped with an error")
    return Ruling("result", 0.5, "doing it stopped with an error") if failure.point != "store" else None


def _woke_for_nothing(seen: Seen) -> Ruling | None:
    outline = seen.outline
    woken = seen.turn.utterance.wake is not None
    opened = woken or (seen.turn.utterance.source != "agenda" and seen.turn.transcript is not None)
    if not outline.text and outline.kind in {"silence", "not_meant", "not_understood"} and opened:
        return Ruling("false_wake", 0.75, "it woke, and nothing was said")
    unmeant = outline.kind in {"not_meant", "not_understood"} and seen.again is None
    unsure = seen.turn.utterance.wake is not None and seen.turn.utterance.wake.score < 0.9
    if unmeant and (outline.kind == "not_meant" or unsure or len(outline.text.split()) > 8):
        return Ruling("false_wake", 0.6, "what was said was no command, and nobody asked again")
    return None


def _misheard(seen: Seen) -> Ruling | None:
    """Close in sound and not the same: it was heard wrongly."""
    transcript, again, outline = seen.turn.transcript, seen.again, seen.outline
    if transcript is None or seen.turn.is_unanswered:
        return None
    failed = not outline.acted
    if again is not None and not again.is_same_effect and again.sound >= 0.7 and (failed or _value_sounds_alike(seen)):
        if again.is_same_text:
            return Ruling("asr", 0.5, "you had to say the same again") if failed else None
        return Ruling("asr", 0.75, "you said again what sounds nearly the same")
    named = outline.unresolved in NAMELESS or outline.kind == "not_understood"
    if named and transcript.confidence < BARELY:
        return Ruling("asr", 0.65, "what was heard was far from clear")
    return None


def _value_sounds_alike(seen: Seen) -> bool:
    """Whether what was done differs from what was wanted in a word that sounds like it."""
    again, transcript = seen.again, seen.turn.transcript
    assert again is not None
    assert transcript is not None
    return again.sound >= 0.8 and (again.has_cue or transcript.confidence < 0.8) and not again.other_target


def _misunderstood(seen: Seen) -> Ruling | None:
    """Other words for the same, or another intent with the same names: it was taken for something else."""
    again, outline = seen.again, seen.outline
    if again is None or seen.turn.is_unanswered:
        if outline.kind == "not_understood":
            return Ruling("unsupported", 0.6, "nothing like it is known here, and nobody asked again")
        return None
    if outline.kind == "not_understood" and not again.is_same_text:
        return Ruling("nlu", 0.6, "you said it in other words")
    return _taken_for_another(again) if outline.acted and again.worked else None


def _taken_for_another(again: Edit) -> Ruling | None:
    if again.keeps_slots and not again.is_same_intent and not again.undoes:
        return Ruling("nlu", 0.6, "you asked for the same with something else to be done")
    if "media_kind" in again.changed and "title" not in again.changed:
        return Ruling("nlu", 0.6, "you meant the same title as something else")
    if again.other_command and again.has_cue:
        return Ruling("nlu", 0.6, "you asked for something else to be done with the same device")
    return None


def _wrong_one(seen: Seen) -> Ruling | None:
    """Another name or room: the wrong device."""
    again, outline = seen.again, seen.outline
    if seen.turn.is_unanswered:
        return Ruling("not_confirmed", 0.85, "a device did not answer")
    if again is not None and outline.acted and again.worked and again.other_target:
        return Ruling("entity", 0.65, "you then asked for another device")
    if again is not None and outline.unresolved in NAMELESS and again.worked:
        return Ruling("entity", 0.6, "the name was not known here, and another one was")
    unknown = outline.unresolved in NAMELESS and outline.slots.keys() & {"name", "names", "area"}
    return Ruling("entity", 0.5, "no device here has that name") if unknown else None


def _came_to_nothing(seen: Seen) -> Ruling | None:
    """Done as it was understood, and still not wanted."""
    outline, edits = seen.outline, seen.edits
    if not outline.acted:
        return None
    several = outline.effects > 1 or (outline.chosen is not None and not outline.chosen.is_exact)
    if seen.weight("put_back") > 0 and several and outline.manner == "move":
        return Ruling("entity", 0.5, "somebody put the device back, and others answer to that name")
    if seen.weight("put_back") > 0:
        return Ruling("result", 0.6, "somebody put the device back")
    again = seen.again
    if again is not None and (again.worked or again.has_cue) and again.changed - {"name", "names", "area"}:
        return Ruling("result", 0.6, "you then asked for another value")
    if edits and edits[0].undoes:
        return Ruling("result", 0.55, "you took it back")
    denied = seen.weight("wrong") > 1 or seen.weight("not_said") > 1
    return Ruling("result", 0.45, "you said that it was wrong") if denied else None
