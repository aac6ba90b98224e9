"""Mining: turns, and what was observed of them, become rules by which later turns are understood."""
