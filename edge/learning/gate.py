"""The gate: no rule comes into force that would change a turn that worked, or one that somebody put right in words.

Turns are lived through again under the old and the new knowledge; nothing moves. It looks at those only that new rules
might have to do with, so that it can look at all of them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from edge.knowledge import HomeMap, Knowledge
from edge.learning.report import Kept
from edge.lived import UNKNOWN
from edge.pipeline import Stages
from edge.records import Act, Candidate, Confirm, ResolvedAction, Transcript, Utterance
from edge.replay import replay
from edge.rewrites import LIVE, Meaning, Rewrite
from edge.rewriting.keys import Keys
from edge.rewriting.mining.exchange import Exchange
from edge.rewriting.mining.life import SAYS_NOTHING, WOULD_HARM
from edge.rewriting.precomputed import Precomputed
from edge.turn import Context, Turn

REPLAYED_MAX: Final = 1_000
"""More than a night has time for are not lived through again: the latest are."""


@dataclass(frozen=True)
class Known:
    """A turn of which it is known what was meant."""

    exchange: Exchange
    meant: str
    """The key of it."""


@dataclass(frozen=True)
class Passed:
    """What the gate says."""

    kept: tuple[Kept, ...] = ()
    looked_at: int = 0
    replayed: int = 0


def known_turns(exchanges: Sequence[Exchange]) -> tuple[Known, ...]:
    """The regression set: what somebody put right in words, and what surely worked and was not put right since."""
    by_id = {each.turn_id: each for each in exchanges}
    put_right: dict[tuple[str, str, str], Known] = {}
    since: dict[str, datetime] = {}
    for each in exchanges:
        for step in each.followed:
            told = by_id.get(step.turn_id)
            if step.is_explicit and told is not None and told.has_worked and told.done is not None:
                put_right[each.heard, each.speaker, each.room] = Known(each, told.done.key)
                since[each.heard] = each.at
    worked = (
        Known(each, each.done.key)
        for each in exchanges
        if each.done is not None and each.has_worked and each.success == 1.0 and not each.is_decided_by_rule
        if each.heard not in since or each.at > since[each.heard]
    )
    return (*put_right.values(), *worked)


class Gate:
    """Lives through turns again."""

    def __init__(self, stages: Stages, turn_of: Callable[[str], Turn | None], now: datetime) -> None:
        """`turn_of`: a turn by its id, None for one that is gone."""
        self._stages = replace(stages, rewriting=Precomputed(held_out=0.0))
        self._turn_of = turn_of
        self._now = now

    def passed(self, exchanges: Sequence[Exchange], rules: Iterable[Rewrite], old: Knowledge, new: Knowledge) -> Passed:
        """Which of the rules that only `new` has may not be used or asked about, and why.

        `rules`: all there are; what somebody said in words must stay so, however long ago that was.
        """
        fresh = [rule for rule in new.rewrites if rule.state in {"ask", "active"} and rule not in old.rewrites]
        kept = {
            rule.rule_id: Kept(rule.rule_id, rule.state, SAYS_NOTHING) for rule in self._silent(fresh, exchanges, new)
        }
        wanted = {rule.rule_id: rule.state for rule in fresh}
        known = known_turns(exchanges)
        looked_at = 0
        for turn, meant in [*self._touched(known, fresh, new.home), *self._spelt_out(rules, fresh, new.home)]:
            looked_at += 1
            culprit, came_to = self._came_to(turn, new)
            if culprit in wanted and culprit not in kept and came_to != meant:
                kept[culprit] = Kept(culprit, wanted[culprit], WOULD_HARM, turn.turn_id)
        return Passed(tuple(kept[each] for each in sorted(kept)), len(known), looked_at)

    def _touched(self, known: Sequence[Known], fresh: Sequence[Rewrite], home: HomeMap) -> Iterator[tuple[Turn, str]]:
        """The turns that a rule might have to do with, the latest of them, with what was meant."""
        keys = Keys(fresh)
        some = [each for each in known if _touches(keys, each.exchange.heard, each.exchange.others, home)]
        for each in some[-REPLAYED_MAX:]:
            turn = self._turn_of(each.exchange.turn_id)
            if turn is not None:
                yield turn, each.meant

    def _spelt_out(
        self, rules: Iterable[Rewrite], fresh: Sequence[Rewrite], home: HomeMap
    ) -> Iterator[tuple[Turn, str]]:
        """What was put right in words, as if it were said now, where another rule might have to do with it."""
        for rule in rules:
            others = Keys([each for each in fresh if each.rule_id != rule.rule_id])
            if rule.is_explicit and rule.state in LIVE and _touches(others, rule.sources[0], (), home):
                yield self._said_now(rule.sources[0], rule), rule.meaning.key

    def _said_now(self, text: str, rule: Rewrite) -> Turn:
        room, speaker = rule.room or None, rule.speaker or UNKNOWN
        utterance = Utterance("text", room=room, speaker=speaker, typed=text)
        context = Context(self._now, room, speaker)
        return Turn.begin(rule.rule_id, utterance, context, 0).heard(Transcript(text))

    def _came_to(self, turn: Turn, knowledge: Knowledge) -> tuple[str, str]:
        """The rule that decides in a turn, and what it makes of it; both empty where none does."""
        decision = replay(turn, knowledge, self._stages).after.decision
        if not isinstance(decision, Act | Confirm) or decision.rewritten is None or len(decision.steps) != 1:
            return "", ""
        step = decision.steps[0]
        return decision.rewritten.rule_id, Meaning.of(step.interpretation, step.action).key

    def _silent(self, fresh: Iterable[Rewrite], exchanges: Sequence[Exchange], new: Knowledge) -> Iterator[Rewrite]:
        """Rules whose wording, said where their words were heard last, comes to something else than they are for."""
        last = {each.heard: each.turn_id for each in exchanges}
        for rule in fresh:
            heard = [last[text] for text in rule.sources if text in last]
            turn = self._turn_of(max(heard)) if heard else None
            turn = turn or self._said_now(rule.target, rule)
            after = replay(replace(turn, transcript=Transcript(rule.target)), new, self._stages).after
            best = max(after.candidates, key=lambda each: each.score, default=None)
            if best is None or _meaning(best) != rule.meaning.key:
                yield rule


def _meaning(candidate: Candidate) -> str:
    """The key of what a reading would do; empty where that is nothing."""
    action = candidate.resolution
    return Meaning.of(candidate.interpretation, action).key if isinstance(action, ResolvedAction) else ""


def _touches(keys: Keys, heard: str, others: Sequence[str], home: HomeMap) -> bool:
    return bool(keys.exact(heard) or keys.near(heard, others, home))
