"""The actor of skills: does what a skill file says, deed by deed, through the home's own actor and its guard."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from edge.errors import StageFailed
from edge.knowledge import Knowledge, SkillDeed, SkillIntent
from edge.records import Outcome, ResolvedAction, Step
from edge.skills.deeds import bad_topic
from edge.templating import TemplateError, render, render_value
from edge.turn import Context


class HomeActor(Protocol):
    """Moves devices."""

    def perform(self, step: Step, context: Context, knowledge: Knowledge) -> Outcome: ...


class Publisher(Protocol):
    """Publishes what may be published."""

    def publish(self, topic: str, payload: str, step: Step, context: Context, knowledge: Knowledge) -> Outcome: ...


class SkillActor:
    """Performs the steps of intents.SKILL."""

    def __init__(self, home: HomeActor, publisher: Publisher) -> None:
        self._home = home
        self._publisher = publisher

    def perform(self, step: Step, context: Context, knowledge: Knowledge) -> Outcome:
        """All deeds in their order; where one is refused, those after it are not done."""
        intent = _intent(step, knowledge)
        slots = {key: value for key, value in step.action.values.items() if key != "skill_intent"}
        try:
            outcomes: list[Outcome] = []
            for deed in intent.deeds:
                outcomes += self._deed(deed, slots, step, context, knowledge)
                if outcomes and outcomes[-1].refused:
                    break
        except TemplateError as wrong:
            raise StageFailed("action", f"a template of the skill failed: {wrong.reason}") from wrong
        return joined(outcomes)

    def _deed(
        self, deed: SkillDeed, slots: Mapping[str, Any], step: Step, context: Context, knowledge: Knowledge
    ) -> list[Outcome]:
        if deed.kind == "answer":
            return [Outcome(answer={"said": render(deed.template, slots)})]
        if deed.kind == "publish":
            topic, payload = render(deed.topic, slots), render(deed.template, slots)
            if reason := bad_topic(topic):
                raise StageFailed("action", reason.rstrip("."))
            return [self._publisher.publish(topic, payload, step, context, knowledge)]
        outcomes: list[Outcome] = []
        for action in _actions(deed, slots, knowledge):
            outcomes.append(self._home.perform(replace(step, action=action), context, knowledge))
            if outcomes[-1].refused:
                break
        return outcomes


def _intent(step: Step, knowledge: Knowledge) -> SkillIntent:
    name = step.action.values.get("skill_intent")
    found = (intent for skill in knowledge.skills for intent in skill.intents if intent.name == name)
    intent = next(found, None)
    if intent is None:
        raise StageFailed("action", f"the skill {name} is no longer loaded")
    return intent


def _actions(deed: SkillDeed, slots: Mapping[str, Any], knowledge: Knowledge) -> Iterator[ResolvedAction]:
    """One command for all devices that are free, and one for each that is guarded, which never moves in a group."""
    values = {key: render_value(each, slots) if isinstance(each, str) else each for key, each in deed.values.items()}
    home = knowledge.home.device
    free = tuple(each for each in deed.targets if each in home and home[each].tier != "guarded")
    if free:
        yield ResolvedAction(free, deed.command, values)
    for target in deed.targets:
        if target not in free:
            yield ResolvedAction((target,), deed.command, values, needs_confirmation=True)


def joined(outcomes: Sequence[Outcome]) -> Outcome:
    """What became of all deeds together: not confirmed as soon as one is not, and confirmed only by devices."""
    told = [outcome.confirmed for outcome in outcomes if outcome.confirmed is not None]
    said = " ".join(str(outcome.answer["said"]).strip() for outcome in outcomes if "said" in outcome.answer)
    return Outcome(
        sent=tuple(message for outcome in outcomes for message in outcome.sent),
        confirmed=all(told) if told else None,
        silent=tuple(dict.fromkeys(each for outcome in outcomes for each in outcome.silent)),
        refused=next((outcome.refused for outcome in outcomes if outcome.refused), ""),
        answer={"said": said} if said else {},
        moved=tuple(dict.fromkeys(each for outcome in outcomes for each in outcome.moved)),
    )
