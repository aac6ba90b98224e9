"""The recogniser: the best sentence of this home wins, not the best sentence of English. Pure.

A sound is read in the words that may be said here (one decode). Where that leaves doubt, the sentences of this home
that sound like it are held against the sound; and where none of them fits well, it is read in all words of the
language too, which tells talk from commands and hears what stands in no list. Every step is taken only if the one
before left doubt: a command that was clearly heard costs one decode and one alignment.
"""

import logging
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from edge.asr.near import SAME, Near, NearSentences, extends
from edge.asr.reading import is_invented
from edge.asr.readings import Encoded, Fit, Reading
from edge.records import Transcript
from edge.sayable import Pattern, Sayable
from edge.settings import Search
from edge.text import normal

DOUBT: Final = 3.0
"""A reading that fits within so many nats, and is a sentence of the home, leaves none."""

FREE_FROM: Final = 6.0
"""Where no sentence of the home fits within so many nats, all words are read."""

BEYOND: Final = 2.0
"""In nats a token: a sentence of the home that fits so much worse than the best reading was not said."""

WORST: Final = -4.0
"""Mean log probability of a token from which nothing was said that could be a sentence of the home."""

COMPARED_MAX: Final = 12
"""So many sentences of the home are held against the sound, 4 ms each on a PC and 20 ms on a small board."""

VARIED_TOGETHER: Final = 3
"""So many values of each place are tried with those of the others."""

NOISE: Final = -2.2
"""Mean log probability of a token: where all words read nothing, a worse sentence of the home is noise."""

ALTERNATIVES_MAX: Final = 4
"""So many of them are handed on."""

_HEARD_AS: Final = 3
"""So many readings are looked up among the sentences of the home."""

_WINDOW: Final = 600
_LONG_WINDOW: Final = 1_500
_UNSURE: Final = 0.65
_SILENT_PEAK: Final = 1e-3
_LONGEST_SAMPLES: Final = 30 * 16_000

log = logging.getLogger(__name__)


class Model(Protocol):
    """Encodes, reads and compares; see `edge.asr.whisper`."""

    def encode(self, sound: NDArray[np.float32], lead_in: str, window_frames: int) -> Encoded: ...

    def read(self, encoded: Encoded, words: frozenset[str] = frozenset()) -> list[Reading]: ...

    def fit(self, encoded: Encoded, texts: Sequence[str]) -> list[Fit]: ...

    def ends(self, encoded: Encoded, text: str) -> bool: ...


@dataclass
class _Heard:
    """What was made of one sound so far."""

    encoded: Encoded
    closed: list[str]
    """Readings in the words of the home, likeliest first; none where more was said than they hold."""
    near: dict[str, Near] = field(default_factory=dict)
    """By text, sentences of the home that sound like them."""
    free: Reading | None = None
    """The reading in all words; None where it was not needed."""


class Recogniser:
    """Sound becomes a transcript; one at a time, on the thread that calls."""

    def __init__(self, model: Model, search: Search = "near") -> None:
        """`search`: how far it goes, see `asr.search` in the settings."""
        self._model = model
        self._search = search
        self._last: tuple[tuple[Pattern, ...], NearSentences] = ((), NearSentences(()))

    def recognise(self, sound: NDArray[np.float32], lead_in: str = "", sayable: Sayable | None = None) -> Transcript:
        """Read `sound` (shape (n,), -1 to 1, 16 kHz), which begins with the spoken words `lead_in`, if any.

        `sayable` is what may be said; without it all words of the language are. The lead-in is no part of the
        transcript. Alternatives: the sentences of the home that fit best, the reading in all words, other beams.
        """
        if sound.size == 0 or float(np.abs(sound).max()) < _SILENT_PEAK:
            return Transcript("", engine="faster-whisper")
        if sound.size > _LONGEST_SAMPLES:
            log.warning("More than 30 s of speech at once: only the first 30 s are read.")
        encoded = self._model.encode(sound, lead_in, _WINDOW)
        if sayable is None or not sayable.words or self._search == "free":
            return self._free(encoded, sound, lead_in)
        return self._transcript(self._in_home(encoded, sayable))

    def fit(self, encoded: Encoded, texts: Sequence[str]) -> list[float]:
        """The log probability of each text in a sound that was read, in nats; `encoded` is its transcript's."""
        return [fit.total for fit in self._fits(encoded, texts)]

    def _fits(self, encoded: Encoded, texts: Sequence[str]) -> list[Fit]:
        ended = [_ended(text) for text in texts]
        unknown = [text for text in dict.fromkeys(ended) if text not in encoded.fits]
        encoded.fits.update(zip(unknown, self._model.fit(encoded, unknown), strict=True))
        return [encoded.fits[text] for text in ended]

    def _free(self, encoded: Encoded, sound: NDArray[np.float32], lead_in: str) -> Transcript:
        """In all words; a long window follows where the short one is unsure."""
        readings = self._model.read(encoded)
        if readings[0].confidence < _UNSURE and encoded.window < _LONG_WINDOW:
            readings += self._model.read(self._model.encode(sound, lead_in, _LONG_WINDOW))
            readings.sort(key=lambda reading: -reading.confidence)
        said, *others = [reading.text for reading in readings]
        said = "" if is_invented(said, readings[0].confidence) else said
        return _transcript(said, readings[0].confidence, others, encoded)

    def _in_home(self, encoded: Encoded, sayable: Sayable) -> _Heard:
        read = _texts(self._model.read(encoded, sayable.words))
        heard = _Heard(encoded, read if read and self._model.ends(encoded, read[0]) else [])
        near = self._near(sayable.patterns)
        if self._search == "near" and not self._look_near(heard, read, near):
            return heard
        if not heard.closed or self._best_fit(heard) < -FREE_FROM:
            free = self._model.read(encoded)
            heard.free = free[0]
            if self._search == "near":
                self._look_near(heard, _texts(free), near)
        if heard.near and self._best_fit(heard) < -FREE_FROM:
            self._vary(heard, near)
        return heard

    def _look_near(self, heard: _Heard, texts: Sequence[str], sentences: NearSentences) -> bool:
        """Find sentences of the home that sound like `texts`; False where no doubt makes it worth comparing them."""
        found = sentences.near(texts[:_HEARD_AS], COMPARED_MAX)
        whole = [*heard.closed[:1], *([heard.free.text] if heard.free and heard.free.text else [])]
        found = [near for near in found if not any(extends(near.text, reading) for reading in whole)]
        heard.near |= {near.text: near for near in found}
        if not found or not heard.closed or found[0].likeness < SAME:
            return True
        if self.fit(heard.encoded, heard.closed[:1])[0] < -DOUBT:
            return True
        heard.near = {found[0].text: found[0]}
        return False

    def _vary(self, heard: _Heard, sentences: NearSentences) -> None:
        """Try other values in the sentence that fits best, place by place, then the best of each together."""
        best = self._by_fit(heard, heard.near.values())[0]
        read = [*heard.closed[:1], *([heard.free.text] if heard.free else [])]
        likeliest = []
        for place in range(len(best.chosen)):
            ranked = self._by_fit(heard, sentences.varied(best, place, read))[:VARIED_TOGETHER]
            likeliest.append([near.chosen[place] for near in ranked] or [best.chosen[place]])
        heard.near |= {near.text: near for near in self._by_fit(heard, sentences.joined(best, likeliest))}

    def _by_fit(self, heard: _Heard, sentences: Iterable[Near]) -> list[Near]:
        """Best first."""
        some = list(sentences)
        fits = dict(zip(some, self.fit(heard.encoded, [near.text for near in some]), strict=True))
        return sorted(some, key=lambda near: -fits[near])

    def _near(self, patterns: tuple[Pattern, ...]) -> NearSentences:
        if self._last[0] is not patterns:
            self._last = (patterns, NearSentences(patterns))
        return self._last[1]

    def _best_fit(self, heard: _Heard) -> float:
        return max(self.fit(heard.encoded, [*heard.closed[:1], *heard.near]), default=-math.inf)

    def _transcript(self, heard: _Heard) -> Transcript:
        """The reading in the words of the home, unless what was said is clearly none, or nothing."""
        encoded, free = heard.encoded, heard.free.text if heard.free else ""
        near = [sentence.text for sentence in self._by_fit(heard, heard.near.values())]
        said = heard.closed[:1] + near
        best = max(said + [free] * bool(free), key=lambda text: self.fit(encoded, [text])[0], default="")
        likely = (text for text in said if self._may_be(heard, text, best))
        kept = list(islice((text for text in likely if self._ends(heard, text)), ALTERNATIVES_MAX + 1))
        if not kept:
            assert heard.free is not None, "read wherever nothing of the home fits"
            said_free = "" if is_invented(free, heard.free.confidence) else free
            return _transcript(said_free, heard.free.confidence, [], encoded, free)
        confidence = self._fits(encoded, kept[:1])[0].confidence
        others = [*kept[1:], free, *heard.closed[1:]]
        return _transcript(kept[0], confidence, others, encoded, free, closed=True)

    def _ends(self, heard: _Heard, text: str) -> bool:
        return text in heard.closed[:1] or self._model.ends(heard.encoded, text)

    def _may_be(self, heard: _Heard, text: str, best: str) -> bool:
        """Whether the text is not clearly worse than the best of all readings."""
        fit, most = self._fits(heard.encoded, [text, best])
        if heard.free and not heard.free.text:
            return fit.mean >= NOISE
        return fit.mean >= WORST and (most.total - fit.total) / max(fit.tokens, 1) <= BEYOND


def _texts(readings: Iterable[Reading]) -> list[str]:
    return [reading.text for reading in readings if reading.text]


def _ended(text: str) -> str:
    """As the end of a sentence, so that no text is better only for its punctuation."""
    return text.rstrip(" .,;:!?") + "."


def _transcript(
    text: str, confidence: float, others: Sequence[str], encoded: Encoded, free: str = "", closed: bool = False
) -> Transcript:
    """Where nothing was said there is nothing else."""
    alternatives = {normal(other): other for other in others if other and text}
    alternatives.pop(normal(text), None)
    return Transcript(
        text,
        round(confidence, 4),
        tuple(alternatives.values()),
        engine="faster-whisper",
        closed=closed,
        free=free,
        sound_vector=encoded.vector,
        encoded=encoded,
    )
