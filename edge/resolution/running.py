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
    wants_yes = intent.confirm or any(_moves_guarded(deed, slots, knowledge.home) for deed in intent.deeds)
    values = dict(sorted(slots.items()))  # the same, in whatever order they were said
    return ResolvedAction(called, RUN_SKILL, values, needs_confirmation=wants_yes)


def intent_called(name: str, knowledge: Knowledge) -> SkillIntent | None:
    """The intent of that name, while its skill is loaded."""
    return next((intent for intent in _intents(knowledge) if intent.name == name), None)


def _intents(knowledge: Knowledge) -> Iterator[SkillIntent]:
    return (intent for skill in knowledge.skills for intent in skill.intents)


def _moves_guarded(deed: SkillDeed, slots: Mapping[str, Any], home: HomeMap) -> bool:
    """Whether a guarded device is called, or hears what is published."""
    if any(home.device[target].tier == "guarded" for target in deed.targets):
        return True
    if deed.kind != "publish":
        return False
    try:
        topic = render(deed.topic, {key: value for key, value in slots.items() if key != "skill_intent"})
    except TemplateError:
        return True  # where it goes is not known: it will fail, and until then nothing of it is done unasked
    return any(commands(topic, device.guarded_topics) for device in home.devices if device.tier == "guarded")
