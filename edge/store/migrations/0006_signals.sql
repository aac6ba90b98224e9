-- What was observed about a turn, in it or after it. Goes with its turn.
CREATE TABLE signals (
    sequence INTEGER PRIMARY KEY,
    turn_id TEXT NOT NULL REFERENCES turns (turn_id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    at TEXT NOT NULL,
    weight REAL NOT NULL,
    from_turn_id TEXT NOT NULL,
    detail TEXT NOT NULL,
    UNIQUE (turn_id, kind, from_turn_id)
);

-- Where a turn went wrong, as it is believed now: one row for each turn. Goes with its turn.
CREATE TABLE diagnoses (
    turn_id TEXT PRIMARY KEY REFERENCES turns (turn_id) ON DELETE CASCADE,
    point TEXT NOT NULL,
    probabilities TEXT NOT NULL,
    evidence TEXT NOT NULL,
    made_by TEXT NOT NULL
);
