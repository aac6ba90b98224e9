"""`edge bench nlu`: its data, what counts as right, and the figures, on small invented data with the real model."""

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from edge.bench.nlu import NluPlan, measure_nlu
from edge.bench.nlu_accuracy import Classed, calibration
from edge.bench.nlu_cost import DEVICES, Cost, large_home
from edge.bench.nlu_expected import FILE, Expectations, Expected, Outcome
from edge.bench.nlu_labels import CLINC_SERVED, HWU64_SERVED, home_class, is_talk
from edge.bench.nlu_peers import MINILM, TFIDF, peers
from edge.bench.nlu_report import NluReport, TemplateResult
from edge.bench.nlu_turns import THRESHOLDS, DemoHome, Listener, RememberingClassifier, judged
from edge.bench.talk_data import FOLDS, Sentence, clinc, hwu64, slurp
from edge.cli import app
from edge.commands import MOVING
from edge.errors import ConfigError
from edge.knowledge import HomeMap
from edge.nlu.classifier import Classified
from edge.nlu.labels import LABELS, NONE
from edge.nlu.model_rung import SURE_ENOUGH
from edge.paths import shipped

FROZEN = "7ae204bb0076a123f0226bcf8c752a3ddb09fc1c0a5cf56e2fd4459913b7ae3e"
"""The expectation file as it was before its first outcome was seen. Whoever changes it says why in the changelog."""

MODEL = shipped("models") / "nlu"
COMMANDS = ("dim the lamps a touch", "lights out in here", "turn the blind light blue", "quieter now", "stop the noise")
TALK = ("what is the capital of peru", "book me a taxi to the station", "who won the match", "how tall is everest")


def sentence(text: str, scenario: str = "iot", intent: str = "hue_lightoff", dataset: str = "hwu64") -> Sentence:
    return Sentence(dataset, "1", scenario, intent, text)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Invented sentences in the three formats."""
    rows = [("iot", "hue_lightdim", f"{text} {at}") for at in range(8) for text in COMMANDS]
    rows += [("qa", "factoid", f"{text} {at}") for at in range(8) for text in TALK]
    folder = tmp_path / "talk"
    for name in ("hwu64_dev", "slurp_devel_text", "clinc_oos_dev"):
        (folder / name).mkdir(parents=True)
    hwu = [{"answerid": str(at), "scenario": s, "intent": i, "text": t} for at, (s, i, t) in enumerate(rows)]
    (folder / "hwu64_dev/hwu64_dev.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in hwu))
    own = {"slurp_id": 5, "scenario": "audio", "action": "volume_up", "text": "Louder, please!"}
    (folder / "slurp_devel_text/slurp_devel.jsonl").write_text(json.dumps(own) + "\n")
    spoken = [[f"{text} {at}", "oos"] for at in range(9) for text in TALK] + [["turn on the lamp", "smart_home"]]
    (folder / "clinc_oos_dev/clinc_train_val.json").write_text(json.dumps({"train": spoken, "val": spoken[:3]}))
    return folder


@pytest.fixture
def folds(tmp_path: Path) -> Path:
    """The shipped model in the place of every fold's: it has never seen the invented sentences."""
    folder = tmp_path / "folds"
    folder.mkdir()
    for fold in range(FOLDS):
        (folder / f"fold_{fold}").symlink_to(MODEL, target_is_directory=True)
    return folder


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoHome]:
    """The demo home with the shipped model."""
    home = DemoHome(RememberingClassifier.load(MODEL))
    yield home
    home.close()


@pytest.fixture(scope="module")
def devices() -> HomeMap:
    """What the demo home has."""
    from edge.bench.nlu import _demo_home

    return _demo_home()


# --- data ------------------------------------------------------------------------------------------------------------


def test_sentences_of_all_three(data: Path) -> None:
    """Numbered, labelled, each of CLINC's once."""
    assert len(hwu64(data)) == 8 * (len(COMMANDS) + len(TALK))
    (louder,) = slurp(data)
    assert (louder.row_id, louder.intent, louder.plain) == ("5", "volume_up", "louder please")
    assert len(clinc(data)) == 9 * len(TALK) + 1


def test_missing_or_damaged_data_says_what_to_do(tmp_path: Path, data: Path) -> None:
    """Which file, what it is, which option."""
    for read in (hwu64, slurp, clinc):
        with pytest.raises(ConfigError, match=r"is missing or damaged: it is .*--data"):
            read(tmp_path)
    (data / "hwu64_dev/hwu64_dev.jsonl").write_text('{"text": "no label"}\n')
    with pytest.raises(ConfigError, match=r"hwu64_dev\.jsonl is missing or damaged"):
        hwu64(data)


def test_a_sentence_is_always_in_the_same_fold() -> None:
    """However it is written; and the folds are about as large as each other."""
    assert sentence("Turn ON, the light!").fold == sentence("turn on the light").fold
    sizes = np.bincount([sentence(f"say {at}").fold for at in range(5_000)])
    assert len(sizes) == FOLDS
    assert sizes.min() > 850
    assert 2_300 < sum(sentence(f"say {at}").half for at in range(5_000)) < 2_700


@pytest.mark.parametrize(
    ("scenario", "intent", "text", "label"),
    [
        ("iot", "hue_lightup", "it is too dark", "too_dark"),
        ("iot", "hue_lightup", "brighter", "light_up"),
        ("iot", "cleaning", "send it to its base now", "dock"),
        ("iot", "wemo_on", "plug on", "device_on"),
        ("audio", "volume_up", "set the volume to forty", "volume_set"),
        ("audio", "volume_mute", "unmute it", "unmute"),
        ("play", "music", "next song", "media_next"),
        ("play", "game", "play chess", NONE),
        ("datetime", "query", "what time is it", "get_time"),
        ("datetime", "query", "what time is it in rome", NONE),
        ("general", "commandstop", "stop", "nevermind"),
        ("weather", "query", "how warm is it inside", "get_temperature"),
        ("weather", "query", "will it rain", NONE),
    ],
)
def test_labels_of_others_as_our_classes(scenario: str, intent: str, text: str, label: str) -> None:
    """As `scripts/train_nlu` labels them."""
    assert home_class(sentence(text, scenario, intent)) == label
    assert label in LABELS


def test_what_this_home_serves_is_no_talk() -> None:
    """Every exclusion has its reason; the rest of a scenario stays."""
    assert all(CLINC_SERVED.values())
    assert all(HWU64_SERVED.values())
    assert not is_talk(sentence("play jazz", "play", "music"))
    assert is_talk(sentence("play chess", "play", "game"))
    assert not is_talk(sentence("lamp on", "", "smart_home", "clinc"))
    assert is_talk(sentence("set an alarm", "", "alarm", "clinc"))


# --- what is expected ------------------------------------------------------------------------------------------------


def test_the_expectation_file_is_frozen() -> None:
    """Nobody makes understanding better by changing what is right."""
    content = resources.files("edge.bench").joinpath(FILE).read_bytes()
    assert hashlib.sha256(content).hexdigest() == FROZEN


def test_expectations_name_what_the_home_has(devices: HomeMap) -> None:
    """Devices of the demo home and commands that exist; no sentence is in the file."""
    rows = [json.loads(line) for line in resources.files("edge.bench").joinpath(FILE).read_text().splitlines()]
    assert len(rows) == len({(row["dataset"], row["id"], row["crc"]) for row in rows}) == 1_365
    assert {key for row in rows for key in row} == {"dataset", "id", "crc", "home", "right"}
    outcomes = [outcome for each in Expectations.load().by_sentence.values() for outcome in each.right]
    named = {name for outcome in outcomes for name in outcome.targets | outcome.may | outcome.choices}
    assert named <= devices.device.keys()
    assert {outcome.command for outcome in outcomes} - {""} <= MOVING
    assert all(outcome.targets for outcome in outcomes if outcome.does in {"act", "confirm"})


def test_an_expectation_is_found_by_number_and_words() -> None:
    """Of another sentence with the same number there is none."""
    known = Expectations.load()
    (dataset, row_id, crc), _ = next(iter(known.by_sentence.items()))
    assert known.of(Sentence(dataset, row_id, "iot", "coffee", "some other words")) is None
    assert (dataset, row_id, crc) in known.by_sentence


LAMPS = frozenset({"light.living_room", "light.living_room_ceiling"})
OFF = Outcome("act", "turn_off", LAMPS, frozenset({"switch.fairy_lights"}))
DIMMER = Outcome("act", "turn_on", LAMPS, values={"brightness": {"below": 60}})
LOUDER = Outcome("act", "set_volume", frozenset({"media_player.tv"}), values={"volume": 40})
BLUE = Outcome("act", "turn_on", frozenset({"light.living_room"}), values={"color": {"one_of": ["blue", "cyan"]}})


@pytest.mark.parametrize(
    ("said", "home", "right", "is_met"),
    [
        ("turn off the lights", "lit", OFF, True),
        ("turn off the kitchen light", "lit", OFF, False),
        ("turn off all the lights in the house", "lit", OFF, False),
        ("turn on the lights", "dark", OFF, False),
        ("dim the lights", "lit", DIMMER, True),
        ("set the lights to 80 percent", "lit", DIMMER, False),
        ("turn on the lights", "lit", DIMMER, False),
        ("make the living room light blue", "dark", BLUE, True),
        ("make the living room light red", "dark", BLUE, False),
        ("turn it up", "playing", LOUDER, True),
        ("turn it down", "playing", LOUDER, False),
        ("turn on the moon lamp", "dark", Outcome("refuse", missing="moon"), True),
        ("turn on the kitchen light", "dark", Outcome("refuse"), False),
        ("what time is it", "dark", Outcome("any_harmless"), True),
        ("turn on the kitchen light", "dark", Outcome("any_harmless"), False),
        ("unlock the front door", "dark", Outcome("confirm", "unlock", frozenset({"lock.front_door"})), True),
        ("unlock the front door", "dark", Outcome("act", "unlock", frozenset({"lock.front_door"})), False),
        ("unlock the front door", "dark", Outcome("refuse"), False),
    ],
)
def test_who_is_right(demo: DemoHome, said: str, home: Any, right: Outcome, is_met: bool) -> None:
    """Command, devices and values must all be right, in the home as it was."""
    assert Expected(home, (right,)).is_met_by(demo.take(said, home)) is is_met


def test_one_of_several_right_outcomes_is_enough(demo: DemoHome) -> None:
    """And what kind of expectation that is, is told."""
    either = Expected("lit", (Outcome("refuse"), OFF))
    assert either.is_met_by(demo.take("turn off the lights", "lit"))
    assert either.is_met_by(demo.take("how tall is everest", "lit"))
    assert (either.kind, Expected("lit", (OFF,)).kind) == ("either", "act")
    assert Expected("lit", (Outcome("refuse"), Outcome("ask"))).kind == "refuse"


def test_a_question_offers_no_more_than_expected(demo: DemoHome) -> None:
    """Two songs of one title, on one television."""
    turn = demo.take("play the song hallelujah")
    assert Outcome("ask", choices=frozenset({"media_player.tv"})).is_met_by(turn)
    assert not Outcome("ask", choices=frozenset({"light.kitchen"})).is_met_by(turn)
    assert not Outcome("refuse").is_met_by(turn)
    assert Outcome("any_harmless").is_met_by(turn)


def test_nothing_said_before_counts(demo: DemoHome) -> None:
    """Every sentence meets the home as it starts, and nothing to refer to."""
    first = demo.take("turn on the kitchen light")
    second = demo.take("turn it off")
    assert first.context.states["light.kitchen"].value == second.context.states["light.kitchen"].value == "off"
    assert second.context.recent == ()
    assert second.context.question is None


def test_what_left_and_what_was_asked_is_told(demo: DemoHome) -> None:
    """Publishing, a question for a yes, and talk are three things."""
    moved = judged(sentence("lights on"), demo.take("turn on the hall light"))
    asked = judged(sentence("unlock"), demo.take("unlock the front door"))
    quiet = judged(sentence("talk"), demo.take("who won the match"))
    assert [(each.moved, each.asked) for each in (moved, asked, quiet)] == [(True, ""), (False, "confirm"), (False, "")]
    assert (moved.source, quiet.source) == ("grammar", "")
    assert moved.did.startswith("turn_on light.hall <- HassTurnOn")


# --- figures ---------------------------------------------------------------------------------------------------------


class FakeSureness(RememberingClassifier):
    """Takes everything for "lights on", with a probability of .65."""

    def classify(self, text: str) -> Classified:
        """Whatever was said."""
        self.asked.append(0.65)
        return Classified({"light_on": 0.65, NONE: 0.35}, np.zeros(768, dtype=np.float32))


def test_every_threshold_has_its_own_outcome() -> None:
    """Below the probability it acts, above it does not; the shipped one is among them."""
    real = RememberingClassifier.load(MODEL)
    listener = Listener(FakeSureness(real.encoder, real.heads))
    found = listener.hear(sentence("lamps should shine"))
    listener.close()
    assert {threshold: heard.moved for threshold, heard in found.by_threshold.items()} == {
        threshold: threshold <= 0.65 for threshold in THRESHOLDS
    }
    assert SURE_ENOUGH in found.by_threshold
    assert found.shipped.source == "model"


def test_calibration_against_figures_by_hand() -> None:
    """Ten at .9 of which eight are right, ten at .5 of which five are: (.1 * 10 + 0 * 10) / 20."""
    some = [Classed(sentence("x"), True, at < 8, 0.9) for at in range(10)]
    some += [Classed(sentence("x"), True, at < 5, 0.5) for at in range(10)]
    assert calibration(some).error == pytest.approx(0.05)
    assert [size for _, _, size in calibration(some).bins] == [10, 10]
    assert calibration(()).error == 0.0


def test_a_home_of_a_thousand_devices_has_a_thousand_names() -> None:
    """In fifty places."""
    home = large_home()
    assert len({device.name for device in home.devices}) == len(home.devices) == DEVICES
    assert len({area.name for area in home.areas}) == 50


def test_peers_meet_no_sentence_that_they_know() -> None:
    """Each fold is answered by what the other folds taught; a peer without its parts says what it needs."""
    many = [sentence(f"{word} number {at}", "iot", word) for at in range(30) for word in ("blink", "vacuum", "brew")]
    tfidf, minilm = peers(many, None, lambda: None)
    assert (tfidf.name, tfidf.left_out, minilm.name, minilm.is_right) == (TFIDF, "", MINILM, ())
    assert sum(tfidf.is_right) == len(many)
    assert minilm.left_out
    foldwise = [replace(each, intent=f"fold {each.fold}") for each in many]
    assert not any(next(peers(foldwise, None, lambda: None)).is_right), "no other fold knows this label"


@pytest.mark.slow
def test_a_whole_run(data: Path, folds: Path, tmp_path: Path) -> None:
    """`--quick --json`: every part has figures; failures hold the development fold alone."""
    failures = tmp_path / "failures.jsonl"
    options = ["bench", "nlu", "--data", str(data), "--folds", str(folds), "--quick", "--json"]
    done = CliRunner().invoke(app, [*options, "--failures", str(failures)])
    assert done.exit_code == 0, done.output
    figures = json.loads(done.stdout)
    assert figures["folds"] == list(range(FOLDS))
    assert figures["talk"]["never trained on"]["published"]["count"] == 0
    assert figures["accuracy"]["64 intents"]["all"]["of"] > 0
    assert figures["templates"]["any_reading"]["count"] == figures["templates"]["any_reading"]["of"] == 100
    assert figures["costs"]["retrain_s"] < 2
    assert any("home commands" in name for name in figures["left_out"]), "none of the invented ones is in the file"
    wrong = [json.loads(line) for line in failures.read_text().splitlines()]
    assert {row["part"] for row in wrong} <= {"home", "talk", "templates"}


def test_only_the_development_fold_is_shown() -> None:
    """Of the other folds, and of CLINC's unseen half, nobody sees a sentence that went wrong."""
    hwu = [sentence(f"turn on the hall light {'please ' * at}") for at in range(1, 30)]
    refused = Expected("dark", (Outcome("refuse"),))
    listener = Listener(RememberingClassifier.load(MODEL))
    home = tuple(listener.hear(each, refused) for each in hwu)
    talk = tuple(listener.hear(each) for each in (*hwu, *(replace(each, dataset="clinc") for each in hwu)))
    listener.close()
    nothing, free = TemplateResult(0, (), (), {}), Cost((), (), 0, (), 0, 0, 0, 0)
    report = NluReport("machine", 1, (0, 1), {}, (), home, talk, nothing, (), free)
    assert all(heard.moved for heard in report.talk_heard), "else there is nothing to hide"
    shown = sum(each.fold == 0 for each in hwu)
    assert 0 < shown < len(hwu)
    parts = [row["part"] for row in report.failures()]
    assert parts.count("home") == shown
    assert parts.count("talk") == shown + sum(each.half == 0 for each in hwu)


@pytest.mark.slow
def test_without_folds_nothing_seen_is_measured(data: Path) -> None:
    """HWU64 and SLURP are left out, and it says how the models are made."""
    report = measure_nlu(NluPlan(data, quick=True), Console(file=io.StringIO()))
    assert (len(report.classed), len(report.home)) == (0, 0)
    assert all(each.sentence.dataset == "clinc" for each in report.talk_heard)
    assert any("scripts/train_nlu" in reason for reason in report.left_out.values())
    shown = io.StringIO()
    report.show(Console(file=shown, width=160))
    assert "talk, count and per cent" in shown.getvalue()
    assert "home commands done right" not in shown.getvalue()


def test_only_the_development_fold_when_asked(data: Path, folds: Path) -> None:
    """`--dev` knows one model."""
    assert set(NluPlan(data, folds, only_development=True).models()) == {0}
    assert set(NluPlan(data, folds).models()) == set(range(FOLDS))


def test_missing_data_is_explained_before_any_model_is_loaded(tmp_path: Path) -> None:
    """By the command too."""
    done = CliRunner().invoke(app, ["bench", "nlu", "--data", str(tmp_path), "--quick"])
    assert done.exit_code != 0
    assert "missing or damaged" in str(done.exception or done.output)
