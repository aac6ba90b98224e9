"""World: how well hearing and understanding work together, step by step, in several voices and in noise.

Every sentence goes as sound through the recogniser and the whole pipeline, in the demo home with the benchmark's skill;
right is what sends the one right message. The wake word is left out: the recogniser is given its own lead-in.
"""

import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
from rich.console import Console
from rich.progress import track

from edge.bench.figures import machine
from edge.bench.hearing_corpus import Corpus, Plan, Spoken, sayings
from edge.bench.hearing_report import HearingReport, Trial
from edge.bench.noise import Surroundings
from edge.bench.spoken_sentences import spoken_skill_path
from edge.bench.voices import VOICES, Voices
from edge.clock import SimulatedClock
from edge.errors import ConfigError
from edge.home.home_file import demo_home_path
from edge.records import Act, Ask, Confirm, Message, Utterance
from edge.runtime import Runtime, build_runtime
from edge.settings import MqttSettings, Settings
from edge.turn import Turn

STEPS: Final[Mapping[str, Mapping[str, Any]]] = {
    "free": {"asr.search": "free"},
    "closed": {"asr.search": "closed"},
    "near": {"asr.search": "near"},
}
"""By name, the settings that switch a step of the joint decision on or off; what is not named is as in the settings."""

_BEGINS: Final = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
_FORGETS: Final = timedelta(minutes=6)
"""After so long nothing that was said or asked before counts any more."""


@dataclass(frozen=True)
class Setup:
    """With which voices and steps, and where everything lies."""

    data: Path
    voices: tuple[str, ...] = VOICES
    steps: tuple[str, ...] = tuple(STEPS)
    sounds: Path | None = None
    """Folder in which the voices' sounds are kept for the next run."""


def measure_hearing(settings: Settings, plan: Plan, setup: Setup, console: Console) -> HearingReport:
    """Say everything once for every step. Raises EdgeError when data, voices or models are missing."""
    if unknown := sorted(set(setup.steps) - STEPS.keys()):
        raise ConfigError(f"There is no step {', '.join(unknown)}. There are: {', '.join(STEPS)}.")
    around = Surroundings(setup.data / "noise_rir")
    said = sayings(plan, setup.data)
    with tempfile.TemporaryDirectory(prefix="edge-voices-") as folder:
        voices = Voices(setup.sounds or Path(folder), setup.voices)
        for name, reason in voices.missing.items():
            console.print(f"The voice {name} is left out: {reason}", markup=False, highlight=False)
        if not voices.names:
            raise ConfigError("No voice is left to speak with: see the lines above, or name others with --voices.")
        corpus = Corpus(plan, said, voices, around)
        trials = [trial for step in setup.steps for trial in _tried(settings, step, corpus, console)]
    return HearingReport(machine(), plan.seed, voices.missing, tuple(trials))


def _tried(settings: Settings, step: str, corpus: Corpus, console: Console) -> list[Trial]:
    """Everything said once to an assistant with this step."""
    hidden = not console.is_terminal
    with _assistant(with_step(settings, step)) as runtime:
        shown = track(corpus, step, total=len(corpus), console=console, transient=True, disable=hidden)
        return [heard(runtime, each, step) for each in shown]


def with_step(settings: Settings, step: str) -> Settings:
    """The settings with the overrides of that step."""
    content = settings.model_dump()
    for place, value in STEPS[step].items():
        section, _, key = place.partition(".")
        content[section][key] = value
    return Settings.model_validate(content)


def heard(runtime: Runtime, each: Spoken, step: str) -> Trial:
    """What became of one spoken sentence, long after the one before."""
    clock = runtime.clock
    assert isinstance(clock, SimulatedClock), "it was built with one"
    clock.advance(_FORGETS)
    sound = each.samples.astype(np.float32) / 32_768.0
    return judged(each, runtime.conversation.take(Utterance("wav", sound=sound)), step)


def judged(each: Spoken, turn: Turn, step: str) -> Trial:
    """The turn against what was meant."""
    saying, transcript, sent = each.saying, turn.transcript, _sent(turn)
    assert transcript is not None, "a recogniser that breaks down ends the benchmark"
    command = saying.command
    is_right = not sent if command is None else len(sent) == 1 and command.is_met_by(sent[0].topic, sent[0].payload)
    asked = isinstance(turn.decision, Ask | Confirm) or (
        isinstance(turn.decision, Act) and turn.decision.then is not None
    )
    return Trial(
        step=step,
        part=saying.part,
        voice=each.voice,
        snr=each.snr,
        noise=each.noise,
        room=each.room,
        said=saying.text,
        meant=saying.meant,
        heard=transcript.text,
        alternatives=transcript.alternatives,
        did=tuple(f"{message.topic} {message.payload}" for message in sent),
        is_right=is_right,
        is_intent_right=is_right if not saying.intent else saying.intent in _intents(turn),
        is_asked=asked,
        asr_ms=turn.timings_ms["asr"],
        understanding_ms=turn.timings_ms["understanding"],
        was_closed=transcript.closed,
        was_read_freely=bool(transcript.free),
        compared=len(turn.sound_scores),
    )


def _sent(turn: Turn) -> Sequence[Message]:
    return [message for done in turn.done_steps if done.outcome for message in done.outcome.sent]


def _intents(turn: Turn) -> set[str]:
    """The skill's intents among what was decided, without the name of the skill."""
    found = [done.step.interpretation for done in turn.done_steps]
    if isinstance(turn.decision, Ask):
        found.append(turn.decision.interpretation)
    return {str(each.slots.get("skill_intent", "")).rpartition(".")[2] for each in found}


@contextmanager
def _assistant(settings: Settings) -> Iterator[Runtime]:
    """All real parts in the demo home, which answers at once; never in the person's own home and database."""
    apart = settings.model_copy(
        update={
            "mqtt": MqttSettings(),
            "home": settings.home.model_copy(update={"file": None}),
            "assistant": settings.assistant.model_copy(update={"room": None}),
            "store": settings.store.model_copy(update={"keep_audio": False}),
            "skills": settings.skills.model_copy(update={"folder": Path(os.devnull)}),
        }
    )
    clock, skills = SimulatedClock(_BEGINS), (spoken_skill_path(),)
    home_file = demo_home_path()
    runtime = build_runtime(
        apart, clock=clock, home_file=home_file, in_process=True, store=":memory:", voice=True, skills=skills
    )
    try:
        yield runtime
    finally:
        runtime.close()
