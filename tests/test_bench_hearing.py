"""The hearing benchmark's instruments: exact noise, sentences with known slots, voices, judging, figures; then all."""

import io
import json
import shutil
import tomllib
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from rich.console import Console
from typer.testing import CliRunner

from edge import Assistant, Home, SimulatedClock
from edge.bench.commands import RATE, Command, catalogue
from edge.bench.hearing import STEPS, judged, with_step
from edge.bench.hearing_corpus import Corpus, Plan, Saying, Spoken, parts_of, sayings, snrs_of, talk
from edge.bench.hearing_report import HearingReport, Share, Trial
from edge.bench.noise import LEVEL_DB, Surroundings
from edge.bench.spoken_sentences import PARAPHRASES, SkillSentences, spoken_skill_path
from edge.bench.voices import ESPEAK, FLITE, VOICES, Voices, write_wav
from edge.cli import app
from edge.errors import AudioError, ConfigError
from edge.hearing.wav import read_wav
from edge.knowledge import Knowledge, Skill
from edge.nlu.skills import SkillUnderstanding
from edge.settings import Settings
from edge.skills.skill_file import read_skill

OOS = ["how much is an overdraft fee for bank", "who won the game last night", "tell my boss that i am sick"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder as --data wants it: a steady noise, one that is silent but for a moment, a short one, and a room."""
    rng = np.random.default_rng(5)
    (tmp_path / "noise_rir").mkdir()
    rare = rng.normal(0, 3, 20 * RATE)
    rare[6 * RATE : 8 * RATE] += rng.normal(0, 3_000, 2 * RATE)
    room = np.concatenate((np.zeros(400), 20_000 * np.exp(-np.arange(4_000) / 800) * rng.normal(0, 0.3, 4_000)))
    room[400] = 30_000
    sounds = {
        "noise1": rng.normal(0, 2_000, 9 * RATE),
        "gsc_rare": rare,
        "noise_short": rare[7 * RATE :][:RATE],
        "rir1": room,
    }
    for name, sound in sounds.items():
        write_wav(tmp_path / "noise_rir" / f"{name}.wav", np.clip(sound, -32_768, 32_767).astype(np.int16))
    (tmp_path / "clinc_oos_dev").mkdir()
    content = {"oos_train": [[text, "oos"] for text in OOS[:2]], "oos_val": [[OOS[2], "oos"]]}
    (tmp_path / "clinc_oos_dev" / "clinc_train_val.json").write_text(json.dumps(content))
    return tmp_path


@pytest.fixture
def around(data: Path) -> Surroundings:
    return Surroundings(data / "noise_rir")


def voice(loud: float = 6_000.0) -> NDArray[np.int16]:
    """Two seconds of a buzzing voice with syllables, between two stretches of silence."""
    time = np.arange(2 * RATE) / RATE
    buzz = sum(np.sin(2 * np.pi * 120 * n * time) / n for n in range(1, 20))
    spoken = buzz * (0.2 + np.abs(np.sin(2 * np.pi * 2 * time)))
    silence = np.zeros(RATE // 2)
    return np.concatenate((silence, loud * spoken / np.abs(spoken).max(), silence)).astype(np.int16)


def decibels(samples: NDArray[np.float64]) -> float:
    return float(10 * np.log10(np.mean(samples**2)))


# --- noise -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("snr", [20.0, 12.0, 6.0, 0.0])
def test_noise_stands_exactly_so_many_decibels_below_the_voice(around: Surroundings, snr: float) -> None:
    """Measured in the sound itself, over the voiced part, whatever noise and room were drawn."""
    drawn = [around.mixed(voice(), snr, f"seed {number}") for number in range(40)]
    assert {mixed.noise_name for mixed in drawn} == {"noise1", "gsc_rare", "noise_short"}
    assert {mixed.room for mixed in drawn} == {"", "rir1"}
    for mixed in drawn:
        spoken, whole = mixed.speech[mixed.voiced], mixed.samples[mixed.voiced].astype(np.float64)
        softer = np.abs(mixed.samples).max() / np.abs(mixed.speech + mixed.noise).max()
        measured = decibels(spoken * softer) - decibels(whole - spoken * softer)
        assert measured == pytest.approx(snr, abs=0.1), (mixed.noise_name, mixed.room)
        assert measured == pytest.approx(mixed.snr_db, abs=0.1)


def test_the_voice_keeps_its_level_and_is_heard_whole(around: Surroundings) -> None:
    """Loud and soft speakers come out alike, with a pause before and after; a room adds its echo to the same voice."""
    for loud in (300.0, 30_000.0):
        mixed = around.mixed(voice(loud), 20.0, "1")
        assert decibels(mixed.speech[mixed.voiced] / 32_768) == pytest.approx(LEVEL_DB, abs=0.01)
        assert 0 < mixed.voiced.start < mixed.voiced.stop < mixed.samples.size
        assert mixed.voiced.stop - mixed.voiced.start == pytest.approx(2 * RATE, abs=RATE // 20)
    close, far = (
        next(mixed for number in range(40) if (mixed := around.mixed(voice(), 20.0, str(number))).room == room)
        for room in ("", "rir1")
    )
    assert np.abs(close.speech[close.voiced.stop :]).max() == 0
    assert np.abs(far.speech[far.voiced.stop :][:500]).max() > 50


def test_the_same_seed_gives_the_same_sound(around: Surroundings) -> None:
    """And another seed another one; a quiet place has neither noise nor room."""
    first, again, other = (around.mixed(voice(), 12.0, seed).samples for seed in ("a", "a", "b"))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    quiet = around.mixed(voice(), None, "a")
    assert (quiet.noise_name, quiet.room) == ("", "")
    assert quiet.snr_db > 40
    assert np.array_equal(quiet.samples, around.mixed(voice(), None, "a").samples)


def test_rare_noise_is_taken_from_where_it_sounds(around: Surroundings) -> None:
    """A cat that miaows once a minute is no noise between its miaows, blown up until it counts as one."""
    rare = [m for n in range(60) if (m := around.mixed(voice(), 12.0, str(n))).noise_name == "gsc_rare"]
    for mixed in rare:
        hundredths = mixed.noise[: mixed.noise.size // 160 * 160].reshape(-1, 160)
        assert np.sqrt(np.mean(hundredths**2, axis=1)).max() > 300
    assert len(rare) > 5


def test_loud_noise_is_made_softer_with_the_voice_instead_of_clipped(around: Surroundings) -> None:
    """At -25 dB the noise would leave the range of the samples."""
    mixed = around.mixed(voice(), -25.0, "1")
    assert np.abs(mixed.speech + mixed.noise).max() > 32_768
    assert 31_000 < np.abs(mixed.samples).max() < 32_000


def test_a_folder_without_noise_says_what_to_do(tmp_path: Path) -> None:
    """It names the option."""
    with pytest.raises(AudioError, match="--data"):
        Surroundings(tmp_path)


# --- sentences -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sentences() -> SkillSentences:
    return SkillSentences(spoken_skill_path())


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    skill = read_skill(spoken_skill_path())
    assert isinstance(skill, Skill), [str(problem) for problem in skill]
    return Knowledge(1, skills=(skill,))


def test_the_skill_has_several_kinds_of_slots() -> None:
    """A long list with synonyms, a second list, ranges and few options; ten templates an intent."""
    skill = tomllib.loads(spoken_skill_path().read_text())
    assert len(skill["intent"]) >= 4
    assert all(len(intent["sentences"]) == 10 for intent in skill["intent"])
    lengths = sorted(len(slot["values"]) for slot in skill["slots"].values() if "values" in slot)
    assert lengths[0] <= 3
    assert lengths[-2] >= 6
    assert lengths[-1] >= 12
    assert sum("from" in slot for slot in skill["slots"].values()) == 2


def test_every_drawn_sentence_is_understood_as_it_was_meant(sentences: SkillSentences, knowledge: Knowledge) -> None:
    """As text, by the grammar alone: intent and slots come back as they were put in, as the file spells them."""
    understanding = SkillUnderstanding(None)
    drawn = list(islice(sentences.draw(3), 300))
    assert {each.intent for each in drawn} == {"SendTrain", "SetTrainSpeed", "SetPoints", "SetSignal", "LoadTrain"}
    for each in drawn:
        best = understanding.interpret(each.text, knowledge)[0]
        assert best.slots == {"skill_intent": f"model railway.{each.intent}", **each.slots}, each.text


def test_drawing_is_seeded_and_never_repeats(sentences: SkillSentences) -> None:
    """The same seed says the same; what was said elsewhere can be left out."""
    first, again, other = ([each.text for each in islice(sentences.draw(seed), 50)] for seed in (1, 1, 2))
    assert first == again != other
    assert len(set(first)) == 50
    rest = [each.text for each in islice(sentences.draw(1, but=first[:10]), 40)]
    assert rest == first[10:50]


def test_paraphrases_are_no_template_and_name_values_of_the_file(
    sentences: SkillSentences, knowledge: Knowledge
) -> None:
    """Thirty of them, all intents, and each value is one that the file spells so."""
    understanding = SkillUnderstanding(None)
    values = {name: {value for _, value in spoken} for name, spoken in sentences.lists().items()}
    assert len(PARAPHRASES) == len({each.text for each in PARAPHRASES}) == 30
    for each in PARAPHRASES:
        assert understanding.interpret(each.text, knowledge) == (), each.text
        assert all(value in values[name] for name, value in each.slots.items()), each.text


def test_the_message_is_what_the_skill_file_publishes(sentences: SkillSentences) -> None:
    """Topic and payload with the slots in their places."""
    flip, fast = PARAPHRASES[13], PARAPHRASES[7]
    assert sentences.command(flip) == Command(flip.text, "railway/points/4/set", "right")
    payload = {"train": "Orient Express", "percent": 60}
    assert sentences.command(fast) == Command(fast.text, "railway/train/speed", payload)


# --- voices ----------------------------------------------------------------------------------------------------------


def test_a_voice_without_its_program_is_left_out_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says which program to install; a name that no voice has is a mistake."""
    monkeypatch.setenv("PATH", str(tmp_path))
    voices = Voices(tmp_path, ("kal", "en-us"))
    assert voices.names == ()
    assert "apt-get install flite" in voices.missing["kal"]
    assert "apt-get install espeak-ng" in voices.missing["en-us"]
    with pytest.raises(AudioError, match="No voice is called bob"):
        Voices(tmp_path, ("kal", "bob"))


@pytest.mark.parametrize("name", [*FLITE, *ESPEAK])
def test_programs_speak_and_what_they_said_is_kept(tmp_path: Path, name: str) -> None:
    """16 kHz, another sound for another text; the second time it comes from the folder."""
    voices = Voices(tmp_path, (name,))
    if not shutil.which("flite" if name in FLITE else "espeak-ng"):
        assert voices.names == ()
        return
    short, long = voices.say(name, "stop"), voices.say(name, "send the night mail to the harbour")
    assert 0.2 * RATE < short.size < long.size < 6 * RATE
    assert np.abs(long).max() > 1_000
    kept = list(tmp_path.glob("*.wav"))
    assert len(kept) == 2
    for file in kept:
        write_wav(file, np.arange(7, dtype=np.int16))
    assert voices.say(name, "stop").tolist() == list(range(7))


# --- what is said ----------------------------------------------------------------------------------------------------


def test_sayings_of_every_part(data: Path) -> None:
    """Commands have the one right message, talk has none; the seed decides which."""
    plan = Plan(count=5, talk_count=2, seed=4)
    said = sayings(plan, data)
    assert [each.part for each in said] == ["skill"] * 5 + ["paraphrase"] * 5 + ["home"] * 5 + ["talk"] * 2
    assert all((each.command is None) == (each.part == "talk") for each in said)
    assert all(each.command in catalogue() for each in said if each.part == "home")
    assert {each.text for each in said if each.part == "talk"} <= set(OOS)
    assert sayings(plan, data) == said
    assert sayings(Plan(count=5, talk_count=2, seed=5), data) != said


def test_missing_talk_says_what_to_do(tmp_path: Path) -> None:
    """It names the file and the way without it."""
    with pytest.raises(ConfigError, match=r"clinc_train_val\.json is missing.*--parts"):
        talk(tmp_path, 3, 1)


def test_options_as_words() -> None:
    """`clean,12` and `talk,skill`; a wrong word is explained."""
    assert snrs_of("clean, 12,6") == (None, 12.0, 6.0)
    assert parts_of("talk,skill") == ("skill", "talk")
    with pytest.raises(ConfigError, match="clean,20,12"):
        snrs_of("loud")
    with pytest.raises(ConfigError, match="There is no part song"):
        parts_of("skill,song")


def test_each_step_is_settings_of_its_own() -> None:
    """Every override is a real setting, and no two steps are the same."""
    changed = [with_step(Settings(), step) for step in STEPS]
    assert with_step(Settings(), "free").asr.search == "free"
    assert all(one != other for number, one in enumerate(changed) for other in changed[:number])


class FakeVoices(Voices):
    """Two voices that say everything the same way."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, ())
        self.names = ("low", "high")

    def say(self, name: str, text: str) -> NDArray[np.int16]:
        return voice()


def test_the_corpus_says_commands_everywhere_and_talk_once(data: Path, around: Surroundings, tmp_path: Path) -> None:
    """Every command in every voice and noise; talk goes round them, so that none of it is said twice."""
    plan = Plan(("home", "talk"), 2, 3, 1, (None, 12.0))
    corpus = Corpus(plan, sayings(plan, data), FakeVoices(tmp_path / "sounds"), around)
    spoken = list(corpus)
    assert len(spoken) == len(corpus) == 2 * 2 * 2 + 3
    assert {(each.voice, each.snr) for each in spoken[:4]} == {(v, s) for v in ("low", "high") for s in (None, 12.0)}
    assert [(each.voice, each.snr) for each in spoken[-3:]] == [("low", None), ("low", 12.0), ("high", None)]
    assert all((each.snr is None) == (each.noise == "") for each in spoken)


# --- judging ---------------------------------------------------------------------------------------------------------

LIGHT = next(command for command in catalogue() if command.text == "turn on the kitchen light")


def trial(typed: str, saying: Saying) -> Trial:
    """What the benchmark would say of a turn that was heard like this."""
    clock = SimulatedClock(datetime(2026, 3, 2, 12, tzinfo=UTC))
    with Assistant.open(home=Home.demo(), store=":memory:", clock=clock) as assistant:
        return judged(Spoken(saying, "joe", 12.0, "noise1", "", voice()), assistant.hear_text(typed), "free")


@pytest.mark.parametrize(
    ("typed", "verdict"),
    [
        ("turn on the kitchen light", "right"),
        ("turn on the hall light", "wrong action"),
        ("turn on the kitchen light and the hall light", "wrong action"),
        ("how much is an overdraft fee", "rejected"),
        ("unlock the front door", "asked"),
    ],
)
def test_only_the_one_right_message_is_right(typed: str, verdict: str) -> None:
    """Another device, one device too many, nothing, and a question are four other things."""
    found = trial(typed, Saying("home", LIGHT.text, LIGHT))
    verdicts = {
        "right": found.is_right,
        "wrong action": found.is_wrong_action,
        "asked": found.is_asked,
        "rejected": found.is_rejected,
    }
    assert verdicts == {name: name == verdict for name in verdicts}


def test_talk_is_right_when_nothing_leaves() -> None:
    """And whatever leaves is a wrong action."""
    saying = Saying("talk", "whatever was said")
    quiet, moved = trial("how much is an overdraft fee", saying), trial("turn on the kitchen light", saying)
    assert (quiet.is_right, quiet.is_wrong_action) == (True, False)
    assert (moved.is_right, moved.is_wrong_action) == (False, True)
    assert moved.did == ('edge/simulated/light/kitchen/set {"state": "ON"}',)


# --- figures ---------------------------------------------------------------------------------------------------------


def test_wilsons_interval() -> None:
    """Against published values; nothing is known of nothing, and none of ten is not never."""
    assert Share(8, 10).bounds == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert Share(0, 10).bounds == pytest.approx((0.0, 0.2775), abs=1e-4)
    assert Share(0, 0).bounds == (0.0, 1.0)
    assert str(Share(97, 100)) == "97.0 (92-99)"


def report() -> HearingReport:
    """A right command, a wrong one, and talk that did something."""
    saying = Saying("home", LIGHT.text, LIGHT)
    trials = (
        trial("turn on the kitchen light", saying),
        trial("turn on the hall light", saying),
        trial("turn on the hall light", Saying("talk", "so I said")),
    )
    return HearingReport("a machine", 1, {"kal": "not there"}, trials)


def test_the_report_counts_by_step_part_voice_and_noise() -> None:
    """As figures, as JSON, as tables and as a list of what went wrong."""
    found = report()
    shares = found.shares("voice", "snr")
    assert shares["free", "home", "joe", "12 dB"]["right"] == Share(1, 2)
    assert shares["free", "talk", "joe", "12 dB"]["wrong_action"] == Share(1, 1)
    assert [each["said"] for each in found.failures()] == [LIGHT.text, "so I said"]
    content = json.loads(json.dumps(found.to_dict()))
    assert content["by_snr"][0]["right"]["count"] == 1
    assert content["costs"][0]["read_freely"]["count"] == 0
    shown = io.StringIO()
    found.show(Console(file=shown, width=160))
    assert "50.0 (9-91)" in shown.getvalue()
    assert "wrong action" in shown.getvalue()


# --- all of it -------------------------------------------------------------------------------------------------------


@pytest.mark.models
@pytest.mark.slow
def test_from_voice_to_figures(data: Path) -> None:
    """One voice, a quiet room and noise, real models: `edge bench hearing` prints JSON in which joe is understood."""
    failures = data / "failures.jsonl"
    options = f"--data {data} -n 2 --talk 1 --voices joe --snr clean,20 --steps free --parts home,talk --json"
    done = CliRunner().invoke(app, ["bench", "hearing", *options.split(), "--failures", str(failures)])
    assert done.exit_code == 0, done.output
    figures = json.loads(done.stdout)
    assert {(each["part"], each["snr"]): each["right"]["of"] for each in figures["by_snr"]} == {
        ("home", "clean"): 2,
        ("home", "20 dB"): 2,
        ("talk", "clean"): 1,
    }
    assert figures["by_snr"][0]["right"]["count"] == 2
    assert figures["costs"][0]["asr_ms"]["p50"] > 5
    wrong = sum(each["right"]["of"] - each["right"]["count"] for each in figures["by_snr"])
    assert len(failures.read_text().splitlines()) == wrong


def test_unknown_steps_and_missing_data_are_explained(tmp_path: Path) -> None:
    """Before any model is loaded."""
    for options, says in (("--steps magic", "There is no step magic"), ("--steps free", "holds no noises")):
        done = CliRunner().invoke(app, ["bench", "hearing", "--data", str(tmp_path), *options.split()])
        assert done.exit_code != 0
        assert says in str(done.exception or done.output)


def test_every_voice_has_its_own_name() -> None:
    """Piper, four of flite's and three of espeak-ng's."""
    assert len(VOICES) == len(set(VOICES)) == 8


def test_a_kept_sound_reads_as_it_was_written(tmp_path: Path) -> None:
    """Bit for bit."""
    samples = np.random.default_rng(1).integers(-32_768, 32_767, 999).astype(np.int16)
    write_wav(tmp_path / "a.wav", samples)
    assert np.array_equal(read_wav(tmp_path / "a.wav"), samples)
