"""Templates of real homes are read as Home Assistant reads them; everything else is refused, never guessed."""

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.home.payloads import Payload
from edge.home.template_filters import WORKED_ON_MAX
from edge.home.templates import Template, Unsupported, parse_template
from edge.templating import TEMPLATE_MAX


def parsed(template: str) -> Template:
    read = parse_template(template)
    assert isinstance(read, Template), read
    return read


def read(template: str, payload: str) -> Any:
    return parsed(template).read(Payload(payload.encode()))


ZIGBEE2MQTT = [
    ("{{ value_json.state }}", '{"state": "ON"}', "ON"),
    ("{{ value_json.state_l1 }}", '{"state_l1": "OFF"}', "OFF"),
    ('{{ value_json["update"]["installed_version"] }}', '{"update": {"installed_version": 5}}', 5),
    ("{{ value_json['update'].state }}", '{"update": {"state": "idle"}}', "idle"),
    ("{{ value_json.occupancy }}", '{"occupancy": true}', True),
    ("{{ value_json.position }}", '{"position": 40}', 40),
    ("{{ value_json.permit_join | lower }}", '{"permit_join": false}', "false"),
    ("{{ value_json.coordinator.meta.revision }}", '{"coordinator": {"meta": {"revision": 2}}}', 2),
    ("{% if value_json.child_lock %} true {% else %} false {% endif %}", '{"child_lock": true}', "true"),
    ("{% if value_json.child_lock %} true {% else %} false {% endif %}", '{"child_lock": null}', "false"),
    ("{% if value_json.child_lock %} true {% else %} false {% endif %}", "{}", None),
    (
        "{% set values = {None:null,'idle':'idle','heat':'heating'} %}{{ values[value_json.running_state] }}",
        '{"running_state": "heat"}',
        "heating",
    ),
    (
        "{% set values = {None:null,'idle':'idle','heat':'heating'} %}{{ values[value_json.running_state] }}",
        '{"running_state": null}',
        None,
    ),
    (
        "{{ {'off':0, 'low':1, 'high':2}[value_json.fan_mode] | default('None') }}",
        '{"fan_mode": "high"}',
        2,
    ),
    ("{{ {'off':0, 'low':1}[value_json.fan_mode] | default('None') }}", '{"fan_mode": "auto"}', "None"),
    ("{{ {'off':0, 'low':1}[value_json.fan_mode] | default('None') }}", "{}", "None"),
    (
        "{{ value_json.fan_mode if value_json.fan_mode in ['on', 'auto'] else 'None' | default('None') }}",
        '{"fan_mode": "auto"}',
        "auto",
    ),
    (
        '{% if "moving" in value_json and value_json.moving %} {{ value_json.moving }} {% else %} STOP {% endif %}',
        '{"moving": "UP"}',
        "UP",
    ),
    (
        '{% if "moving" in value_json and value_json.moving %} {{ value_json.moving }} {% else %} STOP {% endif %}',
        '{"position": 3}',
        "STOP",
    ),
    (
        '{% if "running" in value_json and value_json.running %} {% if value_json.position > 0 %} closing '
        "{% else %} opening {% endif %} {% else %} stopped {% endif %}",
        '{"running": true, "position": 0}',
        "opening",
    ),
    ("{{ value_json.program|default('',True) | truncate(4, True, '', 0) }}", '{"program": "abcdef"}', "abcd"),
    ('{{ value_json["action"] | default("") }}', "{}", ""),
]
TASMOTA = [
    ("{{value_json.POWER}}", '{"POWER": "ON"}', "ON"),
    ("{{value_json['ENERGY'].Power}}", '{"ENERGY": {"Power": 12}}', 12),
    ("{{value_json['ENERGY']['ExportTariff'][1]}}", '{"ENERGY": {"ExportTariff": [1, 2.5]}}', 2.5),
    ("{{ value_json['ANALOG'].A0 }}", '{"ANALOG": {"A0": 1}}', 1),
    ("{{value_json.Color.split(',')[0:3]|join(',')}}", '{"Color": "255,100,0,0,0"}', "255,100,0"),
    ("{{value_json.HSBColor.split(',')[0:2]|join(',')}}", '{"HSBColor": "20,90,50"}', "20,90"),
    (
        "{% if 'Color' in value_json %} {{ value_json.Color.split(',')[0:3] | join(',') }} {% endif %}",
        '{"POWER": "ON"}',
        "",
    ),
    (
        "{% if value_json.FanSpeed is defined %}{% if value_json.FanSpeed == 0 -%}0{%- elif value_json.FanSpeed == 1 "
        "-%}33{%- else -%}100{%- endif %}{% endif %}",
        '{"FanSpeed": 1}',
        "33",
    ),
    ("{{ value_json.Shutter1.Position }}", '{"Shutter1": {"Position": 0}}', 0),
    ("{{ value_json.StatusSNS.DS18B20.Temperature | float | round(1) }}", '{"StatusSNS": {}}', None),
    ("{%- if value_json.ison %}on{% else %}off{% endif %}", '{"ison": false}', "off"),
    ("{{ value_json.brightness | float | multiply(2.55) | round(0) }}", '{"brightness": 40}', 102),
]
HOME_ASSISTANT = [
    ("{{ value }}", "ON", "ON"),
    (" {{- value_json.a.b -}} ", '{"a": {"b": 7}}', 7),
    ("{{ value_json.motion_active.data[0][1][0] | round(0) }}", '{"motion_active": {"data": [[0, [1.4]]]}}', 1),
    ("{{ value.split(',')[0] }}", "on,120,0-0-255", "on"),
    ("{{ value.split(',')[2].split('-')[2] }}", "on,120,0-0-255", "255"),
    ("{{ 'ON' if value_json.power > 0 else 'OFF' }}", '{"power": 3.5}', "ON"),
    ("{{ 'ON' if value_json.power > 0 else 'OFF' }}", "{}", None),
    ('{{ value if value=="off" else "heat" }}', "4", "heat"),
    (
        "{% set values = { '0':'off', '1':'auto'} %} {{ values[value] if value in values.keys() else 'off' }}",
        "1",
        "auto",
    ),
    ("{{ value | int }}", "12.7", 12),
    ("{{ value | int }}", "warm", None),
    ("{{ value | int(3) }}", "warm", 3),
    ("{{ int(value, 0) + 1 }}", "7", 8),
    ("{{ value | float(0) | round }}", "21.6", 22),
    ("{{ (float(value) * 9 / 5 + 32) | round(1) }}", "21", 69.8),
    ("{{ value_json.t | float | round(1) }}", '{"t": "21.4567"}', 21.5),
    ("{{ value | round(0, 'floor') }}", "21.9", 21),
    ("{{ value | round(1, 'ceil') }}", "21.91", 22.0),
    ("{{ value | round(method='half') }}", "21.6", 21.5),
    ("{{ value | float }}", "1e999", None),
    ("{{ value_json.on | default('OFF') }}", "{}", "OFF"),
    ("{{ value_json.get('on', 'OFF') }}", "{}", "OFF"),
    ("{{ value_json.get('on') }}", '{"on": 1}', 1),
    ("{{ value_json.keys | default(0) }}", '{"keys": 3}', 3),
    ("{{ value_json.x is defined and value_json.x is not none }}", '{"x": 0}', True),
    ("{{ iif(value_json.open, 'open', 'closed') }}", '{"open": true}', "open"),
    ("{{ value | bool }}", "yes", True),
    ("{{ value | bool | iif('ON', 'OFF') }}", "0", "OFF"),
    ("{{ value_json.flags | bitwise_and(4) > 0 }}", '{"flags": 6}', True),
    ("{{ [value_json.a, value_json.b] | max }}", '{"a": 1, "b": 2}', 2),
    ("{{ min(value_json.a, value_json.b) }}", '{"a": 1, "b": 2}', 1),
    ("{{ (value | from_json).a }}", '{"a": 5}', 5),
    ("{{ value_json.rgb }}", '{"rgb": [255, 0, 10]}', [255, 0, 10]),
    ("{{ value_json.rgb | join(',') }}", '{"rgb": [255, 0, 10]}', "255,0,10"),
    ("{{ value[0:2] | int(0, 16) }},{{ value[2:4] | int(0, 16) }},{{ value[4:6] | int(0, 16) }}", "ff0a00", "255,10,0"),
    ("{{ value_json[-1].v }}", '[{"v": 1}, {"v": 2}]', 2),
    ("{{ value | trim | upper }}", " on ", "ON"),
    ("{{ value.startswith('o') and not value.endswith('x') }}", "on", True),
    ("{{ value | replace(' ', '_') | lower }}", "Very Cold", "very_cold"),
    ("{{ value_json.tempc | is_defined }}", '{"tempc": 21.5}', 21.5),
    ("{{ value_json.tempc | is_defined }}", '{"tempf": 70}', None),
    ("{{ float(value_json.battery_ok) * 99 + 1 | is_defined }}", '{"battery_ok": 1}', 100.0),
    ("{{ value_json.interval/1000 }}", '{"interval": 500}', 0.5),
    ("{{ 'on' if value == 'a' or value == 'b' else value ~ '!' }}", "c", "c!"),
    ("{{ 'V' + value + '.' }}", "2", "V2."),
    ("on-{{ value }}!", "x", "on-x!"),
    ("plain", "x", "plain"),
    ("{{ value_json.a.b }}", '{"a": 3}', None),
    ("{{ value_json.a }}", "no json", None),
    ("{{ value_json.a ~ value_json.b }}", '{"a": 3}', None),
    ("{{ value_json.length }} {{ value_json | length }}", '{"length": 9}', "9 1"),
]


@pytest.mark.parametrize(("template", "payload", "value"), ZIGBEE2MQTT + TASMOTA + HOME_ASSISTANT)
def test_templates_of_real_homes_are_read(template: str, payload: str, value: Any) -> None:
    """A value keeps its kind where it stands alone; a missing one tells nothing."""
    result = read(template, payload)
    assert (result, type(result)) == (value, type(value))


SWITCH_SET = '{"id": 1, "method": "Switch.Set", "params": {"on": true } }'
COMMANDS: list[tuple[str, dict[str, Any], Any]] = [
    ('{ "position": {{ position }} }', {"position": 40}, '{ "position": 40 }'),
    ('{ "position": {{ position }} }', {}, None),
    ("{{ {0:'off', 1:'low', 2:'high'}[value] | default('') }}", {"value": 2}, "high"),
    ("{{ {1: '3,0', 2: '3,1'}[value] | default('1') }}", {"value": 9}, "1"),
    ("{{ '#%02x%02x%02x' | format(red, green, blue)}}", {"red": 255, "green": 10, "blue": 0}, "#ff0a00"),
    (
        "on,{{ brightness|d }},{{ red|d }}-{{ green|d }}-{{ blue|d }}",
        {"brightness": 12},
        "on,12,--",
    ),
    (
        '{"turn": "on"{%- if brightness is defined -%}, "brightness": {{ brightness }}{%- endif -%} }',
        {},
        '{"turn": "on"}',
    ),
    (
        '{"turn": "on"{%- if brightness is defined -%}, "brightness": {{brightness | multiply(0.3922) | round(0)}}'
        "{%- endif -%} }",
        {"brightness": 255},
        '{"turn": "on", "brightness": 100}',
    ),
    ('{"id": 1, "method": "Switch.Set", "params": {"on": {{ value | tojson }} } }', {"value": True}, SWITCH_SET),
    (
        "{% set cmd = {'mode': 'write', 'data': [[1363, value]]} %}{{ cmd | to_json }}",
        {"value": "02"},
        '{"mode": "write", "data": [[1363, "02"]]}',
    ),
    ("{{ action }}", {"action": "ARM_AWAY"}, "ARM_AWAY"),
    ('{"action": "{{ action }}", "code": "{{ code }}"}', {"action": "DISARM"}, None),
    ("{% if value == 'low' %} 1 {% elif value == 'high' %} 2 {% else %} 0 {% endif %}", {"value": "high"}, "2"),
    ("{{ (value * 2.55) | round | int }}", {"value": 50}, 127),
    ("{{ hue }},{{ sat }}", {"hue": 10.5, "sat": 20}, "10.5,20"),
]


@pytest.mark.parametrize(("template", "variables", "payload"), COMMANDS)
def test_commands_of_real_homes_are_filled(template: str, variables: dict[str, Any], payload: Any) -> None:
    """With the variables that each kind of command has; one that lacks a variable is not sent."""
    assert parsed(template).fill(variables) == payload


UNSUPPORTED = [
    ("{% for each in value_json %}{{ each }}{% endfor %}", "loops"),
    ("{% macro m() %}{% endmacro %}", "macros"),
    ("{% include 'a' %}", "includes"),
    ("{% import 'a' as b %}", "imports"),
    ("{% extends 'a' %}", "inheritance"),
    ("{% set a %}x{% endset %}", "{% set %} over several lines"),
    ("{% with a = 1 %}{% endwith %}", "{% with %}"),
    ("{{ value | regex_replace('a', 'b') }}", "filter 'regex_replace'"),
    ("{% set v = value | regex_findall_index('(.*)') %}{{ v }}", "filter 'regex_findall_index'"),
    ("{{ value_json | map(attribute='x') | list }}", "filter 'map'"),
    ("{{ value_json.t | timestamp_custom('%H') }}", "filter 'timestamp_custom'"),
    ("{{ value | as_datetime }}", "filter 'as_datetime'"),
    ("{{ value | attr('upper') }}", "filter 'attr'"),
    ("{{ value | base64_decode }}", "filter 'base64_decode'"),
    ("{{ states('sensor.x') }}", "function 'states'"),
    ("{{ now().strftime('%H') }}", "method 'strftime'"),
    ("{% set ns = namespace(x=1) %}{{ ns.x }}", "function 'namespace'"),
    ("{{ range(9) }}", "function 'range'"),
    ("{{ value_json.items() }}", "method 'items'"),
    ("{{ this.attributes }}", "name 'this'"),
    ("{{ value | default(x1) }}", "name 'x1'"),
    ("{{ 2 ** value }}", "powers"),
    ("{{ value is search('a') }}", "test 'search'"),
]


@pytest.mark.parametrize(("template", "missing"), UNSUPPORTED)
def test_what_is_more_than_edge_understands_is_refused_with_a_reason(template: str, missing: str) -> None:
    """The reason names what is not understood."""
    assert parse_template(template) == Unsupported(template, "")
    refused = parse_template(template)
    assert isinstance(refused, Unsupported)
    assert refused.reason == f"Edge understands no {missing}"


@pytest.mark.parametrize(
    "template",
    [
        "{{ value",
        "{{ }}",
        "{% if value %}",
        "{{ value }",
        "{# comment",
        "{{ '' }" * 200,
        "x" * (TEMPLATE_MAX + 1),
        "{{ [" + "1," * 600 + "] }}",
        "{{ " + "(" * 900 + "1" + ")" * 900 + " }}",
        "{{ " + "not " * 900 + "1 }}",
        "{{ value" + ".a" * 900 + " }}",
        "{{ value" + "|lower" * 500 + " }}",
        "{{" * 2_000,
        "{{ \ud800 }}",
    ],
)
def test_broken_and_endless_templates_are_refused(template: str) -> None:
    """Before anything is filled in, and quickly."""
    began = time.monotonic()
    assert isinstance(parse_template(template), Unsupported)
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    "template",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ value.__init__.__globals__ }}",
        "{{ value_json.get.__globals__ }}",
        "{{ self._TemplateReference__context }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ lipsum.__globals__['os'] }}",
        "{{ joiner.__init__ }}",
        "{{ namespace.__init__ }}",
        "{{ '{0.__class__}'.format(value) }}",
        "{{ value | attr('__class__') }}",
        "{{ value_json | map(attribute='__class__') | list }}",
        "{{ value_json['get']('x') }}",
        "{{ caller() }}",
        "{{ int(*value_json) }}",
        "{{ value | lower(**value_json) }}",
        "{% include value %}",
        "{% import value as x %}",
        "{% set x.y = 1 %}",
        "{% autoescape true %}{{ value }}{% endautoescape %}",
    ],
)
def test_ways_out_of_the_sandbox_are_refused(template: str) -> None:
    """What is known to have led out of one."""
    assert isinstance(parse_template(template), Unsupported)


@pytest.mark.parametrize("key", ["__class__", "__init__", "__globals__", "keys", "get", "_environment", "format_map"])
def test_attributes_of_python_are_never_seen(key: str) -> None:
    """A look-up finds what the payload holds, and nothing else."""
    for template in (f"{{{{ value_json['{key}'] }}}}", f"{{{{ (value_json['{key}']) | default(none) }}}}"):
        assert read(template, "{}") is None
        assert read(template, json.dumps({key: "told"})) == "told"
    for subject in ("value", "value_json.l", "1", "''", "[]", "{}", "none"):
        assert read(f"{{{{ {subject}['{key}'] | default('nothing') }}}}", '{"l": [1]}') == "nothing"


DOUBLED_40_TIMES = "{% set a = [1, value] %}{% set b = [1, value] %}" + "{% set a = [a, a] %}{% set b = [b, b] %}" * 40


@pytest.mark.parametrize(
    "template",
    [
        "{{ 'a' * 999999999 }}",
        "{{ [1] * 999999999 }}",
        "{{ '%0999999999d' % 1 }}",
        "{{ '%0999999999d' | format(1) }}",
        "{{ '%*d' | format(999999999, 1) }}",
        "{{ '%.999999999f' | format(1) }}",
        "{{ '%0999999999d' is even }}",
        "{{ 1 | round(999999999, 'ceil') }}",
        "{{ 1.5 | round(-999999999) }}",
        "{% set a = 99999 %}" + "{% set a = a * a %}" * 40 + "{{ a }}",
        "{% set a = 'aaaaaaaa' %}" + "{% set a = a ~ a %}" * 40 + "{{ a }}",
        "{% set a = 'aaaaaaaa' %}" + "{% set a = a + a %}" * 40 + "{{ a }}",
        "{% set a = 'aaaaaaaa' %}" + "{% set a = a | replace('a', a) %}" * 40 + "{{ a }}",
        "{% set a = 'aaaaaaaa' %}" + "{% set a = a.split('') | join(a) %}" * 40 + "{{ a }}",
        "{% set a = (1, value) %}" + "{% set a = (a, a) %}" * 40 + "{{ a }}",
        "{% set a = {1: value} %}" + "{% set a = {1: a, 2: a} %}" * 40 + "{{ a | tojson }}",
        DOUBLED_40_TIMES + "{{ a == b }}",
        DOUBLED_40_TIMES + "{{ a in [b] }}",
        DOUBLED_40_TIMES + "{{ a | tojson }}",
        "{{ value ~ value ~ value ~ value ~ value }}",
        "{{ value }}{{ value }}{{ value }}{{ value }}{{ value }}",
        "{{ 1e308 * 10 }}",
        "{{ 1 / 0 }}",
        "{{ 1 % 0 }}",
        "{{ -value }}",
        "{{ value < 1 }}",
        "{{ value_json.l[::0] }}",
        "{{ {value_json: 1} }}",
        "{{ value_json.n * value_json.n }}",
    ],
)
def test_what_would_be_huge_or_makes_no_sense_tells_nothing(template: str) -> None:
    """Quickly, and whatever is in the payload."""
    began = time.monotonic()
    payload = json.dumps({"l": [1] * 500, "n": int("9" * 2_000), "text": "x" * (WORKED_ON_MAX // 3)})
    assert read(template, payload) is None
    assert time.monotonic() - began < 1


def test_large_payloads_are_looked_up_in_whatever_their_size() -> None:
    """A bridge tells tens of thousands of characters about itself."""
    payload = json.dumps({"version": "2.1", "devices": ["x" * 50] * 1_000})
    assert read("{{ value_json.version }}", payload) == "2.1"
    assert read("{{ value_json.version | lower }}", payload) == "2.1"
    assert read("{{ value_json.devices[999] }}", payload) == "x" * 50
    assert read("{{ value_json | tojson }}", payload) is None


def test_other_scripts_are_kept_as_they_are() -> None:
    """In the template and in the payload."""
    assert read("{{ 'Büro: ' ~ value_json.état }}", '{"état": "открыто"}') == "Büro: открыто"
    assert read("{{ value_json['台所'] | tojson }}", '{"台所": "灯\u202e"}') == '"灯\u202e"'


EXPRESSIONS = st.text(alphabet="{}%#|value_json.[]'\"() 0123ab,:~+-*/<>=!", max_size=60)
TOKENS = """
    value value_json .a ['a'] [0] [0:2] | int float round(1) default('x') join split(',') .split(',') .keys() .get( ) (
    [ ] { } , : ~ + - * / % == < in not and or if else {{ }} {% %} set x = endif elif is defined 'a' 1 2.5 none true
    null ** for loop
"""
WORDS = st.sampled_from(TOKENS.split())
PAYLOADS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["a", "b", "x"]), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=1_000)
@given(EXPRESSIONS | st.lists(WORDS, max_size=25).map(" ".join), st.text(max_size=30) | PAYLOADS.map(json.dumps))
def test_any_text_is_read_or_refused(template: str, payload: str) -> None:
    """Neither reading nor filling ever raises."""
    known = parse_template(template)
    if isinstance(known, Template):
        known.read(Payload(payload.encode("utf-8", "replace")))
        known.fill({"value": payload, "position": 3})


@settings(max_examples=1_000)
@given(st.lists(WORDS, max_size=12).map(lambda words: "{{ value_json.a " + " ".join(words) + " }}"), PAYLOADS)
def test_any_expression_over_any_payload_gives_plain_data(template: str, payload: Any) -> None:
    """Never an object of Python's or Jinja's own."""
    known = parse_template(template)
    if isinstance(known, Template):
        result = known.read(Payload(json.dumps({"a": payload}).encode()))
        assert result is None or isinstance(result, bool | int | float | str | list | tuple | dict)


def test_a_template_is_read_once() -> None:
    """A home of a thousand lamps has one template a thousand times."""
    assert parse_template("{{ value_json.once }}") is parse_template("{{ value_json.once }}")


@pytest.mark.parametrize("template", ["{{ value | round(11e999) }}", "{{ -1e999 }}", "{% set a = 1e999 %}{{ a }}"])
def test_a_number_beyond_all_bounds_is_refused_when_it_is_read(template: str) -> None:
    """Jinja would write it down as a name that Python does not know."""
    read = parse_template(template)
    assert isinstance(read, Unsupported)
    assert read.reason == "no number is so large"
