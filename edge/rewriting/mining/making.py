"""How a rule is made of words that failed and of what was meant: its id, sources and wording, and for whom it is."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from edge.knowledge import HomeMap
from edge.rewrites import Meaning, Rewrite
from edge.rewriting.guards import Reason, Refused, allowed
from edge.rewriting.mining.evidence import Trial
from edge.rewriting.mining.graph import Source

SOURCES_MAX: Final = 20


def rule_id_of(source: str, meaning: Meaning, speaker: str, room: str) -> str:
    """A short name, the same for the same rule."""
    told = json.dumps([source, meaning.key, speaker, room], ensure_ascii=False)
    return hashlib.sha256(told.encode(errors="replace")).hexdigest()[:10]


def room_of(source: Source) -> str:
    """The room to which it is bound; empty: none."""
    kind, value = source.scope
    return value if kind == "room" else ""


def matching(source: Source, meaning: Meaning, rules: Iterable[Rewrite]) -> tuple[Rewrite, ...]:
    """The rules that already make this meaning of one of these wordings there, for whomever."""
    return tuple(
        rule
        for rule in rules
        if rule.meaning.key == meaning.key
        and rule.room == room_of(source)
        and not {*rule.sources}.isdisjoint(source.texts)
    )


def speaker_of(source: Source, trials: Sequence[Trial], known: Sequence[Rewrite]) -> str:
    """For whom it holds: who alone was ever seen to mean it; for everybody once two did, or where nobody is known."""
    kind, value = source.scope
    if kind == "speaker":
        return value
    if any(not rule.speaker for rule in known):
        return ""
    who = {trial.speaker for trial in trials if trial.speaker} | {rule.speaker for rule in known}
    return next(iter(who)) if len(who) == 1 else ""


def made(
    source: Source, meaning: Meaning, wordings: Sequence[str], speaker: str, known: Sequence[Rewrite], home: HomeMap
) -> Rewrite | Refused:
    """The rule, new or as it was before with what is new; refused where a guard forbids every wording.

    Of rules for one speaker only that now hold for everybody the oldest is gone on with.
    """
    old = next((rule for rule in known if rule.speaker == speaker), None) or next(iter(known), None)
    reason: Reason = "same"
    for target in [old.target] if old else wordings:
        fitting = []
        for text in dict.fromkeys([*(old.sources if old else ()), *source.texts]):
            found = allowed(text, target, meaning, home, _raw(source))
            if isinstance(found, Refused):
                reason = found.reason
            else:
                fitting.append(text)
        if not fitting:
            continue
        room, texts = room_of(source), tuple(fitting[:SOURCES_MAX])
        if old and old.speaker == speaker:
            return replace(old, sources=texts)
        rule_id = rule_id_of(texts[0], meaning, speaker, room)
        if old:
            return replace(old, rule_id=rule_id, speaker=speaker, sources=texts)
        return Rewrite(rule_id, texts, target, meaning, "candidate", speaker=speaker, room=room)
    return Refused(reason)


def _raw(source: Source) -> Meaning | None:
    return next((each.raw for each in source.exchanges if each.raw is not None), None)
