"""The absorbing Markov chain over what was said again: where somebody who begins here means to arrive.

A state goes on to another one when it was said again as that, or ends: in success or in defect. What is to be expected
of a state is weighed against how it is with all others, in pseudo-counts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
Vector = NDArray[np.float32]

LOST: Final = 0.05
"""Of what is believed beforehand, the share that goes on to any other state."""


@dataclass(frozen=True)
class State:
    """One state, and what was counted of it."""

    success: float = 0.0
    """Weight of the turns that ended here in success."""
    defect: float = 0.0
    expected: float = 0.5
    """The success, 0 to 1, that is to be expected of a state like it."""


@dataclass(frozen=True)
class Priors:
    """Pseudo-counts."""

    edges: float = 3.0
    success: float = 4.0


def success(state: State, priors: Priors) -> float:
    """Probability that what ends in this state ends in success."""
    seen = state.success + state.defect
    return (priors.success * state.expected + state.success) / (priors.success + seen)


def arrivals(states: Sequence[State], edges: Mapping[tuple[int, int], float], priors: Priors) -> Matrix:
    """N[i,j] R[j,S] of states i and j: how likely it is, 0 to 1, that who begins at i ends at j with success.

    `edges` by places in `states` their weights. Shape (n, n).
    """
    count = len(states)
    if not count:
        return np.zeros((0, 0), np.float32)
    counts = np.zeros((count, count), np.float32)
    for (begin, end), weight in edges.items():
        counts[begin, end] += weight
    ended = np.array([state.success + state.defect for state in states], np.float32)
    total = counts.sum(axis=1) + ended + priors.edges
    anywhere = priors.edges * LOST / count / total
    onward = counts / total[:, None]
    ends = 1.0 - onward.sum(axis=1) - anywhere * count
    served = np.array([success(state, priors) for state in states], np.float32)
    return np.asarray(_visits(onward, anywhere, edges) * (ends * served)[None, :])


def _visits(onward: Matrix, anywhere: Vector, edges: Iterable[tuple[int, int]]) -> Matrix:
    """(I - Q)^-1 with Q = `onward`, and besides from each state to all the same.

    What hangs together is inverted by itself; what goes anywhere is a matrix of rank one, by Sherman and Morrison.
    """
    inverse = np.zeros_like(onward)
    for some in _together(len(onward), edges):
        block = np.ix_(some, some)
        inverse[block] = np.linalg.inv(np.eye(len(some), dtype=np.float32) - onward[block])
    from_anywhere = inverse @ anywhere
    inverse += np.outer(from_anywhere, inverse.sum(axis=0) / (1.0 - from_anywhere.sum()))
    return inverse


def _together(count: int, edges: Iterable[tuple[int, int]]) -> list[list[int]]:
    """The states in groups between which no edge runs."""
    group = list(range(count))

    def root(place: int) -> int:
        while group[place] != place:
            group[place] = group[group[place]]
            place = group[place]
        return place

    for begin, end in edges:
        group[root(begin)] = root(end)
    found: dict[int, list[int]] = {}
    for place in range(count):
        found.setdefault(root(place), []).append(place)
    return list(found.values())
