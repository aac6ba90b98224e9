"""World: reads what rephrases are made of and measured on: sentences with their slots marked, and real dialogues."""

import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from edge.errors import ConfigError

Part = Literal["train", "test"]

_MARKED: Final = re.compile(r"\[([^:\]]+):([^\]]+)\]")
_SENTENCES: Final = (("hwu64_dev/hwu64_dev.jsonl", "intent"), ("slurp_devel_text/slurp_devel.jsonl", "action"))
_REAL: Final = (
    ("smcalflow_revise_dev/revise_turns.jsonl", True),
    ("smcalflow_ordinary_dev/ordinary_turns.jsonl", False),
)
_NUMBERED: Final = re.compile(r"\\u([0-9a-fA-F]{4})")
_TEST_OF_TEN: Final = 4
"""So many tenths of all wordings are kept for the test."""


@dataclass(frozen=True)
class Wording:
    """A way to say something: a sentence with places for its values."""

    intent: str
    """`scenario_intent`."""
    text: str
    """`turn off the lights in the {house_place}`."""
    values: Mapping[str, str]
    """As they were said, by the name of the place."""

    @property
    def part(self) -> Part:
        """By the wording without its values: no wording is in both parts."""
        return part_of(self.text)

    def with_values(self, values: Mapping[str, str]) -> str:
        """The sentence that says these values."""
        return self.text.format_map(values)


@dataclass(frozen=True)
class RealPair:
    """Two neighbouring turns of a person, with what was said between them."""

    before: str
    reply: str
    after: str
    corrects: bool
    """Whether people marked the second as a revision of the first."""

    @property
    def may_be_looked_at(self) -> bool:
        """One half was read while features were chosen; the other was not."""
        return zlib.crc32(f"{self.before}|{self.after}".encode()) & 1 == 0


def part_of(text: str) -> Part:
    """In which part something belongs, by what it says."""
    return "test" if zlib.crc32(b"rephrase " + text.encode()) % 10 < _TEST_OF_TEN else "train"


def wordings(data: Path) -> tuple[Wording, ...]:
    """Of HWU64 and SLURP (CC BY 4.0), each once, in a fixed order. Raises ConfigError."""
    found: dict[tuple[str, str], Wording] = {}
    for name, key in _SENTENCES:
        for row in _lines(data / name):
            marked = [(slot.strip(), value.strip()) for slot, value in _MARKED.findall(row["annotation"])]
            text = " ".join(_MARKED.sub(lambda place: f"{{{place[1].strip()}}}", row["annotation"]).lower().split())
            if len(dict(marked)) == len(marked) and "[" not in text and text.count("{") == len(marked):
                intent = f"{row['scenario']}_{row[key]}"
                found.setdefault((intent, text), Wording(intent, text, {slot: value.lower() for slot, value in marked}))
    return tuple(found[key] for key in sorted(found))


def real_pairs(data: Path) -> tuple[RealPair, ...]:
    """Of SMCalFlow (CC BY-SA 4.0), to measure on and never to learn from. Raises ConfigError."""
    return tuple(
        RealPair(row["prev_user"], row["agent"], row["user"], corrects)
        for name, corrects in _REAL
        for row in _lines(data / name)
    )


def repairs(data: Path) -> tuple[tuple[str, str], ...]:
    """Of Disfl-QA (CC BY 4.0): a question with a repair in it, and as it was meant. Raises ConfigError."""
    file = data / "disfl_qa_dev/dev.json"
    try:
        rows = json.loads(file.read_text(encoding="utf-8")).values()
        pairs = [(_unescaped(row["disfluent"]), _unescaped(row["original"])) for row in rows]
        return tuple(pair for pair in pairs if len(pair[0].split()) > 2)  # what is less was no sentence
    except (OSError, ValueError, LookupError, AttributeError, TypeError) as error:
        raise _missing(file) from error


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    try:
        yield from [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    except (OSError, ValueError) as error:
        raise _missing(file) from error


def _unescaped(text: str) -> str:
    """Some letters of it are written as their number."""
    return _NUMBERED.sub(lambda number: chr(int(number[1], 16)), str(text)).replace('\\"', '"')


def _missing(file: Path) -> ConfigError:
    return ConfigError(f"{file} is missing or damaged. Put it there, or name another folder with --data.")
