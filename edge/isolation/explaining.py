"""The actor that answers "why did you do that?": it remembers the turn before, and tells what is known of it."""

from collections.abc import Callable
from typing import Protocol

from edge.commands import EXPLAIN
from edge.errors import StoreError
from edge.isolation.account import account
from edge.isolation.called import NOBODY, Called
from edge.isolation.diagnosing import Isolation
from edge.knowledge import Knowledge
from edge.records import Outcome, Step
from edge.turn import Context, Turn


class Actor(Protocol):
    def perform(self, step: Step, context: Context, knowledge: Knowledge) -> Outcome: ...


class Explainer:
    """Performs what asks for a reason; everything else another actor does."""

    def __init__(
        self,
        isolation: Isolation,
        others: Actor,
        knowledge_of: Callable[[int], Knowledge],
        called: Callable[[int], Called] = lambda revision: NOBODY,
    ) -> None:
        """`knowledge_of`: what was known under a revision; raises StoreError where that is gone. `called`: the names
        of that home.
        """
        self._isolation = isolation
        self._others = others
        self._knowledge_of = knowledge_of
        self._called = called
        self._before: Turn | None = None

    def heard(self, turn: Turn) -> None:
        """Take note of a turn that has ended; one that only asked for a reason is none to be explained."""
        explains = any(done.step.action.command == EXPLAIN for done in turn.done_steps)
        if not explains and turn.utterance.source != "agenda":
            self._before = turn

    def perform(self, step: Step, context: Context, knowledge: Knowledge) -> Outcome:
        """The account of the turn before as the answer `why`; nothing in it where there was none."""
        if step.action.command != EXPLAIN:
            return self._others.perform(step, context, knowledge)
        before = self._before
        if before is None:
            return Outcome(answer={"why": {}})
        try:
            known = self._knowledge_of(before.knowledge_revision)
        except StoreError:
            known = knowledge  # names may have changed since; ids that are gone are left out
        believed = self._isolation.in_the_moment(before, self._called(before.knowledge_revision))
        return Outcome(answer={"why": account(before, known, believed)})
