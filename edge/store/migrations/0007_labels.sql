-- What a turn should have been taken for, as it is believed now: one row for each turn. Goes with its turn.
CREATE TABLE labels (
    turn_id TEXT PRIMARY KEY REFERENCES turns (turn_id) ON DELETE CASCADE,
    goal_id TEXT NOT NULL,
    outcome TEXT NOT NULL,
    probability REAL NOT NULL,
    text TEXT NOT NULL,
    intent TEXT NOT NULL,
    slots TEXT NOT NULL,
    confidence REAL NOT NULL,
    from_turn_id TEXT NOT NULL,
    made_by TEXT NOT NULL
);
