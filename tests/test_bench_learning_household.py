"""People of `edge bench learning`: what they take for served, how they are misheard, how they put things right."""

import json
from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest

from edge.api import Assistant, Home
from edge.bench.learning_figures import reckon
from edge.bench.learning_goals import ALIKE, ELSEWHERE, Goal, goals, near, unservable, words
from edge.bench.learning_household import Heard, Household, Request, Voice
from edge.bench.learning_living import BEGINNING, Life, Lived
from edge.bench.learning_report import LearningReport
from edge.bench.rephrase_mishearing import Mishearing
from edge.clock import SimulatedClock

DEVICES = {
    "cover.garage_door": {"state": "closed"},
    "lock.front_door": {"state": "locked"},
    "media_player.tv": {"state": "off"},
    "sensor.office_temperature": {"state": "21.0"},
}


class FakeVoice(Voice):
    """Is never misheard."""

    def heard(self, said: str, chance: Random) -> Heard:
        """Just what was said."""
        return Heard(said, 0.95, ())


class FakeHousehold(Household):
    """Wants one thing, at ten past eight on every day."""

    def __init__(self, what: Goal, said: str) -> None:
        super().__init__(2, 20)
        self._what, self._said = what, said
        self.voices = (FakeVoice("voice", Mishearing(words())),)

    def requests(self, day: int) -> Iterator[Request]:
        """Said in these words, whatever they come to."""
        yield Request(day, 0, 8, 10, "habit", self._what, self._said, 0)


def lived(what: Goal, said: str, days: int = 1) -> tuple[Lived, ...]:
    """What comes of wanting it and saying so."""
    clock = SimulatedClock(BEGINNING)
    with Assistant.open(home=Home.demo(), store=":memory:", clock=clock, room="living room") as assistant:
        life = Life(assistant, FakeHousehold(what, said))
        return tuple(each for day in range(days) for each in life.day(day))


def goal(device_id: str, state: str) -> Goal:
    """That a device is so."""
    return next(each for each in goals() if each.device_id == device_id and each.wanted == {"state": state})


@pytest.mark.parametrize(
    ("device_id", "wanted", "shown"),
    [
        ("media_player.tv", "on", "idle"),
        ("cover.garage_door", "open", "opening"),
        ("lock.front_door", "unlocked", "unlocked"),
    ],
)
def test_a_device_on_its_way_is_as_wanted(device_id: str, wanted: str, shown: str) -> None:
    """A door that opens was understood; one that stays shut was not."""
    after = {**DEVICES, device_id: {"state": shown}}
    assert goal(device_id, wanted).is_met_by(DEVICES, after)
    assert not goal(device_id, wanted).is_met_by(DEVICES, DEVICES)


def test_of_what_no_home_serves_nothing_may_come() -> None:
    """Doing nothing is right, doing anything is not; a sensor moves by itself."""
    nothing = unservable(ELSEWHERE[0])
    assert nothing.is_met_by(DEVICES, {**DEVICES, "sensor.office_temperature": {"state": "22.5"}})
    assert not nothing.is_met_by(DEVICES, {**DEVICES, "lock.front_door": {"state": "unlocked"}})


def test_near_goals_differ_in_one_thing() -> None:
    """Another state or number of the same device, or the same of another; what may do harm has neighbours as well."""
    for each in goals():
        for other in near(each, goals()):
            assert other.key != each.key
            assert (other.device_id == each.device_id) != (other.wanted == each.wanted)
    assert goal("lock.front_door", "unlocked") in near(goal("lock.front_door", "locked"), goals())


def test_some_words_that_are_misheard_mean_nothing_here() -> None:
    """As a recogniser writes any word of the language; the same voice is misheard in the same way again."""
    voice, said = (
        Household(2, 20).voices[0],
        {word for each in goals() for text in each.wordings for word in text.split()},
    )
    chance = Random(3)
    heard = Counter(voice.heard(each.wordings[0], chance).text for _ in range(20) for each in goals())
    wrong = {text: times for text, times in heard.items() if text not in {each.wordings[0] for each in goals()}}
    assert any(set(text.split()) & (set(ALIKE.split()) - said) for text in wrong)
    assert max(wrong.values()) > 5
    assert said <= set(words())


def test_an_unlocking_is_confirmed_by_who_wants_it() -> None:
    """Who is asked says yes, and then the door is as wanted; no rule had a say."""
    (became,) = lived(goal("lock.front_door", "unlocked"), "unlock the front door")
    assert became.right
    assert became.asks
    assert (became.rule, became.harm, became.guarded) == ("", (), False)


def test_what_went_wrong_is_put_right_as_often_as_people_do() -> None:
    """By the home, not by the reply: the wrong lamp is lit, and it is said again or given up."""
    some = lived(goal("light.hall", "on"), "turn on the desk lamp", days=12)
    assert not any(each.right or each.misheard for each in some)
    assert {"", "implicit"} <= {each.corrected for each in some}


def test_harm_by_a_rule_is_counted_by_tier_and_can_be_written_down() -> None:
    """What nobody wanted moved is in the figures, as JSON too."""
    some = [Lived(0, 0, "easy", "hall light on", "all light on", True, False, rule="done", harm=("free", "ask"))]
    arm = reckon("rules", [some], [some])
    told = json.loads(json.dumps(LearningReport("here", 1, 1, 1, {"hard": (arm,)}).to_dict(), allow_nan=False))
    assert told["arms"]["hard"][0]["harm"] == {"free": 1, "ask": 1}
