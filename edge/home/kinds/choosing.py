"""What is pressed, called up, chosen or set to a number."""

from typing import Any

from edge.home.kinds.config import Abilities, Config
from edge.home.kinds.fields import Degrees, Payload, Topic, Word, Words
from edge.home.kinds.reading import NOTHING, Changes, Reading, same, told
from edge.home.kinds.telling import CannotRender, Values, between, chosen, message
from edge.home.payloads import as_number, plain
from edge.records import Message


class ButtonConfig(Config):
    """A button, which tells nothing."""

    command_topic: Topic
    payload_press: Payload = "PRESS"

    def messages(self, command: str, values: Values) -> tuple[Message, ...]:
        """A press."""
        return chosen(self.command_topic, {"press": self.payload_press}, command, self.command_template)

    def reports(self, *topics: str | None) -> bool:
        """Never."""
        return False


class SceneConfig(Config):
    """A scene, which tells nothing."""

    command_topic: Topic
    payload_on: Payload = "ON"

    def messages(self, command: str, values: Values) -> tuple[Message, ...]:
        """That it shall be."""
        payloads = dict.fromkeys(("activate", "turn_on"), self.payload_on)
        return chosen(self.command_topic, payloads, command, self.command_template)

    def reports(self, *topics: str | None) -> bool:
        """Never."""
        return False


class SelectConfig(Config):
    """One of several."""

    command_topic: Topic
    options: Words

    def readings(self) -> tuple[Reading, ...]:
        """The one that is chosen."""
        return told(self.state_topic, self.value_template, same(self.options))

    def messages(self, command: str, values: Values) -> tuple[Message, ...]:
        """The one to choose."""
        option = values.get("option")
        if option not in self.options:
            raise CannotRender(f"it has no choice {option}")
        return (message(self.command_topic, option, self.command_template),)

    def abilities(self) -> Abilities:
        """What it can be."""
        options = {"option": self.options}
        return Abilities(frozenset({"option"}), options=options, reports=self.reports(self.state_topic))


class NumberConfig(Config):
    """A number to set."""

    command_topic: Topic
    min: Degrees = 1
    max: Degrees = 100
    unit_of_measurement: Word | None = None

    def readings(self) -> tuple[Reading, ...]:
        """The number."""
        return told(self.state_topic, self.value_template, _number)

    def messages(self, command: str, values: Values) -> tuple[Message, ...]:
        """The number to set, within its bounds."""
        number = between(values.get("value"), self.min, self.max)
        return (message(self.command_topic, plain(number), self.command_template),)

    def abilities(self) -> Abilities:
        """Its bounds and its unit."""
        limits = {"value": (self.min, self.max)}
        reports = self.reports(self.state_topic)
        return Abilities(frozenset({"value"}), limits, unit=self.unit_of_measurement, reports=reports)


def _number(raw: Any) -> Changes:
    number = as_number(raw)
    return NOTHING if number is None else {"state": plain(number), "value": number}
