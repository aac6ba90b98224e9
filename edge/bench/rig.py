"""World: a whole assistant for the benchmarks: real models, a real broker, devices that answer at once."""

import queue
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from edge.bench.commands import prompt_home
from edge.bench.pacing import PacedSource
from edge.clock import WallClock
from edge.runtime import Runtime, build_runtime
from edge.settings import MqttSettings, Settings
from edge.speech.piper import PiperVoice
from edge.speech.playback import Playback
from edge.speech.sinks import NullSink, Sink
from edge.turn import Turn
from edge.voice import Listening


@dataclass(frozen=True)
class Rig:
    """An assistant that listens."""

    source: PacedSource
    broker_url: str
    mouth: PiperVoice
    """Its voice; the benchmark speaks with it as well."""
    say: Callable[[str], Playback]
    """Makes it say something unasked."""
    turns: "queue.SimpleQueue[tuple[Turn, Playback | None]]"
    """Every turn as soon as its reply begins."""


@contextmanager
def listening_rig(settings: Settings, source: PacedSource | None = None, sink: Sink | None = None) -> Iterator[Rig]:
    """Run the assistant with these settings, but never in the person's own home and database.

    It hears `source`, a quiet room where none is given, and speaks to `sink`, by default to nobody but in real time.
    """
    with tempfile.TemporaryDirectory(prefix="edge-bench-") as folder:
        home_file = Path(folder) / "home.toml"
        home_file.write_text(prompt_home(), encoding="utf-8")
        runtime = build_runtime(_apart(settings, home_file), clock=WallClock(), store=":memory:", voice=True)
        try:
            yield from _listening(runtime, source or PacedSource(), sink or NullSink(runtime.clock))
        finally:
            runtime.close()


def _listening(runtime: Runtime, source: PacedSource, sink: Sink) -> Iterator[Rig]:
    assert runtime.voice is not None, "asked for"
    assert runtime.home.broker_url is not None, "without mqtt.url it starts its own"
    turns: queue.SimpleQueue[tuple[Turn, Playback | None]] = queue.SimpleQueue()
    listening = Listening(
        runtime.voice,
        runtime.conversation,
        runtime.understanding,
        source,
        sink,
        on_turn=lambda turn, playback: turns.put((turn, playback)),
    )
    listening.start()
    try:
        yield Rig(source, runtime.home.broker_url, runtime.voice.mouth, listening.say, turns)
    finally:
        listening.close()


def _apart(settings: Settings, home_file: Path) -> Settings:
    return settings.model_copy(
        update={
            "mqtt": MqttSettings(),
            "home": settings.home.model_copy(update={"file": home_file}),
            "assistant": settings.assistant.model_copy(update={"room": None}),
            "store": settings.store.model_copy(update={"keep_audio": False}),
        }
    )
