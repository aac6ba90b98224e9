"""Names of turns, and of what the agenda keeps."""

import itertools
import secrets
from datetime import UTC, datetime

_counter = itertools.count(secrets.randbelow(0x8000))
"""From a random start, so that two processes within one second do not give the same names."""


def new_turn_id(now: datetime) -> str:
    """A short name for a turn, `20261122-221530-4f3a`: the time in UTC, then a number that grows from turn to turn."""
    return f"{now.astimezone(UTC):%Y%m%d-%H%M%S}-{next(_counter) & 0xFFFF:04x}"


def new_entry_id() -> str:
    """A short name for a timer, alarm, reminder or command; none is ever given twice."""
    return secrets.token_hex(6)
