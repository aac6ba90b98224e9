"""What is said, by the classifier of understanding: the dialogue's vectors, in the few numbers that tell here."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from edge.isolation.features import Seen

NONE: Final = "none"
"""The class of what is no command for a home."""

_BOUNDS: Final = (0.05, 0.2, 0.5, 0.8, 0.95)


class Classified(Protocol):
    @property
    def probabilities(self) -> Mapping[str, float]: ...

    @property
    def vector(self) -> NDArray[Any]: ...


class Classifier(Protocol):
    def classify(self, text: str) -> Classified:
        """The classes of one sentence, and its vector of unit length."""


class Meanings:
    """Sentences as the classifier reads them; it had better remember them, for what followed one turn is the next."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier

    def features(self, seen: Seen) -> dict[str, float]:
        """By name; those of what came after begin with `next_meaning`."""
        text = seen.outline.text
        if not text:
            return {}
        here = self._classifier.classify(text)
        return dict(_of_turn(here)) | dict(self._of_next(seen, here))

    def _of_next(self, seen: Seen, here: Classified) -> Iterator[tuple[str, float]]:
        again = seen.again
        follower = seen.followers[seen.edits.index(again)] if again is not None else None
        if again is None or follower is None or follower.transcript is None or not follower.transcript.text:
            return
        there = self._classifier.classify(again.text)
        likeness = float(np.dot(here.vector, there.vector))
        for bound in (0.3, 0.5, 0.7, 0.85):
            yield f"next_meaning_alike<{bound}", float(likeness < bound)
        same = sum(share * there.probabilities.get(name, 0.0) for name, share in here.probabilities.items())
        yield "next_meaning_same_class", same
        yield "next_meaning_none", there.probabilities.get(NONE, 0.0)
        acted = "acted" if seen.outline.acted else "idle"
        yield f"next_meaning_same_class_{acted}", same


def _of_turn(here: Classified) -> Iterator[tuple[str, float]]:
    none = here.probabilities.get(NONE, 0.0)
    for bound in _BOUNDS:
        yield f"meaning_none<{bound}", float(none < bound)
    best = max(here.probabilities.values(), default=0.0)
    yield "meaning_doubt", 1 - best
    for name, share in here.probabilities.items():
        if share >= 0.02 and name != NONE:
            yield f"meaning:{name}", share
