"""What a skill did or is about to do, in words."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from edge.knowledge import Knowledge, SkillDeed, SkillIntent
from edge.records import DoneStep, Outcome, ResolvedAction, Response, Step
from edge.risk import commands
from edge.speech.deeds import FORBIDDEN, OFFLINE, to_do
from edge.speech.phrases import count, listed, the, them
from edge.templating import TemplateError, render, render_value

_NAMED_MAX: Final = 3
_ECHO_MAX: Final = 30
"""Longest payload that is read out."""


def to_run(step: Step, knowledge: Knowledge) -> str:
    """Everything that a skill will do, for the question before it: `close the blind and lock the front door`."""
    intent = _intent(step, knowledge)
    if intent is None:
        return "run a skill"
    slots = {key: value for key, value in step.action.values.items() if key != "skill_intent"}
    deeds = list(dict.fromkeys(text for deed in intent.deeds for text in _deed(deed, step, slots, knowledge)))
    return listed(deeds) or f"run {_spoken(intent)}"


def ran(done_step: DoneStep, knowledge: Knowledge) -> Response:
    """What became of it: the skill's own answers, where nothing speaks against them."""
    outcome = done_step.outcome or Outcome(refused="it was not reached")
    if outcome.refused == "offline":
        return OFFLINE
    if outcome.refused == "forbidden":
        return FORBIDDEN
    if outcome.refused == "guarded":
        return Response("I do that only after you said yes.", "refusal")
    if outcome.refused:
        return Response(f"I could not do that: {outcome.refused.rstrip('.')}.", "error")
    if outcome.confirmed is False:
        silent = them(outcome.silent, knowledge.home)
        quiet = listed(silent) if 0 < len(silent) <= _NAMED_MAX else f"{count(len(silent))} devices"
        return Response(f"I sent it, but {quiet} did not answer.", "error")
    return Response(str(outcome.answer.get("said") or "Done."), "answer")


def _deed(deed: SkillDeed, step: Step, slots: Mapping[str, Any], knowledge: Knowledge) -> Iterator[str]:
    """A publish is told only where a guarded device hears it: topics are nothing to read out."""
    home = knowledge.home
    if deed.kind == "call":
        guarded = [each for each in deed.targets if each in home.device and home.device[each].tier == "guarded"]
        free = tuple(each for each in deed.targets if each not in guarded)
        for targets in (free, *((each,) for each in guarded)):
            if targets:
                yield to_do(
                    Step(step.interpretation, ResolvedAction(targets, deed.command, _values(deed, slots))), home
                )
    if deed.kind == "publish":
        topic, payload = _filled(deed.topic, slots), _filled(deed.template, slots)
        for device in home.devices:
            if device.tier == "guarded" and commands(topic, device.guarded_topics):
                yield f"send {payload if len(payload) <= _ECHO_MAX else 'a command'} to {the(device, home)}"


def _values(deed: SkillDeed, slots: Mapping[str, Any]) -> Mapping[str, Any]:
    try:
        return {key: render_value(each, slots) if isinstance(each, str) else each for key, each in deed.values.items()}
    except TemplateError:
        return {}


def _filled(template: str, slots: Mapping[str, Any]) -> str:
    try:
        return render(template, slots)
    except TemplateError:
        return ""


def _intent(step: Step, knowledge: Knowledge) -> SkillIntent | None:
    name = step.action.values.get("skill_intent")
    found = (intent for skill in knowledge.skills for intent in skill.intents if intent.name == name)
    return next(found, None)


def _spoken(intent: SkillIntent) -> str:
    """`water of irrigation`."""
    skill, _, name = intent.name.rpartition(".")
    return f"{name} of {skill}".replace("-", " ").replace("_", " ")
