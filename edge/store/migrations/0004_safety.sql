-- The PIN that guarded devices want: at most one row. Empty salt and hash: none is set.
CREATE TABLE pin (
    salt BLOB NOT NULL,
    hash BLOB NOT NULL,
    tries INTEGER NOT NULL,
    locked_until TEXT
);

-- Every attempt to move something guarded, whatever came of it.
CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    turn_id TEXT NOT NULL,
    source TEXT NOT NULL,
    device_id TEXT NOT NULL,
    command TEXT NOT NULL,
    result TEXT NOT NULL
);
CREATE INDEX audit_by_device ON audit (device_id, sequence);
