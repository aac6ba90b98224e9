"""Dialogues of the laboratory with the truth of every turn, diagnosed by models that did not learn from them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from isolation_training.linear import learned
from sklearn.model_selection import GroupKFold

from edge.bench.diagnosis_data import Case, cases, remembering
from edge.bench.diagnosis_goals import believed, told
from edge.isolation.diagnosing import Isolation, weighed
from edge.isolation.meaning import Meanings
from edge.isolation.weights import Linear, Weights
from edge.signals import POINTS, Diagnosis, Signal
from edge.turn import Turn

FOLDS: Final = 5
STRENGTH, WEIGHTING, TEMPERATURE = 0.3, 0.5, 1.2
"""About as the model that ships was fitted."""


@dataclass(frozen=True)
class Dialogue:
    """One dialogue with what is true and what is believed of its turns."""

    case: Case
    truth: Mapping[str, Any]
    """As the laboratory wrote it."""
    right: Mapping[str, bool]
    """By turn_id, whether it served what was wanted; what wants nothing is left out."""
    signals: Mapping[str, Sequence[Signal]]
    diagnoses: Mapping[str, Diagnosis]

    @property
    def turns(self) -> tuple[Turn, ...]:
        return (self.case.turn, *self.case.followers)


def dialogues(files: Sequence[Path]) -> list[Dialogue]:
    """Those of the training half."""
    return [each for file in files for each in _of(file)]


def _of(file: Path) -> Iterator[Dialogue]:
    lines = (json.loads(line) for line in file.read_text(encoding="utf-8").splitlines())
    written = (each for each in lines if each.get("split") == "train" and "turn" in each)
    for case, each in zip(cases(file, "train"), written, strict=True):
        right = {case.turn.turn_id: case.point == "correct"}
        followers = zip(case.followers, each["followers"], strict=True)
        right |= {turn.turn_id: bool(said["right"]) for turn, said in followers if said["right"] is not None}
        yield Dialogue(case, each["truth"], right, told(case), {})


def diagnosed(some: Sequence[Dialogue], seed: int) -> list[Dialogue]:
    """With the diagnosis of every turn, by models that learned from other sentences."""
    classifier = remembering()
    features = [weighed(each.case.seen, Meanings(classifier), moment=False) for each in some]
    points = [each.case.point for each in some]
    groups = [each.case.group for each in some]
    found = list(some)
    for others, tested in GroupKFold(FOLDS).split(features, points, groups):
        seen, truth = [features[row] for row in others], [points[row] for row in others]
        linear = Linear.model_validate(learned(seen, truth, STRENGTH, WEIGHTING, TEMPERATURE, seed))
        isolation = Isolation(Weights(version=1, points=POINTS, full=linear, moment=linear), classifier)
        for row in tested:
            each = some[row]
            found[row] = replace(each, diagnoses=believed(each.case, each.signals, isolation))
    return found
