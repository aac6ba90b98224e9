"""Names, rooms, what is hidden and guarded: changed by commands, kept in the home file, and in force at once."""

import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import ConfigError
from edge.home.arranging import Arranging
from edge.home.home_edit import Additions, Entry, edited
from edge.home.home_file import HomeFile, demo_home_path, load_home_file, read_home
from edge.knowledge import Device
from tests.homes import AnnouncedHome, DemoHome

WRITTEN = """\
# My home.
[light.desk]  # the one on the left
name = "desk lamp"  # as we say

# In the kitchen
[light.hob]
aliases = ["cooker",
    "stove light"]  # grandmother's word
"""


class Arranged:
    """The demo home, with a file for what is changed."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "home.toml"
        self.additions = Additions(self.path, load_home_file(demo_home_path()), may_be_missing=True)
        self.home = DemoHome()
        self.does = Arranging(self.home.picture, self.additions)

    def device(self, device_id: str) -> Device:
        return self.home.picture.home_map.device[device_id]

    def later(self) -> HomeFile:
        """What a process that starts later reads."""
        return Additions(self.path, load_home_file(demo_home_path()), may_be_missing=True).load()


@pytest.fixture
def arranged(tmp_path: Path) -> Arranged:
    """A demo home about which nothing was changed yet."""
    return Arranged(tmp_path)


def test_a_device_gets_another_name(arranged: Arranged) -> None:
    """At once, and for good; the rest of what is known of it stays."""
    assert arranged.does.rename("kitchen light", "big light") == 'light.kitchen is called "big light" now.'
    assert arranged.device("light.kitchen").name == "big light"
    assert (arranged.device("light.kitchen").area, arranged.later().device_name("light.kitchen")) == (
        "kitchen",
        "big light",
    )


def test_aliases_come_and_go(arranged: Arranged) -> None:
    """Those that it had stay, and one that is given twice is there once."""
    arranged.does.alias("TV", ["box", "Box", "goggle box"])
    assert arranged.device("media_player.tv").aliases == ("television", "telly", "box", "goggle box")
    arranged.does.alias("goggle box", ["telly", "box"], remove=True)
    assert arranged.later().devices["media_player.tv"].aliases == ("television", "goggle box")
    with pytest.raises(ConfigError, match=r'no alias "radio".*"television", "goggle box"'):
        arranged.does.alias("TV", ["radio"], remove=True)


def test_a_device_moves_to_a_room_by_any_of_its_names(arranged: Arranged) -> None:
    """`study` is the office."""
    assert arranged.does.room("hall light", "Study") == "light.hall is in the office now."
    assert arranged.device("light.hall").area == "office"


def test_a_new_room_is_made_and_told(arranged: Arranged) -> None:
    """With the nearest that there is, and a misspelt one goes with the device that it was made for."""
    assert "That is a new room. Did you mean kitchen?" in arranged.does.room("desk lamp", "Kichen")
    assert "The rooms so far: bedroom, garage, hall, Kichen," in arranged.does.room("printer", "Orangery")
    assert {area.name for area in arranged.home.picture.home_map.areas} >= {"Kichen", "Orangery"}
    arranged.does.room("desk lamp", "kitchen")
    assert {area.name for area in arranged.home.picture.home_map.areas}.isdisjoint({"Kichen"})


def test_what_is_hidden_is_neither_spoken_of_nor_moved(arranged: Arranged) -> None:
    """And can be had back by the name that it had."""
    arranged.does.hide("printer")
    assert "switch.printer" not in arranged.home.picture.home_map.device
    assert "switch.printer" not in arranged.home.picture.states()
    assert arranged.home.picture.problems() == ()
    assert [each.name for each in arranged.does.hidden()] == ["printer"]
    arranged.does.show("Printer")
    assert arranged.device("switch.printer").name == "printer"
    with pytest.raises(ConfigError, match="Hidden are: nothing"):
        arranged.does.show("printer")


def test_hiding_a_lock_opens_no_way_to_it() -> None:
    """A skill that publishes to its topic is still held to move something guarded."""
    home = AnnouncedHome(HomeFile(devices=load_text("[lock.door]\nhidden = true").devices))
    home.announce("lock/door", {"name": "Door", "command_topic": "door/set"})
    assert home.picture.home_map.devices == ()
    assert home.picture.commanded_by("door/set") == ("lock.door",)


def test_any_device_can_be_guarded_and_freed(arranged: Arranged) -> None:
    """A relay may open a garage, and some locks lock nothing."""
    arranged.does.guard("coffee machine")
    arranged.does.guard("front door", guarded=False)
    assert (arranged.device("switch.coffee_machine").tier, arranged.device("lock.front_door").tier) == (
        "guarded",
        "free",
    )


@pytest.mark.parametrize(
    ("device", "reason"),
    [
        ("kitchen lihgt", "Did you mean light.kitchen"),
        ("ceiling light", "light.bedroom_ceiling, light.living_room_ceiling. Give one of these ids."),
        ("zzz", "`edge devices` lists what there is."),
    ],
)
def test_a_device_that_is_not_meant_clearly_is_asked_for(arranged: Arranged, device: str, reason: str) -> None:
    """Nothing is changed, and the error says what to give instead."""
    with pytest.raises(ConfigError, match=re.escape(reason)):
        arranged.does.rename(device, "x")
    assert not arranged.path.exists()


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "!?", "x" * 121])
def test_a_name_can_be_said(arranged: Arranged, name: str) -> None:
    """Neither nothing, nor signs alone, nor a whole story."""
    with pytest.raises(ConfigError, match="1 to 120 characters"):
        arranged.does.rename("printer", name)


def test_namesakes_in_a_room_are_refused(arranged: Arranged) -> None:
    """However they would come about: nobody could tell them apart."""
    changes: list[Callable[[], str]] = [
        lambda: arranged.does.rename("light.bedside_lamp", "Ceiling light"),
        lambda: arranged.does.alias("light.bedside_lamp", ["ceiling light"]),
        lambda: arranged.does.room("light.bedroom_ceiling", "living room"),
    ]
    for change in changes:
        with pytest.raises(ConfigError, match="nobody could tell them apart"):
            change()


def test_what_a_person_wrote_stays(tmp_path: Path) -> None:
    """Comments, order and other tables; only what was changed is changed, and new tables come last."""
    path = tmp_path / "home.toml"
    path.write_text(WRITTEN)
    path.chmod(0o640)
    additions = Additions(path)
    additions.change([Entry("light", "desk", {"name": "left lamp"}), Entry("switch", "tv", {"hidden": True})])
    expected = WRITTEN.replace('"desk lamp"', '"left lamp"') + "\n[switch.tv]\nhidden = true\n"
    assert path.read_text() == expected
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """The file that it leads to is written."""
    (tmp_path / "real").mkdir()
    target, link = tmp_path / "real" / "home.toml", tmp_path / "home.toml"
    target.write_text(WRITTEN)
    link.symlink_to(target)
    Additions(link).change([Entry("light", "desk", {"guarded": True})])
    assert link.is_symlink()
    assert "guarded = true" in target.read_text()


@pytest.mark.parametrize("text", ["[light.desk]\nnmae = 'x'\n", "[light.desk\n", "light = 1\n"])
def test_a_file_with_a_mistake_is_not_touched(tmp_path: Path, text: str) -> None:
    """Whoever made it is told where it is."""
    path = tmp_path / "home.toml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=r"line 1|line 2"):
        Additions(path).change([Entry("light", "desk", {"name": "lamp"})])
    assert path.read_text() == text


def test_a_change_that_would_be_a_mistake_is_not_written(tmp_path: Path) -> None:
    """Such as a room that is not there."""
    path = tmp_path / "home.toml"
    path.write_text(WRITTEN)
    with pytest.raises(ConfigError, match="nothing was changed"):
        Additions(path).change([Entry("light", "desk", {"area": "nowhere"})])
    assert path.read_text() == WRITTEN


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """With what to do about it."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"cannot be written|cannot be read"):
        Additions(tmp_path / "file" / "home.toml").change([Entry("light", "desk", {"name": "lamp"})])


def test_an_upper_file_goes_before_a_lower_key_by_key() -> None:
    """What it does not name stays as the lower one has it."""
    lower = load_text('[area.hall]\nfloor = "ground"\n[light.a]\nname = "A"\naliases = ["one"]')
    upper = load_text('[area.hall]\nname = "lobby"\n[light.a]\naliases = []\n[light.b]\n')
    both = upper.over(lower)
    assert (both.areas["hall"].floor, both.areas["hall"].name) == ("ground", "lobby")
    assert (both.devices["light.a"].name, both.devices["light.a"].aliases) == ("A", ())
    assert set(both.devices) == {"light.a", "light.b"}


NAMES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)


@given(name=NAMES, aliases=st.lists(NAMES, max_size=3), slug=st.sampled_from(["desk", "hob", "new", "лампа"]))
def test_any_name_comes_back_as_it_was_written(name: str, aliases: list[str], slug: str) -> None:
    """Quotes, backslashes, brackets and all: it is text in a file, and never more."""
    text = edited(WRITTEN, [Entry("light", slug, {"name": name, "aliases": aliases})])
    home_file, problems = read_home(text.encode(), "home.toml")
    assert all("called" in problem.reason for problem in problems)  # two things of one name, which is checked elsewhere
    assert home_file.devices[f"light.{slug}"].name == " ".join(home_file.device_name(f"light.{slug}").split())
    assert len(home_file.devices[f"light.{slug}"].aliases) == len(aliases)
    assert "# grandmother's word" in text or slug == "hob"


def load_text(text: str) -> HomeFile:
    """A home file of this text, which has no mistakes."""
    home_file, problems = read_home(text.encode(), "home.toml")
    assert problems == ()
    return home_file
