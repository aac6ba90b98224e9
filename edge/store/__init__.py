"""One SQLite file, one writer: turns, what was known when they ran, and what the devices did."""

from edge.store.ids import new_entry_id, new_turn_id
from edge.store.rows import HistoryRow
from edge.store.store import Store
from edge.store.turns import TurnRow

__all__ = ["HistoryRow", "Store", "TurnRow", "new_entry_id", "new_turn_id"]
