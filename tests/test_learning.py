"""Learning as a whole: a home is lived in, and what failed works afterwards, whatever happens in between."""

import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from edge import Assistant, Home, SimulatedClock
from edge.cli import app
from edge.errors import StageFailed
from edge.learning.gate import Gate, known_turns
from edge.learning.learning import Learning
from edge.learning.report import LearnReport
from edge.rewrites import Meaning, Rewrite, live
from edge.rewriting.mining.life import SAYS_NOTHING, WOULD_HARM
from edge.rewriting.mining.reading import exchanges
from edge.settings import LearningSettings, Settings
from edge.store import Store
from edge.turn import Turn
from tests.exchanges import DESK, KITCHEN, MEANT, lived, said_again

EVENING = datetime(2026, 11, 22, 20, tzinfo=UTC)
MISHEARD = "turn on the mitten light"


@contextmanager
def living(
    store: str | Path = ":memory:", start: datetime = EVENING, settings: Settings | None = None
) -> Iterator[Assistant]:
    """The demo home, in the kitchen."""
    clock = SimulatedClock(start)
    with Assistant.open(settings, home=Home.demo(), store=store, clock=clock, room="kitchen") as assistant:
        yield assistant


def say(assistant: Assistant, *texts: str, wait_s: float = 600) -> list[Turn]:
    """Turns with ten seconds between them, and a pause after the last."""
    turns = []
    for text in texts:
        turns.append(assistant.hear_text(text))
        assistant.advance(timedelta(seconds=10))
    assistant.advance(timedelta(seconds=wait_s))
    return turns


def corrected(assistant: Assistant, wait_s: float = 292) -> None:
    """Something fails, and is put right in words; it is over, and a few seconds later it is learned by itself."""
    say(assistant, MISHEARD, f"no i said {MEANT}", wait_s=wait_s)


def learn(assistant: Assistant, *, dry: bool = False) -> LearnReport:
    """All of it, now."""
    return assistant.runtime.learn(dry=dry)


def reply(turn: Turn) -> str:
    assert turn.response is not None
    return turn.response.text


# --- what it is for --------------------------------------------------------------------------------------------------


def test_what_was_put_right_works_the_next_time() -> None:
    """Heard wrongly again, it does what was meant."""
    with living() as assistant:
        assert reply(say(assistant, MISHEARD)[0]).startswith("I know nothing")
        corrected(assistant, wait_s=0)
        report = learn(assistant)
        assert (report.changed, report.young) == ((), 2)  # it is not over yet: another correction may come
        assert any("of the last five minutes" in line for line in report.lines())
        assistant.advance(timedelta(minutes=6))
        (rule,) = assistant.runtime.store.rewrites.all()
        assert (rule.state, rule.is_explicit) == ("active", True)
        assert reply(say(assistant, MISHEARD)[0]) == "The kitchen light is on."


def test_two_evenings_of_saying_it_again_are_enough() -> None:
    """Nobody says no or what was meant; it just fails, and is said in other words."""
    with living() as assistant:
        for _ in range(2):
            say(assistant, MISHEARD, MEANT)
            say(assistant, "turn off the kitchen light")
            say(assistant, "turn on the bedroom light")
            assistant.advance(timedelta(days=1))
        assert reply(say(assistant, MISHEARD)[0]) == "The kitchen light is on."


def test_a_no_is_learned_from_as_well() -> None:
    """The rule goes out of use, and what failed fails again."""
    with living() as assistant:
        corrected(assistant)
        learn(assistant)
        say(assistant, MISHEARD, "no")
        assert [(each.before, each.after) for each in learn(assistant).changed] == [("active", "suspended")]
        assert reply(say(assistant, MISHEARD)[0]).startswith("I know nothing")


def test_the_night_learns_unless_it_is_turned_off() -> None:
    """One switch is enough."""
    with living() as assistant:
        corrected(assistant)
        assert "learn rules" in assistant.learn().jobs
        assert len(assistant.runtime.store.rewrites.all()) == 1
    with living(settings=Settings(learning=LearningSettings(rewrites=False))) as assistant:
        corrected(assistant)
        assert "learn rules" not in assistant.learn().jobs
        assert assistant.runtime.store.rewrites.all() == ()


# --- the gate --------------------------------------------------------------------------------------------------------


def a_rule(source: str, target: str, meaning: Meaning, **others: object) -> Rewrite:
    return replace(Rewrite("rule", (source,), target, meaning, "active"), **others)  # type: ignore[arg-type]


def test_a_rule_that_would_change_what_worked_is_kept_back() -> None:
    """A turn that worked is lived through again: it may not come to something else."""
    with living() as assistant:
        (worked,) = say(assistant, "turn on the lights here")
        store = assistant.runtime.store
        old = store.latest_knowledge()
        (known,) = (replace(each, served=0.97) for each in exchanges([worked], {}, {}))
        assert known.has_worked
        harmful = a_rule(known.heard, "turn on the desk lamp", Meaning("HassTurnOn", "turn_on", ("light.desk_lamp",)))
        new = replace(old, rewrites=live([harmful]))
        passed = Gate(assistant.runtime.stages, store.turn, EVENING).passed([known], [harmful], old, new)
        assert [(each.rule_id, each.reason, each.turn_id) for each in passed.kept] == [
            ("rule", WOULD_HARM, worked.turn_id)
        ]
        other = replace(known, heard="turn on all of them", turn_id="another")
        assert Gate(assistant.runtime.stages, store.turn, EVENING).passed([other], [harmful], old, new).kept == ()


def test_a_rule_whose_wording_says_something_else_is_kept_back() -> None:
    """What it was learned for and what it comes to here must be the same."""
    with living() as assistant:
        say(assistant, MISHEARD)
        old = assistant.runtime.store.latest_knowledge()
        wrong = a_rule(MISHEARD, "what time is it now", Meaning("HassTurnOn", "turn_on", ("light.kitchen",)))
        gate = Gate(assistant.runtime.stages, assistant.runtime.store.turn, EVENING)
        passed = gate.passed([], [wrong], old, replace(old, rewrites=live([wrong])))
        assert [each.reason for each in passed.kept] == [SAYS_NOTHING]
        assert (
            gate.passed([], [wrong], replace(old, rewrites=live([wrong])), replace(old, rewrites=live([wrong]))).kept
            == ()
        )


def test_what_was_put_right_outlives_its_turns() -> None:
    """A rule that was spelt out years ago is in the regression set: no other may take its words."""
    with living() as assistant:
        corrected(assistant)
        learn(assistant)
        store = assistant.runtime.store
        (told,) = store.rewrites.all()
        old = store.latest_knowledge()
        other = replace(
            a_rule(MISHEARD, "turn on the desk lamp", Meaning("HassTurnOn", "turn_on", ("light.desk_lamp",))),
            rule_id="0",
            speaker="unknown",
        )
        gate = Gate(assistant.runtime.stages, store.turn, assistant.runtime.clock.now())
        passed = gate.passed([], [told, other], old, replace(old, rewrites=live([told, other])))
        assert [(each.rule_id, each.reason) for each in passed.kept] == [("0", WOULD_HARM)]


def test_the_regression_set_knows_what_was_meant() -> None:
    """What was put right in words counts as that; what worked before, in the same words, no longer does."""
    before = lived(0, 5, MISHEARD, DESK)
    told = said_again(1, explicit=True)
    known = {
        each.exchange.turn_id: each.meant
        for each in known_turns([before, *told, lived(2, 0, "fan on", DESK, served=0.7)])
    }
    assert known == {"1-0": KITCHEN.key, "1-1": KITCHEN.key}


# --- again, and in spite of everything -------------------------------------------------------------------------------


def test_learning_twice_publishes_once() -> None:
    """The second run finds nothing to do, and a dry one tells the same and changes nothing."""
    with living() as assistant:
        corrected(assistant)
        dry = learn(assistant, dry=True)
        assert (len(dry.changed), dry.is_dry, dry.revision) == (1, True, dry.revision_before)
        assert assistant.runtime.store.rewrites.all() == ()
        first = learn(assistant)
        rules = assistant.runtime.store.rewrites.all()
        second = learn(assistant)
        assert (second.changed, second.revision) == ((), first.revision)
        assert assistant.runtime.store.rewrites.all() == rules
        assert [row.revision for row in assistant.runtime.store.known.log()].count(first.revision) == 1


class FakeFullDisk:
    """Refuses the n-th statement that writes, as a disk does that is full."""

    def __init__(self, connection: sqlite3.Connection, number: int) -> None:
        self._left = number
        self.refused = False
        self._connection = connection

    def __enter__(self) -> "FakeFullDisk":
        self._connection.set_authorizer(self._asked)
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.set_authorizer(None)

    def _asked(self, action: int, *_: object) -> int:
        if action not in {sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE}:
            return sqlite3.SQLITE_OK
        self._left -= 1
        if self._left != 0:
            return sqlite3.SQLITE_OK
        self.refused = True
        return sqlite3.SQLITE_DENY


def test_whichever_write_fails_nothing_is_half_learned(tmp_path: Path) -> None:
    """After a run that the disk cut short the rules are as they were, and the next run comes to the same."""
    path = tmp_path / "edge.db"
    with living(path) as assistant:
        corrected(assistant)
        learn(assistant, dry=True)  # signals and labels are there
        store, now = assistant.runtime.store, assistant.runtime.clock.now()
        connection = store._file._database.conn
        for number in range(1, 99):
            with FakeFullDisk(connection, number) as disk, suppress(StageFailed):
                Learning(store, assistant.runtime.stages).run(now)
            if not disk.refused:
                break
            assert store.rewrites.all() == ()
            assert store.latest_knowledge().rewrites == ()
        assert number > 2
        assert len(store.rewrites.all()) == len(store.latest_knowledge().rewrites) == 1


KILLED = """
import os, signal, sqlite3, sys
from datetime import UTC, datetime
from pathlib import Path
from tests.test_learning import living, learn

with living(Path(sys.argv[1]), datetime.fromisoformat(sys.argv[3])) as assistant:
    left = int(sys.argv[2])
    def asked(action, *_):
        global left
        if action in {sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_TRANSACTION}:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return sqlite3.SQLITE_OK
    assistant.runtime.store._file._database.conn.set_authorizer(asked)
    learn(assistant)
"""


@pytest.mark.slow
def test_killed_at_any_write_the_next_run_learns_the_same(tmp_path: Path) -> None:
    """kill -9 in the middle: what is known is whole, and the next night comes to what this one would have."""
    made, path = tmp_path / "made.db", tmp_path / "edge.db"
    with living(made) as assistant:
        corrected(assistant)
        now = assistant.runtime.clock.now()
    for number in (1, 3, 6, 9, 12, 15):
        for old in tmp_path.glob("edge.db*"):
            old.unlink()
        shutil.copy(made, path)
        arguments = [sys.executable, "-c", KILLED, str(path), str(number), now.isoformat()]
        died = subprocess.run(arguments, check=False, capture_output=True, text=True, cwd=Path(__file__).parents[1])
        assert died.returncode in {-signal.SIGKILL, 0}, died.stderr
        with living(path, now) as assistant:
            rules = assistant.runtime.store.rewrites.all()
            assert live(rules) == assistant.runtime.store.latest_knowledge().rewrites
            learn(assistant)
            assert [rule.state for rule in assistant.runtime.store.rewrites.all()] == ["active"]
            assert reply(say(assistant, MISHEARD)[0]) == "The kitchen light is on."


def test_a_database_of_last_week_learns_on(tmp_path: Path) -> None:
    """What was learned since is gone with its turns; nothing is counted twice when it happens again."""
    path, saved = tmp_path / "edge.db", tmp_path / "saved.db"
    with living(path) as assistant:
        say(assistant, MISHEARD, MEANT)
        learn(assistant)
    shutil.copy(path, saved)
    with living(path, EVENING + timedelta(days=1)) as assistant:
        say(assistant, MISHEARD, MEANT)
        learn(assistant)
        (after,) = assistant.runtime.store.rewrites.all()
    for old in tmp_path.glob("edge.db*"):
        old.unlink()
    shutil.copy(saved, path)
    with living(path, EVENING + timedelta(days=8)) as assistant:
        say(assistant, MISHEARD, MEANT)
        learn(assistant)
        (again,) = assistant.runtime.store.rewrites.all()
        assert (again.rule_id, again.state, again.trials) == (after.rule_id, "active", after.trials)
        assert round(again.wins) == round(after.wins)


def test_a_clock_that_is_set_back_stops_nothing(tmp_path: Path) -> None:
    """Turns and rules of the future are there, and learning goes on."""
    with living(tmp_path / "edge.db", EVENING + timedelta(days=400)) as assistant:
        corrected(assistant)
        learn(assistant)
    with living(tmp_path / "edge.db") as assistant:
        learn(assistant)
        assert reply(say(assistant, MISHEARD)[0]) == "The kitchen light is on."
        say(assistant, MISHEARD, "no")
        learn(assistant)
        (rule,) = assistant.runtime.store.rewrites.all()
        assert rule.state == "suspended"


def test_an_empty_home_learns_nothing(tmp_path: Path) -> None:
    """Before anything was lived."""
    with living() as assistant:
        report = learn(assistant)
        assert (report.turns, report.changed, report.kept) == (0, (), ())
        assert next(report.lines()) == "Read 0 turns and 0 wordings that failed or came again."


# --- the door --------------------------------------------------------------------------------------------------------


def run(tmp_path: Path, *arguments: str) -> str:
    """What `edge learn` prints over a store in which something was put right."""
    path = tmp_path / "edge.db"
    if not path.exists():
        with living(path, datetime.now(UTC) - timedelta(hours=2)) as assistant:
            corrected(assistant)
    result = CliRunner().invoke(app, ["--set", f"store.path={path}", "learn", *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def test_edge_learn_tells_what_it_found_and_not_what_was_said(tmp_path: Path) -> None:
    """What was said is only shown to who asks for it."""
    dry = run(tmp_path, "--dry-run")
    assert "Nothing was published" in dry
    assert "mitten" not in dry
    assert "mitten" not in run(tmp_path, "--dry-run", "--json")
    assert "'turn on the mitten light' means 'turn on the kitchen light'" in run(tmp_path, "--show").replace("\n", " ")
    assert "No rule changed." in run(tmp_path)


def test_the_store_is_read_but_little_of_it_at_a_time() -> None:
    """Turns come one after another: the job asks for an iterator, not for a list."""
    with Store.open(":memory:", SimulatedClock(EVENING)) as store:
        assert iter(store.turns_since(EVENING)) is not None
