"""Templates of payloads and answers: what they can do, and that they can do nothing else."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.templating import OUTPUT_MAX, PARTS_MAX, TEMPLATE_MAX, TemplateError, check_template, render, render_value

SLOTS: dict[str, Any] = {"zone": "front lawn", "minutes": 25, "level": 0.5, "said": 'He\'s "here" <now>'}


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("plain", "plain"),
        ("{{ zone }}", "front lawn"),
        ("{{ zone | upper }}/{{ minutes }}", "FRONT LAWN/25"),
        ("{{ minutes * 60 + 1 }} {{ minutes // 2 }} {{ (level * 100) | round | int }}", "1501 12 50"),
        ("{{ speed | default(3) }}", "3"),
        ("{% if speed is defined %}{{ speed }}{% else %}none{% endif %}", "none"),
        ('{{ {"front lawn": 1, "beds": 2}[zone] }}', "1"),
        ('{{ "yes" if minutes > 20 and zone in ["front lawn"] else "no" }}', "yes"),
        ("{{ zone | replace(' ', '-') ~ '!' }}", "front-lawn!"),
        ('{"text": {{ said | tojson }}}', '{"text": "He\'s \\"here\\" <now>"}'),
        ("{{ 'é' }}{# nothing #}", "é"),
        ("{{ minutes is odd }} {{ minutes is even }} {{ 2.468 | round(1) }}", "True False 2.5"),
    ],
)
def test_what_templates_can_do(template: str, filled: str) -> None:
    """Values, filters, arithmetic, choices, tables, JSON."""
    assert render(template, SLOTS) == filled


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{% for i in range(10) %}x{% endfor %}", "no loops"),
        ("{{ range(99999999) }}", "no calls"),
        ("{{ zone.__class__ }}", "no attributes"),
        ("{{ ''['__class__'] }}", "only a table"),
        ("{{ zone[0] }}", "only a table"),
        ("{{ __builtins__ }}", "cannot be used"),
        ("{% set a = 1 %}", "{% set %}"),
        ("{% include 'x' %}", "no includes"),
        ("{% macro m() %}{% endmacro %}", "no macros"),
        ("{{ 2 ** 999999 }}", "no powers"),
        ("{{ zone | format(1) }}", "no filter 'format'"),
        ("{{ zone | attr('upper') }}", "no filter 'attr'"),
        ("{{ zone is callable }}", "no test 'callable'"),
        ("{{ " + "(" * 900 + "1" + ")" * 900 + " }}", "nested too deeply"),
        ("{{ " + "not " * 900 + "1 }}", "nested too deeply"),
        ("x" * (TEMPLATE_MAX + 1), "longer than"),
        ("{{ [" + "1," * (PARTS_MAX + 1) + "] }}", "parts"),
        ("{{ zone | default(*[1]) }}", "no arguments with a *"),
        ("{{ zone", "end of print statement"),
    ],
)
def test_what_templates_cannot_do(template: str, reason: str) -> None:
    """Refused when they are read, before anything is filled in."""
    with pytest.raises(TemplateError) as wrong:
        check_template(template)
    assert reason in wrong.value.reason


@pytest.mark.parametrize(
    ("template", "reason"),
    [
        ("{{ speed }}", "'speed' is not always given"),
        ("{{ speed | tojson }}", "'speed' is not always given"),
        ("{{ 'x' * 999999999 }}", "only numbers"),
        ("{{ '%0999999999d' % 1 }}", "only numbers"),
        ("{{ [1] * 99999999 }}", "only numbers"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ {'a': 1}[zone] }}", "front lawn"),
        ("{{ -zone }}", "bad operand"),
        ("{{ '%0999999999d' is even }}", "only numbers"),
        ("{{ '%0999999999d' is odd }}", "only numbers"),
        ("{{ level | round(999999999, 'ceil') }}", "at most 15 digits"),
        ("{{ level | round(-999999999, 'floor') }}", "at most 15 digits"),
        ("{{ 'a'" + (" | replace('a', '" + "a" * 200 + "')") * 9 + " }}", "longer"),
    ],
)
def test_what_cannot_be_filled(template: str, reason: str) -> None:
    """An error of ours with a reason, quickly, and never a huge text."""
    began = time.monotonic()
    with pytest.raises(TemplateError) as wrong:
        render(template, SLOTS)
    assert reason in wrong.value.reason
    assert time.monotonic() - began < 1


def test_the_output_ends_somewhere() -> None:
    """What comes in as a value counts as well."""
    with pytest.raises(TemplateError, match="longer"):
        render("{{ a }}{{ a }}", {"a": "x" * (OUTPUT_MAX // 2 + 1)})


def test_the_line_of_a_mistake_is_told() -> None:
    """Of a template over several lines."""
    with pytest.raises(TemplateError) as wrong:
        check_template("{\n{{ a }},\n{{ b }\n}")
    assert wrong.value.line == 3
    with pytest.raises(TemplateError) as other:
        check_template("{\n{{ a.b }}\n}")
    assert other.value.line == 2


def test_values_keep_their_kind() -> None:
    """A slot alone is what it is, what looks like a number is one, the rest is text."""
    assert render_value("{{ minutes }}", SLOTS) == 25
    assert render_value("{{ minutes * 2 }}", SLOTS) == 50
    assert render_value("{{ level + 1 }}", SLOTS) == 1.5
    assert render_value("{{ zone }}!", SLOTS) == "front lawn!"
    assert render_value("{{ code }}", {"code": "007"}) == "007"


def test_the_names_in_a_template_are_known() -> None:
    """Those that are asked for, in filters and conditions too."""
    assert check_template("{{ a }}{% if b is defined %}{{ c | default(d) }}{% endif %}") == {"a", "b", "c", "d"}


@given(st.text(alphabet="{}%# |()[]'\"abcz_.*+-/0129\n", max_size=60))
def test_any_text_is_filled_or_refused(template: str) -> None:
    """Nothing else than our own error ever comes out."""
    try:
        filled = render(template, {"a": 1, "b": "two"})
    except TemplateError:
        return
    assert isinstance(filled, str)
