"""Home Assistant's templates, as far as announcements of homes need them: Jinja in a sandbox, without loops and macros.

Known are `value`, `value_json` and the variables of commands; look-ups in them (`value_json.a["b c"][0]`, in data only,
never Python's attributes); `if`, `set`, arithmetic, comparisons; and the filters, functions, methods and tests of
`edge.home.template_filters`. What asks for more is `Unsupported`: it is reported and never guessed. Where a payload
lacks what a template asks for, nothing is told, unless the template itself says what then.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import jinja2
from jinja2 import nodes
from jinja2.nativetypes import NativeEnvironment
from jinja2.visitor import NodeTransformer

from edge.home.payloads import Payload
from edge.home.template_filters import FILTERS, FUNCTIONS, METHODS, TESTS, bounded, bounded_text, joined
from edge.templating import (
    PLAIN,
    TEMPLATE_MAX,
    UNFILLABLE,
    Dialect,
    TemplateError,
    TemplateSandbox,
    allow_only,
    names_in,
)

WHOLE_MAX: Final = 2**63
"""Whole numbers that come out of arithmetic stay below it."""

_COMMANDED: Final = frozenset(
    {"action", "brightness", "code", "cold_white", "color_temp", "color_temp_kelvin", "direction", "duration", "effect"}
    | {"flash", "green", "blue", "red", "hue", "sat", "mode", "option", "oscillation", "percentage", "position"}
    | {"position_closed", "position_open", "preset_mode", "state", "temperature", "tilt_max", "tilt_min"}
    | {"tilt_position", "tone", "transition", "volume_level", "warm_white", "white", "x", "y"}
)
_NAMES: Final = frozenset({"value", "value_json"}) | _COMMANDED
_DATA: Final = (dict, list, tuple, str)
"""What can be looked up in."""

_JOINED: Final = "~"
_BOUNDED: Final = "[]"
"""Filters of our own that no template can ask for."""


@dataclass(frozen=True)
class Unsupported:
    """A template that is more than Edge understands, and why: `Edge understands no loops`."""

    text: str
    reason: str = field(compare=False)


@dataclass(frozen=True)
class Template:
    """A template that can be filled, as often as one likes and from any thread."""

    text: str
    _names: frozenset[str] = field(compare=False, repr=False)
    _fill: Callable[[Mapping[str, Any]], Any] = field(compare=False, repr=False)

    def fill(self, variables: Mapping[str, Any]) -> Any:
        """One expression alone gives its value as it is, anything else gives text; None where something is missing."""
        return self._fill(variables)

    def read(self, payload: Payload) -> Any:
        """What a value template makes of a payload: `value` is its text, `value_json` the same as JSON."""
        json = payload.json if "value_json" in self._names else None
        return self._fill({"value": payload.text, "value_json": json})


def parse_template(text: str) -> Template | Unsupported:
    """Read a template; total."""
    if len(text) > TEMPLATE_MAX:
        return Unsupported(text, f"it is longer than {TEMPLATE_MAX} characters")
    return _parsed(text)


@lru_cache(maxsize=512)
def _parsed(text: str) -> Template | Unsupported:
    try:
        tree = _HOMES.parse(text.strip())
        names = names_in(tree)
        if unknown := names - _NAMES - _set_in(tree):
            return Unsupported(text, _HOMES.refusal.format(f"name {min(unknown)!r}"))
        return Template(text, names, _looking_up(tree) or _filling(_HOMES.compile(tree)))
    except TemplateError as error:
        return Unsupported(text, error.reason)


def _set_in(tree: nodes.Template) -> set[str]:
    return {name.name for name in tree.find_all(nodes.Name) if name.ctx == "store"}


def _looking_up(tree: nodes.Template) -> Callable[[Mapping[str, Any]], Any] | None:
    """The quick way for most templates there are, which only look something up; None for others."""
    match tree.body:
        case [nodes.Output(nodes=[expression])]:
            path = _path_of(expression)
        case _:
            return None
    if path is None:
        return None
    name, *steps = path

    def fill(variables: Mapping[str, Any]) -> Any:
        found = variables.get(name)
        for step in steps:
            found = _looked_up(found, step)
        return found.strip() if isinstance(found, str) else found

    return fill


def _path_of(part: nodes.Node) -> list[Any] | None:
    """A name and the keys and numbers that are looked up, one in the other."""
    match part:
        case nodes.Name():
            return [part.name]
        case nodes.Getattr():
            step = part.attr
        case nodes.Getitem(arg=nodes.Const(value=str() | int() as step)):
            pass
        case _:
            return None
    before = _path_of(part.node)
    return None if before is None else [*before, step]


def _looked_up(data: Any, step: Any) -> Any:
    """What a table, a list or a text has there; None where there is nothing."""
    try:
        return data[step] if isinstance(data, _DATA) else None
    except (LookupError, TypeError):
        return None


def _filling(template: jinja2.Template) -> Callable[[Mapping[str, Any]], Any]:
    """The way for templates that do more."""

    def fill(variables: Mapping[str, Any]) -> Any:
        given = {name: value for name, value in variables.items() if value is not None}
        try:
            return _put_together([*template.root_render_func(template.new_context(given))])
        except (*UNFILLABLE, TemplateError):
            return None

    return fill


def _put_together(pieces: list[Any]) -> Any:
    while pieces and _is_blank(pieces[0]):
        del pieces[0]
    while pieces and _is_blank(pieces[-1]):
        del pieces[-1]
    if any(piece is None or isinstance(piece, jinja2.Undefined) for piece in pieces):
        return None
    if len(pieces) == 1 and not isinstance(pieces[0], str):
        return pieces[0]
    return joined(pieces).strip()


def _is_blank(piece: Any) -> bool:
    return isinstance(piece, str) and not piece.strip()


class _Sandbox(NativeEnvironment, TemplateSandbox):
    """Looks things up in data only, and keeps numbers and texts small."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, _DATA) and not isinstance(argument, jinja2.Undefined):
            try:
                return obj[argument]
            except (LookupError, TypeError):
                pass
        return self.undefined()

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            return bounded_text(left + right)
        result = super().call_binop(context, operator, left, right)
        if (isinstance(result, int) and abs(result) >= WHOLE_MAX) or not math.isfinite(result):
            raise OverflowError
        return result


class _MadeSafe(NodeTransformer):
    """Calls of known functions and methods become filters, so that nothing is ever called; what grows gets bounds."""

    def visit_Call(self, part: nodes.Call) -> nodes.Node:  # noqa: N802 - Jinja's way
        self.generic_visit(part)
        if part.dyn_args is not None or part.dyn_kwargs is not None:
            return part
        match part.node:
            case nodes.Getattr(node=subject, attr=name) if name in METHODS:
                return _filter(f".{name}", subject, part.args, part.kwargs)
            case nodes.Name(name=name) if name in FUNCTIONS and part.args:
                return _filter(name, part.args[0], part.args[1:], part.kwargs)
            case _:
                return part

    def visit_Concat(self, part: nodes.Concat) -> nodes.Node:  # noqa: N802 - Jinja's way
        self.generic_visit(part)
        return _filter(_JOINED, nodes.List(part.nodes, lineno=part.lineno))

    def visit_Name(self, part: nodes.Name) -> nodes.Node:  # noqa: N802 - Jinja's way
        """`null` is no word of Jinja's, but stands in templates of Zigbee2MQTT."""
        return nodes.Const(None, lineno=part.lineno) if part.name == "null" and part.ctx == "load" else part

    def visit_List(self, part: nodes.List) -> nodes.Node:  # noqa: N802 - Jinja's way
        self.generic_visit(part)
        return _filter(_BOUNDED, part) if part.find(nodes.Name) else part

    def visit_Tuple(self, part: nodes.Tuple) -> nodes.Node:  # noqa: N802 - Jinja's way
        self.generic_visit(part)
        return _filter(_BOUNDED, part) if part.ctx == "load" and part.find(nodes.Name) else part

    def visit_Dict(self, part: nodes.Dict) -> nodes.Node:  # noqa: N802 - Jinja's way
        self.generic_visit(part)
        return _filter(_BOUNDED, part) if part.find(nodes.Name) else part


def _filter(
    name: str, subject: nodes.Expr, args: list[nodes.Expr] | None = None, kwargs: list[nodes.Keyword] | None = None
) -> nodes.Filter:
    return nodes.Filter(subject, name, args or [], kwargs or [], None, None, lineno=subject.lineno)


def _made_safe(tree: nodes.Template) -> nodes.Template:
    safe: nodes.Template = _MadeSafe().visit(tree)
    safe.set_environment(_ENVIRONMENT)
    return safe


def _mistake_in(part: nodes.Node) -> str | None:
    match part:
        case nodes.Call(node=nodes.Name(name=name)):
            return _REFUSAL.format(f"function {name!r}")
        case nodes.Call(node=nodes.Getattr(attr=name)):
            return _REFUSAL.format(f"method {name!r}")
        case nodes.Getattr(attr=name) if name.startswith("__"):
            return _REFUSAL.format(f"attribute {name!r}")
        case _:
            return None


def _environment() -> jinja2.Environment:
    environment = _Sandbox(undefined=jinja2.StrictUndefined, autoescape=False, optimized=False, cache_size=0)
    methods = {f".{name}": method for name, method in METHODS.items()}
    allow_only(environment, {**FILTERS, **methods, _JOINED: joined, _BOUNDED: bounded}, TESTS)
    return environment


_ENVIRONMENT: Final = _environment()
_REFUSAL: Final = "Edge understands no {}"
_HOMES: Final = Dialect(
    _ENVIRONMENT,
    (*PLAIN, nodes.Getattr, nodes.Slice, nodes.Assign, nodes.Keyword),
    _REFUSAL,
    _mistake_in,
    _made_safe,
)
