"""Rules on the live path: the golden cases of `golden/rewrites.toml`, replay, and what is learned from their turns."""

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from edge.feedback.reading import read_signals
from edge.records import Act, Confirm, Utterance
from edge.replay import replay
from edge.rewrites import Meaning, Rewrite
from edge.rewriting.as_heard import AsHeard
from edge.rewriting.precomputed import Precomputed
from edge.text import normal
from edge.turn import Turn
from tests.conversations import GOLDEN, Talk

CASE = {"what", "room", "off", "left_out", "rules", "turns"}
RULE = {"heard", "meant", "state", "speaker", "room", "explicit", "targets", "command"}
TURN = {"said", "after_s", "speaker", "heard_too", "sure", "unattended", "targets", "command", "reply", "kind", "rule"}
CHECKED = ("targets", "command", "reply", "kind", "rule")


def cases() -> list[Any]:
    """Every case of the golden file; a word that nobody knows is a mistake in it."""
    found = tomllib.loads((GOLDEN / "rewrites.toml").read_text(encoding="utf-8"))["case"]
    for case in found:
        unknown = case.keys() - CASE
        unknown |= {key for rule in case.get("rules", ()) for key in rule} - RULE
        unknown |= {key for turn in case["turns"] for key in turn} - TURN
        assert not unknown, f"{case['what']}: what is {sorted(unknown)}?"
    return [pytest.param(case, id=case["what"]) for case in found]


def a_rule(number: int, written: Mapping[str, Any]) -> Rewrite:
    """A rule as it is written; what it is for is what its words come to now, unless it says otherwise."""
    steps = Talk.at_golden_home(written.get("room")).say(written["meant"]).done_steps
    meaning = Meaning.of(steps[0].step.interpretation, steps[0].step.action)
    if "targets" in written:
        meaning = Meaning("HassTurnOn", written["command"], tuple(written["targets"]))
    heard = [written["heard"]] if isinstance(written["heard"], str) else written["heard"]
    return Rewrite(
        f"rule-{number}",
        tuple(map(normal, heard)),
        written["meant"],
        meaning,
        written["state"],
        speaker=written.get("speaker", ""),
        room=written.get("room", ""),
        is_explicit=written.get("explicit", False),
    )


def talk_of(case: Mapping[str, Any]) -> Talk:
    """A conversation in the golden home under the rules of the case."""
    talk = Talk.at_golden_home(case.get("room"))
    talk.rules = tuple(a_rule(number, each) for number, each in enumerate(case.get("rules", ())))
    talk.rewriting = AsHeard() if case.get("off") else Precomputed(held_out=1.0 if case.get("left_out") else 0.0)
    return talk


def lived(talk: Talk, written: Mapping[str, Any]) -> Turn:
    talk.attended = not written.get("unattended", False)
    others = tuple(written.get("heard_too", ()))
    speaker, sure = written.get("speaker", "unknown"), written.get("sure", 1.0)
    utterance = Utterance("text", talk.room, speaker, None, written["said"], sure, others)
    return talk.hear(utterance, written.get("after_s", 1))


def became(turn: Turn) -> dict[str, Any]:
    """What became of a turn, in the words of the golden file."""
    assert turn.response is not None
    step = turn.decision.steps[0] if turn.decision and turn.decision.steps else None
    if turn.rule_id:
        rule = "asked" if isinstance(turn.decision, Confirm) else "used"
    elif any(each.held_out for each in turn.attempts):
        rule = "left out"
    else:
        rule = "logged" if any(each.rule_id for each in turn.attempts) else "none"
    return {
        "targets": sorted(step.action.targets) if step else [],
        "command": step.action.command if step else "",
        "reply": turn.response.text,
        "kind": turn.response.kind,
        "rule": rule,
    }


@pytest.mark.parametrize("case", cases())
def test_a_rule_is_used_as_written(case: Mapping[str, Any]) -> None:
    """What is done, said and kept of the rule is that of the golden file, and nothing moves without a decision."""
    talk = talk_of(case)
    for written in case["turns"]:
        moved = len(talk.actor.moved)
        turn = lived(talk, written)
        found = became(turn)
        assert {key: found[key] for key in CHECKED if key in written} == {
            key: written[key] for key in CHECKED if key in written
        }
        assert isinstance(turn.decision, Act) or len(talk.actor.moved) == moved


@pytest.mark.parametrize("case", cases())
def test_such_a_turn_is_lived_through_again(case: Mapping[str, Any]) -> None:
    """With the rules that it ran under a stored turn comes out the same, also one in which a rule was left out."""
    talk = talk_of(case)
    for written in case["turns"]:
        stored = Turn.from_stored(lived(talk, written).to_stored())
        assert replay(stored, talk.knowledge, talk.stages()).differences == ()


def test_both_readings_are_kept() -> None:
    """What was heard is understood and logged beside what is meant, with what would have been done."""
    rule = {"heard": "turn on the lights", "meant": "turn on the floor lamp", "state": "active"}
    turn = talk_of({"room": "kitchen", "rules": [rule]}).say("turn on the lights")
    assert [(each.origin, each.rule_id) for each in turn.attempts] == [("heard", None), ("rewrite", "rule-0")]
    assert isinstance(turn.decision, Act)
    assert turn.decision.rewritten is not None
    assert [action.targets for action in turn.decision.rewritten.instead_of] == [("light.kitchen", "light.counter")]
    assert turn.to_dict()["rewrite"] == "rule-0"


def test_a_rule_that_is_only_tried_has_no_say() -> None:
    """What is concluded later goes by the readings of what was heard, and by those of a rule that decides."""
    rule = {"heard": "turn on the chicken light", "meant": "turn on the kitchen light"}
    for state, origins in (("shadow", {"heard"}), ("active", {"heard", "rewrite"})):
        turn = talk_of({"rules": [{**rule, "state": state}]}).say("turn on the chicken light")
        assert {each.phrasing.origin for each in turn.readings} == origins
        assert len(turn.candidates) > len(turn.readings) or state == "active"


def test_without_rules_nothing_is_stored_of_them() -> None:
    """Turns keep the form that they had."""
    stored = Talk.at_golden_home().say("turn on the kitchen light").to_stored()
    assert '"rewritten"' not in stored


@pytest.mark.parametrize(("said", "kind"), [("no", "undo"), ("undo", "undo"), ("that's wrong", "wrong")])
def test_feedback_speaks_of_the_turn_of_the_rule(said: str, kind: str) -> None:
    """Whoever takes it back says so of the turn that names the rule; the turn that does so names none."""
    talk = talk_of(
        {"rules": [{"heard": "turn on the chicken light", "meant": "turn on the kitchen light", "state": "active"}]}
    )
    used, taken_back = talk.say("turn on the chicken light"), talk.say(said, after_s=4)
    signals = read_signals([used, taken_back], [], taken_back.started_at)
    assert (used.rule_id, taken_back.rule_id) == ("rule-0", "")
    assert [(each.turn_id, each.kind) for each in signals if each.from_turn_id == taken_back.turn_id] == [
        (used.turn_id, kind)
    ]
    assert all(each.weight > 0 for each in signals if each.kind == kind)


def test_the_share_that_is_left_out_is_as_said() -> None:
    """Over many moments about one in ten, and in the same moment always the same."""
    talk = talk_of(
        {"rules": [{"heard": "turn on the chicken light", "meant": "turn on the kitchen light", "state": "active"}]}
    )
    talk.rewriting = Precomputed()
    turn = talk.say("turn on the chicken light")
    raw = replace(turn, attempts=turn.attempts[:1], candidates=())
    left_out = 0
    for second in range(2_000):
        moment = replace(raw, context=replace(raw.context, now=raw.context.now.replace(microsecond=second * 7)))
        (first,), (again,) = (list(talk.rewriting.rewrites(moment, talk.knowledge)) for _ in range(2))
        assert first == again
        left_out += first.held_out
    assert 160 <= left_out <= 240
