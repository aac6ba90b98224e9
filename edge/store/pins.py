"""World: the PIN, as a salted scrypt hash in the database, and how often it was tried in vain."""

import hashlib
import hmac
import secrets
import threading
from datetime import datetime, timedelta
from typing import Final, Literal

from edge.clock import Clock
from edge.errors import ConfigError, StageFailed
from edge.store.file import StoreFile

TRIES_MAX: Final = 3
"""Wrong PINs in a row before it is locked."""

LOCKED_FOR: Final = timedelta(minutes=5)
"""The first time; twice as long with every further wrong one, up to a day."""

_COST: Final = {"n": 2**14, "r": 8, "p": 1, "maxmem": 64 * 1024 * 1024}
"""16 MB and about 0.2 s on a Raspberry Pi 4: ten thousand PINs are tried in half an hour, by one who has the file."""


class Pins:
    """One PIN for the home; every try is on the disk before its answer is known."""

    def __init__(self, file: StoreFile, clock: Clock) -> None:
        self._file = file
        self._clock = clock
        self._lock = threading.Lock()
        rows = file.read("SELECT salt, hash, tries, locked_until FROM pin")
        self._salt: bytes = rows[0]["salt"] if rows else b""
        self._hash: bytes = rows[0]["hash"] if rows else b""
        self._tries: int = rows[0]["tries"] if rows else 0
        until = rows[0]["locked_until"] if rows else None
        self._locked_until = datetime.fromisoformat(until) if until else None

    @property
    def is_set(self) -> bool:
        """Whether guarded devices want one."""
        return bool(self._hash)

    def set(self, digits: str) -> None:
        """Take this PIN from now on. Raises ConfigError for what is none, StageFailed when it cannot be written."""
        if not (digits.isascii() and digits.isdecimal() and 4 <= len(digits) <= 10):
            raise ConfigError("A PIN is 4 to 10 digits, for example 4 8 2 7.")
        if len(set(digits)) == 1 or digits in "01234567890123456789" or digits in "98765432109876543210":
            raise ConfigError("That PIN is the first that anybody would try. Choose another.")
        salt = secrets.token_bytes(16)
        with self._lock:
            self._write(salt, hashlib.scrypt(digits.encode(), salt=salt, **_COST), 0, None)

    def clear(self) -> None:
        """Guarded devices want a yes again, and no PIN. Raises StageFailed."""
        with self._lock:
            self._write(b"", b"", 0, None)

    def check(self, digits: str) -> Literal["right", "wrong", "locked"]:
        """Whether this is the PIN; counts as a try. One that cannot be written down is not let through."""
        with self._lock:
            now = self._clock.now()
            if self._locked_until is not None and now < self._locked_until:
                return "locked"
            right = self.is_right(digits)
            tries = 0 if right else self._tries + 1
            over = tries - TRIES_MAX
            locked_until = now + min(LOCKED_FOR * 2 ** min(over, 10), timedelta(days=1)) if over >= 0 else None
            try:
                self._write(self._salt, self._hash, tries, locked_until)
            except StageFailed:
                return "locked"
            return "right" if right else "locked" if locked_until else "wrong"

    def is_right(self, digits: str) -> bool:
        """Whether this is the PIN; counts as no try."""
        if not self.is_set:
            return False
        return hmac.compare_digest(self._hash, hashlib.scrypt(digits.encode(), salt=self._salt, **_COST))

    def _write(self, salt: bytes, hashed: bytes, tries: int, locked_until: datetime | None) -> None:
        with self._file.writing() as database:
            database.execute("DELETE FROM pin")
            until = locked_until.isoformat() if locked_until else None
            database.execute("INSERT INTO pin VALUES (?, ?, ?, ?)", [salt, hashed, tries, until])
        self._salt, self._hash, self._tries, self._locked_until = salt, hashed, tries, locked_until
