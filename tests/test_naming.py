"""Names as people say them and as they are misheard: what they mean, and what they must never be taken for."""

import pytest

from edge.knowledge import Area, Device, HomeMap
from edge.resolution.naming import ALIKE_WORTH, EXACTLY, IN_PART, REWORDED, NameSearch
from edge.risk import tier_of

AREAS = (
    Area("living", "living room", ("lounge",)),
    Area("kitchen", "kitchen"),
    Area("office", "Josh's office"),
    Area("kids", "the kids' room"),
    Area("up", "upstairs bathroom"),
    Area("down", "downstairs bathroom"),
)
NAMES = {
    "light.sofa": ("sofa lamp", "living"),
    "light.floor": ("floor lamp", "living"),
    "light.desk_1": ("desk lamp 1", "office"),
    "light.desk_2": ("desk lamp 2", "office"),
    "light.pool": ("pool table", "living"),
    "light.kitchen": ("kitchen light", "kitchen"),
    "light.counter": ("kitchen counter lamp", "kitchen"),
    "light.anna": ("Anna's lamp", "kids"),
    "switch.fairy": ("fairy lights", "living"),
    "switch.christmas": ("christmas tree lights", "living"),
    "switch.coffee": ("coffee machine", "kitchen"),
    "cover.left": ("left blind", "living"),
    "cover.right": ("right blind", "living"),
    "lock.front": ("front door", "living"),
    "lock.back": ("back door", "kitchen"),
    "cover.garage": ("garage door", None),
    "fan.shelf": ("shelf", "office"),
    "light.shelf": ("shelf", "office"),
    "sensor.thermo": ("pull stable", "kitchen"),
}
DEVICES = tuple(
    Device(key, name, key.split(".")[0], area=area, tier=tier_of(key.split(".")[0], None, name))
    for key, (name, area) in NAMES.items()
)
SEARCH = NameSearch(HomeMap(AREAS, DEVICES))


def meant(said: str) -> set[str]:
    """What can be moved under that name."""
    return {each.device.device_id for each in SEARCH.devices(said, lambda device: device.domain != "sensor")}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("lamp by the sofa", "light.sofa"),
        ("the light next to the sofa", "light.sofa"),
        ("light of the kitchen", "light.kitchen"),
        ("the lamp of Anna", "light.anna"),
        ("lamp two on the desk", "light.desk_2"),
        ("desk lamp to", "light.desk_2"),
        ("desk lamp won", "light.desk_1"),
        ("tree lights", "switch.christmas"),
        ("the coffee", "switch.coffee"),
        ("shelf light", "light.shelf"),
        ("shelf fan", "fan.shelf"),
        ("the fan on the shelf", "fan.shelf"),
        ("sofa lamp in the living room", "light.sofa"),
    ],
)
def test_a_description_is_a_name(said: str, expected: str) -> None:
    """In any order of words, by its kind, or by enough of its words."""
    assert meant(said) == {expected}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("pull table", "light.pool"),
        ("ferry lights", "switch.fairy"),
        ("write blind", "cover.right"),
        ("kitchen count her lamp", "light.counter"),
        ("so far lamp", "light.sofa"),
        ("cofee mashine", "switch.coffee"),
        ("Hannah's lamp", "light.anna"),
        ("guarage door", "cover.garage"),
    ],
)
def test_a_misheard_name_is_found_by_its_sound(said: str, expected: str) -> None:
    """Or by its looks, where it was mistyped."""
    assert meant(said) == {expected}


@pytest.mark.parametrize(
    "said",
    [
        "middle blind",
        "desk lamp 3",
        "pool table 2",
        "side door",
        "friend door",
        "front",
        "garbage door",
        "fright blind fan",
        "kitchen lights",
        "lamp",
        "lights",
        "the one",
        "dishwasher",
        "lava lamp",
        "charm",
        "bedroom floor fan",
        "sofa fan",
        "floor",
        "",
        "?!",
    ],
)
def test_what_is_not_here_is_not_found(said: str) -> None:
    """Likeness crosses neither numbers nor sides nor kinds, and opens no door."""
    assert meant(said) - {"light.floor"} == set()


def test_a_name_in_part_may_be_several() -> None:
    """Then both are meant, and it is asked."""
    assert meant("desk lamp") == {"light.desk_1", "light.desk_2"}


def test_only_what_fits_is_found_by_likeness() -> None:
    """A sensor of a like name is in nobody's way; where it is asked about, it is found."""
    assert meant("pull table") == {"light.pool"}
    sensors = SEARCH.devices("pull stables", lambda device: device.domain == "sensor")
    assert [each.device.device_id for each in sensors] == ["sensor.thermo"]


def test_the_surer_the_name_the_more_it_is_worth() -> None:
    """Exactly, in other words, in part, alike."""
    worths = [
        SEARCH.worth(said, "switch.christmas")
        for said in (
            "christmas tree lights",
            "lights of the christmas tree",
            "christmas lights",
            "christmus tree lights",
        )
    ]
    assert worths[:3] == [EXACTLY, REWORDED, IN_PART]
    assert worths[3] < ALIKE_WORTH


@pytest.mark.parametrize(
    ("said", "area_id"),
    [
        ("josh office", "office"),
        ("Josh's Office", "office"),
        ("the office of Josh", "office"),
        ("kid's room", "kids"),
        ("kids room", "kids"),
        ("leaving room", "living"),
        ("living rum", "living"),
        ("up stairs bathroom", "up"),
        ("bathroom", None),
        ("attic", None),
        ("kitten", "kitchen"),
        ("hall", None),
        ("", None),
    ],
)
def test_places_are_found_alike(said: str, area_id: str | None) -> None:
    """With the same care: what could be two is none."""
    found = SEARCH.area(said)
    assert (found[0].area_id if found else None) == area_id
