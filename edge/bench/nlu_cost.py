"""World: the clock, processes. What understanding costs: milliseconds on one thread, megabytes, seconds to learn."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.bench.nlu_turns import NOW, ROOM
from edge.bench.talk_data import Sentence
from edge.clock import monotonic_ms
from edge.knowledge import Area, Device, HomeMap, Knowledge
from edge.nlu.classifier import Classified, Classifier
from edge.nlu.grammar import GrammarUnderstanding
from edge.nlu.model_rung import ModelRung
from edge.nlu.understanding import Understanding
from edge.paths import shipped
from edge.records import Interpretation, Phrasing
from edge.resolution.resolver import Resolver
from edge.turn import Context

DEVICES: Final = 1_000

_KINDS: Final = (
    ("light", "lamp", frozenset({"brightness", "color"})),
    ("light", "spot", frozenset({"brightness"})),
    ("switch", "plug", frozenset[str]()),
    ("cover", "blind", frozenset({"position"})),
    ("fan", "fan", frozenset({"speed"})),
    ("sensor", "sensor", frozenset[str]()),
    ("climate", "thermostat", frozenset({"target_temperature"})),
    ("media_player", "speaker", frozenset[str]()),
)
_COLOURS: Final = ("amber", "cobalt", "crimson", "ivory", "jade", "maroon", "olive", "pearl", "saffron", "teal")
_PLACES: Final = ("attic", "cellar", "den", "gallery", "library", "loft", "nursery", "pantry", "salon", "vestibule")

_MEASURE_MEMORY: Final = """
import json, sys
import numpy, onnxruntime, tokenizers
from datetime import UTC, datetime
from pathlib import Path
from edge.bench.figures import memory_mb
from edge.knowledge import Knowledge
from edge.records import Phrasing
from edge.turn import Context
import edge.home.home_file
found = [memory_mb()]
from edge.nlu.grammar import GrammarUnderstanding
grammar = GrammarUnderstanding()
context, knowledge = Context(datetime.now(UTC)), Knowledge(1)
grammar.interpret(Phrasing("turn on the lights"), context, knowledge)
found.append(memory_mb())
from edge.nlu.classifier import Classifier
classifier = Classifier.load(Path(sys.argv[1]))
for text in sys.stdin.read().splitlines():
    grammar.interpret(Phrasing(text), context, knowledge)
    classifier.classify(text)
found.append(memory_mb())
print(json.dumps(found))
"""


@dataclass(frozen=True)
class Cost:
    """Every figure of this part."""

    by_template_ms: tuple[float, ...]
    """Understanding of sentences for which the model was not asked."""
    by_model_ms: tuple[float, ...]
    """Of those for which it was."""
    first_sentence_ms: float
    """The very first one in a home, in which names are looked up for the first time."""
    resolution_ms: tuple[float, ...]
    """In a home of 1,000 devices, once its names are known."""
    resolution_first_ms: float
    """The first one there."""
    templates_mb: float
    model_mb: float
    retrain_s: float
    """Learning ten sentences more."""


class _Counting:
    """A classifier that tells whether it was asked."""

    def __init__(self, classifier: Classifier) -> None:
        self._classifier = classifier
        self.asked = False

    def classify(self, text: str) -> Classified:
        self.asked = True
        return self._classifier.classify(text)


def cost(sentences: Sequence[Sentence], home: HomeMap, seed: int) -> Cost:
    """Measured over `sentences`; the memory in a process of its own."""
    models = shipped("models") / "nlu"
    classifier = Classifier.load(models)
    first, by_template, by_model = _understanding(classifier, sentences, Knowledge(1, home))
    resolution_first, *resolution = _resolution(seed)
    empty, templates, everything = _memory([each.plain for each in sentences], models)
    return Cost(
        tuple(by_template),
        tuple(by_model),
        first,
        tuple(resolution),
        resolution_first,
        templates - empty,
        everything - templates,
        _retraining(classifier),
    )


def _understanding(
    classifier: Classifier, sentences: Sequence[Sentence], knowledge: Knowledge
) -> tuple[float, list[float], list[float]]:
    counting = _Counting(classifier)
    understanding = Understanding(GrammarUnderstanding(), ModelRung(counting))
    context = Context(NOW, room=ROOM.replace(" ", "_"))
    first, by_template, by_model = 0.0, list[float](), list[float]()
    for at, sentence in enumerate(sentences):
        counting.asked = False
        began = monotonic_ms()
        understanding.interpret(Phrasing(sentence.text), context, knowledge)
        spent = monotonic_ms() - began
        if at == 0:
            first = spent
        else:
            (by_model if counting.asked else by_template).append(spent)
    return first, by_template, by_model


def _resolution(seed: int) -> Iterator[float]:
    home = large_home()
    resolver, knowledge = Resolver(), Knowledge(1, home)
    context = Context(NOW, room=home.areas[0].area_id)
    for interpretation in _requests(home, seed):
        began = monotonic_ms()
        resolver.resolve(Phrasing(""), interpretation, context, knowledge)
        yield monotonic_ms() - began


def large_home() -> HomeMap:
    """A home of 1,000 devices in 50 places, every name of its own."""
    areas = tuple(
        Area(f"area_{at}", f"{_PLACES[at % 10]} {at // 10 + 1}" if at >= 10 else _PLACES[at], floor=f"floor {at % 5}")
        for at in range(50)
    )
    devices = []
    for at in range(DEVICES):
        domain, kind, capabilities = _KINDS[at % len(_KINDS)]
        name = f"{_COLOURS[at // 50 % 10]} {areas[at % 50].name} {kind}"
        number = f" {at // 500 + 1}" if at >= 500 else ""
        devices.append(
            Device(f"{domain}.d{at}", name + number, domain, area=areas[at % 50].area_id, capabilities=capabilities)
        )
    return HomeMap(areas, tuple(devices))


def _requests(home: HomeMap, seed: int) -> Iterator[Interpretation]:
    """Names as they are, misspelt, with words left out; places; kinds; all of them."""
    chance = random.Random(seed)
    movable = [device for device in home.devices if device.domain in {"light", "switch", "fan"}]
    for device in chance.sample(movable, 100):
        at = chance.randrange(1, len(device.name) - 1)
        misspelt = device.name[:at] + device.name[at + 1 :]
        short = " ".join(word for word in device.name.split() if word != device.name.split()[1])
        for name in (device.name, misspelt, short):
            yield Interpretation("HassTurnOn", {"name": name})
    for area in home.areas:
        yield Interpretation("HassTurnOff", {"domain": "light", "area": area.name})
    for _ in range(20):
        yield Interpretation("HassTurnOff", {"domain": "light", "here": True})
        yield Interpretation("HassTurnOff", {"domain": "light", "all": True})
        yield Interpretation("HassLightSet", {"domain": "light", "here": True, "brightness_step": -20})


def _memory(texts: Sequence[str], models: Path) -> list[float]:
    done = subprocess.run(  # noqa: S603 - ourselves
        [sys.executable, "-c", _MEASURE_MEMORY, str(models)],
        input="\n".join(texts),
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[float] = json.loads(done.stdout)
    return found


def _retraining(classifier: Classifier) -> float:
    examples = [(f"fluffify the {place}", "clean") for place in _PLACES]
    began = monotonic_ms()
    classifier.retrained(examples)
    return (monotonic_ms() - began) / 1000.0
