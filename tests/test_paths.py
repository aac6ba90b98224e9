"""Where things lie: for a person, for a service, and as asked for."""

import socket
import stat
from pathlib import Path

import pytest

from edge.errors import ConfigError
from edge.paths import config_file, control_socket, data_dir, private_directory, running_socket, shipped


def test_what_is_shipped_is_found() -> None:
    """Models and device profiles lie beside the package in a checkout, or inside it when installed."""
    assert (shipped("models") / "manifest.toml").is_file()
    assert (shipped("device_profiles") / "x86.toml").is_file()


def test_data_lies_where_it_is_asked_for() -> None:
    """EDGE_DATA comes before systemd's directory, that before the person's own."""
    environ = {"HOME": "/home/ada"}
    assert data_dir(environ) == Path("/home/ada/.local/share/edge")
    environ["XDG_DATA_HOME"] = "/data"
    assert data_dir(environ) == Path("/data/edge")
    environ["STATE_DIRECTORY"] = "/var/lib/edge:/var/lib/other"
    assert data_dir(environ) == Path("/var/lib/edge")
    environ["EDGE_DATA"] = "/mnt/edge"
    assert data_dir(environ) == Path("/mnt/edge")


def test_the_socket_lies_in_a_private_place() -> None:
    """EDGE_SOCKET comes before systemd's directory, then the session's, then the data directory."""
    environ = {"HOME": "/home/ada"}
    assert control_socket(environ) == Path("/home/ada/.local/share/edge/control.sock")
    environ["XDG_RUNTIME_DIR"] = "/run/user/1000"
    assert control_socket(environ) == Path("/run/user/1000/edge/control.sock")
    environ["RUNTIME_DIRECTORY"] = "/run/edge"
    assert control_socket(environ) == Path("/run/edge/control.sock")
    environ["EDGE_SOCKET"] = "/tmp/own.sock"
    assert control_socket(environ) == Path("/tmp/own.sock")


def test_a_command_finds_the_socket_that_is_there(tmp_path: Path) -> None:
    """A command that has a session directory still finds a service whose socket lies in the data directory."""
    environ = {"XDG_RUNTIME_DIR": str(tmp_path / "run"), "EDGE_DATA": str(tmp_path)}
    assert running_socket(environ) is None
    with socket.socket(socket.AF_UNIX) as served:
        served.bind(str(tmp_path / "control.sock"))
        assert running_socket(environ) == tmp_path / "control.sock"
        assert running_socket({**environ, "EDGE_SOCKET": str(tmp_path / "other.sock")}) is None


def test_the_file_asked_for_comes_first(tmp_path: Path) -> None:
    """A file that is asked for is taken even when it is not there, so that its absence is told."""
    asked_for = tmp_path / "asked.toml"
    assert config_file(asked_for, {"EDGE_CONFIG": "/other.toml"}) == asked_for
    assert config_file(None, {"EDGE_CONFIG": "/other.toml"}) == Path("/other.toml")


def test_private_directories_are_private(tmp_path: Path) -> None:
    """A new directory is for its owner alone; one that exists keeps the rights it was given."""
    assert stat.S_IMODE(private_directory(tmp_path / "a" / "b").stat().st_mode) == 0o700
    shared = tmp_path / "shared"
    shared.mkdir(mode=0o755)
    assert stat.S_IMODE(private_directory(shared).stat().st_mode) == 0o755
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="Set EDGE_DATA"):
        private_directory(tmp_path / "file" / "below")
