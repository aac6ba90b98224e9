"""The decision: act, ask which one, ask for a yes, or do nothing. Where readings disagree it asks."""

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Final

from edge import intents
from edge.commands import AGENDA, OWN
from edge.dialogue.exploring import explored, put_back
from edge.dialogue.questions import choice_steps, is_exact, what_it_needs
from edge.dialogue.rewriting import as_heard, instead
from edge.dialogue.weighing import Scorer, best_wording, is_beyond
from edge.dialogue.wondering import with_verdict
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
from edge.risk import Need
from edge.text import MAX_CHARACTERS, normal
from edge.turn import Context, OpenQuestion

SURE_YES: Final = 0.4
"""Confidence of the recogniser from which a yes counts."""

PARTS_MAX: Final = 5
"""Nobody means more commands in one sentence."""

OWN_WORDS: Final = 0.8
"""So alike to our last reply, and heard without a wake word, a text is our own voice."""


class Dialogue:
    """Weighs the candidates of a turn."""

    def decide(
        self,
        transcript: Transcript,
        candidates: tuple[Candidate, ...],
        context: Context,
        knowledge: Knowledge,
        scorer: Scorer,
    ) -> Decision:
        """What to do now; the answer to an open question first, and rules last."""
        heard = as_heard(candidates)
        refused = _refused(transcript, heard, context)
        if refused is not None:
            return refused
        decision = self._of_heard(transcript, heard, context, knowledge, scorer)
        return instead(decision, candidates, context, knowledge)

    def _of_heard(
        self,
        transcript: Transcript,
        candidates: tuple[Candidate, ...],
        context: Context,
        knowledge: Knowledge,
        scorer: Scorer,
    ) -> Decision:
        if not candidates:
            return Reject("not_meant" if context.follow_up else "not_understood")
        wording = best_wording(transcript, candidates, scorer)
        if is_beyond(wording, candidates, transcript, scorer):
            return Reject("not_meant" if context.follow_up else "not_understood")
        best = wording.parts
        first = best[0]
        if len(best) == 1 and first and first[0].interpretation.source == "dialogue" and context.question:
            return _answered(first, context, transcript, knowledge)
        decision = _together([_one(part, context, knowledge) for part in best], context)
        if not first:
            return decision
        decision = with_verdict(decision, first[0], candidates, transcript, context, knowledge)
        return put_back(explored(decision, first[0], candidates, transcript, context, knowledge), context)


def _refused(transcript: Transcript, candidates: Sequence[Candidate], context: Context) -> Reject | None:
    """What needs no weighing."""
    if len(transcript.text) > MAX_CHARACTERS:
        return Reject("too_long")
    if not normal(transcript.text):
        return Reject("silence")
    if context.follow_up and _alike(transcript.text, context.last_reply) >= OWN_WORDS:
        return Reject("not_meant")
    return Reject("too_many") if candidates and candidates[0].interpretation.parts > PARTS_MAX else None


def _alike(heard: str, said: str) -> float:
    return SequenceMatcher(None, normal(heard).split(), normal(said).split()).ratio()


def _one(best: Sequence[Candidate], context: Context, knowledge: Knowledge) -> Decision:
    """What to do about one command."""
    if not best:
        return Reject("not_understood")
    resolution = best[0].resolution
    if isinstance(resolution, Unresolved):
        return Reject("unresolved", best[0].interpretation, resolution)
    return _decided([step for candidate in best for step in _steps(candidate, knowledge)], best, context, knowledge)


def _together(decisions: Sequence[Decision], context: Context) -> Decision:
    """One decision for all commands of the sentence: what can be done at once is done, one question may follow."""
    if len(decisions) == 1:
        only = decisions[0]
        lost = isinstance(only, Reject) and only.unresolved is not None and only.unresolved.reason == "no_device"
        return Reject("not_meant") if lost and context.follow_up else only
    steps = tuple(step for decision in decisions if isinstance(decision, Act) for step in decision.steps)
    confirmed = [decision for decision in decisions if isinstance(decision, Confirm)]
    questions: list[Ask | Confirm] = [decision for decision in decisions if isinstance(decision, Ask)]
    if confirmed:  # a choice that is unclear as well has to be said again
        with_pin = max(confirmed, key=lambda each: bool(each.pin)).pin
        questions = [Confirm(tuple(step for each in confirmed for step in each.steps), with_pin)]
    rejected = tuple(decision for decision in decisions if isinstance(decision, Reject))
    if steps:
        return Act(steps, questions[0] if questions else None, rejected)
    return questions[0] if questions else rejected[0]


def _steps(candidate: Candidate, knowledge: Knowledge) -> tuple[Step, ...]:
    resolution = candidate.resolution
    if isinstance(resolution, ResolvedAction):
        return (Step(candidate.interpretation, resolution),)
    if isinstance(resolution, Ambiguous):
        return choice_steps(candidate.interpretation, resolution, knowledge.home)
    return ()


def _decided(
    steps: Sequence[Step], candidates: Sequence[Candidate], context: Context, knowledge: Knowledge
) -> Act | Ask | Confirm | Reject:
    """One effect: do it, after a yes or the PIN if need be. Several: ask."""
    different = list({str(step.action): step for step in steps}.values())
    if len(different) == 1:
        alike = [candidate for candidate in candidates if is_exact(candidate)] or candidates
        chosen = candidates[0].interpretation.source == "dialogue"
        needed = what_it_needs(different[0].action, None if chosen else alike[0], context, knowledge.home)
        return _as_needed(different[0], needed, context)
    return _ask(different) if _one_question(different) else Reject("not_understood", candidates[0].interpretation)


def _as_needed(step: Step, needed: Need, context: Context) -> Act | Confirm | Reject:
    match needed:
        case "nothing":
            return Act((step,))
        case "yes":
            return Confirm((step,))
        case "pin":
            return Confirm((step,), "wanted")
    return _never(step, context)


def _never(step: Step, context: Context) -> Reject:
    targets = step.action.targets
    unresolved = (
        Unresolved("guarded", targets=targets) if context.attended else Unresolved("unattended", targets=targets)
    )
    return Reject("unresolved", step.interpretation, unresolved)


def _one_question(steps: Sequence[Step]) -> bool:
    """Whether the choices are told apart by device or by what a device shall do, so that one question names them."""
    commands = {step.action.command for step in steps}
    if len(commands) != 1 or commands & OWN:
        return False
    return commands <= AGENDA or all(step.action.targets for step in steps)


def _ask(steps: Sequence[Step]) -> Ask:
    action = steps[0].action
    choices = tuple(dict.fromkeys(target for step in steps for target in step.action.targets))
    options = tuple(step.action.values for step in steps) if len(choices) < 2 else ()
    return Ask(steps[0].interpretation, Ambiguous(choices, action.command, action.values, options), tuple(steps))


def _answered(best: Sequence[Candidate], context: Context, heard: Transcript, knowledge: Knowledge) -> Decision:
    resolution, intent, question = best[0].resolution, best[0].interpretation.intent, context.question
    assert question is not None
    if isinstance(resolution, Unresolved):
        return Reject("unresolved", best[0].interpretation, resolution)
    if question.kind == "verdict" and isinstance(resolution, ResolvedAction):
        return Act((Step(best[0].interpretation, resolution),))
    if intent in {intents.YES, intents.PIN} and question.kind != "choice":
        return _released(best[0], question, context, heard, knowledge)
    if intent == intents.YES:
        return _ask(question.steps)
    if intent == intents.CHOOSE and not best[0].interpretation.slots.get("all"):
        numbers = [candidate.interpretation.slots["number"] for candidate in best]
        return _decided([question.steps[number - 1] for number in numbers], best, context, knowledge)
    assert isinstance(resolution, ResolvedAction)
    meant = question.steps[0].interpretation if intent == intents.CHOOSE else best[0].interpretation
    return Act((Step(meant, resolution),))


def _released(
    best: Candidate, question: OpenQuestion, context: Context, heard: Transcript, knowledge: Knowledge
) -> Decision:
    """What a yes, or the PIN, lets go."""
    for step in question.steps:
        if what_it_needs(step.action, None, context, knowledge.home) == "never":
            return _never(step, context)
    if question.kind == "pin":
        return _with_pin(best, question, heard)
    if heard.confidence < SURE_YES or best.phrasing.origin in {"alternative", "near"}:
        # What a yes releases may be a garage door: ask again rather than guess.
        return Confirm(question.steps, rewritten=question.rewritten)
    released = tuple(replace(step, confirmed_by=question.turn_id) for step in question.steps)
    return Act(released, rewritten=question.rewritten)


def _with_pin(best: Candidate, question: OpenQuestion, heard: Transcript) -> Decision:
    """The PIN releases what a yes does not; a yes alone is asked for the PIN again."""
    if heard.pin == "right":
        return Act(tuple(replace(step, confirmed_by=question.turn_id, with_pin=True) for step in question.steps))
    if heard.pin == "locked":
        targets = tuple(target for step in question.steps for target in step.action.targets)
        return Reject("unresolved", best.interpretation, Unresolved("pin_locked", targets=targets))
    return Confirm(question.steps, "wrong" if heard.pin == "wrong" else "wanted")
