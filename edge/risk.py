"""Words: which devices may be moved freely, and which never without a spoken yes."""

from collections.abc import Iterable
from typing import Literal

Tier = Literal["free", "guarded"]
"""`guarded`: nothing moves the device without a confirmation of that very command."""

GUARDED_DOMAINS = frozenset({"lock", "alarm_control_panel", "valve", "siren"})
GUARDED_CLASSES = frozenset({"garage", "garage_door", "door", "gate", "oven", "stove", "lock"})
GUARDED_WORDS = frozenset({"garage", "gate", "oven", "stove", "lock", "alarm"})
MOVING_DOMAINS = frozenset({"cover", "switch", "climate", "water_heater", "button", "fan", "light"})


def tier_of(domain: str, device_class: str | None, name: str) -> Tier:
    """The tier a device gets unless the home file says otherwise.

    A relay may open a garage and a switch may light an oven, so a telling word in the name of a thing that moves
    counts as well; a light that hangs in the garage stays free.
    """
    if domain in GUARDED_DOMAINS or (device_class or "") in GUARDED_CLASSES:
        return "guarded"
    if domain in MOVING_DOMAINS - {"light"} and GUARDED_WORDS & set(name.casefold().split()):
        return "guarded"
    return "free"


def commands(topic: str, command_topics: Iterable[str]) -> bool:
    """Whether a message to `topic` may move a device that is commanded by these topics.

    Beside the topic itself: what lies beneath it (Zigbee2MQTT's `.../set/state`), and for Tasmota, which takes any
    command in any case, all of `cmnd/<device>/`.
    """
    wanted = topic.casefold().strip("/")
    for each in command_topics:
        known = each.casefold().strip("/")
        if wanted == known or wanted.startswith(f"{known}/"):
            return True
        device = known.rpartition("/")[0]
        if device and "cmnd" in known.split("/") and wanted.startswith(f"{device}/"):
            return True
    return False
