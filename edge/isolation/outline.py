"""The outline of a turn: what was heard, which reading won, what it would do and what came of it. Never raises."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from edge.commands import AGENDA, OWN, READING, RUN_SKILL, reached
from edge.records import (
    Act,
    Ask,
    Candidate,
    Confirm,
    Interpretation,
    Outcome,
    Reject,
    ResolvedAction,
    Unresolved,
)
from edge.text import normal
from edge.turn import Turn


@dataclass(frozen=True)
class Outline:
    """One turn, reduced to what tells where it went wrong."""

    turn: Turn
    text: str
    """What was heard, normalised."""
    kind: str
    """act, ask, confirm, a reject's reason, `failed`, or `missing` where no decision was kept."""
    unresolved: str
    """Why nothing here fitted, where that is the reason."""
    meant: Interpretation | None
    """The interpretation that won, be it only to be refused."""
    chosen: Candidate | None
    """The candidate that won."""
    second: Candidate | None
    """The best of those that would have done something else."""
    effects: int
    """How many different things the candidates would have done."""
    action: ResolvedAction | None
    outcomes: tuple[Outcome, ...]

    @classmethod
    def of(cls, turn: Turn) -> "Outline":
        decision = turn.decision
        kind = "missing" if decision is None else decision.reason if isinstance(decision, Reject) else decision.kind
        steps = tuple(done.step for done in turn.done_steps)
        meant = steps[0].interpretation if steps else getattr(decision, "interpretation", None)
        action = steps[0].action if steps else _offered(decision)
        ranked = sorted(turn.readings, key=lambda each: -each.score)
        chosen = _chosen(ranked, meant, action)
        others = [each for each in ranked if chosen is not None and _effect(each) != _effect(chosen)]
        return cls(
            turn=turn,
            text=normal(turn.transcript.text) if turn.transcript else "",
            kind="failed" if turn.failure else kind,
            unresolved=_why_not(decision, chosen),
            meant=meant or (chosen.interpretation if chosen else None),
            chosen=chosen,
            second=others[0] if others else None,
            effects=len({_effect(each) for each in ranked}),
            action=action,
            outcomes=tuple(done.outcome for done in turn.done_steps if done.outcome is not None),
        )

    @property
    def slots(self) -> Mapping[str, Any]:
        return self.meant.slots if self.meant else {}

    @property
    def intent(self) -> str:
        return self.meant.intent if self.meant else ""

    @property
    def acted(self) -> bool:
        """Whether something was done, or an answer given, without a refusal."""
        return bool(self.outcomes) and not any(each.refused for each in self.outcomes)

    @property
    def worked(self) -> bool:
        """Whether it acted and no device stayed silent."""
        return self.acted and not self.turn.is_unanswered

    @property
    def targets(self) -> frozenset[str]:
        return frozenset(self.action.targets) if self.action else frozenset()

    @property
    def command(self) -> str:
        return self.action.command if self.action else ""

    @property
    def manner(self) -> str:
        """Of what sort the command is: read, own, agenda, skill, media, move, or none."""
        sorts = {"read": READING, "own": OWN, "agenda": AGENDA, "skill": {RUN_SKILL}, "media": {"play_media"}}
        return next(
            (sort for sort, commands in sorts.items() if self.command in commands), "move" if self.command else ""
        )

    @property
    def was_so_already(self) -> bool:
        """Whether every device stood as it was told to before it was told."""
        states, action = self.turn.context.states, self.action
        if action is None or self.manner != "move" or not action.targets:
            return False
        try:
            return all(
                each in states and reached(states[each], action.command_for(each), action.values_for(each))
                for each in action.targets
            )
        except (TypeError, ValueError, KeyError):
            return False  # a state from elsewhere that holds no number where one belongs

    @property
    def effect(self) -> str:
        """What it did or would have done, comparable between turns; empty for nothing."""
        if self.action is None:
            return ""
        return f"{self.command} {sorted(self.targets)} {sorted(self.action.values.items(), key=str)}"


def _offered(decision: object) -> ResolvedAction | None:
    steps = getattr(decision, "steps", ())
    return steps[0].action if steps and isinstance(decision, Act | Ask | Confirm) else None


def _chosen(ranked: list[Candidate], meant: Interpretation | None, action: ResolvedAction | None) -> Candidate | None:
    fits = (each for each in ranked if each.interpretation == meant and each.resolution == action)
    alike = (each for each in ranked if each.interpretation == meant)
    return next(fits, None) or next(alike, None) or (ranked[0] if ranked else None)


def _why_not(decision: object, chosen: Candidate | None) -> str:
    unresolved = getattr(decision, "unresolved", None)
    if unresolved is None and chosen is not None and isinstance(chosen.resolution, Unresolved):
        unresolved = chosen.resolution
    return unresolved.reason if unresolved is not None else ""


def _effect(candidate: Candidate) -> str:
    resolution = candidate.resolution
    if isinstance(resolution, Unresolved):
        return f"{resolution.reason} {resolution.name}"
    ids = resolution.targets if isinstance(resolution, ResolvedAction) else resolution.choices
    return f"{resolution.command} {sorted(ids)} {sorted(resolution.values.items(), key=str)}"


def slot_values(outline: Outline) -> Iterator[tuple[str, str]]:
    """The slots that were said, each with its value as text; what we filled in ourselves is left out."""
    ours = {"targets", "reference", "domain", "device_class", "here", *(("area",) if outline.slots.get("here") else ())}
    for name, value in outline.slots.items():
        if name not in ours:
            yield name, str(value).casefold()
