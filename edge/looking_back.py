"""Looking back at turns that lie in the store: what was observed of them since, and where they went wrong."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any, Final

from edge.errors import ModelError, StageFailed
from edge.feedback.lived import moment
from edge.feedback.reading import conversations, read_signals
from edge.isolation.account import account
from edge.isolation.diagnosing import Isolation
from edge.isolation.health import Health, health_of
from edge.isolation.weights import Weights
from edge.nlu.classifier import Classifier
from edge.paths import shipped
from edge.signals import Diagnosis, Signal
from edge.speech.why import at_length
from edge.store import Store
from edge.turn import Turn

log = logging.getLogger(__name__)

AROUND: Final = timedelta(minutes=6)
"""So far from a turn lies what has to do with it."""

STOOD: Final = timedelta(days=1)
"""From so far back it is known how devices stood before."""

KEPT_AT_ONCE: Final = 500
"""Diagnoses that are written together."""


def load_isolation(classifier: Classifier) -> Isolation:
    """The model that ships; the rules where it cannot be read."""
    try:
        return Isolation(Weights.load(shipped("models") / "isolation"), classifier)
    except ModelError as error:
        log.warning("failure points are found by rules: %s", error)
        return Isolation()


class LookingBack:
    """Reads a store, and keeps in it what is now believed of its turns."""

    def __init__(self, store: Store, isolation: Isolation) -> None:
        self._store = store
        self._isolation = isolation

    def why(self, turn_id: str) -> dict[str, Any]:
        """The account of a turn (`edge.isolation.account`) with its `lines` in words. Raises StoreError."""
        turn = self._store.turn(turn_id)
        knowledge = self._store.knowledge(turn.knowledge_revision)
        told = account(turn, knowledge, self.diagnosis(turn))
        return {**told, "lines": at_length(told, knowledge.home)}

    def diagnosis(self, turn: Turn) -> Diagnosis:
        """Where it went wrong, by all that is known now. Raises StoreError."""
        begin, end = moment(turn) - AROUND, moment(turn) + AROUND
        near = tuple(takewhile(lambda each: moment(each) <= end, self._store.turns_since(begin)))
        signals = self._store.signals.of(turn.turn_id) or self._observed(turn, near, end)
        return self._isolation.diagnose(turn, signals, _after(turn, near))

    def _observed(self, turn: Turn, near: Sequence[Turn], end: datetime) -> tuple[Signal, ...]:
        """What the night shift has not read yet, and what has not reached the disk."""
        try:
            self._store.flush()
        except StageFailed as failed:
            log.warning("what devices did last cannot be read: %s", failed.reason)
        changes = takewhile(lambda change: change.at <= end, self._store.changes_since(moment(turn) - STOOD))
        return tuple(each for each in read_signals(near, changes, end) if each.turn_id == turn.turn_id)

    def diagnosed(self, first: datetime, until: datetime) -> Iterator[tuple[Turn, Diagnosis]]:
        """Every turn since then with what is believed of it, few of them in memory. Raises StoreError."""
        signals: dict[str, list[Signal]] = {}
        changes = self._store.changes_since(first - STOOD)
        for signal in read_signals(self._store.turns_since(first), changes, until):
            signals.setdefault(signal.turn_id, []).append(signal)
        yield from diagnosed(self._isolation, self._store.turns_since(first), signals)

    def health(self, first: datetime, last: datetime) -> Health:
        """The days between two moments. Raises StoreError."""
        return health_of(self.diagnosed(first, last), first, last)

    def keep(self, first: datetime, until: datetime) -> int:
        """Keep what is believed of every turn since then; gives how many. Raises StageFailed, StoreError."""
        found = [diagnosis for _, diagnosis in self.diagnosed(first, until)]
        for begin in range(0, len(found), KEPT_AT_ONCE):
            self._store.signals.diagnose(found[begin : begin + KEPT_AT_ONCE])
        return len(found)


def diagnosed(
    isolation: Isolation, turns: Iterator[Turn], signals: Mapping[str, Sequence[Signal]]
) -> Iterator[tuple[Turn, Diagnosis]]:
    """Each turn with what is believed of it; `signals` by turn_id."""
    for together in conversations(turns):
        for number, turn in enumerate(together):
            yield turn, isolation.diagnose(turn, signals.get(turn.turn_id, ()), together[number + 1 :])


def _after(turn: Turn, near: Sequence[Turn]) -> Sequence[Turn]:
    """Those that were lived after it, by their place and not by a clock that may have jumped."""
    ids = [each.turn_id for each in near]
    return near[ids.index(turn.turn_id) + 1 :] if turn.turn_id in ids else ()
