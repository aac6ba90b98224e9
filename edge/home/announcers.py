"""Who announces things, and where: each kind of announcement is read into components by a file of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edge.home.discovery import Announcement, read_announcement

OWN_PREFIX: Final = "edge/discovery"
"""Where kinds announce themselves that Home Assistant's discovery lacks: media players."""


@dataclass(frozen=True)
class Announcer:
    """One way to announce things."""

    filters: tuple[str, ...]
    """MQTT topic filters on which it announces."""
    read: Callable[[str, bytes], Announcement]
    """Takes topic and payload; total. An empty payload takes back what that topic announced before."""


def announcers(discovery_prefix: str) -> tuple[Announcer, ...]:
    """All that are listened to."""
    return tuple(_discovery(prefix) for prefix in (discovery_prefix, OWN_PREFIX))


def _discovery(prefix: str) -> Announcer:
    filters = tuple(f"{prefix}/{levels}/config" for levels in ("+/+", "+/+/+"))
    return Announcer(filters, lambda topic, payload: read_announcement(topic, payload, prefix))
