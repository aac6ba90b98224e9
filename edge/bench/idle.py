"""World: what it costs to listen: time to start, memory with all models, a core's share while people talk."""

import time
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

from edge.bench.commands import RATE, catalogue, said, spoken
from edge.bench.figures import machine, memory_mb, memory_peak_mb, seconds_since_start
from edge.bench.latency import ANSWER_S
from edge.bench.rig import Rig, listening_rig
from edge.settings import Settings

_TALK: Final = (
    "I think it will rain in the afternoon, so take the umbrella with you.",
    "The bread was still warm when we came home from the market.",
    "Did you read the letter from your sister about the summer?",
    "The train was late again, and nobody knew why.",
    "We could paint the fence next week, if the weather holds.",
    "He told me that the old cinema at the corner is open again.",
    "There is soup left from yesterday, or we make some rice.",
    "My neighbour plays the trumpet every evening after seven.",
)
"""Nothing in it is meant for the assistant."""


@dataclass(frozen=True)
class IdleReport:
    """Figures of one run, with the machine that they came from."""

    machine: str
    start_to_listening_s: float
    """From the start of the process."""
    memory_mb: float
    """Resident, after one command was heard, carried out and answered: every model has worked."""
    memory_peak_mb: float
    talk_s: float
    core_share: float
    """Of one core, 0 to 1, while it listens to talk; broker and demo home included."""
    false_wakes: int

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def show(self, console: Console) -> None:
        """As a table for people."""
        table = Table(box=None, pad_edge=False, show_header=False)
        table.add_row("start to listening", f"{self.start_to_listening_s:.1f} s")
        table.add_row("memory, all models used", f"{self.memory_mb:.0f} MB (at most {self.memory_peak_mb:.0f} MB)")
        table.add_row(f"listening to {self.talk_s:.0f} s of talk", f"{self.core_share:.1%} of a core")
        table.add_row("woken by talk", str(self.false_wakes))
        console.print(self.machine, markup=False, highlight=False, soft_wrap=True)
        console.print(table)


def measure_idle(settings: Settings, *, seconds: int, console: Console) -> IdleReport:
    """Listen to talk for `seconds`. Raises EdgeError when the assistant cannot be started."""
    with listening_rig(settings) as rig:
        return idle_report(rig, seconds_since_start(), seconds, console)


def idle_report(rig: Rig, start_s: float, seconds: int, console: Console) -> IdleReport:
    """The figures of an assistant that needed `start_s` to start."""
    _use_every_model(rig)
    memory, peak = memory_mb(), memory_peak_mb()
    talk = np.concatenate([said(rig.mouth, sentence) for sentence in _TALK])
    talk = np.resize(talk, seconds * RATE)
    rig.source.say(talk, talk.size - 1)
    began_s, began_cpu_s = time.monotonic(), time.process_time()
    for _ in track(range(seconds), "listening", console=console, transient=True, disable=not console.is_terminal):
        time.sleep(1.0)
    share = (time.process_time() - began_cpu_s) / (time.monotonic() - began_s)
    return IdleReport(machine(), start_s, memory, peak, seconds, share, rig.turns.qsize())


def _use_every_model(rig: Rig) -> None:
    command = spoken(rig.mouth, catalogue()[0], in_one_breath=True)
    rig.source.say(command.samples, command.last_voiced_sample)
    _, playback = rig.turns.get(timeout=ANSWER_S)
    if playback:
        playback.wait(ANSWER_S)
