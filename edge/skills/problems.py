"""What is wrong with a skill file, said so that a person can mend it."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from edge.toml_lines import Path

Mistake = tuple[Path, str]
"""The keys down to it, and the reason."""


@dataclass(frozen=True)
class Problem:
    """One mistake in one file."""

    file: str
    reason: str
    line: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


def nearest(word: str, known: Iterable[str]) -> str:
    """` Did you mean 'sentences'?`, or what there is."""
    names = sorted(known)
    found = get_close_matches(word, names, n=1, cutoff=0.5)
    return f" Did you mean {found[0]!r}?" if found else f" There is: {', '.join(names)}." if names else ""
