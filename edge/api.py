"""The public Python face: `from edge import Assistant, Home, SimulatedClock`. Stable from here on.

with Assistant.open(home=Home.demo(), store=":memory:", room="kitchen") as assistant:
    turn = assistant.hear_text("turn on the kitchen light")
    print(turn.response.text, assistant.home.states()["light.kitchen"])
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from edge.clock import Clock, SimulatedClock, WallClock
from edge.config import load_settings
from edge.errors import EdgeError
from edge.hearing.wav import read_wav
from edge.live_home import LiveHome
from edge.records import Utterance
from edge.runtime import Runtime, build_runtime
from edge.settings import Settings
from edge.turn import Turn


@dataclass(frozen=True)
class Home:
    """Which home to live in. Without one, `Assistant.open` takes what the settings say."""

    file: Path | None = None
    """The home file of a simulated home; None for the demo home."""

    @classmethod
    def demo(cls) -> Self:
        """The demo home, in-process: no broker, no threads."""
        return cls()

    @classmethod
    def simulated(cls, file: str | Path) -> Self:
        """The simulated home that a home file describes, in-process. `edge home check FILE` explains mistakes in it."""
        return cls(Path(file))


@dataclass(frozen=True)
class NightShift:
    """What one night shift did."""

    knowledge_revision: int
    jobs: tuple[str, ...]


class Assistant:
    """One assistant in one home. Use it as a context manager, or call `close`."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._by_themselves: list[Turn] = []
        runtime.conversation.on_turn(self._note)
        runtime.clockwork.start()

    @classmethod
    def open(
        cls,
        config: str | Path | Settings | None = None,
        home: Home | None = None,
        store: str | Path | None = None,
        clock: Clock | None = None,
        room: str | None = None,
        screen: bool | None = None,
        skills: Sequence[str | Path] = (),
        voice: bool = False,
    ) -> Self:
        """Build an assistant.

        config: an edge.toml, a `Settings`, or None for the built-in defaults. home: None takes the broker that the
        settings name, or else a demo home on a broker of its own. store: a path or ":memory:"; None takes the
        settings'. clock: the wall clock, or a `SimulatedClock`. room and screen: where the assistant stands; None
        takes the settings'. skills: skill files, or folders of them, beside the settings' folder; one with mistakes is
        left out and logged (`edge skill check FILE` explains them). voice: load the models of hearing and speech;
        without them text is all it takes.
        Raises `ConfigError`, `StoreError`, `BrokerError` or `ModelError`, each saying what to do.
        """
        settings = _settings(config)
        own = {"room": room, "screen": screen}
        place = settings.assistant.model_copy(update={k: v for k, v in own.items() if v is not None})
        settings = settings.model_copy(update={"assistant": place})
        return cls(
            build_runtime(
                settings,
                home_file=home.file if home else None,
                in_process=home is not None,
                store=store,
                clock=clock or WallClock(),
                voice=voice,
                skills=[Path(each) for each in skills],
            )
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Write what is still to be written and let go of everything. Safe to call twice."""
        self._runtime.close()

    @property
    def home(self) -> LiveHome:
        """The home as it is: `states()`, and for a simulated one `use_switch(...)`."""
        return self._runtime.home

    @property
    def runtime(self) -> Runtime:
        """The parts underneath, for doors and benchmarks; not part of the stable face."""
        return self._runtime

    def hear_text(
        self,
        text: str,
        confidence: float = 1.0,
        alternatives: Sequence[str] = (),
        room: str | None = None,
        speaker: str | None = None,
        interrupts_after_ms: int | None = None,
    ) -> Turn:
        """One turn from text, as typed or as some recogniser heard it.

        `confidence` is 0 to 1, `alternatives` are its other readings, likeliest first.
        If the reply before was a question, this is taken as its answer. `interrupts_after_ms`: the person cut the
        reply before off after so many milliseconds of it.
        """
        return self._runtime.conversation.take(
            Utterance(
                source="text",
                room=room,
                speaker=speaker or "unknown",
                typed=text,
                typed_confidence=confidence,
                typed_alternatives=tuple(alternatives),
                interrupts_after_ms=interrupts_after_ms,
            )
        )

    def hear_wav(self, path: str | Path, room: str | None = None, speaker: str | None = None) -> Turn:
        """The turn in a WAV file of any usual kind, with or without the wake word in front. Needs `voice=True`.

        Of several commands with a pause between them this is the first; all of them are carried out and stored.
        """
        voice = self._runtime.voice
        if voice is None:
            raise EdgeError("No speech recogniser is loaded: open the assistant with voice=True.")
        turns = voice.hear(self._runtime.conversation, read_wav(Path(path)), "wav", room, speaker or "unknown")
        return turns[0]

    def wake_only(self, room: str | None = None, speaker: str | None = None) -> Turn:
        """A wake word and then nothing: a false wake, or somebody who thought better of it."""
        return self._runtime.conversation.take(
            Utterance(source="text", room=room, speaker=speaker or "unknown", typed="")
        )

    def advance(self, by: timedelta) -> tuple[Turn, ...]:
        """Live through `by` on a `SimulatedClock`: echoes, expiries, timers and alarms, the night shift.

        Returns the Turns that began by themselves since it was opened or last asked, in order: what rang, was told, or
        was done because its time had come.
        """
        clock = self._runtime.clock
        if not isinstance(clock, SimulatedClock):
            raise EdgeError("advance needs a SimulatedClock: Assistant.open(clock=SimulatedClock(start)).")
        clock.advance(by)
        turns, self._by_themselves = tuple(self._by_themselves), []
        return turns

    def _note(self, turn: Turn) -> None:
        """On the wall clock nobody fetches them, so they are not kept."""
        if turn.utterance.source == "agenda" and isinstance(self._runtime.clock, SimulatedClock):
            self._by_themselves.append(turn)

    def learn(self) -> NightShift:
        """The night shift, now: tidies the store and learns what this home is wont to ask for."""
        jobs = self._runtime.night_shift()
        return NightShift(self._runtime.conversation.knowledge().revision, jobs)

    def devices(self) -> Mapping[str, Any]:
        """Every device that was found: name, area, kind, risk tier and state, by device_id."""
        return self._runtime.describe_devices()


def _settings(config: str | Path | Settings | None) -> Settings:
    if isinstance(config, Settings):
        return config
    if config is None:
        return Settings()
    return load_settings(file=Path(config)).settings
