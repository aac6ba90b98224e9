"""The guard at the publisher: whatever went wrong before, no guarded device moves without a yes to that very device."""

from typing import Literal, Protocol

from edge.action.port import HomePort
from edge.knowledge import Knowledge
from edge.records import Message, Step
from edge.risk import Tier, commands, is_securing, need
from edge.turn import Context


class Refused(Exception):  # noqa: N818 - says what happened, like StageFailed
    """The step may not be sent; never leaves this room."""

    def __init__(self, reason: Literal["guarded"]) -> None:
        super().__init__(reason)
        self.reason = reason


class Pins(Protocol):
    """Knows whether a PIN is set."""

    @property
    def is_set(self) -> bool: ...


class Guard:
    """The only way from the actors to the home."""

    def __init__(self, port: HomePort, pins: Pins) -> None:
        self._port = port
        self._pins = pins

    def send(self, step: Step, context: Context, knowledge: Knowledge) -> tuple[Message, ...]:
        """Send a step that may be sent. Raises `Refused` before anything of it was, and what the port raises."""
        action, home = step.action, knowledge.home.device
        securing = all(
            is_securing(home[each].domain, action.command_for(each)) for each in action.targets if each in home
        )
        self._check(action.targets, step, context, knowledge, securing=securing)
        return self._port.send(action)

    def publish(self, topic: str, payload: str, step: Step, context: Context, knowledge: Knowledge) -> Message:
        """Publish for a step that may; raises as `send` does.

        What is said to a device by its topic counts as a command: a guarded one hears it alone and after a yes, and a
        device is guarded if it is so now, or was when the step was understood.
        """
        home = knowledge.home.devices
        reached = {each.device_id for each in home if each.tier == "guarded" and commands(topic, each.guarded_topics)}
        reached |= set(self._port.commanded_by(topic))
        self._check(tuple(reached), step, context, knowledge, securing=False)
        return self._port.publish(topic, payload)

    def _check(
        self, targets: tuple[str, ...], step: Step, context: Context, knowledge: Knowledge, *, securing: bool
    ) -> None:
        guarded = [target for target in targets if _tier(target, knowledge) == "guarded"]
        if not guarded:
            return
        # A guarded device moves alone, so that a yes is a yes to it.
        together = len(targets) if len(guarded) == 1 else len(guarded)
        needed = need("guarded", devices=together, securing=securing, attended=context.attended, pin=self._pins.is_set)
        if needed == "never" or step.confirmed_by is None or (needed == "pin" and not step.with_pin):
            raise Refused("guarded")


def _tier(device_id: str, knowledge: Knowledge) -> Tier:
    """One that is not known counts as guarded."""
    device = knowledge.home.device.get(device_id)
    return device.tier if device else "guarded"
