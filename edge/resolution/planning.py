"""One command to several devices is one plan: where part of it is impossible, it is read back before it is done."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from edge.commands import AGENDA, OWN, READING, RUN_SKILL
from edge.knowledge import Device
from edge.records import Resolution, ResolvedAction
from edge.resolution.request import Request
from edge.risk import is_jump

NEWS: Final = timedelta(days=1)
"""What went away longer ago, or was never there, is known to be away: it is told of, and no longer asked about."""


def planned(resolution: Resolution, request: Request) -> Resolution:
    """The action with what must be asked first: devices that are away, a thermostat that would jump."""
    if not isinstance(resolution, ResolvedAction) or resolution.command in READING | OWN | AGENDA | {RUN_SKILL}:
        return resolution
    if request.context.question is not None and not resolution.targets:
        return resolution
    return _without_those_away(_with_jump(resolution, request), request)


def _without_those_away(action: ResolvedAction, request: Request) -> ResolvedAction:
    """A single device is told all the same, for its word may be old; of several those that are away are left out."""
    if len(action.targets) < 2:
        return action
    states = request.context.states
    away = [target for target in action.targets if target in states and states[target].value == "unavailable"]
    if not away or len(away) == len(action.targets):
        return action
    request.looked_at.update(away)  # only these had a say
    news = [target for target in away if _just_gone(target, request)]
    return replace(
        action,
        targets=tuple(target for target in action.targets if target not in away),
        left_out=(*action.left_out, *away),
        needs_confirmation=action.needs_confirmation or bool(news),
    )


def _just_gone(target: str, request: Request) -> bool:
    since = request.context.states[target].since
    return since is not None and request.context.now - since < NEWS


def _with_jump(action: ResolvedAction, request: Request) -> ResolvedAction:
    if action.command != "set_temperature":
        return action
    home = request.search.home.device
    jumps = any(_jumps(home[target], action, request) for target in action.targets if target in home)
    return replace(action, needs_confirmation=True) if jumps else action


def _jumps(device: Device, action: ResolvedAction, request: Request) -> bool:
    before = request.state(device).attributes.get("temperature")
    wanted = action.values_for(device.device_id).get("temperature")
    if not isinstance(before, int | float) or not isinstance(wanted, int | float):
        return False
    return is_jump(before, wanted, device.unit)
