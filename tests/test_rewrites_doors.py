"""Rules in the house: `edge rewrites`, `edge knowledge`, the switch, and a service that takes changes over at once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from edge.api import Assistant, Home
from edge.cli import app
from edge.clock import SimulatedClock, WallClock
from edge.control import ControlServer
from edge.desk import Desk
from edge.errors import StoreError
from edge.paths import control_socket
from edge.rewrites import Meaning, Rewrite
from edge.runtime import build_runtime
from edge.settings import LearningSettings, Settings
from edge.store import Store
from edge.turn import Turn

START = datetime(2026, 11, 22, 19, tzinfo=UTC)
LAMP = Meaning("HassTurnOn", "turn_on", ("light.kitchen",))
CHICKEN = Rewrite(
    "ab12cd34",
    ("turn on the chicken light", "turn on the checking light"),
    "turn on the kitchen light",
    LAMP,
    "active",
    is_explicit=True,
    wins=2.0,
    trials=1,
    days=1,
    since=START,
    reason="somebody said what was meant",
)
SAID = "turn on the chicken light"
FAILED, DONE = "I know nothing called chicken light.", "The kitchen light is on."


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    """An assistant in the demo home that has learned one rule."""
    with Assistant.open(home=Home.demo(), clock=SimulatedClock(START), store=tmp_path / "edge.db") as opened:
        opened.runtime.conversation.knowledge()
        opened.runtime.store.known.publish([CHICKEN], "one rule was learned")
        opened.runtime.conversation.forget_knowledge()
        yield opened


def reply(turn: Turn) -> str:
    return turn.response.text if turn.response else ""


def test_what_was_learned_is_used_and_named(assistant: Assistant) -> None:
    """The reply is the usual one; who asks why is told that it was corrected, aloud and on the screen."""
    turn = assistant.hear_text(SAID)
    assert reply(turn) == DONE
    assert assistant.home.states()["light.kitchen"]["state"] == "on"
    assert reply(assistant.hear_text("why did you do that?")) == (
        "I heard: turn on the chicken light. I took it for a wish to turn on the kitchen light,"
        " because you corrected me before."
    )
    desk = Desk(assistant.runtime)
    assert dict(desk.why(turn.turn_id)["lines"])["chose"] == "the kitchen light, because you corrected me before"
    assert desk.replay(turn.turn_id)["same"]


def test_the_switch_turns_all_of_it_off(tmp_path: Path) -> None:
    """With it off a home that has learned is as if it had not, and the rules stay for another day."""
    for on, expected in ((True, DONE), (False, FAILED), (True, DONE)):
        settings = Settings(learning=LearningSettings(rewrites=on))
        with Assistant.open(
            settings, home=Home.demo(), clock=SimulatedClock(START), store=tmp_path / "edge.db"
        ) as opened:
            opened.runtime.conversation.knowledge()
            opened.runtime.store.known.publish([CHICKEN], "one rule was learned")
            opened.runtime.conversation.forget_knowledge()
            assert reply(opened.hear_text(SAID)) == expected


def test_rules_outlive_a_restart_and_a_home_that_changes(tmp_path: Path) -> None:
    """What was learned is in force again after a start, whatever the home looks like by then."""
    home = tmp_path / "home.toml"
    home.write_text('[area.kitchen]\n[light.kitchen]\nname = "kitchen light"\narea = "kitchen"\n', encoding="utf-8")
    for more in ("", '[light.hall]\nname = "hall light"\narea = "kitchen"\n'):
        home.write_text(home.read_text(encoding="utf-8") + more, encoding="utf-8")
        clock = SimulatedClock(START)
        with Assistant.open(home=Home.simulated(home), clock=clock, store=tmp_path / "edge.db") as opened:
            if not more:
                opened.runtime.store.known.publish([CHICKEN], "one rule was learned")
            assert reply(opened.hear_text(SAID)) == DONE


def test_the_desk_changes_rules_at_once(assistant: Assistant) -> None:
    """The next turn already goes by it: asked no more, forbidden, forgotten, and back again."""
    desk = Desk(assistant.runtime).deeds()
    learned = assistant.runtime.conversation.knowledge().revision
    assert desk["pin_rewrite"](rule_id="ab") == "Rule ab12cd34 stays active, whatever is learned."
    assert [row["is_pinned"] for row in desk["rewrites"]()] == [True]
    desk["pin_rewrite"](rule_id="ab", pinned=False)
    assert assistant.runtime.conversation.knowledge().revision == learned
    desk["disable_rewrite"](rule_id="ab12")
    assert reply(assistant.hear_text(SAID)) == FAILED
    assert [each["state"] for each in desk["rewrite"](rule_id="ab")["life"]] == ["active", "tombstone"]
    assert "is not learned again" in desk["disable_rewrite"](rule_id="ab12")
    desk["forget_rewrite"](rule_id="ab12cd34")
    assert desk["rewrites"]() == []
    with pytest.raises(StoreError, match="There are no rules yet"):
        desk["rewrite"](rule_id="ab12cd34")


def test_what_was_taken_back_is_let_alone_until_it_was_learned_from(assistant: Assistant) -> None:
    """An undo counts at once; what is known after the next learning counts again."""
    assistant.hear_text(SAID)
    assert reply(assistant.hear_text("no")) == "The kitchen light is off again."
    assistant.advance(timedelta(minutes=20))
    assert reply(assistant.hear_text(SAID)) == FAILED
    assistant.runtime.conversation.forget_knowledge()
    assert reply(assistant.hear_text(SAID)) == DONE


def test_rolled_back_from_one_turn_to_the_next(assistant: Assistant) -> None:
    """What was learned since is out of use in the very next turn; the log and the difference tell of it."""
    desk = Desk(assistant.runtime).deeds()
    assert reply(assistant.hear_text(SAID)) == DONE
    now, before = (row["revision"] for row in desk["knowledge_log"](limit=2))
    (only,) = desk["knowledge_diff"](before=before, after=now)
    assert (only["kind"], only["name"], only["change"]) == ("rewrite", "ab12cd34", "new")
    said = desk["roll_back"](revision=before)
    assert said.startswith(f"What was learned after revision {before} is out of use")
    assert reply(assistant.hear_text(SAID)) == FAILED
    assert [row["revision"] for row in desk["knowledge_log"]()][:3] == [before, now, before]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`edge`, with a data directory of its own."""
    monkeypatch.setenv("EDGE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("EDGE_SOCKET", str(tmp_path / "none.sock"))
    monkeypatch.setenv("COLUMNS", "200")
    return lambda *words: CliRunner().invoke(app, list(words))


def test_edge_rewrites_speaks_plainly(run: Any, tmp_path: Path) -> None:
    """Nothing yet, then a table that explains itself, the life of one rule, and what may be done about it."""
    assert "learned at night" in run("rewrites", "list").output
    assert "Nothing is known yet" in run("knowledge", "log").output
    assert run("say", SAID).exit_code == 0
    shadow = Rewrite("ff00", ("play sum jars",), "play some jazz", LAMP, "suspended", speaker="anna", room="kitchen")
    with Store.open(tmp_path / "data" / "edge.db", WallClock()) as store:
        store.known.publish([CHICKEN, shadow], "two rules were learned")
    listed = run("rewrites", "list").output
    for part in ("turn on the chicken light (and 1 like it)", "turn on the kitchen light", "active: done at once"):
        assert part in listed
    assert "1 more are out of use" in listed
    assert "anna in kitchen" in run("rewrites", "list", "--all").output
    shown = run("rewrites", "show", "ab").output
    for part in ("turn_on -> light.kitchen", "1 talk on 1 day, and somebody said so", "2026-11-22 19:00 active"):
        assert part in shown
    assert DONE in run("say", SAID).output
    assert "because you corrected me before" in run("why").output
    assert "'turn on the kitchen light' (ab12cd34, taken for it)" in run("turns", "last").output
    assert "two rules were learned" in run("knowledge", "log").output
    assert '"rule_id": "ab12cd34"' in run("rewrites", "list", "--json").output
    assert '"life"' in run("rewrites", "show", "ab", "--json").output
    assert "stays active" in run("rewrites", "pin", "ab").output
    assert "until something else is learned" in run("rewrites", "pin", "ab", "--off").output
    assert "not used any more" in run("rewrites", "disable", "ab").output
    assert "is forgotten" in run("rewrites", "forget", "ab").output
    assert "rewrite  new     ab12cd34" in run("knowledge", "diff", "1", "2").output
    assert "do not differ" in run("knowledge", "diff", "1", "1").output
    assert "is in force" in run("knowledge", "rollback", "1").output


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("rewrites", "show", "zz"), "the nearest is ab12cd34"),
        (("rewrites", "forget", "zz"), "the nearest is ab12cd34"),
        (("knowledge", "rollback", "99"), "There is no knowledge revision 99; the latest is 2"),
        (("knowledge", "diff", "1", "99"), "There is no knowledge revision 99"),
    ],
)
def test_what_is_not_there_is_named(run: Any, tmp_path: Path, words: tuple[str, ...], answer: str) -> None:
    """With what might be meant, and without a crash."""
    run("say", "turn on the kitchen light")
    with Store.open(tmp_path / "data" / "edge.db", WallClock()) as store:
        store.known.publish([CHICKEN], "one rule was learned")
    found = run(*words)
    assert found.exit_code != 0
    assert answer in str(found.exception)


def test_a_running_service_takes_it_over(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commands go through its socket, and its next turn goes by what they changed."""
    monkeypatch.setenv("EDGE_SOCKET", str(tmp_path / "edge.sock"))
    runtime = build_runtime(Settings(), clock=WallClock(), in_process=True, store=tmp_path / "other.db")
    try:
        runtime.conversation.knowledge()
        runtime.store.known.publish([CHICKEN], "one rule was learned")
        runtime.conversation.forget_knowledge()
        server = ControlServer(control_socket(), Desk(runtime).deeds())
        try:
            assert DONE in run("say", SAID).output
            assert "not used any more" in run("rewrites", "disable", "ab").output
            assert FAILED in run("say", SAID).output
            assert "ab12cd34" in run("rewrites", "list", "--all").output
        finally:
            server.close()
    finally:
        runtime.close()
