"""The values of skills' slots in free wording: by spelling, by sound, numbers by their ranges."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from edge.knowledge import SkillSlot
from edge.nlu.skill_hearing import SHORT, KnownWords
from edge.nlu.skill_templates import number, said
from edge.nlu.skill_wordings import Wordings
from edge.phonetics import SoundIndex

ALIKE: Final = 0.82
"""Likeness from which a stretch of words is taken for a value."""

APART: Final = 0.03
"""Two values that are so close to the same words are not told apart by sound."""

_LITTLE: Final = frozenset({"a", "an", "the", "to", "of", "in", "on", "at", "for", "and", "my", "it", "is"})
"""Words at the end of a stretch that are no part of a name that was misheard."""


@dataclass(frozen=True)
class Spot:
    """A stretch of words that is a value."""

    start: int
    end: int
    value: Any
    quality: float
    """0 to 1."""

    def overlaps(self, other: "Spot") -> bool:
        """Whether they share a word."""
        return self.start < other.end and other.start < self.end


class Phrases:
    """The values and synonyms of some slots, found by what they sound like."""

    def __init__(self, slots: Sequence[SkillSlot]) -> None:
        self._values: dict[str, dict[int, str]] = {}
        for slot in slots:
            for value in slot.values:
                for phrase in (value.value, *value.synonyms):
                    self._values.setdefault(said(phrase), {}).setdefault(id(slot), value.value)
        self._longest = max((phrase.count(" ") + 1 for phrase in self._values), default=0)
        self._sounds = SoundIndex(phrase for phrase in self._values if len(phrase) > SHORT)

    def spots(self, words: Sequence[str], known: frozenset[str]) -> Mapping[int, list[Spot]]:
        """By identity of the slot; `known` words are said for their own sake and not misheard."""
        found: dict[int, list[Spot]] = {}
        for start in range(len(words)):
            for end in range(start + 1, min(len(words), start + self._longest + 1) + 1):
                for slot, spot in self._stretch(words, start, end, known):
                    found.setdefault(slot, []).append(spot)
        return found

    def _stretch(self, words: Sequence[str], start: int, end: int, known: frozenset[str]) -> Iterator[tuple[int, Spot]]:
        text = " ".join(words[start:end])
        if text in self._values:
            yield from ((slot, Spot(start, end, value, 1.0)) for slot, value in self._values[text].items())
            return
        if {words[start], words[end - 1]} & _LITTLE or all(
            word in known or word.isdecimal() for word in words[start:end]
        ):
            return
        best: dict[int, list[tuple[float, str]]] = {}
        for phrase, alike in self._sounds.near(text, ALIKE, limit=4):
            for slot, value in self._values[phrase].items():
                best.setdefault(slot, []).append((alike, value))
        for slot, ranked in best.items():
            alike, value = max(ranked)
            if all(other == value or alike - less > APART for less, other in ranked):
                yield slot, Spot(start, end, value, alike)


@dataclass(frozen=True)
class Taken:
    """The slots of one intent as they were found in a sentence."""

    slots: Mapping[str, Any]
    spots: tuple[Spot, ...]
    text_from: int | None = None
    """The word at which free text begins."""


def taken(
    wordings: Wordings, words: Sequence[str], by_slot: Mapping[int, list[Spot]], known: KnownWords
) -> Taken | None:
    """The values for an intent's slots, none of them sharing a word; None where a required one is missing."""
    free = [name for name, slot in wordings.slots.items() if slot.kind == "text"]
    begins = _free_text(wordings, words, free[0], known) if len(free) == 1 and free[0] in wordings.required else None
    if any(name in wordings.required for name in free) and begins is None:
        return None
    head = words if begins is None else words[:begins]
    chosen: dict[str, Spot] = {}
    for name, spot in _ranked(wordings, head, by_slot, known):
        if name not in chosen and not any(spot.overlaps(other) for other in chosen.values()):
            chosen[name] = spot
    if not wordings.required - set(free) <= chosen.keys():
        return None
    slots = {name: spot.value for name, spot in _in_order(chosen, wordings).items()}
    return Taken(slots, tuple(chosen.values()), begins)


def _ranked(
    wordings: Wordings, words: Sequence[str], by_slot: Mapping[int, list[Spot]], known: KnownWords
) -> list[tuple[str, Spot]]:
    """What may fill which slot: required ones first, then the surest and longest."""
    found = [
        (name, spot)
        for name, slot in wordings.slots.items()
        for spot in (
            _numbers(slot, words, wordings.units.get(name), known)
            if slot.kind == "range"
            else by_slot.get(id(slot), ())
        )
        if spot.end <= len(words)
    ]
    return sorted(
        found,
        key=lambda each: (each[0] not in wordings.required, -each[1].quality - 0.02 * (each[1].end - each[1].start)),
    )


def _numbers(slot: SkillSlot, words: Sequence[str], units: frozenset[str] | None, known: KnownWords) -> Iterator[Spot]:
    """Numbers on the slot's range, with one of its units behind them where they are always said."""
    for at, word in enumerate(words):
        if units and not any(known.meant(follows, units)[1] for follows in words[at + 1 : at + 2]):
            continue
        minus = at > 0 and words[at - 1] == "minus"
        value = number(f"minus {word}" if minus else word, slot)
        if value is not None:
            yield Spot(at - minus, at + 1, value, 1.0)


def _in_order(chosen: Mapping[str, Spot], wordings: Wordings) -> Mapping[str, Spot]:
    """Slots of one list (`{room:from}`, `{room:to}`) get their values in the order in which they are said."""
    ordered = dict(chosen)
    for slot in wordings.intent.slots:
        names = [name for name in wordings.slots if name in chosen and wordings.slots[name] is slot]
        ordered |= zip(names, sorted((chosen[name] for name in names), key=lambda spot: spot.start), strict=True)
    return ordered


def _free_text(wordings: Wordings, words: Sequence[str], name: str, known: KnownWords) -> int | None:
    """Where free text begins: behind the word that stands before it in the sentences, or one that sounds like it."""
    leading = wordings.before(name)
    for at, word in enumerate(words[:-1]):
        if known.meant(word, leading)[1]:
            rest = range(at + 1, len(words) - 1)
            return next((later for later in rest if words[later] not in leading), len(words) - 1)
    return None
