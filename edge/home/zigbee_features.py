"""The properties of a Zigbee device, and how one of them is told and set in Home Assistant's words."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from edge.home.payloads import as_number, as_word

Told = dict[str, Any]
"""An announcement with Home Assistant's keys in full."""

PUBLISHED: Final = 1
SETTABLE: Final = 2
GETTABLE: Final = 4
"""The bits of `access`."""


@dataclass(frozen=True)
class Feature:
    """One property, checked as far as it is used."""

    name: str
    key: str
    """Under which its device's JSON has it."""
    access: int
    told: Mapping[str, Any] = field(repr=False)

    @property
    def settable(self) -> bool:
        return bool(self.access & SETTABLE)

    @property
    def values(self) -> list[str]:
        """What can be chosen."""
        listed = self.told.get("values")
        return [word for value in listed if (word := as_word(value))] if isinstance(listed, list) else []

    @property
    def template(self) -> str:
        """Where in the device's JSON it is."""
        return f"{{{{ value_json[{json.dumps(self.key)}] }}}}"

    @property
    def in_words(self) -> str:
        """What it is, for a name."""
        return self.name.removesuffix("_lux").replace("_", " ")


@dataclass(frozen=True)
class Place:
    """Where a device, or one of its endpoints, is told and set."""

    topic: str
    endpoint: str | None = None

    @property
    def command(self) -> str:
        """Takes a state (`ON`) or JSON; below it each property has a topic of its own."""
        return f"{self.topic}/{self.endpoint}/set" if self.endpoint else f"{self.topic}/set"


def feature_of(entry: Mapping[str, Any]) -> Feature | None:
    """The feature; None for what is none."""
    name, told_at, access = as_word(entry.get("name")), as_word(entry.get("property")), entry.get("access")
    if name is None or told_at is None or not isinstance(access, int):
        return None
    return Feature(name, told_at, access, entry)


def features_of(entry: Mapping[str, Any]) -> dict[str, Feature]:
    """The features of a light, a cover ..., by name."""
    listed = entry.get("features")
    found = [feature_of(each) for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    return {feature.name: feature for feature in found if feature}


def part(feature: Feature | None, at: Place, *, state: str, command: str, read: str) -> Told:
    """One property: under `state` and `read` where it is told and how it is read, under `command` where it is set."""
    if feature is None:
        return {}
    return {
        **({state: at.topic, read: feature.template} if feature.access & PUBLISHED else {}),
        **({command: f"{at.command}/{feature.key}"} if feature.settable else {}),
    }


def state_of(state: Feature, at: Place, read: str = "value_template") -> Told:
    """The state itself, which is set without its name."""
    told = part(state, at, state="state_topic", command="command_topic", read=read)
    return told | ({"command_topic": at.command} if state.settable else {})


def on_off(state: Feature) -> Told:
    """The two states of something, which may be any two values."""
    on, off = state.told.get("value_on"), state.told.get("value_off")
    return {"payload_on": payload_of(on), "payload_off": payload_of(off), "state_on": on, "state_off": off}


def payload_of(value: Any) -> str:
    """A value as it is sent."""
    return value if isinstance(value, str) else json.dumps(value)


def limits_of(feature: Feature | None, lowest: str, highest: str) -> Told:
    """Its lowest and highest value, under these keys, where it names them."""
    ends = {lowest: "value_min", highest: "value_max"}
    found = {key: as_number(feature.told.get(end)) for key, end in ends.items()} if feature else {}
    return {key: number for key, number in found.items() if number is not None}
