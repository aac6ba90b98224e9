"""An agenda without a database, for tests of what is made of it; its disk can be full."""

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from edge.agenda.actor import AgendaActor
from edge.agenda.agenda import Agenda
from edge.entries import Kept
from edge.errors import StageFailed


@dataclass
class FakeAgendaTable:
    """Keeps everything in memory; `full`: takes nothing more for now."""

    full: bool = False
    kept: dict[str, Kept] = field(default_factory=dict)
    on_lists: dict[str, dict[str, str]] = field(default_factory=dict)

    def entries(self) -> tuple[Kept, ...]:
        return tuple(self.kept.values())

    def write(self, put: Iterable[Kept], remove: Iterable[str]) -> None:
        self._fail_if_full()
        for entry_id in remove:
            self.kept.pop(entry_id, None)
        self.kept |= {kept.entry.entry_id: kept for kept in put}

    def lists(self) -> Mapping[str, int]:
        return {name: len(items) for name, items in self.on_lists.items() if items}

    def items(self, name: str) -> Mapping[str, str]:
        return dict(self.on_lists.get(name, {}))

    def write_items(self, name: str, put: Mapping[str, str], remove: Iterable[str]) -> None:
        self._fail_if_full()
        gone = set(remove)
        there = {form: item for form, item in self.items(name).items() if form not in gone}
        self.on_lists[name] = {**there, **put}

    def _fail_if_full(self) -> None:
        if self.full:
            raise StageFailed("store", "the disk is full", transient=True)


class AgendaOfAnHour:
    """An agenda and its actor, for conversations that end before anything is due."""

    def __init__(self) -> None:
        self.table, ids = FakeAgendaTable(), itertools.count(1)
        self.agenda = Agenda(self.table)
        self.actor = AgendaActor(self.agenda, self.table, lambda: f"entry-{next(ids)}")
