"""How the sentences of a skill may be said, a few dozen samples of each intent: what free wording is compared with."""

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from hassil.expression import Alternative, Expression, Group, ListReference, Permutation

from edge.knowledge import SkillIntent, SkillSlot
from edge.nlu.skill_templates import always_given, expression_of, said

WORDINGS_MAX: Final = 40
"""Samples of one intent."""

_SLOT: Final = re.compile(r"\{(\w+):(\w+)\}")
_FREE: Final = "something"


@dataclass(frozen=True)
class Wordings:
    """One intent with samples of how it is said."""

    intent: SkillIntent
    samples: tuple[str, ...]
    """Folded words, and slots as `{slot:name}`."""
    required: frozenset[str]
    """Slots that every sentence gives."""

    @cached_property
    def slots(self) -> Mapping[str, SkillSlot]:
        """The slots by the name under which they come back, in the order in which they are said."""
        known = {slot.name: slot for slot in self.intent.slots}
        return {found[2]: known[found[1]] for sample in self.samples for found in _SLOT.finditer(sample)}

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """The words outside the slots."""
        return frozenset(word for words in self.word_sets for word in words)

    @cached_property
    def word_sets(self) -> tuple[frozenset[str], ...]:
        """By sample, its words outside the slots."""
        return tuple(frozenset(_SLOT.sub(" ", sample).split()) for sample in self.samples)

    @cached_property
    def filled(self) -> tuple[str, ...]:
        """The samples with one value for each slot."""
        return tuple(_SLOT.sub(lambda found: sample_value(self.slots[found[2]]), sample) for sample in self.samples)

    @cached_property
    def first_words(self) -> frozenset[str]:
        """The words that samples begin with."""
        return frozenset(sample.split()[0] for sample in self.samples)

    @cached_property
    def units(self) -> Mapping[str, frozenset[str]]:
        """By slot, the words that follow its number wherever it is said: percent, minutes; where there are such."""
        after: dict[str, set[str]] = {}
        for sample in self.samples:
            for found in _SLOT.finditer(sample):
                after.setdefault(found[2], set()).add(sample[found.end() :].strip().split(" ")[0])
        return {name: frozenset(words) for name, words in after.items() if all(map(_is_unit, words))}

    def before(self, name: str) -> frozenset[str]:
        """The words that stand right before a slot which ends a sample."""
        ends = (re.search(rf"(\w+) \{{\w+:{name}\}}$", sample) for sample in self.samples)
        return frozenset(found[1] for found in ends if found)


def _is_unit(word: str) -> bool:
    return len(word) > 3 and word.isalpha()


def sample_value(slot: SkillSlot) -> str:
    """One value as it is said; always the same."""
    if slot.kind == "text":
        return _FREE
    if slot.kind == "range":
        middle = slot.lowest + slot.step * round((slot.highest - slot.lowest) / slot.step / 2)
        return f"{middle:g}"
    first = slot.values[0]
    return said(first.synonyms[0] if first.synonyms else first.value)


def wordings_of(intent: SkillIntent) -> Wordings:
    """The same samples for the same intent."""
    chance = random.Random(intent.name)
    trees = [expression_of(sentence) for sentence in intent.sentences]
    samples: dict[str, None] = {}
    for _ in range(4):
        for tree in trees:
            for _ in range(max(1, WORDINGS_MAX // len(trees))):
                samples.setdefault(" ".join(_sampled(tree, chance).split()))
    kept = list(samples)
    chance.shuffle(kept)
    required = frozenset.intersection(*map(always_given, trees)) if trees else frozenset[str]()
    whole = [sample for sample in kept[:WORDINGS_MAX] if sample]
    return Wordings(intent, tuple(whole), required)


def _sampled(part: Expression, chance: random.Random) -> str:
    if isinstance(part, ListReference):
        return f"{{{part.list_name}:{part.slot_name}}}"
    if isinstance(part, Alternative):
        return _sampled(chance.choice(part.items), chance) if part.items else ""
    if isinstance(part, Group):
        return "".join(_sampled(each, chance) for each in _ordered(part, chance))
    return str(getattr(part, "text", ""))


def _ordered(part: Group, chance: random.Random) -> Iterator[Expression]:
    items = list(part.items)
    if isinstance(part, Permutation):
        chance.shuffle(items)
    yield from items
