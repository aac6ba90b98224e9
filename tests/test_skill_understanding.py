"""What skills understand: their sentences exactly, other words and misheard values by likeness, and talk not at all."""

import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from edge import intents
from edge.knowledge import Knowledge, Skill
from edge.nlu.classifier import Classifier
from edge.nlu.grammar import GrammarUnderstanding
from edge.nlu.model_rung import ModelRung
from edge.nlu.skills import SkillUnderstanding, skill_phrases, skill_words
from edge.nlu.understanding import Understanding
from edge.paths import shipped
from edge.records import Interpretation, Phrasing
from edge.skills.skill_file import examples_path, parse_skill, read_skill
from edge.turn import Context
from tests.homes import DemoHome, morning

TRAM = """\
[skill]
name = "tram"

[slots.stop]
values = [
    { value = "Old Mill", say = ["the mill", "mill stop"] },
    { value = "St. Anne's", say = ["saint annes"] },
    "Café Zürich",
    "harbour gate",
    "Platform 9",
]

[slots.line]
from = 1
to = 12

[slots.degrees]
from = -20
to = 30
step = 0.5

[slots.share]
from = 0
to = 100
step = 10

[slots.words]
text = true

[[intent]]
name = "depart"
sentences = [
    "when does [the] [line] {line} [tram] leave [from] {stop}",
    "departures (at|from) {stop} [on line {line}]",
    "next tram (at|from) {stop}",
]
[[intent.do]]
answer = "{{ stop }}"

[[intent]]
name = "travel"
sentences = ["(book|get) [me] [a] ticket[s] from {stop:start} to {stop:end}",
    "I'll ride from {stop:start} to {stop:end}"]
[[intent.do]]
answer = "{{ start }} {{ end }}"

[[intent]]
name = "heat"
sentences = ["heat the waiting room to {degrees}°", "waiting room at {degrees} degrees", "heating power {share}%"]
[[intent.do]]
answer = "ok"

[[intent]]
name = "announce"
sentences = ["announce at {stop} that {words}", "announce {words}"]
[[intent.do]]
answer = "{{ words }}"
"""


@cache
def tram() -> tuple[Skill, ...]:
    skill = parse_skill(TRAM, "tram.toml")
    assert isinstance(skill, Skill), skill
    return (skill,)


@cache
def examples() -> tuple[Skill, ...]:
    found = [read_skill(path) for path in sorted(examples_path().glob("*.toml"))]
    return tuple(skill for skill in found if isinstance(skill, Skill))


@cache
def meaning() -> Classifier:
    return Classifier.load(shipped("models") / "nlu")


@cache
def understanding() -> SkillUnderstanding:
    return SkillUnderstanding(meaning())


def readings(text: str, skills: tuple[Skill, ...]) -> tuple[Interpretation, ...]:
    return understanding().interpret(text, Knowledge(1, skills=skills))


def first(text: str, skills: tuple[Skill, ...]) -> Mapping[str, Any] | None:
    found = readings(text, skills)
    return dict(found[0].slots) if found else None


@pytest.mark.parametrize(
    ("text", "intent", "slots"),
    [
        ("When does line four leave Old Mill?", "depart", {"line": 4, "stop": "Old Mill"}),
        ("when does the 12 tram leave from the mill", "depart", {"line": 12, "stop": "Old Mill"}),
        ("Hey Jarvis, departures at Harbour-Gate please", "depart", {"stop": "harbour gate"}),
        ("departures from Saint Anne's on line two", "depart", {"stop": "St. Anne's", "line": 2}),
        ("next tram at cafe zurich", "depart", {"stop": "Café Zürich"}),
        ("next tram from platform nine", "depart", {"stop": "Platform 9"}),
        ("get me a ticket from the mill to harbour gate", "travel", {"start": "Old Mill", "end": "harbour gate"}),
        ("book tickets from harbour gate to the mill", "travel", {"start": "harbour gate", "end": "Old Mill"}),
        ("Ill ride from the mill to harbour gate", "travel", {"start": "Old Mill", "end": "harbour gate"}),
        ("heat the waiting room to 21.5°", "heat", {"degrees": 21.5}),
        ("heat the waiting room to twenty one point five degrees", "heat", {"degrees": 21.5}),
        ("waiting room at minus five degrees", "heat", {"degrees": -5}),
        ("waiting room at -5 degrees", "heat", {"degrees": -5}),
        ("heating power 30%", "heat", {"share": 30}),
        ("heating power thirty percent", "heat", {"share": 30}),
        (
            "announce at the mill that Line 4 is LATE, sorry!",
            "announce",
            {"stop": "Old Mill", "words": "Line 4 is LATE, sorry"},
        ),
        ("Please announce We're closing, please", "announce", {"words": "We're closing"}),
        ("Please announce Thank you", "announce", {"words": "Thank you"}),
    ],
)
def test_sentences_of_the_file_are_understood(text: str, intent: str, slots: dict[str, Any]) -> None:
    """Values come back as the file spells them, numbers as numbers, free text with its capitals."""
    found = readings(text, tram())
    assert (found[0].intent, found[0].source, found[0].confidence) == (intents.SKILL, "skill", 1.0)
    assert dict(found[0].slots) == {"skill_intent": f"tram.{intent}", **slots}
    assert {key: type(value) for key, value in found[0].slots.items() if key in slots} == {
        key: type(value) for key, value in slots.items()
    }


@pytest.mark.parametrize(
    "text",
    [
        "departures at the mill on line 13",
        "departures at the mill on line zero",
        "waiting room at 30.5 degrees",
        "waiting room at minus 21 degrees",
        "waiting room at 20.3 degrees",
        "heating power 35 percent",
        "heating power 110 percent",
        "next tram at the opera",
        "announce",
    ],
)
def test_what_is_not_on_the_list_is_no_match(text: str) -> None:
    """Out of range, between the steps, unknown: not understood, and not understood without that part either."""
    assert readings(text, tram()) == ()


def test_free_text_ends_before_nothing() -> None:
    """The longest reading with the least free text wins."""
    found = readings("announce at the mill that it rains", tram())
    assert dict(found[0].slots)["words"] == "it rains"
    assert found[1].confidence < found[0].confidence


PARAPHRASES = [
    ("give the roses some water for ten minutes", "irrigation.water", {"zone": "beds", "minutes": 10}),
    ("could the greenhouse get a little water please", "irrigation.water", {"zone": "greenhouse"}),
    ("let us have some water on the back lawn", "irrigation.water", {"zone": "back-lawn"}),
    ("water the vegetable catch", "irrigation.water", {"zone": "vegetables"}),
    ("wader the front lorn for five minutes", "irrigation.water", {"zone": "front-lawn", "minutes": 5}),
    ("turn off the sprinkles in the back yard", "irrigation.stop-water", {"zone": "back-lawn"}),
    ("get the robot mower back to its dock", "irrigation.mower-home", {}),
    ("go and cut the grass", "irrigation.mow", {}),
    ("switch the receiver to the blue ray", "receiver.source", {"source": "HDMI1"}),
    ("input radio on the receiver", "receiver.source", {"source": "TUNER"}),
    ("receiver to the turn table", "receiver.source", {"source": "PHONO"}),
    ("make the amplifier switch off in 45 minutes", "receiver.sleep", {"minutes": 45}),
    ("change the receiver to stereo mode", "receiver.mode", {"mode": "stereo"}),
    ("it is film night tonight", "evening.movie", {}),
    ("lock everything up for the night", "evening.bedtime", {}),
    ("leaf a message for Ana saying Call me", "evening.message", {"person": "Anna", "message": "Call me"}),
]


@pytest.mark.models
@pytest.mark.parametrize(("text", "intent", "slots"), PARAPHRASES, ids=[text for text, *_ in PARAPHRASES])
def test_other_words_and_misheard_values_are_understood(text: str, intent: str, slots: dict[str, Any]) -> None:
    """Sentences that no template has, with values by their sound."""
    found = readings(text, examples())
    assert found, "not understood"
    assert dict(found[0].slots) == {"skill_intent": intent, **slots}
    assert 0.3 < found[0].confidence < 1.0


AGAINST = [
    "when did you water the roses",
    "don't water the roses",
    "that is enough water for the roses",
    "water the roses for 300 minutes",
    "we had lunch on the front lawn",
    "buy a new lawn mower",
    "is the mower at home",
    "how much water do tomatoes need",
    "turn up the radio",
    "my phone is on the table",
    "we saw a movie last night",
    "the movie starts at eight",
    "which film won the oscar",
    "is it time for bed yet",
    "i got a message from ben",
    "send the kids home",
    "turn off the lights in the living room",
    "what is the weather like tomorrow",
    "set an alarm for seven in the morning",
    "book a table for two at the harbour",
    "tell me a joke",
    "thank you for watching",
]


@pytest.mark.models
@pytest.mark.parametrize("text", AGAINST)
def test_what_is_said_near_a_skill_is_not_for_it(text: str) -> None:
    """Questions, denials, numbers out of range, talk about the same things."""
    assert readings(text, examples()) == ()


@pytest.mark.models
def test_a_required_slot_that_is_missing_gives_no_reading() -> None:
    """However much the rest is like the skill's sentences."""
    assert first("could you switch the receiver over please", examples()) is None
    assert first("reserve two tickets from the mill", tram()) is None
    assert first("buy me tickets from the mill to the harbor gate", tram()) == {
        "skill_intent": "tram.travel",
        "start": "Old Mill",
        "end": "harbour gate",
    }


def test_without_an_encoder_only_sentences_count() -> None:
    """And no skills give nothing."""
    plain = SkillUnderstanding(None)
    knowledge = Knowledge(1, skills=examples())
    assert plain.interpret("water the roses", knowledge)
    assert plain.interpret("give the roses some water for ten minutes", knowledge) == ()
    assert plain.interpret("water the roses", Knowledge(1)) == ()
    assert plain.interpret("water " * 100, knowledge) == ()


class FakeMeaning:
    """Every sentence means the same; it counts how often it is asked."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked.append(len(texts))
        return np.full((len(texts), 4), 0.5, dtype=np.float32)


def test_wordings_are_embedded_once() -> None:
    """When they are prepared; a sentence asks once; of new skills only what is new is made."""
    fake = FakeMeaning()
    skilled = SkillUnderstanding(fake)
    skilled.prepare(tram())
    made = sum(fake.asked)
    assert 4 * 8 < made <= 4 * 40
    assert max(fake.asked) <= 32  # a large batch would cost memory
    fake.asked.clear()
    skilled.interpret("some more water for the mill", Knowledge(1, skills=tram()))
    skilled.interpret("get something from the mill to harbour gate", Knowledge(1, skills=tram()))
    assert len(fake.asked) <= 2
    assert sum(fake.asked) <= 2 * 6
    fake.asked.clear()
    skilled.prepare((*tram(), examples()[0]))
    assert 0 < sum(fake.asked) <= 40 * len(examples()[0].intents)
    fake.asked.clear()
    skilled.prepare((*tram(), examples()[0]))
    assert fake.asked == []


def test_ten_skills_are_matched_in_milliseconds(tmp_path: Path) -> None:
    """Templates of ten skills in 5 ms; an unloaded machine needs one or two."""
    texts = [path.read_text() for path in sorted(examples_path().glob("*.toml"))]
    skills = []
    for number in range(10):
        skill = parse_skill(texts[number % 3].replace('name = "', f'name = "s{number}', 1), "x")
        assert isinstance(skill, Skill)
        skills.append(skill)
    knowledge = Knowledge(1, skills=tuple(skills))
    plain = SkillUnderstanding(None)
    said = ["water the roses for ten minutes", "switch the receiver to the radio", "turn on the kitchen light"]
    for text in said:
        plain.interpret(text, knowledge)
    best = min(_seconds(plain, text, knowledge) for _ in range(5) for text in said)
    assert best < 0.005


def _seconds(plain: SkillUnderstanding, text: str, knowledge: Knowledge) -> float:
    began = time.perf_counter()
    plain.interpret(text, knowledge)
    return time.perf_counter() - began


def test_the_words_of_skills() -> None:
    """Words of sentences, values and synonyms, folded and as they are spelt; pieces of words are put together."""
    words = skill_words(tram())
    assert {
        "ticket",
        "tickets",
        "I'll",
        "ill",
        "when",
        "Zürich",
        "zurich",
        "Café",
        "harbour",
        "annes",
        "percent",
    } <= words
    assert not any(sign in word for word in words for sign in "[](){}|;<> ")
    assert not {"s", "words", "start", "degrees}", "5"} & words
    assert skill_words(tram()) is skill_words(tram())
    assert skill_phrases(tram())[:4] == ("Old Mill", "the mill", "mill stop", "St. Anne's")
    assert skill_words(()) == frozenset()


def test_skills_take_their_place_among_the_rungs() -> None:
    """Behind what the home surely understands, before free titles and the model, and among several commands."""
    demo = DemoHome()
    whole = Understanding(GrammarUnderstanding(), ModelRung(meaning()), understanding())
    knowledge = Knowledge(1, demo.picture.home_map, skills=examples())
    context = Context(morning().now())

    def sources(text: str) -> list[str]:
        return [reading.source for reading in whole.interpret(Phrasing(text), context, knowledge)]

    assert set(sources("turn on the kitchen light")) == {"grammar"}
    assert sources("let's watch a film with 30 percent light") == ["skill"]
    assert sources("watch dune")[0] == "grammar"
    assert sources("water the roses") == ["skill"]
    assert sources("could the greenhouse get a little water please")[0] == "skill"
    both = whole.interpret(Phrasing("mow the lawn and turn on the kitchen light"), context, knowledge)
    assert [(each.source, each.part, each.parts) for each in both[:2]] == [("skill", 0, 2), ("grammar", 1, 2)]
    assert whole.is_complete("water the roses", context, knowledge)
    assert not whole.is_complete("leave a note for anna saying call me", context, knowledge)
