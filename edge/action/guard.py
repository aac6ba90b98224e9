"""The guard at the publisher: whatever went wrong before, no guarded device moves without a yes to that very device."""

from typing import Literal

from edge.action.port import HomePort
from edge.knowledge import Knowledge
from edge.records import Message, Step


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


def _allowed(step: Step, knowledge: Knowledge) -> bool:
    """A guarded device moves alone and confirmed; one that is not known counts as guarded."""
    devices = [knowledge.home.device.get(target) for target in step.action.targets]
    if all(device is not None and device.tier == "free" for device in devices):
        return True
    return step.confirmed_by is not None and len(devices) == 1
