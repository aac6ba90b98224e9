"""Words: payload and answer templates, Jinja's expressions in a sandbox that is small on purpose.

What is not on the list here is refused when the template is read: a skill file comes from the internet as often as from
its user. There are no loops, no calls, no attributes, and no text longer than a message.
"""

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

import jinja2
from jinja2 import nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from edge.errors import EdgeError

TEMPLATE_MAX: Final = 4_000
"""Characters of a template."""

OUTPUT_MAX: Final = 8_000
"""Characters of what comes out of it."""

FILTERS: Final = frozenset(
    {"abs", "capitalize", "default", "float", "int", "length", "lower", "replace", "round", "title", "tojson", "trim"}
    | {"upper"}
)
"""The filters that may be used."""

TESTS: Final = frozenset({"defined", "undefined", "in", "string", "number", "even", "odd"})

_ALLOWED: Final = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Filter, nodes.Test, nodes.If,
    nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Add, nodes.Sub, nodes.Mul,
    nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Neg, nodes.Pos, nodes.Concat, nodes.List, nodes.Tuple, nodes.Dict,
    nodes.Pair, nodes.Getitem,
)  # fmt: skip
_CALLED: Final[Mapping[type[nodes.Node], str]] = {
    nodes.For: "loops",
    nodes.Getattr: "attributes",
    nodes.Call: "calls",
    nodes.Pow: "powers",
    nodes.Assign: "{% set %}",
}
_ONE_NAME: Final = re.compile(r"\s*\{\{\s*([A-Za-z_]\w*)\s*\}\}\s*")
_NUMBER: Final = re.compile(r"-?\d{1,15}(\.\d{1,15})?")
_NO_ARITHMETIC: Final = "only numbers can be reckoned with"


class TemplateError(EdgeError):
    """A template cannot be used; `line` is that of the template, from 1."""

    def __init__(self, reason: str, line: int = 1) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


class _Sandbox(ImmutableSandboxedEnvironment):
    """Reckons with numbers only: a text times a number would be a huge text."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if not isinstance(left, int | float) or not isinstance(right, int | float):
            raise SecurityError(f"{_NO_ARITHMETIC}; texts are joined with ~, and | int makes a number of a text")
        return super().call_binop(context, operator, left, right)


def check_template(text: str) -> frozenset[str]:
    """The names that a template uses. Raises TemplateError for what cannot be used."""
    return _compiled(text)[1]


def render(text: str, variables: Mapping[str, Any]) -> str:
    """The filled template. Raises TemplateError."""
    template = _compiled(text)[0]
    try:
        pieces, length = [], 0
        for piece in template.generate(dict(variables)):
            length += len(piece)
            if length > OUTPUT_MAX:
                raise TemplateError(f"it becomes longer than {OUTPUT_MAX} characters")
            pieces.append(piece)
    except jinja2.UndefinedError as error:
        name = re.search(r"'(\w+)' is undefined", str(error))
        missing = f"{name[1]!r} is not always given" if name else str(error)
        raise TemplateError(
            f"{missing}; write | default(...) after it, or ask with {{% if ... is defined %}}"
        ) from None
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError, jinja2.TemplateError) as error:
        raise TemplateError(f"it cannot be filled: {error}") from None
    return "".join(pieces)


def render_value(text: str, variables: Mapping[str, Any]) -> Any:
    """As `render`, but one name alone gives the value as it is, and what looks like a number is one."""
    alone = _ONE_NAME.fullmatch(text)
    if alone and alone[1] in variables:
        return variables[alone[1]]
    filled = render(text, variables)
    if not _NUMBER.fullmatch(filled.strip()):
        return filled
    number = float(filled)
    return int(number) if number.is_integer() else number


@lru_cache(maxsize=512)
def _compiled(text: str) -> tuple[jinja2.Template, frozenset[str]]:
    if len(text) > TEMPLATE_MAX:
        raise TemplateError(f"it is longer than {TEMPLATE_MAX} characters")
    try:
        tree = _ENVIRONMENT.parse(text)
        names = _checked(tree)
        return _ENVIRONMENT.from_string(tree), names
    except jinja2.TemplateSyntaxError as error:
        raise TemplateError(str(error.message or "it cannot be read").rstrip("."), error.lineno) from None
    except (RecursionError, MemoryError, SyntaxError, OverflowError, ValueError):
        raise TemplateError("it is nested too deeply") from None


def _checked(tree: nodes.Template) -> frozenset[str]:
    """The names in it; nothing of it is outside the list."""
    for node in _walk(tree):
        if isinstance(node, nodes.Name) and (node.ctx != "load" or node.name.startswith("_")):
            raise TemplateError(f"the name {node.name!r} cannot be used", node.lineno)
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            raise TemplateError(
                f"there is no filter {node.name!r}; there are {', '.join(sorted(FILTERS))}", node.lineno
            )
        if isinstance(node, nodes.Test) and node.name not in TESTS:
            raise TemplateError(f"there is no test {node.name!r}; there are {', '.join(sorted(TESTS))}", node.lineno)
        if isinstance(node, nodes.Getitem) and not isinstance(node.node, nodes.Dict):
            raise TemplateError('only a table is looked up in: {"a": 1, "b": 2}[name]', node.lineno)
        if not isinstance(node, (*_ALLOWED, nodes.EvalContext)):
            kind = next((words for each, words in _CALLED.items() if isinstance(node, each)), type(node).__name__)
            raise TemplateError(f"templates have no {kind}", node.lineno)
    return frozenset(node.name for node in _walk(tree) if isinstance(node, nodes.Name))


def _walk(node: nodes.Node) -> Any:
    for child in node.iter_child_nodes():
        yield child
        yield from _walk(child)


def _replaced(text: Any, old: str, new: str) -> str:
    """Jinja's `replace`, with an end to how long a text can become."""
    whole, gone, put = str(text), str(old), str(new)
    if len(whole) + whole.count(gone) * len(put) > OUTPUT_MAX:
        raise TemplateError(f"it becomes longer than {OUTPUT_MAX} characters")
    return whole.replace(gone, put)


def _as_json(value: Any) -> str:
    """As JSON, letters as they are."""
    if isinstance(value, jinja2.Undefined):
        str(value)  # says which name is missing
    return json.dumps(value, ensure_ascii=False)


def _environment() -> jinja2.Environment:
    environment = _Sandbox(undefined=jinja2.StrictUndefined, autoescape=False, optimized=False, cache_size=0)
    environment.globals.clear()
    environment.filters |= {"replace": _replaced, "tojson": _as_json}
    return environment


_ENVIRONMENT: Final = _environment()
