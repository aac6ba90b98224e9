"""The assistant as a device of the home that the settings name: shown, muted and spoken through by way of the broker.

Handlers run on the bus's thread and never wait; typed commands are taken one after the other on a thread of their own.
What others write is data from strangers: what cannot be read is passed over, and nothing of it stands in a log.
"""

import json
import logging
import math
import queue
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any, Final, Literal, Protocol

from edge.clock import Clock
from edge.errors import BrokerError, EdgeError
from edge.home.bus import Handler
from edge.home.own_announcement import ACTIVITIES, OwnTopics, announcement
from edge.records import Utterance
from edge.settings import MqttSettings
from edge.speech.adjustable import AdjustableSink
from edge.text import clean
from edge.turn import Turn
from edge.voice import Listening

log = logging.getLogger(__name__)

TEXTS_A_SECOND: Final = 5
"""More of what is to be said or done is dropped."""
TEXT_BYTES_MAX: Final = 4_000
WAITING_MAX: Final = 5
"""Typed commands that may wait for their turn."""

_RESULTS: Final = {"answer": "answered", "question": "asked", "confirmation": "asked", "refusal": "refused"}

Doing = Literal["listening", "thinking", "speaking"]


class Connection(Protocol):
    """What is used of the bus; `edge.home.mqtt.MqttBus` is one."""

    def publish(self, topic: str, payload: str, *, retain: bool = False) -> None: ...

    def subscribe(self, topic_filter: str, handler: Handler, *, retained: bool = True) -> None: ...

    def on_online(self, listener: Callable[[], None]) -> None: ...


class Body(Protocol):
    """Ears and mouth."""

    muted: bool
    volume: float
    """0 to 1."""

    def say(self, text: str, *, chimes: bool = False) -> object: ...


class EarsAndMouth:
    """The `Body` of an assistant that listens and speaks."""

    def __init__(self, listening: Listening, sink: AdjustableSink) -> None:
        self._listening = listening
        self._sink = sink

    @property
    def muted(self) -> bool:
        return self._listening.muted

    @muted.setter
    def muted(self, muted: bool) -> None:
        self._listening.muted = muted

    @property
    def volume(self) -> float:
        return self._sink.volume

    @volume.setter
    def volume(self, volume: float) -> None:
        self._sink.volume = volume

    def say(self, text: str, *, chimes: bool = False) -> object:
        return self._listening.say(text, chimes=chimes)


class Activity:
    """What the assistant is about: of several things at once the one that a person would notice first."""

    def __init__(self) -> None:
        self._doing: set[str] = set()
        self._lock = threading.Lock()
        self._told: Callable[[str], None] = lambda activity: None

    def on_change(self, told: Callable[[str], None]) -> None:
        """Have `told` called with the new activity."""
        self._told = told

    def note(self, doing: Doing, begins: bool) -> None:
        """It begins or ends to do this; from any thread."""
        with self._lock:
            before = self.now
            (self._doing.add if begins else self._doing.discard)(doing)
            if self.now != before:
                self._told(self.now)

    @property
    def now(self) -> str:
        """One of `ACTIVITIES`."""
        return next((each for each in ACTIVITIES[1:] if each in self._doing), ACTIVITIES[0])


class OwnDevice:
    """One assistant at one broker."""

    def __init__(
        self,
        connection: Connection,
        settings: MqttSettings,
        clock: Clock,
        take: Callable[[Utterance], Turn],
        *,
        body: Body | None = None,
        room: str | None = None,
    ) -> None:
        """`take` lives through a typed command. Without `body` nothing can be said or muted."""
        self._connection = connection
        self._settings = settings
        self._clock = clock
        self._take = take
        self._body = body
        self._room = room
        self._topics = OwnTopics(settings.node, settings.discovery_prefix)
        self._activity = ACTIVITIES[0]
        self._last_turn = ""
        self._as_it_was = {"mute", "volume"}
        """What is not yet set as the broker remembers it from before we were started."""
        self._recent: deque[datetime] = deque(maxlen=TEXTS_A_SECOND)
        self._typed: queue.Queue[str | None] = queue.Queue(WAITING_MAX)
        self._thread = threading.Thread(target=self._take_typed, name="own-device", daemon=True)

    def start(self) -> None:
        """Listen, and be announced whenever the broker or Home Assistant comes."""
        topics, hear = self._topics, self._connection.subscribe
        if self._settings.text_commands:
            self._thread.start()
            hear(topics.of("text"), self._on_text, retained=False)
        if self._settings.own_device:
            hear(topics.birth, self._on_birth)
            hear(topics.of("say"), lambda topic, payload: self._on_spoken(payload, chimes=False), retained=False)
            hear(topics.of("announce"), lambda topic, payload: self._on_spoken(payload, chimes=True), retained=False)
            for what, set_to in (("mute", self._set_mute), ("volume", self._set_volume)):
                self._hear_setting(what, set_to)
        self._connection.on_online(self._announce)

    def close(self) -> None:
        """Take no more commands."""
        if self._thread.is_alive():
            with suppress(queue.Full):  # the thread is a daemon: it may as well be left
                self._typed.put_nowait(None)
                self._thread.join(timeout=5)

    def show(self, activity: str) -> None:
        """What the assistant is about now."""
        self._activity = activity
        self._tell("state", activity)

    def tell(self, turn: Turn) -> None:
        """A turn has ended. Its words are told only if the settings say so."""
        intents = [step.step.interpretation.intent for step in turn.done_steps]
        told: dict[str, Any] = {
            "result": _result(turn),
            "intents": intents,
            "source": turn.utterance.source,
            "at": turn.context.now.isoformat(timespec="seconds"),
        }
        if self._settings.share_words:
            told["heard"] = turn.transcript.text if turn.transcript else ""
            told["reply"] = turn.response.text if turn.response else ""
        self._last_turn = json.dumps(told, ensure_ascii=False)
        self._tell("last_turn", self._last_turn)

    def _announce(self) -> None:
        with suppress(BrokerError):  # it has gone again, and we are told when it comes
            if not self._settings.own_device:
                self._connection.publish(self._topics.config, "", retain=True)
                return
            announced = announcement(
                self._topics,
                room=self._room,
                version=version("edge-assistant"),
                has_voice=self._body is not None,
                takes_text=self._settings.text_commands,
            )
            self._connection.publish(self._topics.config, announced, retain=True)
        self._tell("state", self._activity)
        self._tell_settings()
        if self._last_turn:
            self._tell("last_turn", self._last_turn)

    def _tell_settings(self) -> None:
        if self._body is not None:
            self._tell("mute", "ON" if self._body.muted else "OFF")
            self._tell("volume", str(round(self._body.volume * 100)))

    def _tell(self, what: str, payload: str) -> None:
        """Say something of ourselves, retained; while the broker is away it is not said."""
        if self._settings.own_device:
            with suppress(BrokerError):
                self._connection.publish(self._topics.of(what), payload, retain=True)

    def _hear_setting(self, what: str, set_to: Callable[[bytes], None]) -> None:
        """Be set from outside; and once at the start, to what our own retained state says that we were."""

        def on_command(topic: str, payload: bytes) -> None:
            self._as_it_was.discard(what)
            set_to(payload)
            self._tell_settings()

        def on_state(topic: str, payload: bytes) -> None:
            if what in self._as_it_was:
                self._as_it_was.discard(what)
                set_to(payload)
                self._tell_settings()

        self._connection.subscribe(self._topics.of(what), on_state)
        self._connection.subscribe(self._topics.to_set(what), on_command, retained=False)

    def _set_mute(self, payload: bytes) -> None:
        word = payload.strip().upper()
        if self._body is not None and word in {b"ON", b"OFF"}:
            self._body.muted = word == b"ON"

    def _set_volume(self, payload: bytes) -> None:
        percent = _number(payload)
        if self._body is not None and percent is not None:
            self._body.volume = min(100.0, max(0.0, percent)) / 100

    def _on_birth(self, topic: str, payload: bytes) -> None:
        if payload == b"online":
            self._announce()

    def _on_spoken(self, payload: bytes, *, chimes: bool) -> None:
        said = self._readable(payload)
        if said and self._body is None:
            log.info("Something was to be said, but here is no voice: `edge run` with microphone and loudspeaker has.")
        elif said and self._body is not None:
            self._body.say(said, chimes=chimes)

    def _on_text(self, topic: str, payload: bytes) -> None:
        if typed := self._readable(payload):
            try:
                self._typed.put_nowait(typed)
            except queue.Full:
                log.warning("A typed command from the broker was dropped: %d wait already", WAITING_MAX)

    def _readable(self, payload: bytes) -> str:
        """The text that somebody sent; empty when it is none, too long, or one of too many."""
        try:
            sent = clean(payload.decode()) if len(payload) <= TEXT_BYTES_MAX else ""
        except UnicodeDecodeError:
            sent = ""
        now = self._clock.now()
        if not sent or (len(self._recent) == TEXTS_A_SECOND and now - self._recent[0] < timedelta(seconds=1)):
            log.warning("A text from the broker was dropped: it is empty, no UTF-8, too long, or one of too many")
            return ""
        self._recent.append(now)
        return sent

    def _take_typed(self) -> None:
        while (typed := self._typed.get()) is not None:
            try:
                turn = self._take(Utterance(source="mqtt", typed=typed))
                self._connection.publish(self._topics.of("reply"), turn.response.text if turn.response else "")
            except BrokerError:
                log.warning("A reply could not be published: the broker is away")
            except EdgeError:
                log.exception("A typed command from the broker failed")


def _result(turn: Turn) -> str:
    """What became of a turn: one of `edge.home.own_announcement.RESULTS`."""
    if turn.failure or turn.response is None or turn.response.kind == "error":
        return "failed"
    if any(done.outcome and done.outcome.moved for done in turn.done_steps) and turn.response.kind == "answer":
        return "done"
    return _RESULTS[turn.response.kind] if turn.response.text else "silent"


def _number(payload: bytes) -> float | None:
    try:
        number = float(payload)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
