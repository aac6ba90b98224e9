"""Exchanges for the tests of mining: days on which something fails and is said again."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from edge.knowledge import Area, Device, HomeMap
from edge.rewrites import Meaning, Rewrite
from edge.rewriting.mining.exchange import Exchange, Next
from edge.rewriting.mining.mining import Mined, mine
from tests.lived import NOON

HOME: Final = HomeMap(
    (Area("kitchen", "Kitchen"), Area("hall", "Hall")),
    (
        Device("light.kitchen", "Kitchen light", "light", area="kitchen"),
        Device("light.desk", "Desk lamp", "light", area="hall"),
        Device("fan.hall", "Fan", "fan", area="hall"),
        Device("lock.front", "Front door", "lock", area="hall", tier="guarded"),
    ),
)
KITCHEN: Final = Meaning("HassTurnOn", "turn_on", ("light.kitchen",))
DESK: Final = Meaning("HassTurnOn", "turn_on", ("light.desk",))
FAN: Final = Meaning("HassTurnOn", "turn_on", ("fan.hall",))
LOCK: Final = Meaning("HassLock", "lock", ("lock.front",))

MISHEARD: Final = "turn on the mitten light"
MEANT: Final = "turn on the kitchen light"

GAP_S: Final = 15


def lived(day: float, place: int, heard: str, done: Meaning | None = None, **others: Any) -> Exchange:
    """One turn of a talk at noon, so many days after the first; what was done served, else it did not."""
    at = NOON + timedelta(days=day, seconds=GAP_S * place)
    told: dict[str, Any] = {"raw": done, "served": 0.05 if done is None else 0.96, "wording": heard} | others
    return Exchange(f"{day}-{place}", at, at.date(), f"talk {day}", heard, done=done, **told)


def said_again(
    day: float,
    heard: str = MISHEARD,
    instead: str = MEANT,
    done: Meaning = KITCHEN,
    p: float = 0.93,
    *,
    explicit: bool = False,
    **others: Any,
) -> list[Exchange]:
    """What failed, and what was said instead and done."""
    followed = (Next(f"{day}-1", p, explicit),)
    who = {key: value for key, value in others.items() if key in {"speaker", "room"}}
    return [lived(day, 0, heard, followed=followed, **others), lived(day, 1, instead, done, **who)]


def use(day: float, rule: Rewrite, place: int = 0, **others: Any) -> Exchange:
    """A turn in which a rule decided, and served."""
    told = {"raw": None, "rule_id": rule.rule_id, "use": "used", "rewritten": rule.meaning} | others
    return lived(day, place, rule.sources[0], rule.meaning, **told)


def after(days: float) -> datetime:
    """A moment."""
    return NOON + timedelta(days=days)


def mined(exchanges: Iterable[Exchange], rules: Iterable[Rewrite] = (), days: float = 30) -> Mined:
    """What comes of it, so many days after the first of them."""
    return mine(exchanges, rules, HOME, after(days))


def only(found: Mined) -> Rewrite:
    """The one rule that was found."""
    (rule,) = found.rules
    return rule
