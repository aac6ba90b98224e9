"""The question "Did I get that right?", asked where it is in doubt and costs nothing but the question."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from edge import intents
from edge.commands import MOVING
from edge.knowledge import Knowledge
from edge.records import Act, Candidate, Decision, ResolvedAction, Transcript, Verdict
from edge.turn import Context

LEAST, MOST = 0.35, 0.65
"""Between these an answer tells most; below it is right anyway, above it something better can be done than to ask."""

RIVAL: Final = 0.15
"""A reading that does something else and whose score lies no further behind might have been it."""

_PRIOR: Final = -2.0
"""Log-odds that what is done is not what was meant, where nothing speaks for it: 12 in a hundred."""

_DOUBTS: Final[Mapping[str, float]] = {
    "hardly heard": 1.6,  # below 0.4 most transcripts have an error in them, though many mean the right thing
    "badly heard": 1.0,
    "guessed": 1.0,  # no sentence that is known, but like one
    "other words": 0.8,  # what was heard made no sense as it stood
    "another name": 0.6,  # nothing here is called just so
    "weak": 0.5,
    "a rival": 0.8,
}
"""In nats: set by judgement, not by a fit."""


def with_verdict(
    decision: Decision,
    best: Candidate,
    candidates: Sequence[Candidate],
    transcript: Transcript,
    context: Context,
    knowledge: Knowledge,
) -> Decision:
    """The decision, with the question how it went where that may be asked and is worth it."""
    if not context.may_ask or not isinstance(decision, Act) or not _is_harmless(decision, knowledge):
        return decision
    p = doubt(best, candidates, transcript)
    return replace(decision, then=Verdict(round(p, 3))) if LEAST <= p <= MOST else decision


def doubt(best: Candidate, candidates: Sequence[Candidate], transcript: Transcript) -> float:
    """Probability that the best reading is not what was meant, 0 to 1, by what is known in the moment."""
    return 1 / (1 + math.exp(-(_PRIOR + sum(_DOUBTS[each] for each in _doubts(best, candidates, transcript)))))


def _doubts(best: Candidate, candidates: Sequence[Candidate], transcript: Transcript) -> Iterator[str]:
    if transcript.confidence < 0.6:
        yield "hardly heard" if transcript.confidence < 0.4 else "badly heard"
    if best.interpretation.is_guess:
        yield "guessed"
    if best.phrasing.origin in {"alternative", "near"}:
        yield "other words"
    if not best.is_exact:
        yield "another name"
    if best.score < 0.8:
        yield "weak"
    if any(_is_rival(each, best) for each in candidates):
        yield "a rival"


def _is_rival(other: Candidate, best: Candidate) -> bool:
    acts = isinstance(other.resolution, ResolvedAction) and other.interpretation.part == best.interpretation.part
    return acts and other.score >= best.score - RIVAL and str(other.resolution) != str(best.resolution)


def _is_harmless(decision: Act, knowledge: Knowledge) -> bool:
    """One thing of the free tier, of which nothing else is asked or left out."""
    if len(decision.steps) != 1 or decision.then is not None or decision.left_out:
        return False
    step = decision.steps[0]
    if step.interpretation.source == "dialogue" or step.interpretation.intent == intents.UNDO:
        return False
    devices = [knowledge.home.device.get(target) for target in step.action.targets]
    free = all(device is not None and device.tier == "free" for device in devices)
    return bool(devices) and free and step.action.command in MOVING
