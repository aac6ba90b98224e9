"""How right labels are: goals told apart, goals reached, and what failed turns were meant as. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from edge.bench.labels_data import Lived
from edge.labels.dialogue_model import Reading
from edge.labels.encoding import named
from edge.labels.labelling import Labelled
from edge.lived import meant
from edge.records import Ask, Confirm, Interpretation, ResolvedAction
from edge.signals import FailurePoint, Label
from edge.turn import Turn

SURE: Final = 0.9
"""From here on a goal counts as reached, and below 1 - SURE as failed; anything between is unknown."""

THRESHOLDS: Final = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
MISTAKEN: Final[frozenset[FailurePoint]] = frozenset({"asr", "nlu", "entity"})
"""Where it went wrong before anything was done: only there something else should have been understood."""


@dataclass(frozen=True)
class Counted:
    """Yes or no, held against the truth."""

    right: int
    invented: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / max(1, self.right + self.invented)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.right + self.missed)

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, 2 * self.right + self.invented + self.missed)


@dataclass(frozen=True)
class Success:
    """Goals that something is believed of, and those of which nothing is."""

    of: int
    unknown: int
    known: Counted
    """Of success, among the goals that something is believed of."""
    recall_of_all: float
    """Of all goals that were reached, those that are believed to be."""


@dataclass(frozen=True)
class Guess:
    """What somebody is said to have meant by one failed turn."""

    confidence: float
    is_intent_right: bool
    values_right: int
    values: int
    """Slot values that were said, or are believed to have been: of both together so many are the same."""
    is_action_right: bool
    """Whether it is the command to the devices that were meant."""


@dataclass(frozen=True)
class Projection:
    """Guesses over the same failed turns."""

    guesses: tuple[Guess | None, ...]
    """None where nothing is offered."""

    def curve(self) -> tuple[tuple[float, float, float], ...]:
        """For each threshold the share of turns that still get a label, and of these those whose intent is right."""
        found = []
        for threshold in THRESHOLDS:
            kept = [each for each in self.guesses if each is not None and each.confidence >= threshold]
            right = sum(each.is_intent_right for each in kept)
            found.append((threshold, len(kept) / max(1, len(self.guesses)), right / max(1, len(kept))))
        return tuple(found)

    def to_dict(self) -> dict[str, Any]:
        some = [each for each in self.guesses if each is not None]
        whole = max(1, len(self.guesses))
        return {
            "of": len(self.guesses),
            "offered": len(some),
            "intent": sum(each.is_intent_right for each in some) / whole,
            "slot_values": sum(each.values_right for each in some) / max(1, sum(each.values for each in some)),
            "slots": sum(each.values_right == each.values for each in some) / whole,
            "action": sum(each.is_action_right for each in some) / whole,
            "curve": [{"least": at, "coverage": share, "intent": right} for at, share, right in self.curve()],
        }


@dataclass(frozen=True)
class LabelFigures:
    """One way of labelling."""

    name: str
    goes_on: Counted
    success: Success
    repaired: Projection | None = None
    """Of failed turns after which it worked."""
    failed: Projection | None = None
    """Of all failed turns by which something was wanted that a home can do."""

    def to_dict(self) -> dict[str, Any]:
        """Ready for `json.dumps`."""
        return {
            "name": self.name,
            "goes_on": _with_shares(self.goes_on),
            "success": {**asdict(self.success), "known": _with_shares(self.success.known)},
            "repaired": self.repaired.to_dict() if self.repaired else None,
            "failed": self.failed.to_dict() if self.failed else None,
        }


def of_model(name: str, some: Sequence[Lived], read: Sequence[Sequence[Reading]]) -> LabelFigures:
    """The dialogue model: what was meant is taken from the turn at which it points."""
    goes_on = [
        (truth.goes_on, each.goes_on >= 0.5)
        for dialogue, readings in zip(some, read, strict=True)
        for truth, each in zip(dialogue.truths, readings, strict=False)
        if truth.goes_on is not None
    ]
    reached = [(dialogue.truths[0].reached, readings[0].reached) for dialogue, readings in zip(some, read, strict=True)]
    guesses = [_pointed(dialogue, readings) for dialogue, readings in zip(some, read, strict=True)]
    return LabelFigures(name, _counted(goes_on), _success(reached), *_projections(some, guesses))


def of_single_turns(some: Sequence[Lived], read: Sequence[Reading]) -> tuple[Projection, Projection]:
    """The model that reads the first turn alone: the intent it believes in, with the slots as they were understood."""
    guesses = []
    for dialogue, reading in zip(some, read, strict=True):
        intent, confidence = next(iter(reading.intents.items()), ("", 0.0))
        guesses.append(_guess(dialogue, dialogue.turns[0], confidence, intent))
    return _projections(some, guesses)


def of_labels(name: str, some: Sequence[Lived], found: Sequence[Labelled]) -> LabelFigures:
    """Goals and labels as the room makes them."""
    goes_on: list[tuple[bool | None, bool]] = []
    reached: list[tuple[bool | None, float]] = []
    guesses: list[Guess | None] = []
    for dialogue, labelled in zip(some, found, strict=True):
        goal_of = {turn_id: goal for goal in labelled.goals for turn_id in goal.turn_ids}
        ids = [turn.turn_id for turn in dialogue.turns]
        for row, truth in enumerate(dialogue.truths):
            if truth.goes_on is not None:
                same = ids[row] in goal_of and goal_of[ids[row]] is goal_of.get(ids[row - 1])
                goes_on.append((truth.goes_on, same))
        first = goal_of.get(ids[0])
        reached.append((dialogue.truths[0].reached, first.probability if first else 0.5))
        label = next((each for each in labelled.labels if each.turn_id == ids[0]), None)
        guesses.append(_labelled(dialogue, label) if label is not None and label.intent else None)
    return LabelFigures(name, _counted(goes_on), _success(reached), *_projections(some, guesses))


def _counted(pairs: Sequence[tuple[bool | None, bool]]) -> Counted:
    return Counted(
        right=sum(bool(true) and believed for true, believed in pairs),
        invented=sum(believed and not true for true, believed in pairs),
        missed=sum(bool(true) and not believed for true, believed in pairs),
    )


def _success(pairs: Sequence[tuple[bool | None, float]]) -> Success:
    judged = [(bool(true), p) for true, p in pairs if true is not None]
    known = [(true, p >= SURE) for true, p in judged if p >= SURE or p <= 1 - SURE]
    reached = [p for true, p in judged if true]
    share = sum(p >= SURE for p in reached) / max(1, len(reached))
    return Success(len(judged), len(judged) - len(known), _counted(known), share)


def _projections(some: Sequence[Lived], guesses: Sequence[Guess | None]) -> tuple[Projection, Projection]:
    failed = [
        (dialogue, guess)
        for dialogue, guess in zip(some, guesses, strict=True)
        if dialogue.point in MISTAKEN and dialogue.goal["intent"]
    ]
    repaired = [guess for dialogue, guess in failed if (dialogue.truths[0].meant or 0) > 0]
    return Projection(tuple(repaired)), Projection(tuple(guess for _, guess in failed))


def _pointed(dialogue: Lived, readings: Sequence[Reading]) -> Guess | None:
    turn_id, confidence = readings[0].source
    source = next((turn for turn in dialogue.turns if turn.turn_id == turn_id), None)
    return _guess(dialogue, source, confidence) if source is not None else None


def _labelled(dialogue: Lived, label: Label) -> Guess:
    source = next((turn for turn in dialogue.turns if turn.turn_id == label.from_turn_id), None)
    action = _action(source) if source is not None else None
    return _held(dialogue, label.confidence, Interpretation(label.intent, label.slots), action)


def _guess(dialogue: Lived, source: Turn, confidence: float, intent: str = "") -> Guess:
    interpretation = meant(source) or Interpretation("")
    named_so = Interpretation(intent or interpretation.intent, interpretation.slots)
    return _held(dialogue, confidence, named_so, _action(source))


def _held(dialogue: Lived, confidence: float, interpretation: Interpretation, action: ResolvedAction | None) -> Guess:
    """Held against what was wanted."""
    goal = dialogue.goal
    ours, theirs = named(interpretation.slots), named(goal["slots"])
    return Guess(
        confidence=confidence,
        is_intent_right=interpretation.intent == goal["intent"],
        values_right=len(ours.items() & theirs.items()),
        values=len(ours.items() | theirs.items()),
        is_action_right=action is not None
        and action.command == goal["command"]
        and sorted(action.targets) == goal["targets"]
        and _fits(action.values, goal["values"]),
    )


def _fits(values: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    """Where a value may be one of several, any will do here."""
    return all(isinstance(value, Mapping) or values.get(name) == value for name, value in wanted.items())


def _action(turn: Turn) -> ResolvedAction | None:
    if turn.done_steps:
        return turn.done_steps[0].step.action
    decision = turn.decision
    return decision.steps[0].action if isinstance(decision, Ask | Confirm) and decision.steps else None


def _with_shares(each: Counted) -> dict[str, Any]:
    return {**asdict(each), "precision": each.precision, "recall": each.recall, "f1": each.f1}
