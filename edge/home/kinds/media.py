"""Media players: our own extension, for MQTT discovery has none. They announce themselves under `edge/discovery/`."""

import json
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict

from edge.home.kinds.config import Abilities, Config
from edge.home.kinds.fields import Topic, Word
from edge.home.kinds.reading import NOTHING, Changes, Reading, percent, same, table, told
from edge.home.kinds.telling import Values
from edge.home.payloads import as_word
from edge.records import Message

MEDIA_STATES: Final = ("off", "on", "idle", "playing", "paused", "standby", "buffering")
MEDIA_COMMANDS: Final = frozenset(
    {"turn_on", "turn_off", "play", "media_pause", "stop", "next", "previous", "play_media", "set_volume"}
)


class MediaConfig(BaseModel):
    """One title of a player's catalogue."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    title: Word
    kind: Word
    by: Annotated[str, BeforeValidator(lambda value: (as_word(value) or "") if value else "")] = ""


class MediaPlayerConfig(Config):
    """A player that speaks JSON both ways, and perhaps a catalogue of what it can play.

    State: `{"state": "playing", "volume": 30, "title": "Dune", "media_kind": "audiobook", "by": "Frank Herbert"}`.
    Commands: `{"command": "play_media", "title": "Dune", "media_kind": "film"}`,
    `{"command": "set_volume", "volume": 40}`, and without values turn_on, turn_off, play, media_pause, stop, next,
    previous. The volume is in percent.
    """

    command_topic: Topic
    state_topic: Topic
    catalogue: tuple[MediaConfig, ...] = ()

    def readings(self) -> tuple[Reading, ...]:
        """All in one JSON object."""
        return told(self.state_topic, None, _state)

    def messages(self, command: str, values: Values) -> tuple[Message, ...]:
        """One JSON object with the values."""
        if command not in MEDIA_COMMANDS:
            return ()
        return (Message(self.command_topic, json.dumps({"command": command, **values}, ensure_ascii=False)),)

    def abilities(self) -> Abilities:
        """Volume, and what it can play."""
        titles = tuple(dict.fromkeys(item.title for item in self.catalogue))
        return Abilities(frozenset({"volume", "play"}), options={"catalogue": titles}, reports=not self.optimistic)


def _state(raw: Any) -> Changes:
    said = table(raw)
    if said is None:
        return NOTHING
    playing = {key: as_word(said.get(key)) for key in ("title", "media_kind", "by")}
    return {**same(MEDIA_STATES)(said.get("state")), **percent("volume", 100)(said.get("volume")), **playing}
