"""What opens and closes: blinds, curtains, gates and garage doors, and valves."""

from typing import Any, Final

from edge.home.kinds.config import Abilities, Config
from edge.home.kinds.fields import Degrees, Payload, Topic, ValueTemplate
from edge.home.kinds.reading import NOTHING, Changes, Reading, known, one_of, percent, table, told
from edge.home.kinds.telling import Values, between, chosen, message, on_scale
from edge.home.payloads import as_percent
from edge.records import Message

_ENDS: Final = ("open", "opening", "closed", "closing")
_TILTED: Final = {"open_tilt": 100, "close_tilt": 0}


class CoverConfig(Config):
    """A blind, curtain, gate or garage door."""

    payload_open: Payload | None = "OPEN"
    payload_close: Payload | None = "CLOSE"
    payload_stop: Payload | None = "STOP"
    payload_stop_tilt: Payload | None = "STOP"
    state_open: Payload = "open"
    state_opening: Payload = "opening"
    state_closed: Payload = "closed"
    state_closing: Payload = "closing"
    state_stopped: Payload = "stopped"
    position_topic: Topic | None = None
    position_template: ValueTemplate = None
    position_open: Degrees = 100
    position_closed: Degrees = 0
    set_position_topic: Topic | None = None
    set_position_template: ValueTemplate = None
    tilt_command_topic: Topic | None = None
    tilt_command_template: ValueTemplate = None
    tilt_status_topic: Topic | None = None
    tilt_status_template: ValueTemplate = None
    tilt_min: Degrees = 0
    tilt_max: Degrees = 100
    tilt_opened_value: Degrees = 100
    tilt_closed_value: Degrees = 0

    def readings(self) -> tuple[Reading, ...]:
        """State, position and tilt; without a topic for the state, the position tells it."""
        states = {self.state_stopped: "open"} | {getattr(self, f"state_{end}"): end for end in _ENDS}
        return (
            *told(self.state_topic, self.value_template, one_of(states)),
            *told(self.position_topic, self.position_template, self._position),
            *told(self.tilt_status_topic, self.tilt_status_template, percent("tilt", self.tilt_max, self.tilt_min)),
        )

    def messages(self, command: str, values: Values) -> tuple[Message, ...]:
        """Open, close, stop, a position, a tilt."""
        if command == "set_position":
            return (self._go_to(values.get("position")),)
        if command == "set_tilt":
            return (self._tilt(on_scale(values.get("tilt"), self.tilt_min, self.tilt_max)),)
        if command in _TILTED:
            return (self._tilt(self.tilt_opened_value if _TILTED[command] else self.tilt_closed_value),)
        if self.command_topic is None and command in {"open", "close"}:
            return (self._go_to(100 if command == "open" else 0),)
        if command == "stop_tilt":
            return chosen(self.tilt_command_topic, {command: self.payload_stop_tilt}, command)
        payloads = {"open": self.payload_open, "close": self.payload_close, "stop": self.payload_stop}
        return chosen(self.command_topic, payloads, command, self.command_template)

    def abilities(self) -> Abilities:
        """A position where one can be set, and a tilt."""
        topics = {"position": self.set_position_topic, "tilt": self.tilt_command_topic}
        capabilities = frozenset(key for key, topic in topics.items() if topic)
        return Abilities(capabilities, reports=self.reports(self.state_topic, self.position_topic))

    def untold(self) -> tuple[str, ...]:
        """A position or a tilt without a topic for it."""
        position = ("position",) if self.set_position_topic and not self.position_topic else ()
        return (*position, "tilt") if self.tilt_command_topic and not self.tilt_status_topic else position

    def _position(self, raw: Any) -> Changes:
        position = as_percent(raw, self.position_closed, self.position_open)
        if position is None or self.state_topic is not None:
            return known("position", position)
        return {"position": position, "state": "open" if position else "closed"}

    def _go_to(self, wanted: Any) -> Message:
        share = between(wanted, 0, 100)
        if self.set_position_topic is None and self.command_topic is not None and share in {0, 100}:
            return message(
                self.command_topic, self.payload_open if share else self.payload_close, self.command_template
            )
        position = on_scale(share, self.position_closed, self.position_open)
        return message(self.set_position_topic, position, self.set_position_template, self._variables(position=share))

    def _tilt(self, tilt: float) -> Message:
        value = round(tilt)
        variables = self._variables(tilt_position=value, tilt_min=self.tilt_min, tilt_max=self.tilt_max)
        return message(self.tilt_command_topic, value, self.tilt_command_template, variables)

    def _variables(self, **more: float) -> Values:
        """What Home Assistant gives these templates: `position` in percent, `value` on the cover's own scale."""
        ends = {"position_open": self.position_open, "position_closed": self.position_closed}
        return {key: _whole(value) for key, value in {**ends, **more}.items()}


class ValveConfig(Config):
    """A valve, which may report and take a position."""

    payload_open: Payload | None = "OPEN"
    payload_close: Payload | None = "CLOSE"
    payload_stop: Payload | None = None
    state_open: Payload = "open"
    state_opening: Payload = "opening"
    state_closed: Payload = "closed"
    state_closing: Payload = "closing"
    reports_position: bool = False
    position_open: Degrees = 100
    position_closed: Degrees = 0

    def readings(self) -> tuple[Reading, ...]:
        """A state or a position, plain or both in one JSON object."""
        return told(self.state_topic, self.value_template, self._state)

    def messages(self, command: str, values: Values) -> tuple[Message, ...]:
        """Open, close, stop; with a position, opening is going to it."""
        if self.reports_position and command in {"open", "close", "set_position"}:
            return (self._go_to({"open": 100, "close": 0}.get(command, values.get("position"))),)
        payloads = {"open": self.payload_open, "close": self.payload_close, "stop": self.payload_stop}
        return chosen(self.command_topic, payloads, command, self.command_template)

    def abilities(self) -> Abilities:
        """A position, where it reports one."""
        capabilities = frozenset({"position"} if self.reports_position else ())
        return Abilities(capabilities, reports=self.reports(self.state_topic))

    def _state(self, raw: Any) -> Changes:
        said = table(raw)
        state = one_of({getattr(self, f"state_{end}"): end for end in _ENDS})(said.get("state") if said else raw)
        if not self.reports_position:
            return state
        position = as_percent(said.get("position") if said else raw, self.position_closed, self.position_open)
        if position is None:
            return state if state.get("state") in {"opening", "closing"} else NOTHING
        return {"position": position, "state": "open" if position else "closed", **state}

    def _go_to(self, wanted: Any) -> Message:
        share = between(wanted, 0, 100)
        position = on_scale(share, self.position_closed, self.position_open)
        variables = {"position": _whole(share), "position_open": _whole(self.position_open)}
        variables["position_closed"] = _whole(self.position_closed)
        return message(self.command_topic, position, self.command_template, variables)


def _whole(number: float) -> float:
    """Without the `.0` that a template would write."""
    return round(number) if number == round(number) else number
