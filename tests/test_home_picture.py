"""The picture of the home: causes, times, listeners, and the wait for a home to tell itself."""

import threading
import time
from datetime import timedelta

import pytest

from edge.clock import WallClock
from edge.home.bus import LocalBus
from edge.home.picture import HomePicture
from edge.knowledge import DeviceState
from edge.records import ResolvedAction
from tests.homes import AnnouncedHome, DemoHome

LAMP = {"object_id": "lamp", "schema": "json", "command_topic": "lamp/set", "state_topic": "lamp", "brightness": True}
BLIND = {"object_id": "blind", "command_topic": "blind/set", "state_topic": "blind", "position_topic": "blind/pos"}


def lamp_home() -> AnnouncedHome:
    """A lamp that is off."""
    home = AnnouncedHome()
    home.announce("light/lamp", LAMP)
    home.says("lamp", {"state": "OFF", "brightness": 100})
    return home


def test_what_comes_first_has_no_cause() -> None:
    """Nobody knows who made the home as it was found."""
    assert lamp_home().state("light.lamp").cause == "unknown"


def test_an_echo_of_ours_is_ours_and_anything_else_is_not() -> None:
    """Within some seconds of our command, and no longer."""
    home = lamp_home()
    home.says("lamp", {"state": "ON"})
    assert home.state("light.lamp").cause == "other"
    home.send("light.lamp", "turn_off")
    home.says("lamp", {"state": "OFF"})
    assert home.state("light.lamp").cause == "ours"
    home.clock.advance(timedelta(seconds=6))
    home.says("lamp", {"state": "ON"})
    assert home.state("light.lamp").cause == "other"


def test_taking_back_at_once_what_we_did_is_not_ours() -> None:
    """Somebody who switches the lamp off two seconds after us disagrees with us."""
    home = lamp_home()
    home.send("light.lamp", "turn_on", brightness=60)
    for level in (20, 100, 153):
        home.says("lamp", {"state": "ON", "brightness": level})
        assert home.state("light.lamp").cause == "ours"
    home.clock.advance(timedelta(seconds=2))
    home.says("lamp", {"state": "OFF"})
    assert home.state("light.lamp").cause == "other"


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
        assert home.state("cover.blind").cause == "other"


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
    assert home.state("light.lamp").cause == "other"
    home.says("edge/cause/light.lamp", "the butler")
    home.says("lamp", {"state": "ON"})
    assert home.state("light.lamp").cause == "other"


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
