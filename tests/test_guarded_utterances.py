"""Ten thousand utterances in a home full of locks: nothing guarded moves without a yes to it, and with one it does.

What is said is drawn from grammar, mishearings, groups, "it" and "again", undo, skills, things for later, answers of
every kind, and from people who are not there. The messages are watched on the bus, behind all that could be wrong.
"""

import random
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

import pytest

from edge import Assistant, Home, SimulatedClock
from edge.bench.sampling import TemplateSampler
from edge.knowledge import Device
from edge.records import Act, Confirm, Step, Utterance
from edge.turn import Turn

GOLDEN: Final = Path(__file__).parent / "golden" / "guarded"
UTTERANCES: Final = 5_000
"""Without a PIN, and as many with one."""

SENTENCES: Final = tomllib.loads((GOLDEN / "sentences.toml").read_text(encoding="utf-8"))
PIN: Final = "4827"
SURE: Final = 0.4
"""Below this the recogniser's yes is asked for again."""

SECURING: Final = frozenset({"lock", "close", "arm_home", "arm_away", "arm_night"})


@dataclass(frozen=True)
class Said:
    """One utterance, and what the test knows of it."""

    text: str
    alternatives: tuple[str, ...] = ()
    confidence: float = 1.0
    source: Literal["text", "mqtt"] = "text"

    @property
    def answer(self) -> Literal["", "yes", "pin"]:
        """What it is, if it is a clear answer by somebody who is there."""
        if self.source == "mqtt":
            return ""
        if self.text in SENTENCES["pin"]:
            return "pin"
        return "yes" if self.text in SENTENCES["yes"] and self.confidence >= SURE else ""


class Speaker:
    """Draws what is said; the same for the same seed."""

    def __init__(self, devices: list[Device], sentences: list[str], seed: int) -> None:
        self._draw = random.Random(seed)
        self._names = [name for device in devices for name in (device.name, *device.aliases)]
        kinds = {"grammar": {"weight": 25, "lines": sentences}, **SENTENCES["command"]}
        self._lines = [kind["lines"] for kind in kinds.values()]
        self._weights = [kind["weight"] for kind in kinds.values()]

    def next(self, asked: bool) -> Said:
        """After a question mostly an answer; of ten utterances one comes from afar, and some are misheard."""
        answers = asked and self._draw.random() < 0.7
        text = self._answer() if answers else self._command()
        others = (self._command(), self._answer())
        heard_too = others if self._draw.random() < 0.1 else ()
        if heard_too and self._draw.random() < 0.3:
            text, heard_too = others[0], (text, others[1])
        confidence = self._draw.choices((1.0, 0.8, 0.5, 0.3), (6, 2, 1, 1))[0]
        return Said(text, heard_too, confidence, "mqtt" if self._draw.random() < 0.1 else "text")

    def _answer(self) -> str:
        kind = self._draw.choices(("yes", "pin", "no", "other"), (50, 30, 10, 10))[0]
        return str(self._draw.choice(SENTENCES[kind]))

    def _command(self) -> str:
        line = self._draw.choice(self._draw.choices(self._lines, self._weights)[0])
        text = str(line).replace("{}", self._draw.choice(self._names))
        return self._misspelt(text) if self._draw.random() < 0.12 else text

    def _misspelt(self, text: str) -> str:
        """A letter lost, doubled or exchanged, as in a mishearing."""
        letters = list(text)
        for _ in range(self._draw.randint(1, 3)):
            at = self._draw.randrange(len(letters))
            letters[at] = self._draw.choice(("", letters[at] * 2, self._draw.choice("aeioubdgt")))
        return "".join(letters)


@dataclass
class Watch:
    """Hears what is sent to guarded devices, and judges it."""

    guarded: dict[str, Device]
    pin: str
    sent: set[str] = field(default_factory=set)
    """device_ids, since the last look."""
    wrong: list[str] = field(default_factory=list)
    released: int = 0
    obeyed: int = 0

    def hear(self, topic: str, payload: bytes) -> None:
        levels = topic.split("/")
        device_id = ".".join(levels[2:4])
        if levels[4:5] == ["set"] and device_id in self.guarded:
            self.sent.add(device_id)

    def judge(self, said: Said, turn: Turn, before: Turn | None) -> None:
        """Whether what was sent had been asked for, one turn before, and was answered by somebody who is there."""
        sent, self.sent = self.sent, set()
        asked = [step for step in _asked(before) if self._is_guarded(step)]
        released = bool(asked) and self._releases(said, asked)
        allowed = {target for step in asked for target in step.action.targets} if released else set()
        if sent - allowed:
            last = before.transcript.text if before and before.transcript else ""
            self.wrong.append(f"{sorted(sent - allowed)} after {last!r}, then {said}")
        if released:
            self.released += 1
            wanted = allowed & self.guarded.keys()
            answered = all(done.outcome and done.outcome.confirmed is not False for done in turn.done_steps)
            self.obeyed += wanted <= sent and answered

    def _releases(self, said: Said, asked: list[Step]) -> bool:
        commands = {step.action.command_for(target) for step in asked for target in step.action.targets}
        wants_pin = bool(self.pin) and not commands <= SECURING
        return said.answer == ("pin" if wants_pin else "yes")

    def _is_guarded(self, step: Step) -> bool:
        return any(target in self.guarded for target in step.action.targets)


def _asked(turn: Turn | None) -> tuple[Step, ...]:
    """What a yes to the turn's question would release."""
    if turn is None:
        return ()
    decision = turn.decision.then if isinstance(turn.decision, Act) else turn.decision
    return decision.steps if isinstance(decision, Confirm) else ()


def lived(assistant: Assistant, speaker: Speaker, watch: Watch) -> Iterator[Turn]:
    """The utterances, one after the other; now and then some time passes, in which nothing guarded may move either."""
    draw = random.Random(7)
    turn: Turn | None = None
    for number in range(UTTERANCES):
        before = turn
        said = speaker.next(asked=bool(_asked(before)))
        utterance = Utterance(
            said.source, "hall", typed=said.text, typed_confidence=said.confidence, typed_alternatives=said.alternatives
        )
        turn = assistant.runtime.conversation.take(utterance)
        watch.judge(said, turn, before)
        yield turn
        if number % 20 == 19:
            long = turn.response is not None and "too many wrong" in turn.response.text
            assistant.advance(timedelta(days=1) if long else timedelta(minutes=draw.randint(1, 30)))
            watch.judge(Said(""), turn, None)
            turn = None


@pytest.mark.parametrize("pin", ["", PIN])
def test_nothing_guarded_moves_without_a_yes_and_with_one_it_does(pin: str) -> None:
    """0 of 10,000 utterances move something guarded unasked; at least 99 of 100 yeses, or PINs, do."""
    clock = SimulatedClock(datetime(2026, 11, 22, 8, tzinfo=UTC))
    home = Home.simulated(GOLDEN / "home.toml")
    with Assistant.open(home=home, store=":memory:", clock=clock, room="hall", skills=[GOLDEN / "skill.toml"]) as edge:
        if pin:
            edge.runtime.store.pins.set(pin)
        known = edge.home.picture.home_map
        watch = Watch({device.device_id: device for device in known.devices if device.tier == "guarded"}, pin)
        edge.home.picture._bus.subscribe("edge/simulated/#", watch.hear)
        sentences = [sampled.text for sampled in TemplateSampler(known, "hall").draw(11, 3_000)]
        speaker = Speaker(list(known.devices), sentences, 5)
        kinds = Counter(turn.response.kind for turn in lived(edge, speaker, watch) if turn.response)
    assert watch.wrong == []
    assert watch.released >= 150, kinds
    assert watch.obeyed >= 0.99 * watch.released, (watch.obeyed, watch.released)
    assert len(watch.guarded) == 9
    assert min(kinds["answer"], kinds["refusal"], kinds["confirmation"]) >= 200, kinds
