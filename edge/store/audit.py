"""World: every attempt to move something guarded, whoever made it and whatever came of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from edge.commands import AGENDA, OWN, READING
from edge.knowledge import HomeMap
from edge.records import Act, Confirm, DoneStep, Reject, ResolvedAction
from edge.store.file import StoreFile
from edge.turn import Turn

_LATEST: Final = """
SELECT at, turn_id, source, device_id, command, result FROM audit
WHERE (?1 IS NULL OR device_id = ?1) ORDER BY sequence DESC LIMIT ?2
"""


@dataclass(frozen=True)
class Attempt:
    """One attempt at one device."""

    at: str
    """ISO 8601."""
    turn_id: str
    source: str
    """Where the words came from: microphone, text, mqtt, agenda ..."""
    device_id: str
    command: str
    result: str
    """asked, declined, wrong pin, refused, offline, sent, confirmed, no answer."""


def attempts_of(turn: Turn, home: HomeMap) -> tuple[Attempt, ...]:
    """What the turn tried with guarded devices; with those that are gone as well."""
    return tuple(
        Attempt(turn.started_at.isoformat(), turn.turn_id, turn.utterance.source, device_id, command, result)
        for device_id, command, result in dict.fromkeys(_attempts(turn, home))
    )


_Found = tuple[str, str, str]
"""device_id, command, result."""


def _attempts(turn: Turn, home: HomeMap) -> Iterator[_Found]:
    decision = turn.decision
    asked = decision.then if isinstance(decision, Act) else decision
    pin = turn.transcript.pin if turn.transcript else ""
    if isinstance(asked, Confirm):
        for step in asked.steps:
            yield from _guarded(step.action, "wrong pin" if asked.pin == "wrong" else "asked", home)
    for done in turn.done_steps:
        if done.outcome is not None:
            yield from _guarded(done.step.action, _result(done), home)
    for rejected in (decision, *(decision.left_out if isinstance(decision, Act) else ())):
        if isinstance(rejected, Reject) and rejected.unresolved is not None:
            intent = rejected.interpretation.intent if rejected.interpretation else ""
            yield from _guarded(ResolvedAction(rejected.unresolved.targets, intent), "refused", home)
    question = turn.context.question
    if question is not None and question.kind != "choice" and _is_declined(turn):
        for step in question.steps:
            yield from _guarded(step.action, "wrong pin" if pin else "declined", home)


def _is_declined(turn: Turn) -> bool:
    """Whether a question of ours was answered, and not with what releases it."""
    return turn.reply_to is not None and not any(done.step.confirmed_by for done in turn.done_steps)


def _result(done: DoneStep) -> str:
    outcome = done.outcome
    assert outcome is not None
    if outcome.refused:
        return "offline" if outcome.refused == "offline" else "refused"
    return {True: "confirmed", False: "no answer", None: "sent"}[outcome.confirmed]


def _guarded(action: ResolvedAction, result: str, home: HomeMap) -> Iterator[_Found]:
    if action.command in READING | OWN | AGENDA:
        return
    for target in action.targets:
        device = home.device.get(target)
        if device is None or device.tier == "guarded":
            yield target, action.command_for(target), result


class Audit:
    """The table; rows are added with their turn."""

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def latest(self, limit: int, device_id: str | None) -> tuple[Attempt, ...]:
        """The latest attempts, newest first. Raises StoreError."""
        return tuple(Attempt(**row) for row in self._file.read(_LATEST, [device_id, limit]))
