"""Resolution of what is about timers, alarms, reminders, commands for later and lists.

Entries are picked here from those that are set, by name, length, time or order, so that the actor gets exact ids; where
several fit it is asked which. An alarm and a whole list are given up after a yes only.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from edge import intents
from edge.entries import Entry, Kind
from edge.knowledge import HomeMap
from edge.names import canonical, content, fold
from edge.records import Ambiguous, Candidate, Interpretation, Resolution, ResolvedAction, Unresolved
from edge.resolution.request import Request
from edge.resolution.timing import NoMoment, Use, When, when
from edge.risk import need, strictest
from edge.turn import Context
from edge.wall import local, zone_called

SNOOZE_S: Final = 540.0
"""Nine minutes, where nothing else was said."""

SHOPPING: Final = "shopping"
_SAME_LIST: Final = frozenset({"shopping", "grocery", "groceries", "food", "shopping list"})

_ORDER: Final[Mapping[str, int]] = {
    **dict.fromkeys(("first", "1st", "next", "1"), 0),
    **dict.fromkeys(("second", "2nd", "2", "other"), 1),
    **dict.fromkeys(("third", "3rd", "3"), 2),
    **dict.fromkeys(("last", "latest"), -1),
}
_A_SECOND: Final = 1.0
_HALF_A_DAY: Final = 12


def inner_of(said: Interpretation) -> tuple[Interpretation, ...]:
    """The commands in an intents.LATER, as they would be understood now."""
    return tuple(
        Interpretation(each["intent"], each["slots"], said.confidence, said.source) for each in said.slots["inner"]
    )


def do_later(request: Request, inner: Sequence[Candidate], home: HomeMap) -> Resolution:
    """intents.LATER: the words, if all that they mean could be done now and wants nobody who says yes."""
    for candidate in inner:
        resolution = candidate.resolution
        if isinstance(resolution, Unresolved):
            return resolution
        if isinstance(resolution, Ambiguous):
            return Unresolved("no_area")  # later nobody is there to be asked
        devices = [home.device[target] for target in resolution.targets if target in home.device]
        tier = strictest(device.tier for device in devices)
        asks = candidate.interpretation.intent == intents.SKILL and resolution.needs_confirmation
        if asks or need(tier, devices=len(devices), attended=False, pin=request.context.pin_is_set) != "nothing":
            return Unresolved("unattended", targets=resolution.targets)
    return _at(request, "reminder", "do_later", {"text": request.slots["words"]})


# --- what is set -----------------------------------------------------------------------------------------------------


def _start_timer(request: Request) -> Resolution:
    seconds = _seconds(request)
    if isinstance(seconds, Unresolved):
        return seconds
    return ResolvedAction((), "start_timer", {"seconds": seconds, **_given(request, "name")})


def _set_alarm(request: Request) -> Resolution:
    return _at(request, "alarm", "set_alarm", _given(request, "name"))


def _set_reminder(request: Request) -> Resolution:
    return _at(request, "reminder", "set_reminder", {"text": str(request.slots.get("text", ""))})


def _at(request: Request, use: Use, command: str, values: Mapping[str, Any]) -> Resolution:
    moment = _moment(request, use)
    if isinstance(moment, Unresolved):
        return moment
    days = {"days": list(moment.days)} if moment.days else {}
    return ResolvedAction((), command, {"at": moment.at.isoformat(), **days, **values})


def _moment(request: Request, use: Use) -> When | Unresolved:
    said = request.slots.get("at")
    if not said:
        return Unresolved("no_time")
    moment = when(said, request.context.now, zone_called(request.context.zone), use)
    return Unresolved(moment.reason, moment.said) if isinstance(moment, NoMoment) else moment


def _seconds(request: Request, otherwise: float | None = None) -> float | Unresolved:
    """How long, also where a moment was said; `otherwise` where nothing was."""
    if "seconds" in request.slots:
        return float(request.slots["seconds"])
    if "at" not in request.slots and otherwise is not None:
        return otherwise
    moment = _moment(request, "reminder")
    if isinstance(moment, Unresolved):
        return moment
    return round((moment.at.astimezone(UTC) - request.context.now.astimezone(UTC)).total_seconds(), 3)


def _given(request: Request, *keys: str) -> dict[str, Any]:
    return {key: request.slots[key] for key in keys if request.slots.get(key)}


# --- which one -------------------------------------------------------------------------------------------------------


def _change_timer(sign: int) -> Callable[[Request], Resolution]:
    def change(request: Request) -> Resolution:
        fitting = _timers(request, request.slots.get("of_seconds"))
        return _one(fitting, "change_timer", {"seconds": sign * float(request.slots["seconds"])})

    return change


def _for_timer(command: str) -> Callable[[Request], Resolution]:
    return lambda request: _one(_timers(request, request.slots.get("seconds")), command, {})


def _cancel_timer(request: Request) -> Resolution:
    fitting = _timers(request, request.slots.get("seconds"))
    ringing = _ringing(fitting)
    return _one(ringing or fitting, "cancel_timer", {}, several=True)


def _cancel_all_timers(request: Request) -> Resolution:
    return _all(_timers(request, None), "cancel_timer", asks=False)


def _get_timers(request: Request) -> Resolution:
    return _told(request, _timers(request, request.slots.get("seconds")), "get_timers")


def _timers(request: Request, seconds: float | None) -> Sequence[Entry] | Unresolved:
    fitting = _called(request, "timer", request.slots.get("name"))
    if seconds is None or isinstance(fitting, Unresolved):
        return fitting
    return [entry for entry in fitting if abs(entry.length_s - seconds) < _A_SECOND] or Unresolved(
        "nothing_set", "timer"
    )


def _cancel(kind: Kind, command: str, key: str = "name", *, asks: bool = False) -> Callable[[Request], Resolution]:
    """`asks`: even a single one is given up only after a yes."""

    def cancel(request: Request) -> Resolution:
        fitting = _then(request, _called(request, kind, request.slots.get(key)))
        if request.slots.get("all"):
            return _all(fitting, command, asks=True)
        if kind == "alarm" and _ringing(fitting) and not {"at", "name"} & request.slots.keys():
            return ResolvedAction((), "stop_ringing")
        return _one(fitting, command, {}, several=True, asks=asks)

    return cancel


def _get(kind: Kind, command: str) -> Callable[[Request], Resolution]:
    return lambda request: _told(request, _then(request, _called(request, kind, None)), command)


def _told(request: Request, fitting: Sequence[Entry] | Unresolved, command: str) -> Resolution:
    if isinstance(fitting, Unresolved):
        if {"name", "seconds", "at"} & request.slots.keys():
            return fitting
        fitting = ()  # that nothing is set is the answer
    return ResolvedAction((), command, {"entry_ids": [entry.entry_id for entry in fitting]})


def _called(request: Request, kind: Kind, name: str | None) -> Sequence[Entry] | Unresolved:
    """Those of a kind that are called so; `first` and `last` count in the order in which they come."""
    entries = [entry for entry in request.context.agenda if entry.kind == kind]
    if not entries or not name:
        return entries or Unresolved("nothing_set", kind)
    if name in _ORDER and -len(entries) <= _ORDER[name] < len(entries):
        return [entries[_ORDER[name]]]
    said = _words(name, kind)
    exact = [entry for entry in entries if _words(entry.name, kind) == said]
    return (
        exact
        or [e for e in entries if said and said <= _words(e.name, kind)]
        or Unresolved("nothing_set", f"{name} {kind}")
    )


def _words(name: str, kind: Kind) -> frozenset[str]:
    return frozenset(canonical(word) for word in content(name)) - {kind}


def _then(request: Request, entries: Sequence[Entry] | Unresolved) -> Sequence[Entry] | Unresolved:
    """Those of the time that was said, if one was."""
    said = request.slots.get("at")
    if not said or isinstance(entries, Unresolved):
        return entries
    fitting = [entry for entry in entries if _comes_then(entry, said, request.context)]
    return fitting or Unresolved("nothing_set", f"{entries[0].kind} then")


def _comes_then(entry: Entry, said: Mapping[str, Any], context: Context) -> bool:
    zone = zone_called(context.zone)
    due_at = local(entry.due_at, zone)
    if said.get("days") and set(said["days"]) != set(entry.days):
        return False
    if "hour" in said:
        same = due_at.minute == said["minute"] and due_at.hour % _HALF_A_DAY == said["hour"] % _HALF_A_DAY
        exactly = said.get("half") != "exact" or due_at.hour == said["hour"]
        if (
            not same
            or not exactly
            or (said.get("half") in {"am", "pm"} and (said["half"] == "pm") != (due_at.hour >= 12))
        ):
            return False
    if not {"in_days", "weekday", "day"} & said.keys():
        return "in_s" not in said
    day = when(
        {key: said[key] for key in said if key not in {"hour", "minute", "half", "part"}} | _ANY_HOUR, *_now(context)
    )
    return isinstance(day, When) and day.at.date() == due_at.date()


_ANY_HOUR: Final = {"hour": 23, "minute": 59, "half": "exact"}
"""So that a day that was said is today for as long as it lasts."""


def _now(context: Context) -> tuple[datetime, Any, Use]:
    return context.now, zone_called(context.zone), "reminder"


def _ringing(entries: Sequence[Entry] | Unresolved) -> Sequence[Entry]:
    return [] if isinstance(entries, Unresolved) else [entry for entry in entries if entry.ringing]


def _one(
    fitting: Sequence[Entry] | Unresolved,
    command: str,
    values: Mapping[str, Any],
    *,
    several: bool = False,
    asks: bool = False,
) -> Resolution:
    """The command for the one that fits, else the question which; `several`: it takes a list of ids."""
    if isinstance(fitting, Unresolved):
        return fitting
    options = tuple({"entry_ids": [e.entry_id]} if several else {"entry_id": e.entry_id} for e in fitting)
    if len(options) > 1:
        return Ambiguous((), command, values, options)
    return ResolvedAction((), command, {**values, **options[0]}, needs_confirmation=asks)


def _all(fitting: Sequence[Entry] | Unresolved, command: str, *, asks: bool) -> Resolution:
    if isinstance(fitting, Unresolved):
        return fitting
    values = {"entry_ids": [entry.entry_id for entry in fitting]}
    return ResolvedAction((), command, values, needs_confirmation=asks)


# --- what rings, and lists -------------------------------------------------------------------------------------------


def _snooze(request: Request) -> Resolution:
    if not _ringing(request.context.agenda):
        return Unresolved("nothing_set", "ringing")
    seconds = _seconds(request, SNOOZE_S)
    return seconds if isinstance(seconds, Unresolved) else ResolvedAction((), "snooze", {"seconds": seconds})


def _stop_ringing(request: Request) -> Resolution:
    ringing = _ringing(request.context.agenda)
    return ResolvedAction((), "stop_ringing") if ringing else Unresolved("nothing_set", "ringing")


def _on_list(command: str, *, asks: bool = False) -> Callable[[Request], Resolution]:
    def on_list(request: Request) -> Resolution:
        name = fold(str(request.slots.get("list", SHOPPING)))
        values = {"list": SHOPPING if name in _SAME_LIST else name, **_given(request, "items")}
        return ResolvedAction((), command, values, needs_confirmation=asks)

    return on_list


RESOLVERS: Final[Mapping[str, Callable[[Request], Resolution]]] = {
    "HassStartTimer": _start_timer,
    "HassIncreaseTimer": _change_timer(1),
    "HassDecreaseTimer": _change_timer(-1),
    "HassPauseTimer": _for_timer("pause_timer"),
    "HassUnpauseTimer": _for_timer("resume_timer"),
    "HassCancelTimer": _cancel_timer,
    "HassCancelAllTimers": _cancel_all_timers,
    "HassTimerStatus": _get_timers,
    intents.SET_ALARM: _set_alarm,
    intents.CANCEL_ALARM: _cancel("alarm", "cancel_alarm", asks=True),
    intents.GET_ALARMS: _get("alarm", "get_alarms"),
    intents.SNOOZE: _snooze,
    intents.STOP_RINGING: _stop_ringing,
    intents.REMIND: _set_reminder,
    intents.CANCEL_REMINDER: _cancel("reminder", "cancel_reminder", "text"),
    intents.GET_REMINDERS: _get("reminder", "get_reminders"),
    intents.CANCEL_LATER: _cancel("command", "cancel_later"),
    intents.GET_LATER: _get("command", "get_later"),
    "HassShoppingListAddItem": _on_list("add_items"),
    "HassListAddItem": _on_list("add_items"),
    "HassShoppingListCompleteItem": _on_list("remove_items"),
    "HassListCompleteItem": _on_list("remove_items"),
    intents.GET_ITEMS: _on_list("get_items"),
    intents.CLEAR_LIST: _on_list("clear_items", asks=True),
}
