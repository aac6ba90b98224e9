"""What speaks for a rule and against it, counted from exchanges."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from edge.rewriting.mining.exchange import NOT_UNDERSTOOD, Exchange, Next, Weighing

LIKELY: Final = 0.5
"""From this probability on a later turn is what the earlier one was to do."""

LEAST: Final = 0.3
"""A later turn that is less likely so is nothing of the kind, however often it comes."""

HOPS_MAX: Final = 4

AGAIN_WITHIN: Final = timedelta(seconds=30)
"""Who says the same words so soon after a rule was used did not mean what it did."""

SHARE_PRIOR: Final = 10.0
"""So many different things a home asks for at least."""

OVERALL: Final = 0.8
SELDOM: Final = 0.1
"""How often turns serve, and how often those that were not understood, before anything was counted."""


@dataclass(frozen=True)
class Trial:
    """A session in which the words failed and something else was then done."""

    session: str
    day: date
    at: datetime
    speaker: str
    meaning: str
    """The key of what was done in the end."""
    told_by: str
    """The turn that told it."""
    p: float = 1.0
    """That it was told, 0 to 1."""
    is_explicit: bool = False
    """Whether its words were a correction, or a yes."""


@dataclass(frozen=True)
class Used:
    """A turn in which a rule decided, and of which it is known how it went."""

    at: datetime
    day: date
    won: bool
    is_clear: bool = False
    """Whether somebody said no, took it back, or said the same words again at once; or said yes."""


class Lived:
    """Exchanges, to be asked what became of them."""

    def __init__(self, exchanges: Iterable[Exchange], weighing: Weighing, now: datetime) -> None:
        self.all = tuple(exchanges)
        self.by_id = {each.turn_id: each for each in self.all}
        self._weighing, self._now = weighing, now
        self._said_again: defaultdict[tuple[str, str], list[datetime]] = defaultdict(list)
        self.heard = defaultdict[str, list[Exchange]](list)
        for each in self.all:
            self.heard[each.heard].append(each)
        self.fired: defaultdict[str, set[str]] = defaultdict(set)
        """By session the ids of rules that decided in it."""
        for each in self.all:
            self._said_again[each.session, each.heard].append(each.at)
            if each.is_decided_by_rule:
                self.fired[each.session].add(each.rule_id)
        self._decided = defaultdict[str, list[Exchange]](list)
        for each in self.all:
            if each.is_decided_by_rule:
                self._decided[each.rule_id].append(each)
        self._asked = Counter(each.done.key for each in self.all if each.done)
        self._rates = self._counted_rates()

    def weight(self, at: datetime) -> float:
        """What is left of a count."""
        return self._weighing.weight(at, self._now)

    def rate(self, intent: str) -> float:
        """How often, 0 to 1, turns of this intent serve in this home; `NOT_UNDERSTOOD` is one as well."""
        return self._rates.get(intent, SELDOM if intent == NOT_UNDERSTOOD else self._overall)

    def _counted_rates(self) -> Mapping[str, float]:
        served, weights = defaultdict[str, float](float), defaultdict[str, float](float)
        for each in self.all:
            if each.is_decided_by_rule:
                continue
            intent = each.intent
            weight = self.weight(each.at)
            served[intent] += weight * each.success
            weights[intent] += weight
        prior = self._weighing.success_prior
        understood = [intent for intent in weights if intent != NOT_UNDERSTOOD]
        all_served = sum(served[intent] for intent in understood)
        self._overall = (prior * OVERALL + all_served) / (prior + sum(weights[intent] for intent in understood))
        return {
            intent: (prior * (SELDOM if intent == NOT_UNDERSTOOD else self._overall) + served[intent])
            / (prior + weights[intent])
            for intent in weights
        }

    def trials(
        self, some: Iterable[Exchange], own: Callable[[str], Collection[str]] = lambda meaning: ()
    ) -> tuple[Trial, ...]:
        """What was done in the end where these failed, one of a meaning and session, in order.

        `own`: of a meaning the ids of rules that make it of these words: in a session in which one of them decided,
        nothing speaks for it anew. What is said in too many sessions of one day no person said.
        """
        found: dict[tuple[str, str], Trial] = {}
        for each in some:
            for trial in self._arrivals(each):
                if each.raw is not None and each.raw.key == trial.meaning:
                    continue
                fired = self.fired.get(each.session, set())
                if fired and not trial.is_explicit and not fired.isdisjoint(own(trial.meaning)):
                    continue
                key = trial.meaning, trial.session
                if key not in found or trial.is_explicit:
                    found[key] = trial
        some_day = Counter((trial.meaning, trial.day) for trial in found.values())
        people = [each for each in found.values() if some_day[each.meaning, each.day] <= self._weighing.a_day_max]
        sessions = Counter(trial.meaning for trial in people)
        kept = [each for each in people if each.is_explicit or self._again(each, sessions[each.meaning]) >= LIKELY]
        return tuple(sorted(kept, key=lambda trial: (trial.at, trial.meaning)))

    def _again(self, trial: Trial, sessions: int) -> float:
        """The probability of a trial, where the same followed the same in so many sessions.

        By chance that happens as often as the home asks for it at all; where it was meant, every time.
        """
        share = (1 + self._asked[trial.meaning]) / (SHARE_PRIOR + sum(self._asked.values()))
        odds = trial.p / max(1e-6, 1 - trial.p) / share ** (sessions - 1)
        return odds / (1 + odds)

    def _arrivals(self, first: Exchange) -> Iterator[Trial]:
        """Where a turn that failed led to, by way of others that failed as well."""
        if first.is_affirmed and first.use == "asked" and first.rewritten is not None:
            yield Trial(
                first.session, first.day, first.at, first.speaker, first.rewritten.key, "", 1.0, is_explicit=True
            )
        step, seen, p, is_explicit = _likeliest(first), {first.turn_id}, 1.0, True
        for _ in range(HOPS_MAX):
            here = self.by_id.get(step.turn_id) if step else None
            if step is None or here is None or here.turn_id in seen or here.at < first.at:
                return
            seen.add(here.turn_id)
            p, is_explicit = p * step.p, is_explicit and step.is_explicit
            step = _likeliest(here)
            if here.has_worked and here.done is not None and (step is None or step.p < LIKELY):
                who = first.speaker or here.speaker
                yield Trial(first.session, first.day, first.at, who, here.done.key, here.turn_id, p, is_explicit)
                return

    def raw(self, some: Iterable[Exchange]) -> tuple[float, float]:
        """Weight of successes and of failures of the words as they are."""
        success = defect = 0.0
        for each in some:
            if not each.is_decided_by_rule:
                weight = self.weight(each.at)
                success += weight * each.success
                defect += weight * (1 - each.success)
        return success, defect

    def uses(self, rule_ids: Collection[str]) -> tuple[Used, ...]:
        """How it went where one of these rules decided, in order. Who is asked and then says it has said yes."""
        some = (each for rule_id in rule_ids for each in self._decided.get(rule_id, ()))
        found = (used for each in some if (used := self._outcome(each)) is not None)
        return tuple(sorted(found, key=lambda used: used.at))

    def _outcome(self, each: Exchange) -> Used | None:
        again = self._said_again[each.session, each.heard]
        if each.is_rejected or any(timedelta(0) < at - each.at <= AGAIN_WITHIN for at in again):
            return Used(each.at, each.day, won=False, is_clear=True)
        if each.use == "asked":
            said_it = any(each.rewritten and trial.meaning == each.rewritten.key for trial in self._arrivals(each))
            return Used(each.at, each.day, won=True, is_clear=each.is_affirmed) if said_it else None
        if each.success in {0.0, 1.0}:
            return Used(each.at, each.day, won=each.success == 1.0)
        return None


def _likeliest(exchange: Exchange) -> Next | None:
    """The later turn that says what this one was to do."""
    explicit = [each for each in exchange.followed if each.is_explicit]
    best = max(explicit or exchange.followed, key=lambda each: each.p, default=None)
    return best if best is not None and best.p >= LEAST else None
