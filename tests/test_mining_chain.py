"""The absorbing Markov chain, and the probability that one rate is the better one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rewriting.mining.chain import Priors, State, arrivals, success
from edge.rewriting.mining.life import p_better

PRIORS = Priors()


def by_walking(states: list[State], edges: dict[tuple[int, int], float]) -> np.ndarray:
    """The same by following everybody for many steps."""
    count = len(states)
    onward = np.full((count, count), 0.0)
    for (begin, end), weight in edges.items():
        onward[begin, end] += weight
    total = onward.sum(axis=1) + [each.success + each.defect for each in states] + PRIORS.edges
    onward = (onward + PRIORS.edges * 0.05 / count) / total[:, None]
    ends = (1 - onward.sum(axis=1)) * [success(each, PRIORS) for each in states]
    here, arrived = np.eye(count), np.zeros((count, count))
    for _ in range(2_000):
        arrived += here * ends
        here = here @ onward
    return arrived


states = st.lists(st.builds(State, *[st.floats(0, 9)] * 2, st.floats(0.05, 0.95)), min_size=1, max_size=6)


@given(states, st.dictionaries(st.tuples(st.integers(0, 5), st.integers(0, 5)), st.floats(0, 9), max_size=9))
def test_it_is_what_walking_comes_to(found: list[State], edges: dict[tuple[int, int], float]) -> None:
    """Inverting what hangs together, and the rest as a matrix of rank one, gives the same as walking."""
    edges = {key: weight for key, weight in edges.items() if max(key) < len(found)}
    assert np.allclose(arrivals(found, edges, PRIORS), by_walking(found, edges), atol=1e-4)


def test_nobody_arrives_more_than_once() -> None:
    """From each state all arrivals together are a probability."""
    reached = arrivals([State(1, 2, 0.5)] * 3, {(0, 1): 3.0, (1, 2): 3.0, (2, 0): 3.0}, PRIORS)
    assert (reached > 0).all()
    assert (reached.sum(axis=1) < 1).all()


def test_a_failure_leads_by_way_of_another_to_what_works() -> None:
    """A -> B -> C: who says A means C, who says C means C."""
    chain = arrivals([State(0, 1, 0.1), State(0, 1, 0.1), State(8, 0, 0.8)], {(0, 1): 3.0, (1, 2): 3.0}, PRIORS)
    assert chain.argmax(axis=1).tolist() == [2, 2, 2]


@pytest.mark.parametrize(("failures", "keeps"), [(1, True), (2, True), (6, False)])
def test_a_state_that_is_expected_to_serve_is_left_after_some_contradictions(failures: int, keeps: bool) -> None:
    """What is believed beforehand counts as three turns."""
    found = arrivals([State(0, 0.1, 0.9), State(9, 0, 0.9)], {(0, 1): failures * 0.9}, PRIORS)
    assert (found[0].argmax() == 0) == keeps


def test_no_states_no_arrivals() -> None:
    """A home in which nothing ever failed."""
    assert arrivals([], {}, PRIORS).shape == (0, 0)


@pytest.mark.parametrize(
    ("one", "other"),
    [((5.2, 0.8), (0.4, 5.6)), ((5, 1), (3, 3)), ((2, 2), (2, 2)), ((0.4, 4), (4, 0.4)), ((50, 5), (40, 9))],
)
def test_which_rate_is_better_agrees_with_sampling(one: tuple[float, float], other: tuple[float, float]) -> None:
    """The sum over a grid against many draws with a fixed seed."""
    draws = np.random.default_rng(6)
    often = draws.beta(*one, 400_000) - draws.beta(*other, 400_000) > 0.15
    assert p_better(one, other, 0.15) == pytest.approx(often.mean(), abs=0.02)
