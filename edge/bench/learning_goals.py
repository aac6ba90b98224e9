"""What somebody can want of the demo home for `edge bench learning`, how it is said, and what is nearly the same."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

_SWITCHED: Final[Mapping[str, str]] = {
    "light.kitchen": "kitchen light",
    "light.living_room": "living room light",
    "light.living_room_ceiling": "living room ceiling light",
    "light.bedroom_ceiling": "bedroom ceiling light",
    "light.bedside_lamp": "bedside lamp",
    "light.desk_lamp": "desk lamp",
    "light.hall": "hall light",
    "light.garage": "garage light",
    "switch.coffee_machine": "coffee machine",
    "switch.fairy_lights": "fairy lights",
    "switch.printer": "printer",
    "media_player.tv": "television",
    "fan.bedroom": "bedroom fan",
}
_DIMMED: Final = ("light.kitchen", "light.living_room", "light.bedside_lamp", "light.desk_lamp")
_PERCENT: Final[Mapping[str, int]] = {"twenty": 20, "forty": 40, "sixty": 60, "eighty": 80}
_DEGREES: Final[Mapping[str, int]] = {"eighteen": 18, "nineteen": 19, "twenty one": 21, "twenty two": 22}

_SWITCHING: Final = (
    "turn {state} the {name}",
    "switch the {name} {state}",
    "{name} {state} please",
    "could you turn the {name} {state}",
    "i want the {name} {state}",
)
_DIMMING: Final = (
    "set the {name} to {number} percent",
    "{name} to {number} percent",
    "put the {name} at {number} percent",
)
_HEATING: Final = (
    "set the thermostat to {number} degrees",
    "heating to {number} degrees",
    "set the heating to {number} degrees",
)
_GUARDED: Final[Mapping[str, tuple[str, Mapping[str, str]]]] = {
    "lock.front_door": ("front door", {"lock": "locked", "unlock": "unlocked"}),
    "cover.garage_door": ("garage door", {"open": "open", "close": "closed"}),
}
"""What may do harm: its name, and how it stands after each verb."""

_AS_GOOD: Final[Mapping[Any, tuple[str, ...]]] = {
    "on": ("on", "idle", "playing", "paused"),
    "open": ("open", "opening"),
    "closed": ("closed", "closing"),
}
"""States that are no other than one that is wanted; doors move slowly."""

_GUARDING: Final = ("{verb} the {name}", "{verb} the {name} please", "could you {verb} the {name}")

ELSEWHERE: Final = (
    "what is the capital of peru", "tell me a joke", "how tall is mount everest", "who wrote the hobbit",
    "what is the weather in london", "will it rain tomorrow", "order a pizza with olives", "call my sister",
    "read me the news", "how do you spell necessary", "what is twelve times eleven", "book a table for four",
    "when is the next train to york", "remind me why i came in here", "what does quixotic mean", "find my keys",
    "send a message to tom", "how much is fifty euros in dollars", "who won the match", "translate cat into french",
    "what is on at the cinema", "how long do i boil an egg", "is the chemist open on sunday", "tell me about owls",
    "which films are on tonight", "did anybody write to me", "what should i cook for dinner", "buy more washing powder",
)  # fmt: skip
"""Of something else than devices, in words of our own."""

ALIKE: Final = (
    "torn learn burn term stitch sweets which chicken kitten kidding leaving loving giving rum broom loom late like "
    "night bright lied right height feeling dealing sailing bedrooms red bread lamb lump camp lamps disc dusk deck "
    "hole haul wall call carriage garbage coffin coughing copy sheen scene ferry very fury lights sprinter painter "
    "pointer division elevation fun fin van phone of own an in and said sat sit but foot pet thermos format eating "
    "meeting seating plenty wendy party faulty shorty sixteen sixties eighteen weighty percent present person decrease "
    "agrees peace police bees good wood wand wont what front runt door daw more luck look lack unlucky opened close"
)
"""Words that sound like those for this home and mean nothing in it, as a recogniser writes them now and then."""


@dataclass(frozen=True)
class Goal:
    """How one device shall be."""

    device_id: str
    """Empty: nothing that this home could do, so nothing may move."""
    name: str
    wanted: Mapping[str, Any]
    """Attributes as `Assistant.home.states()` tells them."""
    wordings: tuple[str, ...]
    """Ways to say it; the same place in another goal of its kind is the same wording."""

    @property
    def key(self) -> str:
        """The same for equal goals."""
        return f"{self.device_id} {dict(self.wanted)}" if self.device_id else self.wordings[0]

    @property
    def opposite(self) -> Mapping[str, Any]:
        """How the device stands before anybody would want this."""
        match dict(self.wanted):
            case {"state": "on"}:
                return {"state": "off"}
            case {"state": "off"}:
                return {"state": "on"}
            case {"state": state} if self.device_id in _GUARDED:
                return {"state": next(other for other in _GUARDED[self.device_id][1].values() if other != state)}
            case {"temperature": _}:
                return {"state": "heat", "temperature": 16}
        return {"state": "on", next(iter(self.wanted)): 7}

    def is_met_by(self, before: Mapping[str, Mapping[str, Any]], after: Mapping[str, Mapping[str, Any]]) -> bool:
        """Whether the device is as it shall be and no other was moved."""
        others = (device for device in before if device != self.device_id and moves(device))
        if any(_shown(before[device]) != _shown(after[device]) for device in others):
            return False
        return self.is_reached(after)

    def is_reached(self, after: Mapping[str, Mapping[str, Any]]) -> bool:
        """Whether the device is as it shall be, whatever became of others."""
        return all(_is(after[self.device_id].get(key), value) for key, value in self.wanted.items())


def unservable(text: str) -> Goal:
    """What is said of something else, where a home does right to leave its devices alone."""
    return Goal("", "", {}, (text,))


def goals() -> tuple[Goal, ...]:
    """All that can be wanted."""
    return (*_switching(), *_dimming(), *_heating(), *_guarded())


def words() -> tuple[str, ...]:
    """All words in which something is said of this home, and those that sound like them."""
    said = {word for goal in goals() for wording in goal.wordings for word in wording.split()}
    return tuple(sorted(said | set(ALIKE.split())))


def near(goal: Goal, among: tuple[Goal, ...]) -> tuple[Goal, ...]:
    """Goals that are said almost alike and mean something else: on and off, another number, another room."""
    alike = (other for other in among if other.key != goal.key and other.wanted.keys() == goal.wanted.keys())
    return tuple(other for other in alike if other.device_id == goal.device_id or other.wanted == goal.wanted)


def moves(device_id: str) -> bool:
    """Whether it is something that commands move, no sensor."""
    return not device_id.startswith(("sensor.", "binary_sensor."))


def _is(state: Any, wanted: Any) -> bool:
    """Whether a device is as wanted, or on its way there."""
    return state in _AS_GOOD.get(wanted, (wanted,))


def _shown(state: Mapping[str, Any]) -> Mapping[str, Any]:
    """What somebody sees of it: of what is off no more than that."""
    if state.get("state") == "off":
        return {"state": "off"}
    return {key: value for key, value in state.items() if key != "current_temperature"}


def _switching() -> Iterator[Goal]:
    for (device_id, name), state in product(_SWITCHED.items(), ("on", "off")):
        yield Goal(device_id, name, {"state": state}, _said(_SWITCHING, name=name, state=state))


def _dimming() -> Iterator[Goal]:
    for device_id, (number, percent) in product(_DIMMED, _PERCENT.items()):
        name = _SWITCHED[device_id]
        yield Goal(device_id, name, {"brightness": percent}, _said(_DIMMING, name=name, number=number))


def _heating() -> Iterator[Goal]:
    for number, degrees in _DEGREES.items():
        said = _said(_HEATING, number=number)
        yield Goal("climate.thermostat", "thermostat", {"temperature": degrees}, said)


def _guarded() -> Iterator[Goal]:
    for device_id, (name, verbs) in _GUARDED.items():
        for verb, state in verbs.items():
            yield Goal(device_id, name, {"state": state}, _said(_GUARDING, verb=verb, name=name))


def _said(wordings: tuple[str, ...], **parts: str) -> tuple[str, ...]:
    return tuple(wording.format(**parts) for wording in wordings)
