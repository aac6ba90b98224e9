"""A siren."""

import json
from typing import Any, Final

from edge.home.kinds.config import Abilities, Config
from edge.home.kinds.fields import Payload, Topic, ValueTemplate, Words
from edge.home.kinds.reading import Changes, Reading, number, one_of, percent, same, table, told
from edge.home.kinds.telling import CannotRender, Values, between, message, one_among
from edge.records import Message

_DAY_S: Final = 86_400


class SirenConfig(Config):
    """A siren, whose tone, loudness and duration may be chosen."""

    command_topic: Topic
    payload_on: Payload = "ON"
    payload_off: Payload = "OFF"
    state_on: Payload | None = None
    state_off: Payload | None = None
    state_value_template: ValueTemplate = None
    command_off_template: ValueTemplate = None
    available_tones: Words = ()
    support_duration: bool = True
    support_volume_set: bool = True

    def readings(self) -> tuple[Reading, ...]:
        """On or off, plain or in a JSON object with the rest."""
        return told(self.state_topic, self.state_value_template or self.value_template, self._state)

    def messages(self, command: str, values: Values) -> tuple[Message, ...]:
        """On with values, or off; without a template as a JSON object."""
        if command not in {"turn_on", "turn_off"}:
            return ()
        payload = self.payload_on if command == "turn_on" else self.payload_off
        said: dict[str, Any] = {"state": payload}
        if command == "turn_on":
            for key, value in values.items():
                said |= self._value(key, value)
        template = self.command_template
        if command == "turn_off" and self.command_off_template is not None:
            template = self.command_off_template
        return (message(self.command_topic, payload if template else json.dumps(said), template, said),)

    def abilities(self) -> Abilities:
        """What it says that it supports."""
        able = {"tone": self.available_tones, "duration": self.support_duration, "volume": self.support_volume_set}
        capabilities = frozenset(key for key, has in able.items() if has)
        return Abilities(capabilities, options={"tone": self.available_tones}, reports=self.reports(self.state_topic))

    def _state(self, raw: Any) -> Changes:
        on = self.payload_on if self.state_on is None else self.state_on
        off = self.payload_off if self.state_off is None else self.state_off
        on_off = one_of({on: "on", off: "off"})
        said = table(raw)
        if said is None:
            return on_off(raw)
        return {
            **on_off(said.get("state")),
            **same(self.available_tones, "tone")(said.get("tone")),
            **number("duration")(said.get("duration")),
            **percent("volume", 1)(said.get("volume_level")),
        }

    def _value(self, key: str, value: Any) -> dict[str, Any]:
        if key == "tone" and self.available_tones:
            return {"tone": one_among(value, self.available_tones, "tone")}
        if key == "duration" and self.support_duration:
            return {"duration": round(between(value, 1, _DAY_S))}
        if key == "volume" and self.support_volume_set:
            return {"volume_level": between(value, 0, 100) / 100}
        raise CannotRender(f"it has no {key}")
