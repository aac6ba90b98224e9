"""What `scripts/train_nlu` is made of: sentences with their classes, the encoder, and the heads."""
