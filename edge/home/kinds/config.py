"""What every kind of device announces, and what it must be able to tell of itself.

The fields are Home Assistant's keys with its defaults. Keys that Edge does not use are ignored, as Home Assistant does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, ConfigDict

from edge.home.kinds.fields import Payload, Seconds, Topic, ValueTemplate, Word
from edge.home.kinds.reading import Reading
from edge.home.kinds.telling import Values
from edge.home.templates import Unsupported
from edge.records import Message

Range = tuple[float, float]


@dataclass(frozen=True)
class Abilities:
    """What can be asked of a device beyond its kind's minimum, as in `knowledge.Device`."""

    capabilities: frozenset[str] = frozenset()
    limits: Mapping[str, Range] = field(default_factory=dict)
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unit: str | None = None
    reports: bool = False


class Config(BaseModel):
    """What every kind has."""

    model_config = ConfigDict(frozen=True, extra="ignore", arbitrary_types_allowed=True)

    name: Word | None = None
    unique_id: Word | None = None
    object_id: Word | None = None
    default_entity_id: Word | None = None
    device_class: Word | None = None
    entity_category: Word | None = None
    enabled_by_default: bool = True
    encoding: Payload = "utf-8"
    state_topic: Topic | None = None
    command_topic: Topic | None = None
    value_template: ValueTemplate = None
    command_template: ValueTemplate = None
    optimistic: bool = False
    expire_after: Seconds = None
    """After so many seconds without a word its state is not known any more."""

    def readings(self) -> tuple[Reading, ...]:
        """Everything that can be read of it."""
        return ()

    def messages(self, command: str, values: Values) -> tuple[Message, ...]:
        """What to send, in order; nothing for a command that it does not know. Raises `CannotRender`."""
        return ()

    def abilities(self) -> Abilities:
        """What can be asked of it."""
        return Abilities(reports=self.reports(self.state_topic))

    def problems(self) -> tuple[str, ...]:
        """Why it can be used in part only."""
        part = "can be read but not moved" if self.command_topics() else "cannot be read in full"
        return tuple(f"{part}, because of its {key}: {why}" for key, why in self.unsupported())

    def reports(self, *topics: str | None) -> bool:
        """Whether its state itself can be known, from any of these topics."""
        return any(topics) and not self.optimistic

    def untold(self) -> tuple[str, ...]:
        """The values that it can be given and never tells."""
        return ()

    def topics(self) -> tuple[str, ...]:
        """All the topics that are its own."""
        return self._topics_of(tuple(key for key in type(self).model_fields if key.endswith("_topic")))

    def command_topics(self) -> tuple[str, ...]:
        """The topics by which it is moved or set."""
        keys = (key for key in type(self).model_fields if key.endswith("_topic"))
        return self._topics_of(tuple(key for key in keys if key.endswith("command_topic") or key.startswith("set_")))

    def unsupported(self) -> tuple[tuple[str, str], ...]:
        """The templates that Edge does not understand, each with the reason."""
        found = ((key, getattr(self, key)) for key in type(self).model_fields)
        return tuple((key, template.reason) for key, template in found if isinstance(template, Unsupported))

    def _given_only(self, values: Mapping[str, str]) -> tuple[str, ...]:
        """Those of the values, each with how its keys begin, that have a topic for commands and none for the state."""
        found = ((value, getattr(self, f"{key}_command_topic"), f"{key}_state_topic") for value, key in values.items())
        return tuple(value for value, commanded, state in found if commanded and not getattr(self, state))

    def _topics_of(self, keys: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(topic for key in keys if (topic := getattr(self, key))))
