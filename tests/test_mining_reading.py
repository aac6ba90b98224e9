"""Turns become exchanges: what was heard, done and said instead, and what a rule had to do with it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge import Assistant, Home, SimulatedClock
from edge.rewriting.mining.exchange import Exchange
from edge.rewriting.mining.mining import mine
from edge.rewriting.mining.reading import exchanges, without_cue
from edge.signals import Label, Signal
from edge.turn import Turn
from tests.exchanges import HOME
from tests.lived import NOON
from tests.lived import turns as any_turns


@pytest.fixture
def assistant() -> Iterator[Assistant]:
    """The demo home, in the kitchen."""
    clock = SimulatedClock(datetime(2026, 11, 22, 20, tzinfo=UTC))
    with Assistant.open(home=Home.demo(), store=":memory:", clock=clock, room="kitchen") as found:
        yield found


def said(assistant: Assistant, *texts: str) -> list[Turn]:
    """Turns with ten seconds between them."""
    turns = []
    for text in texts:
        turns.append(assistant.hear_text(text, alternatives=("something else",)))
        assistant.advance(timedelta(seconds=10))
    return turns


def read(turns: list[Turn], *signals: Signal, **labels: float) -> list[Exchange]:
    """The exchanges; `labels` are probabilities of success, in the order of the turns."""
    told: dict[str, list[Signal]] = {}
    for signal in signals:
        told.setdefault(signal.turn_id, []).append(signal)
    known = {
        turn.turn_id: Label(turn.turn_id, turn.turn_id, "success", p)
        for turn, p in zip(turns, labels.values(), strict=False)
    }
    return list(exchanges(turns, told, known))


def signal(turn: Turn, kind: str, weight: float = 3.0, by: Turn | None = None, **detail: float) -> Signal:
    """One observation of a turn."""
    return Signal(turn.turn_id, kind, turn.started_at, weight, by.turn_id if by else "", detail)  # type: ignore[arg-type]


def test_what_was_done_is_the_meaning(assistant: Assistant) -> None:
    """Of a turn that did something, with the words, the other readings, the room and the talk."""
    turns = said(assistant, "Turn on the kitchen light", "turn it off", "turn on the mitten light")
    on, off, lost = read(turns, first=0.95)
    assert on.done == on.raw
    assert on.done is not None
    assert (on.done.command, on.done.targets) == ("turn_on", ("light.kitchen",))
    assert (on.heard, on.wording, on.others) == (
        "turn on the kitchen light",
        "Turn on the kitchen light",
        ("something else",),
    )
    assert (on.room, on.speaker, on.served, off.served) == ("kitchen", "", 0.95, 0.5)
    assert off.wording == ""  # it means something else another time
    assert (lost.done, lost.raw) == (None, None)
    assert {on.session, off.session, lost.session} == {turns[0].turn_id}


def test_who_said_what_instead(assistant: Assistant) -> None:
    """Rephrases with their probability, repeats, and corrections in words; what is weak is no correction."""
    first, then = said(assistant, "turn on the mitten light", "turn on the kitchen light")
    told = read(
        [first, then],
        signal(first, "rephrase", by=then, p=0.8),
        signal(first, "meant_other", by=then),
        signal(first, "repeat", by=then),
        signal(first, "no_match"),
    )[0]
    assert [(each.turn_id, each.p, each.is_explicit) for each in told.followed] == [
        (then.turn_id, 0.8, False),
        (then.turn_id, 0.95, True),
        (then.turn_id, 0.9, False),
    ]
    weak = read([first, then], signal(first, "meant_other", 0.5, by=then))[0]
    assert (weak.followed, weak.is_rejected) == ((), False)
    assert read([first], signal(first, "put_back", 2.4))[0].is_rejected


def test_what_wants_nothing_is_left_out(assistant: Assistant) -> None:
    """Answers, thanks, silence and undoing are about other turns."""
    turns = said(
        assistant,
        "turn on the kitchen light",
        "thank you",
        "",
        "undo that",
        "turn on the ceiling light",
        "the bedroom one",
    )
    assert [each.heard for each in read(turns)][:2] == ["turn on the kitchen light", "turn on the ceiling light"]


def test_two_commands_in_one_sentence_mean_no_one_thing(assistant: Assistant) -> None:
    """Nothing is learned to stand for half of them."""
    (both,) = read(said(assistant, "turn on the kitchen light and turn off the desk lamp"))
    assert both.done is None


def test_what_a_rule_had_to_do_with_it(assistant: Assistant) -> None:
    """Used, asked about, or only tried: and what was heard means nothing by itself."""
    said(assistant, "turn on the mitten light", "no i said turn on the kitchen light")
    assistant.advance(timedelta(minutes=10))
    store = assistant.runtime.store
    (rule_id,) = [rule.rule_id for rule in store.rewrites.all()]
    (used,) = read(said(assistant, "turn on the mitten light"))
    assert (used.rule_id, used.use, used.raw, used.is_decided_by_rule) == (rule_id, "used", None, True)
    assert used.done == used.rewritten
    store.known.publish([replace(store.rewrites.get(rule_id), state="shadow")], "for a test")
    assistant.runtime.conversation.forget_knowledge()
    assistant.advance(timedelta(minutes=10))
    (tried,) = read(said(assistant, "turn on the mitten light"))
    assert (tried.rule_id, tried.use, tried.done, tried.is_decided_by_rule) == (rule_id, "shadow", None, False)
    assert tried.rewritten == used.rewritten
    store.known.publish([replace(store.rewrites.get(rule_id), state="ask")], "for a test")
    assistant.runtime.conversation.forget_knowledge()
    assistant.advance(timedelta(minutes=10))
    asked = said(assistant, "turn on the mitten light", "yes")
    (found,) = read(asked, signal(asked[0], "yes", -2.5, by=asked[1]))
    assert (found.use, found.is_affirmed) == ("asked", True)


def test_corrections_lose_what_only_corrects() -> None:
    """What is left is the wording."""
    assert without_cue("no i meant the floor lamp") == "the floor lamp"
    assert without_cue("no") == "no"


@given(st.lists(any_turns, max_size=4), st.floats(allow_nan=False, allow_infinity=False))
def test_any_turns_can_be_read_and_mined(found: list[Turn], p: float) -> None:
    """Whatever of their stages is missing, and whatever was said: nothing crashes, and twice is once."""
    turns = [replace(turn, turn_id=f"{place}") for place, turn in enumerate(found)]
    told = {turn.turn_id: [signal(turn, "rephrase", by=later, p=p)] for turn, later in pairwise(turns)}
    lived = tuple(exchanges(turns, told, {}))
    first = mine(lived, (), HOME, NOON)
    assert mine(lived, first.rules, HOME, NOON).rules == first.rules
