"""World: builds assistants. What becomes of sentences in the demo home, each in a fresh conversation."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal, Self

from edge.bench.nlu_expected import Expected, is_asking, moving
from edge.bench.talk_data import Sentence
from edge.clock import SimulatedClock
from edge.home.home_file import demo_home_path
from edge.nlu.classifier import Classified, Classifier
from edge.nlu.encoder import Encoder
from edge.nlu.heads import Heads
from edge.nlu.labels import NONE
from edge.nlu.model_rung import SURE_ENOUGH
from edge.records import Reject, Utterance
from edge.runtime import Runtime, build_runtime
from edge.settings import MqttSettings, Settings
from edge.turn import Turn

ROOM: Final = "living room"
"""Where the assistant stands."""

NOW: Final = datetime(2026, 11, 22, 19, tzinfo=UTC)

_BRIGHTNESS, _VOLUME = 60, 30

THRESHOLDS: Final = tuple(sorted({0.3, 0.4, 0.5, 0.7, 0.8, 0.9, 0.95, SURE_ENOUGH}))
"""Probabilities of a class below which the model understands nothing: those that are tried, and the shipped one."""

Home = Literal["dark", "lit", "playing"]


class RememberingClassifier(Classifier):
    """A classifier that thinks about a sentence once: thresholds are tried on what it made of it."""

    def __init__(self, encoder: Encoder, heads: Heads) -> None:
        super().__init__(encoder, heads)
        self.encoder, self.heads = encoder, heads
        self.asked: list[float] = []
        """How sure it was, of each command for the home that it was asked about and saw."""
        self._known: dict[str, Classified] = {}

    @classmethod
    def load(cls, folder: Path, threads: int = 1) -> Self:
        return cls(Encoder(folder, threads), Heads.load(folder / "heads.npz"))

    def classify(self, text: str) -> Classified:
        """As the classifier that ships does."""
        if text not in self._known:
            self._known[text] = super().classify(text)
        label, sure = self._known[text].best
        if label != NONE:
            self.asked.append(sure)
        return self._known[text]


@dataclass(frozen=True)
class Heard:
    """What became of a sentence."""

    sentence: Sentence
    did: str
    """What left for the home, what was asked, or why neither, for people to read."""
    moved: bool
    """Whether an MQTT message left."""
    asked: Literal["", "ask", "confirm"]
    source: str
    """Of the reading that was acted on or asked about: grammar, model, skill, dialogue."""
    reply: str
    expected: Expected | None = None
    is_right: bool = False

    @property
    def is_named(self) -> bool:
        """Whether a refusal names what this home has not."""
        missing = self.expected.missing if self.expected else ""
        return bool(missing) and missing in self.reply.casefold()


@dataclass(frozen=True)
class AtThresholds:
    """What became of a sentence at every threshold of the model."""

    by_threshold: Mapping[float, Heard]

    @property
    def shipped(self) -> Heard:
        """At the threshold that ships."""
        return self.by_threshold[SURE_ENOUGH]


class Listener:
    """Hears every sentence once, and again only where another threshold makes a difference."""

    def __init__(self, classifier: RememberingClassifier) -> None:
        self._classifier = classifier
        self._homes = {threshold: DemoHome(classifier, threshold) for threshold in THRESHOLDS}

    def hear(self, sentence: Sentence, expected: Expected | None = None) -> AtThresholds:
        """What becomes of it; a threshold matters where the model was less sure than that."""
        found: dict[float, Heard] = {}
        before = 0.0
        for threshold in THRESHOLDS:
            if not found or any(before <= sure < threshold for sure in self._classifier.asked):
                self._classifier.asked.clear()
                heard = self._homes[threshold].hear(sentence, expected)
            found[threshold] = heard
            before = threshold
        return AtThresholds(found)

    def close(self) -> None:
        """Let go of every home."""
        for home in self._homes.values():
            home.close()


class DemoHome:
    """The demo home with one model and one threshold; after every turn that left a trace a new one."""

    def __init__(self, classifier: Classifier, sure_enough: float = SURE_ENOUGH) -> None:
        self._classifier = classifier
        self._sure_enough = sure_enough
        self._ready: dict[Home, Runtime] = {}

    def hear(self, sentence: Sentence, expected: Expected | None = None) -> Heard:
        """What becomes of it."""
        home: Home = expected.home if expected else "dark"
        turn = self.take(sentence.text, home)
        return judged(sentence, turn, expected)

    def take(self, text: str, home: Home = "dark") -> Turn:
        """One turn, with nothing before it."""
        runtime = self._ready.get(home) or self._built(home)
        self._ready[home] = runtime
        turn = runtime.conversation.take(Utterance("text", typed=text))
        if not isinstance(turn.decision, Reject):
            self._ready.pop(home).close()
        return turn

    def close(self) -> None:
        """Let go of what was built."""
        for runtime in self._ready.values():
            runtime.close()
        self._ready.clear()

    def _built(self, home: Home) -> Runtime:
        runtime = build_runtime(
            settings(),
            clock=SimulatedClock(NOW),
            home_file=demo_home_path(),
            in_process=True,
            store=":memory:",
            classifier=self._classifier,
            sure_enough=self._sure_enough,
        )
        for device in runtime.home.picture.home_map.devices if home == "lit" else ():
            if device.domain == "light" and "brightness" in device.capabilities:
                runtime.home.use_switch(device.device_id, "on", brightness=_BRIGHTNESS)
            elif device.domain == "light":
                runtime.home.use_switch(device.device_id, "on")
        if home == "playing":
            runtime.home.use_switch("media_player.tv", "playing", volume=_VOLUME)
        return runtime


def settings() -> Settings:
    """Never those of the person at the machine: the expectations hold for the demo home alone."""
    plain = Settings(mqtt=MqttSettings())
    return plain.model_copy(update={"assistant": plain.assistant.model_copy(update={"room": ROOM})})


def judged(sentence: Sentence, turn: Turn, expected: Expected | None = None) -> Heard:
    """The turn, against what is expected where something is."""
    moved = moving(turn)
    decision = turn.decision
    asked: Literal["", "ask", "confirm"] = ""
    if is_asking(turn):
        kinds = {getattr(decision, "kind", ""), getattr(getattr(decision, "then", None), "kind", "")}
        asked = "confirm" if "confirm" in kinds else "ask"
    first = next((done.step.interpretation for done in turn.done_steps), getattr(decision, "interpretation", None))
    return Heard(
        sentence,
        _told(turn, asked),
        bool(moved),
        asked,
        first.source if first else "",
        turn.response.text if turn.response else "",
        expected,
        expected is not None and expected.is_met_by(turn),
    )


def _told(turn: Turn, asked: str) -> str:
    steps = "; ".join(
        f"{command} {target} {dict(values)}" if values else f"{command} {target}"
        for target, (command, values) in moving(turn).items()
    )
    readings = ", ".join(f"{c.interpretation.intent} {dict(c.interpretation.slots)} {c.score}" for c in turn.candidates)
    what = steps or asked or getattr(turn.decision, "reason", getattr(turn.decision, "kind", "nothing"))
    unresolved = getattr(turn.decision, "unresolved", None)
    why = f" ({unresolved.reason} {unresolved.name})" if unresolved else ""
    return f"{what}{why} <- {readings or 'no reading'}"
