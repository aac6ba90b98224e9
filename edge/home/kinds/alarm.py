"""A burglar alarm."""

from typing import Final

from edge.home.kinds.config import Abilities, Config
from edge.home.kinds.fields import Payload, Topic, ValueTemplate, Words
from edge.home.kinds.lock import NO_CODE
from edge.home.kinds.reading import Reading, same, told
from edge.home.kinds.telling import CannotRender, Values, message
from edge.home.templates import parse_template
from edge.records import Message

ALARM_STATES: Final = (
    "disarmed",
    "armed_home",
    "armed_away",
    "armed_night",
    "armed_vacation",
    "armed_custom_bypass",
    "pending",
    "arming",
    "disarming",
    "triggered",
)
_ARMS: Final = ("arm_home", "arm_away", "arm_night", "arm_vacation", "arm_custom_bypass")
_REMOTE: Final = frozenset({"REMOTE_CODE", "REMOTE_CODE_TEXT"})
"""Stand for a code that only people and the panel know."""


class AlarmConfig(Config):
    """A burglar alarm. Where it wants a code that is not announced with it, Edge has none to give."""

    command_topic: Topic
    supported_features: Words = _ARMS
    payload_disarm: Payload = "DISARM"
    payload_arm_home: Payload = "ARM_HOME"
    payload_arm_away: Payload = "ARM_AWAY"
    payload_arm_night: Payload = "ARM_NIGHT"
    payload_arm_vacation: Payload = "ARM_VACATION"
    payload_arm_custom_bypass: Payload = "ARM_CUSTOM_BYPASS"
    code: Payload | None = None
    code_arm_required: bool = True
    code_disarm_required: bool = True
    command_template: ValueTemplate = parse_template("{{ action }}")

    def readings(self) -> tuple[Reading, ...]:
        """Disarmed, armed in one of its ways, on the way there, or triggered."""
        return told(self.state_topic, self.value_template, same(ALARM_STATES))

    def messages(self, command: str, values: Values) -> tuple[Message, ...]:
        """Arm in one of its ways, or disarm."""
        if command != "disarm" and command not in self._arms():
            return ()
        if self._lacks_code(command):
            raise CannotRender(NO_CODE)
        payload = getattr(self, f"payload_{command}")
        known = {} if self.code in _REMOTE else {"code": self.code}
        return (message(self.command_topic, payload, self.command_template, {"action": payload, **known}),)

    def abilities(self) -> Abilities:
        """The ways in which it can be armed."""
        return Abilities(frozenset(self._arms()), reports=self.reports(self.state_topic))

    def problems(self) -> tuple[str, ...]:
        """That it wants a code."""
        lacking = [verb for verb, command in (("armed", _ARMS[0]), ("disarmed", "disarm")) if self._lacks_code(command)]
        wants = (f"can be read but not {' or '.join(lacking)}: {NO_CODE}",) if lacking else ()
        return (*super().problems(), *wants)

    def _arms(self) -> tuple[str, ...]:
        return tuple(each for each in _ARMS if each in self.supported_features)

    def _lacks_code(self, command: str) -> bool:
        required = self.code_disarm_required if command == "disarm" else self.code_arm_required
        return required and self.code in _REMOTE
