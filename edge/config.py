"""World: where settings come from. Defaults lie under the device profile, edge.toml, the environment and flags.

A variable EDGE_<SECTION>_<KEY> sets section.key (EDGE_ASR_THREADS=2); values with several parts are parted by commas.
What nobody knows is an error that names the nearest known key.
"""

import difflib
import json
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from edge.errors import ConfigError
from edge.paths import config_file, skills_folder
from edge.profiles import DeviceProfile, Machine, load_profiles, profile_for, profile_named
from edge.settings import HomeSettings, MqttSettings, Settings

__all__ = ["HomeSettings", "LoadedSettings", "MqttSettings", "Row", "Settings", "load_settings", "rows", "sample_toml"]

PROFILE_KEY: Final = "assistant.profile"
SKILLS_KEY: Final = "skills.folder"
PROFILE_VARIABLE: Final = "EDGE_PROFILE"
_NO_FLAGS: Final[Mapping[str, object]] = MappingProxyType({})


@dataclass(frozen=True)
class LoadedSettings:
    """The settings, and where each came from."""

    settings: Settings
    origins: Mapping[str, str]
    """By section.key: default, profile pi5, edge.toml:12, EDGE_ASR_THREADS, flag."""
    profile: DeviceProfile
    file: Path | None = None


@dataclass(frozen=True)
class Row:
    """One setting, for showing."""

    key: str
    value: object
    origin: str
    description: str


@dataclass(frozen=True)
class _Given:
    """A value that somebody gave to a key, not yet checked."""

    key: str
    value: object
    origin: str
    is_text: bool = False
    """Whether it came as text (environment, flag) and is read generously."""
    folder: Path | None = None
    """Where relative paths in it start."""


def load_settings(
    *,
    file: Path | None = None,
    profile: str | None = None,
    flags: Mapping[str, object] = _NO_FLAGS,
    environ: Mapping[str, str] = os.environ,
    machine: Machine | None = None,
) -> LoadedSettings:
    """Settings from everywhere. Without `file` the usual places are looked at; `flags` are by section.key.

    Raises ConfigError that says where the mistake is and what is meant instead.
    """
    file = config_file(file, environ)
    givens = [*(_from_file(file) if file else ()), *_from_environment(environ), *_from_flags(flags)]
    if profile is not None:
        givens.append(_Given(PROFILE_KEY, profile, "flag --profile", is_text=True))
    checked = {given.key: (_checked(given), given.origin) for given in givens}
    chosen, chosen_by = _choose_profile(checked, machine or Machine.this())
    below = {given.key: (_checked(given), given.origin) for given in _from_profile(chosen)}
    found = {SKILLS_KEY: (skills_folder(file, environ), "default")}
    set_nowhere = checked.get(SKILLS_KEY, (None, ""))[0] is None
    final = {**below, **checked, **(found if set_nowhere else {}), PROFILE_KEY: (chosen.name, chosen_by)}
    origins = {key: final[key][1] if key in final else "default" for key in FIELDS}
    return LoadedSettings(_joined({key: value for key, (value, _) in final.items()}), origins, chosen, file)


def rows(loaded: LoadedSettings) -> tuple[Row, ...]:
    """Every setting with its value, origin and meaning, in the order of the record."""
    sections = dict(loaded.settings)
    return tuple(
        Row(key, getattr(sections[key.partition(".")[0]], key.partition(".")[2]), loaded.origins[key], _meaning(field))
        for key, field in FIELDS.items()
    )


def sample_toml() -> str:
    """An edge.toml in which every setting is explained and commented out."""
    lines = ["# The settings of Edge. Take the # away from a line and change it; other lines show the defaults."]
    for name, section in _sections():
        lines += ["", f"# {section.__doc__}", f"[{name}]"]
        for key, field in section.model_fields.items():
            lines += [f"# {_meaning(field)}", f"#{key} = {_toml(field.default)}"]
    return "\n".join(lines) + "\n"


# What may be set


def _sections() -> Iterator[tuple[str, type[BaseModel]]]:
    for name, field in Settings.model_fields.items():
        section = field.annotation
        assert isinstance(section, type)
        assert issubclass(section, BaseModel)
        yield name, section


FIELDS: Final[Mapping[str, FieldInfo]] = {
    f"{name}.{key}": field for name, section in _sections() for key, field in section.model_fields.items()
}
"""Every setting, by section.key."""


def _meaning(field: FieldInfo) -> str:
    return field.description or ""


def _nearest(key: str) -> str:
    """The known key that `key` most likely stands for; the same word in another section counts for much."""

    def likeness(known: str) -> float:
        same_word = known.partition(".")[2] == key.rpartition(".")[2]
        return difflib.SequenceMatcher(None, key, known).ratio() + (0.5 if same_word else 0.0)

    return max(FIELDS, key=likeness)


def _known(key: str, where: str) -> str:
    if key not in FIELDS:
        raise _unknown(key, where)
    return key


def _unknown(key: str, where: str) -> ConfigError:
    return ConfigError(f"{where}: there is no setting {key}; the nearest is {_nearest(key)}.")


# Where values come from


def _from_file(file: Path) -> Iterator[_Given]:
    text = _read(file)
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        where = f"{file}:{line[1] if line else text.count(chr(10)) + 1}"
        raise ConfigError(f"{where}: this is not TOML: {error}.") from error
    lines = _line_numbers(text)
    for section, values in content.items():
        if not isinstance(values, dict) or (section not in Settings.model_fields and not values):
            raise _unknown(section, f"{file}:{lines.get(section, 1)}")
        for key, value in values.items():
            name = f"{section}.{key}"
            origin = f"{file}:{lines[name]}" if name in lines else str(file)
            yield _Given(_known(name, origin), value, origin, folder=file.absolute().parent)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file} is not UTF-8 text; save it as UTF-8.") from error
    except OSError as error:
        raise ConfigError(
            f"The settings file {file} cannot be read: {error.strerror}. `edge config init` writes a first one."
        ) from error


_HEADER = re.compile(r"\s*\[\s*([\w.\"'-]+)\s*\]")
_ASSIGNMENT = re.compile(r"\s*([\w.\"'-]+)\s*=")


def _line_numbers(text: str) -> dict[str, int]:
    """Where each section, and each section.key that has a line of its own, stands; lines count from 1."""
    found: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.match(line):
            section = _bare(header[1])
            found.setdefault(section, number)
        elif assignment := _ASSIGNMENT.match(line):
            key = _bare(assignment[1])
            found.setdefault(f"{section}.{key}" if section else key, number)
    return found


def _bare(key: str) -> str:
    return key.replace('"', "").replace("'", "")


def _from_environment(environ: Mapping[str, str]) -> Iterator[_Given]:
    by_variable = {_variable(key): key for key in FIELDS}
    by_variable[PROFILE_VARIABLE] = PROFILE_KEY
    sections = {f"EDGE_{section.upper()}_" for section in Settings.model_fields}
    for variable in sorted(environ):
        name = re.sub("_+", "_", variable)
        if key := by_variable.get(name):
            yield _Given(key, environ[variable], variable, is_text=True)
        elif any(name.startswith(section) for section in sections) or _is_slip(name, by_variable):
            nearest = difflib.get_close_matches(name, by_variable, n=1, cutoff=0.0)[0]
            raise ConfigError(f"Environment variable {variable}: there is no such setting; the nearest is {nearest}.")


def _variable(key: str) -> str:
    return f"EDGE_{key.upper().replace('.', '_')}"


def _is_slip(variable: str, known: Mapping[str, str]) -> bool:
    """Whether a variable is ours with a typing mistake; others may begin with EDGE_ as well, and are not ours."""
    return variable.startswith("EDGE_") and bool(difflib.get_close_matches(variable, known, n=1, cutoff=0.9))


def _from_flags(flags: Mapping[str, object]) -> Iterator[_Given]:
    for key, value in flags.items():
        yield _Given(_known(key, "Command line"), value, "flag", is_text=True)


def _from_profile(profile: DeviceProfile) -> Iterator[_Given]:
    for section, values in profile.settings.items():
        for key, value in values.items():
            name = _known(f"{section}.{key}", f"Device profile {profile.name}")
            yield _Given(name, value, f"profile {profile.name}")


def _choose_profile(checked: Mapping[str, tuple[Any, str]], machine: Machine) -> tuple[DeviceProfile, str]:
    """The profile, and who chose it."""
    profiles = load_profiles()
    name, origin = checked.get(PROFILE_KEY, (None, ""))
    if name is None:
        return profile_for(machine, profiles), f"this machine ({machine})"
    try:
        return profile_named(name, profiles), origin
    except ConfigError as error:
        raise ConfigError(f"{origin}: {error}") from error


# From given to checked


def _checked(given: _Given) -> Any:
    """The value in the type of its field. Raises ConfigError."""
    field = FIELDS[given.key]
    value = given.value
    if value == "" and type(None) in get_args(field.annotation):
        return None
    if given.is_text and isinstance(value, str) and get_origin(field.annotation) is tuple:
        value = [part.strip() for part in value.split(",") if part.strip()]
    constrained: Any = Annotated[field.annotation, field]
    adapter: TypeAdapter[Any] = TypeAdapter(constrained)
    try:
        if given.is_text:
            checked = adapter.validate_python(value)
        else:
            checked = adapter.validate_json(json.dumps(value, default=str), strict=True)
    except ValidationError as error:
        wish = error.errors()[0]["msg"].removeprefix("Input ").removeprefix("Value error, ")
        raise ConfigError(f"{given.origin}: {given.key} {wish}{_shown(value)}.") from error
    return _anchored(checked, given.folder)


def _shown(value: object) -> str:
    """What was given, unless it may hold a password."""
    return "" if "@" in str(value) else f", not {value!r}"


def _anchored(value: Any, folder: Path | None) -> Any:
    """Paths in `value` made whole: ~ is the person's home, and what is relative starts at `folder`."""
    if isinstance(value, tuple):
        return tuple(_anchored(part, folder) for part in value)
    if isinstance(value, Path):
        path = value.expanduser()
        return folder / path if folder else path
    if isinstance(value, str) and value.endswith(".onnx"):
        return str(_anchored(Path(value), folder))
    return value


def _joined(values: Mapping[str, Any]) -> Settings:
    nested: dict[str, dict[str, Any]] = {}
    for key, value in values.items():
        section, _, name = key.partition(".")
        nested.setdefault(section, {})[name] = value
    try:
        return Settings.model_validate(nested)
    except ValidationError as error:
        raise ConfigError(f"{error.errors()[0]['msg'].removeprefix('Value error, ')}.") from error


def _toml(value: object) -> str:
    """A default as edge.toml would have it; what is unset by default is an empty text."""
    return json.dumps("" if value is None else value, default=str)
