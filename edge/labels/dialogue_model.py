"""World: onnxruntime. The dialogue transformer: what each turn of a conversation was about, and whether it served."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edge.errors import ModelError
from edge.labels.encoding import TURNS_MAX, Classifier, Encoded, encode
from edge.lived import intent, same_person
from edge.model_files import session
from edge.signals import Diagnosis, Signal
from edge.turn import Turn

FILE: Final = "dialogue.onnx"
ABOUT: Final = "dialogue.json"

STEP: Final = 4
"""Of a long conversation so many turns further begins what is read next."""

_EDGE: Final = (TURNS_MAX - STEP) // 2
"""So many turns at either end of what is read together are believed of another reading, where there is one."""

_FAR: Final = 30.0
Logits = NDArray[np.float64]


@dataclass(frozen=True)
class Reading:
    """What the model makes of one turn."""

    turn_id: str
    goes_on: float
    """That it is about what the turn before was about, 0 to 1; 0 where that was none or somebody else's."""
    served: float
    """That it did what was wanted, 0 to 1."""
    reached: float
    """That what it is about was reached in the end, 0 to 1."""
    meant: Mapping[str, float]
    """By turn_id, itself and later ones of the same person: that it was taken for what was wanted here. What is left to
    1: none was."""
    intents: Mapping[str, float]
    """What was wanted, by intent, likeliest first, at most three; empty for nothing that a home can do."""
    is_familiar: bool = True
    """Whether it was taken for one of the intents that the model learned of, or for none; of others it knows too little
    to say how they went."""

    @property
    def source(self) -> tuple[str, float]:
        """The likeliest of the turns in `meant`, and how likely it is; an empty turn_id for none of them."""
        nowhere = 1.0 - sum(self.meant.values())
        turn_id = max(self.meant, key=lambda each: self.meant[each], default="")
        return (turn_id, self.meant[turn_id]) if turn_id and self.meant[turn_id] >= nowhere else ("", nowhere)


Temperature = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Temperatures(BaseModel):
    """What logits are divided by, task by task: fitted on dialogues that were not learned from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    goes_on: Temperature
    served: Temperature
    reached: Temperature
    meant: Temperature
    intent: Temperature


class About(BaseModel):
    """What belongs to the network: names and temperatures."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1]
    intents: tuple[str, ...]
    temperatures: Temperatures
    alone: bool = False
    """Whether it learned from single turns: then it is only there to be compared."""


class DialogueModel:
    """The network with what belongs to it. Safe to call from several threads where the classifier is."""

    def __init__(self, session: Any, about: About, classifier: Classifier) -> None:
        self.session = session
        self.about = about
        self._classifier = classifier

    @classmethod
    def load(cls, folder: Path, classifier: Classifier) -> "DialogueModel":
        """From the folder models/labels; one thread. Raises ModelError, which says what to do."""
        try:
            about = About.model_validate_json((folder / ABOUT).read_bytes())
        except OSError as error:
            raise ModelError(
                f"The model file {folder / ABOUT} is missing: it comes with Edge. Install Edge again."
            ) from error
        except ValidationError as error:
            raise ModelError(f"The model file {folder / ABOUT} is damaged. Install Edge again.") from error
        return cls(session(folder / FILE), about, classifier)

    def read(
        self,
        turns: Sequence[Turn],
        told: Mapping[str, Sequence[Signal]],
        diagnosed: Mapping[str, Diagnosis],
    ) -> tuple[Reading, ...]:
        """Every turn of one conversation, in their order; signals and diagnoses by turn_id."""
        begins = _begins(len(turns))
        read = [encode(turns[at : at + TURNS_MAX], told, diagnosed, self._classifier, self._intents) for at in begins]
        return self.answered(turns, begins, read)

    def served(
        self,
        turns: Sequence[Turn],
        signals: Mapping[str, Sequence[Signal]],
        diagnoses: Mapping[str, Diagnosis],
    ) -> dict[str, float]:
        """By turn_id, the probability that it did what was wanted, 0 to 1; what is not familiar is left out."""
        return {each.turn_id: each.served for each in self.read(turns, signals, diagnoses) if each.is_familiar}

    def answered(self, turns: Sequence[Turn], begins: Sequence[int], read: Sequence[Encoded]) -> tuple[Reading, ...]:
        """The same from arrays, each of which begins at a turn; none for no turns."""
        if not turns:
            return ()
        logits = self.session.run(None, _fed(read))
        found: list[Reading] = []
        for number, row in _chosen(begins, len(turns)):
            some = turns[begins[number] : begins[number] + TURNS_MAX]
            found.append(self._reading(some, row, *(each[number, row].astype(np.float64) for each in logits)))
        return tuple(found)

    @property
    def _intents(self) -> tuple[str, ...]:
        return self.about.intents

    def _reading(self, some: Sequence[Turn], row: int, own: Logits, meant: Logits, intents: Logits) -> Reading:
        cool = self.about.temperatures
        goes_on, served, reached = (
            _sigmoid(float(logit) / each)
            for logit, each in zip(own, (cool.goes_on, cool.served, cool.reached), strict=True)
        )
        pointed = _softmax(meant / cool.meant)
        named = _softmax(intents / cool.intent)
        first = [place for place in np.argsort(-named)[:3] if place >= 2]
        return Reading(
            some[row].turn_id,
            goes_on if row and same_person(some[row - 1], some[row]) else 0.0,
            served,
            reached,
            {
                each.turn_id: float(pointed[at])
                for at, each in enumerate(some)
                if at >= row and same_person(some[row], each)
            },
            {self.about.intents[place - 2]: float(named[place]) for place in first},
            intent(some[row]) in {"", *self.about.intents},
        )


def _begins(count: int) -> list[int]:
    """Where each stretch begins that is read together; the last one reaches to the end."""
    return [0, *range(STEP, count - TURNS_MAX + STEP, STEP)] if count else []


def _chosen(begins: Sequence[int], count: int) -> Iterator[tuple[int, int]]:
    """For each turn the stretch that sees most around it, and its row there."""
    for turn in range(count):
        number = min(max(0, turn - _EDGE) // STEP, len(begins) - 1)
        yield number, turn - begins[number]


def _fed(read: Sequence[Encoded]) -> dict[str, NDArray[Any]]:
    names = ("said", "replied", "sound", "kinds", "numbers", "pairs", "there")
    fed = {name: np.stack([getattr(each, name) for each in read]) for name in names}
    return {**fed, "there": fed["there"].astype(np.float32)}


def _sigmoid(logit: float) -> float:
    return float(1.0 / (1.0 + np.exp(-min(_FAR, max(-_FAR, logit)))))


def _softmax(logits: Logits) -> Logits:
    shares = np.exp(logits - logits.max())
    return np.asarray(shares / shares.sum())
