"""One change of one device, as it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class HistoryRow:
    """A change of one device."""

    device_id: str
    at: str
    """ISO 8601, in UTC."""
    value: str
    attributes: Mapping[str, Any]
    cause: str
