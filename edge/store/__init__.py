"""One SQLite file, one writer: turns, what was known when they ran, and what the devices did."""

from edge.store.history import HistoryRow
from edge.store.ids import new_turn_id
from edge.store.store import Store
from edge.store.turns import TurnRow

__all__ = ["HistoryRow", "Store", "TurnRow", "new_turn_id"]
