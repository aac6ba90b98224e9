"""The account of a turn: what was heard, what it was taken for, what was chosen and why, and what came of it, as facts.

It holds ids and codes; the words for them are made where replies are worded.
"""

from collections.abc import Iterator
from typing import Any, Final

from edge.isolation.outline import Outline
from edge.knowledge import Device, Knowledge
from edge.names import fold
from edge.records import Act
from edge.signals import Diagnosis, Label
from edge.turn import Turn

Account = dict[str, Any]
"""JSON throughout. `heard`, `confidence` (None where it was typed), `room`; `wording` where another than was heard;
`intent`, `source`, `decision`, `unresolved`; `command`, `targets`, `values`; `because` (codes of `REASONS`); `outcome`
(confirmed, silent, sent, answered, asked, refused, nothing), `silent`; `point`, `sureness`, `evidence`; `meant`: what
was wanted, by what was said later (`text`, `intent`, `command`, `targets`, `values`, `sureness`), or empty."""

REASONS: Final = (
    "answered", "named", "nearly_named", "pointed", "placed", "here", "habit", "spoken_of", "only_one", "circumstances",
    "chance", "corrected",
)  # fmt: skip
"""Why this device: it was the answer to a question of ours, called by its name, by nearly its name, by "it"; in the
room that was said, in the room where it was said; asked for at this hour, just spoken of, the only one of its kind, or
told apart by what was on and what was not; tried by chance, as almost as likely as another. Or these words failed
before, and something else was said to be meant by them."""


def account(turn: Turn, knowledge: Knowledge, diagnosis: Diagnosis) -> Account:
    """The facts of a turn that ran under this knowledge."""
    outline, transcript = Outline.of(turn), turn.transcript
    heard = transcript.text if transcript else ""
    wording = outline.chosen.phrasing.text if outline.chosen else heard
    action = outline.action
    return {
        "turn_id": turn.turn_id,
        "heard": heard,
        "confidence": transcript.confidence if transcript and transcript.engine != "typed" else None,
        "room": turn.utterance.room,
        "wording": wording if fold(wording) != fold(heard) else "",
        "intent": outline.intent,
        "source": outline.meant.source if outline.meant else "",
        "decision": outline.kind,
        "unresolved": outline.unresolved,
        "command": outline.command,
        "targets": list(action.targets) if action else [],
        "values": dict(action.values) if action else {},
        "because": list(_because(outline, knowledge)),
        "outcome": _outcome(outline),
        "silent": [device_id for outcome in outline.outcomes for device_id in outcome.silent],
        "point": diagnosis.point,
        "sureness": round(diagnosis.confidence, 3),
        "evidence": list(diagnosis.evidence),
    }


def meant_by(label: Label | None, working: Turn | None) -> Account:
    """What a turn should have been taken for, by its label and the later turn that worked."""
    action = Outline.of(working).action if working else None
    if label is None or action is None:
        return {"meant": {}}
    return {
        "meant": {
            "text": label.text,
            "intent": label.intent,
            "command": action.command,
            "targets": list(action.targets),
            "values": dict(action.values),
            "sureness": round(label.confidence, 3),
        }
    }


def _outcome(outline: Outline) -> str:
    if not outline.outcomes:
        return "asked" if outline.kind in {"ask", "confirm"} else "nothing"
    if any(outcome.refused for outcome in outline.outcomes):
        return "refused"
    if outline.turn.is_unanswered:
        return "silent"
    if all(outcome.confirmed for outcome in outline.outcomes):
        return "confirmed"
    return "sent" if any(outcome.sent for outcome in outline.outcomes) else "answered"


def _because(outline: Outline, knowledge: Knowledge) -> Iterator[str]:
    """Codes of `REASONS`, what decided first."""
    if outline.turn.rule_id and not outline.turn.reply_to:
        yield "corrected"
        return
    chosen = [knowledge.home.device[each] for each in sorted(outline.targets) if each in knowledge.home.device]
    if not chosen or outline.meant is None:
        return
    slots = outline.slots
    if outline.turn.reply_to or outline.meant.source == "dialogue":
        yield "answered"
        return
    if slots.get("reference") or slots.get("targets"):
        yield "pointed"
    elif slots.get("name") or slots.get("names"):
        is_exact = outline.chosen is None or outline.chosen.is_exact or len(_namesakes(chosen, knowledge)) > len(chosen)
        yield "named" if is_exact else "nearly_named"
    yield from _told_apart(outline, chosen, knowledge)


def _told_apart(outline: Outline, chosen: list[Device], knowledge: Knowledge) -> Iterator[str]:
    """Why these and no others of that name or kind."""
    slots, context = outline.slots, outline.turn.context
    rooms = {device.area for device in chosen}
    if (slots.get("area") or slots.get("areas")) and not slots.get("here"):
        yield "placed"
        return
    others = len(_namesakes(chosen, knowledge)) > len(chosen)
    by_kind = not {"name", "names", "reference", "targets"} & slots.keys()
    if (others or by_kind) and context.room is not None and rooms == {context.room}:
        yield "here"
    elif others or by_kind:
        yield _circumstance(outline, chosen, knowledge)


def _circumstance(outline: Outline, chosen: list[Device], knowledge: Knowledge) -> str:
    decision = outline.turn.decision
    if isinstance(decision, Act) and decision.explored and decision.explored.is_second:
        return "chance"
    context, ids = outline.turn.context, {device.device_id for device in chosen}
    if any(ids & set(recent.action.targets) for recent in context.recent):
        return "spoken_of"
    hour = context.now.hour
    if any(each.target in ids and each.command == outline.command and each.hour == hour for each in knowledge.habits):
        return "habit"
    kinds = {(device.domain, device.device_class) for device in chosen}
    alike = [each for each in knowledge.home.devices if (each.domain, each.device_class) in kinds]
    return "only_one" if len(alike) == len(chosen) else "circumstances"


def _namesakes(chosen: list[Device], knowledge: Knowledge) -> list[Device]:
    """All devices that are called as one of the chosen ones, with these."""
    names = {fold(device.name) for device in chosen}
    return [device for device in knowledge.home.devices if fold(device.name) in names]
