"""Where in a TOML text a table or key stands: `tomllib` does not say, and a person wants to know."""

import re
from collections.abc import Mapping
from typing import Final

_HEADER: Final = re.compile(r"\s*\[\[?([^\]]+)\]")
_KEY: Final = re.compile(r"""\s*("[^"]*"|'[^']*'|[A-Za-z0-9_-]+)\s*=""")


def lines_of(text: str) -> Mapping[tuple[str, ...], int]:
    """Line numbers, from 1, by path of keys. Good enough to point with: text within long strings may mislead it."""
    lines: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            table = tuple(part.strip().strip("\"'") for part in header[1].split("."))
            for length in range(1, len(table) + 1):
                lines.setdefault(table[:length], number)
        elif key := _KEY.match(line):
            lines.setdefault((*table, key[1].strip("\"'")), number)
    return lines
