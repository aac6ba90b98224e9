"""What people do, and what the turn itself tells: cut off, tried again, taken back, given up, not understood."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from edge import intents
from edge.feedback.explicit import is_correction, spoken_of
from edge.feedback.observed import Observed
from edge.feedback.rephrasing import Rephrasing
from edge.feedback.weights import OTHERS_WORD, of_rephrase
from edge.lived import (
    actions,
    answer,
    gap_s,
    intent,
    is_about_us,
    is_by_itself,
    is_empty,
    is_refused,
    meant,
    moment,
    moved,
    replied,
    said,
    same_person,
    same_place,
    share_played,
)
from edge.records import Reject
from edge.signals import SignalKind
from edge.turn import Turn

GAVE_UP_S: Final = 90.0
TRIED_AGAIN_S: Final = 45.0
TRIES_MAX: Final = 4
"""So many turns after one may say it again."""

CANCELLED_S: Final = 30.0
AT_ONCE_S: Final = 10.0
UNDONE_S: Final = 60.0
OPPOSITE_S: Final = 15.0

FIRST_WORD_MS: Final = 1_200
LATE_MS: Final = 3_000
LATE_SHARE: Final = 0.6
"""Of a reply that was played so far, or so long, whoever ends it has heard it."""

LEAST_P: Final = 0.3
"""A rephrase less likely than this is none."""

_OPPOSITES: Final = (
    frozenset({"turn_on", "turn_off"}),
    frozenset({"open", "close"}),
    frozenset({"lock", "unlock"}),
    frozenset({"play_media", "media_pause"}),
    frozenset({"play", "media_pause"}),
)
_STEPS: Final = frozenset(
    {intents.CHANGE, intents.AGAIN, intents.SNOOZE, "HassSetVolumeRelative", "HassMediaNext", "HassMediaPrevious"}
    | {"HassIncreaseTimer", "HassDecreaseTimer", "HassToggle", intents.UNDO}
)
_STEP_SLOTS: Final = frozenset({"change", "direction", "times", "brightness_step", "volume_step", "temperature_step"})
_ASKING: Final = frozenset({"HassGetState", "HassGetCurrentTime", "HassGetCurrentDate", "HassClimateGetTemperature"})
_RIGHTLY: Final = frozenset(
    {"guarded", "unattended", "no_question", "nothing_to_undo", "pin_locked", "past", "out_of_range", "nothing_set"}
)
"""Reasons for which a command that was understood is rightly not done."""


def of_itself(turn: Turn) -> Iterator[Observed]:
    """What the turn tells of itself, without anybody's doing."""
    if is_by_itself(turn):
        return
    if is_empty(turn):
        if turn.utterance.wake is not None and not said(turn):
            yield _seen(turn, "silence_after_wake")
        return
    decision = turn.decision
    if isinstance(decision, Reject) and decision.reason == "not_understood":
        yield _seen(turn, "no_match")
    elif isinstance(decision, Reject) and decision.reason == "unresolved":
        reason = decision.unresolved.reason if decision.unresolved else ""
        yield _seen(turn, "no_match", "no_match, refused" if reason in _RIGHTLY else "no_match, a name")
    if turn.failure is not None or any(done.outcome and done.outcome.refused for done in turn.done_steps):
        yield _seen(turn, "error")
    if turn.is_unanswered:
        yield _seen(turn, "not_confirmed")


def of_nobody(turn: Turn, after: Sequence[Turn]) -> Iterator[Observed]:
    """A failure after which nobody came back; to be asked when the time for it is over."""
    if is_by_itself(turn) or is_about_us(turn) or not is_refused(turn):
        return
    came_back = (0 <= gap_s(turn, later) <= GAVE_UP_S for later in after if not is_by_itself(later))
    if not any(came_back):
        yield _seen(turn, "gave_up")


def of_next(turn: Turn, before: Sequence[Turn]) -> Iterator[Observed]:
    """What a turn tells, by what it does, of those before it; nearest last."""
    if is_by_itself(turn) or is_empty(turn):
        return
    yield from _cut_off(turn, before)
    yield from _taken_back(turn, before)
    yield from _repeated(turn, before)


def _cut_off(turn: Turn, before: Sequence[Turn]) -> Iterator[Observed]:
    played_ms = turn.utterance.interrupts_after_ms
    sounding = next((each for each in reversed(before) if replied(each) and same_place(each, turn)), None)
    late = False
    if played_ms is not None and sounding is not None and not is_by_itself(sounding):
        late = played_ms >= LATE_MS or share_played(sounding, played_ms) >= LATE_SHARE
        why = "barge_in, late" if late else "barge_in, at once" if played_ms <= FIRST_WORD_MS else "barge_in"
        why = "barge_in, to answer" if answer(turn) or intent(turn) == intents.THANKS else why
        yield _by(sounding, turn, "barge_in", why, played_ms=played_ms)
    about = None if answer(turn) else spoken_of(turn, before)
    if about is None or gap_s(about, turn) > CANCELLED_S:
        return
    if intent(turn) == intents.STOP:
        yield _by(about, turn, "stop", "stop, late" if late else "stop", played_ms=played_ms)
    elif intent(turn) == "HassNevermind":
        yield _by(about, turn, "cancel", "cancel")


def _taken_back(turn: Turn, before: Sequence[Turn]) -> Iterator[Observed]:
    if intent(turn) == intents.UNDO:
        targets = {target for action in actions(turn) for target in action.targets}
        movers = [each for each in before if moved(each) and not is_by_itself(each) and same_place(each, turn)]
        touched = [each for each in movers if not targets or targets & moved(each)]
        if touched:
            gap = gap_s(touched[-1], turn)
            why = "undo, at once" if gap <= AT_ONCE_S else "undo" if gap <= UNDONE_S else "undo, late"
            yield _by(touched[-1], turn, "undo", why)
        return
    about = spoken_of(turn, before)
    if about is None or answer(turn) or gap_s(about, turn) > OPPOSITE_S or not same_person(about, turn):
        return
    if _told(about) & {(target, other) for target, command in _told(turn) for other in _opposites(command)}:
        yield _by(about, turn, "undo", "undo, by its opposite")


def _told(turn: Turn) -> frozenset[tuple[str, str]]:
    return frozenset((target, action.command_for(target)) for action in actions(turn) for target in action.targets)


def _opposites(command: str) -> frozenset[str]:
    return frozenset().union(*(pair - {command} for pair in _OPPOSITES if command in pair))


def _repeated(turn: Turn, before: Sequence[Turn]) -> Iterator[Observed]:
    first = spoken_of(turn, before)
    if first is None or is_about_us(turn) or gap_s(first, turn) > TRIED_AGAIN_S or not same_person(first, turn):
        return
    if said(first) != said(turn):
        return
    if is_refused(first):
        why = "repeat, of a failure"
    elif _is_step(first):
        why = "repeat, of a step"
    else:
        why = "repeat, of a question" if intent(first) in _ASKING else "repeat"
    yield _by(first, turn, "repeat", why)


def _is_step(turn: Turn) -> bool:
    interpretation = meant(turn)
    if interpretation is None:
        return False
    return interpretation.intent in _STEPS or bool(_STEP_SLOTS & interpretation.slots.keys())


def rephrased(turn: Turn, after: Sequence[Turn], rephrasing: Rephrasing) -> Iterator[Observed]:
    """Whether one of the next turns says the same in other words; the likeliest of them."""
    if is_by_itself(turn) or is_empty(turn) or is_about_us(turn):
        return
    best: tuple[float, Turn] | None = None
    near = [later for later in after[:TRIES_MAX] if 0 <= gap_s(turn, later) <= TRIED_AGAIN_S]
    for number, later in enumerate(near):
        if is_by_itself(later) or is_empty(later) or is_about_us(later) or not same_person(turn, later):
            continue
        if said(later) == said(turn) or is_correction(later):  # these have signals of their own
            continue
        p = rephrasing.p(turn, later, near[:number])
        if p >= LEAST_P and (best is None or p > best[0]):
            best = p, later
    if best is not None:
        p, later = best
        gap = round(gap_s(turn, later), 1)
        detail = {"p": round(p, 3), "gap_s": gap}
        at, by = moment(later), later.utterance.speaker
        yield Observed(turn.turn_id, "rephrase", "rephrase", at, by, later.turn_id, of_rephrase(p), detail=detail)


def _seen(turn: Turn, kind: SignalKind, why: str = "") -> Observed:
    return Observed(turn.turn_id, kind, why or kind, moment(turn))


def _by(about: Turn, turn: Turn, kind: SignalKind, why: str, **numbers: float | None) -> Observed:
    detail: Mapping[str, Any] = {
        "gap_s": round(gap_s(about, turn), 1),
        **{name: number for name, number in numbers.items() if number is not None},
    }
    share = 1.0 if same_person(about, turn) else OTHERS_WORD
    return Observed(
        about.turn_id, kind, why, moment(turn), turn.utterance.speaker, turn.turn_id, share=share, detail=detail
    )
