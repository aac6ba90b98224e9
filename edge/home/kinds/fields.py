"""What may stand in an announcement's keys, checked once: topics, payloads, words, templates, numbers."""

from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from edge.home.payloads import as_text, as_word
from edge.home.templates import Template, Unsupported, parse_template


def _topic(text: str) -> str:
    if any(character in text for character in "+#\0") or not 0 < len(text.encode()) <= 1_000:
        raise ValueError("is no topic that can be written to and read from")
    return text


def _text(value: Any) -> str:
    text = as_text(value)
    if text is None:
        raise ValueError("should be text")
    return text


def _word(value: Any) -> str:
    word = as_word(value)
    if word is None:
        raise ValueError("should be a short text")
    return word


def _listed(value: Any) -> Any:
    """A list of one may be announced as that one."""
    return (value,) if isinstance(value, str) else value


def _template(value: Any) -> Template | Unsupported:
    return parse_template(_text(value))


Topic = Annotated[str, AfterValidator(_topic)]
Payload = Annotated[str, BeforeValidator(_text)]
Word = Annotated[str, BeforeValidator(_word)]
Words = Annotated[tuple[Word, ...], BeforeValidator(_listed)]
AnyTemplate = Template | Unsupported | None
ValueTemplate = Annotated[AnyTemplate, BeforeValidator(_template)]
Scale = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Degrees = Annotated[float, Field(allow_inf_nan=False)]
Seconds = Annotated[float | None, Field(ge=0, le=1e8), AfterValidator(lambda seconds: seconds or None)]
"""At most three years; nought is as good as nothing said."""
