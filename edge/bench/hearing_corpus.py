"""World: what `edge bench hearing` says: sentences of a skill, commands of the demo home, talk; in voices and noise."""

import json
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice, product
from pathlib import Path
from typing import Final, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from edge.bench.commands import Command, catalogue
from edge.bench.noise import Surroundings
from edge.bench.spoken_sentences import PARAPHRASES, SkillSentence, SkillSentences, spoken_skill_path
from edge.bench.voices import Voices
from edge.errors import ConfigError

T = TypeVar("T")
Part = Literal["skill", "paraphrase", "home", "talk"]
PARTS: Final[tuple[Part, ...]] = ("skill", "paraphrase", "home", "talk")
"""Sentences of the skill's templates, wordings that it has not, commands of the demo home, and talk to other people."""

Snr = float | None
"""Decibels from the voice down to the noise; None in a quiet place."""


@dataclass(frozen=True)
class Saying:
    """A text, and what must come of it."""

    part: Part
    text: str
    command: Command | None = None
    """The one message that must leave; None where none may."""
    meant: str = ""
    """Intent and slots, for people who read the failures."""
    intent: str = ""
    """The skill's."""


@dataclass(frozen=True)
class Spoken:
    """A saying as a microphone would get it."""

    saying: Saying
    voice: str
    snr: Snr
    noise: str
    room: str
    samples: NDArray[np.int16]
    """Mono at 16 kHz, shape (n,), without a wake word."""


@dataclass(frozen=True)
class Plan:
    """What is said, and how."""

    parts: tuple[Part, ...] = PARTS
    count: int = 40
    """Sentences of each part, as far as it has so many; of talk `talk_count`."""
    talk_count: int = 100
    seed: int = 1
    snrs: tuple[Snr, ...] = (None, 20.0, 12.0, 6.0)


def parts_of(listed: str) -> tuple[Part, ...]:
    """`skill,talk` as parts. Raises ConfigError for a word that is none."""
    words = [word.strip() for word in listed.split(",")]
    if unknown := [word for word in words if word not in PARTS]:
        raise ConfigError(f"There is no part {', '.join(unknown)}. There are: {', '.join(PARTS)}.")
    return tuple(part for part in PARTS if part in words)


def snrs_of(listed: str) -> tuple[Snr, ...]:
    """`clean,12` as decibels. Raises ConfigError for a word that is neither."""
    try:
        return tuple(None if word.strip() == "clean" else float(word) for word in listed.split(","))
    except ValueError:
        raise ConfigError(f"--snr wants decibels and clean, as in clean,20,12; not {listed!r}.") from None


def sayings(plan: Plan, data: Path) -> tuple[Saying, ...]:
    """The texts. Raises ConfigError when the talk is not in `data`."""
    skill = SkillSentences(spoken_skill_path())
    makers: dict[Part, Callable[[], Iterable[Saying]]] = {
        "skill": lambda: (_of_skill("skill", each, skill) for each in islice(skill.draw(plan.seed), plan.count)),
        "paraphrase": lambda: (_of_skill("paraphrase", each, skill) for each in _some(PARAPHRASES, plan)),
        "home": lambda: (_of_home(each) for each in _some(catalogue(), plan)),
        "talk": lambda: (Saying("talk", text) for text in talk(data, plan.talk_count, plan.seed)),
    }
    return tuple(saying for part in plan.parts for saying in makers[part]())


def talk(data: Path, count: int, seed: int) -> tuple[str, ...]:
    """Up to `count` things that people say and no home can do, from CLINC150's out-of-scope sentences."""
    file = data / "clinc_oos_dev" / "clinc_train_val.json"
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        texts = sorted({text for part in ("oos_train", "oos_val") for text, _ in content[part]})
    except (OSError, ValueError, LookupError) as error:
        raise ConfigError(
            f"{file} is missing or damaged: it is data_full.json of github.com/clinc/oos-eval. Give its folder with "
            "--data, or leave the part out: --parts skill,paraphrase,home."
        ) from error
    return tuple(random.Random(seed).sample(texts, min(count, len(texts))))


@dataclass(frozen=True)
class Corpus:
    """Each saying in each voice at each distance from the noise; talk goes round the voices and distances instead."""

    plan: Plan
    said: Sequence[Saying]
    voices: Voices
    around: Surroundings

    def __iter__(self) -> Iterator[Spoken]:
        everywhere = tuple(product(self.voices.names, self.plan.snrs))
        turns = cycle(everywhere)
        for saying in self.said:
            for voice, snr in [next(turns)] if saying.part == "talk" else everywhere:
                yield self._spoken(saying, voice, snr)

    def __len__(self) -> int:
        talks = sum(saying.part == "talk" for saying in self.said)
        return talks + (len(self.said) - talks) * len(self.voices.names) * len(self.plan.snrs)

    def _spoken(self, saying: Saying, voice: str, snr: Snr) -> Spoken:
        sound = self.voices.say(voice, saying.text)
        mixed = self.around.mixed(sound, snr, f"{self.plan.seed} {voice} {snr} {saying.text}")
        return Spoken(saying, voice, snr, mixed.noise_name, mixed.room, mixed.samples)


def _of_skill(part: Part, sentence: SkillSentence, skill: SkillSentences) -> Saying:
    meant = f"{sentence.intent} {dict(sentence.slots)}"
    return Saying(part, sentence.text, skill.command(sentence), meant, sentence.intent)


def _of_home(command: Command) -> Saying:
    return Saying("home", command.text, command, f"{command.topic} {command.payload}")


def _some(things: Sequence[T], plan: Plan) -> list[T]:
    return random.Random(plan.seed).sample(things, min(plan.count, len(things)))
