"""The truth by replay: the failure point is the smallest k such that making stages 1 to k right makes the action right.

Nothing moves: the hands of a replay pretend.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from edge.asr.trial import TypedRecogniser
from edge.knowledge import Knowledge
from edge.pipeline import Resolution, Stages, run_turn
from edge.records import (
    Act,
    Ambiguous,
    Candidate,
    Confirm,
    Interpretation,
    Outcome,
    Phrasing,
    ResolvedAction,
    Step,
    Utterance,
)
from edge.signals import FailurePoint
from edge.turn import Context, Turn
from fault_laboratory.goals import PRETENDED, Goal, a_value_each


@dataclass(frozen=True)
class Truth:
    """What nobody but the laboratory knows of a turn."""

    text: str
    """The words that were said."""
    goal: Goal
    meaning: tuple[Interpretation, ...] = ()
    """What these words mean; none where no home can serve them."""
    is_for_us: bool = True
    """False where nobody spoke to the assistant."""
    is_other_version: bool = False
    """Whether the player plays another recording than is wanted."""
    amount: Goal | None = None
    """The goal with the amount that somebody had in mind, where the words tell less."""

    def is_served_by(self, turn: Turn) -> bool:
        """Whether the person has now what was wanted."""
        goal = self.amount or self.goal
        return goal.is_servable and goal.is_met_by(turn) and not (turn.is_unanswered or self.is_other_version)


def failure_point(turn: Turn, truth: Truth, knowledge: Knowledge, stages: Stages) -> FailurePoint:
    """Where `turn`, which ran under `knowledge`, went wrong first."""
    if not truth.is_for_us:
        return "false_wake"
    if truth.goal.is_met_by(turn):
        return _point_of_served(turn, truth)
    for point, mended in _mended(turn, truth, knowledge, stages):
        if truth.goal.is_met_by(mended):
            return point
    return "result"


def meaning_of(turn: Turn) -> tuple[Interpretation, ...]:
    """How a turn that was right understood its words."""
    decision = turn.decision
    if isinstance(decision, Act | Confirm):
        found: list[Interpretation] = []
        for step in decision.steps:
            if step.interpretation not in found:
                found.append(step.interpretation)
        return tuple(found)
    interpretation = getattr(decision, "interpretation", None)
    return (interpretation,) if interpretation else ()


def _point_of_served(turn: Turn, truth: Truth) -> FailurePoint:
    """All that we could do was right; the rest is up to the device, or to nobody."""
    if not truth.goal.is_servable:
        return "unsupported"
    if turn.is_unanswered:
        return "not_confirmed"
    missed = truth.amount is not None and not truth.amount.is_met_by(turn)
    return "result" if missed or truth.is_other_version else "correct"


def _mended(turn: Turn, truth: Truth, knowledge: Knowledge, stages: Stages) -> Iterator[tuple[FailurePoint, Turn]]:
    """The turn again, with one more stage made right each time."""
    hands = _PretendingHands()
    right = replace(
        stages, asr=TypedRecogniser(), scorer=TypedRecogniser(), home_actor=hands, skill_actor=hands, agenda_actor=hands
    )
    utterance = Utterance("text", room=turn.utterance.room, speaker=turn.utterance.speaker, typed=truth.text)
    began = Turn.begin(turn.turn_id, utterance, turn.context, knowledge.revision)
    yield "asr", run_turn(began, knowledge, right)
    right = replace(right, nlu=_TrueMeaning(truth.meaning))
    yield "nlu", run_turn(began, knowledge, right)
    right = replace(right, resolution=_TrueTargets(truth.goal, stages.resolution))
    yield "entity", run_turn(began, knowledge, right)


class _PretendingHands:
    """Tells of everything that it was sent."""

    def perform(self, step: Step, context: Context, knowledge: Knowledge) -> Outcome:
        return PRETENDED


class _TrueMeaning:
    """Understands what was meant, whatever the words."""

    def __init__(self, meaning: tuple[Interpretation, ...]) -> None:
        self._meaning = meaning

    def interpret(self, phrasing: Phrasing, context: Context, knowledge: Knowledge) -> Iterable[Interpretation]:
        return self._meaning


class _TrueTargets:
    """Resolves as the assistant does, but to the devices that are meant."""

    def __init__(self, goal: Goal, resolution: Resolution) -> None:
        self._wanted = goal.wanted
        self._resolution = resolution

    def resolve(
        self, phrasing: Phrasing, interpretation: Interpretation, context: Context, knowledge: Knowledge
    ) -> Candidate:
        found = self._resolution.resolve(phrasing, interpretation, context, knowledge)
        targets = tuple(sorted(self._wanted.targets))
        action = found.resolution
        if isinstance(action, ResolvedAction):
            values = {**action.values, **next(iter(action.own_values.values()), {})}
            action = replace(action, targets=targets, values=values, own_values={}, own_commands={}, left_out=())
        elif isinstance(action, Ambiguous) and not action.options:
            action = ResolvedAction(targets, action.command, action.values)
        else:
            action = ResolvedAction(targets, self._wanted.command, a_value_each(self._wanted.values or {}))
        return replace(found, resolution=action, score=1.0)
