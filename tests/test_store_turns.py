"""The store keeps turns: at once, whole, in their order, to be found again."""

import stat
import threading
import wave
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from edge.clock import SimulatedClock
from edge.errors import StageFailed, StoreError
from edge.records import Failure, Response, Utterance, Wake
from edge.store import Store, new_turn_id
from edge.turn import Turn
from tests.lived import NAUGHTY, NOON, a_turn, turns


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(":memory:", SimulatedClock(NOON)) as store:
        yield store


@given(turn=turns)
@settings(deadline=None, max_examples=60)
def test_any_turn_survives_json(turn: Turn) -> None:
    """Whatever the types allow comes back equal from the stored form."""
    assert Turn.from_stored(turn.to_stored()) == turn


@given(turn=turns)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_turn_survives_the_store(store: Store, turn: Turn) -> None:
    """Whatever the types allow comes back equal from the database, and is listed with its own words."""
    turn = replace(turn, turn_id=new_turn_id(NOON))
    store.add_turn(turn)
    assert store.turn(turn.turn_id) == turn
    row = store.turns(1)[0]
    assert row.said == (turn.transcript.text if turn.transcript else "")
    assert row.reply == (turn.response.text if turn.response else "")


@pytest.mark.parametrize("text", NAUGHTY)
def test_naughty_text_is_only_text(store: Store, text: str) -> None:
    """Words that mean something to SQL or to a terminal are stored as they are."""
    store.add_turn(a_turn(said=text))
    assert store.turn("last").transcript == a_turn(said=text).transcript
    assert store.turns()[0].said == text


def test_text_that_is_no_text_fails_the_turn_alone(store: Store) -> None:
    """Half a surrogate pair cannot be written as JSON; the store says so for good, and takes the next turn."""
    with pytest.raises(StageFailed, match="cannot be written as JSON") as failed:
        store.add_turn(a_turn(said="\ud800"))
    assert not failed.value.transient
    store.add_turn(a_turn("next"))
    assert [row.turn_id for row in store.turns()] == ["next"]


def test_turns_are_listed_newest_first_and_paged(store: Store) -> None:
    """The order is that of living, whatever the names and the clock say."""
    for turn_id in ("c", "a", "b"):
        store.add_turn(replace(a_turn(turn_id), started_at=NOON - timedelta(days=ord(turn_id))))
    assert [row.turn_id for row in store.turns()] == ["b", "a", "c"]
    assert [row.turn_id for row in store.turns(limit=1)] == ["b"]
    assert [row.turn_id for row in store.turns(before="b", limit=1)] == ["a"]
    assert store.turns(before="c") == ()


def test_failed_turns_can_be_listed_alone(store: Store) -> None:
    """Failures, refusals and errors count as failed; answers do not."""
    store.add_turn(a_turn("good"))
    store.add_turn(a_turn("refused").answered(Response("There is no such light.", "refusal")))
    store.add_turn(replace(a_turn("stopped"), failure=Failure("action", "the broker is away")))
    assert [row.turn_id for row in store.turns(failed_only=True)] == ["stopped", "refused"]
    assert store.turns(failed_only=True)[0].failure_point == "action"


def test_waking_for_nothing_is_counted(store: Store) -> None:
    """A wake word and then silence, or an invention of the recogniser: not typed silence, and no command."""
    woken = Utterance("microphone", wake=Wake("hey_jarvis", 0.8))
    for number, (utterance, said) in enumerate([(woken, ""), (woken, ""), (woken, "stop"), (Utterance("text"), "")]):
        turn = replace(a_turn(f"20261122-120000-000{number}", said), utterance=utterance)
        store.add_turn(turn)
    assert store.false_wakes(NOON - timedelta(hours=1)) == 2
    assert store.false_wakes(NOON + timedelta(hours=1)) == 0


def test_a_turn_is_found_by_the_beginning_of_its_name(store: Store) -> None:
    """A beginning is enough when it fits one turn; a whole name wins over longer ones."""
    for turn_id in ("20261122-120000-0001", "20261122-120500-0002", "20261122-120500-00021"):
        store.add_turn(a_turn(turn_id))
    assert store.turn("20261122-1200").turn_id == "20261122-120000-0001"
    assert store.turn("20261122-120500-0002").turn_id == "20261122-120500-0002"
    assert store.turn("last").turn_id == "20261122-120500-00021"
    with pytest.raises(StoreError, match="Several turns begin with '20261122-1205'"):
        store.turn("20261122-1205")


def test_an_unknown_turn_names_the_nearest(store: Store) -> None:
    """A mistyped name is answered with the name that was meant, a strange one with the latest."""
    with pytest.raises(StoreError, match="no turns yet"):
        store.turn("last")
    store.add_turn(a_turn("20261122-120000-0001"))
    with pytest.raises(StoreError, match="the nearest is 20261122-120000-0001"):
        store.turn("20261122-120000-0007")
    with pytest.raises(StoreError, match="the latest is 20261122-120000-0001"):
        store.turn("xyz")
    with pytest.raises(StoreError, match="no turn '%'"):
        store.turn("%")


def test_a_name_is_given_once(store: Store) -> None:
    """A second turn of the same name is refused for good, and the first stays."""
    store.add_turn(a_turn("one", said="first"))
    with pytest.raises(StageFailed) as failed:
        store.add_turn(a_turn("one", said="second"))
    assert not failed.value.transient
    assert [row.said for row in store.turns()] == ["first"]


def test_names_of_turns_are_short_ordered_and_unlike() -> None:
    """Names of one second grow, all differ, and the time in them is UTC."""
    names = [new_turn_id(NOON) for _ in range(1_000)]
    assert names == sorted(names)
    assert len(set(names)) == 1_000
    assert all(name.startswith("20261122-120000-") and len(name) == 20 for name in names)
    assert new_turn_id(NOON + timedelta(seconds=1)) > names[-1]


def test_many_threads_may_write(tmp_path: Path) -> None:
    """Turns that come from several threads at once are all there."""
    with Store.open(tmp_path / "edge.db", SimulatedClock(NOON)) as store:

        def write(thread: int) -> None:
            for number in range(20):
                store.add_turn(a_turn(f"{thread}-{number}"))

        threads = [threading.Thread(target=write, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(store.turns(limit=1_000)) == 80


def test_a_turn_is_seen_by_readers_at_once(tmp_path: Path) -> None:
    """A turn is committed when add_turn returns: another reader of the file has it without any flush."""
    path, clock = tmp_path / "edge.db", SimulatedClock(NOON)
    with Store.open(path, clock) as store, Store.open(path, clock, read_only=True) as reader:
        store.add_turn(a_turn("now"))
        assert reader.turn("now") == a_turn("now")


def test_sound_is_kept_only_when_asked(tmp_path: Path) -> None:
    """Without the setting no sound is written; with it, a private WAV that carries the turn's name."""
    sound = np.linspace(-1.0, 1.0, 1_600, dtype=np.float32)
    turn = a_turn("loud")
    turn = replace(turn, utterance=replace(turn.utterance, sound=sound))
    with Store.open(tmp_path / "a.db", SimulatedClock(NOON)) as store:
        store.add_turn(turn)
    assert not (tmp_path / "sound").exists()
    with Store.open(tmp_path / "b.db", SimulatedClock(NOON), keep_audio=True) as store:
        store.add_turn(turn)
        store.add_turn(a_turn("typed"))
    (kept,) = (tmp_path / "sound").iterdir()
    assert kept.name == "loud.wav"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    with wave.open(str(kept)) as wav:
        assert (wav.getframerate(), wav.getnchannels(), wav.getnframes()) == (16_000, 1, 1_600)
