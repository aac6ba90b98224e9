"""Whether a component is there: what it announces about that, and who has come and gone."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from edge.home.kinds.fields import Payload as PayloadText
from edge.home.kinds.fields import Topic, ValueTemplate
from edge.home.payloads import Payload, as_text
from edge.home.templates import Template, Unsupported


class AvailabilityTopic(BaseModel):
    """One topic that tells whether a component is there."""

    model_config = ConfigDict(frozen=True, extra="ignore", arbitrary_types_allowed=True)

    topic: Topic
    payload_available: PayloadText = "online"
    payload_not_available: PayloadText = "offline"
    value_template: ValueTemplate = None

    def read(self, payload: Payload) -> bool | None:
        """Whether the payload says that it is there; None for one that says neither."""
        said = payload.text
        if said is not None and isinstance(self.value_template, Template):
            said = as_text(self.value_template.read(payload))
        return {self.payload_available: True, self.payload_not_available: False}.get(said or "")


class Availability(BaseModel):
    """Every topic that tells whether a component is there, and how they are combined."""

    model_config = ConfigDict(frozen=True)

    topics: tuple[AvailabilityTopic, ...] = ()
    mode: Literal["all", "any", "latest"] = "latest"
    problems: tuple[str, ...] = ()
    """Why some of its topics are not listened to."""


def read_availability(told: Mapping[str, Any]) -> Availability:
    """From a component's announcement, its keys in full; raises pydantic's ValidationError."""
    listed = told.get("availability")
    entries = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    if told.get("availability_topic") is not None:
        payloads = {key: told.get(key) for key in ("payload_available", "payload_not_available")}
        template = told.get("availability_template")
        entries.append({"topic": told["availability_topic"], "value_template": template, **payloads})
    topics = [
        AvailabilityTopic.model_validate({key: value for key, value in entry.items() if value is not None})
        for entry in entries
    ]
    # What cannot be evaluated says nothing, and a component is not held to be away for that.
    problems = tuple(
        f"is held to be there, because of the template of its availability: {topic.value_template.reason}"
        for topic in topics
        if isinstance(topic.value_template, Unsupported)
    )
    usable = tuple(topic for topic in topics if not isinstance(topic.value_template, Unsupported))
    mode = told.get("availability_mode") or "latest"
    return Availability.model_validate({"topics": usable, "mode": mode, "problems": problems})


class Presence:
    """Who is there. A component that announces how one can tell is away until it was heard of."""

    def __init__(self) -> None:
        self._availability: dict[str, Availability] = {}
        self._heard: dict[str, dict[str, bool]] = {}
        """By component and topic, in the order in which the topics last spoke."""

    def watch(self, key: str, availability: Availability) -> None:
        """Begin with a component."""
        self._availability[key] = availability
        self._heard[key] = {topic.topic: False for topic in availability.topics}

    def forget(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._availability.pop(key, None)
            self._heard.pop(key, None)

    def hear(self, key: str, topic: str, payload: Payload) -> bool:
        """Take in a message; tells whether the component has come or gone."""
        before = self.is_there(key)
        for each in self._availability.get(key, Availability()).topics:
            if each.topic == topic and (there := each.read(payload)) is not None:
                self._heard[key].pop(topic, None)
                self._heard[key][topic] = there
        return before != self.is_there(key)

    def is_there(self, key: str) -> bool:
        heard = tuple(self._heard.get(key, {}).values())
        if not heard:
            return True
        match self._availability[key].mode:
            case "all":
                return all(heard)
            case "any":
                return any(heard)
            case _:
                return heard[-1]
