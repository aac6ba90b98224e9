"""What became of timers, alarms, reminders, commands for later and lists, in words; and the questions about them."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from edge.entries import Entry, Kind
from edge.names import fold
from edge.records import DoneStep, Response, Step
from edge.speech.hours import days, hour, length, moment, soon, stretch
from edge.speech.phrases import capital, count, echoed, is_plural, listed

TOLD_MAX: Final = 4
"""More timers, alarms and the like than this are not told one by one."""
ITEMS_TOLD_MAX: Final = 12

_NUMBERED: Final = ("the first", "the second", "the third", "the fourth")
_WORDS_FOR: Final[Mapping[Kind, str]] = {
    "timer": "timer",
    "alarm": "alarm",
    "reminder": "reminder",
    "command": "planned command",
}
_PROBLEMS: Final[Mapping[str, str]] = {
    "gone": "That is not there any more.",
    "full": "I cannot keep any more in mind. Please cancel something first.",
    "past": "That would be in the past.",
    "far": "That is too far off for me.",
    "store": "I could not write that down, so it is not done.",
}
_YOUR: Final = {"my": "your", "me": "you", "myself": "yourself", "mine": "yours", "our": "your", "i": "you"}
_MINE: Final = re.compile(rf"\b(?:{'|'.join(_YOUR)})\b", re.IGNORECASE)


@dataclass(frozen=True)
class Told:
    """An entry as an outcome tells of it."""

    kind: Kind
    name: str
    due_at: datetime
    left_s: float
    length_s: float
    days: tuple[int, ...]
    paused: bool
    ringing: bool

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> "Told":
        """From the answer of an `Outcome`."""
        due_at = datetime.fromisoformat(answer["due_at"])
        rest = {key: answer[key] for key in ("kind", "name", "left_s", "length_s", "paused", "ringing")}
        return cls(due_at=due_at, days=tuple(answer["days"]), **rest)

    @classmethod
    def entry(cls, entry: Entry, now: datetime) -> "Told":
        """Of what is set now."""
        left_s = entry.left_s if entry.left_s is not None else max(0.0, (entry.due_at - now).total_seconds())
        paused = entry.left_s is not None
        return cls(entry.kind, entry.name, entry.due_at, left_s, entry.length_s, entry.days, paused, entry.ringing)


def answered(done: DoneStep, now: datetime) -> Response:
    """The reply to a command about time or lists."""
    step, answer = done.step, done.outcome.answer if done.outcome else {}
    if "problem" in answer:
        return _problem(step, str(answer["problem"]))
    if "items" in answer:
        return Response(_LISTS[step.action.command](answer, step), "answer")
    entries = [Told.of(each) for each in answer.get("entries", ())]
    if step.action.command in _NONE and not entries:
        return Response(_NONE[step.action.command], "answer")
    if not entries:
        return Response(_PROBLEMS["gone"], "refusal")
    return Response(_ENTRIES[step.action.command](entries, step, now), "answer")


def _problem(step: Step, problem: str) -> Response:
    if problem == "past" and step.action.command == "change_timer":
        return Response("There is not that much left.", "refusal")
    if problem == "full" and "list" in step.action.values:
        return Response(f"There is no more room on {_the_list(step.action.values)}.", "refusal")
    return Response(_PROBLEMS.get(problem, "I could not do that."), "error" if problem == "store" else "refusal")


# --- questions -------------------------------------------------------------------------------------------------------


def to_do(step: Step, agenda: Sequence[Entry], now: datetime) -> str:
    """`cancel the alarm for tomorrow at 7 in the morning`."""
    if step.action.command == "clear_items":
        return f"take everything off {_the_list(step.action.values)}"
    entries = _meant(step, agenda, now)
    if not entries:
        return "do that"
    if len(entries) > 1:
        return f"cancel {'both' if len(entries) == 2 else f'all {count(len(entries))}'} {_kind(entries[0])}s"
    return f"cancel {_one(entries[0], now)}"


def which(steps: Sequence[Step], agenda: Sequence[Entry], now: datetime) -> str:
    """`The pasta timer or the tea timer?`"""
    entries = [entry for step in steps for entry in _meant(step, agenda, now)]
    if not 0 < len(entries) <= TOLD_MAX:
        return f"Which {_kind(entries[0]) if entries else 'one'} do you mean?"
    names = [_one(entry, now) for entry in entries]
    names = (
        names if len(set(names)) == len(names) else [f"the one with {stretch(each.left_s)} left" for each in entries]
    )
    names = names if len(set(names)) == len(names) else list(_NUMBERED[: len(names)])
    return f"{capital(listed(names, 'or'))}?"


def _meant(step: Step, agenda: Sequence[Entry], now: datetime) -> list[Told]:
    values = step.action.values
    ids = values.get("entry_ids") or [values.get("entry_id")]
    return [Told.entry(entry, now) for entry in agenda if entry.entry_id in ids]


def _kind(told: Told) -> str:
    return _WORDS_FOR[told.kind]


def _one(told: Told, now: datetime) -> str:
    """`the pasta timer`, `the ten minute timer`, `the alarm for 7 in the morning`, `the reminder "call mum"`."""
    if told.kind == "timer":
        return f"the {echoed(told.name) if told.name else length(told.length_s)} timer"
    if told.kind == "alarm":
        name = f"{echoed(told.name)} " if told.name else ""
        return f"the {name}alarm for {_comes(told, now)}"
    return f'the {_kind(told)} "{_to_you(told.name)}"'


def _comes(told: Told, now: datetime) -> str:
    if told.days:
        return f"{hour(told.due_at)}, {days(told.days)}"
    return moment(told.due_at, now, at=False)


def _when(told: Told, now: datetime) -> str:
    """`in ten minutes`, `tomorrow at 9 in the morning`, `every day at 7 in the morning`."""
    return f"{days(told.days)} at {hour(told.due_at)}" if told.days else soon(told.due_at, now)


def _to_you(text: str) -> str:
    """`call my mum` said back: `call your mum`."""
    return _MINE.sub(lambda word: _YOUR[word[0].casefold()], echoed(text)) if text else "something"


# --- timers ----------------------------------------------------------------------------------------------------------


def _started(entries: Sequence[Told], _: Step, __: datetime) -> str:
    (timer,) = entries
    named = f" for {echoed(timer.name)}" if timer.name else ""
    return f"{capital(stretch(timer.length_s))}{named}, starting now."


def _timer_stands(told: Told, now: datetime) -> str:
    if told.ringing:
        return f"{_one(told, now)} is done"
    if told.paused:
        return f"{_one(told, now)} is paused with {stretch(told.left_s)} left"
    return f"{_one(told, now)} has {stretch(told.left_s)} left"


def _timers_stand(entries: Sequence[Told], _: Step, now: datetime) -> str:
    told = [_timer_stands(each, now) for each in entries[:TOLD_MAX]]
    if len(entries) == 1:
        return f"{capital(told[0])}."
    return f"{capital(count(len(entries)))} timers: {listed(_with_the_rest(told, entries))}."


def _changed(entries: Sequence[Told], _: Step, now: datetime) -> str:
    return f"{capital(_timer_stands(entries[0], now))} now."


def _goes_on(entries: Sequence[Told], _: Step, now: datetime) -> str:
    return f"{capital(_one(entries[0], now))} goes on, with {stretch(entries[0].left_s)} left."


def _cancelled(entries: Sequence[Told], _: Step, now: datetime) -> str:
    if len(entries) == 1:
        return f"{capital(_one(entries[0], now))} is cancelled."
    many = "both" if len(entries) == 2 else f"all {count(len(entries))}"
    return f"{capital(many)} {_kind(entries[0])}s are cancelled."


def _with_the_rest(told: list[str], entries: Sequence[Told]) -> list[str]:
    rest = len(entries) - len(told)
    return [*told, f"{count(rest)} more"] if rest else told


# --- alarms, reminders, commands -------------------------------------------------------------------------------------


def _alarm_set(entries: Sequence[Told], _: Step, now: datetime) -> str:
    return f"Alarm set for {_comes(entries[0], now)}."


def _alarms(entries: Sequence[Told], _: Step, now: datetime) -> str:
    if entries[0].ringing and len(entries) == 1:
        return "The alarm is ringing."
    told = [f"for {_comes(each, now)}" for each in entries[:TOLD_MAX]]
    many = f"{capital(count(len(entries)))} alarm{' is' if len(entries) == 1 else 's are'} set"
    return f"{many}: {'; '.join(_with_the_rest(told, entries))}."


def _snoozed(_: Sequence[Told], step: Step, __: datetime) -> str:
    return f"Again in {stretch(float(step.action.values.get('seconds', 0)))}."


def _reminder_set(entries: Sequence[Told], _: Step, now: datetime) -> str:
    (reminder,) = entries
    what = f": {_to_you(reminder.name)}" if reminder.name else ""
    return f"I'll remind you {_when(reminder, now)}{what}."


def _kept(entries: Sequence[Told], _: Step, now: datetime) -> str:
    return f"I'll do that {_when(entries[0], now)}: {_to_you(entries[0].name)}."


def _told_one_by_one(what: str) -> Callable[[Sequence[Told], Step, datetime], str]:
    def told(entries: Sequence[Told], _: Step, now: datetime) -> str:
        each = [f"{_when(entry, now)}, {_to_you(entry.name)}" for entry in entries[:TOLD_MAX]]
        many = f"{capital(count(len(entries)))} {what}{'' if len(entries) == 1 else 's'}"
        return f"{many}: {'; '.join(_with_the_rest(each, entries))}."

    return told


_NONE: Final[Mapping[str, str]] = {
    "get_timers": "No timer is set.",
    "get_alarms": "No alarm is set.",
    "get_reminders": "You have no reminders.",
    "get_later": "Nothing is planned.",
}
_ENTRIES: Final[Mapping[str, Callable[[Sequence[Told], Step, datetime], str]]] = {
    "start_timer": _started,
    "change_timer": _changed,
    "pause_timer": _timers_stand,
    "resume_timer": _goes_on,
    "get_timers": _timers_stand,
    **dict.fromkeys(("cancel_timer", "cancel_alarm", "cancel_reminder", "cancel_later"), _cancelled),
    "set_alarm": _alarm_set,
    "get_alarms": _alarms,
    "snooze": _snoozed,
    "stop_ringing": lambda *_: "Okay.",
    "set_reminder": _reminder_set,
    "get_reminders": _told_one_by_one("reminder"),
    "do_later": _kept,
    "get_later": _told_one_by_one("command"),
}


# --- lists -----------------------------------------------------------------------------------------------------------


def _the_list(values: Mapping[str, Any]) -> str:
    return f"the {echoed(values.get('list') or 'shopping')} list"


def _items(items: Sequence[str]) -> str:
    if len(items) > ITEMS_TOLD_MAX + 1:
        items = [*items[:ITEMS_TOLD_MAX], f"{count(len(items) - ITEMS_TOLD_MAX)} more"]
    return listed([echoed(item) for item in items])


def _are(items: Sequence[str]) -> str:
    return "are" if len(items) > 1 or is_plural(items[0]) else "is"


def _added(answer: Mapping[str, Any], _: Step) -> str:
    said = []
    if answer.get("changed"):
        said.append(f"I put {_items(answer['changed'])} on {_the_list(answer)}.")
    if there := answer.get("already"):
        where = "it" if said else _the_list(answer)
        said.append(f"{capital(_items(there))} {_are(there)} on {where} already.")
    return " ".join(said) or "There was nothing to write down."


def _removed(answer: Mapping[str, Any], _: Step) -> str:
    said = []
    if answer.get("changed"):
        said.append(f"I took {_items(answer['changed'])} off {_the_list(answer)}.")
    if missing := answer.get("missing"):
        where = "it" if said else _the_list(answer)
        said.append(f"{capital(_items(missing))} {_are(missing)} not on {where}.")
    return " ".join(said) or f"{capital(_the_list(answer))} is as it was."


def _read(answer: Mapping[str, Any], step: Step) -> str:
    """All of it, or whether what was asked for is there."""
    items: Sequence[str] = answer["items"]
    asked: Sequence[str] = step.action.values.get("items", ())
    if not asked:
        if not items:
            return f"{capital(_the_list(answer))} is empty."
        return f"On {_the_list(answer)} {_are(items)} {_items(items)}."
    there = {fold(item) for item in items}
    found = [item for item in asked if fold(item) in there]
    missing = [item for item in asked if fold(item) not in there]
    if not missing:
        return f"Yes, {_items(found)} {_are(found)} on {_the_list(answer)}."
    if not found:
        return f"No, {_items(missing)} {_are(missing)} not on {_the_list(answer)}."
    return f"{capital(_items(found))} {_are(found)} on {_the_list(answer)}, {_items(missing)} {_are(missing)} not."


def _cleared(answer: Mapping[str, Any], _: Step) -> str:
    return f"{capital(_the_list(answer))} is empty now."


_LISTS: Final[Mapping[str, Callable[[Mapping[str, Any], Step], str]]] = {
    "add_items": _added,
    "remove_items": _removed,
    "get_items": _read,
    "clear_items": _cleared,
}
