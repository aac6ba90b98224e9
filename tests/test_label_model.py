"""The dialogue model: arrays of any dialogue, probabilities of every turn, and a damaged file says what to do."""

import json
import math
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.errors import ModelError, StageFailed
from edge.isolation.diagnosing import Isolation
from edge.isolation.weights import Weights
from edge.labels.dialogue_model import ABOUT, FILE, DialogueModel, Reading
from edge.labels.encoding import SOUND_WIDTH, TURNS_MAX, Encoded, encode, sound_of, status
from edge.lived import said
from edge.nlu.classifier import Classified, Classifier, Remembering
from edge.paths import shipped
from edge.signals import Diagnosis, Signal
from edge.sound_vector import packed
from edge.turn import Turn
from tests.isolations import Dialogue, dialogues

INTENTS = ("HassTurnOff", "HassTurnOn")
ROWS = ("said", "replied", "sound", "kinds", "numbers", "pairs")


@cache
def classifier() -> Remembering:
    return Remembering(Classifier.load(shipped("models") / "nlu"))


@cache
def model() -> DialogueModel:
    """The model that ships."""
    return DialogueModel.load(shipped("models") / "labels", classifier())


@cache
def isolation() -> Isolation:
    return Isolation(Weights.load(shipped("models") / "isolation"), classifier())


@cache
def lived() -> tuple[Dialogue, ...]:
    """Every golden dialogue of isolation."""
    return tuple(Dialogue.lived(written) for written in dialogues())


def told(dialogue: Dialogue) -> dict[str, list[Signal]]:
    return {
        turn.turn_id: [each for each in dialogue.signals if each.turn_id == turn.turn_id] for turn in dialogue.turns
    }


def diagnosed(dialogue: Dialogue) -> dict[str, Diagnosis]:
    return {
        turn.turn_id: isolation().diagnose(turn, dialogue.signals, dialogue.turns[row + 1 :])
        for row, turn in enumerate(dialogue.turns)
    }


def read(dialogue: Dialogue) -> tuple[Reading, ...]:
    return model().read(dialogue.turns, told(dialogue), diagnosed(dialogue))


def encoded(turns: Sequence[Turn], signals: Mapping[str, Sequence[Signal]] | None = None) -> Encoded:
    return encode(turns, signals or {}, {}, classifier(), INTENTS)


def a_turn() -> Turn:
    return lived()[0].turns[-1]


def many(count: int) -> list[Turn]:
    """So many turns a quarter of a minute apart."""
    some = [turn for dialogue in lived() for turn in dialogue.turns][:count]
    first = some[0].started_at
    return [replace(turn, started_at=first + timedelta(seconds=15 * row)) for row, turn in enumerate(some)]


def probabilities(reading: Reading) -> list[float]:
    return [reading.goes_on, reading.served, reading.reached, *reading.meant.values(), *reading.intents.values()]


# --- arrays ----------------------------------------------------------------------------------------------------------


def test_no_turns_make_empty_arrays() -> None:
    """Nothing is there, and nothing is read."""
    assert not encoded(()).there.any()
    assert model().read((), {}, {}) == ()


@pytest.mark.parametrize("gone", ["transcript", "decision", "response", "candidates", "done_steps"])
def test_a_missing_stage_is_no_error(gone: str) -> None:
    """A turn of which one stage was not kept has its row, without a number that is none."""
    empty: Any = () if gone in {"candidates", "done_steps"} else None
    found = encoded((replace(a_turn(), **{gone: empty}), a_turn()))
    assert found.there[:2].all()
    assert all(np.isfinite(getattr(found, name)).all() for name in ROWS)


def test_a_turn_that_failed_is_told_apart_from_one_that_was_lost() -> None:
    """Both lack a decision, yet of one it is known why."""
    lost = replace(a_turn(), decision=None, done_steps=())
    assert status(lost) == "missing"
    assert status(lost.failed(StageFailed("asr", "no model"))) == "failed"


def test_more_turns_than_are_read_together_are_cut() -> None:
    """The arrays hold the first turns, and no more."""
    whole, cut = encoded(many(TURNS_MAX + 3)), encoded(many(TURNS_MAX))
    assert whole.there.all()
    assert all(np.array_equal(getattr(whole, name), getattr(cut, name)) for name in ("said", "kinds", "pairs"))


def test_what_lies_between_two_turns_knows_its_direction() -> None:
    """Seen from the later turn it is the same, but for the first number."""
    pairs = encoded(many(3)).pairs
    assert pairs[0, 2, 0] == -pairs[2, 0, 0] == 1
    assert np.array_equal(pairs[0, 2, 1:], pairs[2, 0, 1:])


def test_the_same_said_again_lies_closer_than_something_else() -> None:
    """By letters, by sound and by meaning."""
    one = a_turn()
    again = replace(one, turn_id="again", started_at=one.started_at + timedelta(seconds=9))
    other = next(turn for turn in many(20) if said(turn) != said(one) and said(turn))
    near, far = encoded((one, again)).pairs[0, 1], encoded((one, other)).pairs[0, 1]
    assert (near[1:6] >= far[1:6]).sum() >= 4
    assert near[1] > far[1]


def test_a_vector_of_another_recogniser_is_left_out() -> None:
    """One of another width says nothing here; one of the right width is kept, of unit length."""
    transcript = a_turn().transcript
    assert transcript is not None
    heard = {
        width: replace(a_turn(), transcript=replace(transcript, sound_vector=packed(np.linspace(-1, 1, width))))
        for width in (SOUND_WIDTH, 512)
    }
    assert math.isclose(float(np.linalg.norm(sound_of(heard[SOUND_WIDTH]))), 1, rel_tol=1e-5)
    assert not sound_of(heard[512]).any()
    assert not sound_of(replace(a_turn(), transcript=replace(transcript, sound_vector="no base64"))).any()


def test_a_sentence_is_classified_once() -> None:
    """What was said before is remembered."""

    class FakeClassifier:
        def __init__(self) -> None:
            self.asked: list[str] = []

        def classify(self, text: str) -> Classified:
            self.asked.append(text)
            return Classified({"none": 1.0}, np.zeros(768, np.float32))

    fake = FakeClassifier()
    remembering = Remembering(fake)
    assert remembering.classify("lights on") is remembering.classify("lights on")
    assert fake.asked == ["lights on"]


# --- the network -----------------------------------------------------------------------------------------------------


def test_every_answer_is_a_probability() -> None:
    """Of all golden dialogues, the missing stages, jumping clocks and shouting children among them."""
    for dialogue in lived():
        found = read(dialogue)
        assert [each.turn_id for each in found] == [turn.turn_id for turn in dialogue.turns]
        for each in found:
            assert all(0 <= p <= 1 for p in probabilities(each))
            assert sum(each.meant.values()) <= 1 + 1e-6


def test_the_same_dialogue_twice_gives_the_same() -> None:
    """Nothing is drawn by lot."""
    assert read(lived()[0]) == read(lived()[0])


def test_what_is_meant_stands_in_the_turn_or_in_a_later_one() -> None:
    """Nobody repairs a turn before it happened."""
    dialogue = max(lived(), key=lambda each: len(each.turns))
    ids = [turn.turn_id for turn in dialogue.turns]
    for row, each in enumerate(read(dialogue)):
        assert list(each.meant) == ids[row:][: TURNS_MAX - row]


def test_empty_rows_change_nothing() -> None:
    """Whatever stands in rows without a turn."""
    turns = lived()[0].turns
    found = encode(turns, told(lived()[0]), {}, classifier(), model().about.intents)
    noisy = {name: getattr(found, name).copy() for name in ROWS}
    for name in ("said", "replied", "sound", "numbers"):
        noisy[name][len(turns) :] = 0.7
    noisy["pairs"][len(turns) :] = 0.7
    noisy["pairs"][:, len(turns) :] = 0.7
    one, other = (model().answered(turns, [0], [each]) for each in (found, replace(found, **noisy)))
    for ours, theirs in zip(one, other, strict=True):
        assert probabilities(ours)[1:3] == pytest.approx(probabilities(theirs)[1:3], abs=0.02)


def test_conversations_read_together_do_not_mix() -> None:
    """Two stretches in one run answer as each alone."""
    turns = many(TURNS_MAX)
    found = encode(turns, {}, {}, classifier(), model().about.intents)
    alone = model().answered(turns, [0], [found])
    beside = model().answered(turns, [0], [found, encode(turns[:2], {}, {}, classifier(), model().about.intents)])
    for ours, theirs in zip(alone, beside, strict=True):
        assert probabilities(ours) == pytest.approx(probabilities(theirs), abs=0.05)


@pytest.mark.parametrize("count", [1, 7, 8, 9, 12, 13, 30])
def test_every_turn_of_a_long_conversation_is_read_once(count: int) -> None:
    """Stretches overlap, yet a turn has one reading, and in its order."""
    turns = many(count)
    found = model().read(turns, {}, {})
    assert [each.turn_id for each in found] == [turn.turn_id for turn in turns]
    assert all(next(iter(each.meant)) == each.turn_id for each in found)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 30), st.integers(-90, 400), st.booleans()), max_size=12))
def test_nonsense_is_read_without_an_error(drawn: list[tuple[int, int, bool]]) -> None:
    """Any turns in any order, with clocks that jump and stages that are missing."""
    pool = [turn for dialogue in lived() for turn in dialogue.turns]
    at, turns = pool[0].started_at, []
    for number, (which, gap, is_bare) in enumerate(drawn):
        at += timedelta(seconds=gap)
        turn = replace(pool[which % len(pool)], turn_id=str(number), started_at=at)
        turns.append(replace(turn, transcript=None, decision=None, done_steps=()) if is_bare else turn)
    found = model().read(turns, {}, {})
    assert len(found) == len(turns)
    assert all(math.isfinite(p) for each in found for p in probabilities(each))


# --- what ships ------------------------------------------------------------------------------------------------------


def golden(first: str) -> tuple[Reading, ...]:
    """The readings of the golden dialogue that begins so."""
    return next(read(each) for each in lived() if said(each.turns[0]) == first)


@pytest.mark.parametrize("misheard", ["open the carriage door", "turn on the kitten lied", "turn off the flower lamb"])
def test_what_was_misheard_is_meant_as_what_worked(misheard: str) -> None:
    """It did not serve, its goal was reached, and what was meant stands in the next turn."""
    first, again, *_ = golden(misheard)
    assert first.served < 0.5 < first.reached
    assert first.source[0] == again.turn_id
    assert again.goes_on > 0.5


def test_a_plain_command_that_was_obeyed_served() -> None:
    """The turn itself is what was meant."""
    (only,) = golden("turn on the kitchen light")[:1]
    assert only.served > 0.5
    assert only.source[0] == only.turn_id


@pytest.mark.parametrize("first", ["set the light to 30 percent", "launch the rocket", "and then he told her"])
def test_what_was_taken_back_or_never_asked_did_not_serve(first: str) -> None:
    """Undone, refused, or said to others."""
    found = [read(each)[0] for each in lived() if said(each.turns[0]).startswith(first)]
    assert min(each.served for each in found) < 0.5


def test_of_what_it_never_learned_it_says_nothing() -> None:
    """The time, a word of thanks: the labelling functions speak of those."""
    dialogue = next(each for each in lived() if said(each.turns[-1]) == "what time is it")
    served = model().served(dialogue.turns, told(dialogue), diagnosed(dialogue))
    assert dialogue.turns[-1].turn_id not in served
    assert not read(dialogue)[-1].is_familiar


def test_two_people_do_not_go_on_with_each_other() -> None:
    """What was misheard of one is not meant as what another says, be it word for word."""
    first, again, *more = next(each.turns for each in lived() if said(each.turns[0]) == "turn on the kitten lied")
    turns = [
        replace(turn, utterance=replace(turn.utterance, speaker=speaker))
        for turn, speaker in ((first, "anna"), (again, "ben"))
    ]
    one, other = model().read([*turns, *more], {}, {})[:2]
    assert other.goes_on == 0
    assert again.turn_id not in one.meant


# --- files -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of what ships."""
    for name in (FILE, ABOUT):
        shutil.copy(shipped("models") / "labels" / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize("name", [FILE, ABOUT])
def test_a_missing_file_says_what_to_do(folder: Path, name: str) -> None:
    """By its name."""
    (folder / name).unlink()
    with pytest.raises(ModelError, match=rf"{name} is missing.*Install Edge again"):
        DialogueModel.load(folder, classifier())


@pytest.mark.parametrize("name", [FILE, ABOUT])
def test_a_damaged_file_says_what_to_do(folder: Path, name: str) -> None:
    """Cut in the middle."""
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ModelError, match=rf"{name} is damaged.*Install Edge again"):
        DialogueModel.load(folder, classifier())


def test_a_file_of_another_version_is_refused(folder: Path) -> None:
    """Its numbers might mean something else."""
    about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    (folder / ABOUT).write_text(json.dumps({**about, "version": 2}), encoding="utf-8")
    with pytest.raises(ModelError, match="damaged"):
        DialogueModel.load(folder, classifier())


def test_what_ships_is_small() -> None:
    """Below five megabytes."""
    assert sum((shipped("models") / "labels" / name).stat().st_size for name in (FILE, ABOUT)) < 5_000_000
