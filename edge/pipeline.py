"""FLOW: one turn, from utterance to reply. Read this second.

The stages are Protocols: the runtime decides who plays them. Nothing walks back uphill, and this is the only place
where `StageFailed` is caught.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from edge.clock import monotonic_ms
from edge.commands import AGENDA, OWN, READING, RUN_SKILL
from edge.entries import Entry
from edge.errors import StageFailed
from edge.knowledge import Knowledge
from edge.records import (
    Act,
    Candidate,
    Decision,
    DoneStep,
    Interpretation,
    Outcome,
    Phrasing,
    Response,
    Step,
    Transcript,
    Utterance,
)
from edge.turn import Context, Turn


class Recogniser(Protocol):
    def transcribe(self, utterance: Utterance, knowledge: Knowledge) -> Transcript: ...


class PinCheck(Protocol):
    def checked(self, transcript: Transcript, context: Context) -> Transcript:
        """The transcript without any PIN that was said, and whether that was the right one."""


class Rewriting(Protocol):
    def phrasings(self, transcript: Transcript, context: Context, knowledge: Knowledge) -> Iterable[Phrasing]:
        """What was heard, likeliest first."""

    def rewrites(self, turn: Turn, knowledge: Knowledge) -> Iterable[Phrasing]:
        """What may be meant instead by what was learned, of a turn in which what was heard is understood already."""


class Understanding(Protocol):
    def interpret(self, phrasing: Phrasing, context: Context, knowledge: Knowledge) -> Iterable[Interpretation]: ...


class Resolution(Protocol):
    def resolve(
        self, phrasing: Phrasing, interpretation: Interpretation, context: Context, knowledge: Knowledge
    ) -> Candidate: ...


class Circumstances(Protocol):
    def completed(
        self, interpretation: Interpretation, context: Context, knowledge: Knowledge
    ) -> Iterable[Interpretation]: ...

    def weighed(self, candidate: Candidate, context: Context, knowledge: Knowledge) -> Candidate: ...


class Scorer(Protocol):
    def scores(self, transcript: Transcript, texts: Sequence[str]) -> Mapping[str, float]:
        """Log probability of each text in the sound, in nats; nothing where there is no sound."""


class Dialogue(Protocol):
    def decide(
        self,
        transcript: Transcript,
        candidates: tuple[Candidate, ...],
        context: Context,
        knowledge: Knowledge,
        scorer: Scorer,
    ) -> Decision: ...


class Actor(Protocol):
    def perform(self, step: Step, context: Context, knowledge: Knowledge) -> Outcome: ...


class Wording(Protocol):
    def word(self, turn: Turn, knowledge: Knowledge) -> Response: ...

    def ring(self, entries: Sequence[Entry], missed: bool, now: datetime) -> Response:
        """What is told of entries whose time has come, or came while we were off."""


@dataclass(frozen=True)
class Stages:
    """Who plays which part."""

    asr: Recogniser
    pins: PinCheck
    rewriting: Rewriting
    nlu: Understanding
    circumstances: Circumstances
    resolution: Resolution
    decision: Dialogue
    scorer: Scorer
    home_actor: Actor
    skill_actor: Actor
    own_actor: Actor
    agenda_actor: Actor
    speech: Wording

    def actor_for(self, step: Step) -> Actor:
        """The home moves devices, skills do what they say, the agenda keeps time and lists; the rest is our own."""
        if step.action.command == RUN_SKILL:
            return self.skill_actor
        if step.action.command in AGENDA:
            return self.agenda_actor
        return self.own_actor if step.action.command in READING | OWN else self.home_actor


def run_turn(turn: Turn, knowledge: Knowledge, stages: Stages) -> Turn:
    """Live through one turn that was begun with its utterance and context."""
    watch = Stopwatch()
    try:
        turn = _understood(turn, knowledge, stages, watch)
        turn = _acted(turn, knowledge, stages, watch)
    except StageFailed as failed:
        turn = turn.failed(failed)
    with watch.measuring("wording"):
        turn = turn.answered(stages.speech.word(turn, knowledge))
    return turn.timed(watch.read())


def _understood(turn: Turn, knowledge: Knowledge, stages: Stages, watch: "Stopwatch") -> Turn:
    context = turn.context
    with watch.measuring("asr"):
        transcript = stages.pins.checked(stages.asr.transcribe(turn.utterance, knowledge), context)
    turn = turn.heard(transcript)
    with watch.measuring("understanding"):
        for phrasing in stages.rewriting.phrasings(transcript, context, knowledge):
            turn = _considered(turn, phrasing, knowledge, stages)
            if turn.is_settled:
                break
        for phrasing in stages.rewriting.rewrites(turn, knowledge):
            turn = _considered(turn, phrasing, knowledge, stages)
        scorer = _Remembered(stages.scorer)
        decision = stages.decision.decide(transcript, turn.candidates, context, knowledge, scorer)
    return turn.compared(scorer.known).decided(decision)


def _considered(turn: Turn, phrasing: Phrasing, knowledge: Knowledge, stages: Stages) -> Turn:
    turn = turn.tried(phrasing)
    for candidate in _candidates(phrasing, turn.context, knowledge, stages):
        turn = turn.considered(candidate)
    return turn


def _candidates(phrasing: Phrasing, context: Context, knowledge: Knowledge, stages: Stages) -> Iterator[Candidate]:
    for interpretation in stages.nlu.interpret(phrasing, context, knowledge):
        for completed in stages.circumstances.completed(interpretation, context, knowledge):
            candidate = stages.resolution.resolve(phrasing, completed, context, knowledge)
            yield stages.circumstances.weighed(candidate, context, knowledge)


def _acted(turn: Turn, knowledge: Knowledge, stages: Stages, watch: "Stopwatch") -> Turn:
    if not isinstance(turn.decision, Act):
        return turn
    with watch.measuring("action"):
        for step in turn.decision.steps:
            outcome = stages.actor_for(step).perform(step, turn.context, knowledge)
            turn = turn.done(DoneStep(step, outcome))
    return turn


class _Remembered:
    """Keeps what the scorer said: it goes with the turn, so that a replay needs no sound."""

    def __init__(self, scorer: Scorer) -> None:
        self._scorer = scorer
        self.known: dict[str, float] = {}

    def scores(self, transcript: Transcript, texts: Sequence[str]) -> Mapping[str, float]:
        scores = self._scorer.scores(transcript, texts)
        self.known |= scores
        return scores


class Stopwatch:
    """Milliseconds by stage, and `total` since it was made."""

    def __init__(self) -> None:
        self._began = monotonic_ms()
        self._spent: dict[str, float] = {}

    @contextmanager
    def measuring(self, stage: str) -> Iterator[None]:
        began = monotonic_ms()
        try:
            yield
        finally:
            self._spent[stage] = self._spent.get(stage, 0.0) + monotonic_ms() - began

    def read(self) -> dict[str, float]:
        return {name: round(ms, 2) for name, ms in {**self._spent, "total": monotonic_ms() - self._began}.items()}
