-- Skills from files, and what this home is wont to ask for, belong to what is known.
ALTER TABLE knowledge ADD COLUMN skills TEXT NOT NULL DEFAULT '[]';
ALTER TABLE knowledge ADD COLUMN habits TEXT NOT NULL DEFAULT '[]';
