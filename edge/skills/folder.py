"""World: the skills folder and skill files named one by one, read again when they change."""

import logging
import os
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.clock import monotonic_ms
from edge.knowledge import Skill
from edge.skills.problems import Problem
from edge.skills.skill_file import read_skill

log = logging.getLogger(__name__)

LOOK_EVERY_MS: Final = 1_000.0
FILES_MAX: Final = 200

_Stamp = tuple[int, int, int]
"""Of a file: when it was changed, its size, its number on the disk."""


@dataclass(frozen=True)
class _Read:
    """One file as it was read last."""

    stamp: _Stamp | None
    skill: Skill | None
    """The last version without mistakes."""
    problems: tuple[Problem, ...] = ()


class SkillFolder:
    """All skills that are loaded; safe to be asked from any thread."""

    def __init__(
        self, folder: Path | None, more: Sequence[Path] = (), now_ms: Callable[[], float] = monotonic_ms
    ) -> None:
        """`more`: files, or folders of them, besides. A folder that is not there holds no skills."""
        self._folder = folder
        self._more = tuple(more)
        self._now_ms = now_ms
        self._lock = threading.Lock()
        self._read: dict[Path, _Read] = {}
        self._skills: tuple[Skill, ...] = ()
        self._problems: tuple[Problem, ...] = ()
        self._look_again_ms = -1.0

    def skills(self) -> tuple[Skill, ...]:
        """Those without mistakes, and of a file with new ones its last good version; the same tuple if unchanged."""
        with self._lock:
            self._look()
            return self._skills

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the files as they are now."""
        with self._lock:
            self._look()
            return self._problems

    def _look(self) -> None:
        now = self._now_ms()
        if now < self._look_again_ms:
            return
        self._look_again_ms = now + LOOK_EVERY_MS
        stamps = {path: _stamp(path) for path in self._paths()}
        if all(path in self._read and self._read[path].stamp == stamp for path, stamp in stamps.items()) and len(
            stamps
        ) == len(self._read):
            return
        self._read = {path: self._again(path, stamp) for path, stamp in stamps.items()}
        self._join()

    def _paths(self) -> list[Path]:
        """Every file once, in the order of their names, those of the folder first."""
        places = [self._folder, *self._more] if self._folder else list(self._more)
        found = [each for place in places for each in (_toml_files(place) if place.is_dir() else [place])]
        files = found if self._folder is None or self._folder.is_dir() else found[1:]
        return list(dict.fromkeys(Path(os.path.abspath(path)) for path in files))[:FILES_MAX]  # noqa: PTH100 - no links

    def _again(self, path: Path, stamp: _Stamp | None) -> _Read:
        before = self._read.get(path)
        if before is not None and before.stamp == stamp:
            return before
        result = read_skill(path)
        if isinstance(result, Skill):
            same = before is not None and before.skill == result
            return _Read(stamp, before.skill if before and same else result)
        for problem in result:
            log.warning("%s, line %d: this skill file has a mistake; see edge skill check.", problem.file, problem.line)
        return _Read(stamp, before.skill if before else None, result)

    def _join(self) -> None:
        """Put together what the files gave; of two skills of one name the first counts."""
        skills: dict[str, Skill] = {}
        problems: list[Problem] = []
        for path, read in self._read.items():
            problems += read.problems
            if read.skill is None:
                continue
            first = skills.setdefault(read.skill.name, read.skill)
            if first is not read.skill:
                problems.append(Problem(str(path), f"{first.file} is a skill called {read.skill.name!r} already."))
                log.warning("%s: another file is a skill of that name; this one is left out.", path)
        self._problems = tuple(problems)
        joined = tuple(skills.values())
        if joined != self._skills:
            self._skills = joined


def _toml_files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.glob("*.toml") if not path.name.startswith("."))
    except OSError:
        return []


def _stamp(path: Path) -> _Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
