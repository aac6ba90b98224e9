"""What is said about timers, alarms, reminders and lists: times cut out, items told apart, names cleaned."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from edge import intents
from edge.entries import Entry
from edge.names import fold
from edge.nlu.times import Said, cut, find
from edge.nlu.vocabulary import english_words
from edge.records import Interpretation
from edge.text import clean

CUTS_MAX: Final = 3
"""So many ways to take a time out of a sentence are tried."""

NAME_CHARACTERS_MAX: Final = 60
"""What is longer is no name of a timer or list."""

ITEMS_MAX: Final = 20
"""More things are not put on a list in one breath."""

_LOUD: Final = frozenset({"alarm", "timer"})
"""What rings until it is stopped; a reminder is told, and then "turn it off" means something else."""

_RINGING: Final = english_words()["ringing"]
_STOP: Final = frozenset(map(fold, _RINGING["stop"]))
_SNOOZE: Final = frozenset(map(fold, _RINGING["snooze"]))

_BEFORE_A_TIME: Final = frozenset({"me", "us", "reminder", "alarm", "timer"})
_TIMER: Final = frozenset({"timer", "timers", "countdown"})
_LIST: Final = re.compile(r"\b(?:list|groceries)\b", re.IGNORECASE)
_COMMA: Final = re.compile(r"\s*,\s*(?:and\s+)?|\s+(?:and|plus)\s+", re.IGNORECASE)
_ARTICLE: Final = re.compile(r"^(?:(?:the|a|an|my|our|some|any|also)\s+)+(?=\S)", re.IGNORECASE)
_LEFT_OVER: Final = re.compile(r"^(?:to|that|about|of|for)\s+|[\s,.!?;:-]+$", re.IGNORECASE)


@dataclass(frozen=True)
class Cut:
    """A sentence without a time, and that time as slots."""

    rest: str
    slots: Mapping[str, Any]
    takes: Literal["length", "moment"]
    words: str = ""
    """What was cut out, of a moment."""


def cuts(text: str) -> Iterator[Cut]:
    """The ways to take a time out of a sentence, likeliest first: moments one by one, lengths together."""
    times = find(text)
    moments = [said for said in times if said.kind == "moment"]
    lengths = [said for said in times if said.kind == "length"]
    for said in sorted(moments, key=_place)[: CUTS_MAX - bool(lengths)]:
        yield Cut(cut(text, [said]), {"at": said.value}, "moment", text[said.start : said.end])
    if lengths and not moments:
        yield Cut(cut(text, lengths[:2]), _of_lengths(lengths[:2]), "length")


def _place(said: Said) -> tuple[bool, bool, int]:
    """First what stands at the beginning or after "remind me", then what stands last: the others belong to the text."""
    return said.start > 0, said.before not in _BEFORE_A_TIME, -said.start


def _of_lengths(lengths: Sequence[Said]) -> dict[str, float]:
    """`five minutes` and, for `the ten minute timer`, its length."""
    named = [said for said in lengths if said.after in _TIMER] if len(lengths) > 1 else []
    given = [said for said in lengths if said not in named[-1:]]
    return {"seconds": given[0].value, **({"of_seconds": named[-1].value} if named else {})}


def free_text(text: str) -> str:
    """A sentence about a list, with an "and" for every comma between things."""
    return _COMMA.sub(" and ", text) if _LIST.search(text) else text


def shaped(intent: str, slots: Mapping[str, Any]) -> dict[str, Any] | None:
    """The slots with items as a list and with clean names; None where what was caught is no name."""
    if intent not in intents.AGENDA:
        return dict(slots)
    made = dict(slots)
    if "items" in made:
        made["items"] = _items(str(made["items"]))
    for key in ("name", "list"):
        if key in made:
            made[key] = _ARTICLE.sub("", clean(str(made[key]))).casefold()
            if not made[key] or len(made[key]) > NAME_CHARACTERS_MAX:
                return None
    if "text" in made:
        made["text"] = _LEFT_OVER.sub("", clean(str(made["text"])))
    return made if all(made.get(key, True) for key in ("items", "text")) else None


def _items(said: str) -> list[str]:
    """`milk and some eggs` -> milk, eggs."""
    items = (_ARTICLE.sub("", item.strip(" .!?")) for item in _COMMA.split(said))
    return list(dict.fromkeys(item for item in items if item))[:ITEMS_MAX]


def to_what_rings(text: str, agenda: Sequence[Entry]) -> tuple[Interpretation, ...]:
    """What a bare sentence says to what rings; nothing where nothing rings or it says something else."""
    if not any(entry.ringing for entry in agenda):
        return ()
    said = fold(text)
    if said in _STOP and any(entry.ringing and entry.kind in _LOUD for entry in agenda):
        return (Interpretation(intents.STOP_RINGING),)
    if said in _SNOOZE:
        return (Interpretation(intents.SNOOZE),)
    for way in cuts(text):
        if way.takes == "length" and fold(way.rest) in {*_SNOOZE, ""}:
            return (Interpretation(intents.SNOOZE, {"seconds": way.slots["seconds"]}),)
    return ()
