"""The home file: what it holds, and how its mistakes are explained."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import ConfigError
from edge.home.home_file import HomeFile, check_home_file, demo_home_path, load_home_file
from edge.knowledge import HomeMap
from edge.toml_lines import lines_of
from tests.homes import DemoHome


def told(tmp_path: Path, text: str) -> list[str]:
    """What is wrong with a home file of this text, without the file's name."""
    path = tmp_path / "home.toml"
    path.write_text(text, encoding="utf-8")
    return [str(problem).removeprefix(str(path)) for problem in check_home_file(path)]


def test_the_demo_home_is_fine() -> None:
    """Some 20 devices in six rooms, of every kind that was promised."""
    assert check_home_file(demo_home_path()) == ()
    home_file = load_home_file(demo_home_path())
    assert len(home_file.areas) == 6
    assert 20 <= len(home_file.devices) <= 30
    kinds = {(device_id.split(".")[0], entry.device_class) for device_id, entry in home_file.devices.items()}
    assert kinds >= {
        ("cover", "blind"),
        ("cover", "garage"),
        ("climate", "oven"),
        ("sensor", "illuminance"),
        ("sensor", "temperature"),
        ("binary_sensor", "window"),
        ("binary_sensor", "occupancy"),
    }
    assert {domain for domain, _ in kinds} >= {"light", "switch", "lock", "fan", "vacuum", "alarm_control_panel"}


def test_the_demo_home_is_guarded_from_the_start() -> None:
    """Locks, doors, garage, oven and alarm move for nobody without a yes; nothing else is guarded."""
    guarded = {device.device_id for device in DemoHome().picture.home_map.devices if device.tier == "guarded"}
    assert guarded == {"cover.garage_door", "lock.front_door", "climate.oven", "alarm_control_panel.alarm"}


def test_the_demo_home_has_namesakes_and_shared_titles() -> None:
    """Two ceiling lights, and a film, an audiobook and a song of one title."""
    home_map: HomeMap = DemoHome().picture.home_map
    ceiling = [device.area for device in home_map.devices if device.name == "ceiling light"]
    assert sorted(area or "" for area in ceiling) == ["bedroom", "living_room"]
    kinds = {item.kind for item in home_map.device["media_player.tv"].catalogue if item.title == "The Hunger Games"}
    assert kinds == {"film", "audiobook", "song"}


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("[area.kitchen]\nnmae = 'x'", [", line 2: [area.kitchen] has no 'nmae'. Did you mean 'name'?"]),
        ("\n[lihgt.a]", [", line 2: 'lihgt' is no kind of device. Did you mean 'light'?"]),
        (
            "[light.a]\narea = 'kitchn'\n[area.kitchen]",
            [", line 2: there is no [area.kitchn]. Did you mean 'kitchen'?"],
        ),
        ("[light.a]\narea = 'x'", [", line 2: there is no [area.x]."]),
        (
            "[light.a]\ncapabilities = ['brigthness']",
            [", line 2: a light cannot have 'brigthness'. Did you mean 'brightness'?"],
        ),
        ("[light.a]\nstart = { state = 'onn' }", [", line 2: a light cannot be 'onn'. Did you mean 'on'?"]),
        (
            "[light.a]\nstart = { colour = 1 }",
            [", line 2: start: 'colour' is nothing a device tells. Did you mean 'color'?"],
        ),
        ("[light.a]\n[light.a]", [", line 2: it is no TOML: Cannot declare ('light', 'a') twice."]),
        ("[light.a\n", [", line 1: it is no TOML: Expected ']' at the end of a table declaration."]),
        ("[light.'A b']", [", line 1: the id 'A b' should be small letters, digits and _ only."]),
        ("[light.a]\nname = ''", [", line 2: name: should be a name of 1 to 120 characters."]),
        (
            "[light.a]\nguarded = 'maybe'",
            [", line 2: guarded: input should be a valid boolean, unable to interpret input."],
        ),
        (
            "[cover.a]\nmoves_in_s = [9, 3]",
            [", line 2: moves_in_s: should be [shortest, longest] in seconds, not more than a day."],
        ),
        ("[number.a]\nminimum = 3\nmaximum = 1", [", line 1: number.a: minimum should be less than maximum."]),
        (
            "[media_player.a]\ncatalogue = [{ title = 'x', kin = 'film' }]",
            [
                ", line 2: catalogue.0.kind: field required.",
                ", line 2: [media_player.a] has no 'kin'. Did you mean 'kind'?",
            ],
        ),
        (
            "[light.a]\nname = 'lamp'\n[light.b]\naliases = ['Lamp']",
            [", line 3: light.a in the same room is called 'Lamp' too: nobody could tell them apart."],
        ),
        ("[switch]\nfoo = 1", [", line 2: switch.foo: input should be a valid dictionary or instance of DeviceEntry."]),
        ("light = 3", [", line 1: write [light.some_id] above what belongs to one light."]),
    ],
)
def test_mistakes_are_explained_with_their_line(tmp_path: Path, text: str, problems: list[str]) -> None:
    """Where it is, what is wrong, and what was probably meant."""
    assert told(tmp_path, text) == problems


def test_all_mistakes_are_told_at_once_in_their_order(tmp_path: Path) -> None:
    """Nobody likes to mend one only to hear of the next."""
    found = told(tmp_path, "[light.a]\narea = 'x'\nnam = 'y'\n[lok.b]\n")
    assert [problem.split(":")[0] for problem in found] == [", line 3", ", line 4"]
    path = tmp_path / "home.toml"
    with pytest.raises(ConfigError, match=r"home\.toml, line 3: .*\(and 1 more: see edge home check .*home\.toml\)"):
        load_home_file(path)


def test_files_that_cannot_be_read_are_explained(tmp_path: Path) -> None:
    """Missing, a folder, no text, far too long."""
    assert "cannot be read: No such file" in str(check_home_file(tmp_path / "none.toml")[0])
    assert "cannot be read: Is a directory" in str(check_home_file(tmp_path)[0])
    path = tmp_path / "home.toml"
    path.write_bytes(b"\xff\xfe")
    assert "no UTF-8" in str(check_home_file(path)[0])
    path.write_bytes(b"# \n" * 400_000)
    assert "longer than 1 MB" in str(check_home_file(path)[0])
    path.write_text("a = " + "[" * 50_000)
    assert len(check_home_file(path)) == 1


def test_an_empty_file_is_an_empty_home(tmp_path: Path) -> None:
    """Nothing in it is nothing wrong with it."""
    path = tmp_path / "home.toml"
    path.write_text("")
    assert load_home_file(path) == HomeFile()


def test_names_come_from_ids_where_there_are_none(tmp_path: Path) -> None:
    """`light.desk_lamp` is called desk lamp."""
    path = tmp_path / "home.toml"
    path.write_text("[area.living_room]\n[light.desk_lamp]\narea = 'living_room'")
    home_file = load_home_file(path)
    assert (home_file.device_name("light.desk_lamp"), home_file.area_name("living_room")) == (
        "desk lamp",
        "living room",
    )


@given(st.text(alphabet="[]=.\"'\n abcli_#", max_size=80))
def test_lines_are_found_in_any_text(text: str) -> None:
    """Pointing never fails, and points into the text."""
    assert all(1 <= line <= text.count("\n") + 1 for line in lines_of(text).values())


def test_lines_are_those_of_the_tables(tmp_path: Path) -> None:
    """Every table of the demo home is found where it stands."""
    text = demo_home_path().read_text()
    lines = lines_of(text)
    for domain, table in tomllib.loads(text).items():
        for slug in table:
            assert text.splitlines()[lines[domain, slug] - 1] == f"[{domain}.{slug}]"
