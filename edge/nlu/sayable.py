"""What may be said to this home: the recogniser looks for it, and for all other English only where it does not fit.

The words of all sentences that are understood, of the names and titles of the home, and of its skills; and the ways
they are mostly put together. It follows the home: a new device, alias or skill is in it at once.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import chain
from typing import Any, Final

from home_assistant_intents import get_intents

from edge.knowledge import HomeMap, Knowledge
from edge.names import PerHome, fold
from edge.nlu.patterns import home_patterns, skill_patterns
from edge.nlu.skills import skill_words
from edge.nlu.templates import SERVED
from edge.nlu.times import WORDS as TIME_WORDS
from edge.nlu.vocabulary import english_words
from edge.sayable import Sayable

_NOT_SAID: Final = re.compile(r"<[^>]*>|\{[^}]*\}")
_WORD: Final = re.compile(r"[^\W_]+(?:'[^\W_]+)?")

_NUMBERS: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand point half and a"
)
_MANNERS: Final = (
    "hey hi hello ok okay please kindly um uh just well so now then right alright yeah yes no wait sorry i'd i'm it's "
    "that's what's can could would will you we like want need mean go ahead let's thanks thank me for it is are the"
)


class Vocabulary:
    """All that is sayable, by what is known."""

    def __init__(self, taught: Iterable[str]) -> None:
        """`taught`: sentences that the model rung was taught, for the words of free wording."""
        self._always = _words_of(chain(taught, _sentences())) | frozenset(f"{_NUMBERS} {_MANNERS}".split())
        self._home = PerHome(lambda home: Sayable(_home_words(home), home_patterns(home)))
        self._last: tuple[Knowledge, Sayable] | None = None

    def sayable(self, knowledge: Knowledge) -> Sayable:
        """Words in small letters, those of names also as the home spells them; the same object if nothing changed."""
        last = self._last
        if last is None or last[0].home is not knowledge.home or last[0].skills is not knowledge.skills:
            home, skills = self._home.of(knowledge.home), knowledge.skills
            words = self._always | home.words | skill_words(skills)
            self._last = last = (knowledge, Sayable(words, home.patterns + skill_patterns(skills)))
        return last[1]


def _home_words(home: HomeMap) -> frozenset[str]:
    named = chain(
        (name for area in home.areas for name in (area.name, *area.aliases, area.floor or "")),
        (name for device in home.devices for name in (device.name, *device.aliases)),
        (text for device in home.devices for media in device.catalogue for text in (media.title, media.by)),
        (option for device in home.devices for options in device.options.values() for option in options),
    )
    spelt = frozenset(word for name in named for word in _WORD.findall(name))
    return spelt | frozenset(word for name in spelt for word in fold(name).split())


@cache
def _sentences() -> tuple[str, ...]:
    """All templates that are served, Home Assistant's and ours, with the values of their lists."""
    theirs: Mapping[str, Any] = get_intents("en") or {}
    served = (theirs["intents"][name]["data"] for name in sorted(SERVED & theirs["intents"].keys()))
    ours = english_words()
    return (
        *(sentence for block in chain(*served) for sentence in block["sentences"]),
        *(sentence for table in ("say", "unknown") for block in ours[table] for sentence in block["sentences"]),
        *theirs["expansion_rules"].values(),
        *ours["rules"].values(),
        *_texts([values.get("values", ()) for values in theirs["lists"].values()], "in"),
        *_texts([values.get("values", ()) for values in ours["lists"].values()]),
        *_texts(ours["answers"]),
        *_texts(ours["ringing"]),
        *TIME_WORDS,
    )


def _texts(data: Any, key: str | None = None) -> Iterator[str]:
    """Every text in nested lists and tables; of tables under `key` only, where one is given."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for name, value in data.items():
            yield from _texts(value, key) if key in {None, name} else ()
    elif isinstance(data, list | tuple):
        for each in data:
            yield from _texts(each, key)


def _words_of(texts: Iterable[str]) -> frozenset[str]:
    """Of `light[s]` both `light` and `lights`."""
    said = (_NOT_SAID.sub(" ", text) for text in texts)
    forms = (form for text in said for form in (text, re.sub(r"(?<=\w)\[|\](?=\w)", "", text)))
    return frozenset(word.casefold() for form in forms for word in _WORD.findall(form))
