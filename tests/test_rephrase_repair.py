"""Repair within a sentence: what was taken back is gone, and what was not stays."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.feedback.repair import repaired
from edge.records import Act
from tests.conversations import Talk

CUES = (
    ", no wait, ", ", no, ", ", sorry, ", ", I mean ", ", I meant ", ", or rather ", ", oops, ", ", uh no, ",
    ", no no, ", ", no make that ", ", make that ", ", scratch that, ", ", wait, ", ", oh wait, ", ", actually no, ",
    ", sorry I mean ", ", I should say ", ", correction, ", ", my bad, ", ", never mind, ", ", or no wait make that ",
    " no wait ",
)  # fmt: skip


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("turn on the kitchen, no wait, the bedroom light", "turn on the bedroom light"),
        ("close the left blind, sorry, the right one", "close the right one"),
        ("set it to 20, no, 22", "set it to 22"),
        ("lights on, no, off", "lights off"),
        ("set an alarm for seven, no, eight thirty", "set an alarm for eight thirty"),
        ("turn off the hall light I mean turn on the hall light", "turn on the hall light"),
        ("turn on the uh kitchen light", "turn on the kitchen light"),
        ("remind me on monday, sorry, tuesday to call anna", "remind me on tuesday to call anna"),
        ("what is, or rather when is my next alarm", "when is my next alarm"),
        ("play radio paradise oops radio one", "play radio one"),
        ("the kitchen, no, the hall, no wait, the bedroom", "the bedroom"),
    ],
)
def test_what_was_taken_back_is_gone(said: str, meant: str) -> None:
    """As far as the new words reach back, and no further."""
    assert repaired(said) == meant


@pytest.mark.parametrize(
    "said",
    [
        "", "no", "sorry", "no wait", "turn on the kitchen light", "is there no milk on the list", "say sorry to anna",
        "add no sugar to the list", "play wait for me", "why is there no light", "make it brighter", "no, thank you",
        "would you rather have tea", "what does it actually cost", "how long do I have to wait",
    ],
)  # fmt: skip
def test_what_was_not_taken_back_stays(said: str) -> None:
    """A word that may be a cue is none where it belongs to the sentence."""
    assert repaired(said) == said


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_taken(text: str) -> None:
    """And it grows by no more than a space for every repair."""
    assert len(repaired(text)) <= len(text) + 3


def test_what_is_too_long_for_a_sentence_is_left_alone() -> None:
    """Twenty thousand spaces or cues are no sentence."""
    for text in (" " * 20_000 + "no", "sorry, " * 5_000):
        assert repaired(text) == text


@pytest.mark.parametrize("cue", CUES)
def test_a_second_thought_moves_only_what_was_meant(cue: str) -> None:
    """In the golden home, with the device named anew or the whole command said anew."""
    for again in ("the hall light", "turn on the hall light"):
        turn = Talk.at_golden_home(None).say(f"turn on the kitchen light{cue}{again}")
        assert isinstance(turn.decision, Act)
        assert [step.action.targets for step in turn.decision.steps] == [("light.hall",)]
