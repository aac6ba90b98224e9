"""`edge bench learning`: households want, speak and correct by the seed; the figures are what was lived."""

import ast
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from rich.console import Console
from typer.testing import CliRunner

from edge.api import Assistant, Home
from edge.bench import learning_goals, learning_household, learning_living
from edge.bench.learning import LearningPlan, measure_learning
from edge.bench.learning_figures import Again, Duel, reckon
from edge.bench.learning_goals import goals, near
from edge.bench.learning_household import Household, Request
from edge.bench.learning_living import BEGINNING, CORRECTS, Life, Lived
from edge.bench.learning_readers import ExactPairs, StaticMatcher
from edge.bench.learning_report import LearningReport
from edge.cli.app import app
from edge.clock import SimulatedClock
from edge.rewrites import Rewrite

FACE = {"edge", "edge.api", "edge.records", "edge.turn", "edge.bench.rephrase_mishearing"}
"""What is public: the assistant, and the words in which it tells of a turn."""

DAYS = 6


def lived_with(corrects: float) -> tuple[list[Lived], tuple[Rewrite, ...]]:
    """What one household lives through that corrects so often, and the rules that came of it."""
    clock = SimulatedClock(BEGINNING)
    with Assistant.open(home=Home.demo(), store=":memory:", clock=clock, room="living room") as assistant:
        life = Life(assistant, Household(1, DAYS), corrects=corrects)
        lived: list[Lived] = []
        for day in range(DAYS):
            lived += life.day(day)
            life.night(day)
        return lived, assistant.runtime.store.rewrites.all()


@pytest.fixture(scope="module")
def corrected() -> tuple[list[Lived], tuple[Rewrite, ...]]:
    """A household as people are."""
    return lived_with(CORRECTS)


def requests(seed: int, days: int = 20) -> Iterator[Request]:
    """All requests of a household."""
    household = Household(seed, days)
    return (request for day in range(days) for request in household.requests(day))


def lived(day: int, number: int = 0, *, right: bool = True, **more: object) -> Lived:
    """A request that came to this."""
    return replace(Lived(day, number, "habit", "hall light on", "all light on", True, right), **more)  # type: ignore[arg-type]


def test_the_simulator_knows_the_public_face_alone() -> None:
    """Nothing that measures the assistant looks inside it."""
    for module in (learning_goals, learning_household, learning_living):
        tree = ast.parse(Path(module.__file__ or "").read_text(encoding="utf-8"))
        froms = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        ours = {name for name in froms if name.split(".")[0] == "edge" and not name.startswith("edge.bench.learning_")}
        assert ours <= FACE


def test_a_household_wants_the_same_whoever_serves_it() -> None:
    """By its seed, and another one something else."""
    assert list(requests(1)) == list(requests(1))
    assert list(requests(1)) != list(requests(3))


def test_half_of_what_is_wanted_is_new_and_of_that_as_much_is_near_as_was_asked_for() -> None:
    """What is near has the words of a habit but for one, and is none itself."""
    some = list(requests(2))
    kinds = Counter(request.kind for request in some)
    assert 0.35 < 1 - kinds["habit"] / len(some) < 0.65
    assert 0.2 < kinds["hard"] / (kinds["hard"] + kinds["easy"]) < 0.6
    usual = {request.goal.key for request in some if request.kind == "habit"}
    for request in some:
        assert request.kind != "hard" or any(goal.key in usual for goal in near(request.goal, goals()))


def test_half_of_all_is_misheard_and_some_in_the_same_way_again() -> None:
    """As measured of real rooms, where a wrong transcript comes again as well."""
    household = Household(1, 20)
    chance = Random(1)
    wrong = Counter[str]()
    said = [request.said for day in range(20) for request in household.requests(day)]
    for text in said:
        heard = household.voices[0].heard(text, chance)
        wrong[heard.text] += heard.text != text
        assert 0 < heard.confidence < 1
    assert 0.35 < sum(wrong.values()) / len(said) < 0.65
    assert sum(count for count in wrong.values() if count > 1) > 20


def test_a_goal_is_met_when_just_that_device_moved() -> None:
    """A person sees what the home does, whatever it says."""
    hall = next(goal for goal in goals() if goal.device_id == "light.hall" and goal.wanted == {"state": "on"})
    dark: Mapping[str, Mapping[str, Any]] = {
        "light.hall": {"state": "off"},
        "light.desk_lamp": {"state": "off", "brightness": 40},
    }
    lit: Mapping[str, Mapping[str, Any]] = {**dark, "light.hall": {"state": "on"}}
    assert hall.is_met_by(dark, lit)
    assert not hall.is_met_by(dark, dark)
    assert not hall.is_met_by(dark, {**lit, "light.desk_lamp": {"state": "on", "brightness": 40}})


def test_being_corrected_makes_rules_and_never_moves_what_is_guarded(
    corrected: tuple[list[Lived], tuple[Rewrite, ...]],
) -> None:
    """In a few days, with the night shift as it ships."""
    some, rules = corrected
    assert any(each.corrected for each in some)
    assert rules
    assert not any(each.guarded for each in some)


def test_who_never_corrects_teaches_nothing() -> None:
    """A placebo: the same wishes, the same mistakes of hearing, and nobody says a word."""
    some, rules = lived_with(0.0)
    assert not any(each.corrected for each in some)
    assert not any(each.rule in {"done", "asked"} for each in some)
    assert not [rule for rule in rules if rule.state in {"ask", "active"}]


def test_a_rule_is_held_against_the_same_transcript_without_it() -> None:
    """Won, lost, and what made no difference; questions apart; what was new and fine and is broken now."""
    raw = [lived(0), lived(1, right=False), lived(2), lived(3, right=False), lived(4, right=False)]
    arm = [
        lived(0, right=False, rule="done", kind="easy", harm=("free",)),
        lived(1, rule="done"),
        lived(2, rule="done", kind="hard"),
        lived(3, rule="asked"),
        lived(4, right=False, rule="same"),
    ]
    figures = reckon("rules", [arm], [raw])
    assert figures.done == Duel(wins=1, losses=1, both_right=1, both_wrong=0)
    assert figures.asked == Duel(wins=1, losses=0, both_right=0, both_wrong=0)
    assert (figures.new, figures.new_rewritten, figures.new_broken) == (2, 2, 1)
    assert (figures.same, figures.harm, figures.guarded) == (1, {"free": 1}, 0)
    assert (figures.defects, figures.questions, figures.interval) == (0.4, 0.2, (1.0, 1.0))


def test_what_was_put_right_counts_when_it_is_wanted_on_another_day() -> None:
    """Once: the day after one explicit correction, the same words apart; what was only said again counts from two."""
    some = [
        lived(0, right=False, corrected="explicit"),
        lived(0, 1, right=False),
        lived(1, right=False, heard="a hall line on"),
        lived(2, right=True),
        lived(3, right=False),
    ]
    figures = reckon("rules", [some], [some])
    assert figures.after_explicit == Again(1, 1)
    assert figures.after_explicit_same == Again(0, 1)
    assert figures.after_implicit == Again(0, 0)


def test_the_static_matcher_takes_like_for_like_once_it_worked_twice() -> None:
    """And what nobody spoke after is what worked; it learns nothing from what failed."""
    matcher, at = StaticMatcher(likeness=85), BEGINNING
    for _ in range(3):
        matcher.lived("turn on the kitchen light", at, did=True)
        at += timedelta(minutes=5)
    assert matcher.read("turn on the kitten light") == "turn on the kitchen light"
    assert matcher.read("what is the time") == "what is the time"


def test_exact_pairs_know_the_very_words_that_were_put_right() -> None:
    """What was done within the minute is taken for what was meant."""
    pairs, at = ExactPairs(), BEGINNING
    pairs.lived("turn on the kitten light", at, did=False)
    pairs.lived("turn on the kitchen light", at + timedelta(seconds=15), did=True)
    assert pairs.read("turn on the kitten light") == "turn on the kitchen light"
    assert pairs.read("turn on the kitten lights") == "turn on the kitten lights"


def test_a_run_goes_on_where_it_was_and_comes_to_the_same(tmp_path: Path) -> None:
    """What was kept is not lived again, and what is damaged is."""
    plan = LearningPlan(1, 2, distractors=("hard",), ways=("rules",), shards=tmp_path, jobs=1)
    first = _measured(plan)
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["hard_2_none_1.json", "hard_2_rules_1.json"]
    files[1].write_text(files[1].read_text(encoding="utf-8")[:-40], encoding="utf-8")
    assert _measured(plan) == first
    assert json.loads(files[1].read_text(encoding="utf-8"))
    files[0].write_text("[]", encoding="utf-8")
    assert _measured(replace(plan, shards=None)) == first


def test_the_report_can_be_read_by_people_and_programs() -> None:
    """A ratio without end is no JSON number."""
    raw = [lived(0, right=False), lived(11)]
    arms = reckon("none", [raw], [raw]), reckon("rules", [[lived(0, rule="done"), lived(11)]], [raw])
    report = LearningReport("here", 1, 12, 1, {"hard": arms})
    out = io.StringIO()
    report.show(Console(file=out, width=200))
    assert "no loss (<= 100%)" in out.getvalue()
    plain = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert plain["arms"]["hard"][1]["done_ratio"] is None
    assert plain["arms"]["hard"][0]["windows"] == [1.0, 0.0]


def test_the_command_measures() -> None:
    """As it is called by hand, for one day."""
    options = ["--households", "1", "--days", "1", "--way", "rules", "--jobs", "1", "--json"]
    done = CliRunner().invoke(app, ["bench", "learning", *options])
    assert done.exit_code == 0
    assert '"name": "rules"' in done.output


def _measured(plan: LearningPlan) -> Mapping[str, Any]:
    return measure_learning(plan, Console(file=io.StringIO())).to_dict()
