"""Words that mean different things in different circumstances: "the temperature", "music", "it is dark", "I am cold".

Where several meanings remain, each is worth a little less than plain words: evidence or a question tells them apart.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from edge import intents
from edge.context.here import Here, said_which
from edge.knowledge import Device, Habit
from edge.names import fold
from edge.records import Interpretation

SHARED: Final = 0.85
"""What each of several meanings is worth against plain words."""

HABIT_TIMES: Final = 3.0
"""So often this home has to have asked for something before a bare "play music" or "start brewing" means it."""

IMPLIED: Final = frozenset({intents.TOO_DARK, intents.TOO_BRIGHT, intents.TOO_COLD, intents.TOO_WARM})
"""What is asked for without saying what shall be done."""

_COFFEE: Final = frozenset({"coffee", "espresso", "cappuccino"})
_TEA: Final = frozenset({"kettle", "tea", "teapot", "samovar"})
_BREWERS: Final = _COFFEE | _TEA
_ANY_MUSIC: Final = frozenset(
    {"music", "some music", "song", "some song", "something", "anything", "tune", "some tunes", "my music"}
)
_MUSIC: Final = frozenset({"song", "track", "album", "playlist", "music", "radio"})


def meanings(said: Interpretation, here: Here, habits: tuple[Habit, ...]) -> tuple[Interpretation, ...]:
    """All that the words may mean here."""
    several = _SEVERAL.get(said.intent)
    found = several(said, here, habits) if several else (said,)
    if len(found) < 2:
        return found
    return tuple(replace(each, confidence=round(each.confidence * SHARED, 3)) for each in found)


def _temperature(said: Interpretation, here: Here, _: tuple[Habit, ...]) -> tuple[Interpretation, ...]:
    """How warm: the room, or the oven that is on."""
    if said_which(said.slots):
        return (said,)
    return (said, *(_of(said, device) for device in here.ovens_on))


def _music(said: Interpretation, here: Here, habits: tuple[Habit, ...]) -> tuple[Interpretation, ...]:
    """Just music: what is listened to here, at this hour first."""
    if fold(str(said.slots.get("search_query", ""))) not in {"", *_ANY_MUSIC}:
        return (said,)
    heard: dict[tuple[str, str, str], float] = {}
    for habit in habits:
        if habit.command == "play_media" and habit.values.get("media_kind") in _MUSIC:
            work = (str(habit.values.get("title")), str(habit.values["media_kind"]), str(habit.values.get("by", "")))
            heard[work] = heard.get(work, 0.0) + habit.times * (1.0 if here.is_about(habit.hour) else 0.5)
    if not heard or max(heard.values()) < HABIT_TIMES:
        return (said,)
    title, kind, by = max(heard, key=lambda each: (heard[each], each))
    slots = {**said.slots, "search_query": f"{title} by {by}" if by else title, "media_class": kind}
    return (replace(said, slots=slots),)


def _brew(said: Interpretation, here: Here, habits: tuple[Habit, ...]) -> tuple[Interpretation, ...]:
    """Coffee after getting up; at other hours what is brewed then, or one of what there is to brew with."""
    named = _TEA if said.slots.get("drink") == "tea" else _BREWERS
    brewers = [device for device in here.home.devices if device.tier != "guarded" and named & _words(device)]
    if said_which(said.slots) or not brewers:
        return (said,)
    usual = {
        habit.target
        for habit in habits
        if habit.command == "turn_on" and here.is_about(habit.hour) and habit.times >= HABIT_TIMES
    }
    likely = [device for device in brewers if device.device_id in usual]
    if here.just_got_up and named is _BREWERS:
        likely = [device for device in brewers if _COFFEE & _words(device)]
    switched_on = replace(said, intent="HassTurnOn")
    return tuple(_of(switched_on, device) for device in likely or brewers)


def _words(device: Device) -> set[str]:
    return {word for name in (device.name, *device.aliases) for word in fold(name).split()}


def _dark(said: Interpretation, here: Here, _: tuple[Habit, ...]) -> tuple[Interpretation, ...]:
    """Too dark: by day the blinds that keep the light out shall open, else it is lamps that are wanted."""
    covers = here.covers("closed")
    if said_which(said.slots) or not covers or not here.is_daylight:
        return (said,)
    return (_instead(said, "HassTurnOn", covers),)


def _bright(said: Interpretation, here: Here, _: tuple[Habit, ...]) -> tuple[Interpretation, ...]:
    """Too bright: where no lamp is on, it is the sun."""
    covers = here.covers("open")
    lamps = any(d.domain == "light" and here.holds(d) and here.is_on(d) for d in here.home.devices)
    if said_which(said.slots) or not covers or lamps or not here.is_daylight:
        return (said,)
    return (_instead(said, "HassTurnOff", covers),)


def _cold(said: Interpretation, here: Here, _: tuple[Habit, ...]) -> tuple[Interpretation, ...]:
    """Cold: while a window is open here, heating helps nobody. It is closed, or where no motor can, told of."""
    if said_which(said.slots):
        return (said,)
    moved = [d for d in here.windows if d.domain == "cover" and d.tier != "guarded" and here.state(d).value == "open"]
    if moved:
        return (_instead(said, "HassTurnOff", moved),)
    told = [d for d in here.windows if d.domain == "binary_sensor" and here.state(d).value == "on"]
    if told:
        slots = {"targets": [device.device_id for device in told], "question": "one"}
        return (replace(said, intent="HassGetState", slots=slots),)
    return (said,)


def _warm(said: Interpretation, here: Here, _: tuple[Habit, ...]) -> tuple[Interpretation, ...]:
    """Stuffy: a window that a motor opens, else the fan; heating less makes no air fresher."""
    if not said.slots.get("air"):
        return (said,)
    moved = [d for d in here.windows if d.domain == "cover" and d.tier != "guarded" and here.state(d).value == "closed"]
    if moved:
        return (_instead(said, "HassTurnOn", moved),)
    place = {"area": here.area.name} if here.area else {"here": True}
    return (replace(said, intent="HassTurnOn", slots={"domain": "fan", **place}),)


def _instead(said: Interpretation, intent: str, covers: Sequence[Device]) -> Interpretation:
    return replace(said, intent=intent, slots={"domain": "cover", "targets": [each.device_id for each in covers]})


def _of(said: Interpretation, device: Device) -> Interpretation:
    slots: Mapping[str, Any] = {key: said.slots[key] for key in said.slots if key not in {"here", "area"}}
    return replace(said, slots={**slots, "name": device.name, "targets": [device.device_id]})


_SEVERAL: Final[Mapping[str, Callable[[Interpretation, Here, tuple[Habit, ...]], tuple[Interpretation, ...]]]] = {
    "HassClimateGetTemperature": _temperature,
    "HassMediaSearchAndPlay": _music,
    intents.BREW: _brew,
    intents.TOO_DARK: _dark,
    intents.TOO_BRIGHT: _bright,
    intents.TOO_COLD: _cold,
    intents.TOO_WARM: _warm,
}
