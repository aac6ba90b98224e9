"""What is said to a remark about the turn before: no question, so that the next sentence is simply the next turn."""

from edge import intents
from edge.commands import AGENDA, OWN, READING
from edge.records import DoneStep, Response
from edge.turn import Context


def taken(done_step: DoneStep, context: Context) -> Response:
    """To thanks, and to blame; undo is offered where the turn before moved something."""
    if done_step.step.action.command == "take_thanks":
        return Response("Good." if done_step.step.interpretation.intent == intents.YES else "You're welcome.", "answer")
    if _moved_just_now(context):
        return Response("Sorry. Say undo, and I put it back.", "answer")
    return Response("Sorry. What did you want?", "answer")


def _moved_just_now(context: Context) -> bool:
    """Whether what we said last was about something that moved; `undo` would mean just that."""
    last = context.recent[0] if context.recent else None
    if last is None or not last.before or last.reply != context.last_reply:
        return False
    return last.action.command not in READING | OWN | AGENDA
