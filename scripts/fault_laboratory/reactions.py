"""What people do after a turn: a generator that knows what people see and want, and nothing of detectors. Pure."""

import math
import random
from dataclasses import dataclass
from typing import Final, Literal

Seen = Literal["served", "asked", "nothing", "wrong", "unasked", "unservable"]
"""How it looks to the person. `wrong`: something else moved or was answered. `unasked`: nobody had spoken to it.
`unservable`: it said that it cannot do that."""

ReactionKind = Literal[
    "repeat", "rephrase", "correction", "wrong", "not_said", "no", "undo", "cancel", "stop", "put_back", "by_hand",
    "answer", "thanks", "next", "interruption", "talk", "unrelated",
]  # fmt: skip
"""`by_hand`: the person does it alone. `interruption`: the next command, before the reply was over, by somebody who was
served. `talk`: the people who woke it talk on. `unrelated`: somebody moves something for a reason of their own."""

BY_HAND: Final[frozenset[ReactionKind]] = frozenset({"put_back", "by_hand", "unrelated"})
AGAIN: Final[frozenset[ReactionKind]] = frozenset({"repeat", "rephrase", "correction"})

SILENT: Final = 0.3
"""So many failures are followed by nothing at all."""

_INTERRUPTERS: Final = 0.2
"""So many people cut replies off, whether these are right or wrong."""

_TEXTS: Final[dict[ReactionKind, tuple[str, ...]]] = {
    "wrong": (
        "that's wrong",
        "that is wrong",
        "wrong",
        "that was wrong",
        "that's not right",
        "that's not what i wanted",
    ),
    "not_said": ("that's not what i said", "i didn't say that", "you misheard me", "that's not what i asked for"),
    "no": ("no", "no no", "nope", "no not that"),
    "undo": ("undo that", "undo", "put it back", "change it back"),
    "cancel": ("never mind", "cancel", "forget it", "cancel that"),
    "stop": ("stop", "stop it", "be quiet", "quiet"),
    "thanks": ("thanks", "thank you", "great thanks", "perfect thank you"),
}
_CORRECTING: Final = ("no, i meant {}", "no, {}", "i said {}", "i meant {}", "no i said {}", "not that, {}")

_WEIGHTS: Final[dict[Seen, dict[ReactionKind | Literal["none"], float]]] = {
    "nothing": {
        "repeat": 34, "rephrase": 30, "correction": 4, "wrong": 2, "not_said": 3, "cancel": 4, "by_hand": 9, "none": 14,
    },
    "wrong": {
        "repeat": 13, "rephrase": 13, "correction": 18, "wrong": 7, "not_said": 5, "no": 4, "undo": 11, "cancel": 3,
        "stop": 5, "put_back": 26, "none": 6,
    },
    "unasked": {"none": 52, "cancel": 8, "stop": 10, "no": 4, "undo": 6, "put_back": 14, "talk": 12},
    "unservable": {"none": 45, "repeat": 8, "rephrase": 10, "cancel": 8, "next": 20, "wrong": 2, "by_hand": 7},
    "asked": {"answer": 85, "cancel": 5, "none": 10},
    "served": {"none": 56, "thanks": 9, "next": 22, "interruption": 6, "unrelated": 4, "stop": 1, "no": 1},
}  # fmt: skip
_GAPS_S: Final[dict[ReactionKind, float]] = {
    "next": 35.0,
    "unrelated": 140.0,
    "put_back": 14.0,
    "answer": 4.0,
    "stop": 4.0,
}
_GAP_S: Final = 13.0
"""The median of all others."""


@dataclass(frozen=True)
class Reaction:
    """One thing that a person does."""

    kind: ReactionKind
    gap_s: float
    """Since the turn before."""
    text: str = ""
    """What is said, where that depends on nothing else."""
    pattern: str = "{}"
    """Of a correction, with the place for the words."""
    interrupts_after_ms: int | None = None
    louder: bool = False


class Person:
    """Somebody with habits of their own, for one dialogue."""

    def __init__(self, seed: str) -> None:
        self._chance = random.Random(seed)
        self._is_silent = self._chance.random() < SILENT
        self._interrupts = self._chance.random() < _INTERRUPTERS

    def reaction(self, seen: Seen, moved: bool, tried: int) -> Reaction | None:
        """What comes after a turn that looked like this; None: nothing more. `tried`: how often it was said already."""
        failed = seen in {"nothing", "wrong", "unasked"}
        if failed and self._is_silent:
            return None
        weights = dict(_WEIGHTS[seen])
        if not moved:
            for kind in ("undo", "put_back"):
                weights.pop(kind, None)
        weights["none"] = 0.0 if failed and not tried else weights.get("none", 0.0) * (1.0 + tried)
        kind = self._chance.choices(list(weights), list(weights.values()))[0]
        return None if kind == "none" else self._made(kind)

    def after_complaint(self) -> Reaction | None:
        """Most who complained or took something back say again what they want."""
        if self._chance.random() < 0.35:
            return None
        return self._made(self._chance.choice(("repeat", "rephrase", "correction")))

    def _made(self, kind: ReactionKind) -> Reaction:
        chance = self._chance
        gap_s = min(290.0, max(1.5, chance.lognormvariate(math.log(_GAPS_S.get(kind, _GAP_S)), 0.6)))
        if kind == "put_back":
            gap_s = min(gap_s, 55.0)
        cuts = kind == "interruption" or (self._interrupts and kind not in BY_HAND and chance.random() < 0.7)
        if cuts:
            gap_s = min(gap_s, chance.uniform(1.0, 3.0))
        return Reaction(
            kind,
            round(gap_s, 1),
            chance.choice(_TEXTS.get(kind, ("",))),
            chance.choice(_CORRECTING) if kind == "correction" else "{}",
            round(gap_s * 400) if cuts else None,
            louder=kind == "repeat" and chance.random() < 0.6,
        )
