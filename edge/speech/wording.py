"""Wording: a turn becomes the reply. It says what really happened, and never the wake words."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from edge import intents
from edge.commands import AGENDA, EXPLAIN, REMARKS, RUN_SKILL
from edge.entries import Entry
from edge.knowledge import HomeMap, Knowledge
from edge.records import Act, Ask, Confirm, DoneStep, Reject, Response, Verdict
from edge.speech.agenda import answered
from edge.speech.deeds import OFFLINE, done
from edge.speech.findings import day, found, time_of_day
from edge.speech.questions import or_else, shall_i, which
from edge.speech.refusals import failed, rejected
from edge.speech.remarks import taken
from edge.speech.ringing import word_ringing
from edge.speech.skills import ran
from edge.speech.why import in_brief
from edge.turn import Context, Turn

DEFAULT_WAKE_WORDS: Final = ("alexa", "hey_jarvis", "hey_mycroft", "hey_rhasspy")


class Wording:
    """Words replies; `wake_words` are what its own voice must never say."""

    def __init__(self, wake_words: Sequence[str] = DEFAULT_WAKE_WORDS) -> None:
        phrases = [phrase.replace("_", " ").split() for phrase in sorted(wake_words)]
        spoken = "|".join(r"[\W_]+".join(map(re.escape, words)) for words in phrases if words)
        self._wake = re.compile(rf"\b(?:{spoken})\b", re.IGNORECASE) if spoken else None

    def word(self, turn: Turn, knowledge: Knowledge) -> Response:
        """The reply to a turn, whatever became of it."""
        return self._sayable(_worded(turn, knowledge))

    def ring(self, entries: Sequence[Entry], missed: bool, now: datetime) -> Response:
        """What is told of entries whose time has come, or came while we were off (`missed`)."""
        return self._sayable(Response(word_ringing(entries, missed, now), "answer"))

    def _sayable(self, response: Response) -> Response:
        if self._wake is None:
            return response
        return Response(self._wake.sub("that", response.text), response.kind)


def _worded(turn: Turn, knowledge: Knowledge) -> Response:
    home = knowledge.home
    if turn.failure:
        return Response(failed(turn.failure), "error")
    match turn.decision:
        case Confirm() as confirm:
            return Response(shall_i(confirm, knowledge, turn.context), "confirmation")
        case Ask() as ask:
            return Response(which(ask, home, turn.context), "question")
        case Reject(reason="unresolved") if not home.devices and not turn.context.online:
            return OFFLINE  # a home that was never seen lacks nothing: it is away
        case Reject() as reject:
            return Response(rejected(reject, home), "refusal")
    return _acted(turn, knowledge)


def _acted(turn: Turn, knowledge: Knowledge) -> Response:
    """What every step came to, what had to be left out, and what is asked next."""
    home = knowledge.home
    done_steps = [done_step for done_step in turn.done_steps if done_step.outcome or not _asks(turn)]
    replies = [_step(done_step, knowledge, turn.context) for done_step in done_steps]
    if isinstance(turn.decision, Act):
        replies += [Response(rejected(left_out, home), "refusal") for left_out in turn.decision.left_out]
        if turn.decision.explored and turn.decision.explored.is_second and turn.has_come_about:
            replies.append(Response(or_else(turn.decision.explored.instead_of, home), "answer"))
        match turn.decision.then:
            case Confirm() as confirm:
                replies.append(Response(shall_i(confirm, knowledge, turn.context), "confirmation"))
            case Ask() as ask:
                replies.append(Response(which(ask, home, turn.context), "question"))
            case Verdict() if turn.has_come_about:
                replies.append(Response("Did I get that right?", "question"))
    telling = next((reply for reply in reversed(replies) if reply.kind != "answer"), Response("", "answer"))
    return Response(" ".join(reply.text for reply in replies if reply.text), telling.kind)


def _asks(turn: Turn) -> bool:
    return isinstance(turn.decision, Act) and turn.decision.then is not None


def _step(done_step: DoneStep, knowledge: Knowledge, context: Context) -> Response:
    if done_step.step.action.command == RUN_SKILL:
        return ran(done_step, knowledge)
    if done_step.step.action.command in AGENDA:
        return answered(done_step, context.now)
    if done_step.step.action.command in REMARKS:
        return taken(done_step, context)
    if done_step.step.action.command == EXPLAIN:
        found = done_step.outcome.answer if done_step.outcome else {}
        return Response(in_brief(found.get("why", {}), knowledge.home), "answer")
    if done_step.step.action.command == "nevermind" and context.question and context.question.rewritten:
        return Response("Sorry. What did you want?", "answer")
    return _answer(done_step, knowledge.home) or done(done_step, knowledge.home)


def _answer(done_step: DoneStep, home: HomeMap) -> Response | None:
    """The reply to a question or to what was said to us; None for what moves something."""
    step, answer = done_step.step, done_step.outcome.answer if done_step.outcome else {}
    match step.action.command:
        case "get_time" if "time" in answer:
            return Response(time_of_day(answer["time"]), "answer")
        case "get_date" if "date" in answer:
            return Response(day(answer["date"]), "answer")
        case "get_state" | "get_temperature" if answer:
            return Response(found(done_step, home), "answer")
        case "nevermind":
            return Response("Okay, I won't." if step.interpretation.intent == intents.NO else "Okay.", "answer")
        case "be_silent":
            return Response("", "answer")
    return None
