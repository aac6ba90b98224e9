"""Signals: what neighbouring turns and the home's history tell of how a turn went."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.feedback.rates import Rates
from edge.feedback.reading import read_signals
from edge.feedback.weights import MOST, USUAL, WEIGHTS, corrected, of_rephrase
from edge.knowledge import Change, DeviceState
from edge.labels.functions import GROUPS, p_defect, prior_of
from edge.lived import conversations
from edge.records import Reject, Utterance
from edge.signals import Signal, SignalKind
from edge.turn import Turn
from tests.conversations import Talk
from tests.feedbacks import Lived, goals, talks
from tests.lived import NOON, a_turn, moments, texts, turns

TALKS: Final = talks()
KINDS: Final[frozenset[SignalKind]] = frozenset().union(*GROUPS.values())
NONSENSE: Final = 0.6


def says(signal: Signal) -> str:
    return "nothing" if signal.weight == 0 else "defect" if signal.weight > 0 else "success"


@pytest.mark.parametrize("written", TALKS, ids=[talk["what"] for talk in TALKS])
def test_a_conversation_gives_the_signals_that_are_written(written: dict[str, Any]) -> None:
    """Those of the golden file, and no others; and the turns lie in the goals that it names."""
    lived = Lived.through(written)
    number = {turn.turn_id: n for n, turn in enumerate(lived.turns, 1)}
    signals = [each for each in lived.signals() if each.kind != "rephrase" or written.get("rephrase")]
    found = [(number[s.turn_id], s.kind, number.get(s.from_turn_id, 0), says(s)) for s in signals]
    wanted = [(s["of"], s["kind"], s.get("by", 0), s["says"]) for s in written["signals"]]
    assert sorted(found) == sorted(wanted)
    if "goals" in written:
        cut = goals(lived.turns, signals)
        assert [[number[each] for each in goal.turn_ids] for goal in cut] == written["goals"]


def test_every_row_of_the_table_is_of_a_kind() -> None:
    """A weight without a kind, or a kind without a weight, would never count."""
    assert {why.partition(",")[0] for why in WEIGHTS} == KINDS
    assert USUAL.keys() <= KINDS
    assert len(KINDS) == sum(map(len, GROUPS.values()))


# --- what several say together ---------------------------------------------------------------------------------------


def signal(kind: SignalKind, weight: float, from_turn_id: str = "") -> Signal:
    return Signal("turn-1", kind, NOON, weight, from_turn_id)


def test_what_has_one_cause_is_no_two_witnesses() -> None:
    """Stop and barge-in are one deed; stop and a lamp put back are two."""
    one = p_defect([signal("stop", 1.0)])
    same = p_defect([signal("stop", 1.0), signal("barge_in", 1.0)])
    other = p_defect([signal("stop", 1.0), signal("put_back", 1.0)])
    assert one < same < other


def test_a_hundred_times_the_same_is_hardly_more() -> None:
    """Who says it over and over is one witness."""
    once = p_defect([signal("no", 1.0)])
    often = p_defect([signal("no", 1.0, f"turn-{n}") for n in range(100)])
    assert once < often < p_defect([signal("no", 1.6)])


def test_a_rephrase_alone_is_as_likely_as_it_was_said_to_be() -> None:
    """The detector's probability comes out as it went in."""
    for p in (0.3, 0.5, 0.9):
        assert p_defect([signal("rephrase", of_rephrase(p))]) == pytest.approx(p)


def test_put_back_is_the_strongest_word_without_words() -> None:
    """No barge-in, repeat or stop weighs as much."""
    spoken = {"yes", "no", "thanks", "wrong", "not_said", "meant_other"}
    silent = {why: abs(weight) for why, weight in WEIGHTS.items() if why.partition(",")[0] not in spoken}
    assert max(silent, key=lambda why: silent[why]) == "put_back, at once"


# --- who it comes from -----------------------------------------------------------------------------------------------


@given(st.floats(-MOST, MOST), st.floats(0, 1), st.floats(0, 1))
def test_a_habit_only_takes_weight_away(weight: float, usual: float, rate: float) -> None:
    """Never more than the table says, never the other way round."""
    told = corrected(weight, usual, rate)
    assert abs(told) <= abs(weight) + 1e-9
    assert told * weight >= 0


def interrupting(speaker: str, many: int, of: int) -> list[Turn]:
    """So many of somebody's turns cut off the reply before."""
    found = []
    for n in range(of):
        at = NOON - timedelta(days=10) + timedelta(minutes=n)
        cuts = 300 if n < many else None
        utterance = Utterance("text", "kitchen", speaker, typed="turn on the hall light", interrupts_after_ms=cuts)
        found.append(replace(a_turn(f"past-{speaker}-{n}"), started_at=at, utterance=utterance))
    return found


def barge_in_of(speaker: str, past: Sequence[Turn]) -> Signal:
    """The last of a person's turns is cut off at once, by that person."""
    first = replace(a_turn("first"), started_at=NOON, utterance=Utterance("text", "kitchen", speaker))
    cut = Utterance("text", "kitchen", speaker, interrupts_after_ms=300)
    later = replace(a_turn("later", "what time is it"), started_at=NOON + timedelta(seconds=2), utterance=cut)
    found = read_signals([*past, first, later], (), NOON + timedelta(days=1))
    (told,) = [each for each in found if each.turn_id == "first" and each.kind == "barge_in"]
    return told


def test_a_habitual_interrupter_is_no_critic() -> None:
    """Who cuts off every other reply says little by it; who never does says much."""
    patient = barge_in_of("anna", interrupting("anna", 0, 60))
    hasty = barge_in_of("ben", interrupting("ben", 40, 60))
    assert patient.weight == pytest.approx(WEIGHTS["barge_in, at once"], abs=0.05)
    assert 0 < hasty.weight < patient.weight / 3


def test_one_person_pays_not_for_the_other() -> None:
    """Rates are kept apart; a voice that is not known goes by the home."""
    past = interrupting("ben", 40, 60)
    assert barge_in_of("anna", past).weight == pytest.approx(WEIGHTS["barge_in, at once"], abs=0.05)
    assert barge_in_of("unknown", past).weight < WEIGHTS["barge_in, at once"] / 2


def test_what_somebody_else_says_of_a_turn_counts_half() -> None:
    """Anna's word about Anna's turn is worth two of Ben's."""
    talk = Talk.at_golden_home()
    words = []
    for critic in ("anna", "ben"):
        lived = [
            talk.hear(Utterance("text", None, "anna", typed="turn on the kitchen light"), 1000),
            talk.hear(Utterance("text", None, critic, typed="that's wrong"), 4),
        ]
        words += [each.weight for each in read_signals(lived, (), talk.now + timedelta(days=1))]
    assert words == [WEIGHTS["wrong"], WEIGHTS["wrong"] / 2]


def test_a_few_turns_make_no_habit() -> None:
    """Twice out of two is not always."""
    told = barge_in_of("ben", interrupting("ben", 1, 1))
    assert told.weight > WEIGHTS["barge_in, at once"] / 2


def test_nobody_known_has_the_usual_rates() -> None:
    """Without any turns the table counts as it stands."""
    rates = Rates()
    assert all(rates.of("anna", kind) == pytest.approx(rate) for kind, rate in USUAL.items())


# --- nonsense --------------------------------------------------------------------------------------------------------


def defects(lived: Sequence[Turn], changes: Sequence[Change] = ()) -> list[float]:
    found = read_signals(lived, changes, lived[-1].started_at + timedelta(days=1))
    return [p_defect([s for s in found if s.turn_id == turn.turn_id], prior_of(turn)) for turn in lived]


def test_a_child_that_says_no_to_everything_convicts_nobody() -> None:
    """Neither the first no, nor the hundredth, nor a no to what was no question."""
    talk = Talk.at_golden_home("hall")
    for n in range(60):
        commands = ("open the garage door", "turn on the kitchen light")
        for said in (commands[n % 2], "no", "no", "no"):
            utterance = Utterance("text", "hall", "child", typed=said)
            talk.hear(utterance, 400 if said != "no" else 3)
    asked = [turn for turn in talk.turns if turn.transcript and turn.transcript.text != "no"]
    assert max(defects(talk.turns)) <= NONSENSE
    found = read_signals(talk.turns, (), talk.now + timedelta(days=1))
    answers = [each.weight for each in found if each.kind == "no" and each.turn_id == asked[-2].turn_id]
    assert answers
    assert 0 < answers[0] < WEIGHTS["no"] / 4


@pytest.mark.parametrize("speakers", [("anna", "ben"), ("unknown", "unknown")], ids=["known", "unknown"])
def test_two_people_who_talk_in_turns_convict_nobody(speakers: tuple[str, str]) -> None:
    """What one says after the other is no correction of it."""
    talk = Talk.at_golden_home()
    for _ in range(10):
        talk.hear(Utterance("text", None, speakers[0], typed="what time is it"), 5)
        talk.hear(Utterance("text", None, speakers[1], typed="turn on the kitchen light"), 5)
    assert max(defects(talk.turns)) <= NONSENSE


def test_a_clock_that_jumps_back_tears_turns_apart() -> None:
    """What is said after the jump is about nothing before it, though its time lies in between."""
    first = a_turn("first")
    back = replace(a_turn("back", "no, I meant the hall"), started_at=NOON - timedelta(minutes=30))
    assert [[turn.turn_id for turn in some] for some in conversations([first, back])] == [["first"], ["back"]]
    assert read_signals([first, back, first, back], (), NOON + timedelta(days=1)) == ()
    in_order = replace(back, started_at=NOON + timedelta(seconds=5))
    assert [each.kind for each in read_signals([first, in_order], (), NOON + timedelta(days=1))] == ["meant_other"]


def test_turns_without_their_stages_tell_nothing() -> None:
    """A turn that stopped before it was heard, decided or answered is no complaint about another."""
    bare = [
        Turn.begin(f"turn-{n}", Utterance("microphone", "kitchen"), a_turn().context, 0)
        for n in range(5)
    ]  # fmt: skip
    lived = [replace(turn, started_at=NOON + timedelta(seconds=n)) for n, turn in enumerate(bare)]
    assert read_signals(lived, (), NOON + timedelta(days=1)) == ()
    assert max(defects(lived)) <= NONSENSE


def test_a_time_without_a_zone_is_no_trouble() -> None:
    """Neither in a turn nor in a change."""
    naive = replace(a_turn("naive"), started_at=NOON.replace(tzinfo=None))
    change = Change("light.kitchen", NOON.replace(tzinfo=None), DeviceState("on"), DeviceState("off"), "hand")
    assert len(read_signals([naive, a_turn("plain")], [change], NOON + timedelta(days=1))) < 5


changes = st.builds(
    Change,
    st.sampled_from(["light.kitchen", "light.gone", ""]),
    moments | st.just(NOON + timedelta(seconds=5)),
    st.builds(DeviceState, texts | st.sampled_from(["on", "off"])),
    st.builds(DeviceState, texts | st.sampled_from(["on", "off"])),
    st.sampled_from(["ours", "other", "hand", "controller", "unknown"]),
)
near = st.builds(
    lambda turn, s: replace(turn, started_at=NOON + timedelta(seconds=s)), turns, st.floats(-10, 60, allow_nan=False)
)


@given(st.lists(turns | near, max_size=6), st.lists(changes, max_size=4), moments)
def test_whatever_was_lived_there_is_an_end_to_it(lived: list[Turn], happened: list[Change], now: datetime) -> None:
    """Any turns, in any order, any of their stages missing: finite weights, and goals that hold every turn once."""
    found = read_signals(lived, happened, now)
    assert all(math.isfinite(each.weight) and abs(each.weight) <= MOST for each in found)
    assert all(0 <= p_defect([each]) <= 1 for each in found)
    cut = [turn_id for goal in goals(lived, found) for turn_id in goal.turn_ids]
    assert sorted(cut) == sorted(turn.turn_id for turn in lived)


# --- time ----------------------------------------------------------------------------------------------------------


def test_a_young_turn_was_not_given_up_yet() -> None:
    """Only when the time for another try is over."""
    turn = replace(a_turn("young", "frumious"), decision=Reject("not_understood"), done_steps=())
    kinds = [{s.kind for s in read_signals([turn], (), NOON + timedelta(seconds=s))} for s in (30, 120)]
    assert kinds == [{"no_match"}, {"no_match", "gave_up"}]
