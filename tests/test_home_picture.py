"""The picture of the home: causes, times, listeners, and the wait for a home to tell itself."""

import json
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from edge.clock import WallClock
from edge.home.bus import LocalBus
from edge.home.changes import MOVED_MAX, SENSED_MAX
from edge.home.home_file import HomeFile, load_home_file
from edge.home.mqtt import MqttBus
from edge.home.picture import ASK_AFTER_S, CATCH_UP_S, HomePicture
from edge.knowledge import DeviceState
from edge.records import ResolvedAction
from tests.brokers import Mosquitto, Settings, until
from tests.homes import AnnouncedHome, DemoHome

LAMP = {"object_id": "lamp", "schema": "json", "command_topic": "lamp/set", "state_topic": "lamp", "brightness": True}
BLIND = {"object_id": "blind", "command_topic": "blind/set", "state_topic": "blind", "position_topic": "blind/pos"}


def lamp_home() -> AnnouncedHome:
    """A lamp that is off."""
    home = AnnouncedHome()
    home.announce("light/lamp", LAMP)
    home.says("lamp", {"state": "OFF", "brightness": 100})
    assert home.state("light.lamp").value == "off"
    return home


def test_what_comes_first_has_no_cause() -> None:
    """Nobody knows who made the home as it was found."""
    assert lamp_home().state("light.lamp").cause == "unknown"


def test_an_echo_of_ours_is_ours_and_anything_else_is_not() -> None:
    """Within some seconds of our command, and no longer."""
    home = lamp_home()
    home.send("light.lamp", "turn_on")
    home.says("lamp", {"state": "ON"})
    assert home.state("light.lamp").cause == "ours"
    home.clock.advance(timedelta(seconds=6))
    home.says("lamp", {"state": "OFF"})
    assert home.state("light.lamp").cause == "hand"


def test_a_change_after_the_command_of_another_is_a_controllers() -> None:
    """Whatever is said on a lamp's own command topic, and is not ours, was said by an app or an automation."""
    home = lamp_home()
    home.says("lamp/set", {"state": "ON"})
    home.says("lamp", {"state": "ON"})
    assert home.state("light.lamp").cause == "controller"
    home.send("light.lamp", "turn_off")
    home.says("lamp/set", '{"state": "ON", "brightness": 3}')
    home.says("lamp", {"state": "OFF"})
    assert home.state("light.lamp").cause == "controller"
    home.clock.advance(timedelta(seconds=6))
    home.send("light.lamp", "turn_on")
    home.says("lamp", {"state": "ON"})
    assert home.state("light.lamp").cause == "ours"


def test_without_hearing_commands_nothing_is_held_to_be_a_hands() -> None:
    """A broker may keep commands from us; then a change without one says nothing, until one was heard."""
    home = lamp_home()
    home.says("lamp", {"state": "ON"})
    assert home.state("light.lamp").cause == "other"
    home.says("lamp/set", {"state": "OFF"})
    home.clock.advance(timedelta(seconds=6))
    home.says("lamp", {"state": "OFF"})
    assert home.state("light.lamp").cause == "hand"


def test_a_change_that_something_else_explains_is_not_a_hands() -> None:
    """Another device was commanded, which may be its group; it came back; it moves by itself; the broker was away."""
    home = lamp_home()
    home.announce("light/group", LAMP | {"object_id": "group", "command_topic": "group/set", "state_topic": "group"})
    home.announce("vacuum/v", {"object_id": "v", "command_topic": "v/set", "state_topic": "v", "name": "Robot"})
    home.says("v", {"state": "docked"})
    home.send("light.group", "turn_on")
    home.says("lamp", {"state": "ON"})
    assert home.state("light.lamp").cause == "unknown"
    home.clock.advance(timedelta(seconds=6))
    home.says("group/set", {"state": "OFF"})
    home.says("lamp", {"state": "OFF"})
    assert home.state("light.lamp").cause == "other"
    home.clock.advance(timedelta(seconds=6))
    home.says("v", {"state": "cleaning"})
    assert home.state("vacuum.v").cause == "other"
    home.picture.connected()
    home.says("lamp", {"state": "ON"})
    assert home.state("light.lamp").cause == "unknown"
    home.clock.advance(timedelta(seconds=6))
    home.says("lamp", {"state": "OFF"})
    assert home.state("light.lamp").cause == "hand"


def test_what_happened_while_a_device_was_away_has_no_known_cause() -> None:
    """It says it on coming back, and who did it nobody saw."""
    home = AnnouncedHome()
    home.announce("light/lamp", LAMP | {"avty_t": "there"})
    home.says("there", "online")
    home.says("lamp", {"state": "OFF"})
    home.send("light.lamp", "turn_off")
    home.clock.advance(timedelta(minutes=1))
    home.says("there", "offline")
    home.says("there", "online")
    home.says("lamp", {"state": "ON"})
    assert home.state("light.lamp").cause == "unknown"
    assert [(change.after.value, change.cause) for change in home.picture.changes("light.lamp")][:3] == [
        ("on", "unknown"),
        ("off", "unknown"),
        ("unavailable", "unknown"),
    ]


def test_taking_back_at_once_what_we_did_is_not_ours() -> None:
    """Somebody who switches the lamp off two seconds after us disagrees with us."""
    home = lamp_home()
    home.send("light.lamp", "turn_on", brightness=60)
    for level in (20, 100, 153):
        home.says("lamp", {"state": "ON", "brightness": level})
        assert home.state("light.lamp").cause == "ours"
    home.clock.advance(timedelta(seconds=2))
    home.says("lamp", {"state": "OFF"})
    assert home.state("light.lamp").cause == "hand"


def test_a_movement_has_one_cause_to_its_end() -> None:
    """A blind arrives long after the command, and is still ours; started by somebody else it is theirs."""
    home = AnnouncedHome()
    home.announce("cover/blind", BLIND)
    home.says("blind", "closed")
    home.send("cover.blind", "open")
    for state in ("opening", "open"):
        home.says("blind", state)
        home.clock.advance(timedelta(seconds=10))
        assert home.state("cover.blind").cause == "ours"
    for state in ("closing", "closed"):
        home.says("blind", state)
        assert home.state("cover.blind").cause == "hand"


def test_a_measurement_has_no_cause_and_does_not_count_as_a_change() -> None:
    """A room that warms up for an hour after our command leaves time and cause of the setting alone."""
    home = AnnouncedHome()
    home.announce(
        "climate/t",
        {"object_id": "t", "temperature_command_topic": "set", "temperature_state_topic": "temp"}
        | {"mode_state_topic": "mode", "current_temperature_topic": "now"},
    )
    home.says("mode", "heat")
    home.says("temp", "20")
    home.send("climate.t", "set_temperature", temperature=22)
    home.says("temp", "22")
    set_at = home.clock.now()
    home.clock.advance(timedelta(hours=1))
    home.says("now", "21.5")
    state = home.state("climate.t")
    assert (state.attributes["current_temperature"], state.cause, state.since) == (21.5, "ours", set_at)


def test_being_told_who_goes_before_guessing() -> None:
    """`edge/cause/<device_id>` says hand or controller, for the change that follows at once."""
    home = lamp_home()
    home.send("light.lamp", "turn_on")
    home.says("edge/cause/light.lamp", "hand")
    home.says("lamp", {"state": "ON"})
    assert home.state("light.lamp").cause == "hand"
    home.clock.advance(timedelta(minutes=1))
    home.says("edge/cause/light.lamp", "controller")
    home.clock.advance(timedelta(seconds=3))
    home.says("lamp", {"state": "OFF"})
    assert home.state("light.lamp").cause == "hand"
    home.says("edge/cause/light.lamp", "the butler")
    home.says("lamp", {"state": "ON"})
    assert home.state("light.lamp").cause == "hand"


def test_being_told_of_a_controller_counts_for_the_next_change() -> None:
    """Even where its command was not heard."""
    home = lamp_home()
    home.says("edge/cause/light.lamp", "controller")
    home.says("lamp", {"state": "ON"})
    assert home.state("light.lamp").cause == "controller"


def test_listeners_hear_each_change_once() -> None:
    """Device and new state; a repeated message is no change."""
    home = lamp_home()
    heard: list[tuple[str, str]] = []
    home.picture.on_change(lambda device_id, state: heard.append((device_id, state.value)))
    for state in ("ON", "ON", "OFF"):
        home.says("lamp", {"state": state, "brightness": 100})
    assert heard == [("light.lamp", "on"), ("light.lamp", "off")]


def test_listeners_hear_of_coming_and_going() -> None:
    """Unavailable is a state like others."""
    home = AnnouncedHome()
    heard: list[str] = []
    home.picture.on_change(lambda device_id, state: heard.append(state.value))
    home.announce("light/lamp", LAMP | {"avty_t": "there"})
    home.says("lamp", {"state": "ON"})
    home.says("there", "online")
    home.says("there", "online")
    home.says("there", "offline")
    assert heard == ["on", "unavailable"]


def test_states_that_were_handed_out_never_change() -> None:
    """Whoever holds a mapping holds that moment."""
    home = lamp_home()
    before = home.picture.states()
    home.says("lamp", {"state": "ON"})
    assert before["light.lamp"].value == "off"
    assert home.picture.states()["light.lamp"].value == "on"


def test_a_state_can_be_read_from_other_threads_while_messages_come() -> None:
    """Readers see whole mappings, at any time."""
    demo = DemoHome()
    stop, wrong = threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            states = demo.picture.states()
            if len(states) != 25 or len(demo.picture.home_map.devices) != 25:
                wrong.append(len(states))

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(300):
        demo.home.use_switch("light.kitchen", "on", brightness=number % 100)
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []


def test_two_targets_are_told_or_none() -> None:
    """One that cannot obey stops the command before anything went out."""
    demo = DemoHome()
    sent: list[str] = []
    demo.bus.subscribe("edge/simulated/+/+/set/#", lambda topic, payload: sent.append(topic))
    with pytest.raises(Exception, match="office_temperature: it does not know turn_on"):
        demo.picture.send(ResolvedAction(("light.hall", "sensor.office_temperature"), "turn_on"))
    assert sent == []
    demo.picture.send(ResolvedAction(("light.hall", "light.kitchen"), "turn_on"))
    assert len(sent) == 2


def test_waiting_ends_when_the_home_has_gone_quiet() -> None:
    """On the wall clock: while messages come it waits, and a little longer."""
    bus, clock = LocalBus(), WallClock()
    picture = HomePicture(bus, clock)

    def announce() -> None:
        for number in range(4):
            time.sleep(0.05)
            bus.publish(f"homeassistant/button/b{number}/config", f'{{"command_topic": "b{number}"}}', retain=True)

    thread = threading.Thread(target=announce)
    thread.start()
    picture.wait_until_settled(10.0)
    assert len(picture.home_map.devices) == 4
    thread.join()


def test_an_empty_home_is_waited_for_no_longer_than_said() -> None:
    """It never tells anything, so the time-out ends it."""
    home = AnnouncedHome()
    began = home.clock.now()
    home.picture.wait_until_settled(2.0)
    assert home.clock.now() - began <= timedelta(seconds=2.2)
    assert home.picture.home_map.devices == ()


def test_a_device_without_a_word_is_unknown() -> None:
    """It is listed from the moment of its announcement."""
    home = AnnouncedHome()
    home.announce("light/lamp", LAMP)
    assert home.state("light.lamp") == DeviceState("unknown")


def test_changes_are_remembered_with_what_was_before() -> None:
    """Latest first, of one device or of all, from a moment on; who did it, and how it was."""
    home = lamp_home()
    home.announce("cover/blind", BLIND)
    home.says("blind", "closed")
    home.send("light.lamp", "turn_on")
    home.says("lamp", {"state": "ON", "brightness": 153})
    noon = home.clock.now()
    home.clock.advance(timedelta(minutes=1))
    home.says("blind", "open")
    blind, lamp = home.picture.changes()
    assert (lamp.device_id, lamp.before.value, lamp.before.attributes["brightness"]) == ("light.lamp", "off", 39)
    assert (lamp.after, lamp.at, lamp.cause) == (home.state("light.lamp"), noon, "ours")
    assert (blind.before.value, blind.after.value) == ("closed", "open")
    assert home.picture.changes("light.lamp") == (lamp,)
    assert home.picture.changes(since=noon + timedelta(seconds=1)) == (blind,)


def test_what_measures_is_not_among_the_changes_and_what_tells_pushes_nothing_out() -> None:
    """A sensor that speaks all day leaves the one change of the lamp where it is."""
    home = lamp_home()
    home.announce("sensor/t", {"object_id": "t", "state_topic": "t", "unit_of_measurement": "C"})
    home.announce("binary_sensor/door", {"object_id": "door", "state_topic": "door"})
    home.says("lamp", {"state": "ON"})
    for number in range(MOVED_MAX + SENSED_MAX):
        home.says("t", str(number))
        home.says("door", "ON" if number % 2 else "OFF")
    assert [change.before.value for change in home.picture.changes("light.lamp")] == ["off"]
    assert home.picture.changes("sensor.t") == ()
    assert len(home.picture.changes("binary_sensor.door")) == SENSED_MAX


def test_the_memory_of_changes_is_bounded() -> None:
    """The oldest go."""
    home = lamp_home()
    for number in range(MOVED_MAX + 10):
        home.says("lamp", {"state": "OFF" if number % 2 else "ON"})
    changes = home.picture.changes()
    assert len(changes) == MOVED_MAX
    assert changes[0].after == home.state("light.lamp")


def test_a_word_that_is_too_old_is_none() -> None:
    """After `expire_after` seconds without a word a sensor is unavailable, and everybody is told, until it speaks."""
    home = AnnouncedHome()
    heard: list[str] = []
    home.picture.on_change(lambda device_id, state: heard.append(state.value))
    home.announce("sensor/t", {"object_id": "t", "state_topic": "t", "expire_after": 60})
    home.says("t", "20")
    home.clock.advance(timedelta(seconds=50))
    home.says("t", "20")
    home.clock.advance(timedelta(seconds=50))
    assert home.state("sensor.t").value == "20"
    home.clock.advance(timedelta(seconds=11))
    gone = home.state("sensor.t")
    assert (gone.value, gone.since) == ("unavailable", home.clock.now() - timedelta(seconds=1))
    home.says("t", "20")
    assert home.state("sensor.t").value == "20"
    home.clock.advance(timedelta(seconds=61))
    assert heard == ["20", "unavailable", "20", "unavailable"]


def test_it_is_known_when_a_device_last_spoke() -> None:
    """To the minute, also if it said nothing new; that alone makes no other state and tells nobody."""
    home = lamp_home()
    first = home.state("light.lamp")
    heard: list[str] = []
    home.picture.on_change(lambda device_id, state: heard.append(state.value))
    home.clock.advance(timedelta(seconds=30))
    home.says("lamp", {"state": "OFF"})
    assert home.state("light.lamp").heard_at == first.heard_at == first.since
    home.clock.advance(timedelta(hours=1))
    home.says("lamp", {"state": "OFF"})
    assert home.state("light.lamp").heard_at == home.clock.now()
    assert home.state("light.lamp") == first
    assert heard == []


def test_states_are_the_same_object_until_something_changes() -> None:
    """Whoever looks often pays once."""
    home = lamp_home()
    before = home.picture.states()
    home.says("lamp", {"state": "OFF"})
    assert home.picture.states() is before
    home.says("lamp", {"state": "ON"})
    assert home.picture.states() is not before


def test_additions_take_effect_at_once(tmp_path: Path) -> None:
    """A new name, a room and a hidden device, in a home that goes on; what does not exist is told of."""
    home = lamp_home()
    file = tmp_path / "home.toml"
    file.write_text('[area.study]\n[light.lamp]\nname = "Bright one"\narea = "study"\n[fan.gone]\n')
    home.picture.set_additions(load_home_file(file))
    assert (home.device("light.lamp").name, home.device("light.lamp").area) == ("Bright one", "study")
    assert home.state("light.lamp").value == "off"
    assert [problem.where for problem in home.picture.problems()] == ["fan.gone"]
    file.write_text("[light.lamp]\nhidden = true\n")
    home.picture.set_additions(load_home_file(file))
    assert home.picture.states() == {}
    home.says("lamp", {"state": "ON"})
    home.picture.set_additions(HomeFile())
    assert home.state("light.lamp").value == "on"


def test_listeners_hear_of_devices_that_come_while_nothing_else_is_said() -> None:
    """What was said before the announcement is told half a second after it."""
    home = AnnouncedHome()
    heard: list[tuple[str, str]] = []
    home.announce("switch/plug", {"object_id": "plug", "command_topic": "c", "state_topic": "shared"})
    home.says("shared", "ON")
    home.picture.on_change(lambda device_id, state: heard.append((device_id, state.value)))
    home.announce("binary_sensor/plug", {"object_id": "plug", "state_topic": "shared"})
    home.clock.advance(timedelta(seconds=CATCH_UP_S))
    assert heard == [("binary_sensor.plug", "on")]


def test_a_device_that_can_be_asked_is_asked_when_it_told_nothing() -> None:
    """Two seconds after it was announced, and each time the broker is there again."""
    home = AnnouncedHome()
    device = {
        "ieee_address": "0x1",
        "friendly_name": "lamp",
        "type": "Router",
        "definition": {"exposes": [{"type": "switch", "features": [STATE]}]},
    }
    home.bus.publish("zigbee2mqtt/bridge/devices", json.dumps([device]), retain=True)
    assert asked(home) == 0
    home.clock.advance(timedelta(seconds=ASK_AFTER_S))
    assert asked(home) == 1
    home.says("zigbee2mqtt/lamp", {"state": "ON"})
    home.picture.connected()
    assert asked(home) == 2


STATE = {"type": "binary", "name": "state", "property": "state", "access": 7, "value_on": "ON", "value_off": "OFF"}


def asked(home: AnnouncedHome) -> int:
    """How often the lamp was asked."""
    return sum(message.topic == "zigbee2mqtt/lamp/get" for message in home.heard)


@pytest.mark.broker
def test_causes_are_told_apart_at_a_real_broker(tmp_path: Path) -> None:
    """Our command comes back and is ours; another client's is a controller's; without any it was a hand."""
    with Mosquitto(tmp_path) as broker:
        ours, others = MqttBus(Settings(broker.url)), MqttBus(Settings(broker.url), status_topic=None)
        clock = SteppedClock()
        picture = HomePicture(ours, clock)
        ours.connect()
        others.connect()
        others.publish("homeassistant/light/lamp/config", json.dumps(LAMP), retain=True)
        others.publish("lamp", '{"state": "OFF"}', retain=True)
        assert until(lambda: "light.lamp" in picture.states() and picture.states()["light.lamp"].value == "off")
        commands: list[str] = []
        ours.subscribe("lamp/set", lambda topic, payload: commands.append(payload.decode()))

        def cause_of(state: str) -> str:
            others.publish("lamp", json.dumps({"state": state.upper()}), retain=True)
            assert until(lambda: picture.states()["light.lamp"].value == state)
            clock.ahead += timedelta(minutes=1)
            return picture.states()["light.lamp"].cause

        picture.send(ResolvedAction(("light.lamp",), "turn_on"))
        assert until(lambda: len(commands) == 1)
        assert cause_of("on") == "ours"
        others.publish("lamp/set", '{"state": "OFF"}')
        assert until(lambda: len(commands) == 2)
        assert cause_of("off") == "controller"
        assert cause_of("on") == "hand"
        ours.close()
        others.close()


class SteppedClock(WallClock):
    """The clock of the wall, and ahead of it by so much."""

    def __init__(self) -> None:
        super().__init__()
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.ahead
