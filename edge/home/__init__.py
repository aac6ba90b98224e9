"""The home room: what the home is, what it does at the moment, and how it is told what to do."""
