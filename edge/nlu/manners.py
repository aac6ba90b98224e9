"""What people put around a command: the wake word, "could you ...", "please". It comes off before the grammar looks."""

import re
from collections.abc import Sequence
from typing import Final

_GREETINGS: Final = "hey|hi|hello|ok|okay"
_OPENERS: Final = (
    f"{_GREETINGS}|please|kindly|um+|uh+|erm?|hmm+|just|"
    r"(?:well|so|and|now|then|right|all ?right|yeah|yes|no|wait|sorry)(?=\s*[,.!;])|"  # but "right blind" is a name
    "(?:can|could|would|will) (?:you|we)(?: please)?|would you mind|i(?:'d| would) like(?: you)?(?: to)?|"
    "i (?:want|need)(?: you)?(?: to)?|go ahead and|let's|let us|be so kind and|i said|"
    r"no i said(?= (?:turn|switch|set|open|close|dim|play|start|stop|put|make)\b)"
)
_OBJECTION: Final = re.compile(r"^[\s,.!]*(?:no|nope)\s*[,.!;]", re.IGNORECASE)
_CLOSERS: Final = "please|thanks|thank you|for me|will you|would you|if you can|if you would"
_BETWEEN: Final = r"(?:[\s,.!;:-]+|$)"


class Manners:
    """Takes the wrapping off; knows the wake words."""

    def __init__(self, wake_words: Sequence[str]) -> None:
        phrases = {word.replace("_", " ").strip() for word in wake_words}
        phrases |= {re.sub(rf"^(?:{_GREETINGS}) ", "", phrase) for phrase in phrases}
        wakes = "|".join(re.escape(p).replace(r"\ ", r"[\s,]+") for p in sorted(phrases, key=len, reverse=True) if p)
        openers = f"{wakes}|{_OPENERS}" if wakes else _OPENERS
        self._opening = re.compile(rf"^[\s,.!]*(?:(?:{openers}){_BETWEEN})+", re.IGNORECASE)
        self._closing = re.compile(rf"(?:[\s,.!;-]+(?:{_CLOSERS}))+[\s,.!?]*$", re.IGNORECASE)

    def objects(self, text: str) -> bool:
        """Whether it begins with a no that is more than manners may take off: `no, the other one`."""
        return _OBJECTION.match(text) is not None

    def off(self, text: str) -> str:
        """The bare command. What is nothing but manners ("okay", "please") stays as it is."""
        bare = self._closing.sub("", self._opening.sub("", text, count=1)).strip()
        return bare or text
