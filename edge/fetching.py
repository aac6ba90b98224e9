"""World: downloads over HTTPS. Nothing is kept whose sha256 is not the expected one."""

import hashlib
import http.client
import shutil
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.errors import ModelError

CHUNK_BYTES = 1 << 18
TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Wanted:
    """A file to download, and what it must be."""

    name: str
    size_bytes: int
    sha256: str


def fetch(url: str, files: Sequence[Wanted], *, into: Path, progress: Callable[[int, int], None]) -> None:
    """Download files below `url` into the directory `into`, all or nothing; `progress` gets bytes done and in all.

    Raises ModelError.
    """
    if not url.startswith(("https://", "http://127.0.0.1:")):
        raise ModelError(f"Nothing is fetched from {url}: only https is safe enough.")
    total, done = sum(wanted.size_bytes for wanted in files), 0
    partial = into.with_name(f"{into.name}.partial")
    try:
        _empty(partial)
        for wanted in files:
            for chunk_bytes in _download(f"{url}/{wanted.name}", wanted, partial / wanted.name):
                done += chunk_bytes
                progress(done, total)
        _empty(into)
        partial.replace(into)
    except OSError as error:
        raise ModelError(f"Cannot keep the model in {into}: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _empty(directory: Path) -> None:
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)


def _download(url: str, wanted: Wanted, target: Path) -> Iterator[int]:
    """Write one file and yield the bytes of each piece."""
    target.parent.mkdir(parents=True, exist_ok=True)
    sha256 = hashlib.sha256()
    with target.open("wb") as file:
        for chunk in _chunks(url, wanted.size_bytes):
            file.write(chunk)
            sha256.update(chunk)
            yield len(chunk)
    if sha256.hexdigest() != wanted.sha256:
        raise ModelError(f"What came from {url} is not the expected file (its sha256 differs); it was thrown away.")


def _chunks(url: str, size_bytes: int) -> Iterator[bytes]:
    """The pieces of a download; more than the expected size is not read."""
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:  # noqa: S310 - the scheme was checked above
            while size_bytes > 0 and (chunk := answer.read(min(CHUNK_BYTES, size_bytes))):
                size_bytes -= len(chunk)
                yield chunk
    except (OSError, http.client.HTTPException) as error:
        raise ModelError(f"Cannot fetch {url}: {error}. Is this machine online? Try again later.") from error
