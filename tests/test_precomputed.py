"""Looking rules up by what was heard: exactly, or nearly so where what was heard made no sense as it stood."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.knowledge import Knowledge
from edge.records import Candidate, Interpretation, Phrasing, ResolvedAction, Transcript, Unresolved, Utterance
from edge.rewrites import LIVE, Meaning, Rewrite
from edge.rewriting.as_heard import AsHeard
from edge.rewriting.guards import Allowed, allowed
from edge.rewriting.keys import Keys, clear
from edge.rewriting.precomputed import Precomputed
from edge.turn import Context, Recent, Turn
from tests.lived import KITCHEN, NAUGHTY, NOON, rules, texts

LAMP = Meaning("HassTurnOn", "turn_on", ("light.kitchen",))
CHICKEN = Rewrite("r1", ("turn on the chicken light",), "turn on the kitchen light", LAMP, "active", is_explicit=True)
OTHER = Meaning("HassTurnOn", "turn_on", ("light.floor",))


def a_turn(heard: str, alternatives: tuple[str, ...] = (), *, settled: bool = False, **context: object) -> Turn:
    """A turn in which what was heard is understood already, be it only that nothing here is called so."""
    said = Phrasing(heard)
    resolution = ResolvedAction(("light.kitchen",), "turn_on") if settled else Unresolved("no_device", "chicken")
    turn = Turn.begin("t", Utterance("text", typed=heard), replace(Context(NOON), **context), 1)  # type: ignore[arg-type]
    turn = turn.heard(Transcript(heard, 1.0, alternatives)).tried(said)
    return turn.considered(Candidate(said, Interpretation("HassTurnOn"), resolution, 1.0 if settled else 0.6))


def proposed(turn: Turn, *known: Rewrite) -> list[str | None]:
    """The rules whose wordings are tried."""
    knowledge = Knowledge(1, KITCHEN, rewrites=known)
    return [each.rule_id for each in Precomputed(held_out=0.0).rewrites(turn, knowledge)]


@pytest.mark.parametrize(
    ("heard", "found"),
    [
        ("turn on the chicken light", ["r1"]),
        ("Turn on the chicken light, please!", ["r1"]),
        ("Turn ON the  Chicken light.", ["r1"]),
        ("turn on the chickens light", ["r1"]),
        ("turn on the chicken lights", ["r1"]),
        ("turn off the chicken light", []),
        ("don't turn on the chicken light", []),
        ("turn on the chicken light at 7", []),
        ("turn on anna's chicken light", []),
        ("turn on the chicken", ["r1"]),
        ("turn on the hall chicken light", []),
        ("turn on the chicken fan", []),
        ("turn on the blue chicken light", []),
        ("turn on the ceiling light", []),
        ("turn on the garden light", []),
        ("chicken light", []),
        ("", []),
        ("x" * 900, []),
    ],
)
def test_what_is_near_is_found(heard: str, found: list[str]) -> None:
    """Spelling does not count, small slips do not either; what matters most has to be the same."""
    assert proposed(a_turn(heard), CHICKEN) == found


def test_what_makes_sense_is_looked_up_by_its_exact_words() -> None:
    """A known sentence is never taken for one that is merely like it."""
    assert proposed(a_turn("turn on the chickens light", settled=True), CHICKEN) == []
    assert proposed(a_turn("turn on the chicken light", settled=True), CHICKEN) == ["r1"]


def test_without_a_wake_word_only_the_exact_words_count() -> None:
    """Talk that goes on after a reply is mostly not for us."""
    assert proposed(a_turn("turn on the chickens light", follow_up=True), CHICKEN) == []
    assert proposed(a_turn("turn on the chicken light", follow_up=True), CHICKEN) == ["r1"]


def test_what_sounds_the_same_is_not_the_same_words() -> None:
    """Only the very words are as good as the words: everything else is looked up where what was heard made no sense."""
    spelled = replace(CHICKEN, sources=("turn on the chickan light",))
    (found,) = Keys([spelled]).near("turn on the chikkan light", (), KITCHEN)
    assert 0.9 < found.likeness < 1.0
    assert proposed(a_turn("turn on the chikkan light", settled=True), spelled) == []


def test_another_reading_supports_it() -> None:
    """Among the recogniser's other readings stands what failed before, with the same that matters."""
    said = "turn on the hack in line"
    assert proposed(a_turn(said), CHICKEN) == []
    assert proposed(a_turn(said, ("turn on the chicken light",)), CHICKEN) == ["r1"]
    assert proposed(a_turn("turn off the hack in line", ("turn on the chicken light",)), CHICKEN) == []


def test_a_text_between_two_meanings_is_left_alone() -> None:
    """Where a rule that means something else is as near, neither is tried; where both mean the same, either will do."""
    near = replace(CHICKEN, rule_id="r2", sources=("turn on the chickan light",))
    keys = Keys([CHICKEN, replace(near, meaning=OTHER)])
    assert clear(keys.near("turn on the chickin light", (), KITCHEN)) == ()
    assert len(clear(Keys([CHICKEN, near]).near("turn on the chickin light", (), KITCHEN))) == 2
    assert clear(()) == ()


def test_the_surest_comes_first_and_no_more_than_two() -> None:
    """Every wording costs time, also one that is only logged."""
    more = [replace(CHICKEN, rule_id=f"s{n}", state="shadow", is_explicit=False) for n in range(5)]
    assert proposed(a_turn("turn on the chicken light"), *more, CHICKEN) == ["r1", "s0"]


def test_a_rule_that_was_just_used_is_not_used_again_for_the_same_words() -> None:
    """Somebody says the same again at once, or said no to it today: it was not that. Later it may be."""
    action = ResolvedAction(("light.kitchen",), "turn_on")
    used = Recent(NOON, Interpretation("HassTurnOn"), action, rule_id="r1")
    heard = "turn on the chicken light"
    assert proposed(a_turn(heard, recent=(used,)), CHICKEN) == []
    long_ago = replace(used, ended_at=NOON - timedelta(minutes=2))
    assert proposed(a_turn(heard, recent=(long_ago,)), CHICKEN) == ["r1"]
    assert proposed(a_turn(heard, set_aside=("r1",)), CHICKEN) == []


def test_rules_that_changed_are_seen_at_once() -> None:
    """The index belongs to the rules of one revision."""
    rewriting, turn = Precomputed(held_out=0.0), a_turn("turn on the chicken light")
    assert list(rewriting.rewrites(turn, Knowledge(1, KITCHEN))) == []
    assert len(list(rewriting.rewrites(turn, Knowledge(2, KITCHEN, rewrites=(CHICKEN,))))) == 1
    assert list(rewriting.rewrites(turn, Knowledge(3, KITCHEN, rewrites=()))) == []


def test_as_heard_there_are_none() -> None:
    """With the switch off nothing is looked up."""
    assert list(AsHeard().rewrites(a_turn("turn on the chicken light"), Knowledge(1, rewrites=(CHICKEN,)))) == []


@given(known=st.lists(rules, max_size=4), heard=texts, others=st.lists(texts, max_size=3), settled=st.booleans())
@settings(deadline=None, max_examples=200)
def test_any_rule_and_any_text(known: list[Rewrite], heard: str, others: list[str], settled: bool) -> None:
    """Nothing raises; what is proposed is live, allowed, and other words than were heard."""
    knowledge = Knowledge(1, KITCHEN, rewrites=tuple(known))
    for phrasing in Precomputed().rewrites(a_turn(heard, tuple(others), settled=settled), knowledge):
        rule = knowledge.rewrite[phrasing.rule_id or ""]
        assert rule.state in LIVE
        assert phrasing.text == rule.target != heard
        assert isinstance(allowed(heard, rule.target, rule.meaning, KITCHEN), Allowed)


@pytest.mark.parametrize("said", NAUGHTY)
def test_naughty_texts_are_texts(said: str) -> None:
    """As what was heard, as another reading, and as a source."""
    odd = replace(CHICKEN, sources=(said, "turn on the chicken light"))
    assert len(proposed(a_turn(said), odd)) <= 1
    assert proposed(a_turn("turn on the chicken light", (said,)), odd) == ["r1"]
