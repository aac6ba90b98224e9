"""`edge bench rephrase`: its data, the dialogues it simulates, and the figures, on small invented data."""

import importlib
import json
import random
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from edge.bench.rephrase_cases import cases_of
from edge.bench.rephrase_data import part_of, real_pairs, repairs, wordings
from edge.bench.rephrase_dialogues import People, dialogues
from edge.bench.rephrase_figures import detection
from edge.bench.rephrase_mishearing import Mishearing, as_heard
from edge.bench.rephrase_repairs import measure_repairs
from edge.cli import app
from edge.errors import ConfigError
from edge.feedback.rephrase_evidence import WINDOW_S, gap_s, has_failed
from edge.phonetics import likeness

METRICS: Final = importlib.import_module("sklearn.metrics")

SENTENCES: Final = (
    ("iot", "hue_lighton", "turn on the [house_place : kitchen] light"),
    ("iot", "hue_lighton", "light in the [house_place : hall] please"),
    ("iot", "hue_lighton", "switch the [house_place : attic] lamp on"),
    ("iot", "hue_lighton", "i want light in the [house_place : bedroom]"),
    ("iot", "hue_lightoff", "turn off the [house_place : cellar] light"),
    ("iot", "hue_lightoff", "no more light in the [house_place : office]"),
    ("play", "music", "play some [music_genre : jazz]"),
    ("play", "music", "put on [music_genre : blues] music"),
    ("play", "music", "i would like to hear [music_genre : soul]"),
    ("alarm", "set", "wake me at [time : seven]"),
    ("alarm", "set", "set an alarm for [time : nine am]"),
    ("audio", "volume_up", "louder please"),
    ("audio", "volume_up", "turn the volume up"),
    ("weather", "query", "will it rain [date : tomorrow]"),
    ("weather", "query", "how is the weather [date : today]"),
    ("general", "affirm", "yes that is fine"),
    ("general", "negate", "that is not right"),
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Invented sentences in the formats of all four data sets."""
    rows = [
        {"scenario": scenario, "intent": intent, "annotation": f"{text}{end}"}
        for scenario, intent, text in SENTENCES
        for end in ("", " now", " for me", " right away")
    ]
    files = {
        "hwu64_dev/hwu64_dev.jsonl": rows,
        "slurp_devel_text/slurp_devel.jsonl": [{**row, "action": row["intent"]} for row in rows[:5]],
        "smcalflow_revise_dev/revise_turns.jsonl": [
            {"prev_user": f"book lunch at {hour}", "agent": "Is this good?", "user": f"no make it {hour + 1}"}
            for hour in range(1, 11)
        ],
        "smcalflow_ordinary_dev/ordinary_turns.jsonl": [
            {"prev_user": f"book lunch at {hour}", "agent": "Done.", "user": f"thanks, who is guest {hour}"}
            for hour in range(1, 21)
        ],
    }
    for name, lines in files.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text("".join(f"{json.dumps(row)}\n" for row in lines))
    (tmp_path / "disfl_qa_dev").mkdir()
    (tmp_path / "disfl_qa_dev/dev.json").write_text(
        json.dumps(
            {
                str(at): {
                    "original": f"What is the height of {at}?",
                    "disfluent": f"What is the width no the height of {at}?",
                }
                for at in range(40)
            }
            | {"x": {"original": "What?", "disfluent": "n/a"}}
        )
    )
    return tmp_path


def test_no_wording_is_in_both_parts(data: Path) -> None:
    """A sentence without its values is either learned from or measured on, and both have some."""
    found = wordings(data)
    assert len(found) == len({each.text for each in found}) == 4 * len(SENTENCES)
    assert {each.part for each in found} == {"train", "test"}
    assert all(each.part == part_of(each.text) for each in found)
    kitchen = next(each for each in found if each.text == "turn on the {house_place} light")
    assert kitchen.with_values(kitchen.values) == "turn on the kitchen light"


def test_missing_data_is_named(tmp_path: Path) -> None:
    """What is not there is said with what to do."""
    for read in (wordings, real_pairs, repairs):
        with pytest.raises(ConfigError, match="--data"):
            read(tmp_path)


def test_dialogues_follow_what_was_measured(data: Path) -> None:
    """After a known failure some .58 are corrections, else some .10; the median gap is about 16 seconds."""
    lived = list(dialogues(People(wordings(data), "train"), 3_000, 1))
    known = [each for each in lived if each.first.decision or each.first.failure]
    after_failure = [each.again[0] for each in known if has_failed(each.first)]
    after_success = [each.again[0] for each in known if not has_failed(each.first)]
    assert 0.5 < sum(after_failure) / len(after_failure) < 0.66
    assert 0.06 < sum(after_success) / len(after_success) < 0.14
    gaps = sorted(gap_s(each.first, each.followers[0]) for each in lived if each.again[0])
    assert 13 < gaps[len(gaps) // 2] < 19
    assert all(len(each.followers) == 4 for each in lived)


def test_the_same_seed_gives_the_same_dialogues(data: Path) -> None:
    """Another seed, or the other part, gives others."""
    found = wordings(data)
    one, same, other = (list(dialogues(People(found, "test"), 5, seed)) for seed in (1, 1, 2))
    assert one == same != other
    assert one != list(dialogues(People(found, "train"), 5, 1))


def test_cases_lie_within_the_window(data: Path) -> None:
    """Only what follows within 45 seconds is asked about, and a working follower is one that says it again."""
    lived = list(dialogues(People(wordings(data), "test"), 200, 3))
    assert all(0 <= gap_s(case.first, case.later) <= WINDOW_S for case in cases_of(lived))
    assert all(each.again[at] for each in lived for at in each.worked)
    assert all(each.works_in_time in (-1, *each.worked) for each in lived)


def test_mishearing_sounds_alike_and_is_never_right(data: Path) -> None:
    """On the whole the sound stays, and the words do not."""
    texts = [each.with_values(each.values) for each in wordings(data)]
    mishearing, chance = Mishearing(texts), random.Random(1)
    pairs = [(text, mishearing.wrong(text, chance)) for text in texts for _ in range(3)]
    assert all(text != heard for text, heard in pairs)
    assert sum(likeness(*pair) for pair in pairs) / len(pairs) > 0.7


def test_a_misheard_name_is_another_name() -> None:
    """Values are what was heard in their place; what was heard right stays."""
    said, heard = "turn on the kitchen light at nine", "turn on the kitten lie at nine"
    assert as_heard({"a": "kitchen light", "b": "nine"}, said, heard) == {"a": "kitten lie", "b": "nine"}


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from([0.05, 0.2, 0.5, 0.7, 0.95]), st.booleans()), min_size=2, max_size=40))
def test_average_precision_is_the_common_one(some: list[tuple[float, bool]]) -> None:
    """Ties and all, as scikit-learn reckons it."""
    ps, truth = [p for p, _ in some], [again for _, again in some]
    if any(truth):
        assert detection(ps, truth).average_precision == pytest.approx(METRICS.average_precision_score(truth, ps))


def test_recall_is_taken_where_precision_still_holds() -> None:
    """Ten right ones, a wrong one, and one that comes too late."""
    found = detection([0.9] * 10 + [0.8, 0.3, 0.2], [True] * 10 + [False, False, True])
    assert found.recall == pytest.approx(10 / 11)
    assert found.threshold == 0.8
    nothing = detection([0.9, 0.1], [False, True])
    assert nothing.recall == 0.0
    assert nothing.threshold > 1
    assert detection([1.0, 0.0], [True, False]).calibration_error == 0.0
    assert detection([1.0, 1.0], [True, False]).calibration_error == 0.5


def test_repairs_are_counted_word_by_word() -> None:
    """Doing nothing takes nothing out; a mended sentence is right when every word is."""
    pairs = [(f"set it to {at}, no, 99", "set it to 99") for at in range(60)]
    nothing, mended = measure_repairs(pairs)
    assert (nothing.exact, nothing.f1, nothing.changed) == (0, 0, 0)
    assert (mended.exact, mended.f1, mended.harmed) == (1, 1, 0)
    assert 10 < mended.count == nothing.count < 50


def test_the_command_measures_everything(data: Path) -> None:
    """With a live model, every other beside it, and figures between 0 and 1."""
    result = CliRunner().invoke(app, ["bench", "rephrase", "--data", str(data), "--count", "100", "--json"])
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert [each["name"] for each in report["models"] if each["is_live"]] == ["trees_meaning"]
    assert len(report["models"]) == 7
    assert all(0 <= each[part]["average_precision"] <= 1 for each in report["models"] for part in ("known", "real"))
    assert report["models"][0]["all_real"]["count"] == 30
    shown = CliRunner().invoke(
        app, ["bench", "rephrase", "--data", str(data), "--count", "100"], env={"COLUMNS": "200"}
    )
    assert "Repairs within a sentence" in shown.output
    assert CliRunner().invoke(app, ["bench", "rephrase", "--data", str(data / "none")]).exit_code != 0
