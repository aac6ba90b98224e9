"""Which message moves what: the topics by which components are commanded, and what moves others along with them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from edge.risk import commands

Moves = Mapping[str, tuple[str, ...]]
"""By topic, others: what is said to it, or beneath it, moves whatever is commanded at those or beneath them."""


class Commanding:
    """Components by the topics that move them. Without a lock of its own."""

    def __init__(self) -> None:
        self._topics: dict[str, tuple[str, ...]] = {}
        """By component."""
        self._keys: defaultdict[str, set[str]] = defaultdict(set)
        """By topic."""
        self._along: Moves = {}
        self._beneath: dict[str, set[str]] = {}
        """By topic, the components that are commanded at it or beneath it."""

    def attach(self, key: str, topics: tuple[str, ...]) -> None:
        """Begin with a component."""
        self._topics[key] = topics
        for topic in topics:
            self._keys[topic].add(key)

    def forget(self, keys: Iterable[str]) -> None:
        for key in keys:
            for topic in self._topics.pop(key, ()):
                self._keys[topic].discard(key)
                if not self._keys[topic]:
                    del self._keys[topic]

    def move_along(self, moves: Moves) -> None:
        """What moves what besides, from now on; to be told again when components have come or gone."""
        self._along = moves
        self._beneath = {}
        for topic, keys in self._keys.items() if moves else ():
            for level in _levels(topic):
                self._beneath.setdefault(level, set()).update(keys)

    def topics(self, key: str) -> tuple[str, ...]:
        """Those by which a component is moved."""
        return self._topics.get(key, ())

    def moved_with(self, topic: str) -> frozenset[str]:
        """The components that a message to a command topic moves, quickly: for what is heard."""
        return frozenset(self._keys.get(topic, ())).union(self._moved_along(topic))

    def moved_by(self, topic: str) -> frozenset[str]:
        """The components that a message to any topic may move, with care: for what is forbidden."""
        direct = (key for key, topics in self._topics.items() if commands(topic, topics))
        return frozenset(direct).union(self._moved_along(topic))

    def _moved_along(self, topic: str) -> set[str]:
        others = {other for level in _levels(topic) for other in self._along.get(level, ())}
        return {key for other in others for key in self._beneath.get(other, ())}


def _levels(topic: str) -> Iterator[str]:
    """The topic itself, and all above it: `a/b/c`, `a/b`, `a`."""
    while topic:
        yield topic
        topic = topic.rpartition("/")[0]
