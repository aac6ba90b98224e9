"""Goals: which turns were about the same thing, and whether it was reached with the last of them."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final

from edge import intents
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
    moved,
    said,
    same_person,
)
from edge.phonetics import likeness
from edge.signals import Goal, Outcome, Signal, SignalKind
from edge.turn import Turn

NEW_GOAL_S: Final = 75.0
SURE: Final = 0.9
"""From here on (or, below, from 1 - SURE down) an outcome counts; anything between is unknown, which is no success."""

ALIKE: Final = 0.6
"""Likeness from which what was said after a failure is held to be the same again."""

GOES_ON: Final = 0.5
"""Probability of a rephrase from which a turn belongs to the same goal."""

FAILED: Final = 0.5
"""Who comes back with the same after a turn that served with no more than this probability has not got it yet."""

NOTHING_KNOWN: Final[Mapping[str, float]] = {}

_TRIES_AGAIN: Final[frozenset[SignalKind]] = frozenset(
    {"yes", "no", "wrong", "not_said", "meant_other", "undo", "cancel", "stop", "repeat", "thanks"}
)
_NO_ATTEMPT: Final = frozenset({intents.UNDO})
_WHICH: Final = ("name", "area", "targets", "search_query")


def goals_of(
    turns: Sequence[Turn],
    told: Mapping[str, Sequence[Signal]],
    served: Mapping[str, float] = NOTHING_KNOWN,
    going_on: Collection[str] = (),
) -> Iterator[list[Turn]]:
    """The turns of each goal of one conversation; every turn that somebody said is in just one.

    By turn_id, `told` holds the signals, and `served` the probability that a turn served what was wanted; `going_on`
    names turns that are known to be about the same as the turn before.

    Each turn goes to the open goal of whoever said it, or begins a new one; two people may talk in turns.
    """
    found: list[list[Turn]] = []
    still_open: list[list[Turn]] = []
    last: list[Turn] = []
    for turn in turns:
        if is_by_itself(turn):
            continue
        still_open = [goal for goal in still_open if gap_s(goal[-1], turn) <= NEW_GOAL_S]
        mine = next((goal for goal in reversed(still_open) if _belongs(turn, goal, told, served)), None)
        if mine is None and turn.turn_id in going_on:
            mine = next((goal for goal in still_open if goal is last), None)
        if mine is None:
            mine = []
            found.append(mine)
            still_open.append(mine)
        mine.append(turn)
        last = mine
    yield from found


def _belongs(
    turn: Turn, goal: Sequence[Turn], told: Mapping[str, Sequence[Signal]], served: Mapping[str, float]
) -> bool:
    question = turn.context.question
    if answer(turn) and question is not None:
        return any(each.turn_id == question.turn_id for each in goal)
    if any(_ties(signal, turn) for each in goal for signal in told.get(each.turn_id, ())):
        return True
    tried = (attempts(goal) or goal)[-1]
    failed = is_refused(tried) or served.get(tried.turn_id, 1.0) <= FAILED
    if not same_person(tried, turn) or is_empty(tried) or not failed:
        return False  # it went well, or nothing says otherwise: what comes next is something new
    if intent(tried) == intent(turn) != "" or _about(tried) & _about(turn):
        return True
    return not is_about_us(turn) and likeness(said(tried), said(turn)) >= ALIKE


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


def attempts(turns: Sequence[Turn]) -> list[Turn]:
    """Those of a goal's turns by which it was tried to reach it; what only speaks of an attempt is none."""
    return [turn for turn in turns if intent(turn) not in _NO_ATTEMPT and (moved(turn) or not is_about_us(turn))]


def goal_of(turns: Sequence[Turn], served: Mapping[str, float]) -> Goal:
    """As its last attempt went; `served` is the probability of every turn that it served what was wanted."""
    last = (attempts(turns) or turns[:1])[-1]
    reached = served[last.turn_id]
    return Goal(turns[0].turn_id, tuple(turn.turn_id for turn in turns), outcome_of(reached), round(reached, 4))


def outcome_of(served: float) -> Outcome:
    """Success from SURE on, a defect from 1 - SURE down."""
    return "success" if served >= SURE else "defect" if served <= 1 - SURE else "unknown"
