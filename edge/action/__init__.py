"""The action room: a step becomes commands, and what became of them."""
