"""What was named of a home, what sounds like it, and what it was called before somebody changed that."""

from dataclasses import replace

import pytest

from edge.isolation.called import NOBODY, Called
from edge.knowledge import Area, Device, FormerName, HomeMap, Media, former_names

KITCHEN, HALL = Area("kitchen", "Kitchen"), Area("hall", "Hall")
LAMP = Device("light.worktop", "Worktop Spots", "light", area="kitchen", aliases=("counter light",))
PLAYER = Device("media_player.stereo", "Stereo", "media_player", catalogue=(Media("Thriller", "album"),))
NOW = HomeMap((KITCHEN, HALL), (LAMP, PLAYER))
BEFORE = replace(NOW, devices=(replace(LAMP, name="Kitchen Light", area="hall", aliases=()), PLAYER))


def told(text: str, room: str = "kitchen") -> dict[str, float]:
    """What is said of a text in the home that was changed."""
    return {name: value for name, value in Called.of(NOW, [BEFORE]).features(text, room) if value}


def test_what_was_called_otherwise_before_is_known() -> None:
    """Name and room of the older home are told, the ones that still hold are not."""
    assert former_names([BEFORE, NOW], NOW) == (FormerName("light.worktop", "Kitchen Light", "Hall"),)
    assert former_names([], NOW) == former_names([NOW], NOW) == ()


def test_a_device_that_is_gone_has_no_former_name() -> None:
    """Nobody can have meant it."""
    gone = HomeMap((), (Device("light.gone", "Gone Lamp", "light"),))
    assert former_names([gone], NOW) == ()


def test_a_name_that_was_said_is_found() -> None:
    """Whole words, by name, alias, room and title."""
    assert told("turn on the worktop spots")["called:device"] == 1
    assert told("turn on the counter light in the hall")["called:area"] == 1
    assert told("play thriller")["called:title"] == 1
    assert "called:device" not in told("turn on the spots")


def test_a_name_that_only_sounds_like_it_is_near() -> None:
    """What was misheard lies near a name, what nobody has lies near none."""
    assert told("turn on the work top sports")["called_device>0.8"] == 1
    assert "called_title>0.8" in told("play trailer") or "called_title>0.7" in told("play trailer")
    assert "called_device>0.8" not in told("what is love")


def test_a_former_name_and_a_former_room_are_told() -> None:
    """By them a renamed device is told from one that never was."""
    assert told("turn on the kitchen light")["formerly_called"] == 1
    assert "formerly_called" not in told("turn on the garage light")
    assert told("turn on the kitchen light", room="hall")["formerly_here"] == 1
    assert told("turn on the kitchen light in the hall")["formerly_there"] == 1


@pytest.mark.parametrize("text", ["", "   ", "e", "\N{PILE OF POO}", "a" * 5_000])
def test_no_text_breaks_it(text: str) -> None:
    """Nothing is said of nothing, and odd texts name nothing."""
    assert "called:device" not in told(text)
    assert dict(NOBODY.features(text, "hall")) == {}
