"""Skills in other words than those of their file: by meaning, by words in common, with slot values found by sound.

Confidence is calibrated: what is said to other people, or asks for something else, stays below the threshold.
"""

import math
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from edge.knowledge import Skill, SkillIntent, SkillSlot
from edge.nlu.skill_hearing import KnownWords
from edge.nlu.skill_spotting import Phrases, Spot, Taken, taken
from edge.nlu.skill_templates import as_said, said
from edge.nlu.skill_wordings import Wordings, sample_value, wordings_of

COMPARED_MAX: Final = 6
"""So many intents, those with most words in common, are compared by meaning."""

SURE_ENOUGH: Final = 0.35
"""Confidence below which nothing is understood."""

EMBEDDED_AT_ONCE: Final = 32
"""More would be no faster, and the encoder's memory grows with it."""

_BIAS: Final = -10.04
_WEIGHTS: Final = {"meaning": 2.81, "common": 2.41, "strange": -0.65, "more values": 1.19}
_PRODUCTS: Final = {("meaning", "covered"): 2.03, ("meaning", "common"): 6.15, ("covered", "common"): 1.07}
"""Logistic regression on paraphrases of six skills, what is said near them, and 29,000 sentences of other kinds."""

_WORDS: Final = tomllib.loads(resources.files(__package__).joinpath("skill_words.toml").read_text(encoding="utf-8"))
_WEIGHT: Final = {**dict.fromkeys(_WORDS["little"].split(), 0.2), **dict.fromkeys(_WORDS["plain"].split(), 0.5)}
"""What words count that tell little of what is meant; others count 1."""

_ASKING: Final = re.compile(_WORDS["asking"])
_DENYING: Final = frozenset(_WORDS["denying"].split())
_OPPOSITES: Final = tuple(frozenset(pair.split()) for pair in _WORDS["opposites"])
_TURNING: Final = frozenset(_WORDS["turning"].split())
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")


class Embedder(Protocol):
    """Turns sentences into vectors of unit length that are alike for alike meaning."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]: ...


@dataclass(frozen=True)
class Guess:
    """An intent that a sentence may mean, with how well it fits."""

    intent: SkillIntent
    slots: Mapping[str, Any]
    features: Mapping[str, float]

    @property
    def confidence(self) -> float:
        """0 to 1."""
        return _confidence(self.features)


@dataclass(frozen=True)
class _Candidate:
    """An intent before its meaning was compared."""

    wordings: Wordings
    taken: Taken
    text: str
    """The sentence with sample values in the place of its own."""
    features: Mapping[str, float]

    @property
    def promise(self) -> float:
        """By which the few that are compared are chosen."""
        return self.features["covered"] + self.features["common"] + 0.5 * len(self.taken.spots)


class SkillLikeness:
    """The skills of one moment, ready to be compared with."""

    def __init__(
        self, skills: Sequence[Skill], meaning: Embedder | None, before: "SkillLikeness | None" = None
    ) -> None:
        """`before`: what was ready for other skills; what they have in common is not made again."""
        self._meaning = meaning
        self._vectors: dict[int, tuple[SkillIntent, NDArray[np.float32]]] = {}
        kept = {id(each.intent): each for each in before.wordings} if before else {}
        intents = [intent for skill in skills for intent in skill.intents]
        self.wordings: tuple[Wordings, ...] = tuple(kept.get(id(intent)) or wordings_of(intent) for intent in intents)
        if before:
            self._vectors |= {key: before._vectors[key] for key in map(id, intents) if key in before._vectors}
        slots = {id(slot): slot for wordings in self.wordings for slot in wordings.slots.values()}
        self._phrases = Phrases([slot for slot in slots.values() if slot.kind == "values"])
        spoken = frozenset[str]().union(*(wordings.vocabulary for wordings in self.wordings))
        self._known = KnownWords(spoken | frozenset(_WORDS["little"].split()))

    def prepare(self) -> None:
        """Compare nothing yet, but have everything ready to be compared with."""
        missing = [each for each in self.wordings if id(each.intent) not in self._vectors and each.samples]
        if self._meaning is None or not missing:
            return
        texts = [text for each in missing for text in each.filled]
        some = [self._meaning.embed(texts[at : at + EMBEDDED_AT_ONCE]) for at in range(0, len(texts), EMBEDDED_AT_ONCE)]
        vectors, at = np.concatenate(some), 0
        for each in missing:
            self._vectors[id(each.intent)] = (each.intent, vectors[at : at + len(each.filled)])
            at += len(each.filled)

    def guesses(self, text: str) -> tuple[Guess, ...]:
        """What the text may mean, likeliest first, whatever its confidence."""
        words = said(text).split()
        if not words or self._meaning is None:
            return ()
        candidates = sorted(self._candidates(text, words), key=lambda each: -each.promise)[:COMPARED_MAX]
        if not candidates:
            return ()
        self.prepare()
        texts = list(dict.fromkeys(each.text for each in candidates))
        vectors = dict(zip(texts, self._meaning.embed(texts), strict=True))
        guesses = [self._guess(each, vectors[each.text]) for each in candidates]
        return tuple(sorted(guesses, key=lambda guess: -guess.confidence))

    def _guess(self, candidate: _Candidate, vector: NDArray[np.float32]) -> Guess:
        near = float(np.max(self._vectors[id(candidate.wordings.intent)][1] @ vector))
        features = {**candidate.features, "meaning": near}
        return Guess(candidate.wordings.intent, candidate.taken.slots, features)

    def _candidates(self, text: str, words: Sequence[str]) -> Iterator[_Candidate]:
        by_slot = self._phrases.spots(words, self._known.words)
        for wordings in self.wordings:
            if not wordings.samples:
                continue
            found = taken(wordings, words, by_slot, self._known)
            if found is None or _speaks_against(words, found, wordings):
                continue
            features = _features(words, found, wordings, self._known)
            yield _Candidate(
                wordings, _with_text(found, wordings, text, words), _sampled(words, found, wordings), features
            )


def _with_text(found: Taken, wordings: Wordings, text: str, words: Sequence[str]) -> Taken:
    """The free text as it was said, in its slot."""
    if found.text_from is None:
        return found
    name = next(name for name, slot in wordings.slots.items() if slot.kind == "text")
    before, rest = " ".join(words[: found.text_from]), " ".join(words[found.text_from :])
    free = as_said(text, " ".join(words), (len(before) + 1, len(before) + 1 + len(rest)), rest)
    return Taken({**found.slots, name: free}, found.spots, found.text_from)


def _outside(words: Sequence[str], found: Taken) -> list[str]:
    """The words that are no value."""
    end = len(words) if found.text_from is None else found.text_from
    inside = {at for spot in found.spots for at in range(spot.start, spot.end)}
    return [word for at, word in enumerate(words[:end]) if at not in inside]


def _sampled(words: Sequence[str], found: Taken, wordings: Wordings) -> str:
    """The sentence with sample values, as the wordings have them."""
    samples = _samples(found, wordings.slots)
    end = len(words) if found.text_from is None else found.text_from
    text, at = list[str](), 0
    while at < end:
        spot = next((spot for spot in found.spots if spot.start == at), None)
        text.append(samples[spot] if spot else words[at])
        at = spot.end if spot else at + 1
    return " ".join([*text, *(["something"] if found.text_from is not None else [])])


def _samples(found: Taken, slots: Mapping[str, SkillSlot]) -> Mapping[Spot, str]:
    names = {str(value): name for name, value in found.slots.items()}
    return {spot: sample_value(slots[names[str(spot.value)]]) for spot in found.spots}


def _speaks_against(words: Sequence[str], found: Taken, wordings: Wordings) -> bool:
    """A question, a no, an opposite, or a number that nobody takes: whatever it means, it is not this."""
    outside, own = _outside(words, found), wordings.vocabulary
    asked = _ASKING.match(" ".join(outside))
    if asked and asked[0].split()[0] not in wordings.first_words:
        return True
    if any(word in _DENYING - own or (_NUMBER.fullmatch(word) and word not in own) for word in outside):
        return True
    told = {word for at, word in enumerate(outside) if word != "on" or _turns_on(outside, at)}
    return any(pair & own and (pair & told) - own for pair in _OPPOSITES)


def _turns_on(words: Sequence[str], at: int) -> bool:
    """Whether this "on" is that of "turn on" or "lights on", and not that of "on Friday"."""
    return at == len(words) - 1 or (at > 0 and words[at - 1] in _TURNING)


def _features(words: Sequence[str], found: Taken, wordings: Wordings, known_words: KnownWords) -> dict[str, float]:
    outside = _outside(words, found)
    heard = {word: known_words.meant(word, wordings.vocabulary) for word in outside}
    weight = {word: _WEIGHT.get(word, 1.0) for word in (*heard, *wordings.vocabulary)}
    held = sum(spot.quality for spot in found.spots) + (found.text_from is not None)
    many = len(found.spots) + (found.text_from is not None)
    known = sum(weight[word] * alike for word, (_, alike) in heard.items())
    covered = (known + held) / (sum(weight[word] for word in heard) + many or 1.0)
    present = {meant: alike for meant, alike in heard.values() if alike}
    common = max(
        (sum(weight[w] * present.get(w, 0.0) for w in sample) + held) / (sum(weight[w] for w in sample) + many or 1.0)
        for sample in wordings.word_sets
    )
    return {
        "covered": covered,
        "more values": float(min(2, max(0, many - 1))),
        "common": common,
        "strange": min(4.0, sum(weight[word] for word, (_, alike) in heard.items() if not alike)),
    }


def _confidence(features: Mapping[str, float]) -> float:
    total = _BIAS + sum(weight * features[name] for name, weight in _WEIGHTS.items())
    total += sum(weight * features[one] * features[other] for (one, other), weight in _PRODUCTS.items())
    return 1.0 / (1.0 + math.exp(-total))
