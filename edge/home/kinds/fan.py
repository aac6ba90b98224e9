"""A fan."""

import math
from typing import Annotated, Any, Final

from pydantic import Field

from edge.home.kinds.config import Abilities, Config
from edge.home.kinds.fields import Payload, Topic, ValueTemplate, Words
from edge.home.kinds.reading import RESET, Reading, one_of, percent, resettable, same, told, word
from edge.home.kinds.telling import CannotRender, Values, between, chosen, message, one_among
from edge.records import Message

_VALUES: Final = {
    "speed": "percentage",
    "preset": "preset_mode",
    "oscillating": "oscillation",
    "direction": "direction",
}
"""How the keys begin for each value."""

Step = Annotated[int, Field(ge=1, le=1_000_000)]


class FanConfig(Config):
    """A fan with a speed, presets, and what turns in it or blows the other way."""

    command_topic: Topic
    payload_on: Payload = "ON"
    payload_off: Payload = "OFF"
    state_value_template: ValueTemplate = None
    percentage_state_topic: Topic | None = None
    percentage_value_template: ValueTemplate = None
    percentage_command_topic: Topic | None = None
    percentage_command_template: ValueTemplate = None
    payload_reset_percentage: Payload = RESET
    speed_range_min: Step = 1
    speed_range_max: Step = 100
    preset_modes: Words = ()
    preset_mode_state_topic: Topic | None = None
    preset_mode_value_template: ValueTemplate = None
    preset_mode_command_topic: Topic | None = None
    preset_mode_command_template: ValueTemplate = None
    payload_reset_preset_mode: Payload = RESET
    oscillation_state_topic: Topic | None = None
    oscillation_value_template: ValueTemplate = None
    oscillation_command_topic: Topic | None = None
    oscillation_command_template: ValueTemplate = None
    payload_oscillation_on: Payload = "oscillate_on"
    payload_oscillation_off: Payload = "oscillate_off"
    direction_state_topic: Topic | None = None
    direction_value_template: ValueTemplate = None
    direction_command_topic: Topic | None = None
    direction_command_template: ValueTemplate = None
    payload_direction_forward: Payload = "forward"
    payload_direction_reverse: Payload = "reverse"

    def readings(self) -> tuple[Reading, ...]:
        """State, speed in percent, preset, oscillation and direction."""
        on_off = {self.payload_on: "on", self.payload_off: "off"}
        speed = percent("speed", self.speed_range_max, self.speed_range_min - 1)
        turning = {self.payload_oscillation_on: True, self.payload_oscillation_off: False}
        ways = {self.payload_direction_forward: "forward", self.payload_direction_reverse: "reverse"}
        preset = same(self.preset_modes, "preset") if self.preset_modes else word("preset")
        return (
            *told(self.state_topic, self.state_value_template or self.value_template, one_of(on_off)),
            *told(
                self.percentage_state_topic,
                self.percentage_value_template,
                resettable("speed", self.payload_reset_percentage, speed),
            ),
            *told(
                self.preset_mode_state_topic,
                self.preset_mode_value_template,
                resettable("preset", self.payload_reset_preset_mode, preset),
            ),
            *told(self.oscillation_state_topic, self.oscillation_value_template, one_of(turning, "oscillating")),
            *told(self.direction_state_topic, self.direction_value_template, one_of(ways, "direction")),
        )

    def messages(self, command: str, values: Values) -> tuple[Message, ...]:
        """On or off, and its values, each on a topic of its own."""
        if values.get("speed") == 0:
            return self._turned("turn_off")
        return (*self._turned(command), *(self._value(key, value) for key, value in values.items()))

    def abilities(self) -> Abilities:
        """What there are topics for."""
        capabilities = frozenset(value for value, key in _VALUES.items() if getattr(self, f"{key}_command_topic"))
        options = {"preset": self.preset_modes}
        return Abilities(capabilities, options=options, reports=self.reports(self.state_topic))

    def untold(self) -> tuple[str, ...]:
        """Values without a topic for the state."""
        return self._given_only(_VALUES)

    def _turned(self, command: str) -> tuple[Message, ...]:
        payloads = {"turn_on": self.payload_on, "turn_off": self.payload_off}
        return chosen(self.command_topic, payloads, command, self.command_template)

    def _value(self, key: str, value: Any) -> Message:
        match key:
            case "speed":
                steps = self.speed_range_max - self.speed_range_min + 1
                step = math.ceil(between(value, 0, 100) / 100 * steps + self.speed_range_min - 1)
                return message(self.percentage_command_topic, step, self.percentage_command_template)
            case "preset":
                preset = one_among(value, self.preset_modes, "preset")
                return message(self.preset_mode_command_topic, preset, self.preset_mode_command_template)
            case "oscillating":
                payload = self.payload_oscillation_on if value else self.payload_oscillation_off
                return message(self.oscillation_command_topic, payload, self.oscillation_command_template)
            case "direction":
                one_among(value, ("forward", "reverse"), "direction")
                payload = getattr(self, f"payload_direction_{value}")
                return message(self.direction_command_topic, payload, self.direction_command_template)
            case _:
                raise CannotRender(f"a fan has no {key}")
