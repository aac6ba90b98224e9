"""Resolution: one interpretation becomes one candidate, with the devices and the command it would mean here.

The speaker's room narrows what has no place; where nothing narrows, the candidate is ambiguous and never the first of a
list. A guarded device moves only alone, and only after a yes.
"""

from collections.abc import Mapping
from typing import Any, Final

from edge import intents
from edge.commands import EXPLAIN, READING
from edge.knowledge import Knowledge
from edge.names import PerHome
from edge.records import Candidate, Interpretation, Phrasing, Resolution, ResolvedAction, Unresolved
from edge.resolution import agenda, asking, changing, choosing, moving, playing, undoing
from edge.resolution.naming import NameSearch
from edge.resolution.planning import planned
from edge.resolution.request import Request
from edge.resolution.running import run_skill
from edge.turn import Context

_TRUST: Final = {"heard": 1.0, "rewrite": 0.95, "near": 0.85, "alternative": 0.85}
"""What a wording is worth, by its origin."""

_PLAIN: Final = {
    "HassGetCurrentTime": "get_time",
    "HassGetCurrentDate": "get_date",
    "HassNevermind": "nevermind",
    intents.NO: "nevermind",
    intents.STOP: "be_silent",
    intents.THANKS: "take_thanks",
    intents.WRONG: "take_blame",
    intents.NOT_SAID: "take_blame",
    intents.WHY: EXPLAIN,
}
_VERDICTS: Final = {intents.YES: "take_thanks", intents.NO: "take_blame"}
"""What answers our question how it went; it releases nothing."""

_WITHOUT_DEVICE: Final = frozenset({intents.AGAIN, intents.CHANGE, intents.BREW})
"""What context gives a device; here it had none to give."""

EXACT: Final = 0.9
"""Worth from which a name is that of the device, and not one like it."""

_RESOLVERS: Final = {
    **moving.RESOLVERS,
    **changing.RESOLVERS,
    **playing.RESOLVERS,
    **asking.RESOLVERS,
    **undoing.RESOLVERS,
    **choosing.RESOLVERS,
    **agenda.RESOLVERS,
}


class Resolver:
    """Finds devices by the names, places and kinds of the home that is known."""

    def __init__(self) -> None:
        self._search = PerHome(NameSearch)

    def resolve(
        self, phrasing: Phrasing, interpretation: Interpretation, context: Context, knowledge: Knowledge
    ) -> Candidate:
        """What the interpretation would do here; what cannot be done is an `Unresolved`, not an error."""
        trust = _TRUST[phrasing.origin]
        if interpretation.intent == intents.SKILL:
            score = round(interpretation.confidence * trust, 3)
            return Candidate(phrasing, interpretation, run_skill(interpretation.slots, knowledge), score)
        request = Request(interpretation.intent, interpretation.slots, context, self._search.of(knowledge.home))
        if interpretation.intent == intents.LATER:
            inner = [self.resolve(phrasing, each, context, knowledge) for each in agenda.inner_of(interpretation)]
            resolution = agenda.do_later(request, inner, knowledge.home)
            read = tuple(dict.fromkeys(device_id for each in inner for device_id in each.consulted))
            return Candidate(phrasing, interpretation, resolution, min(each.score for each in inner), read)
        resolution = planned(_resolution(request), request)
        worth = _worth(request, resolution)
        score = round(interpretation.confidence * trust * worth, 3)
        consulted = _consulted(request, resolution)
        return Candidate(phrasing, interpretation, resolution, score, consulted, is_exact=worth >= EXACT)


def _resolution(request: Request) -> Resolution:
    if request.slots.get("when"):
        a_while = str(request.slots["when"]).startswith("for ")
        return Unresolved("not_supported", "do that only for a while" if a_while else "wait for that")
    question = request.context.question
    if question is not None and question.kind == "verdict" and request.intent in _VERDICTS:
        return ResolvedAction((), _VERDICTS[request.intent])
    if request.intent in _PLAIN:
        return ResolvedAction((), _PLAIN[request.intent])
    if request.intent in {intents.YES, intents.PIN, intents.CHOOSE}:
        return _answered(request)
    if request.intent in _WITHOUT_DEVICE or _points_nowhere(request.slots):
        return Unresolved("no_device")
    resolve = _RESOLVERS.get(request.intent)
    return resolve(request) if resolve else Unresolved("not_supported", "do that")


def _points_nowhere(slots: Mapping[str, Any]) -> bool:
    """Whether "it" or "there" was said and nothing was found that it stands for."""
    stands_for = ("area", "areas") if slots.get("reference") == "there" else ("targets", "name", "names")
    return bool(slots.get("reference")) and not any(slots.get(slot) for slot in stands_for)


def _worth(request: Request, resolution: Resolution) -> float:
    """How well the names that were said fit the devices that were found, 0 to 1: the weakest counts."""
    if isinstance(resolution, Unresolved) or request.slots.get("targets"):
        return 1.0
    ids = resolution.targets if isinstance(resolution, ResolvedAction) else resolution.choices
    names = request.names()
    worths = [max((request.search.worth(name, device_id) for name in names), default=1.0) for device_id in ids]
    areas = request.slots.get("areas") or ([request.slots["area"]] if request.slots.get("area") else [])
    found = [request.search.area(area) for area in areas]
    return min((*worths, *(place[1] for place in found if place)), default=1.0)


def _answered(request: Request) -> Resolution:
    """What the answer releases of the open question."""
    question = request.context.question
    if question is None or question.expires_at <= request.context.now:
        return Unresolved("no_question")
    if request.slots.get("all"):
        actions = [step.action for step in question.steps]
        targets = tuple(dict.fromkeys(target for action in actions for target in action.targets))
        if len({(action.command, str(action.values)) for action in actions}) > 1:
            return Unresolved("not_supported", "do several different things at once")
        if any(action.needs_confirmation for action in actions):
            return Unresolved("guarded", targets=targets)
        return ResolvedAction(targets, actions[0].command, actions[0].values)
    number: int = request.slots.get("number", 1)
    return question.steps[number - 1].action


def _consulted(request: Request, resolution: Resolution) -> tuple[str, ...]:
    """Whose state was looked at, or will be for the answer."""
    told = resolution.targets if isinstance(resolution, ResolvedAction) and resolution.command in READING else ()
    return tuple(dict.fromkeys((*told, *sorted(request.looked_at))))
