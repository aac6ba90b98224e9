-- Rules for what is meant where something else is heard; those that went wrong stay, so that they are not learned again.
-- `record` is the whole rule, the other columns are for finding it.
CREATE TABLE rewrites (
    rule_id TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    target TEXT NOT NULL,
    record TEXT NOT NULL
);

-- How each rule came into each of its states. Goes with its rule.
CREATE TABLE rewrite_states (
    sequence INTEGER PRIMARY KEY,
    rule_id TEXT NOT NULL REFERENCES rewrites (rule_id) ON DELETE CASCADE,
    at TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX rewrite_states_by_rule ON rewrite_states (rule_id, sequence);

-- Rules that the live path knows belong to what is known.
ALTER TABLE knowledge ADD COLUMN rewrites TEXT NOT NULL DEFAULT '[]';

-- Which revision came into force when, and why: the same one may come again.
CREATE TABLE knowledge_log (
    sequence INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    revision INTEGER NOT NULL REFERENCES knowledge (revision),
    reason TEXT NOT NULL
);
INSERT INTO knowledge_log (at, revision, reason)
SELECT made_at, revision, reason FROM knowledge WHERE revision > 0 ORDER BY revision;
