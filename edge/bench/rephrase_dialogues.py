"""Dialogues as a home would keep them, of people's sentences, with what was meant known. Pure, by a seed.

A person has a wish and words it; the assistant hears it, rightly or not, and does it, or not; the person says it again,
corrects it, or goes on. How often and how soon follows what was measured on real dialogues: after a failure that the
assistant knows of 58 % are corrections, else 10 %; the median gap of a correction is some 16 seconds. Nothing here
knows the detector.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from edge.bench.rephrase_data import Part, Wording
from edge.bench.rephrase_mishearing import Mishearing, as_heard
from edge.bench.rephrase_sayings import (
    ADD,
    ANSWERS,
    CORRECT_ANSWER,
    CORRECT_VALUE,
    CORRECT_WHOLE,
    GO_ON,
    STOPS,
    one_of,
)
from edge.bench.rephrase_turns import Said, Went, turn_of
from edge.feedback.rephrase_evidence import WINDOW_S, gap_s
from edge.turn import Turn

TURNS: Final = 5
"""Of a dialogue: one, and up to four that follow it."""

AGAIN_IF_FAILED, AGAIN_IF_WRONG, AGAIN_IF_RIGHT = 0.58, 0.62, 0.045
"""The last two come to .10 together: most turns of which no failure is known went right."""

MISHEARD: Final = 0.3
UNSERVED: Final = 0.06
"""Wishes that nothing in the home can serve, however they are worded."""

BARE: Final = 0.25
"""Dialogues of which only words and times were kept."""

_START: Final = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
_HEARD_RIGHT: Final[Mapping[Went, float]] = {
    "ok": 0.86, "asked": 0.06, "wrong": 0.03, "not_matched": 0.02, "unresolved": 0.01, "error": 0.01,
    "not_confirmed": 0.01,
}  # fmt: skip
_HEARD_WRONG: Final[Mapping[Went, float]] = {
    "ok": 0.5, "asked": 0.04, "wrong": 0.18, "not_matched": 0.19, "unresolved": 0.08, "error": 0.005,
    "not_confirmed": 0.005,
}  # fmt: skip
_KNOWN_FAILURES: Final = frozenset({"not_matched", "unresolved", "error", "not_confirmed"})
_LEFT_OUT: Final = frozenset({"please", "the", "hey", "olly", "can", "you", "could"})
_SMALL_TALK: Final = ("general_",)
_SAID_TWICE: Final = frozenset(
    {"audio_volume_up", "audio_volume_down", "iot_hue_lightup", "iot_hue_lightdim", "general_joke"}
)
_OPPOSITE: Final = {
    "on": "off", "off": "on", "open": "close", "close": "open", "up": "down", "down": "up", "start": "stop",
    "stop": "start", "increase": "decrease", "decrease": "increase", "add": "remove", "remove": "add", "mute": "unmute",
    "raise": "lower", "lower": "raise", "brighter": "darker", "louder": "quieter", "pause": "resume",
}  # fmt: skip


@dataclass(frozen=True)
class Wish:
    """What a person wants."""

    intent: str
    values: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Dialogue:
    """One turn with its followers, and the truth about it."""

    turns: tuple[Turn, ...]
    again: tuple[bool, ...]
    """By follower, whether it says again, or corrects, what the first turn was to do."""
    worked: tuple[int, ...]
    """The followers that say it again and worked."""

    @property
    def works_in_time(self) -> int:
        """The last follower within the window whose wording worked; -1: none did."""
        worked = [at for at in self.worked if gap_s(self.first, self.followers[at]) <= WINDOW_S]
        return worked[-1] if worked else -1

    @property
    def first(self) -> Turn:
        """The turn that the question is about."""
        return self.turns[0]

    @property
    def followers(self) -> tuple[Turn, ...]:
        """What came after it, at most four."""
        return self.turns[1:]


class People:
    """Says things, in the wordings of one part of the data."""

    def __init__(self, wordings: Sequence[Wording], part: Part) -> None:
        self.part = part
        own = [each for each in wordings if each.part == part]
        self._wordings = [each for each in own if not each.intent.startswith(_SMALL_TALK)]
        self._ways = defaultdict[tuple[str, tuple[str, ...]], list[Wording]](list)
        self._values = defaultdict[str, list[str]](list)
        self._kin = defaultdict[str, list[Wording]](list)
        for each in self._wordings:
            self._ways[each.intent, tuple(sorted(each.values))].append(each)
            self._kin[each.intent.split("_")[0]].append(each)
            for place, value in each.values.items():
                self._values[place].append(value)
        self._refusing = [each.text for each in own if each.intent == "general_negate"]
        self._agreeing = [each.text for each in own if each.intent in {"general_affirm", "general_praise"}]
        self._mishearing = Mishearing(each.with_values(each.values) for each in wordings)

    def misheard(self, text: str, chance: random.Random) -> str:
        """As a recogniser would get it wrong."""
        return self._mishearing.wrong(text, chance)

    def new(self, chance: random.Random) -> tuple[Wish, str]:
        """Any wish, in words."""
        wording = chance.choice(self._wordings)
        return Wish(wording.intent, wording.values), wording.with_values(wording.values)

    def worded(self, wish: Wish, chance: random.Random) -> str:
        """The wish in any words that say it; empty where nobody has any."""
        ways = self._ways[wish.intent, tuple(sorted(wish.values))]
        return chance.choice(ways).with_values(wish.values) if ways else ""

    def with_another_value(self, wish: Wish, chance: random.Random) -> tuple[Wish, str]:
        """The wish with one value changed, and which place that is; the same wish where it has none."""
        if not wish.values:
            return wish, ""
        place = chance.choice(sorted(wish.values))
        value = chance.choice(self._values[place] or [wish.values[place]])
        return replace(wish, values={**wish.values, place: value}), place

    def near(self, wish: Wish, text: str, chance: random.Random) -> tuple[Wish, str]:
        """A wish that is worded like this one and is another: the opposite, another value, or one of its kind."""
        words, kind = text.split(), chance.random()
        turned = [at for at, word in enumerate(words) if word in _OPPOSITE]
        if kind < 0.3 and turned:
            at = chance.choice(turned)
            words[at] = _OPPOSITE[words[at]]
            return replace(wish, intent=f"{wish.intent}_opposite"), " ".join(words)
        other, place = self.with_another_value(wish, chance)
        if kind < 0.7 and place and other != wish and wish.values[place] in text:
            return other, text.replace(wish.values[place], other.values[place])
        wording = chance.choice(self._kin[wish.intent.split("_")[0]] or self._wordings)
        return Wish(wording.intent, wording.values), wording.with_values(wording.values)

    def agreeing(self, chance: random.Random) -> str:
        """Yes, thanks, or praise."""
        some = self._agreeing if chance.random() < 0.4 and self._agreeing else None
        return chance.choice(some) if some else one_of(ANSWERS, self.part, chance)

    def refusing(self, chance: random.Random) -> str:
        """No, stop, or that it was wrong."""
        some = self._refusing if chance.random() < 0.5 and self._refusing else None
        return chance.choice(some) if some else one_of(STOPS, self.part, chance)


class Person:
    """One person in one dialogue."""

    def __init__(self, people: People, chance: random.Random) -> None:
        self._people, self._chance = people, chance
        self._bare = chance.random() < BARE
        self._now = _START + timedelta(seconds=chance.randrange(86_400 * 90))
        self._turns: list[Turn] = []
        self._goals: list[int] = []
        self._went: list[Went] = []
        self._goal = 0

    def lives(self) -> Dialogue:
        """Five turns, and what they were about."""
        wish, text = self._people.new(self._chance)
        served = self._chance.random() >= UNSERVED
        self._say(wish, text, served, fragment=False)
        while len(self._turns) < TURNS:
            if self._chance.random() < self._likely_again():
                wish, text = self._again(wish, text, served)
            else:
                self._goal += 1
                wish, text = self._goes_on(wish, text)
                served = self._chance.random() >= UNSERVED
        again = tuple(goal == 0 for goal in self._goals[1:])
        worked = tuple(at for at, same in enumerate(again) if same and self._went[at + 1] in {"ok", "asked"})
        return Dialogue(tuple(self._turns), again, worked)

    def _likely_again(self) -> float:
        went = self._went[-1]
        if went in _KNOWN_FAILURES:
            return AGAIN_IF_FAILED
        return {"wrong": AGAIN_IF_WRONG, "asked": 0.25, "answered": 0.0}.get(went, AGAIN_IF_RIGHT)

    def _again(self, wish: Wish, text: str, served: bool) -> tuple[Wish, str]:
        """The same wish again, or another mind about it."""
        chance, went = self._chance, self._went[-1]
        if went == "wrong" and chance.random() < 0.25 and len(self._turns) < TURNS - 1:
            self._say(Wish("stop"), self._people.refusing(chance), True, stops=True)
        meant = wish
        if went in {"ok", "asked"}:
            meant, place = self._people.with_another_value(wish, chance)
        else:
            place = chance.choice(sorted(wish.values)) if wish.values else ""
        said, whole = self._worded_again(wish, meant, text, place)
        self._say(meant, said, served, again=True, fragment=not whole)
        return meant, whole or text

    def _worded_again(self, wish: Wish, meant: Wish, text: str, place: str) -> tuple[str, str]:
        """In which words, and the wish alone among them; empty where they are only a part of it."""
        chance, part, kind = self._chance, self._people.part, self._chance.random()
        if place and kind < (0.75 if meant != wish else 0.27):
            given = {"new": meant.values[place], "old": wish.values[place], "place": place.replace("_", " ")}
            sayings = CORRECT_ANSWER if self._went[-1] == "asked" and chance.random() < 0.4 else CORRECT_VALUE
            return one_of(sayings, part, chance).format_map(given), ""
        if meant != wish and (whole := self._people.worded(meant, chance)):
            return (whole if kind < 0.85 else one_of(CORRECT_WHOLE, part, chance).format(text=whole)), whole
        kind = chance.random()
        if kind < 0.32:
            return text, text
        if kind < 0.47:
            return one_of(CORRECT_WHOLE, part, chance).format(text=text), text
        if kind < 0.6 and (short := " ".join(word for word in text.split() if word not in _LEFT_OUT)):
            return short, short
        other = self._people.worded(meant, chance) or text
        return other, other

    def _goes_on(self, wish: Wish, text: str) -> tuple[Wish, str]:
        """Another wish, or an answer."""
        chance, people, kind = self._chance, self._people, self._chance.random()
        if (self._went[-1] == "asked" and kind < 0.7) or kind < 0.1:
            self._say(Wish("answer"), people.agreeing(chance), True, answers=True)
            return wish, text
        other, place = people.with_another_value(wish, chance)
        if kind < 0.2 and place:
            self._say(other, one_of(ADD, people.part, chance).format(new=other.values[place]), True, fragment=True)
            return other, text
        if kind < 0.45:
            other, said = people.near(wish, text, chance)
        elif kind < 0.52 and (wish.intent in _SAID_TWICE or chance.random() < 0.2):
            other, said = wish, text
        else:
            other, said = people.new(chance)
        if chance.random() < 0.12:
            said = one_of(GO_ON, people.part, chance).format(text=said)
        self._say(other, said, True)
        return other, said

    def _say(
        self, wish: Wish, text: str, served: bool, *, again: bool = False, fragment: bool = False,
        answers: bool = False, stops: bool = False,
    ) -> None:  # fmt: skip
        """One turn, as it would be kept."""
        chance = self._chance
        if self._turns:
            self._now += timedelta(seconds=self._gap_s(again, answers or stops))
        heard = self._people.misheard(text, chance) if chance.random() < MISHEARD and not (answers or stops) else text
        odds = _HEARD_RIGHT if heard == text else _HEARD_WRONG
        went: Went = "answered" if answers or stops else chance.choices(list(odds), list(odds.values()))[0]
        if not served and went != "wrong":
            went = "not_matched"
        taken = wish if went != "wrong" else self._taken_for(wish, text)
        said = Said(
            text=text, heard=heard, intent=taken.intent, slots=as_heard(taken.values, text, heard),
            went=went, at=self._now, number=len(self._turns), fragment=fragment, again=again, stops=stops,
            bare=self._bare, before=self._turns[-1] if self._turns else None,
            after_failure=bool(self._went) and self._went[-1] not in {"ok", "answered"},
        )  # fmt: skip
        self._turns.append(turn_of(said, chance))
        self._goals.append(-1 if answers or stops else self._goal)
        self._went.append(went)

    def _taken_for(self, wish: Wish, text: str) -> Wish:
        """What it was wrongly taken for."""
        near = self._people.near(wish, text, self._chance)[0]
        return near if self._chance.random() < 0.6 else self._people.new(self._chance)[0]

    def _gap_s(self, again: bool, short: bool) -> float:
        if short:
            return min(60.0, self._chance.lognormvariate(1.9, 0.5))
        if again:
            return self._chance.lognormvariate(2.77, 0.6)
        return 3.0 + self._chance.lognormvariate(3.3, 1.3)


def dialogues(people: People, count: int, seed: int) -> Iterator[Dialogue]:
    """So many, each by its own draw."""
    for number in range(count):
        yield Person(people, random.Random(f"{people.part} {seed} {number}")).lives()
