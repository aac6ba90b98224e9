"""The door of mining: exchanges, and the rules there were, become the rules there are. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from edge.knowledge import HomeMap
from edge.rewrites import LIVE, Rewrite
from edge.rewriting.guards import IN_WORDS, Reason, Refused, unchained
from edge.rewriting.mining.clusters import clusters
from edge.rewriting.mining.evidence import Lived, Trial
from edge.rewriting.mining.exchange import NOT_UNDERSTOOD, Exchange, Weighing
from edge.rewriting.mining.graph import Graph, Source, is_within, sources
from edge.rewriting.mining.life import Case, finite, judged
from edge.rewriting.mining.making import made, matching, speaker_of
from edge.rewriting.mining.wordings import Wordings

OVERRULED: Final = "somebody said since that something else was meant"
OUTDONE: Final = "something else is meant oftener by now"
FOR_ALL: Final = "it holds for everybody by now"
WAITS: Final = "it would be used by now, but one new rule a day is enough"
IN_THE_WAY: Final = "another rule for these words is there to stay"


@dataclass(frozen=True)
class Mined:
    """What mining found."""

    rules: tuple[Rewrite, ...] = ()
    """All, whatever their state, in the order of their ids."""
    refused: Mapping[Reason, int] = field(default_factory=dict)
    """By guard, of how many things that were said again it made no rule."""
    exchanges: int = 0
    sources: int = 0
    """Clusters of wordings that failed."""


def mine(
    exchanges: Iterable[Exchange],
    rules: Iterable[Rewrite],
    home: HomeMap,
    now: datetime,
    weighing: Weighing | None = None,
) -> Mined:
    """All rules with their new states, tombstones included. `exchanges` in the order in which they were lived.

    The same exchanges and rules again, at the same moment, give the same rules: counts are counted anew every time.
    """
    return _Mine(tuple(exchanges), tuple(rules), home, now, weighing or Weighing()).mined()


class _Mine:
    """One go."""

    def __init__(
        self,
        exchanges: tuple[Exchange, ...],
        rules: tuple[Rewrite, ...],
        home: HomeMap,
        now: datetime,
        weighing: Weighing,
    ) -> None:
        self._rules = {rule.rule_id: rule for rule in rules}
        self._home, self._now, self._weighing = home, now, weighing
        self._lived = Lived(exchanges, weighing, now)
        self._meanings = {each.done.key: each.done for each in exchanges if each.done} | {
            rule.meaning.key: rule.meaning for rule in rules
        }
        self._wordings = Wordings(self._lived)
        known = {text for rule in rules for text in rule.sources}
        failed = [each for each in exchanges if each.followed or each.success == 0.0 or each.heard in known]
        self._sources = sources(self._lived, clusters(failed, home))
        self._graph = Graph(self._lived, self._sources, rules, weighing)
        self._refused: Counter[Reason] = Counter()

    def mined(self) -> Mined:
        found: dict[str, Rewrite] = {}
        for source in self._sources:
            found |= {rule.rule_id: rule for rule in self._of_source(source)}
        for rule_id, rule in self._rules.items():
            if rule_id not in found:
                found[rule_id] = self._judged(rule, self._case(rule, self._where_it_holds(rule), ()))
        ended = [_dated(rule, self._rules.get(rule.rule_id), self._now) for rule in self._settled(found)]
        rules = tuple(sorted(ended, key=lambda rule: rule.rule_id))
        return Mined(rules, dict(self._refused), len(self._lived.all), len(self._sources))

    def _of_source(self, source: Source) -> Iterator[Rewrite]:
        """The rule for these words, and what becomes of others that there were for them."""
        found = self._lived.trials(source.exchanges, lambda meaning: self._graph.own(source.texts, meaning))
        trials = [trial for trial in found if not self._is_buried(source, trial)]
        worth = self._graph.worth(source.node)
        chosen = self._chosen(source, trials, worth)
        meaning = self._meanings.get(chosen)
        if meaning is None:
            return
        some = [trial for trial in trials if trial.meaning == chosen]
        known = [rule for rule in matching(source, meaning, self._rules.values()) if rule.state != "tombstone"]
        speaker = speaker_of(source, some, known)
        wordings = self._wordings.of(meaning, source.exchanges, some, self._home)
        if not wordings and not known:
            return
        rule = made(source, meaning, wordings, speaker, known, self._home)
        if isinstance(rule, Refused):
            self._refused[rule.reason] += 1
            return
        is_told = any(trial.is_explicit for trial in some)
        is_preferred = is_told or worth.get(chosen, 0.0) > worth.get(source.raw, 0.0)
        grown = self._judged(rule, self._case(rule, source.exchanges, some, is_preferred=is_preferred))
        yield from self._beside_others(grown, source, is_told=is_told)

    def _chosen(self, source: Source, trials: Sequence[Trial], worth: Mapping[str, float]) -> str:
        """What is meant: what somebody said last that it was, or what the chain leads to; empty for nothing."""
        told = [trial for trial in trials if trial.is_explicit and not self._is_withdrawn(source, trial)]
        if told:
            return told[-1].meaning
        options = {trial.meaning for trial in trials} - {source.raw}
        return max(sorted(options), key=lambda meaning: worth.get(meaning, 0.0), default="")

    def _is_buried(self, source: Source, trial: Trial) -> bool:
        """Whether a rule for it went wrong for good, or was forbidden: it is never learned again by itself."""
        rules = (self._rules[rule_id] for rule_id in self._graph.own(source.texts, trial.meaning))
        return any(rule.state == "tombstone" and rule.speaker in {"", trial.speaker} for rule in rules)

    def _is_withdrawn(self, source: Source, trial: Trial) -> bool:
        """Whether the rule that came of it went wrong since."""
        rules = (self._rules[rule_id] for rule_id in self._graph.own(source.texts, trial.meaning))
        gone = [rule for rule in rules if rule.state in {"suspended", "tombstone"} and rule.reason != OVERRULED]
        return any(rule.since is not None and trial.at < rule.since <= self._now for rule in gone)

    def _case(
        self, rule: Rewrite, some: Sequence[Exchange], trials: Sequence[Trial], *, is_preferred: bool = False
    ) -> Case:
        raw = next((each.intent for each in some if not each.is_decided_by_rule), NOT_UNDERSTOOD)
        own = self._graph.own(rule.sources, rule.meaning.key) | {rule.rule_id}
        used = self._lived.uses(own)
        return Case(
            trials=trials,
            used=used,
            raw=self._lived.raw(some),
            raw_rate=self._lived.rate(raw),
            rate=self._lived.rate(rule.meaning.intent),
            is_preferred=is_preferred,
            wins=sum(self._lived.weight(each.at) for each in used if each.won),
            losses=sum(self._lived.weight(each.at) for each in used if not each.won),
            tried=sum(self._lived.weight(trial.at) for trial in trials),
        )

    def _where_it_holds(self, rule: Rewrite) -> tuple[Exchange, ...]:
        found = (each for text in rule.sources for each in self._lived.heard.get(text, ()))
        in_room = [each for each in found if not rule.room or is_within(each, ("room", rule.room))]
        return tuple(each for each in in_room if not rule.speaker or is_within(each, ("speaker", rule.speaker)))

    def _judged(self, rule: Rewrite, case: Case) -> Rewrite:
        verdict = judged(rule, case, self._now, self._weighing)
        return replace(
            rule,
            state=verdict.state,
            reason=verdict.reason,
            is_explicit=verdict.is_explicit,
            lapses=verdict.lapses,
            wins=finite(case.wins),
            losses=finite(case.losses),
            trials=max(rule.trials, len(case.trials)),
            days=max(rule.days, len({trial.day for trial in case.trials})),
        )

    def _beside_others(self, grown: Rewrite, source: Source, *, is_told: bool) -> Iterator[Rewrite]:
        """Only one rule for the same words, room and speaker is live."""
        texts = {*source.texts, *grown.sources}
        others = [
            rule
            for rule in self._rules.values()
            if rule.rule_id != grown.rule_id and rule.state in LIVE and not texts.isdisjoint(rule.sources)
            if rule.room == grown.room and ("" in {rule.speaker, grown.speaker} or rule.speaker == grown.speaker)
        ]
        in_use = [rule for rule in others if rule.is_explicit or rule.state == "active"]  # only losses end these
        stay = [rule for rule in others if rule.is_pinned or (rule in in_use and not is_told)]
        stay = [rule for rule in stay if rule.meaning.key != grown.meaning.key]
        if stay and grown.state in LIVE:
            yield replace(grown, state="candidate", reason=IN_THE_WAY)
            return
        yield grown
        if grown.state not in {"ask", "active"}:
            return
        for rule in others:
            if not rule.is_pinned:
                same = rule.meaning.key == grown.meaning.key
                yield replace(rule, state="suspended", reason=FOR_ALL if same else OVERRULED if is_told else OUTDONE)

    def _settled(self, found: Mapping[str, Rewrite]) -> Iterator[Rewrite]:
        """With none that leads into another, and no more new rules in a day than may be."""
        forbidden = unchained(found.values())
        rules = [self._unchained(rule, forbidden.get(rule.rule_id)) for rule in found.values()]
        new = sorted(filter(self._is_newly_used, rules), key=lambda rule: (-rule.trials, rule.rule_id))
        today = sum(rule.state == "active" and self._came_today(rule) for rule in self._rules.values())
        late = {rule.rule_id for rule in new[max(0, self._weighing.new_per_day - today) :]}
        for rule in rules:
            yield replace(rule, state="ask", reason=WAITS) if rule.rule_id in late else rule

    def _unchained(self, rule: Rewrite, refused: Refused | None) -> Rewrite:
        if refused is None or rule.is_pinned:
            return rule
        before = self._rules.get(rule.rule_id)
        was_live = before is not None and before.state in LIVE
        return replace(rule, state="suspended" if was_live else "candidate", reason=IN_WORDS[refused.reason])

    def _is_newly_used(self, rule: Rewrite) -> bool:
        before = self._rules.get(rule.rule_id)
        was = before.state if before else "candidate"
        return rule.state == "active" and was != "active" and not rule.is_explicit and not rule.is_pinned

    def _came_today(self, rule: Rewrite) -> bool:
        is_counted = not rule.is_explicit and not rule.is_pinned
        return (
            is_counted and rule.since is not None and rule.since.astimezone(self._now.tzinfo).date() == self._now.date()
        )


def _dated(rule: Rewrite, before: Rewrite | None, now: datetime) -> Rewrite:
    """A rule that stays in its state has come into it when it did, for the reason of then."""
    if before is not None and before.state == rule.state:
        return replace(rule, since=before.since, reason=before.reason)
    return replace(rule, since=now)
