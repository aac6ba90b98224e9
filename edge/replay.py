"""Replay: live through a stored turn again, from its transcript and context, and tell what differs.

Nothing moves and nothing is set: the actors give back the outcomes that were recorded. Under the turn's own knowledge
revision the same decision must come out; under a newer one the difference is what was learned since.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from edge.commands import EXPLAIN
from edge.knowledge import Knowledge
from edge.pipeline import Actor, Stages, run_turn
from edge.records import Outcome, Step, Transcript, Utterance
from edge.turn import Context, Turn


@dataclass(frozen=True)
class Replay:
    """A turn as it was and as it comes out now."""

    before: Turn
    after: Turn
    differences: tuple[str, ...]

    @property
    def same(self) -> bool:
        return not self.differences


class _RecordedEars:
    """Hears what was heard then."""

    def __init__(self, turn: Turn) -> None:
        self._transcript = turn.transcript

    def transcribe(self, utterance: Utterance, knowledge: Knowledge) -> Transcript:
        return self._transcript or Transcript("", confidence=0.0)


class _RecordedPins:
    """What came of a PIN stands in the transcript."""

    def checked(self, transcript: Transcript, context: Context) -> Transcript:
        return transcript


class _RecordedScores:
    """How well the wordings fitted the sound then."""

    def __init__(self, turn: Turn) -> None:
        self._scores = turn.sound_scores

    def scores(self, transcript: Transcript, texts: Sequence[str]) -> Mapping[str, float]:
        return {text: self._scores[text] for text in texts if text in self._scores}


class _RecordedHands:
    """Moves nothing; gives back what came of the same step then."""

    def __init__(self, turn: Turn) -> None:
        self._outcomes = [(done.step, done.outcome) for done in turn.done_steps if done.outcome is not None]

    def perform(self, step: Step, context: Context, knowledge: Knowledge) -> Outcome:
        recorded = [outcome for then, outcome in self._outcomes if then.action == step.action]
        return recorded[0] if recorded else Outcome(refused="replay")


class _RecordedReasons:
    """What was told of the turn before is told again; everything else about ourselves comes out of the turn."""

    def __init__(self, hands: _RecordedHands, own: Actor) -> None:
        self._hands = hands
        self._own = own

    def perform(self, step: Step, context: Context, knowledge: Knowledge) -> Outcome:
        actor = self._hands if step.action.command == EXPLAIN else self._own
        return actor.perform(step, context, knowledge)


def replay(turn: Turn, knowledge: Knowledge, stages: Stages) -> Replay:
    """Run `turn` again under `knowledge`. One that told of what had come, and was asked by nobody, is as it was."""
    if turn.utterance.source == "agenda" and not turn.utterance.typed:
        return Replay(turn, turn, ())
    hands = _RecordedHands(turn)
    stages = replace(
        stages,
        asr=_RecordedEars(turn),
        pins=_RecordedPins(),
        scorer=_RecordedScores(turn),
        home_actor=hands,
        skill_actor=hands,
        agenda_actor=hands,
        own_actor=_RecordedReasons(hands, stages.own_actor),
    )
    began = Turn.begin(turn.turn_id, turn.utterance, turn.context, knowledge.revision)
    after = run_turn(began, knowledge, stages)
    return Replay(turn, after, _differences(turn, after))


def _differences(before: Turn, after: Turn) -> tuple[str, ...]:
    """Names of what differs; timings and the revision are not part of it."""
    names = ("transcript", "attempts", "candidates", "decision", "done_steps", "response")
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))
