"""The socket by which commands reach the running service."""

import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge import control
from edge.errors import EdgeError


@pytest.fixture
def path(tmp_path: Path) -> Iterator[Path]:
    def fail(what: str) -> None:
        raise EdgeError(f"cannot {what}")

    def break_() -> None:
        raise RuntimeError("secret words")

    server = control.ControlServer(
        tmp_path / "s" / "control.sock", {"echo": lambda text: text * 2, "fail": fail, "break": break_}
    )
    yield tmp_path / "s" / "control.sock"
    server.close()


def test_a_deed_is_done_and_answered(path: Path) -> None:
    """Arguments go in, JSON comes out, whatever the letters."""
    assert control.ask(path, "echo", text="grün ☃ ") == "grün ☃ grün ☃ "


def test_only_its_user_and_group_may_use_it(path: Path) -> None:
    """Others on the machine cannot speak to the service."""
    assert stat.S_IMODE(path.stat().st_mode) == 0o660


def test_an_error_keeps_its_own_words(path: Path) -> None:
    """What the service would say to its own user is what the command says."""
    with pytest.raises(EdgeError, match="cannot swim"):
        control.ask(path, "fail", what="swim")


def test_what_breaks_inside_is_told_without_its_words(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The command gets one line; the service goes on."""
    with pytest.raises(EdgeError, match="failed inside the service") as raised:
        control.ask(path, "break")
    assert "secret" not in str(raised.value)
    assert control.ask(path, "echo", text="a") == "aa"


@pytest.mark.parametrize(
    "line",
    [b"\n", b"{}\n", b"[1]\n", b'{"do": "rm"}\n', b"\xff\xfe\n", b'{"do":"echo","with":3}\n', b"[" * 9000 + b"\n"],
)
def test_nonsense_is_answered_with_an_error(path: Path, line: bytes) -> None:
    """Whatever comes in, an error goes out and the service lives."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(path))
        connection.sendall(line)
        assert b'"error"' in connection.makefile("rb").readline()
    assert control.ask(path, "echo", text="a") == "aa"


def test_a_second_service_is_refused(path: Path) -> None:
    """One service owns the database, the broker and the microphone."""
    with pytest.raises(EdgeError, match="already running"):
        control.ControlServer(path, {})


def test_a_socket_left_behind_is_taken_over(tmp_path: Path) -> None:
    """After a crash the file is still there, and nobody answers."""
    path = tmp_path / "control.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
    assert not control.is_served(path)
    control.ControlServer(path, {}).close()
    assert not path.exists()
