"""Understanding, second rung: the class of a sentence from the classifier, its values and names from its words.

It is asked only where no template knows the sentence. What names a thing that this home lacks stays that thing's name;
what is no command for a home, or does not hold what its class is about, gives nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Protocol, runtime_checkable

from edge.names import NameIndex, fold
from edge.nlu.agenda_rung import about_time, worth_a_look
from edge.nlu.classes import ASKING, CLASSES, OTHERWISE, Class, has_word_of, words_of
from edge.nlu.labels import NONE
from edge.nlu.later import when
from edge.nlu.spotting import (
    WORDS,
    Spotted,
    has_strange_object,
    is_kind,
    is_strange,
    named,
    names_something,
    names_title,
    says_too_little,
    spotted,
    unexplained,
)
from edge.records import Interpretation

SURE_ENOUGH: Final = 0.6
"""Probability of a class below which nothing is understood."""

EVIDENCE: Final = 0.15
"""So much less is enough where a thing, a place or a title of this home is named."""

_WORTH_A_LOOK: Final = 0.1

_PLAYED: Final = re.compile(WORDS["asking_to_play"], re.IGNORECASE)
_MEDIA_KIND: Final = re.compile(WORDS["media_kinds"], re.IGNORECASE)
_SAME_KIND: Final = {"film": "movie", "book": "audiobook", "song": "track", "series": "tv_show", "show": "tv_show"}
_QUESTION: Final = re.compile(WORDS["question"])
_FORBIDDEN: Final = re.compile(WORDS["forbidden"])
_AGAINST: Final = {label: re.compile(words) for label, words in WORDS["against"].items()}
_TOLD: Final = re.compile(WORDS["told"])
_POINTED: Final = frozenset({"coffee", "device_on", "device_off"})
"""Classes of sentences that name a thing: without a word of command, a longer one only talks of it."""
_A_FEW: Final = 2

_STATEMENT: Final = re.compile(WORDS["statement"])
_COMMAND: Final = re.compile(WORDS["command"])
_TO_US: Final = re.compile(WORDS["to_us"])
_TO_A_VALUE: Final = re.compile(WORDS["to_a_value"])
_STEPS_AND_TURNS: Final = frozenset({"light_on", "light_off", "light_up", "light_down", "volume_up", "volume_down"})


class Classes(Protocol):
    """Tells what class a sentence is of."""

    def classify(self, text: str) -> "Probabilities": ...


class Probabilities(Protocol):
    """The classes of one sentence."""

    @property
    def probabilities(self) -> Mapping[str, float]: ...


@runtime_checkable
class KindsOfTalk(Protocol):
    """Tells what kind of talk a sentence is, home or not."""

    def kinds_of_talk(self, text: str) -> Mapping[str, float]: ...


class ModelRung:
    """Interprets what no template knows."""

    def __init__(self, classes: Classes, sure_enough: float = SURE_ENOUGH) -> None:
        self._classes = classes
        self._sure_enough = sure_enough

    def interpret(self, text: str, index: NameIndex, unknown: str = "") -> tuple[Interpretation, ...]:
        """The likeliest reading of a wording without manners, or none.

        `unknown`: what a template took for the name of a thing or place that this home lacks; there is a reading only
        if nothing in it stays unexplained. Classes that come to the same reading count together.
        """
        found = self._classes.classify(text).probabilities
        likely = sorted(
            ((label, sure) for label, sure in found.items() if sure >= _WORTH_A_LOOK), key=lambda it: -it[1]
        )
        readings: dict[str, tuple[Interpretation, float]] = {}
        for label, sure in likely:
            reading = _reading(label, text, index, unknown) if label in CLASSES else None
            if reading is not None:
                key = f"{reading.intent} {sorted(reading.slots.items(), key=str)}"
                readings[key] = (reading, sure + (readings[key][1] if key in readings else 0.0))
        if not readings or likely[0][0] == NONE:
            return ()
        best, sure = max(readings.values(), key=lambda each: each[1])
        enough = self._sure_enough - (EVIDENCE if names_something(fold(text), index) else 0.0)
        return (replace(best, confidence=round(min(1.0, sure), 3)),) if sure >= enough else ()

    def about_time(self, text: str) -> tuple[Interpretation, ...]:
        """A reading of a free wording about alarms, reminders or lists, or none."""
        if not isinstance(self._classes, KindsOfTalk) or not worth_a_look(text):
            return ()
        found = about_time(text, self._classes.kinds_of_talk(text))
        return (found,) if found else ()

    def is_talk(self, text: str) -> float:
        """The probability that the sentence is no command for a home."""
        return self._classes.classify(text).probabilities.get(NONE, 0.0)


def _reading(label: str, text: str, index: NameIndex, unknown: str) -> Interpretation | None:
    """What the sentence says if it is of this class; None where it does not hold what the class is about."""
    said = fold(text)
    if _is_talk(said, label):
        return None
    meant = CLASSES[_fitting(label, said, index)]
    spot = spotted(text, index, meant.domains, needs_name=meant.needs_name)
    plays = meant.intent == "HassMediaSearchAndPlay" and names_title(said, index)
    is_about = has_word_of(meant, said) or spot.name or spot.points
    if not plays and (not is_about or says_too_little(spot) or is_strange(spot, index)):
        return None
    names = meant.domains and not meant.intent.startswith("HassMedia")
    if unknown and names and unexplained(unknown, spot, index, words_of(meant)):
        return None
    slots = _slots(text, meant, spot, index)
    if slots and "here" in slots and not plays and label not in ASKING and has_strange_object(spot, index):
        return None
    return None if slots is None else Interpretation(_intent(meant, slots), slots, 1.0, "model")


def _is_talk(said: str, label: str) -> bool:
    """Whether the words tell of something, forbid or ask about it, or are about us, where the class is a command."""
    if _TOLD.search(said) or _FORBIDDEN.search(said) or (label in _AGAINST and _AGAINST[label].search(said)):
        return True
    if label not in ASKING and (_QUESTION.search(said) or (_STATEMENT.search(said) and not _COMMAND.search(said))):
        return True
    if label in _STEPS_AND_TURNS and _TO_A_VALUE.search(said):
        return True
    if label in _POINTED and said.count(" ") > _A_FEW and not _COMMAND.search(said):
        return True
    return CLASSES[label].about == "sound" and _TO_US.search(said) is not None


def _fitting(label: str, said: str, index: NameIndex) -> str:
    """The class that is for the thing which was named."""
    domains = set(CLASSES[label].domains)
    things = [found for form, found in named(said, index).items() if not is_kind(form) and not index.area(form)]
    if label in OTHERWISE and things and not any(domains & found for found in things):
        return OTHERWISE[label]
    return label


def _intent(meant: Class, slots: Mapping[str, Any]) -> str:
    if meant.intent == "HassSetVolumeRelative" and "volume_level" in slots:
        return "HassSetVolume"
    if meant.intent == "HassVacuumStart" and slots.get("area"):
        return "HassVacuumCleanArea"
    return "HassTurnOn" if slots.get("domain") in {"scene", "script"} else meant.intent


def _slots(text: str, meant: Class, spot: Spotted, index: NameIndex) -> dict[str, Any] | None:
    if meant.intent == "HassMediaSearchAndPlay":
        return _title(text)
    scene = spot.name is not None and meant.domains[:1] == ("scene",)
    values: Mapping[str, Any] | None = {"domain": "scene"} if scene else meant.values(spot)
    if values is None or (meant.needs_name and spot.name is None and not spot.points and not spot.kind):
        return None
    slots = {**meant.slots, **values}
    slots |= {key: value for key, value in (("area", spot.area), ("floor", spot.floor)) if value}
    if spot.name and meant.domains:
        slots["name"] = spot.name
        if not scene and set(meant.domains) & named(spot.said, index).get(spot.name, frozenset()):
            slots.pop("domain", None)  # the name says it better
    elif spot.kind:
        slots["device_class"] = spot.kind
        slots |= {} if spot.area or spot.floor else {"all" if spot.everywhere else "here": True}
    elif spot.points and not spot.area and not spot.floor and meant.domains and not _changes(values):
        slots["reference"] = "it"
    elif not spot.area and not spot.floor:
        slots["all" if spot.everywhere or spot.excepted else "here"] = True
    if spot.excepted:
        slots["except"] = [spot.excepted]
    time = when(spot.said, meant.intent, slots)
    return slots | ({"when": time} if time else {})


def _title(text: str) -> dict[str, Any] | None:
    """What shall be played, and of what kind, where that was said."""
    title = _PLAYED.sub("", text).strip(" .!?")
    if not title or title == text:
        return None
    kind = _MEDIA_KIND.match(title)
    named = {"media_class": _SAME_KIND.get(kind[1].casefold(), kind[1].casefold())} if kind else {}
    return {"search_query": title[kind.end() :] if kind else title, "here": True, **named}


def _changes(values: Mapping[str, Any]) -> bool:
    """Whether it is more or less of something: context knows what was just changed."""
    return any(key.endswith(("_step", "_factor")) for key in values)
