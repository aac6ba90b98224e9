"""How a command reaches the assistant: through the running service, or by itself when none runs."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import typer
from rich.console import Console

from edge import control
from edge.clock import WallClock
from edge.config import LoadedSettings, load_settings
from edge.desk import Desk
from edge.errors import ConfigError
from edge.paths import running_socket
from edge.runtime import Runtime, build_runtime

console = Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else 160)
"""A pipe has no width of its own: lines stay whole there."""


@dataclass(frozen=True)
class Door:
    """The options that stand before every command."""

    config: Path | None = None
    profile: str | None = None
    flags: dict[str, str] = field(default_factory=dict)

    def load(self) -> LoadedSettings:
        """The settings, each with where it came from."""
        return load_settings(file=self.config, profile=self.profile, flags=self.flags)

    def do(self, deed: str, *, voice: bool = False, **arguments: Any) -> Any:
        """Let the service do it; without a service do it here, with only the parts that it needs."""
        socket = running_socket()
        if socket and control.is_served(socket):
            return control.ask(socket, deed, **arguments)
        with self.own_runtime(voice=voice) as runtime:
            return Desk(runtime).deeds()[deed](**arguments)

    @contextmanager
    def own_runtime(self, *, voice: bool) -> Iterator[Runtime]:
        """An assistant of this command's own; the demo home then lives in-process, without a broker."""
        settings = self.load().settings
        in_process = settings.mqtt.url is None
        runtime = build_runtime(settings, clock=WallClock(), in_process=in_process, voice=voice)
        try:
            yield runtime
        finally:
            runtime.close()


def door(context: typer.Context) -> Door:
    """The door that the options before the command opened."""
    found = context.obj
    assert isinstance(found, Door)
    return found


def parse_flags(pairs: list[str]) -> dict[str, str]:
    """`section.key=value` as a mapping; raises ConfigError for anything else."""
    flags: dict[str, str] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or "." not in key:
            raise ConfigError(f"--set wants section.key=value, for example --set assistant.room=kitchen; not {pair!r}.")
        flags[key.strip()] = value.strip()
    return flags


def print_json(value: Any) -> None:
    """JSON on standard output, for programs."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")
