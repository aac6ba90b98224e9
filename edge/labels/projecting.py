"""Projection: what a failed turn should have been taken for, from the later turn that worked."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, Final

from edge.labels.goals import attempts
from edge.lived import answer, is_empty, is_refused, meant, said, same_person
from edge.names import fold
from edge.phonetics import likeness
from edge.records import Act, Interpretation
from edge.signals import Diagnosis, Signal
from edge.turn import Turn

FAILED: Final = 0.5
"""A turn that served with a higher probability is not put right."""

WORKED: Final = 0.75
"""Of a turn that served with a lower probability nothing is taken."""

SOUNDS_LIKE: Final = 0.7
"""Likeness from which one text may be what was misheard as the other."""

CLEAR: Final = 0.7
"""Probability from which it is clear that it was misheard; below 1 - CLEAR, that it was not."""

REST_MAX: Final = 1
"""A correction with no more words than this beside a value only names what was wrong: `no, the floor lamp`."""

TIED: Final[Mapping[str, float]] = {"repeat": 0.95, "meant_other": 0.95, "not_said": 0.9, "wrong": 0.9, "undo": 0.85}
"""By what ties two turns, how sure it is that the later one wants what the earlier wanted."""
LOOSE: Final = 0.75
"""The same where they only lie in one goal."""

_CUE: Final = re.compile(
    r"^(?:(?:no|nope|wrong|sorry|please|not (?:that|it)(?: one)?|i (?:just )?(?:said|meant|mean|wanted)(?: to)?)\b ?)+"
)
_OURS: Final = frozenset({"targets", "reference", "here", "correction", "domain", "device_class"})
"""Slots that nobody says: they have no words to be moved to."""


@dataclass(frozen=True)
class Projection:
    """What is moved from the turn that worked to the one that failed."""

    text: str = ""
    """Empty: not known."""
    intent: str = ""
    slots: Mapping[str, Any] = field(default_factory=dict)
    confidence: float = 0.0
    """0 to 1."""
    from_turn_id: str = ""


NOTHING: Final = Projection()


def project(
    failed: Turn,
    goal: Sequence[Turn],
    served: Mapping[str, float],
    signals: Sequence[Signal] = (),
    diagnosis: Diagnosis | None = None,
) -> Projection:
    """What a turn of this goal should have been taken for; `NOTHING` where no later attempt tells.

    Intent and slots are those of the attempt that worked. The transcript depends on where it went wrong: what was
    misheard sounds like the working words, and they are what should have been heard; what was heard rightly and taken
    wrongly keeps its own words, and the slots move onto them. Where it is unclear which of both, no transcript is told.
    """
    if served[failed.turn_id] > FAILED or is_empty(failed) or answer(failed):
        return NOTHING
    working = next(_working(failed, goal, served), None)
    interpretation = meant(working) if working is not None else None
    if working is None or interpretation is None:
        return NOTHING
    text = _text(failed, working, interpretation, diagnosis)
    slots = dict(_moved_over(interpretation.slots, said(working), text))
    sure = served[working.turn_id] * (1 - served[failed.turn_id]) * _tie(signals, working)
    return Projection(text, interpretation.intent, slots, round(sure, 4), working.turn_id)


def _working(failed: Turn, goal: Sequence[Turn], served: Mapping[str, float]) -> Iterator[Turn]:
    """Later attempts that surely worked, in one go: an answer to a question tells too little, a guarded yes nothing."""
    tries = attempts(goal)
    later = tries[tries.index(failed) + 1 :] if failed in tries else []
    for turn in later:
        steps = turn.decision.steps if isinstance(turn.decision, Act) else ()
        guarded = any(step.confirmed_by or step.action.needs_confirmation for step in steps)
        plain = len(steps) == 1 and not guarded and not answer(turn) and not is_refused(turn)
        if plain and same_person(failed, turn) and served[turn.turn_id] >= WORKED:
            yield turn


def _text(failed: Turn, working: Turn, interpretation: Interpretation, diagnosis: Diagnosis | None) -> str:
    heard, words = said(failed), _wording(working, interpretation)
    if words == heard:
        return heard
    whole = _completed(failed, interpretation, words)
    misheard = _misheard(heard, whole, diagnosis)
    if misheard >= CLEAR:
        return whole if likeness(heard, whole) >= SOUNDS_LIKE else ""
    return heard if misheard <= 1 - CLEAR else ""


def _wording(turn: Turn, interpretation: Interpretation) -> str:
    """The words that were taken for what was done, without what only says that they correct."""
    texts = (c.phrasing.text for c in turn.candidates if c.interpretation == interpretation)
    return without_cue(fold(next(texts, said(turn))))


def without_cue(text: str) -> str:
    """`no i meant the floor lamp` -> `the floor lamp`; a text that is nothing else stays."""
    return _CUE.sub("", text).strip() or text


def _completed(failed: Turn, interpretation: Interpretation, words: str) -> str:
    """A correction that only names what was wrong, put in its place in the sentence."""
    heard, before = said(failed), meant(failed)
    if before is None or before.intent != interpretation.intent:
        return words
    for name, value in interpretation.slots.items():
        now, was = fold(str(value)), fold(str(before.slots.get(name, "")))
        is_short = now in words and len(words.replace(now, "").split()) <= REST_MAX
        if name not in _OURS and is_short and was != now and was and was in heard:
            return heard.replace(was, now)
    return words


def _misheard(heard: str, words: str, diagnosis: Diagnosis | None) -> float:
    """Probability that the words were heard wrongly, given that the turn failed and that we could have served it."""
    told = diagnosis.probabilities if diagnosis else {}
    ours = sum(told.get(point, 0.0) for point in ("asr", "nlu", "entity", "result"))
    if ours <= 0:
        return float(likeness(heard, words) >= SOUNDS_LIKE)
    return told.get("asr", 0.0) / ours


def _tie(signals: Sequence[Signal], working: Turn) -> float:
    """How sure it is that both want the same."""
    found = [LOOSE]
    for signal in signals:
        if signal.from_turn_id == working.turn_id:
            p = signal.detail.get("p") if signal.kind == "rephrase" else TIED.get(signal.kind)
            found += [min(0.95, p)] if isinstance(p, float) else []
    return max(found)


def _moved_over(slots: Mapping[str, Any], words: str, text: str) -> Iterator[tuple[str, Any]]:
    """Each slot with the words that stand in `text` for it; what has none there keeps its value."""
    there, here = words.split(), text.split()
    blocks = SequenceMatcher(a=there, b=here, autojunk=False).get_opcodes() if text else []
    for name, value in slots.items():
        spoken = fold(value).split() if isinstance(value, str) and name not in _OURS else []
        yield name, _opposite(spoken, there, here, blocks) or value


def _opposite(spoken: list[str], there: list[str], here: list[str], blocks: Sequence[tuple[Any, ...]]) -> str:
    """What stands in one text where the other has these words and nothing else; empty where nothing does."""
    if not spoken or " ".join(spoken) in " ".join(here):
        return ""
    begins = [at for at in range(len(there)) if there[at : at + len(spoken)] == spoken]
    for begin in begins:
        for kind, first, last, from_here, to_here in blocks:
            if kind == "replace" and (first, last) == (begin, begin + len(spoken)):
                return " ".join(here[from_here:to_here])
    return ""
