"""Turns with what was observed of them become exchanges, the records of mining."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from edge import intents, lived
from edge.records import Act, Candidate, Confirm, Reject, ResolvedAction, Step
from edge.rewrites import Meaning
from edge.rewriting.critical import critical
from edge.rewriting.mining.exchange import Exchange, Next, Use
from edge.signals import Label, Signal, SignalKind
from edge.text import clean, normal
from edge.turn import Turn

P_REPEATED: Final = 0.9
P_CORRECTED: Final = 0.95

CLEAR_WEIGHT: Final = 1.5
"""A signal that weighs less, in nats, comes from somebody who says so of everything, and is no clear word."""

UNKNOWN_SERVED: Final = 0.5
"""Of a turn that nobody labelled."""

_REJECTING: Final[frozenset[SignalKind]] = frozenset({"no", "wrong", "not_said", "meant_other", "undo", "put_back"})
_CUE: Final = re.compile(
    r"^(?:(?:no|nope|wrong|sorry|not (?:that|it)(?: one)?|i (?:just )?(?:said|meant|mean|wanted)(?: to)?)\b[ ,]*)+"
)


def exchanges(
    turns: Iterable[Turn], signals: Mapping[str, Sequence[Signal]], labels: Mapping[str, Label]
) -> Iterator[Exchange]:
    """Every turn in which somebody wanted something; signals and labels by turn_id. Total: any turns.

    `turns` in the order in which they were lived; few of them are in memory.
    """
    for together in lived.conversations(turns):
        for turn in together:
            if _wants_something(turn):
                yield _exchange(turn, together[0].turn_id, signals.get(turn.turn_id, ()), labels.get(turn.turn_id))


def without_cue(text: str) -> str:
    """`no i meant the floor lamp` -> `the floor lamp`; a text that is nothing else stays."""
    return _CUE.sub("", text).strip() or text


def _wants_something(turn: Turn) -> bool:
    if lived.is_by_itself(turn) or lived.is_empty(turn) or lived.is_about_us(turn):
        return False
    return lived.intent(turn) not in {intents.UNDO, intents.AGAIN}


def _exchange(turn: Turn, session: str, signals: Sequence[Signal], label: Label | None) -> Exchange:
    kinds = {signal.kind for signal in signals}
    clear = {signal.kind for signal in signals if abs(signal.weight) >= CLEAR_WEIGHT}
    step = _only_step(turn)
    meaning = Meaning.of(step.interpretation, step.action) if step is not None else None
    rule_id, use, rewritten = _rule(turn, meaning)
    return Exchange(
        turn_id=turn.turn_id,
        at=lived.moment(turn),
        day=turn.started_at.date(),
        session=session,
        heard=lived.said(turn),
        wording=_wording(turn),
        is_guess=step is not None and step.interpretation.is_guess,
        others=tuple(map(normal, turn.transcript.alternatives)) if turn.transcript else (),
        speaker="" if turn.utterance.speaker == lived.UNKNOWN else turn.utterance.speaker,
        room=turn.utterance.room or "",
        raw=_instead_of(turn) if use in {"used", "asked"} else meaning,
        is_understood=not isinstance(turn.decision, Reject | None),
        done=meaning if _may_have_worked(turn, clear) else None,
        served=label.probability if label else UNKNOWN_SERVED,
        followed=tuple(_followed(signals)),
        meant=normal(label.text) if label else "",
        meant_from=label.from_turn_id if label else "",
        rule_id=rule_id,
        use=use,
        rewritten=rewritten,
        is_rejected=bool(clear & _REJECTING) or (use in {"used", "asked"} and "cancel" in kinds),
        is_affirmed="yes" in kinds,
    )


def _followed(signals: Sequence[Signal]) -> Iterator[Next]:
    for signal in signals:
        p = signal.detail.get("p")
        if not signal.from_turn_id:
            continue
        if signal.kind == "meant_other" and signal.weight >= CLEAR_WEIGHT:
            yield Next(signal.from_turn_id, P_CORRECTED, is_explicit=True)
        elif signal.kind == "repeat":
            yield Next(signal.from_turn_id, P_REPEATED)
        elif signal.kind == "rephrase" and isinstance(p, float | int):
            yield Next(signal.from_turn_id, min(1.0, max(0.0, float(p))))


def _only_step(turn: Turn) -> Step | None:
    """What was done or asked about, where it was one thing."""
    steps = turn.decision.steps if isinstance(turn.decision, Act | Confirm) else ()
    explored = turn.decision.explored if isinstance(turn.decision, Act) else None
    return steps[0] if len(steps) == 1 and not explored else None


def _may_have_worked(turn: Turn, clear: set[SignalKind]) -> bool:
    if isinstance(turn.decision, Confirm):
        return "yes" in clear
    return isinstance(turn.decision, Act) and turn.has_come_about


def _rule(turn: Turn, done: Meaning | None) -> tuple[str, Use, Meaning | None]:
    """Which rule had a say, what became of its wording, and what that came to."""
    decided = turn.decision.rewritten if isinstance(turn.decision, Act | Confirm) else None
    if decided is not None:
        return decided.rule_id, "asked" if isinstance(turn.decision, Confirm) else "used", done
    wording = next((each for each in turn.attempts if each.rule_id), None)
    if wording is None or wording.rule_id is None:
        return "", "", None
    came_to = _best([each for each in turn.candidates if each.phrasing.rule_id == wording.rule_id])
    return wording.rule_id, "held_out" if wording.held_out else "shadow", came_to


def _instead_of(turn: Turn) -> Meaning | None:
    """What would have been done without the rule, where that is one thing."""
    decided = turn.decision.rewritten if isinstance(turn.decision, Act | Confirm) else None
    actions = decided.instead_of if decided else ()
    if len(actions) != 1:
        return None
    return _best([each for each in turn.candidates if not each.phrasing.rule_id and each.resolution == actions[0]])


def _best(candidates: Sequence[Candidate]) -> Meaning | None:
    """What the likeliest of them would do."""
    found = [each for each in candidates if isinstance(each.resolution, ResolvedAction)]
    best = max(found, key=lambda each: each.score, default=None)
    if best is None or not isinstance(best.resolution, ResolvedAction):
        return None
    return Meaning.of(best.interpretation, best.resolution)


def _wording(turn: Turn) -> str:
    """As it was said, if it stands for itself."""
    text = clean(turn.transcript.text) if turn.transcript else ""
    is_said_plainly = without_cue(normal(text)) == normal(text) and not critical(text).refers
    return text if is_said_plainly and not any(_leans(each) for each in turn.candidates) else ""


def _leans(candidate: Candidate) -> bool:
    slots = candidate.interpretation.slots
    return candidate.interpretation.source == "dialogue" or bool(slots.get("correction") or slots.get("reference"))
