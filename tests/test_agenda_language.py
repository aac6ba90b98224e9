"""What is said about timers, alarms, reminders, lists and commands for later: understood, resolved, worded."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from edge import intents
from edge.clock import SimulatedClock
from edge.entries import Entry, Kept
from edge.intents import AGENDA, OURS
from edge.knowledge import HomeMap, Knowledge
from edge.names import fold
from edge.nlu.agenda_rung import about_time
from edge.nlu.sayable import Vocabulary
from edge.nlu.timed import ITEMS_MAX, NAME_CHARACTERS_MAX, free_text, shaped
from edge.nlu.times import find
from edge.records import Ambiguous, Interpretation, Phrasing, ResolvedAction, Unresolved
from edge.resolution.resolver import Resolver
from edge.speech.hours import days, hour, length, moment, stretch
from edge.speech.ringing import word_ringing
from edge.speech.wording import Wording
from edge.turn import Context, Turn
from tests.conversations import SUNDAY_AFTERNOON, UNDERSTANDING, Talk, golden_home

NOW = SUNDAY_AFTERNOON
CONTEXT = Context(NOW, "living_room")
HOME = golden_home()[0]
KNOWLEDGE = Knowledge(1, HOME)

PASTA = Entry("pasta", "timer", NOW + timedelta(minutes=8), "pasta", 480.0)
TEN = Entry("ten", "timer", NOW + timedelta(minutes=9), "", 600.0)
MORNING = Entry("morning", "alarm", NOW.replace(day=23, hour=7, minute=0), days=(0, 1, 2, 3, 4))
MUM = Entry("mum", "reminder", NOW.replace(day=23, hour=9, minute=0), "call mum")


def understood(said: str, context: Context = CONTEXT, home: HomeMap = HOME) -> Interpretation | None:
    """The best reading, by all rungs; None for what is not understood."""
    readings = UNDERSTANDING.interpret(Phrasing(said), context, Knowledge(1, home))
    return readings[0] if readings else None


def resolved(said: str, *agenda: Entry, zone: str = "+00:00", now: datetime = NOW) -> Any:
    """What it comes to while these entries are set."""
    context = Context(now, "living_room", agenda=agenda, zone=zone)
    reading = understood(said, context)
    assert reading is not None
    return Resolver().resolve(Phrasing(said), reading, context, KNOWLEDGE).resolution


def while_it_rings(*entries: Entry) -> Talk:
    """A conversation in which these ring already."""
    talk = Talk.at_golden_home("living_room")
    talk.agenda.agenda.note([Kept(replace(entry, ringing=True, due_at=NOW), rang_at=NOW) for entry in entries])
    return talk


FREE: Mapping[str, str] = {
    "ten minute timer": "HassStartTimer",
    "could you time the eggs for six minutes": "HassStartTimer",
    "start a countdown of 30 seconds": "HassStartTimer",
    "put five more minutes on the timer": "HassIncreaseTimer",
    "make the pasta timer two minutes longer": "HassIncreaseTimer",
    "shorten the timer by a minute": "HassDecreaseTimer",
    "hold the timer": "HassPauseTimer",
    "when is the pasta timer done": "HassTimerStatus",
    "do i have any timers": "HassTimerStatus",
    "how much longer does the pasta timer have": "HassTimerStatus",
    "get rid of both timers": "HassCancelAllTimers",
    "get me up at seven": intents.SET_ALARM,
    "make sure i am up at six": intents.SET_ALARM,
    "I have to get up at half past five": intents.SET_ALARM,
    "set a wakeup call for 6 am": intents.SET_ALARM,
    "don't wake me tomorrow": intents.CANCEL_ALARM,
    "get rid of the seven am wake up call": intents.CANCEL_ALARM,
    "when will you wake me": intents.GET_ALARMS,
    "did you set the alarm": intents.GET_ALARMS,
    "at nine remind me to call the dentist": intents.REMIND,
    "tomorrow evening at 8 remind us about the film": intents.REMIND,
    "make a reminder for tuesday to pay the rent": intents.REMIND,
    "notify me about the meeting at three": intents.REMIND,
    "do I have any reminders for tomorrow": intents.GET_REMINDERS,
    "don't remind me to pay the rent": intents.CANCEL_REMINDER,
    "write down butter on the grocery list": "HassShoppingListAddItem",
    "cross milk off the list": "HassShoppingListCompleteItem",
    "do we have milk on the shopping list": intents.GET_ITEMS,
    "what do we need from the store": intents.GET_ITEMS,
    "empty the shopping list": intents.CLEAR_LIST,
    "in a quarter of an hour turn the hall light off": intents.LATER,
    "tomorrow at 6 close the bedroom curtains": intents.LATER,
    "what have you planned": intents.GET_LATER,
}


@pytest.mark.parametrize(("said", "intent"), FREE.items())
def test_free_wordings_are_understood(said: str, intent: str) -> None:
    """However it is put, and wherever the time stands."""
    reading = understood(said)
    assert reading is not None
    assert reading.intent == intent


@pytest.mark.parametrize(
    "said",
    [
        "how many minutes are in an hour",
        "the meeting takes two hours",
        "I set the alarm on my phone for six",
        "my alarm is at seven",
        "the alarm went off at six this morning",
        "don't set an alarm for seven",
        "what is the weather tomorrow",
        "see you tomorrow at 9",
        "the movie starts at eight",
        "is the hall light on at night",
        "the shopping list was long",
        "we will be there in ten minutes",
    ],
)
def test_talk_about_times_is_no_command(said: str) -> None:
    """What only holds a time or tells of an alarm sets nothing."""
    reading = understood(said)
    assert reading is None or reading.intent not in AGENDA


@pytest.mark.parametrize(
    ("said", "complete"),
    [
        ("set a timer for ten minutes", True),
        ("cancel the pasta timer", True),
        ("what's on the shopping list", True),
        ("put milk on the shopping list", True),
        ("turn off the hall light in ten minutes", True),
        ("wake me at 7", True),
        ("remind me to call", False),
        ("remind me tomorrow to call", False),
        ("put milk and", False),
        ("set a timer for", False),
        ("in ten minutes", False),
        ("at ten turn off the", False),
    ],
)
def test_free_text_at_the_end_may_go_on(said: str, complete: bool) -> None:
    """A reminder is waited for to its end; what ends with a time or a list is whole."""
    assert UNDERSTANDING.is_complete(said, CONTEXT, KNOWLEDGE) is complete


def test_every_intent_of_the_agenda_is_explained() -> None:
    """Ours in words, Home Assistant's by their names."""
    assert {intent for intent in AGENDA if not intent.startswith("Hass")} <= OURS.keys()


# --- what rings ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["stop", "turn off the alarm", "turn it off", "okay", "I'm up", "Alexa, stop please"])
def test_what_rings_is_stopped_in_a_few_words(said: str) -> None:
    """Also in words that mean the burglar alarm or a lamp at other times; nothing in the home moves."""
    talk = while_it_rings(MORNING)
    turn = talk.say(said)
    assert [done.step.action.command for done in turn.done_steps] == ["stop_ringing"]
    assert not any(entry.ringing for entry in talk.agenda.agenda.entries)
    assert talk.actor.moved == []


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("snooze", 540.0),
        ("not yet", 540.0),
        ("five more minutes", 300.0),
        ("another ten minutes", 600.0),
        ("snooze for a quarter of an hour", 900.0),
        ("wake me again in half an hour", 1800.0),
    ],
)
def test_what_rings_is_put_off(said: str, seconds: float) -> None:
    """Nine minutes, or as long as was said."""
    turn = while_it_rings(MORNING).say(said)
    assert [(done.step.action.command, done.step.action.values) for done in turn.done_steps] == [
        ("snooze", {"seconds": seconds})
    ]


def test_cancelling_what_rings_stops_it_and_keeps_the_others() -> None:
    """No yes is asked for, and the alarm of tomorrow stays."""
    talk = while_it_rings(replace(MORNING, entry_id="now", days=()))
    talk.agenda.agenda.note([Kept(MORNING)])
    turn = talk.say("cancel my alarm")
    assert [done.step.action.command for done in turn.done_steps] == ["stop_ringing"]
    assert [entry.entry_id for entry in talk.agenda.agenda.entries] == ["morning"]


def test_a_reminder_that_was_told_takes_no_words_away() -> None:
    """`turn it off` after "turn the oven off" is about a device."""
    context = replace(CONTEXT, agenda=(replace(MUM, ringing=True),))
    reading = understood("turn it off", context)
    assert reading is not None
    assert reading.intent == "HassTurnOff"


def test_a_question_comes_before_what_rings() -> None:
    """A yes to a question that is open answers it."""
    talk = while_it_rings(TEN)
    talk.say("clear the shopping list")
    assert [done.step.action.command for done in talk.say("yes").done_steps] == ["clear_items"]


# --- which one -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "ids"),
    [
        ("cancel the pasta timer", ["pasta"]),
        ("cancel the ten minute timer", ["ten"]),
        ("cancel the first timer", ["pasta"]),
        ("cancel the last timer", ["ten"]),
        ("stop the timer for the pasta", ["pasta"]),
        ("cancel all timers", ["pasta", "ten"]),
    ],
)
def test_a_timer_is_found_by_what_it_is_called(said: str, ids: list[str]) -> None:
    """By its name, its length, its place in the order."""
    assert resolved(said, PASTA, TEN) == ResolvedAction((), "cancel_timer", {"entry_ids": ids})


def test_several_that_fit_are_a_question() -> None:
    """And none of them is picked."""
    found = resolved("pause the timer", PASTA, TEN)
    assert found == Ambiguous((), "pause_timer", {}, ({"entry_id": "pasta"}, {"entry_id": "ten"}))


def test_the_one_that_rings_is_cancelled_before_others() -> None:
    """Nobody means another one then."""
    found = resolved("cancel my timer", replace(TEN, ringing=True), PASTA)
    assert found == ResolvedAction((), "cancel_timer", {"entry_ids": ["ten"]})


@pytest.mark.parametrize(
    ("said", "missing"),
    [
        ("cancel the egg timer", "egg timer"),
        ("cancel the twenty minute timer", "timer"),
        ("cancel the alarm", "alarm"),
        ("cancel the reminder to dance", "dance reminder"),
    ],
)
def test_what_is_not_set_is_said(said: str, missing: str) -> None:
    """Nothing else is cancelled instead."""
    found = resolved(said, PASTA, TEN, MUM)
    assert isinstance(found, Unresolved)
    assert (found.reason, found.name) == ("nothing_set", missing)


@pytest.mark.parametrize(
    ("said", "fits"),
    [
        ("cancel the 7 o'clock alarm", True),
        ("cancel the alarm for 7 am", True),
        ("cancel the alarm for 7 pm", False),
        ("cancel tomorrow's alarm", True),
        ("cancel the alarm on tuesday", False),
        ("cancel the alarm on weekdays", True),
        ("cancel the alarm on weekends", False),
        ("cancel the alarm for half past seven", False),
    ],
)
def test_an_alarm_is_found_by_its_time(said: str, fits: bool) -> None:
    """By its hour, its day, its weekdays; and given up only after a yes."""
    found = resolved(said, MORNING)
    assert isinstance(found, ResolvedAction) is fits
    assert not fits or found.needs_confirmation


def test_a_home_without_burglar_alarm_has_only_one_kind_of_alarm() -> None:
    """There `turn off the alarm` is about the one that wakes."""
    home = replace(HOME, devices=tuple(d for d in HOME.devices if d.domain != "alarm_control_panel"))
    reading = understood("turn off the alarm", home=home)
    assert reading is not None
    assert reading.intent == intents.CANCEL_ALARM


def test_an_alarm_goes_by_the_clock_on_the_wall() -> None:
    """In the night in which clocks are put back, 7 o'clock is in nine hours, and ten hours are ten hours."""
    berlin = ZoneInfo("Europe/Berlin")
    evening = SimulatedClock(datetime(2026, 10, 24, 23, tzinfo=berlin)).now()
    assert resolved("wake me at 7", zone="Europe/Berlin", now=evening).values["at"] == "2026-10-25T07:00:00+01:00"
    assert (
        resolved("wake me in ten hours", zone="Europe/Berlin", now=evening).values["at"] == "2026-10-25T08:00:00+01:00"
    )


# --- free text -------------------------------------------------------------------------------------------------------


def test_free_text_is_kept_as_it_was_said() -> None:
    """With its capitals, without the time, and whatever it looks like."""
    reading = understood("remind me at 9 to tell Anna: '); DROP TABLE turns; --")
    assert reading is not None
    assert reading.slots["text"] == "tell Anna ') DROP TABLE turns"


def test_names_and_lists_are_bounded() -> None:
    """What is too long is no name, and nobody writes down a hundred things in one breath."""
    assert shaped("HassStartTimer", {"name": "x" * (NAME_CHARACTERS_MAX + 1)}) is None
    items = shaped("HassListAddItem", {"items": " and ".join(f"thing {n}" for n in range(100))})
    assert items is not None
    assert len(items["items"]) == ITEMS_MAX


def test_things_on_a_list_are_told_apart() -> None:
    """By commas and "and", without articles."""
    assert free_text("put milk, eggs, and some bread on the list") == "put milk and eggs and some bread on the list"
    reading = understood("put milk, two eggs, and some bread on the list")
    assert reading is not None
    assert reading.slots["items"] == ["milk", "two eggs", "bread"]


@pytest.mark.parametrize("kinds", [{}, {"alarm_set": 0.7}, {"weather_query": 0.99}])
def test_the_model_has_to_be_sure(kinds: Mapping[str, float]) -> None:
    """An unsure guess sets no alarm."""
    assert about_time("ring a bell for me at six", kinds) is None


def test_the_model_sets_nothing_without_an_hour() -> None:
    """Sure as it may be."""
    assert about_time("ring a bell for me", {"alarm_set": 0.99}) is None
    assert about_time("ring a bell for me tomorrow", {"alarm_set": 0.99}) is None


# --- the recogniser --------------------------------------------------------------------------------------------------


def test_the_recogniser_knows_the_words_of_times() -> None:
    """All of them may be said, numbers in words too."""
    words = Vocabulary(()).sayable(KNOWLEDGE).words
    said = "set a pasta timer for twenty five minutes wake me at half past six on weekdays remind me tomorrow evening"
    said += " add to the shopping list cancel the alarm on wednesday snooze an hour and three quarters"
    said += " december third o'clock"
    assert set(said.split()) - words - {"pasta"} == set()


def test_what_is_open_ended_is_not_looked_for() -> None:
    """No pattern ends in free text, so that an unfinished reminder is not completed to another sentence."""
    patterns = Vocabulary(()).sayable(KNOWLEDGE).patterns
    texts = ["".join(piece if isinstance(piece, str) else piece[0] for piece in pattern.pieces) for pattern in patterns]
    assert [text for text in texts if fold(text).startswith("set a timer for ")]
    assert not [text for text in texts if fold(text).startswith(("remind", "add milk", "put"))]
    assert len(patterns) < 400


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        ((7, 0), "7 in the morning"),
        ((6, 30), "6 30 in the morning"),
        ((14, 5), "2 oh 5 in the afternoon"),
        ((12, 0), "noon"),
        ((0, 0), "midnight"),
        ((0, 15), "12 15 at night"),
        ((12, 15), "12 15 in the afternoon"),
        ((19, 0), "7 in the evening"),
        ((23, 0), "11 at night"),
    ],
)
def test_an_hour_is_said_without_colons(shown: tuple[int, int], said: str) -> None:
    """The voice reads it as people do."""
    assert hour(NOW.replace(hour=shown[0], minute=shown[1])) == said


@pytest.mark.parametrize(
    ("ahead", "said"),
    [
        (timedelta(hours=3), "at 5 oh 5 in the afternoon"),
        (timedelta(days=1), "tomorrow at 2 oh 5 in the afternoon"),
        (timedelta(days=-1), "yesterday at 2 oh 5 in the afternoon"),
        (timedelta(days=5), "on Friday at 2 oh 5 in the afternoon"),
        (timedelta(days=11), "on Thursday, the 3rd of December, at 2 oh 5 in the afternoon"),
    ],
)
def test_a_moment_is_said_with_its_day(ahead: timedelta, said: str) -> None:
    """As far as it is needed."""
    assert moment(NOW + ahead, NOW) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (200, "three minutes and 20 seconds"),
        (600, "ten minutes"),
        (599.7, "ten minutes"),
        (754, "13 minutes"),
        (5400, "one hour and 30 minutes"),
        (3600, "one hour"),
        (90_000, "one day and one hour"),
        (0.2, "no time"),
    ],
)
def test_a_stretch_is_said_in_two_units(seconds: float, said: str) -> None:
    """Nobody wants the seconds of an hour."""
    assert stretch(seconds) == said


def test_lengths_and_days_are_said_short() -> None:
    """`the ten minute timer`, `on weekdays`."""
    assert [length(seconds) for seconds in (600, 90, 7200, 86_400)] == [
        "ten minute",
        "90 second",
        "two hour",
        "one day",
    ]
    assert [days(each) for each in (range(7), range(5), (5, 6), (3, 0))] == [
        "every day",
        "on weekdays",
        "on weekends",
        "on Mondays and Thursdays",
    ]


def test_what_comes_is_told() -> None:
    """Timers, alarms and reminders, each in its words."""
    assert word_ringing([PASTA], False, NOW) == "Your pasta timer is done."
    assert word_ringing([TEN], False, NOW) == "Your timer is done."
    assert word_ringing([MORNING], False, MORNING.due_at) == "It is 7 in the morning."
    assert word_ringing([MUM], False, MUM.due_at) == "A reminder: call mum."
    assert word_ringing([PASTA, MUM], False, NOW) == "Your pasta timer is done. A reminder: call mum."


def test_what_was_missed_is_told_with_its_time() -> None:
    """All of it in one sentence; of very much the first few."""
    later = NOW + timedelta(hours=20)
    assert word_ringing([PASTA, MUM], True, later) == (
        "While I was off, your pasta timer ended yesterday at 2 13 in the afternoon and "
        "I was to remind you at 9 in the morning: call mum."
    )
    assert word_ringing([PASTA] * 8, True, NOW).endswith("and three more things came.")


def test_what_rings_never_says_a_wake_word() -> None:
    """A reminder may hold one."""
    entry = replace(MUM, name="ask hey jarvis and Alexa")
    assert Wording().ring([entry], False, NOW).text == "A reminder: ask that and that."


@pytest.mark.parametrize("problem", ["gone", "full", "past", "far", "store"])
def test_what_cannot_be_kept_is_said(problem: str) -> None:
    """A full disk is an error, the rest a refusal."""
    talk = Talk.at_golden_home()
    said = {"full": 101, "far": 1}.get(problem, 0)
    if problem == "store":
        talk.agenda.table.full = True
    if problem == "gone":
        talk.agenda.agenda.note([Kept(PASTA), Kept(TEN)])
        talk.say("pause the timer")
        talk.agenda.agenda.note([], ["pasta"])
        turn = talk.say("the first one")
    elif problem == "past":
        talk.say("set a timer for ten minutes")
        turn = talk.say("take an hour off the timer")
    elif problem == "far":
        turn = talk.say("set a timer for 9000 weeks")
    else:
        for _ in range(said):
            turn = talk.say("set a timer for ten minutes")
        turn = talk.say("set a timer for ten minutes")
    assert turn.response is not None
    assert turn.response.kind == ("error" if problem == "store" else "refusal")
    assert turn.response.text


def test_a_sentence_without_a_time_costs_no_search() -> None:
    """Most sentences hold none of the words of times."""
    assert find("turn on the kitchen light") == ()
    assert find("play some jazz in the bedroom") == ()


def test_a_turn_about_something_else_is_kept_without_the_agenda() -> None:
    """A hundred entries would make every turn a long one; one that they had a say in keeps them, to be replayed."""
    talk = Talk.at_golden_home()
    talk.say("set a timer for ten minutes")
    lamp, timer = talk.say("turn on the kitchen light"), talk.say("how long is left")
    assert len(lamp.context.agenda) == len(timer.context.agenda) == 1
    assert Turn.from_stored(lamp.to_stored()).context.agenda == ()
    assert Turn.from_stored(timer.to_stored()).context.agenda == timer.context.agenda
