"""Goals: which turns were about the same thing, and whether it was reached with the last of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from edge import intents
from edge.feedback.lived import (
    actions,
    answer,
    gap_s,
    intent,
    is_about_us,
    is_by_itself,
    is_empty,
    is_refused,
    meant,
    moved,
    same_person,
)
from edge.feedback.reading import conversations
from edge.feedback.weights import p_defect, prior_of
from edge.signals import Goal, Outcome, Signal, SignalKind
from edge.turn import Turn

NEW_GOAL_S: Final = 75.0
SURE: Final = 0.9
"""From here on (or, below, from 1 - SURE down) an outcome counts; anything between is unknown, which is no success."""

GOES_ON: Final = 0.5
"""Probability of a rephrase from which a turn belongs to the same goal."""

_TRIES_AGAIN: Final[frozenset[SignalKind]] = frozenset(
    {"yes", "no", "wrong", "not_said", "meant_other", "undo", "cancel", "stop", "repeat", "thanks"}
)
_NO_ATTEMPT: Final = frozenset({intents.UNDO})
_WHICH: Final = ("name", "area", "targets", "search_query")


def goals(turns: Iterable[Turn], signals: Iterable[Signal]) -> Iterator[Goal]:
    """The goals of turns in the order in which they were lived; every turn that somebody said is in just one."""
    told: defaultdict[str, list[Signal]] = defaultdict(list)
    for signal in signals:
        told[signal.turn_id].append(signal)
    for together in conversations(turns):
        for some in _cut(together, told):
            yield _goal(some, told)


def _cut(turns: Sequence[Turn], told: Mapping[str, Sequence[Signal]]) -> Iterator[list[Turn]]:
    """Each turn goes to the open goal of whoever said it, or begins a new one; two people may talk in turns."""
    open_goals: list[list[Turn]] = []
    for turn in turns:
        if is_by_itself(turn):
            continue
        mine = next((goal for goal in reversed(open_goals) if _belongs(turn, goal, told)), None)
        if mine is None:
            open_goals.append([turn])
        else:
            mine.append(turn)
    yield from open_goals


def _belongs(turn: Turn, goal: Sequence[Turn], told: Mapping[str, Sequence[Signal]]) -> bool:
    last = goal[-1]
    if gap_s(last, turn) > NEW_GOAL_S:
        return False
    question = turn.context.question
    if answer(turn) and question is not None:
        return any(each.turn_id == question.turn_id for each in goal)
    if any(_ties(signal, turn) for each in goal for signal in told.get(each.turn_id, ())):
        return True
    if not same_person(last, turn) or is_empty(last) or not is_refused(last):
        return False  # it went well, or nothing says otherwise: what comes next is something new
    return intent(last) == intent(turn) != "" or bool(_about(last) & _about(turn))


def _ties(signal: Signal, turn: Turn) -> bool:
    if signal.from_turn_id != turn.turn_id:
        return False
    p = signal.detail.get("p", 0.0)
    return signal.kind in _TRIES_AGAIN or (signal.kind == "rephrase" and isinstance(p, float) and p >= GOES_ON)


def _about(turn: Turn) -> frozenset[str]:
    """What things it names or moves."""
    interpretation = meant(turn)
    slots = interpretation.slots if interpretation else {}
    named = frozenset(str(slots[key]) for key in _WHICH if slots.get(key))
    return named | moved(turn) | {target for action in actions(turn) for target in action.targets}


def _goal(turns: Sequence[Turn], told: Mapping[str, Sequence[Signal]]) -> Goal:
    """As its last attempt went; what only speaks of an attempt is none."""
    tries = [turn for turn in turns if intent(turn) not in _NO_ATTEMPT and (moved(turn) or not is_about_us(turn))]
    last = tries[-1] if tries else turns[0]
    reached = 1 - p_defect(told.get(last.turn_id, ()), prior_of(last))
    outcome: Outcome = "success" if reached >= SURE else "defect" if reached <= 1 - SURE else "unknown"
    return Goal(turns[0].turn_id, tuple(turn.turn_id for turn in turns), outcome, round(reached, 4))
