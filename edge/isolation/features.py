"""The features: everything that a model weighs about a turn, as named numbers, in one place.

Those whose names begin with `next_`, `signal_` or `after_` tell what came after the turn; the rest is known at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

from rapidfuzz import fuzz

from edge.isolation.called import NOBODY, Called
from edge.isolation.edits import Edit, edit, followers_of
from edge.isolation.outline import Outline
from edge.names import KIND_WORDS, canonical
from edge.records import Ambiguous, ResolvedAction
from edge.signals import Signal, SignalKind
from edge.text import normal
from edge.turn import Turn

AFTERWARDS: Final = ("next_", "signal_", "after_")
"""How the names of features begin that the turn itself does not tell."""

SIGNALS: Final[tuple[SignalKind, ...]] = (
    "yes", "no", "thanks", "wrong", "not_said", "meant_other",
    "undo", "cancel", "stop", "barge_in", "rephrase", "repeat", "gave_up", "put_back",
)  # fmt: skip
"""Those that tell more than the turn itself."""

CLEAR: Final = 0.75
"""Recogniser's confidence from which what it read mostly stands."""

_WEIGHT_MAX: Final = 4.0


@dataclass(frozen=True)
class Seen:
    """A turn with all that is known of it."""

    turn: Turn
    signals: tuple[Signal, ...] = ()
    followers: tuple[Turn, ...] = ()
    called: Called = NOBODY

    @classmethod
    def of(
        cls, turn: Turn, signals: Sequence[Signal] = (), later: Sequence[Turn] = (), called: Called = NOBODY
    ) -> "Seen":
        """What speaks of other turns, or comes from before it, is left out. `called`: the names of the home then."""
        own = tuple(signal for signal in signals if signal.turn_id == turn.turn_id)
        return cls(turn, own, followers_of(turn, later), called)

    @cached_property
    def outline(self) -> Outline:
        return Outline.of(self.turn)

    @cached_property
    def edits(self) -> tuple[Edit, ...]:
        """What each follower changed, in their order."""
        return tuple(edit(self.outline, Outline.of(each)) for each in self.followers)

    @cached_property
    def again(self) -> Edit | None:
        """The first follower that asks for the same once more."""
        return next((each for each in self.edits if each.is_again), None)

    @cached_property
    def mended(self) -> Edit | None:
        """The last follower that asks for the same and was done, where that is another than `again`."""
        found = next((each for each in reversed(self.edits) if each.is_again and each.worked), None)
        return None if found is self.again else found

    def weight(self, kind: SignalKind) -> float:
        """Of all signals of a kind, in nats; 0 for none."""
        return max(-_WEIGHT_MAX, min(_WEIGHT_MAX, sum(each.weight for each in self.signals if each.kind == kind)))

    @property
    def without_what_followed(self) -> "Seen":
        return Seen(self.turn, called=self.called)


def features(seen: Seen) -> dict[str, float]:
    """By name, 0 where not named; all finite, most between -1 and 1."""
    found: dict[str, float] = {}
    for part in (_heard, _sound, _understood, _named, _resolved, _done, _signals, _next):
        found.update(part(seen))
    return {name: float(value) for name, value in found.items() if value}


def of_the_moment(found: Mapping[str, float]) -> dict[str, float]:
    """Those features that are known when the turn ends."""
    return {name: value for name, value in found.items() if not name.startswith(AFTERWARDS)}


def _steps(name: str, value: float, bounds: Sequence[float]) -> Iterator[tuple[str, float]]:
    """One feature for each bound that the value lies below, so that a linear model may bend."""
    for bound in bounds:
        yield f"{name}<{bound:g}", float(value < bound)


def _heard(seen: Seen) -> Iterator[tuple[str, float]]:
    utterance, transcript, text = seen.turn.utterance, seen.turn.transcript, seen.outline.text
    yield "woken", utterance.wake is not None
    if utterance.wake is not None:
        yield from _steps("wake", utterance.wake.score, (0.6, 0.75, 0.9, 0.97))
    yield "follow_up", utterance.follow_up
    yield "typed", utterance.source in {"text", "mqtt"}
    if utterance.speech_ms:
        yield from _steps("speech_ms", utterance.speech_ms, (400, 800, 1500, 3000, 5000))
    yield "interrupts", utterance.interrupts_after_ms is not None
    yield "no_transcript", transcript is None
    if transcript is None:
        return
    yield "heard_nothing", not text
    if not text:
        return
    words = len(text.split())
    yield "names_a_kind", any(canonical(word) in KIND_WORDS for word in text.split())
    yield from _steps("words", words, (2, 3, 5, 8, 12))
    if utterance.speech_ms:
        yield from _steps("ms_a_word", utterance.speech_ms / words, (150, 220, 300, 450, 700))
    yield from _steps("confidence", transcript.confidence, (0.3, 0.45, 0.6, 0.7, 0.8, 0.88, 0.94))
    yield "doubt_heard", 1 - _share(transcript.confidence)
    yield "closed", transcript.closed
    yield "alternatives", min(5, len(transcript.alternatives)) / 5
    likest = max((fuzz.ratio(text, normal(each)) for each in transcript.alternatives[:5]), default=0) / 100
    yield "alternative_near", likest
    if transcript.free:
        free = fuzz.ratio(text, normal(transcript.free)) / 100
        yield "free_read", 1
        yield from _steps("free_alike", free, (0.5, 0.7, 0.85, 0.97))


def _clarity(seen: Seen) -> str:
    transcript = seen.turn.transcript
    return "clear" if transcript is not None and transcript.confidence >= CLEAR else "unclear"


def _traits(seen: Seen) -> Iterator[str]:
    """What makes the same reaction tell something else."""
    outline = seen.outline
    clear = _clarity(seen)
    yield clear
    yield f"{clear}_{outline.unresolved or outline.kind}"
    if _was_told_apart(outline):
        yield "told_apart"
    if any(name.endswith("_step") for name in outline.slots):
        yield "relative"
    if outline.manner == "media":
        yield "media"


def _sound(seen: Seen) -> Iterator[tuple[str, float]]:
    """How clearly the sound spoke for the wording that won."""
    scores = sorted(seen.turn.sound_scores.values(), reverse=True)
    yield "sound_asked", bool(scores)
    if not scores:
        return
    words = max(1, len(seen.outline.text.split()))
    yield from _steps("sound_a_word", scores[0] / words, (-2.5, -1.5, -1.0, -0.6, -0.3))
    for first, second in pairwise(scores[:2]):
        yield from _steps("sound_margin", first - second, (0.3, 1, 2, 4))


def _understood(seen: Seen) -> Iterator[tuple[str, float]]:
    outline = seen.outline
    yield f"kind:{outline.kind}", 1
    if seen.turn.failure:
        yield f"failed:{seen.turn.failure.point}", 1
    if outline.kind == "missing" and not seen.turn.failure:
        yield "no_decision", 1
    yield "wordings", min(5, len(seen.turn.attempts)) / 5
    yield "nothing_understood", not seen.turn.readings
    meant = outline.meant
    if meant is None:
        return
    yield f"by:{meant.source}", 1
    yield "guess", meant.is_guess
    yield "doubt_meant", 1 - _share(meant.confidence)
    yield from _steps("meant", meant.confidence, (0.5, 0.7, 0.85, 0.95, 1))
    yield "parts", meant.parts > 1
    yield f"intent:{meant.intent}", 0.5


def _named(seen: Seen) -> Iterator[tuple[str, float]]:
    """What of this home was named, and that beside what came of it."""
    outcome = seen.outline.unresolved or seen.outline.kind
    for name, value in seen.called.features(seen.outline.text, seen.turn.utterance.room or ""):
        yield name, value
        yield f"{name}_{outcome}", value


def _resolved(seen: Seen) -> Iterator[tuple[str, float]]:
    outline, chosen = seen.outline, seen.outline.chosen
    if outline.unresolved:
        yield f"unresolved:{outline.unresolved}", 1
    yield from ((f"trait:{trait}", 1.0) for trait in _traits(seen))
    yield "effects", min(5, outline.effects) / 5
    if chosen is None:
        return
    yield f"origin:{chosen.phrasing.origin}", 1
    heard_as_it_stands = normal(chosen.phrasing.text) == outline.text
    yield "other_wording", not heard_as_it_stands
    yield from _steps("score", chosen.score, (0.5, 0.7, 0.85, 0.95))
    yield "inexact", not chosen.is_exact
    if outline.second is not None:
        yield "has_second", 1
        yield from _steps("lead", chosen.score - outline.second.score, (0.04, 0.1, 0.2, 0.4))
        yield "second_could_act", isinstance(outline.second.resolution, ResolvedAction | Ambiguous)
    slots = outline.slots
    yield "named", "name" in slots or "names" in slots
    yield "placed", "area" in slots or "areas" in slots
    yield "pointed", bool(slots.get("reference"))
    yield "no_name_no_place", not {"name", "names", "area", "areas"} & slots.keys()
    yield "consulted", min(5, len(chosen.consulted)) / 5


def _done(seen: Seen) -> Iterator[tuple[str, float]]:
    outline = seen.outline
    yield f"manner:{outline.manner}", bool(outline.manner)
    yield "acted", outline.acted
    yield "targets_many", len(outline.targets) > 1
    yield "so_already", outline.was_so_already
    yield "told_apart", _was_told_apart(outline)
    for outcome in outline.outcomes:
        yield f"confirmed:{outcome.confirmed}", 1
        yield "silent", bool(outcome.silent)
        if outcome.refused:
            yield f"refused:{outcome.refused}", 1
    if outline.worked:
        yield f"worked_by:{outline.meant.source if outline.meant else ''}", 1
        doubt = 1 - (_share(seen.turn.transcript.confidence) if seen.turn.transcript else 0)
        yield "worked_in_doubt", doubt


def _was_told_apart(outline: Outline) -> bool:
    """Whether the reply names the room though nobody had said it: something else has that name."""
    response, room = outline.turn.response, normal((outline.turn.utterance.room or "").replace("_", " "))
    return bool(room and response and room in normal(response.text) and room not in outline.text)


def _signals(seen: Seen) -> Iterator[tuple[str, float]]:
    acted = "acted" if seen.outline.acted else "idle"
    for kind in SIGNALS:
        weight = seen.weight(kind) / _WEIGHT_MAX
        yield f"signal_{kind}", weight
        if kind in {"put_back", "undo", "wrong", "rephrase", "no", "meant_other"}:
            yield f"signal_{kind}_{acted}", weight
        if kind in {"put_back", "undo", "rephrase", "cancel"}:
            yield from ((f"signal_{kind}_{trait}", weight) for trait in _traits(seen))
    yield "signal_all", max(-1.0, min(1.0, sum(each.weight for each in seen.signals) / 6))


def _next(seen: Seen) -> Iterator[tuple[str, float]]:
    acted = "acted" if seen.outline.acted else "idle"
    yield f"next_none_{acted}", not seen.edits
    if not seen.edits:
        yield from ((f"next_none_{trait}", 1) for trait in _traits(seen))
        return
    yield from _edited("next", seen.edits[0])
    if seen.again is None:
        yield f"next_new_{acted}", 1
        return
    yield f"next_again_{acted}", 1
    yield from ((f"next_again_{trait}", 1) for trait in _traits(seen))
    yield from _edited("next_best", seen.again)
    yield from ((f"{name}_{acted}", value) for name, value in _crossed(seen.again))
    relative = any(name.endswith("_step") for name in seen.outline.slots)
    yield "next_more_of_it", relative and seen.again.other_value and seen.again.worked
    if seen.mended is not None:
        yield from _edited("next_mended", seen.mended)
        yield from ((f"{name}_mended", value) for name, value in _crossed(seen.mended))


def _edited(prefix: str, found: Edit) -> Iterator[tuple[str, float]]:
    yield from _steps(f"{prefix}_gap", found.gap_s, (5, 10, 20, 40))
    if not found.is_same_text:
        yield from _steps(f"{prefix}_sound", found.sound, (0.35, 0.5, 0.62, 0.75, 0.88))
        yield from _steps(f"{prefix}_letters", found.letters, (0.35, 0.5, 0.62, 0.75, 0.88))
        yield f"{prefix}_sounds_more_alike", found.sound - found.letters
    yield f"{prefix}_words", found.words
    yield f"{prefix}_same_text", found.is_same_text
    yield f"{prefix}_same_intent", found.is_same_intent
    yield f"{prefix}_same_effect", found.is_same_effect
    yield f"{prefix}_cue", found.has_cue
    yield f"{prefix}_denies", found.denies
    yield f"{prefix}_thanks", found.thanks
    yield f"{prefix}_undoes", found.undoes
    yield f"{prefix}_stops", found.stops
    yield f"{prefix}_empty", found.is_empty
    yield f"{prefix}_worked", found.worked
    yield f"{prefix}_interrupts", found.interrupts


def _crossed(found: Edit) -> Iterator[tuple[str, float]]:
    """What tells the stages apart: sound alike is hearing, other words understanding, another name an entity."""
    alike = found.sound >= 0.75
    yield "next_alike_other_effect", alike and not found.is_same_effect and not found.is_same_text
    yield "next_alike_worked", alike and found.worked and not found.is_same_text
    yield "next_reworded_worked", not alike and found.worked
    yield "next_same_text", found.is_same_text
    yield "next_same_effect", found.is_same_effect
    yield "next_other_target", found.other_target
    yield "next_other_command", found.other_command
    yield "next_other_intent_same_slots", not found.is_same_intent and found.keeps_slots
    yield "next_keeps_slots", found.keeps_slots
    yield "next_adds_place", found.adds_place
    yield "next_cue", found.has_cue
    for name in found.changed:
        yield f"next_changed:{name}", 1


def _share(value: float) -> float:
    """0 to 1, whatever an older version or another program wrote."""
    return min(1.0, max(0.0, value)) if value == value else 0.0  # noqa: PLR0124 - nan is not itself
