"""From components to devices: which of two that are alike stays, and in which room things are."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from edge.home.discovery import Component, read_announcement
from edge.home.home_file import HomeFile
from edge.home.mapping import mapped

LAMP = {"name": "Lamp", "cmd_t": "zigbee2mqtt/lamp/set", "stat_t": "zigbee2mqtt/lamp"}


def component(place: str, **config: Any) -> Component:
    """What is announced at `<domain>/<object>`."""
    payload = json.dumps(config).encode()
    (read,) = read_announcement(f"homeassistant/{place}/config", payload, "homeassistant").components
    return read


def names(components: Sequence[Component]) -> list[str]:
    return [device.name for device in mapped(components, HomeFile()).devices]


def test_of_one_unique_id_the_first_announcement_stays() -> None:
    """The second is a problem that names both topics; the same id of another kind is another thing."""
    first = component("light/a", **LAMP, uniq_id="1")
    second = component("light/b", **LAMP | {"name": "Impostor", "cmd_t": "elsewhere"}, uniq_id="1")
    other = component("switch/a", **LAMP | {"name": "Plug"}, uniq_id="1")
    found = mapped([first, second, other], HomeFile())
    assert [device.name for device in found.devices] == ["Lamp", "Plug"]
    assert found.component["light.lamp"] is first
    (problem,) = found.problems
    assert problem.where == "homeassistant/light/b/config"
    assert problem.reason == "is left out: it has the same unique_id as homeassistant/light/a/config"
    assert names([second, first]) == ["Impostor"]


def test_one_form_of_announcement_is_as_good_as_the_other() -> None:
    """A maker that publishes the single form and the device form of a thing makes one device."""
    single = component("light/a", **LAMP, uniq_id="1")
    device = component("device/a", cmps={"x": {"p": "light", **LAMP, "uniq_id": "1"}})
    found = mapped([single, device], HomeFile())
    assert len(found.devices) == 1
    assert "homeassistant/device/a/config#x" in {problem.where for problem in found.problems}


def test_without_a_unique_id_nothing_is_a_conflict() -> None:
    """Two lamps of the same name are two lamps."""
    found = mapped([component("light/a", **LAMP), component("light/b", **LAMP)], HomeFile())
    assert len(found.devices) == 2
    assert found.problems == ()


@pytest.mark.parametrize(
    ("place", "config", "stays"),
    [
        ("light/x", LAMP | {"name": "By the maker"}, False),
        ("light/x", LAMP | {"name": "By the maker", "cmd_t": "cmnd/lamp"}, True),
        ("switch/x", LAMP | {"name": "By the maker"}, True),
        ("sensor/x", {"name": "By the maker", "stat_t": "zigbee2mqtt/sensor"}, False),
        ("sensor/x", {"name": "By the maker", "stat_t": "zigbee2mqtt/other"}, True),
    ],
)
def test_what_is_known_at_second_hand_gives_way(place: str, config: dict[str, Any], stays: bool) -> None:
    """Where discovery announces the same kind of thing at the same topics, whoever was first."""
    first_hand = [component("light/a", **LAMP), component("sensor/s", name="S", stat_t="zigbee2mqtt/sensor")]
    made = replace(component(place, **config), second_hand=True)
    assert ("By the maker" in names([*first_hand, made])) is stays
    assert ("By the maker" in names([made, *first_hand])) is stays
    assert names([made]) == ["By the maker"]


def test_a_room_is_known_by_the_topics_of_what_is_in_it() -> None:
    """The nearest counts; a room of its own goes before that, and the home file before both."""
    rooms = {"zigbee2mqtt": "House", "zigbee2mqtt/lamp": "Kitchen", "zigbee2mqtt/la": "Nowhere"}
    components = [
        component("light/a", **LAMP),
        component("switch/b", name="B", cmd_t="zigbee2mqtt/lamp/l2/set"),
        component("switch/c", name="C", cmd_t="zigbee2mqtt/lamps/set"),
        component("switch/d", name="D", cmd_t="zigbee2mqtt/lamp/set", dev={"name": "D", "sa": "Attic"}),
        component("switch/e", name="E", cmd_t="e"),
    ]
    found = mapped(components, HomeFile(), rooms)
    areas = {device.device_id: device.area for device in found.devices}
    assert areas == {
        "light.lamp": "kitchen",
        "switch.b": "kitchen",
        "switch.c": "house",
        "switch.d": "attic",
        "switch.e": None,
    }
    assert {area.name for area in found.areas} == {"Kitchen", "House", "Attic"}
