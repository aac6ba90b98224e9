"""Rewriting: the wordings that understanding shall try, in order."""
