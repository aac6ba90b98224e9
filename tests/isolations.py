"""Dialogues for isolation: the golden home, lived in with what the recogniser wrote, be it right or wrong."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from edge.home_names import vocabulary
from edge.isolation.called import NOBODY, Called
from edge.knowledge import Knowledge, Media
from edge.records import Utterance, Wake
from edge.signals import Signal
from edge.turn import Turn
from tests.conversations import GOLDEN, Talk

_DEFAULTS: Mapping[str, Any] = {
    "transcript": None,
    "candidates": (),
    "decision": None,
    "done_steps": (),
    "response": None,
}
_BOOKS = (
    Media("Harry Potter", "film"),
    Media("Harry Potter", "audiobook", "J. K. Rowling"),
    Media("Harry Potter and the Goblet of Fire", "film"),
)


def dialogues() -> list[dict[str, Any]]:
    """Every dialogue of the golden file."""
    found = tomllib.loads((GOLDEN / "isolation.toml").read_text(encoding="utf-8"))["dialogue"]
    assert isinstance(found, list)
    return found


@dataclass
class Dialogue:
    """One dialogue, lived through: its turns as they would lie in the store, and what else was observed."""

    turns: list[Turn] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)
    called: Called = NOBODY

    @classmethod
    def lived(cls, written: Mapping[str, Any]) -> "Dialogue":
        talk = Talk.at_golden_home(written.get("room"), written.get("silent", ()))
        player = talk.home.device["media_player.tv"]
        player = replace(player, catalogue=(*player.catalogue, *_BOOKS))
        devices = tuple(player if each.device_id == player.device_id else each for each in talk.home.devices)
        talk.home = replace(talk.home, devices=devices)
        dialogue = cls(called=Called.of(talk.home, (), vocabulary().sayable(Knowledge(1, talk.home)).words))
        for entry in written["turn"]:
            turn = _as_heard(talk.hear(_utterance(entry, talk.room), entry.get("after_s", 1)), entry)
            dialogue.turns.append(turn)
            dialogue.signals += [
                Signal(turn.turn_id, kind, turn.started_at, weight) for kind, weight in entry.get("signals", {}).items()
            ]
        return dialogue


def _utterance(entry: Mapping[str, Any], room: str | None) -> Utterance:
    return Utterance(
        "text" if "confidence" not in entry else "microphone",
        room,
        entry.get("speaker", "unknown"),
        Wake("alexa", entry["wake"]) if "wake" in entry else None,
        entry["heard"],
        entry.get("confidence", 1.0),
        tuple(entry.get("heard_too", ())),
        entry.get("speech_ms", 0.0),
    )


def _as_heard(turn: Turn, entry: Mapping[str, Any]) -> Turn:
    """The turn with what the recogniser alone could have told, and without what is missing."""
    if "confidence" in entry:
        turn = replace(turn, utterance=replace(turn.utterance, typed=None, typed_alternatives=(), typed_confidence=1.0))
    if turn.transcript is not None and "free" in entry:
        turn = replace(turn, transcript=replace(turn.transcript, free=entry["free"]))
    gone = {name: _DEFAULTS[name] for name in entry.get("missing", ())}
    return Turn.from_stored(replace(turn, **gone).to_stored())
