"""What hands and other controllers did to what a turn had just moved: the strongest word without words."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from edge.feedback.observed import Observed
from edge.knowledge import Change, DeviceState
from edge.lived import is_by_itself, moment, moved
from edge.turn import Turn

PUT_BACK_S: Final = 60.0
AT_ONCE_S: Final = 15.0

OUR_ECHO_S: Final = 15.0
"""So long after our command a device may tell that it obeyed."""

BY_SOMEBODY: Final = frozenset({"hand", "controller"})
NO_STATE: Final = frozenset({"", "unknown", "unavailable"})
_ON_THE_WAY: Final = frozenset({"opening", "closing", "locking", "unlocking"})


@dataclass(frozen=True)
class Move:
    """One device that a turn moved."""

    turn_id: str
    device_id: str
    at: datetime
    before: DeviceState | None
    """As the turn saw it; None where it did not look."""


@dataclass(frozen=True)
class _Watched:
    """What followed a move until the next one of the same device."""

    move: Move
    changes: list[Change]


def moves_of(turn: Turn) -> tuple[Move, ...]:
    """What the turn moved because somebody said so."""
    if is_by_itself(turn):
        return ()
    states = turn.context.states
    return tuple(Move(turn.turn_id, each, moment(turn), states.get(each)) for each in sorted(moved(turn)))


def put_back(moves: Iterable[Move], changes: Iterable[Change]) -> Iterator[Observed]:
    """For each turn at most one observation: the clearest of its devices. `changes` in any order, of any device."""
    clearest: dict[str, Observed] = {}
    for watched in _followed(moves, changes):
        found = _of(watched)
        if found is None:
            continue
        known = clearest.get(found.turn_id)
        if known is None or _RANK.index(found.why) < _RANK.index(known.why):
            clearest[found.turn_id] = found
    yield from clearest.values()


_RANK: Final = ("put_back, at once", "put_back", "put_back, adjusted", "put_back, by something")


def _followed(moves: Iterable[Move], changes: Iterable[Change]) -> list[_Watched]:
    """The moves with the changes that came soon after each; all other changes are let go of at once: there are many."""
    by_device: defaultdict[str, list[_Watched]] = defaultdict(list)
    for move in sorted(moves, key=lambda each: each.at):
        by_device[move.device_id].append(_Watched(move, []))
    times = {device_id: [each.move.at for each in some] for device_id, some in by_device.items()}
    for change in changes:
        if change.device_id in times:
            at = _with_zone(change.at)
            last = bisect_right(times[change.device_id], at) - 1
            if last >= 0 and at - times[change.device_id][last] <= timedelta(seconds=PUT_BACK_S):
                by_device[change.device_id][last].changes.append(change)
    return [each for some in by_device.values() for each in some if each.changes]


def _of(watched: _Watched) -> Observed | None:
    """The first change against what we did."""
    move, before = watched.move, watched.move.before
    ours: DeviceState | None = None
    for change in sorted(watched.changes, key=lambda each: _with_zone(each.at)):
        gap_s = (_with_zone(change.at) - move.at).total_seconds()
        if change.cause == "ours":
            if ours is None and gap_s <= OUR_ECHO_S and change.before.value not in NO_STATE:
                before = change.before
            ours = change.after
        elif _is_against(change) and (ours is not None or before is not None):
            restored = before is not None and before.value not in NO_STATE and _is_as(change.after, before)
            if ours is not None and _is_as(change.after, ours):
                continue
            why = _why(change, restored, gap_s)
            if why:
                detail = {"device_id": move.device_id, "gap_s": round(gap_s, 1)}
                return Observed(move.turn_id, "put_back", why, _with_zone(change.at), detail=detail)
    return None


def _is_against(change: Change) -> bool:
    """Whether somebody set it, and it did not only measure or come and go."""
    if change.cause not in BY_SOMEBODY | {"other"} or change.after.is_set_like(change.before):
        return False
    return change.after.value not in NO_STATE and change.before.value not in NO_STATE


def _is_as(state: DeviceState, other: DeviceState) -> bool:
    """Whether a device stands as it stood, or is on its way there; of one that is off no more counts."""
    if state.value != other.value:
        return {state.value, other.value} in ({"opening", "open"}, {"closing", "closed"})
    return state.value in {"off", "closed", "locked", "open"} or state.is_set_like(other)


def _why(change: Change, restored: bool, gap_s: float) -> str:
    if change.cause not in BY_SOMEBODY:
        return "put_back, by something" if restored else ""
    if restored:
        return "put_back, at once" if gap_s <= AT_ONCE_S else "put_back"
    return "put_back, adjusted" if change.after.value not in _ON_THE_WAY else "put_back"


def _with_zone(at: datetime) -> datetime:
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
