"""The actor of time and lists: a step becomes an entry that is kept, changed or gone, on the disk before the reply."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from edge.agenda import values as read
from edge.agenda.agenda import Agenda, again, settled
from edge.agenda.lists import ListMemory, Lists
from edge.entries import Entry, Kept, Kind
from edge.errors import StageFailed
from edge.knowledge import Knowledge
from edge.records import Outcome, Step
from edge.turn import Context
from edge.wall import local, zone_called

ENTRIES_MAX: Final = 100

SNOOZE_S: Final = 540.0

_Deed = Callable[[Mapping[str, Any], Context], Outcome]


class Cannot(Exception):  # noqa: N818 - says what is the matter, like StageFailed
    """Why a wish cannot be granted: gone, full, past, far; never leaves this room."""


class AgendaActor:
    """Performs the commands of `edge.commands.AGENDA`."""

    def __init__(self, agenda: Agenda, lists: ListMemory, new_entry_id: Callable[[], str]) -> None:
        self._agenda = agenda
        self._new_entry_id = new_entry_id
        written = Lists(lists)
        self._deeds: Mapping[str, _Deed] = {
            "start_timer": self._start_timer,
            "change_timer": self._change_timer,
            "pause_timer": self._pause_timer,
            "resume_timer": self._resume_timer,
            "set_alarm": lambda values, context: self._set("alarm", read.name(values), values, context),
            "set_reminder": lambda values, context: self._set("reminder", read.name(values, "text"), values, context),
            "do_later": lambda values, context: self._set("command", read.words(values), values, context),
            "snooze": self._snooze,
            "stop_ringing": self._stop_ringing,
            **dict.fromkeys(("cancel_timer", "cancel_alarm", "cancel_reminder", "cancel_later"), self._cancel),
            **dict.fromkeys(("get_timers", "get_alarms", "get_reminders", "get_later"), self._get),
            "add_items": lambda values, _: written.add(values),
            "remove_items": lambda values, _: written.remove(values),
            "get_items": lambda values, _: written.get(values),
            "clear_items": lambda values, _: written.clear(values),
        }

    def perform(self, step: Step, context: Context, knowledge: Knowledge) -> Outcome:
        """What is kept now, in the answer's `entries` or `items`; or the `problem`. Raises StageFailed."""
        try:
            return self._deeds[step.action.command](step.action.values, context)
        except Cannot as cannot:
            return Outcome(answer={"problem": str(cannot)})
        except read.Unusable as unusable:
            raise StageFailed("action", f"the command does not say what it needs: {unusable}") from unusable
        except StageFailed as failed:
            if failed.point != "store":
                raise
            return Outcome(answer={"problem": "store"})

    def _start_timer(self, values: Mapping[str, Any], context: Context) -> Outcome:
        length_s = read.seconds(values)
        if length_s <= 0:
            raise Cannot("past")
        if length_s > read.SECONDS_MAX:
            raise Cannot("far")
        self._check_room()
        due_at = context.now + timedelta(seconds=length_s)
        return self._keep([self._new("timer", due_at, read.name(values), context, length_s=length_s)], context)

    def _change_timer(self, values: Mapping[str, Any], context: Context) -> Outcome:
        kept, by_s = self._one(values), read.seconds(values)
        entry = kept.entry
        left_s = _left_s(entry, context.now) + by_s
        if left_s <= 0:
            raise Cannot("past")
        if left_s > read.SECONDS_MAX:
            raise Cannot("far")
        changed = replace(
            entry,
            due_at=context.now + timedelta(seconds=left_s),
            left_s=None if entry.left_s is None else left_s,
            length_s=max(0.0, entry.length_s + by_s),
            ringing=False,
        )
        return self._keep([Kept(changed)], context)

    def _pause_timer(self, values: Mapping[str, Any], context: Context) -> Outcome:
        entry = self._one(values).entry
        if entry.ringing:
            raise Cannot("gone")
        return self._keep([Kept(replace(entry, left_s=_left_s(entry, context.now)))], context)

    def _resume_timer(self, values: Mapping[str, Any], context: Context) -> Outcome:
        kept = self._one(values)
        entry = kept.entry
        if entry.left_s is None:
            return _told([entry], context)
        due_at = context.now + timedelta(seconds=entry.left_s)
        return self._keep([Kept(replace(entry, due_at=due_at, left_s=None))], context)

    def _set(self, kind: Kind, name: str, values: Mapping[str, Any], context: Context) -> Outcome:
        zone = zone_called(context.zone)
        days = read.days(values)
        due_at = read.moment(values, zone)
        if not days and due_at <= context.now:
            raise Cannot("past")
        if (due_at - context.now).total_seconds() > read.SECONDS_MAX:
            raise Cannot("far")
        self._check_room()
        kept = self._new(kind, due_at, name, context, days=days)
        if days:
            kept = again(replace(kept, hour=read.hour(values), zone=context.zone), context.now)
        return self._keep([kept], context)

    def _snooze(self, values: Mapping[str, Any], context: Context) -> Outcome:
        """What rings rings again later; what comes again each week also keeps its own time."""
        wait_s = read.seconds(values) if "seconds" in values else SNOOZE_S
        if not 0 < wait_s <= read.SECONDS_MAX:
            raise Cannot("past" if wait_s <= 0 else "far")
        due_at = context.now + timedelta(seconds=wait_s)
        ringing, later = self._ringing(), []
        for kept in ringing:
            entry_id = self._new_entry_id() if kept.entry.days else kept.entry.entry_id
            once = replace(kept.entry, entry_id=entry_id, due_at=due_at, days=(), ringing=False)
            later.append(Kept(once))
        moved, _ = settled((kept for kept in ringing if kept.entry.days), context.now)
        self._agenda.commit([*moved, *later])
        return _told([kept.entry for kept in later], context)

    def _stop_ringing(self, values: Mapping[str, Any], context: Context) -> Outcome:
        """Silence comes first: a full disk must not keep an alarm ringing."""
        ringing = self._ringing()
        self._agenda.settle(ringing, context.now)
        return _told([replace(kept.entry, ringing=False) for kept in ringing], context)

    def _cancel(self, values: Mapping[str, Any], context: Context) -> Outcome:
        chosen = self._chosen(values)
        self._agenda.commit((), [kept.entry.entry_id for kept in chosen])
        return _told([kept.entry for kept in chosen], context)

    def _get(self, values: Mapping[str, Any], context: Context) -> Outcome:
        ids = read.texts(values, "entry_ids")
        return _told([kept.entry for kept in self._agenda.chosen(ids)], context)

    def _new(
        self,
        kind: Kind,
        due_at: datetime,
        name: str,
        context: Context,
        *,
        length_s: float = 0.0,
        days: tuple[int, ...] = (),
    ) -> Kept:
        due_at = local(due_at, zone_called(context.zone))
        room, speaker = context.room, context.speaker
        entry = Entry(self._new_entry_id(), kind, due_at, name, length_s, days=days, room=room, speaker=speaker)
        return Kept(entry)

    def _keep(self, entries: Sequence[Kept], context: Context) -> Outcome:
        self._agenda.commit(entries)
        return _told([kept.entry for kept in entries], context)

    def _check_room(self) -> None:
        if len(self._agenda.entries) >= ENTRIES_MAX:
            raise Cannot("full")

    def _one(self, values: Mapping[str, Any]) -> Kept:
        found = self._agenda.chosen([str(values.get("entry_id"))])
        if not found or found[0].entry.kind != "timer":
            raise Cannot("gone")
        return found[0]

    def _chosen(self, values: Mapping[str, Any]) -> Sequence[Kept]:
        found = self._agenda.chosen(read.texts(values, "entry_ids"))
        if not found:
            raise Cannot("gone")
        return found

    def _ringing(self) -> Sequence[Kept]:
        found = [kept for kept in self._agenda.kept if kept.rang_at]
        if not found:
            raise Cannot("gone")
        return found


def _left_s(entry: Entry, now: datetime) -> float:
    """What is left until it is due; nothing of what rings."""
    return entry.left_s if entry.left_s is not None else max(0.0, (entry.due_at - now).total_seconds())


def _told(entries: Iterable[Entry], context: Context) -> Outcome:
    """The entries with all their fields, so that a reply can be made of them, and an undo."""
    zone = zone_called(context.zone)
    plain = [
        {
            "entry_id": entry.entry_id,
            "kind": entry.kind,
            "name": entry.name,
            "due_at": local(entry.due_at, zone).isoformat(),
            "left_s": _left_s(entry, context.now),
            "length_s": entry.length_s,
            "days": list(entry.days),
            "paused": entry.left_s is not None,
            "ringing": entry.ringing,
            "room": entry.room,
            "speaker": entry.speaker,
        }
        for entry in entries
    ]
    return Outcome(answer={"entries": plain})
