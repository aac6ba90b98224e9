"""What was said again becomes rules: when they come into use, for whom, and when they go."""

import itertools
from collections.abc import Sequence
from dataclasses import replace

import pytest

from edge.rewrites import Rewrite
from edge.rewriting.mining.exchange import Exchange, Next
from edge.rewriting.mining.life import WOULD_HARM
from edge.rewriting.mining.mining import FOR_ALL, OVERRULED, WAITS
from tests.exchanges import (
    DESK,
    FAN,
    KITCHEN,
    LOCK,
    MEANT,
    MISHEARD,
    after,
    lived,
    mined,
    only,
    said_again,
    use,
)


def learned(days: int = 2, **others: object) -> Rewrite:
    """A rule that came into use."""
    return only(mined([each for day in range(days) for each in said_again(day, **others)], days=days))  # type: ignore[arg-type]


# --- coming into use -------------------------------------------------------------------------------------------------


def test_the_first_time_it_is_asked() -> None:
    """One talk is not enough to act upon, and enough to ask."""
    rule = only(mined(said_again(0)))
    assert (rule.state, rule.sources, rule.target, rule.meaning) == ("ask", (MISHEARD,), MEANT, KITCHEN)
    assert (rule.trials, rule.days) == (1, 1)


def test_after_two_days_it_is_used() -> None:
    """Two talks on two days, and the words never do anything by themselves."""
    rule = learned()
    assert (rule.state, rule.trials, rule.days, rule.is_explicit) == ("active", 2, 2, False)
    assert rule.since == after(2)


def test_two_talks_on_one_day_are_not_enough() -> None:
    """A bad hour is no habit."""
    twice = [*said_again(0), *said_again(0.1)]
    assert only(mined(twice)).state == "ask"


def test_an_explicit_correction_is_used_at_once() -> None:
    """Who says "no, I meant ..." has said it."""
    rule = only(mined(said_again(0, explicit=True)))
    assert (rule.state, rule.is_explicit) == ("active", True)


def test_a_yes_to_the_question_is_as_good() -> None:
    """It was asked whether this was meant, and it was."""
    rule = only(mined(said_again(0)))
    asked = lived(1, 0, MISHEARD, KITCHEN, raw=None, rule_id=rule.rule_id, use="asked", rewritten=KITCHEN)
    answered = [*said_again(0), replace(asked, is_affirmed=True)]
    assert only(mined([*said_again(0), asked], [rule])).state == "ask"
    grown = only(mined(answered, [rule]))
    assert (grown.state, grown.is_explicit, round(grown.wins, 2)) == ("active", True, 0.38)


def test_who_is_asked_and_says_it_whole_has_said_yes() -> None:
    """Not in so many words, so it counts as one more day."""
    rule = only(mined(said_again(0)))
    asked = lived(1, 0, MISHEARD, KITCHEN, raw=None, rule_id=rule.rule_id, use="asked", rewritten=KITCHEN)
    asked = replace(asked, followed=(Next("1-1", 0.8),), served=0.3)
    grown = only(mined([*said_again(0), asked, lived(1, 1, MEANT, KITCHEN)], [rule], days=2))
    assert (grown.state, grown.is_explicit, grown.trials) == ("active", False, 1)
    assert grown.wins > 0.9
    other = only(mined([*said_again(0), asked, lived(1, 1, "fan on", FAN)], [rule], days=2))
    assert other.state == "ask"


def test_what_was_taken_wrongly_needs_more_than_what_was_not_understood() -> None:
    """Words that do something are more often right: it is only tried until they surely are not."""
    wrong = [replace(each, raw=FAN, done=FAN) for each in [lived(0, 0, MISHEARD, served=0.05)]]
    once = [replace(wrong[0], followed=(Next("0-1", 0.93),)), lived(0, 1, MEANT, KITCHEN)]
    assert only(mined(once)).state == "shadow"
    often = [each for day in range(6) for each in said_again(day, raw=FAN, served=0.05)]
    assert only(mined(often, days=6)).state == "active"


def test_words_that_often_work_are_left_alone() -> None:
    """One failure among many successes makes no rule that acts, not even a correction in words."""
    fine = [lived(day, 5, MISHEARD, FAN) for day in range(10)]
    assert only(mined([*fine, *said_again(10, raw=FAN)], days=11)).state in {"candidate", "shadow"}
    assert only(mined([*fine, *said_again(10, raw=FAN, explicit=True)], days=11)).state == "ask"


def test_what_is_likely_only_together() -> None:
    """That the same follows the same twice is no chance, though once it may be."""
    unsure = [each for day in range(2) for each in said_again(day, p=0.4)]
    others = [lived(day, 9, f"thing number {day}", replace(FAN, values={"speed": day})) for day in range(20)]
    assert mined([*said_again(0, p=0.4), *others]).rules == ()
    assert only(mined([*unsure, *others])).state == "active"


def test_a_chain_leads_to_its_end() -> None:
    """A was said again as B, B as C, and only C worked: A means C."""
    talk = [
        [
            lived(day, 0, MISHEARD, followed=(Next(f"{day}-1", 0.9),)),
            lived(day, 1, "turn on the chicken light", followed=(Next(f"{day}-2", 0.9),)),
            lived(day, 2, MEANT, KITCHEN),
        ]
        for day in range(2)
    ]
    found = {rule.sources[0]: rule.target for rule in mined(itertools.chain(*talk), days=2).rules}
    assert found == {MISHEARD: MEANT, "turn on the chicken light": MEANT}


def test_what_sounds_the_same_is_one_source() -> None:
    """Recognition makes a mistake in many spellings; they are counted together."""
    rule = only(mined([*said_again(0), *said_again(1, "turn on the mittin light")], days=2))
    assert (rule.state, rule.sources) == ("active", (MISHEARD, "turn on the mittin light"))


def test_what_differs_in_a_critical_word_is_another_source() -> None:
    """On and off never fall together."""
    off = replace(KITCHEN, command="turn_off")
    both = [*said_again(0), *said_again(1, "turn off the mitten light", "turn off the kitchen light", off)]
    assert [rule.sources for rule in mined(both, days=2).rules].count((MISHEARD,)) == 1
    assert len(mined(both, days=2).rules) == 2


def test_guards_hold_whatever_is_said_again() -> None:
    """Nothing leads into a lock, and what was refused is counted with its reason."""
    found = mined([each for day in range(5) for each in said_again(day, "look the font", "lock the front door", LOCK)])
    assert found.rules == ()
    assert found.refused == {"risk": 1}


def test_a_correction_without_a_sentence_borrows_one() -> None:
    """ "No, the kitchen light" is no wording; what is said for that otherwise is, or what anybody would say."""
    short = said_again(0, explicit=True)
    short[1] = replace(short[1], wording="")
    assert only(mined(short)).target == "turn on the kitchen light"
    fuller = replace(short[0], meant="please turn on the kitchen light", meant_from=short[1].turn_id)
    assert only(mined([fuller, short[1]])).target == "please turn on the kitchen light"
    usual = lived(3, 0, "kitchen light on", KITCHEN)
    assert only(mined([*short, usual])).target == "kitchen light on"
    guessed = replace(usual, is_guess=True)
    assert only(mined([*short, guessed])).target == "turn on the kitchen light"


def test_at_most_one_new_rule_a_day_unless_it_was_spelt_out() -> None:
    """Two are ready: one is used, the other asks until tomorrow."""
    desk = [each for day in range(2) for each in said_again(day + 0.2, "turn on the disc clamp", "desk lamp on", DESK)]
    both = [*(each for day in range(2) for each in said_again(day)), *desk]
    first = mined(both, days=2)
    assert sorted(rule.state for rule in first.rules) == ["active", "ask"]
    assert [rule.reason for rule in first.rules if rule.state == "ask"] == [WAITS]
    assert mined(both, first.rules, days=2).rules == first.rules
    assert [rule.state for rule in mined(both, first.rules, days=3).rules] == ["active", "active"]
    told = [
        *said_again(0, explicit=True),
        *said_again(0.2, "turn on the disc clamp", "desk lamp on", DESK, explicit=True),
    ]
    assert [rule.state for rule in mined(told, days=1).rules] == ["active", "active"]


# --- the same every time ---------------------------------------------------------------------------------------------


def test_the_same_again_changes_nothing() -> None:
    """Mining twice counts nothing twice."""
    talks = [each for day in range(3) for each in said_again(day)]
    first = mined(talks, days=3)
    assert mined(talks, first.rules, days=3).rules == first.rules


def test_an_id_stays_when_sources_are_found() -> None:
    """A rule that learns another spelling is the same rule."""
    rule = learned()
    more = [each for day in range(2) for each in said_again(day)] + said_again(2, "turn on the mittin light")
    grown = only(mined(more, [rule], days=3))
    assert grown.rule_id == rule.rule_id
    assert len(grown.sources) == 2


@pytest.mark.parametrize("days", [-400, -1, 0, 1, 4_000])
def test_a_clock_that_was_set_wrong_counts_nothing_twice(days: float) -> None:
    """Turns may lie in the future, or very long ago."""
    talks = [each for day in range(3) for each in said_again(day)]
    rule = only(mined(talks, days=days))
    assert (rule.trials, rule.days) == (3, 3)
    again = only(mined(talks, [rule], days=days - 30))
    assert (again.trials, again.days, again.state) == (3, 3, rule.state)


def test_what_is_long_ago_stays_as_it_was() -> None:
    """A rule whose turns are not looked at any more keeps its state."""
    rule = learned()
    assert only(mined([], [rule], days=200)) == replace(rule, wins=0.0, losses=0.0)


# --- for whom --------------------------------------------------------------------------------------------------------


def test_what_one_speaker_means_stays_with_them() -> None:
    """Until a second one is known to mean the same; then it holds for everybody, with the state that it had."""
    hers = [each for day in range(2) for each in said_again(day, speaker="anna")]
    rule = only(mined(hers, days=2))
    assert (rule.speaker, rule.state) == ("anna", "active")
    found = mined([*hers, *said_again(2, speaker="ben")], [rule], days=3)
    states = {each.speaker: (each.state, each.reason) for each in found.rules}
    assert states["anna"] == ("suspended", FOR_ALL)
    assert states[""][0] == "active"


def test_where_nobody_is_known_it_holds_for_everybody() -> None:
    """Speakers need not be told apart."""
    assert learned().speaker == ""


def test_what_means_something_else_elsewhere_is_bound_to_its_room() -> None:
    """The same words are put right as one lamp here and as another there."""
    here = [each for day in range(2) for each in said_again(day, room="kitchen")]
    there = [each for day in range(2) for each in said_again(day + 0.2, instead="desk lamp on", done=DESK, room="hall")]
    found = {rule.room: rule.meaning for rule in mined([*here, *there], days=2).rules}
    assert found == {"kitchen": KITCHEN, "hall": DESK}


# --- going out of use ------------------------------------------------------------------------------------------------


def outcome(rule: Rewrite, *uses: Exchange) -> Rewrite:
    """The rule after it was used so."""
    return only(mined(uses, [rule], days=60))


def test_a_no_suspends_and_a_second_one_buries() -> None:
    """What was taken back twice is never learned again, whatever is said."""
    rule = learned()
    suspended = outcome(rule, use(3, rule, is_rejected=True))
    assert (suspended.state, suspended.lapses) == ("suspended", 1)
    wanted = [each for day in (70, 71) for each in said_again(day)]
    back = only(mined(wanted, [suspended], days=72))
    assert back.state == "ask"
    buried = only(mined([use(80, rule, is_rejected=True)], [back], days=90))
    assert (buried.state, buried.lapses) == ("tombstone", 2)
    more = [each for day in range(91, 99) for each in said_again(day, explicit=day == 95)]
    assert only(mined(more, [buried], days=100)).state == "tombstone"


def test_the_original_words_again_suspend() -> None:
    """Who repeats what was rewritten did not mean what was done."""
    rule = learned()
    assert outcome(rule, use(3, rule), use(3, rule, place=1)).state == "suspended"
    assert outcome(rule, use(3, rule), use(3, rule, place=5)).state == "active"


def lost(day: int, rule: Rewrite) -> Exchange:
    """A use that surely did not serve, without anybody's saying so."""
    return use(day, rule, served=0.02)


@pytest.mark.parametrize(
    ("served", "state"),
    [
        ("l", "active"),
        ("ll", "suspended"),
        ("lwl", "suspended"),
        ("lwwl", "active"),
        ("wwwwwwwwwwll", "active"),
        ("wwwwwwwwwwlll", "suspended"),
    ],
)
def test_two_losses_before_two_wins_suspend(served: str, state: str) -> None:
    """A sequential test, in which a good past counts, though not for ever."""
    rule = learned()
    uses = [use(day, rule) if each == "w" else lost(day, rule) for day, each in enumerate(served, 3)]
    assert outcome(rule, *uses).state == state


def test_the_same_meaning_on_both_sides_is_nobodys() -> None:
    """A rule that says what the words say anyway neither wins nor loses."""
    rule = learned()
    found = outcome(rule, *(use(day, rule, raw=KITCHEN, served=0.02) for day in range(3, 6)))
    assert (found.state, found.wins, found.losses) == ("active", 0.0, 0.0)


def test_turns_that_were_held_out_tell_how_it_goes_without() -> None:
    """Where the words do what is wanted by themselves, by now, the rule is only tried."""
    rule = learned()
    alone = [lived(day, 0, MISHEARD, FAN, rule_id=rule.rule_id, use="held_out") for day in range(50, 58)]
    assert only(mined(alone, [rule], days=60)).state == "shadow"


def test_a_rule_does_not_feed_itself() -> None:
    """In a talk in which it decided, nothing speaks for it anew: what comes of it is a win or a loss."""
    rule = learned()
    before = [each for day in range(2) for each in said_again(day)]
    talk = [replace(use(3, rule, served=0.5), followed=(Next("3-1", 0.9),)), lived(3, 1, MEANT, KITCHEN)]
    grown = only(mined([*before, *talk], [rule]))
    assert (grown.state, grown.trials, grown.days) == ("active", 2, 2)


def test_the_newer_of_two_corrections_holds() -> None:
    """First this was meant, then in so many words that: the old rule goes, and may come back the same way."""
    first = said_again(0, explicit=True)
    old = only(mined(first, days=1))
    second = said_again(1, instead="desk lamp on", done=DESK, explicit=True)
    found = mined([*first, *second], [old], days=2)
    states = {rule.meaning.key: (rule.state, rule.reason) for rule in found.rules}
    assert states[KITCHEN.key] == ("suspended", OVERRULED)
    assert states[DESK.key][0] == "active"
    third = said_again(3, explicit=True)
    back = {rule.meaning.key: rule.state for rule in mined([*first, *second, *third], found.rules, days=4).rules}
    assert back == {KITCHEN.key: "active", DESK.key: "suspended"}


def test_a_rule_that_serves_is_not_outdone() -> None:
    """Its own talks count for its wins and not for its edge, so that an edge elsewhere is no reason to drop it."""
    rule = learned()
    before = [each for day in range(2) for each in said_again(day)]
    wins = [use(day, rule) for day in range(3, 20)]
    else_meant = [each for day in range(20, 24) for each in said_again(day, instead="desk lamp on", done=DESK)]
    states = {each.meaning.key: each.state for each in mined([*before, *wins, *else_meant], [rule], days=24).rules}
    assert states == {KITCHEN.key: "active", DESK.key: "candidate"}


def test_what_is_pinned_stays() -> None:
    """Whatever happens to it, and nothing else comes in its place."""
    rule = replace(learned(), is_pinned=True)
    assert outcome(rule, use(3, rule, is_rejected=True), use(4, rule, is_rejected=True)).state == "active"
    other = said_again(5, instead="desk lamp on", done=DESK, explicit=True)
    states = {each.meaning.key: each.state for each in mined(other, [rule], days=6).rules}
    assert states == {KITCHEN.key: "active", DESK.key: "candidate"}


def test_what_was_forbidden_is_not_learned_again() -> None:
    """A tombstone outlives everything but teaching; something else may still be meant."""
    gone = replace(learned(), state="tombstone", reason="somebody disabled it")
    again = [each for day in range(5, 9) for each in said_again(day)]
    assert only(mined(again, [gone], days=9)) == replace(gone, wins=0.0, losses=0.0)
    other = [each for day in range(9, 12) for each in said_again(day, instead="desk lamp on", done=DESK)]
    states = {each.meaning.key: each.state for each in mined([*again, *other], [gone], days=12).rules}
    assert states == {KITCHEN.key: "tombstone", DESK.key: "active"}


def test_what_the_gate_held_back_waits_for_new_evidence() -> None:
    """It is not brought forward night after night, and takes nobody's place meanwhile."""
    held = replace(learned(), state="shadow", reason=WOULD_HARM, since=after(2))
    before = [each for day in range(2) for each in said_again(day)]
    desk = [each for day in range(2) for each in said_again(day + 0.2, "turn on the disc clamp", "desk lamp on", DESK)]
    states = {each.meaning.key: each.state for each in mined([*before, *desk], [held], days=3).rules}
    assert states == {KITCHEN.key: "shadow", DESK.key: "active"}
    assert only(mined([*before, *said_again(4)], [held], days=5)).state == "active"


# --- poison ----------------------------------------------------------------------------------------------------------


def in_order(exchanges: Sequence[Exchange]) -> list[Exchange]:
    return sorted(exchanges, key=lambda each: each.at)


def test_a_television_teaches_nothing() -> None:
    """Ten thousand turns of the same words after the same words, many times a day: no person does that."""
    spots = [each for place in range(5_000) for each in said_again(place / 100)]
    assert mined(in_order(spots), days=60).rules == ()


def test_a_child_that_says_no_teaches_nothing() -> None:
    """No after no to turns that were fine, and in words: nothing comes into use for it."""
    names = ("movie evenings", "reading corner", "fresh breeze")
    meanings = (KITCHEN, DESK, FAN)
    turns = [
        replace(
            lived(place / 100, 0, names[place % 3], meanings[place % 3], raw=meanings[place % 3]),
            is_rejected=place % 7 == 0,
            served=0.4 if place % 7 == 0 else 0.97,
            followed=(Next(f"{(place + 1) / 100}-0", 0.95, True),) if place % 7 == 0 else (),
        )
        for place in range(10_000)
    ]
    assert [rule for rule in mined(turns, days=101).rules if rule.state == "active"] == []
