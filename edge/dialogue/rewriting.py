"""Whether a rule decides: what it means is done or asked for instead of what was heard, or only logged beside it.

What was heard always has a decision of its own, and keeps it against a rule that is only tried (`shadow`), that is left
out in this turn to see how it goes without it, or that comes to something else by now than when it was learned. Against
all others it keeps it as far as it was understood well: the exact words have to be those that failed before.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from edge import intents
from edge.commands import OWN
from edge.dialogue.questions import is_exact, what_it_needs
from edge.knowledge import Knowledge
from edge.records import Act, Ask, Candidate, Confirm, Decision, Reject, ResolvedAction, Rewritten, Step
from edge.rewrites import Meaning, Rewrite
from edge.turn import Context

AT_ONCE: Final = 0.88
"""Likeness to what a rule was learned from below which it is asked first, whatever the rule has earned."""

_RIGHTLY_REFUSED: Final = frozenset({"guarded", "unattended", "pin_locked", "nothing_to_undo"})
"""Refusals of what was understood: they do not mean that something else was said."""


def as_heard(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The readings of what was heard, without those of rules."""
    return tuple(candidate for candidate in candidates if candidate.phrasing.origin != "rewrite")


def instead(raw: Decision, candidates: Sequence[Candidate], context: Context, knowledge: Knowledge) -> Decision:
    """`raw`, which is what was heard, or what is meant instead by a rule, with the rule's id."""
    if taken_back := _taken_back(candidates, context):
        return taken_back
    acted = tuple(step.action for step in raw.steps) if isinstance(raw, Act) else ()
    for rule, candidate, action in _meant(candidates, knowledge):
        if isinstance(raw, Act | Confirm) and [_meaning(step) for step in raw.steps] == [rule.meaning.key]:
            return raw
        if rule.state not in {"ask", "active"} or candidate.phrasing.held_out:
            continue
        needed = what_it_needs(action, candidate, context, knowledge.home)
        likeness = candidate.phrasing.likeness
        asks = rule.state == "ask" or needed != "nothing" or likeness < AT_ONCE
        if needed in {"pin", "never"} or not _gives_way(raw, rule, candidates, likeness, asks=asks):
            continue
        step, rewritten = Step(candidate.interpretation, action), Rewritten(rule.rule_id, acted)
        return Confirm((step,), rewritten=rewritten) if asks else Act((step,), rewritten=rewritten)
    return raw


def _meant(
    candidates: Sequence[Candidate], knowledge: Knowledge
) -> Iterator[tuple[Rewrite, Candidate, ResolvedAction]]:
    """What the wordings of rules come to, as far as it is just what the rules are for and nothing guarded moves."""
    wordings = dict.fromkeys(each.phrasing for each in candidates if each.phrasing.origin == "rewrite")
    for wording in wordings:
        rule = knowledge.rewrite.get(wording.rule_id or "")
        best = max((each for each in candidates if each.phrasing == wording), key=lambda each: each.score)
        action = best.resolution
        if rule is None or not isinstance(action, ResolvedAction) or best.interpretation.parts != 1:
            continue
        devices = [knowledge.home.device.get(target) for target in action.targets]
        if action.needs_confirmation or any(device is None or device.tier == "guarded" for device in devices):
            continue
        if Meaning.of(best.interpretation, action).key == rule.meaning.key:
            yield rule, best, action


def _gives_way(raw: Decision, rule: Rewrite, candidates: Sequence[Candidate], likeness: float, *, asks: bool) -> bool:
    """Whether what was heard is left undone for the rule; to do something is the better reason the better it fits."""
    if isinstance(raw, Confirm):
        return False
    if isinstance(raw, Reject):
        return raw.unresolved is None or raw.unresolved.reason not in _RIGHTLY_REFUSED
    exact = likeness == 1.0
    if isinstance(raw, Ask):
        return exact
    if any(step.action.command in OWN for step in raw.steps):
        return False
    well = any(is_exact(each) and each.resolution == step.action for step in raw.steps for each in as_heard(candidates))
    if well:
        return exact and not asks
    return exact or (rule.is_explicit and likeness >= AT_ONCE)


def _taken_back(candidates: Sequence[Candidate], context: Context) -> Act | None:
    """A "no" to what was done by a rule just now puts it back."""
    if not context.recent or not context.recent[0].rule_id:
        return None
    for each in candidates:
        is_undo = each.interpretation.intent == intents.UNDO and each.phrasing.origin == "rewrite"
        if is_undo and isinstance(each.resolution, ResolvedAction):
            return Act((Step(each.interpretation, each.resolution),))
    return None


def _meaning(step: Step) -> str:
    return Meaning.of(step.interpretation, step.action).key
