"""The assistant's own actor: it looks at the clock and at the states of the home, and moves nothing."""

from typing import Any

from edge.commands import UNUSABLE
from edge.knowledge import Knowledge
from edge.records import Outcome, Step
from edge.turn import Context


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
            return Outcome(answer={"states": {key: _plain(context, key) for key in step.action.targets}})
        return Outcome()


def _plain(context: Context, device_id: str) -> dict[str, Any]:
    """`{"state": ..., attributes ...}`; a device that says nothing is `unavailable`."""
    state = context.states.get(device_id)
    if state is None or state.value in UNUSABLE:
        return {"state": "unavailable"}
    return {"state": state.value, **state.attributes}
