"""From payloads to states in people's units. Total: a payload that makes no sense changes nothing."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from edge.home.colors import other_scale
from edge.home.kinds.fields import AnyTemplate
from edge.home.payloads import Payload, as_number, as_percent, as_text, as_word, parse_json
from edge.home.templates import Template, Unsupported

Changes = Mapping[str, Any]
"""What a payload tells: `state` for the state itself, else attributes; None takes an attribute away."""

Parse = Callable[[Any], Changes]
"""Takes what a template makes of a payload, or its text."""

NOTHING: Final[Changes] = {}

RESET: Final = "None"
"""What a device says where it has no value any more."""


@dataclass(frozen=True)
class Reading:
    """One thing that one topic tells of a device."""

    topic: str
    read: Callable[[Payload], Changes]


def told(topic: str | None, template: AnyTemplate, parse: Parse) -> tuple[Reading, ...]:
    """What is read of a topic; nothing where there is no such topic, or a template that Edge cannot fill."""
    if topic is None or isinstance(template, Unsupported):
        return ()
    return (Reading(topic, partial(_read, template, parse)),)


def _read(template: Template | None, parse: Parse, payload: Payload) -> Changes:
    if payload.text is None:
        return NOTHING
    if template is None:
        return parse(payload.text)
    raw = template.read(payload)
    return NOTHING if raw is None else parse(raw)


def table(raw: Any) -> Mapping[str, Any] | None:
    """A JSON object, from a template or as text; None for anything else."""
    found = parse_json(raw) if isinstance(raw, str) else raw
    return found if isinstance(found, dict) else None


def known(attribute: str, value: Any) -> Changes:
    """The attribute, unless nothing is known of it."""
    return NOTHING if value is None else {attribute: value}


def same(words: Iterable[str], attribute: str = "state") -> Parse:
    """One of these words and no other."""
    return one_of({word: word for word in words}, attribute)


def one_of(meanings: Mapping[str, Any], attribute: str = "state") -> Parse:
    """What a payload stands for."""
    return lambda raw: known(attribute, meanings.get(as_text(raw) or ""))


def word(attribute: str) -> Parse:
    """A short text."""
    return lambda raw: known(attribute, as_word(raw))


def number(attribute: str) -> Parse:
    """A number as it is."""
    return lambda raw: known(attribute, as_number(raw))


def percent(attribute: str, scale: float, lowest: float = 0) -> Parse:
    """A number on the device's own scale."""
    return lambda raw: known(attribute, as_percent(raw, lowest, scale))


def kelvin(already: bool) -> Parse:
    """A colour temperature in mireds, or `already` in kelvin."""

    def parse(raw: Any) -> Changes:
        value = as_number(raw)
        return known("color_temp", (round(value) if value else None) if already else other_scale(raw))

    return parse


def color(count: int, named: Callable[[list[Any]], Any]) -> Parse:
    """Numbers with commas between them, or a list of numbers."""

    def parse(raw: Any) -> Changes:
        parts = raw.split(",") if isinstance(raw, str) else raw
        if not isinstance(parts, list | tuple) or len(parts) != count:
            return NOTHING
        return known("color", named([as_number(part) for part in parts]))

    return parse


def resettable(attribute: str, reset: str, parse: Parse) -> Parse:
    """An attribute that one payload takes away."""
    return lambda raw: {attribute: None} if as_text(raw) == reset else parse(raw)
