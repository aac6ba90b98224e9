"""What people say of a turn: yes and no to questions, thanks, "that's wrong", "not what I said", "no, I meant ..."."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from edge import intents
from edge.feedback.observed import Observed
from edge.feedback.weights import OTHERS_WORD
from edge.lived import (
    answer,
    gap_s,
    intent,
    is_about_us,
    is_by_itself,
    is_empty,
    meant,
    moment,
    said,
    same_person,
    same_place,
)
from edge.signals import SignalKind
from edge.turn import Turn

SPOKEN_OF_S: Final = 120.0
"""What was longer ago is not meant by "that"."""

CORRECTED_S: Final = 60.0

_MEANT: Final = re.compile(r"\bi (?:meant|mean|said|wanted)\b|^(?:no|nope|wrong|not (?:that|it))\b \S+ \S")
_WORDS: Final[dict[str, tuple[SignalKind, str]]] = {
    intents.THANKS: ("thanks", "thanks"),
    intents.WRONG: ("wrong", "wrong"),
    intents.NOT_SAID: ("not_said", "not_said"),
}


def explicit(turn: Turn, before: Sequence[Turn]) -> Iterator[Observed]:
    """What a turn says in words of those before it, nearest last."""
    if is_by_itself(turn) or is_empty(turn):
        return
    if answer(turn):
        yield from _answered(turn, before)
        return
    kind, why = _WORDS.get(intent(turn), (None, ""))
    blames = kind in {"wrong", "not_said"}  # after an undo it is still about what was undone
    about = spoken_of(turn, [each for each in before if intent(each) != intents.UNDO] if blames else before)
    if about is None:
        return
    interpretation = meant(turn)
    if kind is not None:
        praises = interpretation is not None and bool(interpretation.slots.get("praise"))
        yield _of(about, turn, kind, "thanks, praise" if praises and kind == "thanks" else why)
    elif is_correction(turn) and gap_s(about, turn) <= CORRECTED_S:
        yield _of(about, turn, "meant_other", "meant_other")


def spoken_of(turn: Turn, before: Sequence[Turn]) -> Turn | None:
    """The turn that "that" stands for: the last one in this room that was no remark itself. None: there is none."""
    for earlier in reversed(before):
        if gap_s(earlier, turn) > SPOKEN_OF_S:
            return None
        if same_place(earlier, turn) and not is_empty(earlier) and (not is_about_us(earlier) or answer(earlier)):
            return None if is_by_itself(earlier) else earlier
    return None


def is_correction(turn: Turn) -> bool:
    """Whether its words correct what was done: `no, I meant the lamp`, `no, the other one`."""
    interpretation = meant(turn)
    if interpretation is None or is_about_us(turn):
        return False
    readings = (c.interpretation.slots for c in turn.readings)
    if interpretation.slots.get("correction") or any(slots.get("correction") for slots in readings):
        return True
    return _MEANT.search(said(turn)) is not None


def _answered(turn: Turn, before: Sequence[Turn]) -> Iterator[Observed]:
    """A yes, a no or a choice is about the turn that asked."""
    question = turn.context.question
    asked = next((each for each in before if question and each.turn_id == question.turn_id), None)
    if question is None or asked is None:
        return
    was_how = question.kind == "verdict"
    match answer(turn):
        case intents.YES:
            yield _of(asked, turn, "yes", "yes, to how it went" if was_how else "yes")
        case intents.NO:
            yield _of(asked, turn, "no", "no, to how it went" if was_how else "no")
        case intents.PIN if turn.transcript is not None and turn.transcript.pin == "right":
            yield _of(asked, turn, "yes", "yes")
        case intents.CHOOSE:
            yield _of(asked, turn, "yes", "yes, chosen")


def _of(about: Turn, turn: Turn, kind: SignalKind, why: str) -> Observed:
    return Observed(
        about.turn_id,
        kind,
        why,
        moment(turn),
        turn.utterance.speaker,
        turn.turn_id,
        share=1.0 if same_person(about, turn) else OTHERS_WORD,
        detail={"gap_s": round(gap_s(about, turn), 1)},
    )
