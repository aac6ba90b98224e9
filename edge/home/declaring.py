"""Devices that are written down by hand in the home file, because nobody announces them: `mqtt` and `shelly`.

`mqtt` has Home Assistant's discovery keys, long or short. What would be ignored in an announcement is a mistake here,
for a person wrote it and wants to know.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any, Final

from edge.home.abbreviations import ABBREVIATIONS
from edge.home.configs import config_class
from edge.home.discovery import Announcement, gathered, spelled_out
from edge.home.shelly import part_at, parts_for, told_of

_ALSO: Final = frozenset(
    {"availability", "availability_mode", "availability_template", "availability_topic", "device", "encoding", "icon"}
    | {"json_attributes_topic", "object_id", "optimistic", "origin", "payload_available", "payload_not_available"}
    | {"platform", "qos", "retain", "schema", "state_class", "suggested_display_precision", "unique_id", "~"}
)
"""Keys of any device: some that Edge reads elsewhere, and some of Home Assistant's that it needs not."""


def declared(device_id: str, name: str, mqtt: Mapping[str, Any] | None, shelly: str | None) -> Announcement:
    """What such a device would announce, and what is wrong with it. Total."""
    domain, _, slug = device_id.partition(".")
    told = _told(domain, mqtt, shelly)
    if told is None:
        return Announcement()
    own = {**told, "name": name, "default_entity_id": device_id}
    announced = gathered([(f"the home file's {device_id}", domain, slug, own)], {})
    part = part_at(shelly) if shelly else None
    if part is None:
        return announced
    components = tuple(replace(component, asking=part.asking) for component in announced.components)
    return replace(announced, components=components, moves=part.moves())


def mistakes_in(
    device_id: str, name: str, mqtt: Mapping[str, Any] | None, shelly: str | None
) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each with the keys below the device's table that lead to it."""
    domain = device_id.partition(".")[0]
    if shelly is not None and _told(domain, None, shelly) is None:
        parts = ", ".join(f"{kind}:0" for kind in parts_for(domain))
        reason = f"should be like 'shellyplus1-a8032abe54dc/PART', with PART one of {parts}" if parts else ""
        yield ("shelly",), f"shelly: {reason or f'no part of a Shelly is a {domain}'}."
    elif mqtt is not None or shelly is not None:
        key = "mqtt" if shelly is None else "shelly"
        if mqtt is not None:
            yield from (((key, each), reason) for each, reason in _unknown_keys(domain, mqtt))
        for problem in declared(device_id, name, mqtt, shelly).problems:
            place, _, reason = problem.reason.partition(": ")
            at_a_key = bool(reason) and " " not in place
            yield (key, place if at_a_key else ""), f"{key}{'.' if at_a_key else ': '}{problem.reason}."


def _told(domain: str, mqtt: Mapping[str, Any] | None, shelly: str | None) -> Mapping[str, Any] | None:
    if shelly is None:
        return None if mqtt is None else spelled_out(mqtt)
    part = part_at(shelly)
    return told_of(domain, part) if part else None


def _unknown_keys(domain: str, mqtt: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    kind = config_class(domain, mqtt)
    if kind is None:
        return
    known = {*kind.model_fields, *_ALSO}
    for key in mqtt:
        if ABBREVIATIONS.get(key, key) not in known:
            near = get_close_matches(key, sorted(known), n=1, cutoff=0.6)
            yield key, f"mqtt has no {key!r} for a {domain}.{f' Did you mean {near[0]!r}?' if near else ''}"
