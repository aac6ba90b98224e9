"""World: what was observed about turns, and where they are believed to have gone wrong, in the database."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from edge.errors import StoreError
from edge.signals import POINTS, Diagnosis, FailurePoint, Signal
from edge.store.file import StoreFile

_ADD_SIGNAL: Final = """
INSERT OR IGNORE INTO signals (turn_id, kind, at, weight, from_turn_id, detail)
SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE EXISTS (SELECT 1 FROM turns WHERE turn_id = ?1)
"""
_ADD_DIAGNOSIS: Final = """
INSERT OR REPLACE INTO diagnoses (turn_id, point, probabilities, evidence, made_by)
SELECT ?1, ?2, ?3, ?4, ?5 WHERE EXISTS (SELECT 1 FROM turns WHERE turn_id = ?1)
"""
_SIGNALS: Final = "SELECT s.turn_id, s.kind, at, weight, from_turn_id, detail FROM signals s"
_DIAGNOSES: Final = "SELECT d.turn_id, probabilities, evidence, made_by FROM diagnoses d"


class SignalTable:
    """Signals and diagnoses, each of a turn; those of a turn that is gone are gone with it, and none can be added."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def add(self, signals: Iterable[Signal]) -> int:
        """Keep signals, and tell how many were new: a kind from the same turn counts once. Raises StageFailed."""
        rows = [_signal_columns(signal) for signal in signals]
        with self._file.writing() as database:
            return sum(max(0, database.execute(_ADD_SIGNAL, row).rowcount) for row in rows)

    def of(self, turn_id: str) -> tuple[Signal, ...]:
        """What is known of a turn, in the order in which it was observed. Raises StoreError."""
        rows = self._file.read(f"{_SIGNALS} WHERE turn_id = ? ORDER BY at, sequence", [turn_id])
        return tuple(map(_signal, rows))

    def since(self, first: datetime) -> tuple[Signal, ...]:
        """All signals of turns that began then or later, turn by turn. Raises StoreError."""
        sql = f"{_SIGNALS} JOIN turns USING (turn_id) WHERE started_at >= ? ORDER BY turns.sequence, at, s.sequence"
        return tuple(map(_signal, self._file.read(sql, [day_before(first)])))

    def known(self, first: datetime) -> frozenset[str]:
        """turn_ids that have signals, of turns from about then on. Raises StoreError."""
        sql = "SELECT DISTINCT turn_id FROM signals JOIN turns USING (turn_id) WHERE started_at >= ?"
        return frozenset(row["turn_id"] for row in self._file.read(sql, [day_before(first)]))

    def diagnose(self, diagnoses: Iterable[Diagnosis]) -> None:
        """Keep what is believed of turns now, in place of what was believed before. Raises StageFailed."""
        rows = [_diagnosis_columns(diagnosis) for diagnosis in diagnoses]
        with self._file.writing() as database:
            for row in rows:
                database.execute(_ADD_DIAGNOSIS, row)

    def diagnosis(self, turn_id: str) -> Diagnosis | None:
        """What is believed of a turn; None where nobody looked yet. Raises StoreError."""
        rows = self._file.read(f"{_DIAGNOSES} WHERE turn_id = ?", [turn_id])
        return _diagnosis(rows[0]) if rows else None

    def diagnoses(self, first: datetime) -> tuple[Diagnosis, ...]:
        """Those of turns that began about then or later, oldest first. Raises StoreError."""
        sql = f"{_DIAGNOSES} JOIN turns USING (turn_id) WHERE started_at >= ? ORDER BY turns.sequence"
        return tuple(map(_diagnosis, self._file.read(sql, [day_before(first)])))


def day_before(first: datetime) -> str:
    """Turns are found by the text of their time, whose zone may differ: better one day too many."""
    return (first - timedelta(days=1)).date().isoformat()


def _signal_columns(signal: Signal) -> list[Any]:
    detail = json.dumps(signal.detail, sort_keys=True, default=str)
    at = signal.at.astimezone(UTC).isoformat()
    return [signal.turn_id, signal.kind, at, signal.weight, signal.from_turn_id, detail]


def _signal(row: dict[str, Any]) -> Signal:
    try:
        at, detail = datetime.fromisoformat(row["at"]), json.loads(row["detail"])
    except ValueError as error:
        raise StoreError("The database cannot be read: a signal in it is damaged.") from error
    return Signal(row["turn_id"], row["kind"], at, row["weight"], row["from_turn_id"], detail)


def _diagnosis_columns(diagnosis: Diagnosis) -> list[Any]:
    probabilities = json.dumps(dict(diagnosis.probabilities), sort_keys=True)
    evidence = json.dumps(diagnosis.evidence, ensure_ascii=False)
    return [diagnosis.turn_id, diagnosis.point, probabilities, evidence, diagnosis.by]


def _diagnosis(row: dict[str, Any]) -> Diagnosis:
    try:
        told, evidence = json.loads(row["probabilities"]), tuple(json.loads(row["evidence"]))
    except ValueError as error:
        raise StoreError("The database cannot be read: a diagnosis in it is damaged.") from error
    probabilities: dict[FailurePoint, float] = {point: told[point] for point in POINTS if point in told}
    return Diagnosis(row["turn_id"], probabilities, evidence, row["made_by"])
