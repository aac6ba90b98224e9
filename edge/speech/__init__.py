"""The speech room: a turn becomes words, and words become sound."""
