"""Exploration: of two lamps almost equally likely to be meant the second is sometimes tried, without harm."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge import Assistant, Home, SimulatedClock
from edge.asr.trial import TypedRecogniser
from edge.dialogue.decision import Dialogue
from edge.dialogue.exploring import CLOSE, TRIED, Budget, explored
from edge.errors import StoreError
from edge.feedback.reading import read_signals
from edge.knowledge import Area, Device, DeviceState, Habit, HomeMap, Knowledge
from edge.labels.functions import Functions
from edge.labels.weights import FunctionWeights
from edge.records import (
    Act,
    Candidate,
    Explored,
    Interpretation,
    Phrasing,
    ResolvedAction,
    RunnerUp,
    Step,
    Transcript,
    Utterance,
)
from edge.replay import replay
from edge.risk import tier_of
from edge.settings import LearningSettings, Settings
from edge.signals import Diagnosis
from edge.store import Store
from edge.store.habits import habits
from edge.turn import NOTHING_BY_CHANCE, Context, Turn
from tests.conversations import Talk
from tests.lived import a_turn
from tests.test_golden_conversations import CONVERSATIONS

AFTERNOON: Final = datetime(2026, 11, 22, 15, tzinfo=UTC)
BEDROOM, LIVING_ROOM = "light.bedroom_ceiling", "light.living_room_ceiling"
SAID: Final = "turn on the ceiling light"


@contextmanager
def opened(
    per_day: int = 5, draw: float = 0.0, at: datetime = AFTERNOON, store: str | Path = ":memory:"
) -> Iterator[Assistant]:
    """An assistant that may try so often, and for which chance always has the same to say."""
    settings = Settings(learning=LearningSettings(explore_per_day=per_day))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(random, "random", lambda: draw)
        with Assistant.open(settings, home=Home.demo(), store=store, clock=SimulatedClock(at)) as assistant:
            yield assistant


def near_tie(assistant: Assistant, **said: object) -> Turn:
    """A lamp was spoken of some minutes ago, and is hardly likelier than its namesake."""
    assistant.advance(timedelta(minutes=6))
    assistant.hear_text("turn on the bedroom ceiling light")
    for lamp in (BEDROOM, LIVING_ROOM):
        assistant.advance(timedelta(minutes=1, seconds=5))
        assistant.home.use_switch(lamp, state="off", by="hand")
    assistant.advance(timedelta(seconds=5))
    utterance = replace(Utterance("text", typed=SAID), **said)  # type: ignore[arg-type]
    return assistant.runtime.conversation.take(utterance)


def what_chance_did(turn: Turn) -> Explored | None:
    assert isinstance(turn.decision, Act)
    return turn.decision.explored


def reply(turn: Turn) -> str:
    return turn.response.text if turn.response else ""


def test_the_second_is_tried_and_said_so() -> None:
    """It is done, the reply names both, and the record tells what would have been done and how likely the try was."""
    with opened() as assistant:
        turn = near_tie(assistant)
        assert reply(turn) == (
            "The living room ceiling light is on. If you meant the bedroom ceiling light, say: no, the other one."
        )
        states = assistant.home.states()
        assert (states[LIVING_ROOM]["state"], states[BEDROOM]["state"]) == ("on", "off")
        assert what_chance_did(turn) == Explored(TRIED, ResolvedAction((BEDROOM,), "turn_on"), is_second=True)
        assert turn.importance == 1 / TRIED


def test_the_first_is_kept_as_often_as_it_should() -> None:
    """Where chance takes the first, that is kept too: without it what is learned would lean to one side."""
    with opened(draw=TRIED) as assistant:
        turn = near_tie(assistant)
        assert reply(turn) == "The bedroom ceiling light is on."
        second = ResolvedAction((LIVING_ROOM,), "turn_on")
        assert what_chance_did(turn) == Explored(1 - TRIED, second, is_second=False)
        assert turn.importance == pytest.approx(1 / (1 - TRIED))


def test_what_chance_did_not_touch_stands_for_itself() -> None:
    """A turn without chance counts once, whatever became of it."""
    assert a_turn().importance == 1.0
    assert replace(a_turn(), decision=None).importance == 1.0


def test_the_other_one_is_done_at_once() -> None:
    """Who did not mean it gets the first choice with a word; the try goes off; nothing is left to chance again."""
    with opened() as assistant:
        near_tie(assistant)
        turn = assistant.hear_text("no, the other one")
        assert reply(turn) == "The bedroom ceiling light is on. The living room ceiling light is off."
        assert what_chance_did(turn) is None
        stored = Turn.from_stored(turn.to_stored())
        knowledge = assistant.runtime.store.knowledge(turn.knowledge_revision)
        assert replay(stored, knowledge, assistant.runtime.stages).differences == ()


def test_the_other_one_of_what_was_no_try_puts_nothing_back() -> None:
    """A lamp that somebody asked for stays on."""
    with opened(draw=0.9) as assistant:
        near_tie(assistant)
        assert reply(assistant.hear_text("no, the other one")) == "The living room ceiling light is on."


def test_it_tells_why() -> None:
    """Who asks is told that it was a try."""
    with opened() as assistant:
        near_tie(assistant)
        assert reply(assistant.hear_text("why did you do that")).endswith(
            "I took the living room ceiling light, because that is its name and it was almost as likely as another, "
            "and I tried it for once."
        )


def test_undo_takes_it_back() -> None:
    """As with everything that was done."""
    with opened() as assistant:
        near_tie(assistant)
        assert reply(assistant.hear_text("undo")) == "The living room ceiling light is off again."


def test_saying_it_again_is_not_left_to_chance() -> None:
    """Within a minute of any word of ours nothing is tried."""
    with opened() as assistant:
        near_tie(assistant)
        assert what_chance_did(assistant.hear_text("turn off the ceiling light")) is None


def test_off_means_off() -> None:
    """As it ships nothing is left to chance, and nothing of it is stored."""
    assert Settings().learning.explore_per_day == 0
    with opened(per_day=0) as assistant:
        turn = near_tie(assistant)
        assert reply(turn) == "The bedroom ceiling light is on."
        assert what_chance_did(turn) is None
        assert '"draw"' not in turn.to_stored()
        assert '"explored"' not in turn.to_stored()


@pytest.mark.parametrize(
    "said",
    [
        {"source": "mqtt"},
        {"source": "agenda"},
        {"follow_up": True},
        {"typed_confidence": 0.5},
        {"typed": "turn on the ceiling light and turn on the hall light"},
        {"typed": "turn on the ceiling light in ten minutes"},
    ],
)
def test_it_is_not_tried_on_everybody(said: dict[str, object]) -> None:
    """Not where nobody stands there, nor on what was heard badly, is several things, or is for later."""
    with opened() as assistant:
        turn = near_tie(assistant, **said)
        assert getattr(turn.decision, "explored", None) is None


def test_the_night_is_left_alone() -> None:
    """The wrong lamp would wake somebody."""
    with opened(at=AFTERNOON.replace(hour=23)) as assistant:
        assert what_chance_did(near_tie(assistant)) is None


def test_a_lamp_that_is_on_already_is_no_try() -> None:
    """What changes nothing teaches nothing."""
    with opened() as assistant:
        assistant.hear_text("turn on the bedroom ceiling light")
        assistant.advance(timedelta(minutes=2))
        assistant.home.use_switch(LIVING_ROOM, state="on", by="hand")
        assert getattr(assistant.hear_text(SAID).decision, "explored", None) is None


@pytest.mark.parametrize("draw", [0.0, TRIED])
def test_a_turn_left_to_chance_comes_out_the_same_again(draw: float) -> None:
    """The draw is kept with the turn, whatever chance would say now."""
    with opened(draw=draw) as assistant:
        turn = Turn.from_stored(near_tie(assistant).to_stored())
        assert what_chance_did(turn) is not None
        knowledge = assistant.runtime.store.knowledge(turn.knowledge_revision)
        assert replay(turn, knowledge, assistant.runtime.stages).differences == ()


@pytest.mark.parametrize("per_day", [1, 3, 5])
def test_never_oftener_than_allowed(per_day: int) -> None:
    """In a day with more occasions than the budget has."""
    with opened(per_day, at=AFTERNOON.replace(hour=9)) as assistant:
        turns = [near_tie(assistant) for _ in range(per_day + 3)]
        tried = [found is not None and found.is_second for found in map(what_chance_did, turns)]
        assert tried == [True] * per_day + [False] * 3


def test_a_restart_gives_nothing_back(tmp_path: Path) -> None:
    """What was tried today counts, whichever run of the assistant tried it."""
    with opened(per_day=1, store=tmp_path / "edge.db") as assistant:
        assert what_chance_did(near_tie(assistant)) is not None
    with opened(per_day=1, store=tmp_path / "edge.db", at=AFTERNOON + timedelta(hours=1)) as assistant:
        assert what_chance_did(near_tie(assistant)) is None
    with opened(per_day=1, store=tmp_path / "edge.db", at=AFTERNOON + timedelta(days=1)) as assistant:
        assert what_chance_did(near_tie(assistant)) is not None


def test_where_the_day_cannot_be_read_nothing_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A budget that nobody knows is spent."""

    def unreadable(store: Store, first: datetime) -> Iterator[Turn]:
        raise StoreError("The database cannot be read.")

    monkeypatch.setattr(Store, "turns_since", unreadable)
    with opened() as assistant:
        assert what_chance_did(near_tie(assistant)) is None


@pytest.mark.parametrize("back", [timedelta(hours=2), timedelta(days=1), timedelta(days=400)])
def test_a_clock_that_is_put_back_refills_nothing(back: timedelta) -> None:
    """What was tried on a later day counts as today's."""
    budget = Budget(1, lambda: 0.0)
    assert budget.draw(AFTERNOON) == 0.0
    budget.heard(tried_at(AFTERNOON))
    assert budget.draw(AFTERNOON - back) == NOTHING_BY_CHANCE
    assert budget.draw(AFTERNOON + timedelta(days=1)) == 0.0


def tried_at(moment: datetime) -> Turn:
    turn = a_turn()
    second = Explored(TRIED, ResolvedAction(("light.hall",), "turn_on"), is_second=True)
    decision = Act(tuple(done.step for done in turn.done_steps), explored=second)
    return replace(turn, started_at=moment, decision=decision)


def test_what_chance_chose_is_nobodys_habit() -> None:
    """It counts for nothing where it is counted what this home is wont to ask for."""
    turns = [tried_at(AFTERNOON - timedelta(days=days)) for days in range(9, 0, -1)]
    plain = [replace(turn, decision=Act(turn.decision.steps)) for turn in turns if turn.decision]
    assert habits(turns, AFTERNOON) == ()
    assert habits(plain, AFTERNOON) != ()


def test_silence_after_a_try_is_no_success() -> None:
    """A device that obeyed says nothing about whether the second was meant; a correction says that it was not."""
    with opened() as assistant:
        silent = near_tie(assistant)
        assistant.advance(timedelta(minutes=20))
        corrected = near_tie(assistant)
        told = assistant.hear_text("no, the other one")
        signals = read_signals((silent, corrected, told), (), AFTERNOON + timedelta(days=1))
        by_turn = {turn.turn_id: [s for s in signals if s.turn_id == turn.turn_id] for turn in (silent, corrected)}
        served = Functions().served
        assert 0.1 < served(silent, by_turn[silent.turn_id]) < 0.9
        assert served(corrected, by_turn[corrected.turn_id]) < 0.1
        fitted = Functions(FunctionWeights(version=1, bias=-2.2, trust={"diagnosis": 0.5})).served
        believed = Diagnosis(silent.turn_id, {"correct": 0.9, "entity": 0.1})
        assert 0.1 < fitted(silent, (), (), believed) < 0.9 < fitted(a_turn(), (), (), believed)


def test_off_decides_as_before_in_every_golden_conversation() -> None:
    """Without a draw nothing differs; with one, what is not a harmless near-tie does not either."""
    decisions = 0
    for parameters in CONVERSATIONS:
        setting, turns = parameters.values
        talk = Talk.at_golden_home(setting.get("room"), online=not setting.get("offline", False))
        for said in turns:
            turn = talk.say(said["said"], tuple(said.get("heard_too", ())), said.get("after_s", 1))
            assert turn.transcript is not None
            assert getattr(turn.decision, "explored", None) is None
            for draw in (0.0, 0.9):
                context = replace(turn.context, draw=draw)
                heard = turn.transcript, turn.candidates, context, talk.knowledge, TypedRecogniser()
                decided = Dialogue().decide(*heard)
                if getattr(decided, "explored", None) is None:
                    assert decided == turn.decision
                    decisions += 1
    assert decisions >= 500


DOMAINS: Final = ("light", "fan", "switch", "cover", "lock", "valve", "climate", "media_player", "siren", "vacuum")
CLASSES: Final = (None, "garage", "door", "blind", "outlet", "oven", "tv")
COMMANDS: Final = ("turn_on", "turn_off", "open", "close", "unlock", "play_media", "set_speed", "run_skill", "restore")
NAMES: Final = ("ceiling light", "garage light", "oven", "gate", "fan", "alarm")


@st.composite
def things(draw: st.DrawFn, number: int) -> Device:
    """Anything that a home may have, of the tier it gets or a stricter one."""
    domain, kind, name = draw(st.sampled_from(DOMAINS)), draw(st.sampled_from(CLASSES)), draw(st.sampled_from(NAMES))
    tier = draw(st.sampled_from([tier_of(domain, kind, name), "guarded", "ask"]))
    reports = draw(st.booleans())
    return Device(f"{domain}.{number}", name, domain, kind, f"room{number % 2}", tier=tier, reports=reports)


@given(
    home=st.tuples(*map(things, range(4))),
    command=st.sampled_from(COMMANDS),
    values=st.sampled_from([{}, {"brightness": 40}, {"speed": 50}]),
    lead=st.floats(-1.0, 3.0),
    asks=st.booleans(),
    targets=st.tuples(*[st.lists(st.integers(0, 3), min_size=1, max_size=2, unique=True)] * 2),
)
def test_nothing_that_is_guarded_or_asks_is_ever_tried(
    home: tuple[Device, ...],
    command: str,
    values: dict[str, int],
    lead: float,
    asks: bool,
    targets: tuple[list[int], list[int]],
) -> None:
    """In any home, whatever comes second: chance moves lamps and fans of the tier free only, and only in near-ties."""
    first, second = (
        ResolvedAction(tuple(home[n].device_id for n in some), command, values, asks and bool(turn))
        for turn, some in enumerate(targets)
    )
    meant = Interpretation("HassTurnOn", {"name": "it"})
    ids = tuple(device.device_id for device in home)
    best = Candidate(Phrasing(SAID), meant, first, 0.95, ids, is_exact=False, runner_up=RunnerUp(second, lead))
    context = Context(AFTERNOON, states=dict.fromkeys(ids, DeviceState("off")), draw=0.0)
    act = Act((Step(meant, first),))
    decided = explored(act, best, (best,), Transcript(SAID), context, Knowledge(1, HomeMap((), home)))
    if decided == act:
        return
    assert isinstance(decided, Act)
    moved = [device for device in home if device.device_id in {*first.targets, *second.targets}]
    assert {device.tier for device in moved} == {"free"}
    assert {device.domain for device in moved} in ({"light"}, {"fan"})
    assert all(device.reports for device in moved)
    assert command in {"turn_on", "turn_off", "set_speed"}
    assert 0 <= lead < CLOSE
    assert not asks
    assert not set(first.targets) & set(second.targets)
    assert [step.action for step in decided.steps] == [second]


@pytest.mark.parametrize(("domain", "may_be_tried"), [("light", True), ("fan", True), ("switch", False)])
def test_by_habit_the_second_lamp_is_tried_and_the_second_outlet_never(domain: str, may_be_tried: bool) -> None:
    """Through all stages: a home that is wont to ask for one of two namesakes."""
    pair = tuple(Device(f"{domain}.{room}", "corner thing", domain, area=room) for room in ("attic", "den"))
    home = HomeMap((Area("attic", "attic"), Area("den", "den")), pair)
    talk = Talk.at_golden_home()
    habit = Habit("turn_on", pair[0].device_id, AFTERNOON.hour, 9.0)
    stages = talk.stages()
    context = Context(AFTERNOON, states=dict.fromkeys((each.device_id for each in pair), DeviceState("off")), draw=0.0)
    knowledge = Knowledge(1, home, habits=(habit,))
    phrasing = Phrasing("turn on the corner thing")
    said = next(iter(stages.nlu.interpret(phrasing, context, knowledge)))
    candidate = stages.resolution.resolve(phrasing, said, context, knowledge)
    candidate = stages.circumstances.weighed(candidate, context, knowledge)
    decided = Dialogue().decide(Transcript(phrasing.text), (candidate,), context, knowledge, TypedRecogniser())
    assert isinstance(decided, Act)
    assert (decided.explored is not None) == may_be_tried
    assert decided.steps[0].action.targets == (pair[1 if may_be_tried else 0].device_id,)
