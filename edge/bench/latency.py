"""World: how soon it acts and answers: commands spoken at a microphone's pace, timed by another MQTT client."""

import queue
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from rich.console import Console
from rich.progress import track

from edge.bench.commands import SpokenCommand, spoken_commands
from edge.bench.figures import machine, percentiles, stage_table
from edge.bench.probe import Arrival, BrokerProbe
from edge.bench.rig import Rig, listening_rig
from edge.clock import monotonic_ms
from edge.settings import Settings
from edge.speech.playback import Playback
from edge.turn import Turn

ANSWER_S: Final = 10.0
"""A command that is not answered by then was not heard."""

QUIET_S: Final = 0.6
"""Between the end of a reply and the next command."""

TO_COMMAND: Final = "to the command"
TO_REPLY: Final = "to the reply"


@dataclass(frozen=True)
class Trial:
    """What became of one spoken command."""

    said: str
    in_one_breath: bool
    heard: str
    """Empty when nothing was heard."""
    is_right: bool
    """Whether the one right message left, and no other before it."""
    stages_ms: dict[str, float]
    """Empty unless it is right; the stages add up to `to the command` and `to the reply`, in this order."""


@dataclass(frozen=True)
class LatencyReport:
    """Figures of one run, with the machine that they came from."""

    machine: str
    seed: int
    trials: tuple[Trial, ...]

    def stages(self) -> dict[str, list[float]]:
        """Milliseconds by stage, of the commands that were understood."""
        right = [trial.stages_ms for trial in self.trials if trial.is_right]
        return {name: [stages[name] for stages in right] for name in (right[0] if right else ())}

    def to_dict(self) -> dict[str, Any]:
        stages = {
            name: dict(zip(("p50", "p95", "max"), (round(v, 1) for v in percentiles(values, 50, 95, 100)), strict=True))
            for name, values in self.stages().items()
        }
        return {
            "machine": self.machine,
            "seed": self.seed,
            "commands": len(self.trials),
            "right": sum(trial.is_right for trial in self.trials),
            "stages_ms": stages,
            "not_right": [{"said": t.said, "heard": t.heard} for t in self.trials if not t.is_right],
        }

    def show(self, console: Console) -> None:
        """As a table for people."""
        wrong = [trial for trial in self.trials if not trial.is_right]
        right = len(self.trials) - len(wrong)
        console.print(self.machine, markup=False, highlight=False, soft_wrap=True)
        console.print(f"{len(self.trials)} commands, {right} carried out as meant. From the last voiced sample:")
        console.print(stage_table(self.stages()))
        for trial in wrong:
            console.print(f"said {trial.said!r}, heard {trial.heard!r}", markup=False, highlight=False)


def measure_latency(settings: Settings, *, count: int, seed: int, console: Console) -> LatencyReport:
    """Say `count` commands, one after the other. Raises EdgeError when the assistant cannot be started."""
    with listening_rig(settings) as rig, BrokerProbe(rig.broker_url, "edge/simulated/#") as probe:
        commands = list(spoken_commands(rig.mouth, count, seed))
        shown = track(commands, "speaking", console=console, transient=True, disable=not console.is_terminal)
        return LatencyReport(machine(), seed, tuple(trials(rig, probe, shown)))


def trials(rig: Rig, probe: BrokerProbe, commands: Iterable[SpokenCommand]) -> Iterator[Trial]:
    """Say one command after the other, each when the reply to the one before is over."""
    for spoken in commands:
        time.sleep(QUIET_S)
        probe.forget()
        while not rig.turns.empty():
            rig.turns.get_nowait()
        moment = rig.source.say(spoken.samples, spoken.last_voiced_sample)
        spoken_ms = moment.result(timeout=ANSWER_S + spoken.samples.size / 16_000)
        try:
            turn, playback = rig.turns.get(timeout=ANSWER_S)
        except queue.Empty:
            yield Trial(spoken.command.text, spoken.in_one_breath, "", is_right=False, stages_ms={})
            continue
        yield _judged(spoken, spoken_ms, turn, playback, probe)
        if playback:
            playback.wait(ANSWER_S)


def _judged(
    spoken: SpokenCommand, spoken_ms: float, turn: Turn, playback: Playback | None, probe: BrokerProbe
) -> Trial:
    command = probe.wait_for(lambda arrival: "/set" in arrival.topic, timeout_s=0.5)
    is_right = command is not None and spoken.command.is_met_by(command.topic, command.payload)
    stages = _stages(spoken, spoken_ms, turn, playback, command, probe) if command and is_right else {}
    heard = turn.transcript.text if turn.transcript else ""
    return Trial(spoken.command.text, spoken.in_one_breath, heard, bool(stages), stages)


def _stages(
    spoken: SpokenCommand,
    spoken_ms: float,
    turn: Turn,
    playback: Playback | None,
    command: Arrival,
    probe: BrokerProbe,
) -> dict[str, float]:
    """The way from the last voiced sample to the reply; empty when there was no reply."""
    answer = probe.wait_for(lambda arrival: arrival.topic == spoken.command.device_topic, timeout_s=0.5)
    first_audio_ms = _first_audio_ms(playback)
    if answer is None or first_audio_ms is None:
        return {}
    began_ms = monotonic_ms() - (time.time() - turn.started_at.timestamp()) * 1000.0
    understood_ms = began_ms + turn.timings_ms["asr"] + turn.timings_ms["understanding"]
    worded_ms = began_ms + turn.timings_ms["total"]
    return {
        "end of speech found": began_ms - spoken_ms,
        "recognition, what is left": turn.timings_ms["asr"],
        "understanding": turn.timings_ms["understanding"],
        "to the broker": command.at_ms - understood_ms,
        TO_COMMAND: command.at_ms - spoken_ms,
        "the device's own delay": answer.at_ms - command.at_ms,
        "confirmation, wording": worded_ms - answer.at_ms,
        "voice": first_audio_ms - worded_ms,
        TO_REPLY: first_audio_ms - spoken_ms,
    }


def _first_audio_ms(playback: Playback | None) -> float | None:
    while playback and playback.first_audio_ms is None and not playback.wait(0.01):
        pass
    return playback.first_audio_ms if playback else None
