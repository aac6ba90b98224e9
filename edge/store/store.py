"""World: the store's face."""

import logging
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from edge.clock import Clock
from edge.errors import ConfigError, StageFailed, StoreError
from edge.knowledge import Change, DeviceState, HomeMap, Knowledge, Skill
from edge.store.agenda import AgendaTable
from edge.store.audit import Attempt, Audit, attempts_of
from edge.store.file import MEMORY, StoreFile
from edge.store.habits import read_habits, turns_since
from edge.store.history import History
from edge.store.known import Revisions
from edge.store.labels import LabelTable
from edge.store.pins import Pins
from edge.store.rewrites import RewriteTable
from edge.store.rows import HistoryRow
from edge.store.signals import SignalTable
from edge.store.sounds import keep_sound
from edge.store.turns import TurnRow, Turns
from edge.turn import Turn

log = logging.getLogger(__name__)


class Store:
    """Turns, what was known when they ran, and what the devices did. Safe to use from any thread."""

    def __init__(self, file: StoreFile, clock: Clock, *, history_days: int, sounds: Path | None) -> None:
        self._file = file
        self._clock = clock
        self._revisions = Revisions(file, clock.now)
        self._turns = Turns(file)
        self._history = History(file, clock, history_days)
        self._sounds = sounds
        self._pins = Pins(file, clock)
        self._audit = Audit(file)
        self._agenda = AgendaTable(file)
        self._signals = SignalTable(file)
        self._labels = LabelTable(file)
        self._rewrites = RewriteTable(file)

    @classmethod
    def open(
        cls,
        path: str | Path,
        clock: Clock,
        *,
        read_only: bool = False,
        history_days: int = 90,
        keep_audio: bool = False,
    ) -> Self:
        """Open the database at `path` (or ":memory:") and bring it up to date; only one process may have it so.

        `read_only` may be done by any number beside that one. `keep_audio`: keep the sound of turns in the folder
        `sound` beside the file. Raises StoreError that says what to do, and leaves the file as it was.
        """
        file = StoreFile.open(path, read_only=read_only)
        sounds = Path(path).expanduser().absolute().parent / "sound" if keep_audio and str(path) != MEMORY else None
        try:
            return cls(file, clock, history_days=history_days, sounds=sounds)
        except BaseException:
            file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pins(self) -> Pins:
        """The PIN that guarded devices want."""
        return self._pins

    @property
    def agenda(self) -> AgendaTable:
        """Timers, alarms, reminders, commands for later, and lists."""
        return self._agenda

    @property
    def signals(self) -> SignalTable:
        """What was observed about turns, and where they are believed to have gone wrong."""
        return self._signals

    @property
    def labels(self) -> LabelTable:
        """What turns should have been taken for."""
        return self._labels

    @property
    def rewrites(self) -> RewriteTable:
        """The rules for what is meant where something else is heard."""
        return self._rewrites

    @property
    def known(self) -> Revisions:
        """The revisions of knowledge; what is learned is published here."""
        return self._revisions

    @property
    def is_closed(self) -> bool:
        """Whether the file was let go of."""
        return self._file.is_closed

    def close(self) -> None:
        """Write what is buffered and let go of the file. Safe to call twice."""
        if self.is_closed:
            return
        try:
            self._revisions.save()
            self._history.flush()
        except StageFailed as failed:
            log.warning("the last changes could not be stored: %s", failed.reason)
        self._file.close()

    def add_turn(self, turn: Turn) -> None:
        """Commit a turn: when this returns, a power cut cannot take it. Raises StageFailed("store", ...).

        `transient` then says whether the same turn can be added later (disk full, database locked).
        """
        self._revisions.save()
        self._turns.add(turn, attempts_of(turn, self._revisions.home_of(turn.knowledge_revision)))
        if self._sounds:
            try:
                keep_sound(turn, self._sounds)
            except (OSError, ConfigError):
                log.warning("the sound of turn %s could not be kept", turn.turn_id)

    def turn(self, turn_id: str) -> Turn:
        """The turn of that name, or the only one whose name begins so, or the "last". Raises StoreError."""
        return self._turns.get(turn_id)

    def turns(self, limit: int = 20, before: str | None = None, failed_only: bool = False) -> tuple[TurnRow, ...]:
        """Turns in a line each, newest first; `before` is a turn to go on from.

        `failed_only`: those that stopped at a failure, or were answered by a refusal or an error. Raises StoreError.
        """
        return self._turns.latest(limit, before, failed_only)

    def turns_since(self, first: datetime) -> Iterator[Turn]:
        """Whole turns that began then or later, in the order in which they were lived, few of them in memory at a time.

        Those that cannot be read are left out. Raises StoreError.
        """
        return turns_since(self._file, first)

    def audit(self, limit: int = 50, device_id: str | None = None) -> tuple[Attempt, ...]:
        """The latest attempts to move something guarded, newest first. Raises StoreError."""
        return self._audit.latest(limit, device_id)

    def false_wakes(self, since: datetime) -> int:
        """How often since then it woke and nothing was said, or only what was invented. Raises StoreError."""
        return self._turns.false_wakes(since)

    def knowledge_for(self, home_map: HomeMap, reason: str, skills: tuple[Skill, ...] = ()) -> Knowledge:
        """The revision for a home and its skills, from now on in force: the old number if just that was ever known.

        A new one that the disk refuses is kept in memory and written before the next turn. Its home has places and
        devices in the order of their names. Raises StoreError.
        """
        return self._revisions.for_home(home_map, reason, skills)

    def knowledge(self, revision: int) -> Knowledge:
        """What was known under a revision. Raises StoreError when there is no such one."""
        return self._revisions.get(revision)

    def homes_before(self, revision: int, limit: int = 20) -> tuple[HomeMap, ...]:
        """How the home was under older revisions, each home once, newest first. Raises StoreError."""
        return self._revisions.homes_before(revision, limit)

    def latest_knowledge(self) -> Knowledge:
        """What was known last; revision 0 is a home without anything in it."""
        return self._revisions.present()

    def add_history(self, device_id: str, state: DeviceState) -> None:
        """Take a note of a device's change; batched, on the disk within half a minute. Waits for nothing."""
        self._history.add(device_id, state)

    def history(self, device_id: str, limit: int = 100) -> tuple[HistoryRow, ...]:
        """The latest changes of a device, newest first. Raises StoreError."""
        return self._history.of(device_id, limit)

    def changes_since(self, first: datetime) -> Iterator[Change]:
        """What was moved since then, by whomever, oldest first, as far as it is on the disk. Raises StoreError."""
        return self._history.since(first)

    def flush(self) -> None:
        """Write what is buffered. Raises StageFailed."""
        self._history.flush()

    def tidy(self) -> tuple[str, ...]:
        """What wants a quiet hour: write what is buffered, learn habits, forget old history. Returns what worked.

        Habits are in force from the next revision of knowledge on.
        """
        jobs = {
            "write history": self.flush,
            "learn habits": self._learn_habits,
            "forget old history": self._history.forget_old,
            "compact": self._file.compact,
        }
        worked = []
        for job, run in jobs.items():
            try:
                run()
                worked.append(job)
            except StageFailed as failed:
                log.warning("the job %s did not work: %s", job, failed.reason)
        return tuple(worked)

    def _learn_habits(self) -> None:
        try:
            self._revisions.learn(read_habits(self._file, self._clock.now()))
        except StoreError as error:
            raise StageFailed("store", str(error)) from error

    def problems(self) -> tuple[str, ...]:
        """What SQLite finds wrong with the file, for a check-up; reads all of it."""
        return self._file.problems()
