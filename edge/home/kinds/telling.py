"""From a command in people's units to messages: what every kind needs for that."""

from collections.abc import Mapping
from typing import Any

from edge.home.kinds.fields import AnyTemplate
from edge.home.payloads import as_number
from edge.home.templates import Template
from edge.records import Message

Values = Mapping[str, Any]


class CannotRender(Exception):  # noqa: N818 - says what happened, like StageFailed
    """The component has no such ability, or the value makes no sense."""


def message(topic: str | None, value: Any, template: AnyTemplate = None, variables: Values | None = None) -> Message:
    """One message; the template sees `value` and the variables. Raises `CannotRender`."""
    if topic is None or value is None:
        raise CannotRender("it has no such setting")
    filled = template.fill({"value": value, **(variables or {})}) if isinstance(template, Template) else value
    if filled is None:
        raise CannotRender("its command template asks for something that Edge does not know")
    return Message(topic, str(filled))


def chosen(
    topic: str | None, payloads: Mapping[str, str | None], command: str, template: AnyTemplate = None
) -> tuple[Message, ...]:
    """The payload of a plain command; nothing where the component lacks it."""
    payload = payloads.get(command)
    return () if payload is None else (message(topic, payload, template),)


def one_among(value: Any, options: tuple[str, ...], what: str) -> str:
    """The value, which must be one of the options; without any, all may do. Raises `CannotRender`."""
    if (options and value not in options) or not isinstance(value, str):
        raise CannotRender(f"it has no {what} {value}")
    return value


def between(value: Any, lowest: float, highest: float) -> float:
    """The number. Raises `CannotRender` for one beyond the bounds, and for what is no number."""
    number = as_number(value)
    if number is None or not lowest <= number <= highest:
        raise CannotRender(f"{value} is not between {lowest:g} and {highest:g}")
    return number


def on_scale(percent: Any, lowest: float, highest: float) -> int:
    """A percentage on the device's own scale, whose ends may be reversed. Raises `CannotRender`."""
    return round(lowest + (highest - lowest) * between(percent, 0, 100) / 100)
