"""What is sent to a home: the messages of an action, and the notes by which its echo is known."""

from collections.abc import Iterable
from datetime import datetime

from edge.commands import expectation
from edge.errors import StageFailed
from edge.home.kinds.telling import CannotRender
from edge.home.mapping import Mapped
from edge.home.rendering import render
from edge.home.reports import Reports
from edge.knowledge import HomeMap
from edge.records import Message, ResolvedAction


def messages_for(action: ResolvedAction, mapped: Mapped) -> tuple[Message, ...]:
    """What tells every target what to do. Raises StageFailed for a device that is gone or cannot do it."""
    return tuple(message for target in action.targets for message in _rendered(target, action, mapped))


def _rendered(device_id: str, action: ResolvedAction, mapped: Mapped) -> tuple[Message, ...]:
    component = mapped.component.get(device_id)
    if component is None:
        raise StageFailed("action", f"{device_id} is no longer in the home")
    try:
        return render(component.config, action.command_for(device_id), action.values_for(device_id))
    except CannotRender as reason:
        raise StageFailed("action", f"{device_id}: {reason}") from None


def note_action(action: ResolvedAction, mapped: Mapped, home: HomeMap, reports: Reports, now: datetime) -> None:
    """What its targets do next is ours."""
    for target in action.targets:
        wants = expectation(home.device[target], action.command_for(target), action.values_for(target))
        reports.causes.commanded(mapped.component[target].key, wants, now)


def note_messages(messages: Iterable[Message], reports: Reports, now: datetime) -> None:
    """When they come back from the broker they are ours, and so is what else they move: members of a group."""
    for message in messages:
        commanding = reports.commanding
        reports.causes.sent(message.topic, message.payload.encode(), now)
        reports.causes.moved_along(commanding.moved_with(message.topic) or commanding.moved_by(message.topic), now)
