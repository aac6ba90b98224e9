"""Skills: what the assistant does by itself, without moving anything in the home."""
