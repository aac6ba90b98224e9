"""World: the rules for what is meant where something else is heard, in the database."""

import difflib
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError
from sqlite_utils import Database

from edge.errors import StageFailed, StoreError
from edge.rewrites import Rewrite, RuleState
from edge.store.file import StoreFile

log = logging.getLogger(__name__)

_PUT: Final = """
INSERT INTO rewrites (rule_id, state, target, record) VALUES (?, ?, ?, ?)
ON CONFLICT (rule_id) DO UPDATE SET state = excluded.state, target = excluded.target, record = excluded.record
"""
_CAME: Final = "INSERT INTO rewrite_states (rule_id, at, state, reason) VALUES (?, ?, ?, ?)"
_BEGINNING: Final = """
SELECT rule_id, record FROM rewrites WHERE substr(rule_id, 1, length(?1)) = ?1
ORDER BY rule_id = ?1 DESC, rule_id LIMIT 2
"""


@dataclass(frozen=True)
class Stretch:
    """A state that a rule came into."""

    at: str
    """ISO 8601."""
    state: RuleState
    reason: str


class RewriteTable:
    """Every rule that was ever learned and not forgotten, whatever its state.

    It is written by `Revisions.publish` alone: what the live path knows never differs from what stands here.
    """

    def __init__(self, file: StoreFile) -> None:
        self._file = file

    def all(self) -> tuple[Rewrite, ...]:
        """In the order of their ids; one that cannot be read is left out. Raises StoreError."""
        return read_rules(row["record"] for row in self._file.read("SELECT record FROM rewrites ORDER BY rule_id"))

    def get(self, rule_id: str) -> Rewrite:
        """The rule of that name, or the only one whose name begins so. Raises StoreError."""
        found = self._file.read(_BEGINNING, [rule_id])
        if not found:
            raise StoreError(self._no_such(rule_id))
        if len(found) > 1 and found[0]["rule_id"] != rule_id:
            both = ", ".join(row["rule_id"] for row in found)
            raise StoreError(f"Several rules begin with {rule_id!r}: {both} ... Write more of it.")
        rules = read_rules([found[0]["record"]])
        if not rules:
            raise StoreError(f"The rule {found[0]['rule_id']} was stored in a form that this version does not read.")
        return rules[0]

    def life(self, rule_id: str) -> tuple[Stretch, ...]:
        """The states that a rule came into, oldest first. Raises StoreError."""
        sql = "SELECT at, state, reason FROM rewrite_states WHERE rule_id = ? ORDER BY sequence"
        return tuple(Stretch(**row) for row in self._file.read(sql, [rule_id]))

    def _no_such(self, rule_id: str) -> str:
        known = [row["rule_id"] for row in self._file.read("SELECT rule_id FROM rewrites ORDER BY rule_id")]
        if not known:
            return "There are no rules yet. They are learned from what you say after something went wrong."
        near = difflib.get_close_matches(rule_id, known, n=1, cutoff=0.0)
        return f"There is no rule {rule_id!r}; the nearest is {near[0]}. `edge rewrites list` lists them."


def put_rules(database: Database, rules: Iterable[Rewrite], now: datetime) -> None:
    """Keep rules in place of those of the same ids, and take note of new states, within a transaction.

    Raises StageFailed.
    """
    before = {row[0]: row[1] for row in database.execute("SELECT rule_id, state FROM rewrites").fetchall()}
    for rule in rules:
        try:
            record = _adapter().dump_json(rule).decode()
        except (PydanticSerializationError, UnicodeError) as error:
            raise StageFailed("store", "a rule holds something that cannot be written as JSON") from error
        database.execute(_PUT, [rule.rule_id, rule.state, rule.target, record])
        if before.get(rule.rule_id) != rule.state:
            at = (rule.since or now).isoformat()
            database.execute(_CAME, [rule.rule_id, at, rule.state, rule.reason])


def forget_rules(database: Database, rule_ids: Iterable[str]) -> None:
    """Let go of rules and all that is known of them, within a transaction."""
    for rule_id in rule_ids:
        database.execute("DELETE FROM rewrites WHERE rule_id = ?", [rule_id])


def read_rules(records: Iterable[str]) -> tuple[Rewrite, ...]:
    """The rules in these records; those that cannot be read are left out, and counted in the log."""
    rules, damaged = list[Rewrite](), 0
    for record in records:
        try:
            rules.append(_adapter().validate_json(record))
        except ValidationError:
            damaged += 1
    if damaged:
        log.warning("%d rules cannot be read and are left out", damaged)
    return tuple(rules)


@cache
def _adapter() -> TypeAdapter[Rewrite]:
    return TypeAdapter(Rewrite)
