"""The simulated home: it announces itself, obeys like real devices, and can be used by hand."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from edge.errors import EdgeError
from edge.home.bus import LocalBus
from edge.home.home_file import demo_home_path, load_home_file
from edge.home.picture import HomePicture
from edge.home.simulated import SimulatedHome
from edge.records import ResolvedAction
from tests.homes import DemoHome, morning


def test_what_is_announced_is_what_the_file_says() -> None:
    """Every device of the file is found, under its id, name, room and class, in its first state."""
    demo = DemoHome()
    picture, home_file = demo.picture, demo.home_file
    assert picture.problems() == ()
    assert set(picture.home_map.device) == set(home_file.devices)
    for device_id, entry in home_file.devices.items():
        device = picture.home_map.device[device_id]
        assert device.name == home_file.device_name(device_id)
        assert (device.area, device.aliases, device.device_class) == (entry.area, entry.aliases, entry.device_class)
        assert device.capabilities >= entry.capabilities
    assert picture.states()["climate.thermostat"].attributes["current_temperature"] == 20.5


def test_without_the_file_the_home_is_the_same_but_for_aliases_and_floors() -> None:
    """What a stranger learns from the announcements alone."""
    clock, bus = morning(), LocalBus()
    home_file = load_home_file(demo_home_path())
    picture = HomePicture(bus, clock)
    SimulatedHome(home_file, bus, clock)
    for device in picture.home_map.devices:
        entry = home_file.devices[device.device_id]
        assert (device.name, device.area) == (home_file.device_name(device.device_id), entry.area)
    assert {area.area_id: area.name for area in picture.home_map.areas} == {
        area_id: home_file.area_name(area_id) for area_id in home_file.areas
    }


@pytest.mark.parametrize(
    ("device_id", "command", "values", "seconds", "value", "attributes"),
    [
        ("light.hall", "turn_on", {}, 1, "on", {}),
        ("light.kitchen", "turn_on", {"brightness": 30}, 1, "on", {"brightness": 30, "color_temp": 3000}),
        ("light.living_room", "turn_on", {"color": "blue"}, 1, "on", {"brightness": 80, "color": "blue"}),
        ("light.living_room", "turn_on", {"color_temp": 4000}, 1, "on", {"brightness": 80, "color_temp": 4000}),
        ("switch.printer", "turn_on", {}, 1, "on", {}),
        ("cover.living_room_blind", "close", {}, 2, "closing", None),
        ("cover.living_room_blind", "close", {}, 14, "closed", {"position": 0}),
        ("cover.living_room_blind", "set_position", {"position": 50}, 8, "open", {"position": 50}),
        ("cover.garage_door", "open", {}, 2, "opening", {}),
        ("cover.garage_door", "open", {}, 13, "open", {}),
        ("lock.front_door", "unlock", {}, 1, "unlocked", {}),
        ("climate.thermostat", "set_temperature", {"temperature": 23}, 2, "heat", None),
        (
            "climate.thermostat",
            "set_temperature",
            {"temperature": 23},
            1802,
            "heat",
            {"temperature": 23, "current_temperature": 23},
        ),
        ("climate.oven", "turn_on", {}, 601, "heat", {"temperature": 180, "current_temperature": 180}),
        ("fan.bedroom", "turn_on", {"speed": 20}, 2, "on", {"speed": 20, "oscillating": False}),
        ("fan.bedroom", "set_oscillating", {"oscillating": True}, 2, "off", {"speed": 50, "oscillating": True}),
        ("vacuum.robot", "start", {}, 2, "cleaning", {}),
        ("alarm_control_panel.alarm", "arm_away", {}, 2, "arming", {}),
        ("alarm_control_panel.alarm", "arm_away", {}, 12, "armed_away", {}),
        ("media_player.tv", "turn_on", {}, 1, "idle", {"volume": 30}),
        ("media_player.tv", "set_volume", {"volume": 55}, 1, "off", {"volume": 55}),
        (
            "media_player.tv",
            "play_media",
            {"title": "Dune", "media_kind": "film"},
            1,
            "playing",
            {"volume": 30, "title": "Dune", "media_kind": "film"},
        ),
        (
            "media_player.tv",
            "play_media",
            {"title": "Hallelujah", "by": "Jeff Buckley"},
            1,
            "playing",
            {"volume": 30, "title": "Hallelujah", "media_kind": "song", "by": "Jeff Buckley"},
        ),
        ("media_player.tv", "play_media", {"title": "Nothing"}, 1, "off", {"volume": 30}),
    ],
)
def test_devices_obey_and_say_so(
    device_id: str, command: str, values: dict[str, Any], seconds: float, value: str, attributes: dict[str, Any] | None
) -> None:
    """After a human-scale time the picture has the state, and it is what the device is really like."""
    demo = DemoHome()
    before = demo.state(device_id)
    demo.send(device_id, command, **values)
    assert demo.state(device_id) == before
    demo.after(seconds)
    state, truth = demo.state(device_id), demo.home.states()[device_id]
    assert state.value == truth.value == value
    if attributes is not None:
        assert dict(state.attributes) == attributes
    assert {key: truth.attributes[key] for key in state.attributes} == dict(state.attributes)


def test_vacuum_and_player_go_through_their_states() -> None:
    """Out and home again; on, next, pause, off."""
    demo = DemoHome()
    for command, seconds, value in (
        ("start", 2, "cleaning"),
        ("pause", 2, "paused"),
        ("return_to_base", 2, "returning"),
    ):
        demo.send("vacuum.robot", command)
        demo.after(seconds)
        assert demo.state("vacuum.robot").value == value
    demo.after(60)
    assert demo.state("vacuum.robot").value == "docked"
    seen = []
    for command in ("play", "next", "previous", "media_pause", "turn_off"):
        demo.send("media_player.tv", command)
        demo.after(1)
        state = demo.state("media_player.tv")
        seen.append((state.value, state.attributes.get("title"), state.attributes.get("media_kind")))
    assert seen == [
        ("playing", "The Hunger Games", "film"),
        ("playing", "The Hunger Games", "audiobook"),
        ("playing", "The Hunger Games", "film"),
        ("paused", "The Hunger Games", "film"),
        ("off", None, None),
    ]


def test_a_newer_movement_ends_the_older() -> None:
    """A blind that is stopped stays where it is, and one that is told to turn round does."""
    demo = DemoHome()
    blind = "cover.living_room_blind"
    demo.send(blind, "close")
    demo.after(5)
    demo.send(blind, "stop")
    demo.after(1)
    stopped = demo.state(blind)
    assert stopped.value == "open"
    assert 0 < stopped.attributes["position"] < 100
    demo.after(60)
    assert demo.state(blind) == stopped
    demo.send(blind, "close")
    demo.after(1)
    demo.send(blind, "open")
    demo.after(60)
    assert (demo.state(blind).value, demo.state(blind).attributes["position"]) == ("open", 100)


def test_commands_are_obeyed_in_their_order() -> None:
    """However long each of them takes, the last one wins."""
    for seed in range(20):
        demo = DemoHome(seed=seed)
        for command in ("turn_on", "turn_off", "turn_on", "turn_off"):
            demo.send("light.hall", command)
        demo.after(5)
        assert demo.state("light.hall").value == "off"


def test_the_same_seed_lives_the_same_life() -> None:
    """Times included."""

    def life(seed: int) -> list[object]:
        demo = DemoHome(seed=seed)
        lived: list[object] = []
        demo.picture.on_change(lambda device_id, state: lived.append((device_id, state)))
        for device_id, command in (
            ("light.hall", "turn_on"),
            ("cover.living_room_blind", "close"),
            ("vacuum.robot", "start"),
        ):
            demo.send(device_id, command)
        demo.after(60)
        return lived

    assert life(1) == life(1)
    assert life(1) != life(2)


def test_a_hand_at_the_switch_is_known_for_one() -> None:
    """The cause tells hand, controller and us apart."""
    demo = DemoHome()
    demo.home.use_switch("light.kitchen", "on", by="hand", brightness=40)
    assert (demo.state("light.kitchen").value, demo.state("light.kitchen").attributes["brightness"]) == ("on", 40)
    assert demo.state("light.kitchen").cause == demo.home.states()["light.kitchen"].cause == "hand"
    demo.home.use_switch("light.kitchen", "off", by="controller")
    assert demo.state("light.kitchen").cause == "controller"
    demo.send("light.kitchen", "turn_on")
    demo.after(1)
    assert demo.state("light.kitchen").cause == "ours"
    demo.home.use_switch("light.kitchen", "off")
    assert demo.state("light.kitchen").cause == "hand"


def test_sensors_say_what_is_set() -> None:
    """So a simulation makes weather, people and windows."""
    demo = DemoHome()
    demo.home.use_switch("sensor.bedroom_temperature", "17.5")
    demo.home.use_switch("binary_sensor.bedroom_window", "on")
    demo.home.use_switch("light.living_room", "on", color="red")
    assert demo.state("sensor.bedroom_temperature").value == "17.5"
    assert demo.state("binary_sensor.bedroom_window").value == "on"
    assert dict(demo.state("light.living_room").attributes) == {"brightness": 80, "color": "red"}
    demo.home.use_switch("cover.garage_door", "open")
    assert demo.home.states()["cover.garage_door"].attributes["position"] == 100


@pytest.mark.parametrize(
    ("device_id", "state", "attributes", "message"),
    [
        ("light.kitchn", "on", {}, "no 'light.kitchn'. Did you mean 'light.kitchen'?"),
        ("light.kitchen", "open", {}, "light.kitchen can be off, on; not 'open'."),
        ("light.kitchen", "on", {"colour": "red"}, "light.kitchen has no 'colour'."),
    ],
)
def test_nonsense_at_the_switch_is_explained(
    device_id: str, state: str, attributes: dict[str, Any], message: str
) -> None:
    """An unknown device, state or attribute."""
    with pytest.raises(EdgeError) as error:
        DemoHome().home.use_switch(device_id, state, **attributes)
    assert message in str(error.value)


def test_a_dead_device_is_silent_until_it_is_revived() -> None:
    """It neither obeys nor tells; then it says what it is like."""
    demo = DemoHome()
    demo.home.kill("light.hall")
    demo.send("light.hall", "turn_on")
    demo.after(5)
    assert demo.state("light.hall").value == demo.home.states()["light.hall"].value == "off"
    demo.home.use_switch("light.hall", "on")
    assert (demo.state("light.hall").value, demo.home.states()["light.hall"].value) == ("off", "on")
    demo.home.revive("light.hall")
    assert demo.state("light.hall").value == "on"


def test_a_device_that_never_answers(tmp_path: Path) -> None:
    """`answers = false` in the home file: announced, and then nothing."""
    path = tmp_path / "home.toml"
    path.write_text("[light.lamp]\nanswers = false\n")
    demo = DemoHome(home_file=load_home_file(path))
    demo.send("light.lamp", "turn_on")
    demo.after(5)
    assert demo.state("light.lamp").value == "off"


@pytest.mark.parametrize(
    "payload", ["", "{", "[1]", "x" * 100_000, '{"state": "PURPLE"}', '{"command": 3}', "-1", "NaN"]
)
def test_nonsense_on_its_topics_moves_nothing(payload: str) -> None:
    """Every device takes any message and stays as it is."""
    demo = DemoHome()
    before = demo.home.states()
    for device_id in demo.home_file.devices:
        for verb in ("", "/position", "/speed", "/mode", "/temperature", "/oscillating", "/unknown"):
            demo.bus.publish(f"edge/simulated/{device_id.replace('.', '/')}/set{verb}", payload)
    demo.bus.publish("edge/simulated/light/nowhere/set", payload)
    demo.after(60)
    changed = {device_id for device_id, state in demo.home.states().items() if state.value != before[device_id].value}
    assert changed == set()


def test_every_kind_of_device_can_be_simulated(tmp_path: Path) -> None:
    """Also those that the demo home lacks: number, select, button, scene, a fan with presets, a light with effects."""
    path = tmp_path / "home.toml"
    path.write_text(
        """
        [number.level]
        minimum = 2
        maximum = 9
        [select.mode]
        options = ["eco", "boost"]
        [button.bell]
        [scene.movie]
        [fan.attic]
        capabilities = ["preset"]
        options = ["sleep", "storm"]
        [light.candle]
        capabilities = ["effect"]
        options = ["flicker"]
        """
    )
    demo = DemoHome(home_file=load_home_file(path))
    assert demo.picture.problems() == ()
    demo.send("number.level", "set_value", value=5)
    demo.send("select.mode", "select_option", option="boost")
    demo.send("button.bell", "press")
    demo.send("scene.movie", "activate")
    demo.send("fan.attic", "set_preset", preset="storm")
    demo.send("light.candle", "turn_on", effect="flicker")
    demo.after(2)
    states = demo.picture.states()
    assert (states["number.level"].value, states["select.mode"].value) == ("5", "boost")
    assert states["fan.attic"].attributes["preset"] == "storm"
    assert states["light.candle"].attributes["effect"] == "flicker"
    assert states["button.bell"].value == states["scene.movie"].value == "unknown"


def test_delays_can_be_scaled_away() -> None:
    """With delay_scale 0 everything happens as soon as time moves at all."""
    clock, bus = morning(), LocalBus()
    picture = HomePicture(bus, clock)
    SimulatedHome(load_home_file(demo_home_path()), bus, clock, delay_scale=0)
    picture.send(ResolvedAction(("cover.garage_door",), "open"))
    clock.advance(timedelta(0))
    assert picture.states()["cover.garage_door"].value == "open"
