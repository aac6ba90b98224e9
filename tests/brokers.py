"""Real MQTT brokers to test with: mosquitto as a process of its own, with passwords and TLS where wanted."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pytest

from edge.bench import mosquitto


def program(name: str) -> str:
    """The path of a program; without it the test is skipped, save in continuous integration."""
    found = shutil.which(name, path=mosquitto.PATH)
    if found is None:
        if os.environ.get("CI"):
            pytest.fail(f"{name} is not installed")
        pytest.skip(f"{name} is not installed: apt-get install {name}")
    return found


def free_port() -> int:
    """A port on which nobody listens at the moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def until(condition: Callable[[], bool], timeout_s: float = 10.0) -> bool:
    """Wait for something that another thread brings about; tells whether it did."""
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


@dataclass(frozen=True)
class Settings:
    """What a bus is told of its broker."""

    url: str | None
    user: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None
    certificate_file: Path | None = None
    key_file: Path | None = None


@dataclass(frozen=True)
class Certificates:
    """A certificate authority of our own, and what it signed for 127.0.0.1."""

    ca_file: Path
    certificate: Path
    key: Path

    @classmethod
    def make(cls, folder: Path, name: str, days: int = 2) -> Self:
        """Three files in the folder; the broker's certificate is good for `days`, or expired so many days ago."""
        ca_key, ca_file = folder / f"{name}-ca.key", folder / f"{name}-ca.pem"
        key, request, certificate = (folder / f"{name}.{ending}" for ending in ("key", "csr", "pem"))
        names = folder / f"{name}.ext"
        names.write_text("subjectAltName=IP:127.0.0.1\nauthorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n")
        elliptic = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
        cls._openssl(
            "req", "-x509", *elliptic, "-keyout", ca_key, "-out", ca_file, "-days", "2", "-subj", f"/CN={name}",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign",
        )  # fmt: skip
        cls._openssl("req", *elliptic, "-keyout", key, "-out", request, "-subj", "/CN=broker")
        cls._openssl(
            "x509", "-req", "-in", request, "-CA", ca_file, "-CAkey", ca_key, "-CAcreateserial", "-days", str(days),
            "-extfile", names, "-out", certificate,
        )  # fmt: skip
        return cls(ca_file, certificate, key)

    @staticmethod
    def _openssl(*arguments: str | Path) -> None:
        subprocess.run([program("openssl"), *map(str, arguments)], check=True, capture_output=True, timeout=30)


class Mosquitto(mosquitto.Mosquitto):
    """A mosquitto on 127.0.0.1; use it as a context manager. It forgets retained messages when it stops."""

    def __init__(
        self,
        folder: Path,
        *,
        users: dict[str, str] | None = None,
        tls: Certificates | None = None,
        wants_certificate: bool = False,
        acl: str = "",
    ) -> None:
        """`wants_certificate`: clients show one signed by the CA of `tls`. `acl`: who may read and write what."""
        program("mosquitto")
        lines = [f"allow_anonymous {'false' if users else 'true'}"]
        if users:
            passwords = folder / "passwords"
            passwords.touch(mode=0o600)
            for user, password in users.items():
                command = [program("mosquitto_passwd"), "-b", str(passwords), user, password]
                subprocess.run(command, check=True, capture_output=True, timeout=30)
            lines.append(f"password_file {passwords}")
        if tls:
            lines += [f"cafile {tls.ca_file}", f"certfile {tls.certificate}", f"keyfile {tls.key}"]
        if wants_certificate:
            lines.append("require_certificate true")
        if acl:
            acl_file = folder / "acl"
            acl_file.touch(mode=0o600)
            acl_file.write_text(acl)
            lines.append(f"acl_file {acl_file}")
        super().__init__(folder, lines, "mqtts" if tls else "mqtt")

    def hang(self) -> None:
        """Its connections stay open, and it does nothing any more."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def stop(self) -> None:
        self.kill()
