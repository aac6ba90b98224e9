"""The question "Did I get that right?": seldom, only in doubt, never a nuisance, and its answer moves nothing."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from edge import Assistant, Home, SimulatedClock
from edge.feedback.curiosity import LEFT_ALONE_S, Curiosity
from edge.feedback.reading import read_signals
from edge.records import Act, Response, Utterance, Verdict
from edge.replay import replay
from edge.settings import FeedbackSettings, Settings
from edge.turn import Turn
from tests.lived import a_turn

ASKED: Final = "Did I get that right?"
AFTERNOON: Final = datetime(2026, 11, 22, 15, tzinfo=UTC)
LONG: Final = timedelta(minutes=10)


def opened(per_day: int = 1, at: datetime = AFTERNOON, store: str | Path = ":memory:") -> Assistant:
    """An assistant that may ask so often."""
    settings = Settings(feedback=FeedbackSettings(questions_per_day=per_day))
    return Assistant.open(settings, home=Home.demo(), store=store, clock=SimulatedClock(at), room="kitchen")


@pytest.fixture
def assistant() -> Iterator[Assistant]:
    with opened() as found:
        yield found


def mumble(assistant: Assistant, said: str = "turn on the kitchen light", confidence: float = 0.3) -> Turn:
    """Say something that is hardly heard."""
    return assistant.runtime.conversation.take(Utterance("text", typed=said, typed_confidence=confidence))


def say(assistant: Assistant, said: str) -> Turn:
    return assistant.runtime.conversation.take(Utterance("text", typed=said))


def reply(turn: Turn) -> str:
    return turn.response.text if turn.response else ""


def test_it_asks_where_it_is_in_doubt(assistant: Assistant) -> None:
    """What was hardly heard is done, and asked about; the question waits for an answer."""
    turn = mumble(assistant)
    assert reply(turn) == f"The kitchen light is on. {ASKED}"
    assert isinstance(turn.decision, Act)
    assert isinstance(turn.decision.then, Verdict)
    assert 0.35 <= turn.decision.then.doubt <= 0.65
    question = assistant.runtime.conversation.question
    assert question is not None
    assert (question.kind, question.steps) == ("verdict", ())


@pytest.mark.parametrize(
    ("answer", "answered", "kind"),
    [
        ("yes", "Good.", "yes"),
        ("no", "Sorry. Say undo, and I put it back.", "no"),
        ("that's wrong", "Sorry. Say undo, and I put it back.", "no"),
    ],
)
def test_the_answer_is_a_signal_and_moves_nothing(assistant: Assistant, answer: str, answered: str, kind: str) -> None:
    """A yes or no is kept for the night; the lamp stays as it is; no question follows."""
    asked, told = mumble(assistant), say(assistant, answer)
    assert reply(told) == answered
    assert assistant.home.states()["light.kitchen"]["state"] == "on"
    assert assistant.runtime.conversation.question is None
    (signal,) = read_signals([asked, told], (), AFTERNOON + timedelta(days=1))
    assert (signal.turn_id, signal.kind) == (asked.turn_id, kind)
    assert abs(signal.weight) >= 3.9


def test_after_a_no_undo_puts_it_back(assistant: Assistant) -> None:
    """As was promised."""
    mumble(assistant)
    say(assistant, "no")
    assert reply(say(assistant, "undo")) == "The kitchen light is off again."


def test_the_next_sentence_may_be_anything(assistant: Assistant) -> None:
    """Who does not answer is served, and not asked again."""
    mumble(assistant)
    assert reply(say(assistant, "turn off the kitchen light")) == "The kitchen light is off."
    assert assistant.runtime.conversation.question is None


def test_a_yes_that_comes_too_late_is_none(assistant: Assistant) -> None:
    """When the question has expired a yes answers nothing."""
    asked = mumble(assistant)
    assistant.advance(LONG)
    late = say(assistant, "yes")
    assert reply(late) != "Good."
    assert read_signals([asked, late], (), AFTERNOON + timedelta(days=1))[0].kind == "no_match"


def test_once_a_day(assistant: Assistant) -> None:
    """Not again today, but tomorrow."""
    asked = [mumble(assistant)]
    for wait in (LONG, timedelta(hours=3), timedelta(days=1)):
        assistant.advance(wait)
        asked.append(mumble(assistant, "turn off the kitchen light"))
    assert [ASKED in reply(turn) for turn in asked] == [True, False, False, True]


def test_a_restart_forgets_not_what_was_asked(tmp_path: Path) -> None:
    """What was asked today counts, whichever run of the assistant asked it."""
    with opened(store=tmp_path / "edge.db") as assistant:
        assert ASKED in reply(mumble(assistant))
    with opened(store=tmp_path / "edge.db", at=AFTERNOON + timedelta(hours=1)) as assistant:
        assert ASKED not in reply(mumble(assistant))


@pytest.mark.parametrize(
    ("said", "confidence"),
    [
        ("turn on the kitchen light", 1.0),
        ("open the garage door", 0.3),
        ("what time is it", 0.3),
        ("never mind", 0.3),
        ("turn on the kitchen light and turn off the hall light", 0.3),
        ("zorble the frumious", 0.3),
    ],
)
def test_it_does_not_ask_where_it_is_not_worth_it(assistant: Assistant, said: str, confidence: float) -> None:
    """Not what was heard well, what is guarded, what moves nothing, what is several things, what was not done."""
    assert ASKED not in reply(mumble(assistant, said, confidence))


def test_never_means_never() -> None:
    """0 questions a day."""
    with opened(per_day=0) as assistant:
        assert ASKED not in reply(mumble(assistant))


def test_nobody_is_asked_at_night() -> None:
    """Late in the evening it is silent."""
    with opened(at=AFTERNOON.replace(hour=23)) as assistant:
        assert ASKED not in reply(mumble(assistant))


def test_words_from_the_broker_are_not_asked_about(assistant: Assistant) -> None:
    """Nobody stands there who could answer."""
    utterance = Utterance("mqtt", typed="turn on the kitchen light", typed_confidence=0.3)
    assert ASKED not in reply(assistant.runtime.conversation.take(utterance))


def test_what_came_to_nothing_is_not_asked_about(assistant: Assistant) -> None:
    """A device that does not answer is trouble enough."""
    assert assistant.home.simulated is not None
    assistant.home.simulated.kill("light.kitchen")
    turn = mumble(assistant)
    assert ASKED not in reply(turn)
    assert assistant.runtime.conversation.question is None


def test_the_night_knows_what_the_day_was_like(assistant: Assistant) -> None:
    """A whole day through the real parts: an answer, a hand on the switch, a word of blame; read once."""
    asked = mumble(assistant)
    say(assistant, "yes")
    assistant.advance(LONG)
    switched = say(assistant, "turn on the hall light")
    assistant.advance(timedelta(seconds=8))
    assistant.home.use_switch("light.hall", state="off", by="hand")
    assistant.advance(LONG)
    blamed = say(assistant, "turn off the kitchen light")
    say(assistant, "that's wrong")
    assistant.advance(timedelta(hours=14))  # three in the morning lies within
    signals = assistant.runtime.store.signals
    found = {turn.turn_id: [each.kind for each in signals.of(turn.turn_id)] for turn in (asked, switched, blamed)}
    assert found == {asked.turn_id: ["yes"], switched.turn_id: ["put_back"], blamed.turn_id: ["wrong"]}
    assert "read signals" in assistant.runtime.night_shift()
    assert len(signals.since(AFTERNOON)) == 3


def test_a_turn_that_asked_comes_out_the_same_again(assistant: Assistant) -> None:
    """That it was allowed to ask is kept with the turn."""
    turn = Turn.from_stored(mumble(assistant).to_stored())
    knowledge = assistant.runtime.store.knowledge(turn.knowledge_revision)
    assert replay(turn, knowledge, assistant.runtime.stages).differences == ()


def test_nobody_is_asked_right_after_trouble() -> None:
    """Another question, or a wake word that nobody said, buys two minutes of peace; so with a clock that jumps."""
    for trouble in (
        replace(a_turn(), response=Response("Which one?", "question")),
        replace(a_turn(), transcript=None, done_steps=(), decision=None, response=Response("", "refusal")),
    ):
        curiosity = Curiosity(5)
        now = trouble.started_at
        assert curiosity.allows(now)
        curiosity.heard(trouble)
        peace = timedelta(seconds=LEFT_ALONE_S)
        assert [curiosity.allows(now + wait) for wait in (peace / 2, -peace / 2, peace * 2)] == [False, False, True]
