"""Words: templates, Jinja's language in a sandbox that is small on purpose.

What is not on a dialect's list is refused when a template is read: a skill file comes from the internet as often as
from its user, and what a home announces comes from whoever reaches the broker. Here are the checker and the dialect of
skill files: no loops, no calls, no attributes, and no text longer than a message. That of homes is
`edge.home.templates`.
"""

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import jinja2
from jinja2 import nodes
from jinja2.exceptions import SecurityError
from jinja2.filters import do_round
from jinja2.sandbox import ImmutableSandboxedEnvironment

from edge.errors import EdgeError

TEMPLATE_MAX: Final = 4_000
"""Characters of a template."""

PARTS_MAX: Final = 500
"""Parts of a template: every name, constant, operator and branch is one."""

DEPTH_MAX: Final = 60
"""How deeply they may be nested."""

OUTPUT_MAX: Final = 8_000
"""Characters of what comes out of it."""

DIGITS_MAX: Final = 15
"""Digits, before or after the point, to which a number can be rounded."""

FILTERS: Final = frozenset(
    {"abs", "capitalize", "default", "float", "int", "length", "lower", "replace", "round", "title", "tojson", "trim"}
    | {"upper"}
)
"""The filters that a skill may use."""

TESTS: Final = frozenset({"defined", "undefined", "in", "string", "number", "even", "odd"})
"""The tests that a skill may use."""

PLAIN: Final[tuple[type[nodes.Node], ...]] = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Filter, nodes.Test, nodes.If,
    nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Add, nodes.Sub, nodes.Mul,
    nodes.Div, nodes.FloorDiv, nodes.Mod, nodes.Neg, nodes.Pos, nodes.Concat, nodes.List, nodes.Tuple, nodes.Dict,
    nodes.Pair, nodes.Getitem,
)  # fmt: skip
"""The parts that every dialect has."""

UNFILLABLE: Final = (ArithmeticError, LookupError, RecursionError, TypeError, ValueError, jinja2.TemplateError)
"""All that can go wrong when a template that could be read is filled."""

_IN_WORDS: Final[Mapping[type[nodes.Node], str]] = {
    nodes.For: "loops",
    nodes.Getattr: "attributes",
    nodes.Call: "calls",
    nodes.Pow: "powers",
    nodes.Assign: "{% set %}",
    nodes.AssignBlock: "{% set %} over several lines",
    nodes.FilterBlock: "{% filter %}",
    nodes.Macro: "macros",
    nodes.CallBlock: "macros",
    nodes.Import: "imports",
    nodes.FromImport: "imports",
    nodes.Include: "includes",
    nodes.Extends: "inheritance",
    nodes.Block: "blocks",
    nodes.With: "{% with %}",
    nodes.NSRef: "namespaces",
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


class TemplateSandbox(ImmutableSandboxedEnvironment):
    """Reckons with numbers only: a text times a number would be a huge text."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%"})

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if not isinstance(left, int | float) or not isinstance(right, int | float):
            raise SecurityError(f"{_NO_ARITHMETIC}; texts are joined with ~, and | int makes a number of a text")
        return super().call_binop(context, operator, left, right)


@dataclass(frozen=True)
class Dialect:
    """What templates of one kind can do. Its filters and tests are those of its environment."""

    environment: jinja2.Environment
    parts: tuple[type[nodes.Node], ...]
    refusal: str
    """How anything else is refused: `templates have no {}`."""
    mistake_in: Callable[[nodes.Node], str | None]
    """What is wrong with a part, where there is more to say than that there is no such thing."""
    made_safe: Callable[[nodes.Template], nodes.Template] = lambda tree: tree
    """Replaces parts that are not safe as they come; before anything is checked."""

    def parse(self, text: str) -> nodes.Template:
        """The template, of which every part is allowed. Raises TemplateError."""
        if len(text) > TEMPLATE_MAX:
            raise TemplateError(f"it is longer than {TEMPLATE_MAX} characters")
        with _mistakes_in_words():
            tree = self.made_safe(self.environment.parse(text))
            self._check(tree)
            return tree

    def compile(self, tree: nodes.Template) -> jinja2.Template:
        """The same, ready to be filled. Raises TemplateError."""
        with _mistakes_in_words():
            return self.environment.from_string(tree)

    def _check(self, tree: nodes.Template) -> None:
        for number, part in enumerate(_parts_of(tree), start=1):
            if number > PARTS_MAX:
                raise TemplateError(f"it has more than {PARTS_MAX} parts", part.lineno)
            if isinstance(part, nodes.Const) and isinstance(part.value, float) and not math.isfinite(part.value):
                raise TemplateError("no number is so large", part.lineno)
            if (mistake := self.mistake_in(part)) is not None:
                raise TemplateError(mistake, part.lineno)
            if (foreign := self._foreign(part)) is not None:
                raise TemplateError(self.refusal.format(foreign), part.lineno)

    def _foreign(self, part: nodes.Node) -> str | None:
        """What this is, where the dialect has no such thing."""
        if isinstance(part, nodes.Filter | nodes.Test):
            if part.dyn_args is not None or part.dyn_kwargs is not None:
                return "arguments with a *"
            kind, known = (
                ("filter", self.environment.filters)
                if isinstance(part, nodes.Filter)
                else ("test", self.environment.tests)
            )
            return None if part.name in known else f"{kind} {part.name!r}"
        if isinstance(part, self.parts):
            return None
        return _IN_WORDS.get(type(part), type(part).__name__)


@contextmanager
def _mistakes_in_words() -> Iterator[None]:
    """Jinja's and Python's own errors become ours."""
    try:
        yield
    except jinja2.TemplateSyntaxError as error:
        raise TemplateError(str(error.message or "it cannot be read").rstrip("."), error.lineno) from None
    except (RecursionError, MemoryError, SyntaxError, OverflowError, ValueError):
        raise TemplateError("it is nested too deeply") from None


def _parts_of(part: nodes.Node, depth: int = 1) -> Iterator[nodes.Node]:
    """All that is in a part, from outside to inside."""
    if depth > DEPTH_MAX:
        raise TemplateError("it is nested too deeply", part.lineno)
    for child in part.iter_child_nodes():
        yield child
        yield from _parts_of(child, depth + 1)


def names_in(tree: nodes.Template) -> frozenset[str]:
    """The names that a template asks for."""
    return frozenset(part.name for part in _parts_of(tree) if isinstance(part, nodes.Name) and part.ctx == "load")


def check_template(text: str) -> frozenset[str]:
    """The names that a skill's template uses. Raises TemplateError for what cannot be used."""
    return _compiled(text)[1]


def render(text: str, variables: Mapping[str, Any]) -> str:
    """A skill's template, filled. Raises TemplateError."""
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
    except UNFILLABLE as error:
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
    tree = _SKILLS.parse(text)
    return _SKILLS.compile(tree), names_in(tree)


def _mistake_in_skill(part: nodes.Node) -> str | None:
    if isinstance(part, nodes.Name) and (part.ctx != "load" or part.name.startswith("_")):
        return f"the name {part.name!r} cannot be used"
    if isinstance(part, nodes.Filter) and part.name not in FILTERS:
        return f"there is no filter {part.name!r}; there are {', '.join(sorted(FILTERS))}"
    if isinstance(part, nodes.Test) and part.name not in TESTS:
        return f"there is no test {part.name!r}; there are {', '.join(sorted(TESTS))}"
    if isinstance(part, nodes.Getitem) and not isinstance(part.node, nodes.Dict):
        return 'only a table is looked up in: {"a": 1, "b": 2}[name]'
    return None


def replaced(text: Any, old: Any, new: Any) -> str:
    """Jinja's `replace`, with an end to how long a text can become."""
    whole, gone, put = str(text), str(old), str(new)
    if len(whole) + whole.count(gone) * len(put) > OUTPUT_MAX:
        raise TemplateError(f"it becomes longer than {OUTPUT_MAX} characters")
    return whole.replace(gone, put)


def as_json(value: Any) -> str:
    """As JSON, letters as they are."""
    if isinstance(value, jinja2.Undefined):
        str(value)  # says which name is missing
    return json.dumps(value, ensure_ascii=False)


def is_even(value: Any) -> bool:
    """As Jinja's, for numbers only: the rest of a text is that text filled in, of any length."""
    if not isinstance(value, int | float):
        raise TypeError(_NO_ARITHMETIC)
    return value % 2 == 0


def is_odd(value: Any) -> bool:
    """As Jinja's, for numbers only."""
    return not is_even(value)


def _rounded(value: Any, precision: int = 0, method: Any = "common") -> float:
    """As Jinja's, with an end to the digits: it reckons with ten to their power."""
    if abs(precision) > DIGITS_MAX:
        raise ValueError(f"numbers are rounded to at most {DIGITS_MAX} digits")
    return do_round(value, precision, method)


def allow_only(environment: jinja2.Environment, filters: Mapping[str, Any], tests: Mapping[str, Any]) -> None:
    """Take everything out of an environment but these."""
    for table, allowed in ((environment.globals, {}), (environment.filters, filters), (environment.tests, tests)):
        table.clear()
        table.update(allowed)


def _skills() -> Dialect:
    environment = TemplateSandbox(undefined=jinja2.StrictUndefined, autoescape=False, optimized=False, cache_size=0)
    filters = {name: environment.filters[name] for name in FILTERS}
    tests = {name: environment.tests[name] for name in TESTS}
    allow_only(
        environment,
        filters | {"replace": replaced, "round": _rounded, "tojson": as_json},
        tests | {"even": is_even, "odd": is_odd},
    )
    return Dialect(environment, PLAIN, "templates have no {}", _mistake_in_skill)


_SKILLS: Final = _skills()
