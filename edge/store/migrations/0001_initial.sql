-- What the assistant knew, one row for each different content. Revision 0: nothing yet.
CREATE TABLE knowledge (
    revision INTEGER PRIMARY KEY,
    made_at TEXT NOT NULL,
    reason TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    home TEXT NOT NULL
);
INSERT INTO knowledge (revision, made_at, reason, digest, home)
VALUES (0, '', 'nothing is known yet', '', '{"areas": [], "devices": []}');

-- The revision that is in force.
CREATE TABLE present (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    revision INTEGER NOT NULL REFERENCES knowledge (revision)
);
INSERT INTO present (only_row, revision) VALUES (1, 0);

-- Turns in the order in which they were lived; `record` is the whole turn, the other columns are for finding it.
CREATE TABLE turns (
    sequence INTEGER PRIMARY KEY,
    turn_id TEXT NOT NULL UNIQUE,
    started_at TEXT NOT NULL,
    room TEXT,
    speaker TEXT NOT NULL,
    knowledge_revision INTEGER NOT NULL REFERENCES knowledge (revision),
    said TEXT NOT NULL,
    reply TEXT NOT NULL,
    kind TEXT,
    intent TEXT,
    failure_point TEXT,
    record TEXT NOT NULL
);

-- Changes of devices, whoever caused them.
CREATE TABLE device_history (
    sequence INTEGER PRIMARY KEY,
    device_id TEXT NOT NULL,
    at TEXT NOT NULL,
    value TEXT NOT NULL,
    attributes TEXT NOT NULL,
    cause TEXT NOT NULL
);
CREATE INDEX device_history_by_device ON device_history (device_id, sequence);
