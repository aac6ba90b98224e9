"""Which dialogues there are: who says what, and what is made to go wrong. Pure; everything comes of the seed."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from fault_laboratory.goals import TEST_ONLY, Episode, Fault, FaultKind, Goal, Said, Split
from fault_laboratory.sentences import SPLITS, Sentences
from fault_laboratory.wordings import homes_that_became

NATURAL: Final = 0.2
"""The share of the episodes in which things go wrong about as seldom as in life."""

_SERVED_IN_LIFE: Final = 0.8
"""Of those, so many have no fault at all; some faults do no harm, so about 85 % come out right."""

_SECOND: Final = 0.12
"""So often a second thing goes wrong as well."""

VOICES: Final[Mapping[Split, tuple[str, ...]]] = {
    "train": ("joe", "kal", "awb", "slt", "en-us"),
    "test": ("rms", "en-gb+f3", "en-gb-scotland"),
}
NOISES: Final[Mapping[Split, tuple[str, ...]]] = {
    "train": ("gsc_doing_the_dishes", "noise1", "noise2", "noise3"),
    "test": ("gsc_dude_miaowing", "gsc_exercise_bike", "noise4", "noise5"),
}
ROOMS: Final[Mapping[Split, tuple[str, ...]]] = {"train": ("rir1", "rir2"), "test": ("rir3", "rir4")}

Theme = Literal["clear", "sound", "talk", "names", "wording", "result", "dead", "unsupported"]
_THEMES: Final[dict[Theme, float]] = {
    "clear": 9, "sound": 22, "talk": 11, "names": 15, "wording": 14, "result": 15, "dead": 10, "unsupported": 9,
}  # fmt: skip
_SOUND_FAULTS: Final[tuple[FaultKind, ...]] = ("noise", "noise", "reverberation", "babble", "cut")
_SNRS_DB: Final = (20.0, 10.0, 5.0, 0.0)
_CUTS_MS: Final = (200.0, 300.0, 400.0, 500.0)
_SHARES: Final = (0.15, 0.3, 0.5)
_AMOUNTS: Final[Mapping[tuple[str, str], tuple[tuple[str, float], ...]]] = {
    ("brightness", "above"): (("from", 85.0), ("from", 90.0), ("from", 100.0)),
    ("brightness", "below"): (("to", 30.0), ("to", 20.0), ("to", 10.0)),
    ("volume", "above"): (("from", 50.0), ("from", 60.0), ("from", 70.0)),
    ("volume", "below"): (("to", 15.0), ("to", 10.0), ("to", 5.0)),
}
"""What somebody may have in mind who asks for more or less, beyond any change at all."""


@dataclass(frozen=True)
class Planner:
    """Draws episodes."""

    seed: int
    sentences: Sentences
    hard: frozenset[str]
    """The keys of those sentences that the assistant gets wrong though nothing else goes wrong."""
    spoken: float
    """The share of the episodes that are spoken aloud."""
    voices: frozenset[str]
    """Those that can be had."""

    def episodes(self, count: int, split: Split | None = None) -> Iterator[Episode]:
        """So many, or those of one split among them: the splits take turns."""
        numbers = (number for number in range(count) if split in {None, SPLITS[number % 2]})
        return (self._episode(number) for number in numbers)

    def _episode(self, number: int) -> Episode:
        seed = f"{self.seed} {number}"
        chance = random.Random(seed)
        split = SPLITS[number % 2]
        is_natural = chance.random() < NATURAL
        theme: Theme = "clear"
        if not is_natural or chance.random() >= _SERVED_IN_LIFE:
            theme = chance.choices(list(_THEMES), list(_THEMES.values()))[0]
        voice = self._voice(split, chance)
        said, faults = self._themed(theme, split, voice, chance)
        others = self.sentences.others(split, said)
        amount = _amount(said, chance) if any(fault.kind == "amount" for fault in faults) else None
        nexts = self._next(split, said, chance, is_talk=any(fault.kind == "talk" for fault in faults))
        part: Literal["natural", "balanced"] = "natural" if is_natural else "balanced"
        return Episode(number, split, part, said, faults, voice, seed, amount, others, nexts)

    def _voice(self, split: Split, chance: random.Random) -> str:
        is_spoken, names = chance.random() < self.spoken, [v for v in VOICES[split] if v in self.voices]
        return chance.choice(names) if is_spoken and names else ""

    def _themed(self, theme: Theme, split: Split, voice: str, chance: random.Random) -> tuple[Said, tuple[Fault, ...]]:
        said, first = self._first(theme, split, voice, chance)
        faults = list(first)
        if faults and chance.random() < _SECOND:
            second = self._of_sound(split, voice, chance) if theme != "sound" else Fault("dead")
            if second.kind not in {fault.kind for fault in faults}:
                faults.append(second)
        return said, tuple(faults)

    def _first(self, theme: Theme, split: Split, voice: str, chance: random.Random) -> tuple[Said, list[Fault]]:
        people = chance.choice(("real", "wording"))
        match theme:
            case "names":
                return self._of_names(split, chance)
            case "wording":
                return self._of_wording(split, chance)
            case "result":
                return self._of_result(split, chance)
            case "talk":
                kind = chance.choices(("talk", "unserved", "real"), (60, 10, 30))[0]
                return self._any(kind, split, chance), [Fault("talk")]
            case "unsupported":
                missing = [said for said in self._some("real", split) if not said.goal.is_servable]
                unserved = chance.choice((missing, self._some("unserved", split)))
                return chance.choice(unserved or self._some("unserved", split)), [Fault("unsupported")]
        faults = {"sound": [self._of_sound(split, voice, chance)], "dead": [Fault("dead")]}
        return self._easy(people, split, chance), faults.get(theme, [])

    def _of_sound(self, split: Split, voice: str, chance: random.Random) -> Fault:
        kinds = [kind for kind in _SOUND_FAULTS if split == "test" or kind not in TEST_ONLY]
        kind = chance.choice(kinds)
        if kind == "cut":
            return Fault("cut", chance.choice(_CUTS_MS))
        if not voice:
            return Fault("misheard", chance.choice(_SHARES))
        return Fault(kind, chance.choice(_SNRS_DB))

    def _of_names(self, split: Split, chance: random.Random) -> tuple[Said, list[Fault]]:
        kinds: tuple[FaultKind, ...] = ("renamed", "namesake", "moved") if split == "test" else ("renamed", "namesake")
        kind = chance.choice(kinds)
        if kind == "namesake":
            return self._any("namesake", split, chance), [Fault(kind)]
        changed = [said for said in self._easy_ones("wording", split) if _is_concerned(said, kind)]
        return chance.choice(changed), [Fault(kind)]

    def _of_wording(self, split: Split, chance: random.Random) -> tuple[Said, list[Fault]]:
        untold = [said for said in self._some("wording", split) if _is_untold(said)]
        hard = [said for kind in ("real", "wording") for said in self._some(kind, split) if self._is_hard(said)]
        if chance.random() < 0.25:
            return replace(chance.choice(untold), screen=True), [Fault("preference")]
        return chance.choice([said for said in hard if not _is_untold(said)]), []

    def _is_hard(self, said: Said) -> bool:
        """Whether the assistant gets it wrong, and the plainest words for the same right."""
        return said.key in self.hard and replace(said, text=said.goal.plain).key not in self.hard

    def _of_result(self, split: Split, chance: random.Random) -> tuple[Said, list[Fault]]:
        if chance.random() < 0.4:
            records = [said for said in self._easy_ones("wording", split) if _has_versions(said)]
            return chance.choice(records), [Fault("version")]
        amounts = [said for said in self._easy_ones("real", split) if _has_amount(said)]
        return chance.choice(amounts), [Fault("amount")]

    def _next(self, split: Split, said: Said, chance: random.Random, *, is_talk: bool) -> tuple[Said, ...]:
        """What is said next: other wishes, or where it was woken by talk, more of that."""
        if is_talk:
            return tuple(self._any("talk", split, chance) for _ in range(3))
        plain = [one for one in self._easy_ones("wording", split) if one.home == said.home]
        clear = [one for one in plain if one.origin.startswith("wording") and one.goal.wanted.does == "act"]
        return tuple(chance.choice(clear) for _ in range(3))

    def _easy(self, kind: str, split: Split, chance: random.Random) -> Said:
        return chance.choice(self._easy_ones(kind, split))

    def _easy_ones(self, kind: str, split: Split) -> list[Said]:
        return [said for said in self._some(kind, split) if said.key not in self.hard and said.goal.is_servable]

    def _any(self, kind: str, split: Split, chance: random.Random) -> Said:
        return chance.choice(self._some(kind, split))

    def _some(self, kind: str, split: Split) -> tuple[Said, ...]:
        return self.sentences.by_kind[split, kind]


def _is_untold(said: Said) -> bool:
    """Whether an audiobook is wanted, which the words do not tell."""
    return (said.goal.wanted.values or {}).get("media_kind") == "audiobook" and "audiobook" not in said.text


def _has_versions(said: Said) -> bool:
    return (said.goal.wanted.values or {}).get("media_kind") == "album"


def _has_amount(said: Said) -> bool:
    values = said.goal.wanted.values or {}
    return any(_bound(key, value) in _AMOUNTS for key, value in values.items())


def _bound(key: str, value: Any) -> tuple[str, str]:
    """Which value it is, and in which direction it is open."""
    return key, next(iter(value), "") if isinstance(value, Mapping) else ""


def _amount(said: Said, chance: random.Random) -> Goal:
    """The person has an amount in mind."""
    wanted = said.goal.wanted
    values = {
        key: dict([chance.choice(_AMOUNTS[bound])]) if (bound := _bound(key, value)) in _AMOUNTS else value
        for key, value in (wanted.values or {}).items()
    }
    return Goal((replace(wanted, values=values),), said.goal.plain)


def _is_concerned(said: Said, kind: FaultKind) -> bool:
    """Whether what is wanted has another name or room than the person thinks."""
    from_home = homes_that_became(str(kind), said.home)
    return bool(said.goal.wanted.targets & from_home.keys())
