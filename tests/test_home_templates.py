"""The plain forms of templates; everything else is refused, never guessed."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.home.payloads import Payload
from edge.home.templates import Template, Unsupported, parse_template


def read(template: str, payload: str) -> Any:
    parsed = parse_template(template)
    assert isinstance(parsed, Template)
    return parsed.read(Payload(payload.encode()))


@pytest.mark.parametrize(
    ("template", "payload", "value"),
    [
        ("{{ value }}", "ON", "ON"),
        ("{{value_json.state}}", '{"state": "on"}', "on"),
        (" {{- value_json.a.b -}} ", '{"a": {"b": 7}}', 7),
        ('{{ value_json["x y"][1] }}', '{"x y": [1, 2]}', 2),
        ("{{ value_json['update'].state }}", '{"update": {"state": true}}', True),
        ("{{ value_json.missing }}", "{}", None),
        ("{{ value_json.a.b }}", '{"a": 3}', None),
        ("{{ value_json.a }}", "no json", None),
        ("{{ value | int }}", "12.7", 12),
        ("{{ value | float }}", "12.7", 12.7),
        ("{{ value | int }}", "warm", None),
        ("{{ value | int(3) }}", "warm", 3),
        ("{{ value_json.t | float | round(1) }}", '{"t": "21.4567"}', 21.5),
        ("{{ value | float(0) | round }}", "21.6", 22),
        ("{{ value_json.on | default('OFF') }}", "{}", "OFF"),
        ("{{ value | float }}", "1e999", None),
        ("on-{{ value }}!", "x", "on-x!"),
        ("plain", "x", "plain"),
    ],
)
def test_plain_templates_are_read(template: str, payload: str, value: Any) -> None:
    """Paths, the four filters, and text around a value."""
    assert read(template, payload) == value


@pytest.mark.parametrize(
    "template",
    [
        "{% if value == 'x' %}ON{% endif %}",
        "{{ 'ON' if value_json.state else 'OFF' }}",
        "{{ value_json.a + 1 }}",
        "{{ value | regex_replace('a', 'b') }}",
        "{{ value_json.get('a') }}",
        "{{ value | default(x) }}",
        "{{ value",
        "value }}",
        "{{ }}",
        "{# comment #}",
        "{{ value }}" * 200,
        "{{ '}}' }}",
    ],
)
def test_other_templates_are_refused(template: str) -> None:
    """What is not a plain form is Unsupported."""
    assert parse_template(template) == Unsupported(template)


@given(st.text(alphabet="{}%#|value_json.[]'\"() 0123ab", max_size=60), st.text(max_size=30))
def test_any_text_is_read_or_refused(template: str, payload: str) -> None:
    """Neither parsing nor reading ever raises."""
    parsed = parse_template(template)
    if isinstance(parsed, Template):
        parsed.read(Payload(payload.encode("utf-8", "replace")))


def test_a_command_template_takes_its_variables() -> None:
    """As covers of Zigbee2MQTT announce it."""
    parsed = parse_template('{"position": {{ position }} }')
    assert isinstance(parsed, Template)
    assert parsed.fill({"position": 40}) == '{"position": 40 }'
    assert parsed.fill({}) is None
