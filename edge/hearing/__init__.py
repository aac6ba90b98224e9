"""The hearing room: frames of sound become utterances."""
