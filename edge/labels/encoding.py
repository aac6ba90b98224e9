"""A dialogue becomes arrays: what was heard, what we said, how it went, and what lies between any two turns. Pure."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz

from edge.lived import actions, answer, gap_s, is_by_itself, meant, moved, replied, said, same_person, share_played
from edge.phonetics import likeness
from edge.records import Act, Reject, Unresolved, Verdict
from edge.signals import POINTS, Diagnosis, Signal, SignalKind
from edge.sound_vector import NOTHING, unpacked
from edge.turn import Turn

TURNS_MAX: Final = 8
"""So many turns are read together."""

TEXT_WIDTH: Final = 768
SOUND_WIDTH: Final = 384
"""Of the recogniser that comes with Edge; vectors of another one are no vectors of this one, and are left out."""

NONE: Final = "none"
"""The class of what is no command for a home."""

STATUSES: Final = (
    "missing", "failed", "ask", "confirm", "silence", "not_understood", "unresolved", "too_long", "not_meant",
    "too_many", "confirmed", "untold", "silent", "refused", "verdict",
)  # fmt: skip
"""What became of a turn; a number by its place."""

REPLIES: Final = ("", "answer", "question", "confirmation", "refusal", "error")

REASONS: Final = (
    "", "no_device", "no_area", "nothing_there", "cannot", "guarded", "no_question", "out_of_range", "not_supported",
    "unattended", "nothing_to_undo", "pin_locked", "no_time", "no_such_time", "past", "nothing_set",
)  # fmt: skip
"""Why nothing here fitted."""

SIGNALS: Final[tuple[SignalKind, ...]] = (
    "yes", "no", "thanks", "wrong", "not_said", "meant_other",
    "undo", "cancel", "stop", "barge_in", "rephrase", "repeat", "gave_up",
    "silence_after_wake", "no_match", "error", "not_confirmed", "put_back",
)  # fmt: skip

_TIES: Final[tuple[frozenset[SignalKind], ...]] = (
    frozenset({"rephrase"}),
    frozenset({"repeat"}),
    frozenset({"no", "wrong", "not_said", "meant_other"}),
    frozenset({"undo"}),
    frozenset({"cancel", "stop", "barge_in"}),
    frozenset({"yes", "thanks"}),
)
"""What a later turn may tell of an earlier one."""

NUMBERS: Final = 26 + len(SIGNALS) + len(POINTS)
PAIRS: Final = 16 + len(_TIES)

_WEIGHT: Final = 4.0
"""Nats, by which weights of signals are divided."""

_CUE: Final = re.compile(
    r"^(?:(?:no+|nope|not that|wrong|sorry|wait|actually|i mean|i meant|i said|i wanted)\b[\s,.!]*)+"
)
_FILLED_IN: Final = frozenset({"targets", "reference", "domain", "device_class", "here"})


class Classified(Protocol):
    @property
    def probabilities(self) -> Mapping[str, float]: ...

    @property
    def vector(self) -> NDArray[Any]: ...


class Classifier(Protocol):
    def classify(self, text: str) -> Classified:
        """The classes of one sentence, and its vector of unit length."""


@dataclass(frozen=True)
class Encoded:
    """Up to `TURNS_MAX` turns as arrays, the first turn in the first row; rows without a turn hold zeros."""

    said: NDArray[np.float32]
    """Shape (turns, 768): what was heard."""
    replied: NDArray[np.float32]
    """Shape (turns, 768): what we said."""
    sound: NDArray[np.float32]
    """Shape (turns, 384); zeros where nothing of the sound was kept."""
    kinds: NDArray[np.int64]
    """Shape (turns, 4): the intent's number, and the places in STATUSES, REPLIES and REASONS."""
    numbers: NDArray[np.float32]
    """Shape (turns, NUMBERS)."""
    pairs: NDArray[np.float32]
    """Shape (turns, turns, PAIRS): what lies between two turns, the same both ways but for the first, the direction."""
    there: NDArray[np.bool_]
    """Shape (turns,)."""


def encode(
    turns: Sequence[Turn],
    told: Mapping[str, Sequence[Signal]],
    diagnosed: Mapping[str, Diagnosis],
    classifier: Classifier,
    intents: Sequence[str],
) -> Encoded:
    """The first `TURNS_MAX` of these turns; signals and diagnoses by turn_id, intents as the model knows them."""
    some = turns[:TURNS_MAX]
    found = _nothing()
    numbers = {name: number for number, name in enumerate(intents, 2)}
    read = [classifier.classify(said(turn)) if said(turn) else None for turn in some]
    for row, turn in enumerate(some):
        found.there[row] = True
        here = read[row]
        if here is not None:
            found.said[row] = here.vector
        if replied(turn):
            found.replied[row] = classifier.classify(replied(turn)).vector
        found.sound[row] = sound_of(turn)
        found.kinds[row] = _kinds(turn, numbers)
        signals = told.get(turn.turn_id, ())
        before, after = (some[row - 1] if row else None), (some[row + 1] if row + 1 < len(some) else None)
        values = [*_own(turn, here), *_place(turn, before, after), *_told(signals), *_believed(turn, diagnosed)]
        found.numbers[row] = _finite(values)
        for later in range(row + 1, len(some)):
            between = list(_between(turn, some[later], signals))
            likely = _alike(here, read[later])
            found.pairs[row, later] = _finite([1.0, likely, *between])
            found.pairs[later, row] = _finite([-1.0, likely, *between])
    return found


def _nothing() -> Encoded:
    return Encoded(
        said=np.zeros((TURNS_MAX, TEXT_WIDTH), np.float32),
        replied=np.zeros((TURNS_MAX, TEXT_WIDTH), np.float32),
        sound=np.zeros((TURNS_MAX, SOUND_WIDTH), np.float32),
        kinds=np.zeros((TURNS_MAX, 4), np.int64),
        numbers=np.zeros((TURNS_MAX, NUMBERS), np.float32),
        pairs=np.zeros((TURNS_MAX, TURNS_MAX, PAIRS), np.float32),
        there=np.zeros(TURNS_MAX, np.bool_),
    )


def sound_of(turn: Turn) -> NDArray[np.float32]:
    """The pooled vector of what was heard, of unit length; zeros where none was kept."""
    vector = unpacked(turn.transcript.sound_vector) if turn.transcript else NOTHING
    return vector if vector.shape == (SOUND_WIDTH,) else np.zeros(SOUND_WIDTH, np.float32)


def status(turn: Turn) -> str:
    """What became of it, one of STATUSES."""
    decision = turn.decision
    if turn.failure is not None or decision is None:
        return "failed" if turn.failure is not None else "missing"
    if not isinstance(decision, Act):
        return decision.reason if isinstance(decision, Reject) else decision.kind
    if isinstance(decision.then, Verdict):
        return "verdict"
    outcomes = [done.outcome for done in turn.done_steps if done.outcome is not None]
    if any(outcome.refused for outcome in outcomes):
        return "refused"
    told = {outcome.confirmed for outcome in outcomes}
    return "silent" if False in told else "confirmed" if told == {True} else "untold"


def _kinds(turn: Turn, numbers: Mapping[str, int]) -> tuple[int, int, int, int]:
    interpretation, decision = meant(turn), turn.decision
    intent = numbers.get(interpretation.intent, 1) if interpretation else 0
    reply = turn.response.kind if turn.response else ""
    unresolved = getattr(decision, "unresolved", None)
    reason = unresolved.reason if isinstance(unresolved, Unresolved) else ""
    places = [_at(STATUSES, status(turn)), _at(REPLIES, reply), _at(REASONS, reason)]
    return intent, places[0], places[1], places[2]


def _at(names: Sequence[str], name: str) -> int:
    return names.index(name) if name in names else 0


def _own(turn: Turn, here: Classified | None) -> Iterator[float]:
    """18 numbers of the turn itself."""
    utterance, transcript, interpretation = turn.utterance, turn.transcript, meant(turn)
    words = len(said(turn).split())
    yield transcript.confidence if transcript else 0.0
    yield float(transcript is not None and transcript.closed)
    yield len(transcript.alternatives[:5]) / 5 if transcript else 0.0
    yield min(words, 20) / 10
    yield min(utterance.speech_ms, 8_000.0) / 4_000
    yield utterance.wake.score if utterance.wake else 0.0
    yield float(utterance.wake is not None)
    yield float(utterance.follow_up)
    yield interpretation.confidence if interpretation else 0.0
    yield float(interpretation is not None and interpretation.is_guess)
    scores = sorted((each.score for each in turn.readings), reverse=True)
    yield scores[0] if scores else 0.0
    yield scores[0] - scores[1] if len(scores) > 1 else 1.0
    yield min(len(scores), 10) / 10
    yield float(bool(turn.readings) and max(turn.readings, key=lambda each: each.score).is_exact)
    sounds = sorted(turn.sound_scores.values(), reverse=True)
    yield min(4.0, sounds[0] - sounds[1]) / 4 if len(sounds) > 1 else 1.0
    yield here.probabilities.get(NONE, 0.0) if here else 0.0
    yield max(here.probabilities.values(), default=0.0) if here else 0.0
    yield min(len(turn.done_steps), 4) / 4


def _place(turn: Turn, before: Turn | None, after: Turn | None) -> Iterator[float]:
    """8 numbers of where it stands."""
    yield _lasted(gap_s(before, turn)) if before is not None else 2.0
    yield _lasted(gap_s(turn, after)) if after is not None else 2.0
    yield float(before is None)
    yield float(after is None)
    cut = turn.utterance.interrupts_after_ms
    yield float(cut is not None)
    yield share_played(before, cut) if before is not None and cut is not None else 0.0
    yield float(bool(answer(turn)))
    yield float(is_by_itself(turn))


def _lasted(gap: float) -> float:
    """About 0 to 2 for a second to five minutes."""
    return math.log1p(min(300.0, max(0.0, gap))) / 3


def _told(signals: Sequence[Signal]) -> Iterator[float]:
    for kind in SIGNALS:
        yield max(-1.0, min(1.0, sum(each.weight for each in signals if each.kind == kind) / _WEIGHT))


def _believed(turn: Turn, diagnosed: Mapping[str, Diagnosis]) -> Iterator[float]:
    found = diagnosed.get(turn.turn_id)
    for point in POINTS:
        yield found.probabilities.get(point, 0.0) if found is not None else 0.0


def _between(one: Turn, later: Turn, signals: Sequence[Signal]) -> Iterator[float]:
    """What lies between two turns, but for the direction and the likeness of what they mean."""
    text, other = said(one), said(later)
    first, second = _CUE.sub("", text) or text, _CUE.sub("", other) or other
    yield _lasted(gap_s(one, later))
    yield fuzz.ratio(first, second) / 100 if first and second else 0.0
    yield likeness(first, second) if first and second else 0.0
    yield fuzz.token_set_ratio(first, second) / 100 if first and second else 0.0
    yield float(bool(first) and first == second)
    yield float(bool(_CUE.match(other)))
    ours, theirs = meant(one), meant(later)
    both = ours is not None and theirs is not None
    yield float(both and ours.intent == theirs.intent)  # type: ignore[union-attr]
    yield _shared(named(ours.slots), named(theirs.slots)) if ours and theirs else 0.0
    did, does = _effects(one), _effects(later)
    yield float(bool(did) and did == does)
    yield float(bool(moved(one) & moved(later)))
    yield float(bool({command for command, _ in did} & {command for command, _ in does}))
    yield float(same_person(one, later))
    question = later.context.question
    yield float(question is not None and question.turn_id == one.turn_id and bool(answer(later)))
    yield float(bool(_readings(one) & {second}))
    for kinds in _TIES:
        yield max((_strength(each) for each in signals if each.kind in kinds and _is_from(each, later)), default=0.0)


def _is_from(signal: Signal, later: Turn) -> bool:
    return signal.from_turn_id == later.turn_id


def _strength(signal: Signal) -> float:
    p = signal.detail.get("p")
    return float(p) if signal.kind == "rephrase" and isinstance(p, float | int) else 1.0


def _readings(turn: Turn) -> frozenset[str]:
    """What it might have been as well, by the recogniser."""
    return frozenset(each.casefold() for each in turn.transcript.alternatives[:5]) if turn.transcript else frozenset()


def named(slots: Mapping[str, Any]) -> dict[str, str]:
    """The slots that somebody said, as text; what we filled in ourselves is left out."""
    ours = _FILLED_IN | ({"area"} if slots.get("here") else set())
    return {name: str(value).casefold() for name, value in slots.items() if name not in ours}


def _shared(ours: Mapping[str, str], theirs: Mapping[str, str]) -> float:
    whole = ours.items() | theirs.items()
    return len(ours.items() & theirs.items()) / len(whole) if whole else 1.0


def _effects(turn: Turn) -> frozenset[tuple[str, str]]:
    return frozenset((action.command, f"{sorted(action.targets)} {_sorted(action.values)}") for action in actions(turn))


def _sorted(values: Mapping[str, Any]) -> str:
    return str(sorted(values.items(), key=str))


def _alike(one: Classified | None, other: Classified | None) -> float:
    return float(np.dot(one.vector, other.vector)) if one is not None and other is not None else 0.0


def _finite(values: Sequence[float]) -> NDArray[np.float32]:
    return np.clip(np.nan_to_num(np.array(values, np.float64)), -4.0, 4.0).astype(np.float32)
