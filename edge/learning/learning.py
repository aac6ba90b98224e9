"""Learning from what was said again: read, mine, hold against what worked, publish.

Every part is pure but the last, and that one is a single transaction: killed at any point, the next run finds either
all of it or nothing, and comes to the same. Nothing is counted twice, because everything is counted anew.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from edge.errors import StoreError
from edge.knowledge import Knowledge
from edge.learning.gate import Gate
from edge.learning.report import Kept, LearnReport, changes
from edge.lived import PAUSE_S
from edge.pipeline import Stages
from edge.rewrites import Rewrite, live
from edge.rewriting.mining.exchange import Exchange, Weighing
from edge.rewriting.mining.mining import mine
from edge.rewriting.mining.reading import exchanges
from edge.signals import Signal
from edge.store import Store
from edge.turn import Turn

log = logging.getLogger(__name__)

LOOK_BACK: Final = timedelta(days=90)
"""What is older counts for less than a twentieth."""

REASON: Final = "learned from what was said again"


@dataclass(frozen=True)
class Learned:
    """What a run comes to, before any of it is published."""

    rules: tuple[Rewrite, ...]
    report: LearnReport


class Learning:
    """The job that makes rules of what was lived. It may be run at any time, and run again."""

    def __init__(self, store: Store, stages: Stages, weighing: Weighing | None = None) -> None:
        self._store = store
        self._stages = stages
        self._weighing = weighing

    def run(self, now: datetime, *, dry: bool = False) -> LearnReport:
        """Learn from the signals and labels that there are; `dry`: publish nothing. Raises StageFailed, StoreError."""
        before = self._store.rewrites.all()
        old = self._store.latest_knowledge()
        learned = self._learned(before, old, now)
        changed = [rule for rule in learned.rules if rule not in before]
        if dry or not changed:
            return replace(learned.report, is_dry=dry)
        published = self._store.known.publish(changed, REASON)
        return replace(learned.report, revision=published.revision)

    def _learned(self, before: tuple[Rewrite, ...], old: Knowledge, now: datetime) -> Learned:
        lived = self._lived(now)
        mined = mine(lived, before, old.home, now, self._weighing)
        new = replace(old, rewrites=live(mined.rules))
        passed = Gate(self._stages, self._turn_of, now).passed(lived, mined.rules, old, new)
        rules = _held_back(mined.rules, before, passed.kept, now)
        report = LearnReport(
            turns=mined.exchanges,
            sources=mined.sources,
            young=sum(now - each.at < timedelta(seconds=PAUSE_S) for each in lived),
            rules=dict(Counter(rule.state for rule in rules)),
            changed=changes(before, rules),
            guarded=mined.refused,
            kept=passed.kept,
            looked_at=passed.looked_at,
            replayed=passed.replayed,
            revision_before=old.revision,
            revision=old.revision,
        )
        return Learned(rules, report)

    def _lived(self, now: datetime) -> Sequence[Exchange]:
        """What was lived lately; turns are read one after another, and few of them are in memory."""
        first = now - LOOK_BACK
        signals = defaultdict[str, list[Signal]](list)
        for signal in self._store.signals.since(first):
            signals[signal.turn_id].append(signal)
        labels = {label.turn_id: label for label in self._store.labels.since(first)}
        return tuple(exchanges(self._store.turns_since(first), signals, labels))

    def _turn_of(self, turn_id: str) -> Turn | None:
        try:
            return self._store.turn(turn_id)
        except StoreError as error:
            log.warning("the turn %s cannot be lived through again: %s", turn_id, error)
            return None


def _held_back(
    rules: Sequence[Rewrite], before: Sequence[Rewrite], kept: Sequence[Kept], now: datetime
) -> tuple[Rewrite, ...]:
    """The rules with those that the gate kept back as they were, or only tried."""
    was = {rule.rule_id: rule for rule in before}
    why = {each.rule_id: each.reason for each in kept}

    def held(rule: Rewrite) -> Rewrite:
        old = was.get(rule.rule_id)
        if old is not None and (old.state in {rule.state, "suspended"} or old.reason == why[rule.rule_id]):
            return old
        return replace(rule, state="shadow", since=now, reason=why[rule.rule_id])

    return tuple(held(rule) if rule.rule_id in why else rule for rule in rules)
