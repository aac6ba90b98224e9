"""Context: what it carries over, and how far its evidence reaches."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge import intents
from edge.context.circumstances import Circumstances
from edge.context.evidence import CAP, WEIGHTS, Meaning, log_odds, updated
from edge.context.here import Here
from edge.knowledge import Area, Device, DeviceState, Habit, HomeMap, Knowledge
from edge.records import Ambiguous, Candidate, Interpretation, Phrasing, Resolution, ResolvedAction, Unresolved
from edge.turn import Context, Recent
from tests.conversations import golden_home

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOME, STATES = golden_home()
KNOWLEDGE = Knowledge(1, HOME)
CIRCUMSTANCES = Circumstances()


def spoken(intent: str, *device_ids: str, command: str = "turn_on", **slots: Any) -> Recent:
    """A turn before that was about these devices."""
    return Recent(NOON - timedelta(seconds=20), Interpretation(intent, slots), ResolvedAction(device_ids, command))


def completed(
    intent: str, *recent: Recent, room: str | None = None, states: dict[str, str] | None = None, **slots: Any
) -> list[Interpretation]:
    """The meanings of an interpretation, all devices being off that are not in `states`."""
    known = {key: DeviceState(value) for key, value in (states or {}).items()}
    context = Context(NOON, room, states={**{key: DeviceState("off") for key in STATES}, **known}, recent=recent)
    return list(CIRCUMSTANCES.completed(Interpretation(intent, slots, 0.9, "model"), context, KNOWLEDGE))


def weighed(
    resolution: Resolution, score: float = 0.8, home: HomeMap = HOME, context: Context | None = None, **slots: Any
) -> Candidate:
    """A candidate after the evidence."""
    candidate = Candidate(Phrasing("as said"), Interpretation("HassTurnOn", slots), resolution, score)
    return CIRCUMSTANCES.weighed(candidate, context or Context(NOON, states=STATES), Knowledge(1, home))


# --- carry-over ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "said",
    [
        Interpretation("HassTurnOff", {"name": "hall light"}),
        Interpretation("HassTurnOn", {"domain": "light", "area": "kitchen"}),
        Interpretation("HassTurnOff", {"domain": "light", "all": True}),
        Interpretation("HassLightSet", {"name": "floor lamp", "brightness_step": 10}),
        Interpretation("HassLightSet", {"area": "kitchen", "brightness_step": 10}),
        Interpretation("HassClimateGetTemperature", {"area": "bedroom"}),
        Interpretation("HassGetCurrentTime"),
        Interpretation(intents.YES, {}, 1.0, "dialogue"),
        Interpretation(intents.SKILL, {"skill_intent": "x.y", "reference": "it"}, 1.0, "skill"),
    ],
)
def test_clear_words_come_back_as_they_are(said: Interpretation) -> None:
    """Whatever was spoken of and is on."""
    context = Context(NOON, "living_room", states=STATES, recent=(spoken("HassTurnOn", "light.floor_lamp"),))
    assert CIRCUMSTANCES.completed(said, context, KNOWLEDGE) == (said,)


def test_it_keeps_its_part_of_the_sentence() -> None:
    """Its source and confidence too."""
    said = Interpretation("HassTurnOff", {"reference": "it"}, 0.7, "model", part=1, parts=2)
    context = Context(NOON, recent=(spoken("HassTurnOn", "light.hall"),))
    (meant,) = CIRCUMSTANCES.completed(said, context, KNOWLEDGE)
    assert (meant.part, meant.parts, meant.confidence, meant.source) == (1, 2, 0.7, "model")
    assert meant.slots == {"reference": "it", "targets": ["light.hall"], "name": "hall light"}


def test_it_is_something_that_the_command_can_be_given_to() -> None:
    """The fan was spoken of last, but only a lamp can be red."""
    recent = (spoken("HassTurnOn", "fan.bedroom"), spoken("HassTurnOn", "light.floor_lamp"))
    (meant,) = completed("HassLightSet", *recent, color="red", reference="it")
    assert meant.slots["targets"] == ["light.floor_lamp"]


def test_them_are_all_that_were_spoken_of() -> None:
    """Not one of them."""
    (meant,) = completed("HassTurnOff", spoken("HassTurnOn", "light.kitchen", "light.counter"), reference="it")
    assert meant.slots["targets"] == ["light.kitchen", "light.counter"]


def test_it_in_a_place_is_what_is_there() -> None:
    """A said place is binding for what was spoken of and for what is on."""
    on = {"light.kitchen": "on", "light.floor_lamp": "on"}
    recent = spoken("HassTurnOn", "light.floor_lamp")
    (meant,) = completed("HassTurnOff", recent, states=on, reference="it", area="kitchen")
    assert meant.slots["targets"] == ["light.kitchen"]


def test_what_heats_or_opens_is_not_it_unless_spoken_of() -> None:
    """A thermostat is always on."""
    on = {"climate.thermostat": "heat", "cover.left_blind": "open", "lock.front_door": "locked"}
    (meant,) = completed("HassTurnOff", room="living_room", states=on, reference="it")
    assert "targets" not in meant.slots


def test_the_other_of_three_is_a_question() -> None:
    """One meaning for each."""
    meant = completed("HassTurnOn", spoken("HassTurnOn", "light.living_ceiling"), reference="another", domain="light")
    assert [each.slots["targets"] for each in meant] == [["light.bed_ceiling"]]
    meant = completed("HassTurnOn", spoken("HassTurnOn", "light.floor_lamp"), reference="other", domain="light")
    assert [each.slots["targets"] for each in meant] == [["light.living_ceiling"], ["light.living_reading"]]


def test_again_without_anything_new_is_the_same_once_more() -> None:
    """With its values."""
    recent = spoken("HassLightSet", "light.floor_lamp", name="floor lamp", brightness_step=20)
    (meant,) = completed(intents.AGAIN, recent)
    assert (meant.intent, meant.slots["brightness_step"]) == ("HassLightSet", 20)
    assert meant.slots["targets"] == ["light.floor_lamp"]


def test_again_for_another_thing_forgets_the_kind_of_the_first() -> None:
    """ "Turn on the lights ... and the fan"."""
    (meant,) = completed(intents.AGAIN, spoken("HassTurnOn", "light.hall", domain="light", area="hall"), name="desk")
    assert meant.slots == {"name": "desk"}


def test_again_in_many_rooms() -> None:
    """Areas and floors carry over like one room."""
    recent = spoken("HassTurnOn", "light.hall", domain="light", area="hall")
    (meant,) = completed(intents.AGAIN, recent, areas=["kitchen", "bedroom"])
    assert meant.slots == {"domain": "light", "areas": ["kitchen", "bedroom"]}


@pytest.mark.parametrize(
    ("direction", "before", "step"),
    [
        ("more", {"brightness": 30}, 20),
        ("less", {"brightness": 30}, -20),
        ("more", {"brightness_step": -10}, -20),
        ("less", {"brightness_step": -10}, 20),
        ("more", {"brightness_factor": 0.5}, -20),
        ("more", {"brightness_factor": 2}, 20),
        ("up", {"brightness_step": -10}, 20),
        ("down", {"brightness_step": -10}, -20),
    ],
)
def test_more_goes_on_in_the_same_direction(direction: str, before: dict[str, Any], step: int) -> None:
    """More of "darker" is darker still, and less of it brighter again; up is up and down is down."""
    (meant,) = completed(intents.CHANGE, spoken("HassLightSet", "light.floor_lamp", **before), direction=direction)
    assert (meant.intent, meant.slots["brightness_step"]) == ("HassLightSet", step)


def test_an_amount_that_was_said_is_the_step() -> None:
    """In the unit of the thing."""
    recent = spoken("HassClimateSetTemperature", "climate.thermostat", command="set_temperature", temperature=21)
    (meant,) = completed(intents.CHANGE, recent, direction="down", amount=2)
    assert (meant.intent, meant.slots["temperature_step"]) == ("HassClimateSetTemperature", -2)


# --- evidence --------------------------------------------------------------------------------------------------------


@given(st.floats(0, 1), st.floats(-CAP, CAP))
def test_a_score_stays_between_0_and_1(score: float, weight: float) -> None:
    """And moves the way the evidence points."""
    after = updated(score, weight)
    assert 0 <= after <= 1
    assert (after - score) * weight >= -0.001


def test_evidence_never_turns_clear_words_over() -> None:
    """All that can be said for a lesser reading and against a sure one leaves the sure one ahead."""
    assert updated(1.0, -CAP) > updated(0.8, CAP)
    assert updated(1.0, -CAP) >= 0.9


def test_all_evidence_together_is_capped() -> None:
    """However many circumstances agree."""
    habits = [Habit("turn_off", "light.floor_lamp", 12, 1000.0)]
    lamp = HOME.device["light.floor_lamp"]
    context = Context(
        NOON,
        "living_room",
        states={"light.floor_lamp": DeviceState("on")},
        recent=(spoken("HassTurnOn", "light.floor_lamp"),),
    )
    meaning = Meaning(Interpretation("HassTurnOff"), (lamp,), "turn_off", {})
    assert log_odds(meaning, Here(context, HOME), habits) == (CAP, frozenset({"light.floor_lamp"}))
    assert all(abs(weight) <= CAP for weight in WEIGHTS.values())


def test_a_clear_lead_needs_no_question() -> None:
    """It is worth a little less than a name that was clear; what had a say is kept."""
    both = Ambiguous(("light.living_reading", "light.bed_reading"), "turn_off", {})
    on = {**STATES, "light.bed_reading": DeviceState("on")}
    found = weighed(both, context=Context(NOON, states=on), name="reading light")
    assert found.resolution == ResolvedAction(("light.bed_reading",), "turn_off")
    assert found.score < 0.8
    assert set(found.consulted) == {"light.living_reading", "light.bed_reading"}


def test_a_small_lead_only_orders_the_choices() -> None:
    """Likeliest first."""
    both = Ambiguous(("light.living_reading", "light.bed_reading"), "turn_on", {})
    recent = (spoken("HassTurnOn", "light.hall"), spoken("HassTurnOn", "light.bed_reading"))
    found = weighed(both, context=Context(NOON, states=STATES, recent=recent), name="reading light")
    assert found.resolution == Ambiguous(("light.bed_reading", "light.living_reading"), "turn_on", {})
    assert found.score == 0.8


def test_no_evidence_chooses_something_guarded() -> None:
    """It may be offered first; it is never taken."""
    both = Ambiguous(("light.garage", "cover.garage_door"), "open", {})
    habits = (Habit("open", "cover.garage_door", 12, 500.0),)
    states = {"cover.garage_door": DeviceState("closed"), "light.garage": DeviceState("on")}
    context = Context(NOON, states=states, recent=(spoken("HassGetState", "cover.garage_door", command="get_state"),))
    candidate = Candidate(Phrasing("open it"), Interpretation("HassTurnOn", {"name": "garage"}), both, 0.8)
    found = CIRCUMSTANCES.weighed(candidate, context, Knowledge(1, HOME, habits=habits))
    assert isinstance(found.resolution, Ambiguous)
    assert found.resolution.choices[0] == "cover.garage_door"


def test_the_lights_are_those_of_a_room() -> None:
    """A kind of device is chosen room by room, as it would be asked."""
    lights = tuple(device.device_id for device in HOME.devices if device.domain == "light")
    states = {**{key: DeviceState("off") for key in lights}, "light.kitchen": DeviceState("on")}
    states["light.counter"] = DeviceState("on")
    found = weighed(Ambiguous(lights, "turn_off", {}), context=Context(NOON, states=states), domain="light", here=True)
    assert found.resolution == ResolvedAction(("light.kitchen", "light.counter"), "turn_off")


def test_values_of_their_own_stay_with_the_chosen() -> None:
    """Another brightness for every lamp."""
    own = {"light.living_reading": {"brightness": 40}, "light.bed_reading": {"brightness": 70}}
    states = {"light.living_reading": DeviceState("unavailable"), "light.bed_reading": DeviceState("on")}
    both = Ambiguous(tuple(own), "turn_on", {}, own_values=own)
    found = weighed(both, context=Context(NOON, "bedroom", states=states), name="reading light")
    assert found.resolution == ResolvedAction(
        ("light.bed_reading",), "turn_on", own_values={"light.bed_reading": {"brightness": 70}}
    )


def test_namesakes_in_one_room_cannot_be_asked_about() -> None:
    """Unless something tells them apart: that one of them is on, or another name."""
    areas = (Area("kitchen", "kitchen"),)
    twins = tuple(Device(f"light.{n}", "lamp", "light", area="kitchen") for n in "ab")
    both = Ambiguous(("light.a", "light.b"), "turn_off", {})
    found = weighed(both, home=HomeMap(areas, twins), name="lamp")
    assert isinstance(found.resolution, Unresolved)
    assert found.resolution.targets == ("light.a", "light.b")
    states = {"light.a": DeviceState("off"), "light.b": DeviceState("on")}
    found = weighed(both, home=HomeMap(areas, twins), context=Context(NOON, states=states), name="lamp")
    assert found.resolution == ResolvedAction(("light.b",), "turn_off")
    other = Device("light.b", "lamp", "light", area="kitchen", aliases=("tall lamp",))
    assert isinstance(weighed(both, home=HomeMap(areas, (twins[0], other)), name="lamp").resolution, Ambiguous)


def test_answers_and_dead_ends_are_not_weighed() -> None:
    """They come back as they are."""
    lost = Unresolved("no_device", "lava lamp")
    assert weighed(lost, name="lava lamp").resolution is lost
    answer = Candidate(
        Phrasing("yes"),
        Interpretation(intents.YES, {}, 1.0, "dialogue"),
        ResolvedAction(("light.hall",), "turn_on"),
        1.0,
    )
    assert CIRCUMSTANCES.weighed(answer, Context(NOON, "hall", states=STATES), KNOWLEDGE) is answer


def test_what_is_not_in_the_home_any_more_is_forgotten() -> None:
    """A device that was spoken of may have been sold since."""
    (meant,) = completed("HassTurnOff", spoken("HassTurnOn", "light.sold"), reference="it")
    assert meant.slots == {"reference": "it"}
