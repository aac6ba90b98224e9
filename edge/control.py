"""World: the door by which commands reach the running service: a Unix socket that its user and group may use.

One request and one answer a connection, each a line of JSON: `{"do": "say", "with": {...}}` is answered by
`{"ok": ...}` or `{"error": "..."}`. While the service runs it alone owns database, broker and microphone.
"""

import json
import logging
import os
import socket
import socketserver
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from edge.errors import EdgeError

log = logging.getLogger(__name__)

REQUEST_BYTES_MAX = 1_000_000
ANSWER_TIMEOUT_S = 60.0

Deed = Callable[..., Any]
"""Something the service does for a command: keyword arguments in, JSON out."""


class ControlServer:
    """Serves `deeds` on a socket until closed."""

    def __init__(self, path: Path, deeds: Mapping[str, Deed]) -> None:
        if is_served(path):
            raise EdgeError(f"Edge is already running (it answers at {path}). Use that one, or stop it first.")
        path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        self._path = path
        self._server = _Server(str(path), deeds)
        path.chmod(0o660)
        self._thread = threading.Thread(target=self._server.serve_forever, name="control", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._path.unlink(missing_ok=True)


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True

    def __init__(self, path: str, deeds: Mapping[str, Deed]) -> None:
        self.deeds = deeds
        old_mask = os.umask(0o117)  # the socket is never open to others, not even for the moment before chmod
        try:
            super().__init__(path, _Handler)
        finally:
            os.umask(old_mask)


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        line = self.rfile.readline(REQUEST_BYTES_MAX)
        answer = _answer(self.server.deeds, line)
        try:
            self.wfile.write(json.dumps(answer, ensure_ascii=False).encode() + b"\n")
        except BrokenPipeError:
            log.info("a command left before its answer")


def _answer(deeds: Mapping[str, Deed], line: bytes) -> dict[str, Any]:
    try:
        request = json.loads(line)
        deed = deeds[request["do"]]
        arguments = dict(request.get("with", {}))
    except (ValueError, KeyError, TypeError, RecursionError):
        return {"error": "That is no request this version of Edge knows. Is the command of the same version?"}
    try:
        return {"ok": deed(**arguments)}
    except EdgeError as error:
        return {"error": str(error)}
    except TypeError:
        return {"error": f"Wrong arguments for {request['do']!r}. Is the command of the same version?"}
    except Exception:
        log.exception("a control request failed")
        return {"error": "That failed inside the service; its log tells more."}


def is_served(path: Path) -> bool:
    """Whether a service answers at `path`."""
    try:
        with _connect(path):
            return True
    except OSError:
        return False


def ask(path: Path, deed: str, **arguments: Any) -> Any:
    """Let the running service do something. Raises `EdgeError` with the service's own words."""
    with _connect(path) as connection:
        connection.settimeout(ANSWER_TIMEOUT_S)
        connection.sendall(json.dumps({"do": deed, "with": arguments}).encode() + b"\n")
        with connection.makefile("rb") as answers:
            line = answers.readline()
    if not line:
        raise EdgeError("The Edge service went away before it answered.")
    answer = json.loads(line)
    if "error" in answer:
        raise EdgeError(answer["error"])
    return answer["ok"]


def _connect(path: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(str(path))
    except OSError:
        connection.close()
        raise
    return connection
