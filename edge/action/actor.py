"""The actor of the home: sends a step and waits for the devices to say that they obeyed."""

from collections.abc import Callable, Mapping

from edge.action.guard import Guard, Refused
from edge.action.port import HomePort
from edge.clock import Clock
from edge.commands import expectation
from edge.errors import BrokerError
from edge.knowledge import DeviceState, Knowledge
from edge.records import Outcome, Step
from edge.turn import Context

Expectations = Mapping[str, Callable[[DeviceState], bool]]
"""By device_id, what its state must satisfy; devices that cannot tell are left out."""


class HomeActor:
    """Moves devices, and reports what really happened."""

    def __init__(self, port: HomePort, clock: Clock, confirm_timeout_ms: int) -> None:
        """`confirm_timeout_ms`: how long a device may take to report the wanted state."""
        self._guard = Guard(port)
        self._states = port.states
        self._clock = clock
        self._timeout_s = confirm_timeout_ms / 1_000

    def perform(self, step: Step, context: Context, knowledge: Knowledge) -> Outcome:
        """Send the step and wait. A device that is already as wanted is told all the same: its word may be old."""
        try:
            sent = self._guard.send(step, knowledge)
        except Refused as refused:
            return Outcome(refused=refused.reason)
        except BrokerError:
            return Outcome(refused="offline")
        wanted = _expectations(step, knowledge)
        if not wanted:
            return Outcome(sent=sent)
        self._clock.wait(lambda: not self._silent(wanted), self._timeout_s)
        silent = self._silent(wanted)
        return Outcome(sent=sent, confirmed=not silent, silent=silent)

    def publish(self, topic: str, payload: str, step: Step, knowledge: Knowledge) -> Outcome:
        """Publish for a skill's step; nobody can tell what became of it."""
        try:
            return Outcome(sent=(self._guard.publish(topic, payload, step, knowledge),))
        except Refused as refused:
            return Outcome(refused=refused.reason)
        except BrokerError:
            return Outcome(refused="offline")

    def _silent(self, wanted: Expectations) -> tuple[str, ...]:
        """Those that have not said that they are as wanted."""
        states, unheard = self._states(), DeviceState("unknown")
        return tuple(each for each, satisfied in wanted.items() if not satisfied(states.get(each, unheard)))


def _expectations(step: Step, knowledge: Knowledge) -> Expectations:
    action = step.action
    found = {
        target: expectation(knowledge.home.device[target], action.command, action.values_for(target))
        for target in action.targets
        if target in knowledge.home.device
    }
    return {device_id: satisfied for device_id, satisfied in found.items() if satisfied is not None}
