"""How people say names: folding, numbers, and the forms a device answers to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.knowledge import Area, Device, HomeMap
from edge.names import KIND, OWN, SHORT, VARIANT, NameIndex, PerHome, fold, forms
from edge.numerals import digits_for_words
from edge.text import clean, normal

PIECES = ["zero", "one", "twenty", "forty", "a", "hundred", "thousand", "and", "half", "point", "five"]
PIECES += ["21", "3", ".", ",", "'", "-", "_", "Anna's", "%", "°", "ﬁ", "İ", "ß", "Ⅷ", "²", "½", "\u0661", "é"]
TEXTS = st.one_of(
    st.text(),
    st.lists(st.sampled_from(PIECES)).map(" ".join),
    st.lists(st.sampled_from(PIECES)).map("".join),
)


@given(TEXTS)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    """clean, normal and fold change nothing that they have already cleaned."""
    assert clean(clean(text)) == clean(text)
    assert normal(normal(text)) == normal(text)
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("said", "folded"),
    [
        ("Anna's Lamp!", "annas lamp"),
        ("Anna\u2019s lamp", "annas lamp"),
        ("Wi-Fi", "wi fi"),
        ("Zoë", "zoe"),
        ("Lamp Two", "lamp 2"),
        ("21,5°C", "21.5°c"),
        ("1,000", "1000"),
        ("living_room", "living room"),
    ],
)
def test_names_are_compared_without_spelling(said: str, folded: str) -> None:
    """Case, accents, apostrophes, hyphens and the spelling of numbers make no difference."""
    assert fold(said) == folded


@pytest.mark.parametrize(
    ("words", "digits"),
    [
        ("forty percent", "40 percent"),
        ("twenty one point five", "21.5"),
        ("21 and a half", "21.5"),
        ("two thousand seven hundred kelvin", "2700 kelvin"),
        ("one hundred and five", "105"),
        ("a hundred", "100"),
        ("a light", "a light"),
        ("one two three", "1 2 3"),
    ],
)
def test_numbers_in_words_become_digits(words: str, digits: str) -> None:
    """Whole numbers, hundreds, thousands, halves and decimals."""
    assert digits_for_words(words) == digits


KITCHEN = Area("kitchen", "Kitchen", ("galley",), "ground floor")


def _light(name: str, *aliases: str) -> Device:
    return Device("light.one", name, "light", area="kitchen", aliases=aliases)


def test_a_device_answers_to_its_name_its_room_and_synonyms() -> None:
    """The surer the form, the lower its level."""
    known = forms(_light("Ceiling light", "big lamp"), KITCHEN)
    assert known["ceiling light"] == known["big lamp"] == OWN
    assert known["ceiling lamp"] == known["kitchen ceiling light"] == known["ceiling light in the galley"] == VARIANT


def test_a_name_that_begins_with_its_room_may_leave_the_room_out() -> None:
    """But not when only the kind of thing would be left: the grammar knows those words."""
    assert forms(_light("Kitchen counter lamp"), KITCHEN)["counter lamp"] == SHORT
    assert "light" not in forms(_light("Kitchen light"), KITCHEN)


def test_the_plural_of_a_room_and_its_light_is_no_name() -> None:
    """ "kitchen lights" means all of them, not the one called "kitchen light"."""
    assert "kitchen lights" not in forms(_light("Kitchen light"), KITCHEN)


def test_things_answer_to_their_kind_last() -> None:
    """Anybody may say "the door" of a lock."""
    lock = Device("lock.front", "front entrance", "lock", area="kitchen")
    index = NameIndex(HomeMap((KITCHEN,), (lock, Device("light.door", "door", "light", area="kitchen"))))
    assert forms(lock, KITCHEN)["door"] == KIND
    assert [named.device.device_id for named in index.devices("the door".removeprefix("the "))] == [
        "light.door",
        "lock.front",
    ]


def test_places_are_known_by_name_alias_id_and_floor() -> None:
    """Whatever the spelling."""
    index = NameIndex(HomeMap((KITCHEN, Area("living_room", "Lounge"))))
    assert index.area("Galley") is KITCHEN
    assert index.area("living room") is index.area("LOUNGE")
    assert index.floor("Ground Floor") == index.floor("ground") == "ground floor"
    assert index.area("attic") is None
    assert index.area(None) is None


def test_what_is_built_for_a_home_is_built_once() -> None:
    """Until another home comes; homes never change in place."""
    built: list[HomeMap] = []

    def build(home: HomeMap) -> int:
        built.append(home)
        return len(built)

    remembered = PerHome(build)
    first, second = HomeMap((KITCHEN,)), HomeMap()
    assert [remembered.of(home) for home in (first, first, second, second, first)] == [1, 1, 2, 2, 3]
