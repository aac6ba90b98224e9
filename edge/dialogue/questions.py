"""The question that a turn leaves open: what a yes, or a choice, would release."""

from dataclasses import replace
from datetime import timedelta
from typing import Literal

from edge.commands import AGENDA, OWN, READING, RUN_SKILL
from edge.knowledge import HomeMap
from edge.records import Act, Ambiguous, Ask, Candidate, Confirm, Interpretation, ResolvedAction, Step, Verdict
from edge.risk import Need, is_securing, need, strictest
from edge.turn import Context, OpenQuestion, Turn

ANSWER_S = 30
"""How long an answer is waited for."""


def question_of(turn: Turn, home_map: HomeMap) -> OpenQuestion | None:
    """The open question after `turn`; None when it asked nothing."""
    expires_at = turn.started_at + timedelta(seconds=ANSWER_S)
    asked = turn.decision.then if isinstance(turn.decision, Act) else turn.decision
    if isinstance(asked, Confirm):
        kind: Literal["pin", "confirmation"] = "pin" if asked.pin else "confirmation"
        return OpenQuestion(turn.turn_id, kind, asked.steps, expires_at, asked.rewritten)
    if isinstance(asked, Ask):
        return OpenQuestion(turn.turn_id, "choice", asked.steps, expires_at)
    if isinstance(asked, Verdict) and turn.has_come_about:
        return OpenQuestion(turn.turn_id, "verdict", (), expires_at)
    return None


def choice_steps(interpretation: Interpretation, ambiguous: Ambiguous, home: HomeMap) -> tuple[Step, ...]:
    """One step for each choice. Namesakes are chosen one by one; a kind of device ("the lights") room by room."""
    groups: list[tuple[str, ...]] = [(device_id,) for device_id in ambiguous.choices] or [()]
    if "name" not in interpretation.slots and not ambiguous.options:
        rooms: dict[str | None, list[str]] = {}
        for device_id in ambiguous.choices:
            device = home.device.get(device_id)
            rooms.setdefault(device.area if device else None, []).append(device_id)
        groups = [tuple(device_ids) for device_ids in rooms.values()]
    actions = (
        ResolvedAction(targets, ambiguous.command, {**ambiguous.values, **option}, own_values=ambiguous.own_values)
        for targets in groups
        for option in ambiguous.options or ({},)
    )
    return tuple(
        Step(interpretation, replace(action, needs_confirmation=needs_yes(action, home))) for action in actions
    )


def needs_yes(action: ResolvedAction, home: HomeMap) -> bool:
    """Whether the action moves something guarded."""
    if action.command in READING | OWN | AGENDA:
        return False
    return any(device_id in home.device and home.device[device_id].tier == "guarded" for device_id in action.targets)


def what_it_needs(action: ResolvedAction, candidate: Candidate | None, context: Context, home: HomeMap) -> Need:
    """What must come before the action, by the rules of `edge.risk`; no candidate: it was chosen from ours, exactly."""
    asked: Need = "yes" if action.needs_confirmation else "nothing"
    if action.command in READING | OWN | AGENDA:
        return asked
    devices = [home.device[target] for target in action.targets if target in home.device]
    guarded = [device for device in devices if device.tier == "guarded"]
    needed = need(
        strictest(device.tier for device in devices),
        devices=1 if action.command == RUN_SKILL else len(devices),
        exact=candidate is None or is_exact(candidate),
        securing=bool(guarded)
        and all(is_securing(each.domain, action.command_for(each.device_id)) for each in guarded),
        attended=context.attended,
        pin=context.pin_is_set,
    )
    return asked if needed == "nothing" else needed


def is_exact(candidate: Candidate) -> bool:
    """Whether it is what was said: a known sentence, heard as it stands, with the names that the devices have."""
    said = candidate.phrasing.origin == "heard" and not candidate.interpretation.is_guess
    return said and candidate.is_exact
