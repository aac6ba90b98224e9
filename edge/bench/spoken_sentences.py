"""World: reads the skill that the benchmark speaks, draws sentences from its templates, and knows the slots it put in.

Beside them stand wordings that no template of the skill has: people do not know the templates.
"""

import random
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final

from hassil.expression import Alternative, Expression, Group, ListReference, Permutation, TextChunk
from hassil.parse_expression import parse_sentence

from edge.bench.commands import Command, read_payload
from edge.templating import render
from edge.text import clean


@dataclass(frozen=True)
class SkillSentence:
    """What may be said to the skill, and what it means."""

    text: str
    intent: str
    slots: Mapping[str, Any] = field(default_factory=dict)
    """Values as the file spells them."""


_Spoken = tuple[tuple[str, Any], ...]
"""How a value may be said, and the value."""


class SkillSentences:
    """Draws sentences of one skill file: every intent as often, then every template, then every way to say it."""

    def __init__(self, file: Path) -> None:
        skill = tomllib.loads(file.read_text(encoding="utf-8"))
        self._deeds = {intent["name"]: intent["do"][0] for intent in skill["intent"]}
        self._slots: dict[str, _Spoken] = {name: _spoken(slot) for name, slot in skill["slots"].items()}
        self._templates = {
            intent["name"]: [parse_sentence(text).expression for text in intent["sentences"]]
            for intent in skill["intent"]
        }

    def draw(self, seed: int, *, but: Collection[str] = ()) -> Iterator[SkillSentence]:
        """Sentences without end, each once and none of the texts `but`."""
        chance, drawn = random.Random(seed), set(but)
        while True:
            intent = chance.choice(sorted(self._templates))
            sentence = self._sentence(intent, chance.choice(self._templates[intent]), chance)
            if sentence.text not in drawn:
                drawn.add(sentence.text)
                yield sentence

    def lists(self) -> Mapping[str, _Spoken]:
        """By slot, how its values may be said."""
        return self._slots

    def command(self, sentence: SkillSentence) -> Command:
        """The one message that must leave for it."""
        deed = self._deeds[sentence.intent]
        topic, payload = (render(deed[key], sentence.slots) for key in ("publish", "payload"))
        return Command(sentence.text, topic, read_payload(payload))

    def _sentence(self, intent: str, template: Expression, chance: random.Random) -> SkillSentence:
        slots: dict[str, Any] = {}
        return SkillSentence(clean(self._filled(template, chance, slots)), intent, slots)

    def _filled(self, part: Expression, chance: random.Random, slots: dict[str, Any]) -> str:
        match part:
            case TextChunk():
                return part.original_text
            case ListReference():
                text, slots[part.slot_name] = chance.choice(self._slots[part.list_name])
                return text
            case Alternative():
                return self._filled(chance.choice(part.items), chance, slots)
            case Permutation():
                return " ".join(
                    self._filled(each, chance, slots) for each in chance.sample(part.items, len(part.items))
                )
            case Group():
                return "".join(self._filled(each, chance, slots) for each in part.items)
        raise TypeError(f"the skill of this benchmark has no {type(part).__name__}")


def spoken_skill_path() -> Path:
    """The skill file that this benchmark speaks."""
    return Path(__file__).with_name("spoken_skill.toml")


def drawn(count: int, seed: int, *, but: Collection[str] = ()) -> list[SkillSentence]:
    """`count` sentences of that skill."""
    return list(islice(SkillSentences(spoken_skill_path()).draw(seed, but=but), count))


def _spoken(slot: Mapping[str, Any]) -> _Spoken:
    if "from" in slot:
        return tuple((str(number), number) for number in range(slot["from"], slot["to"] + 1, slot.get("step", 1)))
    pairs = []
    for value in slot["values"]:
        if isinstance(value, str):
            pairs.append((value, value))
        else:
            pairs += [(text, value["value"]) for text in value["say"]]
    return tuple(pairs)


def _said(text: str, intent: str, **slots: Any) -> SkillSentence:
    return SkillSentence(text, intent, slots)


PARAPHRASES: Final = (
    _said("could you get the night mail over to oakwood", "SendTrain", train="Night Mail", station="Oakwood"),
    _said("please move the falcon to the docks", "SendTrain", train="Flying Falcon", station="Harbour"),
    _said("the royal scot should head for the summit now", "SendTrain", train="Royal Scot", station="Summit"),
    _said("have the circus train pull into market square", "SendTrain", train="Circus Train", station="Market Square"),
    _said("it is time for the tank engine to return to the depot", "SendTrain", train="Tank Engine", station="Depot"),
    _said("can the milk train leave for mill bridge", "SendTrain", train="Milk Train", station="Mill Bridge"),
    _said("let us see the railcar at the quarry", "SendTrain", train="Railcar", station="Quarry"),
    _said("make the orient express run at 60 percent", "SetTrainSpeed", train="Orient Express", speed=60),
    _said("slower with the coal train please, 25 percent", "SetTrainSpeed", train="Coal Train", speed=25),
    _said("could the golden arrow go at 90 percent", "SetTrainSpeed", train="Golden Arrow", speed=90),
    _said("the diesel is too slow, make it 75 percent", "SetTrainSpeed", train="Green Diesel", speed=75),
    _said("turn the snow plough up to 40 percent", "SetTrainSpeed", train="Snow Plough", speed=40),
    _said("full speed is too much for the timber train, give it 55", "SetTrainSpeed", train="Timber Train", speed=55),
    _said("please flip points 4 over to the right", "SetPoints", number=4, direction="right"),
    _said("could you make points 11 go straight", "SetPoints", number=11, direction="straight"),
    _said("let points 7 lead to the left", "SetPoints", number=7, direction="left"),
    _said("we need the points at number 2 straight ahead", "SetPoints", number=2, direction="straight"),
    _said("points 15 should be going right", "SetPoints", number=15, direction="right"),
    _said("left on points 9 please", "SetPoints", number=9, direction="left"),
    _said("let signal 3 go green", "SetSignal", number=3, aspect="green"),
    _said("could you turn signal number 8 to danger please", "SetSignal", number=8, aspect="red"),
    _said("signal 12 needs to be amber", "SetSignal", number=12, aspect="yellow"),
    _said("give me a green on signal 5", "SetSignal", number=5, aspect="green"),
    _said("hold them at signal 14 with a red", "SetSignal", number=14, aspect="red"),
    _said("yellow for signal 6 please", "SetSignal", number=6, aspect="yellow"),
    _said("could you put some gravel into the coal train", "LoadTrain", train="Coal Train", cargo="gravel"),
    _said("the barrels belong on the golden arrow", "LoadTrain", train="Golden Arrow", cargo="barrels"),
    _said("pack the parcels into the night mail", "LoadTrain", train="Night Mail", cargo="parcels"),
    _said("we should carry oranges with the orient express", "LoadTrain", train="Orient Express", cargo="oranges"),
    _said("stack the steel on the rescue train", "LoadTrain", train="Rescue Train", cargo="steel"),
)
"""Wordings that no template has, written before anything was measured with them."""
