"""The actor of the home: sends a step and waits for the devices to say that they obeyed."""

from collections.abc import Callable, Mapping
from typing import Final

from edge.action.guard import Guard, Pins, Refused
from edge.action.port import HomePort
from edge.clock import Clock
from edge.commands import expectation
from edge.errors import BrokerError, ForbiddenError
from edge.knowledge import DeviceState, Knowledge
from edge.records import Outcome, Step
from edge.turn import Context

Expectations = Mapping[str, Callable[[DeviceState], bool]]
"""By device_id, what its state must satisfy; devices that cannot tell are left out."""

SLOWER: Final[Mapping[str, float]] = {
    "lock": 3.0,  # its motor turns first, and its battery radio wakes once a second or two
    "cover": 2.0,
    "valve": 2.0,
    "climate": 2.0,  # radiator valves sleep
    "water_heater": 2.0,
    "humidifier": 2.0,
    "alarm_control_panel": 2.0,
    "vacuum": 2.0,  # often by way of its maker's bridge
    "lawn_mower": 3.0,
    "media_player": 2.0,
}
"""By domain, how many times as long as a lamp it may take to report the wanted state."""


class HomeActor:
    """Moves devices, and reports what really happened."""

    def __init__(self, port: HomePort, clock: Clock, confirm_timeout_ms: int, pins: Pins) -> None:
        """`confirm_timeout_ms`: how long a lamp may take to report the wanted state; see `SLOWER` for the others."""
        self._guard = Guard(port, pins)
        self._states = port.states
        self._clock = clock
        self._timeout_s = confirm_timeout_ms / 1_000

    def perform(self, step: Step, context: Context, knowledge: Knowledge) -> Outcome:
        """Send the step and wait. A device that is already as wanted is told all the same: its word may be old."""
        try:
            sent = self._guard.send(step, context, knowledge)
        except Refused as refused:
            return Outcome(refused=refused.reason)
        except ForbiddenError:
            return Outcome(refused="forbidden")
        except BrokerError:
            return Outcome(refused="offline")
        moved, wanted = step.action.targets, _expectations(step, knowledge)
        if not wanted:
            return Outcome(sent=sent, moved=moved)
        self._clock.wait(lambda: not self._silent(wanted), self._patience_s(wanted, knowledge))
        silent = self._silent(wanted)
        return Outcome(sent=sent, confirmed=not silent, silent=silent, moved=moved)

    def publish(self, topic: str, payload: str, step: Step, context: Context, knowledge: Knowledge) -> Outcome:
        """Publish for a skill's step; nobody can tell what became of it."""
        try:
            return Outcome(sent=(self._guard.publish(topic, payload, step, context, knowledge),))
        except Refused as refused:
            return Outcome(refused=refused.reason)
        except ForbiddenError:
            return Outcome(refused="forbidden")
        except BrokerError:
            return Outcome(refused="offline")

    def _patience_s(self, wanted: Expectations, knowledge: Knowledge) -> float:
        """As long as the slowest of them may take."""
        return self._timeout_s * max(SLOWER.get(knowledge.home.device[each].domain, 1.0) for each in wanted)

    def _silent(self, wanted: Expectations) -> tuple[str, ...]:
        """Those that have not said that they are as wanted."""
        states, unheard = self._states(), DeviceState("unknown")
        return tuple(each for each, satisfied in wanted.items() if not satisfied(states.get(each, unheard)))


def _expectations(step: Step, knowledge: Knowledge) -> Expectations:
    action = step.action
    found = {
        target: expectation(knowledge.home.device[target], action.command_for(target), action.values_for(target))
        for target in action.targets
        if target in knowledge.home.device
    }
    return {device_id: satisfied for device_id, satisfied in found.items() if satisfied is not None}
