"""The golden conversations: what is said in an invented home, and what must come of it.

The cases are data, in `golden/conversations/*.toml`; anybody can add one. `[[say]]` is one sentence, `[[talk]]` several
in a row. What a case does not mention is not checked.

    said, heard_too     the sentence, and the recogniser's other readings
    room, offline       where the person is; whether the home is away
    pin, unattended     the PIN that is set; whether the words came over MQTT, with nobody there
    silent, after_s     devices that do not answer; seconds since the sentence before
    intent, command     what was understood, what was to be done
    targets, values     to which devices, with which values
    choices             for a question "which one?": what was offered
    reply, kind         the words of the reply and their kind (answer, where it is not said)
"""

import tomllib
from collections.abc import Mapping
from typing import Any

import pytest

from edge.records import Act, Reject
from edge.replay import replay
from edge.turn import Turn
from tests.conversations import GOLDEN, Talk
from tests.homes import FakePins

SETTING = {"room", "offline", "silent", "pin", "unattended"}
EXPECTED = {"intent", "command", "targets", "values", "choices", "reply", "kind"}
TURN = {"said", "heard_too", "after_s"} | EXPECTED
WAKE_WORDS = ("alexa", "jarvis", "mycroft", "rhasspy")


def conversations() -> list[Any]:
    """Every `[[say]]` and `[[talk]]` of every file."""
    found = []
    for file in sorted((GOLDEN / "conversations").glob("*.toml")):
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
        talks = [({k: v for k, v in say.items() if k in SETTING}, [say]) for say in tables.pop("say", [])]
        talks += [({k: v for k, v in talk.items() if k != "turn"}, talk["turn"]) for talk in tables.pop("talk", [])]
        assert not tables, f"{file.name}: what is {sorted(tables)}?"
        for setting, turns in talks:
            unknown = set(setting) - SETTING | {key for turn in turns for key in turn} - TURN - SETTING
            assert not unknown, f"{file.name}: what is {sorted(unknown)} in {turns[0]['said']!r}?"
            found.append(pytest.param(setting, turns, id=f"{file.stem}: {turns[0]['said']!r:.60}"))
    return found


CONVERSATIONS = conversations()


@pytest.mark.parametrize(("setting", "turns"), CONVERSATIONS)
def test_a_conversation_goes_as_written(setting: Mapping[str, Any], turns: list[Mapping[str, Any]]) -> None:
    """Intent, devices, command, values and reply are those of the golden file, and nothing else moves."""
    talk = Talk.at_golden_home(setting.get("room"), setting.get("silent", ()), online=not setting.get("offline", False))
    talk.pins, talk.attended = FakePins(setting.get("pin", "")), not setting.get("unattended", False)
    for expected in turns:
        moved_before = len(talk.actor.moved)
        turn = talk.say(expected["said"], tuple(expected.get("heard_too", ())), expected.get("after_s", 1))
        came_of_it = {"kind": "answer", **_found(turn)}
        wanted = {"kind": "answer", **{key: expected[key] for key in EXPECTED & expected.keys()}}
        assert {key: came_of_it.get(key) for key in wanted} == wanted
        if not isinstance(turn.decision, Act):
            assert len(talk.actor.moved) == moved_before, "something moved without a decision to act"


@pytest.mark.parametrize(("setting", "turns"), CONVERSATIONS)
def test_a_stored_turn_is_lived_through_again(setting: Mapping[str, Any], turns: list[Mapping[str, Any]]) -> None:
    """Every golden turn survives its JSON form and comes out the same from it, with only the states it consulted."""
    talk = Talk.at_golden_home(setting.get("room"), setting.get("silent", ()), online=not setting.get("offline", False))
    for expected in turns:
        turn = talk.say(expected["said"], tuple(expected.get("heard_too", ())), expected.get("after_s", 1))
        stored = Turn.from_stored(turn.to_stored())
        assert replay(stored, talk.knowledge, talk.stages()).differences == ()


def test_no_reply_says_a_wake_word() -> None:
    """The assistant's own voice must not wake it, even when a person uses the wake word as a name."""
    said = [turn["said"] for parameters in CONVERSATIONS for turn in parameters.values[1]]
    talk = Talk.at_golden_home()
    replies = [_reply(talk.say(text)) for text in (*said, "turn on hey jarvis", "turn on the hey mycroft lamp")]
    assert not [reply for reply in replies if any(f"hey {word}" in reply.casefold() for word in WAKE_WORDS)]


def test_there_are_conversations_of_every_kind() -> None:
    """The golden set covers each kind of reply, and is not thinned out unnoticed."""
    turns = [turn for parameters in CONVERSATIONS for turn in parameters.values[1]]
    assert {turn.get("kind", "answer") for turn in turns} == {"answer", "question", "confirmation", "refusal", "error"}
    assert len(turns) >= 250


def _found(turn: Turn) -> dict[str, Any]:
    """What came of a turn, in the words of the golden files."""
    found: dict[str, Any] = {"reply": _reply(turn), "kind": turn.response.kind if turn.response else None}
    if isinstance(turn.decision, Reject) and turn.decision.interpretation:
        found["intent"] = turn.decision.interpretation.intent
    steps = turn.decision.steps if turn.decision else ()
    if steps:
        step = steps[0]
        found |= {"intent": step.interpretation.intent, "command": step.action.command}
        found |= {"targets": list(step.action.targets), "values": dict(step.action.values)}
        targets = [step.action.targets for step in steps]
        found["choices"] = [each[0] if len(each) == 1 else list(each) for each in targets]
    return found


def _reply(turn: Turn) -> str:
    assert turn.response is not None
    return turn.response.text
