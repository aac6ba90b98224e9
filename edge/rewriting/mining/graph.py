"""Which wordings, in which room or from whom, people leave for what: the chain over the exchanges of a home."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Literal

from edge.rewrites import Rewrite
from edge.rewriting.mining.chain import Priors, State, arrivals
from edge.rewriting.mining.clusters import Key, key_of
from edge.rewriting.mining.evidence import Lived
from edge.rewriting.mining.exchange import NOT_UNDERSTOOD, Exchange, Weighing

Scope = tuple[Literal["", "room", "speaker"], str]
EVERYWHERE: Final[Scope] = ("", "")

Node = tuple[str, str, Scope]
"""A cluster by its first wording and what it comes to, within its scope; or what was done, with no wording."""


@dataclass(frozen=True)
class Source:
    """A cluster of wordings that failed, where it means one thing."""

    texts: tuple[str, ...]
    raw: str
    """The key of what they come to; empty where they are not understood."""
    scope: Scope
    exchanges: tuple[Exchange, ...]

    @property
    def node(self) -> Node:
        return self.texts[0], self.raw, self.scope


def sources(lived: Lived, clustered: Mapping[Key, tuple[str, ...]]) -> tuple[Source, ...]:
    """The clusters, each parted by room, or else by speaker, where it is left for different things there."""
    members: defaultdict[tuple[tuple[str, ...], str], list[Exchange]] = defaultdict(list)
    for each in lived.all:
        key = key_of(each)
        if key in clustered:
            members[clustered[key], key[1]].append(each)
    return tuple(
        Source(texts, raw, scope, tuple(each for each in some if is_within(each, scope)))
        for (texts, raw), some in members.items()
        for scope in _scopes(lived, some)
    )


def is_within(exchange: Exchange, scope: Scope) -> bool:
    """Whether an exchange counts there."""
    kind, value = scope
    return not kind or value == (exchange.room if kind == "room" else exchange.speaker)


def _scopes(lived: Lived, some: Sequence[Exchange]) -> Iterator[Scope]:
    kinds: tuple[Literal["room", "speaker"], ...] = ("room", "speaker")
    for kind in kinds:
        meant: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for each in some:
            place = each.room if kind == "room" else each.speaker
            for trial in lived.trials([each]):
                meant[place][trial.meaning] += 1
        meant.pop("", None)
        if len({max(sorted(counts), key=counts.__getitem__) for counts in meant.values()}) > 1:
            yield from ((kind, place) for place in sorted(meant))
            return
    yield EVERYWHERE


class Graph:
    """The chain with its states by name."""

    def __init__(self, lived: Lived, found: Sequence[Source], rules: Iterable[Rewrite], weighing: Weighing) -> None:
        self._lived = lived
        self._weighing = weighing
        self._node_of = {each.turn_id: source.node for source in found for each in source.exchanges}
        self._own: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
        for rule in rules:
            for text in rule.sources:
                self._own[text, rule.meaning.key].add(rule.rule_id)
        edges = self._counted_edges()
        self._places = self._kept(edges, found)
        self._edges = {
            (self._places[begin], self._places[end]): weight
            for (begin, end), weight in edges.items()
            if begin in self._places and end in self._places
        }

    def own(self, texts: Iterable[str], meaning: str) -> frozenset[str]:
        """Ids of the rules that make this meaning of one of these wordings."""
        return frozenset(rule_id for text in texts for rule_id in self._own.get((text, meaning), ()))

    def worth(self, node: Node) -> Mapping[str, float]:
        """By meaning how likely who begins here arrives at it with success; of the node's own as well."""
        place = self._places.get(node)
        if place is None:
            return {}
        found: defaultdict[str, float] = defaultdict(float)
        for each, at in self._places.items():
            if each[1] or at == place:
                found[each[1]] += float(self._arrivals[place, at])
        return found

    def _node(self, exchange: Exchange) -> Node | None:
        node = self._node_of.get(exchange.turn_id)
        return node or (("", exchange.done.key, EVERYWHERE) if exchange.done else None)

    def _counted_edges(self) -> Mapping[tuple[Node, Node], float]:
        counted: defaultdict[tuple[Node, Node], float] = defaultdict(float)
        for each, later, p in self._steps():
            begin, end = self._node(each), self._node(later)
            if begin is not None and end is not None:
                counted[begin, end] += p * self._lived.weight(each.at)
        return counted

    def _steps(self) -> Iterator[tuple[Exchange, Exchange, float]]:
        """What was said again as what, save where a rule that says so decided in that talk: it made it so itself."""
        for each in self._lived.all:
            for step in each.followed:
                later = self._lived.by_id.get(step.turn_id)
                if later is None or later.at < each.at:
                    continue
                fired = self._lived.fired.get(each.session, set())
                if later.done is None or fired.isdisjoint(self.own([each.heard], later.done.key)):
                    yield each, later, step.p

    def _kept(self, edges: Mapping[tuple[Node, Node], float], found: Sequence[Source]) -> dict[Node, int]:
        """The states that are most travelled, each with its place."""
        travelled: defaultdict[Node, float] = defaultdict(float)
        for (begin, end), weight in edges.items():
            travelled[begin] += weight
            travelled[end] += weight
        for source in found:
            travelled[source.node] += 0.0
        best = sorted(travelled, key=lambda node: (-travelled[node], node))[: self._weighing.states_max]
        return {node: place for place, node in enumerate(sorted(best))}

    @cached_property
    def _arrivals(self) -> Any:
        priors = Priors(self._weighing.edge_prior, self._weighing.success_prior)
        return arrivals(self._states(), self._edges, priors)

    def _states(self) -> list[State]:
        success, defect = defaultdict[Node, float](float), defaultdict[Node, float](float)
        intents: dict[Node, str] = {}
        for each in self._lived.all:
            node = self._node(each)
            if node is None or node not in self._places or each.is_decided_by_rule:
                continue
            left = max(0.0, 1.0 - sum(step.p for step in each.followed)) * self._lived.weight(each.at)
            success[node] += left * each.success
            defect[node] += left * (1.0 - each.success)
            intents[node] = each.intent
        return [
            State(success[node], defect[node], self._lived.rate(intents.get(node, NOT_UNDERSTOOD)))
            for node in self._places
        ]
