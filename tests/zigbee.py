"""A small Zigbee2MQTT: what its lists look like, with a device of every shape that matters."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.homes import AnnouncedHome


def binary(name: str, on: Any = "ON", off: Any = "OFF", access: int = 7, **more: Any) -> dict[str, Any]:
    """A property that is or is not."""
    return {"type": "binary", "name": name, "property": name, "access": access} | {
        "value_on": on,
        "value_off": off,
        **more,
    }


def numeric(name: str, unit: str | None = None, access: int = 1, **more: Any) -> dict[str, Any]:
    """A property that is measured or set."""
    told = {"type": "numeric", "name": name, "property": name, "access": access, **more}
    return told | ({"unit": unit} if unit else {})


def enum(name: str, *values: str, access: int = 7, **more: Any) -> dict[str, Any]:
    """A property that is one of several."""
    return {"type": "enum", "name": name, "property": name, "access": access, "values": list(values), **more}


def thing(kind: str, *features: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A light, a cover ... with its features."""
    return {"type": kind, "features": list(features), **more}


def at(endpoint: str, feature: dict[str, Any]) -> dict[str, Any]:
    """The same property of one endpoint."""
    return {**feature, "property": f"{feature['name']}_{endpoint}", "endpoint": endpoint}


COLOR = {"type": "composite", "name": "color_xy", "property": "color", "access": 7, "features": []}
LAMP = thing(
    "light",
    binary("state"),
    numeric("brightness", access=7, value_min=0, value_max=254),
    numeric("color_temp", "mired", access=7, value_min=153, value_max=370),
    numeric("color_temp_startup", "mired", access=7, value_min=153, value_max=370),
)
PLUG = thing("switch", binary("state"))
INNER = (
    numeric("linkquality", "lqi"),
    numeric("voltage", "mV"),
    numeric("power_outage_count"),
    enum("action", "single", "hold", access=1),
    binary("power_outage_memory", on=True, off=False),
    numeric("humidity_calibration", "%", access=3),
    enum("power_on_behavior", "on", "off"),
    enum("led_colors", "red", "green", category="config"),
    binary("muted", access=1, category="diagnostic"),
)
"""What nobody speaks of."""


@dataclass
class ZigbeeHome:
    """A home whose only voice is a Zigbee2MQTT without Home Assistant's discovery."""

    base: str = "zigbee2mqtt"
    home: AnnouncedHome = field(default_factory=AnnouncedHome)

    def __post_init__(self) -> None:
        self.devices: list[dict[str, Any]] = []
        self.groups: list[dict[str, Any]] = []

    def add(self, name: str, *exposes: dict[str, Any], **more: Any) -> str:
        """Add a device to the list; returns its address."""
        address = f"0x{len(self.devices):016x}"
        entry = {"ieee_address": address, "friendly_name": name, "type": "Router", "model_id": "some.model"}
        self.devices.append({**entry, "definition": {"exposes": list(exposes)}, **more})
        return address

    def group(self, name: str, *addresses: str) -> None:
        """Add a group to the list."""
        members = [{"ieee_address": address, "endpoint": 1} for address in addresses]
        self.groups.append({"id": len(self.groups) + 1, "friendly_name": name, "members": members})

    def tell_devices(self) -> None:
        self.tell("devices", self.devices)

    def tell_groups(self) -> None:
        self.tell("groups", self.groups)

    def tell(self, what: str, content: Any) -> None:
        """Write to one of the bridge's topics."""
        payload = content if isinstance(content, str) else json.dumps(content)
        self.home.bus.publish(f"{self.base}/bridge/{what}", payload, retain=True)

    def online(self) -> "ZigbeeHome":
        """All lists are told, and the bridge is there."""
        self.tell_devices()
        self.tell_groups()
        self.tell("state", {"state": "online"})
        return self

    def names(self) -> dict[str, str]:
        """Every device's name by its id."""
        return {device.device_id: device.name for device in self.home.picture.home_map.devices}
