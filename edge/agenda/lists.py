"""Lists: what is to be bought, and whatever else people write down."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Protocol

from edge.agenda import values as read
from edge.names import fold
from edge.records import Outcome

LISTS_MAX: Final = 20
ITEMS_MAX: Final = 500
"""On one list."""

SHOPPING: Final = "shopping"
"""The list that is meant where none is named."""


class ListMemory(Protocol):
    """What the lists ask of the store; what stands on them is found by its folded form."""

    def lists(self) -> Mapping[str, int]: ...

    def items(self, name: str) -> Mapping[str, str]: ...

    def write_items(self, name: str, put: Mapping[str, str], remove: Iterable[str]) -> None: ...


class Lists:
    """Reads and changes lists; every change is on the disk before it is told. All raise StageFailed and Unusable."""

    def __init__(self, memory: ListMemory) -> None:
        self._memory = memory

    def add(self, values: Mapping[str, Any]) -> Outcome:
        """Put things on a list, what stands there already but once; all of it, or nothing where it is full."""
        name, there = self._list(values)
        wanted = _by_form(read.texts(values, "items"))
        new = {form: item for form, item in wanted.items() if form not in there}
        lists = self._memory.lists()
        if len(there) + len(new) > ITEMS_MAX or (new and name not in lists and len(lists) >= LISTS_MAX):
            return Outcome(answer={"problem": "full"})
        if new:
            self._memory.write_items(name, new, ())
        already = [there[form] for form in wanted if form in there]
        return _told(name, {**there, **new}, changed=new.values(), already=already)

    def remove(self, values: Mapping[str, Any]) -> Outcome:
        """Take things off a list."""
        name, there = self._list(values)
        wanted = _by_form(read.texts(values, "items"))
        gone = {form: there[form] for form in wanted if form in there}
        if gone:
            self._memory.write_items(name, {}, gone)
        missing = [item for form, item in wanted.items() if form not in there]
        left = {form: item for form, item in there.items() if form not in gone}
        return _told(name, left, changed=gone.values(), missing=missing)

    def get(self, values: Mapping[str, Any]) -> Outcome:
        """What stands on a list."""
        return _told(*self._list(values))

    def clear(self, values: Mapping[str, Any]) -> Outcome:
        """Take everything off a list."""
        name, there = self._list(values)
        if there:
            self._memory.write_items(name, {}, there)
        return _told(name, {}, changed=there.values())

    def _list(self, values: Mapping[str, Any]) -> tuple[str, Mapping[str, str]]:
        name = fold(read.name(values, "list")) or SHOPPING
        return name, self._memory.items(name)


def _by_form(items: Iterable[str]) -> dict[str, str]:
    """By the form in which things are compared; the first wording of each counts."""
    forms: dict[str, str] = {}
    for item in items:
        forms.setdefault(fold(item) or item.casefold(), item)
    return forms


def _told(
    name: str,
    items: Mapping[str, str],
    *,
    changed: Iterable[str] = (),
    missing: Iterable[str] = (),
    already: Iterable[str] = (),
) -> Outcome:
    lists = {"items": items.values(), "changed": changed, "missing": missing, "already": already}
    return Outcome(answer={"list": name, **{key: list(each) for key, each in lists.items()}})
