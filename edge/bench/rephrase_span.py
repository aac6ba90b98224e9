"""World: onnxruntime. A small transformer reads a turn and its followers at once, and names what says it again.

It stands beside the models of `models/rephrase` in the bench. `scripts/train_rephrase_span` makes one.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge.errors import ModelError
from edge.feedback.rephrase_evidence import WINDOW_S, evidence, gap_s, heard
from edge.feedback.rephrase_model import sigmoid
from edge.feedback.rephrasing import FOLLOWERS_MAX
from edge.turn import Turn

PIECES_MAX: Final = 28
"""Word pieces of one turn; what is longer is cut."""
LENGTH_MAX: Final = (FOLLOWERS_MAX + 1) * (PIECES_MAX + 10)

KINDS: Final = 2 * (FOLLOWERS_MAX + 1)
"""Which turn a piece is of, and whether its like stands in the first turn, or for the first one in a follower."""

_GAPS_S: Final = (2.0, 4.0, 8.0, 12.0, 16.0, 24.0, 34.0, WINDOW_S)
_GAP_SIGNS: Final = tuple(f"[gap {limit:.0f}]" for limit in _GAPS_S)
_OF_FIRST: Final = ("not_matched", "unresolved", "error", "not_confirmed")
_OF_LATER: Final = (
    "same_intent", "slots_same", "slots_differ", "read_as_correction", "interrupts", "answers_it", "heard_before",
    "stopped_between", "stops", "later_failed", "later_worked", "put_back",
)  # fmt: skip
SIGNS: Final = (*_GAP_SIGNS, "[was_asked]", *(f"[{name}]" for name in (*_OF_FIRST, *_OF_LATER)))
"""Stand between the words: how long it took, whether we had asked, and how it went."""
_TRUE_FROM: Final = 0.95
"""Evidence that is a share is said as a sign from here on."""


@dataclass(frozen=True)
class Read:
    """A dialogue as the transformer sees it."""

    ids: tuple[int, ...]
    kinds: tuple[int, ...]
    marks: tuple[int, ...]
    """Where the first turn and every follower begin."""
    places: tuple[int, ...]
    """Which follower each mark but the first is of, from 0."""


@dataclass(frozen=True)
class SpanAnswer:
    """What it believes of a dialogue; lists are by the followers that were read."""

    places: tuple[int, ...]
    again: tuple[float, ...]
    """How likely each says the first turn again, 0 to 1."""
    start: tuple[float, ...]
    end: tuple[float, ...]
    """How likely the saying again begins there, and how likely that wording works; the rest to 1 is: none."""


class Reader:
    """Dialogues to numbers, by a list of words that ends with the signs."""

    def __init__(self, words: Sequence[str], outcomes: bool) -> None:
        import tokenizers  # noqa: PLC0415 - heavy

        ids = {word: at for at, word in enumerate(words)}
        self._signs = {sign: ids[sign] for sign in SIGNS}
        self._begin, self._end = ids["[CLS]"], ids["[SEP]"]
        self._outcomes = outcomes
        self._pieces = tokenizers.BertWordPieceTokenizer(ids, lowercase=True)
        self._pieces.enable_truncation(PIECES_MAX)

    def read(self, first: Turn, followers: Sequence[Turn]) -> Read:
        """The turn with those of its first four followers that lie within 45 s."""
        places = [
            at
            for at, turn in enumerate(followers[:FOLLOWERS_MAX])
            if 0.0 <= gap_s(first, turn) <= WINDOW_S and heard(turn).strip()
        ]
        found = [evidence(first, followers[at], followers[:at]) for at in places]
        words = [self._words(turn) for turn in (first, *(followers[at] for at in places))]
        signs = [self._of_first(found[0]) if found else [], *(self._of_later(each) for each in found)]
        return self._joined(words, signs, tuple(places))

    def _words(self, turn: Turn) -> list[int]:
        ids: list[int] = self._pieces.encode(heard(turn), add_special_tokens=False).ids
        return ids

    def _of_first(self, found: dict[str, float]) -> list[int]:
        names = [name for name in _OF_FIRST if self._outcomes and found[name]]
        return [self._signs[f"[{name}]"] for name in (*names, *(["was_asked"] if found["was_asked"] else []))]

    def _of_later(self, found: dict[str, float]) -> list[int]:
        gap = float(np.expm1(found["gap"]))
        limit = next(at for at, limit in enumerate(_GAPS_S) if gap <= limit + 1e-3)
        names = [name for name in _OF_LATER if self._outcomes and found[name] >= _TRUE_FROM]
        if not found["both_read"]:
            names = [name for name in names if name not in {"slots_same", "slots_differ"}]
        return [self._signs[_GAP_SIGNS[limit]], *(self._signs[f"[{name}]"] for name in names)]

    def _joined(self, words: Sequence[list[int]], signs: Sequence[list[int]], places: tuple[int, ...]) -> Read:
        first, later = set(words[0]), {piece for some in words[1:] for piece in some}
        ids, kinds, marks = list[int](), list[int](), list[int]()
        for number, (said, signed) in enumerate(zip(words, signs, strict=True)):
            marks.append(len(ids))
            head = [self._begin, *signed] if number == 0 else signed
            known = first if number else later
            ids += [*head, *said, self._end]
            kinds += [2 * number] * len(head) + [2 * number + (piece in known) for piece in said] + [2 * number]
        return Read(tuple(ids), tuple(kinds), tuple(marks), places)


class SpanModel:
    """What `scripts/train_rephrase_span` wrote into a folder. Safe to call from several threads."""

    def __init__(self, folder: Path) -> None:
        """Raises ModelError."""
        import onnxruntime  # noqa: PLC0415 - heavy

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            words = (folder / "vocab.txt").read_text(encoding="utf-8").splitlines()
            about = json.loads((folder / "span.json").read_text(encoding="utf-8"))
            self._reader = Reader(words, bool(about["outcomes"]))
            self._slope, self._shift = float(about["slope"]), float(about["shift"])
            self.label = str(about["label"])
            model = folder / "span.onnx"
            self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
            self.size_bytes = model.stat().st_size
        except Exception as error:  # onnxruntime's own errors share no base but Exception
            raise ModelError(f"{folder} holds no span model, or a damaged one. Train one, or leave --span.") from error

    def answer(self, first: Turn, followers: Sequence[Turn]) -> SpanAnswer:
        """Of one dialogue."""
        return next(self.answers([(first, followers)]))

    def answers(self, dialogues: Iterable[tuple[Turn, Sequence[Turn]]]) -> Iterator[SpanAnswer]:
        """Of each, in order; one after the other, as a home would ask."""
        for first, followers in dialogues:
            read = self._reader.read(first, followers)
            if not read.places or not heard(first).strip():
                yield SpanAnswer((), (), (), ())
                continue
            again, start, end = self._session.run(None, inputs([read]))
            again_p = tuple(sigmoid(self._slope * float(logit) + self._shift) for logit in again[0])
            yield SpanAnswer(read.places, again_p, _shares(start[0]), _shares(end[0]))


def inputs(reads: Sequence[Read]) -> dict[str, NDArray[np.int64]]:
    """Side by side: ids and kinds (n, length), 0 where nothing is; marks (n, turns), -1 where none is."""
    length, turns = max(len(read.ids) for read in reads), max(len(read.marks) for read in reads)
    ids, kinds = (np.zeros((len(reads), length), dtype=np.int64) for _ in range(2))
    marks = np.full((len(reads), turns), -1, dtype=np.int64)
    for row, read in enumerate(reads):
        ids[row, : len(read.ids)], kinds[row, : len(read.kinds)] = read.ids, read.kinds
        marks[row, : len(read.marks)] = read.marks
    return {"ids": ids, "kinds": kinds, "marks": marks}


def _shares(logits: NDArray[Any]) -> tuple[float, ...]:
    """Of the followers; the first logit is that of none."""
    weights = np.exp(logits - logits.max())
    return tuple(float(share) for share in (weights / weights.sum())[1:])
