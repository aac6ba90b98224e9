"""Understanding by templates: what is served, what is not, and when a sentence is complete."""

import random
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest
from hassil.expression import Sentence
from hassil.intents import RangeSlotList, TextSlotList
from hassil.sample import sample_sentence

from edge import intents
from edge.knowledge import Device, Knowledge
from edge.nlu.grammar import MAX_WORDS, GrammarUnderstanding
from edge.nlu.templates import Block, english
from edge.records import Interpretation, Phrasing, ResolvedAction, Step
from edge.turn import Context, OpenQuestion
from tests.conversations import UNDERSTANDING, golden_home, with_devices

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOME = golden_home()[0]
KNOWLEDGE = Knowledge(1, HOME)
ANYWHERE = Context(NOON)


def read(text: str, context: Context = ANYWHERE, knowledge: Knowledge = KNOWLEDGE) -> tuple[Interpretation, ...]:
    return UNDERSTANDING.interpret(Phrasing(text), context, knowledge)


def asked(kind: str, *targets: str) -> Context:
    """A context with an open question about turning things on."""
    steps = tuple(
        Step(Interpretation("HassTurnOn", {"name": "x"}), ResolvedAction((target,), "turn_on")) for target in targets
    )
    return Context(NOON, question=OpenQuestion("turn-1", kind, steps, NOON + timedelta(seconds=30)))  # type: ignore[arg-type]


def test_all_readings_come_out_best_first() -> None:
    """A name beats the room and the kind of thing; the lesser reading stays visible with less confidence."""
    name, room = read("turn on the kitchen light")
    assert (name.intent, name.slots) == ("HassTurnOn", {"name": "kitchen light", "domain": "light"})
    assert (room.intent, room.slots) == ("HassTurnOn", {"area": "kitchen", "domain": "light"})
    assert name.confidence > room.confidence


def test_a_shared_name_is_not_decided_here() -> None:
    """A fan and a light of one name are two readings of equal confidence."""
    readings = read("turn on the desk")
    assert {reading.slots["domain"] for reading in readings} == {"fan", "light"}
    assert len({reading.confidence for reading in readings}) == 1


def test_the_speakers_room_stands_in_for_a_place() -> None:
    """And it says so; without a room the slot stays empty."""
    assert read("turn on the light", Context(NOON, room="kitchen"))[0].slots["area"] == "kitchen"
    assert read("turn on the light", Context(NOON, room="kitchen"))[0].slots["here"] is True
    assert "area" not in read("turn on the light")[0].slots


def test_slots_are_plain_values() -> None:
    """Whole numbers are integers, halves are not, colours are words."""
    assert read("set the floor lamp to 40%")[0].slots["brightness"] == 40
    assert isinstance(read("set the floor lamp to 40%")[0].slots["brightness"], int)
    assert read("set the thermostat to 21.5 degrees")[0].slots["temperature"] == 21.5
    assert read("make the floor lamp red")[0].slots["color"] == "red"


@pytest.mark.parametrize(
    "said",
    [
        "announce dinner is ready",
        "what is the weather like",
        "mow the lawn",
        "who is at home",
        "hello",
        "the kitchen light",
        "so then I told him that the kitchen was far too small for the four of us",
    ],
)
def test_what_is_not_served_is_not_understood(said: str) -> None:
    """Neither as itself nor as something else that we serve."""
    assert read(said) == ()


def test_a_name_that_is_not_here_is_kept_for_the_reply() -> None:
    """Command and name are understood, with less confidence than anything that fits."""
    reading = read("turn on the lava lamp")[0]
    assert (reading.intent, reading.slots["name"]) == ("HassTurnOn", "lava lamp")
    assert reading.confidence < read("turn on the floor lamp")[0].confidence


def test_own_wake_words_come_off() -> None:
    """Those of the settings, with or without their greeting."""
    understanding = GrammarUnderstanding(wake_words=("hey_computer",))
    for said in ("Hey computer, lights off", "computer lights off", "hey, computer. Lights off!"):
        assert understanding.interpret(Phrasing(said), ANYWHERE, KNOWLEDGE)[0].intent == "HassTurnOff"


def test_a_title_keeps_its_capitals_and_marks() -> None:
    """Free text is handed on as it was heard."""
    assert read("Play Ocean's Eleven.")[0].slots["search_query"] == "Ocean's Eleven"


@pytest.mark.parametrize(
    ("said", "complete"),
    [
        ("turn on the kitchen light", True),
        ("what time is it", True),
        ("stop", True),
        ("turn on the", False),
        ("turn on", False),
        ("set the thermostat", False),
        ("the kitchen light", False),
        ("turn on the lava lamp", False),
        ("play hallelujah by", False),
        ("", False),
    ],
)
def test_a_sentence_is_complete_when_it_can_be_acted_on(said: str, complete: bool) -> None:
    """Half a sentence, an unknown name and a title that may go on are worth waiting for."""
    assert UNDERSTANDING.is_complete(said, ANYWHERE, KNOWLEDGE) is complete


def test_an_answer_is_complete_only_while_something_is_asked() -> None:
    """A choice is a sentence of its own then, and none otherwise."""
    question = asked("choice", "light.bed_reading", "light.living_reading")
    assert UNDERSTANDING.is_complete("the bedroom one", question, KNOWLEDGE)
    assert not UNDERSTANDING.is_complete("the bedroom one", ANYWHERE, KNOWLEDGE)


@pytest.mark.parametrize("said", ["yes", "Yes, please.", "yeah do it", "sure, go ahead", "OK", "hey jarvis, yes"])
def test_yes_in_many_words(said: str) -> None:
    """Alone or several in a row."""
    assert [reading.intent for reading in read(said, asked("confirmation", "cover.garage_door"))] == [intents.YES]


@pytest.mark.parametrize("said", ["no", "Nope.", "no thank you", "don't", "never mind", "no, cancel that", "neither"])
def test_no_in_many_words(said: str) -> None:
    """Alone or several in a row."""
    assert [reading.intent for reading in read(said, asked("confirmation", "cover.garage_door"))] == [intents.NO]


@pytest.mark.parametrize(
    "said", ["yes but turn on the hall light", "no idea", "yesterday", "nothing much", "ok google"]
)
def test_what_only_begins_like_an_answer_is_none(said: str) -> None:
    """A yes releases a garage door: it must be a yes from end to end."""
    answered = {intents.YES, intents.NO}
    assert not answered & {reading.intent for reading in read(said, asked("confirmation", "cover.garage_door"))}


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ("the first one", [1]),
        ("number two", [2]),
        ("the last", [3]),
        ("bedroom", [2]),
        ("the one in the living room please", [1]),
        ("I mean the hall light", [3]),
        ("the reading light", [1, 2]),
        ("the fourth", []),
    ],
)
def test_a_choice_is_made_by_name_room_or_order(said: str, numbers: list[int]) -> None:
    """And one that fits several choices is left open."""
    question = asked("choice", "light.living_reading", "light.bed_reading", "light.hall")
    readings = [reading for reading in read(said, question) if reading.intent == intents.CHOOSE]
    assert [reading.slots["number"] for reading in readings] == numbers


def test_an_expired_question_is_not_answered() -> None:
    """What was offered a minute ago is gone."""
    question = asked("choice", "light.living_reading", "light.bed_reading")
    later = Context(NOON + timedelta(minutes=1), question=question.question)
    assert read("the bedroom one", later) == ()


def test_a_new_home_is_noticed_at_once() -> None:
    """Readings that were remembered belong to the home in which they were made."""
    bigger = Knowledge(2, with_devices(HOME, Device("light.lava", "lava lamp", "light", area="bedroom")))
    assert read("turn on the lava lamp")[0].slots.get("domain") is None
    assert read("turn on the lava lamp", knowledge=bigger)[0].slots["domain"] == "light"
    assert read("turn on the lava lamp")[0].slots.get("domain") is None


def test_nobody_says_a_command_of_that_length() -> None:
    """Longer sentences are talk, and are not looked at."""
    assert read("turn on the kitchen light " + "please " * MAX_WORDS) == ()


def test_the_templates_are_understood_as_themselves() -> None:
    """A sentence drawn from each template comes back with its intent; a handful are as well read otherwise."""
    draw = random.Random(20261122)
    outcomes = []
    for block in (block for block in english().blocks if block.rank == 0):
        for sentence in block.data.sentences:
            if said := _drawn(sentence, block, draw):
                readings = read(said)
                best = {reading.intent for reading in readings if reading.confidence == readings[0].confidence}
                outcomes.append(block.intent in best)
    assert len(outcomes) > 400
    assert sum(outcomes) / len(outcomes) >= 0.97


def _drawn(sentence: Sentence, block: Block, draw: random.Random) -> str | None:
    """One of the first sentences of a template, with names of the golden home; None where it has no such device."""
    whole = english().whole
    domains = block.data.requires_context.get("domain")
    names = [device.name for device in HOME.devices if not domains or device.domain in domains]
    if "name" in block.needs and not names:
        return None
    numbers = {name: ["20"] for name, values in whole.slot_lists.items() if isinstance(values, RangeSlotList)}
    own = {
        "name": names,
        "area": [area.name for area in HOME.areas],
        "floor": ["upstairs"],
        "color_temperature": ["3000"],
    }
    lists = {name: TextSlotList.from_strings(values, name=name) for name, values in {**numbers, **own}.items()}
    drawn = sample_sentence(sentence, {**whole.slot_lists, **lists}, whole.expansion_rules, "en")
    return " ".join(draw.choice(list(islice(drawn, 50))).split())
