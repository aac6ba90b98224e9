"""World: systemd, the keeper of the service: tells it that we are up and alive. Without it, nothing happens."""

import os
import socket


def notify(state: str) -> bool:
    """Tell systemd `READY=1`, `WATCHDOG=1`, `STOPPING=1` or `STATUS=...`; False where nobody heard it."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    if address.startswith("@"):  # an abstract socket
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as keeper:
            keeper.sendto(state.encode(), address)
    except OSError:
        return False
    return True


def is_our_keeper() -> bool:
    """Whether systemd started this process as a unit that tells when it is ready."""
    return bool(os.environ.get("NOTIFY_SOCKET"))


def watchdog_interval_s() -> float | None:
    """How often to send `WATCHDOG=1`: half of what systemd waits for. None where nobody watches this process."""
    watched = os.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    patience_us = os.environ.get("WATCHDOG_USEC", "")
    return int(patience_us) / 2_000_000 if watched and patience_us.isdigit() and int(patience_us) else None
