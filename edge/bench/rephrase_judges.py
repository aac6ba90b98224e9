"""What `edge bench rephrase` compares: models of evidence, a transformer over the dialogue, and both joined."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from edge.bench.rephrase_cases import Case, Vectors
from edge.bench.rephrase_dialogues import Dialogue
from edge.bench.rephrase_span import SpanModel
from edge.feedback.rephrase_evidence import MEANING, only_answers
from edge.feedback.rephrase_model import Logistic, Trees, sigmoid
from edge.feedback.rephrasing import NAMED, Rephrase, Rephrasing

DOUBT: Final = (0.05, 0.95)
"""Between these the trees are in doubt, and the transformer is asked."""

_TINY: Final = 1e-6


class Judge(Protocol):
    """Whether a turn says another again, one way to tell."""

    def p(self, case: Case) -> float:
        """0 to 1, of a case whose evidence is reckoned."""
        ...

    def p_from_nothing(self, case: Case) -> float:
        """The same with all that it takes, for the clock."""
        ...

    def named(self, dialogue: Dialogue) -> int:
        """The follower whose wording works, from 0; -1: none."""
        ...


class ByEvidence:
    """A model of `models/rephrase`."""

    def __init__(self, model: Logistic | Trees, vectors: Vectors) -> None:
        self._model, self._vectors = model, vectors
        self._detector = Rephrasing(model, self._cosine if MEANING in model.features else None)

    def p(self, case: Case) -> float:
        """By the evidence at hand."""
        return 0.0 if only_answers(case.evidence) else self._model.probability(case.evidence)

    def p_from_nothing(self, case: Case) -> float:
        """By the two turns."""
        return self._detector.p(case.first, case.later, case.between)

    def named(self, dialogue: Dialogue) -> int:
        """As a home would name it."""
        found = self._detector.of(dialogue.first, dialogue.followers)
        return found.end if isinstance(found, Rephrase) else -1

    def _cosine(self, one: str, other: str) -> float:
        a, b = self._vectors.encode([one, other])
        return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))


class BySpan:
    """The transformer alone; it has seen all followers, as somebody who looks back has."""

    def __init__(self, model: SpanModel) -> None:
        self._model = model

    def p(self, case: Case) -> float:
        """Of the follower in question."""
        if only_answers(case.evidence):
            return 0.0
        answer = self._model.answer(case.first, (*case.between, case.later, *case.after))
        at = len(case.between)
        return answer.again[answer.places.index(at)] if at in answer.places else 0.0

    def p_from_nothing(self, case: Case) -> float:
        """The same; the evidence is reckoned once more for its signs."""
        return self.p(case)

    def named(self, dialogue: Dialogue) -> int:
        """Where the span ends."""
        answer = self._model.answer(dialogue.first, dialogue.followers)
        best = max(range(len(answer.end)), key=lambda at: answer.end[at], default=-1)
        return answer.places[best] if best >= 0 and answer.end[best] >= NAMED else -1


@dataclass(frozen=True)
class Joined:
    """Trees, and where they are in doubt the mean of both in log-odds."""

    trees: ByEvidence
    span: BySpan

    def p(self, case: Case) -> float:
        """The trees by the evidence at hand, the transformer by the turns."""
        return self._joined(self.trees.p(case), case)

    def p_from_nothing(self, case: Case) -> float:
        """By the turns."""
        return self._joined(self.trees.p_from_nothing(case), case)

    def named(self, dialogue: Dialogue) -> int:
        """As the trees do."""
        return self.trees.named(dialogue)

    def _joined(self, p: float, case: Case) -> float:
        if not DOUBT[0] < p < DOUBT[1]:
            return p
        return sigmoid((_log_odds(p) + _log_odds(self.span.p(case))) / 2)


@dataclass(frozen=True)
class Spans:
    """Whether a model names the follower that works."""

    label: str
    right: int
    wrong: int
    """Another one was named."""
    missed: int
    invented: int
    """One was named though none works, of `quiet`."""
    quiet: int

    @property
    def precision(self) -> float:
        """Of those that were named."""
        return self.right / max(1, self.right + self.wrong + self.invented)

    @property
    def recall(self) -> float:
        """Of those that there are."""
        return self.right / max(1, self.right + self.wrong + self.missed)


def spans_of(label: str, judge: Judge, lived: Sequence[Dialogue]) -> Spans:
    """In whole dialogues whose outcomes are known."""
    right = wrong = missed = invented = quiet = 0
    for dialogue in lived:
        if dialogue.first.decision is None and dialogue.first.failure is None:
            continue
        found = judge.named(dialogue)
        if dialogue.works_in_time < 0:
            invented, quiet = invented + (found >= 0), quiet + 1
        elif found >= 0:
            right, wrong = right + (found == dialogue.works_in_time), wrong + (found != dialogue.works_in_time)
        else:
            missed += 1
    return Spans(label, right, wrong, missed, invented, quiet)


def _log_odds(p: float) -> float:
    near = min(1.0 - _TINY, max(_TINY, p))
    return math.log(near / (1.0 - near))
