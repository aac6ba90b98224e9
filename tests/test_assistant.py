"""The public Python face, as a program would use it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge import Assistant, EdgeError, Home, SimulatedClock

EVENING = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)

PROMISED = {
    "turn_id",
    "reply_to",
    "started_at",
    "room",
    "speaker",
    "knowledge_revision",
    "transcript",
    "attempts",
    "steps",
    "interpretation",
    "action",
    "outcome",
    "response",
    "failure",
    "timings_ms",
}


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(EVENING)


@pytest.fixture
def assistant(clock: SimulatedClock) -> Iterator[Assistant]:
    with Assistant.open(home=Home.demo(), store=":memory:", clock=clock, room="kitchen") as opened:
        yield opened


def test_a_light_goes_on_and_the_reply_says_so(assistant: Assistant) -> None:
    """The device's own state decides what is said."""
    turn = assistant.hear_text("turn on the kitchen light")
    assert assistant.home.states()["light.kitchen"]["state"] == "on"
    assert turn.response is not None
    assert turn.response.text == "The kitchen light is on."
    assert turn.response.kind == "answer"


def test_every_kind_of_a_title_is_offered_and_may_be_chosen(assistant: Assistant) -> None:
    """Without a screen the film comes last, but whoever wants it can say so."""
    asked = assistant.hear_text("play the hunger games").response
    assert asked is not None
    assert asked.text == "The audiobook, the song or the film?"
    assistant.hear_text("the film")
    assert assistant.home.states()["media_player.tv"]["media_kind"] == "film"


def test_music_is_what_this_home_listens_to(assistant: Assistant) -> None:
    """Asked for on several evenings, and learned in the night: then "play music" means it; a plain wish goes first."""
    before = assistant.hear_text("play music")
    for _ in range(4):
        assistant.hear_text("play hallelujah by jeff buckley")
        assistant.advance(timedelta(days=1))
    revision = assistant.learn().knowledge_revision
    assert revision > before.knowledge_revision
    turn = assistant.hear_text("play music")
    assert turn.knowledge_revision == revision
    assert turn.done_steps[0].step.action.values["by"] == "Jeff Buckley"
    assistant.hear_text("play purple rain by prince")
    assert assistant.home.states()["media_player.tv"]["title"] == "Purple Rain"


def test_the_json_of_a_turn_is_what_other_programs_were_promised(assistant: Assistant) -> None:
    """Every promised field is there, and the first step's three stand at the top level too."""
    turn = json.loads(assistant.hear_text("turn on the kitchen light", confidence=0.83, alternatives=("x",)).to_json())
    assert set(turn) >= PROMISED
    assert turn["transcript"] == {"text": "turn on the kitchen light", "confidence": 0.83, "alternatives": ["x"]}
    assert turn["attempts"][0] == {
        "text": "turn on the kitchen light",
        "origin": "heard",
        "rule_id": None,
        "held_out": False,
    }
    assert turn["interpretation"]["intent"] == "HassTurnOn"
    assert turn["action"]["targets"] == ["light.kitchen"]
    assert turn["action"]["command"] == "turn_on"
    assert turn["action"]["needs_confirmation"] is False
    assert turn["outcome"]["confirmed"] is True
    assert turn["outcome"]["sent"][0]["topic"]
    assert {key: turn[key] for key in ("interpretation", "action", "outcome")} == turn["steps"][0]
    assert turn["failure"] is None
    assert turn["room"] == "kitchen"


def test_a_guarded_device_moves_only_after_a_yes(assistant: Assistant) -> None:
    """The question is a confirmation, the door rests until the yes, and the yes names the turn it answers."""
    question = assistant.hear_text("open the garage door").to_dict()
    assert question["response"]["kind"] == "confirmation"
    assert question["action"]["needs_confirmation"] is True
    assert question["outcome"] is None
    assert assistant.home.states()["cover.garage_door"]["state"] == "closed"
    answer = assistant.hear_text("yes").to_dict()
    assert answer["reply_to"] == question["turn_id"]
    assert assistant.home.states()["cover.garage_door"]["state"] == "opening"


@pytest.mark.parametrize("reply", ["no", "never mind", "turn on the kitchen light", "maybe"])
def test_anything_but_a_yes_leaves_it_where_it_is(assistant: Assistant, reply: str) -> None:
    """A no, another command, and talk all leave the garage shut, now and after a later yes."""
    assistant.hear_text("open the garage door")
    assistant.hear_text(reply)
    assistant.hear_text("yes")
    assert assistant.home.states()["cover.garage_door"]["state"] == "closed"


def test_a_yes_that_comes_too_late_moves_nothing(assistant: Assistant) -> None:
    """An open question expires by the assistant's clock."""
    assistant.hear_text("open the garage door")
    assistant.advance(timedelta(minutes=2))
    assistant.hear_text("yes")
    assert assistant.home.states()["cover.garage_door"]["state"] == "closed"


def test_namesakes_are_asked_about(assistant: Assistant) -> None:
    """Two ceiling lights: neither goes on before the person has chosen."""
    question = assistant.hear_text("turn on the ceiling light").to_dict()
    assert question["response"]["kind"] == "question"
    assert question["interpretation"]["intent"] == "HassTurnOn"
    assert question["action"] is None
    states = assistant.home.states()
    assert {states[name]["state"] for name in ("light.bedroom_ceiling", "light.living_room_ceiling")} == {"off"}
    answer = assistant.hear_text("the bedroom one").to_dict()
    assert answer["reply_to"] == question["turn_id"]
    assert answer["action"]["targets"] == ["light.bedroom_ceiling"]


def test_the_speakers_room_decides(assistant: Assistant) -> None:
    """The room of the turn goes before the room in which the assistant stands, by id or by name."""
    turn = assistant.hear_text("turn on the fairy lights", room="Living Room")
    assert turn.utterance.room == "living_room"
    assert assistant.hear_text("turn on the light", room="hall").to_dict()["action"]["targets"] == ["light.hall"]


def test_a_device_that_stays_silent_is_not_called_done(assistant: Assistant, clock: SimulatedClock) -> None:
    """The reply tells that it did not answer, and the waiting was done on the simulated clock."""
    assert assistant.home.simulated is not None
    assistant.home.simulated.kill("light.kitchen")
    before = clock.now()
    turn = assistant.hear_text("turn on the kitchen light").to_dict()
    assert turn["outcome"]["confirmed"] is False
    assert "did not answer" in turn["response"]["text"]
    assert clock.now() - before >= timedelta(seconds=3)


def test_the_switch_on_the_wall_is_seen(assistant: Assistant) -> None:
    """What a hand does to a simulated device is what the assistant answers about."""
    assistant.home.use_switch("light.kitchen", state="on", by="hand")
    turn = assistant.hear_text("is the kitchen light on")
    assert turn.response is not None
    assert turn.response.text.startswith("Yes")


def test_a_door_that_moves_arrives_when_time_passes(assistant: Assistant) -> None:
    """`advance` lives through the travel of a garage door."""
    assistant.hear_text("open the garage door")
    assistant.hear_text("yes")
    assistant.advance(timedelta(minutes=1))
    assert assistant.home.states()["cover.garage_door"]["state"] == "open"


def test_only_a_wake_word_is_a_turn_without_words(assistant: Assistant) -> None:
    """A wake word and then nothing moves nothing and says nothing, yet is remembered."""
    turn = assistant.wake_only().to_dict()
    assert turn["transcript"]["text"] == ""
    assert turn["response"]["text"] == ""
    assert turn["steps"] == []


def test_an_interruption_is_kept_with_the_turn(assistant: Assistant) -> None:
    """How much of the reply before was heard is part of the record."""
    assert assistant.hear_text("stop", interrupts_after_ms=420).utterance.interrupts_after_ms == 420


def test_sixty_days_pass_in_seconds(assistant: Assistant, clock: SimulatedClock) -> None:
    """A simulation lives through weeks, and nothing waits on the wall clock."""
    for _ in range(60):
        assistant.advance(timedelta(days=1))
        turn = assistant.hear_text("turn on the kitchen light")
        assert turn.to_dict()["outcome"]["confirmed"] is True
    assert clock.now() >= EVENING + timedelta(days=60)


def test_the_same_home_makes_no_new_revision(assistant: Assistant) -> None:
    """A revision of knowledge is a change of knowledge."""
    first = assistant.hear_text("turn on the kitchen light").knowledge_revision
    assert assistant.hear_text("turn off the kitchen light").knowledge_revision == first
    assert assistant.learn().knowledge_revision == first


def test_the_store_outlives_the_assistant(tmp_path: Path, clock: SimulatedClock) -> None:
    """What was said before a restart is there after it, word for word."""
    path = tmp_path / "edge.db"
    with Assistant.open(home=Home.demo(), store=path, clock=clock) as assistant:
        turn = assistant.hear_text("turn on the kitchen light")
    with Assistant.open(home=Home.demo(), store=path, clock=clock) as assistant:
        assert assistant.runtime.store.turn(turn.turn_id).to_dict() == turn.to_dict()


def test_a_closed_assistant_works_no_night_shifts(clock: SimulatedClock, caplog: pytest.LogCaptureFixture) -> None:
    """The clock may outlive the assistant; nothing of it then touches the closed database."""
    with Assistant.open(home=Home.demo(), store=":memory:", clock=clock):
        pass
    clock.advance(timedelta(days=2))
    assert caplog.records == []


def test_a_home_file_of_ones_own(tmp_path: Path) -> None:
    """A home that a file describes is lived in without a broker."""
    file = tmp_path / "home.toml"
    file.write_text('[area.attic]\n[light.attic]\nname = "attic light"\narea = "attic"\n', encoding="utf-8")
    with Assistant.open(home=Home.simulated(file), store=":memory:") as assistant:
        assistant.hear_text("turn on the attic light")
        assert assistant.home.states() == {"light.attic": {"state": "on"}}


def test_mistakes_are_told_in_words(tmp_path: Path, clock: SimulatedClock) -> None:
    """A missing home file, an unknown room and a sound without ears each say what to do."""
    with pytest.raises(EdgeError, match=r"nowhere\.toml"):
        Assistant.open(home=Home.simulated(tmp_path / "nowhere.toml"), store=":memory:")
    with pytest.raises(EdgeError, match="no room called 'cellar'"):
        Assistant.open(home=Home.demo(), store=":memory:", room="cellar")
    with Assistant.open(home=Home.demo(), store=":memory:") as assistant:
        with pytest.raises(EdgeError, match="voice=True"):
            assistant.hear_wav(tmp_path / "command.wav")
        with pytest.raises(EdgeError, match="SimulatedClock"):
            assistant.advance(timedelta(hours=1))


@pytest.mark.parametrize(
    "text", ["", " ", "\0", "x" * 100_000, "\u202eno", "'; DROP TABLE turns; --", "{{7*7}}", "💡" * 500]
)
def test_naughty_text_gets_an_answer_and_moves_nothing(assistant: Assistant, text: str) -> None:
    """Whatever is typed, a turn comes back and the home rests."""
    before = assistant.home.states()
    turn = assistant.hear_text(text)
    assert turn.response is not None
    assert turn.failure is None
    assert assistant.home.states() == before
