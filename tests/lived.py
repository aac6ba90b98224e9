"""Turns and homes that were never lived, for the tests of the store: one plain one, and any that the types allow."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final, get_args

from hypothesis import strategies as st

from edge.knowledge import Area, Device, DeviceState, HomeMap
from edge.records import (
    Act,
    Ambiguous,
    Ask,
    Candidate,
    Confirm,
    DoneStep,
    Failure,
    Interpretation,
    Message,
    Outcome,
    Phrasing,
    Reject,
    ResolvedAction,
    Response,
    Rewritten,
    Step,
    Transcript,
    Unresolved,
    Utterance,
    Wake,
)
from edge.rewrites import Meaning, Rewrite, RuleState
from edge.turn import Context, OpenQuestion, Turn

NOON: Final = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

KITCHEN: Final = HomeMap(
    (Area("kitchen", "Kitchen"), Area("hall", "Hall", ("entrance",))),
    (
        Device(
            "light.kitchen", "Kitchen light", "light", area="kitchen", capabilities=frozenset({"brightness", "color"})
        ),
        Device("lock.front", "Front door", "lock", area="hall", tier="guarded"),
    ),
)


def a_turn(turn_id: str = "20261122-120000-0001", said: str = "turn on the kitchen light", revision: int = 0) -> Turn:
    """A turn that switched a light on."""
    context = Context(NOON, "kitchen", states={"light.kitchen": DeviceState("off")})
    step = Step(Interpretation("HassTurnOn", {"name": said}), ResolvedAction(("light.kitchen",), "turn_on"))
    candidate = Candidate(Phrasing(said), step.interpretation, step.action, 0.95, ("light.kitchen",))
    turn = Turn.begin(turn_id, Utterance("text", "kitchen", typed=said), context, revision)
    turn = turn.heard(Transcript(said)).tried(Phrasing(said)).considered(candidate).decided(Act((step,)))
    turn = turn.done(DoneStep(step, Outcome((Message("home/kitchen/light/set", "ON"),), confirmed=True)))
    return turn.answered(Response("The kitchen light is on.", "answer")).timed({"total": 12.5})


NAUGHTY: Final = (
    "",
    " ",
    "\0",
    "'; DROP TABLE turns; --",
    '"',
    "%_",
    "\u202e",
    "Zoë",
    "👩‍👩‍👧‍👧",
    "NULL",
    "\\",
    "\n\r\t",
    "ﷺ",
)
"""Texts that have broken programs before."""

texts = st.text(max_size=30) | st.sampled_from(NAUGHTY)
numbers = st.floats(allow_nan=False, allow_infinity=False)
moments = st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1)).flatmap(
    lambda naive: st.integers(-12 * 60, 14 * 60).map(lambda m: naive.replace(tzinfo=timezone(timedelta(minutes=m))))
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=4,
)
values: st.SearchStrategy[dict[str, Any]] = st.dictionaries(texts, json_values, max_size=3)


def few(strategy: st.SearchStrategy[Any], at_most: int = 2) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(strategy, max_size=at_most).map(tuple)


some_texts = few(texts)
interpretations = st.builds(Interpretation, texts, values, numbers)
actions = st.builds(
    ResolvedAction,
    some_texts,
    texts,
    values,
    st.booleans(),
    own_commands=st.dictionaries(texts, texts, max_size=2),
    left_out=some_texts,
)
ambiguous = st.builds(Ambiguous, some_texts, texts, values)
unresolved = st.builds(Unresolved, st.sampled_from(["no_device", "no_area", "cannot", "not_supported"]), texts)
steps = st.builds(Step, interpretations, actions, st.none() | texts, st.booleans())
some_steps = few(steps)
phrasings = st.builds(
    Phrasing, texts, st.sampled_from(["heard", "alternative", "rewrite"]), st.none() | texts, st.booleans()
)
candidates = st.builds(Candidate, phrasings, interpretations, actions | ambiguous | unresolved, numbers, some_texts)
rewritten = st.none() | st.builds(Rewritten, texts, few(actions))
decisions = st.one_of(
    st.builds(Act, some_steps, rewritten=rewritten),
    st.builds(Ask, interpretations, ambiguous, some_steps),
    st.builds(Confirm, some_steps, st.sampled_from(["", "wanted", "wrong"]), rewritten),
    st.builds(Reject, st.sampled_from(["silence", "not_understood", "unresolved"]), st.none() | interpretations),
)
outcomes = st.builds(
    Outcome, few(st.builds(Message, texts, texts)), st.none() | st.booleans(), some_texts, texts, values, some_texts
)
questions = st.builds(OpenQuestion, texts, st.sampled_from(["choice", "confirmation", "pin"]), some_steps, moments)
contexts = st.builds(
    Context, moments, st.none() | texts, texts, st.booleans(), st.booleans(), question=st.none() | questions
)
utterances = st.builds(
    Utterance,
    st.sampled_from(["microphone", "wav", "pcm", "text"]),
    st.none() | texts,
    texts,
    st.none() | st.builds(Wake, texts, numbers),
    st.none() | texts,
    numbers,
    some_texts,
    numbers,
    st.none() | st.integers(0, 10_000),
)
turns = st.builds(
    Turn,
    turn_id=texts,
    started_at=moments,
    knowledge_revision=st.just(0),
    utterance=utterances,
    context=contexts,
    transcript=st.none() | st.builds(Transcript, texts, numbers, some_texts, texts),
    attempts=few(phrasings),
    candidates=few(candidates),
    decision=st.none() | decisions,
    done_steps=few(st.builds(DoneStep, steps, st.none() | outcomes)),
    response=st.none() | st.builds(Response, texts, st.sampled_from(["answer", "question", "refusal", "error"])),
    failure=st.none() | st.builds(Failure, st.sampled_from(["asr", "nlu", "action", "store"]), texts),
    timings_ms=st.dictionaries(texts, numbers, max_size=3),
)
areas = st.builds(Area, texts, texts, some_texts, st.none() | texts)
devices = st.builds(
    Device,
    texts,
    texts,
    texts,
    st.none() | texts,
    st.none() | texts,
    some_texts,
    st.frozensets(texts, max_size=3),
    st.dictionaries(texts, st.tuples(numbers, numbers), max_size=2),
    st.dictionaries(texts, some_texts, max_size=2),
)
homes = st.builds(HomeMap, few(areas, 3), few(devices, 3))
rules = st.builds(
    Rewrite,
    texts,
    few(texts, 3),
    texts,
    st.builds(Meaning, texts, texts, some_texts, values),
    st.sampled_from(get_args(RuleState)),
    speaker=texts,
    room=texts,
    is_explicit=st.booleans(),
    is_pinned=st.booleans(),
    wins=numbers,
    losses=numbers,
    since=st.none() | moments,
    reason=texts,
)
