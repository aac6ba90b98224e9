"""A lock."""

from typing import Final

from edge.home.kinds.config import Abilities, Config
from edge.home.kinds.fields import Payload, Topic
from edge.home.kinds.reading import Reading, one_of, told
from edge.home.kinds.telling import CannotRender, Values, chosen
from edge.records import Message

NO_CODE: Final = "it wants a code, which Edge does not say"
_STATES: Final = {
    "jammed": "jammed",
    "opening": "unlocking",  # a latch that is being drawn
    "open": "open",
    "unlocking": "unlocking",
    "locking": "locking",
    "unlocked": "unlocked",
    "locked": "locked",
}
"""What each of its payloads means; of two that are alike the later one counts."""


class LockConfig(Config):
    """A lock; one that wants a code can only be read."""

    command_topic: Topic
    payload_lock: Payload = "LOCK"
    payload_unlock: Payload = "UNLOCK"
    payload_open: Payload | None = None
    state_locked: Payload = "LOCKED"
    state_unlocked: Payload = "UNLOCKED"
    state_locking: Payload = "LOCKING"
    state_unlocking: Payload = "UNLOCKING"
    state_open: Payload = "OPEN"
    state_opening: Payload = "OPENING"
    state_jammed: Payload = "JAMMED"
    code_format: Payload | None = None

    def readings(self) -> tuple[Reading, ...]:
        """Locked, unlocked, on the way, open, or jammed."""
        states = {getattr(self, f"state_{end}"): state for end, state in _STATES.items()}
        return told(self.state_topic, self.value_template, one_of(states))

    def messages(self, command: str, values: Values) -> tuple[Message, ...]:
        """Lock, unlock, and open where it has a latch."""
        if self.code_format:
            raise CannotRender(NO_CODE)
        payloads = {"lock": self.payload_lock, "unlock": self.payload_unlock, "open": self.payload_open}
        return chosen(self.command_topic, payloads, command, self.command_template)

    def abilities(self) -> Abilities:
        """A latch that can be opened."""
        capabilities = frozenset({"open"} if self.payload_open is not None else ())
        return Abilities(capabilities, reports=self.reports(self.state_topic))

    def problems(self) -> tuple[str, ...]:
        """That it wants a code."""
        wants = (f"can be read but not moved: {NO_CODE}",) if self.code_format else ()
        return (*super().problems(), *wants)
