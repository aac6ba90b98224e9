"""What two revisions of knowledge differ in, line by line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Literal

from edge.knowledge import Habit, Knowledge
from edge.rewrites import Rewrite

DETAIL_MAX: Final = 100
"""Longest change that is written out."""

Kind = Literal["area", "device", "skill", "habit", "rewrite"]


@dataclass(frozen=True)
class Difference:
    """One thing that is known in one revision and not, or otherwise, in another."""

    kind: Kind
    name: str
    """An id; of a habit what is asked for and when, of a rewrite its rule_id."""
    change: Literal["new", "gone", "changed"]
    detail: str = ""
    """What it is, or what of it changed."""


def difference(before: Knowledge, after: Knowledge) -> tuple[Difference, ...]:
    """All differences, kind by kind and in the order of names; a habit that only grew or faded is none."""
    return (
        *_between("area", before.home.area, after.home.area),
        *_between("device", before.home.device, after.home.device),
        *_between("skill", {each.name: each for each in before.skills}, {each.name: each for each in after.skills}),
        *_between("habit", _habits(before), _habits(after)),
        *_between("rewrite", {r.rule_id: r for r in before.rewrites}, {r.rule_id: r for r in after.rewrites}),
    )


def _between(kind: Kind, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Difference]:
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            yield Difference(kind, name, "new", _described(after[name]))
        elif name not in after:
            yield Difference(kind, name, "gone", _described(before[name]))
        elif before[name] != after[name]:
            yield Difference(kind, name, "changed", "; ".join(_changed(before[name], after[name])))


def _habits(known: Knowledge) -> dict[str, str]:
    return {_habit(each): "" for each in known.habits}


def _habit(habit: Habit) -> str:
    title = f" {habit.values['title']}" if "title" in habit.values else ""
    return f"{habit.command} {habit.target}{title} at {habit.hour}"


def _described(thing: Any) -> str:
    if isinstance(thing, Rewrite):
        return f'"{thing.sources[0] if thing.sources else ""}" -> "{thing.target}", {thing.state}'
    return str(getattr(thing, "name", ""))


def _changed(before: Any, after: Any) -> Iterator[str]:
    """Each field with what it was and is; of what would be long, that it changed."""
    for field in fields(before):
        was, now = (getattr(each, field.name) for each in (before, after))
        if was != now:
            both = f"{field.name}: {_plain(was)} -> {_plain(now)}"
            yield both if len(both) <= DETAIL_MAX else f"{field.name} changed"


def _plain(value: Any) -> str:
    return ", ".join(sorted(map(str, value))) if isinstance(value, tuple | frozenset) else str(value)
