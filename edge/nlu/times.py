"""Spoken times: the lengths ("an hour and a half") and moments ("tomorrow at 9", "every monday") in a sentence.

What is found is what was said, not what it comes to: a moment is a table like `{"weekday": 1, "hour": 9, "minute": 0}`,
with which `edge.resolution.timing` reckons at the time of the turn. So a sentence means the same whenever it is read.

    in_s                  seconds from now
    hour, minute, half    of the clock; half am or pm where it was said, exact for 19:30 and noon
    in_days, same_hour    days from today; at the hour that it is now
    weekday, which        Monday is 0; this or next where it was said
    month, day            day alone: of the next month that has it to come
    part                  morning, afternoon, evening, night
    days                  it comes again on these weekdays
    impossible            what was said and is no time: "25:00"

No library does this. dateparser, the best kept one, reads "at 7" as a day in July, drops the hour of "tomorrow at 9",
does not know "half past six" or "an hour and a half", and costs 0.3 s and 20 MB at first; parsedatetime does not
know "at 7", and "the 3rd of december" is the first to it. Both want the time alone, cut out of its sentence.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from edge.nlu.time_words import Read, Word, Words, bare, clock, hour, length, words_of
from edge.numerals import TENS, UNITS

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_ORDINALS: Final = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
    "twentieth",
)  # fmt: skip
_PARTS: Final = frozenset({"morning", "afternoon", "evening", "night"})
_WORKDAYS: Final = [0, 1, 2, 3, 4]
_EVERY: Final[Mapping[str, list[int]]] = {
    "day": [0, 1, 2, 3, 4, 5, 6],
    **dict.fromkeys(("weekday", "workday", "week day", "working day"), _WORKDAYS),
    "weekend": [5, 6],
    **{day: [number] for number, day in enumerate(WEEKDAYS)},
}
_TWO_WORDS: Final = frozenset(name for name in _EVERY if " " in name)
_THROUGH: Final = frozenset({"to", "through", "till", "til", "until"})

WORDS: Final = (
    *WEEKDAYS, *MONTHS, *_ORDINALS, *_PARTS,
    "second seconds minute minutes hour hours day days week weeks quarter quarters half past to noon midday midnight",
    "o'clock am pm tomorrow today tonight weekday weekdays weekend weekends every each daily next this in at on by the",
    "after from now later an couple few more another thirtieth",
)  # fmt: skip
"""All words of which times are made, for the recogniser."""

_WORTH_A_LOOK: Final = re.compile(
    r"second|\bsecs?\b|minute|\bmins?\b|hour|\bhrs?\b|day|week|clock|[ap]\.?m\b|noon|midnight|tomorrow|tonight|morning"
    r"|night|evening|\d[:.]\d\d|\bthe \w+(?:th|st|nd|rd)\b"
    rf"|\b(?:at|by|around|about|for|from|past|to) (?:\d|half|quarter|{'|'.join([*UNITS, *TENS])})|{'|'.join(MONTHS)}",
    re.IGNORECASE,
)
"""A sentence without any of these holds no time, as most do not."""


@dataclass(frozen=True)
class Said:
    """A time that a sentence holds."""

    kind: Literal["length", "moment"]
    value: Any
    """Of a length the seconds, of a moment the table."""
    start: int
    end: int
    """Its characters in the sentence, with the "at" or "for" before it."""
    before: str = ""
    """The word before it, folded; empty at the beginning."""
    after: str = ""


def find(text: str) -> tuple[Said, ...]:
    """The times in a sentence, as they stand there."""
    if _WORTH_A_LOOK.search(text) is None:
        return ()
    words = words_of(text)
    return tuple(_said(part, words) for part in _merged(_parts([word.word for word in words])))


def cut(text: str, times: Sequence[Said]) -> str:
    """The sentence without these times."""
    for said in sorted(times, key=lambda each: -each.start):
        text = f"{text[: said.start].rstrip(' ,-')} {text[said.end :].lstrip(' ,-')}"
    return text.strip(" ,")


@dataclass(frozen=True)
class _Part:
    """A piece of a time: `tomorrow`, `at 9`."""

    kind: str
    value: Any
    start: int
    end: int


def _said(part: _Part, words: Sequence[Word]) -> Said:
    before = words[part.start - 1].word if part.start else ""
    after = words[part.end].word if part.end < len(words) else ""
    kind: Literal["length", "moment"] = "length" if part.kind == "length" else "moment"
    return Said(kind, part.value, words[part.start].start, words[part.end - 1].end, before, after)


def _parts(words: Words) -> list[_Part]:
    found: list[_Part] = []
    at = 0
    while at < len(words):
        part = next((part for kind, read in _READERS.items() if (part := _read(kind, read, words, at))), None)
        if part:
            found.append(part)
        at = part.end if part else at + 1
    return found


def _read(kind: str, read: Callable[[Words, int], Read | None], words: Words, at: int) -> _Part | None:
    found = read(words, at)
    return _Part(kind, found[0]["length"] if kind == "length" else found[0], at, found[1]) if found else None


def _merged(parts: Sequence[_Part]) -> list[_Part]:
    """Pieces that stand side by side are one moment: `tomorrow` `at 9`; a bare number is none alone."""
    merged: list[_Part] = []
    for part in parts:
        last = merged[-1] if merged else None
        if last and last.end == part.start and _go_together(last, part):
            kind = "moment" if "bare" not in {last.kind, part.kind} or last.kind != part.kind else "bare"
            merged[-1] = _Part(kind, {**last.value, **part.value}, last.start, part.end)
        else:
            merged.append(part)
    return [part for part in merged if part.kind != "bare"]


def _go_together(one: _Part, other: _Part) -> bool:
    if "length" in {one.kind, other.kind} or "in_s" in {**one.value, **other.value}:
        return False
    return not one.value.keys() & other.value.keys() or one.value.get("part") == other.value.get("part") is not None


# --- the pieces ------------------------------------------------------------------------------------------------------


def _from_now(words: Words, at: int) -> Read | None:
    """`in 10 minutes`, `in 3 days`, `an hour from now`."""
    first = words[at] in {"in", "after"}
    start = at + 1 if first or words[at] == "for" else at
    while (
        first and words[start : start + 1] and words[start] in {"the", "next", "about", "around", "exactly", "another"}
    ):
        start += 1
    said = length(words, start)
    if said is None:
        return None
    seconds, after = said
    if words[after : after + 1] == ["time"]:
        after += 1
    elif words[after : after + 2] in (["from", "now"], ["from", "today"]):
        first, after = True, after + 2
    elif words[after : after + 1] == ["later"]:
        first, after = True, after + 1
    if not first:
        return None
    unit = next((word for word in reversed(words[start:after]) if word.rstrip("s") in {"day", "week", "hour"}), "")
    if unit.rstrip("s") in {"day", "week"} and seconds % 86_400 == 0:
        return {"in_days": int(seconds // 86_400), "same_hour": True}, after
    return {"in_s": seconds}, after


def _length(words: Words, at: int) -> Read | None:
    """`10 minutes`, `for about an hour`."""
    start = at
    while words[start : start + 1] and words[start] in {"for", "about", "around"}:
        start += 1
    said = length(words, start)
    return ({"length": said[0]}, said[1]) if said else None


def _every(words: Words, at: int) -> Read | None:
    """`every monday and thursday`, `on weekdays`, `daily`, `monday to friday`."""
    start = at + (words[at] in {"on", "at", "during", "from"})
    start += words[start : start + 1] == ["the"]
    if words[start : start + 1] == ["daily"]:
        return {"days": [*range(7)]}, start + 1
    through = _weekday(words, start), _weekday(words, start + 2)
    if None not in through and words[start + 1] in _THROUGH:
        first, last = (day or 0 for day in through)
        return {"days": sorted((first + ahead) % 7 for ahead in range((last - first) % 7 + 1))}, start + 3
    every = words[start : start + 1] in (["every"], ["each"])
    days, after = _days(words, start + every, plural=not every)
    if not days:
        if every and words[start + 1 : start + 2] and words[start + 1] in _PARTS:
            return {"days": [*range(7)], "part": words[start + 1]}, start + 2
        return None
    part = words[after] if after < len(words) and words[after] in _PARTS else None
    return {"days": days, **({"part": part} if part else {})}, after + (part is not None)


def _days(words: Words, at: int, *, plural: bool) -> tuple[list[int], int]:
    """`monday and thursday`; `plural`: where no "every" was said, `mondays and thursdays`."""
    days, after = set[int](), at
    while after < len(words):
        follows = after + (bool(days) and words[after] == "and")
        follows += bool(days) and words[follows : follows + 1] == ["every"]
        many = 2 if " ".join(words[follows : follows + 2]).removesuffix("s") in _TWO_WORDS else 1
        said = " ".join(words[follows : follows + many])
        if said.removesuffix("s") not in _EVERY or (plural and (not said.endswith("s") or said == "days")):
            break
        days.update(_EVERY[said.removesuffix("s")])
        after = follows + many
    return sorted(days), after


def _day(words: Words, at: int) -> Read | None:
    """`tomorrow morning`, `on friday`, `next tuesday`, `on the 3rd of december`."""
    start = at + (words[at] in {"on", "by", "for", "from", "at"})
    start += words[start : start + 1] == ["the"]
    said = _near(words, start) or _of_week(words, start) or _of_month(words, start)
    if said is None:
        return None
    value, after = said
    if after < len(words) and words[after] in _PARTS:
        return {**value, "part": words[after]}, after + 1
    return value, after


def _near(words: Words, at: int) -> Read | None:
    for said, ahead in (("day after tomorrow", 2), ("tomorrow", 1), ("today", 0), ("next week", 7)):
        many = said.count(" ") + 1
        if words[at : at + many] == said.split():
            return {"in_days": ahead}, at + many
    return None


def _of_week(words: Words, at: int) -> Read | None:
    which = words[at] if at < len(words) and words[at] in {"this", "next", "coming"} else ""
    start = at + bool(which)
    start += words[start : start + 1] == ["coming"]
    day = 5 if words[start : start + 1] == ["weekend"] else _weekday(words, start)
    if day is None:
        return None
    return {"weekday": day, **({"which": which} if which in {"this", "next"} else {})}, start + 1


def _of_month(words: Words, at: int) -> Read | None:
    """`3rd of december`, `december 3rd`, and `3rd` after "the"."""
    day = _ordinal(words, at)
    if day is not None:
        after = at + 1 + (words[at + 1 : at + 2] == ["of"])
        month = _month(words, after)
        if month:
            return {"month": month, "day": day}, after + 1
        if words[at - 1] == "the" and not words[at].isdecimal() and words[at] not in _ORDINALS[:4]:
            return {"day": day}, at + 1  # but "the second one" is no day
        return None
    month = _month(words, at)
    after = at + 1 + (words[at + 1 : at + 2] == ["the"])
    day = _ordinal(words, after) if month else None
    return ({"month": month, "day": day}, after + 1) if day else None


def _part(words: Words, at: int) -> Read | None:
    """`in the morning`, `at night`, `this evening`, `tonight`."""
    if words[at] == "tonight":
        return {"in_days": 0, "part": "night"}, at + 1
    if words[at : at + 2] == ["at", "night"]:
        return {"part": "night"}, at + 2
    start = at + (words[at] in {"for", "by"})
    if words[start : start + 1] == ["this"] and start + 1 < len(words) and words[start + 1] in _PARTS:
        return {"in_days": 0, "part": words[start + 1]}, start + 2
    named = at + 2 < len(words) and words[at] in {"in", "during"} and words[at + 1] == "the" and words[at + 2] in _PARTS
    return ({"part": words[at + 2]}, at + 3) if named else None


def _weekday(words: Words, at: int) -> int | None:
    return WEEKDAYS.index(words[at]) if at < len(words) and words[at] in WEEKDAYS else None


def _month(words: Words, at: int) -> int:
    return MONTHS.index(words[at]) + 1 if at < len(words) and words[at] in MONTHS else 0


def _ordinal(words: Words, at: int) -> int | None:
    """`3rd`, `third`, `3`."""
    if at >= len(words):
        return None
    if words[at] in _ORDINALS:
        return _ORDINALS.index(words[at]) + 1
    number = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?", words[at])
    return int(number[1]) if number else None


_READERS: Final[Mapping[str, Callable[[Words, int], Read | None]]] = {
    "moment": _from_now,
    "every": _every,
    "day": _day,
    "part": _part,
    "clock": clock,
    "length": _length,
    "hour": hour,
    "bare": bare,
}
"""In this order: `for 10 minutes` is a length before `for 10` is an hour."""
