"""World: which board this is. Device profiles say what differs from board to board: threads, models, budgets."""

import difflib
import platform
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Final

from pydantic import ConfigDict, TypeAdapter, ValidationError

from edge.errors import ConfigError
from edge.paths import shipped

_STRICT: Final = ConfigDict(extra="forbid")
DEVICE_TREE_MODEL: Final = Path("/proc/device-tree/model")


@dataclass(frozen=True)
class Machine:
    """What a computer says of itself."""

    model: str
    """The device tree's model, `Raspberry Pi 5 Model B Rev 1.0`; empty on a PC."""
    machine: str
    """The processor's kind as `uname -m` has it: aarch64, x86_64 ..."""

    @classmethod
    def this(cls) -> "Machine":
        try:
            model = DEVICE_TREE_MODEL.read_bytes().rstrip(b"\0").decode(errors="replace")
        except OSError:
            model = ""
        return cls(model, platform.machine())

    def __str__(self) -> str:
        return self.model or self.machine or "an unknown machine"


@dataclass(frozen=True)
class Match:
    """Which machines a profile is for."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    models: tuple[str, ...] = ()
    """Parts of the device tree's model."""
    machines: tuple[str, ...] = ()
    """Kinds of processor, where no profile knows the model."""
    otherwise: bool = False
    """Whether it is also for every machine that no profile knows."""


@dataclass(frozen=True)
class Budgets:
    """What Edge may cost on such a board; `edge bench` compares."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    memory_mb: float
    idle_core_percent: float
    start_s: float
    command_p50_ms: float
    command_p95_ms: float
    reply_p50_ms: float


@dataclass(frozen=True)
class DeviceProfile:
    """Settings and budgets for one kind of board."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    name: str
    description: str
    match: Match
    budgets: Budgets
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """By section and key, as edge.toml has them."""
    file: Path | None = None

    def __str__(self) -> str:
        return self.name


def load_profiles(folder: Path | None = None) -> tuple[DeviceProfile, ...]:
    """The profiles of a folder (default: those that come with Edge), by name. Raises ConfigError."""
    folder = folder or shipped("device_profiles")
    profiles = tuple(_read(file) for file in sorted(folder.glob("*.toml")))
    if not profiles:
        raise ConfigError(f"There are no device profiles in {folder}. Edge is not wholly installed: install it again.")
    return profiles


def profile_named(name: str, profiles: Sequence[DeviceProfile]) -> DeviceProfile:
    """Raises ConfigError that names the nearest profile when there is no such one."""
    by_name = {profile.name: profile for profile in profiles}
    if name not in by_name:
        nearest = difflib.get_close_matches(name, by_name, n=1, cutoff=0.0)[0]
        known = ", ".join(by_name)
        raise ConfigError(f"There is no device profile {name!r}; the nearest is {nearest!r}. There are: {known}.")
    return by_name[name]


def profile_for(machine: Machine, profiles: Sequence[DeviceProfile]) -> DeviceProfile:
    """The profile for a machine: by its model, else by its kind, else the one for machines that nobody knows."""
    by_model = (p for p in profiles if any(model in machine.model for model in p.match.models))
    by_kind = (p for p in profiles if machine.machine.casefold() in p.match.machines)
    unknown = (p for p in profiles if p.match.otherwise)
    for choices in (by_model, by_kind, unknown):
        if chosen := next(choices, None):
            return chosen
    raise ConfigError(f"No device profile fits {machine}. Choose one: set assistant.profile in edge.toml.")


def _read(file: Path) -> DeviceProfile:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
        return TypeAdapter(DeviceProfile).validate_python({**content, "name": file.stem, "file": file})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"The device profile {file} cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigError(f"The device profile {file} is wrong at {where}: {first['msg']}.") from error
