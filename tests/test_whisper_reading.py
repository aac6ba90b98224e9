"""What becomes of the recogniser's raw text: repetitions, echoes of the wake word, inventions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.asr.reading import is_invented, tidy, without_repetition

WORDS = st.lists(st.sampled_from(["turn", "on", "the", "kitchen", "light", "and", "off"]), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("Turn on the fan. Turn on the", "Turn on the fan."),
        ("Turn on the fan. Turn on the fan. Turn on", "Turn on the fan."),
        ("turn on the fan turn on", "turn on the fan"),
        ("Stop. Stop. Stop.", "Stop."),
        ("no no", "no no"),
        ("no no no", "no"),
        ("Close the blinds in the bedroom. Close", "Close the blinds in the bedroom."),
        ("kitchen lights on in the kitchen", "kitchen lights on in the kitchen"),
        ("turn on the kitchen light and turn on the fan", "turn on the kitchen light and turn on the fan"),
        ("lights off and lock the door", "lights off and lock the door"),
        ("set it to 21.5 degrees, set it to 21.5", "set it to 21.5 degrees,"),
        ("", ""),
    ],
)
def test_repetitions_are_cut(raw: str, text: str) -> None:
    """The sentence is kept once; a command of two steps that begin alike is none."""
    assert without_repetition(raw) == text


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("turn on the light turn", "turn on the light"),
        ("turn on the hallway light turn on the hall", "turn on the hallway light"),
        ("turn the light off", "turn the light off"),
    ],
)
def test_what_was_cut_off_may_repeat_by_half_a_word(raw: str, text: str) -> None:
    """At the greatest length the repetition may stop anywhere, in its first word or within one."""
    assert without_repetition(raw, capped=True) == text


@given(WORDS, st.integers(min_value=1, max_value=3), st.integers(min_value=0, max_value=8))
def test_a_sentence_said_again_is_said_once(words: list[str], times: int, more: int) -> None:
    """However often a sentence comes back, and wherever it breaks off, no more of it is left than one."""
    sentence = " ".join(words)
    once = without_repetition(" ".join([sentence] * (times + 1) + words[:more]), capped=True)
    assert sentence.startswith(once)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (", turn on the light.", "turn on the light."),
        (" Hey Jarvis, turn on the light.", "turn on the light."),
        ("turn on the light. Hey Jarvis", "turn on the light"),
        ("turn on the light. Page Jarvis turn", "turn on the light"),
        ("Hey Jarvis", ""),
        ("\u266a ...", "\u266a ..."),
        (" - ", ""),
        ("what is the\ttime?\n", "what is the time?"),
    ],
)
def test_the_wake_word_is_no_part_of_the_command(raw: str, text: str) -> None:
    """Heard again at the beginning it goes; coming back later it ends the command, misheard or not."""
    assert tidy(raw, "Hey Jarvis") == text


def test_a_wake_word_of_one_word_needs_no_other() -> None:
    """Alexa stands alone: the word before it is the command's."""
    assert tidy("turn on the light. Alexa turn", "Alexa") == "turn on the light"


@pytest.mark.parametrize(
    ("text", "confidence", "invented"),
    [
        ("Thank you.", 0.3, True),
        ("Thanks for watching!", 0.3, True),
        ("Thank you.", 0.8, False),
        ("turn on the light", 0.3, False),
        ("Bloody glooby", 0.05, True),
    ],
)
def test_inventions_are_known(text: str, confidence: float, invented: bool) -> None:
    """What Whisper reads into noise is dropped where it was unsure; said by a person it counts."""
    assert is_invented(text, confidence) is invented
