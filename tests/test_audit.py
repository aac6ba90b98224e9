"""Every attempt to move something guarded is written down with its turn, whatever came of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from edge import Assistant, Home, SimulatedClock
from edge.records import Utterance


@pytest.fixture
def assistant() -> Iterator[Assistant]:
    clock = SimulatedClock(datetime(2026, 11, 22, 20, tzinfo=UTC))
    with Assistant.open(home=Home.demo(), store=":memory:", clock=clock) as opened:
        yield opened


def audited(assistant: Assistant) -> list[tuple[str, str, str]]:
    """device_id, command, result; oldest first."""
    return [(each.device_id, each.command, each.result) for each in reversed(assistant.runtime.store.audit())]


def test_asked_and_confirmed_are_two_lines(assistant: Assistant) -> None:
    """And a question that is declined is one of its own."""
    assistant.hear_text("unlock the front door")
    assistant.hear_text("yes")
    assistant.hear_text("open the garage door")
    assistant.hear_text("no")
    assert audited(assistant) == [
        ("lock.front_door", "unlock", "asked"),
        ("lock.front_door", "unlock", "confirmed"),
        ("cover.garage_door", "open", "asked"),
        ("cover.garage_door", "open", "declined"),
    ]


def test_who_is_not_there_is_refused_and_written_down(assistant: Assistant) -> None:
    """With where the words came from."""
    assistant.runtime.conversation.take(Utterance("mqtt", typed="unlock the front door"))
    (attempt,) = assistant.runtime.store.audit()
    assert (attempt.device_id, attempt.result, attempt.source) == ("lock.front_door", "refused", "mqtt")


def test_a_lock_that_does_not_answer_is_written_down(assistant: Assistant) -> None:
    """The turn counts as failed at the action, too."""
    assert assistant.home.simulated is not None
    assistant.home.simulated.kill("lock.front_door")
    assistant.hear_text("unlock the front door")
    assistant.hear_text("yes")
    assert audited(assistant)[-1] == ("lock.front_door", "unlock", "no answer")
    assert assistant.runtime.store.turns(failed_only=True)[0].failure_point == "action"


def test_what_is_free_or_only_looked_at_is_no_attempt(assistant: Assistant) -> None:
    """Lamps, and whether the door is locked."""
    assistant.hear_text("turn on the kitchen light")
    assistant.hear_text("is the front door locked")
    assistant.runtime.clock.wait(lambda: False, timedelta(minutes=2).total_seconds())
    assert audited(assistant) == []
