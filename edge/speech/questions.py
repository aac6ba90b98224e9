"""Our questions, in words: a yes before something guarded, and which of several is meant."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from edge.commands import AGENDA, MOVING, RUN_SKILL
from edge.knowledge import HomeMap, Knowledge
from edge.records import Ask, Confirm, ResolvedAction, Step
from edge.speech import agenda
from edge.speech.deeds import to_do
from edge.speech.phrases import capital, count, echoed, kind, listed, them
from edge.speech.skills import to_run
from edge.text import clean
from edge.turn import Context

OFFERED_MAX: Final = 3
"""More choices than this are not read out."""

_NUMBERED: Final = ("the first", "the second", "the third")


def shall_i(confirm: Confirm, knowledge: Knowledge, context: Context) -> str:
    """`Shall I open the garage door?` With a PIN: `Say the PIN, and I open the garage door.`"""
    if confirm.rewritten:
        return f"Did you mean {_meant(confirm, confirm.rewritten.rule_id, knowledge, context)}?"
    deeds = listed([_to_do(step, knowledge, context) for step in confirm.steps])
    if confirm.pin:
        wrong = "That is not the PIN. " if confirm.pin == "wrong" else ""
        return f"{wrong}Say the PIN, and I {deeds}."
    left_out = [target for step in confirm.steps for target in step.action.left_out]
    if not left_out:
        return f"Shall I {deeds}?"
    away = them(left_out, knowledge.home)
    who = listed(away) if len(away) <= OFFERED_MAX else f"{count(len(away))} devices"
    return f"I cannot reach {who}. Shall I {deeds} all the same?"


def _meant(confirm: Confirm, rule_id: str, knowledge: Knowledge, context: Context) -> str:
    """`turn on the kitchen light`; of what moves nothing the words that it was learned from."""
    rule = knowledge.rewrite.get(rule_id)
    moves = all(step.action.command in MOVING for step in confirm.steps)
    if rule is not None and not moves and (words := echoed(rule.target)) == clean(rule.target):
        return words
    return listed([_to_do(step, knowledge, context) for step in confirm.steps])


def _to_do(step: Step, knowledge: Knowledge, context: Context) -> str:
    if step.action.command in AGENDA:
        return agenda.to_do(step, context.agenda, context.now)
    return to_run(step, knowledge) if step.action.command == RUN_SKILL else to_do(step, knowledge.home)


def which(ask: Ask, home: HomeMap, context: Context) -> str:
    """`The kitchen ceiling light or the bedroom ceiling light?`; for kinds of things the room."""
    if ask.ambiguous.command in AGENDA:
        return agenda.which(ask.steps, context.agenda, context.now)
    targets = [step.action.targets for step in ask.steps]
    if len(set(targets)) == 1:
        return f"{capital(listed(_what(ask.steps, home)[:OFFERED_MAX], 'or'))}?"
    if "name" in ask.interpretation.slots and len(targets) <= OFFERED_MAX:
        return f"{capital(listed(_told_apart([each[0] for each in targets], home), 'or'))}?"
    rooms = _rooms(ask, home)
    if len(rooms) < 2:
        return f"Which {kind(ask.interpretation.intent, ask.interpretation.slots)}?"
    return f"In which room: {listed(rooms, 'or')}?" if len(rooms) <= OFFERED_MAX else "In which room?"


def or_else(action: ResolvedAction, home: HomeMap) -> str:
    """After what was done by chance, how to get what was not done."""
    names = them(action.targets, home)
    what = listed(names) if len(names) <= OFFERED_MAX else f"the other {count(len(names))}"
    return f"If you meant {what}, say: no, the other one."


def _what(steps: Sequence[Step], home: HomeMap) -> list[str]:
    """`the film`, of what is to be played; of anything else what would be done: `set the lamp to 40 percent`."""
    values = [step.action.values for step in steps]
    if any("media_kind" in each for each in values):
        return _titles(values)
    return list(dict.fromkeys(to_do(step, home) for step in steps))


def _told_apart(choices: Sequence[str], home: HomeMap) -> Sequence[str]:
    """The choices by name, or by number where the names are all the same."""
    names = them(choices, home)
    return names if len(set(names)) == len(choices) else _NUMBERED[: len(choices)]


def _rooms(ask: Ask, home: HomeMap) -> list[str]:
    targets = (target for step in ask.steps for target in step.action.targets)
    areas = dict.fromkeys(home.device[target].area or "" for target in targets if target in home.device)
    return [home.area[area].name for area in areas if area in home.area]


def _titles(options: Sequence[Mapping[str, Any]]) -> list[str]:
    """`the film`, `the song by Prince`: by whom, where that is what tells them apart."""
    kinds = [str(option.get("media_kind", "one")) for option in options]
    by = [f" by {option['by']}" if option.get("by") else "" for option in options]
    return [f"the {name}{by[at] if kinds.count(name) > 1 else ''}" for at, name in enumerate(kinds)]
