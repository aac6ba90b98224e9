"""A household for `edge bench learning`: what is wanted when, how it is said, and what a recogniser makes of it."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from edge.bench.learning_goals import ELSEWHERE, Goal, goals, near, unservable, words
from edge.bench.rephrase_mishearing import Mishearing

Kind = Literal["habit", "hard", "easy"]
"""`hard`: new, and nearly what is usual here. `easy`: new, and unlike it."""

HABITS: Final = 30
OFTEN: Final = (0.8, 0.4, 0.15, 0.1)
"""How likely one habit and another is on one day: few make up most of what is said."""

NEW: Final = 9
"""New requests a day: about half of all."""

HOURS: Final = range(7, 23)
PER_HOUR_MAX: Final = 5
"""More is not wanted within an hour, so that nobody corrects what was said for something else."""

PRONE: Final = 0.3
"""The share of words, and of sentences, that of one voice are misheard in the same way again and again."""

WORD_AGAIN, SENTENCE_AGAIN, NOISE = 0.12, 0.6, 0.12
"""How often a word is misheard that is prone to it, how often such a sentence, and how often any by chance. With them
about two in five are misheard, less than is measured of far-field commands, and a quarter of those mistakes come again
as they were."""

HARD: Final = 0.5

OF_ELSE: Final = 0.4
"""Of easy new requests, how many are about something else than the devices."""


@dataclass(frozen=True)
class Heard:
    """What a recogniser hands in."""

    text: str
    confidence: float
    alternatives: tuple[str, ...]


@dataclass(frozen=True)
class Request:
    """Something that is wanted once."""

    day: int
    number: int
    """Of the day, from 0."""
    hour: int
    minute: int
    kind: Kind
    goal: Goal
    said: str
    voice: int


class Voice:
    """How one person is misheard: some words and sentences in the same way again and again, others by chance."""

    def __init__(self, seed: str, mishearing: Mishearing) -> None:
        self._mishearing = mishearing
        chance = random.Random(seed)
        said = [wording for goal in goals() for wording in goal.wordings]
        words = sorted({word for wording in said for word in wording.split()})
        self._words = {word: self._other(word, chance) for word in words if chance.random() < PRONE}
        self._sentences = {each: mishearing.wrong(each, chance) for each in said if chance.random() < PRONE}

    def heard(self, said: str, chance: random.Random) -> Heard:
        """As it is heard this time."""
        text = self._once(said, chance)
        others = [self._once(said, chance) for _ in range(2)]
        if text == said:
            return Heard(text, chance.uniform(0.7, 0.98), tuple(other for other in others if other != text))
        alternatives = dict.fromkeys(other for other in others if other != text)
        return Heard(text, chance.uniform(0.35, 0.85), tuple(alternatives))

    def _once(self, said: str, chance: random.Random) -> str:
        if said in self._sentences and chance.random() < SENTENCE_AGAIN:
            return self._sentences[said]
        text = " ".join(self._words.get(word, word) if chance.random() < WORD_AGAIN else word for word in said.split())
        return self._mishearing.wrong(text, chance) if chance.random() < NOISE else text

    def _other(self, word: str, chance: random.Random) -> str:
        """Another word that sounds like it; itself where there is none."""
        tries = (self._mishearing.wrong(word, chance) for _ in range(20))
        return next((other for other in tries if other and " " not in other), word)


class Household:
    """One or two people with habits of their own, which change half-way."""

    def __init__(self, seed: int, days: int, hard: float = HARD) -> None:
        """`days`: it changes half-way through them; `hard`: the share of new requests that are nearly what is usual."""
        self.seed = seed
        self._hard = hard
        mishearing = Mishearing(words())
        self._goals = goals()
        chance = random.Random(f"household {seed}")
        usual = chance.sample(self._goals, HABITS + HABITS // 3)
        first = [_Habit.of(goal, chance) for goal in usual]
        self._first, self._later = first[:HABITS], first[HABITS // 3 :]
        self._changes_on = days // 2
        self.voices = tuple(Voice(f"voice {seed} {n}", mishearing) for n in range(1 + seed % 2))

    def requests(self, day: int) -> Iterator[Request]:
        """Those of a day in their order: the same whoever serves them."""
        chance = random.Random(f"day {self.seed} {day}")
        habits = self._later if day >= self._changes_on else self._first
        wishes: list[tuple[int, Kind, Goal, str]] = [
            (habit.hour, "habit", habit.goal, chance.choices(habit.wordings, habit.weights)[0])
            for habit in habits
            if chance.random() < habit.often
        ]
        wishes += [(chance.choice(HOURS), *self._new(habits, chance)) for _ in range(NEW)]
        number = 0
        for hour in HOURS:
            these = [wish for wish in wishes if wish[0] == hour][:PER_HOUR_MAX]
            for at, (_, kind, goal, said) in enumerate(these):
                voice = int(len(self.voices) > 1 and chance.random() < 0.3)
                yield Request(day, number, hour, 10 + at * 10, kind, goal, said, voice)
                number += 1

    def _new(self, habits: Sequence["_Habit"], chance: random.Random) -> tuple[Kind, Goal, str]:
        usual = {habit.goal.key for habit in habits}
        if chance.random() < self._hard:
            habit = chance.choice(habits)
            others = [goal for goal in near(habit.goal, self._goals) if goal.key not in usual]
            if others:
                goal = chance.choice(others)
                return "hard", goal, goal.wordings[habit.goal.wordings.index(habit.wordings[0])]
        if chance.random() < OF_ELSE:
            said = chance.choice(ELSEWHERE)
            return "easy", unservable(said), said
        goal = chance.choice([goal for goal in self._goals if goal.key not in usual])
        return "easy", goal, chance.choice(goal.wordings)


@dataclass(frozen=True)
class _Habit:
    goal: Goal
    hour: int
    often: float
    wordings: tuple[str, ...]
    """The one that is usual first."""

    @classmethod
    def of(cls, goal: Goal, chance: random.Random) -> "_Habit":
        count = chance.choice((1, 2, 3))
        return cls(goal, chance.choice(HOURS), chance.choice(OFTEN), tuple(chance.sample(goal.wordings, count)))

    @property
    def weights(self) -> tuple[float, ...]:
        return (0.7, 0.2, 0.1)[: len(self.wordings)]
