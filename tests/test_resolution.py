"""Resolution: from what words mean to the devices of this home."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from edge import intents
from edge.knowledge import Area, Device, DeviceState, HomeMap, Knowledge
from edge.records import Ambiguous, Candidate, Interpretation, Phrasing, Resolution, ResolvedAction, Step, Unresolved
from edge.resolution.resolver import Resolver
from edge.turn import Context, OpenQuestion
from tests.conversations import golden_home

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOME, STATES = golden_home()
LIGHTS_IN_KITCHEN = ("light.kitchen", "light.counter")


def candidate(
    intent: str, room: str | None = None, home: HomeMap = HOME, question: OpenQuestion | None = None, **slots: Any
) -> Candidate:
    context = Context(NOON, room=room, states=STATES, question=question)
    return Resolver().resolve(Phrasing("as said"), Interpretation(intent, slots), context, Knowledge(1, home))


def resolved(intent: str, room: str | None = None, home: HomeMap = HOME, **slots: Any) -> Resolution:
    return candidate(intent, room, home, **slots).resolution


def targets(resolution: Resolution) -> tuple[str, ...]:
    assert isinstance(resolution, ResolvedAction), resolution
    return resolution.targets


def test_a_name_means_the_device_that_has_it() -> None:
    """Whatever the room."""
    for room in (None, "bedroom", "kitchen"):
        assert targets(resolved("HassTurnOn", room, name="kitchen light")) == ("light.kitchen",)


def test_an_exact_name_beats_a_form_of_another() -> None:
    """ "oven" is a device; "coffee machine" may be called by its alias."""
    oven_light = Device("light.oven", "oven lamp", "light", area="kitchen")
    home = HomeMap(HOME.areas, (*HOME.devices, oven_light))
    assert targets(resolved("HassTurnOn", home=home, name="oven lamp")) == ("light.oven",)
    assert targets(resolved("HassTurnOn", home=home, name="espresso machine")) == ("switch.coffee",)


def test_namesakes_are_told_apart_by_the_speakers_room() -> None:
    """And by nothing else: without it both are offered, in the order of the home."""
    assert targets(resolved("HassTurnOn", "bedroom", name="ceiling light")) == ("light.bed_ceiling",)
    both = ("light.living_ceiling", "light.bed_ceiling")
    assert resolved("HassTurnOn", name="ceiling light") == Ambiguous(both, "turn_on")
    assert resolved("HassTurnOn", "kitchen", name="ceiling light") == Ambiguous(both, "turn_on")


def test_a_said_place_is_binding() -> None:
    """Nothing is done elsewhere when the place has no such thing."""
    assert targets(resolved("HassTurnOn", "kitchen", name="ceiling light", area="bedroom")) == ("light.bed_ceiling",)
    assert resolved("HassTurnOn", name="ceiling light", area="kitchen") == Unresolved("nothing_there", "kitchen")
    assert resolved("HassTurnOn", domain="fan", area="kitchen") == Unresolved("nothing_there", "kitchen")
    assert resolved("HassTurnOn", domain="light", area="attic") == Unresolved("no_area", "attic")


def test_an_implied_place_is_not() -> None:
    """No blinds in the kitchen: the only room that has blinds is meant."""
    blinds = resolved("HassTurnOff", "kitchen", domain="cover", device_class="blind", area="kitchen", here=True)
    assert targets(blinds) == ("cover.left_blind", "cover.right_blind")


def test_kinds_are_groups_of_a_room_a_floor_or_the_home() -> None:
    """And a choice between rooms where nothing is known of the place."""
    assert targets(resolved("HassTurnOn", domain="light", area="kitchen")) == LIGHTS_IN_KITCHEN
    assert targets(resolved("HassTurnOn", "kitchen", domain="light", here=True)) == LIGHTS_IN_KITCHEN
    assert "light.anna" in targets(resolved("HassTurnOn", domain="light", floor="upstairs"))
    lights = tuple(device.device_id for device in HOME.devices if device.domain == "light")
    reached = tuple(light for light in lights if light != "light.bath")
    assert targets(resolved("HassTurnOff", domain="light", all=True)) == reached, "the mirror light is away"
    assert resolved("HassTurnOff", domain="light", here=True) == Ambiguous(lights, "turn_off")


def test_too_many_to_offer_means_that_the_room_must_be_said() -> None:
    """Nobody listens to a hundred names."""
    areas = tuple(Area(f"room_{n}", f"room {n}") for n in range(100))
    lights = tuple(Device(f"light.{n}", f"light {n}", "light", area=f"room_{n}") for n in range(100))
    assert resolved("HassTurnOn", home=HomeMap(areas, lights), domain="light", here=True) == Unresolved("no_area")


@pytest.mark.parametrize(
    ("intent", "slots", "command"),
    [
        ("HassTurnOn", {"name": "garage door", "domain": "cover"}, "open"),
        ("HassTurnOff", {"name": "garage door", "domain": "cover"}, "close"),
        ("HassStopMoving", {"name": "garage door", "domain": "cover"}, "stop"),
        ("HassTurnOn", {"name": "front door", "domain": "lock"}, "lock"),
        ("HassTurnOff", {"name": "front door", "domain": "lock"}, "unlock"),
        ("HassTurnOn", {"name": "oven"}, "turn_on"),
        ("HassTurnOff", {"name": "alarm", "domain": "alarm_control_panel"}, "disarm"),
        ("HassTurnOn", {"name": "alarm", "domain": "alarm_control_panel", "mode": "home"}, "arm_home"),
    ],
)
def test_what_is_guarded_wants_a_yes(intent: str, slots: dict[str, Any], command: str) -> None:
    """Opening and closing alike."""
    resolution = resolved(intent, **slots)
    assert isinstance(resolution, ResolvedAction)
    assert (resolution.command, resolution.needs_confirmation) == (command, True)


def test_what_is_guarded_never_moves_in_a_group() -> None:
    """Not with "all", not with a room, and several of them not at all."""
    assert "cover.garage_door" not in targets(resolved("HassTurnOn", domain="cover", all=True))
    gates = tuple(Device(f"cover.gate_{n}", f"gate {n}", "cover", "gate", area="hall", tier="guarded") for n in "ab")
    home = HomeMap(HOME.areas, (*HOME.devices, *gates))
    both = ("cover.gate_a", "cover.gate_b")
    for place in ({"all": True}, {"area": "hall"}, {"here": True}):
        opened = resolved("HassTurnOn", home=home, domain="cover", device_class="gate", **place)
        assert opened == Unresolved("guarded", targets=both)


def test_looking_at_something_guarded_wants_no_yes() -> None:
    """A question moves nothing; whose state it reads is kept for the replay."""
    looked = candidate("HassGetState", name="garage door", domain="cover", question=None, state="open")
    assert isinstance(looked.resolution, ResolvedAction)
    assert not looked.resolution.needs_confirmation
    assert looked.consulted == ("cover.garage_door",)


def test_contact_sensors_answer_for_windows() -> None:
    """A question about windows means covers and contact sensors of that class."""
    windows = resolved("HassGetState", domain="cover", device_class="window", state="open", question=None)
    assert targets(windows) == ("binary_sensor.kitchen_window", "binary_sensor.bedroom_window")


@pytest.mark.parametrize(
    ("intent", "slots", "expected"),
    [
        (
            "HassLightSet",
            {"name": "kitchen light", "color": "red"},
            Unresolved("cannot", "change colour", ("light.kitchen",)),
        ),
        ("HassLightSet", {"name": "hall light", "brightness": 40}, Unresolved("cannot", "be dimmed", ("light.hall",))),
        (
            "HassLightSet",
            {"name": "fairy lights", "brightness": 40},
            Unresolved("cannot", "be dimmed", ("switch.fairy",)),
        ),
        (
            "HassTurnOn",
            {"name": "floor lamp", "domain": "lock"},
            Unresolved("cannot", "be locked", ("light.floor_lamp",)),
        ),
        (
            "HassLightSet",
            {"name": "kitchen light", "brightness": 150},
            Unresolved("out_of_range", "0 to 100 percent", ("light.kitchen",)),
        ),
        (
            "HassClimateSetTemperature",
            {"name": "thermostat", "temperature": 40},
            Unresolved("out_of_range", "7 to 30 degrees", ("climate.thermostat",)),
        ),
        ("HassTurnOn", {"name": "lava lamp"}, Unresolved("no_device", "lava lamp")),
        ("HassTurnOn", {"names": ["hall light", "lava lamp"]}, Unresolved("no_device", "lava lamp")),
        ("HassTurnOn", {"name": "hall light", "when": "at noon"}, Unresolved("not_supported", "wait for that")),
        ("HassTurnOn", {"reference": "it"}, Unresolved("no_device")),
        ("HassTurnOn", {"domain": "light", "reference": "there"}, Unresolved("no_device")),
        ("HassTurnOn", {"targets": ["light.sold"]}, Unresolved("no_device")),
        ("HassVacuumCleanArea", {"area": "kitchen"}, Unresolved("cannot", "clean one room only", ("vacuum.dusty",))),
        ("HassBroadcast", {"item": "milk"}, Unresolved("not_supported", "do that")),
        (intents.YES, {}, Unresolved("no_question")),
    ],
)
def test_what_cannot_be_done_has_a_reason(intent: str, slots: dict[str, Any], expected: Unresolved) -> None:
    """With the words and devices that the reply needs."""
    assert resolved(intent, **slots) == expected


@pytest.mark.parametrize(
    ("intent", "slots", "command", "values"),
    [
        ("HassLightSet", {"name": "floor lamp", "brightness": 40}, "turn_on", {"brightness": 40}),
        ("HassLightSet", {"name": "floor lamp", "brightness": 0}, "turn_off", {}),
        ("HassLightSet", {"name": "floor lamp", "temperature": 2700}, "turn_on", {"color_temp": 2700}),
        ("HassSetPosition", {"name": "left blind", "position": 50}, "set_position", {"position": 50}),
        ("HassSetPosition", {"name": "right blind", "position": 0}, "close", {}),
        ("HassClimateSetTemperature", {"temperature": 21.5}, "set_temperature", {"temperature": 21.5}),
        ("HassFanSetSpeed", {"name": "bedroom fan", "percentage": 40}, "set_speed", {"speed": 40}),
        ("HassFanSetSpeed", {"name": "bedroom fan", "percentage": 0}, "turn_off", {}),
        ("HassVacuumStart", {}, "start", {}),
        ("HassSetVolume", {"volume_level": 20}, "set_volume", {"volume": 20}),
        ("HassSetVolumeRelative", {"volume_step": "up"}, "set_volume", {"volume": 40}),
        ("HassSetVolumeRelative", {"volume_step": -50}, "set_volume", {"volume": 0}),
    ],
)
def test_slots_become_commands_and_values(
    intent: str, slots: dict[str, Any], command: str, values: dict[str, Any]
) -> None:
    """In percent, degrees and kelvin."""
    resolution = resolved(intent, **slots)
    assert isinstance(resolution, ResolvedAction)
    assert (resolution.command, resolution.values) == (command, values)


def test_a_group_is_set_where_it_can_be() -> None:
    """The reading light has no dimmer and is left alone."""
    dimmed = resolved("HassLightSet", domain="light", area="Living Room", brightness=30)
    assert targets(dimmed) == ("light.living_ceiling", "light.floor_lamp")


def test_an_oven_is_no_thermostat() -> None:
    """Warming a room never touches it, and it is not asked how warm the kitchen is."""
    oven = Device(
        "climate.oven",
        "stove",
        "climate",
        "oven",
        "kitchen",
        capabilities=frozenset({"target_temperature"}),
        tier="guarded",
    )
    home = HomeMap(HOME.areas, (*HOME.devices, oven))
    assert targets(resolved("HassClimateSetTemperature", "kitchen", home, temperature=21)) == ("climate.thermostat",)
    warm = resolved("HassClimateGetTemperature", home=home, area="kitchen")
    assert warm == Unresolved("nothing_there", "kitchen")
    named = resolved("HassClimateSetTemperature", home=home, name="stove", temperature=180)
    assert isinstance(named, ResolvedAction)
    assert named.needs_confirmation


def test_the_player_that_plays_is_meant() -> None:
    """Where several could be; its state is kept for the replay."""
    radio = Device("media_player.radio", "radio", "media_player", area="kitchen")
    home = HomeMap(HOME.areas, (*HOME.devices, radio))
    pause = Interpretation("HassMediaPause", {"here": True})
    playing = {**STATES, "media_player.radio": DeviceState("playing", {"volume": 20})}
    found = Resolver().resolve(Phrasing("pause"), pause, Context(NOON, states=playing), Knowledge(1, home))
    assert targets(found.resolution) == ("media_player.radio",)
    assert set(found.consulted) == {"media_player.radio", "media_player.tv"}
    silent = Resolver().resolve(Phrasing("pause"), pause, Context(NOON, states=STATES), Knowledge(1, home))
    assert isinstance(silent.resolution, Ambiguous)


def test_a_title_that_is_there_twice_is_a_choice() -> None:
    """Of what to play, not of where."""
    found = resolved("HassMediaSearchAndPlay", search_query="the Dune")
    assert isinstance(found, Ambiguous)
    assert found.choices == ("media_player.tv",)
    assert [option["media_kind"] for option in found.options] == ["film", "audiobook"]


def test_a_choice_is_the_step_that_was_offered() -> None:
    """By its number; an expired question offers nothing."""
    steps = tuple(
        Step(Interpretation("HassTurnOn"), ResolvedAction((target,), "turn_on")) for target in LIGHTS_IN_KITCHEN
    )
    question = OpenQuestion("turn-1", "choice", steps, NOON + timedelta(seconds=30))
    chosen = candidate(intents.CHOOSE, question=question, number=2, choice="light.counter")
    assert targets(chosen.resolution) == ("light.counter",)
    assert targets(candidate(intents.CHOOSE, question=question, all=True).resolution) == LIGHTS_IN_KITCHEN
    expired = OpenQuestion("turn-1", "choice", steps, NOON)
    assert candidate(intents.CHOOSE, question=expired, number=2).resolution == Unresolved("no_question")


def test_all_of_several_guarded_things_is_refused() -> None:
    """A yes counts for one."""
    steps = tuple(
        Step(Interpretation("HassTurnOff"), ResolvedAction((lock,), "unlock", needs_confirmation=True))
        for lock in ("lock.front", "lock.back")
    )
    question = OpenQuestion("turn-1", "choice", steps, NOON + timedelta(seconds=30))
    both = candidate(intents.CHOOSE, question=question, all=True).resolution
    assert both == Unresolved("guarded", targets=("lock.front", "lock.back"))


LIVING_LIGHTS = {"light.living_ceiling", "light.floor_lamp", "light.living_reading"}


@pytest.mark.parametrize(
    ("slots", "expected"),
    [
        ({"names": ["hall light", "garage light"]}, {"light.hall", "light.garage"}),
        ({"name": "hall light and the garage light"}, {"light.hall", "light.garage"}),
        ({"name": "hall light, the garage light and anna's lamp"}, {"light.hall", "light.garage", "light.anna"}),
        ({"names": ["floor lamp", "ceiling light"]}, {"light.floor_lamp", "light.living_ceiling"}),
        ({"domain": "light", "areas": ["kitchen", "hall"]}, {*LIGHTS_IN_KITCHEN, "light.hall"}),
        (
            {"domain": "light", "area": "lounge", "all": True, "except": ["floor lamp"]},
            LIVING_LIGHTS - {"light.floor_lamp"},
        ),
        ({"domain": "light", "floor": "upstairs", "all": True, "except": ["bedroom", "Anna's room"]}, {"light.bath"}),
        ({"domain": "light", "targets": ["light.hall"]}, {"light.hall"}),
    ],
)
def test_several_are_named_or_left_out(slots: dict[str, Any], expected: set[str]) -> None:
    """Namesakes are those in the room of the others; who is not meant stays as it is."""
    assert set(targets(resolved("HassTurnOn", **slots))) == expected


def test_an_exception_that_is_not_known_leaves_everything_as_it_is() -> None:
    """Nobody guesses what must not move."""
    unknown: dict[str, Any] = {"except": ["lava lamp"]}
    assert resolved("HassTurnOff", domain="light", all=True, **unknown) == Unresolved("no_device", "lava lamp")
    everything: dict[str, Any] = {"except": ["hall light"]}
    nothing_left = resolved("HassTurnOff", domain="light", area="hall", **everything)
    assert nothing_left == Unresolved("no_device", "hall light")


def test_namesakes_among_several_names_are_not_guessed() -> None:
    """Where the other names do not tell the room."""
    assert resolved("HassTurnOn", names=["hall light", "ceiling light"]) == Unresolved("no_area")


def test_several_things_of_which_one_is_guarded_do_not_move_together() -> None:
    """A yes counts for one."""
    both = resolved("HassTurnOn", names=["garage door", "left blind"])
    assert both == Unresolved("guarded", targets=("cover.garage_door", "cover.left_blind"))


def test_a_home_without_rooms_is_known_by_the_names_of_its_things() -> None:
    """Nobody wrote down that there is a kitchen, and yet the kitchen light is in it."""
    bare = HomeMap((), (Device("light.k", "Kitchen lamp", "light"), Device("light.h", "Hall lamp", "light")))
    assert targets(resolved("HassTurnOn", home=bare, domain="light", area="kitchen")) == ("light.k",)
    assert targets(resolved("HassTurnOn", "hall", bare, domain="light", here=True)) == ("light.h",)
    assert resolved("HassTurnOn", home=bare, domain="light", area="attic") == Unresolved("no_area", "attic")


def test_names_in_other_scripts_are_names() -> None:
    """Said as they are written, with their words in another order, or nearly so."""
    lamps = (Device("light.a", "Лампа на кухне", "light"), Device("light.b", "卧室灯", "light"))
    home = HomeMap((Area("k", "Кухня"),), lamps)
    assert targets(resolved("HassTurnOn", home=home, name="лампа на кухне")) == ("light.a",)
    assert targets(resolved("HassTurnOn", home=home, name="лампа на кухни")) == ("light.a",)
    assert targets(resolved("HassTurnOn", home=home, name="卧室灯")) == ("light.b",)


def test_a_likely_name_is_worth_less_than_a_sure_one() -> None:
    """So that a wording with a name that is known wins, and no guess settles a turn."""
    scores = [candidate("HassTurnOn", name=name).score for name in ("hall light", "light of the hall", "hal light")]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 1.0
    assert scores[2] < 0.9


def test_a_reading_of_something_guarded_wants_no_yes() -> None:
    """Neither its state nor its temperature."""
    oven = Device("climate.oven", "stove", "climate", "oven", "kitchen", tier="guarded")
    home = HomeMap(HOME.areas, (*HOME.devices, oven))
    asked = resolved("HassClimateGetTemperature", home=home, name="stove")
    assert asked == ResolvedAction(("climate.oven",), "get_temperature")


def test_what_was_heard_counts_more_than_what_may_have_been() -> None:
    """An alternative reading never settles a turn by itself."""
    interpretation = Interpretation("HassTurnOn", {"name": "hall light"})
    scores = [
        Resolver().resolve(Phrasing("x", origin), interpretation, Context(NOON), Knowledge(1, HOME)).score
        for origin in ("heard", "rewrite", "near", "alternative")
    ]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 1.0
    assert scores[2] < 0.9
