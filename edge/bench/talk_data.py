"""World: reads what people say: HWU64, SLURP and CLINC150, with the folds in which training leaves them out."""

import json
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from edge.errors import ConfigError

FOLDS: Final = 5

_WORDS: Final = re.compile(r"[\w']+")
_HWU64: Final = "hwu64_dev/hwu64_dev.jsonl", "NLU-Evaluation-Data of github.com/xliuhw"
_SLURP: Final = "slurp_devel_text/slurp_devel.jsonl", "devel.jsonl of github.com/pswietojanski/slurp"
_CLINC: Final = "clinc_oos_dev/clinc_train_val.json", "data_full.json of github.com/clinc/oos-eval"


@dataclass(frozen=True)
class Sentence:
    """One sentence of a data set with the label that people gave it."""

    dataset: str
    """hwu64, slurp or clinc."""
    row_id: str
    """As the data set numbers it; not unique in all of them."""
    scenario: str
    intent: str
    text: str

    @cached_property
    def plain(self) -> str:
        """Its words in small letters, by which folds are made."""
        return normal(self.text)

    @property
    def crc(self) -> int:
        """Tells it from others of the same number without holding it."""
        return zlib.crc32(self.plain.encode())

    @property
    def fold(self) -> int:
        """In which fold it is left out of training."""
        return zlib.crc32(b"fold " + self.plain.encode()) % FOLDS

    @property
    def half(self) -> int:
        """0 or 1; of CLINC150 nothing of half 1 is ever trained on."""
        return zlib.crc32(b"half " + self.plain.encode()) & 1


def normal(text: str) -> str:
    """The words of a sentence in small letters, one space between them."""
    return " ".join(_WORDS.findall(text.casefold()))


def hwu64(data: Path) -> tuple[Sentence, ...]:
    """HWU64 (Liu et al. 2019, CC BY 4.0). Raises ConfigError when it is not in `data`."""
    return _read(data, _HWU64, lambda text: tuple(_row("hwu64", row, "answerid", "intent") for row in _lines(text)))


def slurp(data: Path) -> tuple[Sentence, ...]:
    """SLURP's development text (Bastianelli et al. 2020, CC BY 4.0). Raises ConfigError when it is not in `data`."""
    return _read(data, _SLURP, lambda text: tuple(_row("slurp", row, "slurp_id", "action") for row in _lines(text)))


def clinc(data: Path) -> tuple[Sentence, ...]:
    """CLINC150 (Larson et al. 2019, CC BY 3.0), each sentence once. Raises ConfigError when it is not in `data`."""

    def sentences(text: str) -> tuple[Sentence, ...]:
        rows = {(said, label): part for part, some in json.loads(text).items() for said, label in some}
        return tuple(
            Sentence("clinc", f"{part}-{at}", "", label, said) for at, ((said, label), part) in enumerate(rows.items())
        )

    return _read(data, _CLINC, sentences)


def _read(
    data: Path, source: tuple[str, str], sentences: Callable[[str], tuple[Sentence, ...]]
) -> tuple[Sentence, ...]:
    file, origin = data / source[0], source[1]
    try:
        found = sentences(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ConfigError(
            f"{file} is missing or damaged: it is {origin}. Put it there, or name another folder with --data."
        ) from error
    return tuple(sentence for sentence in found if sentence.plain)


def _lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def _row(dataset: str, row: dict[str, Any], number: str, intent: str) -> Sentence:
    return Sentence(dataset, str(row[number]), row["scenario"], row[intent], row["text"])
