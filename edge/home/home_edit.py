"""World: changes to the home file as commands make them: comments and order stay, and nothing broken is written."""

import os
import tempfile
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import tomlkit
from tomlkit.exceptions import TOMLKitError

from edge.errors import ConfigError
from edge.home.home_file import HomeFile, load_home_file, read_home

_FIRST_LINES: Final = """\
# What Edge was told of this home: names, rooms, what is guarded. Written by `edge devices`, and yours to edit.
# What else can stand here: see the demo home's file, and check yours with `edge home check`.
"""


@dataclass(frozen=True)
class Entry:
    """Changes to one table: `[area.ID]` or `[DOMAIN.ID]`."""

    domain: str
    slug: str
    keys: Mapping[str, Any] | None
    """New values; None in them takes a key away, None instead of them the table."""


class Additions:
    """The file that a person's changes go to, over a home file below it that stays as it is."""

    def __init__(self, path: Path, below: HomeFile | None = None, *, may_be_missing: bool = False) -> None:
        """`below`: what it is read over, such as the demo home. One that may be missing is made by the first change."""
        self.path = path
        self._may_be_missing = may_be_missing
        self._below = below or HomeFile()
        self._lock = threading.Lock()

    def load(self) -> HomeFile:
        """Both as one. Raises `ConfigError` naming the first mistake."""
        return self._above().over(self._below)

    def made_room(self, area_id: str) -> bool:
        """Whether a room is there only because a device was put into it: the file tells nothing else of it."""
        above = self._above()
        entry = above.areas.get(area_id)
        return entry is not None and not entry.aliases and entry.floor is None and area_id not in self._below.areas

    def change(self, entries: Iterable[Entry]) -> HomeFile:
        """Write the changes, and load. Raises `ConfigError`, and then nothing was written."""
        with self._lock:
            old = self._text()
            _checked(old, self.path, "It has a mistake already; nothing was changed.")
            try:
                new = edited(old, entries)
            except TOMLKitError as error:
                raise ConfigError(f"{self.path} cannot be changed: {error} Please edit it by hand.") from None
            above = _checked(new, self.path, "It would have a mistake then; nothing was changed.")
            _write(self.path, new)
            return above.over(self._below)

    def _above(self) -> HomeFile:
        return HomeFile() if self._may_be_missing and not self.path.exists() else load_home_file(self.path)

    def _text(self) -> str:
        try:
            return self.path.read_bytes().decode()
        except FileNotFoundError:
            return _FIRST_LINES
        except OSError as error:
            raise ConfigError(f"{self.path} cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError:
            raise ConfigError(f"{self.path} is no UTF-8 text; save it as UTF-8.") from None


def edited(text: str, entries: Iterable[Entry]) -> str:
    """The text with the changes in it and all else as it was. Raises tomlkit's errors."""
    document = tomlkit.parse(text)
    added: list[str] = []
    for entry in entries:
        domain = document.get(entry.domain)
        table = domain.get(entry.slug) if isinstance(domain, dict) else None
        if entry.keys is None:
            if isinstance(domain, dict):
                domain.pop(entry.slug, None)
            continue
        if not isinstance(table, dict):
            added.append(_new_table(entry.domain, entry.slug, entry.keys))
            continue
        for key, value in entry.keys.items():
            if value is not None:
                table[key] = value
            elif key in table:
                del table[key]
    before = tomlkit.dumps(document)
    return "\n".join((before if before.endswith("\n") else f"{before}\n", *added)) if added else before


def _new_table(domain: str, slug: str, keys: Mapping[str, Any]) -> str:
    """It goes to the end: wherever the tables of its kind stand, there may be a person's order in them."""
    table = tomlkit.table()
    table.update({key: value for key, value in keys.items() if value is not None})
    return f"[{domain}.{tomlkit.key(slug).as_string()}]\n{table.as_string()}"


def _checked(text: str, path: Path, consequence: str) -> HomeFile:
    home_file, problems = read_home(text.encode(), str(path))
    if problems:
        raise ConfigError(f"{problems[0]} {consequence} See `edge home check {path}`.")
    return home_file


def _write(path: Path, text: str) -> None:
    """All of it or nothing, whenever the power goes; through a link, with the rights that the file had."""
    path = path.resolve()
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
        with suppress(FileNotFoundError):
            Path(name).chmod(path.stat().st_mode & 0o777)
    except OSError as error:
        raise ConfigError(_unwritable(path, error)) from error
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError as error:
        Path(name).unlink(missing_ok=True)
        raise ConfigError(_unwritable(path, error)) from error


def _unwritable(path: Path, error: OSError) -> str:
    return f"{path} cannot be written: {error.strerror}. Give Edge the right to, or set home.file to another one."
