"""The guard at the publisher: whatever went wrong before, no guarded device moves without a yes to that very device."""

from typing import Literal

from edge.action.port import HomePort
from edge.knowledge import Knowledge
from edge.records import Message, Step
from edge.risk import commands


class Refused(Exception):  # noqa: N818 - says what happened, like StageFailed
    """The step may not be sent; never leaves this room."""

    def __init__(self, reason: Literal["guarded"]) -> None:
        super().__init__(reason)
        self.reason = reason


class Guard:
    """The only way from the actor to the home."""

    def __init__(self, port: HomePort) -> None:
        self._port = port

    def send(self, step: Step, knowledge: Knowledge) -> tuple[Message, ...]:
        """Send a step that may be sent. Raises `Refused` before anything of it was, and what the port raises."""
        if not _allowed(step, knowledge):
            raise Refused("guarded")
        return self._port.send(step.action)

    def publish(self, topic: str, payload: str, step: Step, knowledge: Knowledge) -> Message:
        """Publish for a step that may; raises as `send` does.

        What is said to a device by its topic counts as a command: a guarded one hears it alone and after a yes, and a
        device is guarded if it is so now, or was when the step was understood.
        """
        reached = self._port.commanded_by(topic)
        home = knowledge.home.devices
        guarded = {each.device_id for each in home if each.tier == "guarded" and commands(topic, each.guarded_topics)}
        guarded |= {each for each in reached if not _is_free(each, knowledge)}
        if guarded and (step.confirmed_by is None or len(guarded) > 1):
            raise Refused("guarded")
        return self._port.publish(topic, payload)


def _is_free(device_id: str, knowledge: Knowledge) -> bool:
    device = knowledge.home.device.get(device_id)
    return device is not None and device.tier == "free"


def _allowed(step: Step, knowledge: Knowledge) -> bool:
    """A guarded device moves alone and confirmed; one that is not known counts as guarded."""
    targets = step.action.targets
    if all(_is_free(target, knowledge) for target in targets):
        return True
    return step.confirmed_by is not None and len(targets) == 1
