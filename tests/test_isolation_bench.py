"""`edge bench diagnosis`: the laboratory's file is read whole or refused, and the figures are what they say."""

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from edge.bench.diagnosis import DiagnosisPlan, measure_diagnosis
from edge.bench.diagnosis_data import cases, provenance
from edge.bench.diagnosis_goals import goal_by, goal_figures
from edge.bench.diagnosis_report import DiagnosisReport, Judged, Score
from edge.errors import ConfigError
from edge.labels.labelling import Labelling
from edge.signals import FailurePoint
from tests.isolations import Dialogue, dialogues

SILENT = Console(file=io.StringIO(), width=200)
BY_HAND = goal_by(Labelling(), None)


def lab_lines() -> list[dict[str, Any]]:
    """The golden dialogues as the laboratory would write them, one half each."""
    lines: list[dict[str, Any]] = [{"provenance": {"command": "by hand", "seed": 0}}]
    for number, written in enumerate(each for each in dialogues() if "point" in each["turn"][0]):
        turns = Dialogue.lived(written).turns
        lines.append(
            {
                "episode": number,
                "split": "train" if number % 2 else "test",
                "part": "balanced",
                "faults": [{"kind": "misheard", "grade": 0.3}] if written["turn"][0]["point"] == "asr" else [],
                "voice": "",
                "turn": json.loads(turns[0].to_stored()),
                "followers": [
                    {"gap_s": 5.0, "is_same_goal": False, "right": None, "turn": json.loads(turn.to_stored())}
                    for turn in turns[1:]
                ],
                "changes": [],
                "truth": {"point": written["turn"][0]["point"], "text": written["turn"][0]["heard"]},
            }
        )
    return lines


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small file of the laboratory."""
    file = tmp_path_factory.mktemp("lab") / "lab.jsonl"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lab_lines()), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def report(lab: Path) -> DiagnosisReport:
    return measure_diagnosis(DiagnosisPlan(lab, year_turns=50), SILENT)


def judged(*pairs: tuple[FailurePoint, FailurePoint], confidence: float = 0.8) -> Sequence[Judged]:
    return [Judged(n, true, said, confidence, (), "balanced", False) for n, (true, said) in enumerate(pairs)]


def test_only_the_test_half_is_measured(lab: Path, report: DiagnosisReport) -> None:
    """No dialogue of the training half is among those that are judged."""
    test = {case.number for case in cases(lab, "test")}
    assert {each.number for score in (*report.scores, *report.placebos) for each in score.judged} == test
    assert test.isdisjoint(case.number for case in cases(lab, "train"))


def test_model_rules_moment_majority_and_placebos_stand_side_by_side(report: DiagnosisReport) -> None:
    """Every way of diagnosing has its row, and the model beats what knows nothing."""
    assert [score.name for score in report.scores] == ["model", "without the next turn", "six rules", "majority"]
    assert [score.name for score in report.placebos] == ["shuffled follow-ups", "random signals", "shuffled points"]
    scores = {score.name: score.macro_f1 for score in (*report.scores, *report.placebos)}
    assert scores["model"] > scores["shuffled points"]
    assert scores["model"] > scores["majority"]


def test_the_report_can_be_shown_and_is_json(report: DiagnosisReport) -> None:
    """Tables name every point, and the JSON form holds scores, confusion and what falls short."""
    out = io.StringIO()
    report.show(Console(file=out, width=200))
    for part in ("false_wake", "not_confirmed", "shuffled follow-ups", "One turn"):
        assert part in out.getvalue()
    told = json.loads(json.dumps(report.to_dict()))
    assert told["cost"]["year_turns"] == 50
    assert sum(map(sum, told["confusion"]["rows_true"])) == len(report.model.judged)
    assert len(report.failures()) == sum(not each.is_right for each in report.model.judged)


def test_scores_are_what_they_say() -> None:
    """F1 by class, their mean, accuracy and the error of the confidence, reckoned by hand."""
    score = Score("", tuple(judged(("asr", "asr"), ("asr", "nlu"), ("nlu", "nlu"), ("correct", "correct"))))
    assert score.f1 == {"correct": 1.0, "asr": pytest.approx(2 / 3), "nlu": pytest.approx(2 / 3)}
    assert score.macro_f1 == pytest.approx((1 + 2 / 3 + 2 / 3) / 3)
    assert score.accuracy == 0.75
    assert score.calibration_error == pytest.approx(0.05)


def test_a_score_of_nothing_is_zero() -> None:
    """No case, no division by nothing."""
    empty = Score("", ())
    assert (empty.macro_f1, empty.accuracy, empty.calibration_error) == (0, 0, 0)


def test_what_falls_short_is_named(report: DiagnosisReport) -> None:
    """A model that is wrong says so itself."""
    bad = Score("model", tuple(judged(("asr", "nlu"), ("nlu", "asr"), confidence=0.99)))
    found = DiagnosisReport("", {}, {}, (bad,), (), None, goal_figures((), BY_HAND)).misses()
    assert any(miss.startswith("macro F1 0.000") for miss in found)
    assert any(miss.startswith("calibration error") for miss in found)
    assert "goal success F1 0.000 < 0.9" in found


def test_the_file_tells_where_it_comes_from(lab: Path) -> None:
    """The first line is its provenance."""
    assert provenance(lab)["command"] == "by hand"


@pytest.mark.parametrize(
    "damage",
    [
        lambda line: line.pop("truth"),
        lambda line: line["truth"].update(point="weather"),
        lambda line: line.update(turn={"turn_id": 3}),
        lambda line: line.update(followers=3),
        lambda line: line.update(changes=[{}]),
    ],
)
def test_a_damaged_file_is_refused_with_its_line(damage: Any, tmp_path: Path) -> None:
    """What is no dialogue of the laboratory is named by its line, and nothing else is raised."""
    lines = lab_lines()[:3]
    damage(lines[2])
    file = tmp_path / "lab.jsonl"
    file.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    with pytest.raises(ConfigError, match="line 3"):
        cases(file)


def test_a_file_that_is_not_there_or_empty_is_told_of(tmp_path: Path) -> None:
    """Neither is a crash."""
    with pytest.raises(ConfigError, match="fault_lab"):
        cases(tmp_path / "none.jsonl")
    (tmp_path / "empty.jsonl").write_text("", encoding="utf-8")
    with pytest.raises(ConfigError, match="no dialogue"):
        cases(tmp_path / "empty.jsonl")


def test_goals_are_held_against_what_was_wanted(lab: Path) -> None:
    """What was reached and is believed to be, what is not known, and what nobody wanted."""
    some = [case for case in cases(lab) if case.is_reached]
    assert some
    figures = goal_figures(some, BY_HAND)
    assert (figures.of, figures.reached) == (len(some), len(some))
    assert 0 < figures.recall_of_all <= 1
    assert figures.precision == 1
    turned = goal_figures([replace(case, is_reached=False) for case in some], BY_HAND)
    assert (turned.precision, turned.f1, turned.unknown) == (0, 0, figures.unknown)
    assert goal_figures([replace(case, is_reached=None) for case in some], BY_HAND).of == 0
