"""Anything at all through the whole text path: it answers, quickly, and nothing moves by accident."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.records import Act
from edge.text import MAX_CHARACTERS
from tests.conversations import Talk

WORDS = [
    "turn",
    "switch",
    "on",
    "off",
    "the",
    "all",
    "of",
    "lights",
    "light",
    "lamp",
    "in",
    "at",
    "kitchen",
    "living",
    "room",
    "bedroom",
    "ceiling",
    "reading",
    "please",
    "up",
    "down",
    "to",
    "by",
    "40",
    "%",
    "percent",
    "set",
    "brightness",
    "red",
    "temperature",
    "degrees",
    "open",
    "close",
    "blinds",
    "is",
    "are",
    "any",
    "which",
    "how",
    "many",
    "play",
    "dune",
    "tv",
    "next",
    "skip",
    "again",
    "for",
    "every",
    "each",
    "and",
    "garage",
    "door",
    "upstairs",
    "make",
    "here",
    "everywhere",
    "my",
    "fan",
    "speed",
    "stop",
    "pause",
    "desk",
    "yes",
    "no",
    "first",
    "one",
]
NAUGHTY = (
    "\x00\x01\x02",
    "\u202e\u200b\ufeff",
    "\ud7ff\uffff",
    "e\u0301" * 400,
    "\U0001f4a1\U0001f3fd\u200d",
    "{name} [<the>] (a|b;c) <turn> {area:x}",
    "%s %d %(name)s {0} ${HOME} $(reboot) `id`",
    "'; DROP TABLE turns; --",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "NaN Infinity -0 1e309 0x7f",
    "turn on the " * 80,
    "play on the tv " * 60,
    "set " * 240,
    "((((((((((((((((((((",
    "\u0660\u0661\u0662 \u2160\u2161 \u00bd",
)


def settles(text: str) -> None:
    """One turn: a reply, no failure, and no movement without a decision to act."""
    talk = Talk.at_golden_home(room="kitchen")
    turn = talk.say(text, (text[::-1],))
    assert turn.failure is None
    assert turn.response is not None
    assert isinstance(turn.decision, Act) or not talk.actor.moved
    assert not any(step.action.targets == ("cover.garage_door",) for step in talk.actor.moved)


@settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.text(), st.sampled_from(NAUGHTY), st.lists(st.sampled_from(WORDS), max_size=45).map(" ".join)))
def test_any_text_gets_an_answer(text: str) -> None:
    """Random characters, known trouble, and the grammar's own words in any order."""
    settles(text)


def test_all_the_naughty_strings_get_an_answer() -> None:
    """Each of them, every time."""
    for text in NAUGHTY:
        settles(text)


def test_a_flood_of_text_is_refused_unread() -> None:
    """A hundred thousand characters are not parsed, and not kept as a wording."""
    for text in ("turn on the kitchen light " * 4_000, "x" * 100_000, "\u0301" * 100_000):
        turn = Talk.at_golden_home().say(text)
        assert turn.attempts == ()
        assert turn.response is not None
        assert turn.response.kind == "refusal"


def test_the_longest_text_that_is_read_is_read() -> None:
    """The limit is a limit, not a habit of refusing."""
    text = "turn on the kitchen light".ljust(MAX_CHARACTERS, " ")
    turn = Talk.at_golden_home().say(text)
    assert turn.response is not None
    assert turn.response.text == "The kitchen light is on."
