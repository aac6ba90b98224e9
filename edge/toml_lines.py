"""Words: where in a TOML text a table, key or element stands: `tomllib` does not say, and a person wants to know."""

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Final

Path = tuple[str, ...]
"""Keys down to a thing; elements of lists, and tables under [[ ]], by their number from 0."""

_HEADER: Final = re.compile(r"(\[\[?)([^\]\n]+)\]")
_PART: Final = re.compile(r"""\s*("[^"\n]*"|'[^'\n]*'|[^."'\n]+)\s*(?:\.|$)""")
_KEY: Final = re.compile(r"""((?:"[^"\n]*"|'[^'\n]*'|[A-Za-z0-9_.\- \t])+?)\s*=""")
_BETWEEN: Final = re.compile(r"(?:\s+|#[^\n]*)*")
_TEXT: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"""(?!")|' r"'''.*?'''(?!')|" r'"(?:\\.|[^"\\\n])*"|' r"'[^'\n]*'", re.DOTALL
)
_PLAIN: Final = re.compile(r"[^\s,\[\]{}#\"']+")
_DEPTH_MAX: Final = 20


def lines_of(text: str) -> Mapping[Path, int]:
    """Line numbers, from 1, of everything that has a place. Pointing is all it does: TOML is read by `tomllib`."""
    return _Reader(text).lines


class _Reader:
    """Goes through a text once."""

    def __init__(self, text: str) -> None:
        self.lines: dict[Path, int] = {}
        self._text = text
        self._at = 0
        self._counted = (0, 1)
        self._tables: dict[Path, int] = defaultdict(int)
        self._table: Path = ()
        while self._skip() < len(text):
            self._statement()

    def _skip(self) -> int:
        """Over spaces, lines and comments."""
        between = _BETWEEN.match(self._text, self._at)
        self._at = between.end() if between else self._at
        return self._at

    def _line(self, at: int) -> int:
        before, line = self._counted
        self._counted = (at, line + self._text.count("\n", before, at))
        return self._counted[1]

    def _note(self, path: Path) -> None:
        self.lines.setdefault(path, self._line(self._at))

    def _statement(self) -> None:
        if header := _HEADER.match(self._text, self._at):
            self._header(header)
        elif key := _KEY.match(self._text, self._at):
            path = (*self._table, *_parts(key[1]))
            self._note(path)
            self._at = key.end()
            self._value(path, 0)
        else:
            end = self._text.find("\n", self._at)
            self._at = end if end >= 0 else len(self._text)

    def _header(self, header: re.Match[str]) -> None:
        """`[a.b]`, or `[[a.b]]` for one more table of a list; a table of a list is the last of that list."""
        path: Path = ()
        *above, last = _parts(header[2]) or ("",)
        for part in above:
            path = (*path, part)
            self._note(path)
            if path in self._tables:
                path = (*path, str(self._tables[path] - 1))
        path = (*path, last)
        self._note(path)
        if header[1] == "[[":
            self._tables[path] += 1
            path = (*path, str(self._tables[path] - 1))
            self._note(path)
        self._table = path
        self._at = header.end() + (header[1] == "[[")

    def _value(self, path: Path, depth: int) -> None:
        """One value; what stands in a list or an inline table is noted as well."""
        while self._at < len(self._text) and self._text[self._at] in " \t":
            self._at += 1
        opening = self._text[self._at : self._at + 1]
        if opening in {"[", "{"} and depth < _DEPTH_MAX:
            self._at += 1
            self._elements(path, "]" if opening == "[" else "}", depth)
        elif found := _TEXT.match(self._text, self._at) or _PLAIN.match(self._text, self._at):
            self._at = found.end()
        elif opening.strip():
            self._at += 1

    def _elements(self, path: Path, closing: str, depth: int) -> None:
        number = 0
        while self._skip() < len(self._text):
            if self._text[self._at] in closing + ",":
                self._at += 1
                if self._text[self._at - 1] == closing:
                    return
                number += 1
                continue
            key = _KEY.match(self._text, self._at) if closing == "}" else None
            below = (*path, *(_parts(key[1]) if key else (str(number),)))
            self._note(below)
            before, self._at = self._at, key.end() if key else self._at
            self._value(below, depth + 1)
            if self._at == before:
                self._at += 1


def _parts(dotted: str) -> Path:
    """`a."b c".d` as its parts."""
    return tuple(part.strip().strip("\"'") for part in _PART.findall(dotted))
