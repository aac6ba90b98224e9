"""World: times itself. The whole of `edge bench labels`, on dialogues that nothing learned from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console

from edge.bench.diagnosis_data import provenance, remembering
from edge.bench.figures import machine, percentiles
from edge.bench.labels_data import Lived, lived
from edge.bench.labels_figures import LabelFigures, of_labels, of_model, of_single_turns
from edge.bench.labels_report import LabelsReport, ReadingCost
from edge.clock import monotonic_ms
from edge.isolation.diagnosing import Isolation
from edge.isolation.trees import Boosted
from edge.isolation.weights import Weights
from edge.labels.dialogue_model import DialogueModel, Reading
from edge.labels.encoding import encode, sound_of
from edge.labels.functions import Functions
from edge.labels.labelling import Labelled, Labelling
from edge.labels.weights import FunctionWeights
from edge.nlu.classifier import Classifier, Remembering
from edge.paths import shipped
from edge.signals import Diagnosis

YEAR_TURNS: Final = 20_000

COSTLY: Final = 300
"""So many dialogues are timed."""


@dataclass(frozen=True)
class LabelsPlan:
    """What is measured, with what."""

    lab: Path
    """The laboratory's file."""
    model: Path | None = None
    """The folder of another model than the one that ships."""
    beside: tuple[Path, ...] = ()
    """Folders of models that are measured beside it: trained without something."""
    year_turns: int = YEAR_TURNS


@dataclass(frozen=True)
class Known:
    """A dialogue with where its turns went wrong, by turn_id."""

    dialogue: Lived
    diagnosed: Mapping[str, Diagnosis]


def measure_labels(plan: LabelsPlan, console: Console) -> LabelsReport:
    """Measure on the test split. Raises EdgeError when the file or a model cannot be used."""
    models = shipped("models")
    classifier = remembering()
    isolation = Isolation(Weights.load(models / "isolation"), classifier, Boosted.load(models / "isolation"))
    model = DialogueModel.load(plan.model or models / "labels", classifier)
    others = [DialogueModel.load(folder, classifier) for folder in plan.beside]
    functions = Functions(FunctionWeights.load(models / "labels"))
    console.print("reading the dialogues ...", style="dim")
    test = [Known(each, each.diagnosed(isolation)) for each in lived(plan.lab, "test")]
    figures = [
        *_compared(model, functions, classifier, test),
        *(
            of_model(folder.name, _dialogues(test), [_read(other, each) for each in test])
            for folder, other in zip(plan.beside, others, strict=True)
            if not other.about.alone
        ),
    ]
    alone = next((other for other in others if other.about.alone), None)
    read = [_alone(alone, each.dialogue, isolation) for each in test] if alone else []
    single = of_single_turns(_dialogues(test), read) if alone else None
    cost = _cost(model, test, plan.year_turns)
    return LabelsReport(machine(), provenance(plan.lab), len(test), _heard(test), tuple(figures), single, cost)


def _compared(
    model: DialogueModel, functions: Functions, classifier: Remembering, test: Sequence[Known]
) -> list[LabelFigures]:
    """The teacher, the model, and both together."""
    some, both = _dialogues(test), Labelling(functions, model)
    hidden = [Known(each.dialogue, {}) for each in test]
    return [
        of_labels("labelling functions", some, [_labelled(Labelling(functions), each) for each in test]),
        of_model("model", some, [_read(model, each) for each in test]),
        of_labels("goals by rule, turns by the model", some, [_labelled(both, each) for each in test]),
        of_model("model, sound hidden", some, [_deaf(model, each, classifier) for each in test]),
        of_model("model, diagnoses hidden", some, [_read(model, each) for each in hidden]),
    ]


def _dialogues(test: Sequence[Known]) -> list[Lived]:
    return [each.dialogue for each in test]


def _read(model: DialogueModel, each: Known) -> tuple[Reading, ...]:
    return model.read(each.dialogue.turns, each.dialogue.told, each.diagnosed)


def _labelled(labelling: Labelling, each: Known) -> Labelled:
    """All of a dialogue, though a longer silence may have parted it."""
    return labelling.conversation(each.dialogue.turns, each.dialogue.told, each.diagnosed)


def _heard(test: Sequence[Known]) -> int:
    """Turns of which something of the sound was kept."""
    return sum(bool(sound_of(turn).any()) for each in test for turn in each.dialogue.turns)


def _deaf(model: DialogueModel, each: Known, classifier: Remembering) -> tuple[Reading, ...]:
    """As if nothing of the sound had been kept."""
    turns = each.dialogue.turns
    read = encode(turns, each.dialogue.told, each.diagnosed, classifier, model.about.intents)
    return model.answered(turns, [0], [replace(read, sound=np.zeros_like(read.sound))])


def _alone(model: DialogueModel, dialogue: Lived, isolation: Isolation) -> Reading:
    first = dialogue.alone(0)
    return model.read(first.turns, first.told, first.diagnosed(isolation, moment=True))[0]


def _cost(model: DialogueModel, test: Sequence[Known], year_turns: int) -> ReadingCost:
    """Of new sentences, then of such as were read before; and of a year of what was said in the laboratory."""
    some = test[:COSTLY]
    forgetful = DialogueModel(model.session, model.about, Classifier.load(shipped("models") / "nlu"))
    new, known = ([_ms(each, one) for one in some] for each in (forgetful, model))
    began, turns = monotonic_ms(), 0
    while turns < year_turns:
        for each in test:
            _read(model, each)
            turns += len(each.dialogue.turns)
    spent = (monotonic_ms() - began) / 1000
    (known_median, known_p95), (new_median, new_p95) = (percentiles(each, 50, 95) for each in (known, new))
    return ReadingCost(known_median, known_p95, new_median, new_p95, turns, spent)


def _ms(model: DialogueModel, each: Known) -> float:
    """What was observed is known before."""
    assert each.dialogue.told is not None
    began = monotonic_ms()
    _read(model, each)
    return monotonic_ms() - began
