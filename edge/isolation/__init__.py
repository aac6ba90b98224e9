"""Isolation: a turn and what followed it become a Diagnosis: where it went wrong first."""
