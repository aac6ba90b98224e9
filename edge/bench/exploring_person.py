"""A person for `edge bench exploring`: whose lamps have namesakes, who knows which one is meant and does not say so."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

ROOMS: Final = ("bedroom", "living room", "office")
NAMESAKES: Final = ("ceiling light", "reading lamp", "ceiling fan")
"""Each hangs in two of the rooms."""

PLAIN: Final = ("hall light", "porch light", "kitchen light")

HOURS: Final = range(8, 20)
"""One wish in every hour."""

CORRECTS: Final = 0.58
"""How often somebody says so who did not get what was meant; published, of a real assistant."""

ANSWERS: Final = 0.95
"""How often a question of ours is answered."""

THANKS: Final = 0.10

ELSEWHERE: Final = 0.15
"""How often it is the other one that is meant, whatever is usual."""

Reaction = Literal["answers", "corrects", "thanks", "nothing"]


@dataclass(frozen=True)
class Wish:
    """What is wanted at one hour of a day."""

    hour: int
    said: str
    target: str
    """The device_id that is meant."""
    room: str
    """The room that is meant, where a question has to be answered; empty where it is clear."""


class Person:
    """Wants mostly the same things at the same hours, and half-way through some of them elsewhere."""

    def __init__(self, seed: int, changes_on: int) -> None:
        """`changes_on`: the day, from 0, on which half of what is meant changes."""
        self._chance = random.Random(seed)
        self._changes_on = changes_on
        hours = self._chance.sample(HOURS, len(HOURS))
        self._names = {hour: NAMESAKES[n % len(NAMESAKES)] for n, hour in enumerate(hours[:6])}
        self._meant = {hour: self._chance.randrange(2) for hour in self._names}
        self._changed = frozenset(self._chance.sample(sorted(self._names), 3))

    def wishes(self, day: int) -> Iterator[Wish]:
        """Those of a day in their order."""
        for hour in HOURS:
            name = self._names.get(hour)
            if name is None:
                plain = self._chance.choice(PLAIN)
                yield Wish(hour, f"turn on the {plain}", device_id("hall", plain), "")
                continue
            changed = day >= self._changes_on and hour in self._changed
            otherwise = self._chance.random() < ELSEWHERE
            room = rooms_of(name)[self._meant[hour] ^ changed ^ otherwise]
            yield Wish(hour, f"turn on the {name}", device_id(room, name), room)

    def reaction(self, *, asked: bool, is_right: bool) -> Reaction:
        """To what came of a wish."""
        if asked:
            return "answers" if self._chance.random() < ANSWERS else "nothing"
        if is_right:
            return "thanks" if self._chance.random() < THANKS else "nothing"
        return "corrects" if self._chance.random() < CORRECTS else "nothing"

    def gap_s(self) -> float:
        """After which a correction comes: its median is published as 14 to 19 seconds."""
        return self._chance.uniform(10, 23)


def rooms_of(name: str) -> tuple[str, str]:
    """The two rooms of a name that is there twice."""
    first = NAMESAKES.index(name)
    return ROOMS[first], ROOMS[(first + 1) % len(ROOMS)]


def device_id(room: str, name: str) -> str:
    """As the home file calls it."""
    domain = "fan" if name.endswith("fan") else "light"
    return f"{domain}.{room.replace(' ', '_')}_{name.replace(' ', '_')}"


def home_file() -> str:
    """The home, as text of a home file."""
    things = [(room, name) for name in NAMESAKES for room in rooms_of(name)] + [("hall", name) for name in PLAIN]
    areas = [f"[area.{room.replace(' ', '_')}]\n" for room in (*ROOMS, "hall")]
    devices = [
        f'[{device_id(room, name)}]\nname = "{name}"\narea = "{room.replace(" ", "_")}"\n' for room, name in things
    ]
    return "\n".join((*areas, *devices))
