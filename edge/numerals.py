"""Words: numbers that were said in words, as digits."""

from typing import Final

UNITS: Final = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
TENS: Final = {
    word: 10 * value
    for value, word in enumerate(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], 2)
}
_SCALES: Final = {"hundred": 100, "thousand": 1000}


def digits_for_words(text: str) -> str:
    """`set it to twenty one point five` -> `set it to 21.5`. Folded text in and out; idempotent."""
    words, said = text.split(), list[str]()
    at = 0
    while at < len(words):
        number, after = _number(words, at)
        said.append(words[at] if number is None else number)
        at = at + 1 if number is None else after
    return " ".join(said)


def _number(words: list[str], at: int) -> tuple[str | None, int]:
    """The number that begins at `at`, as digits, and the position behind it; None where no number begins."""
    whole, after = _whole(words, at)
    return _with_fraction(whole, words, after) if whole is not None else (None, at)


def _whole(words: list[str], at: int) -> tuple[str | None, int]:
    if at < len(words) and words[at].isascii() and words[at].isdecimal():
        return words[at], at + 1
    value, after = _integer(words, at)
    return (None, at) if value is None else (str(value), after)


def _integer(words: list[str], at: int) -> tuple[int | None, int]:
    """A whole number in words, up to 999 999: `two hundred and five`."""
    total, group, after = 0, _below_hundred(words, at), at
    if group is None and not (words[at : at + 1] == ["a"] and words[at + 1 : at + 2] in (["hundred"], ["thousand"])):
        return None, at
    value, after = group or (1, at + 1)
    while after < len(words) and words[after] in _SCALES:
        scale = _SCALES[words[after]]
        if total and scale >= 1000:
            break
        value, after = value * scale, after + 1
        skip = after + 1 if words[after : after + 1] == ["and"] else after
        rest = _below_hundred(words, skip)
        if scale == 1000:
            total, value = value, 0
        if rest is None:
            break
        value, after = (value + rest[0], rest[1]) if scale == 100 else rest
    return total + value, after


def _below_hundred(words: list[str], at: int) -> tuple[int, int] | None:
    if at >= len(words):
        return None
    if words[at] in UNITS:
        return UNITS[words[at]], at + 1
    if words[at] not in TENS:
        return None
    unit = UNITS.get(words[at + 1], 10) if at + 1 < len(words) else 10
    return (TENS[words[at]] + unit, at + 2) if 0 < unit < 10 else (TENS[words[at]], at + 1)


def _with_fraction(whole: str, words: list[str], at: int) -> tuple[str, int]:
    """`21` followed by `point five` or `and a half`."""
    if words[at : at + 3] == ["and", "a", "half"]:
        return f"{whole}.5", at + 3
    if words[at : at + 1] == ["point"]:
        tenths, after = _whole(words, at + 1)
        if tenths is not None:
            return f"{whole}.{tenths}", after
    return whole, at
