"""A skill file's tables, checked: what they say as records, and every mistake with the place where it was made."""

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from edge.knowledge import Skill, SkillDeed, SkillIntent, SkillSlot, SkillValue
from edge.names import fold
from edge.skills.deeds import Known, read_deed
from edge.skills.problems import Mistake, nearest
from edge.skills.sentences import Reference, Rules, SentenceError, Shape, shape_of
from edge.text import clean
from edge.toml_lines import Path

INTENTS_MAX: Final = 100
SENTENCES_MAX: Final = 200
VALUES_MAX: Final = 2_000
STEPS_MAX: Final = 100_000
"""More of any of them is no skill but a database."""

_NAME: Final = re.compile(r"[A-Za-z](?:[\w -]{0,58}\w)?")
_SLOT: Final = re.compile(r"[A-Za-z]\w{0,59}")
_KEYS: Final[Mapping[str, frozenset[str]]] = {
    "file": frozenset({"skill", "rules", "slots", "intent"}),
    "[skill]": frozenset({"name", "description"}),
    "a slot": frozenset({"values", "from", "to", "step", "text"}),
    "a value": frozenset({"value", "say"}),
    "[[intent]]": frozenset({"name", "sentences", "confirm", "do"}),
}


class Tables:
    """One file, read table by table; `mistakes` grows on the way."""

    def __init__(self, tables: Mapping[str, Any], file: str) -> None:
        self.mistakes: list[Mistake] = []
        self._tables = tables
        self._file = file
        self._known("file", (), tables)
        self._rules = Rules(self._read_rules())
        self._slots = self._read_slots()
        self._kinds = {name: slot.kind for name, slot in self._slots.items()}

    def skill(self) -> Skill:
        """What the file says; to be used only where there is no mistake."""
        name = self._name(("skill", "name"), self._table(("skill",)).get("name"), "[skill] wants a name")
        self._known("[skill]", ("skill",), self._table(("skill",)))
        entries = self._list(("intent",), self._tables.get("intent"), INTENTS_MAX)
        if not entries:
            self._wrong(("intent",), "it says nothing: write at least one [[intent]] with sentences.")
        intents = [self._intent(name, ("intent", str(at)), entry) for at, entry in enumerate(entries)]
        self._no_twins(intents)
        self._all_used(intents)
        return Skill(name, self._file, tuple(intents))

    def _wrong(self, path: Path, reason: str) -> None:
        self.mistakes.append((path, reason))

    # ------------------------------------------------------------------------------------------ plain things

    def _known(self, kind: str, path: Path, table: Mapping[str, Any]) -> None:
        for key in table:
            if key not in _KEYS[kind]:
                what = "a skill file" if kind == "file" else kind
                self._wrong((*path, key), f"{what} has no {key!r}.{nearest(key, _KEYS[kind])}")

    def _table(self, path: Path) -> Mapping[str, Any]:
        found = self._tables.get(path[0], {})
        if isinstance(found, dict):
            return found
        self._wrong(path, f"write [{path[0]}] above what belongs to it.")
        return {}

    def _list(self, path: Path, found: Any, most: int) -> list[Any]:
        if found is None:
            return []
        if not isinstance(found, list):
            self._wrong(path, f"{path[-1]!r} is a list: write it in [ ], tables of it under [[{path[0]}]].")
            return []
        if len(found) > most:
            self._wrong(path, f"there are {len(found):,}; {most:,} is the limit.")
        return found[:most]

    def _name(self, path: Path, found: Any, missing: str) -> str:
        if not isinstance(found, str) or not _NAME.fullmatch(found):
            self._wrong(path, f"{missing}: letters, digits, spaces, _ and -, beginning with a letter.")
            return "?"
        return found

    # ------------------------------------------------------------------------------------------ rules and slots

    def _read_rules(self) -> dict[str, str]:
        rules: dict[str, str] = {}
        for name, body in self._table(("rules",)).items():
            if isinstance(body, str):
                rules[name] = body
            else:
                self._wrong(("rules", name), "a rule is a text, a piece of a sentence.")
        read = Rules(rules)
        for name in rules:
            if circle := read.circle(name):
                self._wrong(("rules", name), f"the rule leads back to itself: {circle}.")
        return rules

    def _read_slots(self) -> dict[str, SkillSlot]:
        slots: dict[str, SkillSlot] = {}
        for name, entry in self._table(("slots",)).items():
            path = ("slots", name)
            if not _SLOT.fullmatch(name) or name == "skill_intent":
                self._wrong(path, f"a slot cannot be called {name!r}: use letters, digits and _.")
            if isinstance(entry, dict):
                slots[name] = self._slot(name, path, entry)
            else:
                self._wrong(path, f"write [slots.{name}] above what belongs to it.")
        folded: dict[str, str] = {}
        for name in slots:
            other = folded.setdefault(name.casefold(), name)
            if other != name:
                self._wrong(("slots", name), f"the slot {name!r} is there twice, as {other!r}.")
        return slots

    def _slot(self, name: str, path: Path, entry: Mapping[str, Any]) -> SkillSlot:
        self._known("a slot", path, entry)
        kinds = [kind for kind, key in (("values", "values"), ("range", "from"), ("text", "text")) if key in entry]
        if len(kinds) != 1:
            self._wrong(path, "a slot has one of: values = [...], from and to (numbers), text = true.")
            return SkillSlot(name, "text")
        if kinds == ["values"]:
            return SkillSlot(name, "values", self._values((*path, "values"), entry["values"]))
        if kinds == ["range"]:
            return self._range(name, path, entry)
        if entry["text"] is not True:
            self._wrong((*path, "text"), "write text = true for free text.")
        return SkillSlot(name, "text")

    def _range(self, name: str, path: Path, entry: Mapping[str, Any]) -> SkillSlot:
        lowest, highest, step = entry["from"], entry.get("to"), entry.get("step", 1)
        numbers = (lowest, highest, step)
        if any(isinstance(n, bool) or not isinstance(n, int | float) or not math.isfinite(n) for n in numbers):
            self._wrong((*path, "from"), "from, to and step are numbers.")
            return SkillSlot(name, "range")
        assert isinstance(highest, int | float)
        if lowest > highest or step <= 0 or (highest - lowest) / step > STEPS_MAX:
            self._wrong(
                (*path, "from"), f"from must not be above to, step not 0 or less, and {STEPS_MAX:,} steps is the limit."
            )
        return SkillSlot(name, "range", (), lowest, highest, step)

    def _values(self, path: Path, found: Any) -> tuple[SkillValue, ...]:
        values: list[SkillValue] = []
        said: dict[str, str] = {}
        entries = self._list(path, found, VALUES_MAX)
        if not entries:
            self._wrong(path, 'a slot wants values, as in values = ["red", {value = "blue", say = ["sea"]}].')
        for at, entry in enumerate(entries):
            here = (*path, str(at))
            value = self._value(here, entry)
            for phrase in dict.fromkeys(map(fold, (value.value, *value.synonyms))):
                other = said.setdefault(phrase, value.value)
                if other != value.value or (phrase == fold(value.value) and value.value in {v.value for v in values}):
                    self._wrong(here, f"{phrase!r} stands for {other!r} already.")
            values.append(value)
        return tuple(values)

    def _value(self, path: Path, entry: Any) -> SkillValue:
        say: Any = []
        if isinstance(entry, dict):
            self._known("a value", path, entry)
            entry, say = entry.get("value"), entry.get("say", [])
        phrases = [entry, *([say] if isinstance(say, str) else say if isinstance(say, list) else [None])]
        if not all(isinstance(text, str) and fold(text) and len(text) <= 120 for text in phrases):
            self._wrong(path, 'a value is a text that can be said, or {value = "...", say = ["...", "..."]}.')
            return SkillValue("?")
        return SkillValue(phrases[0], tuple(phrases[1:]))

    # ------------------------------------------------------------------------------------------ intents

    def _intent(self, skill: str, path: Path, entry: Any) -> SkillIntent:
        if not isinstance(entry, dict):
            self._wrong(path, "write [[intent]] above what belongs to one.")
            return SkillIntent("?", ())
        self._known("[[intent]]", path, entry)
        name = self._name((*path, "name"), entry.get("name"), "an intent wants a name")
        if not isinstance(entry.get("confirm", False), bool):
            self._wrong((*path, "confirm"), "confirm is true or false.")
        sentences, shapes = self._sentences((*path, "sentences"), entry.get("sentences"))
        whole = not any(place[: len(path) + 1] == (*path, "sentences") for place, _ in self.mistakes)
        references = frozenset[Reference]().union(*(shape.references for shape in shapes))
        used = tuple(slot for slot in self._slots.values() if slot.name in {each.slot for each in references})
        return SkillIntent(
            name=f"{skill}.{name}",
            sentences=sentences,
            slots=used,
            deeds=self._deeds(path, entry, _known_slots(shapes, self._slots, whole)),
            confirm=entry.get("confirm") is True,
        )

    def _sentences(self, path: Path, found: Any) -> tuple[tuple[str, ...], list[Shape]]:
        entries = self._list(path, found, SENTENCES_MAX)
        if not entries and not any(mistake[0] == path for mistake in self.mistakes):
            self._wrong(path, 'an intent wants sentences, as in sentences = ["switch to {source}"].')
        whole, shapes = list[str](), list[Shape]()
        for at, entry in enumerate(entries):
            if not isinstance(entry, str) or not fold(entry):
                self._wrong((*path, str(at)), "this sentence is empty.")
                continue
            try:
                whole.append(self._rules.put_into(clean(entry)))
                shapes.append(shape_of(whole[-1], self._kinds))
            except SentenceError as wrong:
                self._wrong((*path, str(at)), str(wrong))
        return tuple(whole), shapes

    def _deeds(self, path: Path, entry: Mapping[str, Any], known: Known) -> tuple[SkillDeed, ...]:
        entries = self._list((*path, "do"), entry.get("do"), INTENTS_MAX)
        if not entries and "do" not in entry:
            self._wrong(path, "it does nothing: write [[intent.do]] below it, with publish, call or answer.")
        deeds = []
        for at, each in enumerate(entries):
            deed, mistakes = read_deed((*path, "do", str(at)), each, known)
            self.mistakes += mistakes
            deeds += [deed] if deed else []
        return tuple(deeds)

    def _no_twins(self, intents: Iterable[SkillIntent]) -> None:
        names: set[str] = set()
        sentences: dict[str, str] = {}
        for at, intent in enumerate(intents):
            if intent.name in names and not intent.name.endswith("?"):
                self._wrong(("intent", str(at), "name"), f"there is an intent {intent.name.split('.')[1]!r} already.")
            names.add(intent.name)
            for sentence in dict.fromkeys(intent.sentences):
                other = sentences.setdefault(fold(sentence), intent.name)
                if other != intent.name:
                    self._wrong(("intent", str(at), "sentences"), f"{other!r} has the sentence {sentence!r} already.")

    def _all_used(self, intents: Iterable[SkillIntent]) -> None:
        used = {slot.name for intent in intents for slot in intent.slots}
        if any(path[:1] == ("intent",) and "sentences" in path for path, _ in self.mistakes):
            return  # it may be used where the mistake is
        for name in self._slots:
            if name not in used:
                self._wrong(("slots", name), f"no sentence has {{{name}}} in it: leave the slot out, or say it.")


def _known_slots(shapes: Iterable[Shape], slots: Mapping[str, SkillSlot], whole: bool) -> Known:
    """What the templates of an intent may name."""
    every = list(shapes)
    references = frozenset[Reference]().union(*(shape.references for shape in every))
    always = frozenset.intersection(*(shape.always for shape in every)) if every else frozenset[str]()
    return Known({each.name: slots[each.slot] for each in references}, always, whole)
