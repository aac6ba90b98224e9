"""The assistant's own actor: it looks at the clock and at the states of the home, and moves nothing."""

from datetime import timedelta
from typing import Any, Final

from edge.commands import UNUSABLE
from edge.knowledge import Knowledge
from edge.records import Outcome, Step
from edge.turn import Context

OLD: Final = timedelta(hours=2)
"""A measurement of which nothing was heard for so long is told with its age; other things speak when they change."""


class OwnActor:
    """Performs the commands that read, and those to the assistant itself."""

    def perform(self, step: Step, context: Context, knowledge: Knowledge) -> Outcome:
        """What was found out; nothing is ever sent."""
        command = step.action.command
        if command == "get_time":
            return Outcome(answer={"time": context.now.strftime("%H:%M")})
        if command == "get_date":
            return Outcome(answer={"date": context.now.date().isoformat()})
        if command in {"get_state", "get_temperature"}:
            if not context.online:
                return Outcome(refused="offline")
            return Outcome(answer={"states": {key: _plain(context, key, knowledge) for key in step.action.targets}})
        return Outcome()


def _plain(context: Context, device_id: str, knowledge: Knowledge) -> dict[str, Any]:
    """`{"state": ..., attributes ...}`, an old measurement with its age; what says nothing is `unavailable`."""
    state = context.states.get(device_id)
    if state is None or state.value in UNUSABLE:
        return {"state": "unavailable"}
    found = {"state": state.value, **state.attributes}
    device = knowledge.home.device.get(device_id)
    measures = device is not None and device.domain == "sensor" and device.unit is not None
    if measures and state.heard_at is not None and context.now - state.heard_at >= OLD:
        found["hours_ago"] = (context.now - state.heard_at) // timedelta(hours=1)
    return found
