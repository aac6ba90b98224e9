"""Looking back: `edge why`, "why did you do that?", `edge health`, and what the night shift keeps."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from edge.api import Assistant, Home
from edge.cli import app
from edge.clock import SimulatedClock
from edge.desk import Desk
from edge.isolation.account import REASONS, account
from edge.isolation.diagnosing import Isolation
from edge.isolation.health import DEFECTS, health_of
from edge.knowledge import Habit, Knowledge
from edge.signals import POINTS, Diagnosis
from edge.speech.why import at_length, in_brief
from edge.turn import Turn
from tests.conversations import Talk

START = datetime(2026, 11, 22, 19, tzinfo=UTC)


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    """An assistant in the demo home, with a clock of its own."""
    with Assistant.open(home=Home.demo(), clock=SimulatedClock(START), store=tmp_path / "edge.db") as opened:
        yield opened


def told(*said: str, room: str = "living_room", silent: tuple[str, ...] = ()) -> tuple[list[Turn], Talk]:
    """Turns in the golden home."""
    talk = Talk.at_golden_home(room, silent)
    return [talk.say(text, after_s=5) for text in said], talk


def accounted(turn: Turn, talk: Talk, knowledge: Knowledge | None = None) -> dict[str, Any]:
    return account(turn, knowledge or talk.knowledge, Isolation().in_the_moment(turn))


def spoken(turn: Turn, talk: Talk) -> str:
    return in_brief(accounted(turn, talk), talk.home)


# --- why -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "room", "reasons"),
    [
        ("turn on the floor lamp", "living_room", ["named"]),
        ("turn on the reading light", "living_room", ["named", "here"]),
        ("turn on the reading light in the bedroom", "living_room", ["named", "placed"]),
        ("turn on the lights", "kitchen", ["here"]),
        ("start cleaning", "kitchen", ["only_one"]),
    ],
)
def test_it_tells_why_it_took_that_device(said: str, room: str, reasons: list[str]) -> None:
    """The name, the room that was said, the room where it was said, or that there is no other."""
    (turn,), talk = told(said, room=room)
    assert accounted(turn, talk)["because"] == reasons


def test_it_tells_that_it_was_just_spoken_of() -> None:
    """A follow-up about "it" took what the turn before was about."""
    (_, turn), talk = told("turn on the floor lamp", "turn it off")
    assert accounted(turn, talk)["because"] == ["pointed"]
    assert "it was what we had just spoken of" in spoken(turn, talk)


def test_it_tells_that_it_is_a_habit() -> None:
    """Of several that fit, the one that is asked for at this hour was taken for that."""
    (turn,), talk = told("close the blinds", room="hall")
    habits = tuple(Habit("close", target, turn.context.now.hour, 5.0) for target in accounted(turn, talk)["targets"])
    assert accounted(turn, talk, replace(talk.knowledge, habits=habits))["because"] == ["habit"]


def test_it_tells_that_it_was_an_answer() -> None:
    """What was asked and answered was chosen by the person."""
    (_, turn), talk = told("open the garage door", "yes")
    assert accounted(turn, talk)["because"] == ["answered"]


def test_every_reason_can_be_said() -> None:
    """Each code of a reason has its words."""
    (turn,), talk = told("turn on the floor lamp")
    for code in REASONS:
        lines = dict(at_length({**accounted(turn, talk), "because": [code]}, talk.home))
        assert lines["chose"].startswith("the floor lamp, because ")


@pytest.mark.parametrize(
    ("said", "silent", "label", "sentence"),
    [
        ("turn on the floor lamp", (), "took it for", "a wish to turn on the floor lamp"),
        ("turn on the floor lamp", (), "came of it", "it was done, and the device said so"),
        ("turn on the floor lamp", ("light.floor_lamp",), "came of it", "I sent it, and the floor lamp did not answer"),
        ("open the garage door", (), "came of it", "I asked you first"),
        ("make me a sandwich", (), "took it for", "nothing that I know"),
        ("make me a sandwich", (), "came of it", "I did nothing"),
        ("turn on the chandelier", (), "took it for", "a command for a device that I know nothing of"),
        ("what time is it", (), "took it for", "a question"),
        ("set a timer for five minutes", (), "took it for", "something about timers, alarms, reminders or lists"),
    ],
)
def test_it_tells_at_length(said: str, silent: tuple[str, ...], label: str, sentence: str) -> None:
    """What it took a sentence for and what came of it, in plain words."""
    (turn,), talk = told(said, silent=silent)
    assert dict(at_length(accounted(turn, talk), talk.home))[label] == sentence


def test_it_tells_a_turn_of_which_nothing_is_left() -> None:
    """A turn without any stage has an account all the same."""
    (turn,), talk = told("turn on the floor lamp")
    bare = replace(turn, transcript=None, candidates=(), decision=None, done_steps=(), response=None)
    lines = dict(at_length(accounted(bare, talk), talk.home))
    assert lines["heard"] == "nothing"
    assert spoken(bare, talk) == "I thought that I was spoken to, and then I heard nothing."


def test_it_tells_of_devices_that_are_gone() -> None:
    """A home that lost the device since is no reason to stop."""
    (turn,), talk = told("turn on the floor lamp")
    without = tuple(device for device in talk.home.devices if device.device_id != "light.floor_lamp")
    talk.home = replace(talk.home, devices=without)
    assert "chose" in dict(at_length(accounted(turn, talk), talk.home))


# --- by voice --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "question", ["why did you do that?", "Why did you do that", "what did you hear", "why did you turn it off"]
)
def test_it_can_be_asked_why(assistant: Assistant, question: str) -> None:
    """The question is about the turn before, in one or two sentences, and moves nothing."""
    assistant.hear_text("turn on the kitchen light")
    turn = assistant.hear_text(question)
    assert turn.done_steps[0].step.interpretation.intent == "EdgeWhy"
    assert turn.response is not None
    assert (
        turn.response.text == "I heard: turn on the kitchen light. I took the kitchen light, because that is its name."
    )
    assert turn.done_steps[0].outcome is not None
    assert turn.done_steps[0].outcome.sent == ()


def test_asking_twice_is_about_the_same_turn(assistant: Assistant) -> None:
    """To ask for a reason is no turn to be explained."""
    assistant.hear_text("turn on the kitchen light")
    first, second = assistant.hear_text("why did you do that?"), assistant.hear_text("why did you do that?")
    assert first.response == second.response


def test_it_is_no_subject_of_talk(assistant: Assistant) -> None:
    """After the reason "turn it off" still means what was moved."""
    assistant.hear_text("turn on the kitchen light")
    assistant.hear_text("why did you do that?")
    turn = assistant.hear_text("turn it off")
    assert [done.step.action.targets for done in turn.done_steps] == [("light.kitchen",)]


def test_with_nothing_before_it_says_so(assistant: Assistant) -> None:
    """The very first question has nothing to explain."""
    turn = assistant.hear_text("why did you do that?")
    assert turn.response is not None
    assert turn.response.text == "I do not remember what was before."


def test_it_remembers_the_turn_before_a_restart(tmp_path: Path) -> None:
    """What was said last before a start can be asked about after it."""
    with Assistant.open(home=Home.demo(), clock=SimulatedClock(START), store=tmp_path / "edge.db") as before:
        before.hear_text("turn on the kitchen light")
    with Assistant.open(
        home=Home.demo(), clock=SimulatedClock(START + timedelta(minutes=1)), store=tmp_path / "edge.db"
    ) as after:
        turn = after.hear_text("why did you do that?")
    assert turn.response is not None
    assert turn.response.text.startswith("I heard: turn on the kitchen light.")


def test_a_reason_is_replayed_as_it_was_told(assistant: Assistant) -> None:
    """The reason belongs to its turn: lived through again after other turns it is the same."""
    assistant.hear_text("turn on the kitchen light")
    turn = assistant.hear_text("why did you do that?")
    assistant.hear_text("what time is it")
    assert Desk(assistant.runtime).replay(turn.turn_id)["same"]


# --- through the doors -----------------------------------------------------------------------------------------------


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`edge`, with a data directory of its own."""
    monkeypatch.setenv("EDGE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("EDGE_SOCKET", str(tmp_path / "none.sock"))
    monkeypatch.setenv("COLUMNS", "160")
    return lambda *words: CliRunner().invoke(app, list(words))


def test_edge_why_and_edge_health_speak_plainly(run: Any) -> None:
    """`edge why` has the sentence and the device, `edge health` the day and its counts, both also as JSON."""
    assert "No turns yet" in run("health").output
    assert run("say", "turn on the kitchen light").exit_code == 0
    why = run("why").output
    for part in ('"turn on the kitchen light", typed', "the kitchen light, because that is its name", "percent sure"):
        assert part in why
    assert '"command": "turn_on"' in run("why", "last", "--json").output
    health = run("health", "--days", "3").output
    assert "1 turns" in health
    assert "False wakes: 0.00 an hour" in health
    assert '"questions_a_day"' in run("health", "--json").output


def test_edge_why_names_a_turn_that_is_not_there(run: Any) -> None:
    """A turn that was never lived is no crash."""
    run("say", "turn on the kitchen light")
    assert run("why", "20200101-000000-0000").exit_code != 0


def test_the_night_shift_keeps_what_is_believed(assistant: Assistant) -> None:
    """After the night every turn of the last weeks has a diagnosis in the store, and the next night makes no second."""
    first = assistant.hear_text("turn on the kitchen light")
    second = assistant.hear_text("make me a sandwich")
    assistant.advance(timedelta(minutes=20))
    assert "find failure points" in assistant.learn().jobs
    assistant.learn()
    store = assistant.runtime.store
    kept = store.signals.diagnoses(START - timedelta(days=1))
    assert [each.turn_id for each in kept] == [first.turn_id, second.turn_id]
    assert kept[1].point == "unsupported"


def test_a_device_put_back_by_hand_is_told_of(assistant: Assistant) -> None:
    """Somebody sets the lamp back at once: it is in the evidence of the turn, before any night shift."""
    turn = assistant.hear_text("turn on the kitchen light")
    assistant.advance(timedelta(seconds=8))
    assistant.runtime.home.use_switch("light.kitchen", "off", by="hand")
    assistant.advance(timedelta(minutes=15))
    found = Desk(assistant.runtime).why(turn.turn_id)
    assert "the device was set back by hand or by another controller" in found["evidence"]
    assert found["point"] in {"result", "entity", "nlu", "asr"}


# --- health ----------------------------------------------------------------------------------------------------------


def _day(number: int, point: str, said: str = "turn on the floor lamp") -> tuple[Turn, Diagnosis]:
    (turn,), _ = told(said)
    return replace(turn, started_at=START + timedelta(days=number)), Diagnosis(turn.turn_id, {point: 1.0})  # type: ignore[dict-item]


def test_health_counts_by_day() -> None:
    """Defects, false wakes per hour and questions per day are counts of what was believed and asked."""
    some = [_day(0, "asr"), _day(0, "correct"), _day(2, "false_wake"), _day(2, "correct", "turn on the ceiling fan")]
    found = health_of(some, START, START + timedelta(days=2))
    assert [(day.date.day, day.turns, day.defects) for day in found.days] == [(22, 2, 1), (23, 0, 0), (24, 2, 1)]
    assert found.hours == 48
    assert found.false_wakes_an_hour == pytest.approx(1 / 48)
    assert found.share(*DEFECTS) == 0.5
    assert found.share("unsupported") == 0


def test_health_counts_questions() -> None:
    """Which-one questions are counted apart from those for a yes."""
    some = [_day(0, "correct", "turn on the reading light"), _day(0, "correct", "open the garage door")]
    (turn,), _ = told("turn on the reading light", room="hall")
    some.append((replace(turn, started_at=START), Diagnosis(turn.turn_id, {"correct": 1.0})))
    found = health_of(some, START, START + timedelta(hours=12))
    assert (found.days[0].questions, found.days[0].confirmations) == (1, 1)


def test_health_leaves_out_what_is_not_of_these_days() -> None:
    """Turns before or after, and those that began by themselves, are not counted."""
    turn, diagnosis = _day(0, "asr")
    by_itself = replace(turn, utterance=replace(turn.utterance, source="agenda"))
    found = health_of([(by_itself, diagnosis), _day(-1, "asr"), _day(5, "asr")], START, START + timedelta(days=1))
    assert found.turns == 0
    assert set(found.to_dict()["shares"]) == set(POINTS)
