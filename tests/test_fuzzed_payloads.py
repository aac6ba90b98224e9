"""A hundred thousand payloads that no home should send, through the whole way in: nothing falls over, nothing grows."""

import gc
import json
import logging
import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.errors import StageFailed
from edge.home.abbreviations import ABBREVIATIONS
from edge.home.configs import DOMAINS
from edge.home.payloads import MAX_WORD
from edge.home.picture import CAUSE_TOPIC, HomePicture
from edge.records import ResolvedAction
from tests.homes import morning
from tests.hostile import NAMES, TEMPLATES, ByteBus, any_value, encoded, spoiled

PAYLOADS = 100_000

JSON_STATE = json.loads("""{"state": "ON", "brightness": 120, "color_mode": "hs", "color": {"h": 20, "s": 80},
    "color_temp": 300, "effect": "rainbow"}""")
ZIGBEE_STATE = JSON_STATE | json.loads("""{"position": 40, "temperature": 21.5, "occupancy": true, "preset": "eco",
    "system_mode": "heat", "current_heating_setpoint": 20, "local_temperature": 19.5, "fan_mode": "low",
    "battery": 90, "linkquality": 90, "action": "single", "update": {"state": "idle", "installed_version": 1}}""")
LIGHT = {"brightness": True, "supported_color_modes": ["hs", "color_temp"], "effect": True, "effect_list": ["rainbow"]}
THERE = [{"topic": "t/bridge", "value_template": "{{ value_json.state }}"}, {"topic": "t/there"}]

CONFIGS: Sequence[tuple[str, Mapping[str, Any]]] = (
    ("light/json", {"schema": "json", "cmd_t": "t/0/set", "stat_t": "t/0", **LIGHT, "avty": THERE, "avty_mode": "all"}),
    (
        "light/plain",
        {"cmd_t": "t/1/set", "stat_t": "t/1", "bri_cmd_t": "t/1/b", "bri_stat_t": "t/0"}
        | {"bri_val_tpl": "{{ value_json.brightness }}", "rgb_cmd_t": "t/1/c", "rgb_stat_t": "t/2"}
        | {"rgb_val_tpl": "{{ value.split(',')[0:3] | join(',') }}", "hs_cmd_t": "t/1/hs", "hs_stat_t": "t/3"},
    ),
    (
        "light/template",
        {"schema": "template", "cmd_t": "t/2/set", "stat_t": "t/2", "cmd_on_tpl": "on,{{ brightness }}"},
    ),
    (
        "switch/s",
        {"cmd_t": "t/3/set", "stat_t": "t/3", "val_tpl": "{{ value_json.state }}", "pl_on": "ON", "pl_off": 0},
    ),
    (
        "cover/c",
        {"cmd_t": "t/4/set", "stat_t": "t/4", "pos_t": "t/0", "pos_tpl": "{{ value_json.position }}"}
        | {"set_pos_t": "t/4/p", "set_pos_tpl": '{"position": {{ position }} }', "dev_cla": "garage"},
    ),
    ("lock/l", {"cmd_t": "t/5/set", "stat_t": "t/5", "val_tpl": "{{ value_json.state }}", "code_format": None}),
    (
        "climate/h",
        {"modes": ["off", "heat"], "mode_stat_t": "t/0", "mode_stat_tpl": "{{ value_json.system_mode }}"}
        | {"mode_cmd_t": "t/6/m", "temp_cmd_t": "t/6/t", "temp_stat_t": "t/0", "curr_temp_t": "t/0"}
        | {"temp_stat_tpl": "{{ value_json.current_heating_setpoint | float }}", "min_temp": 5, "max_temp": 30}
        | {"curr_temp_tpl": "{{ value_json.local_temperature }}", "pr_modes": ["eco"], "pr_mode_cmd_t": "t/6/p"},
    ),
    (
        "fan/f",
        {"cmd_t": "t/7/set", "stat_t": "t/7", "pct_cmd_t": "t/7/p", "pct_stat_t": "t/0", "spd_rng_max": 3}
        | {"pct_val_tpl": "{{ {'off':0, 'low':1}[value_json.fan_mode] | default('None') }}", "osc_cmd_t": "t/7/o"},
    ),
    ("vacuum/v", {"cmd_t": "t/8/set", "stat_t": "t/8"}),
    ("sensor/t", {"stat_t": "t/0", "val_tpl": "{{ value_json.temperature | round(1) }}", "unit_of_meas": "°C"}),
    ("sensor/w", {"stat_t": "t/1", "val_tpl": "{{ value_json['update'].state }}", "json_attr_t": "t/1"}),
    ("binary_sensor/o", {"stat_t": "t/0", "val_tpl": "{{ value_json.occupancy }}", "pl_on": True, "pl_off": False}),
    ("alarm_control_panel/a", {"cmd_t": "t/9/set", "stat_t": "t/9", "cmd_tpl": '{"action": "{{ action }}"}'}),
    ("button/b", {"cmd_t": "t/10/set", "pl_prs": "GO"}),
    ("scene/s", {"cmd_t": "t/11/set"}),
    ("select/s", {"cmd_t": "t/12/set", "stat_t": "t/12", "options": ["a", "b"]}),
    ("number/n", {"cmd_t": "t/13/set", "stat_t": "t/13", "min": 0, "max": 10, "cmd_tpl": "{{ value | int }}"}),
    ("valve/v", {"cmd_t": "t/14/set", "stat_t": "t/14", "reports_position": True}),
    ("humidifier/h", {"cmd_t": "t/15/set", "stat_t": "t/15", "hum_cmd_t": "t/15/h", "modes": ["eco"]}),
    ("siren/s", {"cmd_t": "t/16/set", "stat_t": "t/16", "cmd_tpl": '{"tone": "{{ tone }}"}', "av_tones": ["a"]}),
    ("lawn_mower/m", {"dock_cmd_t": "t/17/set", "activity_state_topic": "t/17"}),
    ("water_heater/w", {"modes": ["eco", "off"], "mode_cmd_t": "t/18/set", "temp_cmd_t": "t/18/t"}),
    (
        "device/d",
        {"dev": {"name": "Plug", "ids": "1", "sa": "Office"}, "o": {"name": "maker"}, "~": "t", "avty_t": "~/there"}
        | {
            "cmps": {
                "relay": {"p": "switch", "cmd_t": "~/19/set", "stat_t": "t/19", "uniq_id": "u1"},
                "power": {"p": "sensor", "stat_t": "t/0", "val_tpl": "{{ value_json.battery }}", "uniq_id": "u2"},
                "gone": {"p": "sensor"},
            }
        },
    ),
)
"""What makers announce: Home Assistant's own examples, Zigbee2MQTT's, Tasmota's and ESPHome's forms."""

TASMOTA = json.loads("""{"ip": "10.0.0.2", "dn": "Tasmota", "fn": ["Lamp", null], "hn": "tasmota-1",
    "mac": "AABBCCDDEEFF", "md": "Plug", "ofln": "Offline", "onln": "Online", "state": ["OFF", "ON", "TOGGLE", "HOLD"],
    "t": "tasmota_1", "tp": ["cmnd", "stat", "tele"], "ft": "%prefix%/%topic%/", "rl": [1, 2, 0], "swc": [-1],
    "btn": [0], "lk": 1, "lt_st": 3, "sho": [0], "ver": 1}""")
BRIDGE_DEVICES = json.loads("""[{"friendly_name": "desk lamp", "ieee_address": "0x1", "type": "Router",
    "interview_completed": true, "supported": true, "definition": {"model": "X", "exposes": [
        {"type": "light", "features": [
            {"name": "state", "property": "state", "type": "binary", "value_on": "ON", "value_off": "OFF", "access": 7},
            {"name": "brightness", "property": "brightness", "type": "numeric", "value_max": 254, "access": 7}]},
        {"name": "action", "property": "action", "type": "enum", "values": ["single"], "access": 1}]}}]""")
SHELLY = {"id": 0, "source": "init", "output": True, "apower": 3.5, "temperature": {"tC": 40.1, "tF": 104.2}}

OTHERS: Sequence[tuple[str, Any]] = (
    ("zigbee2mqtt/bridge/devices", BRIDGE_DEVICES),
    ("zigbee2mqtt/bridge/groups", [{"id": 1, "friendly_name": "all", "members": [{"ieee_address": "0x1"}]}]),
    ("zigbee2mqtt/bridge/state", {"state": "online"}),
    ("zigbee2mqtt/desk lamp", ZIGBEE_STATE),
    ("zigbee2mqtt/desk lamp/availability", {"state": "online"}),
    ("tasmota/discovery/AABBCCDDEEFF/config", TASMOTA),
    ("tasmota/discovery/AABBCCDDEEFF/sensors", {"sn": {"ENERGY": {"Power": 1}}, "ver": 1}),
    ("tele/tasmota_1/STATE", {"POWER1": "ON", "Dimmer": 40}),
    ("tele/tasmota_1/LWT", "Online"),
    ("shellyplus1-a/status/switch:0", SHELLY),
    ("shellyplus1-a/online", "true"),
    (f"{CAUSE_TOPIC}/light.json", "hand"),
)
"""What makers have besides, and what tells who was at a device."""

STATES: Sequence[Any] = (
    *(ZIGBEE_STATE, JSON_STATE, {"state": "cleaning", "fan_speed": "max"}, {"state": "locked"}),
    *("ON", "OFF", "open", "closing", "locked", "armed_away", "21.5", "255,0,10", "a", "docked", "{}"),
)
COMMANDS: Mapping[str, Sequence[tuple[str, str | None]]] = {
    "light": (("turn_on", None), ("turn_off", None), ("turn_on", "brightness"), ("turn_on", "color")),
    "cover": (("open", None), ("close", None), ("set_position", "position")),
    "lock": (("lock", None), ("unlock", None)),
    "climate": (("turn_on", None), ("set_temperature", "temperature"), ("set_mode", "mode")),
    "fan": (("turn_on", None), ("set_speed", "speed"), ("turn_on", "oscillating")),
    "number": (("set_value", "value"),),
    "select": (("select_option", "option"),),
}
"""Commands, and the value that goes with each; any other kind is switched on."""


class FuzzedHome:
    """A picture of a home whose every payload is drawn from the dice."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.clock = morning()
        self.bus = ByteBus()
        self.picture = HomePicture(self.bus, self.clock)
        self.changes = 0
        self.picture.on_change(self._on_change)

    def _on_change(self, device_id: str, state: Any) -> None:
        self.changes += 1

    def announce(self) -> None:
        """Somebody announces something, perhaps again, perhaps in another form, perhaps it goes."""
        place, config = self.dice.choice(CONFIGS)
        told = dict(config)
        for _ in range(self.dice.choice((0, 0, 1, 2))):
            told[self.dice.choice(KEYS)] = any_value(self.dice)
        if self.dice.random() < 0.3:
            told["name"] = self.dice.choice(NAMES)
        if self.dice.random() < 0.3:
            told["unique_id"] = self.dice.choice(("u1", "u2", *NAMES[:3]))
        topic = f"homeassistant/{place}{self.dice.randrange(3)}/config"
        self.bus.tell(topic, spoiled(told, self.dice, whole=0.5))

    def speak(self) -> None:
        """A device says how it is, or its maker what there is."""
        if self.dice.random() < 0.1:
            topic, told = self.dice.choice(OTHERS)
        elif self.dice.random() < 0.1:
            topic, told = self.dice.choice((("t/bridge", {"state": "online"}), ("t/there", "online")))
        else:
            topic, told = f"t/{self.dice.choice((0, 0, 0, *range(20)))}", self.dice.choice(STATES)
        self.bus.tell(topic, spoiled(told, self.dice, whole=0.5))

    def command(self) -> None:
        """We tell some device something; what makes no sense is refused by name."""
        devices = self.picture.home_map.devices
        if not devices:
            return
        device = self.dice.choice(devices)
        command, key = self.dice.choice(COMMANDS.get(device.domain, (("turn_on", None),)))
        action = ResolvedAction((device.device_id,), command, {key: any_value(self.dice)} if key else {})
        try:
            for message in self.picture.send(action):
                message.payload.encode("utf-8", "surrogatepass")
        except StageFailed:
            return

    def look(self) -> None:
        """Everything that others see of it can be read, said and stored."""
        home, states = self.picture.home_map, self.picture.states()
        assert states.keys() == home.device.keys()
        for device in home.devices:
            assert device.name.isprintable()
            assert 0 < len(device.name) <= MAX_WORD
        for state in states.values():
            assert len(state.value) <= MAX_WORD
            assert state.value.isprintable()
            json.dumps(dict(state.attributes), allow_nan=False)
        assert all(str(problem) for problem in self.picture.problems())


KEYS = (*ABBREVIATIONS, *ABBREVIATIONS.values(), "cmps", "dev", "schema", "name", "~", "p")


def resident_bytes() -> int:
    """Memory that this process has at the moment."""
    gc.collect()
    fields = Path("/proc/self/statm").read_text().split()
    return int(fields[1]) * 4_096


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No error anywhere: the bus logs what its handlers let through."""
    with caplog.at_level(logging.WARNING):
        yield
    assert [record.getMessage() for record in caplog.get_records("call")] == []


@pytest.mark.slow
@pytest.mark.usefixtures("quiet")
def test_a_hundred_thousand_payloads_change_nothing_but_the_picture() -> None:
    """Announcements, states, presence and causes, whole and spoiled; memory is flat from the middle to the end."""
    home = FuzzedHome(seed=4)
    at_half = 0
    for number in range(PAYLOADS):
        if number % 8 == 0:
            home.announce()
        else:
            home.speak()
        if number % 40 == 0:
            home.command()
            home.clock.advance(timedelta(seconds=home.dice.random() * 10))
        if number % 1_000 == 0:
            home.look()
        if number == PAYLOADS // 2:
            at_half = resident_bytes()
    home.look()
    grown = resident_bytes() / at_half
    assert grown < 1.05
    assert home.changes > PAYLOADS // 100
    assert len(home.picture.home_map.devices) > 10


TOPICS = st.sampled_from(["t/0", "t/1", "t/2", "t/0/set"])
WORDS = st.sampled_from([*NAMES, "Lamp", "lamp 2", "°C", "eco"])
NESTED = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["state", "x", "topic"]), inner),
    max_leaves=6,
)
MAKES_SENSE = {
    "topic": TOPICS,
    "template": st.sampled_from(TEMPLATES),
    "scale": st.integers(0, 300),
    "max": st.just(50),
}


@st.composite
def configs(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A kind, and an announcement with keys of Home Assistant's: most with values that make sense there."""
    domain = draw(st.sampled_from(sorted(DOMAINS)))
    told: dict[str, Any] = {"command_topic": "t/0/set", "state_topic": "t/0", "options": ["a"]}
    if domain == "light":
        told["schema"] = draw(st.sampled_from(["json", "default", "template", "x"]))
    for key in draw(st.lists(st.sampled_from(sorted(set(ABBREVIATIONS.values()))), max_size=12)):
        sensible = next((made for ending, made in MAKES_SENSE.items() if key.endswith(ending)), WORDS)
        told[key] = draw(st.one_of(sensible, sensible, sensible, NESTED))
    return domain, told


@pytest.mark.usefixtures("quiet")
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(configs(), min_size=1, max_size=4), st.lists(NESTED | st.sampled_from(STATES), max_size=4), st.data())
def test_any_announcement_with_any_state_is_used_or_told_of(
    announced: list[tuple[str, dict[str, Any]]], said: list[Any], data: st.DataObject
) -> None:
    """A device is listed, or a problem says why not, or it is none to speak of."""
    home = FuzzedHome(seed=0)
    for number, (domain, told) in enumerate(announced):
        home.bus.tell(f"homeassistant/{domain}/d{number}/config", encoded(told))
    for each in said:
        for topic in ("t/0", "t/1"):
            home.bus.tell(topic, encoded(each))
    home.look()
    for _ in range(3):
        home.command()
    hidden = sum("entity_category" in told or "enabled_by_default" in told for _, told in announced)
    assert len(home.picture.home_map.devices) + len(home.picture.problems()) + hidden >= len(announced)
