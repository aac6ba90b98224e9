"""The sentences of skills as hassil wants them: what is said and what is written are folded alike, then matched."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hassil.expression import Alternative, Expression, Group, ListReference
from hassil.intents import Intent, IntentData, Intents, SlotList, TextSlotList, WildcardSlotList
from hassil.parse_expression import parse_sentence
from hassil.recognize import RecognizeResult, recognize_all

from edge.knowledge import Skill, SkillIntent, SkillSlot
from edge.names import fold

_SIGNS: Final = (
    (re.compile(r"%"), " percent "),
    (re.compile(r"°"), " degrees "),
    (re.compile(r"(?<!\S)-(?=\d)"), "minus "),
)
_SYNTAX: Final = re.compile(r"(\{[^{}]*\}|[\[\]()|;])")
_NUMBER: Final = re.compile(r"(?<!\S)(minus )?(\d+(?:\.\d+)?)(?!\S)")
_TRAILING: Final = " \t.,!?;:"


@dataclass(frozen=True)
class Match:
    """One way to read a sentence as a skill's."""

    intent: SkillIntent
    slots: Mapping[str, Any]
    free: int
    """Letters that are free text."""
    literal: int
    """Letters that stand in the template."""


def said(text: str) -> str:
    """What was said, in the form in which skills' sentences are compared: folded, signs as words."""
    for sign, words in _SIGNS:
        text = sign.sub(words, text)
    return fold(text)


def folded_template(sentence: str) -> str:
    """A sentence template whose words are folded and whose syntax stays."""
    return "".join(part if _SYNTAX.fullmatch(part) else _folded_piece(part) for part in _SYNTAX.split(sentence))


def _folded_piece(piece: str) -> str:
    before = " " if piece[:1].isspace() or piece[:1] in {"%", "°"} else ""
    core = said(piece)
    return (
        f"{before}{core}{' ' if piece[-1:].isspace() and core else ''}"
        if core
        else " "
        if piece.strip() != piece
        else ""
    )


def expression_of(sentence: str) -> Expression:
    """The tree of a template."""
    return parse_sentence(folded_template(sentence)).expression


def always_given(part: Expression) -> frozenset[str]:
    """The slots that every way of saying a sentence gives."""
    if isinstance(part, ListReference):
        return frozenset({part.slot_name})
    if not isinstance(part, Group):
        return frozenset()
    below = [always_given(each) for each in part.items]
    if isinstance(part, Alternative):
        return frozenset.intersection(*below) if below else frozenset()
    return frozenset[str]().union(*below)


def number(text: str, slot: SkillSlot) -> int | float | None:
    """The number in a folded text, where it lies on the slot's range; else None."""
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    value = float(found[2]) * (-1 if found[1] else 1)
    steps = (value - slot.lowest) / slot.step
    if not slot.lowest <= value <= slot.highest or abs(steps - round(steps)) > 1e-6:
        return None
    return int(value) if value.is_integer() else value


def numbers_in(folded: str) -> list[str]:
    """Every number in a folded text, as it is said there."""
    return [each[0] for each in _NUMBER.finditer(folded)]


class SkillTemplates:
    """The templates of some skills, ready to be matched."""

    def __init__(self, skills: Sequence[Skill]) -> None:
        self._intents: dict[str, SkillIntent] = {}
        self._ranges: dict[str, SkillSlot] = {}
        self._lists: dict[str, SlotList] = {}
        grammar: dict[str, Intent] = {}
        for number_of, skill in enumerate(skills):
            for intent in skill.intents:
                self._intents[intent.name] = intent
                grammar[intent.name] = Intent(intent.name, [self._data(f"s{number_of}x", intent)])
        self._grammar = Intents("en", grammar, self._lists)
        for served in grammar.values():  # parses, and finds what must occur: now, not in the first turn
            for sentence in served.data[0].sentences:
                sentence.get_required_clauses({})

    def match(self, text: str) -> tuple[Match, ...]:
        """Every way to read the text, best first; free text comes back with its own capitals."""
        folded = said(text)
        lists: dict[str, SlotList] = {name: self._numbers(name, slot, folded) for name, slot in self._ranges.items()}
        results = recognize_all(folded, self._grammar, slot_lists=lists, language="en")
        matches = [self._match(result, text, folded) for result in results]
        ordered = sorted(matches, key=lambda match: (match.free, -match.literal))
        unique = {f"{match.intent.name} {sorted(match.slots.items())}": match for match in reversed(ordered)}
        return tuple(sorted(unique.values(), key=lambda match: (match.free, -match.literal)))

    def _data(self, prefix: str, intent: SkillIntent) -> IntentData:
        wild = {f"{prefix}{slot.name}" for slot in intent.slots if slot.kind == "text"}
        for slot in intent.slots:
            name = f"{prefix}{slot.name}"
            if slot.kind == "range":
                self._ranges[name] = slot
            elif slot.kind == "text":
                self._lists[name] = WildcardSlotList(name)
            else:
                phrases = (
                    (said(each), value.value) for value in slot.values for each in (value.value, *value.synonyms)
                )
                self._lists[name] = TextSlotList.from_tuples(phrases, allow_template=False, name=name)
        sentences = [_prefixed(folded_template(sentence), prefix) for sentence in intent.sentences]
        return IntentData(sentences, wildcard_list_names=wild)

    @staticmethod
    def _numbers(name: str, slot: SkillSlot, folded: str) -> TextSlotList:
        known = ((each, number(each, slot)) for each in numbers_in(folded))
        return TextSlotList.from_tuples(
            [pair for pair in known if pair[1] is not None], allow_template=False, name=name
        )

    def _match(self, result: RecognizeResult, text: str, folded: str) -> Match:
        free = [entity for entity in result.entities_list if entity.is_wildcard]
        slots = {entity.name: entity.value for entity in result.entities_list}
        for entity in free:
            slots[entity.name] = as_said(text, folded, entity.text_span, entity.text.strip())
        length = sum(len(entity.text) for entity in free)
        return Match(self._intents[result.intent.name], slots, length, result.text_chunks_matched)


def as_said(text: str, folded: str, span: tuple[int, int] | None, piece: str) -> str:
    """The stretch of the text that became `piece` when it was folded, with its capitals and signs."""
    words = text.split()
    start = folded.find(piece) if span is None else span[0]
    before, through = folded[:start].strip(), f"{folded[:start]} {piece}".split()
    first = next((at for at in range(len(words)) if said(" ".join(words[:at])) == before), None)
    if first is None:
        return piece
    for last in range(len(words), first, -1):
        if said(" ".join(words[:last])).split() == through:
            return " ".join(words[first:last]).rstrip(_TRAILING).lstrip(_TRAILING)
    return piece


def _prefixed(sentence: str, prefix: str) -> str:
    """`{zone}` as `{s0xzone:zone}`: two skills may each have a slot of one name."""

    def reference(slot: re.Match[str]) -> str:
        name, _, other = slot[1].partition(":")
        return f"{{{prefix}{name}:{other or name}}}"

    return re.sub(r"\{([^{}]*)\}", reference, sentence)


def literal_words(skills: Sequence[Skill]) -> Iterator[str]:
    """Every word that a sentence of the skills can contain outside its slots, folded and as it is spelt."""
    for skill in skills:
        for intent in skill.intents:
            for sentence in intent.sentences:
                yield from _words(expression_of(sentence))
                yield from _words(parse_sentence(sentence).expression)


def _words(part: Expression) -> set[str]:
    """Words, also those put together from pieces: `light[s]` gives light and lights."""
    words: set[str] = set()
    for head, inner, tail in _edges(part, words):
        words |= {head, tail} if inner else {head}
    return words - {""}


_Edge = tuple[str, bool, str]
"""What a part begins with, whether there is a gap in it, and what it ends with."""


def _edges(part: Expression, words: set[str]) -> set[_Edge]:
    """The ends of all that a part can be, which may grow into longer words; whole words within it go into `words`."""
    if isinstance(part, ListReference):
        return {("", True, "")}
    if not isinstance(part, Group):
        pieces = re.split(r"\s+", getattr(part, "text", ""))
        words |= set(pieces[1:-1])
        return {(pieces[0], len(pieces) > 1, pieces[-1] if len(pieces) > 1 else "")}
    if isinstance(part, Alternative):
        return set[_Edge]().union(*(_edges(each, words) for each in part.items))
    found: set[_Edge] = {("", False, "")}
    for each in part.items:
        found = {_joined(one, other, words) for one in found for other in _edges(each, words)}
    return found


def _joined(one: _Edge, other: _Edge, words: set[str]) -> _Edge:
    if not one[1]:
        return (one[0] + other[0], other[1], other[2])
    if not other[1]:
        return (one[0], True, one[2] + other[0])
    words.add(one[2] + other[0])
    return (one[0], True, other[2])
