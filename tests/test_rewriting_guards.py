"""What is never taken for something else, whatever was learned."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.knowledge import Area, Device, HomeMap
from edge.rewrites import Meaning, Rewrite
from edge.rewriting.critical import critical
from edge.rewriting.guards import IN_WORDS, Allowed, Reason, Refused, allowed, unchained
from tests.lived import NAUGHTY, NOON, texts

HOME: Final = HomeMap(
    (Area("kitchen", "Kitchen"), Area("bedroom", "Bedroom"), Area("hall", "Hall")),
    (
        Device("light.kitchen", "Kitchen light", "light", area="kitchen"),
        Device("light.anna", "Anna's lamp", "light", area="bedroom"),
        Device("light.night", "Night light", "light", area="bedroom"),
        Device("switch.socket", "Smart socket", "switch", area="hall"),
        Device("cover.blind", "Bedroom blind", "cover", area="bedroom", tier="ask"),
        Device("lock.front", "Front door", "lock", area="hall", tier="guarded"),
        Device("cover.garage", "Garage", "cover", "garage", tier="guarded"),
        Device("light.garage", "Garage light", "light"),
    ),
)


def on(*targets: str, command: str = "turn_on") -> Meaning:
    """What a sentence about these devices comes to."""
    return Meaning("HassTurnOn", command, targets)


KITCHEN: Final = on("light.kitchen")


def why_not(source: str, target: str, meaning: Meaning = KITCHEN, raw: Meaning | None = None) -> str:
    """The reason for which it is refused; empty where it is allowed."""
    found = allowed(source, target, meaning, HOME, raw)
    return found.reason if isinstance(found, Refused) else ""


@pytest.mark.parametrize(
    ("source", "target", "meaning"),
    [
        ("turn on the kitten light", "turn on the kitchen light", KITCHEN),
        ("turn of the kitten light", "turn off the kitchen light", on("light.kitchen", command="turn_off")),
        ("turn on the light on the kitchen counter top", "turn on the kitchen light", KITCHEN),
        ("turn on janna's lamp", "turn on Anna's lamp", on("light.anna")),
        ("turn on the knight light", "turn on the night light", on("light.night")),
        ("set the kitten light to fifty percent", "set the kitchen light to 50%", KITCHEN),
        ("open the bedroom blend", "open the bedroom blind", on("cover.blind", command="open")),
        ("turn on the garbage light", "turn on the garage light", on("light.garage")),
        ("turn on the red lamp", "turn on the kitchen light", KITCHEN),
    ],
)
def test_what_was_misheard_may_be_put_right(source: str, target: str, meaning: Meaning) -> None:
    """Nothing speaks against a rule for words that only sound like what was meant."""
    assert why_not(source, target, meaning) == ""


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [
        ("enable smart socket", "disable smart socket", "polarity"),
        ("turn on the lamp", "turn off the kitchen light", "polarity"),
        ("open the kitten light", "close the kitchen light", "polarity"),
        ("turn up the kitten light", "turn down the kitchen light", "polarity"),
        ("raise the kitten light", "lower the kitchen light", "polarity"),
        ("turn off the lamp on the desk", "turn on the desk lamp", "polarity"),
        ("set the lamp to fifteen", "set the kitchen light to fifty", "number"),
        ("set the lamp to 15", "set the kitchen light to fifty", "number"),
        ("turn on the kitten light", "turn on kitchen light 2", "number"),
        ("turn on the first lamp", "turn on the second lamp", "number"),
        ("make the kitten light green", "make the kitchen light red", "colour"),
        ("turn on the kitten light tomorrow", "turn on the kitchen light today", "time"),
        ("turn on the kitten light", "turn on the kitchen light at noon", "time"),
        ("turn the kitten light on in 5 minutes", "turn the kitchen light on in 5 seconds", "time"),
        ("don't turn on the kitten light", "turn on the kitchen light", "negation"),
        ("turn on everything", "turn on everything without the kitchen light", "negation"),
        ("turn on john's lamp", "turn on anna's lamp", "name"),
        ("turn on the lamp of john", "turn on the kitchen light", "name"),
        ("turn on the bedroom light", "turn on the kitchen light", "named"),
        ("turn on the smart socket", "turn on the kitchen light", "named"),
        ("turn it on again", "turn on the kitchen light", "reference"),
        ("turn on the kitten light", "turn that on", "reference"),
        ("lamp", "turn on the kitchen light", "short"),
        ("yes please", "turn on the kitchen light", "short"),
        ("turn on the to", "turn on the kitchen light", "short"),
        ("Turn on the KITCHEN light!", "turn on the kitchen light", "same"),
        ("turn on the kitten " + "very " * 60 + "light", "turn on the kitchen light", "long"),
    ],
)
def test_what_differs_in_a_word_that_matters_is_refused(source: str, target: str, reason: str) -> None:
    """On or off, how much, when, not, whose: one of them is another, and it is not the same wish."""
    assert why_not(source, target) == reason


@pytest.mark.parametrize(
    ("target", "meaning"),
    [
        ("unlock the front door", on("lock.front", command="unlock")),
        ("lock the front door", on("lock.front", command="lock")),
        ("open the garage", on("cover.garage", command="open")),
        ("turn on the kitchen light", on("light.kitchen", "lock.front")),
        ("buy more coffee", Meaning("skill", "run_skill")),
        ("send a message about dinner", Meaning("skill", "run_skill")),
        ("disarm everything here now", Meaning("HassDisarm", "disarm", ())),
    ],
)
def test_nothing_leads_into_what_is_guarded(target: str, meaning: Meaning) -> None:
    """Locks, garage, money, messages and alarms are not for guessing, however sure it looks."""
    assert why_not("these words were heard once", target, meaning) in {"risk", "existence"}


def test_nothing_leads_to_more_risk_than_was_heard() -> None:
    """What was understood as something free does not become a blind."""
    blind = on("cover.blind", command="open")
    assert why_not("open the bedroom blend", "open the bedroom blind", blind, raw=KITCHEN) == "risk"
    assert why_not("open the bedroom blend", "open the bedroom blind", blind, raw=blind) == ""


def test_the_words_of_a_command_are_held_against_what_it_does() -> None:
    """A target without "off" in it still turns off."""
    assert (
        why_not("switch on the kitten light", "kitchen light out", on("light.kitchen", command="turn_off"))
        == "polarity"
    )


def test_what_left_the_home_is_not_meant() -> None:
    """A rule for a lamp that is gone is refused, and so is one that moves nothing."""
    assert why_not("turn on the kitten light", "turn on the kitchen light", on("light.gone")) == "existence"
    assert why_not("turn on the kitten light", "turn on the kitchen light", on()) == "existence"


def test_numbers_in_words_equal_digits() -> None:
    """The recogniser writes both."""
    assert critical("set it to twenty one").numbers == critical("set it to 21").numbers == ("21",)
    assert critical("the second lamp").numbers == ("#2",)
    assert critical("in 5 seconds").times == critical("in 5 secs").times == {"second"}


def test_every_reason_can_be_told() -> None:
    """Reports have words for all of them."""
    assert set(IN_WORDS) == set(Reason.__args__)  # type: ignore[attr-defined]
    assert all(words and words == words.lower() for words in IN_WORDS.values())


def rule(rule_id: str, sources: tuple[str, ...], target: str, **others: object) -> Rewrite:
    """A rule in use."""
    return replace(Rewrite(rule_id, sources, target, KITCHEN, "active", since=NOON), **others)  # type: ignore[arg-type]


def test_no_rule_leads_into_another() -> None:
    """Of a chain the one that somebody spelt out stays."""
    first, second = rule("1", ("a lamp",), "the lamp", is_explicit=True), rule("2", ("the lamp",), "kitchen light")
    assert unchained([first, second]) == unchained([second, first]) == {"2": Refused("chain")}


def test_of_a_circle_the_newer_half_stays() -> None:
    """Two wordings that stand for each other would never end."""
    old = rule("1", ("a lamp",), "the lamp")
    new = rule("2", ("the lamp",), "a lamp", since=NOON + timedelta(days=1))
    assert unchained([old, new]) == {"1": Refused("circle")}
    assert unchained([rule("3", ("a lamp",), "A lamp!")]) == {"3": Refused("circle")}


few_words = st.sampled_from(["lamp one", "lamp two", "lamp three", "lamp four"])
rules = st.lists(
    st.builds(
        Rewrite,
        st.uuids().map(str),
        st.lists(few_words, min_size=1, max_size=3).map(tuple),
        few_words,
        st.just(KITCHEN),
        st.sampled_from(["active", "ask", "shadow", "suspended"]),
    ),
    max_size=6,
)


@given(rules)
def test_what_is_left_never_runs_in_a_circle(found: list[Rewrite]) -> None:
    """From no wording that fails does any rule lead to another one that fails."""
    gone = unchained(found)
    left = [each for each in found if each.state in {"active", "ask", "shadow"} and each.rule_id not in gone]
    sources = {source for each in left for source in each.sources}
    assert all(each.target not in sources for each in left)


@given(
    texts | st.sampled_from(NAUGHTY), texts | st.sampled_from(NAUGHTY), st.builds(Meaning, texts, texts, st.just(()))
)
def test_any_text_gets_an_answer(source: str, target: str, meaning: Meaning) -> None:
    """Nothing crashes, and nothing stands for itself."""
    assert isinstance(allowed(source, target, meaning, HOME), Allowed | Refused)
    assert isinstance(allowed(source, source, meaning, HOME), Refused)
