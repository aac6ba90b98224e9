"""All sentences to learn from, in a fixed order."""

import random
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.bench.nlu_labels import home_class
from edge.bench.talk_data import clinc, hwu64, normal, slurp
from edge.nlu.labels import NONE
from nlu_training.templates import NAMES, TemplateSentences

SEED: Final = 3
COPIES: Final = 4
"""Of every sentence of our own with a name in it, with other names each time; of others one less."""

OWN: Final = Path(__file__).parents[2] / "models/nlu/sentences.toml"

_MAYBE_SERVED: Final = frozenset(
    {"smart_home", "change_volume", "play_music", "next_song", "cancel", "time", "date", "yes", "no"}
    | {"update_playlist", "what_song", "timezone", "carry_on", "maybe"}
)
"""Classes of CLINC150 that such a home may serve, or that are answers: neither talk to be refused nor our classes."""


@dataclass(frozen=True)
class Example:
    """One sentence."""

    text: str
    """Words in small letters."""
    label: str
    """Our class."""
    talk: str = ""
    """Its HWU64 intent, `scenario_intent`; empty where it has none."""
    fold: int | None = None
    """In which fold it is left out of training; None: never."""
    other: str = ""
    """Its class in CLINC150; empty where it has none. Nothing is made of it but a better encoder."""


def examples(data: Path) -> list[Example]:
    """HWU64, SLURP, CLINC150, sentences drawn from templates, and our own. Raises ConfigError for missing data."""
    chance = random.Random(SEED)
    people = [*hwu64(data), *slurp(data)]
    talk = {f"{each.scenario}_{each.intent}" for each in people if each.dataset == "hwu64"}
    found = []
    for each in people:
        intent = f"{each.scenario}_{each.intent}"
        found.append(Example(each.plain, home_class(each), intent if intent in talk else "", each.fold))
    talked = {each.plain: each.intent for each in clinc(data) if each.half == 0 and each.intent not in _MAYBE_SERVED}
    found += [Example(text, NONE, other=intent) for text, intent in sorted(talked.items())]
    found += [Example(text, label) for text, label in TemplateSentences(chance).all()]
    found += [Example(text, label) for text, label in _own(chance)]
    return [example for example in found if example.text]


def _own(chance: random.Random) -> Iterator[tuple[str, str]]:
    """Ours, with names in the places of their braces."""
    for label, sentences in tomllib.loads(OWN.read_text(encoding="utf-8")).items():
        for sentence in sentences:
            for _ in range(COPIES if "{" in sentence else COPIES - 1):
                yield normal(re.sub(r"\{(\w+)\}", lambda slot: chance.choice(NAMES[slot[1]]), sentence)), label
