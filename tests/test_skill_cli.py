"""`edge skill list|check|try|hear`, the folder of the settings, and what the doctor says."""

import json
import shutil
import wave
from pathlib import Path
from typing import Any

import pytest

from edge.config import load_settings
from edge.paths import skills_folder
from edge.skills.skill_file import examples_path
from tests.sounds import RATE, joined, silence, spoken
from tests.test_cli import edge

IRRIGATION = str(examples_path() / "irrigation.toml")
BROKEN = '[skill]\nname = "broken"\n\n[[intent]]\nname = "x"\nsentences = [\n    "do it",\n    "do {it}",\n]\n'


def as_json(*words: str) -> Any:
    return json.loads(edge(*words, "--json").stdout)


@pytest.fixture
def own_folder(tmp_path: Path) -> Path:
    """Where this test's person keeps skills: beside the settings that are not there."""
    folder = tmp_path / "config/edge/skills"
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize("path", sorted(examples_path().glob("*.toml")), ids=lambda path: path.stem)
def test_check_says_that_the_examples_are_fine(path: Path) -> None:
    """And nothing else."""
    done = edge("skill", "check", str(path))
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{path} is fine.\n", "")


def test_check_explains_mistakes_by_line(tmp_path: Path) -> None:
    """One a line, so that editors can jump there; programs get JSON."""
    file = tmp_path / "broken.toml"
    file.write_text(BROKEN)
    done = edge("skill", "check", str(file))
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        f"{file}:4: it does nothing: write [[intent.do]] below it, with publish, call or answer.",
        f"{file}:8: there is no slot 'it'.",
    ]
    assert [row["line"] for row in as_json("skill", "check", str(file))] == [4, 8]


@pytest.mark.models
def test_try_shows_the_parse_and_what_would_be_done() -> None:
    """By a sentence of the file, and in other words."""
    done = edge("skill", "try", IRRIGATION, "Water the roses for twenty minutes")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "intent: irrigation.water (confidence 1.00, by one of its sentences)",
        "slot:   zone = 'beds'",
        "slot:   minutes = 20",
        'does:   publish garden/irrigation/beds/set payload {"state": "ON", "minutes": 20}',
        "does:   answer Watering the beds for 20 minutes.",
    ]
    reading = as_json("skill", "try", IRRIGATION, "could the greenhouse get a little water please")["readings"][0]
    assert (reading["intent"], reading["slots"], reading["by"]) == (
        "irrigation.water",
        {"zone": "greenhouse"},
        "other words",
    )
    assert 0.3 < reading["confidence"] < 1.0
    assert (
        reading["does"][0]["topic" if "topic" in reading["does"][0] else "publish"]
        == "garden/irrigation/greenhouse/set"
    )


@pytest.mark.models
def test_try_says_what_is_not_understood_or_broken(tmp_path: Path) -> None:
    """With a code that scripts can see."""
    done = edge("skill", "try", IRRIGATION, "what is the weather like")
    assert (done.returncode, done.stdout.startswith("Not understood.")) == (1, True)
    file = tmp_path / "broken.toml"
    file.write_text(BROKEN)
    done = edge("skill", "try", str(file), "do it")
    assert done.returncode == 1
    assert f"{file}:4: it does nothing" in done.stderr
    assert "1 more: see edge skill check" in done.stderr


def test_list_shows_the_folder_of_the_settings(own_folder: Path) -> None:
    """The skills, what they serve, and files with mistakes."""
    assert "No skills in" in edge("skill", "list").stdout
    shutil.copy(IRRIGATION, own_folder)
    (own_folder / "broken.toml").write_text(BROKEN)
    done = edge("skill", "list")
    assert done.returncode == 0, done.stderr
    assert "irrigation" in done.stdout
    assert "water, stop-water, mow, mower-home" in done.stdout
    assert f"{own_folder / 'broken.toml'}:8: there is no slot 'it'." in done.stdout
    listed = as_json("skill", "list")
    assert [skill["name"] for skill in listed["skills"]] == ["irrigation"]
    assert {problem["line"] for problem in listed["problems"]} == {4, 8}


@pytest.mark.models
def test_say_uses_the_skills_of_the_folder(own_folder: Path) -> None:
    """A file that is put there is enough, and one that is broken takes nothing down."""
    shutil.copy(IRRIGATION, own_folder)
    (own_folder / "broken.toml").write_text(BROKEN)
    said = as_json("say", "water the roses")
    assert said["response"]["text"] == "Watering the beds for 10 minutes."
    assert said["interpretation"]["source"] == "skill"
    assert edge("say", "turn on the kitchen light").stdout == "The kitchen light is on.\n"


def test_the_folder_lies_beside_the_settings(tmp_path: Path) -> None:
    """Unless the settings name another one."""
    file = tmp_path / "edge.toml"
    file.write_text("")
    loaded = load_settings(file=file, environ={})
    assert loaded.settings.skills.folder == tmp_path / "skills"
    assert loaded.origins["skills.folder"] == "default"
    assert load_settings(environ={"HOME": str(tmp_path)}).settings.skills.folder == skills_folder(
        None, {"HOME": str(tmp_path)}
    )
    file.write_text('[skills]\nfolder = "mine"\n')
    loaded = load_settings(file=file, environ={})
    assert loaded.settings.skills.folder == tmp_path / "mine"
    assert loaded.origins["skills.folder"] == f"{file}:2"
    other = load_settings(file=file, environ={"EDGE_SKILLS_FOLDER": "/elsewhere"})
    assert other.settings.skills.folder == Path("/elsewhere")


def test_the_doctor_looks_at_skills(own_folder: Path) -> None:
    """How many there are, and every mistake."""
    shutil.copy(IRRIGATION, own_folder)
    (own_folder / "broken.toml").write_text(BROKEN)
    found = [finding for finding in as_json("doctor") if finding["what"] == "skills"]
    assert [(finding["verdict"], finding["found"]) for finding in found] == [
        ("warn", f"{own_folder / 'broken.toml'}:4"),
        ("warn", f"{own_folder / 'broken.toml'}:8"),
        ("ok", f"1 in {own_folder}"),
    ]


@pytest.mark.models
@pytest.mark.slow
def test_hear_goes_from_sound(tmp_path: Path) -> None:
    """With the real recogniser and this skill loaded."""
    file = tmp_path / "x.wav"
    sound = joined(silence(300), spoken("water the flower beds for twenty minutes"), silence(900))
    with wave.open(str(file), "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(RATE)
        wav.writeframes(sound.tobytes())
    done = edge("skill", "hear", IRRIGATION, str(file), "--json")
    assert done.returncode == 0, done.stderr + done.stdout
    heard = json.loads(done.stdout)[0]
    assert "flower beds" in heard["heard"].lower()
    assert heard["reading"]["intent"] == "irrigation.water"
    assert heard["reading"]["slots"] == {"zone": "beds", "minutes": 20}
