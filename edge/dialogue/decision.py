"""The decision: act, ask which one, ask for a yes, or do nothing. Where readings disagree it asks."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from edge import intents
from edge.commands import OWN
from edge.dialogue.questions import choice_steps, needs_yes
from edge.knowledge import Knowledge
from edge.records import (
    Act,
    Ambiguous,
    Ask,
    Candidate,
    Confirm,
    Decision,
    Reject,
    ResolvedAction,
    Step,
    Transcript,
    Unresolved,
)
from edge.text import MAX_CHARACTERS, normal
from edge.turn import Context, OpenQuestion

SURE_YES: Final = 0.4
"""Confidence of the recogniser from which a yes counts."""

_NAME_TROUBLE: Final = frozenset({"no_device", "no_area", "nothing_there"})
"""What a lesser reading may mend: a name that is not here, or not there."""


class Dialogue:
    """Weighs the candidates of a turn."""

    def decide(
        self, transcript: Transcript, candidates: tuple[Candidate, ...], context: Context, knowledge: Knowledge
    ) -> Decision:
        """What to do now; the answer to an open question first."""
        if len(transcript.text) > MAX_CHARACTERS:
            return Reject("too_long")
        if not normal(transcript.text):
            return Reject("silence")
        if not candidates:
            return Reject("not_understood")
        best = _best(candidates)
        if isinstance(best[0].resolution, Unresolved):
            return Reject("unresolved", best[0].interpretation, best[0].resolution)
        if best[0].interpretation.source == "dialogue" and context.question:
            return _answered(best, context.question, transcript, knowledge)
        return _decided([step for candidate in best for step in _steps(candidate, knowledge)], best, knowledge)


def _best(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The candidates that share the highest score; a reading whose name fits here beats one whose name does not."""

    def rank(candidate: Candidate) -> tuple[bool, float]:
        resolution = candidate.resolution
        lost = isinstance(resolution, Unresolved) and resolution.reason in _NAME_TROUBLE
        return not lost, candidate.score

    highest = max(map(rank, candidates))
    return [candidate for candidate in candidates if rank(candidate) == highest]


def _steps(candidate: Candidate, knowledge: Knowledge) -> tuple[Step, ...]:
    resolution = candidate.resolution
    if isinstance(resolution, ResolvedAction):
        return (Step(candidate.interpretation, resolution),)
    if isinstance(resolution, Ambiguous):
        return choice_steps(candidate.interpretation, resolution, knowledge.home)
    return ()


def _decided(steps: list[Step], candidates: list[Candidate], knowledge: Knowledge) -> Decision:
    """One effect: do it, after a yes if need be. Several: ask."""
    different = list({str(step.action): step for step in steps}.values())
    if len(different) == 1:
        step = different[0]
        guarded = step.action.needs_confirmation or needs_yes(step.action, knowledge.home)
        return Confirm((step,)) if guarded else Act((step,))
    return _ask(different) if _one_question(different) else Reject("not_understood", candidates[0].interpretation)


def _one_question(steps: list[Step]) -> bool:
    """Whether the choices are told apart by device or by what a device shall do, so that one question names them."""
    commands = {step.action.command for step in steps}
    return bool(commands) and len(commands) == 1 and not commands & OWN and all(step.action.targets for step in steps)


def _ask(steps: Sequence[Step]) -> Ask:
    action = steps[0].action
    choices = tuple(dict.fromkeys(target for step in steps for target in step.action.targets))
    options = tuple(step.action.values for step in steps) if len(choices) == 1 else ()
    return Ask(steps[0].interpretation, Ambiguous(choices, action.command, action.values, options), tuple(steps))


def _answered(best: list[Candidate], question: OpenQuestion, heard: Transcript, knowledge: Knowledge) -> Decision:
    intent = best[0].interpretation.intent
    if intent == intents.YES and question.kind == "confirmation":
        if heard.confidence < SURE_YES or best[0].phrasing.origin == "alternative":
            return Confirm(question.steps)  # what a yes releases may be a garage door: ask again rather than guess
        return Act(tuple(replace(step, confirmed_by=question.turn_id) for step in question.steps))
    if intent == intents.YES:
        return _ask(question.steps)
    if intent == intents.CHOOSE and not best[0].interpretation.slots.get("all"):
        numbers = [candidate.interpretation.slots["number"] for candidate in best]
        return _decided([question.steps[number - 1] for number in numbers], best, knowledge)
    action = best[0].resolution
    assert isinstance(action, ResolvedAction)
    meant = question.steps[0].interpretation if intent == intents.CHOOSE else best[0].interpretation
    return Act((Step(meant, action),))
