"""One simulated exchange as the record that a home would keep of it. Pure, by a seed."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from edge import intents
from edge.knowledge import DeviceState
from edge.records import (
    Act,
    Candidate,
    Confirm,
    Decision,
    DoneStep,
    Failure,
    Interpretation,
    Outcome,
    Phrasing,
    Reject,
    ResolvedAction,
    Response,
    Step,
    Transcript,
    Unresolved,
    Utterance,
)
from edge.turn import Context, Turn

Went = Literal["ok", "asked", "wrong", "not_matched", "unresolved", "error", "not_confirmed", "answered"]
"""`wrong`: something was done that nobody meant, and the assistant does not know it."""

_DEVICE: Final = "it"
_PUT_BACK, _PUT_BACK_THOUGH_RIGHT = 0.2, 0.01
_INTERRUPTS, _INTERRUPTS_OTHERWISE = 0.25, 0.05


@dataclass(frozen=True)
class Said:
    """What was said, heard and done."""

    text: str
    heard: str
    intent: str
    slots: Mapping[str, str]
    """As they were understood."""
    went: Went
    at: datetime
    number: int
    fragment: bool = False
    again: bool = False
    """Whether the person meant to say the turn before again."""
    stops: bool = False
    bare: bool = False
    """Whether nothing but words and time was kept."""
    before: Turn | None = None
    after_failure: bool = False


def turn_of(said: Said, chance: random.Random) -> Turn:
    """The whole record, as far as a person's next turn can be judged by it."""
    interrupts = chance.random() < (_INTERRUPTS if said.again else _INTERRUPTS_OTHERWISE) and said.before is not None
    utterance = Utterance("microphone", interrupts_after_ms=chance.randrange(200, 3000) if interrupts else None)
    transcript = Transcript(said.heard, chance.uniform(0.4, 1.0), _other_readings(said, chance))
    turn = Turn.begin(f"t{said.number}", utterance, _context(said, chance), 1).heard(transcript)
    if said.bare:
        return replace(turn, utterance=replace(utterance, interrupts_after_ms=None))
    return _with_outcome(turn, said, chance)


def _other_readings(said: Said, chance: random.Random) -> tuple[str, ...]:
    readings = [said.text] if said.heard != said.text and chance.random() < 0.35 else []
    if chance.random() < 0.3:
        words = said.heard.split()
        readings.append(" ".join(words[: max(1, len(words) - 1)]))
    return tuple(readings)


def _context(said: Said, chance: random.Random) -> Context:
    """What stands now; sometimes what was done was put back by hand."""
    often = _PUT_BACK if said.again and said.after_failure else _PUT_BACK_THOUGH_RIGHT
    states = {_DEVICE: DeviceState("off" if chance.random() < often else "on")} if chance.random() < 0.8 else {}
    return Context(said.at, states=states)


def _reading(said: Said, chance: random.Random) -> Interpretation:
    if said.went == "answered":
        return Interpretation(
            chance.choice((intents.UNDO, intents.STOP, "HassNevermind")) if said.stops else intents.YES
        )
    if said.fragment and chance.random() < 0.6:
        corrects = {"reference": "correction"} if said.again and chance.random() < 0.5 else {}
        return Interpretation(intents.AGAIN, {**dict(list(said.slots.items())[:1]), **corrects})
    return Interpretation(said.intent, said.slots, source="model")


def _with_outcome(turn: Turn, said: Said, chance: random.Random) -> Turn:
    if said.went == "not_matched":
        return replace(
            turn, decision=Reject("not_understood"), response=Response("Sorry, I did not get that.", "refusal")
        )
    reading = _reading(said, chance)
    if said.went == "unresolved":
        missing = Unresolved("no_device")
        candidate = Candidate(Phrasing(said.heard), reading, missing, 0.6)
        decision: Decision = Reject("unresolved", reading, missing)
        return replace(turn, candidates=(candidate,), decision=decision, response=Response("There is none.", "refusal"))
    action = ResolvedAction((_DEVICE,), "turn_on")
    step = Step(reading, action)
    known = replace(turn, candidates=(Candidate(Phrasing(said.heard), reading, action, 0.9),))
    if said.went == "asked":
        return replace(known, decision=Confirm((step,)), response=Response("Shall I?", "confirmation"))
    if said.went == "error":
        return replace(known, failure=Failure("action", "the broker is away"), response=Response("Sorry.", "error"))
    confirmed = {"not_confirmed": False, "answered": None}.get(said.went, True if chance.random() < 0.75 else None)
    done = (DoneStep(step, Outcome(confirmed=confirmed)),)
    return replace(known, decision=Act((step,)), done_steps=done, response=Response("Done.", "answer"))
