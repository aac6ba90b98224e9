"""How sentences reach the assistant in the laboratory: what utterances are made of, ears for typed ones. Pure."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from edge.asr.trial import TypedRecogniser
from edge.knowledge import Knowledge
from edge.records import Transcript, Utterance, Wake
from fault_laboratory.misheard import Mishearing

WAKE_WORD: Final = "hey_jarvis"

_MS_A_LETTER: Final = 65


@dataclass(frozen=True)
class Manner:
    """How something is said, and what becomes of its sound."""

    voice: str = ""
    """Empty: nobody speaks, and the text is misheard by rules."""
    snr_db: float | None = None
    """None in a quiet place."""
    reverberant: bool = False
    babble_db: float | None = None
    """How much louder it is than somebody else who talks."""
    cut_ms: int = 0
    """How much of the beginning is lost."""
    misheard: float = 0.0
    """The share of the words that are misheard, where nobody speaks."""
    is_talk: bool = False
    """Whether it was not said to the assistant, and woke it all the same."""
    has_wake: bool = True
    """Whether a wake word stands before it."""


class Hearing(Protocol):
    """Ears of the laboratory: they know how what they heard was said."""

    def utter(self, text: str, manner: Manner, room: str, seed: str) -> Utterance:
        """The sentence as the assistant gets it."""

    def surroundings(self, utterance: Utterance) -> tuple[str, str]:
        """The names of the noise and of the room that stand in its sound; empty without."""

    def transcribe(self, utterance: Utterance, knowledge: Knowledge) -> Transcript: ...

    def scores(self, transcript: Transcript, texts: Sequence[str]) -> Mapping[str, float]: ...


class TypedHearing(TypedRecogniser):
    """Nobody speaks: the transcript is the text, or what sounds like it."""

    def __init__(self, mishearing: Mishearing) -> None:
        self._mishearing = mishearing

    def utter(self, text: str, manner: Manner, room: str, seed: str) -> Utterance:
        """The sentence as a recogniser with these faults would write it down."""
        chance = random.Random(seed)
        wake = Wake(WAKE_WORD, wake_score(manner, chance)) if manner.has_wake else None
        if not text:
            return Utterance("text", room=room, wake=wake, typed="")
        if manner.misheard or manner.cut_ms:
            heard = self._mishearing.hear(text, manner.misheard, bool(manner.cut_ms), chance)
        else:
            heard = self._mishearing.clearly(text, chance)
        return Utterance(
            "text",
            room=room,
            wake=wake,
            typed=heard.text,
            typed_confidence=heard.confidence,
            typed_alternatives=heard.alternatives,
            speech_ms=float(_MS_A_LETTER * len(text)),
        )

    def surroundings(self, utterance: Utterance) -> tuple[str, str]:
        """There is no sound."""
        return "", ""


def wake_score(manner: Manner, chance: random.Random) -> float:
    """What the wake detector says: near 1 to its own word, and little above its threshold to talk."""
    score = 0.5 + abs(chance.gauss(0.0, 0.15)) if manner.is_talk else 1.0 - abs(chance.gauss(0.0, 0.06))
    return round(min(0.9999, max(0.5, score)), 4)
