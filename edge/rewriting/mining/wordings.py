"""The wordings that work for what is meant."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from edge.knowledge import HomeMap
from edge.rewrites import Meaning
from edge.rewriting.mining.evidence import Lived, Trial
from edge.rewriting.mining.exchange import Exchange
from edge.text import clean, normal

TRIED_MAX: Final = 5

_PLAIN: Final = {
    "turn_on": "turn on the {}",
    "turn_off": "turn off the {}",
    "open": "open the {}",
    "close": "close the {}",
    "start": "start the {}",
}


class Wordings:
    """By meaning what was said for it and worked."""

    def __init__(self, lived: Lived) -> None:
        self._lived = lived
        self._worked = defaultdict[str, dict[str, float]](lambda: defaultdict(float))
        self._guessed = {each.wording for each in lived.all if each.is_guess}
        failed = defaultdict[str, float](float)
        for each in lived.all:
            weight = lived.weight(each.at)
            if each.use not in {"used", "asked"}:
                failed[each.heard] += weight * (1.0 - each.success)
                if each.wording and each.has_worked and each.done is not None:
                    self._worked[each.done.key][each.wording] += weight * each.success
        self._failed = failed

    def of(
        self, meaning: Meaning, failed: Iterable[Exchange], trials: Iterable[Trial], home: HomeMap
    ) -> tuple[str, ...]:
        """The best first: what somebody said instead, then what is said most; then what should have been heard, what
        anybody would say, and last what was only likened to a known sentence."""
        instead = {self._lived.by_id[trial.told_by].wording for trial in trials if trial.told_by in self._lived.by_id}
        said = self._worked.get(meaning.key, {})
        good = [text for text, weight in said.items() if weight > self._failed.get(normal(text), 0.0)]
        best = sorted(good, key=lambda text: (text not in instead, -said[text], len(text), text))
        known = [text for text in best if text not in self._guessed][:TRIED_MAX]
        return tuple(dict.fromkeys([*known, *self._told(meaning.key, failed), *_spelt(meaning, home), *best]))

    def _told(self, meaning: str, failed: Iterable[Exchange]) -> Iterable[str]:
        """A correction that is no whole sentence ("no, the lamp"), as it was put in its place by the labels."""
        for each in failed:
            told = self._lived.by_id.get(each.meant_from)
            if each.meant and told is not None and told.has_worked and told.done and told.done.key == meaning:
                yield each.meant


def _spelt(meaning: Meaning, home: HomeMap) -> Iterator[str]:
    """How anybody would say a simple thing."""
    wording = _PLAIN.get(meaning.command, "")
    names = [home.device[each].name for each in meaning.targets if each in home.device]
    if wording and len(names) == 1 and not meaning.values:
        yield wording.format(clean(names[0]).casefold())
