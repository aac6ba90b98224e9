"""Edge itself as a device at the broker: its topics, and what it announces to Home Assistant to be shown and automated.

What is a setting or tells about ourselves is marked as such, as Home Assistant's own satellites do.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

NODE: Final = "assistant"
"""The usual name of an assistant in its topics."""

STATUS_TOPIC: Final = "edge/status"
"""Where the assistant says online and offline, retained."""

ACTIVITIES: Final = ("idle", "listening", "thinking", "speaking")
RESULTS: Final = ("done", "answered", "asked", "refused", "failed", "silent")
"""What can have become of a turn."""

COMMAND_CHARACTERS_MAX: Final = 255
"""Longest text that Home Assistant's text entity takes."""


@dataclass(frozen=True)
class OwnTopics:
    """The topics of one assistant."""

    node: str = NODE
    prefix: str = "homeassistant"

    @property
    def status(self) -> str:
        """Online and offline; one of several assistants has a topic of its own for that."""
        return STATUS_TOPIC if self.node == NODE else self.of("status")

    @property
    def config(self) -> str:
        """Where it is announced."""
        return f"{self.prefix}/device/edge-{self.node}/config"

    @property
    def birth(self) -> str:
        """Where Home Assistant says that it has started and wants to be told everything."""
        return f"{self.prefix}/status"

    def of(self, what: str) -> str:
        """`edge/assistant/volume`."""
        return f"edge/{self.node}/{what}"

    def to_set(self, what: str) -> str:
        """`edge/assistant/volume/set`."""
        return f"{self.of(what)}/set"

    @property
    def read(self) -> tuple[str, ...]:
        """What it listens to."""
        states = (self.of(what) for what in ("mute", "volume"))
        moved = (self.to_set(what) for what in ("mute", "volume"))
        return (self.birth, *states, *moved, *(self.of(what) for what in ("say", "announce", "text")))

    @property
    def written(self) -> tuple[str, ...]:
        """What it says of itself."""
        told = ("state", "last_turn", "mute", "volume", "reply")
        return (self.status, self.config, *(self.of(what) for what in told))


def announcement(topics: OwnTopics, *, room: str | None, version: str, has_voice: bool, takes_text: bool) -> str:
    """What is published, retained, at `topics.config`. A part that is not there (any more) is announced as gone."""
    parts = {
        "state": (True, _state(topics)),
        "last_turn": (True, _last_turn(topics)),
        "mute": (has_voice, _mute(topics)),
        "volume": (has_voice, _volume(topics)),
        "say": (has_voice, _spoken(topics, "say", "Say", "mdi:account-voice")),
        "announce": (has_voice, _spoken(topics, "announce", "Announce", "mdi:bullhorn")),
        "text": (takes_text, _text(topics)),
    }
    components = {
        key: {**part, "unique_id": f"edge-{topics.node}-{key}"} if is_there else {"platform": part["platform"]}
        for key, (is_there, part) in parts.items()
    }
    device = {
        "identifiers": [f"edge-{topics.node}"],
        "name": f"Edge {room}" if room else "Edge",
        "manufacturer": "Edge",
        "model": "Voice assistant",
        "sw_version": version,
        **({"suggested_area": room} if room else {}),
    }
    return json.dumps(
        {
            "device": device,
            "origin": {"name": "Edge", "sw_version": version},
            "availability": [{"topic": topics.status}],
            "qos": 1,
            "components": components,
        },
        ensure_ascii=False,
    )


def _state(topics: OwnTopics) -> Mapping[str, Any]:
    return {
        "platform": "sensor",
        "name": "State",
        "device_class": "enum",
        "options": ACTIVITIES,
        "state_topic": topics.of("state"),
        "icon": "mdi:account-voice",
    }


def _last_turn(topics: OwnTopics) -> Mapping[str, Any]:
    return {
        "platform": "sensor",
        "name": "Last turn",
        "device_class": "enum",
        "options": RESULTS,
        "state_topic": topics.of("last_turn"),
        "value_template": "{{ value_json.result }}",
        "json_attributes_topic": topics.of("last_turn"),
        "entity_category": "diagnostic",
        "icon": "mdi:comment-check-outline",
    }


def _mute(topics: OwnTopics) -> Mapping[str, Any]:
    return {
        "platform": "switch",
        "name": "Mute",
        "state_topic": topics.of("mute"),
        "command_topic": topics.to_set("mute"),
        "entity_category": "config",
        "icon": "mdi:microphone-off",
    }


def _volume(topics: OwnTopics) -> Mapping[str, Any]:
    return {
        "platform": "number",
        "name": "Volume",
        "state_topic": topics.of("volume"),
        "command_topic": topics.to_set("volume"),
        "min": 0,
        "max": 100,
        "unit_of_measurement": "%",
        "entity_category": "config",
        "icon": "mdi:volume-high",
    }


def _spoken(topics: OwnTopics, what: str, name: str, icon: str) -> Mapping[str, Any]:
    return {"platform": "notify", "name": name, "command_topic": topics.of(what), "icon": icon}


def _text(topics: OwnTopics) -> Mapping[str, Any]:
    return {
        "platform": "text",
        "name": "Command",
        "command_topic": topics.of("text"),
        "min": 1,
        "max": COMMAND_CHARACTERS_MAX,
        "icon": "mdi:keyboard",
    }
