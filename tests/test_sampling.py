"""Sentences drawn from templates: they mean what the sampler says, and they come back."""

from datetime import UTC, datetime
from itertools import islice

import pytest

from edge.bench.nlu_turns import ROOM
from edge.bench.sampling import Sampled, TemplateSampler, in_words
from edge.clock import SimulatedClock
from edge.home.home_file import demo_home_path
from edge.knowledge import Knowledge
from edge.live_home import LiveHome, open_home
from edge.names import fold
from edge.nlu import templates
from edge.nlu.grammar import GrammarUnderstanding
from edge.numerals import digits_for_words
from edge.records import Interpretation, Phrasing
from edge.settings import Settings
from edge.turn import Context

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SEED = 20261122


@pytest.fixture(scope="module")
def home() -> LiveHome:
    """The demo home."""
    return open_home(Settings(), SimulatedClock(NOON), file=demo_home_path(), in_process=True)


@pytest.fixture(scope="module")
def sampler(home: LiveHome) -> TemplateSampler:
    """Over the demo home, heard in its living room."""
    return TemplateSampler(home.picture.home_map, ROOM)


@pytest.fixture(scope="module")
def drawn(sampler: TemplateSampler) -> tuple[Sampled, ...]:
    """Every template at least once."""
    return tuple(sampler.draw(SEED, 600))


def test_every_sentence_comes_back(sampler: TemplateSampler, home: LiveHome) -> None:
    """Intent and slots are among the readings of each; all but a few, which mean two things here, as the best one."""
    understanding, knowledge = GrammarUnderstanding(), Knowledge(1, home.picture.home_map)
    context = Context(NOON, room="living_room")
    lost, best = [], 0
    for each in sampler.draw(SEED, 300):
        readings = understanding.interpret(Phrasing(each.text), context, knowledge)
        best += each.comes_back(readings)
        if not any(map(each.is_met_by, readings)):
            lost.append((each.text, each.intent, dict(each.slots), readings[:1]))
    assert lost == []
    assert best >= 0.98 * 300


def test_drawing_is_seeded(sampler: TemplateSampler) -> None:
    """The same seed draws the same, and another one something else."""
    first, again, other = ([each.text for each in sampler.draw(seed, 40)] for seed in (1, 1, 2))
    assert first == again != other


def test_every_template_has_its_turn(sampler: TemplateSampler, drawn: tuple[Sampled, ...]) -> None:
    """No template is drawn twice before all were drawn once, and every intent that is served occurs."""
    used = [(each.intent, each.template) for each in drawn]
    assert len(set(used)) > 400
    assert {intent for intent, _ in used} == templates.SERVED
    assert all(reason for reason in sampler.left_out.values())


def test_names_are_of_the_kind_that_a_template_wants(drawn: tuple[Sampled, ...], home: LiveHome) -> None:
    """Nobody asks a lamp to vacuum."""
    named: dict[str, set[str]] = {}
    for device in home.picture.home_map.devices:
        for name in (device.name, *device.aliases):
            named.setdefault(fold(name), set()).add(device.domain)
    kinds = {"HassVacuumStart": "vacuum", "HassVacuumReturnToBase": "vacuum", "HassFanSetSpeed": "fan"}
    kinds |= dict.fromkeys(("HassMediaPause", "HassMediaNext", "HassSetVolume"), "media_player")
    seen = [each for each in drawn if each.intent in kinds and "name" in each.slots]
    assert len(seen) >= 5
    for each in seen:
        assert kinds[each.intent] in named[fold(each.slots["name"])], each.text


def test_slots_hold_what_was_said(drawn: tuple[Sampled, ...]) -> None:
    """A name occurs in the sentence; an area that does not is the speaker's."""
    for each in drawn:
        said = fold(each.text)
        if "name" in each.slots:
            assert fold(str(each.slots["name"])) in said
        places = {"office": "study", "living room": "lounge"}
        area = each.slots.get("area")
        if area and area != "hall" and area not in said and places.get(area, "-") not in said:
            assert area == ROOM, each.text


@pytest.mark.parametrize("number", [0, 7, 15, 20, 45, 99, 100, 101, 250, 1_000, 6_500])
def test_numbers_in_words_read_as_themselves(number: int) -> None:
    """By the reader that understanding has."""
    assert digits_for_words(in_words(number)) == str(number)


def test_no_sign_stands_behind_a_word(sampler: TemplateSampler) -> None:
    """Nobody writes `ninety%`."""
    for each in islice(sampler.draw(3, 500), 500):
        assert not any(word[-1] in "%°" and word[:-1].isalpha() for word in each.text.split()), each.text


def test_another_slot_is_not_the_same_meaning() -> None:
    """A value, a slot too many or too few, another intent; what understanding adds does not count."""
    meant = Sampled("dim the hall to 20", "HassLightSet", {"area": "hall", "brightness": 20}, "")
    right = Interpretation("HassLightSet", {"area": "hall", "brightness": 20, "domain": "light", "here": True})
    assert meant.is_met_by(right)
    for intent, slots in (
        ("HassLightSet", {"area": "hall", "brightness": 21}),
        ("HassLightSet", {"area": "hall"}),
        ("HassLightSet", {"area": "hall", "brightness": 20, "color": "red"}),
        ("HassTurnOn", {"area": "hall", "brightness": 20}),
    ):
        assert not meant.is_met_by(Interpretation(intent, slots))
    lesser = Interpretation("HassTurnOff", {"area": "hall"}, 0.8)
    assert meant.comes_back((right, lesser))
    assert not meant.comes_back((Interpretation("HassTurnOff", {"area": "hall"}), lesser))
    assert not meant.comes_back(())
