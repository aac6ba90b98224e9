"""World: draws sentences from Home Assistant's English templates, each with the intent and the slots that were put in.

Only what we serve is drawn; what is left out says why. Required and excluded domains, the speaker's room where a
template wants one, lists with contexts, ranges, expansion rules and permutations are honoured.
"""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from hassil.expression import Alternative, Expression, Group, ListReference, Permutation, RuleReference, TextChunk
from hassil.intents import IntentData, Intents, RangeSlotList, SlotList, TextSlotList, WildcardSlotList
from home_assistant_intents import get_intents

from edge.knowledge import Device, HomeMap
from edge.names import fold
from edge.nlu.templates import DROPPED, SERVED, VERB_NEEDED
from edge.records import Interpretation

ADDED: Final = frozenset({"domain", "here", "all", "question"})
"""Slots that understanding adds to Home Assistant's."""

_TITLES: Final = ("dune", "the hunger games", "purple rain", "hallelujah", "treasure island", "yesterday")
_IN_WORDS: Final = 0.3
"""How often a whole number is said in words."""

_SMALL: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS: Final = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")

_SIGNS: Final = {"%": "percent", "°": "degrees", "k": "kelvin", "kelvin": "kelvin"}
_SIGN: Final = re.compile(rf"\b({'|'.join((*_SMALL, *_TENS[2:], 'hundred', 'thousand'))}) ?(%|°|k(?:elvin)?\b)")
"""A sign behind a number in words: nobody writes "ninety%", so it is said in words as well."""


@dataclass(frozen=True)
class Sampled:
    """A sentence and what it means."""

    text: str
    intent: str
    slots: Mapping[str, Any]
    template: str

    def is_met_by(self, reading: Interpretation) -> bool:
        """Whether a reading has this intent and these slots, besides those that understanding adds."""
        given = {key: value for key, value in reading.slots.items() if key in self.slots or key not in ADDED}
        return reading.intent == self.intent and _plain(given) == _plain(self.slots)

    def comes_back(self, readings: Sequence[Interpretation]) -> bool:
        """Whether it is among the best readings: a sentence may mean two things equally well."""
        return any(self.is_met_by(each) for each in readings if each.confidence >= readings[0].confidence)


@dataclass
class _Draw:
    """One sentence in the making."""

    data: IntentData
    rules: Mapping[str, Any]
    slots: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _Template:
    intent: str
    data: IntentData
    expression: Expression
    text: str


class TemplateSampler:
    """Draws sentences over the names of one home, as said in one of its rooms."""

    def __init__(self, home: HomeMap, room: str) -> None:
        """`room`: the name of the area in which the speaker stands."""
        self._home = home
        self._room = room
        self._chance = random.Random()
        theirs = get_intents("en")
        if theirs is None:
            raise FileNotFoundError("home-assistant-intents has no English templates: install it again.")
        self.left_out: dict[str, str] = {}
        """Templates that are not drawn from, and why."""
        self._whole = Intents.from_dict({**theirs, "intents": self._served(theirs["intents"])})
        self._templates = tuple(self._drawable())

    def draw(self, seed: int, count: int) -> Iterator[Sampled]:
        """`count` sentences: every template in turn, in disorder, as often as it takes."""
        self._chance = random.Random(seed)
        queue: list[_Template] = []
        for _ in range(count):
            if not queue:
                queue = list(self._templates)
                self._chance.shuffle(queue)
            yield self._sampled(queue.pop())

    def _served(self, intents: Mapping[str, Any]) -> dict[str, Any]:
        served: dict[str, Any] = {}
        for name in sorted(intents):
            blocks = []
            for block in intents[name]["data"]:
                sentences = []
                for sentence in block["sentences"]:
                    reason = self._reason(name, block, sentence)
                    if reason:
                        self.left_out[f"{name}: {sentence}"] = reason
                    else:
                        sentences.append(
                            re.sub(r"^\[(<\w+>)\]", r"\1", sentence) if sentence in VERB_NEEDED else sentence
                        )
                blocks.append({**block, "sentences": sentences})
            served[name] = {**intents[name], "data": [block for block in blocks if block["sentences"]]}
        return {name: intent for name, intent in served.items() if intent["data"]}

    def _reason(self, intent: str, block: Mapping[str, Any], sentence: str) -> str:
        """Why a template is left out; empty: it is not."""
        domains = _listed(block.get("requires_context", {}).get("domain"))
        if intent not in SERVED:
            return "not served"
        if "person" in (*domains, block.get("slots", {}).get("domain")):
            return "people are not served"
        if sentence in DROPPED:
            return DROPPED[sentence]
        if "{name}" in sentence and not self._named(domains, ()):
            return f"the home has no {' or '.join(domains)}"
        return ""

    def _drawable(self) -> Iterator[_Template]:
        for name, intent in self._whole.intents.items():
            for data in intent.data:
                for sentence in data.sentences:
                    yield _Template(name, data, sentence.expression, sentence.text or "")

    def _sampled(self, template: _Template) -> Sampled:
        data = template.data
        rules = {**self._whole.expansion_rules, **data.expansion_rules}
        draw = _Draw(data, rules, dict(data.slots))
        text = _SIGN.sub(lambda found: f"{found[1]} {_SIGNS[found[2]]}", self._said(template.expression, draw))
        wants_room = data.requires_context.get("area")
        if wants_room and "area" not in draw.slots:
            draw.slots["area"] = self._room
        return Sampled(" ".join(text.split()), template.intent, draw.slots, template.text)

    def _said(self, expression: Expression, draw: _Draw) -> str:
        if isinstance(expression, TextChunk):
            return expression.original_text
        if isinstance(expression, RuleReference):
            return self._said(draw.rules[expression.rule_name].expression, draw)
        if isinstance(expression, ListReference):
            return self._valued(expression, draw)
        if isinstance(expression, Alternative):
            return self._said(self._chance.choice(expression.items), draw)
        assert isinstance(expression, Group)
        items = list(expression.items)
        if isinstance(expression, Permutation):
            self._chance.shuffle(items)
            return " ".join(self._said(item, draw) for item in items)
        return "".join(self._said(item, draw) for item in items)

    def _valued(self, reference: ListReference, draw: _Draw) -> str:
        """What is said for a list; its value goes into the slot."""
        said, value = self._chosen(reference.list_name, draw)
        draw.slots[reference.slot_name] = value
        return f"{reference.prefix or ''}{said}{reference.suffix or ''}"

    def _chosen(self, name: str, draw: _Draw) -> tuple[str, Any]:
        if name == "name":
            required, excluded = draw.data.requires_context, draw.data.excludes_context
            device = self._chance.choice(self._named(_listed(required.get("domain")), _listed(excluded.get("domain"))))
            said = self._chance.choice((device.name, *device.aliases))
            return said, said
        if name == "area":
            area = self._chance.choice(self._home.areas)
            return self._chance.choice((area.name, *area.aliases)), area.name
        if name == "floor":
            floor = self._chance.choice(sorted({area.floor for area in self._home.areas if area.floor}))
            return floor.removesuffix(" floor"), floor
        values: SlotList | None = {**self._whole.slot_lists, **draw.data.slot_lists}.get(name)
        if isinstance(values, RangeSlotList):
            return self._number(values)
        if isinstance(values, WildcardSlotList):
            return (title := self._chance.choice(_TITLES)), title
        assert isinstance(values, TextSlotList), f"a list {name} of no known kind"
        fitting = [value for value in values.values if _fits(value.context or {}, draw.data)]
        value = self._chance.choice(fitting)
        return self._said(getattr(value.text_in, "expression", value.text_in), draw), value.value_out

    def _number(self, values: RangeSlotList) -> tuple[str, float]:
        number = self._chance.choice(range(values.start, values.stop + 1, values.step))
        meant = number * (values.multiplier or 1)
        if values.fraction_type is not None and self._chance.random() < _IN_WORDS:
            return f"{number}.5", meant + 0.5
        return (in_words(number) if self._chance.random() < _IN_WORDS else str(number)), meant

    def _named(self, domains: Sequence[str], excluded: Sequence[str]) -> list[Device]:
        return [
            device
            for device in self._home.devices
            if (not domains or device.domain in domains) and device.domain not in excluded
        ]


def in_words(number: int) -> str:
    """A whole number from 0 to 99,999 as people say it."""
    if number >= 1_000:
        rest = number % 1_000
        return f"{in_words(number // 1_000)} thousand{' ' + in_words(rest) if rest else ''}"
    if number >= 100:
        rest = number % 100
        return f"{_SMALL[number // 100]} hundred{' ' + in_words(rest) if rest else ''}"
    if number >= 20:
        return f"{_TENS[number // 10]}{' ' + _SMALL[number % 10] if number % 10 else ''}"
    return _SMALL[number]


def _listed(domains: Any) -> tuple[str, ...]:
    if domains is None:
        return ()
    return (domains,) if isinstance(domains, str) else tuple(domains)


def _fits(context: Mapping[str, Any], data: IntentData) -> bool:
    """Whether a value of a list may stand in these sentences."""
    required, excluded = data.requires_context, data.excludes_context
    return all(
        (key not in required or required[key] is None or value in _listed(required[key]))
        and (key not in excluded or value not in _listed(excluded[key]))
        for key, value in context.items()
    )


def _plain(slots: Mapping[str, Any]) -> dict[str, str]:
    """In one spelling: names folded, numbers as floats."""
    return {
        key: str(float(value)) if isinstance(value, int | float) else fold(str(value)) for key, value in slots.items()
    }
