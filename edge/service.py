"""World: the long-running doors: the service (`edge run`) and the typed chat, on this terminal or as a systemd unit."""

import logging
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from edge import control, systemd
from edge.clock import WallClock
from edge.desk import Desk
from edge.errors import AudioError, ConfigError, EdgeError
from edge.hearing.sources import Microphone, PcmStream, Source, WavFile
from edge.own_device import Activity, EarsAndMouth, OwnDevice
from edge.paths import control_socket, running_socket
from edge.records import Utterance
from edge.runtime import Runtime, build_runtime
from edge.settings import Settings
from edge.speech.adjustable import AdjustableSink
from edge.speech.playback import Playback
from edge.speech.sinks import LateLoudspeaker, LoudspeakerSink, NullSink, Sink, WavSink
from edge.turn import Turn
from edge.voice import Listening

log = logging.getLogger(__name__)

console = Console(highlight=False, markup=False)


class Service:
    """The assistant as it runs all day: ears, mouth, home, and the socket for the other commands."""

    def __init__(
        self, settings: Settings, *, source: str | None, sink: str | None, rate: int, wants_wake: bool
    ) -> None:
        self._settings = settings
        self._source_kind = source or settings.audio.input
        self._sink_kind = sink or settings.audio.output
        self._rate = rate
        self._wants_wake = wants_wake
        self._stop = threading.Event()
        self._shows_turns = sys.stdout.isatty()  # under systemd standard output is a log, and speech stays out of logs

    def run(self) -> None:
        """Run until Ctrl-C, SIGTERM, or the end of a source that ends."""
        if control.is_served(control_socket()):
            raise EdgeError("Edge is already running. Type `edge chat` to talk to it, or stop it first.")
        with ExitStack() as closing:
            activity = Activity()
            source = self._open_source()
            sink = AdjustableSink(self._open_sink(), lambda sounds: activity.note("speaking", sounds))
            closing.callback(sink.close)
            if source:
                closing.callback(source.close)
            runtime = build_runtime(self._settings, clock=WallClock(), voice=source is not None, patient=True)
            closing.callback(runtime.close)
            listening = self._listening(runtime, source, sink, activity)
            desk = Desk(runtime, lambda: "listening" if listening and listening.alive else "off")
            closing.callback(control.ControlServer(control_socket(), desk.deeds()).close)
            if listening:
                closing.callback(listening.close)
                listening.start()
            if own_device := self._own_device(runtime, listening, sink, activity):
                closing.callback(own_device.close)
                own_device.start()
            self._greet(runtime, source)
            if self._shows_turns:
                runtime.conversation.on_turn(_show_unasked)
            runtime.clockwork.start()
            systemd.notify("READY=1")
            self._live(runtime, listening)
            systemd.notify("STOPPING=1")

    def _own_device(
        self, runtime: Runtime, listening: Listening | None, sink: AdjustableSink, activity: Activity
    ) -> OwnDevice | None:
        """Ourselves at the broker that the settings name."""
        if runtime.home.connection is None:
            return None
        device = OwnDevice(
            runtime.home.connection,
            self._settings.mqtt,
            runtime.clock,
            runtime.conversation.take,
            body=EarsAndMouth(listening, sink) if listening else None,
            room=self._settings.assistant.room,
        )
        activity.on_change(device.show)
        runtime.conversation.on_turn(device.tell)
        return device

    def _listening(self, runtime: Runtime, source: Source | None, sink: Sink, activity: Activity) -> Listening | None:
        if source is None or runtime.voice is None:
            return None
        return Listening(
            runtime.voice,
            runtime.conversation,
            runtime.understanding,
            source,
            sink,
            wants_wake=self._wants_wake,
            on_turn=self._show,
            on_doing=activity.note,
        )

    def _live(self, runtime: Runtime, listening: Listening | None) -> None:
        if listening:
            self._wait(lambda: listening.alive)
            if not self._stop.is_set():  # the source has ended by itself
                listening.drain()
        elif sys.stdin.isatty():
            converse(lambda line: _typed(runtime, line))
        else:
            self._wait(lambda: True)

    def _open_source(self) -> Source | None:
        """The ears' source; None, with a line that says why, when there are no ears."""
        kind = self._source_kind
        try:
            if kind == "none":
                return None
            if kind == "microphone":
                return self._open_microphone()
            if kind == "pcm":
                return PcmStream(sys.stdin.buffer, self._rate)
            if kind.endswith(".wav"):
                return WavFile(Path(kind), realtime=True)
        except AudioError as error:
            if kind != "microphone":
                raise
            console.print(f"No microphone, so type instead. {error}")
            return None
        raise ConfigError(f"--source knows microphone, none, pcm and WAV files; not {kind!r}.")

    def _open_microphone(self) -> Microphone:
        """At boot the sound card may come later than we do: a unit without a terminal waits for it."""
        microphone = Microphone(self._settings.audio.input_device)
        try:
            return microphone.open()
        except AudioError as error:
            if not systemd.is_our_keeper():
                raise
            log.warning("%s Waiting for it.", error)
            return microphone

    def _open_sink(self) -> Sink:
        kind = self._sink_kind
        if kind == "none":
            return NullSink()
        if kind.endswith(".wav"):
            return WavSink(Path(kind))
        if kind != "loudspeaker":
            raise ConfigError(f"--sink knows loudspeaker, none and WAV files; not {kind!r}.")
        try:
            return LoudspeakerSink(self._settings.audio.output_device)
        except AudioError as error:
            if systemd.is_our_keeper():
                log.warning("%s Looking for it at each reply.", error)
                return LateLoudspeaker(self._settings.audio.output_device)
            console.print(f"No loudspeaker, so replies are written only. {error}")
            return NullSink()

    def _greet(self, runtime: Runtime, source: Source | None) -> None:
        devices = runtime.home.picture.home_map.devices
        console.print(f"Edge lives in the {runtime.home.description}, {len(devices)} devices.")
        if source:
            words = " or ".join(word.replace("_", " ") for word in self._settings.wake.words)
            console.print(f'Listening. Say "{words}", and then for example "turn on the kitchen light". Ctrl-C ends.')

    def _show(self, turn: Turn, playback: Playback | None) -> None:
        if self._shows_turns:
            console.print(f"you:  {turn.transcript.text if turn.transcript else ''}")
            console.print(f"edge: {turn.response.text if turn.response else ''}")

    def _wait(self, alive: Callable[[], bool]) -> None:
        """Until somebody ends us or the ears end; the watchdog is fed only while the ears live."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._stop.set())
        interval_s = systemd.watchdog_interval_s() or 0.5
        while alive() and not self._stop.wait(min(interval_s, 0.5)):
            systemd.notify("WATCHDOG=1")


class Chat:
    """Typing to the assistant: to the running service, or to one of its own."""

    def __init__(self, settings: Settings, room: str | None) -> None:
        self._settings = settings
        self._room = room

    def run(self) -> None:
        """Line by line until the end of input."""
        socket = running_socket()
        if socket and control.is_served(socket):
            converse(lambda line: _reply(control.ask(socket, "say", text=line, room=self._room)["response"]["text"]))
            return
        runtime = build_runtime(self._settings, clock=WallClock())
        try:
            home = runtime.home
            console.print(f"Edge lives in the {home.description}, {len(home.picture.home_map.devices)} devices.")
            runtime.conversation.on_turn(_show_unasked)
            runtime.clockwork.start()
            converse(lambda line: _typed(runtime, line, self._room))
        finally:
            runtime.close()


def converse(answer: Callable[[str], str]) -> None:
    """Read lines, print answers; an error is one line and the chat goes on."""
    if sys.stdin.isatty():
        console.print("Type what you would say; Ctrl-D ends.")
    while True:
        try:
            line = input("you:  " if sys.stdin.isatty() else "")
        except EOFError:
            return
        if not line.strip():
            continue
        try:
            console.print(f"edge: {answer(line)}")
        except EdgeError as error:
            console.print(f"edge: {error}")


def _show_unasked(turn: Turn) -> None:
    """What began by itself: it is read, also where there is no loudspeaker."""
    if turn.utterance.source == "agenda" and turn.response:
        console.print(f"edge: {turn.response.text}")


def _typed(runtime: Runtime, line: str, room: str | None = None) -> str:
    turn = runtime.conversation.take(Utterance(source="text", room=room, typed=line))
    return _reply(turn.response.text if turn.response else "")


def _reply(text: str) -> str:
    return text or "(silence)"
