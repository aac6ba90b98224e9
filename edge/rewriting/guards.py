"""Hard guards: what is never taken for something else, whatever was learned. Every one of them is in this file.

polarity   "enable the socket" was once taken for "disable the socket": they look alike, and are opposites.
number     "fifteen" and "fifty" sound alike; which was said nobody can tell afterwards.
colour     red is no green, however alike the sentences.
time       a command for tomorrow is none for today, and minutes are no seconds.
negation   "don't" is lost easily, and turns everything round.
name       what is Anna's is not Hannah's, and a word to one person is no word to another.
named      a sentence that names a room or a device of this home means that one; that somebody once misspoke, or that
           the recogniser did, takes nothing from it.
risk       a wrong light costs nothing. Locks, doors, ovens, alarms, money and messages are not for guessing; nor is
           anything that is moved with more care than what was heard.
existence  what has left the home cannot be meant.
reference  "turn it on" is something else every time.
short      one short word, a yes, or a sentence that was cut off ("turn on the") stands for too many things.
chain      what is itself taken for something else is no wording that works.
circle     two wordings that stand for each other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from edge.commands import AGENDA, MOVING, OWN
from edge.knowledge import HomeMap
from edge.names import KIND_WORDS, PerHome, canonical, content, fold
from edge.phonetics import likeness
from edge.rewrites import LIVE, Meaning, Rewrite
from edge.rewriting.critical import FIRST_NAMES, SIDE_OF_COMMAND, Critical, critical, owners
from edge.risk import GUARDED_WORDS, Tier, strictest
from edge.text import normal

Reason = Literal[
    "same", "short", "long", "reference", "polarity", "number", "colour", "time", "negation", "name", "named", "risk",
    "existence", "chain", "circle",
]  # fmt: skip

IN_WORDS: Final[Mapping[Reason, str]] = {
    "same": "both are the same words",
    "short": "it is too short to be told from other words",
    "long": "it is too long",
    "reference": "it speaks of something that was said before",
    "polarity": "one is the opposite of the other",
    "number": "the numbers differ",
    "colour": "the colours differ",
    "time": "the times differ",
    "negation": "only one of them says no",
    "name": "they name different people",
    "named": "it names another thing of this home",
    "risk": "it would move something that asks for more care",
    "existence": "it is about something that this home has no more",
    "chain": "the wording that works is itself taken for another one",
    "circle": "the two wordings stand for each other",
}
"""Every reason in plain words, for reports."""

LETTERS_MIN: Final = 6
"""Of a source in all; one word alone wants more."""
WORD_LETTERS_MIN: Final = 8
TARGET_LETTERS_MIN: Final = 3
LETTERS_MAX: Final = 200

MISHEARD_NAME: Final = 0.75
"""Likeness from which somebody whom nobody knows may be somebody of this home, misheard."""

_TALK: Final = frozenset(
    {"yes", "yeah", "yep", "no", "nope", "ok", "okay", "sure", "please", "thanks", "thank", "you", "never", "mind"}
    | {"nevermind", "stop", "cancel", "go", "ahead", "do", "is", "right", "all", "good", "hello", "hi", "hey", "bye"}
)
TELLING_MIN: Final = 4
"""Letters of a word that tells one sentence from another, unless both have it."""

_SMALL: Final = _TALK | {
    "turn", "switch", "put", "set", "make", "open", "close", "start", "play", "dim", "on", "off", "up", "down", "the",
    "a", "an", "to", "of", "in", "at", "and", "for", "with", "my", "our", "your", "this", "that", "can", "could",
    "would", "what", "which", "are",
}  # fmt: skip
"""Words that many commands share: a sentence that was cut off after them may have been any of these."""

_FORBIDDEN_WORDS: Final = GUARDED_WORDS - {"alarm"} | {
    "unlock", "door", "doors", "disarm", "arm", "buy", "purchase", "order", "pay", "send", "message", "text", "email",
}  # fmt: skip
"""Where no device says how risky it is, these words do; an alarm clock is an entry of the agenda."""
_FORBIDDEN_COMMANDS: Final = frozenset(
    {"lock", "unlock", "disarm", "arm_home", "arm_away", "arm_night", "arm_vacation"} | OWN
)


@dataclass(frozen=True)
class Allowed:
    """Nothing speaks against it."""


@dataclass(frozen=True)
class Refused:
    """It must not be."""

    reason: Reason


def allowed(source: str, target: str, meaning: Meaning, home: HomeMap, raw: Meaning | None = None) -> Allowed | Refused:
    """Whether `source` may be taken for `target`, which comes to `meaning`; `raw` is what the source comes to as it is.

    The first guard that speaks against it is named. Total: any text, any meaning.
    """
    if len(source) > LETTERS_MAX or len(target) > LETTERS_MAX:
        return Refused("long")
    one, other = critical(source), critical(target)
    reason = _of_words(one, other) or _of_risk(other, meaning, home, raw) or _of_critical(one, other, meaning, home)
    return Refused(reason) if reason else Allowed()


def unchained(rules: Iterable[Rewrite]) -> Mapping[str, Refused]:
    """By rule_id the live rules that must go, so that none leads into another or back to itself.

    What is pinned, explicit, in use or newer stays.
    """
    found: dict[str, Refused] = {}
    sources: dict[str, Rewrite] = {}
    targets: dict[str, Rewrite] = {}
    for rule in sorted((each for each in rules if each.state in LIVE), key=_weight, reverse=True):
        own, target = {normal(source) for source in rule.sources}, normal(rule.target)
        onward = sources.get(target)
        into = next((targets[source] for source in own if source in targets), None)
        if target in own or (onward and {normal(onward.target)} & own):
            found[rule.rule_id] = Refused("circle")
        elif onward or into:
            found[rule.rule_id] = Refused("chain")
        else:
            targets[target] = rule
            sources |= dict.fromkeys(own, rule)
    return found


def tier_of(meaning: Meaning, home: HomeMap) -> Tier:
    """The strictest tier of what it is about."""
    return strictest(home.device[each].tier for each in meaning.targets if each in home.device)


def _weight(rule: Rewrite) -> tuple[bool, bool, bool, float, str]:
    since = rule.since.timestamp() if rule.since else 0.0
    return rule.is_pinned, rule.is_explicit, rule.state == "active", since, rule.rule_id


def _of_words(one: Critical, other: Critical) -> Reason | None:
    if one.words == other.words:
        return "same"
    if len("".join(one.words)) < (LETTERS_MIN if len(one.words) > 1 else WORD_LETTERS_MIN):
        return "short"
    if len("".join(other.words)) < TARGET_LETTERS_MIN or _TALK.issuperset(one.words) or _TALK.issuperset(other.words):
        return "short"
    if not any(_tells(word, other) for word in one.words):
        return "short"
    return "reference" if one.refers or other.refers else None


def _tells(word: str, other: Critical) -> bool:
    return word not in _SMALL and (len(word) >= TELLING_MIN or word.isdecimal() or word in other.words)


def _of_risk(target: Critical, meaning: Meaning, home: HomeMap, raw: Meaning | None) -> Reason | None:
    if not home.device.keys() >= {*meaning.targets} or (meaning.command in MOVING and not meaning.targets):
        return "existence"
    tier = tier_of(meaning, home)
    if tier == "guarded" or meaning.command in _FORBIDDEN_COMMANDS:
        return "risk"
    if raw is not None and strictest((tier, tier_of(raw, home))) != tier_of(raw, home):
        return "risk"
    if not meaning.targets and meaning.command not in AGENDA and not _FORBIDDEN_WORDS.isdisjoint(target.words):
        return "risk"
    return None


def _of_critical(one: Critical, other: Critical, meaning: Meaning, home: HomeMap) -> Reason | None:
    if _are_opposite(one, other, meaning.command):
        return "polarity"
    if reason := _of_values(one, other, meaning, home):
        return reason
    if one.negations != other.negations:
        return "negation"
    if one.names != other.names and _name_others(one, other, home):
        return "name"
    return "named" if _names_another_thing(one, other, meaning, home) else None


def _of_values(one: Critical, other: Critical, meaning: Meaning, home: HomeMap) -> Reason | None:
    if one.numbers != other.numbers:
        return "number"
    if one.colours and other.colours and one.colours != other.colours:
        return "colour"  # where only the source names one, it may be what a thing is called: the red lamp
    is_other_time = one.times != other.times and one.times ^ (other.times - _called(meaning, home))
    return "time" if is_other_time else None


def _are_opposite(one: Critical, other: Critical, command: str) -> bool:
    named, end = SIDE_OF_COMMAND.get(command, ("", ""))
    if one.side(named) and one.side(named) != {end}:
        return True
    both = {name for name, _ in one.sides} & {name for name, _ in other.sides}
    return any(one.side(name) != other.side(name) for name in both)


def _called(meaning: Meaning, home: HomeMap) -> frozenset[str]:
    """Words of the names of what is meant: a night light has nothing to do with the night."""
    devices = (home.device[each] for each in meaning.targets)
    return frozenset(word for device in devices for name in (device.name, *device.aliases) for word in content(name))


def _name_others(one: Critical, other: Critical, home: HomeMap) -> bool:
    """Whether one names somebody whom the other does not; a word that is no name may be a name misheard."""
    known = FIRST_NAMES | _NAMES.of(home).persons
    unknown = {*one.words, *one.names} - known
    missed = (other.names - one.names) & known
    is_heard = all(any(likeness(who, word) >= MISHEARD_NAME for word in unknown) for who in missed)
    return bool((one.names - other.names) & known) or not is_heard


def _names_another_thing(one: Critical, other: Critical, meaning: Meaning, home: HomeMap) -> bool:
    """Whether the source names a room or a device by its whole name, and neither the target nor what is meant does."""
    devices = [home.device[each] for each in meaning.targets]
    areas = [home.area[each.area] for each in devices if each.area and each.area in home.area]
    theirs = {name for area in areas for name in (area.name, *area.aliases)}
    theirs |= {name for device in devices for name in (device.name, *device.aliases)}
    said, meant = _Words(one.words), _Words((*other.words, "", *(word for name in theirs for word in _whole(name))))
    return any(name in said and name not in meant for name in _NAMES.of(home).things)


class _Words:
    """A sentence in which names are looked for, in one spelling."""

    def __init__(self, words: Iterable[str]) -> None:
        self._text = f" {' '.join(map(canonical, words))} "

    def __contains__(self, name: str) -> bool:
        return f" {name} " in self._text


@dataclass(frozen=True)
class _Names:
    """What occurs in the names of a home."""

    persons: frozenset[str]
    """Who owns something here."""
    things: tuple[str, ...]
    """Rooms and devices, in one spelling; without those that only name a kind of thing."""


def _names_in(home: HomeMap) -> _Names:
    places = [name for area in home.areas for name in (area.name, *area.aliases)]
    devices = [name for device in home.devices for name in (device.name, *device.aliases)]
    things = dict.fromkeys(" ".join(_whole(name)) for name in (*places, *devices))
    return _Names(
        frozenset(owner for name in (*places, *devices) for owner in owners(name)),
        tuple(name for name in things if name and not KIND_WORDS.issuperset(name.split())),
    )


def _whole(name: str) -> list[str]:
    """The words of a name without articles, in one spelling."""
    return [canonical(word) for word in fold(name).split() if word not in {"the", "a", "an", "my", "our"}]


_NAMES: Final = PerHome(_names_in)
