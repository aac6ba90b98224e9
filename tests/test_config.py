"""Settings: who wins, where each came from, and mistakes that are explained."""

import os
import tomllib
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.config import FIELDS, load_settings, rows, sample_toml
from edge.errors import ConfigError
from edge.profiles import Machine
from edge.settings import Settings

PC: Final = Machine("", "x86_64")
PI5: Final = Machine("Raspberry Pi 5 Model B Rev 1.0", "aarch64")


def write(folder: Path, text: str) -> Path:
    file = folder / "edge.toml"
    file.write_text(text, encoding="utf-8")
    return file


def mistake(folder: Path, text: str) -> str:
    """What is said about an edge.toml, with the path of its folder cut off."""
    with pytest.raises(ConfigError) as error:
        load_settings(file=write(folder, text), environ={}, machine=PC)
    assert "\n" not in str(error.value)
    return str(error.value).replace(f"{folder}/", "")


def test_every_layer_lies_over_the_one_before(tmp_path: Path) -> None:
    """Profile over default, file over profile, environment over file, flag over all; each origin is told."""
    file = write(tmp_path, "[asr]\nbeam_size = 4\n\n[speech]\nvolume = 0.5\n\n[wake]\nthreshold = 0.7\n")
    environ = {"EDGE_SPEECH_VOLUME": "0.6", "EDGE_WAKE_THRESHOLD": "0.8"}
    loaded = load_settings(file=file, flags={"wake.threshold": "0.9"}, environ=environ, machine=PI5)
    found = loaded.settings
    assert (found.asr.beam_size, found.speech.volume, found.wake.threshold) == (4, 0.6, 0.9)
    assert loaded.origins["asr.threads"] == "profile pi5"
    assert loaded.origins["asr.beam_size"] == f"{file}:2"
    assert loaded.origins["speech.volume"] == "EDGE_SPEECH_VOLUME"
    assert loaded.origins["wake.threshold"] == "flag"
    assert loaded.origins["hearing.end_silence_ms"] == "default"
    assert loaded.file == file


def test_without_a_file_the_usual_places_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """edge.toml where one stands comes before the person's own, and EDGE_CONFIG before both."""
    monkeypatch.chdir(tmp_path)
    environ = {"XDG_CONFIG_HOME": str(tmp_path / "config"), "HOME": str(tmp_path)}
    assert load_settings(environ=environ, machine=PC).file != tmp_path / "edge.toml"
    own = tmp_path / "config" / "edge"
    own.mkdir(parents=True)
    write(own, "[assistant]\nroom = 'own'")
    assert load_settings(environ=environ, machine=PC).settings.assistant.room == "own"
    write(tmp_path, "[assistant]\nroom = 'here'")
    assert load_settings(environ=environ, machine=PC).settings.assistant.room == "here"
    named = tmp_path / "named.toml"
    named.write_text("[assistant]\nroom = 'named'")
    named_environ = {**environ, "EDGE_CONFIG": str(named)}
    assert load_settings(environ=named_environ, machine=PC).settings.assistant.room == "named"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[asr]\n\ntreads = 2", "edge.toml:3: there is no setting asr.treads; the nearest is asr.threads."),
        ("[ars]\nthreads = 2", "edge.toml:2: there is no setting ars.threads; the nearest is asr.threads."),
        ("threads = 2", "edge.toml:1: there is no setting threads; the nearest is asr.threads."),
        ("asr.threds = 2", "edge.toml:1: there is no setting asr.threds; the nearest is asr.threads."),
        ("[tts]\nvoice = 'x'", "edge.toml:2: there is no setting tts.voice; the nearest is speech.voice."),
        ("\n[hear]", "edge.toml:2: there is no setting hear; the nearest is"),
        ("[[asr]]\nthreads = 2", "edge.toml:1: there is no setting asr; the nearest is asr."),
        ("[mqtt]\npassword = 'geheim'", "there is no setting mqtt.password; the nearest is mqtt.password_file."),
        ("[asr]\nthreads = 'two'", "edge.toml:2: asr.threads should be a valid integer, not 'two'."),
        ("[asr]\nthreads = '2'", "edge.toml:2: asr.threads should be a valid integer, not '2'."),
        ("[asr]\nthreads = true", "edge.toml:2: asr.threads should be a valid integer, not True."),
        ("[asr]\nthreads = 99", "edge.toml:2: asr.threads should be less than or equal to 16, not 99."),
        ("[asr]\nthreads = 2026-01-01", "edge.toml:2: asr.threads should be a valid integer"),
        ("[asr.threads]\nx = 1", "asr.threads should be a valid integer"),
        ("[wake]\nthreshold = nan", "edge.toml:2: wake.threshold should be"),
        ("[wake]\nwords = 'alexa'", "edge.toml:2: wake.words should be a valid array, not 'alexa'."),
        ("[wake]\nwords = []", "edge.toml:2: wake.words should name at least one wake word"),
        ("[audio]\ninput = 'mic'", "edge.toml:2: audio.input should be 'microphone' or 'none', not 'mic'."),
        ("[mqtt]\nurl = 'broker'", "edge.toml:2: mqtt.url should look like mqtt://host:1883"),
        ("[hearing]\nearly_silence_ms = 700", "hearing.early_silence_ms must not be longer than"),
        ("[assistant]\nprofile = 'pi6'", "edge.toml:2: There is no device profile 'pi6'; the nearest is 'pi5'."),
        ("[asr]\nthreads = = 2", "edge.toml:2: this is not TOML"),
        ("[asr]\nthreads = 1\nthreads = 2", "edge.toml:3: this is not TOML"),
    ],
)
def test_mistakes_are_explained(tmp_path: Path, text: str, said: str) -> None:
    """Each mistake is told in one line: where it is, and what is meant instead."""
    assert said in mistake(tmp_path, text)


def test_a_password_in_the_url_is_not_repeated(tmp_path: Path) -> None:
    """An error never shows a secret, in the file or in the environment."""
    assert "geheim" not in mistake(tmp_path, "[mqtt]\nurl = 'mqtt://me:geheim@broker'")
    assert "geheim" not in mistake(tmp_path, "[mqtt]\npassword = 'geheim'")
    with pytest.raises(ConfigError, match=r"EDGE_MQTT_PASSWORD_FILE\.$"):
        load_settings(environ={"EDGE_MQTT_PASSWORD": "geheim"}, machine=PC)


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    """A missing file, a directory and a file in another encoding are each told apart."""
    latin = tmp_path / "latin.toml"
    latin.write_bytes("[assistant]\nroom = 'küche'".encode("latin-1"))
    for file, said in (
        (tmp_path / "none.toml", "cannot be read: No such file"),
        (tmp_path, "Is a directory"),
        (latin, "is not UTF-8"),
    ):
        with pytest.raises(ConfigError, match=said):
            load_settings(file=file, environ={}, machine=PC)


def test_windows_may_have_written_the_file(tmp_path: Path) -> None:
    """A byte order mark and CRLF line ends are no mistake."""
    file = tmp_path / "edge.toml"
    file.write_bytes(b"\xef\xbb\xbf[asr]\r\nthreads = 2\r\n")
    assert load_settings(file=file, environ={}, machine=PC).settings.asr.threads == 2


def test_paths_start_where_the_file_lies(tmp_path: Path) -> None:
    """Relative paths in edge.toml are seen from its folder, ~ is home; in flags they are left to the shell's folder."""
    file = write(
        tmp_path,
        "[wake]\nwords = ['own/hello.onnx', 'alexa']\n[store]\npath = 'edge.db'\n[mqtt]\nca_file = '~/ca.pem'\n"
        "[home]\nfile = '/srv/home.toml'",
    )
    found = load_settings(file=file, flags={}, environ={}, machine=PC).settings
    assert found.wake.words == (str(tmp_path / "own/hello.onnx"), "alexa")
    assert found.store.path == tmp_path / "edge.db"
    assert found.mqtt.ca_file == Path.home() / "ca.pem"
    assert found.home.file == Path("/srv/home.toml")
    flagged = load_settings(file=file, flags={"store.path": "other.db"}, environ={}, machine=PC)
    assert flagged.settings.store.path == Path("other.db")


def test_text_from_outside_is_read_generously() -> None:
    """Environment and flags are texts: numbers, yes and no, lists with commas, nothing for nothing."""
    environ = {
        "EDGE_ASSISTANT_SCREEN": "yes",
        "EDGE_WAKE_WORDS": "hey_jarvis, alexa",
        "EDGE_ASR__THREADS": "3",
        "EDGE_ASSISTANT_ROOM": "",
    }
    found = load_settings(environ=environ, flags={"speech.volume": "0.25"}, machine=PC).settings
    assert found.assistant.screen is True
    assert found.wake.words == ("hey_jarvis", "alexa")
    assert found.asr.threads == 3
    assert found.assistant.room is None
    assert found.speech.volume == 0.25


@pytest.mark.parametrize(
    ("variable", "nearest"),
    [
        ("EDGE_ASR_THREDS", "EDGE_ASR_THREADS"),
        ("EDGE_ARS_THREADS", "EDGE_ASR_THREADS"),
        ("EDGE_STORE_PAHT", "EDGE_STORE_PATH"),
        ("EDGE_PROFIL", "EDGE_PROFILE"),
    ],
)
def test_mistyped_variables_are_errors(variable: str, nearest: str) -> None:
    """A variable that is nearly ours is a mistake, and the right one is named."""
    with pytest.raises(ConfigError, match=f"{variable}: there is no such setting; the nearest is {nearest}"):
        load_settings(environ={variable: "1"}, machine=PC)


def test_variables_of_others_are_not_ours() -> None:
    """Other programs may have variables that begin with EDGE as well."""
    loaded = load_settings(environ={"EDGE_DRIVER_PATH": "/usr/bin", "EDGE_DATA": "/x", "EDGE": "1"}, machine=PC)
    assert loaded.settings == load_settings(environ={}, machine=PC).settings


def test_wrong_values_from_outside_name_their_source() -> None:
    """A bad variable is named as such, a bad flag as such, an unknown flag with the nearest."""
    with pytest.raises(ConfigError, match=r"^EDGE_ASR_THREADS: asr\.threads should be a valid integer"):
        load_settings(environ={"EDGE_ASR_THREADS": "many"}, machine=PC)
    with pytest.raises(ConfigError, match=r"^flag: asr\.threads should be"):
        load_settings(flags={"asr.threads": "many"}, environ={}, machine=PC)
    with pytest.raises(ConfigError, match=r"no setting asr\.thread; the nearest is asr\.threads"):
        load_settings(flags={"asr.thread": "1"}, environ={}, machine=PC)


@pytest.mark.parametrize("layer", ["machine", "file", "environment", "flag"])
def test_the_profile_can_be_chosen_everywhere(tmp_path: Path, layer: str) -> None:
    """By the machine, over that by edge.toml, EDGE_PROFILE and --profile; its settings lie below all others."""
    reached = ["machine", "file", "environment", "flag"].index(layer)
    file = write(tmp_path, "[assistant]\nprofile = 'pi4'" if reached >= 1 else "")
    environ = {"EDGE_PROFILE": "x86"} if reached >= 2 else {}
    loaded = load_settings(file=file, profile="pi4" if reached >= 3 else None, environ=environ, machine=PI5)
    expected = ["pi5", "pi4", "x86", "pi4"][reached]
    assert loaded.profile.name == loaded.settings.assistant.profile == expected
    assert loaded.origins["asr.threads"] == f"profile {expected}"


def test_rows_show_every_setting_with_a_meaning() -> None:
    """Each setting has a row, and each row a description for people."""
    shown = rows(load_settings(environ={}, machine=PC))
    assert [row.key for row in shown] == list(FIELDS)
    assert all(row.description.endswith(".") for row in shown)
    assert next(row.value for row in shown if row.key == "wake.words") == ("hey_jarvis",)


def test_the_sample_file_is_true(tmp_path: Path) -> None:
    """As it is, the sample changes nothing; with every line taken live it still means the defaults."""
    live = "\n".join(
        line[1:] if line.startswith("#") and line[1] != " " else line for line in sample_toml().splitlines()
    )
    assert sum(len(section) for section in tomllib.loads(live).values()) == len(FIELDS)
    for text in (sample_toml(), live):
        loaded = load_settings(file=write(tmp_path, text), environ={}, machine=PC)
        found = {"assistant": loaded.settings.assistant, "skills": loaded.settings.skills}
        defaults = Settings().model_copy(update=found)
        assert loaded.settings == defaults
        assert loaded.settings.assistant.model_copy(update={"profile": None}) == Settings().assistant


@given(key=st.sampled_from(sorted(FIELDS)), data=st.data())
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_slip_of_the_finger_names_the_right_key(tmp_path: Path, key: str, data: st.DataObject) -> None:
    """A key with one letter wrong is answered with the line and a known key, nearly always the one that was meant."""
    section, _, name = key.partition(".")
    place = data.draw(st.integers(0, len(name) - 1))
    slip = name[:place] + data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz_")) + name[place + 1 :]
    if f"{section}.{slip}" in FIELDS:
        return
    said = mistake(tmp_path, f"[{section}]\n{slip} = 1")
    assert said == f"edge.toml:2: there is no setting {section}.{slip}; the nearest is {key}."


@given(key=st.from_regex(r"[A-Za-z0-9_-]{1,30}", fullmatch=True), section=st.sampled_from(list(Settings.model_fields)))
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_unknown_key_is_one_line(tmp_path: Path, key: str, section: str) -> None:
    """Whatever the key, the answer is one line that names it, its place and a setting that exists."""
    if f"{section}.{key}" in FIELDS:
        return
    said = mistake(tmp_path, f"[{section}]\n{key} = 1")
    start = f"edge.toml:2: there is no setting {section}.{key}; the nearest is "
    assert said.startswith(start)
    assert said.removeprefix(start).removesuffix(".") in FIELDS


def test_the_environment_of_the_process_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an `environ` the process's own is read."""
    monkeypatch.setenv("EDGE_ASR_THREADS", "7")
    assert os.environ["EDGE_ASR_THREADS"] == "7"
    assert load_settings(machine=PC).settings.asr.threads == 7
