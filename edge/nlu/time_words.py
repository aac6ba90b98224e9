"""The words of spoken times, one after another: lengths ("an hour and a half") and hours ("quarter to eight")."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from edge.numerals import TENS, UNITS

Words = Sequence[str]
"""Folded, numbers as digits."""
Read = tuple[Mapping[str, Any], int]
"""What was said, and the number of the word behind it."""

_UNITS_S: Final = {
    **dict.fromkeys(("second", "seconds", "sec", "secs"), 1.0),
    **dict.fromkeys(("minute", "minutes", "min", "mins"), 60.0),
    **dict.fromkeys(("hour", "hours", "hr", "hrs"), 3600.0),
    **dict.fromkeys(("day", "days"), 86_400.0),
    **dict.fromkeys(("week", "weeks"), 604_800.0),
}
LENGTH_MAX_S: Final = 1e9
"""Thirty years; what is longer is that long."""

_SIDES: Final = frozenset({"past", "after", "to", "before", "til"})
_FRACTIONS: Final = {"half": 0.5, "quarter": 0.25}
_ARTICLES: Final = frozenset({"a", "an"})
_MORE: Final = frozenset({"more", "extra", "full", "whole"})
_A_FEW: Final = 5.0
"""What "a few minutes" are; it is read back."""

AT: Final = frozenset({"at", "by", "around", "about", "for", "from"})
"""What stands before an hour."""
_COUNTED: Final = frozenset({"percent", "%", "degree", "degrees", "°", "notches", "times", "of", *_UNITS_S})
"""After one of these a number was no hour."""

_TOKEN: Final = re.compile(
    r"(?<![^\W\d_])[ap]\.? ?m\b\.?|\d+[:.]\d+|\d+(?:st|nd|rd|th)\b|\d+|[%°]|[^\W\d_]+(?:['\u2019][^\W\d_]+)*",
    re.IGNORECASE,
)
_OF_A_DAY: Final = re.compile(r"(?<=^tomorrow)'s$|(?<=^today)'s$")
"""`tomorrow's alarm` is the one of tomorrow."""
_DIGITS: Final = re.compile(r"\d{1,2}")
_SHOWN: Final = re.compile(r"(\d+)[:.](\d\d)")
_OF_WORDS: Final = {**UNITS, **TENS}


@dataclass(frozen=True)
class Word:
    """One word of a sentence, and where it stands."""

    word: str
    start: int
    end: int


def words_of(text: str) -> list[Word]:
    """The words of a sentence; `twenty five` and `a hundred and five` are one."""
    plain = [Word(_plain(token[0]), token.start(), token.end()) for token in _TOKEN.finditer(text)]
    found: list[Word] = []
    at = 0
    while at < len(plain):
        number, after = _number([each.word for each in plain[at : at + 5]])
        found.append(Word(number, plain[at].start, plain[at + after - 1].end) if after else plain[at])
        at += after or 1
    return found


def _plain(token: str) -> str:
    folded = token.casefold().replace("\u2019", "'")
    if re.fullmatch(r"[ap]\.? ?m\.?", folded):
        return f"{folded[0]}m"
    return _OF_A_DAY.sub("", folded).replace("'", "")


def _number(words: Words) -> tuple[str, int]:
    """The number in words at the beginning, in digits, and of how many words; of none where there is none."""
    value, after = _below_hundred(words)
    if words[after : after + 1] == ["hundred"] and value < 10:
        value, after = 100 * value, after + 1
    elif words[:2] == ["a", "hundred"]:
        value, after = 100, 2
    else:
        return str(value), after
    rest = after + 1 if words[after : after + 1] == ["and"] else after
    more, behind = _below_hundred(words[rest:])
    return (str(value + more), rest + behind) if behind else (str(value), after)


def _below_hundred(words: Words) -> tuple[int, int]:
    value = _OF_WORDS.get(words[0]) if words else None
    if value is None:
        return (int(words[0]), 1) if words and words[0].isdecimal() and words[1:2] == ["hundred"] else (0, 0)
    unit = UNITS.get(words[1], 0) if value >= 20 and len(words) > 1 else 0
    return (value + unit, 2) if 0 < unit < 10 else (value, 1)


def length(words: Words, at: int) -> tuple[float, int] | None:
    """A stretch of time in seconds: `an hour and a half`, `2 minutes and 30 seconds`."""
    first = _stretch(words, at)
    if first is None:
        return None
    total, after = first
    while True:
        follows = after + 1 if words[after : after + 1] == ["and"] else after
        more = _stretch(words, follows) if _digits(words, follows) else None
        if more is None:
            return total, after
        total, after = total + more[0], more[1]


def _stretch(words: Words, at: int) -> tuple[float, int] | None:
    part, after = _fraction(words, at)
    if part:
        while words[after : after + 1] and words[after] in {"of", *_ARTICLES}:
            after += 1
        unit_s = _unit(words, after)
        return (part * unit_s, after + 1) if unit_s else None
    many, after = _many(words, at)
    part, behind = _and_fraction(words, after)
    after = behind + (words[behind : behind + 1] != [] and words[behind] in _MORE)
    unit_s = _unit(words, after)
    if not many or not unit_s:
        return None
    extra, behind = (part, after + 1) if part else _and_fraction(words, after + 1)
    return min((many + extra) * unit_s, LENGTH_MAX_S), behind


def _many(words: Words, at: int) -> tuple[float, int]:
    """How many; none where no number stands there."""
    if words[at : at + 2] == ["a", "couple"] or words[at : at + 1] == ["couple"]:
        after = words.index("couple", at) + 1
        return 2.0, after + (words[after : after + 1] == ["of"])
    if words[at : at + 2] == ["a", "few"]:
        return _A_FEW, at + 2
    if at < len(words) and words[at] in {*_ARTICLES, "another"}:
        return 1.0, at + 1
    try:
        return (float(words[at]), at + 1) if at < len(words) and words[at][0].isdecimal() else (0.0, at)
    except ValueError:
        return 0.0, at


def _and_fraction(words: Words, at: int) -> tuple[float, int]:
    """`and a half`; nothing where it is not said."""
    if words[at : at + 1] != ["and"]:
        return 0.0, at
    part, after = _fraction(words, at + 1)
    return (part, after) if part else (0.0, at)


def _fraction(words: Words, at: int) -> tuple[float, int]:
    """`half`, `a quarter`, `3 quarters`."""
    start = at + 1 if at + 1 < len(words) and words[at] in _ARTICLES else at
    if words[start : start + 1] and words[start] in _FRACTIONS:
        return _FRACTIONS[words[start]], start + 1
    return (0.75, start + 2) if words[start : start + 2] == ["3", "quarters"] else (0.0, at)


def _unit(words: Words, at: int) -> float:
    return _UNITS_S.get(words[at], 0.0) if at < len(words) else 0.0


def _digits(words: Words, at: int) -> int | None:
    return int(words[at]) if at < len(words) and _DIGITS.fullmatch(words[at]) else None


def clock(words: Words, at: int) -> Read | None:
    """An hour that can be nothing else: `7 pm`, `19:30`, `half past 6`, `noon`; with or without "at"."""
    start = at + 1 if at < len(words) and words[at] in AT else at
    if words[start : start + 1] and words[start] in {"noon", "midday", "midnight"}:
        return {"hour": 0 if words[start] == "midnight" else 12, "minute": 0, "half": "exact"}, start + 1
    return _shown(words, start, is_said=start > at) or _past(words, start) or _with_half(words, start)


def _shown(words: Words, at: int, *, is_said: bool) -> Read | None:
    """`19:30`; `7.30` only after "at"."""
    shown = _SHOWN.fullmatch(words[at]) if at < len(words) else None
    after = _after_oclock(words, at + 1)
    if shown is None or ("." in shown[0] and not is_said and _half(words, after) is None):
        return None
    if words[after : after + 1] and words[after] in _COUNTED:
        return None
    hour, minute = int(shown[1]), int(shown[2])
    if hour > 24 or minute > 59:
        return {"impossible": shown[0]}, after
    exact = hour > 12 or shown[1].startswith("0")
    return _hour(hour % 24, minute, words, after, exact=exact)


def _past(words: Words, at: int) -> Read | None:
    """`half past 6`, `quarter to 8`, `20 past 3`, `10 minutes to 4`."""
    part, after = _fraction(words, at)
    minutes = round(part * 60) if part in _FRACTIONS.values() else _digits(words, at)
    if not part:
        after = at + 1 + (words[at + 1 : at + 2] != [] and words[at + 1] in {"minute", "minutes"})
    side, hour = (words[after] if after < len(words) else ""), _digits(words, after + 1)
    if not minutes or hour is None or hour > 24 or minutes > 59 or side not in _SIDES:
        return None
    if side in {"past", "after"}:
        return _hour(hour % 24, minutes, words, _after_oclock(words, after + 2), exact=hour > 12)
    before = (hour - 1) % 24 if hour != 1 else 12
    return _hour(before, 60 - minutes, words, _after_oclock(words, after + 2), exact=hour > 12)


def _with_half(words: Words, at: int) -> Read | None:
    """`7 pm`, `7 30 am`, `7 oclock`."""
    said = _hour_and_minute(words, at)
    if said is None:
        return None
    hour, minute, after = said
    behind = _after_oclock(words, after)
    if behind == after and _half(words, after) is None:
        return None
    if hour > 24:
        return {"impossible": f"{hour} {words[after]}"}, behind + (_half(words, behind) is not None)
    return _hour(hour % 24, minute, words, behind, exact=hour > 12)


def hour(words: Words, at: int) -> Read | None:
    """An hour because "at" stands before it: `at 7`, `for 7 30`."""
    return bare(words, at + 1) if at < len(words) and words[at] in AT else None


def bare(words: Words, at: int) -> Read | None:
    """A number that may be an hour, if a day stands beside it."""
    said = _hour_and_minute(words, at)
    if said is None or said[0] > 24 or (words[said[2] : said[2] + 1] and words[said[2]] in _COUNTED):
        return None
    return _hour(said[0] % 24, said[1], words, said[2], exact=said[0] > 12 or said[0] == 0)


def _hour_and_minute(words: Words, at: int) -> tuple[int, int, int] | None:
    hour = _digits(words, at)
    if hour is None:
        return None
    if words[at + 1 : at + 2] and words[at + 1] in {"oh", "o", "0"} and _digits(words, at + 2) in range(10):
        return hour, int(words[at + 2]), at + 3
    minute = _digits(words, at + 1)
    if minute in range(10, 60) and not (words[at + 2 : at + 3] and words[at + 2] in _COUNTED):
        return hour, minute or 0, at + 2
    return hour, 0, at + 1


def _hour(hour: int, minute: int, words: Words, after: int, *, exact: bool) -> Read:
    said: dict[str, Any] = {"hour": hour, "minute": minute}
    half = _half(words, after)
    if half:
        after += 1
    if exact or half:
        said["half"] = "exact" if exact else half
    return said, after + (words[after : after + 1] == ["sharp"])


def _half(words: Words, at: int) -> str | None:
    return words[at] if at < len(words) and words[at] in {"am", "pm"} else None


def _after_oclock(words: Words, at: int) -> int:
    if words[at : at + 1] == ["oclock"]:
        return at + 1
    return at + 2 if words[at : at + 2] == ["o", "clock"] else at
