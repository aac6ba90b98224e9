"""Sound in, events out: the wake word opens an utterance, silence ends it. Pure.

All sound passes through `Ears.feed` into one ring, so nothing is lost when a command follows the wake word in one
breath. An utterance opened by a wake word begins with that word: the recogniser hears better what follows words that
it knows. Moments are numbers of samples since the start. To be used by one thread at a time.
"""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from edge.hearing import endpoint
from edge.hearing.endpoint import Endpointer, EndpointEvent
from edge.hearing.events import EarEvent, NothingSaid, TrialBegan, TrialVoid, UtteranceEnded, WakeHeard
from edge.hearing.own_voice import WAKE_FRAME, Detector, Moments, OwnVoice
from edge.hearing.ring import SoundRing
from edge.records import Source, Utterance, Wake
from edge.settings import HearingSettings, WakeSettings

ACTIVITY_FRAME = 512
_MS = 16
_WAKE_LEAD = 1_200 * _MS
"""How far before its detection the wake word may begin: it lasts 0.7 s and is detected 0.03 to 0.4 s late."""
_WAKE_TAIL_MS = 400.0
"""Speech that ends so soon after the detection may be the wake word's own last sound."""
_PREROLL = 200 * _MS
"""Kept before the first voiced frame, for soft first sounds."""
_ACTIVITY_LEAD = 12 * ACTIVITY_FRAME
"""What the voice activity hears before it is asked."""
_OVER_OWN_VOICE = 0.5
"""Of the threshold, while our own voice sounds: it covers a person's wake word, and where it sounds like one itself
is known beforehand. At an echo 10 dB below the person this finds all of seven overlaps, the full threshold four."""
_REARM_FRAMES = 3
"""The score must be low for so many frames before the next wake word counts: one word, one wake."""


class Activity(Protocol):
    """The probability that a frame of shape (512,) is speech."""

    def probability(self, frame: NDArray[np.float32]) -> float: ...

    def reset(self) -> None: ...


@dataclass
class _Listening:
    """The utterance that is open."""

    opened: int
    wake: Wake | None
    endpointer: Endpointer
    heard: int
    """Up to where the voice activity was asked."""
    trial_id: int | None = None


class Ears:
    """Turns the endless sound of one microphone into utterances."""

    def __init__(
        self,
        detector: Detector,
        activity: Activity,
        settings: HearingSettings,
        wake_settings: WakeSettings,
        source: Source = "microphone",
        room: str | None = None,
    ) -> None:
        self._detector = detector
        self._activity = activity
        self._settings = settings
        self._threshold = wake_settings.threshold
        self._source: Source = source
        self._room = room
        longest_ms = settings.no_speech_ms + settings.max_speech_ms + settings.end_silence_ms
        self._ring = SoundRing(_WAKE_LEAD + longest_ms * _MS + 16_000)
        self._own_voice = OwnVoice()
        self.hears_own_voice = False
        """Whether a reply of ours sounds right now; the caller keeps it true."""
        self._next_wake = WAKE_FRAME
        self._armed = True
        self._low_frames = 0
        self._listening: _Listening | None = None
        self._trials = 0

    @property
    def now(self) -> int:
        """Samples heard so far."""
        return self._ring.end

    @property
    def is_listening(self) -> bool:
        """Whether an utterance is open."""
        return self._listening is not None

    def feed(self, samples: NDArray[np.int16]) -> list[EarEvent]:
        """Hear some more sound (int16 mono at 16 kHz, any length): what it brought, in order."""
        events: list[EarEvent] = []
        for start in range(0, samples.size, WAKE_FRAME):
            self._ring.append(samples[start : start + WAKE_FRAME])
            if self._next_wake <= self._ring.end:
                events += self._listen_for_wake()
            events += self._listen_on()
        return events

    def finish(self) -> list[EarEvent]:
        """The sound is over (a file's end): end what is open as silence would."""
        events = self.feed(np.zeros(WAKE_FRAME, dtype=np.int16))
        while self._listening:
            events += self.feed(np.zeros(WAKE_FRAME, dtype=np.int16))
        return events

    def listen(self) -> list[EarEvent]:
        """Open an utterance without a wake word, after a question of ours."""
        events = self.stop_listening()
        self._begin(self.now, None)
        return events

    def stop_listening(self) -> list[EarEvent]:
        """Close the open utterance, if any, and forget it; wake words are heard as ever."""
        given_up, self._listening = self._listening, None
        return [TrialVoid(given_up.trial_id)] if given_up and given_up.trial_id is not None else []

    def sentence_complete(self, trial_id: int) -> list[EarEvent]:
        """The trial's words are a whole command: end the utterance sooner, perhaps at once."""
        if self._listening is None or self._listening.trial_id != trial_id:
            return []
        return self._follow(self._listening, self._listening.endpointer.mark_complete())

    def sentence_empty(self, trial_id: int) -> None:
        """The trial held no words (the wake word's own end, a cough): go on waiting for the first one."""
        if self._listening is not None and self._listening.trial_id == trial_id:
            self._listening.endpointer.mark_empty()
            self._listening.trial_id = None

    def expect_own_voice(self, starts_at: int, moments: Moments) -> None:
        """A reply of ours starts to sound at sample `starts_at`; see `own_wake_moments`."""
        self._own_voice.expect(starts_at, moments, self.now)

    def own_voice_stopped(self) -> None:
        """The reply was cut off."""
        self._own_voice.stop(self.now)

    def _listen_for_wake(self) -> list[EarEvent]:
        at, self._next_wake = self._next_wake, self._next_wake + WAKE_FRAME
        scores = self._detector.feed(self._ring.between(at - WAKE_FRAME, at))
        wake = max((Wake(word, score) for word, score in scores.items()), key=lambda wake: wake.score)
        if not self._is_new(wake.score):
            self._raise_score(wake)
            return []
        if self._own_voice.is_speaking_at(at):
            return []
        events = self.stop_listening()
        self._begin(at, wake)
        return [*events, WakeHeard(wake, at)]

    def _is_new(self, score: float) -> bool:
        """Whether a wake word was said that was not counted before."""
        threshold = self._threshold * (_OVER_OWN_VOICE if self.hears_own_voice else 1.0)
        if self._armed:
            self._armed, self._low_frames = score < threshold, 0
            return not self._armed
        self._low_frames = self._low_frames + 1 if score < threshold / 2 else 0
        self._armed = self._low_frames >= _REARM_FRAMES
        return False

    def _raise_score(self, again: Wake) -> None:
        """The utterance keeps the highest score of the word that opened it."""
        opened_by = self._listening.wake if self._listening else None
        if self._listening and opened_by and opened_by.word == again.word and again.score > opened_by.score:
            self._listening.wake = replace(opened_by, score=again.score)

    def _begin(self, at: int, wake: Wake | None) -> None:
        endpointer = Endpointer(self._settings, at / _MS, at / _MS + (_WAKE_TAIL_MS if wake else 0.0))
        self._listening = _Listening(at, wake, endpointer, heard=at)
        self._activity.reset()
        for end in range(at - _ACTIVITY_LEAD + ACTIVITY_FRAME, at + 1, ACTIVITY_FRAME):
            self._speech_probability(end)

    def _listen_on(self) -> list[EarEvent]:
        events: list[EarEvent] = []
        while (listening := self._listening) and listening.heard + ACTIVITY_FRAME <= self._ring.end:
            listening.heard += ACTIVITY_FRAME
            probability = self._speech_probability(listening.heard)
            events += self._follow(listening, listening.endpointer.feed(listening.heard / _MS, probability))
        return events

    def _speech_probability(self, end: int) -> float:
        known = self._ring.between(end - ACTIVITY_FRAME, end)
        return self._activity.probability(_floats(np.pad(known, (ACTIVITY_FRAME - known.size, 0))))

    def _follow(self, listening: _Listening, event: EndpointEvent | None) -> list[EarEvent]:
        """What an event of the endpointer means for whoever uses the ears."""
        match event:
            case endpoint.MaybeEnded():
                self._trials += 1
                listening.trial_id = self._trials
                return [TrialBegan(self._trials, self._sound(listening), listening.wake)]
            case endpoint.SpeechResumed():
                void, listening.trial_id = listening.trial_id, None
                return [TrialVoid(void)] if void is not None else []
            case endpoint.Ended():
                self._listening = None
                return [self._ended(listening, event)]
            case endpoint.NothingSaid():
                self._listening = None
                return [NothingSaid(listening.wake)]
        return []

    def _ended(self, listening: _Listening, ended: endpoint.Ended) -> UtteranceEnded:
        utterance = Utterance(
            source=self._source,
            room=self._room,
            wake=listening.wake,
            speech_ms=ended.last_voiced_ms - listening.endpointer.started_ms,
            sound=self._sound(listening),
        )
        return UtteranceEnded(utterance, ended.reason, round(ended.last_voiced_ms * _MS), listening.trial_id)

    def _sound(self, listening: _Listening) -> NDArray[np.float32]:
        """The wake word, if there is one, and what was said, without the pause between them."""
        speech_from = round(listening.endpointer.started_ms * _MS) - _PREROLL
        if listening.wake is None:
            return _floats(self._ring.between(speech_from, listening.heard))
        word = self._ring.between(listening.opened - _WAKE_LEAD, listening.opened)
        speech = self._ring.between(max(listening.opened, speech_from), listening.heard)
        return _floats(np.concatenate((word, speech)))


def _floats(samples: NDArray[np.int16]) -> NDArray[np.float32]:
    floats: NDArray[np.float32] = samples.astype(np.float32) / 32_768.0
    return floats
