"""Sentences of the home by their sound, and the patterns that they are made of."""

import pytest
from hassil.parse_expression import parse_sentence

from edge.asr.near import SAME, NearSentences
from edge.knowledge import HomeMap, Skill, SkillIntent, SkillSlot, SkillValue
from edge.nlu.patterns import FORMS_MAX, home_patterns, patterns, skill_patterns
from edge.sayable import Pattern
from tests.conversations import golden_home

LIGHTS = Pattern(("turn ", ("on", "off"), " the ", ("hall light", "kitchen light", "desk lamp")))
DIM = Pattern(("set the ", ("hall light", "desk lamp"), " to ", ("15", "50", "60"), " percent"))


@pytest.fixture
def sentences() -> NearSentences:
    return NearSentences((LIGHTS, DIM, Pattern(("what time is it",))))


@pytest.mark.parametrize(
    ("read", "meant"),
    [
        ("turn off the whole light.", "turn off the hall light"),
        ("turn on the best lamp", "turn on the desk lamp"),
        ("said the hole light to fifty percent", "set the hall light to 50 percent"),
        ("what dime is it?", "what time is it"),
    ],
)
def test_what_was_misheard_is_found(sentences: NearSentences, read: str, meant: str) -> None:
    """The sentence that sounds most like what was read comes first."""
    assert sentences.near([read], 3)[0].text == meant


def test_the_same_sound_is_told(sentences: NearSentences) -> None:
    """A number in digits and in words, a capital, a full stop: nothing that can be heard."""
    assert sentences.near(["Set the hall light to fifteen percent."], 1)[0].likeness >= SAME
    assert sentences.near(["set the hall light to sixty percent or so"], 1)[0].likeness < SAME


def test_nothing_read_finds_nothing(sentences: NearSentences) -> None:
    """No reading, or one without any letter."""
    assert sentences.near([], 3) == []
    assert sentences.near(["", "..."], 3) == []
    assert NearSentences(()).near(["turn on the light"], 3) == []


def test_one_place_is_varied_and_places_are_joined(sentences: NearSentences) -> None:
    """Other values of one place, the others as they were; then chosen values of all places together."""
    found = sentences.near(["set the desk lamp to 60 percent"], 1)[0]
    varied = {near.text for near in sentences.varied(found, 1, ["set the desk lamp to 60 percent"])}
    assert varied == {f"set the desk lamp to {n} percent" for n in (15, 50, 60)}
    joined = [near.text for near in sentences.joined(found, [[0, 1], [1]])]
    assert joined == ["set the hall light to 50 percent", "set the desk lamp to 50 percent"]


def test_templates_become_patterns() -> None:
    """All forms of a template; lists become places, and what is not there leaves the form out."""
    template = parse_sentence("(turn|switch) on [the] {light}[ please]")
    found = patterns(template, {"light": ("lamp", "fan")}, {})
    assert Pattern(("turn on the ", ("lamp", "fan"), " please")) in found
    assert Pattern(("switch on ", ("lamp", "fan"))) in found
    assert len(found) == 8
    assert patterns(template, {"light": ()}, {}) == ()
    many = parse_sentence("[a] [b] [c] [d] [e] [f] [g] {light}")
    assert 0 < len(patterns(many, {"light": ("lamp",)}, {})) <= 2 * FORMS_MAX


def test_the_home_is_in_its_patterns() -> None:
    """Every name and alias can be switched; a home without anything still has a clock."""
    home, _ = golden_home()
    said = {
        name
        for pattern in home_patterns(home)
        for piece in pattern.pieces
        if isinstance(piece, tuple)
        for name in piece
    }
    assert {device.name.casefold() for device in home.devices if device.domain == "light"} <= set(
        map(str.casefold, said)
    )
    assert {area.name.casefold() for area in home.areas} <= set(map(str.casefold, said))
    assert Pattern(("what time is it",)) in home_patterns(HomeMap())


def test_a_skill_is_in_the_patterns_but_for_its_free_text() -> None:
    """Values with their synonyms, ranges in their steps; a sentence with free text cannot be looked for."""
    slots = (
        SkillSlot("drink", "values", (SkillValue("tea", ("chai",)),)),
        SkillSlot("cups", "range", lowest=1, highest=3),
        SkillSlot("note", "text"),
    )
    intent = SkillIntent("bar.brew", ("brew {cups} cups of {drink}", "write {note}"), slots)
    assert skill_patterns([Skill("bar", "bar.toml", (intent,))]) == (
        Pattern(("brew ", ("1", "2", "3"), " cups of ", ("tea", "chai"))),
    )


def test_titles_of_names_stand_in_a_sentence_in_small_letters() -> None:
    """`Desk Lamp` is written so by people, never by a recogniser; `TV` and `Josh's office` stay."""
    slot = SkillSlot("what", "values", tuple(map(SkillValue, ("Desk Lamp", "TV", "Josh's office"))))
    (pattern,) = skill_patterns([Skill("s", "s.toml", (SkillIntent("s.i", ("use {what}",), (slot,)),))])
    assert pattern.pieces == ("use ", ("desk lamp", "TV", "Josh's office"))
