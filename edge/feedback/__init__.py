"""Feedback: what neighbouring turns and the home's history tell of how a turn went. Nobody is asked to annotate."""
