"""From a command in people's units to the messages that a component wants to hear."""

from edge.home.kinds.config import Config
from edge.home.kinds.telling import CannotRender, Values
from edge.records import Message


def render(config: Config, command: str, values: Values) -> tuple[Message, ...]:
    """The messages, in the order in which they are to be sent. Raises `CannotRender`."""
    for key, reason in config.unsupported():
        raise CannotRender(f"its {key} cannot be used: {reason}")
    messages = config.messages(command, values)
    if not messages:
        raise CannotRender(f"it does not know {command}")
    return messages
