"""From dialogues to cases: two turns of one person, the evidence, and whether the second says the first again."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from edge.bench.rephrase_data import RealPair
from edge.bench.rephrase_dialogues import Dialogue
from edge.feedback.rephrase_evidence import MEANING, WINDOW_S, evidence, gap_s, heard
from edge.records import Response, Transcript, Utterance
from edge.turn import Context, Turn

USUAL_GAP_S: Final = 16.0
"""Given to every real pair, since none of them says how long it took."""

_BATCH: Final = 64
_START: Final = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)


class Vectors(Protocol):
    """Sentences to vectors, shape (n, width)."""

    def encode(self, texts: Sequence[str], /) -> NDArray[np.float32]: ...


@dataclass(frozen=True)
class Case:
    """One question: does `later` say `first` again?"""

    first: Turn
    later: Turn
    between: tuple[Turn, ...]
    again: bool
    evidence: dict[str, float]
    after: tuple[Turn, ...] = ()
    """What followed `later`, for whoever looks back."""


def cases_of(dialogues: Iterable[Dialogue]) -> Iterator[Case]:
    """Every follower within the window with the first turn of its dialogue."""
    for dialogue in dialogues:
        for at, later in enumerate(dialogue.followers):
            if gap_s(dialogue.first, later) <= WINDOW_S:
                case = _case(dialogue.first, later, dialogue.followers[:at], dialogue.again[at])
                yield replace(case, after=dialogue.followers[at + 1 :])


def real_cases(pairs: Iterable[RealPair]) -> Iterator[Case]:
    """Real turns: words and the reply between them; neither times nor outcomes."""
    for at, pair in enumerate(pairs):
        reply = Response(pair.reply, "question" if pair.reply.rstrip().endswith("?") else "answer")
        first = replace(_bare(f"a{at}", pair.before, 0.0), response=reply)
        yield _case(first, _bare(f"b{at}", pair.after, USUAL_GAP_S), (), pair.corrects)


def with_meaning(cases: Sequence[Case], vectors: Vectors) -> list[Case]:
    """The same with the cosine of the sentences' vectors."""
    texts = sorted({heard(turn) for case in cases for turn in (case.first, case.later)})
    texts.sort(key=len)
    found: dict[str, NDArray[np.float32]] = {}
    for begin in range(0, len(texts), _BATCH):
        some = vectors.encode(texts[begin : begin + _BATCH])
        found.update(
            zip(texts[begin : begin + _BATCH], some / np.linalg.norm(some, axis=1, keepdims=True), strict=True)
        )
    return [
        replace(
            case,
            evidence={**case.evidence, MEANING: float(found[heard(case.first)] @ found[heard(case.later)])},
        )
        for case in cases
    ]


def _case(first: Turn, later: Turn, between: tuple[Turn, ...], again: bool) -> Case:
    return Case(first, later, between, again, evidence(first, later, between))


def _bare(turn_id: str, text: str, after_s: float) -> Turn:
    at = _START + timedelta(seconds=after_s)
    return Turn.begin(turn_id, Utterance("microphone"), Context(at), 1).heard(Transcript(text))
