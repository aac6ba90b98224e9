"""What a person decides of what was learned: rules are kept, forbidden or forgotten, knowledge is rolled back."""

from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from edge.rewrites import Rewrite
from edge.store import Store


class Learned:
    """Shows and changes what lies in the store; a change is in force from the next turn on.

    Rules are given by rule_id or by the beginning of one. Every change returns in a sentence what is so now, and raises
    `StoreError` where there is no such rule or revision, `StageFailed` where the disk refuses: nothing changed then.
    """

    def __init__(self, store: Store, now: Callable[[], datetime], changed: Callable[[], None]) -> None:
        """`changed` is called after every change."""
        self._store = store
        self._now = now
        self._changed = changed

    def rules(self) -> list[dict[str, Any]]:
        """Every rule as a row, those in use first."""
        order = ("active", "ask", "shadow", "candidate", "suspended", "tombstone")
        rules = sorted(self._store.rewrites.all(), key=lambda rule: (order.index(rule.state), rule.rule_id))
        return [_row(rule) for rule in rules]

    def rule(self, rule_id: str) -> dict[str, Any]:
        """One rule with its `life`, state after state."""
        rule = self._store.rewrites.get(rule_id)
        return {**_row(rule), "life": [asdict(each) for each in self._store.rewrites.life(rule.rule_id)]}

    def pin(self, rule_id: str, *, pinned: bool = True) -> str:
        """Keep a rule in its state, whatever is learned; or no longer."""
        rule = self._store.rewrites.get(rule_id)
        self._publish(replace(rule, is_pinned=pinned), "a rule was pinned" if pinned else "a rule was unpinned")
        if pinned:
            return f"Rule {rule.rule_id} stays {rule.state}, whatever is learned."
        return f"Rule {rule.rule_id} is {rule.state}, until something else is learned."

    def disable(self, rule_id: str) -> str:
        """Forbid a rule: it is not learned again."""
        rule = self._store.rewrites.get(rule_id)
        forbidden = replace(rule, state="tombstone", is_pinned=False, since=self._now(), reason="somebody disabled it")
        self._publish(forbidden, "a rule was disabled")
        return f"Rule {rule.rule_id} is not used any more, and is not learned again."

    def forget(self, rule_id: str) -> str:
        """Let go of a rule and all that is known of it: it may be learned again."""
        rule = self._store.rewrites.get(rule_id)
        self._store.known.publish((), "a rule was forgotten", forgotten=[rule.rule_id])
        self._changed()
        return f"Rule {rule.rule_id} is forgotten. The turns that it was learned from stay, so it may be learned again."

    def log(self, limit: int = 20) -> list[dict[str, Any]]:
        """The revisions that came into force, latest first."""
        return [asdict(row) for row in self._store.known.log(limit)]

    def diff(self, before: int, after: int) -> list[dict[str, Any]]:
        """What two revisions differ in, a row each."""
        return [asdict(each) for each in self._store.known.diff(before, after)]

    def roll_back(self, revision: int) -> str:
        """Put in force again what had been learned by a revision."""
        known = self._store.known.roll_back(revision)
        self._changed()
        return (
            f"What was learned after revision {revision} is out of use; revision {known.revision} is in force"
            f" from the next turn on."
        )

    def _publish(self, rule: Rewrite, reason: str) -> None:
        self._store.known.publish([rule], reason)
        self._changed()


def _row(rule: Rewrite) -> dict[str, Any]:
    return {**asdict(rule), "since": rule.since.isoformat() if rule.since else None}
