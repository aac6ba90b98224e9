"""The evidence: what each circumstance says for or against a meaning, in nats of log-odds.

The sum is capped: circumstances decide between readings that are as good as each other, and never against clear words.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from edge.commands import READING
from edge.context.here import Here, said_which
from edge.knowledge import Device, Habit
from edge.records import Interpretation

CAP: Final = 1.5
"""All circumstances together: odds of 4.5 to 1."""

WEIGHTS: Final[Mapping[str, float]] = {
    "in the room": 0.8,  # most commands are for the room in which they are said
    "just spoken of": 0.9,  # the next command is mostly about the same thing; half as much with every turn between
    "would end": 0.6,  # what shall go off is on
    "has ended": -0.6,  # nobody means the lamp that is off
    "would begin": 0.2,  # people do switch on what is on already: they do not see it
    "has begun": -0.3,
    "is on": 0.3,  # what is made brighter or bluer is mostly on
    "plays": 0.8,  # what is quietened, paused or skipped is what sounds
    "is silent": -0.4,
    "does not answer": -0.6,  # a device that is away is seldom meant, and could not obey
    "habit": 1.0,  # at most: this home asks for that at this hour
    "to be seen, with a screen": 1.0,  # a film is looked at
    "to be seen, without": -1.4,
    "a screen is here": 1.4,  # a television in the room that is meant is as good for looking as for listening
    "for a speaker": 0.4,  # a loudspeaker plays no film and a television is no first choice for songs
    "hot": 1.0,  # an oven that is on is what one asks about, in its room or where no room is known
    "hot elsewhere": -1.0,
    "not the hot thing": -0.6,
    "at night": 0.3,  # people listen in bed
}
"""What each circumstance counts, with the reason beside it: set by judgement, not by a fit."""

_SEEN: Final = frozenset({"film", "movie", "video", "show", "series", "tv_show", "episode"})
_TOLD: Final = frozenset({"audiobook", "book", "podcast"})
_SOUNDING: Final = frozenset({"media_pause", "play", "next", "previous", "mute", "set_volume"})
_ENDING: Final = frozenset({"turn_off", "close", "unlock", "media_pause", "return_to_base", "pause", "disarm"})
_BEGINNING: Final = frozenset({"turn_on", "open", "lock", "start"})
_AIR: Final = frozenset({"here", "room", "inside", "house", "home", "air", "outside", "warm", "cold", "cool", "chilly"})
"""Words by which a question about temperature is not about an oven."""

_CHANGING: Final = frozenset({"brightness", "color", "color_temp", "speed"})


@dataclass(frozen=True)
class Meaning:
    """One thing that could be done: to which devices, with which values, for which words."""

    interpretation: Interpretation
    devices: tuple[Device, ...]
    command: str
    values: Mapping[str, Any]
    words: frozenset[str] = frozenset()
    """What was said, folded."""


def log_odds(meaning: Meaning, here: Here, habits: Sequence[Habit]) -> tuple[float, frozenset[str]]:
    """What the circumstances say for (or, below 0, against) the meaning, capped; and whose states had a say."""
    reasons = [*_of_media(meaning, here), *_of_heat(meaning, here)]
    if meaning.devices and all(map(here.holds, meaning.devices)):
        reasons.append("in the room")
    weight = sum(WEIGHTS[reason] for reason in reasons)
    consulted = set[str]()
    for device in meaning.devices:
        told = _of_state(meaning, device, here)
        consulted |= {device.device_id} if told else set()
        weight += sum(WEIGHTS[reason] for reason in told) / len(meaning.devices)
    weight += WEIGHTS["just spoken of"] * _spoken_of(meaning, here)
    weight += WEIGHTS["habit"] * _habitual(meaning, here, habits)
    return max(-CAP, min(CAP, weight)), frozenset(consulted)


def updated(score: float, weight: float) -> float:
    """The score after the evidence, 0 to 1; what is certain in words stays all but certain."""
    if not weight:
        return score
    certain = min(0.99, max(0.01, score))
    after = 1 / (1 + math.exp(-(math.log(certain / (1 - certain)) + weight)))
    return round(max(score, after) if weight > 0 else min(score, after), 3)


def _of_state(meaning: Meaning, device: Device, here: Here) -> tuple[str, ...]:
    """What the device's own state says."""
    if device.device_id not in here.context.states or meaning.command in READING:
        return ()
    if here.state(device).value == "unavailable":
        return ("does not answer",)
    return tuple(_of_doing(meaning, device, here)) if here.is_known(device) else ()


def _of_doing(meaning: Meaning, device: Device, here: Here) -> Iterator[str]:
    """Whether the command would change what the device does."""
    if meaning.command in _SOUNDING and device.domain == "media_player":
        yield "plays" if here.is_on(device) else "is silent"
    elif meaning.values.keys() & _CHANGING:
        yield from ("is on",) if here.is_on(device) else ()
    elif meaning.command in _ENDING:
        yield "would end" if here.would_change("HassTurnOff", device) else "has ended"
    elif meaning.command in _BEGINNING:
        yield "would begin" if here.would_change("HassTurnOn", device) else "has begun"


def _spoken_of(meaning: Meaning, here: Here) -> float:
    """1 where the last turn was about these devices, half as much with every turn between."""
    ids = {device.device_id for device in meaning.devices}
    for turns_ago, recent in enumerate(here.context.recent):
        if ids & set(recent.action.targets):
            return 0.5**turns_ago
    return 0.0


def _habitual(meaning: Meaning, here: Here, habits: Sequence[Habit]) -> float:
    """0 to 1: how often this home asked for just that at about this hour; ten times are as good as a hundred."""
    ids = {device.device_id for device in meaning.devices}
    times = sum(
        habit.times
        for habit in habits
        if habit.command == meaning.command
        and habit.target in ids
        and here.is_about(habit.hour)
        and all(meaning.values.get(key) == value for key, value in habit.values.items())
    )
    return min(1.0, math.log1p(times / max(1, len(ids))) / math.log(11))


def _of_media(meaning: Meaning, here: Here) -> tuple[str, ...]:
    """Films want a screen; without one, what can be listened to is meant."""
    kind = meaning.values.get("media_kind")
    if meaning.command != "play_media" or not kind:
        return ()
    reasons = list[str]()
    speakers = bool(meaning.devices) and all(device.device_class == "speaker" for device in meaning.devices)
    if kind in _SEEN:
        if here.context.screen:
            reasons.append("to be seen, with a screen")
        else:
            reasons.append("to be seen, without")
            told = said_which(meaning.interpretation.slots)
            if any(d.device_class == "tv" and (told or here.holds(d)) for d in meaning.devices):
                reasons.append("a screen is here")
    elif speakers:
        reasons.append("for a speaker")
    if kind in _TOLD and here.is_night:
        reasons.append("at night")
    return tuple(reasons)


def _of_heat(meaning: Meaning, here: Here) -> tuple[str, ...]:
    """Beside an oven that is on, "the temperature" is the oven's, unless the words are about the air."""
    slots = meaning.interpretation.slots
    if meaning.interpretation.intent != "HassClimateGetTemperature":
        return ()
    hot = here.area is None or any(map(here.holds, here.ovens_on))
    if slots.get("targets") and not slots.get("reference"):
        return ("hot",) if hot and not _AIR & meaning.words else ("hot elsewhere",)
    return ("not the hot thing",) if here.ovens_on and hot and not (_AIR & meaning.words or said_which(slots)) else ()
