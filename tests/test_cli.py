"""The command `edge`, as a person types it."""

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge.cli import app
from edge.clock import WallClock
from edge.control import ControlServer
from edge.desk import Desk
from edge.paths import control_socket
from edge.runtime import build_runtime
from edge.settings import Settings


def edge(*words: str, stdin: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, with the data directory of the test."""
    return subprocess.run(
        [sys.executable, "-m", "edge", *words],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **variables},
        check=False,
    )


def names() -> list[tuple[str, ...]]:
    """Every command and command of a group."""
    found: list[tuple[str, ...]] = [
        (command.callback.__name__,) for command in app.registered_commands if command.callback
    ]
    for group in app.registered_groups:
        assert group.typer_instance is not None
        assert group.name is not None
        for command in group.typer_instance.registered_commands:
            assert command.callback is not None
            found.append((group.name, command.name or command.callback.__name__))
    return found


def test_every_command_the_readme_promises_is_there() -> None:
    """The doors a newcomer is told of."""
    promised = {"run", "chat", "say", "hear", "devices", "turns", "replay", "models", "config", "doctor", "bench"}
    assert promised <= {name[0] for name in names()}


def test_every_command_explains_itself() -> None:
    """`--help` of each says more than its name."""
    for name in [(), *names()]:
        result = CliRunner().invoke(app, [*name, "--help"])
        assert result.exit_code == 0, name
        assert len(result.stdout) > 200, name


def test_say_answers_and_remembers() -> None:
    """What was said is listed, shown and lived through again by later commands."""
    said = edge("say", "turn on the kitchen light")
    assert said.stdout == "The kitchen light is on.\n", said.stderr
    listed = json.loads(edge("turns", "--json").stdout)
    assert [row["said"] for row in listed] == ["turn on the kitchen light"]
    shown = json.loads(edge("turns", "last", "--json").stdout)
    assert shown["turn_id"] == listed[0]["turn_id"]
    assert "light.kitchen" in edge("turns", listed[0]["turn_id"]).stdout
    assert "the same again" in edge("replay", "last").stdout


def test_say_in_json_is_the_public_turn() -> None:
    """Standard output holds JSON and nothing else."""
    turn = json.loads(edge("say", "--json", "--room", "kitchen", "turn on the light").stdout)
    assert turn["action"]["targets"] == ["light.kitchen"]
    assert turn["outcome"]["confirmed"] is True


def test_devices_lists_the_demo_home() -> None:
    """Names, rooms and what needs a yes."""
    found = json.loads(edge("devices", "--json").stdout)
    assert found["lock.front_door"]["tier"] == "guarded"
    assert found["light.kitchen"]["area"] == "kitchen"
    assert "front door" in edge("devices", COLUMNS="200").stdout
    kitchen = edge("devices", "--area", "Kitchen").stdout
    assert "switch.coffee_machine" in kitchen
    assert "lock.front_door" not in kitchen
    assert edge("devices", "--problems").stdout == "No problems: whatever announces itself can be used.\n"


def test_devices_can_be_arranged() -> None:
    """The next command knows the new name, the home file keeps it, and a mistake says what to do."""
    renamed = edge("devices", "rename", "kitchen light", "big light")
    assert renamed.stdout == 'light.kitchen is called "big light" now.\n', renamed.stderr
    assert edge("say", "turn on the big light").stdout == "The big light is on.\n"
    edge("devices", "hide", "printer")
    assert json.loads(edge("devices", "--json").stdout)["switch.printer"]["state"] == "hidden"
    kept = Path(os.environ["EDGE_DATA"]) / "home.toml"
    assert edge("home", "check", str(kept)).returncode == 0
    kept.write_text(kept.read_text() + "[lihgt.x]\n")
    refused = edge("devices", "guard", "big light")
    assert (refused.returncode, "Did you mean 'light'?" in refused.stderr) == (1, True)


def test_a_running_service_takes_up_at_once_what_is_arranged() -> None:
    """The command goes through its socket, and what is said next is understood by the new names."""
    with ExitStack() as opened:
        runtime = build_runtime(Settings(), clock=WallClock(), in_process=True)
        opened.callback(runtime.close)
        desk = Desk(runtime)
        opened.callback(ControlServer(control_socket(), desk.deeds()).close)
        moved = edge("devices", "room", "desk lamp", "Orangery")
        assert "is in the Orangery now. That is a new room." in moved.stdout, moved.stderr
        assert edge("devices", "alias", "desk lamp", "sunlight").returncode == 0
        assert runtime.home.picture.home_map.device["light.desk_lamp"].aliases == ("sunlight",)
        assert desk.say("turn on the sunlight")["action"]["targets"] == ["light.desk_lamp"]
        assert desk.say("turn off the lights in the orangery")["action"]["targets"] == ["light.desk_lamp"]


def test_chat_is_a_conversation() -> None:
    """Line by line, the yes belongs to the question before."""
    chat = edge("chat", stdin="open the garage door\nyes\n\nturn on the kitchen light\n")
    assert "Shall I open the garage door?" in chat.stdout
    assert "The garage door is opening." in chat.stdout
    assert "The kitchen light is on." in chat.stdout
    assert chat.returncode == 0


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("--set", "nonsense", "say", "x"), "section.key=value"),
        (("--set", "assistant.rom=kitchen", "say", "x"), "assistant.room"),
        (("--config", "nowhere.toml", "say", "x"), "nowhere.toml"),
        (("--profile", "pi6", "say", "x"), "pi5"),
        (("--set", "mqtt.url=mqtt://127.0.0.1:1", "say", "x"), "Nothing listens"),
        (("hear", "nowhere.wav"), "nowhere.wav"),
        (("turns", "nosuchturn"), "no turns yet"),
        (("home", "check", "nowhere.toml"), "nowhere.toml"),
        (("models", "fetch", "asr-tiny"), "asr-tiny-en"),
    ],
)
def test_mistakes_get_one_line_that_helps(words: tuple[str, ...], hint: str) -> None:
    """No traceback, exit code 1, and what to do."""
    result = edge(*words)
    assert result.returncode == 1
    assert hint in result.stderr + result.stdout
    assert "Traceback" not in result.stderr
    assert len(result.stderr.splitlines()) <= 2


def test_config_show_says_where_each_value_came_from(tmp_path: Path) -> None:
    """File, environment and flag are told apart."""
    file = tmp_path / "edge.toml"
    file.write_text('[assistant]\nroom = "kitchen"\n', encoding="utf-8")
    result = edge("--config", str(file), "--set", "asr.threads=2", "config", "show", "--json", EDGE_SPEECH_VOLUME="0.5")
    rows = {row["key"]: row for row in json.loads(result.stdout)}
    assert rows["assistant.room"]["value"] == "kitchen"
    assert rows["assistant.room"]["origin"].endswith("edge.toml:2")
    assert "flag" in rows["asr.threads"]["origin"]
    assert "EDGE_SPEECH_VOLUME" in rows["speech.volume"]["origin"]


def test_config_init_writes_a_file_that_loads(tmp_path: Path) -> None:
    """The first edge.toml is explained, changes nothing, and is never overwritten."""
    file = tmp_path / "edge.toml"
    assert edge("config", "init", str(file)).returncode == 0
    assert edge("--config", str(file), "config", "show").returncode == 0
    assert edge("config", "init", str(file)).returncode == 1


def test_the_demo_home_file_is_fine() -> None:
    """The example that people copy passes its own check."""
    demo = Path(__file__).parent.parent / "edge" / "home" / "demo.toml"
    assert edge("home", "check", str(demo)).returncode == 0


def test_doctor_looks_at_everything_and_says_what_to_do() -> None:
    """Each finding has a verdict; what is wrong has a remedy."""
    result = edge("doctor", "--json")
    findings = json.loads(result.stdout)
    assert {"models", "broker", "clock", "disk", "database"} <= {finding["what"] for finding in findings}
    assert all(finding["remedy"] for finding in findings if finding["verdict"] == "fail")
    assert "Traceback" not in result.stderr
