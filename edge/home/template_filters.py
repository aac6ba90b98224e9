"""What the templates of a home can do with a value: Home Assistant's filters, functions and methods that they need.

Each works on plain data (text, numbers, lists, tables) and raises one of `edge.templating.UNFILLABLE` for anything that
makes no sense. No text or list that it makes is longer than `WORKED_ON_MAX`, and none takes longer than that to make.
"""

import json
import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import jinja2
from jinja2.filters import do_default
from jinja2.tests import TESTS as DEFAULT_TESTS

from edge.home.payloads import parse_json
from edge.templating import DIGITS_MAX, OUTPUT_MAX, is_even, is_odd, replaced

WORKED_ON_MAX: Final = OUTPUT_MAX
"""Characters of a text, and parts of a list or table, that are worked on; larger ones are only looked up in."""

_BASED_MAX: Final = 32
"""Digits of a number in another base than ten."""

_MISSING: Final = object()
_FORMAT: Final = re.compile(r"%(?:%|0?\d?\d?(?:\.\d)?[dsxXf])")
_TRUE: Final = frozenset({"1", "true", "yes", "on", "enable"})
_FALSE: Final = frozenset({"0", "false", "no", "off", "disable"})


def bounded_text(value: Any) -> str:
    """A text or number as text of a bearable length."""
    if not isinstance(value, str | bool | int | float):
        raise TypeError("it is no text")
    text = value if isinstance(value, str) else str(value)
    if len(text) > WORKED_ON_MAX:
        raise ValueError("it is too long")
    return text


def bounded(value: Any) -> Any:
    """The same list or table, which is no larger than what may be worked on, however often it holds the same thing."""
    room, waiting = WORKED_ON_MAX, [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, jinja2.Undefined):
            raise jinja2.UndefinedError
        room -= 1 + (len(each) if isinstance(each, str) else 0)
        if isinstance(each, dict):
            waiting += [*each.keys(), *each.values()]
        elif isinstance(each, list | tuple):
            waiting += each
        if room < len(waiting):
            raise ValueError("it is too large")
    return value


def joined(parts: Any, between: Any = "") -> str:
    """Jinja's `join` and `~`."""
    gap = bounded_text(between)
    if not isinstance(parts, list | tuple) or len(parts) * (1 + len(gap)) > 2 * WORKED_ON_MAX:
        raise ValueError("it is no list, or too long")
    return bounded_text(gap.join([bounded_text(part) for part in parts]))


def _to_number(value: Any) -> float | None:
    """A finite number, from a number, its text, or yes and no as 1 and 0."""
    if not isinstance(value, str | bool | int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _or_else(default: Any) -> Any:
    if default is _MISSING:
        raise ValueError("it is no number, and there is no default")
    return default


def _float(value: Any, default: Any = _MISSING) -> Any:
    number = _to_number(value)
    return _or_else(default) if number is None else number


def _int(value: Any, default: Any = _MISSING, base: int = 10) -> Any:
    if base != 10 and isinstance(value, str):
        try:
            return int(value if len(value) <= _BASED_MAX else "", base)
        except ValueError:
            return _or_else(default)
    number = _to_number(value)
    return _or_else(default) if number is None else int(number)


def _round(value: Any, precision: int = 0, method: str = "common", default: Any = _MISSING) -> Any:
    number = _to_number(value)
    if number is None:
        return _or_else(default)
    if not -DIGITS_MAX <= precision <= DIGITS_MAX:
        raise ValueError("so many digits there are not")
    match method:
        case "ceil" | "floor":
            change = math.ceil if method == "ceil" else math.floor
            rounded = change(number * 10.0**precision) / 10.0**precision
        case "half":
            rounded = round(number * 2) / 2
        case "common":
            rounded = round(number, precision)
        case _:
            raise ValueError("so it cannot be rounded")
    return int(rounded) if precision == 0 and method != "half" else rounded


def _multiply(value: Any, amount: Any, default: Any = _MISSING) -> Any:
    number, factor = _to_number(value), _to_number(amount)
    return _or_else(default) if number is None or factor is None else number * factor


def _add(value: Any, amount: Any, default: Any = _MISSING) -> Any:
    number, more = _to_number(value), _to_number(amount)
    return _or_else(default) if number is None or more is None else number + more


def _bool(value: Any, default: Any = _MISSING) -> Any:
    if isinstance(value, bool | int | float):
        return bool(value)
    word = value.strip().lower() if isinstance(value, str) else None
    return True if word in _TRUE else False if word in _FALSE else _or_else(default)


def _iif(value: Any, if_true: Any = True, if_false: Any = False, if_none: Any = _MISSING) -> Any:
    if value is None and if_none is not _MISSING:
        return if_none
    return if_true if value else if_false


def _is_defined(value: Any) -> Any:
    if isinstance(value, jinja2.Undefined):
        raise jinja2.UndefinedError
    return value


def _is_number(value: Any) -> bool:
    return _to_number(value) is not None


def _bitwise(change: Callable[[int, int], int]) -> Callable[[Any, Any], int]:
    def apply(value: Any, other: Any) -> int:
        if not isinstance(value, int) or not isinstance(other, int):
            raise TypeError("only whole numbers have bits")
        return change(value, other)

    return apply


def _replace(text: Any, old: Any, new: Any) -> str:
    return replaced(bounded_text(text), bounded_text(old), bounded_text(new))


def _format(pattern: Any, *values: Any) -> str:
    """`"%02x" | format(red)`: the plain forms, whose length is at most two digits."""
    text = bounded_text(pattern)
    if "%" in _FORMAT.sub("", text) or not all(isinstance(value, str | int | float) for value in values):
        raise ValueError("it is no plain format")
    return bounded_text(text % tuple(bounded_text(each) if isinstance(each, str) else each for each in values))


def _truncate(text: Any, length: int = 255, killwords: bool = False, end: Any = "...", leeway: int = 5) -> str:
    """As Jinja's, save that words are always cut."""
    whole, ending = bounded_text(text), bounded_text(end)
    return whole if len(whole) <= length + leeway else whole[: max(0, length - len(ending))] + ending


def _split(text: Any, between: str | None = None, times: int = -1) -> list[str]:
    return bounded_text(text).split(between, times)


def _keys(table: Any) -> list[Any]:
    if not isinstance(table, dict):
        raise TypeError("it is no table")
    return list(table)


def _get(table: Any, key: Any, default: Any = None) -> Any:
    if not isinstance(table, dict):
        raise TypeError("it is no table")
    return table.get(key, default)


def _from_json(text: Any) -> Any:
    return parse_json(bounded_text(text))


def _to_json(value: Any) -> str:
    return bounded_text(json.dumps(bounded(value), ensure_ascii=False))


def _length(value: Any) -> int:
    if not isinstance(value, str | list | tuple | dict):
        raise TypeError("it has no length")
    return len(value)


def _list(value: Any) -> list[Any]:
    return list(bounded(value)) if isinstance(value, list | tuple | dict) else list(bounded_text(value))


def _at(index: int) -> Callable[[Any], Any]:
    return lambda value: value[index] if isinstance(value, str | list | tuple) else _list(value)[index]


def _of_numbers(pick: Callable[[Any], float]) -> Callable[..., float]:
    def apply(*values: Any) -> float:
        given = values[0] if len(values) == 1 and isinstance(values[0], list | tuple) else values
        if not all(isinstance(each, int | float) for each in bounded(given)):
            raise TypeError("only numbers can be compared")
        return pick(list(given))

    return apply


def _of_text(change: Callable[..., Any]) -> Callable[..., Any]:
    """A method of texts, for values of which it makes texts first."""
    return lambda value, *arguments: change(bounded_text(value), *(bounded_text(each) for each in arguments))


FILTERS: Final[Mapping[str, Callable[..., Any]]] = {
    "abs": abs,
    "add": _add,
    "bitwise_and": _bitwise(int.__and__),
    "bitwise_or": _bitwise(int.__or__),
    "bool": _bool,
    "capitalize": _of_text(str.capitalize),
    "count": _length,
    "d": do_default,
    "default": do_default,
    "first": _at(0),
    "float": _float,
    "format": _format,
    "from_json": _from_json,
    "iif": _iif,
    "int": _int,
    "is_defined": _is_defined,
    "is_number": _is_number,
    "join": joined,
    "last": _at(-1),
    "length": _length,
    "list": _list,
    "lower": _of_text(str.lower),
    "max": _of_numbers(max),
    "min": _of_numbers(min),
    "multiply": _multiply,
    "replace": _replace,
    "round": _round,
    "string": bounded_text,
    "sum": _of_numbers(sum),
    "title": _of_text(str.title),
    "to_json": _to_json,
    "tojson": _to_json,
    "trim": _of_text(str.strip),
    "truncate": _truncate,
    "upper": _of_text(str.upper),
}
"""`value | name`."""

FUNCTIONS: Final = frozenset({"bool", "float", "iif", "int", "is_number", "max", "min"})
"""Filters that may be written `name(value)`, too."""

METHODS: Final[Mapping[str, Callable[..., Any]]] = {
    "capitalize": FILTERS["capitalize"],
    "endswith": _of_text(str.endswith),
    "get": _get,
    "keys": _keys,
    "lower": FILTERS["lower"],
    "lstrip": _of_text(str.lstrip),
    "replace": _replace,
    "rstrip": _of_text(str.rstrip),
    "split": _split,
    "startswith": _of_text(str.startswith),
    "strip": FILTERS["trim"],
    "title": FILTERS["title"],
    "upper": FILTERS["upper"],
}
"""`value.name()`; of no other kind of value than text and tables."""

_JINJA_TESTS: Final = (
    *("boolean", "defined", "eq", "equalto", "false", "float", "ge", "gt", "in", "integer", "le", "lt", "mapping"),
    *("ne", "none", "number", "sequence", "string", "true", "undefined"),
)
TESTS: Final[Mapping[str, Any]] = {
    **{name: DEFAULT_TESTS[name] for name in _JINJA_TESTS},
    "even": is_even,
    "is_number": _is_number,
    "odd": is_odd,
}
"""`value is name`."""
