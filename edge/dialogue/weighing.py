"""Which wording of a turn wins: what it would do here, and how well it fits the sound, weighed together."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from edge.records import Candidate, Transcript, Unresolved

SOUND_WEIGHT: Final = 0.5
"""What a nat in the sound counts against one in the score: the recogniser is surer of itself than it should be."""

MARGIN: Final = 0.04
"""Readings whose scores lie closer together than this are equally good: then we ask."""

SOUND_MARGIN: Final = 0.25
"""The same where the sound was asked: half a nat in it is no difference."""

GUESSED: Final = 3.0
"""What a wording loses that only the model rung understood: a misheard sentence often means something."""

BEYOND: Final = 2.4
"""In nats a word: a wording that fits the sound so much worse than what was heard was not said."""

BEYOND_A_GUESS: Final = 0.5
"""The same for a wording that only the model rung understood."""

WORST_GUESS: Final = -1.5
"""Log probability of a word in a wording that only the model rung understood; below it the words are too unsure."""

COMPARED_MAX: Final = 24
"""So many wordings are looked for in the sound."""

_NAME_TROUBLE: Final = frozenset({"no_device", "no_area", "nothing_there"})
"""What a lesser reading may mend: a name that is not here, or not there."""


class Scorer(Protocol):
    """Tells how well texts fit the sound."""

    def scores(self, transcript: Transcript, texts: Sequence[str]) -> Mapping[str, float]: ...


@dataclass(frozen=True)
class Wording:
    """One wording of the turn with the best readings of each command in it."""

    text: str
    parts: tuple[tuple[Candidate, ...], ...]
    """By command, the readings that are equally good; empty where nothing was understood."""

    @property
    def fits(self) -> bool:
        """Whether every command in it names what is here."""
        return all(part and not is_lost(part[0]) for part in self.parts)

    @property
    def score(self) -> float:
        """That of its weakest command."""
        return min((part[0].score for part in self.parts if part), default=0.0)

    @property
    def is_guessed(self) -> bool:
        """Whether a command in it is no sentence that is known, but one that was likened to such."""
        return any(part and part[0].interpretation.is_guess for part in self.parts)

    @property
    def effect(self) -> str:
        """What would be done, to tell wordings that differ in it."""
        return str([sorted({str(each.resolution) for each in part}) for part in self.parts])


def best_wording(transcript: Transcript, candidates: Sequence[Candidate], scorer: Scorer) -> Wording:
    """The wording that wins; the sound is asked only where wordings compete that would do different things."""
    wordings = _wordings(candidates)
    fitting = [wording for wording in wordings if wording.fits] or wordings
    if len({wording.effect for wording in fitting}) == 1:
        return max(fitting, key=lambda wording: wording.score)
    compared = sorted(fitting, key=lambda wording: -wording.score)[:COMPARED_MAX]
    heard = scorer.scores(transcript, [wording.text for wording in compared])
    loudest = max(heard.values(), default=0.0)
    total = {wording.text: _weight(wording, heard, loudest) for wording in compared}
    compared.sort(key=lambda wording: -total[wording.text])
    least = total[compared[0].text] - (SOUND_MARGIN if heard else MARGIN)
    return _merged([wording for wording in compared if total[wording.text] > least])


def _weight(wording: Wording, heard: Mapping[str, float], loudest: float) -> float:
    """In nats; where there is no sound the score alone counts."""
    score = math.log(max(wording.score, 1e-3))
    if not heard:
        return score
    guessed = GUESSED if wording.is_guessed else 0.0
    return score - guessed + SOUND_WEIGHT * (heard.get(wording.text, -math.inf) - loudest)


def is_beyond(wording: Wording, candidates: Sequence[Candidate], transcript: Transcript, scorer: Scorer) -> bool:
    """Whether the sound says clearly that something else was said, be it no command at all.

    It speaks for a wording that it speaks for in other words: all that would do the same are held against it.
    """
    alike = [wording, *(other for other in _wordings(candidates) if other.effect == wording.effect)]
    read = [text for text in (transcript.text, transcript.free) if text]
    if any(each.text in read and not each.is_guessed for each in alike):
        return False
    heard = scorer.scores(transcript, list(dict.fromkeys([*(each.text for each in alike), *read])))
    known = [each for each in alike if each.text in heard]  # without sound none is, in a replay those that were asked
    return bool(known) and all(_was_not_said(each, heard) for each in known)


def _was_not_said(wording: Wording, heard: Mapping[str, float]) -> bool:
    words = len(wording.text.split())
    lost = (max(heard.values()) - heard[wording.text]) / words
    if not wording.is_guessed:
        return lost > BEYOND
    return lost > BEYOND_A_GUESS or heard[wording.text] / words < WORST_GUESS


def _merged(equals: Sequence[Wording]) -> Wording:
    """Wordings that are equally good: all their readings, so that it is asked which is meant."""
    best = equals[0]
    if any(len(wording.parts) != 1 for wording in equals):
        return best
    return Wording(best.text, (tuple(reading for wording in equals for reading in wording.parts[0]),))


def is_lost(candidate: Candidate) -> bool:
    """Whether the reading names what is not here."""
    return isinstance(candidate.resolution, Unresolved) and candidate.resolution.reason in _NAME_TROUBLE


def _wordings(candidates: Sequence[Candidate]) -> list[Wording]:
    by_text: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        by_text.setdefault(candidate.phrasing.text, []).append(candidate)
    return [_wording(text, some) for text, some in by_text.items()]


def _wording(text: str, candidates: Sequence[Candidate]) -> Wording:
    """The readings by command; whole readings (one command) and split ones compete as they are."""
    splits: dict[int, list[Candidate]] = {}
    for candidate in candidates:
        splits.setdefault(candidate.interpretation.parts, []).append(candidate)
    wordings = [
        Wording(text, tuple(_best([c for c in some if c.interpretation.part == n]) for n in range(parts)))
        for parts, some in splits.items()
    ]
    return max(wordings, key=lambda wording: (wording.fits, wording.score))


def _best(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Those that are as good as the best; a reading whose name is here beats one whose name is not."""
    here = [candidate for candidate in candidates if not is_lost(candidate)] or candidates
    highest = max((candidate.score for candidate in here), default=0.0)
    return tuple(candidate for candidate in here if candidate.score > highest - MARGIN)
