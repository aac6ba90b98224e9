"""The PIN: found in what was said, checked, limited in tries, and nowhere to be read afterwards."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge import Assistant, Home, SimulatedClock
from edge.dialogue.pins import PinCheck, digits_in
from edge.errors import ConfigError
from edge.records import Transcript
from edge.store import Store
from edge.store.pins import LOCKED_FOR
from edge.turn import Context, OpenQuestion
from tests.homes import FakePins, morning

PIN = "4827"


@pytest.mark.parametrize(
    ("said", "digits"),
    [
        ("4827", "4827"),
        ("4 8 2 7", "4827"),
        ("48 27", "4827"),
        ("4,827.", "4827"),
        ("4-8-2-7", "4827"),
        ("Four, eight, two, seven.", "4827"),
        ("it's four eight twenty seven please", "4827"),
        ("forty eight twenty-seven", "4827"),
        ("oh one oh nine", "0109"),
        ("thirteen forty", "1340"),
        ("set it to 20 percent in 10 minutes", ""),
        ("one two three", ""),
        ("", ""),
    ],
)
def test_digits_are_found_however_they_are_said(said: str, digits: str) -> None:
    """As figures or as words, one by one or together; fewer than four are no PIN."""
    assert digits_in(said) == digits


def checked(transcript: Transcript, *, asked: bool, attended: bool = True) -> Transcript:
    now = datetime(2026, 11, 22, 14, tzinfo=UTC)
    question = OpenQuestion("t", "pin", (), now + timedelta(seconds=30)) if asked else None
    context = Context(now, question=question, pin_is_set=True, attended=attended)
    return PinCheck(FakePins(PIN)).checked(transcript, context)


def test_the_answer_is_taken_out_of_every_reading() -> None:
    """Right or wrong: a wrong one is mostly nearly right."""
    heard = Transcript("4 8 2 7", alternatives=("4 8 2 11", "for a to seven"), free="four eight two seven")
    assert checked(heard, asked=True) == Transcript("pin", alternatives=("pin", "for a pin"), free="pin", pin="right")
    assert checked(Transcript("1234"), asked=True) == Transcript("pin", pin="wrong")


def test_an_answer_may_sound_like_other_words() -> None:
    """`for 8 to 7` is 4827, and pieces of a PIN are taken out as well."""
    assert checked(Transcript("for 8 to 7."), asked=True) == Transcript("pin", pin="right")
    piece = checked(Transcript("my minute forte, twenty-seven"), asked=True)
    assert piece == Transcript("my minute forte, pin", pin="unasked")
    assert checked(Transcript("no thanks"), asked=True) == Transcript("no thanks")


def test_unasked_only_the_pin_itself_is_taken_out() -> None:
    """Other numbers stay, and count as no try."""
    assert (
        checked(Transcript("my pin is 4827 and my year is 1984"), asked=False).text
        == "my pin is pin and my year is 1984"
    )
    assert checked(Transcript("set a timer for 1500 seconds"), asked=False) == Transcript(
        "set a timer for 1500 seconds"
    )


def test_what_stands_only_in_another_reading_was_perhaps_not_said() -> None:
    """It is taken out, and counts neither as the PIN nor as a try."""
    heard = Transcript("yes", alternatives=("4827",))
    assert checked(heard, asked=True) == Transcript("yes", alternatives=("pin",), pin="unasked")


def test_a_pin_that_comes_with_nobody_there_is_wrong() -> None:
    """Over MQTT nobody can guess it."""
    assert checked(Transcript("4827"), asked=True, attended=False).pin == "wrong"


def test_three_wrong_pins_lock_it_and_each_further_one_for_longer() -> None:
    """The right one does not help while it is locked, and forgives all afterwards."""
    clock = morning()
    with Store.open(":memory:", clock) as store:
        store.pins.set(PIN)
        assert [store.pins.check("1111") for _ in range(3)] == ["wrong", "wrong", "locked"]
        assert store.pins.check(PIN) == "locked"
        clock.advance(LOCKED_FOR)
        assert store.pins.check("2222") == "locked"
        clock.advance(LOCKED_FOR)
        assert store.pins.check(PIN) == "locked"
        clock.advance(LOCKED_FOR)
        assert store.pins.check(PIN) == "right"
        assert store.pins.check("1111") == "wrong"


def test_tries_survive_a_restart(tmp_path: Path) -> None:
    """Pulling the plug gives no new tries."""
    clock = morning()
    with Store.open(tmp_path / "edge.db", clock) as store:
        store.pins.set(PIN)
        store.pins.check("1111")
        store.pins.check("1111")
    with Store.open(tmp_path / "edge.db", clock) as store:
        assert store.pins.is_set
        assert store.pins.check("1111") == "locked"


@pytest.mark.parametrize("digits", ["", "123", "12345678901", "12a4", "٤٨٢٧", "1234", "0000", "8765"])
def test_a_pin_that_anybody_would_try_is_refused(digits: str) -> None:
    """With a word on what is wanted, and the one before stays."""
    with Store.open(":memory:", morning()) as store:
        store.pins.set(PIN)
        with pytest.raises(ConfigError, match="PIN"):
            store.pins.set(digits)
        assert store.pins.is_right(PIN)


def test_a_pin_taken_away_is_gone() -> None:
    """And then none is right."""
    with Store.open(":memory:", morning()) as store:
        store.pins.set(PIN)
        store.pins.clear()
        assert not store.pins.is_set
        assert not store.pins.is_right(PIN)
        assert not store.pins.is_right("")


def test_a_spoken_pin_is_nowhere_in_the_file(tmp_path: Path) -> None:
    """Not as it was said, right or wrong, not as the hash of its digits alone; and the door opens."""
    path = tmp_path / "edge.db"
    clock = SimulatedClock(datetime(2026, 11, 22, 20, tzinfo=UTC))
    with Assistant.open(home=Home.demo(), store=path, clock=clock) as assistant:
        assistant.runtime.store.pins.set("48275")
        assistant.hear_text("unlock the front door")
        assistant.hear_text("four eight two seven six")
        turn = assistant.hear_text("4 8 2 7 5", alternatives=["48275"])
        assert assistant.home.states()["lock.front_door"]["state"] == "unlocked"
        assert turn.utterance.typed == "pin"
        assistant.hear_text("remember that 48275 is the pin")
        assistant.hear_text("unlock the front door")
        results = [attempt.result for attempt in assistant.runtime.store.audit()]
    assert results == ["asked", "confirmed", "wrong pin", "asked"]
    for file in tmp_path.iterdir():
        content = file.read_bytes()
        for secret in (b"48275", b"4 8 2 7 5", b"four eight two seven six", b"48276"):
            assert secret not in content, file.name
