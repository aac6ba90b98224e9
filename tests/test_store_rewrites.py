"""The store keeps rules and publishes them with what is known, all at once or not at all, and can go back."""

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from edge.clock import SimulatedClock
from edge.errors import StageFailed, StoreError
from edge.knowledge import Habit, HomeMap, Skill
from edge.rewrites import LIVE, Meaning, Rewrite, live
from edge.store import Store
from edge.store.difference import Difference
from tests.lived import KITCHEN, NOON, a_turn, rules
from tests.test_store_faults import full_disk

LAMP = Meaning("HassTurnOn", "turn_on", ("light.kitchen",))
KITTEN = Rewrite(
    "a1", ("turn on the kitten light",), "turn on the kitchen light", LAMP, "ask", since=NOON, reason="seen once"
)
CHICKEN = replace(
    KITTEN, rule_id="b2", sources=("turn on the chicken light",), state="active", reason="somebody said so"
)


@pytest.fixture
def clock() -> SimulatedClock:
    return SimulatedClock(NOON)


@pytest.fixture
def store(clock: SimulatedClock) -> Iterator[Store]:
    with Store.open(":memory:", clock) as store:
        store.knowledge_for(KITCHEN, "the home was found")
        yield store


def states(store: Store) -> dict[str, str]:
    return {rule.rule_id: rule.state for rule in store.rewrites.all()}


def test_what_is_published_is_known(store: Store) -> None:
    """A new revision holds the live rules without their counts, the table all rules as they are."""
    dead = replace(KITTEN, rule_id="c3", state="tombstone")
    known = store.known.publish([CHICKEN, KITTEN, dead], "three rules were learned")
    assert (known.revision, known.home) == (2, store.knowledge(1).home)
    assert known.rewrites == live([KITTEN, CHICKEN])
    assert known.rewrites[0].since is None
    assert store.rewrites.all() == (KITTEN, CHICKEN, dead)
    assert store.knowledge(2) == store.latest_knowledge() == known
    assert store.knowledge(1).rewrites == ()


def test_published_twice_is_published_once(store: Store, clock: SimulatedClock) -> None:
    """The same rules, be it with other counts, make no new revision, and the counts are kept."""
    first = store.known.publish([KITTEN], "one rule was learned")
    clock.advance(timedelta(days=1))
    counted = replace(KITTEN, wins=3.0)
    again = store.known.publish([counted], "nothing new")
    assert again.revision == first.revision
    assert store.rewrites.get("a1") == counted
    assert [row.reason for row in store.known.log()] == ["one rule was learned", "the home was found"]


def test_rules_stay_when_the_home_changes(store: Store) -> None:
    """A home that changes takes its rules along; one that comes back with the same rules has its old number."""
    learned = store.known.publish([KITTEN], "one rule was learned")
    changed = store.knowledge_for(replace(KITCHEN, areas=()), "the home changed")
    assert changed.rewrites == learned.rewrites
    assert store.knowledge_for(KITCHEN, "the home came back") == learned


def test_without_rules_a_revision_has_the_number_that_it_had(store: Store) -> None:
    """Rules that all went leave the revision from before them."""
    store.known.publish([KITTEN], "one rule was learned")
    assert store.known.publish([replace(KITTEN, state="suspended")], "it went wrong").revision == 1


def test_the_life_of_a_rule_is_kept(store: Store, clock: SimulatedClock) -> None:
    """Every state that it came into, when and why; what only counts adds nothing."""
    store.known.publish([KITTEN], "learned")
    store.known.publish([replace(KITTEN, wins=1.0)], "counted")
    clock.advance(timedelta(hours=2))
    active = replace(KITTEN, state="active", since=clock.now(), reason="it was answered with yes")
    store.known.publish([active], "learned")
    assert [(each.at[11:16], each.state, each.reason) for each in store.rewrites.life("a1")] == [
        ("12:00", "ask", "seen once"),
        ("14:00", "active", "it was answered with yes"),
    ]


def test_what_is_forgotten_leaves_nothing(store: Store) -> None:
    """Neither the rule nor its life, nor anything on the live path."""
    store.known.publish([KITTEN, CHICKEN], "two rules were learned")
    known = store.known.publish((), "a rule was forgotten", forgotten=["a1"])
    assert [rule.rule_id for rule in known.rewrites] == ["b2"]
    assert (states(store), store.rewrites.life("a1")) == ({"b2": "active"}, ())


def test_a_rule_is_found_by_its_beginning(store: Store) -> None:
    """What is no rule, or several, is answered with those that might be meant."""
    with pytest.raises(StoreError, match="There are no rules yet"):
        store.rewrites.get("a")
    store.known.publish([KITTEN, CHICKEN, replace(KITTEN, rule_id="b29")], "learned")
    assert store.rewrites.get("a") == KITTEN
    assert store.rewrites.get("b2") == CHICKEN
    with pytest.raises(StoreError, match="Several rules begin with 'b': b2, b29"):
        store.rewrites.get("b")
    with pytest.raises(StoreError, match="There is no rule 'a7'; the nearest is a1"):
        store.rewrites.get("a7")


# --- back again ------------------------------------------------------------------------------------------------------


def test_rolled_back_is_as_it_was(store: Store, clock: SimulatedClock) -> None:
    """Rules that came since are suspended, others have the state that they had; the log tells of it."""
    before = store.known.publish([KITTEN], "one rule was learned")
    clock.advance(timedelta(days=1))
    store.known.publish([replace(KITTEN, state="active"), CHICKEN], "two rules were learned")
    clock.advance(timedelta(days=1))
    after = store.known.roll_back(before.revision)
    assert after == store.latest_knowledge() == before
    assert states(store) == {"a1": "ask", "b2": "suspended"}
    assert store.rewrites.get("b2").reason == f"rolled back to revision {before.revision}"
    assert [row.revision for row in store.known.log()] == [2, 3, 2, 1]
    store.known.publish((), "nothing new")
    assert store.latest_knowledge() == before


def test_rolled_back_in_a_home_that_changed_is_a_new_revision(store: Store) -> None:
    """What was learned comes back; the home does not, for it is as it is."""
    store.known.publish([KITTEN], "one rule was learned")
    store.known.publish([CHICKEN], "another was learned")
    now = store.knowledge_for(replace(KITCHEN, areas=()), "the home changed")
    after = store.known.roll_back(2)
    assert (after.revision, after.home, after.rewrites) == (now.revision + 1, now.home, live([KITTEN]))
    assert store.knowledge_for(replace(KITCHEN, areas=()), "looked again") == after


def test_what_was_forbidden_stays_so(store: Store) -> None:
    """Going back wakes no rule that somebody disabled or had forgotten since."""
    store.known.publish([KITTEN, CHICKEN], "two rules were learned")
    store.known.publish([replace(KITTEN, state="tombstone")], "disabled", forgotten=["b2"])
    assert store.known.roll_back(2).rewrites == ()
    assert states(store) == {"a1": "tombstone"}


def test_habits_go_back_as_well(store: Store) -> None:
    """They were learned, too."""
    habit = Habit("turn_on", "light.kitchen", 7, 4.0)
    store.known.learn((habit,))
    assert store.known.publish([KITTEN], "learned").habits == (habit,)
    assert store.known.roll_back(1).habits == ()
    assert store.knowledge_for(KITCHEN, "looked again").revision == 1


def test_back_to_what_never_was(store: Store) -> None:
    """It is refused, and nothing changes."""
    with pytest.raises(StoreError, match="no knowledge revision 9; the latest is 1"):
        store.known.roll_back(9)
    assert store.latest_knowledge().revision == 1


def test_two_revisions_are_compared(store: Store) -> None:
    """Devices, skills, habits and rules that are new, gone or changed, each with what it was and is."""
    store.known.learn((Habit("turn_on", "light.kitchen", 7, 4.0),))
    store.known.publish([KITTEN], "learned")
    store.known.publish([replace(KITTEN, state="active")], "learned")
    lamp, lock = KITCHEN.devices
    store.knowledge_for(HomeMap(KITCHEN.areas, (replace(lamp, name="Big light"),)), "it changed", (Skill("tea", "t"),))
    assert store.known.diff(1, 4) == (
        Difference("device", "light.kitchen", "changed", "name: Kitchen light -> Big light"),
        Difference("device", lock.device_id, "gone", "Front door"),
        Difference("skill", "tea", "new", "tea"),
        Difference("habit", "turn_on light.kitchen at 7", "new"),
        Difference("rewrite", "a1", "new", '"turn on the kitten light" -> "turn on the kitchen light", active'),
    )
    assert store.known.diff(2, 3) == (Difference("rewrite", "a1", "changed", "state: ask -> active"),)
    assert store.known.diff(3, 3) == ()


# --- bad input and faults --------------------------------------------------------------------------------------------


@given(rule=rules)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_rule_survives_the_store(store: Store, rule: Rewrite) -> None:
    """Whatever the types allow comes back equal, and the live path knows it if it is live."""
    known = store.known.publish([rule], "any", forgotten=[each.rule_id for each in store.rewrites.all()])
    store.known.publish([rule], "any")
    assert store.rewrites.all() == (rule,)
    known = store.latest_knowledge()
    assert known.rewrites == (live([rule]) if rule.state in LIVE else ())


def test_what_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    """A damaged rule, or a revision whose rules are damaged, costs nothing but itself."""
    path = tmp_path / "edge.db"
    with Store.open(path, SimulatedClock(NOON)) as store:
        store.known.publish([KITTEN, CHICKEN], "two rules were learned")
    other = sqlite3.connect(path)
    other.execute("""UPDATE rewrites SET record = '{"rule_id": "a1", "state": "mighty"}' WHERE rule_id = 'a1'""")
    other.execute("UPDATE knowledge SET rewrites = '[{' WHERE revision = 1")
    other.commit()
    other.close()
    with Store.open(path, SimulatedClock(NOON)) as store:
        assert store.latest_knowledge().rewrites == ()
        assert store.rewrites.all() == (CHICKEN,)
        with pytest.raises(StoreError, match="does not read"):
            store.rewrites.get("a1")
        assert store.known.publish((), "again").rewrites == live([CHICKEN])


@pytest.mark.parametrize("spare_pages", range(5))
def test_a_full_disk_publishes_all_or_nothing(tmp_path: Path, spare_pages: int) -> None:
    """Whichever write is refused: what was known before is still known, and the same can be published later."""
    path = tmp_path / "edge.db"
    many = [replace(KITTEN, rule_id=f"r{number:03}", sources=("x" * 200,)) for number in range(60)]
    with Store.open(path, SimulatedClock(NOON)) as store:
        before = store.known.publish([CHICKEN], "one rule was learned")
        with full_disk(store, spare_pages), pytest.raises(StageFailed, match="the disk is full"):
            store.known.publish(many, "many rules were learned")
        assert store.latest_knowledge() == before
        assert store.rewrites.all() == (CHICKEN,)
        assert store.knowledge_for(HomeMap(), "looked again").rewrites == before.rewrites
        store.add_turn(a_turn(revision=before.revision))
        assert len(store.known.publish(many, "many rules were learned").rewrites) == 61


def test_what_cannot_be_written_changes_nothing(store: Store) -> None:
    """Half a letter is no text."""
    before = store.known.publish([KITTEN], "one rule was learned")
    with pytest.raises(StageFailed, match="cannot be written as JSON"):
        store.known.publish([CHICKEN, replace(KITTEN, rule_id="c3", target="\ud800")], "learned")
    assert states(store) == {"a1": "ask"}
    assert store.latest_knowledge() == before


PUBLISHER = """
import sys
from dataclasses import replace
from edge.clock import WallClock
from edge.store import Store
from tests.test_store_rewrites import KITTEN
store = Store.open(sys.argv[1], WallClock())
for number in range(1_000_000):
    rules = [replace(KITTEN, rule_id=f"r{n}", state="ask" if (n + number) % 3 else "suspended") for n in range(20)]
    print(store.known.publish([replace(rule, target=str(number)) for rule in rules], "learned").revision, flush=True)
"""


@pytest.mark.parametrize("told", [1, 9, 30])
def test_sudden_death_leaves_rules_and_knowledge_alike(tmp_path: Path, told: int) -> None:
    """A process killed while it publishes leaves a file in which the live path knows just the live rules."""
    path = tmp_path / "edge.db"
    command = [sys.executable, "-c", PUBLISHER, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]) as process:
        assert process.stdout is not None
        last = [process.stdout.readline() for _ in range(told)][-1]
        process.send_signal(signal.SIGKILL)
    with Store.open(path, SimulatedClock(NOON)) as store:
        assert store.latest_knowledge().revision >= int(last)
        assert store.latest_knowledge().rewrites == live(store.rewrites.all())
        assert store.problems() == ()


def test_a_file_from_last_week_goes_on(tmp_path: Path) -> None:
    """After an older copy was put back its rules are known, and what is learned again gets a number again."""
    path, copy = tmp_path / "edge.db", tmp_path / "copy.db"
    with Store.open(path, SimulatedClock(NOON)) as store:
        store.known.publish([KITTEN], "one rule was learned")
    copy.write_bytes(path.read_bytes())
    with Store.open(path, SimulatedClock(NOON)) as store:
        store.known.publish([CHICKEN], "another was learned")
    copy.replace(path)
    with Store.open(path, SimulatedClock(NOON - timedelta(days=7))) as store:
        assert states(store) == {"a1": "ask"}
        assert store.known.publish([CHICKEN], "another was learned").revision == 2


def test_one_process_writes(tmp_path: Path) -> None:
    """A second one is told so; readers see what was published."""
    path = tmp_path / "edge.db"
    with Store.open(path, SimulatedClock(NOON)) as store:
        store.known.publish([KITTEN], "one rule was learned")
        with pytest.raises(StoreError):
            Store.open(path, SimulatedClock(NOON))
        with Store.open(path, SimulatedClock(NOON), read_only=True) as reader:
            assert reader.rewrites.all() == (KITTEN,)
            with pytest.raises(StageFailed):
                reader.known.publish([CHICKEN], "not here")
