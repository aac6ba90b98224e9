"""World: what this home is wont to ask for, counted from the turns in the database."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final

from pydantic import ValidationError

from edge.commands import OWN, READING, RUN_SKILL
from edge.knowledge import Habit
from edge.records import Act
from edge.store.file import StoreFile
from edge.turn import Turn

LOOK_BACK: Final = timedelta(days=60)
HALF_LIFE: Final = timedelta(days=21)
"""A habit of three weeks ago counts half: people change."""

UNDONE_WITHIN: Final = timedelta(seconds=60)
"""What is turned back so soon was not meant."""

HABITS_MAX: Final = 500
"""The strongest; a home has fewer things that it does daily."""

TIMES_MIN: Final = 1.0
"""What was asked for once, long ago, is no habit."""

_OPPOSITES: Final = (
    frozenset({"turn_on", "turn_off"}),
    frozenset({"open", "close"}),
    frozenset({"lock", "unlock"}),
    frozenset({"play_media", "media_pause"}),
    frozenset({"play_media", "turn_off"}),
    frozenset({"play", "media_pause"}),
    frozenset({"start", "return_to_base"}),
)
_TITLE: Final = ("title", "media_kind", "by")
_PAGE: Final = 500
_SINCE: Final = """
SELECT sequence, record FROM turns WHERE started_at >= ? AND sequence > ? ORDER BY sequence LIMIT ?
"""


@dataclass(frozen=True)
class _Deed:
    """What a habit is made of: one command that one device got."""

    at: datetime
    command: str
    target: str
    title: tuple[tuple[str, Any], ...] = ()
    """Of what was played; other values are moods, not habits."""
    worked: bool = True


def read_habits(file: StoreFile, now: datetime) -> tuple[Habit, ...]:
    """The habits of the 60 days before `now`. Turns that cannot be read count for nothing. Raises StoreError."""
    return habits(turns_since(file, now - LOOK_BACK), now)


def habits(turns: Iterable[Turn], now: datetime) -> tuple[Habit, ...]:
    """What was asked for, at which hour, how often; strongest first. `turns` in the order in which they were lived."""
    deeds = [deed for turn in turns for deed in _deeds(turn)]
    times: defaultdict[tuple[str, str, int, tuple[tuple[str, Any], ...]], float] = defaultdict(float)
    for position, deed in enumerate(deeds):
        if deed.worked and not _undone(deed, islice(deeds, position + 1, None)):
            times[deed.command, deed.target, deed.at.hour, deed.title] += 0.5 ** ((now - deed.at) / HALF_LIFE)
    strongest = sorted(times.items(), key=lambda each: (-each[1], str(each[0])))[:HABITS_MAX]
    return tuple(
        Habit(command, target, hour, round(count, 2), dict(title))
        for (command, target, hour, title), count in strongest
        if count >= TIMES_MIN
    )


def _deeds(turn: Turn) -> Iterator[_Deed]:
    if isinstance(turn.decision, Act) and turn.decision.explored and turn.decision.explored.is_second:
        return  # what chance chose is nobody's habit
    for done in turn.done_steps:
        action, outcome = done.step.action, done.outcome
        if outcome is None or action.command in READING | OWN | {RUN_SKILL}:
            continue
        worked = not outcome.refused and outcome.confirmed is not False
        played = action.values if action.command == "play_media" else {}
        title = tuple((key, played[key]) for key in _TITLE if key in played)
        yield from (_Deed(turn.started_at, action.command, target, title, worked) for target in action.targets)


def _undone(deed: _Deed, later: Iterable[_Deed]) -> bool:
    """Whether the opposite was asked for right afterwards."""
    for other in later:
        if other.at - deed.at > UNDONE_WITHIN:
            return False
        if other.target == deed.target and frozenset({other.command, deed.command}) in _OPPOSITES:
            return True
    return False


def turns_since(file: StoreFile, first: datetime) -> Iterator[Turn]:
    """The turns from a moment on, some at a time: there are thousands."""
    day_before = (first - timedelta(days=1)).date().isoformat()  # the texts' time zones differ by less than a day
    sequence = 0
    while rows := file.read(_SINCE, [day_before, sequence, _PAGE]):
        sequence = rows[-1]["sequence"]
        for row in rows:
            try:
                turn = Turn.from_stored(row["record"])
            except ValidationError:
                continue  # of a version that stored other things
            if turn.started_at >= first:
                yield turn
