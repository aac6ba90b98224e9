-- What sensors told, the changes of many minutes to a row: a row for each of them would wear out a card.
CREATE TABLE sensed (
    sequence INTEGER PRIMARY KEY,
    ended_at TEXT NOT NULL,
    changes INTEGER NOT NULL,
    pack BLOB NOT NULL
);
