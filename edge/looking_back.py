"""Looking back at turns that lie in the store: what was observed of them since, and where they went wrong."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, Final

from edge.errors import ModelError, StageFailed, StoreError
from edge.feedback.reading import read_signals
from edge.feedback.rephrasing import Similarity
from edge.home_names import HomeNames
from edge.isolation.account import account, meant_by
from edge.isolation.called import Called
from edge.isolation.diagnosing import Isolation
from edge.isolation.health import Health, health_of
from edge.isolation.trees import Boosted
from edge.isolation.weights import Weights
from edge.labels.dialogue_model import DialogueModel
from edge.labels.functions import Functions
from edge.labels.labelling import Labelled, Labelling
from edge.labels.weights import FunctionWeights
from edge.lived import conversations, moment, said
from edge.nlu.classifier import Remembering
from edge.paths import shipped
from edge.signals import OUTCOMES, Diagnosis, Label, Signal
from edge.speech.why import at_length
from edge.store import Store
from edge.turn import Turn

log = logging.getLogger(__name__)

Naming = Callable[[int], Called]
"""By knowledge revision, what things were called under it."""

AROUND: Final = timedelta(minutes=6)
"""So far from a turn lies what has to do with it."""

STOOD: Final = timedelta(days=1)
"""From so far back it is known how devices stood before."""

KEPT_AT_ONCE: Final = 500
"""Diagnoses or labels that are written together."""


def load_isolation(classifier: Remembering) -> Isolation:
    """The model that ships; the rules where it cannot be read."""
    folder = shipped("models") / "isolation"
    try:
        return Isolation(Weights.load(folder), classifier, Boosted.load(folder))
    except ModelError as error:
        log.warning("failure points are found by rules: %s", error)
        return Isolation()


def load_labelling(classifier: Remembering | None = None) -> Labelling:
    """The labelling functions as they were fitted; as they were set by hand where that cannot be read.

    With a classifier the dialogue model speaks before them, where it can be read.
    """
    folder = shipped("models") / "labels"
    functions, model = Functions(), None
    try:
        functions = Functions(FunctionWeights.load(folder))
        model = DialogueModel.load(folder, classifier) if classifier else None
    except ModelError as error:
        log.warning("labels are made by what is left: %s", error)
    return Labelling(functions, model)


class LookingBack:
    """Reads a store, and keeps in it what is now believed of its turns."""

    def __init__(
        self, store: Store, isolation: Isolation, labelling: Labelling, names: HomeNames, similarity: Similarity
    ) -> None:
        self._store = store
        self.similarity = similarity
        """How much two sentences mean the same."""
        self._called = names.of
        self._isolation = isolation
        self._labelling = labelling

    def why(self, turn_id: str) -> dict[str, Any]:
        """The account of a turn (`edge.isolation.account`) with its `lines` in words. Raises StoreError."""
        turn = self._store.turn(turn_id)
        knowledge = self._store.knowledge(turn.knowledge_revision)
        told = account(turn, knowledge, self.diagnosis(turn)) | meant_by(*self._put_right(turn))
        return {**told, "lines": at_length(told, knowledge.home)}

    def diagnosis(self, turn: Turn) -> Diagnosis:
        """Where it went wrong, by all that is known now. Raises StoreError."""
        near = self._near(turn)
        signals = self._store.signals.of(turn.turn_id) or self._observed(turn, near).get(turn.turn_id, ())
        return self._isolation.diagnose(turn, signals, _after(turn, near), self._called(turn.knowledge_revision))

    def label(self, turn: Turn) -> Label | None:
        """What it should have been taken for; None for a turn that nobody said. Raises StoreError."""
        kept = self._store.labels.of(turn.turn_id)
        if kept is not None:
            return kept
        near = self._near(turn)
        found = labelled(self._isolation, self._labelling, iter(near), self._observed(turn, near), self._called)
        return next((label for _, each in found for label in each.labels if label.turn_id == turn.turn_id), None)

    def _put_right(self, turn: Turn) -> tuple[Label | None, Turn | None]:
        """Its label, and the turn that was taken for what it should have been taken for, if it is still there."""
        label = self.label(turn)
        if label is None or not label.from_turn_id:
            return label, None
        try:
            return label, self._store.turn(label.from_turn_id)
        except StoreError:
            return label, None

    def _near(self, turn: Turn) -> tuple[Turn, ...]:
        begin, end = moment(turn) - AROUND, moment(turn) + AROUND
        return tuple(takewhile(lambda each: moment(each) <= end, self._store.turns_since(begin)))

    def _observed(self, turn: Turn, near: Sequence[Turn]) -> dict[str, list[Signal]]:
        """By turn_id, what the night shift has not read yet, and what has not reached the disk."""
        end = moment(turn) + AROUND
        try:
            self._store.flush()
        except StageFailed as failed:
            log.warning("what devices did last cannot be read: %s", failed.reason)
        changes = takewhile(lambda change: change.at <= end, self._store.changes_since(moment(turn) - STOOD))
        return by_turn(read_signals(near, changes, end, self.similarity))

    def diagnosed(self, first: datetime, until: datetime) -> Iterator[tuple[Turn, Diagnosis]]:
        """Every turn since then with what is believed of it, few of them in memory. Raises StoreError."""
        turns = self._store.turns_since(first)
        yield from diagnosed(self._isolation, turns, self._signals(first, until), self._called)

    def _signals(self, first: datetime, until: datetime) -> dict[str, list[Signal]]:
        changes = self._store.changes_since(first - STOOD)
        return by_turn(read_signals(self._store.turns_since(first), changes, until, self.similarity))

    def health(self, first: datetime, last: datetime) -> Health:
        """The days between two moments. Raises StoreError."""
        return health_of(self.diagnosed(first, last), first, last)

    def labels(self, first: datetime, least: float) -> dict[str, Any]:
        """How many turns since about then went how, and what those that failed were meant to be. Raises StoreError."""
        kept = self._store.labels.since(first)
        counts = Counter(label.outcome for label in kept)
        put_right = [asdict(label) for label in kept if label.intent and label.confidence >= least]
        return {
            "turns": len(kept),
            **{outcome: counts[outcome] for outcome in OUTCOMES},
            "projected": [{**each, "heard": said(self._store.turn(each["turn_id"]))} for each in put_right],
        }

    def keep(self, first: datetime, until: datetime) -> int:
        """Keep diagnosis and label of every turn since then; gives how many turns. Raises StageFailed, StoreError."""
        signals, turns = self._signals(first, until), self._store.turns_since(first)
        diagnoses, labels = list[Diagnosis](), list[Label]()
        for believed, found in labelled(self._isolation, self._labelling, turns, signals, self._called):
            diagnoses += believed
            labels += found.labels
        for begin in range(0, len(diagnoses), KEPT_AT_ONCE):
            self._store.signals.diagnose(diagnoses[begin : begin + KEPT_AT_ONCE])
        for begin in range(0, len(labels), KEPT_AT_ONCE):
            self._store.labels.keep(labels[begin : begin + KEPT_AT_ONCE])
        return len(diagnoses)


def diagnosed(
    isolation: Isolation, turns: Iterator[Turn], signals: Mapping[str, Sequence[Signal]], called: Naming
) -> Iterator[tuple[Turn, Diagnosis]]:
    """Each turn with what is believed of it; `signals` by turn_id."""
    for together in conversations(turns):
        for number, turn in enumerate(together):
            told, names = signals.get(turn.turn_id, ()), called(turn.knowledge_revision)
            yield turn, isolation.diagnose(turn, told, together[number + 1 :], names)


def labelled(
    isolation: Isolation,
    labelling: Labelling,
    turns: Iterator[Turn],
    signals: Mapping[str, Sequence[Signal]],
    called: Naming,
) -> Iterator[tuple[list[Diagnosis], Labelled]]:
    """Conversation by conversation, what is believed of its turns; `signals` by turn_id."""
    for together in conversations(turns):
        found = [each for _, each in diagnosed(isolation, iter(together), signals, called)]
        yield found, labelling.conversation(together, signals, {each.turn_id: each for each in found})


def by_turn(signals: Iterable[Signal]) -> dict[str, list[Signal]]:
    """Signals by turn_id."""
    found: dict[str, list[Signal]] = {}
    for signal in signals:
        found.setdefault(signal.turn_id, []).append(signal)
    return found


def _after(turn: Turn, near: Sequence[Turn]) -> Sequence[Turn]:
    """Those that were lived after it, by their place and not by a clock that may have jumped."""
    ids = [each.turn_id for each in near]
    return near[ids.index(turn.turn_id) + 1 :] if turn.turn_id in ids else ()
