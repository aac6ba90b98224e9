"""Exploration: of two things that are almost equally likely to be meant, sometimes the second is done.

What is always decided in the same way teaches nothing about the other way: who never gets the second lamp never says
that it was the right one. So, where a setting allows it and seldom, chance decides. A near-tie is

- one command, heard well, as it stands, by day, when nothing was said in the last minute: never a correction, a second
  try, an answer, or one of several commands,
- that would be done at once, because the circumstances or the scores put it ahead by less than `CLOSE`: what leads by
  less than the circumstances call clear is asked about, and stays so, for an answer teaches more than a try,
- whose two meanings are the same command to other devices of one domain, of the tier free, which tell their state, and
  go back with one undo: lamps and fans. Not outlets, for nobody knows what hangs on them; not what plays; no undo; no
  skill; nothing for later; nothing that asks first,
- and whose second meaning would change something.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final

from edge.commands import UNUSABLE, reached
from edge.dialogue.questions import what_it_needs
from edge.knowledge import Knowledge
from edge.records import Act, Candidate, Decision, Explored, Interpretation, ResolvedAction, Step, Transcript
from edge.turn import NOTHING_BY_CHANCE, SURE_HEARD, Context, Turn

CLOSE: Final = 1.1
"""Nats by which the first may lead: one in four times the second was meant."""

TRIED: Final = 0.25
"""Probability with which the second is done in a near-tie: as often as it is meant, at the most."""

BY_DAY: Final = range(8, 21)
"""Hours of the clock on the wall at which the wrong lamp wakes nobody."""

_HARMLESS: Final[Mapping[str, frozenset[str]]] = {
    "light": frozenset({"turn_on", "turn_off"}),
    "fan": frozenset({"turn_on", "turn_off", "set_speed"}),
}
"""By domain, what may be tried: whoever sees it can undo it, and nothing is lost."""


class Budget:
    """Gives every turn its draw, and keeps count of what was tried; hears every turn."""

    def __init__(self, per_day: int, chance: Callable[[], float]) -> None:
        """`per_day`: how often in a day the second may be done; 0: never. `chance`: a number from 0 up to 1."""
        self._per_day = per_day
        self._chance = chance
        self._tried: Counter[date] = Counter()

    def heard(self, turn: Turn) -> None:
        """A turn has ended."""
        if isinstance(turn.decision, Act) and turn.decision.explored and turn.decision.explored.is_second:
            self._tried[turn.started_at.date()] += 1

    def draw(self, now: datetime) -> float:
        """What chance has to say in a turn that begins now, by the clock on the wall.

        What was tried on a later day counts as well: a clock that is put back gives nothing back.
        """
        spent = sum(times for day, times in self._tried.items() if day >= now.date())
        if spent >= self._per_day or now.hour not in BY_DAY:
            return NOTHING_BY_CHANCE
        return min(self._chance(), math.nextafter(NOTHING_BY_CHANCE, 0.0))


def explored(
    decision: Decision,
    best: Candidate,
    candidates: Sequence[Candidate],
    transcript: Transcript,
    context: Context,
    knowledge: Knowledge,
) -> Decision:
    """The decision; in a near-tie chance says whether it is this one or the second, and what it said is kept."""
    if context.draw >= NOTHING_BY_CHANCE or transcript.confidence < SURE_HEARD:
        return decision
    if context.follow_up or context.last_reply or not _is_alone(decision, best):
        return decision
    (step,) = decision.steps
    seconds = [each for each in _seconds(step, best, candidates) if _is_harmless(step, each, best, context, knowledge)]
    consulted = frozenset(target for each in (best, *candidates) for target in each.consulted)
    near = [each for each in seconds if _would_change_something(each.action, consulted, context)]
    if not near:
        return decision
    second = near[0]
    if context.draw < TRIED:
        return Act((second,), explored=Explored(TRIED, step.action, is_second=True))
    return Act((step,), explored=Explored(1 - TRIED, second.action, is_second=False))


def put_back(decision: Decision, context: Context) -> Decision:
    """With "no, the other one" said of a try, what was switched on by chance goes off again."""
    tried = context.recent[0] if context.recent else None
    if tried is None or not tried.instead_of or not isinstance(decision, Act) or len(decision.steps) != 1:
        return decision
    (step,) = decision.steps
    is_other = step.interpretation.slots.get("reference") == "other" and step.action.targets == tried.instead_of
    was_off = all(target in tried.before and tried.before[target].value == "off" for target in tried.action.targets)
    if not is_other or not was_off or (step.action.command, tried.action.command) != ("turn_on", "turn_on"):
        return decision
    off = Interpretation("HassTurnOff", {"targets": list(tried.action.targets)})
    return replace(decision, steps=(step, Step(off, ResolvedAction(tried.action.targets, "turn_off"))))


def _is_alone(decision: Decision, best: Candidate) -> bool:
    """Whether one thing is done, of which nothing is asked or left out, for words that were heard as they stand."""
    if not isinstance(decision, Act) or len(decision.steps) != 1 or decision.then is not None or decision.left_out:
        return False
    return _is_plain(best) and best.interpretation.parts == 1 and not decision.steps[0].confirmed_by


def _is_plain(candidate: Candidate) -> bool:
    return candidate.phrasing.origin == "heard" and candidate.interpretation.source == "grammar"


def _seconds(step: Step, best: Candidate, candidates: Sequence[Candidate]) -> list[Step]:
    """What else might have been meant, closest first."""
    found = list[tuple[float, Step]]()
    if best.runner_up is not None:
        found.append((best.runner_up.lead, replace(step, action=best.runner_up.action)))
    for each in candidates:
        if isinstance(each.resolution, ResolvedAction) and _is_plain(each) and each.resolution != step.action:
            found.append((_logit(best.score) - _logit(each.score), Step(each.interpretation, each.resolution)))
    return [second for lead, second in sorted(found, key=lambda one: one[0]) if 0 <= lead < CLOSE]


def _logit(score: float) -> float:
    certain = min(0.99, max(0.01, score))
    return math.log(certain / (1 - certain))


def _is_harmless(step: Step, second: Step, best: Candidate, context: Context, knowledge: Knowledge) -> bool:
    """Whether chance may do either: the same command to other devices of one domain, all of them free to move."""
    one, other = step.action, second.action
    if (one.command, one.values) != (other.command, other.values) or set(one.targets) & set(other.targets):
        return False
    if any(what_it_needs(action, best, context, knowledge.home) != "nothing" for action in (one, other)):
        return False
    devices = [knowledge.home.device.get(target) for target in (*one.targets, *other.targets)]
    domains = {device.domain if device and device.tier == "free" and device.reports else "" for device in devices}
    return len(domains) == 1 and one.command in _HARMLESS.get(domains.pop(), frozenset())


def _would_change_something(action: ResolvedAction, consulted: frozenset[str], context: Context) -> bool:
    """By states that were consulted: only they are the same in a replay."""
    known = {target: context.states[target] for target in action.targets if target in consulted & context.states.keys()}
    return len(known) == len(action.targets) and any(
        state.value not in UNUSABLE and not reached(state, action.command_for(target), action.values_for(target))
        for target, state in known.items()
    )
