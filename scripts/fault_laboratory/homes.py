"""World: writes home files, builds assistants. The homes of the laboratory as people know them, and as they became."""

import itertools
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Protocol

from edge.bench.nlu_turns import settings
from edge.clock import SimulatedClock
from edge.conversation import Conversation, Place
from edge.dialogue.questions import question_of
from edge.home.home_file import demo_home_path
from edge.knowledge import Change, HomeMap
from edge.nlu.classifier import Classifier
from edge.paths import shipped
from edge.pipeline import Recogniser, Scorer, Stages
from edge.runtime import Runtime, build_runtime
from fault_laboratory.goals import Said
from fault_laboratory.wordings import homes_that_became

HOMES: Final[Mapping[str, Path]] = {"demo": demo_home_path(), "terrace": Path(__file__).with_name("terrace.toml")}
VARIANTS: Final = ("", "renamed", "moved")
"""What may have become of a home: nothing, other names, other rooms."""

EVENING: Final = datetime(2026, 11, 22, 19, tzinfo=UTC)
"""When the expectations about real sentences hold."""

_BRIGHTNESS, _VOLUME = 60, 30


class Ears(Recogniser, Scorer, Protocol):
    """What hears, and tells how well words fit what was heard."""


@dataclass(frozen=True)
class Household:
    """One assistant in one home, for one dialogue."""

    runtime: Runtime
    conversation: Conversation
    clock: SimulatedClock
    stages: Stages
    began: datetime

    def changes(self) -> tuple[Change, ...]:
        """Of its devices, since the dialogue began."""
        return self.runtime.home.picture.changes(since=self.began)

    def pass_time(self, seconds: float) -> None:
        """Live through so many seconds."""
        self.clock.advance(timedelta(seconds=seconds))


class Homes:
    """Builds households."""

    def __init__(self, folder: Path) -> None:
        """`folder` gets the files of homes that were changed."""
        self._folder = folder
        self._classifier = Classifier.load(shipped("models") / "nlu")

    @contextmanager
    def household(self, said: Said, ears: Ears, variant: str = "", name: str = "0") -> Iterator[Household]:
        """The home of `said`, as it is now: itself, `renamed` or `moved`. Turns are numbered after `name`."""
        plain = settings()
        place = plain.assistant.model_copy(update={"room": said.room, "screen": said.screen})
        clock = SimulatedClock(EVENING)
        runtime = build_runtime(
            plain.model_copy(update={"assistant": place}),
            clock=clock,
            home_file=self._file(said.home, variant),
            in_process=True,
            store=":memory:",
            classifier=self._classifier,
        )
        try:
            _set_up(runtime, said.setting)
            clock.advance(timedelta(minutes=10))
            yield _lived_in(runtime, clock, said, ears, name)
        finally:
            runtime.close()

    def maps(self) -> Iterator[tuple[str, str, HomeMap]]:
        """Every home with its name and what became of it."""
        for home, variant in itertools.product(HOMES, VARIANTS):
            runtime = build_runtime(
                settings(),
                clock=SimulatedClock(EVENING),
                home_file=self._file(home, variant),
                in_process=True,
                store=":memory:",
                classifier=self._classifier,
            )
            yield home, variant, runtime.home.picture.home_map
            runtime.close()

    def _file(self, home: str, variant: str) -> Path:
        """The home file; what became of a home is done to it as people do it, by the commands for that."""
        if not variant:
            return HOMES[home]
        file = self._folder / f"{home}_{variant}.toml"
        if file.is_file():
            return file
        self._folder.mkdir(parents=True, exist_ok=True)
        making = self._folder / f"{home}_{variant}_making.toml"
        shutil.copyfile(HOMES[home], making)
        clock = SimulatedClock(EVENING)
        runtime = build_runtime(
            settings(), clock=clock, home_file=making, in_process=True, store=":memory:", classifier=self._classifier
        )
        try:
            for device_id, became in homes_that_became(variant, home).items():
                arranging = runtime.home.arranging
                (arranging.rename if variant == "renamed" else arranging.room)(device_id, became)
        finally:
            runtime.close()
        making.rename(file)
        return file


def _set_up(runtime: Runtime, setting: str) -> None:
    """What is on when the dialogue begins."""
    for device in runtime.home.picture.home_map.devices if setting in {"lit", "busy"} else ():
        if device.domain == "light" and "brightness" in device.capabilities:
            runtime.home.use_switch(device.device_id, "on", brightness=_BRIGHTNESS)
        elif device.domain == "light" or (device.domain in {"switch", "fan"} and setting == "busy"):
            runtime.home.use_switch(device.device_id, "on")
        elif device.domain == "vacuum" and setting == "busy":
            runtime.home.use_switch(device.device_id, "cleaning")
    if setting == "playing":
        runtime.home.use_switch("media_player.tv", "playing", volume=_VOLUME)


def _lived_in(runtime: Runtime, clock: SimulatedClock, said: Said, ears: Ears, name: str) -> Household:
    """The runtime's own parts with the laboratory's ears, and turns whose names the seed decides."""
    numbers = itertools.count()
    stages = replace(runtime.stages, asr=ears, scorer=ears)
    conversation = Conversation(
        surroundings=runtime.home.picture,
        memory=runtime.store,
        stages=stages,
        clock=clock,
        place=Place(said.room, said.screen),
        new_turn_id=lambda now: f"{now.astimezone(UTC):%Y%m%d-%H%M%S}-{name}-{next(numbers)}",
        question_of=question_of,
        skills=runtime.skills.skills,
    )
    return Household(runtime, conversation, clock, stages, clock.now())
