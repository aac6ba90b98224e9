"""The decision: act, ask, confirm or reject; and the wordings that lead to it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from edge import intents
from edge.asr.trial import TypedRecogniser
from edge.dialogue.decision import Dialogue
from edge.knowledge import Knowledge
from edge.records import (
    Act,
    Ambiguous,
    Ask,
    Candidate,
    Confirm,
    Decision,
    Interpretation,
    Phrasing,
    Reject,
    Resolution,
    ResolvedAction,
    Step,
    Transcript,
    Unresolved,
)
from edge.rewriting.as_heard import ALTERNATIVES_MAX, AsHeard
from edge.text import MAX_CHARACTERS
from edge.turn import Context, OpenQuestion
from tests.conversations import Talk, golden_home

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
KNOWLEDGE = Knowledge(1, golden_home()[0])
NOTHING_ASKED = Context(NOON)
HALL, DESK = ResolvedAction(("light.hall",), "turn_on"), ResolvedAction(("light.desk",), "turn_on")
GARAGE = ResolvedAction(("cover.garage_door",), "open", needs_confirmation=True)


def candidate(resolution: Resolution, score: float = 1.0, intent: str = "HassTurnOn", **slots: object) -> Candidate:
    source = "dialogue" if intent.startswith("Edge") else "grammar"
    return Candidate(Phrasing("said"), Interpretation(intent, slots, 1.0, source), resolution, score)  # type: ignore[arg-type]


def decided(*candidates: Candidate, context: Context = NOTHING_ASKED, transcript: str = "something") -> Decision:
    return Dialogue().decide(Transcript(transcript), candidates, context, KNOWLEDGE, TypedRecogniser())


def asking(kind: str, *actions: ResolvedAction) -> Context:
    steps = tuple(Step(Interpretation("HassTurnOn", {"name": "x"}), action) for action in actions)
    question = OpenQuestion("turn-7", kind, steps, NOON + timedelta(seconds=30))  # type: ignore[arg-type]
    return replace(NOTHING_ASKED, question=question)


def test_one_clear_reading_is_done() -> None:
    """The best score wins; equal readings of one effect are one."""
    assert decided(candidate(HALL), candidate(DESK, 0.8)) == Act((Step(candidate(HALL).interpretation, HALL),))
    assert isinstance(decided(candidate(HALL), candidate(HALL, intent="HassLightSet")), Act)


def test_readings_that_disagree_are_asked_about() -> None:
    """Never the first of them."""
    decision = decided(candidate(HALL), candidate(DESK))
    assert isinstance(decision, Ask)
    assert decision.ambiguous.choices == ("light.hall", "light.desk")
    assert [step.action for step in decision.steps] == [HALL, DESK]


def test_readings_that_no_question_tells_apart_are_not_understood() -> None:
    """Switching one thing on and another off is no "which one?"."""
    off = ResolvedAction(("light.desk",), "turn_off")
    assert isinstance(decided(candidate(HALL), candidate(off)), Reject)


def test_a_guarded_device_is_confirmed_even_if_resolution_forgot() -> None:
    """The home says what is guarded."""
    assert isinstance(decided(candidate(GARAGE)), Confirm)
    assert isinstance(decided(candidate(replace(GARAGE, needs_confirmation=False))), Confirm)


def test_a_name_that_fits_beats_one_that_does_not() -> None:
    """But what cannot be done is not replaced by something that was meant less."""
    missing = candidate(Unresolved("no_device", "kitten light"), 1.0)
    assert isinstance(decided(missing, candidate(HALL, 0.85)), Act)
    cannot = candidate(Unresolved("cannot", "change colour", ("light.hall",)), 1.0)
    assert isinstance(decided(cannot, candidate(DESK, 0.85)), Reject)


@pytest.mark.parametrize(
    ("transcript", "reason"),
    [("", "silence"), ("...", "silence"), ("x" * (MAX_CHARACTERS + 1), "too_long"), ("blah", "not_understood")],
)
def test_without_candidates_it_says_why(transcript: str, reason: str) -> None:
    """Silence, too much, or nothing that made sense."""
    assert decided(transcript=transcript) == Reject(reason)  # type: ignore[arg-type]


def test_yes_releases_what_was_asked() -> None:
    """Marked with the turn that asked: that is what the guard looks for."""
    decision = decided(candidate(GARAGE, intent=intents.YES), context=asking("confirmation", GARAGE))
    assert isinstance(decision, Act)
    assert [(step.action, step.confirmed_by) for step in decision.steps] == [(GARAGE, "turn-7")]


def test_a_doubtful_yes_is_asked_again() -> None:
    """One that was barely heard, or that only an alternative reading has."""
    yes, context = candidate(GARAGE, intent=intents.YES), asking("confirmation", GARAGE)
    barely = Dialogue().decide(Transcript("yes", confidence=0.2), (yes,), context, KNOWLEDGE, TypedRecogniser())
    other = replace(yes, phrasing=Phrasing("yes", "alternative"), score=0.85)
    assert isinstance(barely, Confirm)
    assert isinstance(decided(other, context=context), Confirm)


def test_yes_chooses_nothing() -> None:
    """ "This one or that one?" - "Yes." is asked again."""
    decision = decided(candidate(HALL, intent=intents.YES), context=asking("choice", HALL, DESK))
    assert isinstance(decision, Ask)
    assert [step.action for step in decision.steps] == [HALL, DESK]


def test_no_does_nothing() -> None:
    """And that is an act of its own, so that it is answered."""
    nothing = ResolvedAction((), "nevermind")
    decision = decided(candidate(nothing, intent=intents.NO), context=asking("confirmation", GARAGE))
    assert isinstance(decision, Act)
    assert [step.action for step in decision.steps] == [nothing]


def test_a_choice_is_done_and_a_guarded_one_confirmed() -> None:
    """Choosing the garage is no yes to opening it."""
    context = asking("choice", HALL, GARAGE)
    assert isinstance(decided(candidate(HALL, intent=intents.CHOOSE, number=1), context=context), Act)
    decision = decided(candidate(GARAGE, intent=intents.CHOOSE, number=2), context=context)
    assert isinstance(decision, Confirm)
    assert decision.steps[0].confirmed_by is None


def test_a_choice_that_fits_twice_is_asked_again() -> None:
    """With those that it fits."""
    context = asking("choice", HALL, DESK, GARAGE)
    chosen = [candidate(action, intent=intents.CHOOSE, number=n) for n, action in ((1, HALL), (2, DESK))]
    decision = decided(*chosen, context=context)
    assert isinstance(decision, Ask)
    assert [step.action for step in decision.steps] == [HALL, DESK]


def test_a_new_command_takes_the_place_of_an_answer() -> None:
    """The question is dropped."""
    assert isinstance(decided(candidate(HALL), context=asking("confirmation", GARAGE)), Act)


def test_a_kind_of_thing_is_chosen_room_by_room() -> None:
    """And namesakes one by one."""
    lights = ("light.kitchen", "light.counter", "light.hall")
    kind = decided(candidate(Ambiguous(lights, "turn_on"), domain="light"))
    assert isinstance(kind, Ask)
    assert [step.action.targets for step in kind.steps] == [lights[:2], lights[2:]]
    names = decided(candidate(Ambiguous(lights, "turn_on"), name="lamp"))
    assert isinstance(names, Ask)
    assert [step.action.targets for step in names.steps] == [(light,) for light in lights]


def test_an_answer_belongs_to_its_question() -> None:
    """A turn that answers says which turn it answers; a new command does not."""
    talk = Talk.at_golden_home()
    question = talk.say("open the garage door")
    assert question.reply_to is None
    assert talk.say("yes").reply_to == question.turn_id
    talk.say("open the garage door")
    assert talk.say("turn on the hall light").reply_to is None


def test_a_question_is_open_for_half_a_minute() -> None:
    """A yes that comes later opens nothing."""
    talk = Talk.at_golden_home()
    talk.say("open the garage door")
    talk.say("yes", after_s=31)
    assert talk.actor.moved == []


def test_wordings_come_as_heard_first_each_once_and_bounded() -> None:
    """Alternatives follow; repeats and empty ones are left out."""
    others = ("Lights on!", "light song", "", "light's on", *(f"other {n}" for n in range(9)))
    phrasings = list(AsHeard().phrasings(Transcript("lights on", 0.8, others), NOTHING_ASKED, KNOWLEDGE))
    assert [(each.text, each.origin) for each in phrasings[:3]] == [
        ("lights on", "heard"),
        ("light song", "alternative"),
        ("light's on", "alternative"),
    ]
    assert len(phrasings) <= 1 + ALTERNATIVES_MAX


@pytest.mark.parametrize("text", ["", " . ", "x" * (MAX_CHARACTERS + 1)])
def test_silence_and_what_is_too_long_have_no_wording(text: str) -> None:
    """So that nothing is parsed."""
    assert list(AsHeard().phrasings(Transcript(text, 1.0, ("lights on",)), NOTHING_ASKED, KNOWLEDGE)) == []


class FakeSound:
    """A sound in which the wordings fit as given, others not at all; notes what it is asked."""

    def __init__(self, **fit: float) -> None:
        self.fit = {text.replace("_", " "): score for text, score in fit.items()}
        self.asked = list[Sequence[str]]()

    def scores(self, transcript: Transcript, texts: Sequence[str]) -> Mapping[str, float]:
        self.asked.append(texts)
        return {text: self.fit.get(text, -30.0) for text in texts}


def worded(text: str, resolution: Resolution, score: float = 1.0, part: int = 0, parts: int = 1) -> Candidate:
    interpretation = Interpretation("HassTurnOn", {"part": part}, 1.0, "grammar", part, parts)
    return Candidate(Phrasing(text), interpretation, resolution, score)


@pytest.mark.parametrize(("hall", "desk", "wins"), [(-1.0, -4.0, HALL), (-4.0, -1.0, DESK)])
def test_the_sound_decides_between_wordings(hall: float, desk: float, wins: ResolvedAction) -> None:
    """The wording that the recogniser liked better gives way where the sound clearly holds the other."""
    sound = FakeSound(the_hall=hall, the_desk=desk)
    readings = (worded("the hall", HALL), worded("the desk", DESK, 0.85))
    decision = Dialogue().decide(Transcript("the hall"), readings, NOTHING_ASKED, KNOWLEDGE, sound)
    assert isinstance(decision, Act)
    assert [step.action for step in decision.steps] == [wins]


def test_the_sound_is_not_asked_about_wordings_of_one_effect() -> None:
    """Two spellings of one command need no scoring."""
    sound = FakeSound()
    readings = (worded("the hall", HALL), worded("the hole", HALL, 0.85))
    assert isinstance(Dialogue().decide(Transcript("the hall"), readings, NOTHING_ASKED, KNOWLEDGE, sound), Act)
    assert sound.asked == []


def test_wordings_that_fit_the_sound_equally_well_are_asked_about() -> None:
    """Never the first in the list."""
    sound = FakeSound(the_hall=-0.5, the_desk=-0.6)
    readings = (worded("the hall", HALL), worded("the desk", DESK))
    assert isinstance(Dialogue().decide(Transcript("the hall"), readings, NOTHING_ASKED, KNOWLEDGE, sound), Ask)


def test_what_the_sound_clearly_speaks_against_was_not_said() -> None:
    """The one command that was made of it fits far worse than what was heard: talk, then, and nothing happens."""
    sound = FakeSound(the_hull_of_a_ship=-2.0, the_hall=-12.0)
    heard = Transcript("the hull of a ship", free="the hull of a ship")
    decision = Dialogue().decide(heard, (worded("the hall", HALL, 0.85),), NOTHING_ASKED, KNOWLEDGE, sound)
    assert decision == Reject("not_understood")


def test_a_known_sentence_beats_a_guess_that_fits_a_little_better() -> None:
    """A misheard sentence often means something to the model rung; one that is known to mean it is likelier."""
    sound = FakeSound(turn_on_the_clean_turn=-2.7, turn_on_the_desk=-7.2)
    guess = replace(worded("turn on the clean turn", HALL, 0.97))
    guess = replace(guess, interpretation=replace(guess.interpretation, source="model", confidence=0.97))
    readings = (guess, worded("turn on the desk", DESK, 0.85))
    decision = Dialogue().decide(Transcript("turn on the clean turn"), readings, NOTHING_ASKED, KNOWLEDGE, sound)
    assert isinstance(decision, Act)
    assert [step.action for step in decision.steps] == [DESK]


def test_several_commands_are_done_and_the_guarded_one_is_asked_about() -> None:
    """`hall light on and open the garage`: the light now, the garage after a yes, and one thing that is not here."""
    lost = Unresolved("no_device", "fountain")
    commands: tuple[Resolution, ...] = (HALL, GARAGE, lost)
    readings = tuple(worded("all", what, 1.0, at, 3) for at, what in enumerate(commands))
    decision = decided(*readings)
    assert isinstance(decision, Act)
    assert [step.action for step in decision.steps] == [HALL]
    assert isinstance(decision.then, Confirm)
    assert [step.action for step in decision.then.steps] == [GARAGE]
    assert [reject.unresolved for reject in decision.left_out] == [lost]


def test_a_wording_with_a_hole_loses_to_a_whole_one() -> None:
    """Of two commands one is not understood: the other wording, understood as one, wins."""
    assert isinstance(decided(worded("a and b", HALL, 1.0, 0, 2), worded("a in b", DESK, 0.8)), Act)
    only = decided(worded("a and b", HALL, 1.0, 0, 2), worded("a in b", DESK, 0.8))
    assert isinstance(only, Act)
    assert [step.action for step in only.steps] == [DESK]


def test_too_many_commands_are_refused() -> None:
    """Fifty commands in one sentence are nobody's wish."""
    assert decided(*(worded("all", HALL, 1.0, n, 50) for n in range(50))) == Reject("too_many")


def test_without_a_wake_word_talk_and_our_own_voice_do_nothing() -> None:
    """In the time after a reply nobody is told off for talking to somebody else."""
    after = replace(NOTHING_ASKED, follow_up=True, last_reply="The hall light or the desk lamp?")
    assert decided(context=after, transcript="what shall we eat") == Reject("not_meant")
    assert decided(candidate(HALL), context=after, transcript="the hall light or the desk lamp") == Reject("not_meant")
    assert isinstance(decided(candidate(HALL), context=after, transcript="the hall light"), Act)
    nowhere = Unresolved("no_device", "sink")
    assert decided(candidate(nowhere), context=after) == Reject("not_meant")
