"""Ears, recogniser and mouth of one assistant, and the threads that sound needs.

Beside the source's own thread there are three: the ears take every block of sound and never wait; the turns run one
after the other; the mouth plays. A wake word therefore silences a reply at once, even while a turn waits for a device.
"""

import logging
import queue
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from edge.asr.trial import TrialRecogniser
from edge.clock import monotonic_ms
from edge.conversation import Conversation
from edge.errors import AudioError, EdgeError
from edge.hearing.ears import Ears
from edge.hearing.events import EarEvent, NothingSaid, TrialBegan, TrialVoid, UtteranceEnded, WakeHeard
from edge.hearing.own_voice import Detector, Moments, own_wake_moments
from edge.hearing.sources import RateConverter, Source
from edge.knowledge import Knowledge
from edge.records import Reject, Transcript, Utterance
from edge.records import Source as SourceKind
from edge.speech.chime import chime
from edge.speech.piper import PiperVoice
from edge.speech.playback import Playback, Samples
from edge.speech.player import Player
from edge.speech.ringer import Ringer
from edge.speech.sinks import Sink
from edge.turn import Context, Turn

log = logging.getLogger(__name__)

SAMPLES_A_MS = 16
BLOCK = 512

READINGS_MAX = 2
"""So many readings of a trial are looked at: the ears wait meanwhile."""

ROUNDS_MAX = 2
"""So often in a row we listen on without a wake word: longer conversations begin with it again."""

ECHO_S = 0.2
"""After a question of ours the room rings for so long; only then do we listen for the answer."""


class Understanding(Protocol):
    """Tells whether a text is a whole command already."""

    def is_complete(self, text: str, context: Context, knowledge: Knowledge) -> bool: ...


@dataclass(frozen=True)
class Voice:
    """The models of sound, loaded once, and what is made of them."""

    new_ears: Callable[[], Ears]
    new_detector: Callable[[], Detector]
    recogniser: TrialRecogniser
    mouth: PiperVoice

    def close(self) -> None:
        """Let go of the recogniser's thread."""
        self.recogniser.close()

    def hear(
        self, conversation: Conversation, samples: Samples, source: SourceKind, room: str | None, speaker: str
    ) -> list[Turn]:
        """The turns in a recording, with or without wake words in it, as fast as they can be computed."""
        ears = self.new_ears()
        events: list[EarEvent] = []
        for begin in range(0, samples.size, BLOCK):
            if not ears.is_listening:  # a recording needs no wake word, however late its first word comes
                ears.listen()
            events += ears.feed(samples[begin : begin + BLOCK])
        heard = [event.utterance for event in events + ears.finish() if isinstance(event, UtteranceEnded)]
        turns = [conversation.take(replace(said, source=source, room=room, speaker=speaker)) for said in heard]
        return turns or [conversation.take(Utterance(source, room=room, speaker=speaker, typed=""))]


@dataclass(frozen=True)
class _TrialDone:
    """The recogniser has a text for a trial."""

    trial_id: int
    transcript: Transcript


@dataclass(frozen=True)
class _OwnVoice:
    """Where a reply of ours sounds like a wake word."""

    playback: Playback
    moments: Moments


@dataclass(frozen=True)
class _Listen:
    """A question of ours was asked: hear the answer without a wake word."""


@dataclass(frozen=True)
class _Unasked:
    """Something to say that nobody asked for, as soon as nobody speaks to us."""

    text: str
    playback: Playback
    rings: bool = False
    """Whether it tells of what has come, with a chime."""
    asks: bool = False
    """Whether an answer is waited for."""
    chimes: bool = False
    """Whether one chime goes before it."""


@dataclass(frozen=True)
class _Ended:
    """There will be no more sound."""


_Item = NDArray[np.int16] | _TrialDone | _OwnVoice | _Listen | _Unasked | _Ended


class Listening:
    """Ears at a source, mouth at a sink, all day long. Start it once, close it once."""

    def __init__(
        self,
        voice: Voice,
        conversation: Conversation,
        understanding: Understanding,
        source: Source,
        sink: Sink,
        *,
        wants_wake: bool = True,
        on_turn: Callable[[Turn, Playback | None], None] = lambda turn, playback: None,
        on_doing: Callable[[Literal["listening", "thinking"], bool], None] = lambda doing, begins: None,
    ) -> None:
        """`wants_wake`: whether a wake word must come first. `on_turn` is told every turn when its reply begins.

        `on_doing` is told when it begins and ends to listen to a person, and to think about what was said.
        """
        self._recogniser = voice.recogniser
        self._conversation = conversation
        self._understanding = understanding
        self._source = source
        self._wants_wake = wants_wake
        self._on_turn = on_turn
        self._on_doing = on_doing
        self.muted = False
        """Whether the ears are given silence instead of what the source brings."""
        self._ears = voice.new_ears()
        self._own_voice = _OwnVoiceWatch(voice.new_detector(), self._know_own_voice)
        self._player = Player(voice.mouth, sink, heard=self._own_voice.heard)
        self._ringer = Ringer(self._player, lambda: conversation.ringing, voice.mouth.volume)
        self._loudness = voice.mouth.volume
        self._inbox: queue.Queue[_Item] = queue.Queue()
        self._utterances: queue.Queue[Utterance | None] = queue.Queue()
        self._playback: Playback | None = None
        self._rounds = 0
        self._interrupted_after_ms: int | None = None
        self._not_yet_heard: list[_OwnVoice] = []
        self._unasked: deque[_Unasked] = deque()
        self._closing = threading.Event()
        self._threads = [
            threading.Thread(target=run, name=name, daemon=True)
            for name, run in (("source", self._capture), ("ears", self._hear), ("turns", self._take_turns))
        ]

    def start(self) -> None:
        """Begin to listen, and to say what comes by itself."""
        self._conversation.on_turn(self._tell)
        if not self._wants_wake:
            self._ears.listen()
        for thread in self._threads:
            thread.start()

    def say(self, text: str, *, chimes: bool = False) -> Playback:
        """Say something unasked, as soon as nobody speaks to us; a wake word silences it like any reply.

        `chimes`: first a chime, for what all shall hear.
        """
        self._inbox.put(unasked := _Unasked(text, Playback(), chimes=chimes))
        return unasked.playback

    @property
    def alive(self) -> bool:
        """Whether all threads of sound still run."""
        return all(thread.is_alive() for thread in self._threads)

    def drain(self) -> None:
        """After a source that ended by itself: until everything heard has been answered aloud."""
        for thread in self._threads:
            thread.join()
        if self._playback:
            self._playback.wait()

    def close(self) -> None:
        """Stop listening and be silent; a turn that runs is finished."""
        self._closing.set()
        self._source.close()
        self._inbox.put(_Ended())
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout=5)
        self._player.close()
        self._own_voice.close()

    def _capture(self) -> None:
        try:
            for block in self._source:
                self._inbox.put(np.zeros_like(block) if self.muted else block)
        except AudioError as error:
            log.error("the microphone is lost: %s", error)
        self._inbox.put(_Ended())

    def _hear(self) -> None:
        listens = False
        while not isinstance(item := self._inbox.get(), _Ended):
            for event in self._events(item):
                self._react(event)
            if self._ears.is_listening != listens:
                listens = not listens
                self._on_doing("listening", listens)
        if not self._closing.is_set():
            for event in self._ears.finish():
                self._react(event)
        self._utterances.put(None)

    def _events(self, item: NDArray[np.int16] | _TrialDone | _OwnVoice | _Listen | _Unasked) -> list[EarEvent]:
        match item:
            case _TrialDone():
                return self._judge(item)
            case _OwnVoice():
                self._not_yet_heard.append(item)
                return []
            case _Listen():
                return self._ears.listen()
            case _Unasked():
                self._unasked.append(item)
                self._say_unasked()
                return []
        self._expect_own_voice()
        self._say_unasked()
        self._ears.hears_own_voice = self._player.speaks
        return self._ears.feed(item)

    def _judge(self, done: _TrialDone) -> list[EarEvent]:
        """Whether what was recognised on trial is a whole command in one of its readings, or nothing at all."""
        if not done.transcript.text:
            self._ears.sentence_empty(done.trial_id)
            return []
        context, knowledge = self._conversation.context(Utterance("microphone")), self._conversation.knowledge()
        readings = (done.transcript.text, *done.transcript.alternatives)
        if any(self._understanding.is_complete(text, context, knowledge) for text in readings[:READINGS_MAX]):
            return self._ears.sentence_complete(done.trial_id)
        return []

    def _react(self, event: EarEvent) -> None:
        match event:
            case WakeHeard():
                self._fall_silent()
            case TrialBegan():
                knowledge = self._conversation.knowledge()
                self._recogniser.begin(event.trial_id, event.sound, knowledge, event.wake, self._trial_is_done)
            case TrialVoid():
                self._recogniser.void(event.trial_id)
            case UtteranceEnded():
                if event.trial_id is not None:
                    self._recogniser.adopt(trial_id=event.trial_id, utterance=event.utterance)
                self._hand_over(event.utterance)
            case NothingSaid():
                self._forget_silence(event)

    def _trial_is_done(self, trial_id: int, transcript: Transcript) -> None:
        self._inbox.put(_TrialDone(trial_id, transcript))

    def _fall_silent(self) -> None:
        if not self._player.speaks:
            return
        playback = self._playback
        if playback and not playback.finished:
            self._interrupted_after_ms = playback.stop()
        self._player.stop()
        self._ears.own_voice_stopped()

    def _forget_silence(self, event: NothingSaid) -> None:
        """A wake word and then nothing is a turn, for it may have been a false one; an unanswered question is none."""
        if event.wake:
            self._hand_over(Utterance("microphone", wake=event.wake, typed=""))
        elif not self._wants_wake:
            self._ears.listen()

    def _hand_over(self, utterance: Utterance) -> None:
        self._on_doing("thinking", True)  # before the listening ends, so that it is never idle in between
        follow_up = self._wants_wake and utterance.wake is None
        self._utterances.put(replace(utterance, follow_up=follow_up, interrupts_after_ms=self._interrupted_after_ms))
        self._interrupted_after_ms = None
        if not self._wants_wake:
            self._ears.listen()

    def _take_turns(self) -> None:
        while (utterance := self._utterances.get()) is not None:
            try:
                self._answer(self._conversation.take(utterance))
            except EdgeError:
                log.exception("a turn broke; listening goes on")
            self._on_doing("thinking", not self._utterances.empty())

    def _answer(self, turn: Turn) -> None:
        """Aloud; what rings on and on makes room for it, and rings on afterwards."""
        text = turn.response.text if turn.response else ""
        self._ringer.make_room()
        self._playback = playback = self._player.say(text) if text else None
        self._on_turn(turn, playback)
        self._ringer.go_on()
        if not turn.utterance.follow_up:
            self._rounds = 0
        if playback and self._rounds < ROUNDS_MAX and (self._conversation.question or _went_wrong(turn)):
            self._rounds += 1
            threading.Thread(target=self._listen_after, args=(playback,), daemon=True).start()

    def _tell(self, turn: Turn) -> None:
        """A turn that began by itself is said at the next quiet moment; any turn may have ended what rang."""
        if self._closing.is_set():
            return
        text = turn.response.text if turn.response else ""
        if turn.utterance.source == "agenda" and text:
            asks = self._conversation.question is not None
            self._inbox.put(_Unasked(text, Playback(), rings=not turn.utterance.typed, asks=asks))
        self._ringer.end()

    def _say_unasked(self) -> None:
        while self._unasked and not (self._wants_wake and self._ears.is_listening):
            unasked = self._unasked.popleft()
            if unasked.rings:
                self._ringer.begin(unasked.text, unasked.playback)
                continue
            opening = [[chime(self._player.sample_rate, self._loudness)]] if unasked.chimes else []
            playback = self._player.play([*opening, unasked.text], unasked.playback)
            if self._playback is None or self._playback.finished:  # else a reply is being said, and can be cut off
                self._playback = playback
            if unasked.asks:
                threading.Thread(target=self._listen_after, args=(unasked.playback,), daemon=True).start()

    def _listen_after(self, reply: Playback) -> None:
        """Hear the answer, or another try, when the reply has been spoken to its end, unless somebody cut it off."""
        reply.wait()
        if not reply.cancelled.wait(ECHO_S):
            self._inbox.put(_Listen())

    def _know_own_voice(self, playback: Playback, moments: Moments) -> None:
        self._inbox.put(_OwnVoice(playback, moments))

    def _expect_own_voice(self) -> None:
        """Tell the ears of moments in replies that have begun to sound by now."""
        waiting = []
        for own in self._not_yet_heard:
            if own.playback.first_audio_ms is None:
                waiting.append(own)
                continue
            ago_ms = monotonic_ms() - own.playback.first_audio_ms
            self._ears.expect_own_voice(self._ears.now - round(ago_ms * SAMPLES_A_MS), own.moments)
        self._not_yet_heard = [own for own in waiting if not own.playback.finished]


def _went_wrong(turn: Turn) -> bool:
    """Whether the person will want to say it again."""
    return isinstance(turn.decision, Reject) and turn.response is not None and turn.response.kind == "refusal"


class _OwnVoiceWatch:
    """Looks, on a thread of its own and faster than it sounds, where our replies would wake us."""

    def __init__(self, detector: Detector, tell: Callable[[Playback, Moments], None]) -> None:
        self._detector = detector
        self._tell = tell
        self._pieces: queue.SimpleQueue[tuple[Samples, int, Playback] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._watch, name="own-voice", daemon=True)
        self._thread.start()

    def heard(self, piece: Samples, sample_rate: int, playback: Playback) -> None:
        """A piece of a reply that is about to be played."""
        self._pieces.put((piece, sample_rate, playback))

    def close(self) -> None:
        self._pieces.put(None)
        self._thread.join()

    def _watch(self) -> None:
        current, reply, converter = None, np.zeros(0, dtype=np.int16), RateConverter(16_000)
        while (item := self._pieces.get()) is not None:
            piece, sample_rate, playback = item
            if playback is not current:
                current, reply, converter = playback, np.zeros(0, dtype=np.int16), RateConverter(sample_rate)
            reply = np.concatenate((reply, converter.convert(piece)))
            if moments := own_wake_moments(self._detector, reply):
                self._tell(playback, moments)
