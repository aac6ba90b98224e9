"""What makes rooms and water warm, and air dry or damp: thermostats, air conditioners, ovens, boilers, humidifiers."""

from collections.abc import Mapping
from typing import Any, Final, Literal

from edge.home.kinds.config import Abilities, Config, Range
from edge.home.kinds.fields import Degrees, Payload, Topic, ValueTemplate, Words
from edge.home.kinds.reading import RESET, Changes, Reading, number, one_of, percent, resettable, same, told, word
from edge.home.kinds.telling import CannotRender, Values, between, chosen, message, one_among
from edge.home.payloads import plain
from edge.records import Message

ACTIONS: Final = ("off", "preheating", "heating", "cooling", "drying", "idle", "fan", "defrosting", "humidifying")
"""What such a device may be doing at the moment, whatever its mode is."""

_RUNNING: Final = ("heat_cool", "auto", "heat", "cool")


class _HeaterConfig(Config):
    """What a thermostat and a boiler have in common."""

    modes: Words
    mode_state_topic: Topic | None = None
    mode_state_template: ValueTemplate = None
    mode_command_topic: Topic | None = None
    mode_command_template: ValueTemplate = None
    power_command_topic: Topic | None = None
    power_command_template: ValueTemplate = None
    payload_on: Payload = "ON"
    payload_off: Payload = "OFF"
    temperature_state_topic: Topic | None = None
    temperature_state_template: ValueTemplate = None
    temperature_command_topic: Topic | None = None
    temperature_command_template: ValueTemplate = None
    current_temperature_topic: Topic | None = None
    current_temperature_template: ValueTemplate = None
    min_temp: Degrees | None = None
    max_temp: Degrees | None = None
    temperature_unit: Literal["C", "F"] = "C"

    def readings(self) -> tuple[Reading, ...]:
        """Mode, target and temperature; without a topic for the mode, one that tells its target is on."""
        return (
            *told(self.mode_state_topic, self.mode_state_template, same(self.modes)),
            *told(self.temperature_state_topic, self.temperature_state_template, self._target),
            *told(self.current_temperature_topic, self.current_temperature_template, number("current_temperature")),
        )

    def messages(self, command: str, values: Values) -> tuple[Message, ...]:
        """Its power where that has a topic, else its mode; and its values, each on a topic of its own."""
        if command in {"turn_on", "turn_off"} and self.power_command_topic:
            payloads = {"turn_on": self.payload_on, "turn_off": self.payload_off}
            return chosen(self.power_command_topic, payloads, command, self.power_command_template)
        wanted = dict(values)
        if command == "turn_off":
            wanted = {"mode": "off"}
        elif command == "turn_on" and "mode" not in wanted:
            wanted["mode"] = self._running()
        return tuple(self._value(key, value) for key, value in wanted.items())

    def abilities(self) -> Abilities:
        """What there are topics for."""
        topics = self._able()
        limits = {key: bounds for key, bounds in self._limits().items() if topics.get(key)}
        capabilities = frozenset(key for key, topic in topics.items() if topic)
        reports = self.reports(self.mode_state_topic, self.temperature_state_topic)
        return Abilities(capabilities, limits, self._options(), f"°{self.temperature_unit}", reports)

    def untold(self) -> tuple[str, ...]:
        """Values without a topic for the state."""
        return self._given_only({"mode": "mode", "temperature": "temperature"})

    def _able(self) -> dict[str, str | None]:
        return {"mode": self.mode_command_topic, "target_temperature": self.temperature_command_topic}

    def _limits(self) -> dict[str, Range]:
        return {"target_temperature": self._bounds()}

    def _options(self) -> dict[str, tuple[str, ...]]:
        return {"mode": self.modes}

    def _bounds(self) -> Range:
        """The lowest and highest target, in its own unit."""
        lowest, highest = self._usual()
        return (lowest if self.min_temp is None else self.min_temp, highest if self.max_temp is None else self.max_temp)

    def _usual(self) -> Range:
        return (7, 35) if self.temperature_unit == "C" else (45, 95)

    def _running(self) -> str:
        """The mode in which it is simply on."""
        return "heat" if "heat" in self.modes else next((mode for mode in _RUNNING if mode in self.modes), "heat")

    def _target(self, raw: Any) -> Changes:
        target = number("temperature")(raw)
        if not target or self.mode_state_topic:
            return target
        return {**target, "state": self.modes[0] if len(self.modes) == 1 else "on"}

    def _value(self, key: str, value: Any) -> Message:
        match key:
            case "mode":
                mode = one_among(value, self.modes, "mode")
                return message(self.mode_command_topic, mode, self.mode_command_template)
            case "temperature":
                degrees = plain(between(value, *self._bounds()))
                return message(self.temperature_command_topic, degrees, self.temperature_command_template)
            case _:
                raise CannotRender(f"it has no {key}")


class ClimateConfig(_HeaterConfig):
    """A thermostat, an air conditioner, an oven."""

    modes: Words = ("auto", "off", "cool", "heat", "dry", "fan_only")
    temperature_low_state_topic: Topic | None = None
    temperature_low_state_template: ValueTemplate = None
    temperature_low_command_topic: Topic | None = None
    temperature_low_command_template: ValueTemplate = None
    temperature_high_state_topic: Topic | None = None
    temperature_high_state_template: ValueTemplate = None
    temperature_high_command_topic: Topic | None = None
    temperature_high_command_template: ValueTemplate = None
    current_humidity_topic: Topic | None = None
    current_humidity_template: ValueTemplate = None
    target_humidity_state_topic: Topic | None = None
    target_humidity_state_template: ValueTemplate = None
    target_humidity_command_topic: Topic | None = None
    target_humidity_command_template: ValueTemplate = None
    min_humidity: Degrees = 30
    max_humidity: Degrees = 99
    preset_modes: Words = ()
    preset_mode_state_topic: Topic | None = None
    preset_mode_value_template: ValueTemplate = None
    preset_mode_command_topic: Topic | None = None
    preset_mode_command_template: ValueTemplate = None
    fan_modes: Words = ("auto", "low", "medium", "high")
    fan_mode_state_topic: Topic | None = None
    fan_mode_state_template: ValueTemplate = None
    fan_mode_command_topic: Topic | None = None
    fan_mode_command_template: ValueTemplate = None
    swing_modes: Words = ("on", "off")
    swing_mode_state_topic: Topic | None = None
    swing_mode_state_template: ValueTemplate = None
    swing_mode_command_topic: Topic | None = None
    swing_mode_command_template: ValueTemplate = None
    swing_horizontal_modes: Words = ("on", "off")
    swing_horizontal_mode_state_topic: Topic | None = None
    swing_horizontal_mode_state_template: ValueTemplate = None
    swing_horizontal_mode_command_topic: Topic | None = None
    swing_horizontal_mode_command_template: ValueTemplate = None
    action_topic: Topic | None = None
    action_template: ValueTemplate = None

    def readings(self) -> tuple[Reading, ...]:
        """Mode, targets, what is measured, and what it does at the moment."""
        return (
            *super().readings(),
            *told(self.temperature_low_state_topic, self.temperature_low_state_template, number("temperature_low")),
            *told(self.temperature_high_state_topic, self.temperature_high_state_template, number("temperature_high")),
            *told(self.current_humidity_topic, self.current_humidity_template, percent("current_humidity", 100)),
            *told(self.target_humidity_state_topic, self.target_humidity_state_template, percent("humidity", 100)),
            *told(
                self.preset_mode_state_topic,
                self.preset_mode_value_template,
                resettable("preset", RESET, same(self.preset_modes, "preset") if self.preset_modes else word("preset")),
            ),
            *(reading for key in _MODES for reading in self._told_mode(key)),
            *told(self.action_topic, self.action_template, same(ACTIONS, "action")),
        )

    def untold(self) -> tuple[str, ...]:
        """As above, with all that an air conditioner can be given besides."""
        return (*super().untold(), *self._given_only(_GIVEN))

    def _told_mode(self, key: str) -> tuple[Reading, ...]:
        topic, template = getattr(self, f"{key}_state_topic"), getattr(self, f"{key}_state_template")
        return told(topic, template, same(getattr(self, f"{key}s"), key))

    def _able(self) -> dict[str, str | None]:
        return {
            **super()._able(),
            "preset": self.preset_mode_command_topic,
            "target_range": self.temperature_low_command_topic and self.temperature_high_command_topic,
            "target_humidity": self.target_humidity_command_topic,
            "fan_mode": self.fan_mode_command_topic,
            "swing_mode": self.swing_mode_command_topic,
            "swing_horizontal_mode": self.swing_horizontal_mode_command_topic,
        }

    def _limits(self) -> dict[str, Range]:
        humidity = (self.min_humidity, self.max_humidity)
        return {**super()._limits(), "target_range": self._bounds(), "target_humidity": humidity}

    def _options(self) -> dict[str, tuple[str, ...]]:
        options = {"preset": self.preset_modes} | {key: getattr(self, f"{key}s") for key in _MODES}
        able = self._able()
        return {**super()._options(), **{key: words for key, words in options.items() if able[key]}}

    def _value(self, key: str, value: Any) -> Message:
        begins = _GIVEN.get(key, key)
        topic = getattr(self, f"{begins}_command_topic", None)
        template = getattr(self, f"{begins}_command_template", None)
        match key:
            case "temperature_low" | "temperature_high":
                return message(topic, plain(between(value, *self._bounds())), template)
            case "humidity":
                return message(topic, plain(between(value, self.min_humidity, self.max_humidity)), template)
            case "preset":
                return message(topic, one_among(value, self.preset_modes, "preset"), template)
            case "fan_mode" | "swing_mode" | "swing_horizontal_mode":
                return message(topic, one_among(value, getattr(self, f"{key}s"), _MODES[key]), template)
            case _:
                return super()._value(key, value)


_MODES: Final[Mapping[str, str]] = {
    "fan_mode": "fan mode",
    "swing_mode": "swing mode",
    "swing_horizontal_mode": "horizontal swing mode",
}
_GIVEN: Final[Mapping[str, str]] = {
    **{key: key for key in ("temperature_low", "temperature_high", *_MODES)},
    "humidity": "target_humidity",
    "preset": "preset_mode",
}
"""How the keys begin for each value."""


class WaterHeaterConfig(_HeaterConfig):
    """A boiler for water; its state is its mode."""

    modes: Words = ("off", "eco", "electric", "gas", "heat_pump", "high_demand", "performance")

    def _usual(self) -> Range:
        return (43.3, 60) if self.temperature_unit == "C" else (110, 140)

    def _running(self) -> str:
        """The first of its modes that is not off."""
        return next((mode for mode in self.modes if mode != "off"), "eco")


class HumidifierConfig(Config):
    """A humidifier or a dehumidifier. Its modes are presets: its state is on or off."""

    command_topic: Topic
    payload_on: Payload = "ON"
    payload_off: Payload = "OFF"
    state_value_template: ValueTemplate = None
    target_humidity_command_topic: Topic
    target_humidity_command_template: ValueTemplate = None
    target_humidity_state_topic: Topic | None = None
    target_humidity_state_template: ValueTemplate = None
    current_humidity_topic: Topic | None = None
    current_humidity_template: ValueTemplate = None
    payload_reset_humidity: Payload = RESET
    min_humidity: Degrees = 0
    max_humidity: Degrees = 100
    modes: Words = ()
    mode_state_topic: Topic | None = None
    mode_state_template: ValueTemplate = None
    mode_command_topic: Topic | None = None
    mode_command_template: ValueTemplate = None
    payload_reset_mode: Payload = RESET
    action_topic: Topic | None = None
    action_template: ValueTemplate = None

    def readings(self) -> tuple[Reading, ...]:
        """State, target, what is measured, mode, and what it does at the moment."""
        on_off = one_of({self.payload_on: "on", self.payload_off: "off"})
        target = resettable("humidity", self.payload_reset_humidity, percent("humidity", 100))
        measured = resettable("current_humidity", self.payload_reset_humidity, percent("current_humidity", 100))
        mode = resettable("preset", self.payload_reset_mode, same(self.modes, "preset"))
        return (
            *told(self.state_topic, self.state_value_template or self.value_template, on_off),
            *told(self.target_humidity_state_topic, self.target_humidity_state_template, target),
            *told(self.current_humidity_topic, self.current_humidity_template, measured),
            *told(self.mode_state_topic, self.mode_state_template, mode),
            *told(self.action_topic, self.action_template, same(ACTIONS, "action")),
        )

    def messages(self, command: str, values: Values) -> tuple[Message, ...]:
        """On or off, and its values, each on a topic of its own."""
        payloads = {"turn_on": self.payload_on, "turn_off": self.payload_off}
        turned = chosen(self.command_topic, payloads, command, self.command_template)
        return (*turned, *(self._value(key, value) for key, value in values.items()))

    def abilities(self) -> Abilities:
        """A target, and its modes."""
        presets = self.modes if self.mode_command_topic else ()
        capabilities = frozenset({"target_humidity"} | ({"preset"} if presets else set()))
        limits = {"target_humidity": (self.min_humidity, self.max_humidity)}
        return Abilities(capabilities, limits, {"preset": presets}, "%", self.reports(self.state_topic))

    def untold(self) -> tuple[str, ...]:
        """Values without a topic for the state."""
        return self._given_only({"humidity": "target_humidity", "preset": "mode"})

    def _value(self, key: str, value: Any) -> Message:
        if key == "humidity":
            target = plain(between(value, self.min_humidity, self.max_humidity))
            return message(self.target_humidity_command_topic, target, self.target_humidity_command_template)
        if key == "preset":
            mode = one_among(value, self.modes, "mode")
            return message(self.mode_command_topic, mode, self.mode_command_template)
        raise CannotRender(f"it has no {key}")
