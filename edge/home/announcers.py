"""Who announces things, and where: each kind of announcement is read into components by a file of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edge.home.discovery import Announcement, read_announcement
from edge.home.tasmota import FILTERS as TASMOTA_CONFIGS
from edge.home.tasmota import Tasmota
from edge.home.zigbee2mqtt import FILTERS as ZIGBEE_LISTS
from edge.home.zigbee2mqtt import Zigbee2Mqtt

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
    """All that are listened to; those that know what came before are made anew for each home."""
    discovering = (_discovery(prefix) for prefix in (discovery_prefix, OWN_PREFIX))
    return (*discovering, Announcer(ZIGBEE_LISTS, Zigbee2Mqtt().read), Announcer(TASMOTA_CONFIGS, Tasmota().read))


def _discovery(prefix: str) -> Announcer:
    filters = tuple(f"{prefix}/{levels}/config" for levels in ("+/+", "+/+/+"))
    return Announcer(filters, lambda topic, payload: read_announcement(topic, payload, prefix))
