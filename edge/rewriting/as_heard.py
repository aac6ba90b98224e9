"""The wordings of a turn without any rewriting: what was heard, then what else the recogniser may have heard."""

from collections.abc import Iterator
from typing import Final

from edge.knowledge import Knowledge
from edge.records import Phrasing, Transcript
from edge.text import MAX_CHARACTERS, clean, normal
from edge.turn import Context, Turn

ALTERNATIVES_MAX: Final = 5


class AsHeard:
    """Changes nothing."""

    def phrasings(self, transcript: Transcript, context: Context, knowledge: Knowledge) -> Iterator[Phrasing]:
        """As heard first, then up to five alternatives, each wording once; nothing for silence or a text too long."""
        if len(transcript.text) > MAX_CHARACTERS or not normal(transcript.text):
            return
        yield Phrasing(clean(transcript.text))
        tried = {normal(transcript.text), ""}
        for alternative in transcript.alternatives[:ALTERNATIVES_MAX]:
            if len(alternative) <= MAX_CHARACTERS and normal(alternative) not in tried:
                tried.add(normal(alternative))
                yield Phrasing(clean(alternative), "alternative")

    def rewrites(self, turn: Turn, knowledge: Knowledge) -> Iterator[Phrasing]:
        """None."""
        return iter(())
