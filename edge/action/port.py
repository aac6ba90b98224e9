"""What the action room needs of a home."""

from collections.abc import Mapping
from typing import Protocol

from edge.knowledge import DeviceState
from edge.records import Message, ResolvedAction


class HomePort(Protocol):
    """The way to a home's devices and back."""

    def send(self, action: ResolvedAction) -> tuple[Message, ...]:
        """Tell every target, and return what was sent; raises `BrokerError` when the home cannot be reached."""

    def publish(self, topic: str, payload: str) -> Message:
        """Send one message that is no command of ours; raises `BrokerError` when the home cannot be reached."""

    def commanded_by(self, topic: str) -> tuple[str, ...]:
        """The device_ids of what a message to this topic may move."""

    def states(self) -> Mapping[str, DeviceState]:
        """What every device last said of itself, by device_id."""
