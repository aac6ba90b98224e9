"""The room's door: turns with what is known of them become goals and labels."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from edge.labels.dialogue_model import Reading
from edge.labels.functions import Functions
from edge.labels.goals import GOES_ON, goal_of, goals_of, outcome_of
from edge.labels.projecting import project
from edge.lived import conversations, is_by_itself, is_shaky
from edge.signals import Diagnosis, Goal, Label, Signal
from edge.turn import Turn

SEEN_AFTER: Final = 12
"""So many turns after one are looked at."""

SHAKY_MAX: Final = 0.55
"""Nobody is surer than this of a turn whose stages are missing, for or against: from nonsense nothing is learned."""

EVEN: Final = 0.5

Told = Mapping[str, Sequence[Signal]]
Believed = Mapping[str, Diagnosis]


class Model(Protocol):
    """What reads a whole dialogue."""

    def read(self, turns: Sequence[Turn], signals: Told, diagnoses: Believed) -> Sequence[Reading]:
        """Every turn; of those that are not familiar to it, it is not asked how they went."""
        ...


@dataclass(frozen=True)
class Labelled:
    """One conversation."""

    goals: tuple[Goal, ...]
    labels: tuple[Label, ...]
    """One of every turn that somebody said, goal by goal."""


class Labelling:
    """Makes labels: by the model where there is one, else by the labelling functions."""

    def __init__(self, functions: Functions | None = None, model: Model | None = None) -> None:
        self._functions = functions or Functions()
        self._model = model

    def conversation(self, turns: Sequence[Turn], signals: Told, diagnoses: Believed) -> Labelled:
        """Goals and labels of turns that may have to do with each other; signals and diagnoses by turn_id."""
        readings = self._model.read(turns, signals, diagnoses) if self._model else ()
        by_model = {each.turn_id: each.served for each in readings if each.is_familiar}
        going_on = {each.turn_id for each in readings if each.is_familiar and each.goes_on >= GOES_ON}
        served = self._served(turns, signals, diagnoses, by_model)
        goals, labels = list[Goal](), list[Label]()
        for some in goals_of(turns, signals, served, going_on):
            goals.append(goal_of(some, served))
            for label in _labels(some, goals[-1], served, signals, diagnoses):
                labels.append(replace(label, by="model") if label.turn_id in by_model else label)
        return Labelled(tuple(goals), tuple(labels))

    def everything(self, turns: Iterable[Turn], signals: Told, diagnoses: Believed) -> Iterator[Labelled]:
        """The same of any turns in the order in which they were lived, few of them in memory."""
        for together in conversations(turns):
            yield self.conversation(together, signals, diagnoses)

    def _served(
        self, turns: Sequence[Turn], signals: Told, diagnoses: Believed, by_model: Mapping[str, float]
    ) -> dict[str, float]:
        found: dict[str, float] = {}
        for number, turn in enumerate(turns):
            if is_by_itself(turn):
                continue
            after = turns[number + 1 : number + 1 + SEEN_AFTER]
            told, diagnosis = signals.get(turn.turn_id, ()), diagnoses.get(turn.turn_id)
            by_functions = self._functions.served(turn, told, after, diagnosis)
            p = _agreed(by_functions, by_model.get(turn.turn_id, by_functions))
            found[turn.turn_id] = _held_back(p) if is_shaky(turn) else p
        return found


def _agreed(by_functions: float, by_model: float) -> float:
    """The model's word, where it does not turn that of the functions round: then nobody is believed much.

    What it never saw, such as one command said ten times on end, it may be sure of and wrong.
    """
    return by_model if (by_functions >= EVEN) == (by_model >= EVEN) else _held_back(by_functions)


def _held_back(served: float) -> float:
    return min(SHAKY_MAX, max(1 - SHAKY_MAX, served))


def _labels(
    turns: Sequence[Turn],
    goal: Goal,
    served: Mapping[str, float],
    signals: Told,
    diagnoses: Believed,
) -> Iterator[Label]:
    for turn in turns:
        told, diagnosis = signals.get(turn.turn_id, ()), diagnoses.get(turn.turn_id)
        found = project(turn, turns, served, told, diagnosis)
        p = served[turn.turn_id]
        yield Label(
            turn_id=turn.turn_id,
            goal_id=goal.goal_id,
            outcome=outcome_of(p),
            probability=round(p, 4),
            text=found.text,
            intent=found.intent,
            slots=found.slots,
            confidence=found.confidence,
            from_turn_id=found.from_turn_id,
        )
