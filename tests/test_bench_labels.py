"""`edge bench labels`: the truth of every turn is read from the laboratory's file, and the figures hold it."""

import io
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from edge.bench.labels import LabelsPlan, measure_labels
from edge.bench.labels_data import NOWHERE, Lived, lived
from edge.bench.labels_figures import SURE, of_labels, of_model, of_single_turns
from edge.bench.labels_report import LabelsReport
from edge.errors import ConfigError
from edge.labels.dialogue_model import Reading
from edge.labels.labelling import Labelled
from edge.lived import actions, meant, said
from edge.signals import Goal
from edge.turn import Turn
from tests.isolations import Dialogue

MISHEARD = "turn on the kitten lied"
CLEAR = "turn on the kitchen light"


def turns_of(*heard: str) -> list[Turn]:
    written = {"room": "kitchen", "turn": [{"heard": text, "after_s": 12} for text in heard]}
    return Dialogue.lived(written).turns


def line(turns: list[Turn], kinds: list[str], rights: list[bool | None], point: str, split: str = "test") -> str:
    """A dialogue as the laboratory writes it; what was wanted is what the last of the turns did."""
    wanted = next(turn for turn in reversed(turns) if actions(turn))
    action, understood = actions(wanted)[0], meant(wanted)
    assert understood is not None
    return json.dumps(
        {
            "split": split,
            "turn": json.loads(turns[0].to_stored()),
            "followers": [
                {
                    "kind": kind,
                    "is_same_goal": kind in {"repeat", "rephrase", "correction", "answer"},
                    "right": right,
                    "turn": json.loads(turn.to_stored()),
                }
                for turn, kind, right in zip(turns[1:], kinds, rights, strict=True)
            ],
            "changes": [],
            "truth": {
                "point": point,
                "text": CLEAR,
                "goal": {
                    "intent": understood.intent,
                    "slots": dict(understood.slots),
                    "command": action.command,
                    "targets": sorted(action.targets),
                    "values": {},
                },
            },
        }
    )


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Misheard, complained about, said again; and one that went well, before something new."""
    file = tmp_path_factory.mktemp("lab") / "lab.jsonl"
    repaired = line(turns_of(MISHEARD, "that's wrong", CLEAR), ["wrong", "rephrase"], [None, True], "asr")
    followed = line(turns_of(CLEAR, "turn off the kitchen light"), ["next"], [True], "correct")
    file.write_text(
        "\n".join([json.dumps({"provenance": {"seed": 0}}), repaired, followed, followed[:99]]), encoding="utf-8"
    )
    return file


@pytest.fixture(scope="module")
def repaired(lab: Path) -> Lived:
    return lived(lab, "test")[0]


@pytest.fixture(scope="module")
def followed(lab: Path) -> Lived:
    return lived(lab, "test")[1]


def reading(turn: Turn, **more: Any) -> Reading:
    given: Mapping[str, Any] = {"goes_on": 0.0, "served": 0.5, "reached": 0.5, "meant": {}, "intents": {}, **more}
    return Reading(turn.turn_id, **given)


# --- the truth -------------------------------------------------------------------------------------------------------


def test_the_truth_of_a_failed_turn_points_at_the_one_that_worked(repaired: Lived) -> None:
    """What was misheard was meant as the second try; the complaint between them means nothing by itself."""
    first, complaint, again = repaired.truths
    assert (first.served, first.meant, first.reached) == (False, 2, True)
    assert (complaint.goes_on, complaint.served, complaint.meant, complaint.intent) == (True, None, None, None)
    assert (again.goes_on, again.served, again.meant) == (True, True, 2)


def test_the_truth_of_a_new_wish_is_its_own(followed: Lived) -> None:
    """It goes on with nothing."""
    assert (followed.truths[0].meant, followed.truths[1].goes_on, followed.truths[1].meant) == (0, False, 1)


def test_a_turn_alone_lost_what_came_after(repaired: Lived) -> None:
    """What was meant stands nowhere then, and nobody has given up yet."""
    alone = repaired.alone(0)
    assert len(alone.turns) == 1
    assert alone.truths[0].meant == NOWHERE
    assert not any(signal.from_turn_id or signal.kind == "gave_up" for signal in alone.signals)


def test_two_dialogues_in_a_row_keep_their_truth(repaired: Lived, followed: Lived) -> None:
    """Rows of the second move on, and its first turn begins something new."""
    both = repaired.then(followed, timedelta(seconds=40))
    assert len(both.turns) == len(both.truths) == 5
    assert both.truths[3].goes_on is False
    assert [truth.meant for truth in both.truths] == [2, None, 2, 3, 4]
    assert both.turns[3].started_at - both.turns[2].started_at == timedelta(seconds=40)


def test_a_line_that_is_still_written_is_left_out(lab: Path) -> None:
    """The other lines are whole."""
    assert len(lived(lab, "test")) == 2


def test_a_file_without_such_dialogues_is_refused(lab: Path, tmp_path: Path) -> None:
    """Missing, of the other half, or damaged in the middle."""
    with pytest.raises(ConfigError, match="Cannot read"):
        lived(tmp_path / "nowhere.jsonl", "test")
    with pytest.raises(ConfigError, match="no dialogue of the split train"):
        lived(lab, "train")
    damaged = tmp_path / "damaged.jsonl"
    damaged.write_text('{"split": "test", "turn": 3}\n\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="line 1"):
        lived(damaged, "test")


# --- the figures -----------------------------------------------------------------------------------------------------


def test_a_pointer_at_the_turn_that_worked_is_right_in_everything(repaired: Lived) -> None:
    """Intent, slots, devices; at the failed turn itself it is wrong, and nowhere is no offer."""
    first, _, again = repaired.turns
    found = {}
    for name, pointed in (("again", {again.turn_id: 0.9}), ("itself", {first.turn_id: 0.9}), ("nowhere", {})):
        readings = [reading(first, meant=pointed), *(reading(turn) for turn in repaired.turns[1:])]
        projection = of_model(name, [repaired], [readings]).repaired
        assert projection is not None
        found[name] = projection.to_dict()
    assert (found["again"]["intent"], found["again"]["slots"], found["again"]["action"]) == (1, 1, 1)
    assert found["itself"]["action"] == 0
    assert (found["nowhere"]["of"], found["nowhere"]["offered"]) == (1, 0)


def test_a_higher_threshold_leaves_fewer_labels(repaired: Lived) -> None:
    """One of two is offered above its confidence."""
    first, _, again = repaired.turns
    sure, unsure = ([reading(first, meant={again.turn_id: p, first.turn_id: 0.01})] for p in (0.92, 0.55))
    projection = of_model("model", [repaired, repaired], [sure, unsure]).failed
    assert projection is not None
    curve = {threshold: (coverage, right) for threshold, coverage, right in projection.curve()}
    assert curve[0.5] == (1, 1)
    assert curve[0.9] == (0.5, 1)
    assert curve[0.95] == (0, 0)


def test_unknown_is_never_success(repaired: Lived, followed: Lived) -> None:
    """A goal between the thresholds counts as unknown, and one that is wrongly believed in as invented."""
    some = [repaired, followed, replace(followed, truths=(replace(followed.truths[0], reached=False),))]
    read = [[reading(each.turns[0], reached=p)] for each, p in zip(some, (0.7, SURE, 0.97), strict=True)]
    success = of_model("model", some, read).success
    assert (success.of, success.unknown) == (3, 1)
    assert (success.known.right, success.known.invented, success.recall_of_all) == (1, 1, 0.5)


def test_goals_by_rule_are_held_against_the_same_truth(followed: Lived) -> None:
    """Two turns in one goal go on with it, though here something new was wanted."""
    first, second = (turn.turn_id for turn in followed.turns)
    one = Labelled((Goal(first, (first, second), "success", 0.95),), ())
    two = Labelled((Goal(first, (first,), "success", 0.95), Goal(second, (second,), "unknown", 0.5)), ())
    assert of_labels("one goal", [followed], [one]).goes_on.invented == 1
    assert of_labels("two goals", [followed], [two]).goes_on.invented == 0


def test_a_single_turn_offers_the_intent_that_it_believes_in(repaired: Lived) -> None:
    """The slots stay as they were understood."""
    wanted = repaired.goal["intent"]
    repaired_only, failed = of_single_turns([repaired], [reading(repaired.turns[0], intents={wanted: 0.6})])
    assert repaired_only.to_dict()["intent"] == failed.to_dict()["intent"] == 1
    assert failed.guesses[0] is not None
    assert failed.guesses[0].confidence == 0.6


@pytest.fixture(scope="module")
def report(lab: Path) -> LabelsReport:
    return measure_labels(LabelsPlan(lab, year_turns=10), Console(file=io.StringIO(), width=200))


def test_the_report_names_every_way_of_labelling(report: LabelsReport) -> None:
    """The functions first, then the model, then both, then with something hidden."""
    assert [each.name for each in report.figures[:2]] == ["labelling functions", "model"]
    assert report.dialogues == 2
    assert report.cost.year_turns >= 10
    assert said(turns_of(CLEAR)[0])
    json.dumps(report.to_dict())


def test_the_report_is_shown(report: LabelsReport) -> None:
    """Tables, and the curve as bars."""
    out = io.StringIO()
    report.show(Console(file=out, width=200))
    assert "goal success" in out.getvalue()
    assert "at least" in out.getvalue()
