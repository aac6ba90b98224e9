"""World: the SQLite file. Opened with care, written by one process at a time, its errors put in plain words."""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Self

from sqlite_utils import Database

from edge.errors import StageFailed, StoreError
from edge.store import schema

MEMORY: Final = ":memory:"
BUSY_TIMEOUT_MS: Final = 1_000
"""How long a write waits while some other program (a backup, a database browser) holds the file."""

_SETTINGS: Final = (
    "PRAGMA foreign_keys = ON",
    "PRAGMA journal_mode = WAL",  # readers never wait for the writer
    # FULL, not NORMAL: under WAL the latter may lose the last turns in a power cut. One fsync a turn costs little, for
    # people speak a few times an hour; device history would cost much, and is written in batches.
    "PRAGMA synchronous = FULL",
    "PRAGMA journal_size_limit = 4194304",
)

_PLAIN: Final[Mapping[str, tuple[str, bool]]] = {
    "SQLITE_FULL": ("the disk is full", True),
    "SQLITE_IOERR": ("the disk cannot be written", True),
    "SQLITE_BUSY": ("another program is using the database", True),
    "SQLITE_LOCKED": ("another program is using the database", True),
    "SQLITE_READONLY": ("the database may only be read", True),
    "SQLITE_CANTOPEN": ("the database cannot be opened", True),
    "SQLITE_CORRUPT": ("the database is damaged", False),
    "SQLITE_NOTADB": ("the file is not a database", False),
    "SQLITE_CONSTRAINT": ("the database refuses it", False),
}
"""By the first two words of SQLite's name for an error: what it means, and whether it may pass."""


def explain(error: sqlite3.Error) -> tuple[str, bool]:
    """What went wrong, and whether it may pass by itself."""
    name = getattr(error, "sqlite_errorname", "")
    return _PLAIN.get("_".join(name.split("_")[:2]), (str(error), False))


class StoreFile:
    """The open database; safe to use from any thread."""

    def __init__(self, database: Database, lock: int | None) -> None:
        self._database = database
        self._lock_file = lock
        self._lock = threading.RLock()
        self._is_closed = False

    @classmethod
    def open(cls, path: Path | str, *, read_only: bool = False) -> Self:
        """Open, and bring up to date unless `read_only`. Raises StoreError; then the file is left as it was."""
        if str(path) == MEMORY:
            return cls._opened(MEMORY, MEMORY, None, read_only=False)
        path = Path(path).expanduser().absolute()
        if read_only:
            if not path.is_file():
                raise StoreError(f"There is no database {path} yet. Edge makes it when it first runs.")
            return cls._opened(f"{path.as_uri()}?mode=ro", str(path), None, read_only=True)
        lock = _take(path)
        try:
            return cls._opened(path.as_uri(), str(path), lock, read_only=False)
        except BaseException:
            os.close(lock)
            raise

    @classmethod
    def _opened(cls, address: str, name: str, lock: int | None, *, read_only: bool) -> Self:
        migrations = schema.load_migrations()
        try:
            connection = sqlite3.connect(
                address, uri=True, check_same_thread=False, timeout=BUSY_TIMEOUT_MS / 1000, cached_statements=256
            )
            database = Database(connection, recursive_triggers=False, execute_plugins=False)
            try:
                schema.check(database, name, migrations)
                if read_only and not schema.is_current(database, migrations):
                    raise StoreError(
                        f"{name} was written by an older Edge. Start Edge once: that brings it up to date."
                    )
                if not read_only:
                    schema.migrate(database, name, migrations)
                    for setting in _SETTINGS:
                        database.execute(setting)
            except BaseException:
                database.close()
                raise
        except sqlite3.Error as error:
            reason, _ = explain(error)
            raise StoreError(
                f"{name} cannot be used: {reason}. Nothing was changed. Put it right or move the file away, "
                "and Edge begins a new one."
            ) from error
        return cls(database, lock)

    @contextmanager
    def writing(self) -> Iterator[Database]:
        """One transaction, committed to the disk at its end. Raises StageFailed("store", ...)."""
        with self._lock:
            try:
                with self._database.atomic():
                    yield self._database
            except sqlite3.Error as error:
                reason, transient = explain(error)
                raise StageFailed("store", reason, transient=transient) from error

    def read(self, sql: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """The rows of a question. Raises StoreError."""
        with self._lock:
            try:
                return list(self._database.query(sql, list(values)))
            except sqlite3.Error as error:
                raise StoreError(f"The database cannot be read: {explain(error)[0]}.") from error

    def compact(self) -> None:
        """Bring the write-ahead log home and let SQLite learn how the tables are filled. Raises StageFailed."""
        with self.writing() as database:
            database.execute("PRAGMA optimize")
        with self._lock, suppress(sqlite3.Error):  # a reader may be in the way; the log is short all the same
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def problems(self) -> tuple[str, ...]:
        """What SQLite finds wrong with the file."""
        try:
            found = self.read("PRAGMA quick_check")
        except StoreError as error:
            return (str(error),)
        return tuple(text for row in found for text in row.values() if text != "ok")

    @property
    def is_closed(self) -> bool:
        return self._is_closed

    def close(self) -> None:
        """Safe to call twice."""
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
            self._database.close()
            if self._lock_file is not None:
                os.close(self._lock_file)


def _take(path: Path) -> int:
    """Make the file if need be, for its owner's eyes only, and become its one writer. Returns the lock to close."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        lock = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StoreError(
            f"Cannot open the database {path}: {error.strerror}. Set store.path to another file."
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        owner = os.pread(lock, 20, 0).decode(errors="replace").strip() or "unknown"
        os.close(lock)
        raise StoreError(
            f"The Edge service (process {owner}) is using {path}. Stop it first, or give store.path another file."
        ) from None
    with suppress(OSError):  # a full disk: the lock counts, the number in it is only for the message
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
    return lock
