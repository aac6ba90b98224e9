"""The fault laboratory: the truth by replay in the real chain, the same file for the same seed, two halves apart."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fault_laboratory.goals import Episode, Fault, Goal, Said, Split
from fault_laboratory.hearing import Manner, TypedHearing
from fault_laboratory.homes import HOMES, Homes, Household
from fault_laboratory.labelling import Truth, failure_point, meaning_of
from fault_laboratory.living import Laboratory
from fault_laboratory.misheard import Mishearing
from fault_laboratory.planning import NOISES, ROOMS, VOICES, Planner
from fault_laboratory.reactions import SILENT, Person
from fault_laboratory.sentences import Sentences, rehearsed, sentences
from fault_laboratory.sounds import SpokenHearing
from fault_laboratory.wordings import said_of

from edge.asr.trial import TypedRecogniser
from edge.bench.commands import RATE
from edge.bench.nlu_expected import Outcome
from edge.bench.voices import write_wav
from edge.home.home_file import check_home_file
from edge.records import Utterance
from edge.signals import POINTS
from edge.turn import Turn


@pytest.fixture
def homes(tmp_path: Path) -> Homes:
    return Homes(tmp_path / "homes")


def lamp_on(target: str, plain: str, **values: Any) -> Goal:
    return Goal((Outcome("act", "turn_on", frozenset({target}), values=values or None),), plain)


def said(text: str, goal: Goal, home: str = "terrace", **where: Any) -> Said:
    return Said(text, goal, "test", home, **where)


def of_split(found: Mapping[tuple[str, str], tuple[Said, ...]], split: Split) -> set[str]:
    return {one.text for (where, _), some in found.items() if where == split for one in some}


DESK = lamp_on("light.desk_lamp", "turn on the desk lamp")


def point(homes: Homes, one: Said, heard: str | None = None, *, variant: str = "", dead: str = "", **truth: Any) -> str:
    """Where it goes wrong when `heard` is what the recogniser writes down."""
    meaning = meaning_of(rehearsed(said(one.goal.plain, one.goal, one.home, room=one.room), homes))
    with homes.household(one, TypedRecogniser(), variant) as household:
        if dead:
            kill(household, dead)
        turn = household.conversation.take(Utterance("text", typed=one.text if heard is None else heard))
        known = Truth(one.text, one.goal, meaning if one.goal.is_servable else (), **truth)
        return failure_point(turn, known, household.conversation.knowledge(), household.runtime.stages)


def kill(household: Household, device_id: str) -> None:
    assert household.runtime.home.simulated is not None
    household.runtime.home.simulated.kill(device_id)


# --- the truth by replay ---------------------------------------------------------------------------------------------


def test_what_was_done_as_it_was_wanted_is_correct(homes: Homes) -> None:
    """Nothing need be made right."""
    assert point(homes, said("turn on the desk lamp", DESK)) == "correct"


def test_what_the_true_words_would_mend_went_wrong_in_recognition(homes: Homes) -> None:
    """Whether it did something else or nothing at all."""
    assert point(homes, said("turn on the desk lamp", DESK), "turn off the desk lamp") == "asr"
    assert point(homes, said("turn on the desk lamp", DESK), "third honda test camp") == "asr"


def test_a_misheard_word_that_did_no_harm_is_no_failure(homes: Homes) -> None:
    """A word error is not a failure point."""
    assert point(homes, said("please turn on the desk lamp", DESK), "peas turn on the desk lamp") == "correct"


def test_what_the_true_meaning_would_mend_went_wrong_in_understanding(homes: Homes) -> None:
    """Heard as it was said, in words that nobody knows."""
    assert point(homes, said("show the desk lamp some love", DESK)) == "nlu"


def test_an_untold_wish_among_titles_went_wrong_in_understanding(homes: Homes) -> None:
    """The film began where the audiobook was meant."""
    values = {"title": "Dracula", "media_kind": "audiobook", "by": "Bram Stoker"}
    goal = Goal(
        (Outcome("act", "play_media", frozenset({"media_player.tv"}), values=values),), "play the audiobook dracula"
    )
    assert point(homes, said("play the movie dracula", goal)) == "nlu"


def test_a_namesake_in_another_room_went_wrong_among_the_devices(homes: Homes) -> None:
    """The lamp of the room that one stands in moved, and the other was meant."""
    goal = lamp_on("light.bed_ceiling", "turn on the ceiling light")
    assert point(homes, said("turn on the ceiling light", goal, room="kitchen")) == "entity"


def test_a_device_called_by_its_old_name_went_wrong_among_the_devices(homes: Homes) -> None:
    """The person thinks of the home as it was before."""
    assert point(homes, said("turn on the desk lamp", DESK), variant="renamed") == "entity"


def test_too_little_of_what_was_asked_for_is_the_result(homes: Homes) -> None:
    """Words, meaning and device were right; the amount that was in mind was another."""
    brighter = Goal(
        (Outcome("act", "turn_on", frozenset({"light.desk_lamp"}), values={"brightness": {"above": 60}}),),
        "make the desk lamp brighter",
    )
    much = Goal((Outcome("act", "turn_on", frozenset({"light.desk_lamp"}), values={"brightness": 100}),), "")
    one = said("make the desk lamp brighter", brighter, setting="lit")
    assert point(homes, one, amount=Goal(much.right, brighter.plain)) == "result"


def test_another_recording_than_was_wanted_is_the_result(homes: Homes) -> None:
    """All that we did was right."""
    assert point(homes, said("turn on the desk lamp", DESK), is_other_version=True) == "result"


def test_a_device_that_is_silent_is_told_apart(homes: Homes) -> None:
    """The right thing was sent."""
    assert point(homes, said("turn on the desk lamp", DESK), dead="light.desk_lamp") == "not_confirmed"


def test_what_nobody_can_serve_is_told_apart(homes: Homes) -> None:
    """It is a defect only where something was done about it."""
    sandwich = Goal((Outcome("refuse"),), "")
    assert point(homes, said("make me a sandwich", sandwich)) == "unsupported"
    assert point(homes, said("make me a sandwich", sandwich), "turn on the kettle") == "asr"


def test_what_nobody_said_to_it_is_a_false_wake(homes: Homes) -> None:
    """Whatever came of it."""
    assert point(homes, said("turn on the desk lamp", DESK), is_for_us=False) == "false_wake"


def test_a_question_that_offers_what_is_wanted_is_right(homes: Homes) -> None:
    """It asks before it opens a lock; the answer is the next turn's."""
    goal = Goal((Outcome("confirm", "unlock", frozenset({"lock.front_door"})),), "unlock the front door")
    assert point(homes, said("unlock the front door", goal)) == "correct"


def test_of_several_faults_the_last_that_must_be_mended_counts(homes: Homes) -> None:
    """The smallest k such that making stages 1 to k right makes the action right; what the device does comes last."""
    one = said("turn on the desk lamp", DESK)
    assert point(homes, one, "turn off the desk lamp", variant="renamed") == "entity"
    assert point(homes, one, "turn off the desk lamp", dead="light.desk_lamp") == "asr"


# --- the file --------------------------------------------------------------------------------------------------------


@pytest.fixture
def some(homes: Homes) -> Sentences:
    """Our own wordings, of which a part plays real people's, and a few sentences that are for nobody."""
    found: dict[tuple[Split, str], list[Said]] = {}
    halves: tuple[Split, Split] = ("train", "test")
    for home in HOMES:
        with homes.household(said("", DESK, home), TypedRecogniser()) as household:
            for number, one in enumerate(said_of(home, household.runtime.home.picture.home_map)):
                found.setdefault((halves[number % 2], "wording"), []).append(one)
    nobody = Goal((Outcome("refuse"),), "")
    for split, texts in zip(
        halves, (("who won the match", "i like plums"), ("book a taxi", "we sold it")), strict=True
    ):
        found[split, "real"] = [brighter(split)]
        found[split, "talk"] = found[split, "unserved"] = [said(text, nobody) for text in texts]
        found[split, "namesake"] = [said("turn on the ceiling light", lamp_on("light.bed_ceiling", "ceiling light on"))]
    return Sentences({key: tuple(each) for key, each in found.items()})


def brighter(split: str) -> Said:
    goal = Goal(
        (Outcome("act", "turn_on", frozenset({"light.desk_lamp"}), values={"brightness": {"above": 60}}),),
        "make the desk lamp brighter",
    )
    return said(f"make the desk lamp brighter {'now' if split == 'train' else 'today'}", goal, setting="lit")


def lines(homes: Homes, some: Sentences, seed: int, count: int) -> list[str]:
    hard = frozenset(
        one.key
        for each in some.by_kind.values()
        for one in each
        if one.text.startswith(("lose", "kill", "no more", "stop"))
    )
    planner = Planner(seed, some, hard, 0.0, frozenset())
    laboratory = Laboratory(homes, TypedHearing(Mishearing(some.words("train"))))
    return [json.dumps(laboratory.live(episode)) for episode in planner.episodes(count)]


@pytest.mark.slow
def test_the_same_seed_writes_the_same_lines(homes: Homes, some: Sentences) -> None:
    """And another seed others."""
    once = lines(homes, some, 3, 8)
    assert once == lines(homes, some, 3, 8)
    assert once != lines(homes, some, 4, 8)


@pytest.mark.slow
def test_a_line_holds_the_turns_and_the_truth(homes: Homes, some: Sentences) -> None:
    """The turns can be read again, the point is one of those that there are, and gaps are the clock's."""
    read = [json.loads(line) for line in lines(homes, some, 5, 16)]
    followed = 0
    for line in read:
        turns = [Turn.from_stored(json.dumps(each)) for each in (line["turn"], *(f["turn"] for f in line["followers"]))]
        assert line["truth"]["point"] in POINTS
        assert len(turns) <= 5
        for before, after, follower in zip(turns, turns[1:], line["followers"], strict=False):
            assert (after.started_at - before.started_at).total_seconds() >= follower["gap_s"] - 0.001
            followed += 1
    assert followed
    assert len({line["truth"]["point"] for line in read}) >= 4


def test_a_device_that_is_put_back_by_hand_is_in_the_line(homes: Homes) -> None:
    """With its cause and its time, in order."""
    goal = lamp_on("light.bed_ceiling", "turn on the ceiling light")
    one = said("turn on the ceiling light", goal, room="kitchen")
    laboratory = Laboratory(homes, TypedHearing(Mishearing(["ceiling"])))
    for number in range(200):
        line = laboratory.live(Episode(number, "test", "balanced", one, (Fault("namesake"),), "", f"hand {number}"))
        causes = [change["cause"] for change in line["changes"]]
        if {"hand", "controller"} & {*causes}:
            break
    assert causes[0] == "ours"
    assert [change["at"] for change in line["changes"]] == sorted(change["at"] for change in line["changes"])
    assert line["truth"]["point"] == "entity"


# --- two halves apart ------------------------------------------------------------------------------------------------


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A little of each data set; one of the sentences is among those that have an expectation."""
    rows = {"hwu64_dev/hwu64_dev.jsonl": hwu64_rows(), "slurp_devel_text/slurp_devel.jsonl": []}
    for name, each in rows.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("\n".join(map(json.dumps, each)), encoding="utf-8")
    talk = {"oos_train": [[f"my aunt saw {number} geese", "oos"] for number in range(40)]}
    (tmp_path / "clinc_oos_dev").mkdir()
    (tmp_path / "clinc_oos_dev/clinc_train_val.json").write_text(json.dumps(talk), encoding="utf-8")
    return tmp_path


def hwu64_rows() -> list[dict[str, str]]:
    asked = [("takeaway", "order", f"order me {number} pizzas") for number in range(40)]
    return [
        {"answerid": "9847", "scenario": "iot", "intent": "hue_lightoff", "text": "turn off the lights"},
        *({"answerid": "1", "scenario": where, "intent": intent, "text": text} for where, intent, text in asked),
    ]


def test_nothing_is_said_in_both_halves(data: Path, homes: Homes) -> None:
    """Neither a sentence, nor a voice, a noise or a room."""
    found = sentences(data, homes)
    train, test = of_split(found.by_kind, "train"), of_split(found.by_kind, "test")
    assert train
    assert test
    assert not train & test
    for chosen in (VOICES, NOISES, ROOMS):
        assert not set(chosen["train"]) & set(chosen["test"])


def test_real_sentences_have_their_goal_from_the_expectations(data: Path, homes: Homes) -> None:
    """With the plainest words that the home serves it by."""
    found = sentences(data, homes)
    (real,) = (one for (_, kind), some in found.by_kind.items() if kind == "real" for one in some)
    assert real.text == real.goal.plain == "turn off the lights"
    assert real.goal.wanted.command == "turn_off"
    assert real.setting == "lit"


@pytest.mark.slow
def test_every_plainest_wording_is_understood(homes: Homes) -> None:
    """What a wording means is what its plainest is understood as, so that one must be right."""
    for home in HOMES:
        with homes.household(said("", DESK, home), TypedRecogniser()) as household:
            ours = list(said_of(home, household.runtime.home.picture.home_map))
        plain = {one.goal.key: one for one in ours if one.text == one.goal.plain}
        assert {one.goal.key for one in ours} == plain.keys()
        able = [one for one in plain.values() if "oven" not in one.text]  # which no wording sets to 20 degrees
        assert [one.text for one in able[::6] if not one.goal.is_met_by(rehearsed(one, homes))] == []


def test_the_homes_are_without_mistakes() -> None:
    """`edge home check` has nothing to say about them."""
    assert [check_home_file(file) for file in HOMES.values()] == [(), ()]


def test_so_many_failures_are_followed_by_nothing() -> None:
    """Whatever a person sees, some never react to a failure; thanks come after what was served alone."""
    people = [Person(f"somebody {number}") for number in range(1_000)]
    reactions = [person.reaction("wrong", moved=True, tried=0) for person in people]
    assert SILENT * 0.9 < sum(reaction is None for reaction in reactions) / 1_000 < SILENT * 1.1
    assert not any(reaction.kind == "thanks" for reaction in reactions if reaction)
    still = [Person(f"somebody {number}").reaction("wrong", moved=False, tried=0) for number in range(1_000)]
    assert not {reaction.kind for reaction in still if reaction} & {"undo", "put_back"}


# --- what is spoken --------------------------------------------------------------------------------------------------


@pytest.mark.models
@pytest.mark.slow
def test_what_was_heard_once_is_heard_again_from_the_folder(tmp_path: Path, homes: Homes) -> None:
    """The same utterance, transcript and scores, without a model; in another room of noise another sound."""
    surroundings = tmp_path / "data/noise_rir"
    surroundings.mkdir(parents=True)
    hiss = (np.random.default_rng(1).normal(0.0, 900.0, RATE * 8)).astype(np.int16)
    write_wav(surroundings / "noise1.wav", hiss)
    write_wav(surroundings / "rir1.wav", np.array([20_000, 0, 4_000, 0, 900], dtype=np.int16))
    manner = Manner("kal", snr_db=20.0)
    heard = []
    for _ in range(2):
        hearing = SpokenHearing(tmp_path / "data", tmp_path / "cache")
        if "kal" not in hearing.names:
            pytest.skip("flite is not installed")
        with homes.household(said("", DESK, "demo"), hearing) as household:
            utterance = hearing.utter("turn on the desk lamp", manner, "office", "a seed")
            turn = household.conversation.take(utterance)
            heard.append((utterance, turn.transcript, turn.sound_scores, hearing.surroundings(utterance)))
        assert hearing.has_loaded == (len(heard) == 1)
        hearing.close()
    assert heard[0] == heard[1]
    utterance, transcript, _, around = heard[0]
    assert transcript is not None
    assert "lamp" in transcript.text.casefold()
    assert utterance.wake is not None
    assert around == ("noise1", "")
