"""The life of a rule: candidate, shadow, ask, active, suspended, tombstone."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from edge.rewrites import Rewrite, RuleState
from edge.rewriting.mining.evidence import Trial, Used
from edge.rewriting.mining.exchange import Weighing

WON: Final = 0.588
LOST: Final = -1.609
FLOOR: Final = -2.30
"""Nats of a sequential test of "right nine times in ten" against "right every other time": two losses before two wins
bring a rule to the floor."""
CEILING: Final = 2.30
"""No past counts for more than this, so that a habit that changes is noticed."""

LAPSES_MAX: Final = 2
"""So often a rule may go wrong."""

OFTEN: Final = 3.0
"""Weight of successes from which words are known to work as they are."""

WOULD_HARM: Final = "it would change what worked"
SAYS_NOTHING: Final = "its wording does not come to what was meant"
HELD_BACK: Final = frozenset({WOULD_HARM, SAYS_NOTHING})
"""Why a rule was only tried though it had earned more; until it is told anew, it is not brought forward again."""

_NOT_BETTER: Final = 0.5
_POINTS: Final = 1_000


@dataclass(frozen=True)
class Case:
    """Everything that is known of a rule."""

    trials: Sequence[Trial] = ()
    """Those that speak for what it says."""
    used: Sequence[Used] = ()
    raw: tuple[float, float] = (0.0, 0.0)
    """Weights of successes and failures of its words without it."""
    raw_rate: float = 0.1
    """How often, 0 to 1, turns like them serve; and those that do what it says."""
    rate: float = 0.8
    is_preferred: bool = False
    """Whether who says these words is likelier to arrive at what it says than to be content with what they come to."""
    wins: float = 0.0
    """Weights of its uses, and of its trials."""
    losses: float = 0.0
    tried: float = 0.0


@dataclass(frozen=True)
class Verdict:
    """What shall become of a rule."""

    state: RuleState
    reason: str
    is_explicit: bool = False
    lapses: int = 0


def judged(rule: Rewrite, case: Case, now: datetime, weighing: Weighing) -> Verdict:
    """The state that a rule has earned; one that is new comes as a candidate. Pinned ones and tombstones stay."""
    stays = Verdict(rule.state, rule.reason, rule.is_explicit, rule.lapses)
    since = _since(rule, now)
    is_held_back = rule.reason in HELD_BACK and all(trial.at <= since for trial in case.trials)
    if rule.is_pinned or rule.state == "tombstone" or is_held_back:
        return stays
    told = max((each.at for each in case.trials if each.is_explicit), default=None)
    answered = told if told is not None and since < told <= now else since
    unanswered = [each for each in case.used if each.at >= answered]
    if rule.state in {"ask", "active"} and (lost := _lost(unanswered)):
        return _taken_out(rule, lost)
    if told is not None and (rule.state not in {"suspended", "active"} or told >= since):
        return _spelt_out(rule, case)
    if rule.state == "suspended":
        return _coming_back(stays, [each for each in case.trials if each.at >= since], weighing)
    if rule.state == "active":
        is_needless = not rule.is_explicit and case.raw[0] >= 1 and _better(case, weighing) < _NOT_BETTER
        return replace(stays, state="shadow", reason="the words work as they are by now") if is_needless else stays
    return _earned(stays, case, weighing)


def _earned(now: Verdict, case: Case, weighing: Weighing) -> Verdict:
    """Of a rule that is not yet in use and that nobody spelt out."""
    won = [each for each in case.used if each.won]  # where it was asked about, and that was it
    days = len({trial.day for trial in case.trials} | {each.day for each in won})
    sessions = len(case.trials) + len(won)
    if not sessions:
        return now
    if not case.is_preferred:
        return replace(now, state="shadow", reason="the words often enough do as they are")
    if sessions >= weighing.sessions_min and days >= weighing.days_min and _better(case, weighing) >= weighing.sure:
        return replace(now, state="active", reason=f"it failed and was said again in {sessions} talks on {days} days")
    return replace(now, state="ask", reason="it failed and was said again in other words")


def _spelt_out(rule: Rewrite, case: Case) -> Verdict:
    success, defect = case.raw
    if success >= OFTEN and success > 2 * defect:
        return Verdict("ask", "somebody corrected it, yet the words often work as they are", lapses=rule.lapses)
    return Verdict("active", "somebody said that this was meant", is_explicit=True, lapses=rule.lapses)


def _lost(used: Sequence[Used]) -> str:
    """Why it goes out of use; empty where it does not."""
    score = 0.0
    for each in used:
        if each.is_clear and not each.won:
            return "somebody said no to it or took it back"
        score = min(CEILING, score + (WON if each.won else LOST))
        if score <= FLOOR:
            return "it went wrong too often"
    return ""


def _taken_out(rule: Rewrite, why: str) -> Verdict:
    lapses = rule.lapses + 1
    state: RuleState = "tombstone" if lapses >= LAPSES_MAX else "suspended"
    return Verdict(state, why, rule.is_explicit, lapses)


def _coming_back(stays: Verdict, trials: Sequence[Trial], weighing: Weighing) -> Verdict:
    if len(trials) >= weighing.sessions_min and len({each.day for each in trials}) >= weighing.days_min:
        return replace(stays, state="ask", is_explicit=False, reason="since it was taken out it was wanted again")
    return stays


def _since(rule: Rewrite, now: datetime) -> datetime:
    """When it got into its state; a time that is still to come is of a clock that was set back, and tells nothing."""
    since = rule.since
    if since is None:
        return datetime.min.replace(tzinfo=UTC)
    since = since if since.tzinfo else since.replace(tzinfo=UTC)
    return since if since <= now else datetime.min.replace(tzinfo=UTC)


def _better(case: Case, weighing: Weighing) -> float:
    """Probability that the rule serves oftener than the words as they are, by the lift that is asked for."""
    k = weighing.success_prior
    rewritten = k * case.rate + case.wins + case.tried, k * (1 - case.rate) + case.losses
    raw = k * case.raw_rate + case.raw[0], k * (1 - case.raw_rate) + case.raw[1]
    return p_better(rewritten, raw, weighing.lift)


def p_better(one: tuple[float, float], other: tuple[float, float], lift: float) -> float:
    """P(x - y > lift) with x and y of Beta distributions; by sums over a grid of 1,000 points."""
    points = _points()
    above = _mass(one)[::-1].cumsum()[::-1]
    at = np.searchsorted(points, points + lift)
    above = np.append(above, 0.0)
    return float((_mass(other) * above[at]).sum())


def _mass(beta: tuple[float, float]) -> NDArray[np.float64]:
    """What lies around each point, summing to 1."""
    a, b = (max(1e-3, each) for each in beta)
    points = _points()
    log = (a - 1) * np.log(points) + (b - 1) * np.log1p(-points)
    mass = np.exp(log - log.max())
    return np.asarray(mass / mass.sum())


@cache
def _points() -> NDArray[np.float64]:
    return (np.arange(_POINTS) + 0.5) / _POINTS


def finite(value: float) -> float:
    """A count that can be kept."""
    return round(value, 4) if math.isfinite(value) else 0.0
