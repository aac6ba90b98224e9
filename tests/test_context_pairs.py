"""Minimal pairs: the same words in two circumstances, and two meanings; and controls, whose meaning stays.

The cases are data: `golden/context/pairs.toml` explains the keys, `controls.toml` is written alike, and both take place
in the home of `home.toml`. Sentences go through the real understanding, templates and model.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from functools import cache
from typing import Any

import pytest

from edge.asr.trial import TypedRecogniser
from edge.context.circumstances import Circumstances
from edge.conversation import Recall
from edge.dialogue.decision import Dialogue
from edge.dialogue.pins import PinCheck
from edge.home.home_file import load_home_file
from edge.knowledge import DeviceState, Habit, HomeMap, Knowledge
from edge.pipeline import Stages, run_turn
from edge.records import Ask, Utterance
from edge.replay import replay
from edge.rewriting.as_heard import AsHeard
from edge.skills.own import OwnActor
from edge.speech.wording import Wording
from edge.turn import Context, Happening, Turn
from tests.agendas import AgendaOfAnHour
from tests.conversations import GOLDEN, RESOLVER, UNDERSTANDING, FakeHome
from tests.homes import DemoHome, FakePins

FOLDER = GOLDEN / "context"
WORDS = {"said", "why"}
CASE = {"room", "at", "screen", "states", "before", "happened", "habits"}
EXPECTED = {"does", "command", "targets", "values", "choices"}
DAY = datetime(2026, 11, 24, tzinfo=UTC)
DOES = {"act": "act", "confirm": "confirm", "ask": "ask", "reject": "refuse"}


@cache
def home() -> tuple[HomeMap, Mapping[str, DeviceState]]:
    """The home of the pairs, announced and simulated like any other."""
    simulated = DemoHome(home_file=load_home_file(FOLDER / "home.toml"))
    return simulated.picture.home_map, simulated.picture.states()


@dataclass
class Lived:
    """One case: its circumstances, and the turns lived through in them."""

    words: Mapping[str, Any]
    case: Mapping[str, Any]

    def __post_init__(self) -> None:
        home_map, states = home()
        self.actor = FakeHome({**states, **{key: _state(said) for key, said in self.case.get("states", {}).items()}})
        self.knowledge = Knowledge(1, home_map, habits=tuple(_habit(h) for h in self.case.get("habits", ())))
        self.recall = Recall()
        self.now = datetime.combine(DAY, time.fromisoformat(self.case.get("at", "14:05")), UTC)

    def turn(self) -> Turn:
        """What comes of the sentence, after what was said before it."""
        for before in self.case.get("before", ()):
            self.say(before)
        return self.say(self.words["said"])

    def say(self, text: str) -> Turn:
        self.now += timedelta(seconds=10)
        happenings = tuple(Happening(what, self.now - timedelta(minutes=4)) for what in self.case.get("happened", ()))
        context = Context(self.now, self.case.get("room"), screen=self.case.get("screen", False))
        context = replace(self.recall.added_to(context), states=dict(self.actor.states), happenings=happenings)
        turn = Turn.begin("turn", Utterance("text", context.room, typed=text), context, 1)
        turn = run_turn(turn, self.knowledge, self.stages())
        self.recall.note(turn, self.now)
        return turn

    def stages(self) -> Stages:
        """The real stages around a home that obeys at once."""
        return Stages(
            asr=TypedRecogniser(),
            pins=PinCheck(FakePins()),
            rewriting=AsHeard(),
            nlu=UNDERSTANDING,
            circumstances=Circumstances(),
            resolution=RESOLVER,
            decision=Dialogue(),
            scorer=TypedRecogniser(),
            home_actor=self.actor,
            skill_actor=self.actor,
            own_actor=OwnActor(),
            agenda_actor=AgendaOfAnHour().actor,
            speech=Wording(),
        )


def _state(said: Any) -> DeviceState:
    if isinstance(said, str):
        return DeviceState(said)
    return DeviceState(said["state"], {key: value for key, value in said.items() if key != "state"})


def _habit(said: Mapping[str, Any]) -> Habit:
    return Habit(said["command"], said["target"], said["hour"], said["times"], said.get("values", {}))


def cases(name: str, kind: str) -> list[Any]:
    """Every case of a file, each with its words and what is expected of it."""
    found = []
    tables = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
    assert set(tables) == {kind}
    for entry in tables[kind]:
        words = {key: value for key, value in entry.items() if key != "case"}
        assert len(entry["case"]) == 2, f"{entry['said']!r} needs two cases"
        for number, case in enumerate(entry["case"], 1):
            unknown = (words.keys() - WORDS - EXPECTED) | (case.keys() - CASE - EXPECTED)
            assert not unknown, f"{name}.toml: what is {sorted(unknown)} in {entry['said']!r}?"
            found.append(pytest.param(words, case, id=f"{entry['said']} ({entry['why']}) {number}"))
    return found


PAIRS, CONTROLS = cases("pairs", "pair"), cases("controls", "control")


def came_of(turn: Turn) -> dict[str, Any]:
    """The decision in the words of the files."""
    assert turn.decision is not None
    found: dict[str, Any] = {"does": DOES[turn.decision.kind]}
    if turn.decision.steps:
        action = turn.decision.steps[0].action
        found |= {"command": action.command, "targets": sorted(action.targets), "values": dict(action.values)}
    if isinstance(turn.decision, Ask):
        found["choices"] = list(dict.fromkeys(t for step in turn.decision.steps for t in step.action.targets))
    return found


@pytest.mark.parametrize(("words", "case"), PAIRS + CONTROLS)
def test_words_mean_what_the_circumstances_make_of_them(words: Mapping[str, Any], case: Mapping[str, Any]) -> None:
    """Of a pair the one thing here and the other there; of a control the same in both."""
    expected = {key: value for key, value in {**words, **case}.items() if key in EXPECTED}
    if "targets" in expected:
        expected["targets"] = sorted(expected["targets"])
    found = came_of(Lived(words, case).turn())
    assert {key: found.get(key) for key in expected} == expected


@pytest.mark.parametrize(("words", "case"), PAIRS + CONTROLS)
def test_a_stored_turn_remembers_what_had_a_say(words: Mapping[str, Any], case: Mapping[str, Any]) -> None:
    """With only the states that it consulted, a turn comes out the same again."""
    lived = Lived(words, case)
    stored = Turn.from_stored(lived.turn().to_stored())
    assert replay(stored, lived.knowledge, lived.stages()).differences == ()


def test_there_are_as_many_controls_as_pairs() -> None:
    """And enough of both; no pair has the same circumstances or the same meaning twice."""
    assert len(PAIRS) >= 80
    assert len(CONTROLS) >= len(PAIRS)
    for one, other in zip(PAIRS[::2], PAIRS[1::2], strict=True):
        meanings = [{key: each.values[1].get(key) for key in EXPECTED} for each in (one, other)]
        assert meanings[0] != meanings[1], one.id
        assert one.values[1] != other.values[1]
