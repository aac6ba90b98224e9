"""Quality gate: home commands as strangers word them, and talk among people, against the thresholds of quality.toml."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from edge.records import Act
from edge.turn import Turn
from tests.conversations import GOLDEN, Talk

KEYS: Final = {"said", "room", "before", "does", "command", "targets", "values"}
DOES: Final = {"act": "act", "confirm": "confirm", "ask": "ask", "reject": "refuse"}

SENTENCES: Final = tomllib.loads((GOLDEN / "free_wording.toml").read_text(encoding="utf-8"))
THRESHOLDS: Final = tomllib.loads((Path(__file__).parent / "quality.toml").read_text(encoding="utf-8"))["free_wording"]


def lived(case: Mapping[str, Any]) -> tuple[Turn, Talk]:
    """The sentence in the golden home, after what was said before it."""
    talk = Talk.at_golden_home(case.get("room"))
    for before in case.get("before", ()):
        talk.say(before)
    talk.actor.moved.clear()
    return talk.say(case["said"]), talk


def came_of(turn: Turn) -> dict[str, Any]:
    """The decision in the words of the file."""
    assert turn.decision is not None
    found: dict[str, Any] = {"does": DOES[turn.decision.kind]}
    if turn.decision.steps:
        action = turn.decision.steps[0].action
        found |= {"command": action.command, "targets": sorted(action.targets), "values": dict(action.values)}
    return found


def wanted(case: Mapping[str, Any]) -> dict[str, Any]:
    """What the file says must come of it."""
    assert case.keys() <= KEYS, f"what is {sorted(case.keys() - KEYS)} in {case['said']!r}?"
    expected = {"does": "act", **{key: case[key] for key in ("does", "command", "targets", "values") if key in case}}
    return expected | ({"targets": sorted(case["targets"])} if "targets" in case else {})


def guarded_moved(talk: Talk) -> bool:
    """Whether something guarded moved without a yes."""
    return any(
        talk.home.device[target].tier == "guarded" and step.confirmed_by is None
        for step in talk.actor.moved
        for target in step.action.targets
    )


@pytest.mark.quality
def test_free_wording_is_understood() -> None:
    """Devices, command and values are right in nine of ten, and nothing guarded moves."""
    wrong, moved = list[str](), 0
    for case in SENTENCES["command"]:
        turn, talk = lived(case)
        expected, found = wanted(case), came_of(turn)
        if {key: found.get(key) for key in expected} != expected:
            wrong.append(f"{case['said']!r}: {found}, not {expected}")
        moved += guarded_moved(talk)
    right = 1 - len(wrong) / len(SENTENCES["command"])
    assert moved <= THRESHOLDS["guarded_moved_max"]
    assert right >= THRESHOLDS["right_min"], "\n".join([f"{right:.2f} right", *wrong])


@pytest.mark.quality
def test_talk_among_people_does_nothing() -> None:
    """What is not meant for the assistant moves nothing, asks nothing and is no command."""
    acted = []
    for said in SENTENCES["talk"]:
        turn, _ = lived({"said": said})
        if isinstance(turn.decision, Act) or came_of(turn)["does"] != "refuse":
            acted.append(f"{said!r}: {came_of(turn)}")
    assert len(acted) <= THRESHOLDS["talk_acted_on_max"], "\n".join(acted)


def test_there_is_enough_free_wording() -> None:
    """The set is not thinned out unnoticed, and no sentence of it was taught."""
    said = [case["said"] for case in SENTENCES["command"]] + SENTENCES["talk"]
    assert len(set(said)) >= 150
    assert len(SENTENCES["talk"]) >= 50
    taught = (Path(__file__).parents[1] / "models" / "nlu" / "sentences.toml").read_text(encoding="utf-8")
    assert [text for text in said if f'"{text.casefold()}"' in taught.casefold()] == []
