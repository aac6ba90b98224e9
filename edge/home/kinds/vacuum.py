"""Robots: those that clean, and those that mow."""

import json
from collections.abc import Mapping
from typing import Any, Final

from edge.home.kinds.config import Abilities, Config
from edge.home.kinds.fields import Payload, Topic, ValueTemplate, Words
from edge.home.kinds.reading import NOTHING, RESET, Changes, Reading, percent, same, table, told, word
from edge.home.kinds.telling import CannotRender, Values, chosen, message, one_among
from edge.home.payloads import as_text
from edge.records import Message

VACUUM_STATES: Final = ("cleaning", "docked", "paused", "idle", "returning", "error")
MOWER_STATES: Final = ("mowing", "docked", "paused", "returning", "error")

_FEATURE: Final[Mapping[str, str]] = {
    "start": "start",
    "pause": "pause",
    "stop": "stop",
    "return_to_base": "return_home",
    "locate": "locate",
    "clean_spot": "clean_spot",
}
"""What a robot must be able to do for a command, in Home Assistant's words."""


class VacuumConfig(Config):
    """A vacuum cleaner that reports its state."""

    supported_features: Words = ("start", "stop", "return_home", "clean_spot")
    payload_start: Payload = "start"
    payload_pause: Payload = "pause"
    payload_stop: Payload = "stop"
    payload_return_to_base: Payload = "return_to_base"
    payload_locate: Payload = "locate"
    payload_clean_spot: Payload = "clean_spot"
    fan_speed_list: Words = ()
    set_fan_speed_topic: Topic | None = None
    send_command_topic: Topic | None = None

    def readings(self) -> tuple[Reading, ...]:
        """All in one JSON object."""
        return told(self.state_topic, self.value_template, _state)

    def messages(self, command: str, values: Values) -> tuple[Message, ...]:
        """What its features allow; one that cannot pause is stopped."""
        if command == "set_fan_speed":
            self._needs("fan_speed")
            speed = one_among(values.get("fan_speed"), self.fan_speed_list, "fan speed")
            return (message(self.set_fan_speed_topic, speed),)
        if command == "send_command":
            self._needs("send_command")
            rest = {key: value for key, value in values.items() if key != "command"}
            said = json.dumps(values, ensure_ascii=False) if rest else values.get("command")
            return (message(self.send_command_topic, said),)
        payloads = {name: getattr(self, f"payload_{name}") for name in _FEATURE if self._can(name)}
        payloads["turn_on"], payloads["turn_off"] = payloads.get("start"), payloads.get("return_to_base")
        payloads.setdefault("pause", payloads.get("stop"))
        return chosen(self.command_topic, payloads, command)

    def abilities(self) -> Abilities:
        """Its features, and how hard it may suck."""
        sucks = "fan_speed" in self.supported_features and self.set_fan_speed_topic
        options = {"fan_speed": self.fan_speed_list} if sucks else {}
        capabilities = {name for name in ("pause", "locate", "clean_spot") if self._can(name)} | options.keys()
        return Abilities(frozenset(capabilities), options=options, reports=self.reports(self.state_topic))

    def _can(self, command: str) -> bool:
        return _FEATURE[command] in self.supported_features

    def _needs(self, feature: str) -> None:
        if feature not in self.supported_features:
            raise CannotRender(f"it does not say that it supports {feature}")


def _state(raw: Any) -> Changes:
    said = table(raw)
    if said is None:
        return NOTHING
    return {
        **same(VACUUM_STATES)(said.get("state")),
        **word("fan_speed")(said.get("fan_speed")),
        **percent("battery", 100)(said.get("battery_level")),
    }


class LawnMowerConfig(Config):
    """A lawn mower, with a topic for each thing it does."""

    activity_state_topic: Topic | None = None
    activity_value_template: ValueTemplate = None
    start_mowing_command_topic: Topic | None = None
    start_mowing_command_template: ValueTemplate = None
    pause_command_topic: Topic | None = None
    pause_command_template: ValueTemplate = None
    dock_command_topic: Topic | None = None
    dock_command_template: ValueTemplate = None

    def readings(self) -> tuple[Reading, ...]:
        """What it is doing."""
        return told(self.activity_state_topic, self.activity_value_template, _activity)

    def messages(self, command: str, values: Values) -> tuple[Message, ...]:
        """Mow, wait, go home."""
        match command:
            case "start" | "turn_on":
                topic, said, template = (
                    self.start_mowing_command_topic,
                    "start_mowing",
                    self.start_mowing_command_template,
                )
            case "pause":
                topic, said, template = self.pause_command_topic, "pause", self.pause_command_template
            case "return_to_base" | "turn_off":
                topic, said, template = self.dock_command_topic, "dock", self.dock_command_template
            case _:
                return ()
        return (message(topic, said, template),) if topic else ()

    def abilities(self) -> Abilities:
        """What there are topics for."""
        capabilities = frozenset({"pause"} if self.pause_command_topic else ())
        return Abilities(capabilities, reports=self.reports(self.activity_state_topic))


def _activity(raw: Any) -> Changes:
    return {"state": "unknown"} if as_text(raw) in {RESET, RESET.lower()} else same(MOWER_STATES)(raw)
