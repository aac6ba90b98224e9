"""The actor of the home: what was sent, who answered, and what that makes of the outcome."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from edge.action.actor import HomeActor
from edge.errors import ForbiddenError, StageFailed
from edge.knowledge import Device, DeviceState, HomeMap, Knowledge
from edge.records import Interpretation, Message, Outcome, ResolvedAction, Step
from edge.turn import Context
from tests.homes import AnnouncedHome, DemoHome, FakePins, morning


def step(*targets: str, command: str, confirmed_by: str | None = None, **values: Any) -> Step:
    return Step(Interpretation("any"), ResolvedAction(targets, command, values), confirmed_by)


def perform(demo: DemoHome, one: Step) -> Outcome:
    actor = HomeActor(demo.picture, demo.clock, 3_000, FakePins())
    return actor.perform(one, Context(demo.clock.now()), demo.knowledge)


def test_success_is_the_state_that_came_back() -> None:
    """It waits as long as the device takes, and not longer."""
    demo = DemoHome()
    began = demo.clock.now()
    outcome = perform(demo, step("light.kitchen", command="turn_on", brightness=40))
    assert outcome.confirmed is True
    assert outcome.silent == ()
    assert [message.topic for message in outcome.sent] == ["edge/simulated/light/kitchen/set"]
    assert timedelta(0) < demo.clock.now() - began <= timedelta(seconds=0.3)


def test_several_devices_must_all_answer() -> None:
    """Those that do not are named, after the whole time."""
    demo = DemoHome()
    demo.home.kill("light.hall")
    began = demo.clock.now()
    outcome = perform(demo, step("light.hall", "light.kitchen", command="turn_on"))
    assert (outcome.confirmed, outcome.silent) == (False, ("light.hall",))
    assert len(outcome.sent) == 2
    assert demo.clock.now() - began == timedelta(seconds=3)


def test_what_is_already_so_counts_and_is_sent_all_the_same() -> None:
    """The last word of a device may be old, so it is told again; nobody has to wait for it."""
    demo = DemoHome()
    began = demo.clock.now()
    outcome = perform(demo, step("light.hall", command="turn_off"))
    assert (outcome.confirmed, len(outcome.sent)) == (True, 1)
    assert demo.clock.now() == began


def test_a_movement_that_has_begun_is_enough() -> None:
    """Nobody waits twelve seconds for a door to hear that it opens."""
    demo = DemoHome()
    outcome = perform(demo, step("cover.garage_door", command="open", confirmed_by="t1"))
    assert outcome.confirmed is True
    assert demo.state("cover.garage_door").value == "opening"


def test_a_wrong_answer_is_no_success() -> None:
    """A lamp that goes on at another brightness did not do what it was told."""
    home = AnnouncedHome()
    home.announce("light/x", {"object_id": "x", "schema": "json", "cmd_t": "x/set", "stat_t": "x", "brightness": True})
    home.bus.subscribe("x/set", lambda topic, payload: home.says("x", {"state": "ON", "brightness": 255}))
    actor = HomeActor(home.picture, home.clock, 1_000, FakePins())
    knowledge = Knowledge(1, home.picture.home_map)
    outcome = actor.perform(step("light.x", command="turn_on", brightness=20), Context(home.clock.now()), knowledge)
    assert (outcome.confirmed, outcome.silent) == (False, ("light.x",))


def test_devices_that_cannot_tell_leave_it_open() -> None:
    """Confirmed is None, at once; beside one that can tell, that one decides."""
    home = AnnouncedHome()
    home.announce("switch/mute", {"object_id": "mute", "command_topic": "mute"})
    home.announce("switch/clear", {"object_id": "clear", "command_topic": "clear", "state_topic": "clear/state"})
    home.says("clear/state", "ON")
    actor = HomeActor(home.picture, home.clock, 1_000, FakePins())
    knowledge, context = Knowledge(1, home.picture.home_map), Context(home.clock.now())
    began = home.clock.now()
    assert actor.perform(step("switch.mute", command="turn_on"), context, knowledge).confirmed is None
    assert actor.perform(step("switch.mute", "switch.clear", command="turn_on"), context, knowledge).confirmed is True
    assert home.clock.now() == began


def test_stopping_leaves_it_open_too() -> None:
    """After a stop any state will do."""
    demo = DemoHome()
    assert perform(demo, step("cover.living_room_blind", command="stop")).confirmed is None


def test_without_its_broker_nothing_is_sent() -> None:
    """The outcome says offline, and the command is not kept."""
    demo = DemoHome()
    demo.bus.close()
    assert perform(demo, step("light.hall", command="turn_on")) == Outcome(refused="offline")


def test_what_a_device_cannot_do_fails_the_stage() -> None:
    """Understanding should have known; the pipeline says so to the person."""
    with pytest.raises(StageFailed) as failed:
        perform(DemoHome(), step("light.hall", command="lock"))
    assert (failed.value.point, failed.value.reason) == ("action", "light.hall: it does not know lock")


class FakePort:
    """A home that takes everything and says what the test wants."""

    def __init__(self) -> None:
        self.sent: list[ResolvedAction] = []

    def send(self, action: ResolvedAction) -> tuple[Message, ...]:
        self.sent.append(action)
        return (Message("t", action.command),)

    def publish(self, topic: str, payload: str) -> Message:
        return Message(topic, payload)

    def commanded_by(self, topic: str) -> tuple[str, ...]:
        return ()

    def states(self) -> Mapping[str, DeviceState]:
        return {}


def guarded_home() -> Knowledge:
    devices = [Device(f"lock.{name}", name, "lock", tier="guarded") for name in ("front", "back")]
    return Knowledge(1, HomeMap(devices=(*devices, Device("light.hall", "hall", "light"))))


@pytest.mark.parametrize("command", ["unlock", "lock", "open", "turn_on", "anything"])
@pytest.mark.parametrize(
    ("targets", "confirmed_by", "allowed"),
    [
        (("lock.front",), None, False),
        (("lock.front",), "turn-1", True),
        (("lock.front", "lock.back"), "turn-1", False),
        (("light.hall", "lock.front"), "turn-1", False),
        (("light.hall", "lock.front"), None, False),
        (("lock.unknown",), None, False),
        (("light.hall", "light.unknown"), None, False),
        (("light.hall",), None, True),
        (("light.hall", "light.hall"), None, True),
    ],
)
def test_a_guarded_device_moves_alone_and_confirmed(
    command: str, targets: tuple[str, ...], confirmed_by: str | None, allowed: bool
) -> None:
    """Whatever else was decided before: the guard stands at the publisher."""
    port, clock = FakePort(), morning()
    actor = HomeActor(port, clock, 100, FakePins())
    outcome = actor.perform(
        step(*targets, command=command, confirmed_by=confirmed_by), Context(clock.now()), guarded_home()
    )
    assert (len(port.sent), outcome.refused) == ((1, "") if allowed else (0, "guarded"))


def test_no_command_moves_a_guarded_device_of_the_demo_home_unconfirmed() -> None:
    """Every guarded device, every command, alone and among all others: nothing is sent and nothing moves."""
    demo = DemoHome()
    heard: list[str] = []
    demo.bus.subscribe("edge/simulated/+/+/set/#", lambda topic, payload: heard.append(topic))
    guarded = [device for device in demo.picture.home_map.devices if device.tier == "guarded"]
    everything = tuple(device.device_id for device in demo.picture.home_map.devices)
    for device in guarded:
        for command in (
            "open",
            "close",
            "unlock",
            "lock",
            "turn_on",
            "turn_off",
            "disarm",
            "arm_away",
            "set_temperature",
        ):
            for targets in ((device.device_id,), everything):
                assert perform(demo, step(*targets, command=command)).refused == "guarded"
    demo.after(60)
    assert len(guarded) == 4
    assert heard == []


def test_sixty_days_of_turns_are_lived_through() -> None:
    """1,800 turns with devices that answer, eight hours and more apart, each confirmed."""
    demo = DemoHome()
    actor = HomeActor(demo.picture, demo.clock, 3_000, FakePins())
    devices = ("light.kitchen", "switch.printer", "fan.bedroom", "light.desk_lamp")
    for number in range(1_800):
        command = ("turn_on", "turn_off")[number // len(devices) % 2]
        one = step(devices[number % len(devices)], command=command)
        assert actor.perform(one, Context(demo.clock.now()), demo.knowledge).confirmed is True
        demo.clock.advance(timedelta(minutes=48))
    assert demo.clock.now() - morning().now() >= timedelta(days=60)


class FakeForbiddingHome:
    """A home whose broker takes no commands from us."""

    def send(self, action: ResolvedAction) -> tuple[Message, ...]:
        raise ForbiddenError("see `edge broker acl`")

    def publish(self, topic: str, payload: str) -> Message:
        raise ForbiddenError("see `edge broker acl`")

    def commanded_by(self, topic: str) -> tuple[str, ...]:
        return ()

    def states(self) -> Mapping[str, DeviceState]:
        return {}


def test_what_the_broker_forbids_is_told_apart_from_a_broker_that_is_away() -> None:
    """By a command, and by a skill's own topic."""
    demo = DemoHome()
    actor = HomeActor(FakeForbiddingHome(), demo.clock, 1_000, FakePins())
    lamp, context = step("light.kitchen", command="turn_on"), Context(demo.clock.now())
    assert actor.perform(lamp, context, demo.knowledge) == Outcome(refused="forbidden")
    assert actor.publish("x", "1", lamp, context, demo.knowledge) == Outcome(refused="forbidden")
