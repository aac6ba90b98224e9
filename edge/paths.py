"""World: where things lie on this machine: what came with Edge, its settings file, its data, its control socket."""

import os
from collections.abc import Mapping
from pathlib import Path

from edge.errors import ConfigError

SYSTEM_CONFIG = Path("/etc/edge/edge.toml")
SYSTEM_SOCKET = Path("/run/edge/control.sock")
_PACKAGE = Path(__file__).parent


def shipped(folder: str) -> Path:
    """A folder that comes with Edge, `models` or `device_profiles`: inside the installed package, or beside it."""
    inside = _PACKAGE / f"_{folder}"
    return inside if inside.is_dir() else _PACKAGE.parent / folder


def data_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """Where database, fetched models and sounds are kept: EDGE_DATA, systemd's STATE_DIRECTORY, or the person's own."""
    if chosen := environ.get("EDGE_DATA"):
        return Path(chosen).expanduser().absolute()
    if given := environ.get("STATE_DIRECTORY"):
        return Path(given.split(":")[0])
    return _xdg(environ, "XDG_DATA_HOME", ".local/share") / "edge"


def config_file(asked_for: Path | None = None, environ: Mapping[str, str] = os.environ) -> Path | None:
    """The settings file: the one asked for or named by EDGE_CONFIG, else the first that exists; None: there is none."""
    if asked_for is not None:
        return asked_for.expanduser()
    if named := environ.get("EDGE_CONFIG"):
        return Path(named).expanduser()
    own = _xdg(environ, "XDG_CONFIG_HOME", ".config") / "edge/edge.toml"
    places = (Path("edge.toml").absolute(), own, SYSTEM_CONFIG)
    return next((place for place in places if place.is_file()), None)


def skills_folder(settings_file: Path | None, environ: Mapping[str, str] = os.environ) -> Path:
    """Where a person's skill files lie: beside the settings file, else beside where it would be."""
    beside = settings_file.absolute().parent if settings_file else _xdg(environ, "XDG_CONFIG_HOME", ".config") / "edge"
    return beside / "skills"


def control_socket(environ: Mapping[str, str] = os.environ) -> Path:
    """Where a service that starts now puts its socket."""
    return _sockets(environ)[0]


def running_socket(environ: Mapping[str, str] = os.environ) -> Path | None:
    """The socket by which a service can be reached that runs already; None when none is there."""
    asked_for = "EDGE_SOCKET" in environ
    places = _sockets(environ) if asked_for else (*_sockets(environ), SYSTEM_SOCKET)
    return next((place for place in places if place.is_socket()), None)


def private_directory(path: Path) -> Path:
    """The directory, made for its owner's eyes only if it is not there; one that exists is left as it is."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise ConfigError(
            f"Cannot make the directory {path}: {error.strerror}. Set EDGE_DATA to one that can be written."
        ) from error
    return path


def _sockets(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Places for the socket, best first."""
    if chosen := environ.get("EDGE_SOCKET"):
        return (Path(chosen).expanduser().absolute(),)
    places = [Path(given.split(":")[0]) for given in (environ.get("RUNTIME_DIRECTORY"),) if given]
    places += [Path(given) / "edge" for given in (environ.get("XDG_RUNTIME_DIR"),) if given]
    return tuple(place / "control.sock" for place in (*places, data_dir(environ)))


def _xdg(environ: Mapping[str, str], name: str, fallback: str) -> Path:
    home = Path(environ["HOME"]) if environ.get("HOME") else Path.home()
    chosen = Path(environ.get(name, ""))
    return chosen if chosen.is_absolute() else home / fallback  # the XDG rule: relative paths are ignored
