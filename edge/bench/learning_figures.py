"""What `edge bench learning` reckons of what households lived through, with and without learning. Pure."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from edge.bench.learning_living import Correction, Lived

Households = Sequence[Sequence[Lived]]
"""By household, its requests in their order."""

WINDOW_DAYS: Final = 10
RESAMPLES: Final = 2_000


@dataclass(frozen=True)
class Duel:
    """First attempts in which a rule had a say, against the same transcripts without learning."""

    wins: int
    """Wrong without, right with it."""
    losses: int
    both_right: int
    both_wrong: int

    @property
    def ratio(self) -> float:
        """Wins for one loss; endless without losses, not a number where there is neither."""
        return self.wins / self.losses if self.losses else float("inf") if self.wins else float("nan")

    @property
    def losses_at_most(self) -> float:
        """Where there are none: the share of losses that cannot be ruled out (95 %, rule of three)."""
        total = self.wins + self.both_right + self.both_wrong
        return min(1.0, 3 / total) if total else 1.0


@dataclass(frozen=True)
class Again:
    """The next request for a goal after it was put right in words."""

    fails: int
    of: int


@dataclass(frozen=True)
class Arm:
    """One way to learn, over all households."""

    name: str
    requests: int
    defects: float
    """Share of all requests that were not served at the first attempt."""
    windows: tuple[float, ...]
    """The same by ten days."""
    worst: float
    """Of the household that fared worst by it: its share of defects less that without learning."""
    done: Duel
    """What was done instead of what was heard."""
    asked: Duel
    """What was asked: "Did you mean ...?"."""
    interval: tuple[float, float]
    """95 % of the ratio of wins to losses of what was done, over households drawn again."""
    questions: float
    """A day and household: "Did you mean ...?"."""
    same: int
    """A rule came to the same as what was heard: neither won nor lost."""
    held_out: Duel
    """A rule was left out by chance."""
    harm: Mapping[str, int]
    """Devices that a rule moved and nobody wanted moved, by tier."""
    guarded: int
    """Requests in which a rule moved what may do harm, wanted or not."""
    new: int
    """New requests that are right without learning."""
    new_rewritten: int
    """Of these, how many got something else done than was heard."""
    new_broken: int
    after_explicit: Again
    """After one "no, I meant ..." that worked."""
    after_explicit_same: Again
    """The same, and it is heard in the very words that had failed."""
    after_implicit: Again
    """After it was said again, and then worked, on two days."""
    after_implicit_same: Again


def reckon(name: str, lived: Households, without: Households) -> Arm:
    """The figures of one arm; `without` is what the same households lived through without learning."""
    everything = [each for some in lived for each in some]
    days = max((each.day for each in everything), default=0) + 1
    pairs = [list(_pairs(some, raw)) for some, raw in zip(lived, without, strict=True)]
    both = [pair for some in pairs for pair in some]
    new = [each for each, raw in both if each.kind != "habit" and raw.right]
    return Arm(
        name=name,
        requests=len(everything),
        defects=_defects(everything),
        windows=tuple(_defects(some) for some in _by_window(everything)),
        worst=max((_defects(some) - _defects(raw) for some, raw in zip(lived, without, strict=True)), default=0.0),
        done=_duel(pair for pair in both if pair[0].rule == "done"),
        asked=_duel(pair for pair in both if pair[0].rule == "asked"),
        interval=_interval(pairs),
        questions=sum(each.rule == "asked" for each in everything) / (days * len(lived)),
        same=sum(each.rule == "same" for each in everything),
        held_out=_duel(pair for pair in both if pair[0].rule == "held out"),
        harm=dict(Counter(tier for each in everything for tier in each.harm)),
        guarded=sum(each.guarded for each in everything),
        new=len(new),
        new_rewritten=sum(each.rule == "done" for each in new),
        new_broken=sum(each.rule == "done" and not each.right for each in new),
        after_explicit=_again(lived, "explicit", 1, _any),
        after_explicit_same=_again(lived, "explicit", 1, _same),
        after_implicit=_again(lived, "implicit", 2, _any),
        after_implicit_same=_again(lived, "implicit", 2, _same),
    )


def _pairs(some: Sequence[Lived], raw: Sequence[Lived]) -> Iterator[tuple[Lived, Lived]]:
    known = {(each.day, each.number): each for each in raw}
    return ((each, known[each.day, each.number]) for each in some)


def _defects(some: Sequence[Lived]) -> float:
    return sum(not each.right for each in some) / len(some) if some else 0.0


def _by_window(some: Sequence[Lived]) -> list[list[Lived]]:
    windows = defaultdict[int, list[Lived]](list)
    for each in some:
        windows[each.day // WINDOW_DAYS].append(each)
    return [windows[number] for number in sorted(windows)]


def _duel(pairs: Iterator[tuple[Lived, Lived]]) -> Duel:
    count = Counter((each.right, raw.right) for each, raw in pairs)
    return Duel(count[True, False], count[False, True], count[True, True], count[False, False])


def _interval(households: Sequence[Sequence[tuple[Lived, Lived]]]) -> tuple[float, float]:
    """Over households drawn again with replacement; no loss in a draw counts as half of one."""
    chance = random.Random(1)
    duels = [_duel(pair for pair in pairs if pair[0].rule == "done") for pairs in households]
    if not any(duel.wins or duel.losses for duel in duels):
        return float("nan"), float("nan")
    ratios = []
    for _ in range(RESAMPLES):
        drawn = chance.choices(duels, k=len(duels))
        ratios.append(sum(duel.wins for duel in drawn) / max(0.5, sum(duel.losses for duel in drawn)))
    ratios.sort()
    return ratios[int(RESAMPLES * 0.025)], ratios[int(RESAMPLES * 0.975)]


def _any(each: Lived, failed: frozenset[str]) -> bool:
    return True


def _same(each: Lived, failed: frozenset[str]) -> bool:
    return each.heard in failed


def _again(
    lived: Households, correction: Correction, days: int, counts: Callable[[Lived, frozenset[str]], bool]
) -> Again:
    """The first later request for each goal that was put right so on so many days, on another day than that."""
    outcomes: list[bool] = []
    for some in lived:
        put_right: Mapping[str, list[Lived]] = defaultdict(list)
        told = set[str]()
        for each in some:
            before = put_right[each.goal]
            is_later = len({one.day for one in before}) >= days and all(one.day < each.day for one in before)
            if is_later and each.goal not in told and counts(each, frozenset(one.heard for one in before)):
                told.add(each.goal)
                outcomes.append(each.right)
            if each.corrected == correction:
                before.append(each)
    return Again(outcomes.count(False), len(outcomes))
