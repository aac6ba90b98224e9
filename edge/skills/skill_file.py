"""World: skill files. One TOML file gives intents by sentences, slots, and what to do; no code, no training by hand."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Final

from edge.knowledge import Skill
from edge.skills.problems import Problem
from edge.skills.tables import Tables
from edge.toml_lines import Path, lines_of

MAX_BYTES: Final = 256 * 1024
_HEADER: Final = re.compile(r"\s*\[([^\[\]]+)\]")


def examples_path() -> FilePath:
    """The folder of the skills that come with Edge."""
    return FilePath(__file__).with_name("examples")


def read_skill(path: FilePath) -> Skill | tuple[Problem, ...]:
    """The skill in a file, or everything that is wrong with it."""
    name = str(path)
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        return (Problem(name, f"it cannot be read: {error.strerror}."),)
    if len(content) > MAX_BYTES:
        return (Problem(name, f"it is longer than {MAX_BYTES // 1024} KB; a skill is not."),)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return (Problem(name, "this line is no UTF-8 text; save the file as UTF-8.", line),)
    return parse_skill(text, name)


def parse_skill(text: str, name: str) -> Skill | tuple[Problem, ...]:
    """The skill in a text, or everything that is wrong with it; `name` is what the problems call it."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return (_no_toml(text, name, error),)
    except RecursionError:
        return (Problem(name, "it is nested too deeply."),)
    tables = Tables(content, name)
    skill = tables.skill()
    if not tables.mistakes:
        return skill
    lines = lines_of(text)
    problems = {Problem(name, reason, _line(path, lines, text)) for path, reason in tables.mistakes}
    return tuple(sorted(problems, key=lambda problem: (problem.line, problem.reason)))


def _no_toml(text: str, name: str, error: tomllib.TOMLDecodeError) -> Problem:
    where = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", str(error))
    line = int(where[1]) if where and where[1] else text.count("\n") + 1
    reason = str(error)[: where.start()] if where else str(error)
    header = _HEADER.match(text.split("\n")[line - 1])
    earlier = [
        n for n, each in enumerate(text.split("\n")[: line - 1], 1) if header and each.strip() == header[0].strip()
    ]
    if header and earlier:
        return Problem(name, f"[{header[1]}] is there twice; the first is in line {earlier[0]}.", line)
    return Problem(name, f"it is no TOML: {reason[:1].lower()}{reason[1:]}.", line)


def _line(path: Path, lines: Mapping[Path, int], text: str) -> int:
    """The line of a mistake, or of what is nearest above it; a last step `+2` is two lines into a long text."""
    below = 0
    if path and path[-1].startswith("+"):
        *above, down = path
        path, below = tuple(above), int(down)
        if path in lines and re.search(r"=\s*(\"\"\"|''')\s*$", text.split("\n")[lines[path] - 1]):
            below += 1  # the text begins in the line after its quotation marks
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]] + (below if length == len(path) else 0)
    return 1
