"""The night shift: what was lived becomes knowledge, and only what harms nothing that worked."""
