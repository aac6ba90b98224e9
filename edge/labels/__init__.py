"""Labels: turns, what was observed of them and where they went wrong become what they should have been taken for."""
