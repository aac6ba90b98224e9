"""The English sentence templates: Home Assistant's, and what else people say (`english*.toml`), cut to what we serve.

Not served, so that they are not understood wrongly: broadcasts, weather, lawn mowers, people and zones, a climate's fan
mode, HassRespond, and the bare name of a device as a command to switch it on (half of "kitchen light off" would do the
opposite). Their sentences about timers and lists are not taken over but their intents are: theirs want times in whole
numbers and in one place, ours (`english_agenda.toml`) are matched after the time was cut out, wherever it stood.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from hassil.intents import Intent, IntentData, Intents
from home_assistant_intents import get_intents

from edge.nlu.vocabulary import english_words

SERVED: Final = frozenset(
    {
        "HassTurnOn",
        "HassTurnOff",
        "HassLightSet",
        "HassSetPosition",
        "HassClimateSetTemperature",
        "HassClimateGetTemperature",
        "HassFanSetSpeed",
        "HassVacuumStart",
        "HassVacuumReturnToBase",
        "HassVacuumCleanArea",
        "HassGetState",
        "HassGetCurrentTime",
        "HassGetCurrentDate",
        "HassNevermind",
        "HassMediaPause",
        "HassMediaUnpause",
        "HassMediaNext",
        "HassMediaPrevious",
        "HassMediaSearchAndPlay",
        "HassMediaPlayerMute",
        "HassMediaPlayerUnmute",
        "HassSetVolume",
        "HassSetVolumeRelative",
    }
)

DROPPED: Final[Mapping[str, str]] = {
    "[<the>] {name}": "a bare name is no command",
    "stop [playing] [[<the>] <media>]": "a bare stop is meant for the assistant",
}
"""Sentences of theirs that are not served, and why."""

VERB_NEEDED: Final = frozenset(
    {
        "[<numeric_value_set>] [<the>] {area} [to] {brightness}[([ ]%)| percent]",
        "[<numeric_value_set>] [<the>] {name} [to] {brightness}[([ ]%)| percent] [brightness]",
        "[<set>] [<the>] {area} fan[s] [speed] [to] {fan_speed:percentage}[%| percent]",
        "[<set>] [<the>] {floor} [floor] fan[s] [speed] [to] {fan_speed:percentage}[%| percent]",
        "[<set>] [<the>] {name} [speed] [to] {fan_speed:percentage}[%| percent]",
        "[<set>] fan[s] [speed] [<here>] [to] {fan_speed:percentage}[%| percent]",
    }
)
"""Sentences whose verb is not optional here: "the bedroom one" does not dim the bedroom to 1 percent."""

_PLACES_AND_NAMES: Final = ("name", "area", "floor")
_NAME_REFERENCE: Final = re.compile(r"\{(name|area|floor)(?::\w+)?\}")
_RULE_REFERENCE: Final = re.compile(r"<(\w+)>")
_FREE_TEXT: Final = ("thing", "place", "option_name", "timer_name", "alarm_name", "list_name", "items", "text")
_WILD_REFERENCE: Final = re.compile(rf"\{{(search_query|{'|'.join(_FREE_TEXT)})\b")
_WIDE: Final[Mapping[str, Mapping[str, Any]]] = {
    # Wider than can be done, so that "150 percent" is understood and refused with a reason.
    **{name: {"from": 0, "to": 1000} for name in ("brightness", "position", "fan_speed", "volume", "volume_step_up")},
    "volume_step_down": {"from": 0, "to": 1000, "multiplier": -1},
    "temperature": {"from": 0, "to": 500, "fractions": "halves"},
    "color_temperature": {"from": 1000, "to": 10000, "step": 50},
}
_MORE_MEDIA: Final = ({"in": "(film|video)", "out": "movie"}, {"in": "(audiobook|audio book|book)", "out": "audiobook"})
_NO_NAMES: Final[Mapping[str, Any]] = {"values": []}


@dataclass(frozen=True)
class Block:
    """Sentences of one intent that need the same lists."""

    intent: str
    data: IntentData
    needs: frozenset[str]
    """Which of name, area and floor every sentence contains."""
    rank: int
    """0: exact; 1: with a stretch of free text; 2: with a name that the home does not have."""
    takes: str = ""
    """`length` or `moment`: what was cut out of the sentence before it is matched."""


class Templates:
    """All sentences, ready to be matched."""

    def __init__(self, whole: Intents) -> None:
        self.whole = whole
        self._chosen: dict[tuple[int, frozenset[str], str], Intents] = {}
        self.blocks = tuple(
            Block(name, data, frozenset(data.metadata["needs"]), data.metadata["rank"], data.metadata["takes"])
            for name, intent in whole.intents.items()
            for data in intent.data
            if data.metadata is not None
        )
        for block in self.blocks:
            for sentence in block.data.sentences:  # parses, and finds what must occur: now, not in the first turn
                sentence.get_required_clauses(whole.expansion_rules)

    def those(self, rank: int, present: frozenset[str], takes: str = "") -> Intents:
        """The sentences of that rank which need no more than the lists in `present`, and take such a time."""
        key = rank, present, takes
        if key not in self._chosen:
            intents: dict[str, Intent] = {}
            for block in self.blocks:
                if block.rank == rank and block.needs <= present and block.takes == takes:
                    intents.setdefault(block.intent, Intent(block.intent)).data.append(block.data)
            whole = self.whole
            chosen = Intents(whole.language, intents, whole.slot_lists, whole.expansion_rules, settings=whole.settings)
            self._chosen[key] = chosen
        return self._chosen[key]


@cache
def english() -> Templates:
    """Read and parse the templates, once (about 0.1 s)."""
    theirs = get_intents("en")
    if theirs is None:
        raise FileNotFoundError("home-assistant-intents has no English templates: install it again.")
    ours = english_words()
    entries = [*_theirs(theirs["intents"]), *_ours(ours)]
    intents: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for intent, entry in entries:
        intents.setdefault(intent, {"data": []})["data"].append(entry)
    return Templates(
        Intents.from_dict(
            {
                "language": "en",
                "intents": intents,
                "lists": {**_lists(theirs["lists"]), **ours["lists"]},
                "expansion_rules": {**theirs["expansion_rules"], **ours["rules"]},
            }
        )
    )


def _lists(theirs: Mapping[str, Any]) -> dict[str, Any]:
    """Numbers come in digits (`edge.names.fold` sees to it), and wide; the home's names are handed in later."""
    lists = dict(theirs)
    for name, wide in _WIDE.items():
        lists[name] = {"range": {**theirs[name]["range"], **wide, "words": False}}
    lists["media_class"] = {"values": [*theirs["media_class"]["values"], *_MORE_MEDIA]}
    lists |= {name: {"wildcard": True} for name in _FREE_TEXT}
    return lists | dict.fromkeys(_PLACES_AND_NAMES, _NO_NAMES)


def _theirs(intents: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Home Assistant's blocks; where they want the speaker's room, resolution will look for it."""
    for name in sorted(SERVED & intents.keys()):
        for block in intents[name]["data"]:
            requires = dict(block.get("requires_context", {}))
            if "person" in (block.get("slots", {}).get("domain"), *requires.get("domain", ())):
                continue
            here = requires.pop("area", None) is not None
            sentences = [_with_verb(sentence) for sentence in block["sentences"] if sentence not in DROPPED]
            everywhere = {"all": True} if block["metadata"]["slot_combination"] == "domain_all" else {}
            yield from _split(
                name,
                sentences,
                slots={**block.get("slots", {}), **everywhere},
                domains=requires.get("domain"),
                here=here,
                question=block["response"] if name == "HassGetState" else None,
            )


def _with_verb(sentence: str) -> str:
    return re.sub(r"^\[(<\w+>)\]", r"\1", sentence) if sentence in VERB_NEEDED else sentence


def _ours(ours: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for table in ("say", "unknown"):
        for block in ours[table]:
            yield from _split(
                block["intent"],
                block["sentences"],
                slots=block.get("slots", {}),
                domains=block.get("domains"),
                here=block.get("here", False),
                question=block.get("question"),
                unknown=table == "unknown",
                takes=block.get("takes", ""),
            )


def _split(
    intent: str,
    sentences: list[str],
    *,
    slots: Mapping[str, Any],
    domains: list[str] | None,
    here: bool,
    question: str | None,
    unknown: bool = False,
    takes: str = "",
) -> Iterator[tuple[str, dict[str, Any]]]:
    """One block for each set of lists that its sentences need, and for each rank."""
    kinds: dict[tuple[frozenset[str], int], list[str]] = {}
    for sentence in sentences:
        rank = 2 if unknown else int(_WILD_REFERENCE.search(sentence) is not None)
        kinds.setdefault((frozenset(_names_in(sentence)), rank), []).append(sentence)
    for (needs, rank), alike in kinds.items():
        yield (
            intent,
            {
                "sentences": alike,
                "slots": {**slots, **({"question": question} if question else {}), **({"here": True} if here else {})},
                "requires_context": {"domain": domains} if domains and "name" in needs else {},
                "metadata": {"needs": sorted(needs), "rank": rank, "takes": takes},
            },
        )


def _names_in(sentence: str) -> Iterator[str]:
    """The lists of the home that a sentence needs, also where a rule of ours holds them."""
    yield from _NAME_REFERENCE.findall(sentence)
    for rule in _RULE_REFERENCE.findall(sentence):
        yield from _NAME_REFERENCE.findall(english_words()["rules"].get(rule, ""))
