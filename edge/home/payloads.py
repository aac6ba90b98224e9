"""What arrives from outside, made harmless: bytes, JSON, numbers and words. Every function here is total."""

import json
import math
from functools import cached_property
from typing import Any, Final

from edge.text import clean

MAX_CONFIG_BYTES: Final = 256 * 1024
MAX_STATE_BYTES: Final = 64 * 1024
MAX_WORD: Final = 255
"""Longest state, as in Home Assistant."""


def decode(payload: bytes, max_bytes: int) -> str | None:
    """The payload as text; None when it is too long or no UTF-8."""
    if len(payload) > max_bytes:
        return None
    try:
        return payload.decode()
    except UnicodeDecodeError:
        return None


class Payload:
    """One message's payload, decoded once for everybody who reads it."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    @cached_property
    def text(self) -> str | None:
        return decode(self._content, MAX_STATE_BYTES)

    @cached_property
    def json(self) -> Any:
        return None if self.text is None else parse_json(self.text)


def parse_json(text: str) -> Any:
    """The JSON value; None for anything else, NaN and nesting bombs included."""
    try:
        return _JSON.decode(text)
    except (ValueError, RecursionError):
        return None


def _no_constant(name: str) -> Any:
    raise ValueError(name)


_JSON: Final = json.JSONDecoder(parse_constant=_no_constant)
"""Made once: `json.loads` would make one for every message."""


def as_number(value: Any) -> float | None:
    """A finite number, from a number or its text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def as_text(value: Any) -> str | None:
    """A payload as Home Assistant compares it: true is "True", 1 is "1"."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, bool | int | float) else None


def as_word(value: Any) -> str | None:
    """Clean text, neither empty nor too long."""
    text = as_text(value)
    if text is None or len(text) > MAX_WORD:
        return None
    return clean(text) or None


def as_percent(value: Any, lowest: float, highest: float) -> int | None:
    """Where a number lies between the two ends (which may be reversed), 0 to 100; only the very end is 0."""
    number = as_number(value)
    if number is None or lowest == highest:
        return None
    share = (number - lowest) / (highest - lowest)
    if math.isnan(share):
        return None
    return 0 if share <= 0 else 100 if share >= 1 else max(1, round(100 * share))


def plain(number: float) -> str:
    """A number as people write it: `21.5`, `1500000`, never `1.5e+06` or `21.0`."""
    return f"{number:.12g}"
