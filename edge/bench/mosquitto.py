"""World: a mosquitto of the benchmark's own on 127.0.0.1, that can be killed and started again."""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from edge.errors import BrokerError

PATH: Final = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin"))
START_S: Final = 10.0
_STEP_S: Final = 0.005


def mosquitto_path() -> str | None:
    """Where the program is; None where it is not installed."""
    return shutil.which("mosquitto", path=PATH)


class Mosquitto:
    """Runs while the block does; it keeps nothing when it stops. Its settings are mosquitto's own, save TCP_NODELAY."""

    def __init__(self, folder: Path, settings: Sequence[str] = ("allow_anonymous true",), scheme: str = "mqtt") -> None:
        """`settings`: further lines of its configuration, such as who may come in."""
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self.port: int = listener.getsockname()[1]
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self._config = folder / "mosquitto.conf"
        lines = (f"listener {self.port} 127.0.0.1", "persistence false", "set_tcp_nodelay true", "user root", *settings)
        self._config.write_text("\n".join(lines) + "\n", encoding="utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it listens. Raises BrokerError when it is missing or does not."""
        program = mosquitto_path()
        if program is None:
            raise BrokerError("mosquitto is not installed: apt-get install mosquitto.")
        quiet = subprocess.DEVNULL
        command = [program, "-c", str(self._config)]
        self._process = subprocess.Popen(command, stdout=quiet, stderr=quiet)  # noqa: S603 - no shell, a file of ours
        end = time.monotonic() + START_S
        while not self._listens():
            if time.monotonic() > end:
                raise BrokerError("mosquitto did not start.")
            time.sleep(_STEP_S)

    def kill(self) -> None:
        """Without a word to anybody, as in a power cut."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(START_S)
            self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
