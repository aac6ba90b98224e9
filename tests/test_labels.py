"""Labels: what turns should have been taken for, from what came after them, without anybody's labelling them."""

import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.errors import ModelError
from edge.feedback.reading import read_signals
from edge.isolation.diagnosing import Isolation
from edge.labels.dialogue_model import Reading
from edge.labels.functions import NAMES, Functions, votes
from edge.labels.labelling import Labelled, Labelling
from edge.labels.projecting import without_cue
from edge.labels.weights import FILE, FunctionWeights
from edge.looking_back import load_labelling
from edge.nlu.classifier import Classifier, Remembering
from edge.paths import shipped
from edge.records import Utterance
from edge.signals import POINTS, PRIOR, Diagnosis, FailurePoint, Label, Signal
from edge.turn import Turn
from tests.conversations import GOLDEN, Talk
from tests.feedbacks import by_turn
from tests.lived import NOON, a_turn, texts, turns

TALKS: Final[list[dict[str, Any]]] = tomllib.loads((GOLDEN / "labels.toml").read_text(encoding="utf-8"))["talk"]
NONSENSE: Final = 0.6
SHIPPED: Final = load_labelling(Remembering(Classifier.load(shipped("models") / "nlu")))


def believed(turn_id: str, point: FailurePoint, p: float = 0.95) -> Diagnosis:
    rest = (1 - p) / (len(POINTS) - 1)
    return Diagnosis(turn_id, {each: p if each == point else rest for each in POINTS}, by="model")


def read(turns: Sequence[Turn], diagnoses: Mapping[str, Diagnosis], labelling: Labelling = SHIPPED) -> Labelled:
    """All that is concluded from one conversation, long after."""
    signals = by_turn(read_signals(turns, (), max(turn.started_at for turn in turns) + timedelta(days=1)))
    found = list(labelling.everything(turns, signals, diagnoses))
    return Labelled(
        tuple(goal for each in found for goal in each.goals), tuple(label for each in found for label in each.labels)
    )


def of(found: Labelled, turn: Turn) -> Label:
    (label,) = [each for each in found.labels if each.turn_id == turn.turn_id]
    return label


# --- golden conversations --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", TALKS, ids=[talk["what"] for talk in TALKS])
def test_a_conversation_gives_the_labels_that_are_written(written: dict[str, Any]) -> None:
    """Those of the golden file, and no projection that is not in it."""
    talk = Talk.at_golden_home(written.get("room"))
    for entry in written["turns"]:
        utterance = Utterance("text", talk.room, entry.get("speaker", "unknown"), typed=entry["heard"])
        talk.hear(utterance, entry.get("after_s", 1))
    diagnoses = {
        turn.turn_id: believed(turn.turn_id, entry.get("point", "correct"), entry.get("p", 0.95))
        for turn, entry in zip(talk.turns, written["turns"], strict=True)
    }
    number = {turn.turn_id: n for n, turn in enumerate(talk.turns, 1)}
    found = read(talk.turns, diagnoses)
    if "goals" in written:
        assert [[number[each] for each in goal.turn_ids] for goal in found.goals] == written["goals"]
    put_right = {number[label.turn_id] for label in found.labels if label.intent}
    assert put_right == {each["of"] for each in written["labels"] if "by" in each}
    for each in written["labels"]:
        label = of(found, talk.turns[each["of"] - 1])
        assert label.outcome == each.get("outcome", label.outcome)
        assert number.get(label.from_turn_id) == each.get("by")
        assert (label.intent, label.slots) == (each.get("intent", ""), each.get("slots", {}))
        assert label.text == each.get("text", "")
        assert (label.confidence >= 0.5) == ("by" in each)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("no i meant the floor lamp", "the floor lamp"),
        ("no no i said turn it off", "turn it off"),
        ("not that one turn on the fan", "turn on the fan"),
        ("i meant to turn off the fan", "turn off the fan"),
        ("no", "no"),
        ("note this down", "note this down"),
        ("i said", "i said"),
        ("", ""),
    ],
)
def test_what_only_says_that_it_corrects_is_taken_off(said: str, words: str) -> None:
    """And nothing else is; words that are nothing but that stay."""
    assert without_cue(said) == words


@given(texts)
def test_taking_it_off_twice_is_taking_it_off_once(text: str) -> None:
    """Whatever is said."""
    assert without_cue(without_cue(text)) == without_cue(text)


# --- the labelling functions -----------------------------------------------------------------------------------------


def signal(kind: Any, weight: float) -> Signal:
    return Signal("one", kind, NOON, weight, "two")


def test_every_vote_has_a_name_that_can_be_trusted() -> None:
    """What is fitted is what is cast: the file that ships trusts every function, and knows no other."""
    shipped_weights = FunctionWeights.load(shipped("models") / "labels")
    assert set(shipped_weights.trust) == set(NAMES)
    told = [signal(name, 1.0) for name in NAMES[:-5]]
    assert votes(a_turn("one"), told, (), believed("one", "asr")).keys() <= set(NAMES)


def test_blame_and_diagnosis_add_up() -> None:
    """Each lowers what is believed of a turn, both lower it more; thanks raise it."""
    functions, turn = Functions(FunctionWeights.load(shipped("models") / "labels")), a_turn("one")
    unsure = believed("one", "correct", 0.6)
    plain = functions.served(turn, (), (), unsure)
    blamed = functions.served(turn, [signal("wrong", 3.6)], (), unsure)
    both = functions.served(turn, [signal("wrong", 3.6)], (), believed("one", "asr", 0.6))
    assert both < blamed < plain < functions.served(turn, [signal("thanks", -2.5)], (), unsure)


def test_without_a_fit_or_a_diagnosis_votes_count_as_by_hand() -> None:
    """The same answer from both, and from one that never heard of any weights."""
    weights = FunctionWeights(version=1, bias=5.0, trust={"wrong": 0.0})
    turn, told = a_turn("one"), [signal("wrong", 3.6)]
    by_hand = Functions().served(turn, told, (), believed("one", "correct"))
    assert Functions(weights).served(turn, told) == by_hand
    assert by_hand < 1 / (1 + math.exp(PRIOR))


def test_another_wish_after_it_speaks_for_it_and_words_about_it_do_not() -> None:
    """Who goes on got what they wanted; who says something of the turn is heard by what they say."""
    talk = Talk.at_golden_home()
    first = talk.say("turn on the kitchen light")
    after = talk.say("what time is it", after_s=10)
    assert votes(first, (), [after])["another wish"] < 0
    assert votes(first, (), [])["left alone"] < 0
    assert "another wish" not in votes(first, [signal("undo", 3.0)], [after])


@pytest.mark.parametrize(
    "damaged", ["", "[]", '{"version": 2}', '{"version": 1, "bias": NaN, "trust": {}}', '{"version": 1, "bias": 0}']
)
def test_a_damaged_file_is_told_of(tmp_path: Path, damaged: str) -> None:
    """By its name, and nothing else is raised."""
    (tmp_path / FILE).write_text(damaged, encoding="utf-8")
    with pytest.raises(ModelError, match=FILE):
        FunctionWeights.load(tmp_path)
    with pytest.raises(ModelError, match=FILE):
        FunctionWeights.load(tmp_path / "nowhere")


def test_no_function_can_be_trusted_the_wrong_way_round() -> None:
    """A file that would turn blame into praise is refused."""
    turned = json.dumps({"version": 1, "bias": 0.0, "trust": {"wrong": -1.0}})
    with pytest.raises(ValueError, match="greater than or equal to 0"):
        FunctionWeights.model_validate_json(turned)


# --- a model in their place ------------------------------------------------------------------------------------------


class FakeModel:
    """Believes of the first turn what it is told to, and knows nothing of the others."""

    def __init__(self, served: float) -> None:
        self._served = served

    def read(self, turns: Sequence[Turn], signals: object, diagnoses: object) -> Sequence[Reading]:
        return [Reading(each.turn_id, 0.0, self._served, 0.01, {}, {}, each is turns[0]) for each in turns]


@pytest.mark.parametrize(("served", "outcome"), [(0.97, "success"), (0.7, "unknown"), (0.01, "unknown")])
def test_a_model_speaks_before_the_functions_and_they_for_what_it_cannot_read(served: float, outcome: str) -> None:
    """And labels say who made them; where it turns round what the functions say, nobody is believed."""
    talk = Talk.at_golden_home()
    first, second = talk.say("turn on the kitchen light"), talk.say("turn on the floor lamp", after_s=100)
    found = read(talk.turns, {}, Labelling(model=FakeModel(served)))
    assert [(each.outcome, each.by) for each in (of(found, first), of(found, second))] == [
        (outcome, "model"),
        ("success", "functions"),
    ]


def diagnosed(lived: Sequence[Turn]) -> dict[str, Diagnosis]:
    """As the six rules see it."""
    isolation = Isolation()
    signals = by_turn(read_signals(lived, (), lived[-1].started_at + timedelta(days=1)))
    return {
        turn.turn_id: isolation.diagnose(turn, signals.get(turn.turn_id, ()), lived[n + 1 :])
        for n, turn in enumerate(lived)
    }


@pytest.mark.parametrize("labelling", [Labelling(), SHIPPED], ids=["by hand", "fitted"])
def test_a_child_that_says_no_to_everything_teaches_nothing(labelling: Labelling) -> None:
    """No wish that was served becomes a defect by it, and nothing is put right."""
    talk = Talk.at_golden_home("hall")
    for n in range(40):
        wish = ("open the garage door", "turn on the kitchen light")[n % 2]
        for said in (wish, "no", "no", "no"):
            talk.hear(Utterance("text", "hall", "child", typed=said), 400 if said != "no" else 3)
    found = read(talk.turns, {turn.turn_id: believed(turn.turn_id, "correct", 0.6) for turn in talk.turns}, labelling)
    lamps = [of(found, turn) for turn in talk.turns if turn.transcript and "kitchen" in turn.transcript.text]
    assert lamps
    assert all(1 - label.probability <= NONSENSE for label in lamps)
    assert not any(label.intent for label in found.labels)


@pytest.mark.parametrize("speakers", [("anna", "ben"), ("unknown", "unknown")], ids=["known", "unknown"])
def test_two_people_who_talk_in_turns_put_nothing_right(speakers: tuple[str, str]) -> None:
    """What one says is no correction of what the other said."""
    talk = Talk.at_golden_home()
    for _ in range(10):
        talk.hear(Utterance("text", None, speakers[0], typed="what time is it"), 5)
        talk.hear(Utterance("text", None, speakers[1], typed="turn on the kitchen light"), 5)
    found = read(talk.turns, {turn.turn_id: believed(turn.turn_id, "correct", 0.8) for turn in talk.turns})
    assert max(1 - label.probability for label in found.labels) <= NONSENSE
    assert not any(label.intent for label in found.labels)


def test_a_clock_that_jumps_back_puts_nothing_right() -> None:
    """What is said after the jump is another conversation, though its time lies before."""
    talk = Talk.at_golden_home()
    failed, worked = talk.say("turn on the floor ramp"), talk.say("no, I said turn on the floor lamp", after_s=6)
    back = replace(worked, started_at=failed.started_at - timedelta(minutes=30))
    beliefs = {failed.turn_id: believed(failed.turn_id, "asr"), worked.turn_id: believed(worked.turn_id, "correct")}
    assert of(read([failed, worked], beliefs), failed).intent == "HassTurnOn"
    assert of(read([failed, back], beliefs), failed).intent == ""


@pytest.mark.parametrize(
    "broken",
    [replace(a_turn("one"), transcript=None), replace(a_turn("one"), decision=None, done_steps=())],
    ids=["nothing heard", "nothing decided"],
)
def test_of_a_turn_without_its_stages_nobody_is_sure(broken: Turn) -> None:
    """Neither for nor against, whatever is said of it and whatever is believed."""
    told = {"one": [signal("wrong", 5.0), signal("undo", 5.0)]}
    for point in POINTS:
        (found,) = SHIPPED.everything([broken], told, {"one": believed("one", point, 0.99)})
        assert found.labels[0].outcome == "unknown"
        assert 1 - NONSENSE <= found.labels[0].probability <= NONSENSE


def test_signals_and_diagnoses_of_turns_that_are_gone_are_nobody_s() -> None:
    """What speaks of a deleted turn, or comes from one, changes nothing and stops nothing."""
    turn = a_turn("here")
    beliefs = {"here": believed("here", "correct"), "gone": believed("gone", "asr")}
    strays = {"gone": [replace(signal("wrong", 5.0), turn_id="gone")]}
    assert list(SHIPPED.everything([turn], strays, beliefs)) == list(SHIPPED.everything([turn], {}, beliefs))
    from_gone = {"here": [Signal("here", "rephrase", NOON, 3.0, "gone", {"p": "much"})]}
    (found,) = SHIPPED.everything([turn], from_gone, beliefs)
    assert found.labels[0].from_turn_id == ""


near = st.builds(
    lambda turn, s: replace(turn, started_at=NOON + timedelta(seconds=s)), turns, st.floats(-10, 60, allow_nan=False)
)


@settings(max_examples=30)  # turns are dear to invent
@given(st.lists(turns | near, min_size=1, max_size=4))
def test_whatever_was_lived_there_is_a_label_of_it(some: list[Turn]) -> None:
    """Any turns, in any order, any of their stages missing: one label of each that somebody said, in bounds."""
    lived = [replace(turn, turn_id=f"turn-{n}") for n, turn in enumerate(some)]
    found = read(lived, diagnosed(lived))
    said = [turn.turn_id for turn in lived if turn.utterance.source != "agenda"]
    assert sorted(label.turn_id for label in found.labels) == sorted(said)
    assert all(0 <= label.probability <= 1 and 0 <= label.confidence <= 1 for label in found.labels)
    assert all(not label.text or label.intent for label in found.labels)
