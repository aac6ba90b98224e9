"""A spoken PIN: found in what was said, checked, and taken out of the words before anything else sees them."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final, Literal, Protocol

from edge.intents import PIN_TAKEN_OUT
from edge.numerals import TENS, UNITS
from edge.records import Transcript
from edge.text import normal
from edge.turn import Context

PIN_DIGITS_MIN, PIN_DIGITS_MAX = 4, 10

CHECKED_MAX: Final = 3
"""Runs of digits in one text that are held against the PIN; to check one is slow on purpose."""

_SAID: Final = {
    **{word: str(value) for word, value in {**UNITS, **TENS}.items()},
    **dict.fromkeys(("oh", "o", "nought"), "0"),
}
_SOUNDS_LIKE: Final = {"won": "1", "to": "2", "too": "2", "for": "4", "fore": "4", "ate": "8"}

_WORD: Final = re.compile(r"[^\s,\-]+")


@dataclass(frozen=True)
class _Run:
    """A stretch of a text that is a number."""

    begin: int
    end: int
    digits: str


_Finder = Callable[[str], list[_Run]]


class PinBook(Protocol):
    """Knows whether a PIN is the right one, and nothing else of it."""

    def check(self, digits: str) -> Literal["right", "wrong", "locked"]:
        """Counts as a try."""

    def is_right(self, digits: str) -> bool:
        """Counts as none."""


class PinCheck:
    """The pipeline's check."""

    def __init__(self, book: PinBook) -> None:
        self._book = book

    def checked(self, transcript: Transcript, context: Context) -> Transcript:
        """Without any PIN; with what came of it where one was asked for. Without a PIN set nothing is looked for.

        An answer of digits is taken out whether it is right or not: a wrong one is mostly nearly right.
        """
        if not context.pin_is_set:
            return transcript
        question = context.question
        if question is None or question.kind != "pin" or question.expires_at <= context.now:
            is_right = cache(self._book.is_right)  # slow on purpose, and the readings mostly share their numbers
            return _without(transcript, lambda text: _pins_in(text, is_right), "unasked")
        said = digits_in(transcript.text, answer=True)  # what stands only in another reading was perhaps not said
        if not said:
            return _without(transcript, _every_digit, "unasked")
        return _without(transcript, _every_digit, self._book.check(said) if context.attended else "wrong")


def digits_in(text: str, *, answer: bool = False) -> str:
    """The first PIN that is said in a text, as digits; empty where there is none.

    `answer`: nothing but digits is to be expected, so "for ate to seven" is 4827.
    """
    return next((run.digits for run in _runs(text, answer=answer)), "")


def _pins_in(text: str, is_right: Callable[[str], bool]) -> list[_Run]:
    """Where the PIN itself stands, and no other number."""
    return [run for run in list(_runs(text))[:CHECKED_MAX] if is_right(run.digits)]


def _every_digit(text: str) -> list[_Run]:
    """In an answer: whatever may be a piece of a PIN."""
    return list(_runs(text, least=2, answer=True))


def _without(
    transcript: Transcript, found: _Finder, came: Literal["unasked", "right", "wrong", "locked"]
) -> Transcript:
    texts = _texts(transcript)
    text, free, *alternatives = cut = tuple(_cut(text, found(text)) for text in texts)
    if cut == texts:
        return transcript
    others = tuple(dict.fromkeys(alternatives))
    return replace(transcript, text=text, free=free, alternatives=others, pin=came, sound_vector="")


def _texts(transcript: Transcript) -> tuple[str, ...]:
    return (transcript.text, transcript.free, *transcript.alternatives)


def _cut(text: str, runs: Sequence[_Run]) -> str:
    for run in reversed(runs):
        text = f"{text[: run.begin]}{PIN_TAKEN_OUT}{text[run.end :]}"
    return text


def _runs(text: str, *, least: int = PIN_DIGITS_MIN, answer: bool = False) -> Iterator[_Run]:
    """Stretches of a text that are a number of so many digits, said digit by digit or otherwise."""
    begin = end = 0
    digits, tens = "", False
    for word in (*_WORD.finditer(text), None):
        said = _as_digits(word[0], answer=answer) if word else None
        if word is None or said is None:
            if len(digits) >= least:
                yield _Run(begin, end, digits[:PIN_DIGITS_MAX])
            digits, tens = "", False
            continue
        begin = begin if digits else word.start()
        if tens and len(said) == 1 and said != "0":
            digits = digits[:-1] + said  # "twenty three" is 23
        else:
            digits += said
        tens, end = normal(word[0]) in TENS, word.end()


def _as_digits(word: str, *, answer: bool) -> str | None:
    plain = normal(word).strip(".")
    if plain.isascii() and plain.isdecimal():
        return plain
    return _SAID.get(plain) or (_SOUNDS_LIKE.get(plain) if answer else None)
