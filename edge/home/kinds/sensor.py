"""What only tells something."""

from typing import Any

from edge.home.kinds.config import Abilities, Config
from edge.home.kinds.fields import Payload, Seconds, Topic, Word, Words
from edge.home.kinds.reading import NOTHING, RESET, Changes, Reading, one_of, same, told, word
from edge.home.payloads import as_number, as_text


class SensorConfig(Config):
    """Something that measures."""

    state_topic: Topic
    unit_of_measurement: Word | None = None
    state_class: Word | None = None
    options: Words = ()

    def readings(self) -> tuple[Reading, ...]:
        """A number where it measures, one of its options where it has some, else any word."""
        return told(self.state_topic, self.value_template, self._state)

    def abilities(self) -> Abilities:
        """Its unit."""
        return Abilities(unit=self.unit_of_measurement, reports=True)

    def _state(self, raw: Any) -> Changes:
        if as_text(raw) == RESET:
            return {"state": "unknown"}
        if self.options:
            return same(self.options)(raw)
        is_number = self.unit_of_measurement or self.state_class
        return NOTHING if is_number and as_number(raw) is None else word("state")(raw)


class BinarySensorConfig(Config):
    """Something that is or is not: an open window, a person in the room."""

    state_topic: Topic
    payload_on: Payload = "ON"
    payload_off: Payload = "OFF"
    off_delay: Seconds = None
    """So many seconds after it was on it is off, without saying so."""

    def readings(self) -> tuple[Reading, ...]:
        """On or off."""
        meanings = {self.payload_on: "on", self.payload_off: "off", RESET: "unknown"}
        return told(self.state_topic, self.value_template, one_of(meanings))

    def abilities(self) -> Abilities:
        """None but to tell."""
        return Abilities(reports=True)
