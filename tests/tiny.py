"""A tiny project with Edge's own scripts, for testing these: it installs in seconds, without any package index."""

import shutil
import subprocess
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]

PYPROJECT: Final = """\
[build-system]
requires = []
build-backend = "tiny_backend"
backend-path = ["."]

[project]
name = "tiny-edge"
version = "1.0"
dependencies = []
optional-dependencies = { dev = [] }

[tool.edge]
lean = []
"""

# What a build backend must be able to do for `pip install -e`, and no more.
BACKEND: Final = """\
import zipfile
from pathlib import Path

INFO = "tiny_edge-1.0.dist-info"

def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    name = "tiny_edge-1.0-py3-none-any.whl"
    files = {
        "tiny_edge.pth": str(Path.cwd()),
        f"{INFO}/METADATA": "Metadata-Version: 2.1\\nName: tiny-edge\\nVersion: 1.0\\n",
        f"{INFO}/WHEEL": "Wheel-Version: 1.0\\nGenerator: tiny\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        f"{INFO}/entry_points.txt": "[console_scripts]\\nedge = edge.__main__:main\\n",
    }
    files[f"{INFO}/RECORD"] = "".join(f"{file},,\\n" for file in (*files, f"{INFO}/RECORD"))
    with zipfile.ZipFile(Path(wheel_directory) / name, "w") as wheel:
        for file, text in files.items():
            wheel.writestr(file, text)
    return name
"""

# `edge run` writes into its database and says that it is ready, unless its version is "broken"; the rest only echoes.
MAIN: Final = """\
import os
import socket
import sys
import time
from pathlib import Path

VERSION = "first"

def main():
    match sys.argv[1:]:
        case ["config", "init", file]:
            Path(file).write_text('[assistant]\\n#profile = ""\\n')
        case ["run"] if "NOTIFY_SOCKET" in os.environ:
            serve()
        case words:
            print(*words, f"({Path.cwd()})")

def serve():
    with open(Path(os.environ["STATE_DIRECTORY"]) / "edge.db", "a") as database:
        database.write(VERSION + "\\n")
    if VERSION == "broken":
        sys.exit("this release cannot start")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as keeper:
        keeper.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])
    time.sleep(600)
"""

CONFIG: Final = """\
from types import SimpleNamespace

def load_settings():
    return SimpleNamespace(profile=SimpleNamespace(name="x86"))
"""


def make_checkout(folder: Path) -> Path:
    """A checkout of the tiny project, with the scripts as they are here."""
    shutil.copytree(ROOT / "scripts", folder / "scripts")
    files = {
        "pyproject.toml": PYPROJECT,
        "tiny_backend.py": BACKEND,
        "edge/__init__.py": "",
        "edge/__main__.py": MAIN,
        "edge/config.py": CONFIG,
        "models/manifest.toml": "",
        "device_profiles/x86.toml": "",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def commit_version(checkout: Path, version: str) -> None:
    """Make the checkout a new release: `version` is what its service writes into the database."""
    main = checkout / "edge/__main__.py"
    main.write_text(MAIN.replace('VERSION = "first"', f'VERSION = "{version}"'), encoding="utf-8")
    git = ["git", "-C", str(checkout), "-c", "user.name=Tiny", "-c", "user.email=tiny@localhost"]
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", version]):
        subprocess.run([*git, *command], check=True)
