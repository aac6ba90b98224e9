"""What is wrong with a home, said so that a person can mend it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that cannot be used as it stands."""

    where: str
    """A file, a topic or a device_id."""
    reason: str
    line: int | None = None
    """In a file: the line, from 1."""

    def __str__(self) -> str:
        place = f"{self.where}, line {self.line}" if self.line else self.where
        return f"{place}: {self.reason}"
