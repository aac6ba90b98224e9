"""What mining knows of one turn, and how it weighs things."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from edge.rewrites import Meaning

Use = Literal["", "shadow", "held_out", "asked", "used"]
"""What became of the wording of a rule in a turn: none was there; it was only logged; it was left to the raw one by
chance; it was asked about; it was done."""

SERVED: Final = 0.9
"""From this probability on a turn counts as served, and below its opposite as failed; between them it counts as both in
shares."""


NOT_UNDERSTOOD: Final = ""
SEVERAL: Final = "several"


@dataclass(frozen=True)
class Next:
    """A later turn that says what this one was to do."""

    turn_id: str
    p: float
    """That it does, 0 to 1."""
    is_explicit: bool = False
    """Whether it was said in words that correct: "no, I meant ..."."""


@dataclass(frozen=True)
class Exchange:
    """One turn."""

    turn_id: str
    at: datetime
    day: date
    """By the clock on the wall."""
    session: str
    """The same for turns of one conversation."""
    heard: str
    """In the form in which texts are compared."""
    wording: str = ""
    """As it was said, where it means the same whenever it is said; else empty."""
    is_guess: bool = False
    """Whether the wording is no known sentence, but was likened to one."""
    others: tuple[str, ...] = ()
    """Other readings of the recogniser, compared like `heard`."""
    speaker: str = ""
    """Empty where nobody knows."""
    room: str = ""
    raw: Meaning | None = None
    """What it comes to without any rule; None where it is not understood."""
    is_understood: bool = False
    """Whether it was taken for something, be it several things, or one to ask about."""
    done: Meaning | None = None
    """What was done."""
    served: float = 0.5
    """Probability that it did what was wanted, 0 to 1."""
    followed: tuple[Next, ...] = ()
    meant: str = ""
    """What should have been heard, as far as anybody knows; and the turn that told it."""
    meant_from: str = ""
    rule_id: str = ""
    """The rule that had a say in it."""
    use: Use = ""
    rewritten: Meaning | None = None
    """What the rule's wording came to."""
    is_rejected: bool = False
    """Whether somebody said no, took it back or put it back."""
    is_affirmed: bool = False
    """Whether somebody said yes to the question that it asked."""

    @property
    def success(self) -> float:
        """How far it counts as served, 0 to 1."""
        return 1.0 if self.served >= SERVED else 0.0 if self.served <= 1 - SERVED else self.served

    @property
    def intent(self) -> str:
        """What it is taken for; `NOT_UNDERSTOOD` for nothing, `SEVERAL` for more than one thing."""
        if self.raw is not None:
            return self.raw.intent
        return SEVERAL if self.is_understood else NOT_UNDERSTOOD

    @property
    def has_worked(self) -> bool:
        """Whether it did something, and nothing speaks against that it was meant."""
        return self.done is not None and self.served >= 0.5 and not self.is_rejected

    @property
    def is_decided_by_rule(self) -> bool:
        """Whether its outcome is the rule's and not that of its own words; the same meaning on both is nobody's."""
        return self.use in {"used", "asked"} and not self.is_no_op

    @property
    def is_no_op(self) -> bool:
        """Whether the rule said nothing new."""
        return self.rewritten is not None and self.raw is not None and self.rewritten.key == self.raw.key


@dataclass(frozen=True)
class Weighing:
    """The numbers of mining."""

    half_life_days: float = 21.0
    edge_prior: float = 3.0
    """Pseudo-counts of what is believed of a state before anything was counted."""
    success_prior: float = 4.0
    lift: float = 0.15
    """By so much a rule must serve oftener than the words as they are."""
    sure: float = 0.95
    """Probability of that from which a rule is used without being asked for."""
    sessions_min: int = 2
    days_min: int = 2
    new_per_day: int = 1
    """So many rules that nobody spelt out begin to be used in a day."""
    a_day_max: int = 4
    """What is said again in more sessions of a day than this, no person said."""
    states_max: int = 2_000

    def weight(self, at: datetime, now: datetime) -> float:
        """What is left of a count, 0 to 1; what lies in the future of a clock that was set back counts whole."""
        days = max(0.0, (now - at).total_seconds() / 86_400)
        return float(0.5 ** (days / self.half_life_days))
