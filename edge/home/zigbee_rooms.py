"""Where things are, from what people call them: Zigbee2MQTT knows no rooms, but its users write them into names.

A group `Kitchen` or `Lights upstairs bathroom` is a room, a group `Kitchen spots` some lamps in one, and
`kitchen/spot 1` or `Bathroom mirror light` is in the room it begins with.
"""

from typing import Final

_ROOMS: Final = frozenset(
    {"attic", "balcony", "basement", "bath", "bathroom", "bedroom", "cellar", "conservatory", "corridor", "den"}
    | {"dining room", "garage", "garden", "hall", "hallway", "kitchen", "landing", "laundry", "laundry room"}
    | {"library", "living room", "livingroom", "lounge", "loft", "lobby", "nursery", "office", "pantry", "patio"}
    | {"play room", "playroom", "porch", "restroom", "shed", "sitting room", "spare room", "guest room", "kids room"}
    | {"staircase", "stairs", "stairway", "studio", "study", "terrace", "toilet", "utility room", "wc", "workshop"}
)
_COLLECTIVE: Final = frozenset(
    {"all", "the", "group", "light", "lights", "lamp", "lamps", "room", "in", "of", "zigbee"}
)
"""Words around a room's name that say no more than that it is one."""

_THINGS: Final = frozenset(
    {"blind", "blinds", "bulb", "bulbs", "ceiling", "cover", "covers", "curtain", "curtains", "desk", "fan", "fans"}
    | {"heater", "heaters", "leds", "led", "mirror", "outlet", "outlets", "plug", "plugs", "radiator", "radiators"}
    | {"sensor", "sensors", "shutter", "shutters", "socket", "sockets", "spot", "spots", "spotlight", "spotlights"}
    | {"strip", "strips", "switch", "switches", "table", "wall", "window", "windows", "door", "doors", "downlights"}
)
"""Words that make of a room's name the name of some things in it."""


def spoken(name: str) -> str:
    """A friendly name as people say it: `living_room/desk lamp` is `living room desk lamp`."""
    return " ".join(name.replace("/", " ").replace("_", " ").split())


def room_of_thing(name: str) -> str:
    """The room in which a thing of this name is: before the `/`, or at the beginning; empty where it tells none."""
    first, slash, rest = name.partition("/")
    if slash and rest:
        return spoken(first)
    words = spoken(name).split()
    return " ".join(words[:count]) if (count := _room_ahead(words)) < len(words) else ""


def room_of_group(name: str) -> tuple[str, bool]:
    """The room of a group's members, empty where its name tells none; and whether the group is that room itself."""
    words = [word for word in spoken(name).split() if word.casefold() not in _THINGS]
    is_the_room = len(words) == len(spoken(name).split())
    while words and _ends_collectively(words):
        words.pop(0 if words[0].casefold() in _COLLECTIVE else -1)
    if _is_room(words[-2:]) or _is_room(words[-1:]):
        return " ".join(words), is_the_room
    return "", False


def _ends_collectively(words: list[str]) -> bool:
    """`lights kitchen` and `kitchen lights` do; of `dining room` the last word belongs to its name."""
    return words[0].casefold() in _COLLECTIVE or (words[-1].casefold() in _COLLECTIVE and not _is_room(words[-2:]))


def _room_ahead(words: list[str]) -> int:
    """How many words at the beginning name a room, with up to one word before: `upstairs bathroom light`."""
    for before in (0, 1):
        for count in (2, 1):
            if _is_room(words[before : before + count]) and len(words) >= before + count:
                return before + count
    return len(words)


def _is_room(words: list[str]) -> bool:
    return " ".join(words).casefold() in _ROOMS
