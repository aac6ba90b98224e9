"""The words of a sentence on which everything hangs: on or off, how much, when, not, whose.

Two wordings that differ in one of them are never taken for the same, however alike they look or sound.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from edge.names import fold
from edge.phonetics import likeness
from edge.text import normal


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


REST: Final = 0.6
"""Likeness, 0 to 1, of the words that two wordings of one meaning do not share."""

_COLOURS: Final = _set("red orange yellow green blue purple violet pink white brown turquoise gold")

Side = tuple[str, str]
"""An opposition and the end of it that was said: ("power", "on")."""

_OPPOSITES: Final[Mapping[str, tuple[str, ...]]] = {
    "power": ("on enable enabled activate start resume play begin unpause", "off disable disabled deactivate stop "
              "pause end kill halt"),
    "opening": ("open opened", "close closed shut"),
    "locking": ("lock locked", "unlock unlocked"),
    "arming": ("arm armed", "disarm disarmed"),
    "muting": ("mute silence", "unmute"),
    "amount": ("up raise higher increase brighter brighten louder more faster extend", "down lower decrease reduce dim "
               "dimmer darker darken quieter softer less slower shorten"),
    "warmth": ("warm warmer hotter hot heat heating", "cool cooler colder cold cooling"),
    "side": ("left", "right"),
    "end": ("front", "back rear"),
    "height": ("top upper", "bottom"),
    "floor": ("upstairs", "downstairs"),
    "outside": ("outside outdoor outdoors exterior", "inside indoor indoors interior"),
    "limit": ("maximum max highest", "minimum min lowest"),
    "order": ("next", "previous last"),
    "list": ("add append", "remove delete"),
    "view": ("show", "hide"),
    "unit": ("percent", "degrees degree"),
}  # fmt: skip
"""By opposition the words for its two ends; where both sentences name an end, it must be the same."""

_SIDES: Final[Mapping[str, Side]] = {
    word: (name, ends[0].split()[0] if number == 0 else ends[1].split()[0])
    for name, ends in _OPPOSITES.items()
    for number, words in enumerate(ends)
    for word in words.split()
}

SIDE_OF_COMMAND: Final[Mapping[str, Side]] = {
    "turn_on": ("power", "on"), "turn_off": ("power", "off"), "play": ("power", "on"), "play_media": ("power", "on"),
    "media_pause": ("power", "off"), "start": ("power", "on"), "stop": ("power", "off"), "pause": ("power", "off"),
    "open": ("opening", "open"), "close": ("opening", "close"), "lock": ("locking", "lock"),
    "unlock": ("locking", "unlock"), "next": ("order", "next"), "previous": ("order", "previous"),
}  # fmt: skip
"""The end that a command itself stands for, whatever words it was told in."""

_NEGATIONS: Final = frozenset(
    {"not", "no", "never", "dont", "doesnt", "didnt", "isnt", "arent", "wasnt", "cant", "cannot", "wont", "without"}
    | {"except", "nothing", "none", "neither", "nor", "avoid", "but"}
)
_TIMES: Final = _set(
    "second seconds sec secs minute minutes min mins hour hours hr hrs day days week weeks month months year"
    " years today tonight tomorrow yesterday morning afternoon evening night noon midday midnight am pm oclock"
    " weekday weekdays weekend weekends monday tuesday wednesday thursday friday saturday sunday mondays tuesdays"
    " wednesdays thursdays fridays saturdays sundays january february march april june july august september"
    " october november december daily hourly weekly later past until till before after every sunrise sunset dawn"
    " dusk"
)
_LIKE: Final[Mapping[str, str]] = {
    **dict.fromkeys(("second", "seconds", "sec", "secs"), "second"),
    **dict.fromkeys(("minute", "minutes", "min", "mins"), "minute"),
    **dict.fromkeys(("hour", "hours", "hr", "hrs"), "hour"),
    **{f"{unit}s": unit for unit in ("day", "week", "month", "year")},
}
_ORDINALS: Final = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_AMOUNTS: Final = frozenset({"half", "quarter", "double", "twice", "dozen", "couple", "few", "once", "thrice"})
_GREETED: Final = frozenset({"morning", "afternoon", "evening", "night"})
_SWITCHING: Final = frozenset({"turn", "turned", "switch", "switched", "put", "flip", "leave", "keep", "power", "come"})
_ARTICLES: Final = frozenset({"the", "a", "an", "my", "our", "your", "this", "that", "his", "her", "their"})
_NOT_A_SIDE: Final = frozenset({"now", "away"})

_REFERRING: Final = frozenset({"it", "its", "there", "them", "again", "same"})
"""What they stand for was said before, and will be something else another time."""
_POINTING: Final = frozenset({"that", "this", "those", "these"})
_NO_NOUN: Final = frozenset({"", "one", "ones", "on", "off", "up", "down", "to", "please"})
"""What follows a pointing word that stands for itself: "that one", not "that lamp"."""

_NOT_OWNERS: Final = _set(
    "it what that there here let who how where when he she today tomorrow tonight one everyone everybody somebody"
    " children kids guests house home"
)
FIRST_NAMES: Final = _set(
    "aaron adam alan alex alexander alice alicia amanda amelia amy andrea andrew angela anna anne annie anthony"
    " barbara ben benjamin beth betty bob bobby brandon brenda brian bruce carl carol caroline catherine charles"
    " charlie charlotte chloe chris christina christine christopher claire clara daniel danny dave david deborah"
    " dennis diana donald donna doris dorothy douglas edward elena eleanor elizabeth ella ellen emily emma eric"
    " erica ethan eva evelyn fiona gary george gloria greg hannah harold harry heidi helen henry ian isabella"
    " jacob jake james jamie jane janet jason jean jeff jennifer jenny jeremy jerry jessica jim jimmy joan joe"
    " john johnny jonathan joseph josh joshua joyce juan judith judy julia julian julie karen kate katherine kathy"
    " katie keith kelly ken kenneth kevin kim kyle larry laura lauren lea leah lena leo leon liam linda lisa louis"
    " louise lucas lucy luke margaret maria marie marilyn martha martin mary matt matthew max megan melissa mia"
    " michael michelle mike mohammed nancy nathan nicholas nick nicole nina noah nora oliver olivia oscar pamela"
    " patricia patrick paul paula peter phil philip rachel ralph raymond rebecca richard robert roger ron ronald"
    " rosie ross roy russell ruth ryan sally sam samantha samuel sandra sara sarah scott sean sebastian sharon"
    " simon sofia sophia sophie stephanie stephen steve steven stuart susan sylvia teresa theo theresa thomas tim"
    " timothy tina tom tony tyler vanessa vera victor vincent walter wendy william zoe mom mum mommy mummy dad"
    " daddy mother father grandma grandpa granny grandmother grandfather aunt uncle"
)
"""Common first names that are no other words, and what people call their parents."""


@dataclass(frozen=True)
class Critical:
    """What of a sentence must be the same in one that is taken for it."""

    words: tuple[str, ...] = ()
    """All of them, folded."""
    sides: frozenset[Side] = frozenset()
    numbers: tuple[str, ...] = ()
    """Sorted, as digits; ordinals with a `#`."""
    times: frozenset[str] = frozenset()
    negations: int = 0
    colours: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    """Of persons, folded."""
    refers: bool = False
    """Whether it speaks of something that was said before."""

    @property
    def key(self) -> tuple[object, ...]:
        """The same for texts that agree in all of it; the other words do not count."""
        return self.sides, self.numbers, self.times, self.negations, self.colours, self.names

    def side(self, name: str) -> frozenset[str]:
        """Which ends of an opposition were said."""
        return frozenset(end for opposition, end in self.sides if opposition == name)


@lru_cache(maxsize=8_192)
def critical(text: str) -> Critical:
    """The critical words of a text. It is remembered: a rule is looked at whenever something like it is heard."""
    words = tuple(fold(text).replace("%", " percent ").replace("\N{DEGREE SIGN}", " degrees ").split())
    return Critical(
        words,
        frozenset(_sides(words)),
        tuple(sorted(_numbers(words))),
        frozenset(_times(words)),
        sum(word in _NEGATIONS for word in words),
        _COLOURS & {*words},
        owners(text) | (FIRST_NAMES & {*words}),
        _refers(words),
    )


def rest_alike(one: str, other: str) -> bool:
    """Whether what two texts do not share is alike as well: a long sentence hides a word that is quite another."""
    ours, theirs = one.split(), other.split()
    only_one = " ".join(word for word in ours if word not in theirs)
    only_other = " ".join(word for word in theirs if word not in ours)
    return not only_one or not only_other or likeness(only_one, only_other) >= REST


def owners(text: str) -> frozenset[str]:
    """Persons who own something in it, folded: anna in `Anna's lamp`."""
    found = (word.partition("'s")[0] for word in normal(text).split() if word.endswith("'s"))
    return frozenset(fold(owner) for owner in found if owner and owner not in _NOT_OWNERS)


def _refers(words: Sequence[str]) -> bool:
    if not _REFERRING.isdisjoint(words):
        return True
    return any(
        (word in _POINTING and after in _NO_NOUN) or (word, after) == ("the", "other")
        for word, after in pairwise((*words, ""))
    )


def _sides(words: Sequence[str]) -> Iterator[Side]:
    for at, word in enumerate(words):
        before, after = (words[at - 1] if at else ""), (words[at + 1] if at + 1 < len(words) else "")
        if word == "on" and before and after in _ARTICLES and before not in _SWITCHING:
            continue  # the lamp on the desk
        if word == "right" and after in _NOT_A_SIDE:
            continue
        if word in _SIDES:
            yield _SIDES[word]


def _numbers(words: Sequence[str]) -> Iterator[str]:
    for at, word in enumerate(words):
        if any(letter.isdigit() for letter in word):
            yield f"#{word[:-2]}" if word[-2:] in {"st", "nd", "rd", "th"} else word
        elif word in _AMOUNTS:
            yield word
        elif word in _ORDINALS and not (word == "second" and at and words[at - 1][0].isdigit()):
            yield f"#{_ORDINALS.index(word) + 1}"


def _times(words: Sequence[str]) -> Iterator[str]:
    for at, word in enumerate(words):
        counted = at > 0 and words[at - 1][0].isdigit()
        if word in _GREETED and at and words[at - 1] == "good":
            continue
        if word in _TIMES and (word != "second" or counted):
            yield _LIKE.get(word, word)
