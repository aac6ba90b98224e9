"""World: reads the data, tries sentences out. All that may be said in the laboratory, with what is wanted by it.

Real people's home commands have their goals from the benchmark's expectation file, which was written before anybody saw
what the assistant does with them.
"""

import json
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

from edge.asr.trial import TypedRecogniser
from edge.bench.nlu_expected import Expectations, Expected, Outcome
from edge.bench.talk_data import Sentence, clinc, hwu64, slurp
from edge.knowledge import HomeMap
from edge.records import Utterance
from edge.turn import Turn
from fault_laboratory.goals import Goal, Said, Split
from fault_laboratory.homes import HOMES, Homes
from fault_laboratory.wordings import half, namesakes_of, said_of

UNSERVED: Final = frozenset(
    {"takeaway", "transport", "email", "social", "cooking", "recommendation", "news", "weather", "qa"}
)
"""Scenarios of HWU64 that ask an assistant for what this one has not."""

SPLITS: Final[tuple[Split, Split]] = ("train", "test")

Kind = tuple[str, str]
"""Split, and which kind of sentence: real, wording, namesake, unserved, talk."""


@dataclass(frozen=True)
class Sentences:
    """What may be said; nothing of one split is in the other."""

    by_kind: Mapping[Kind, tuple[Said, ...]]

    @cached_property
    def _by_goal(self) -> Mapping[tuple[str, str], tuple[Said, ...]]:
        found: dict[tuple[str, str], list[Said]] = defaultdict(list)
        for (split, kind), some in self.by_kind.items():
            for said in some if kind in {"real", "wording", "namesake"} else ():
                found[split, said.goal.key].append(said)
        return {key: tuple(some) for key, some in found.items()}

    def others(self, split: Split, said: Said) -> tuple[Said, ...]:
        """Other sentences for the same goal in the same setting; none where nobody can serve it."""
        if not said.goal.is_servable:
            return ()
        some = self._by_goal.get((split, said.goal.key), ())
        return tuple(each for each in some if each.text != said.text and each.setting == said.setting)

    def words(self, split: Split) -> Iterator[str]:
        """All that is said in a split."""
        return (said.text for (where, _), some in self.by_kind.items() if where == split for said in some)


def sentences(data: Path, homes: Homes) -> Sentences:
    """All of them. Raises ConfigError when something is not in `data`."""
    found: dict[Kind, dict[str, Said]] = defaultdict(dict)
    for kind, said in (*_real(data, homes), *_own(homes), *_unserved(data), *_talk(data)):
        place = SPLITS[half(said.origin.partition(":")[2] if kind in {"wording", "namesake"} else said.text)], kind
        found[place].setdefault(said.key, said)
    return Sentences({kind: tuple(some.values()) for kind, some in _apart(found).items()})


def _apart(found: Mapping[Kind, Mapping[str, Said]]) -> dict[Kind, dict[str, Said]]:
    """Without what would be said in both splits: two wordings may give the same text."""
    trained = {said.text for (split, _), some in found.items() if split == "train" for said in some.values()}
    return {
        (split, kind): {key: said for key, said in some.items() if split == "train" or said.text not in trained}
        for (split, kind), some in found.items()
    }


def rehearsed(said: Said, homes: Homes, variant: str = "") -> Turn:
    """What becomes of the sentence where nothing goes wrong with it."""
    with homes.household(said, TypedRecogniser(), variant) as household:
        return household.conversation.take(Utterance("text", typed=said.text))


def _real(data: Path, homes: Homes) -> Iterator[tuple[str, Said]]:
    """What can be served in one way, with the plainest of the sentences that are served for it."""
    expectations = Expectations.load()
    groups: dict[str, list[tuple[Expected, Sentence]]] = defaultdict(list)
    for sentence in (*hwu64(data), *slurp(data)):
        expected = expectations.of(sentence)
        if expected is not None and expected.kind != "either":
            groups[expected.home + Goal(expected.right, "").key].append((expected, sentence))
    for group in groups.values():
        texts = {sentence.plain: sentence for _, sentence in group}
        yield from (("real", said) for said in _with_goals(group[0][0], texts, homes))


def _with_goals(expected: Expected, texts: Mapping[str, Sentence], homes: Homes) -> Iterator[Said]:
    tried = [
        Said(text, Goal(expected.right, ""), f"{one.dataset}:{one.row_id}", "demo", expected.home)
        for text, one in texts.items()
    ]
    if expected.kind == "refuse":
        yield from tried
        return
    plain = next((said.text for said in sorted(tried, key=_length) if said.goal.is_met_by(rehearsed(said, homes))), "")
    if plain:
        yield from (replace(said, goal=Goal(expected.right, plain)) for said in tried)


def _own(homes: Homes) -> Iterator[tuple[str, Said]]:
    for home in HOMES:
        home_map = _map_of(home, homes)
        yield from (("wording", said) for said in said_of(home, home_map))
        yield from (("namesake", said) for said in namesakes_of(home, home_map))


def _unserved(data: Path) -> Iterator[tuple[str, Said]]:
    for sentence in hwu64(data):
        if sentence.scenario in UNSERVED:
            yield "unserved", _unservable(sentence, random.Random(sentence.plain).choice(tuple(HOMES)))


def _talk(data: Path) -> Iterator[tuple[str, Said]]:
    """What is said to other people, or by a television."""
    for sentence in clinc(data):
        if sentence.intent == "oos" or sentence.half == 0:
            yield "talk", _unservable(sentence, random.Random(sentence.plain).choice(tuple(HOMES)))


def _unservable(sentence: Sentence, home: str) -> Said:
    return Said(sentence.plain, Goal((Outcome("refuse"),), ""), f"{sentence.dataset}:{sentence.row_id}", home)


def _map_of(home: str, homes: Homes) -> HomeMap:
    with homes.household(Said("", Goal((), ""), "", home), TypedRecogniser()) as household:
        return household.runtime.home.picture.home_map


def _length(said: Said) -> tuple[int, str]:
    return len(said.text), said.text


def that_fail(sentences: Sentences, homes: Homes, memo: Path) -> frozenset[str]:
    """The keys of sentences that the assistant gets wrong though nothing goes wrong with them.

    `memo` is a file that keeps the answers; remove it when the assistant has changed.
    """
    known: dict[str, bool] = json.loads(memo.read_text(encoding="utf-8")) if memo.is_file() else {}
    for (_, kind), some in sorted(sentences.by_kind.items()):
        for said in some if kind in {"real", "wording"} else ():
            if said.goal.is_servable and said.key not in known:
                known[said.key] = said.goal.is_met_by(rehearsed(said, homes))
    memo.parent.mkdir(parents=True, exist_ok=True)
    memo.write_text(json.dumps(known), encoding="utf-8")
    return frozenset(key for key, is_right in known.items() if not is_right)
