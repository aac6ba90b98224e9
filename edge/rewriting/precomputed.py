"""Rewriting by rules that were learned before: what is meant where something is heard that failed in this home.

It only proposes wordings, after what was heard is understood as it stands; whether one is taken the dialogue decides.
What was understood well is looked up by its exact words alone.
"""

from collections.abc import Iterator
from datetime import UTC, timedelta
from hashlib import blake2b
from typing import Final

from edge.knowledge import Device, HomeMap, Knowledge
from edge.records import Phrasing, ResolvedAction, Transcript
from edge.rewrites import LIVE, Meaning, Rewrite, RuleState
from edge.rewriting.as_heard import ALTERNATIVES_MAX, AsHeard
from edge.rewriting.guards import LETTERS_MAX, Allowed, allowed
from edge.rewriting.keys import Keys, Match, clear
from edge.text import normal
from edge.turn import Context, Turn

HELD_OUT: Final = 0.1
"""Share of turns in which a rule that was not taught is left out, to see how it would go without it."""

PROPOSED_MAX: Final = 2

SAID_AGAIN: Final = timedelta(seconds=30)
"""Who says the same words so soon after a rule was used did not mean what it did."""

UNDO_WORDS: Final = "undo that"

_REVERSIBLE: Final = frozenset(
    {"turn_on", "turn_off", "set_speed", "set_volume", "set_humidity", "mute", "play", "media_pause"}
)
"""Commands that are left out now and then: whatever the words do without the rule, that much is at stake."""
_NO: Final = frozenset({"no", "nope", "no no", "no no no", "not that", "no not that", "wrong"})
_ORDER: Final[dict[RuleState, int]] = {"active": 0, "ask": 1, "shadow": 2}


class Precomputed(AsHeard):
    """The wordings as heard, and after them those of rules."""

    def __init__(self, held_out: float = HELD_OUT) -> None:
        """`held_out`: the share of turns in which a rule that may be left out is."""
        self._held_out = held_out
        self._last: tuple[tuple[Rewrite, ...], Keys] = (), Keys(())

    def rewrites(self, turn: Turn, knowledge: Knowledge) -> Iterator[Phrasing]:
        """What is meant by rules that hold for this speaker in this room, those first that are done at once."""
        transcript, context = turn.transcript, turn.context
        if transcript is None or transcript.pin or not context.attended or _answers(turn):
            return
        heard = normal(transcript.text)
        if not 0 < len(heard) <= LETTERS_MAX:
            return
        if _takes_back(heard, context):
            yield Phrasing(UNDO_WORDS, "rewrite")
            return
        if not knowledge.rewrites:
            return
        for found in self._found(heard, turn, transcript, knowledge)[:PROPOSED_MAX]:
            rule, held_out = found.rule, self._is_held_out(found.rule, turn, knowledge.home)
            yield Phrasing(rule.target, "rewrite", rule.rule_id, held_out, round(found.likeness, 3))

    def _found(self, heard: str, turn: Turn, transcript: Transcript, knowledge: Knowledge) -> list[Match]:
        """The rules that hold here, best first; of what is not exact only what is clear."""
        keys = self._keys(knowledge.rewrites)
        found = [match for match in keys.exact(heard) if _holds(match.rule, heard, turn, knowledge.home)]
        if not found and not turn.is_settled and not turn.context.follow_up:
            others = [normal(text) for text in transcript.alternatives[:ALTERNATIVES_MAX]]
            near = keys.near(heard, [text for text in others if text not in {heard, ""}], knowledge.home)
            found = list(clear([match for match in near if _holds(match.rule, heard, turn, knowledge.home)]))
        return sorted(found, key=_rank)

    def _keys(self, rules: tuple[Rewrite, ...]) -> Keys:
        """Rules never change in place, so identity tells them apart."""
        known, keys = self._last
        if known is not rules:
            keys = Keys(rules)
            self._last = rules, keys
        return keys

    def _is_held_out(self, rule: Rewrite, turn: Turn, home: HomeMap) -> bool:
        if rule.state != "active" or rule.is_explicit or rule.is_pinned:
            return False
        return rule.meaning.command in _REVERSIBLE and _draw(turn, rule) < self._held_out and _is_free(rule, home)


def _holds(rule: Rewrite, heard: str, turn: Turn, home: HomeMap) -> bool:
    """Whether it is for this speaker and room, no guard forbids it, and nobody said no to it lately."""
    context = turn.context
    if rule.state not in LIVE or rule.speaker not in {"", context.speaker} or rule.room not in {"", context.room or ""}:
        return False
    if rule.rule_id in context.set_aside or _is_said_again(rule, context):
        return False
    return isinstance(allowed(heard, rule.target, rule.meaning, home, _as_heard(turn)), Allowed)


def _as_heard(turn: Turn) -> Meaning | None:
    """What the words come to as they stand; None where they come to nothing."""
    ranked = sorted(turn.candidates, key=lambda candidate: -candidate.score)
    for each in ranked:
        if isinstance(each.resolution, ResolvedAction):
            return Meaning.of(each.interpretation, each.resolution)
    return None


def _rank(match: Match) -> tuple[bool, bool, int, bool, float, str]:
    """What was learned for just this speaker or room comes first, then what is surest."""
    rule = match.rule
    return (
        not rule.speaker,
        not rule.room,
        _ORDER[rule.state],
        not rule.is_explicit,
        -match.likeness,
        rule.rule_id,
    )


def _answers(turn: Turn) -> bool:
    return any(candidate.interpretation.source == "dialogue" for candidate in turn.candidates)


def _takes_back(heard: str, context: Context) -> bool:
    """Whether this is the no to what was done just now by a rule."""
    last = context.recent[0] if context.recent else None
    is_fresh = last is not None and bool(last.rule_id) and context.now - last.ended_at <= SAID_AGAIN
    return is_fresh and heard in _NO


def _is_said_again(rule: Rewrite, context: Context) -> bool:
    """Whether it was used so lately that these words are said again because of that."""
    used = (recent.ended_at for recent in context.recent if recent.rule_id == rule.rule_id)
    return any(context.now - at <= SAID_AGAIN for at in used)


def _draw(turn: Turn, rule: Rewrite) -> float:
    """What chance has to say of this rule in this turn, from 0 up to 1: the same when the turn is lived again."""
    moment = turn.context.now.astimezone(UTC).isoformat()
    return int.from_bytes(blake2b(f"{moment} {rule.rule_id}".encode(), digest_size=6).digest()) / 2**48


def _is_free(rule: Rewrite, home: HomeMap) -> bool:
    devices: list[Device | None] = [home.device.get(target) for target in rule.meaning.targets]
    return bool(devices) and all(device is not None and device.tier == "free" for device in devices)
