-- Timers, alarms, reminders and commands for later. Moments are ISO 8601 in UTC; what comes again has weekdays
-- (`0,1,2`, Monday is 0), an hour of the clock on the wall and the zone of that clock.
CREATE TABLE agenda (
    entry_id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    due_at TEXT NOT NULL,
    name TEXT NOT NULL,
    length_s REAL NOT NULL,
    left_s REAL,
    days TEXT NOT NULL,
    hour TEXT,
    zone TEXT NOT NULL,
    room TEXT,
    speaker TEXT NOT NULL,
    rang_at TEXT
);

-- What stands on lists; `folded` is the form in which things are compared.
CREATE TABLE list_items (
    sequence INTEGER PRIMARY KEY,
    list TEXT NOT NULL,
    item TEXT NOT NULL,
    folded TEXT NOT NULL,
    UNIQUE (list, folded)
);
