"""The least that a broker must allow us, written as mosquitto's ACL file has it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from edge.errors import ConfigError

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""What would end a line of the file, and so could smuggle in a rule."""


@dataclass(frozen=True)
class Topics:
    """Topics, or filters of topics, that somebody reads and writes."""

    read: tuple[str, ...] = ()
    written: tuple[str, ...] = ()

    def __or__(self, others: "Topics") -> "Topics":
        return Topics((*self.read, *others.read), (*self.written, *others.written))


def widened(topics: Topics) -> Topics:
    """The same for devices that come later: all that a maker tells, and each kind of command to any device of his."""
    return Topics(tuple(map(_whole_branch, topics.read)), tuple(map(_any_device, topics.written)))


def acl(user: str, topics: Topics) -> str:
    """The lines for `user`. Topics that an ACL file cannot hold are left out and counted; raises ConfigError for such
    a user."""
    if not user.strip() or user != user.strip() or _CONTROL.search(user):
        raise ConfigError("The user's name has characters that an ACL file cannot hold: choose another one.")
    read, written = (_least(filter(_can_stand, each)) for each in (topics.read, topics.written))
    rules = {
        **dict.fromkeys(read, "read"),
        **dict.fromkeys(written, "write"),
        **dict.fromkeys(read & written, "readwrite"),
    }
    left_out = {topic for topic in (*topics.read, *topics.written) if not _can_stand(topic)}
    lines = [f"user {user}", *(f"topic {rules[topic]} {topic}" for topic in sorted(rules))]
    if left_out:
        lines.append(f"# Left out: {len(left_out)} with characters that this file cannot hold.")
    return "\n".join(lines) + "\n"


def _whole_branch(topic: str) -> str:
    """`zigbee2mqtt/#` of `zigbee2mqtt/desk lamp`; a filter for any maker stays as narrow as it is."""
    first, slash, _ = topic.partition("/")
    return f"{first}/#" if slash and first != "+" else topic


def _any_device(topic: str) -> str:
    """`zigbee2mqtt/+/set` of `zigbee2mqtt/desk lamp/set`: what else the maker's bridge obeys stays forbidden."""
    levels = topic.split("/")
    return "/".join((levels[0], *("+" for _ in levels[1:-1]), *levels[1:][-1:]))


def _can_stand(topic: str) -> bool:
    return bool(topic) and topic == topic.strip() and not _CONTROL.search(topic)


def _least(topics: Iterable[str]) -> set[str]:
    """Without those that another one covers."""
    found = set(topics)
    branches = {topic[:-1] for topic in found if topic.endswith("/#")}
    return {
        topic for topic in found if not any(topic.startswith(branch) and topic != f"{branch}#" for branch in branches)
    }
