"""One dialogue while it is lived: who wants what, what was said so far, and how it looks to the person."""

import random
from dataclasses import dataclass, replace
from typing import Any

from edge.records import Act, Ask, Confirm
from edge.turn import Turn
from fault_laboratory.goals import Episode
from fault_laboratory.hearing import Hearing, Manner
from fault_laboratory.homes import Household
from fault_laboratory.labelling import Truth
from fault_laboratory.reactions import Seen


@dataclass
class Dialogue:
    """One dialogue while it is lived."""

    episode: Episode
    household: Household
    hearing: Hearing
    truth: Truth
    chance: random.Random
    turns: list[Turn]
    followers: list[dict[str, Any]]
    """The lines of all turns but the first."""

    def say(self, text: str, manner: Manner, interrupts_after_ms: int | None = None) -> Turn:
        """One more turn."""
        room = self.episode.said.room
        utterance = self.hearing.utter(text, manner, room, f"{self.episode.seed} {len(self.turns)}")
        utterance = replace(utterance, interrupts_after_ms=interrupts_after_ms, follow_up=not manner.has_wake)
        turn = replace(self.household.conversation.take(utterance), timings_ms={})
        self.turns.append(turn)
        return turn

    def looks(self, turn: Turn) -> Seen:
        """How it looks to the person."""
        if not self.truth.is_for_us:
            return "unasked"
        decision = turn.decision
        if not self.truth.goal.is_servable:
            return "wrong" if isinstance(decision, Act) else "unservable"
        if self.truth.is_served_by(turn):
            return "asked" if isinstance(decision, Ask | Confirm) else "served"
        if isinstance(decision, Act) and not turn.is_unanswered:
            return "wrong"
        return "nothing"


def has_moved(turn: Turn) -> bool:
    """Whether anything was told to do something."""
    return any(done.outcome is not None and done.outcome.moved for done in turn.done_steps)
