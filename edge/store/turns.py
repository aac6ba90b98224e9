"""World: the turns in the database."""

import difflib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from edge.errors import StageFailed, StoreError
from edge.store.audit import Attempt
from edge.store.file import StoreFile
from edge.turn import Turn

LAST: Final = "last"
"""Stands for the latest turn."""

NEAR_IDS: Final = 1_000
"""Among how many of the latest turns a mistyped name is looked for."""

_LATEST = """
SELECT turn_id, started_at, room, speaker, knowledge_revision, said, reply, kind, intent, failure_point FROM turns
WHERE (?1 IS NULL OR sequence < (SELECT sequence FROM turns WHERE turn_id = ?1))
AND (NOT ?2 OR failure_point IS NOT NULL OR kind IN ('error', 'refusal'))
ORDER BY sequence DESC LIMIT ?3
"""
_LATEST_IDS = "SELECT turn_id FROM turns ORDER BY sequence DESC LIMIT ?"
_IDS_BEGINNING = """
SELECT turn_id FROM turns WHERE substr(turn_id, 1, length(?1)) = ?1 ORDER BY turn_id = ?1 DESC, sequence DESC LIMIT 2
"""


@dataclass(frozen=True)
class TurnRow:
    """A turn in one line."""

    turn_id: str
    started_at: str
    """ISO 8601."""
    room: str | None
    speaker: str
    knowledge_revision: int
    said: str
    reply: str
    kind: str | None
    """The kind of the response."""
    intent: str | None
    """Of the first step, or of what was asked or rejected."""
    failure_point: str | None
    """Where it stopped; `action` also where a device did not answer."""

    @classmethod
    def of(cls, turn: Turn) -> "TurnRow":
        return cls(
            turn_id=turn.turn_id,
            started_at=turn.started_at.isoformat(),
            room=turn.utterance.room,
            speaker=turn.utterance.speaker,
            knowledge_revision=turn.knowledge_revision,
            said=turn.transcript.text if turn.transcript else "",
            reply=turn.response.text if turn.response else "",
            kind=turn.response.kind if turn.response else None,
            intent=_intent(turn),
            failure_point=turn.failure.point if turn.failure else "action" if turn.is_unanswered else None,
        )


_WOKEN_FOR_NOTHING: Final = """
SELECT started_at FROM turns
WHERE started_at >= ? AND said = '' AND json_extract(record, '$.utterance.wake') IS NOT NULL
"""


class Turns:
    """Every turn, in the order in which they were lived."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def add(self, turn: Turn, attempts: tuple[Attempt, ...] = ()) -> None:
        """Commit a turn to the disk, with what it tried with guarded devices. Raises StageFailed."""
        try:
            row = {**vars(TurnRow.of(turn)), "record": turn.to_stored()}
        except (PydanticSerializationError, UnicodeError) as error:
            raise StageFailed("store", "the turn holds something that cannot be written as JSON") from error
        with self._file.writing() as database:
            database.table("turns").insert(row)
            if attempts:
                database.table("audit").insert_all(vars(attempt) for attempt in attempts)

    def get(self, turn_id: str) -> Turn:
        """The turn of that name, or of a name that begins so, or the `last`. Raises StoreError."""
        whole = self._whole_id(turn_id)
        record = self._file.read("SELECT record FROM turns WHERE turn_id = ?", [whole])[0]["record"]
        try:
            return Turn.from_stored(record)
        except ValidationError as error:
            raise StoreError(
                f"The turn {whole} was stored in a form that this version of Edge does not read."
            ) from error

    def latest(self, limit: int, before: str | None, failed_only: bool) -> tuple[TurnRow, ...]:
        """Turns, newest first."""
        after = self._whole_id(before) if before is not None else None
        return tuple(TurnRow(**row) for row in self._file.read(_LATEST, [after, failed_only, limit]))

    def false_wakes(self, since: datetime) -> int:
        """How often a wake word was heard and then nothing, or what the recogniser had invented."""
        day = (since - timedelta(days=1)).date().isoformat()  # the texts' time zones differ by less than a day
        rows = self._file.read(_WOKEN_FOR_NOTHING, [day])
        return sum(datetime.fromisoformat(row["started_at"]) >= since for row in rows)

    def _whole_id(self, turn_id: str) -> str:
        found = self._ids(_LATEST_IDS, 1) if turn_id == LAST else self._ids(_IDS_BEGINNING, turn_id)
        if not found:
            raise StoreError(self._no_such(turn_id))
        if len(found) > 1 and found[0] != turn_id:
            raise StoreError(f"Several turns begin with {turn_id!r}: {found[0]}, {found[1]} ... Write more of it.")
        return found[0]

    def _no_such(self, turn_id: str) -> str:
        known = self._ids(_LATEST_IDS, NEAR_IDS)
        if not known:
            return "There are no turns yet. Say something first."
        near = difflib.get_close_matches(turn_id, known, n=1)
        hint = f"the nearest is {near[0]}" if near else f"the latest is {known[0]}"
        return f"There is no turn {turn_id!r}; {hint}. `edge turns` lists them."

    def _ids(self, sql: str, value: str | int) -> list[str]:
        return [row["turn_id"] for row in self._file.read(sql, [value])]


def _intent(turn: Turn) -> str | None:
    if turn.done_steps:
        return turn.done_steps[0].step.interpretation.intent
    interpretation = getattr(turn.decision, "interpretation", None)
    return interpretation.intent if interpretation else None
