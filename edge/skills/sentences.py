"""Sentence templates in hassil's syntax, looked at before they are used: rules put in, slots found, ways counted."""

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hassil.expression import Alternative, Expression, Group, ListReference, Permutation, TextChunk
from hassil.parse_expression import parse_sentence
from hassil.parser import ParseError

from edge.names import fold
from edge.skills.problems import nearest

WAYS_MAX: Final = 10_000
"""So many ways of saying one sentence are enough for anybody."""

LENGTH_MAX: Final = 20_000
"""Characters of a sentence in which all rules are put in."""

ANCHORED: Final = 2
"""What every way of saying a sentence must hold: one word counts two, a value of a list or a number one."""

_RULE: Final = re.compile(r"<([^<>]*)>")
_PAIRS: Final = {")": "(", "]": "[", "}": "{", ">": "<"}


class SentenceError(Exception):
    """A sentence cannot be used; never leaves this room."""


@dataclass(frozen=True)
class Reference:
    """A slot as a sentence names it."""

    slot: str
    name: str
    """Under which its value comes back: `{slot:name}`."""


@dataclass(frozen=True)
class Shape:
    """What all ways of saying a sentence have in common, and in what they differ."""

    ways: int
    references: frozenset[Reference]
    always: frozenset[str]
    """Names that every way gives."""
    most: Mapping[str, int]
    """By name, how often at most in one way."""
    anchor: int
    """Of the way that holds least."""


class Rules:
    """The [rules] of a file, ready to be put into sentences."""

    def __init__(self, rules: Mapping[str, str]) -> None:
        self._rules = rules
        self._expanded: dict[str, str] = {}

    def circle(self, name: str) -> str:
        """`a -> b -> a` where the rule leads back to itself; else nothing."""
        way, waiting = {name: ""}, [name]
        while waiting:
            rule = waiting.pop()
            for other in dict.fromkeys(_RULE.findall(self._rules.get(rule, ""))):
                if other == name:
                    return f"{way[rule]}{rule} -> {name}"
                if other not in way:
                    way[other] = f"{way[rule]}{rule} -> "
                    waiting.append(other)
        return ""

    def put_into(self, sentence: str, passed: tuple[str, ...] = ()) -> str:
        """The sentence with the rules' bodies in the place of their names. Raises SentenceError."""

        def body(reference: re.Match[str]) -> str:
            name = reference[1]
            if name not in self._rules:
                raise SentenceError(f"there is no rule {name!r}.{nearest(name, self._rules)}")
            if name in passed:
                raise SentenceError(f"the rule {name!r} leads back to itself.")
            if name not in self._expanded:
                self._expanded[name] = f"({self.put_into(self._rules[name], (*passed, name))})"
            return self._expanded[name]

        length = len(_RULE.sub("", sentence)) + sum(len(body(each)) for each in _RULE.finditer(sentence))
        if length > LENGTH_MAX:
            raise SentenceError(f"with its rules it becomes longer than {LENGTH_MAX} characters: say less in one.")
        return _RULE.sub(body, sentence)


def shape_of(sentence: str, kinds: Mapping[str, str]) -> Shape:
    """Look at a sentence without rules; `kinds` of the slots by name. Raises SentenceError for what cannot be used."""
    if unmatched := _unmatched(sentence):
        raise SentenceError(unmatched)
    try:
        shape = _shape(parse_sentence(sentence).expression, kinds)
    except (ParseError, AssertionError, ValueError):
        raise SentenceError(
            "this is no sentence: [...] may be left out, (a|b) is one of two, {x} is a slot, <x> a rule."
        ) from None
    except RecursionError:
        raise SentenceError("it is nested too deeply.") from None
    _check(shape, sentence, kinds)
    return shape


def _check(shape: Shape, sentence: str, kinds: Mapping[str, str]) -> None:
    if shape.ways > WAYS_MAX:
        many = f"{shape.ways:,}" if shape.ways < 10**12 else "no end of"
        raise SentenceError(
            f"there are {many} ways of saying this, {WAYS_MAX:,} is the limit: make two sentences of it."
        )
    for name, times in shape.most.items():
        if times > 1:
            raise SentenceError(
                f"the slot {name!r} is twice in one sentence; write {{slot:other_name}} for the second."
            )
    texts = "|".join(re.escape(slot) for slot, kind in kinds.items() if kind == "text")
    if texts and re.search(rf"\{{(?:{texts})(?::\w+)?\}}[\s\[\]()|;]*\{{(?:{texts})(?::\w+)?\}}", sentence):
        raise SentenceError("two free texts stand side by side: nobody could tell where one ends.")
    if shape.anchor < ANCHORED:
        raise SentenceError("it could be said without any word of its own: something in it must not be left out.")


def _unmatched(sentence: str) -> str:
    waiting: list[str] = []
    for character in re.sub(r"\\.", "", sentence):
        if character in _PAIRS.values():
            waiting.append(character)
        elif character in _PAIRS and (not waiting or waiting.pop() != _PAIRS[character]):
            return f"a {character!r} closes what was not opened."
    return f"a {waiting[-1]!r} is not closed." if waiting else ""


def _shape(part: Expression, kinds: Mapping[str, str]) -> Shape:
    match part:
        case TextChunk():
            return Shape(1, frozenset(), frozenset(), {}, ANCHORED if fold(part.text) else 0)
        case ListReference():
            if part.is_capture or part.is_inline_range or part.list_name not in kinds:
                raise SentenceError(f"there is no slot {part.list_name!r}.{nearest(part.list_name, kinds)}")
            if not re.fullmatch(r"[A-Za-z]\w*", part.slot_name) or part.slot_name == "skill_intent":
                raise SentenceError(f"a slot cannot be called {part.slot_name!r}: use letters, digits and _.")
            reference = Reference(part.list_name, part.slot_name)
            anchor = 0 if kinds[part.list_name] == "text" else 1
            return Shape(1, frozenset({reference}), frozenset({reference.name}), {reference.name: 1}, anchor)
        case Alternative():
            return _one_of([_shape(each, kinds) for each in part.items])
        case Group():
            ways = math.factorial(min(len(part.items), 20)) if isinstance(part, Permutation) else 1
            return _all_of([_shape(each, kinds) for each in part.items], ways)
    raise SentenceError("it is more than Edge understands.")


def _one_of(shapes: list[Shape]) -> Shape:
    most: dict[str, int] = {}
    for shape in shapes:
        most |= {name: max(times, most.get(name, 0)) for name, times in shape.most.items()}
    return Shape(
        sum(shape.ways for shape in shapes),
        frozenset[Reference]().union(*(shape.references for shape in shapes)),
        frozenset.intersection(*(shape.always for shape in shapes)) if shapes else frozenset(),
        most,
        min((shape.anchor for shape in shapes), default=0),
    )


def _all_of(shapes: list[Shape], ways: int) -> Shape:
    most: Counter[str] = Counter()
    for shape in shapes:
        most.update(shape.most)
    return Shape(
        ways * math.prod(shape.ways for shape in shapes),
        frozenset[Reference]().union(*(shape.references for shape in shapes)),
        frozenset[str]().union(*(shape.always for shape in shapes)),
        most,
        sum(shape.anchor for shape in shapes),
    )
