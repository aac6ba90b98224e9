#!/usr/bin/env python3
"""FakeSystemctl: as much of systemctl as the installer uses, for a place where systemd does not run.

It really starts the unit's command as the unit's user and waits for READY=1; one process, no restarts, no sandbox.
"""

import os
import pwd
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

UNIT = Path("/etc/systemd/system/edge.service")
ENABLED = Path("/etc/systemd/system/multi-user.target.wants/edge.service")
PID = Path("/run/edge-service.pid")
READY_TIMEOUT_S = 20


def setting(key: str) -> str:
    """The value of the unit's line `key=value`."""
    return next(line.partition("=")[2] for line in UNIT.read_text().splitlines() if line.startswith(f"{key}="))


def start() -> int:
    user = pwd.getpwnam(setting("User"))
    address = "/run/edge-notify.sock"
    Path(address).unlink(missing_ok=True)
    environment = dict(pair.split("=", 1) for pair in setting("Environment").split())
    environment |= {"NOTIFY_SOCKET": address, "STATE_DIRECTORY": f"/var/lib/{setting('StateDirectory')}"}
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as keeper:
        keeper.bind(address)
        Path(address).chmod(0o777)
        keeper.settimeout(0.1)
        service = subprocess.Popen(
            setting("ExecStart").split(),
            env=os.environ | environment,
            cwd=setting("WorkingDirectory"),
            user=user.pw_uid,
            group=user.pw_gid,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        PID.write_text(str(service.pid))
        deadline = time.monotonic() + READY_TIMEOUT_S
        while time.monotonic() < deadline and service.poll() is None:
            try:
                return 0 if keeper.recv(64) == b"READY=1" else 1
            except TimeoutError:
                continue
    return 1


def is_active() -> int:
    try:
        os.kill(int(PID.read_text()), 0)
    except (OSError, ValueError):
        return 3
    return 0


def stop() -> int:
    if is_active() == 0:
        os.kill(int(PID.read_text()), signal.SIGKILL)
    PID.unlink(missing_ok=True)
    return 0


def enable() -> int:
    ENABLED.parent.mkdir(exist_ok=True)
    ENABLED.unlink(missing_ok=True)
    ENABLED.symlink_to(UNIT)
    return 0


def disable() -> int:
    ENABLED.unlink(missing_ok=True)
    return stop()


def main() -> int:
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    if "--version" in sys.argv:
        print("systemd 252 (252)")  # noqa: T201 - it plays a command
        return 0
    if words[0] == "show":
        print(0)  # noqa: T201 - the number of restarts
        return 0
    deeds = {"start": start, "stop": stop, "is-active": is_active, "enable": enable, "disable": disable}
    return deeds.get(words[0], lambda: 0)()


if __name__ == "__main__":
    sys.exit(main())
