"""What a night of learning came to."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from edge.rewrites import Rewrite, RuleState
from edge.rewriting.guards import IN_WORDS, Reason


@dataclass(frozen=True)
class Changed:
    """A rule that came into another state."""

    rule_id: str
    before: RuleState | None
    """None: there was no such rule."""
    after: RuleState
    reason: str
    sources: tuple[str, ...] = ()
    target: str = ""


@dataclass(frozen=True)
class Kept:
    """A rule that the gate did not let into a state, because it would change what worked."""

    rule_id: str
    wanted: RuleState
    reason: str
    turn_id: str = ""
    """A turn that would come to something else."""


@dataclass(frozen=True)
class LearnReport:
    """What was found, what changed, and what was refused and why."""

    turns: int
    """In which somebody wanted something, of those that were looked at."""
    sources: int
    """Wordings that failed, those that are nearly the same counted once."""
    young: int = 0
    """Of the turns those to which more may still be said: they are learned from later."""
    rules: Mapping[RuleState, int] = field(default_factory=dict)
    """How many there are now, by state."""
    changed: tuple[Changed, ...] = ()
    guarded: Mapping[Reason, int] = field(default_factory=dict)
    """By guard, of how many things that were said again no rule was made."""
    kept: tuple[Kept, ...] = ()
    looked_at: int = 0
    """Turns of which it is known what was meant, and that the gate looked at."""
    replayed: int = 0
    """Of these, those that new rules might have to do with."""
    revision_before: int = 0
    revision: int = 0
    """Of knowledge, now in force."""
    is_dry: bool = False
    """Whether nothing was published."""

    def to_dict(self, *, show: bool = False) -> dict[str, Any]:
        """As JSON; `show`: with what was said."""
        told = asdict(self)
        for each in told["changed"]:
            if not show:
                del each["sources"], each["target"]
        return told | {"lines": list(self.lines(show=show))}

    def lines(self, *, show: bool = False) -> Iterator[str]:
        """In plain words."""
        yield f"Read {_some(self.turns, 'turn')} and {_some(self.sources, 'wording')} that failed or came again."
        for each in self.changed:
            yield _changed(each, show=show)
        if not self.changed:
            yield "No rule changed."
        if self.young:
            yield f"{_some(self.young, 'turn')} of the last five minutes will be learned from later: more may be said."
        for reason, times in sorted(self.guarded.items()):
            yield f"{_some(times, 'time')} no rule was made: {IN_WORDS[reason]}."
        for kept in self.kept:
            yield f"{kept.rule_id} did not come into the state {kept.wanted}: {kept.reason}."
        yield f"Held {_some(self.replayed, 'turn')} of {self.looked_at} that went well against what was learned."
        yield self._ended()

    def _ended(self) -> str:
        if self.is_dry:
            return f"Nothing was published; knowledge revision {self.revision} stays in force."
        if self.revision != self.revision_before:
            return f"Knowledge revision {self.revision} is in force."
        return f"Knowledge revision {self.revision} stays in force."


def changes(before: Iterable[Rewrite], after: Iterable[Rewrite]) -> tuple[Changed, ...]:
    """The rules whose state is another one than it was, and new ones."""
    was = {rule.rule_id: rule.state for rule in before}
    return tuple(
        Changed(rule.rule_id, was.get(rule.rule_id), rule.state, rule.reason, rule.sources, rule.target)
        for rule in after
        if was.get(rule.rule_id) != rule.state
    )


def _changed(each: Changed, *, show: bool) -> str:
    came = f"is new: {each.after}" if each.before is None else f"was {each.before} and is {each.after}"
    said = f" ({each.sources[0]!r} means {each.target!r})" if show and each.sources else ""
    return f"{each.rule_id}{said} {came}, because {each.reason or 'it was seen'}."


def _some(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
