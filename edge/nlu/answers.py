"""Answers to a question of ours: yes, no, or which one. They outrank every command while a question is open."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from edge import intents
from edge.names import NameIndex, fold, forms
from edge.nlu.vocabulary import english_words
from edge.records import Interpretation, Step
from edge.turn import Context, OpenQuestion


def _phrases(phrases: Iterable[str]) -> re.Pattern[str]:
    """One or several of the phrases in a row."""
    alternatives = "|".join(sorted((re.escape(fold(phrase)) for phrase in phrases), key=len, reverse=True))
    return re.compile(rf"(?:(?:{alternatives})(?: |$))+")


def _folded(words: Iterable[str]) -> frozenset[str]:
    return frozenset(map(fold, words))


_WORDS: Final = english_words()["answers"]
_SAYS_YES: Final = _phrases(_WORDS["yes"])
_SAYS_NO: Final = _phrases(_WORDS["no"])
_POLITE: Final = _folded(_WORDS["polite"])
_ALL: Final = _folded(_WORDS["all"])
_AROUND: Final = _folded(_WORDS["around"])
_KIND_WORDS: Final = _folded(_WORDS["kinds"])
_ORDER: Final = tuple(_folded(words) for words in _WORDS["order"])
_LAST: Final = frozenset({"last", "latter"})
YES: Final = Interpretation(intents.YES, {}, 1.0, "dialogue")


def answers(text: str, context: Context, index: NameIndex) -> tuple[Interpretation, ...]:
    """What `text` answers, several if it fits several choices, nothing if it is no answer."""
    said = fold(text)
    question = context.question
    if (
        question
        and question.kind == "pin"
        and question.expires_at > context.now
        and intents.PIN_TAKEN_OUT in said.split()
    ):
        return (_answer(intents.PIN),)
    if question is None or question.expires_at <= context.now:
        return (YES,) if said not in _POLITE and _SAYS_YES.fullmatch(said) else ()
    if _SAYS_YES.fullmatch(said):
        return (YES,)
    if _SAYS_NO.fullmatch(said):
        return (_answer(intents.NO),)
    return tuple(_chosen(said, question, context, index)) if question.kind == "choice" else ()


def after_yes(text: str) -> str:
    """What follows a yes at the beginning: `open the garage door` of "Yes, open the garage door"; else nothing."""
    said = fold(text)
    yes = _SAYS_YES.match(said)
    return said[yes.end() :] if yes else ""


def _answer(intent: str, **slots: Any) -> Interpretation:
    return Interpretation(intent, slots, 1.0, "dialogue")


def _chosen(said: str, question: OpenQuestion, context: Context, index: NameIndex) -> Iterator[Interpretation]:
    if said in _ALL:
        yield _answer(intents.CHOOSE, all=True)
        return
    labels = [_labels(step, index) | set(_labels_of_entries(step, context)) for step in question.steps]
    core = _without_ends(said, _AROUND)
    for heard in (said, core, _without_ends(core, _KIND_WORDS)):
        fitting = [n for n, names in enumerate(labels, 1) if heard in names] or _by_order(heard, len(labels))
        if fitting:
            for number in fitting:
                yield _answer(intents.CHOOSE, choice=_meant(question.steps[number - 1]), number=number)
            return


def _by_order(heard: str, many: int) -> list[int]:
    if heard in _LAST:
        return [many]
    return [n for n, ordinals in enumerate(_ORDER[:many], 1) if heard in ordinals]


def _without_ends(said: str, fillers: frozenset[str]) -> str:
    """`no i mean the bedroom one` -> `bedroom`; at least one word stays."""
    words = said.split()
    while len(words) > 1 and words[0] in fillers:
        words.pop(0)
    while len(words) > 1 and words[-1] in fillers:
        words.pop()
    return " ".join(words)


def _meant(step: Step) -> str:
    """The device_id or entry_id that a choice is about."""
    values = step.action.values
    return str(next(iter((*step.action.targets, *values.get("entry_ids", ()), values.get("entry_id", "")))))


def _labels_of_entries(step: Step, context: Context) -> Iterator[str]:
    """By what a timer, alarm or reminder may be called: its name, its length, its hour."""
    meant = _meant(step)
    for entry in context.agenda:
        if entry.entry_id != meant:
            continue
        name, kind = fold(entry.name), entry.kind
        yield from (each for each in (name, f"{name} {kind}") if name)
        if kind == "timer":
            for size, unit in ((3600, "hour"), (60, "minute"), (1, "second")):
                if entry.length_s % size == 0:
                    many = f"{entry.length_s / size:g} {unit}"
                    yield from (many, f"{many}s", f"{many} {kind}")
        else:
            due_at = entry.due_at
            hour = f"{(due_at.hour - 1) % 12 + 1}{f' {due_at.minute:02d}' if due_at.minute else ''}"
            half = "am" if due_at.hour < 12 else "pm"
            yield from (hour, f"{hour} oclock", f"{hour} {half}", f"{hour}{half}", f"{hour} {kind}", f"for {hour}")


def _labels(step: Step, index: NameIndex) -> set[str]:
    """Everything by which a choice may be called: its names, its room, its kind, who made it."""
    labels = {fold(str(step.action.values[key])) for key in ("media_kind", "by") if key in step.action.values}
    for target in step.action.targets:
        device = index.home.device.get(target)
        if device is None:
            continue
        area = index.home.area.get(device.area or "")
        rooms = {fold(name) for name in (area.name, *area.aliases)} if area else set()
        names = forms(device, area).keys()
        labels |= names | rooms | {device.domain}
        labels |= {name.rpartition(" ")[0] for name in names}
        labels |= {f"{name} {device.domain}" for name in (fold(device.name), *rooms)}
    labels |= {synonym for label in labels for synonym in _WORDS["same"].get(label, ())}
    return labels - {""}
