"""What skills do in the demo home: deeds in their order, a yes before anything guarded, and honest replies."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from edge import Assistant, Home, SimulatedClock
from edge.action.actor import HomeActor
from edge.desk import Desk
from edge.errors import StageFailed
from edge.home.picture import PAYLOAD_BYTES_MAX
from edge.knowledge import Knowledge, Skill, SkillDeed, SkillIntent
from edge.records import Confirm, Interpretation, Message, Outcome, ResolvedAction, Step, Unresolved
from edge.resolution.running import run_skill
from edge.risk import commands
from edge.skills.actor import SkillActor
from edge.skills.skill_file import examples_path, parse_skill
from edge.turn import Context, Turn
from tests.homes import AnnouncedHome, DemoHome, FakePins, morning

HOUSE = """\
[skill]
name = "house"

[slots.level]
from = 1
to = 100

[slots.words]
text = true

[slots.way]
values = [{ value = "OPEN", say = ["up"] }, { value = "CLOSE", say = ["down"] }]

[[intent]]
name = "leave"
sentences = ["everybody is leaving [with light at {level}]"]
[[intent.do]]
publish = "house/mode"
payload = "away {{ level | default('-') }}"
[[intent.do]]
call = ["light.kitchen", "light.desk_lamp"]
command = "turn_on"
values = { brightness = "{{ level | default(10) }}" }
[[intent.do]]
call = ["switch.printer", "light.bedroom_ceiling"]
command = "turn_off"
[[intent.do]]
call = ["lock.front_door"]
command = "lock"
[[intent.do]]
answer = "Bye."

[[intent]]
name = "gate"
sentences = ["drawbridge {way}"]
[[intent.do]]
publish = "edge/simulated/cover/garage_door/set"
payload = "{{ way }}"

[[intent]]
name = "lamp"
sentences = ["lamp over there"]
[[intent.do]]
publish = "edge/simulated/switch/printer/set"
payload = "on"

[[intent]]
name = "ask"
confirm = true
sentences = ["do the dangerous thing"]
[[intent.do]]
publish = "house/danger"
payload = "now"

[[intent]]
name = "missing"
sentences = ["start the popcorn machine"]
[[intent.do]]
call = "switch.popcorn"
command = "turn_on"

[[intent]]
name = "say"
sentences = ["shout {words}"]
[[intent.do]]
answer = "{{ words | upper }}!"

[[intent]]
name = "two"
sentences = ["both halves"]
[[intent.do]]
answer = "One."
[[intent.do]]
answer = "Two."

[[intent]]
name = "lock-up"
sentences = ["run the goodbye routine"]
[[intent.do]]
call = "lock.front_door"
command = "lock"
[[intent.do]]
call = "light.hall"
command = "turn_off"
"""


@contextmanager
def living_with(text: str, folder: Path) -> Iterator[Assistant]:
    """The demo home with one skill file."""
    file = folder / "skill.toml"
    file.write_text(text, encoding="utf-8")
    clock = SimulatedClock(morning().now())
    with Assistant.open(home=Home.demo(), store=":memory:", clock=clock, room="kitchen", skills=[file]) as assistant:
        yield assistant


def sent(turn: Turn) -> list[tuple[str, str]]:
    return [(m.topic, m.payload) for done in turn.done_steps if done.outcome for m in done.outcome.sent]


def reply(turn: Turn) -> str:
    assert turn.response is not None
    return turn.response.text


@pytest.mark.models
def test_the_order_in_which_slots_were_said_makes_no_other_command() -> None:
    """Two wordings of one meaning are one thing to do, and no question."""
    intent = SkillIntent("s.i", ("x",), (), (SkillDeed("answer", template="x"),))
    knowledge = Knowledge(1, skills=(Skill("s", "s.toml", (intent,)),))
    one = run_skill({"skill_intent": "s.i", "a": 1, "b": 2}, knowledge)
    other = run_skill({"b": 2, "a": 1, "skill_intent": "s.i"}, knowledge)
    assert str(one) == str(other)


def test_deeds_are_done_in_their_order(tmp_path: Path) -> None:
    """After the yes that the lock wants; the answer is the skill's."""
    with living_with(HOUSE, tmp_path) as assistant:
        asked = assistant.hear_text("everybody is leaving with light at forty")
        assert reply(asked) == (
            "Shall I set the kitchen light and the desk lamp to 40 percent, "
            "turn off the printer and the bedroom ceiling light and lock the front door?"
        )
        turn = assistant.hear_text("yes")
        assert sent(turn) == [
            ("house/mode", "away 40"),
            ("edge/simulated/light/kitchen/set", '{"state": "ON", "brightness": 40}'),
            ("edge/simulated/light/desk_lamp/set", '{"state": "ON", "brightness": 40}'),
            ("edge/simulated/switch/printer/set", "off"),
            ("edge/simulated/light/bedroom_ceiling/set", '{"state": "OFF"}'),
            ("edge/simulated/lock/front_door/set", "LOCK"),
        ]
        assert reply(turn) == "Bye."
        assert assistant.home.states()["light.desk_lamp"]["brightness"] == 40


@pytest.mark.models
def test_a_guarded_device_is_called_only_after_a_yes(tmp_path: Path) -> None:
    """The question reads out what will be done; a no does nothing; a yes does all of it."""
    with living_with(HOUSE, tmp_path) as assistant:
        assistant.home.use_switch("lock.front_door", "unlocked")
        turn = assistant.hear_text("run the goodbye routine")
        assert isinstance(turn.decision, Confirm)
        assert reply(turn) == "Shall I lock the front door and turn off the hall light?"
        assert sent(turn) == []
        assert reply(assistant.hear_text("no")) == "Okay, I won't."
        assert assistant.home.states()["lock.front_door"]["state"] == "unlocked"
        assistant.hear_text("run the goodbye routine")
        turn = assistant.hear_text("yes")
        assert [topic for topic, _ in sent(turn)] == [
            "edge/simulated/lock/front_door/set",
            "edge/simulated/light/hall/set",
        ]
        assert reply(turn) == "Done."
        assert assistant.home.states()["lock.front_door"]["state"] in {"locking", "locked"}


@pytest.mark.models
def test_a_guarded_device_is_reached_by_its_topic_only_after_a_yes(tmp_path: Path) -> None:
    """What is published to a garage door is a command to a garage door."""
    with living_with(HOUSE, tmp_path) as assistant:
        turn = assistant.hear_text("drawbridge up")
        assert (reply(turn), sent(turn)) == ("Shall I send OPEN to the garage door?", [])
        turn = assistant.hear_text("yes")
        assert sent(turn) == [("edge/simulated/cover/garage_door/set", "OPEN")]
        assistant.advance(timedelta(seconds=2))
        assert assistant.home.states()["cover.garage_door"]["state"] == "opening"
        assert sent(assistant.hear_text("lamp over there")) == [("edge/simulated/switch/printer/set", "on")]


@pytest.mark.models
def test_a_file_may_want_a_yes_itself(tmp_path: Path) -> None:
    """`confirm = true`."""
    with living_with(HOUSE, tmp_path) as assistant:
        turn = assistant.hear_text("do the dangerous thing")
        assert (reply(turn), sent(turn)) == ("Shall I run ask of house?", [])
        assert sent(assistant.hear_text("yes")) == [("house/danger", "now")]


@pytest.mark.models
def test_replies_are_honest(tmp_path: Path) -> None:
    """Answers joined, what is missing named, what did not answer told, and a replay comes out the same."""
    with living_with(HOUSE, tmp_path) as assistant:
        assert reply(assistant.hear_text("both halves")) == "One. Two."
        assert reply(assistant.hear_text("shout Good Morning")) == "GOOD MORNING!"
        assert reply(assistant.hear_text("start the popcorn machine")) == "I know nothing called switch.popcorn."
        assert reply(assistant.hear_text("lamp over there")) == "Done."
        simulated = assistant.home.simulated
        assert simulated is not None
        simulated.kill("light.desk_lamp")
        assistant.hear_text("everybody is leaving")
        assert reply(assistant.hear_text("yes")) == "I sent it, but the desk lamp did not answer."
        desk = Desk(assistant.runtime)
        assert [desk.replay(row["turn_id"])["same"] for row in desk.turns()] == [True] * 6


@pytest.mark.models
def test_a_skill_that_changes_is_in_force_at_once(tmp_path: Path) -> None:
    """Without a restart, under another revision of knowledge; a broken version changes nothing."""
    ticks = [1e12]
    with living_with(HOUSE, tmp_path) as assistant:
        assistant.runtime.skills._now_ms = lambda: ticks[0]
        before = assistant.hear_text("both halves").knowledge_revision
        for text, answer in ((HOUSE + "\n[[", "One. Two."), (HOUSE.replace("One.", "Half."), "Half. Two.")):
            (tmp_path / "skill.toml").write_text(text, encoding="utf-8")
            ticks[0] += 2_000
            turn = assistant.hear_text("both halves")
            assert reply(turn) == answer
        assert turn.knowledge_revision > before


@pytest.mark.models
def test_the_examples_work_in_the_demo_home() -> None:
    """All three at once; the home's own commands go on."""
    with Assistant.open(home=Home.demo(), store=":memory:", room="kitchen", skills=[examples_path()]) as assistant:
        assert sent(assistant.hear_text("water the roses for twenty minutes")) == [
            ("garden/irrigation/beds/set", '{"state": "ON", "minutes": 20}')
        ]
        assert sent(assistant.hear_text("switch the receiver to the blue ray")) == [("av/receiver/command", "SIHDMI1")]
        turn = assistant.hear_text('leave a message for Anna saying I\'m "late"')
        assert sent(turn) == [("house/board/messages", '{"to": "Anna", "text": "I\'m \\"late\\""}')]
        assert reply(assistant.hear_text("it's movie night")) == "Enjoy the movie."
        assert assistant.home.states()["light.living_room"]["brightness"] == 20
        assert reply(assistant.hear_text("turn on the kitchen light")) == "The kitchen light is on."


# ------------------------------------------------------------------------------------------------ the parts alone


def house() -> Skill:
    skill = parse_skill(HOUSE, "house.toml")
    assert isinstance(skill, Skill), skill
    return skill


def step(intent: str, confirmed_by: str | None = None, **slots: Any) -> Step:
    values = {"skill_intent": f"house.{intent}", **slots}
    return Step(
        Interpretation("EdgeSkill", values, source="skill"), ResolvedAction((), "run_skill", values), confirmed_by
    )


def test_resolution_names_devices_and_wants_a_yes() -> None:
    """Whom it calls, and whether anything guarded is called or spoken to."""
    demo = DemoHome()
    knowledge = Knowledge(1, demo.picture.home_map, (house(),))

    def resolved(intent: str, **slots: Any) -> Any:
        return run_skill({"skill_intent": f"house.{intent}", **slots}, knowledge)

    leave = resolved("leave")
    assert leave.targets == (
        "light.kitchen",
        "light.desk_lamp",
        "switch.printer",
        "light.bedroom_ceiling",
        "lock.front_door",
    )
    assert (leave.command, leave.needs_confirmation) == ("run_skill", True)
    assert resolved("gate", way="OPEN").needs_confirmation
    assert resolved("ask").needs_confirmation
    assert not resolved("lamp").needs_confirmation
    assert not resolved("say", words="x").needs_confirmation
    assert resolved("missing") == Unresolved("no_device", "switch.popcorn")
    assert resolved("gone") == Unresolved("not_supported", "house.gone")


@pytest.mark.parametrize("confirmed_by", [None, "t1"])
def test_the_guard_stands_at_the_publisher(confirmed_by: str | None) -> None:
    """Whatever was decided before: without a yes nothing guarded moves, by call or by topic."""
    demo = DemoHome()
    heard: list[str] = []
    demo.bus.subscribe("edge/simulated/lock/+/set/#", lambda topic, _: heard.append(topic))
    demo.bus.subscribe("edge/simulated/cover/+/set/#", lambda topic, _: heard.append(topic))
    hands = HomeActor(demo.picture, demo.clock, 500, FakePins())
    actor = SkillActor(hands, hands)
    knowledge, context = Knowledge(1, demo.picture.home_map, (house(),)), Context(demo.clock.now())
    gate = actor.perform(step("gate", confirmed_by, way="OPEN"), context, knowledge)
    lock = actor.perform(step("lock-up", confirmed_by), context, knowledge)
    if confirmed_by:
        assert heard == ["edge/simulated/cover/garage_door/set", "edge/simulated/lock/front_door/set"]
        assert (gate.refused, lock.refused, lock.confirmed) == ("", "", True)
    else:
        assert heard == []
        assert (gate.refused, lock.refused) == ("guarded", "guarded")
        assert lock.sent == ()  # the hall light comes after the lock, and is not reached


def test_a_home_that_forgot_its_topics_is_guarded_all_the_same() -> None:
    """The guard asks the home as it is now, and the knowledge that the turn ran under."""
    demo = DemoHome()
    hands = HomeActor(demo.picture, demo.clock, 500, FakePins())
    empty, context = Knowledge(1), Context(demo.clock.now())
    assert (
        hands.publish("edge/simulated/lock/front_door/set", "UNLOCK", step("gate"), context, empty).refused == "guarded"
    )
    assert hands.publish("edge/simulated/switch/printer/set", "on", step("gate"), context, empty).refused == "guarded"
    known = Knowledge(1, demo.picture.home_map)
    assert hands.publish("edge/simulated/switch/printer/set", "on", step("gate"), context, known).refused == ""


def test_topics_beside_the_command_topic_count_too() -> None:
    """Zigbee2MQTT obeys `set/state`, Tasmota any command of its device in any case."""
    lock, tasmota = "zigbee2mqtt/front door/set", "cmnd/garage/POWER1"
    assert commands("zigbee2mqtt/front door/set", [lock])
    assert commands("zigbee2mqtt/front door/set/state", [lock])
    assert commands("Zigbee2MQTT/Front Door/SET", [lock])
    assert not commands("zigbee2mqtt/front door/get", [lock])
    assert not commands("zigbee2mqtt/front door/settings", [lock])
    assert commands("cmnd/garage/Backlog", [tasmota])
    assert commands("CMND/garage/power1", [tasmota])
    assert not commands("cmnd/garden/power1", [tasmota])
    assert not commands("x", [])


def test_devices_know_the_topics_that_move_them() -> None:
    """Of guarded devices in the home's map, of all in the picture; several topics of one device count."""
    home = AnnouncedHome()
    home.announce(
        "cover/gate", {"object_id": "gate", "device_class": "gate", "cmd_t": "g/set", "set_pos_t": "g/position"}
    )
    home.announce("light/x", {"object_id": "x", "cmd_t": "x/set", "bri_cmd_t": "x/level"})
    assert home.device("cover.gate").guarded_topics == ("g/set", "g/position")
    assert home.device("light.x").guarded_topics == ()
    assert home.picture.commanded_by("g/position") == ("cover.gate",)
    assert home.picture.commanded_by("x/level") == ("light.x",)
    assert home.picture.commanded_by("y") == ()


@pytest.mark.parametrize(
    "topic", ["homeassistant/lock/front/config", "edge/discovery/media_player/x/config", "edge/cause/lock.front_door"]
)
def test_a_skill_announces_no_devices(topic: str) -> None:
    """A lock that is announced as a lamp would be guarded no more."""
    demo = DemoHome()
    with pytest.raises(StageFailed, match="announce themselves"):
        demo.picture.publish(topic, "{}")


def test_a_payload_has_an_end() -> None:
    """Longer than any template can fill."""
    with pytest.raises(StageFailed, match="longer than"):
        DemoHome().picture.publish("x", "é" * (PAYLOAD_BYTES_MAX // 2 + 1))


def test_without_its_broker_nothing_is_published() -> None:
    """The outcome says offline, and the deeds after it are not done."""
    demo = DemoHome()
    knowledge = Knowledge(1, demo.picture.home_map, (house(),))
    demo.bus.close()
    hands = HomeActor(demo.picture, demo.clock, 500, FakePins())
    outcome = SkillActor(hands, hands).perform(step("leave", "t1"), Context(demo.clock.now()), knowledge)
    assert outcome == Outcome(refused="offline")


def test_a_skill_that_is_gone_or_fails_stops_the_turn() -> None:
    """The pipeline says so; nothing is guessed."""
    demo = DemoHome()
    hands = HomeActor(demo.picture, demo.clock, 500, FakePins())
    actor, context = SkillActor(hands, hands), Context(demo.clock.now())
    with pytest.raises(StageFailed, match="no longer loaded"):
        actor.perform(step("gate", way="OPEN"), context, Knowledge(1, demo.picture.home_map))
    with pytest.raises(StageFailed, match="'words' is not always given"):
        actor.perform(step("say"), context, Knowledge(1, demo.picture.home_map, (house(),)))


def test_outcomes_are_joined() -> None:
    """All messages in their order, and who stayed silent."""
    demo = DemoHome()
    hands = HomeActor(demo.picture, demo.clock, 3_000, FakePins())
    knowledge = Knowledge(1, demo.picture.home_map, (house(),))
    demo.home.kill("light.desk_lamp")
    outcome = SkillActor(hands, hands).perform(step("leave", "t1", level=40), Context(demo.clock.now()), knowledge)
    assert outcome.sent[0] == Message("house/mode", "away 40")
    assert [message.topic.split("/")[-2] for message in outcome.sent[1:]] == [
        "kitchen",
        "desk_lamp",
        "printer",
        "bedroom_ceiling",
        "front_door",
    ]
    assert outcome.confirmed is False
    assert outcome.silent == ("light.desk_lamp",)
    assert outcome.answer == {"said": "Bye."}
