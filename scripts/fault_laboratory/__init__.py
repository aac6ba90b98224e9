"""The fault laboratory: dialogues of which it is known what somebody wanted, and where they went wrong first."""
