"""Rephrases: which later turn says an earlier one again, by the model that ships and with real records."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.errors import ModelError
from edge.feedback.rephrase_evidence import MEANING, NAMES, evidence
from edge.feedback.rephrase_model import Logistic, Trees, read_model, shipped_model
from edge.feedback.rephrasing import NoRephrase, Rephrase, Rephrasing
from edge.paths import shipped
from edge.records import (
    Act,
    DoneStep,
    Interpretation,
    Outcome,
    Reject,
    ResolvedAction,
    Response,
    Step,
    Transcript,
    Utterance,
)
from edge.turn import Context, Turn
from tests.conversations import Talk

BEGAN = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)

p_rephrase, rephrase_of = Rephrasing.shipped().p, Rephrasing.shipped().of


def bare(text: str, after_s: float = 0.0) -> Turn:
    """Only what was heard, and when."""
    at = BEGAN + timedelta(seconds=after_s)
    return Turn.begin(f"at {after_s}", Utterance("text"), Context(at), 1).heard(Transcript(text))


def failed(text: str, after_s: float = 0.0) -> Turn:
    """Heard and not understood."""
    turned_down = Response("Sorry, I did not understand that.", "refusal")
    return replace(bare(text, after_s), decision=Reject("not_understood"), response=turned_down)


def done(text: str, intent: str, after_s: float = 0.0, **slots: str) -> Turn:
    """Understood and obeyed."""
    step = Step(Interpretation(intent, slots), ResolvedAction(("light.kitchen",), "turn_on"))
    outcome = DoneStep(step, Outcome(confirmed=True))
    return replace(
        bare(text, after_s), decision=Act((step,)), done_steps=(outcome,), response=Response("Done.", "answer")
    )


@pytest.mark.parametrize(
    ("first", "later"),
    [
        ("turn on the kitten light", "turn on the kitchen light"),
        ("turn on the kitchen light", "turn on the kitchen light"),
        ("play jazz in the office", "no i said play jazz in the office"),
        ("switch of the lamp by the sofa", "please turn the sofa lamp off"),
    ],
)
def test_what_failed_and_is_said_again_is_a_rephrase(first: str, later: str) -> None:
    """After a refusal the same, the same in other words, or with a cue is likely."""
    assert p_rephrase(failed(first), done(later, "HassTurnOn", 15), ()) > 0.7


@pytest.mark.parametrize(
    ("first", "later"),
    [
        ("turn on the kitchen light", "what is the weather tomorrow"),
        ("turn on the kitchen light", "thank you"),
        ("turn on the kitchen light", "and the bedroom too"),
        ("set a timer for ten minutes", "add milk to the shopping list"),
    ],
)
def test_what_worked_and_is_followed_by_something_else_is_none(first: str, later: str) -> None:
    """After success a new wish, thanks, or one more room is unlikely."""
    assert p_rephrase(done(first, "HassTurnOn"), done(later, "HassOther", 20), ()) < 0.2


def test_the_opposite_is_less_likely_than_the_same() -> None:
    """Off after on is a new wish, though it sounds nearly the same."""
    first = done("turn on the kitchen light", "HassTurnOn", name="kitchen light")
    same = done("turn on the kitchen light", "HassTurnOn", 12, name="kitchen light")
    opposite = done("turn off the kitchen light", "HassTurnOff", 12, name="kitchen light")
    assert p_rephrase(first, opposite, ()) < p_rephrase(first, same, ())


def test_what_the_assistant_knows_of_its_failure_counts() -> None:
    """The same words after a refusal are a likelier rephrase than after success."""
    later = done("lights in the hall please", "HassTurnOn", 14)
    assert p_rephrase(failed("hall lights"), later, ()) > p_rephrase(done("hall lights", "HassTurnOn"), later, ())


@pytest.mark.parametrize("after_s", [-3.0, 45.5, 3_600.0])
def test_outside_the_window_nothing_is_a_rephrase(after_s: float) -> None:
    """Too late, or before it: clocks jump back."""
    first = failed("turn on the kitchen light")
    later = done("turn on the kitchen light", "HassTurnOn", after_s)
    assert p_rephrase(first, later, ()) == 0.0
    assert rephrase_of(first, [later]) == NoRephrase(0.0)


@pytest.mark.parametrize("answer", ["no", "Nope.", "yes please", "stop", "that's wrong", "never mind"])
def test_a_mere_answer_says_nothing_again(answer: str) -> None:
    """However badly it went and however soon it comes: what is wanted stands nowhere in it."""
    asked = replace(bare("set up a meeting at one"), response=Response("Is this good?", "question"))
    assert p_rephrase(failed("turn on the kitten light"), bare(answer, 4), ()) == 0
    assert p_rephrase(asked, bare(answer, 16), ()) == 0


def test_a_stop_that_was_misheard_can_be_said_again() -> None:
    """It has no words but those of an answer, and sounds like what was heard."""
    assert p_rephrase(failed("top"), bare("stop", 4), ()) > 0.2


def test_stages_and_zones_may_be_missing() -> None:
    """A turn that heard nothing is no rephrase, and a time without a zone is one like any other."""
    first = failed("turn on the kitchen light")
    silent = replace(done("x", "HassTurnOn", 5), transcript=None)
    assert p_rephrase(first, silent, ()) == p_rephrase(silent, first, ()) == 0.0
    later = done("turn on the kitchen light", "HassTurnOn", 15)
    zoneless = replace(later, started_at=later.started_at.replace(tzinfo=None))
    assert p_rephrase(first, zoneless, ()) == p_rephrase(first, later, ())


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.text(max_size=80), st.floats(-1e6, 1e6), st.booleans())
def test_any_two_turns_have_a_probability(one: str, other: str, after_s: float, refused: bool) -> None:
    """Whatever was heard, the answer lies between 0 and 1."""
    first = failed(one) if refused else bare(one)
    assert 0.0 <= p_rephrase(first, bare(other, after_s), (bare(other), bare(one))) <= 1.0


def test_the_wording_that_works_is_named() -> None:
    """Of two tries the second is what works; it begins with the first of them."""
    followers = [
        failed("turn on the kitten lie", 12),
        done("turn on the kitchen light", "HassTurnOn", 26, name="kitchen light"),
        done("what time is it", "HassGetCurrentTime", 40),
    ]
    found = rephrase_of(failed("turn on the kitten light"), followers)
    assert isinstance(found, Rephrase)
    assert (found.start, found.end) == (0, 1)
    assert 0.75 <= found.probability <= 1.0


@pytest.mark.parametrize(
    "followers",
    [
        [],
        [done("what time is it", "HassGetCurrentTime", 20)],
        [failed("turn on the kitten lie", 12)],
        [*(done("what time is it", "HassGetCurrentTime", at) for at in (5, 10, 15, 20)),
         done("turn on the kitten light", "HassTurnOn", 25)],
    ],
    ids=["nobody", "another wish", "failed again", "fifth"],
)  # fmt: skip
def test_without_a_wording_that_works_there_is_no_rephrase(followers: Sequence[Turn]) -> None:
    """Nothing follows, something else does, the second try fails too, or it comes too many turns later."""
    assert isinstance(rephrase_of(failed("turn on the kitten light"), followers), NoRephrase)


def test_places_count_all_followers() -> None:
    """A follower whose clock was wrong keeps its place; the one behind it is named by its own."""
    followers = [bare("turn on the kitchen light", -60), done("turn on the kitchen light", "HassTurnOn", 15)]
    found = rephrase_of(failed("turn on the kitten light"), followers)
    assert isinstance(found, Rephrase)
    assert (found.start, found.end) == (1, 1)


def test_turns_of_a_real_home_are_judged() -> None:
    """A misheard device that nothing answers to, named anew soon after, against a command that another follows."""
    talk = Talk.at_golden_home("kitchen")
    turned_down, again = talk.say("turn on the mall light"), talk.say("turn on the hall light")
    other = talk.say("what time is it")
    begin = turned_down.started_at
    again, other = (replace(turn, started_at=begin + timedelta(seconds=15)) for turn in (again, other))
    assert p_rephrase(turned_down, again, ()) > 0.5 > p_rephrase(again, other, ())


def test_a_device_that_was_put_back_speaks_for_it() -> None:
    """Where a lamp that was switched on is off again when somebody speaks, that is seen."""
    talk = Talk.at_golden_home("kitchen")
    first = talk.say("turn on the hall light")
    states = talk.say("is the hall light on").context.states
    dark = {**states, "light.hall": replace(states["light.hall"], value="off")}
    lit = {**states, "light.hall": replace(states["light.hall"], value="on")}
    moved = replace(
        first, done_steps=tuple(replace(each, outcome=Outcome(confirmed=True)) for each in first.done_steps)
    )
    later = bare("no the other one", 10)
    seen = [
        evidence(moved, replace(later, context=replace(later.context, states=some)), ())["put_back"]
        for some in (dark, lit, {})
    ]
    assert seen == [1.0, 0.0, 0.0]


def test_evidence_has_the_names_that_models_ask_for() -> None:
    """Every model that ships is small and asks only for what is measured."""
    files = sorted((shipped("models") / "rephrase").glob("*.json"))
    assert {file.stem for file in files} >= {"ratio", "logistic", "outcomes", "trees"}
    assert sum(file.stat().st_size for file in files) < 1_000_000
    assert set(evidence(bare("a"), bare("b", 3), ())) == set(NAMES)
    for file in files:
        assert set(read_model(file).features) <= {*NAMES, MEANING}


def test_vectors_are_used_where_somebody_brings_them() -> None:
    """The same words with another cosine give another answer; without one nothing breaks."""
    model = shipped_model("trees_meaning")
    first, later = failed("dim the lamps a touch"), done("make it darker in here", "HassLightSet", 12)
    near, far = (Rephrasing(model, lambda one, other, at=at: at).p(first, later, ()) for at in (0.95, 0.05))
    assert near > far
    assert 0.0 <= Rephrasing(model).p(first, later, ()) <= 1.0


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        '{"kind": "logistic", "features": ["letters"], "weights": [], "bias": 0}',
        '{"kind": "logistic", "features": ["letters"], "weights": [NaN], "bias": 0}',
        '{"kind": "trees", "features": ["letters"], "bias": 0, "trees": [{"feature": [0], "at_most": [0.5],'
        ' "left": [0], "right": [0], "value": [0]}]}',
        '{"kind": "trees", "features": [], "bias": 0, "trees": [{"feature": [0, -1, -1], "at_most": [0.5, 0, 0],'
        ' "left": [1, 0, 0], "right": [2, 0, 0], "value": [0, 1, 2]}]}',
    ],
)
def test_a_damaged_model_is_refused(tmp_path: Path, content: str) -> None:
    """Also one that would run in a circle or ask for a feature that is not there."""
    file = tmp_path / "model.json"
    file.write_text(content)
    with pytest.raises(ModelError, match="damaged"):
        read_model(file)
    with pytest.raises(ModelError, match="missing"):
        read_model(tmp_path / "none.json")


def test_trees_add_up() -> None:
    """Two leaves on either side of a threshold, a bias and a line."""
    tree = {"feature": [0, -1, -1], "at_most": [0.5, 0, 0], "left": [1, 0, 0], "right": [2, 0, 0], "value": [0, -1, 3]}
    model = Trees.model_validate_json(
        json.dumps({"features": ["letters"], "trees": [tree, tree], "bias": 1, "slope": 0.5, "shift": -2})
    )
    assert model.probability({"letters": 0.5}) == pytest.approx(0.0758582)
    assert model.probability({"letters": 0.6}) == pytest.approx(0.8175745)
    assert Logistic(features=("letters",), weights=(2.0,), bias=-1.0).probability({"letters": 0.5}) == 0.5
