"""Words: the `Turn`, the tray on which every stage puts one frozen thing, and its two JSON forms.

The stored form keeps everything that a replay needs; the public form is what `Turn.to_json()` and `edge say --json`
promise to other programs: later versions add fields to it and change none.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field, TypeAdapter

from edge import intents
from edge.commands import AGENDA
from edge.entries import Entry
from edge.errors import StageFailed
from edge.knowledge import DeviceState
from edge.records import (
    Act,
    Ask,
    Candidate,
    Confirm,
    Decision,
    DoneStep,
    Failure,
    Interpretation,
    Outcome,
    Phrasing,
    ResolvedAction,
    Response,
    Rewritten,
    Step,
    Transcript,
    Utterance,
)

SURE_HEARD: Final = 0.6
"""Confidence of the recogniser below which other wordings are tried as well, and the sound decides."""


NOTHING_BY_CHANCE: Final = 1.0
"""A draw that leaves everything as it is decided without chance."""


@dataclass(frozen=True)
class OpenQuestion:
    """A question of ours that the next turn may answer."""

    turn_id: str
    kind: Literal["choice", "confirmation", "pin", "verdict"]
    steps: tuple[Step, ...]
    """What a yes (or the PIN) releases; for a choice one step a choice, in the order in which they were offered; for a
    verdict nothing."""
    expires_at: datetime
    rewritten: Annotated[Rewritten | None, Field(exclude_if=lambda rewritten: rewritten is None)] = None
    """Where it was "Did you mean ...?"."""


@dataclass(frozen=True)
class Recent:
    """What one of the turns before was about."""

    ended_at: datetime
    interpretation: Interpretation
    action: ResolvedAction
    """What was done; targets empty for what was not about devices."""
    reply: str = ""
    """What we said."""
    turn_id: str = ""
    before: Mapping[str, DeviceState] = field(default_factory=dict)
    """By device_id, how what was moved stood when the turn began."""
    instead_of: Annotated[tuple[str, ...], Field(exclude_if=lambda ids: not ids)] = ()
    """device_ids that would have been moved, had chance not taken others."""
    rule_id: Annotated[str, Field(exclude_if=lambda rule_id: not rule_id)] = ""
    """The rule by which it was done, though something else was heard."""


@dataclass(frozen=True)
class Happening:
    """Something that the assistant itself did or noticed: an alarm rang, somebody came home."""

    what: Literal["alarm", "timer", "arrived"]
    at: datetime


@dataclass(frozen=True)
class Context:
    """The circumstances of a turn."""

    now: datetime
    room: str | None = None
    speaker: str = "unknown"
    screen: bool = False
    """Whether the assistant itself has a screen."""
    online: bool = True
    """Whether the home can be reached."""
    attended: bool = True
    """Whether a person is there: words that come over MQTT, or in time by themselves, move nothing guarded."""
    pin_is_set: bool = False
    """Whether guarded devices want a PIN."""
    states: Mapping[str, DeviceState] = field(default_factory=dict)
    """By device_id; in a stored turn only those that were consulted."""
    question: OpenQuestion | None = None
    may_ask: bool = False
    """Whether it may be asked how this turn went: that is seldom so."""
    draw: Annotated[float, Field(exclude_if=lambda draw: draw == NOTHING_BY_CHANCE)] = NOTHING_BY_CHANCE
    """What chance has to say where two things are almost equally likely to be meant: from 0 up to 1."""
    follow_up: bool = False
    """Whether this was heard without a wake word, while we listened on after a reply of ours."""
    last_reply: str = ""
    """What we said last, less than a minute ago."""
    recent: tuple[Recent, ...] = ()
    """The last turns that did something, latest first, at most four and none older than five minutes."""
    happenings: tuple[Happening, ...] = ()
    """The last hour's, latest first."""
    set_aside: Annotated[tuple[str, ...], Field(exclude_if=lambda rule_ids: not rule_ids)] = ()
    """rule_ids of what somebody said no to today: let alone until it is learned what they are worth."""
    agenda: tuple[Entry, ...] = ()
    """Timers, alarms, reminders and commands for later that are set or ring, soonest first."""
    zone: str = "+00:00"
    """The zone of the clock on the wall, for `edge.wall.zone_called`; `now` has only the offset of this moment."""


@dataclass(frozen=True)
class Turn:
    """One exchange, from sound to reply."""

    turn_id: str
    started_at: datetime
    knowledge_revision: int
    utterance: Utterance
    context: Context
    transcript: Transcript | None = None
    attempts: tuple[Phrasing, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    decision: Decision | None = None
    done_steps: tuple[DoneStep, ...] = ()
    response: Response | None = None
    failure: Failure | None = None
    sound_scores: Mapping[str, float] = field(default_factory=dict)
    """By wording, its log probability in the sound, in nats; only of those that competed."""
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    """By stage; `total` is from the start of the pipeline to the worded reply."""

    @classmethod
    def begin(cls, turn_id: str, utterance: Utterance, context: Context, knowledge_revision: int) -> Self:
        return cls(turn_id, context.now, knowledge_revision, utterance, context)

    @property
    def reply_to(self) -> str | None:
        """The turn whose question this one answers."""
        question = self.context.question
        answers = any(c.interpretation.source == "dialogue" for c in self.candidates)
        return question.turn_id if question and answers else None

    @property
    def is_unanswered(self) -> bool:
        """Whether something was sent and a device did not say that it obeyed: the result failed."""
        return any(done.outcome is not None and done.outcome.confirmed is False for done in self.done_steps)

    @property
    def has_come_about(self) -> bool:
        """Whether all that was to be done was done, as far as devices can tell."""
        done = all(each.outcome is not None and not each.outcome.refused for each in self.done_steps)
        return done and self.failure is None and not self.is_unanswered

    @property
    def rule_id(self) -> str:
        """The rule by which something else was done or asked for than what was heard; empty: by none."""
        rewritten: Rewritten | None = getattr(self.decision, "rewritten", None)
        return rewritten.rule_id if rewritten else ""

    @property
    def readings(self) -> tuple[Candidate, ...]:
        """The candidates that had a say: all but those of rules that were only tried."""
        done = [(step.interpretation, step.action) for step in (self.decision.steps if self.decision else ())]
        return tuple(
            each
            for each in self.candidates
            if each.phrasing.origin != "rewrite" or (each.interpretation, each.resolution) in done
        )

    @property
    def takes_back(self) -> str:
        """The rule_id of what this turn says no to: a question, or what was done just now; empty: to no rule."""
        question, last = self.context.question, next(iter(self.context.recent), None)
        told = {done.step.interpretation.intent for done in self.done_steps}
        if intents.NO in told and question and question.rewritten:
            return question.rewritten.rule_id
        return last.rule_id if last and told & {intents.UNDO, intents.WRONG, intents.NOT_SAID} else ""

    @property
    def importance(self) -> float:
        """For how many like it the turn stands where it is learned which of two things is meant; 1 without chance."""
        explored = self.decision.explored if isinstance(self.decision, Act) else None
        return 1 / explored.propensity if explored and explored.propensity > 0 else 1.0

    @property
    def is_settled(self) -> bool:
        """Whether a clear reading of every command in it was found, so that no other wording need be tried."""
        if self.transcript is not None and self.transcript.confidence < SURE_HEARD:
            return False
        resolved = [c for c in self.candidates if isinstance(c.resolution, ResolvedAction) and c.score >= 0.9]
        clear = [c for c in resolved if not c.interpretation.is_guess]  # a misheard sentence often means something
        return any(
            all(any(c.phrasing is one.phrasing and c.interpretation.part == n for c in clear) for n in range(parts))
            for one in clear
            if (parts := one.interpretation.parts)
        )

    def heard(self, transcript: Transcript) -> Self:
        """With a PIN in it, only what is left of the words stays, and no sound."""
        if not transcript.pin:
            return replace(self, transcript=transcript)
        typed = None if self.utterance.typed is None else transcript.text
        silent = replace(self.utterance, typed=typed, typed_alternatives=(), sound=None)
        return replace(self, transcript=replace(transcript, encoded=None), utterance=silent)

    def tried(self, phrasing: Phrasing) -> Self:
        return replace(self, attempts=(*self.attempts, phrasing))

    def considered(self, candidate: Candidate) -> Self:
        return replace(self, candidates=(*self.candidates, candidate))

    def compared(self, sound_scores: Mapping[str, float]) -> Self:
        return replace(self, sound_scores=dict(sound_scores))

    def decided(self, decision: Decision) -> Self:
        """What will be done, step by step; of the choices of a question none is a step before it is chosen."""
        steps = () if isinstance(decision, Ask) else decision.steps
        if isinstance(decision, Act) and isinstance(decision.then, Confirm):
            steps += decision.then.steps
        return replace(self, decision=decision, done_steps=tuple(DoneStep(step) for step in steps))

    def done(self, done_step: DoneStep) -> Self:
        """The step in its place with the outcome it now has."""
        steps = tuple(done_step if old.step is done_step.step else old for old in self.done_steps)
        return replace(self, done_steps=steps)

    def failed(self, failed: StageFailed) -> Self:
        return replace(self, failure=Failure(failed.point, failed.reason))

    def answered(self, response: Response) -> Self:
        return replace(self, response=response)

    def timed(self, timings_ms: Mapping[str, float]) -> Self:
        return replace(self, timings_ms={**self.timings_ms, **timings_ms})

    @property
    def _is_about_the_agenda(self) -> bool:
        """Whether timers and the like had a say in this turn."""
        found = [getattr(c.resolution, "command", getattr(c.resolution, "reason", "")) for c in self.candidates]
        found += [step.action.command for step in (self.context.question.steps if self.context.question else ())]
        return not {*AGENDA, "nothing_set"}.isdisjoint(found)

    @property
    def consulted(self) -> frozenset[str]:
        """device_ids whose state had a say in this turn."""
        return frozenset(device_id for candidate in self.candidates for device_id in candidate.consulted)

    def to_stored(self) -> str:
        """The whole turn as JSON, with only those states and entries that were consulted, without sound."""
        states = {key: state for key, state in self.context.states.items() if key in self.consulted}
        whole = self._is_about_the_agenda
        agenda = tuple(entry for entry in self.context.agenda if whole or entry.ringing)
        return _adapter().dump_json(replace(self, context=replace(self.context, states=states, agenda=agenda))).decode()

    @classmethod
    def from_stored(cls, text: str | bytes) -> "Turn":
        return _adapter().validate_json(text)

    def to_dict(self) -> dict[str, Any]:
        """The public form, ready for `json.dumps`."""
        steps = [_public_step(done) for done in self.done_steps] or self._understood_only()
        first = steps[0] if steps else {"interpretation": None, "action": None, "outcome": None}
        return {
            "turn_id": self.turn_id,
            "reply_to": self.reply_to,
            "started_at": self.started_at.isoformat(),
            "room": self.utterance.room,
            "speaker": self.utterance.speaker,
            "knowledge_revision": self.knowledge_revision,
            "transcript": _public_transcript(self.transcript),
            "attempts": [_public_phrasing(attempt) for attempt in self.attempts],
            "rewrite": self.rule_id or None,
            "steps": steps,
            **first,
            "response": {"text": self.response.text, "kind": self.response.kind} if self.response else None,
            "failure": {"point": self.failure.point, "reason": self.failure.reason} if self.failure else None,
            "timings_ms": dict(self.timings_ms),
        }

    def _understood_only(self) -> list[dict[str, Any]]:
        """What was understood where nothing could be done about it yet: a question back, an unknown device."""
        interpretation = getattr(self.decision, "interpretation", None)
        if interpretation is None:
            return []
        return [{"interpretation": _public_interpretation(interpretation), "action": None, "outcome": None}]

    def to_json(self) -> str:
        """The public form as JSON text."""
        return json.dumps(self.to_dict(), ensure_ascii=False)


@cache
def _adapter() -> TypeAdapter[Turn]:
    return TypeAdapter(Turn)


def _public_transcript(transcript: Transcript | None) -> dict[str, Any] | None:
    if transcript is None:
        return None
    return {
        "text": transcript.text,
        "confidence": transcript.confidence,
        "alternatives": list(transcript.alternatives),
    }


def _public_phrasing(phrasing: Phrasing) -> dict[str, Any]:
    return {name: value for name, value in asdict(phrasing).items() if name != "likeness"}


def _public_interpretation(interpretation: Interpretation) -> dict[str, Any]:
    return {
        "intent": interpretation.intent,
        "slots": dict(interpretation.slots),
        "confidence": interpretation.confidence,
        "source": interpretation.source,
    }


def _public_step(done: DoneStep) -> dict[str, Any]:
    action = done.step.action
    return {
        "interpretation": _public_interpretation(done.step.interpretation),
        "action": {
            "targets": list(action.targets),
            "command": action.command,
            "values": dict(action.values),
            "needs_confirmation": action.needs_confirmation,
        },
        "outcome": _public_outcome(done.outcome),
    }


def _public_outcome(outcome: Outcome | None) -> dict[str, Any] | None:
    if outcome is None:
        return None
    return {
        "sent": [{"topic": message.topic, "payload": message.payload} for message in outcome.sent],
        "confirmed": outcome.confirmed,
    }
