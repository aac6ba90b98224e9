"""Zigbee2MQTT without Home Assistant's discovery: its lists become devices, rooms, and what moves together."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.clock import WallClock
from edge.errors import StageFailed
from edge.home.discovery import Announcement
from edge.home.mqtt import MqttBus
from edge.home.picture import HomePicture
from edge.home.zigbee2mqtt import BASES_MAX, Zigbee2Mqtt
from edge.home.zigbee_rooms import room_of_group, room_of_thing
from tests.brokers import Mosquitto, Settings, until
from tests.test_mqtt_home import published
from tests.zigbee import COLOR, INNER, LAMP, PLUG, ZigbeeHome, at, binary, enum, numeric, thing


def test_a_lamp_is_read_and_obeys() -> None:
    """In people's units, by one JSON message each way."""
    zigbee = ZigbeeHome()
    zigbee.add("Desk Lamp", LAMP, *INNER)
    home = zigbee.online().home
    home.says(
        "zigbee2mqtt/Desk Lamp", {"state": "ON", "brightness": 127, "color_temp": 250, "color_mode": "color_temp"}
    )
    assert home.device("light.desk_lamp").capabilities == {"brightness", "color_temp"}
    assert home.device("light.desk_lamp").limits == {"color_temp": (2703, 6536)}
    state = home.state("light.desk_lamp")
    assert (state.value, state.attributes) == ("on", {"brightness": 50, "color_temp": 4000})
    [message] = home.send("light.desk_lamp", "turn_on", brightness=100)
    assert (message.topic, json.loads(message.payload)) == (
        "zigbee2mqtt/Desk Lamp/set",
        {"state": "ON", "brightness": 254},
    )


def test_what_nobody_speaks_of_is_left_out() -> None:
    """Inner matters, passing events and set-up become no devices, and are no problems either."""
    zigbee = ZigbeeHome()
    zigbee.add("Remote", *INNER, numeric("battery", "%"), type="EndDevice")
    zigbee.add("Coordinator", type="Coordinator", definition=None)
    zigbee.add("Old lamp", LAMP, disabled=True)
    home = zigbee.online().home
    assert zigbee.names() == {"sensor.remote_battery": "Remote battery"}
    assert home.picture.problems() == ()


def test_what_zigbee2mqtt_does_not_know_is_a_problem() -> None:
    """With the model's name, and without disturbing the rest."""
    zigbee = ZigbeeHome()
    zigbee.add("Thing", definition=None)
    zigbee.add("Plug", PLUG)
    home = zigbee.online().home
    assert set(zigbee.names()) == {"switch.plug"}
    assert [str(each) for each in home.picture.problems()] == [
        "zigbee2mqtt/Thing: Zigbee2MQTT does not know some.model, or has not finished pairing it"
    ]


def test_sensors_have_classes_units_and_names() -> None:
    """What a sensor is there for bears its name; what it measures besides is called by what it is."""
    zigbee = ZigbeeHome()
    zigbee.add("Front Door", binary("contact", on=False, off=True, access=1), numeric("battery", "%"))
    zigbee.add("Bedroom temperature, humidity sensor", numeric("temperature", "°C"), numeric("humidity", "%"))
    zigbee.add("Plug", numeric("power", "W", access=5), PLUG)
    zigbee.add("Hall sensor", binary("occupancy", True, False, access=1), numeric("illuminance_lux", "lx"))
    home = zigbee.online().home
    assert zigbee.names() == {
        "binary_sensor.front_door": "Front Door",
        "sensor.front_door_battery": "Front Door battery",
        "sensor.bedroom_temperature": "Bedroom temperature",
        "sensor.bedroom_humidity": "Bedroom humidity",
        "switch.plug": "Plug",
        "sensor.plug_power": "Plug power",
        "binary_sensor.hall_sensor": "Hall sensor",
        "sensor.hall_sensor_illuminance": "Hall sensor illuminance",
    }
    classes = {device.device_id: (device.device_class, device.unit) for device in home.picture.home_map.devices}
    assert classes["binary_sensor.front_door"] == ("door", None)
    assert classes["sensor.bedroom_temperature"] == ("temperature", "°C")
    assert classes["sensor.plug_power"] == ("power", "W")
    home.says("zigbee2mqtt/Front Door", {"contact": False, "battery": 90})
    assert home.state("binary_sensor.front_door").value == "on"


def test_endpoints_are_devices_of_their_own() -> None:
    """Each is read under its own keys and told at its own topic, a light as well as a switch."""
    zigbee = ZigbeeHome()
    zigbee.add("Wall", *(thing("switch", at(side, binary("state")), endpoint=side) for side in ("left", "right")))
    dimmed = (at("l1", binary("state")), at("l1", numeric("brightness", access=7, value_max=254)))
    zigbee.add("Spots", thing("light", *dimmed, endpoint="l1"))
    home = zigbee.online().home
    assert zigbee.names() == {
        "switch.wall_left": "Wall left",
        "switch.wall_right": "Wall right",
        "light.spots_1": "Spots 1",
    }
    home.says("zigbee2mqtt/Wall", {"state_left": "ON", "state_right": "OFF"})
    home.says("zigbee2mqtt/Spots", {"state_l1": "ON", "brightness_l1": 254})
    assert (home.state("switch.wall_left").value, home.state("switch.wall_right").value) == ("on", "off")
    assert home.state("light.spots_1").attributes == {"brightness": 100}
    assert [(m.topic, m.payload) for m in home.send("switch.wall_left", "turn_off")] == [
        ("zigbee2mqtt/Wall/left/set", "OFF")
    ]
    [message] = home.send("light.spots_1", "turn_on", brightness=50)
    assert (message.topic, json.loads(message.payload)) == (
        "zigbee2mqtt/Spots/l1/set",
        {"state": "ON", "brightness": 127},
    )


def test_a_cover_goes_by_its_position() -> None:
    """`state` is only what it was last told, so where there is a position it says whether it is open."""
    zigbee = ZigbeeHome()
    zigbee.add("Blind", thing("cover", enum("state", "OPEN", "CLOSE", "STOP"), numeric("position", "%", access=7)))
    home = zigbee.online().home
    home.says("zigbee2mqtt/Blind", {"state": "CLOSE", "position": 40})
    assert (home.state("cover.blind").value, home.state("cover.blind").attributes) == ("open", {"position": 40})
    sent = [home.send("cover.blind", command)[0] for command in ("open", "stop")]
    sent += home.send("cover.blind", "set_position", position=30)
    assert [(message.topic, message.payload) for message in sent] == [
        ("zigbee2mqtt/Blind/set", "OPEN"),
        ("zigbee2mqtt/Blind/set", "STOP"),
        ("zigbee2mqtt/Blind/set/position", "30"),
    ]


def test_a_lock_is_guarded_and_a_child_lock_is_no_device() -> None:
    """Locks lock a home; a child lock is a setting."""
    zigbee = ZigbeeHome()
    child = {**binary("child_lock", "LOCK", "UNLOCK"), "name": "state"}
    zigbee.add("Front door", thing("lock", binary("state", "LOCK", "UNLOCK")), thing("lock", child))
    home = zigbee.online().home
    assert set(zigbee.names()) == {"lock.front_door"}
    assert home.device("lock.front_door").tier == "guarded"
    home.says("zigbee2mqtt/Front door", {"state": "LOCK"})
    assert home.state("lock.front_door").value == "locked"


def test_a_thermostat_has_modes_limits_and_presets() -> None:
    """The setpoint by which it is set is one of three, by the maker's taste."""
    zigbee = ZigbeeHome()
    target = numeric("occupied_heating_setpoint", "°C", access=7, value_min=5, value_max=30, value_step=0.5)
    mode, preset = enum("system_mode", "off", "heat", "sleep"), enum("preset", "eco", "comfort")
    zigbee.add("Radiator", thing("climate", target, numeric("local_temperature", "°C", access=5), mode, preset))
    home = zigbee.online().home
    device = home.device("climate.radiator")
    assert (device.limits["target_temperature"], device.options["mode"]) == ((5, 30), ("off", "heat"))
    told = {"occupied_heating_setpoint": 21, "local_temperature": 19.5, "system_mode": "heat", "preset": "eco"}
    home.says("zigbee2mqtt/Radiator", told)
    state = home.state("climate.radiator")
    assert (state.value, state.attributes["temperature"], state.attributes["current_temperature"]) == ("heat", 21, 19.5)
    [message] = home.send("climate.radiator", "set_temperature", temperature=22)
    assert (message.topic, float(message.payload)) == ("zigbee2mqtt/Radiator/set/occupied_heating_setpoint", 22)


def test_the_words_of_a_fan_are_steps_or_presets() -> None:
    """Low, medium and high are a third each; `auto` is a way of its own."""
    zigbee = ZigbeeHome()
    modes = {**enum("mode", "off", "low", "medium", "high", "auto"), "property": "fan_mode"}
    zigbee.add("Fan", thing("fan", {**binary("state"), "property": "fan_state"}, modes))
    home = zigbee.online().home
    home.says("zigbee2mqtt/Fan", {"fan_state": "ON", "fan_mode": "medium"})
    assert home.state("fan.fan").attributes["speed"] == 67
    assert home.device("fan.fan").options == {"preset": ("auto",)}
    sent = [*home.send("fan.fan", "set_speed", speed=100), *home.send("fan.fan", "turn_off")]
    assert [(message.topic, message.payload) for message in sent] == [
        ("zigbee2mqtt/Fan/set/fan_mode", "high"),
        ("zigbee2mqtt/Fan/set/fan_state", "OFF"),
    ]


def test_other_properties_become_switches_numbers_and_selects() -> None:
    """Where somebody might speak of them; values that are no text are sent as JSON."""
    zigbee = ZigbeeHome()
    pump = binary("pump", on=True, off=False)
    flow = numeric("water_flow", "l", access=7, value_min=1, value_max=9)
    zigbee.add("Fountain", pump, flow, enum("pattern", "calm", "wild"))
    home = zigbee.online().home
    assert set(zigbee.names()) == {"switch.fountain_pump", "number.fountain_water_flow", "select.fountain_pattern"}
    home.says("zigbee2mqtt/Fountain", {"pump": True, "water_flow": 3, "pattern": "calm"})
    assert [home.state(each).value for each in sorted(zigbee.names())] == ["3", "calm", "on"]
    assert home.send("switch.fountain_pump", "turn_off")[0].payload == "false"
    assert (
        home.send("number.fountain_water_flow", "set_value", value=5)[0].topic == "zigbee2mqtt/Fountain/set/water_flow"
    )


@pytest.mark.parametrize("order", ["devices first", "groups first"])
def test_groups_are_lights_of_their_own_or_rooms(order: str) -> None:
    """Whatever the lists' order: `Kitchen` is the room of its lamps, `Kitchen spots` a light in it."""
    zigbee = ZigbeeHome()
    lamps = [zigbee.add(name, LAMP) for name in ("One", "Two")]
    bright = zigbee.add("Three", thing("light", binary("state"), numeric("brightness", access=7, value_max=254), COLOR))
    zigbee.group("Kitchen", *lamps, bright)
    zigbee.group("kitchen_spots", lamps[0], bright)
    zigbee.group("empty")
    tell = [zigbee.tell_devices, zigbee.tell_groups]
    for each in tell if order == "devices first" else reversed(tell):
        each()
    zigbee.tell("state", "online")
    assert zigbee.names()["light.kitchen_spots"] == "kitchen spots"
    assert "light.kitchen" not in zigbee.names()
    home = zigbee.home
    assert {device.area for device in home.picture.home_map.devices} == {"kitchen"}
    assert home.device("light.kitchen_spots").capabilities == {"brightness", "color_temp", "color"}
    [message] = home.send("light.kitchen_spots", "turn_off")
    assert (message.topic, message.payload) == ("zigbee2mqtt/kitchen_spots/set", '{"state": "OFF"}')


def test_a_group_is_as_guarded_as_what_it_moves() -> None:
    """Or a yes to all plugs would open the garage; and a skill cannot walk around it by address or group either."""
    zigbee = ZigbeeHome()
    relay, plug = zigbee.add("Garage gate", PLUG), zigbee.add("Plug", PLUG)
    zigbee.group("all plugs", relay, plug)
    home = zigbee.online().home
    tiers = {device.device_id: device.tier for device in home.picture.home_map.devices}
    assert tiers == {"switch.garage_gate": "guarded", "switch.plug": "free", "switch.all_plugs": "guarded"}
    for topic in ("Garage gate/set", "Garage gate/set/state", f"{relay}/set", "all plugs/set", "1/set"):
        assert "switch.garage_gate" in home.picture.commanded_by(f"zigbee2mqtt/{topic}"), topic
    assert "switch.garage_gate" not in home.picture.commanded_by("zigbee2mqtt/Plug/set")


@pytest.mark.parametrize(
    ("name", "room"),
    [
        ("Kitchen", ("Kitchen", True)),
        ("Lights kitchen", ("kitchen", True)),
        ("living_room_lights", ("living room", True)),
        ("Upstairs bathroom", ("Upstairs bathroom", True)),
        ("Dining Room", ("Dining Room", True)),
        ("Spots kitchen", ("kitchen", False)),
        ("All lights", ("", False)),
        ("Christmas", ("", False)),
        ("", ("", False)),
    ],
)
def test_rooms_are_read_from_the_names_of_groups(name: str, room: tuple[str, bool]) -> None:
    """The room, and whether the group is the room itself or only some things in it."""
    assert room_of_group(name) == room


@pytest.mark.parametrize(
    ("name", "room"),
    [
        ("kitchen/spot 1", "kitchen"),
        ("Bathroom Mirror Light", "Bathroom"),
        ("Living Room temperature sensor", "Living Room"),
        ("upstairs bathroom light", "upstairs bathroom"),
        ("Light 1", ""),
        ("Kitchen", ""),
        ("/", ""),
    ],
)
def test_rooms_are_read_from_the_names_of_things(name: str, room: str) -> None:
    """What begins with a room, or lies beneath one, is in it."""
    assert room_of_thing(name) == room


def test_availability_is_believed_where_the_bridge_watches() -> None:
    """Of the bridge always; of a device only if the bridge says that it tells."""
    zigbee = ZigbeeHome()
    zigbee.add("Plug", PLUG)
    zigbee.add("Lamp", LAMP)
    home = zigbee.online().home
    assert home.state("switch.plug").value == "unknown"
    zigbee.tell(
        "info",
        {"config": {"availability": {"enabled": True}, "devices": {"0x" + "0" * 15 + "1": {"availability": False}}}},
    )
    assert home.state("switch.plug").value == "unavailable"
    home.says("zigbee2mqtt/Plug/availability", {"state": "online"})
    home.says("zigbee2mqtt/Plug", {"state": "ON"})
    assert (home.state("switch.plug").value, home.state("light.lamp").value) == ("on", "unknown")
    home.says("zigbee2mqtt/bridge/state", {"state": "offline"})
    assert {state.value for state in home.picture.states().values()} == {"unavailable"}


def test_what_home_assistants_discovery_announces_too_is_there_once() -> None:
    """Whoever turns discovery on later keeps one lamp, under the id that he knows."""
    zigbee = ZigbeeHome()
    zigbee.add("Desk Lamp", LAMP, numeric("battery", "%"))
    home = zigbee.online().home
    topic, device = "zigbee2mqtt/Desk Lamp", {"name": "Desk Lamp"}
    light = {"schema": "json", "state_topic": topic, "command_topic": f"{topic}/set", "name": None, "device": device}
    home.announce("light/0x1/light", light)
    home.announce("sensor/0x1/t", {"state_topic": topic, "value_template": "{{ value_json.t }}", "device": device})
    assert len([each for each in zigbee.names() if each.startswith("light.")]) == 1
    assert [each for each in zigbee.names() if each.endswith("battery")] == []


def test_names_are_cleaned_and_topics_are_not() -> None:
    """A device called with two spaces is spoken of with one, and told at the topic that it listens to."""
    zigbee = ZigbeeHome()
    zigbee.add("Desk  Lamp ", LAMP)
    zigbee.add("bad/#", LAMP)
    home = zigbee.online().home
    assert zigbee.names() == {"light.desk_lamp": "Desk Lamp"}
    assert home.send("light.desk_lamp", "turn_on")[0].topic == "zigbee2mqtt/Desk  Lamp /set"
    assert "is no topic" in home.picture.problems()[0].reason


def test_nobody_announces_in_the_bridges_name() -> None:
    """A skill may publish much, but no list of devices."""
    for topic in ("zigbee2mqtt/bridge/devices", "tasmota/discovery/DC4F22D3B32A/config"):
        with pytest.raises(StageFailed, match="where devices announce themselves"):
            ZigbeeHome().home.picture.publish(topic, "[]")


def test_lists_are_taken_back_and_renewed() -> None:
    """A device that was renamed or removed is gone, and an empty payload takes all back."""
    zigbee = ZigbeeHome(base="home/zigbee")
    zigbee.add("Plug", PLUG)
    zigbee.online()
    zigbee.devices[0]["friendly_name"] = "Socket"
    zigbee.tell_devices()
    assert set(zigbee.names()) == {"switch.socket"}
    zigbee.tell("devices", "")
    assert zigbee.names() == {}


def test_garbage_is_a_problem_and_bases_are_bounded() -> None:
    """Whoever may write to the broker cannot make us keep whatever he likes."""
    reader = Zigbee2Mqtt()
    assert reader.read("a/bridge/devices", b"{}").problems != ()
    for number in range(BASES_MAX + 3):
        told = reader.read(f"base{number}/bridge/devices", b"[]")
    assert "more than" in told.problems[0].reason


KEYS = st.sampled_from(
    (
        *("type", "name", "property", "access", "features", "values", "value_on", "value_off", "unit", "endpoint"),
        *("value_max", "value_min", "ieee_address", "friendly_name", "definition", "exposes", "members", "config"),
    )
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda below: st.lists(below, max_size=4) | st.dictionaries(KEYS, below, max_size=5),
    max_leaves=20,
)
FEATURES = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["state", "brightness", "position", "mode", "speed", "occupied_heating_setpoint"]),
        "property": st.sampled_from(["state", "state_l1", "", '"}}{{']) | JSON,
        "access": st.integers(0, 7) | JSON,
    },
    optional={"values": JSON, "value_max": JSON, "value_on": JSON, "unit": JSON},
)
EXPOSES = st.fixed_dictionaries(
    {"type": st.sampled_from(["light", "switch", "cover", "climate", "fan", "lock"]), "features": st.lists(FEATURES)}
)


@given(exposes=st.lists(EXPOSES | FEATURES | JSON, max_size=4) | JSON, lists=JSON)
def test_no_list_makes_it_stumble(exposes: Any, lists: Any) -> None:
    """Whatever stands in the lists, there is an announcement and no error."""
    reader = Zigbee2Mqtt()
    device = {"ieee_address": "0x1", "friendly_name": "X", "definition": {"exposes": exposes}}
    for what, content in (("devices", [device]), ("groups", [{"id": 1, "friendly_name": "g", "members": lists}])):
        assert isinstance(reader.read(f"z/bridge/{what}", json.dumps(content).encode()), Announcement)
    for what in ("devices", "groups", "info"):
        assert isinstance(reader.read(f"z/bridge/{what}", json.dumps(lists).encode()), Announcement)


@pytest.mark.broker
def test_a_home_is_found_at_a_real_broker(tmp_path: Path) -> None:
    """Its retained lists are enough: what is there, where it is, and how it is moved."""
    zigbee = ZigbeeHome()
    zigbee.add("kitchen/lamp", LAMP)
    with Mosquitto(tmp_path) as broker:
        lists = [
            ("zigbee2mqtt/bridge/devices", json.dumps(zigbee.devices).encode()),
            ("zigbee2mqtt/bridge/state", b"online"),
        ]
        with published(broker.port, lists):
            bus = MqttBus(Settings(broker.url))
            picture = HomePicture(bus, WallClock())
            bus.connect()
            assert until(lambda: set(picture.home_map.device) == {"light.kitchen_lamp"})
            assert picture.home_map.device["light.kitchen_lamp"].area == "kitchen"
            bus.publish("zigbee2mqtt/kitchen/lamp", '{"state": "ON"}')
            assert until(lambda: picture.states()["light.kitchen_lamp"].value == "on")
            bus.close()
