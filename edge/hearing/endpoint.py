"""When a sentence begins and when it is over: fed with time and the probability of speech, says what happened.

Pure. One `Endpointer` serves one utterance. After a short silence the sentence may be over (`MaybeEnded`), so that
recognition can start on trial; speech voids the trial, silence confirms it. Whoever finds that the trial's words are
a whole command says so by `mark_complete`, and the wait is cut short.
"""

from dataclasses import dataclass
from typing import Literal

from edge.settings import HearingSettings

_ONSET_MS = 64.0
"""Speech must last this long to count: a click does not."""
_HYSTERESIS = 0.15
"""How far below the threshold the probability may sink while speech goes on."""


@dataclass(frozen=True)
class SpeechStarted:
    """The first word began."""

    at_ms: float


@dataclass(frozen=True)
class MaybeEnded:
    """A short silence: the sentence may be over. Trials are counted from 1."""

    trial: int
    last_voiced_ms: float


@dataclass(frozen=True)
class SpeechResumed:
    """Speech went on, so that trial is void."""

    trial: int
    at_ms: float


@dataclass(frozen=True)
class Ended:
    """The sentence is over; `trial` is the one that heard all of it, None when speech was cut off."""

    reason: Literal["complete", "silence", "too_long"]
    last_voiced_ms: float
    trial: int | None


@dataclass(frozen=True)
class NothingSaid:
    """Nobody spoke in the time there was for it."""

    at_ms: float


EndpointEvent = SpeechStarted | MaybeEnded | SpeechResumed | Ended | NothingSaid


class Endpointer:
    """Finds the end of one utterance.

    Speech that ends before `tail_until_ms` may be no more than the last sound of the wake word: it is tried like any
    other, but silence alone does not make a sentence of it.
    """

    def __init__(self, settings: HearingSettings, opened_ms: float = 0.0, tail_until_ms: float | None = None) -> None:
        self._settings = settings
        self._opened_ms = opened_ms
        self._tail_until_ms = opened_ms if tail_until_ms is None else tail_until_ms
        self._now_ms = opened_ms
        self._started_ms: float | None = None
        self._voiced_from_ms: float | None = None
        self._last_voiced_ms = opened_ms
        self._speaking = False
        self._trial = 0
        self._complete = False
        self._over = False

    @property
    def started_ms(self) -> float:
        """When the first word began; only once it did."""
        assert self._started_ms is not None
        return self._started_ms

    def feed(self, time_ms: float, probability: float) -> EndpointEvent | None:
        """What the frame that ends at `time_ms` changed, if anything; nothing more after `Ended` or `NothingSaid`."""
        if self._over:
            return None
        frame_from_ms, self._now_ms = self._now_ms, time_ms
        if not self._is_voiced(probability):
            self._voiced_from_ms = None
        elif self._voiced_from_ms is None:
            self._voiced_from_ms = frame_from_ms
        return self._while_speaking() if self._speaking else self._while_quiet()

    def mark_complete(self) -> EndpointEvent | None:
        """The last trial's words are a whole command: a shorter silence is enough. May end the sentence at once."""
        if self._speaking or self._over:
            return None
        self._complete = True
        return self._while_quiet()

    def mark_empty(self) -> None:
        """The last trial held no words: go on waiting as if nothing had been said."""
        if not self._speaking:
            self._started_ms = None

    def _is_voiced(self, probability: float) -> bool:
        return probability >= self._settings.vad_threshold - (_HYSTERESIS if self._speaking else 0.0)

    def _while_speaking(self) -> EndpointEvent | None:
        assert self._started_ms is not None
        if self._voiced_from_ms is not None:
            self._last_voiced_ms = self._now_ms
        if self._now_ms - self._started_ms >= self._settings.max_speech_ms:
            return self._end("too_long", None)
        if self._now_ms - self._last_voiced_ms < self._settings.early_silence_ms:
            return None
        self._speaking, self._complete = False, False
        self._trial += 1
        return MaybeEnded(self._trial, self._last_voiced_ms)

    def _while_quiet(self) -> EndpointEvent | None:
        if self._voiced_from_ms is not None:
            return self._speak(self._voiced_from_ms) if self._now_ms - self._voiced_from_ms >= _ONSET_MS else None
        waited_ms = self._now_ms - self._opened_ms
        if self._started_ms is None:
            return self._nothing_said() if waited_ms >= self._settings.no_speech_ms else None
        silence_ms = self._now_ms - self._last_voiced_ms
        if self._complete:
            return self._end("complete", self._trial) if silence_ms >= self._settings.complete_silence_ms else None
        is_tail = self._last_voiced_ms < self._tail_until_ms
        if silence_ms < self._settings.end_silence_ms or (is_tail and waited_ms < self._settings.no_speech_ms):
            return None
        return self._end("silence", self._trial)

    def _speak(self, from_ms: float) -> EndpointEvent:
        self._speaking, self._last_voiced_ms = True, self._now_ms
        first = self._started_ms is None
        if self._started_ms is None:
            self._started_ms = from_ms
        return SpeechStarted(from_ms) if first else SpeechResumed(self._trial, from_ms)

    def _end(self, reason: Literal["complete", "silence", "too_long"], trial: int | None) -> Ended:
        self._over = True
        return Ended(reason, self._last_voiced_ms, trial)

    def _nothing_said(self) -> NothingSaid:
        self._over = True
        return NothingSaid(self._now_ms)
