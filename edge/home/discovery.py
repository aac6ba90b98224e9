"""Home Assistant's MQTT discovery, from the side of the one who listens: announcements become components.

Read are the form with one component a topic and the device form with many; abbreviations, `~`, and what the device form
hands down. Components marked as diagnostic, as configuration or as disabled are left out, as they are for Home
Assistant's own voice. Other kinds of announcement (Tasmota's own, say) can become components in files of their own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ValidationError

from edge.home.abbreviations import ABBREVIATIONS, DEVICE_ABBREVIATIONS
from edge.home.availability import Availability, read_availability
from edge.home.configs import config_class
from edge.home.kinds.config import Config
from edge.home.payloads import MAX_CONFIG_BYTES, as_text, as_word, decode, parse_json
from edge.home.problems import Problem
from edge.records import Message

_AVAILABILITY: Final = ("availability", "availability_topic", "availability_template", "availability_mode")
_HANDED_DOWN: Final = (
    *_AVAILABILITY,
    "payload_available",
    "payload_not_available",
    "command_topic",
    "state_topic",
    "encoding",
    "qos",
)
"""What the components of a device form inherit from its top level."""

_NO_ENTITIES: Final = frozenset(
    {"device_automation", "tag", "event", "update", "camera", "image", "device_tracker", "notify", "text"}
)
"""Kinds that are nothing to speak of, which is no problem."""

NAME_MAX: Final = 120


@dataclass(frozen=True)
class Component:
    """One thing as its maker announced it."""

    key: str
    """Where it was announced; unique in the home."""
    domain: str
    config: Config
    availability: Availability
    object_id: str
    """The last word of the topic, or the key in a device form; for want of a better name."""
    device_name: str = ""
    suggested_area: str = ""
    second_hand: bool = False
    """Made from a maker's own announcement: left out where Home Assistant's discovery announces the same topics."""
    echoes: Mapping[str, str] = field(default_factory=dict)
    """By topic that tells of it, another that tells the same: Tasmota's `stat/lamp/RESULT` and `tele/lamp/STATE`."""
    asking: Message | None = None
    """What makes it tell its state, where the broker does not keep that."""

    @property
    def name(self) -> str:
        """As Home Assistant would call it: the device's name, then the component's own."""
        own = self.config.name or ""
        if own and self.device_name and not own.casefold().startswith(self.device_name.casefold()):
            return f"{self.device_name} {own}"
        return own or self.device_name or " ".join(self.object_id.replace("_", " ").replace("-", " ").split())


@dataclass(frozen=True)
class Announcement:
    """What one config topic said last."""

    components: tuple[Component, ...] = ()
    problems: tuple[Problem, ...] = ()
    rooms: Mapping[str, str] = field(default_factory=dict)
    """By topic (`zigbee2mqtt/desk lamp`), the room in which whatever has it, or lies beneath it, is said to be."""
    moves: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """By topic, others: what is said to it, or beneath it, moves whatever is commanded at those or beneath them. So a
    Zigbee group moves its members, and a device answers to its address as well as to its name."""
    whole: str = ""
    """What is told as a whole, where that takes several topics: what any of them told of it before is forgotten."""


Found = tuple[str, str, str, Mapping[str, Any]]
"""Key, domain, object id, and what is told, with its keys in full."""


class _Unusable(Exception):  # noqa: N818 - says what it is; never leaves this file
    """A component cannot be used, and why."""


def read_announcement(topic: str, payload: bytes, prefix: str) -> Announcement:
    """What a message on `<prefix>/<component>/[<node>/]<object>/config` announces. Total; an empty payload removes."""
    words = topic.removeprefix(f"{prefix}/").split("/")
    if not payload or len(words) not in {3, 4} or words[-1] != "config":
        return Announcement()
    text = decode(payload, MAX_CONFIG_BYTES)
    if text is None:
        return _refused(topic, f"it is no UTF-8 text, or longer than {MAX_CONFIG_BYTES // 1024} KB")
    told = parse_json(text)
    if not isinstance(told, dict):
        return _refused(topic, "it is no JSON object")
    told = spelled_out(told)
    if words[0] == "device":
        return _device_form(topic, told)
    return gathered([(topic, words[0], words[-2], told)], _device_block(told))


def _device_form(topic: str, told: Mapping[str, Any]) -> Announcement:
    components = told.get("components")
    if not isinstance(components, dict):
        return _refused(topic, "a device form needs components")
    handed_down = {key: told[key] for key in _HANDED_DOWN if key in told}
    found: list[Found] = []
    for key, own in components.items():
        if not isinstance(own, dict):
            return _refused(topic, "each of its components must be a JSON object")
        spelled = spelled_out(own)
        if set(spelled) != {"platform"}:  # a component with nothing else was taken away
            platform = spelled.get("platform")
            kind = platform if isinstance(platform, str) else "component without a platform"
            found.append((f"{topic}#{key}", kind, key, {**_inherited(handed_down, spelled), **spelled}))
    return gathered(found, _device_block(told))


def _inherited(handed_down: Mapping[str, Any], own: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a component takes from above; one that tells its own availability takes no other beside it."""
    if own.keys() & {"availability", "availability_topic"}:
        return {key: value for key, value in handed_down.items() if key not in _AVAILABILITY}
    return handed_down


def gathered(found: Sequence[Found], device: Mapping[str, str]) -> Announcement:
    """Components, and the problems with those that cannot be used. `device`: its `name` and `area`. Total."""
    components: list[Component] = []
    problems: list[Problem] = []
    for key, domain, object_id, told in found:
        try:
            component = _component(key, domain, object_id, told, device)
        except _Unusable as unusable:
            problems.append(Problem(key, str(unusable)))
            continue
        if component is not None:
            components.append(component)
            reasons = (*component.config.problems(), *component.availability.problems)
            problems += [Problem(key, reason) for reason in reasons]
    return Announcement(tuple(components), tuple(problems))


def _component(
    key: str, domain: str, object_id: str, told: Mapping[str, Any], device: Mapping[str, str]
) -> Component | None:
    """The component; None for one that is not meant to be spoken of."""
    if domain in _NO_ENTITIES:
        return None
    kind = config_class(domain, told)
    if kind is None:
        schema = f" with schema {as_word(told.get('schema'))}" if domain == "light" else ""
        raise _Unusable(f"Edge does not know a {as_word(domain) or 'component'}{schema} yet")
    told = {key: value for key, value in told.items() if value is not None or key.startswith("payload_")}
    try:
        config = kind.model_validate(told)
        availability = read_availability(told)
    except ValidationError as error:
        raise _Unusable(_first_mistake(error)) from None
    except RecursionError:
        raise _Unusable("it is nested too deeply") from None
    if config.entity_category or not config.enabled_by_default:
        return None
    if config.encoding.casefold().replace("-", "") != "utf8":
        raise _Unusable("it wants raw bytes or another encoding; Edge speaks UTF-8")
    if not as_word(object_id):
        raise _Unusable("its topic names no object")
    component = Component(
        key, domain, config, availability, as_word(object_id) or "", device.get("name", ""), device.get("area", "")
    )
    if not 0 < len(component.name) <= NAME_MAX:
        raise _Unusable(f"its name is empty or longer than {NAME_MAX} characters")
    return component


def spelled_out(told: Mapping[str, Any]) -> dict[str, Any]:
    """What is told with its abbreviated keys in full, and topics without `~`."""
    full = _renamed(told, ABBREVIATIONS)
    base = as_text(full.pop("~", None))
    if isinstance(full.get("availability"), list):
        full["availability"] = [
            _renamed(entry, ABBREVIATIONS) if isinstance(entry, dict) else entry for entry in full["availability"]
        ]
    elif isinstance(full.get("availability"), dict):
        full["availability"] = [_renamed(full["availability"], ABBREVIATIONS)]
    if base is not None:
        _expand(full, base)
        availability = full.get("availability")
        for entry in availability if isinstance(availability, list) else ():
            if isinstance(entry, dict):
                _expand(entry, base)
    return full


def _renamed(told: Mapping[str, Any], abbreviations: Mapping[str, str]) -> dict[str, Any]:
    return {abbreviations.get(key, key): value for key, value in told.items()}


def _expand(told: dict[str, Any], base: str) -> None:
    for key, value in told.items():
        if not (key.endswith("topic") and isinstance(value, str)):
            continue
        if value.startswith("~"):
            told[key] = base + value[1:]
        elif value.endswith("~"):
            told[key] = value[:-1] + base


def _device_block(told: Mapping[str, Any]) -> Mapping[str, str]:
    block = told.get("device")
    device = _renamed(block, DEVICE_ABBREVIATIONS) if isinstance(block, dict) else {}
    return {"name": as_word(device.get("name")) or "", "area": as_word(device.get("suggested_area")) or ""}


def _first_mistake(error: ValidationError) -> str:
    """The first thing wrong with it, without the value, which may be anything."""
    mistake = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(step) for step in mistake["loc"])
    return f"{place}: {mistake['msg'].removeprefix('Value error, ')}"


def _refused(topic: str, reason: str) -> Announcement:
    return Announcement(problems=(Problem(topic, reason),))
