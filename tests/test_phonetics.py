"""What sounds alike: misheard names lie close to what was said, other names do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.phonetics import SoundIndex, likeness, phones

NAMES = (
    "kitchen light",
    "hall light",
    "office lamp",
    "desk lamp",
    "bedroom fan",
    "garage door",
    "pool table",
    "living room blind",
    "Josh's office",
    "lamp two",
    "thermostat",
)


@pytest.mark.parametrize(
    ("heard", "meant"),
    [
        ("pull table", "pool table"),
        ("whole light", "hall light"),
        ("bedroom van", "bedroom fan"),
        ("dusk lamp", "desk lamp"),
        ("joshes office", "Josh's office"),
        ("lamp 2", "lamp two"),
        ("living room blinds", "living room blind"),
        ("thermos that", "thermostat"),
        ("garbage door", "garage door"),
        ("chicken light", "kitchen light"),
    ],
)
def test_what_is_misheard_lies_closest_to_what_was_meant(heard: str, meant: str) -> None:
    """Real mistakes of a recogniser find their name, and no other name is as alike."""
    found = SoundIndex(NAMES).near(heard, at_least=0.6)
    assert found[0][0] == meant


@pytest.mark.parametrize(
    ("a", "b"), [("knight", "night"), ("fotograph", "photograph"), ("write", "rite"), ("42", "forty two")]
)
def test_homophones_have_one_code(a: str, b: str) -> None:
    """Spelling does not matter where the sound is the same."""
    assert phones(a) == phones(b)
    assert likeness(a, b) == 1.0


@pytest.mark.parametrize(("a", "b"), [("kitchen light", "garage door"), ("desk lamp", "thermostat"), ("on", "off")])
def test_other_names_are_not_alike(a: str, b: str) -> None:
    """Nothing near the threshold that anybody would use."""
    assert likeness(a, b) < 0.6


@given(st.text(max_size=30), st.text(max_size=30))
def test_likeness_is_a_fair_measure(a: str, b: str) -> None:
    """Symmetric, within 0 and 1, and 1 for the same text."""
    assert 0 <= likeness(a, b) <= 1
    assert likeness(a, b) == pytest.approx(likeness(b, a))
    assert likeness(a, a) == 1.0
