"""The recognition room: an utterance becomes a transcript."""
