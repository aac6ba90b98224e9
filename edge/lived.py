"""Words: what is to be read off turns that were lived, whatever of their stages is missing."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

from edge import intents
from edge.commands import AGENDA, OWN, READING
from edge.records import Act, Interpretation, Reject, ResolvedAction, Transcript
from edge.text import normal
from edge.turn import Turn

UNKNOWN: Final = "unknown"
"""A speaker of whom no more is known."""

SPOKEN_MS: Final = 65.0
"""So long a voice takes for one letter of a reply."""

PAUSE_S: Final = 300.0
"""Turns further apart have nothing to do with each other."""

TOGETHER_MAX: Final = 500
"""A conversation is cut where it does not end."""

_ABOUT_US: Final = frozenset(
    {intents.THANKS, intents.WRONG, intents.NOT_SAID, intents.STOP, intents.WHY, "HassNevermind"}
)
_NO_SPEECH: Final = frozenset({"silence", "not_meant"})


def said(turn: Turn) -> str:
    """What was heard, in the form in which texts are compared."""
    return normal(turn.transcript.text) if isinstance(turn.transcript, Transcript) else ""


def replied(turn: Turn) -> str:
    """What we said."""
    return turn.response.text if turn.response else ""


def moment(turn: Turn) -> datetime:
    """When it began; a time without a zone is held to be UTC."""
    at = turn.started_at
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)


def gap_s(first: Turn, later: Turn) -> float:
    """Seconds from the beginning of one to that of the other; below 0 where the clock was put back between them."""
    return (moment(later) - moment(first)).total_seconds()


def meant(turn: Turn) -> Interpretation | None:
    """As what it was taken: the first thing that was done or, where nothing was, what was asked about or refused."""
    if turn.done_steps:
        return turn.done_steps[0].step.interpretation
    found: Interpretation | None = getattr(turn.decision, "interpretation", None)
    return found


def intent(turn: Turn) -> str:
    """The intent that it was taken for; empty where there is none."""
    interpretation = meant(turn)
    return interpretation.intent if interpretation else ""


def answer(turn: Turn) -> str:
    """The intent by which it answers a question of ours; empty where it answers none."""
    if turn.reply_to is None:
        return ""
    return next(c.interpretation.intent for c in turn.candidates if c.interpretation.source == "dialogue")


def actions(turn: Turn) -> tuple[ResolvedAction, ...]:
    """What was really done to things of the home."""
    return tuple(
        done.step.action
        for done in turn.done_steps
        if done.outcome is not None
        and not done.outcome.refused
        and done.step.action.command not in READING | OWN | AGENDA
    )


def moved(turn: Turn) -> frozenset[str]:
    """device_ids of what it moved."""
    told = (done.outcome.moved for done in turn.done_steps if done.outcome is not None and not done.outcome.refused)
    return frozenset(device_id for ids in told for device_id in ids)


def is_by_itself(turn: Turn) -> bool:
    """Whether nobody said it."""
    return turn.utterance.source == "agenda"


def is_empty(turn: Turn) -> bool:
    """Whether nothing was said to us: silence, an invention of the recogniser, talk of others."""
    return not said(turn) or (isinstance(turn.decision, Reject) and turn.decision.reason in _NO_SPEECH)


def is_about_us(turn: Turn) -> bool:
    """Whether it speaks of the turn before, and wants nothing of the home."""
    return intent(turn) in _ABOUT_US or bool(answer(turn))


def is_refused(turn: Turn) -> bool:
    """Whether we knew at once that it came to nothing."""
    if turn.failure is not None or turn.is_unanswered:
        return True
    if isinstance(turn.decision, Reject) and not is_empty(turn):
        return True
    return any(done.outcome is not None and bool(done.outcome.refused) for done in turn.done_steps)


def is_confirmed(turn: Turn) -> bool:
    """Whether everything that was to be moved said that it obeyed."""
    outcomes = [done.outcome for done in turn.done_steps]
    if turn.failure is not None or not isinstance(turn.decision, Act) or not outcomes:
        return False
    return all(outcome is not None and outcome.confirmed is True for outcome in outcomes)


def is_shaky(turn: Turn) -> bool:
    """Whether stages are missing without a failure that says why: of such a turn nobody can be sure."""
    return turn.failure is None and (turn.transcript is None or turn.decision is None)


def same_place(one: Turn, other: Turn) -> bool:
    """Whether both may have been said in the same room."""
    rooms = {turn.utterance.room for turn in (one, other)} - {None}
    return len(rooms) < 2


def same_person(one: Turn, other: Turn) -> bool:
    """Whether both may have been said by the same person, in the same room."""
    return len({turn.utterance.speaker for turn in (one, other)} - {UNKNOWN, ""}) < 2 and same_place(one, other)


def share_played(turn: Turn, played_ms: float) -> float:
    """How much of its reply was played, 0 to 1, by how long a voice takes for it."""
    whole_ms = len(replied(turn)) * SPOKEN_MS
    return min(1.0, max(0.0, played_ms) / whole_ms) if whole_ms else 1.0


def conversations(turns: Iterable[Turn]) -> Iterator[list[Turn]]:
    """Stretches of turns that may have to do with each other, within each the clock runs forward."""
    together: list[Turn] = []
    for turn in turns:
        if together and not (0 <= gap_s(together[-1], turn) <= PAUSE_S and len(together) < TOGETHER_MAX):
            yield together
            together = []
        together.append(turn)
    if together:
        yield together
