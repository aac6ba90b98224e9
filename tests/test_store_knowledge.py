"""The store keeps what was known, so that every turn can be lived again under its own revision."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from edge.clock import SimulatedClock
from edge.errors import StoreError
from edge.knowledge import Area, Device, HomeMap
from edge.store import Store
from edge.store.known import home_json, ordered
from tests.lived import KITCHEN, NOON, homes


@pytest.fixture
def store() -> Iterator[Store]:
    with Store.open(":memory:", SimulatedClock(NOON)) as store:
        yield store


def test_nothing_is_known_at_first(store: Store) -> None:
    """Revision 0 is a home without anything in it."""
    assert store.latest_knowledge().revision == 0
    assert store.latest_knowledge().home == HomeMap()


def test_the_same_home_keeps_its_number(store: Store) -> None:
    """A changed home gets a new number, a home that comes back its old one, and the last given is in force."""
    first = store.knowledge_for(KITCHEN, "first look")
    changed = store.knowledge_for(replace(KITCHEN, areas=()), "areas went away")
    again = store.knowledge_for(KITCHEN, "areas came back")
    assert [first.revision, changed.revision, again.revision] == [1, 2, 1]
    assert store.latest_knowledge().revision == 1
    assert store.knowledge(2).home == changed.home


def test_the_order_of_discovery_does_not_count(store: Store) -> None:
    """The same devices found in another order are the same home."""
    backwards = HomeMap(KITCHEN.areas[::-1], KITCHEN.devices[::-1])
    assert store.knowledge_for(KITCHEN, "a") == store.knowledge_for(backwards, "b")


def test_sets_do_not_change_the_text() -> None:
    """A home is the same JSON whatever order a set happens to have, and whatever was looked up in it before."""
    device = Device("light.a", "A", "light", capabilities=frozenset("hgfedcba"))
    home = HomeMap((Area("x", "X"),), (device,))
    assert '"capabilities": ["a", "b", "c", "d", "e", "f", "g", "h"]' in home_json(home)
    before = home_json(home)
    assert home.device["light.a"] is device
    assert home_json(home) == before


@given(home=homes)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_home_survives_the_store(store: Store, home: HomeMap) -> None:
    """Whatever the types allow comes back equal, in the order of names."""
    known = store.knowledge_for(home, "any")
    assert store.knowledge(known.revision) == known
    assert known.home == ordered(home)


def test_an_unknown_revision_is_refused(store: Store) -> None:
    """A revision that never was is answered with the latest number."""
    with pytest.raises(StoreError, match="no knowledge revision 7; the latest is 0"):
        store.knowledge(7)
