"""How well a sentence is mended that somebody began anew in the middle. Pure."""

import difflib
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edge.feedback.repair import repaired
from edge.text import normal


@dataclass(frozen=True)
class RepairResult:
    """One way to mend sentences, on the half that nobody looked at."""

    name: str
    count: int
    changed: float
    """Share of sentences in which something was taken out."""
    exact: float
    """Share whose words are then those that were meant, one by one."""
    precision: float
    """Of the words that were taken out, those that had to be."""
    recall: float
    f1: float
    harmed: float
    """Share of fluent sentences that it changes."""


def measure_repairs(pairs: Sequence[tuple[str, str]]) -> tuple[RepairResult, ...]:
    """`pairs`: as it was said, and as it was meant."""
    unseen = [pair for pair in pairs if zlib.crc32(pair[0].encode()) & 1]
    return _result("nothing is done", lambda text: text, unseen), _result("repair", repaired, unseen)


def _result(name: str, mend: Callable[[str], str], pairs: Sequence[tuple[str, str]]) -> RepairResult:
    hit = over = missed = exact = changed = harmed = 0
    for said, meant in pairs:
        words, wanted, got = _words(said), _words(meant), _words(mend(said))
        gone, out = _taken_out(words, wanted), _taken_out(words, got)
        hit, over, missed = hit + len(gone & out), over + len(out - gone), missed + len(gone - out)
        exact += got == wanted
        changed += got != words
        harmed += _words(mend(meant)) != wanted
    count = max(1, len(pairs))
    return RepairResult(
        name, len(pairs), changed / count, exact / count, hit / max(1, hit + over), hit / max(1, hit + missed),
        2 * hit / max(1, 2 * hit + over + missed), harmed / count,
    )  # fmt: skip


def _words(text: str) -> list[str]:
    return normal(text).split()


def _taken_out(words: Sequence[str], rest: Sequence[str]) -> set[int]:
    """Which words of the first are not in the second, by their place."""
    codes = difflib.SequenceMatcher(None, words, rest, autojunk=False).get_opcodes()
    return {at for kind, begin, end, _, _ in codes if kind in {"delete", "replace"} for at in range(begin, end)}
