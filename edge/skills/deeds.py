"""What a skill does, checked: topics, templates and commands, tried with sample values before anybody speaks."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from edge.commands import MOVING
from edge.knowledge import SkillDeed, SkillSlot
from edge.skills.problems import Mistake, nearest
from edge.templating import TemplateError, check_template, render
from edge.toml_lines import Path

_KEYS: Final[Mapping[str, frozenset[str]]] = {
    "publish": frozenset({"publish", "payload"}),
    "call": frozenset({"call", "command", "values"}),
    "answer": frozenset({"answer"}),
}
_DEVICE: Final = re.compile(r"[a-z_]+\.[a-z0-9_]+")
_PLAIN, _QUOTED = "hello there", 'she said "hello"'


@dataclass(frozen=True)
class Known:
    """The names that an intent's sentences give."""

    slots: Mapping[str, SkillSlot]
    """By name in the templates."""
    always: frozenset[str]
    """Those that every sentence gives."""
    whole: bool = True
    """Whether these are all; not where a sentence has a mistake: then templates are only read, not tried."""

    def samples(self, text: str = _PLAIN) -> Iterator[Mapping[str, Any]]:
        """Values as they may come: all the first, all the last, and only what is always there."""
        first = {name: _values(slot, text)[0] for name, slot in self.slots.items()}
        yield first
        yield {name: _values(slot, text)[-1] for name, slot in self.slots.items()}
        yield {name: value for name, value in first.items() if name in self.always}


def _values(slot: SkillSlot, text: str) -> tuple[Any, ...]:
    if slot.kind == "values":
        return tuple(value.value for value in slot.values) or ("?",)
    return (slot.lowest, slot.highest) if slot.kind == "range" else (text,)


def read_deed(path: Path, entry: Any, known: Known) -> tuple[SkillDeed | None, list[Mistake]]:
    """One [[intent.do]], and what is wrong with it."""
    kinds = [key for key in _KEYS if isinstance(entry, dict) and key in entry]
    if len(kinds) != 1:
        return None, [(path, "one [[intent.do]] has exactly one of: publish, call, answer.")]
    kind = kinds[0]
    mistakes = [
        ((*path, key), f"{kind} has no {key!r}.{nearest(key, _KEYS[kind])}") for key in entry if key not in _KEYS[kind]
    ]
    reader = {"publish": _publish, "call": _call, "answer": _answer}[kind]
    deed, more = reader(path, entry, known)
    return deed, [*mistakes, *more]


def _publish(path: Path, entry: Mapping[str, Any], known: Known) -> tuple[SkillDeed, list[Mistake]]:
    topic, payload = entry["publish"], entry.get("payload", "")
    mistakes = [*_topic((*path, "publish"), topic, known), *_template((*path, "payload"), payload, known)]
    if known.whole and not mistakes:
        mistakes += _spoiled_json((*path, "payload"), payload, known)
    return SkillDeed("publish", topic=str(topic), template=str(payload)), mistakes


def _answer(path: Path, entry: Mapping[str, Any], known: Known) -> tuple[SkillDeed, list[Mistake]]:
    return SkillDeed("answer", template=str(entry["answer"])), _template((*path, "answer"), entry["answer"], known)


def _call(path: Path, entry: Mapping[str, Any], known: Known) -> tuple[SkillDeed, list[Mistake]]:
    mistakes: list[Mistake] = []
    called = [entry["call"]] if isinstance(entry["call"], str) else entry["call"]
    if not isinstance(called, list) or not called or not all(isinstance(each, str) for each in called):
        mistakes.append(((*path, "call"), 'call names devices by their id, as in ["light.kitchen", "fan.bedroom"].'))
        called = []
    mistakes += [
        ((*path, "call"), f"{each!r} is no id of a device; `edge devices` lists them.")
        for each in called
        if not _DEVICE.fullmatch(each)
    ]
    command = entry.get("command")
    if not isinstance(command, str) or command not in MOVING:
        mistakes.append(((*path, "command"), f"there is no command {command!r}.{nearest(str(command), MOVING)}"))
    values = entry.get("values", {})
    if not isinstance(values, dict):
        mistakes.append(((*path, "values"), "values is a table, as in values = {brightness = 40}."))
        values = {}
    for key, value in values.items():
        if isinstance(value, str):
            mistakes += _template((*path, "values", key), value, known)
        elif not isinstance(value, bool | int | float):
            mistakes.append(((*path, "values", key), f"{key} should be a text or a number."))
    return SkillDeed("call", targets=tuple(dict.fromkeys(called)), command=str(command), values=values), mistakes


def _topic(path: Path, topic: Any, known: Known) -> list[Mistake]:
    if not isinstance(topic, str) or not topic:
        return [(path, "publish wants a topic.")]
    wrong = _template(path, topic, known)
    if wrong or not known.whole:
        return wrong
    spoken = [name for name in check_template(topic) if known.slots[name].kind == "text"]
    if spoken:
        return [(path, f"{spoken[0]!r} is free text, which has no place in a topic.")]
    for sample in known.samples():
        if reason := bad_topic(render(topic, sample)):
            return [(path, reason)]
    return []


def bad_topic(topic: str) -> str:
    """Why nothing can be published there; empty where it can."""
    if any(character in topic for character in "+#"):
        return f"a topic to publish to has no + and no #: {topic!r}."
    if not topic.strip() or "\0" in topic or topic.startswith("$") or len(topic.encode()) > 1_000:
        return f"{topic!r} is no topic that can be published to."
    return ""


def _template(path: Path, template: Any, known: Known) -> list[Mistake]:
    """What is wrong with a template, tried with sample values."""
    if not isinstance(template, str):
        return [(path, f"{path[-1]} should be a text, in quotes.")]
    try:
        unknown = sorted(check_template(template) - known.slots.keys())
        if not known.whole:
            return []
        if unknown:
            return [(path, f"no sentence of this intent gives {unknown[0]!r}.{nearest(unknown[0], known.slots)}")]
        for sample in known.samples():
            render(template, sample)
    except TemplateError as wrong:
        return [((*path, f"+{wrong.line - 1}"), f"the template of {path[-1]} fails: {wrong.reason}.")]
    return []


def _spoiled_json(path: Path, payload: str, known: Known) -> list[Mistake]:
    """JSON that is none any more as soon as somebody says a quotation mark."""
    for plain, quoted in zip(known.samples(), known.samples(_QUOTED), strict=True):
        before, after = render(payload, plain), render(payload, quoted)
        if before.lstrip()[:1] in {"{", "["} and _is_json(before) and not _is_json(after):
            return [(path, "free text would break this JSON: write {{ ... | tojson }}, without quotes around it.")]
    return []


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
