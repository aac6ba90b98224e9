"""What is done to the recogniser's raw text: repetitions, echoes of the wake word and inventions go. Pure."""

import re

from edge.text import clean, normal

_INVENTED = {
    "you", "i", "the", "so", "oh", "hey", "hi", "mm", "mmm", "hmm", "yeah", "okay", "bye", "bye bye",
    "i'm sorry", "i don't know", "thank you", "thank you very much", "thank you so much", "thanks for watching",
    "thank you for watching",
    "please subscribe", "subtitles by the amara.org community",
}  # fmt: skip
"""What Whisper reads into noise; people say some of it too, so only an unsure reading is dropped for it."""
_INVENTION_BELOW = 0.45
_NOISE_BELOW = 0.1
_EDGES = re.compile(r"^[\s,.;:!?\-\u2026]+|[\s,;:\-]+$")


def tidy(raw: str, lead_in: str, capped: bool = False) -> str:
    """The one saying in what was read after the lead-in; `capped` tells that the text was cut off at its length."""
    text = _EDGES.sub("", clean(raw))
    return _EDGES.sub("", without_repetition(_without_echo(text, lead_in), capped))


def without_repetition(text: str, capped: bool = False) -> str:
    """The text up to where it begins to repeat itself from its first word to its end.

    "Turn on the fan. Turn on the" -> "Turn on the fan."; "turn on the fan and turn on the lamp" stays whole. One
    word alone repeats only behind the end of a sentence, or where the text was cut off.
    """
    words = text.split()
    bare = [normal(word) for word in words]
    for period in range(1, len(words)):
        tail = bare[period:]
        repeats = all(word == bare[at % period] for at, word in enumerate(tail[:-1]))
        last_repeats = bare[(len(tail) - 1) % period] == tail[-1]
        last_repeats |= capped and bare[(len(tail) - 1) % period].startswith(tail[-1])
        plain = len(tail) > 1 or capped or words[period - 1][-1] in ".?!"
        if repeats and last_repeats and plain:
            return " ".join(words[:period])
    return text


def is_invented(text: str, confidence: float) -> bool:
    """Whether the reading is rather noise than words."""
    return confidence < _NOISE_BELOW or (confidence < _INVENTION_BELOW and normal(text) in _INVENTED)


def _without_echo(text: str, lead_in: str) -> str:
    """Without the wake word at the beginning, and without all that follows where it comes back.

    Its last word tells it; those before are misheard more often ("Page Jarvis").
    """
    *before, last = lead_in.split()
    echo = re.compile(r"\W*\b" + r"\w+\W+" * len(before) + re.escape(last) + r"\b\W*", re.IGNORECASE)
    at_start = echo.match(text)
    text = text[at_start.end() :] if at_start else text
    again = echo.search(text)
    return text[: again.start()] if again else text
