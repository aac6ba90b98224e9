"""World: the schema of the database. Numbered SQL files, each run once, all that are pending in one transaction."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlite_utils import Database

from edge.errors import StoreError

APPLICATION_ID: Final = 0x45444745
"""EDGE, in the header of the file: tells our databases from those of other programs."""

MIGRATIONS: Final = Path(__file__).parent / "migrations"


@dataclass(frozen=True)
class Migration:
    """One step from one schema to the next."""

    number: int
    sql: str


def load_migrations(folder: Path = MIGRATIONS) -> tuple[Migration, ...]:
    """All migrations in order, numbered from 1 without a gap."""
    files = sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    migrations = tuple(Migration(int(file.name[:4]), file.read_text(encoding="utf-8")) for file in files)
    assert [migration.number for migration in migrations] == list(range(1, len(files) + 1))
    return migrations


def check(database: Database, name: str, migrations: Sequence[Migration]) -> None:
    """Raises StoreError for a database that is not ours, or newer than we are. Changes nothing."""
    version = _pragma(database, "user_version")
    has_tables = _number(database, "SELECT count(*) FROM sqlite_schema")
    if _pragma(database, "application_id") != APPLICATION_ID and has_tables:
        raise StoreError(
            f"{name} is a database of another program; nothing was changed. Set store.path to another file."
        )
    if version > len(migrations):
        raise StoreError(
            f"{name} comes from a newer Edge (schema {version}; this one knows {len(migrations)}); nothing was "
            "changed. Use that Edge, or set store.path to another file."
        )


def is_current(database: Database, migrations: Sequence[Migration]) -> bool:
    """Whether the file has the newest schema already."""
    return _pragma(database, "user_version") == len(migrations)


def migrate(database: Database, name: str, migrations: Sequence[Migration]) -> None:
    """Bring the schema up to date, wholly or not at all. Raises StoreError."""
    version = _pragma(database, "user_version")
    if version == len(migrations):
        return
    try:
        with database.atomic():
            for migration in migrations[version:]:
                database.executescript(migration.sql)  # inside a transaction this runs statement by statement
            database.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            database.execute(f"PRAGMA user_version = {len(migrations)}")
    except sqlite3.Error as error:
        raise StoreError(
            f"{name} could not be brought up to date ({error}); it was left as it was. "
            "Use the Edge that wrote it, or set store.path to another file."
        ) from error


def _pragma(database: Database, name: str) -> int:
    return _number(database, f"PRAGMA {name}")


def _number(database: Database, sql: str) -> int:
    return int(database.execute(sql).fetchone()[0])
