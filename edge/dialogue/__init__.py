"""Dialogue: what to do about a turn, and the question it may leave open."""
