"""The second rung: from the class of a sentence to what it asks for, and what makes a sentence none of ours."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from edge import intents
from edge.names import NameIndex
from edge.nlu.labels import LABELS, NONE
from edge.nlu.later import when
from edge.nlu.model_rung import EVIDENCE, SURE_ENOUGH, ModelRung
from edge.nlu.places import respelled
from edge.records import Interpretation
from tests.conversations import Talk, golden_home

INDEX = NameIndex(golden_home()[0])


@dataclass
class FakeClasses:
    """Tells what it was told to tell."""

    probabilities: Mapping[str, float] = field(default_factory=dict)

    def classify(self, text: str) -> "FakeClasses":
        return self


def read(text: str, /, unknown: str = "", **probabilities: float) -> tuple[Interpretation, ...]:
    assert probabilities.keys() <= LABELS.keys()
    return ModelRung(FakeClasses(probabilities)).interpret(text, INDEX, unknown)


def slots(text: str, label: str) -> dict[str, Any]:
    (reading,) = ModelRung(FakeClasses({label: 0.95})).interpret(text, INDEX)
    return dict(reading.slots)


@pytest.mark.parametrize(
    ("said", "label", "expected"),
    [
        ("kill the hall light", "light_off", {"name": "hall light"}),
        ("kill the lights in the kitchen", "light_off", {"domain": "light", "area": "kitchen"}),
        ("lights out", "light_off", {"domain": "light", "here": True}),
        ("every light out", "light_off", {"domain": "light", "all": True}),
        (
            "douse all lights but the hall",
            "light_off",
            {"domain": "light", "all": True, "except": ["hall"]},
        ),
        ("crank the lights all the way up", "light_up", {"domain": "light", "here": True, "brightness": 100}),
        ("half as bright", "light_down", {"domain": "light", "here": True, "brightness_factor": 0.5}),
        ("a touch brighter", "light_up", {"domain": "light", "here": True, "brightness_step": 10}),
        ("paint that one blue", "light_set", {"domain": "light", "here": True, "color": "blue"}),
        ("twenty percent less bright", "light_down", {"domain": "light", "here": True, "brightness_step": -20}),
        ("sound at the loudest setting", "volume_up", {"here": True, "volume_level": 100}),
        ("kick it up two degrees of warmth", "warmer", {"here": True, "temperature_step": 2}),
        ("get the desk fan spinning", "device_on", {"name": "desk fan"}),
        ("let the curtains go down", "close", {"domain": "cover", "device_class": "curtain", "here": True}),
        ("switch that thing off", "device_off", {"reference": "it"}),
        (
            "make it a film, put on the film dune",
            "media_play",
            {"search_query": "dune", "media_class": "movie", "here": True},
        ),
    ],
)
def test_names_places_and_values_come_from_the_words(said: str, label: str, expected: Mapping[str, Any]) -> None:
    """The class says what is asked for, the words of which and how much."""
    assert slots(said, label) == expected


def test_a_thing_is_meant_that_the_class_is_not_for() -> None:
    """Fairy lights on a plug are switched, and an oven that is a switch is no thermostat."""
    assert read("let us have the fairy lights", light_on=0.9)[0].slots == {"name": "fairy lights"}
    assert read("heat up the oven", warmer=0.9)[0] == Interpretation("HassTurnOn", {"name": "oven"}, 0.9, "model")


def test_classes_that_come_to_the_same_count_together() -> None:
    """Dimmer to 30 percent and set to 30 percent are one wish."""
    half = SURE_ENOUGH - EVIDENCE - 0.05
    said = "knock the ceiling light down to thirty percent"
    assert read(said, light_down=half) == ()
    (reading,) = read(said, light_down=half, light_set=half)
    assert reading.slots == {"name": "ceiling light", "brightness": 30}
    assert reading.confidence == round(2 * half, 3)


def test_a_thing_of_this_home_makes_less_enough() -> None:
    """A class that is not quite sure is believed where a device of this home is named, not only its kind."""
    assert read("get the espresso machine going", device_on=SURE_ENOUGH - 0.05)
    assert not read("get some light going", light_on=SURE_ENOUGH - 0.05)


@pytest.mark.parametrize(
    ("said", "label"),
    [
        ("the kitchen light", "light_on"),
        ("kitchen lights", "light_on"),
        ("don't turn on the hall light", "light_on"),
        ("never open the left blind", "open"),
        ("does the hall light have to be on", "light_on"),
        ("she switched the hall light off", "light_off"),
        ("the volume of sales went up", "volume_up"),
        ("slow your speech down", "volume_down"),
        ("warm up the soup", "warmer"),
        ("flip that dime", "light_down"),
        ("return to factory default", "dock"),
        ("my sister's coffee machine exploded", "coffee"),
        ("purple monkey dishwasher", "light_set"),
        ("the hall light off", "light_on"),
        ("tell me a joke", NONE),
        ("is the hall light on", "get_state"),
    ],
)
def test_what_does_not_fit_its_class_is_nothing(said: str, label: str) -> None:
    """However sure the classifier is."""
    assert ModelRung(FakeClasses({label: 0.99})).interpret(said, INDEX) == ()


def test_what_no_name_explains_stays_unknown() -> None:
    """The lamp socket is no lamp; the lights in my home are lights."""
    assert read("turn off the lamp socket", "lamp socket", light_off=0.9) == ()
    assert read("make the lights in my home yellow", "lights in my home", light_set=0.9)


@pytest.mark.parametrize(
    ("said", "place"), [("lights off in the bathroom please", "bathroom"), ("lights on in the cellar", "cellar")]
)
def test_a_place_that_is_not_here_is_no_reason_to_act_elsewhere(said: str, place: str) -> None:
    """Every home has other rooms; the words for them are known."""
    assert slots(said, "light_off")["area"].casefold() == place


@pytest.mark.parametrize(
    ("said", "intent", "given", "expected"),
    [
        ("turn on the hall light at 7", "HassTurnOn", {}, "at 7"),
        ("turn on the hall light at 7 30", "HassTurnOn", {}, "at 7 30"),
        ("set the floor lamp at 40", "HassLightSet", {}, None),
        ("set the thermostat to 21 at 8", "HassClimateSetTemperature", {}, "1 at 8"),
        ("turn it off in 10 minutes", "HassTurnOff", {}, "in 10 minutes"),
        ("turn it off in half an hour", "HassTurnOff", {}, "in half an hour"),
        ("make coffee at 8 am", intents.BREW, {}, "at 8 am"),
        ("mute for the next hour", "HassMediaPlayerMute", {}, "for the next hour"),
        ("turn it off when i leave", "HassTurnOff", {}, "when"),
        ("hold the film for a second", "HassMediaPause", {}, None),
        ("play at midnight", "HassMediaSearchAndPlay", {"search_query": "at midnight"}, None),
        ("turn on the good night lamp", "HassTurnOn", {"name": "good night lamp"}, None),
        ("turn on the at night lamp", "HassTurnOn", {"name": "at night lamp"}, None),
        ("what time is it tomorrow", "HassGetCurrentTime", {}, None),
        ("yes at once", intents.YES, {}, None),
    ],
)
def test_what_is_for_later_is_seen(said: str, intent: str, given: Mapping[str, Any], expected: str | None) -> None:
    """A time is none where it is a value, part of a title or of a name."""
    assert when(said, intent, given) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("turn off the light of my bed room", "turn off the light of my bedroom"),
        ("turn the living rooms lights off", "turn the living room lights off"),
        ("lights off downstairs", "lights off on the ground floor"),
        ("lights off upstairs", "lights off upstairs"),
        ("turn on the light in the bath room", "turn on the light in the bathroom"),
        ("turn on the desk", "turn on the desk"),
    ],
)
def test_places_are_spelled_as_in_this_home(said: str, expected: str) -> None:
    """What needs no change comes back as it is."""
    assert respelled(said, INDEX) == expected


@pytest.mark.parametrize(
    ("said", "target"),
    [
        ("let the garage door go up", "cover.garage_door"),
        ("would you unlock that front door for me", "lock.front_door"),
        ("heat up the oven", "switch.oven"),
    ],
)
def test_what_is_guarded_waits_for_a_yes(said: str, target: str) -> None:
    """Also where only the model understood it."""
    talk = Talk.at_golden_home()
    turn = talk.say(said)
    assert turn.decision is not None
    assert turn.decision.kind == "confirm"
    assert [step.action.targets for step in turn.decision.steps] == [(target,)]
    assert talk.actor.moved == []
