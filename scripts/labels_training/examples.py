"""Dialogues of the laboratory as arrays with their truth. Diagnoses come from a model that never saw the dialogue."""

import random
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
from isolation_training.linear import fitted
from numpy.typing import NDArray
from tqdm import tqdm

from edge.bench.labels_data import NOWHERE, Lived
from edge.isolation.diagnosing import Isolation, weighed
from edge.isolation.features import Seen
from edge.isolation.meaning import Meanings
from edge.isolation.trees import Boosted
from edge.isolation.weights import Weights
from edge.labels.encoding import TURNS_MAX, Classifier, Encoded, encode
from edge.signals import POINTS

FOLDS: Final = 3
HELD_OUT: Final = 7
"""One group of so many is held out, to choose and to calibrate by."""
LEARNED_FROM_MAX: Final = 1_500
UNKNOWN: Final = -1.0
UNASKED: Final = -100
"""As the loss has it: nothing is to be learned there."""

Diagnosing = Callable[[Lived], Isolation]


@dataclass(frozen=True)
class Wanted:
    """What is to be learned of one dialogue."""

    turns: NDArray[np.float32]
    """Shape (turns, 3): goes on, served, reached; UNKNOWN where it is not known."""
    meant: NDArray[np.int64]
    """Shape (turns,): the row, or TURNS_MAX for nowhere."""
    intent: NDArray[np.int64]


@dataclass(frozen=True)
class Examples:
    """Arrays over all dialogues, the first axis."""

    arrays: Mapping[str, NDArray[np.generic]]
    turns: NDArray[np.float32]
    meant: NDArray[np.int64]
    intent: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.turns)


def is_held_out(dialogue: Lived) -> bool:
    """Whether nothing is learned from it."""
    return _number(dialogue.group) % HELD_OUT == 0


def crossed(some: Sequence[Lived], classifier: Classifier, seed: int) -> Diagnosing:
    """For each dialogue failure points as found by a model that learned from others."""
    meanings = Meanings(classifier)
    parts: list[Isolation] = []
    for fold in range(FOLDS):
        others = [each for each in some if _fold(each) != fold]
        random.Random(seed).shuffle(others)
        parts.append(_isolation(others[:LEARNED_FROM_MAX], meanings, classifier, seed))
    return lambda dialogue: parts[_fold(dialogue)]


def _isolation(some: Sequence[Lived], meanings: Meanings, classifier: Classifier, seed: int) -> Isolation:
    seen = [Seen.of(each.turns[0], each.signals, each.turns[1:], each.called[0]) for each in some]
    points, groups = [each.point for each in some], [each.group for each in some]
    full, moment = (
        fitted([weighed(each, meanings, moment=now) for each in seen], points, groups, seed) for now in (False, True)
    )
    told = {"version": 1, "points": list(POINTS), "full": full.linear, "moment": moment.linear}
    trees = {"version": 1, "full": full.trees, "moment": moment.trees}
    return Isolation(Weights.model_validate(told), classifier, Boosted.model_validate(trees))


def joined(some: Sequence[Lived], count: int, seed: int) -> Iterator[Lived]:
    """Two dialogues one after the other: people want several things in a row."""
    chance = random.Random(seed)
    for _ in range(count):
        one, other = chance.sample(some, 2)
        gap = timedelta(seconds=min(280.0, max(3.0, chance.lognormvariate(3.7, 0.9))))
        if one.turns[0].turn_id != other.turns[0].turn_id and len(one.turns) + len(other.turns) <= TURNS_MAX:
            yield one.then(other, gap)


def alone(some: Sequence[Lived]) -> Iterator[Lived]:
    """Every turn of which something is known, as if it were the only one."""
    for dialogue in some:
        for row, truth in enumerate(dialogue.truths):
            if truth.intent is not None:
                yield dialogue.alone(row)


def examples(
    some: Sequence[Lived],
    diagnosing: Diagnosing,
    classifier: Classifier,
    intents: Sequence[str],
    *,
    moment: bool = False,
) -> Examples:
    """`moment`: what came after a turn is not asked."""
    read: list[Encoded] = []
    wanted: list[Wanted] = []
    for dialogue in tqdm(some, "reading"):
        diagnosed = dialogue.diagnosed(diagnosing(dialogue), moment=moment)
        read.append(encode(dialogue.turns, dialogue.told, diagnosed, classifier, intents))
        wanted.append(_wanted(dialogue, intents))
    small = {"said": np.float16, "replied": np.float16, "sound": np.float16}
    arrays = {
        name: np.stack([getattr(each, name).astype(small.get(name, getattr(each, name).dtype)) for each in read])
        for name in ("said", "replied", "sound", "kinds", "numbers", "pairs", "there")
    }
    return Examples(
        arrays,
        np.stack([each.turns for each in wanted]),
        np.stack([each.meant for each in wanted]),
        np.stack([each.intent for each in wanted]),
    )


def _wanted(dialogue: Lived, intents: Sequence[str]) -> Wanted:
    turns = np.full((TURNS_MAX, 3), UNKNOWN, np.float32)
    meant, intent = np.full(TURNS_MAX, UNASKED), np.full(TURNS_MAX, UNASKED)
    for row, truth in enumerate(dialogue.truths[:TURNS_MAX]):
        known = (truth.goes_on, truth.served, truth.reached)
        turns[row] = [UNKNOWN if each is None else float(each) for each in known]
        if truth.meant is not None:
            meant[row] = TURNS_MAX if truth.meant == NOWHERE else truth.meant
        if truth.intent is not None:
            intent[row] = intents.index(truth.intent) + 2 if truth.intent in intents else int(bool(truth.intent))
    return Wanted(turns, meant, intent)


def _fold(dialogue: Lived) -> int:
    return _number(dialogue.group) // HELD_OUT % FOLDS


def _number(group: str) -> int:
    return zlib.crc32(group.encode())
