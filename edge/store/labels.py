"""World: what turns should have been taken for, in the database."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from edge.errors import StoreError
from edge.signals import Label
from edge.store.file import StoreFile
from edge.store.signals import day_before

_ADD: Final = """
INSERT OR REPLACE INTO labels
(turn_id, goal_id, outcome, probability, text, intent, slots, confidence, from_turn_id, made_by)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 WHERE EXISTS (SELECT 1 FROM turns WHERE turn_id = ?1)
"""
_LABELS: Final = "SELECT l.* FROM labels l"


class LabelTable:
    """Labels, each of a turn; that of a turn that is gone is gone with it, and none can be added."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def keep(self, labels: Iterable[Label]) -> None:
        """Keep what is believed of turns now, in place of what was believed before. Raises StageFailed."""
        rows = [_columns(label) for label in labels]
        with self._file.writing() as database:
            for row in rows:
                database.execute(_ADD, row)

    def of(self, turn_id: str) -> Label | None:
        """What is believed of a turn; None where nobody looked yet. Raises StoreError."""
        rows = self._file.read(f"{_LABELS} WHERE turn_id = ?", [turn_id])
        return _label(rows[0]) if rows else None

    def since(self, first: datetime) -> tuple[Label, ...]:
        """Those of turns that began about then or later, oldest first. Raises StoreError."""
        sql = f"{_LABELS} JOIN turns USING (turn_id) WHERE started_at >= ? ORDER BY turns.sequence"
        return tuple(map(_label, self._file.read(sql, [day_before(first)])))


def _columns(label: Label) -> list[Any]:
    return [
        label.turn_id,
        label.goal_id,
        label.outcome,
        label.probability,
        label.text,
        label.intent,
        json.dumps(label.slots, sort_keys=True, ensure_ascii=False, default=str),
        label.confidence,
        label.from_turn_id,
        label.by,
    ]


def _label(row: dict[str, Any]) -> Label:
    try:
        slots = json.loads(row["slots"])
    except ValueError as error:
        raise StoreError("The database cannot be read: a label in it is damaged.") from error
    return Label(
        turn_id=row["turn_id"],
        goal_id=row["goal_id"],
        outcome=row["outcome"],
        probability=row["probability"],
        text=row["text"],
        intent=row["intent"],
        slots=slots,
        confidence=row["confidence"],
        from_turn_id=row["from_turn_id"],
        by=row["made_by"],
    )
