"""Goals: which turns were about one thing, and whether it was reached."""

from datetime import timedelta

from edge.feedback.reading import read_signals
from edge.labels.goals import goals_of
from edge.records import Utterance
from edge.signals import Signal
from edge.turn import Turn
from tests.conversations import Talk
from tests.feedbacks import by_turn, goals
from tests.lived import NOON


def test_an_outcome_that_nothing_speaks_for_is_unknown() -> None:
    """A device that obeyed and was left alone is a success; words alone are not."""
    talk = Talk.at_golden_home()
    obeyed, told = talk.say("turn on the kitchen light"), talk.say("what time is it", after_s=400)
    assert [(goal.goal_id, goal.outcome) for goal in goals([obeyed, told], ())] == [
        (obeyed.turn_id, "success"),
        (told.turn_id, "unknown"),
    ]


def test_the_last_try_decides() -> None:
    """What was corrected and then worked was reached."""
    talk = Talk.at_golden_home()
    turns = [talk.say("turn on the kitchen light"), talk.say("no, I meant the floor lamp", after_s=5)]
    (goal,) = goals(turns, read_signals(turns, (), talk.now + timedelta(days=1)))
    assert (goal.outcome, goal.turn_ids) == ("success", ("turn-1", "turn-2"))


def test_a_goal_that_ended_in_blame_was_not_reached() -> None:
    """Two clear words against it are enough."""
    talk = Talk.at_golden_home()
    turns = [talk.say("turn on the kitchen light"), talk.say("undo", after_s=4), talk.say("that's not what I said")]
    found = read_signals(turns, (), talk.now + timedelta(days=1))
    first = goals(turns, found)[0]
    assert (first.outcome, first.goal_id) == ("defect", "turn-1")


def typed(speaker: str, words: str) -> Utterance:
    return Utterance("text", None, speaker, typed=words)


def cut(talk: Talk, served: dict[str, float], *signals: Signal) -> list[list[str]]:
    """The goals of what was said, given how it is believed to have gone."""
    return [[turn.turn_id for turn in goal] for goal in goals_of(talk.turns, by_turn(signals), served)]


def test_who_asks_again_for_what_failed_goes_on() -> None:
    """The same lamp after what is believed to have failed is the same wish; after what went well a new one."""
    talk = Talk.at_golden_home()
    talk.say("turn on the kitchen light")
    talk.say("set the kitchen light to 20 percent", after_s=10)
    assert cut(talk, {"turn-1": 0.2}) == [["turn-1", "turn-2"]]
    assert cut(talk, {"turn-1": 0.9}) == [["turn-1"], ["turn-2"]]


def test_who_is_known_to_go_on_goes_on() -> None:
    """Whatever was said, and only with the turn right before."""
    talk = Talk.at_golden_home()
    talk.say("turn on the kitchen light")
    talk.say("what time is it", after_s=10)
    talk.say("make it cosy", after_s=10)
    assert [len(goal) for goal in goals_of(talk.turns, {}, going_on={"turn-2"})] == [2, 1]
    assert [len(goal) for goal in goals_of(talk.turns, {}, going_on={"turn-3"})] == [1, 2]


def test_what_sounds_like_it_after_a_failure_goes_on() -> None:
    """What was not understood names no thing; that it was said again is told by its sound."""
    talk = Talk.at_golden_home()
    talk.say("start, charge your album")
    talk.say("start charging your album", after_s=5)
    talk.say("what time is it", after_s=5)
    assert cut(talk, {}) == [["turn-1", "turn-2"], ["turn-3"]]


def test_a_remark_between_ends_no_goal() -> None:
    """What comes after "that's wrong" is held against what was tried, not against the remark."""
    talk = Talk.at_golden_home()
    turns = [
        talk.say("turn on the kitchen light"),
        talk.say("that's wrong", after_s=4),
        talk.say("turn off the kitchen light", after_s=5),
    ]
    wrong = Signal("turn-1", "wrong", NOON, 3.6, "turn-2")
    assert cut(talk, {"turn-1": 0.1}, wrong) == [[turn.turn_id for turn in turns]]


def test_another_person_begins_a_goal_of_their_own() -> None:
    """Two who talk in turns of the same lamp have two goals."""
    talk = Talk.at_golden_home()
    anna, ben = typed("anna", "turn on the kitchen light"), typed("ben", "turn on the kitchen light")
    turns: list[Turn] = [talk.hear(anna, 1), talk.hear(ben, 4)]
    assert cut(talk, {turn.turn_id: 0.1 for turn in turns}) == [["turn-1"], ["turn-2"]]
