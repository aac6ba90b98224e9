"""A switch or plug."""

from edge.home.kinds.config import Config
from edge.home.kinds.fields import Payload, Topic
from edge.home.kinds.reading import Reading, one_of, told
from edge.home.kinds.telling import Values, chosen
from edge.records import Message


class SwitchConfig(Config):
    """A switch or plug."""

    command_topic: Topic
    payload_on: Payload = "ON"
    payload_off: Payload = "OFF"
    state_on: Payload | None = None
    state_off: Payload | None = None

    def readings(self) -> tuple[Reading, ...]:
        """On or off."""
        on = self.payload_on if self.state_on is None else self.state_on
        off = self.payload_off if self.state_off is None else self.state_off
        return told(self.state_topic, self.value_template, one_of({on: "on", off: "off"}))

    def messages(self, command: str, values: Values) -> tuple[Message, ...]:
        """On or off."""
        payloads = {"turn_on": self.payload_on, "turn_off": self.payload_off}
        return chosen(self.command_topic, payloads, command, self.command_template)
