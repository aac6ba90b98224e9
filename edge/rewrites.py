"""Words: what a home means when it is heard to say something that failed before.

A `Rewrite` says: where `source` is heard, `target` is meant. It is mined from what people said next, lives through
`RuleState`s, and reaches the live path as part of `Knowledge`.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Literal, Self

from edge import intents
from edge.records import Interpretation, ResolvedAction

RuleState = Literal["candidate", "shadow", "ask", "active", "suspended", "tombstone"]
"""`candidate`: seen, and not enough of it. `shadow`: its wording is tried and logged, and never acted upon. `ask`: "Did
you mean ...?". `active`: done at once. `suspended`: it went wrong, and may come back. `tombstone`: it went wrong
again, or somebody forbade it; never learned again without teaching."""

LIVE: Final[frozenset[RuleState]] = frozenset({"shadow", "ask", "active"})
"""States in which a rule is known to the live path."""

Layer = Literal["home", "global"]

_STEPS: Final = ("_step", "_factor")
"""Ends of slots that say by how much something is changed from where it is."""


@dataclass(frozen=True)
class Meaning:
    """What a wording comes to in this home, whatever its words: comparable between turns."""

    intent: str
    command: str
    targets: tuple[str, ...] = ()
    """device_ids, sorted."""
    values: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, interpretation: Interpretation, action: ResolvedAction) -> Self:
        """What an action comes to; of more and less the step that was asked for, not what it makes of each device, and
        of a time ("at seven") the words for it, not the day on which it is next."""
        steps = {name: value for name, value in interpretation.slots.items() if name.endswith(_STEPS)}
        values = interpretation.slots if interpretation.intent in intents.AGENDA else steps or action.values
        targets = tuple(sorted({*action.targets, *action.left_out}))
        return cls(interpretation.intent, action.command, targets, dict(values))

    @property
    def key(self) -> str:
        """The same for the same meaning."""
        return json.dumps([self.intent, self.command, self.targets, dict(self.values)], sort_keys=True, default=str)


@dataclass(frozen=True)
class Rewrite:
    """One rule."""

    rule_id: str
    """The same for the same source, target meaning, speaker and room."""
    sources: tuple[str, ...]
    """Wordings as they were heard, in the form in which texts are compared (`edge.text.normal`); the first is the one
    that it was learned from, the others were taken for the same."""
    target: str
    """A wording that works, as it was said."""
    meaning: Meaning
    """What the target comes to."""
    state: RuleState
    layer: Layer = "home"
    speaker: str = ""
    """Only where this one speaks; empty: for everybody."""
    room: str = ""
    """Only where it is said in this area, because it means something else elsewhere; empty: everywhere."""
    is_explicit: bool = False
    """Whether somebody said "no, I meant ...", or yes to "Did you mean ...?"."""
    is_pinned: bool = False
    """Whether somebody wants it to stay as it is, whatever is learned."""
    wins: float = 0.0
    """How often it was used and it was right; decays like every count."""
    losses: float = 0.0
    trials: int = 0
    """In how many sessions the source failed and the target then worked."""
    days: int = 0
    """On how many days that was."""
    lapses: int = 0
    """How often it went wrong and was taken out of use."""
    since: datetime | None = None
    """When it got into this state."""
    reason: str = ""
    """Why it is in this state, in plain words without what was said."""


def live(rules: Iterable[Rewrite]) -> tuple[Rewrite, ...]:
    """The rules that the live path knows, in the order of their ids and without what is only counted."""
    bare = (replace(rule, wins=0.0, losses=0.0, trials=0, days=0, lapses=0, since=None, reason="") for rule in rules)
    return tuple(sorted((rule for rule in bare if rule.state in LIVE), key=lambda rule: rule.rule_id))
