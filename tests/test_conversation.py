"""The live core when things around it fail: the person is answered every time, and nothing is lost."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from edge import Assistant, Home, SimulatedClock
from edge.conversation import Conversation, Place
from edge.dialogue.questions import question_of
from edge.errors import StageFailed
from edge.knowledge import HomeMap, Knowledge, Skill
from edge.records import Utterance
from edge.store import new_turn_id
from edge.turn import Turn
from tests.homes import FakePins


class FakeFullDisk:
    """A memory whose first `refusals` writes fail."""

    def __init__(self, refusals: int, *, transient: bool = True) -> None:
        self.refusals = refusals
        self.transient = transient
        self.kept: list[str] = []

    def add_turn(self, turn: Turn) -> None:
        if self.refusals:
            self.refusals -= 1
            raise StageFailed("store", "the disk is full", transient=self.transient)
        self.kept.append(turn.turn_id)

    @property
    def pins(self) -> FakePins:
        return FakePins()

    def knowledge_for(self, home_map: HomeMap, reason: str, skills: tuple[Skill, ...]) -> Knowledge:
        return Knowledge(1, home_map)


@pytest.fixture
def assistant() -> Iterator[Assistant]:
    clock = SimulatedClock(datetime(2026, 11, 22, 20, tzinfo=UTC))
    with Assistant.open(home=Home.demo(), store=":memory:", clock=clock) as opened:
        yield opened


def conversation(assistant: Assistant, memory: FakeFullDisk) -> Conversation:
    """The assistant's own parts with another memory."""
    return Conversation(
        surroundings=assistant.home.picture,
        memory=memory,
        stages=assistant.runtime.stages,
        clock=assistant.runtime.clock,
        place=Place(),
        new_turn_id=new_turn_id,
        question_of=question_of,
    )


def say(talk: Conversation, text: str) -> Turn:
    return talk.take(Utterance("text", typed=text))


@pytest.mark.parametrize("refusals", [1, 2, 3, 5])
def test_turns_wait_for_the_disk_and_are_written_in_order(assistant: Assistant, refusals: int) -> None:
    """While the disk is full the light still goes on and the turn names the store; later all of them are there."""
    memory = FakeFullDisk(refusals)
    talk = conversation(assistant, memory)
    turns = [say(talk, "turn on the kitchen light") for _ in range(refusals + 1)]
    for turn in turns[:refusals]:
        assert turn.response is not None
        assert turn.response.text == "The kitchen light is on."
        assert turn.failure is not None
        assert turn.failure.point == "store"
    assert turns[-1].failure is None
    assert memory.kept == [turn.turn_id for turn in turns]


def test_a_turn_that_can_never_be_written_does_not_hold_up_the_others(assistant: Assistant) -> None:
    """What is refused for good is given up, and the next one is kept."""
    memory = FakeFullDisk(1, transient=False)
    talk = conversation(assistant, memory)
    say(talk, "turn on the kitchen light")
    kept = say(talk, "turn off the kitchen light")
    assert memory.kept == [kept.turn_id]


def test_a_question_survives_a_disk_that_is_full(assistant: Assistant) -> None:
    """The yes finds the question that was asked, written or not."""
    talk = conversation(assistant, FakeFullDisk(10))
    say(talk, "open the garage door")
    assert say(talk, "yes").done_steps[0].outcome is not None
    assert assistant.home.states()["cover.garage_door"]["state"] == "opening"


@pytest.mark.parametrize("text", ["\ud800", "a\udfff turn on the kitchen light", "\ud83d\ude00"])
def test_half_letters_are_stored(assistant: Assistant, text: str) -> None:
    """Lone surrogates, which no file takes, leave the turn before it is stored."""
    turn = assistant.hear_text(text, alternatives=(text,), speaker=text)
    assert turn.failure is None
    assert assistant.runtime.store.turn(turn.turn_id) == Turn.from_stored(turn.to_stored())


def test_what_was_spoken_of_is_remembered_for_five_minutes(assistant: Assistant) -> None:
    """`it` may mean what the last turns did, latest first; the reply is known for a minute, an alarm for an hour."""
    talk = assistant.runtime.conversation
    talk.happened("alarm")
    say(talk, "turn on the kitchen light")
    say(talk, "turn on the desk lamp")
    context = say(talk, "what time is it").context
    assert [recent.action.targets for recent in context.recent] == [("light.desk_lamp",), ("light.kitchen",)]
    assert context.last_reply == "The desk lamp is on."
    assert [each.what for each in context.happenings] == ["alarm"]
    assistant.advance(timedelta(minutes=10))
    later = say(talk, "what time is it").context
    assert later.recent == ()
    assert later.last_reply == ""
    assistant.advance(timedelta(hours=1))
    assert say(talk, "what time is it").context.happenings == ()
