"""Resolution of what skill files serve: which devices it calls, and whether it wants a yes first."""

from collections.abc import Iterator, Mapping
from typing import Any

from edge.commands import RUN_SKILL
from edge.knowledge import HomeMap, Knowledge, SkillDeed, SkillIntent
from edge.records import Resolution, ResolvedAction, Unresolved
from edge.risk import commands
from edge.templating import TemplateError, render


def run_skill(slots: Mapping[str, Any], knowledge: Knowledge) -> Resolution:
    """intents.SKILL: everything that the file says of the intent, as one action."""
    name = str(slots.get("skill_intent", ""))
    intent = intent_called(name, knowledge)
    if intent is None:
        return Unresolved("not_supported", name)
    called = tuple(dict.fromkeys(target for deed in intent.deeds for target in deed.targets))
    missing = [target for target in called if target not in knowledge.home.device]
    if missing:
        return Unresolved("no_device", missing[0])
    reached = [_told_by(deed, slots, knowledge.home) for deed in intent.deeds]
    moved = tuple(dict.fromkeys((*called, *(device_id for some in reached for device_id in some or ()))))
    guarded = None in reached or any(knowledge.home.device[target].tier == "guarded" for target in moved)
    values = dict(sorted(slots.items()))  # the same, in whatever order they were said
    return ResolvedAction(moved, RUN_SKILL, values, needs_confirmation=intent.confirm or guarded)


def intent_called(name: str, knowledge: Knowledge) -> SkillIntent | None:
    """The intent of that name, while its skill is loaded."""
    return next((intent for intent in _intents(knowledge) if intent.name == name), None)


def _intents(knowledge: Knowledge) -> Iterator[SkillIntent]:
    return (intent for skill in knowledge.skills for intent in skill.intents)


def _told_by(deed: SkillDeed, slots: Mapping[str, Any], home: HomeMap) -> tuple[str, ...] | None:
    """The guarded devices that hear what is published; None where the topic cannot be known.

    Where it goes is not known: it will fail, and until then nothing of it is done unasked.
    """
    if deed.kind != "publish":
        return ()
    try:
        topic = render(deed.topic, {key: value for key, value in slots.items() if key != "skill_intent"})
    except TemplateError:
        return None
    return tuple(d.device_id for d in home.devices if d.tier == "guarded" and commands(topic, d.guarded_topics))
