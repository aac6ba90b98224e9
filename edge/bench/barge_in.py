"""World: how soon it falls silent when somebody says the wake word while it speaks, and whether its own voice wakes it.

What it says comes back to its ears, as in a room without echo cancellation.
"""

import queue
import time
from dataclasses import dataclass
from typing import Any, Final

from rich.console import Console
from rich.progress import track

from edge.bench.commands import WAKE, said, voiced
from edge.bench.figures import machine, percentiles, stage_table
from edge.bench.latency import ANSWER_S
from edge.bench.rig import Rig, listening_rig
from edge.bench.room import EchoingRoom, EchoSink
from edge.settings import Settings
from edge.speech.playback import Playback

ECHO: Final = 0.3
"""How much of a reply's amplitude reaches the microphone: the person is 10 dB louder."""

SPEAKS_S: Final = 0.7
"""So long it has been speaking when somebody begins to interrupt it."""

SAID: Final = "The kitchen light, the hall light, the desk lamp, the bedside lamp and the fairy lights are on."
SILENCE_MS: Final = 1_000
"""Nobody says anything after the wake word, and this is how long it waits."""

BOAST: Final = "You can always say hey jarvis, and hey jarvis again, and I will listen."
"""What it never says by itself: its own wake word."""


@dataclass(frozen=True)
class BargeInReport:
    """Figures of one run, with the machine that they came from."""

    machine: str
    interruptions: int
    to_silence_ms: tuple[float, ...]
    """From the last voiced sample of the wake word to the last of the reply, where it was silenced."""
    boasts: int
    woke_itself: int

    def to_dict(self) -> dict[str, Any]:
        p50, p95 = percentiles(self.to_silence_ms, 50, 95)
        return {
            "machine": self.machine,
            "echo": ECHO,
            "interruptions": self.interruptions,
            "silenced": len(self.to_silence_ms),
            "to_silence_ms": {"p50": round(p50, 1), "p95": round(p95, 1)},
            "own_wake_words": self.boasts,
            "woke_itself": self.woke_itself,
        }

    def show(self, console: Console) -> None:
        """As a table for people."""
        console.print(self.machine, markup=False, highlight=False)
        console.print(f"{len(self.to_silence_ms)} of {self.interruptions} interruptions silenced the reply:")
        console.print(stage_table({"wake word's end to silence": self.to_silence_ms}))
        console.print(f"Its own voice saying the wake word woke it {self.woke_itself} of {self.boasts} times.")


def measure_barge_in(settings: Settings, *, count: int, console: Console) -> BargeInReport:
    """Interrupt `count` replies. Raises EdgeError when the assistant cannot be started."""
    hearing = settings.hearing.model_copy(update={"no_speech_ms": SILENCE_MS})
    room = EchoingRoom()
    sink = EchoSink(room, ECHO)
    with listening_rig(settings.model_copy(update={"hearing": hearing}), room, sink) as rig:
        shown = track(range(count), "interrupting", console=console, transient=True, disable=not console.is_terminal)
        silences = [_interrupted(rig, sink) for _ in shown]
        woke = sum(_wakes_itself(rig) for _ in range(count))
    return BargeInReport(machine(), count, tuple(ms for ms in silences if ms is not None), count, woke)


def _interrupted(rig: Rig, sink: EchoSink) -> float | None:
    """Milliseconds from the end of the wake word to silence; None when the reply went on to its end."""
    playback = rig.say(SAID)
    _wait_for_sound(playback)
    time.sleep(SPEAKS_S)
    sound = voiced(said(rig.mouth, f"{WAKE}."))
    word_ended_ms = rig.source.say(sound, sound.size - 1).result(timeout=ANSWER_S)
    playback.wait(ANSWER_S)
    _until_quiet(rig)
    if not playback.cancelled.is_set() or sink.silent_since_ms is None:
        return None
    return sink.silent_since_ms - word_ended_ms


def _wakes_itself(rig: Rig) -> bool:
    """Whether the wake word in its own voice woke it."""
    playback = rig.say(BOAST)
    playback.wait(ANSWER_S)
    woken = playback.cancelled.is_set()
    return _until_quiet(rig) or woken


def _wait_for_sound(playback: Playback) -> None:
    while playback.first_audio_ms is None and not playback.wait(0.01):
        pass


def _until_quiet(rig: Rig) -> bool:
    """Let an utterance that is open run out; tells whether there was one."""
    woken = False
    while True:
        try:
            rig.turns.get(timeout=1.0 + SILENCE_MS / 1_000)
            woken = True
        except queue.Empty:
            return woken
