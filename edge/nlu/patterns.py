"""The ways in which this home is mostly spoken to: carriers filled with its names, and the sentences of its skills.

A skill's sentences with free text are left out: what may be anything cannot be looked for.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import resources
from itertools import chain, islice, product
from typing import Any, Final

from hassil.expression import Alternative, Expression, Group, ListReference, RuleReference, Sentence, TextChunk
from hassil.parse_expression import parse_sentence

from edge.knowledge import HomeMap, Skill, SkillIntent, SkillSlot
from edge.sayable import Pattern

Lists = Mapping[str, Sequence[str]]
"""What may stand for each `{name}` of a template."""

FORMS_MAX: Final = 24
"""So many forms of one template are looked for, spread evenly over all of them."""

FORMS_SEEN: Final = 500
"""Templates with more forms than this are cut: nobody says them all."""

VALUES_MAX: Final = 200
"""A range with more values than this is looked for in coarser steps."""

_SWITCHED: Final = ("light", "switch", "fan", "media_player", "climate", "input_boolean", "humidifier", "water_heater")
_SPACES: Final = re.compile(r" +")
_PERCENT: Final = tuple(str(number) for number in range(5, 101, 5))
_HOURS: Final = tuple(f"{hour}{minute}" for hour in range(1, 13) for minute in ("", " 15", " 30", " 45"))
_DEGREES: Final = tuple(str(number) for number in (*range(10, 31), *range(50, 251, 10)))


def home_patterns(home: HomeMap) -> tuple[Pattern, ...]:
    """The carriers with the names of the home; one that names what the home lacks is left out."""
    lists = _home_lists(home)
    return tuple(pattern for carrier in _carriers() for pattern in patterns(carrier, lists, {}))


def skill_patterns(skills: Sequence[Skill]) -> tuple[Pattern, ...]:
    """The sentences of skills with the values of their slots."""
    return tuple(pattern for skill in skills for intent in skill.intents for pattern in _of_intent(intent))


def _of_intent(intent: SkillIntent) -> Iterator[Pattern]:
    lists = {slot.name: _values(slot) for slot in intent.slots if slot.kind != "text"}
    for template in map(parse_sentence, intent.sentences):
        yield from patterns(template, lists, {})


def patterns(template: Sentence, lists: Lists, rules: Mapping[str, Sentence]) -> tuple[Pattern, ...]:
    """Its forms, without those that need a list which is empty or not there."""
    forms = list(islice(_forms(template.expression, rules), FORMS_SEEN))
    forms = forms[:: max(1, round(len(forms) / FORMS_MAX))]
    filled = (_filled(form, lists) for form in forms)
    return tuple(dict.fromkeys(pattern for pattern in filled if pattern is not None))


def _forms(expression: Expression, rules: Mapping[str, Sentence]) -> Iterator[tuple[str | ListReference, ...]]:
    """All ways to say it; of what may be said in any order only the order in which it is written."""
    match expression:
        case TextChunk():
            yield (expression.original_text,)
        case ListReference():
            yield (expression,)
        case RuleReference():
            yield from _forms(rules[expression.rule_name].expression, rules)
        case Alternative():
            for item in expression.items:
                yield from _forms(item, rules)
        case Group():
            several = product(*(tuple(islice(_forms(item, rules), FORMS_SEEN)) for item in expression.items))
            yield from (tuple(chain(*pieces)) for pieces in several)


def _filled(form: Sequence[str | ListReference], lists: Lists) -> Pattern | None:
    pieces: list[str | tuple[str, ...]] = [""]
    for piece in form:
        values = tuple(lists.get(piece.list_name, ())) if isinstance(piece, ListReference) else piece
        if not values and isinstance(piece, ListReference):
            return None
        if isinstance(values, str) and isinstance(pieces[-1], str):
            pieces[-1] += values
        else:
            pieces.append(values)
    plain = [_SPACES.sub(" ", piece) if isinstance(piece, str) else piece for piece in pieces]
    return Pattern(tuple(piece for piece in _trimmed(plain) if piece))


def _trimmed(pieces: list[str | tuple[str, ...]]) -> list[str | tuple[str, ...]]:
    """Without spaces at its ends."""
    first, last = pieces[0], pieces[-1]
    if isinstance(first, str):
        pieces[0] = first.lstrip()
    if isinstance(last, str):
        pieces[-1] = last.rstrip() if len(pieces) > 1 else last.strip()
    return pieces


def _home_lists(home: HomeMap) -> Lists:
    by_domain: dict[str, list[str]] = {}
    for device in home.devices:
        by_domain.setdefault(device.domain, []).extend((device.name, *device.aliases))
    lists = {domain: _unique(names) for domain, names in by_domain.items()}
    return lists | {
        "switched": _unique(chain(*(by_domain.get(domain, ()) for domain in _SWITCHED))),
        "area": _unique(name for area in home.areas for name in (area.name, *area.aliases)),
        "title": _unique(media.title for device in home.devices for media in device.catalogue),
        "percent": _PERCENT,
        "degrees": _DEGREES,
        "color": tuple(_carriers_file()["colors"]),
        "length": tuple(_carriers_file()["lengths"]),
        "hour": _HOURS,
    }


def _unique(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(_in_a_sentence, filter(None, names))))


def _in_a_sentence(name: str) -> str:
    """`Desk Lamp` stands in a sentence as `desk lamp`; `Josh's office` and `TV` stay as they are."""
    words = name.split()
    return name.casefold() if len(words) > 1 and all(word.istitle() for word in words) else name


def _values(slot: SkillSlot) -> tuple[str, ...]:
    if slot.kind == "values":
        return _unique(said for value in slot.values for said in (value.value, *value.synonyms))
    step = max(slot.step, (slot.highest - slot.lowest) / VALUES_MAX)
    return tuple(f"{slot.lowest + step * n:g}" for n in range(int((slot.highest - slot.lowest) / step) + 1))


@cache
def _carriers() -> tuple[Sentence, ...]:
    return tuple(map(parse_sentence, _carriers_file()["carriers"]))


@cache
def _carriers_file() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("carriers.toml").read_text(encoding="utf-8"))
