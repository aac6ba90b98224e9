"""The room's two doors: words are completed by what went before, and candidates weighed by what is the case.

Both are pure: what they say follows from the context and the knowledge of the turn, so that a stored turn comes out the
same again; the devices whose state had a say are named in the candidate.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from edge import intents
from edge.context.carrying import carried
from edge.context.evidence import Meaning, log_odds, updated
from edge.context.here import Here, said_which, takes
from edge.context.meanings import IMPLIED, meanings
from edge.knowledge import Device, Knowledge
from edge.names import canonical, fold, kind_words
from edge.records import Ambiguous, Candidate, Interpretation, Resolution, ResolvedAction, RunnerUp, Unresolved
from edge.turn import Context

CLEAR_LEAD: Final = 0.9
"""Nats by which one choice has to lead before it is taken without a question."""

NOT_OFFERED: Final = 1.2
"""A choice that is so far behind the first is not offered where there are more than can be read out."""

READ_OUT: Final = 3

_POINTING: Final = re.compile(r"\b(?:it|that|this|them|those|these)\b", re.IGNORECASE)

SETTLED: Final = 0.95
"""What a reading is worth whose choice the circumstances made, against one that the words made."""


class Circumstances:
    """Completes and weighs what was understood."""

    def completed(
        self, interpretation: Interpretation, context: Context, knowledge: Knowledge
    ) -> tuple[Interpretation, ...]:
        """The meanings of an interpretation in these circumstances, at least one; clear words come back unchanged."""
        if interpretation.source in {"dialogue", "skill"} or interpretation.slots.get("when"):
            return (interpretation,)
        if interpretation.intent == intents.LATER:
            return self._completed_later(interpretation, context, knowledge)
        here = Here(context, knowledge.home)
        return tuple(
            meaning for each in carried(interpretation, here) for meaning in meanings(each, here, knowledge.habits)
        )

    def _completed_later(
        self, said: Interpretation, context: Context, knowledge: Knowledge
    ) -> tuple[Interpretation, ...]:
        """A command for later, with "it" as the name for which it stands: when its time comes nobody knows any more."""
        if len(said.slots["inner"]) != 1:
            return (said,)
        (inner,) = said.slots["inner"]
        now = Interpretation(inner["intent"], inner["slots"], said.confidence, said.source)
        here = Here(context, knowledge.home)
        return tuple(_for_later(said, each, here) for each in self.completed(now, context, knowledge))

    def weighed(self, candidate: Candidate, context: Context, knowledge: Knowledge) -> Candidate:
        """The candidate after the evidence: another score, or one choice of several, or the choices in their order."""
        if candidate.interpretation.source in {"dialogue", "skill"} or isinstance(candidate.resolution, Unresolved):
            return candidate
        if isinstance(candidate.resolution, Ambiguous) and not candidate.resolution.choices:
            return candidate
        here = Here(context, knowledge.home)
        if isinstance(candidate.resolution, Ambiguous):
            return _chosen(candidate, candidate.resolution, here, knowledge)
        action = candidate.resolution
        meaning = _meaning(candidate, here.devices(action.targets), action.command, action.values)
        weight, consulted = log_odds(meaning, here, knowledge.habits)
        consulted |= _looked_at(candidate.interpretation, here)
        return replace(candidate, score=updated(candidate.score, weight), consulted=_with(candidate, consulted))


def _called(device: Device) -> str:
    """Its name, with its kind where a lamp and a fan may both be called "desk"."""
    kind = "" if kind_words(device) & set(map(canonical, fold(device.name).split())) else device.domain
    return f"the {device.name} {kind.replace('_', ' ')}".strip()


def _for_later(said: Interpretation, completed: Interpretation, here: Here) -> Interpretation:
    meant = dict(completed.slots)
    slots = {**said.slots, "inner": [{"intent": completed.intent, "slots": meant}]}
    reference, devices = meant.get("reference"), here.devices(meant.get("targets", ()))
    if reference and len(devices) == 1:
        slots["words"] = _POINTING.sub(_called(devices[0]), str(slots["words"]), count=1)
    elif reference:
        slots["reference"] = reference
    return replace(said, slots=slots, confidence=completed.confidence)


def _chosen(candidate: Candidate, ambiguous: Ambiguous, here: Here, knowledge: Knowledge) -> Candidate:
    """The choices, likeliest first; one that leads clearly is taken, unless it is guarded."""
    choices = _choices(candidate, ambiguous, here)
    weights, consulted = list[float](), _looked_at(candidate.interpretation, here)
    for meaning in choices:
        weight, looked_at = log_odds(meaning, here, knowledge.habits)
        weights.append(weight)
        consulted |= looked_at
    order = sorted(range(len(choices)), key=lambda n: -weights[n])
    lead = weights[order[0]] - weights[order[1]] if len(order) > 1 else 0.0
    first, free = choices[order[0]], all(device.tier != "guarded" for device in choices[order[0]].devices)
    score, runner_up = candidate.score, None
    resolution: Resolution = _ordered(ambiguous, choices, weights, order)
    if lead >= CLEAR_LEAD and free:
        score, resolution = round(score * SETTLED, 3), _settled(ambiguous, first)
        runner_up = RunnerUp(_settled(ambiguous, choices[order[1]]), round(lead, 3))
    elif _same_in_words([device for meaning in choices for device in meaning.devices]) and not ambiguous.options:
        resolution = Unresolved("cannot", "be told apart: give one another name", ambiguous.choices)
    chosen = isinstance(resolution, ResolvedAction)
    return replace(
        candidate,
        resolution=resolution,
        score=score,
        consulted=_with(candidate, consulted),
        is_exact=candidate.is_exact and not chosen,
        runner_up=runner_up,
    )


def _choices(candidate: Candidate, ambiguous: Ambiguous, here: Here) -> list[Meaning]:
    """One for each namesake and option; of a kind of device ("the lights") one for each room."""
    devices = here.devices(ambiguous.choices)
    groups: list[tuple[Device, ...]] = [(device,) for device in devices]
    if "name" not in candidate.interpretation.slots and not ambiguous.options:
        rooms: dict[str | None, list[Device]] = {}
        for device in devices:
            rooms.setdefault(device.area, []).append(device)
        groups = [tuple(room) for room in rooms.values()]
    return [
        _meaning(candidate, group, ambiguous.command, {**ambiguous.values, **option})
        for group in groups
        for option in ambiguous.options or ({},)
    ]


def _ordered(
    ambiguous: Ambiguous, choices: Sequence[Meaning], weights: Sequence[float], order: Sequence[int]
) -> Ambiguous:
    """What is left to ask: the choices in the order of their likelihood, without those far behind."""
    few = len(choices) <= READ_OUT
    near = [choices[n] for n in order if few or weights[order[0]] - weights[n] < NOT_OFFERED]
    kept = near if len(near) > 1 else [choices[n] for n in order[:2]]
    ids = dict.fromkeys(device.device_id for meaning in kept for device in meaning.devices)
    options = [option for meaning in kept for option in ambiguous.options if option.items() <= meaning.values.items()]
    unique = {str(option): option for option in options}
    return replace(ambiguous, choices=tuple(ids), options=tuple(unique.values()))


def _settled(ambiguous: Ambiguous, meant: Meaning) -> ResolvedAction:
    ids = tuple(device.device_id for device in meant.devices)
    own_values = {each: ambiguous.own_values[each] for each in ids if each in ambiguous.own_values}
    return ResolvedAction(ids, ambiguous.command, meant.values, own_values=own_values)


def _same_in_words(devices: Sequence[Device]) -> bool:
    """Whether no word tells them apart: one name, one room, one kind."""
    words = {(fold(device.name), device.area, device.domain) for device in devices}
    return len(devices) > 1 and len(words) == 1 and not any(device.aliases for device in devices)


def _meaning(candidate: Candidate, devices: tuple[Device, ...], command: str, values: Any) -> Meaning:
    words = frozenset(fold(candidate.phrasing.text).split())
    return Meaning(candidate.interpretation, devices, command, values, words)


def _looked_at(interpretation: Interpretation, here: Here) -> frozenset[str]:
    """Whose states had a say when the words were completed: a replay must see them again."""
    slots, ids = interpretation.slots, set[str]()
    if interpretation.intent == "HassClimateGetTemperature":
        ids |= (
            {device.device_id for device in here.ovens_on} if slots.get("targets") or not said_which(slots) else set()
        )
    if slots.get("targets"):
        ids |= set(slots["targets"])
        fits = takes(interpretation.intent, slots)
        if slots.get("reference"):
            ids |= {d.device_id for d in here.could_change(interpretation.intent, fits)}
    if interpretation.intent in IMPLIED or (slots.get("targets") and slots.get("domain") == "cover"):
        ids |= {device.device_id for device in here.of_light_and_air}
    return frozenset(each for each in ids if each in here.context.states)


def _with(candidate: Candidate, consulted: frozenset[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*candidate.consulted, *sorted(consulted))))
