"""Training of what finds failure points: `scripts/train_isolation`."""
