"""Living through requests for `edge bench learning`: whoever wants something judges by what the devices really did,
and puts right what went wrong as people are known to."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal, Protocol

from edge.api import Assistant
from edge.bench.learning_goals import Goal
from edge.bench.learning_household import Household, Kind, Request
from edge.records import Act, Ask, Confirm, ResolvedAction, Step
from edge.turn import Turn

BEGINNING: Final = datetime(2026, 3, 2, 0, tzinfo=UTC)

CORRECTS: Final = 0.58
"""How often somebody says so who did not get what was meant; published, of a real assistant."""

ANSWERS_WRONGLY: Final = 0.05
UNDOES: Final = 0.2
BY_HAND: Final = 0.5
"""Of those who gave up talking, how many do it themselves."""

VERDICTS: Final = 0.5
"""How often "Did I get that right?" is answered."""

ATTEMPTS: Final = 3

Correction = Literal["", "implicit", "explicit"]

Say = Literal["", "done", "asked", "same", "held out", "logged"]
"""What a rule had to say of a sentence: it was done, asked for, came to the same as what was heard, was left out by
chance, or was only noted beside it."""

_COMMANDS: Final[Mapping[str, str]] = {
    "on": "turn_on", "off": "turn_off", "locked": "lock", "unlocked": "unlock", "open": "open", "closed": "close"
}  # fmt: skip

_AHEAD: Final = timedelta(minutes=5)
_GAP_S: Final = 14.0
"""Median of the seconds until a correction."""


class Reader(Protocol):
    """A baseline that reads a transcript otherwise before the assistant gets it, and learns from what became of it."""

    def read(self, heard: str) -> str:
        """What is handed in instead."""

    def lived(self, heard: str, at: datetime, *, did: bool) -> None:
        """What was handed in, and whether something was done."""


@dataclass(frozen=True)
class Lived:
    """What came of one request at its first attempt."""

    day: int
    number: int
    kind: Kind
    goal: str
    heard: str
    misheard: bool
    right: bool
    """Whether in the end of the exchange, questions of ours answered, the home was as was wanted."""
    asks: bool = False
    """Whether something was asked of its own accord; what a rule asks is in `rule`."""
    rule: Say = ""
    harm: tuple[str, ...] = ()
    """The tiers of devices that a rule moved though nobody wanted it."""
    guarded: bool = False
    """Whether a rule moved a device that may do harm, wanted or not."""
    corrected: Correction = ""
    """How it was put right in words so that it then worked."""


@dataclass(frozen=True)
class Life:
    """One household with its assistant, on a `SimulatedClock` that stands at `BEGINNING`."""

    assistant: Assistant
    household: Household
    reader: Reader | None = None
    corrects: float = CORRECTS

    def day(self, day: int) -> tuple[Lived, ...]:
        """All requests of a day."""
        return tuple(self._request(request) for request in self.household.requests(day))

    def night(self, day: int) -> None:
        """Sleep until four; at three its night shift learns."""
        self._until(BEGINNING + timedelta(days=day + 1, hours=4))

    def _request(self, request: Request) -> Lived:
        at = BEGINNING + timedelta(days=request.day, hours=request.hour, minutes=request.minute)
        seed = f"{self.household.seed} {request.day} {request.number}"
        self._until(at - _AHEAD)
        self._put_in_order(request.goal, random.Random(f"order {seed}"))
        self._until(at)
        attempt = _Attempt(self, request, random.Random(f"reaction {seed}"))
        first = attempt.say(request.said, random.Random(f"hearing {seed}"))
        corrected = "" if first.right or not request.goal.device_id else attempt.correct()
        return Lived(
            request.day,
            request.number,
            request.kind,
            request.goal.key,
            first.heard,
            first.heard != request.said,
            first.right,
            first.asks,
            first.rule,
            first.harm,
            first.guarded,
            corrected,
        )

    def _until(self, at: datetime) -> None:
        self.assistant.advance(max(timedelta(0), at - self.assistant.runtime.clock.now()))

    def _put_in_order(self, goal: Goal, chance: random.Random) -> None:
        """Leave the home so that mistakes can be seen: other things on or off by chance, the one that is meant not as
        it shall be."""
        states = self.assistant.home.states()
        for device_id, state in states.items():
            if device_id == goal.device_id:
                self.assistant.home.use_switch(device_id, **goal.opposite)
            elif device_id.startswith(("light.", "switch.", "fan.", "media_player.")):
                wanted = chance.choice(("on", "off"))
                if (state["state"] == "off") != (wanted == "off"):
                    self.assistant.home.use_switch(device_id, wanted)


@dataclass(frozen=True)
class _Became:
    """What came of one sentence."""

    heard: str
    right: bool
    asks: bool
    rule: Say
    harm: tuple[str, ...]
    guarded: bool


class _Attempt:
    """Somebody trying to get one thing done."""

    def __init__(self, life: Life, request: Request, chance: random.Random) -> None:
        self._assistant, self._reader, self._corrects = life.assistant, life.reader, life.corrects
        self._request, self._goal, self._chance = request, request.goal, chance
        self._voice = life.household.voices[request.voice]
        self._before = self._states()
        self._tiers = {device_id: device["tier"] for device_id, device in self._assistant.devices().items()}

    def say(self, said: str, hearing: random.Random) -> _Became:
        """Say it, answer what is asked, and look at the home."""
        heard = self._voice.heard(said, hearing)
        text = self._reader.read(heard.text) if self._reader else heard.text
        turn = self._assistant.hear_text(text, heard.confidence, heard.alternatives)
        self._pass(4)
        asks = self._answered(turn)
        if self._reader:
            self._reader.lived(heard.text, turn.started_at, did=_did(turn))
        after = self._states()
        right = self._goal.is_met_by(self._before, after)
        rule: Say = _say(turn) if text == heard.text else "done"
        moved = [self._tiers[device] for device in after if after[device] != self._before[device]]
        moved = moved if rule in {"done", "asked"} else []
        return _Became(heard.text, right, asks, rule, () if right else tuple(moved), "guarded" in moved)

    def correct(self) -> Correction:
        """Try again in words as often as people do, then perhaps by hand; how it worked at last."""
        for _ in range(ATTEMPTS - 1):
            if self._chance.random() >= self._corrects:
                break
            self._pass(min(40.0, max(6.0, self._chance.lognormvariate(0, 0.5) * _GAP_S)) - 4)
            if self._chance.random() < UNDOES and self._is_moved():
                self._assistant.hear_text("undo that")
                self._pass(5)
            manner: Correction = "explicit" if self._chance.random() < 1 / 6 else "implicit"
            self.say(self._again(manner), self._chance)
            if self._goal.is_reached(self._states()):  # whatever else was moved by the attempt before
                return manner
        if self._chance.random() < BY_HAND and self._corrects:
            self._pass(20)
            state = {"state": "on", **self._goal.opposite, **self._goal.wanted}
            self._assistant.home.use_switch(self._goal.device_id, **state)
        return ""

    def _again(self, manner: Correction) -> str:
        """Of those who speak again half say it otherwise, a third the same, the rest that it was not meant."""
        if manner == "explicit":
            return f"{self._chance.choice(('no i meant', 'no i said'))} {self._request.said}"
        if self._chance.random() < 0.6:
            return self._chance.choice([each for each in self._goal.wordings if each != self._request.said])
        return self._request.said

    def _answered(self, turn: Turn) -> bool:
        """Answer the question of a turn, if it asked one, and tell whether one was asked that no rule asks."""
        decision = turn.decision
        if isinstance(decision, Act):
            if decision.then is not None and decision.then.kind == "verdict" and self._chance.random() < VERDICTS:
                self._tell(self._goal.is_met_by(self._before, self._states()))
            return False
        if isinstance(decision, Confirm):
            self._tell(any(_is_for(step, self._goal) for step in decision.steps))
            return decision.rewritten is None
        if isinstance(decision, Ask) and self._goal.device_id:
            self._assistant.hear_text(f"the {self._goal.name}")
            self._pass(4)
        return isinstance(decision, Ask)

    def _tell(self, yes: bool) -> None:
        wrongly = self._chance.random() < ANSWERS_WRONGLY
        self._assistant.hear_text("yes" if yes != wrongly else "no")
        self._pass(4)

    def _is_moved(self) -> bool:
        return self._states() != self._before

    def _states(self) -> Mapping[str, Mapping[str, Any]]:
        return {device_id: dict(state) for device_id, state in self._assistant.home.states().items()}

    def _pass(self, seconds: float) -> None:
        self._assistant.advance(timedelta(seconds=seconds))


def _did(turn: Turn) -> bool:
    return any(done.outcome is not None and done.outcome.moved for done in turn.done_steps)


def _is_for(step: Step, goal: Goal) -> bool:
    """Whether what is offered is what is wanted."""
    if step.action.targets != (goal.device_id,):
        return False
    if "state" in goal.wanted:
        return step.action.command == _COMMANDS[goal.wanted["state"]]
    return set(goal.wanted.values()) <= set(step.action.values.values())


def _say(turn: Turn) -> Say:
    decision = turn.decision
    if isinstance(decision, Act | Confirm) and decision.rewritten:
        return "done" if isinstance(decision, Act) else "asked"
    ruled = [each for each in turn.candidates if each.phrasing.rule_id]
    if not ruled:
        return ""
    if any(each.phrasing.held_out for each in ruled):
        return "held out"
    acted = [(step.action.command, step.action.targets, step.action.values) for step in getattr(decision, "steps", ())]
    meant = [each.resolution for each in ruled if isinstance(each.resolution, ResolvedAction)]
    return "same" if any((one.command, one.targets, one.values) in acted for one in meant) else "logged"
