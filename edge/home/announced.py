"""What is announced at the moment, by topic: bounded, whatever somebody writes to a broker."""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Final

from edge.home.discovery import Announcement, Component
from edge.home.payloads import MAX_CONFIG_BYTES
from edge.home.problems import Problem

TOPICS_MAX: Final = 20_000
"""So many topics may announce something, be it nonsense."""
COMPONENTS_MAX: Final = 5_000
BYTES_MAX: Final = 32 * 1024 * 1024
"""All announcements together; those of 1,000 things are some 1 MB."""
TOPIC_BYTES_MAX: Final = 1_000

_NOTHING: Final = Announcement()


class Announced:
    """The announcements that are in force. What goes beyond the bounds is left out and told of, never half taken."""

    def __init__(self) -> None:
        self._said: dict[str, tuple[bytes, int]] = {}
        """By topic, the digest of what it said last, to know it again, and how many bytes of it are kept."""
        self._in_force: dict[str, Announcement] = {}
        """By topic, or by what is told as a whole on several."""
        self._components = 0
        self._bytes = 0
        self._left_out: dict[str, int] = {}
        """By reason, how many announcements."""

    def is_news(self, topic: str, payload: bytes) -> bool:
        """Whether this is another announcement than the last of that topic; cheap, for brokers repeat them all."""
        said = self._said.get(topic)
        return bool(payload) if said is None else said[0] != _digest(payload)

    def fits(self, topic: str, payload: bytes) -> bool:
        """Whether there is room for what is announced; if not, it is counted."""
        said = self._said.get(topic)
        if len(topic.encode()) > TOPIC_BYTES_MAX:
            self.leave_out(f"their topics are longer than {TOPIC_BYTES_MAX:,} bytes")
        elif said is None and len(self._said) >= TOPICS_MAX:
            self.leave_out(f"more than {TOPICS_MAX:,} topics announce something")
        elif self._bytes + _kept_of(payload) - (said[1] if said else 0) > BYTES_MAX:
            self.leave_out(f"all announcements together are longer than {BYTES_MAX // 2**20} MB")
        else:
            return True
        return False

    def leave_out(self, reason: str) -> None:
        """Count an announcement that is left out."""
        self._left_out[reason] = self._left_out.get(reason, 0) + 1

    def replace(self, topic: str, payload: bytes, announced: Announcement) -> tuple[Announcement, Announcement]:
        """Put it in the place of what was announced there before; returns what goes and what comes."""
        self._bytes -= self._said.pop(topic, (b"", 0))[1]
        place = announced.whole or topic
        before = self._in_force.get(place, _NOTHING)
        self._components -= len(before.components)
        if self._components + len(announced.components) > COMPONENTS_MAX:
            self.leave_out(f"the home has more than {COMPONENTS_MAX:,} things")
            announced = _NOTHING
        elif payload:
            self._said[topic] = _digest(payload), _kept_of(payload)
            self._bytes += _kept_of(payload)
        if announced == _NOTHING:
            self._in_force.pop(place, None)
        else:
            self._in_force[place] = announced
            self._components += len(announced.components)
        return before, announced

    @property
    def components(self) -> list[Component]:
        """All of them, in the order in which they were announced first."""
        return [component for each in self._in_force.values() for component in each.components]

    @property
    def rooms(self) -> Mapping[str, str]:
        """By topic, the room that anybody says it is in."""
        return {topic: room for each in self._in_force.values() for topic, room in each.rooms.items()}

    @property
    def moves(self) -> Mapping[str, tuple[str, ...]]:
        """By topic, what is moved along with it."""
        return {topic: others for each in self._in_force.values() for topic, others in each.moves.items()}

    @property
    def problems(self) -> list[Problem]:
        """What cannot be used, and what was left out."""
        found = [problem for each in self._in_force.values() for problem in each.problems]
        left_out = self._left_out.items()
        return [*found, *(Problem("the broker", f"{why}: {many:,} announcements left out") for why, many in left_out)]


def _kept_of(payload: bytes) -> int:
    """How many bytes of memory an announcement takes, roughly; one that is too long is only a problem to tell of."""
    return len(payload) if len(payload) <= MAX_CONFIG_BYTES else 0


def _digest(payload: bytes) -> bytes:
    return blake2b(payload, digest_size=16).digest()
