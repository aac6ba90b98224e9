"""Training of how far labelling functions are trusted: `scripts/train_labels_functions`."""
