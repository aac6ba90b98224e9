"""The plain forms of Home Assistant's templates: text with `{{ value }}` or `{{ value_json.a["b c"][0] | round(1) }}`.

Everything else (if, arithmetic, functions) is `Unsupported`: it is reported and never guessed.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from edge.home.payloads import Payload

_HOLE: Final = re.compile(r"\{\{-?(.*?)-?\}\}", re.DOTALL)
_NAME: Final = re.compile(r"\s*([A-Za-z_]\w*)")
_STEP: Final = re.compile(r"""\s*(?:\.\s*([A-Za-z_]\w*)|\[\s*(?:"([^"\\]*)"|'([^'\\]*)'|(\d{1,4}))\s*\])""")
_FILTER: Final = re.compile(r"\s*\|\s*(int|float|round|default)\s*(?:\(([^()|]*)\))?")
_NUMBER: Final = re.compile(r"-?\d{1,12}(\.\d{1,12})?")

MAX_CHARACTERS: Final = 1_000
"""A plain template is never longer; and looking for its holes takes no time that anybody notices."""

Filter = Callable[[Any], Any]


@dataclass(frozen=True)
class Unsupported:
    """A template that is more than Edge understands."""

    text: str


@dataclass(frozen=True)
class Hole:
    """One `{{ ... }}`: where to look, and what to do with what is found."""

    name: str
    path: tuple[str | int, ...]
    filters: tuple[Filter, ...]

    def fill(self, variables: Mapping[str, Any]) -> Any:
        """The value, or None where there is none."""
        found = variables.get(self.name)
        for step in self.path:
            try:
                found = found[step]  # type: ignore[index]
            except (KeyError, IndexError, TypeError):
                found = None
                break
        for change in self.filters:
            found = change(found)
        return found


@dataclass(frozen=True)
class Template:
    """Text with holes in it."""

    pieces: tuple[str | Hole, ...]

    def fill(self, variables: Mapping[str, Any]) -> Any:
        """One hole alone gives the value as it is, anything else gives text; None where something is missing."""
        if len(self.pieces) == 1 and isinstance(self.pieces[0], Hole):
            return self.pieces[0].fill(variables)
        filled = [piece.fill(variables) if isinstance(piece, Hole) else piece for piece in self.pieces]
        return None if None in filled else "".join(str(value) for value in filled)

    def read(self, payload: Payload) -> Any:
        """What a value template makes of a payload: `value` is its text, `value_json` the same as JSON."""
        return self.fill({"value": payload.text, "value_json": payload.json if self._wants_json else None})

    @cached_property
    def _wants_json(self) -> bool:
        return any(isinstance(piece, Hole) and piece.name == "value_json" for piece in self.pieces)


def parse_template(text: str) -> Template | Unsupported:
    """Read a template; total."""
    if len(text) > MAX_CHARACTERS or "{%" in text or "{#" in text:
        return Unsupported(text)
    pieces: list[str | Hole] = []
    end = 0
    stripped = text.strip()
    for match in _HOLE.finditer(stripped):
        hole = _parse_hole(match[1])
        if hole is None:
            return Unsupported(text)
        if before := stripped[end : match.start()]:
            pieces.append(before)
        pieces.append(hole)
        end = match.end()
    if rest := stripped[end:]:
        pieces.append(rest)
    if any(isinstance(piece, str) and ("{{" in piece or "}}" in piece) for piece in pieces):
        return Unsupported(text)
    return Template(tuple(pieces))


def _parse_hole(text: str) -> Hole | None:
    name = _NAME.match(text)
    if name is None:
        return None
    path: list[str | int] = []
    filters: list[Filter] = []
    at = name.end()
    while step := _STEP.match(text, at):
        word = next(group for group in step.groups() if group is not None)
        path.append(int(word) if step[4] is not None else word)
        at = step.end()
    while found := _FILTER.match(text, at):
        change = _filter(found[1], (found[2] or "").strip())
        if change is None:
            return None
        filters.append(change)
        at = found.end()
    return Hole(name[1], tuple(path), tuple(filters)) if not text[at:].strip() else None


def _filter(name: str, argument: str) -> Filter | None:
    """The filter with its argument; None where the argument is more than a plain value."""
    literal = _literal(argument)
    if argument and literal is None:
        return None
    if name == "default":
        return lambda value: literal if value is None else value
    if name == "round":
        digits = literal if argument else 0
        return (lambda value: _rounded(value, digits)) if isinstance(digits, int) else None
    fallback = literal if argument else None
    return lambda value: _number(value, int if name == "int" else float, fallback)


def _literal(argument: str) -> Any:
    if len(argument) >= 2 and argument[0] == argument[-1] and argument[0] in "'\"":
        inner = argument[1:-1]
        return inner if argument[0] not in inner and "\\" not in inner else None
    if _NUMBER.fullmatch(argument):
        return float(argument) if "." in argument else int(argument)
    return {"true": True, "True": True, "false": False, "False": False}.get(argument)


def _number(value: Any, kind: type[int] | type[float], fallback: Any) -> Any:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return fallback
    return kind(number) if math.isfinite(number) else fallback


def _rounded(value: Any, digits: int) -> Any:
    number = _number(value, float, None)
    return None if number is None else (round(number, digits) if digits else round(number))
