"""The room's door: turns as they were lived, and what the home did, become signals."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final

from edge.feedback.explicit import explicit
from edge.feedback.implicit import GAVE_UP_S, of_itself, of_next, of_nobody, rephrased
from edge.feedback.observed import Observed
from edge.feedback.put_back import Move, moves_of, put_back
from edge.feedback.rates import Rates
from edge.feedback.rephrasing import Rephrasing, Similarity
from edge.knowledge import Change
from edge.lived import conversations, moment
from edge.signals import Signal, SignalKind
from edge.turn import Turn

SEEN_BEFORE: Final = 8
SEEN_AFTER: Final = 12
"""So many neighbours of a turn are looked at."""


def read_signals(
    turns: Iterable[Turn], changes: Iterable[Change], now: datetime, similarity: Similarity | None = None
) -> tuple[Signal, ...]:
    """What is known afterwards of each turn, in their order.

    `turns` in the order in which they were lived: where the clock was put back, what came before has nothing to do with
    what came after. Few of them are kept in memory. `changes` is read after them. Nothing that they hold, or lack,
    raises anything but ModelError, where the model of rephrases is missing; with `similarity`, the cosine of two
    sentences, it is a better one. A turn whose time for an answer is not over by `now` may get more signals later.
    """
    rates, moves, rephrasing = Rates(), list[Move](), Rephrasing.shipped(similarity)
    observed: list[Observed] = []
    for together in conversations(turns):
        found = list(_of_conversation(together, now, rephrasing))
        for turn in together:
            rates.lived(turn)
            moves += moves_of(turn)
        rates.saw(found)
        observed += found
    observed += put_back(moves, changes)
    return _weighed(observed, rates)


def _of_conversation(turns: Sequence[Turn], now: datetime, rephrasing: Rephrasing) -> Iterator[Observed]:
    for number, turn in enumerate(turns):
        before = turns[max(0, number - SEEN_BEFORE) : number]
        after = turns[number + 1 : number + 1 + SEEN_AFTER]
        yield from of_itself(turn)
        yield from explicit(turn, before)
        yield from of_next(turn, before)
        yield from rephrased(turn, after, rephrasing)
        if abs(now - moment(turn)) >= timedelta(seconds=GAVE_UP_S):
            yield from of_nobody(turn, after)


def _weighed(observed: Iterable[Observed], rates: Rates) -> tuple[Signal, ...]:
    """One signal of a kind from one turn, the strongest; a turn says nothing of itself afterwards."""
    kept: dict[tuple[str, SignalKind, str], Signal] = {}
    for each in observed:
        if each.from_turn_id == each.turn_id:
            continue
        signal = Signal(each.turn_id, each.kind, each.at, rates.weight(each), each.from_turn_id, each.detail)
        key = signal.turn_id, signal.kind, signal.from_turn_id
        if key not in kept or abs(kept[key].weight) < abs(signal.weight):
            kept[key] = signal
    return tuple(kept.values())
