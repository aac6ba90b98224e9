"""Context: what is on, where, when, and what was just said, as evidence for what somebody means."""
